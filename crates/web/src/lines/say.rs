//! Lines in words and as a strip.

use domain::{
    line::{LineKind, LineState, Minutes, Segment},
    time::{self, Window},
};
use jiff::Timestamp;
use store::lines::Line;

use crate::{Page, Visit};

/// Chip and word of a state; `None`: nobody knows.
pub(super) fn state(v: &Visit, state: Option<LineState>) -> (&'static str, String) {
    let class = class(state);
    (class, v.t(&format!("lines-state-{}", state.map_or("unknown", LineState::name))))
}

fn class(state: Option<LineState>) -> &'static str {
    match state {
        Some(LineState::Ok) => "m",
        Some(LineState::Degraded) => "p",
        Some(LineState::Down) => "n",
        None => "u",
    }
}

pub(super) fn kind(v: &Visit, kind: LineKind) -> String {
    v.t(&format!("lines-kind-{kind}"))
}

/// `2 ngày 3 giờ`, `3 giờ 5 phút`, `5 phút`: the two largest units.
pub(super) fn lasting(v: &Visit, minutes: u32) -> String {
    let (days, hours, rest) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    let words = v.words();
    let (id, a, b) = match (days, hours) {
        (0, 0) => ("lines-minutes", rest, 0),
        (0, _) => ("lines-hours", hours, rest),
        _ => ("lines-days", days, hours),
    };
    words.with(id, [("a", a.into()), ("b", b.into())])
}

/// Minutes between two moments.
pub(super) fn between(from: Timestamp, to: Timestamp) -> u32 {
    u32::try_from(to.duration_since(from).as_secs().max(0) / 60).unwrap_or(u32::MAX)
}

/// The window of a line, drawn.
pub(super) struct Strip {
    /// Class, start, width, what it says.
    pub parts: Vec<(&'static str, String, String, String)>,
    /// The whole in one sentence, for those who hear the page.
    pub said: String,
}

pub(super) fn strip(v: &Visit, window: Window, segments: &[Segment], minutes: &Minutes) -> Strip {
    let parts = segments
        .iter()
        .map(|s| {
            let (class, word) = state(v, s.state);
            let said = format!("{word}: {} – {}", short(s.from), short(s.to));
            (class, percent(window, window.from, s.from), percent(window, s.from, s.to), said)
        })
        .collect();
    Strip { parts, said: said(v, minutes) }
}

/// *Thông suốt 2 ngày 3 giờ, sự cố 20 phút, chưa rõ 3 giờ.*
pub(super) fn said(v: &Visit, m: &Minutes) -> String {
    v.words().with(
        "lines-said",
        [
            ("up", lasting(v, m.up).into()),
            ("down", lasting(v, m.down).into()),
            ("unknown", lasting(v, m.unknown).into()),
        ],
    )
}

/// `08:00 06/02`.
pub(super) fn short(at: Timestamp) -> String {
    time::local(at).strftime("%H:%M %d/%m").to_string()
}

/// A stretch as a share of the window, `12.34%`.
fn percent(window: Window, from: Timestamp, to: Timestamp) -> String {
    let span = i128::from(window.to.duration_since(window.from).as_secs().max(1));
    let part = i128::from(to.duration_since(from).as_secs()) * 10_000 / span;
    format!("{}.{:02}%", part / 100, part % 100)
}

/// A line as a list shows it.
pub(super) struct Row {
    pub href: String,
    pub report: String,
    pub name: String,
    pub kind: String,
    pub provider: String,
    pub code: String,
    pub body: String,
    pub served: String,
    pub capacity: String,
    pub hotline: String,
    /// What a telephone calls; empty where the hotline holds no number.
    pub tel: String,
    pub class: &'static str,
    pub state: String,
    pub seen: Option<(String, String)>,
    pub down: String,
    pub strip: Strip,
    pub may_report: bool,
}

pub(super) fn row(v: &Visit, p: &Page, window: Window, l: &Line) -> Row {
    let (class, state) = state(v, l.now);
    let zero = |minutes: u32| if minutes == 0 { String::new() } else { lasting(v, minutes) };
    Row {
        href: super::page(l.id),
        report: format!("{}/report", super::page(l.id)),
        name: l.name.clone(),
        kind: kind(v, l.kind),
        provider: l.provider.clone(),
        code: l.code.clone(),
        body: l.body_name.clone(),
        served: l.served.as_ref().map(|(_, name)| name.clone()).unwrap_or_default(),
        capacity: l.capacity.clone(),
        tel: l.hotline.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect(),
        hotline: l.hotline.clone(),
        class,
        state,
        seen: l.seen.map(|at| (p.iso(&at), p.time(&at))),
        down: zero(l.minutes.down),
        strip: strip(v, window, &l.strip, &l.minutes),
        may_report: l.may_report,
    }
}
