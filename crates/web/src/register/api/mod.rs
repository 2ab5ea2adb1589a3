//! The register in the API: the same acts as on the pages.

mod bodies;
mod people;
mod reach;
mod systems;
mod tables;

use domain::id::Id;

use crate::{AppError, Route, act::id};

pub(super) fn routes() -> Vec<Route> {
    let mut all = bodies::routes();
    all.extend(people::routes());
    all.extend(reach::routes());
    all.extend(systems::routes());
    all.extend(tables::routes());
    all
}

/// Rows of a page of a list when the caller does not say.
const LIMIT: u32 = 100;

/// An id of a query, if it is there.
fn opt_id<K>(text: Option<&str>) -> Result<Option<Id<K>>, AppError> {
    text.filter(|t| !t.is_empty()).map(id).transpose()
}

/// Cuts a list that was asked for with one row more, and says where the next page starts.
fn page<T>(mut rows: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(cursor);
    (rows, next)
}

/// How many rows are wanted: 1–499, so that one more can be asked for within the store's limit.
fn limit(wanted: Option<u32>) -> u32 {
    wanted.unwrap_or(LIMIT).clamp(1, store::register::PAGE_MAX - 1)
}
