//! Alerts: what rules found in the logs, who has it, what silences it.

mod api;
mod list;
mod say;
mod show;
mod silence;

use domain::id::{Id, kind};
use store::assignments::Tools;

use crate::{Route, Visit, act::write};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = list::routes();
    all.extend(show::routes());
    all.extend(silence::routes());
    all.extend(api::routes());
    all
}

type AlertId = Id<kind::Alert>;

/// What writes need from outside.
fn tools(v: &Visit) -> Tools<'_> {
    Tools { ids: &*v.app.ids, base: &v.app.config.public_url, pack: v.pack() }
}

/// The tabs of the room.
pub(crate) fn tabs(v: &Visit, on: &str) -> Vec<(String, String, bool, String)> {
    let all = [
        ("alerts", "/alerts", "alert-title"),
        ("logs", "/logs", "logs-title"),
        ("rules", "/rules", "rule-title"),
        ("indicators", "/indicators", "indicator-title"),
        ("silences", "/suppressions", "silence-title"),
        ("sources", "/sources", "source-title"),
        ("retention", "/retention", "retention-title"),
    ];
    all.into_iter().map(|(name, href, id)| (href.to_owned(), v.t(id), name == on, String::new())).collect()
}
