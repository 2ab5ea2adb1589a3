//! How long events are kept: terms by body, what is there, and what is held beyond its term.

mod api;
mod page;

use domain::{
    id::{Id, kind},
    time,
};
use jiff::civil::Date;
use store::retention::NewHold;

use crate::{Route, Visit};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = page::routes();
    all.extend(api::routes());
    all
}

type HoldId = Id<kind::Hold>;

/// A hold of whole days.
fn new(v: &Visit, body: Id<kind::Body>, days: (Date, Date), reason: String, until: Date) -> NewHold {
    let (from, to) = (time::start_of(days.0), time::end_of(days.1));
    NewHold { id: v.id(), body, from, to, reason, until: time::end_of(until) }
}
