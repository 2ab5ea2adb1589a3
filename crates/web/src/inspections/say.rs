//! States and weights in words and colours.

use domain::inspection::{Answer, FindingState, Item, Severity, VisitState};

use crate::{Lang, Visit};

/// Class and word of a visit's state.
pub(super) fn visit(v: &Visit, state: VisitState) -> (&'static str, String) {
    let class = match state {
        VisitState::Planned => "d",
        VisitState::UnderWay => "p",
        VisitState::Done => "m",
        VisitState::Cancelled => "a",
    };
    (class, v.t(&format!("inspect-state-{state}")))
}

/// Class and word of a finding's state; overdue burns.
pub(super) fn finding(v: &Visit, state: FindingState, overdue: bool) -> (&'static str, String) {
    match (state, overdue) {
        (FindingState::Open, true) => ("n", v.t("inspect-finding-overdue")),
        (FindingState::Open, false) => ("d", v.t("inspect-finding-open")),
        (FindingState::Fixed, _) => ("u", v.t("inspect-finding-fixed")),
        (FindingState::Closed, _) => ("m", v.t("inspect-finding-closed")),
    }
}

pub(super) fn severity(v: &Visit, severity: Severity) -> String {
    v.t(&format!("inspect-severity-{severity}"))
}

pub(super) fn answer(v: &Visit, answer: Option<Answer>) -> String {
    answer.map_or_else(|| v.t("inspect-answer-not-yet"), |a| v.t(&format!("inspect-answer-{a}")))
}

/// An item in the asker's language.
pub(super) fn item(v: &Visit, item: &Item) -> String {
    if v.lang == Lang::En { item.en.clone() } else { item.vi.clone() }
}
