//! Times, states and troubles in words.

use std::collections::HashMap;

use domain::{
    roster::{CheckIn, Line, Presence, coverage::Trouble, rules::Person},
    time::{self, Window},
};
use jiff::{SignedDuration, Timestamp, civil::DateTime};

use crate::Visit;

/// An instant as a form's `datetime-local` has it.
pub(super) fn typed(at: Timestamp) -> String {
    time::local(at).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// The instant of a form's local time.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let local: DateTime = text.trim().parse().ok()?;
    local.to_zoned(time::zone()).ok().map(|z| z.timestamp())
}

/// A form's window. `Err`: the id of a text.
pub(super) fn window(from: &str, to: &str) -> Result<Window, &'static str> {
    match (instant(from), instant(to)) {
        (Some(from), Some(to)) if from < to => Ok(Window { from, to }),
        _ => Err("error-span-bad"),
    }
}

/// *21/11 07:00*.
pub(crate) fn moment(at: Timestamp) -> String {
    time::local(at).strftime("%d/%m %H:%M").to_string()
}

/// *21/11 07:00 – 15:00*, or with both days.
pub(crate) fn span(of: Window) -> String {
    let same = time::date(of.from) == time::date(of.to);
    let end = if same { time::local(of.to).strftime("%H:%M").to_string() } else { moment(of.to) };
    format!("{} – {end}", moment(of.from))
}

/// *2 giờ 30 phút*.
pub(crate) fn length(v: &Visit, of: SignedDuration) -> String {
    let minutes = of.as_mins();
    let vars = [("h", (minutes / 60).into()), ("m", (minutes % 60).into())];
    let id = match (minutes / 60, minutes % 60) {
        (0, _) => "roster-minutes",
        (_, 0) => "roster-hours",
        _ => "roster-hours-minutes",
    };
    v.words().with(id, vars)
}

pub(super) fn presence(v: &Visit, of: Presence) -> String {
    v.t(match of {
        Presence::OnSite => "roster-on-site",
        Presence::OnCall => "roster-on-call",
        Presence::Covered => "roster-covered",
    })
}

pub(super) fn line(v: &Visit, of: Line) -> String {
    v.t(match of {
        Line::Primary => "roster-primary",
        Line::Backup => "roster-backup",
    })
}

/// *đầu ca, cuối ca, mỗi 120 phút; chậm nhất 15 phút*.
pub(super) fn rule(v: &Visit, of: CheckIn) -> String {
    let mut parts = Vec::new();
    if of.at_start {
        parts.push(v.t("roster-at-start"));
    }
    if let Some(every) = of.every_minutes {
        parts.push(v.words().with("roster-each-minutes", [("n", i64::from(every).into())]));
    }
    if of.at_end {
        parts.push(v.t("roster-at-end"));
    }
    if parts.is_empty() {
        return v.t("roster-no-check-in");
    }
    let grace = v.words().with("roster-grace-n", [("n", i64::from(of.grace_minutes).into())]);
    format!("{}; {grace}", parts.join(", "))
}

/// So many troubles are named; how many more there are is said.
const TROUBLES_SHOWN: usize = 40;

/// Troubles in plain words, each with whether it forbids publishing.
pub(super) fn troubles(v: &Visit, of: &[&Trouble], names: &HashMap<Person, String>) -> Vec<(bool, String)> {
    let mut said: Vec<(bool, String)> =
        of.iter().take(TROUBLES_SHOWN).map(|t| (t.forbids(), trouble(v, t, names))).collect();
    if let Some(more) = of.len().checked_sub(TROUBLES_SHOWN).filter(|n| *n > 0) {
        said.push((false, v.words().with("roster-more-troubles", [("n", more.into())])));
    }
    said
}

pub(super) fn trouble(v: &Visit, of: &Trouble, names: &HashMap<Person, String>) -> String {
    let name = |person: &Person| names.get(person).cloned().unwrap_or_default();
    let long = |span: &Window| length(v, span.to.duration_since(span.from));
    match of {
        Trouble::Gap { span: s, have, need } => v.words().with(
            "roster-trouble-gap",
            [
                ("span", span(*s).into()),
                ("have", i64::from(*have).into()),
                ("need", i64::from(*need).into()),
                ("long", long(s).into()),
            ],
        ),
        Trouble::NoBackup { span: s } => {
            v.words().with("roster-trouble-no-backup", [("span", span(*s).into()), ("long", long(s).into())])
        }
        Trouble::Double { person, span: s, .. } => v
            .words()
            .with("roster-trouble-double", [("name", name(person).into()), ("span", span(*s).into())]),
        Trouble::Unreachable { person, verified } => v.words().with(
            "roster-trouble-unreachable",
            [("name", name(person).into()), ("n", i64::from(*verified).into())],
        ),
        Trouble::Overlong { person, span: s } => v.words().with(
            "roster-trouble-overlong",
            [("name", name(person).into()), ("span", span(*s).into()), ("long", long(s).into())],
        ),
    }
}
