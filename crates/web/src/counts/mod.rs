//! Independent counts of machines beside the register: one body's page, all bodies' list, the API.

mod act;
mod api;
mod body;
mod list;
mod say;

pub(crate) use self::say::{Line, gap, lines};
use crate::Route;

pub(crate) fn routes() -> Vec<Route> {
    let mut all = body::routes();
    all.extend(list::routes());
    all.extend(api::routes());
    all
}
