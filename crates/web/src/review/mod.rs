//! The review: warnings and what they come to, what is known of flaws, the feeds it comes from.

mod advisories;
mod api;
mod feeds;
mod say;
mod warning_form;
mod warnings;

use crate::{Route, Visit};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = warnings::routes();
    all.extend(warning_form::routes());
    all.extend(advisories::routes());
    all.extend(feeds::routes());
    all.extend(api::routes());
    all
}

/// The tabs of the room: address, name, whether one is there, how much waits.
fn tabs(v: &Visit, on: &str) -> Vec<(String, String, bool, String)> {
    [("warnings", "/review"), ("advisories", "/review/advisories"), ("feeds", "/review/feeds")]
        .map(|(tab, href)| (href.to_owned(), v.t(&format!("{tab}-tab")), tab == on, String::new()))
        .into()
}
