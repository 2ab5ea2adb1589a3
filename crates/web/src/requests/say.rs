//! Standings, kinds and history in words and colours.

use domain::request::{ItemState, RequestKind, RequestState, Standing, filter::Why};
use store::requests::{Brief, Event};

use crate::Visit;

/// Class and word of how a request counts; what is open says where it stands.
pub(crate) fn standing(v: &Visit, brief: &Brief) -> (&'static str, String) {
    // Of a list some entries of which are impossible the others are done.
    if brief.standing == Standing::Impossible && brief.state == RequestState::Partly {
        return ("p", v.t("request-standing-rest"));
    }
    let class = match brief.standing {
        Standing::Open => "d",
        Standing::Overdue => "n",
        Standing::Done => "m",
        Standing::Late => "p",
        Standing::Impossible => "u",
        Standing::Released | Standing::Withdrawn => "a",
    };
    let word = match brief.standing {
        Standing::Open => v.t(&format!("request-state-{}", brief.state)),
        other => v.t(&format!("request-standing-{other}")),
    };
    (class, word)
}

pub(super) fn kind(v: &Visit, kind: RequestKind) -> String {
    v.t(&format!("request-kind-{kind}"))
}

pub(super) fn item(v: &Visit, state: ItemState) -> (&'static str, String) {
    let class = match state {
        ItemState::Open => "d",
        ItemState::Done => "m",
        ItemState::Impossible => "u",
    };
    (class, v.t(&format!("request-item-{state}")))
}

/// Why an entry was not taken.
pub(super) fn why(v: &Visit, why: Why) -> String {
    v.t(&format!("request-why-{why}"))
}

/// Class, word and text of what happened.
pub(super) fn event(v: &Visit, event: &Event) -> (&'static str, String, String) {
    let class = match event.kind.as_str() {
        "done" | "accepted" => "ok",
        "returned" | "withdrawn" => "burn",
        "partly" | "impossible" => "warn",
        _ => "",
    };
    let text = match event.kind.as_str() {
        "passed-on" => v.words().with("request-event-bodies", [("n", event.text.as_str().into())]),
        "item" => match event.text.split_once(' ') {
            Some((state, n)) => {
                format!("{}: {n}", v.t(&format!("request-item-{state}")))
            }
            None => event.text.clone(),
        },
        _ => event.text.clone(),
    };
    (class, v.t(&format!("request-event-{}", event.kind)), text)
}
