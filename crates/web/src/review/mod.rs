//! The review: warnings and what they come to, what is known of flaws, the feeds it comes from.

mod advisories;
mod api;
mod api_decide;
mod api_findings;
mod api_own;
mod feeds;
pub(crate) mod findings;
mod fixes;
mod own;
pub(crate) mod say;
mod warning_form;
mod warnings;
mod weaknesses;

use crate::{Route, Visit};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = warnings::routes();
    all.extend(warning_form::routes());
    all.extend(own::routes());
    all.extend(weaknesses::routes());
    all.extend(api_own::routes());
    all.extend(advisories::routes());
    all.extend(feeds::routes());
    all.extend(findings::routes());
    all.extend(fixes::routes());
    all.extend(api::routes());
    all.extend(api_decide::routes());
    all.extend(api_findings::routes());
    all
}

/// The tabs of the room: address, name, whether one is there, how much waits.
fn tabs(v: &Visit, on: &str) -> Vec<(String, String, bool, String)> {
    [
        ("warnings", "warnings-tab", "/review/warnings"),
        ("findings", "findings-tab", "/review/findings"),
        ("weaknesses", "weaknesses-tab", "/review/weaknesses"),
        ("fixes", "fixes-tab", "/review/fixes"),
        ("advisories", "advisories-tab", "/review/advisories"),
        ("feeds", "feeds-tab", "/review/feeds"),
    ]
    .map(|(tab, text, href)| (href.to_owned(), v.t(text), tab == on, String::new()))
    .into()
}
