//! The order through the API: the same acts as on the pages.

mod campaigns;
mod chain;
mod letters;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    Route,
    act::{Made, made},
};

pub(super) fn routes() -> Vec<Route> {
    let mut all = letters::routes();
    all.extend(campaigns::routes());
    all.extend(chain::routes());
    all
}

/// Rows of a page unless asked for otherwise, and at most.
const LIMIT: usize = 50;
const LIMIT_MAX: usize = 500;

/// Which part of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Words to look for.
    q: String,
    /// Only in this state.
    state: String,
    /// What the page before named as `next`.
    cursor: String,
    /// Rows, 1–500; 50 unless given.
    limit: Option<usize>,
}

impl ListQuery {
    fn limit(&self) -> usize {
        self.limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX)
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
struct Listed<T> {
    /// The rows.
    items: Vec<T>,
    /// Cursor of the next page; null on the last.
    next: Option<String>,
}

/// `MICROS_ID` of lists that run from the newest back.
fn cursor<K>(text: &str) -> Option<(jiff::Timestamp, domain::id::Id<K>)> {
    let (at, id) = text.split_once('_')?;
    Some((domain::time::from_micros(at.parse().ok()?), id.parse().ok()?))
}
