//! Call-outs: what must be answered now, what was; calling whoever is on duty by hand; the button of whoever was called; policies and whom they would call;
//! monitors, and the inlets at which outside systems report.

mod answer;
mod api;
mod by_hand;
mod inlet_api;
mod inlets;
mod list;
mod monitor_api;
mod monitors;
mod pause;
mod policies;
mod policy_form;
pub(crate) mod say;
mod show;

use domain::id::{Id, kind};
use store::assignments::Tools;

use crate::{Route, Visit};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = list::routes();
    all.extend(by_hand::routes());
    all.extend(show::routes());
    all.extend(answer::routes());
    all.extend(monitors::routes());
    all.extend(pause::routes());
    all.extend(monitor_api::routes());
    all.extend(inlets::routes());
    all.extend(inlet_api::routes());
    all.extend(policies::routes());
    all.extend(policy_form::routes());
    all.extend(api::routes());
    all
}

/// Hours of maintenance a form offers.
pub(crate) const PAUSE_HOURS: &[i64] = &pause::HOURS;

type CalloutId = Id<kind::Callout>;
type PolicyId = Id<kind::Policy>;

/// One write of this request: `write!(v, tx => …)`.
macro_rules! write {
    ($v:expr, $tx:ident => $body:expr) => {{
        let done: Result<_, store::StoreError> = store::write!($v.app.db, $v.actor(), $v.now, $tx => $body);
        done
    }};
}
use write;

/// What writes need from outside.
fn tools(v: &Visit) -> Tools<'_> {
    Tools { ids: &*v.app.ids, base: &v.app.config.public_url, pack: v.pack() }
}

/// The tabs of the room: those of the roster and these.
fn tabs(v: &Visit, on: &str) -> Vec<(String, String, bool, String)> {
    crate::rosters::tabs(v, on)
}
