//! Readiness over time, what remains of a campaign when it is over, and templates for the next.

mod api;
mod chart;
mod lessons;
mod movements;
mod outcome;
mod readiness;
mod templates;

use domain::id::Id;

pub use movements::Movements;

use crate::{AppError, Route};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = readiness::routes();
    all.extend(outcome::routes());
    all.extend(lessons::routes());
    all.extend(templates::routes());
    all.extend(api::routes());
    all
}

/// One write of this request: `write!(v, tx => …)`.
macro_rules! write {
    ($v:expr, $tx:ident => $body:expr) => {{
        let done: Result<_, store::StoreError> = store::write!($v.app.db, $v.actor(), $v.now, $tx => $body);
        done
    }};
}
use write;

/// The id in a path; what is no id is not there.
fn id<K>(text: &str) -> Result<Id<K>, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}
