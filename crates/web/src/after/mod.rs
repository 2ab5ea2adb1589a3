//! Readiness over time, what remains of a campaign when it is over, and templates for the next.

mod api;
mod chart;
mod holes;
mod lessons;
mod lines;
mod movements;
mod outcome;
mod paper;
mod readiness;
mod templates;
mod watch;

pub use movements::Movements;

use crate::{
    Route,
    act::{id, write},
};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = readiness::routes();
    all.extend(outcome::routes());
    all.extend(paper::routes());
    all.extend(lessons::routes());
    all.extend(templates::routes());
    all.extend(api::routes());
    all
}
