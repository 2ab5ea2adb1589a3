//! Lists of indicators: taken in, shown, corrected; what an event held that is in one is an alert.

mod api;
mod list;
mod new;
mod part;
mod show;

use domain::id::{Id, kind};

pub use self::part::{Unread, read as read_part};
use crate::{Route, Visit, act::write, register::Options};

pub(crate) fn routes() -> Vec<Route> {
    let mut all = list::routes();
    all.extend(new::routes());
    all.extend(show::routes());
    all.extend(api::routes());
    all
}

type ListId = Id<kind::IndicatorList>;

/// The handling marks, to choose from.
fn tlps(v: &Visit) -> Options {
    domain::indicator::Tlp::ALL
        .iter()
        .map(|t| (t.name().to_owned(), v.t(&format!("indicator-tlp-{t}"))))
        .collect()
}

/// What a list of these figures says of itself: "1.204 địa chỉ, 17 tên miền".
fn kinds_said(v: &Visit, kinds: &std::collections::BTreeMap<domain::indicator::Kind, u64>) -> String {
    let one = |(kind, n): (&domain::indicator::Kind, &u64)| {
        v.words().with(&format!("indicator-n-{kind}"), [("n", (*n).into())])
    };
    kinds.iter().map(one).collect::<Vec<_>>().join(", ")
}
