//! Call-outs in words.

use domain::paging::{About, Hours, Severity, Standing, Target};
use store::callouts::{Callout, Line};

use crate::Visit;

/// What it is: one sentence.
pub(crate) fn title(v: &Visit, c: &Callout) -> String {
    let word = |name: &str| c.words.get(name).cloned().unwrap_or_default();
    let id = match c.about {
        About::CheckIn => "callout-is-check-in",
        About::Monitor => "callout-is-monitor",
        About::Drill => "callout-is-drill",
        About::TestCall => "callout-is-test-call",
        About::Alert => "callout-is-alert",
        About::Outside => "callout-is-outside",
        About::ByHand if c.person.is_some() => "callout-is-by-name",
        About::ByHand => "callout-is-by-hand",
    };
    let names =
        ["post", "silent", "due", "monitor", "since", "who", "alert", "host", "title", "source", "by"];
    let vars = names.map(|n| (n, word(n).into()));
    v.words().with(id, vars)
}

pub(super) fn about(v: &Visit, about: About) -> String {
    v.t(match about {
        About::CheckIn => "callout-about-check-in",
        About::Monitor => "callout-about-monitor",
        About::Drill => "callout-about-drill",
        About::TestCall => "callout-about-test-call",
        About::Alert => "callout-about-alert",
        About::Outside => "callout-about-outside",
        About::ByHand => "callout-about-by-hand",
    })
}

pub(super) fn severity(v: &Visit, severity: Severity) -> String {
    v.t(match severity {
        Severity::Low => "callout-severity-low",
        Severity::Medium => "callout-severity-medium",
        Severity::High => "callout-severity-high",
        Severity::Critical => "callout-severity-critical",
    })
}

/// Class and word of where it stands.
pub(crate) fn standing(v: &Visit, standing: Standing) -> (&'static str, String) {
    let (class, id) = match standing {
        Standing::Open => ("n", "callout-open"),
        Standing::Acknowledged => ("p", "callout-acknowledged"),
        Standing::Resolved => ("m", "callout-resolved"),
        Standing::Expired => ("u", "callout-expired"),
    };
    (class, v.t(id))
}

pub(crate) fn via(v: &Visit, via: &str) -> String {
    match via {
        "" => String::new(),
        "page" => v.t("callout-via-page"),
        "link" => v.t("callout-via-link"),
        "api" => v.t("callout-via-api"),
        "email" => v.t("callout-via-email"),
        "inlet" => v.t("callout-via-inlet"),
        channel => channel.to_owned(),
    }
}

pub(super) fn hours(v: &Visit, hours: Hours) -> String {
    v.t(match hours {
        Hours::Always => "callout-hours-always",
        Hours::Working => "callout-hours-working",
        Hours::Off => "callout-hours-off",
    })
}

/// A target without names: `None` for one that names a post, a person or a body.
pub(super) fn target(v: &Visit, target: Target) -> Option<String> {
    Some(v.t(match target {
        Target::Same => "callout-target-same",
        Target::OnDuty(None) => "callout-target-on-duty",
        Target::Deputy(None) => "callout-target-deputy",
        Target::Next(None) => "callout-target-next",
        Target::Head => "callout-target-head",
        Target::Above => "callout-target-above",
        _ => return None,
    }))
}

/// One line of the log: its class and what it says.
pub(super) fn line(v: &Visit, l: &Line) -> (&'static str, String) {
    let who = l.person.clone().unwrap_or_default();
    let step = l.step.map_or(0, |s| s + 1);
    let round = l.round.map_or(0, |r| r + 1);
    let vars = [("who", who.into()), ("step", step.into()), ("round", round.into())];
    let (class, id) = match l.what.as_str() {
        "raised" if l.person.is_some() => ("", "callout-line-raised-by"),
        "raised" => ("", "callout-line-raised"),
        "called" => ("", "callout-line-called"),
        "nobody" => ("warn", "callout-line-nobody"),
        "passed-over" => ("", "callout-line-passed-over"),
        "round" => ("", "callout-line-round"),
        "taken" => ("ok", "callout-line-taken"),
        "passed-on" => ("warn", "callout-line-passed-on"),
        "progress" => ("ok", "callout-line-progress"),
        "lapsed" => ("bad", "callout-line-lapsed"),
        "resolved" => ("ok", "callout-line-resolved"),
        _ => ("bad", "callout-line-expired"),
    };
    (class, v.words().with(id, vars))
}

/// What came of one message.
pub(super) fn message(v: &Visit, channel: &str, state: &str) -> String {
    let id = match state {
        "sent" => "callout-message-sent",
        "acknowledged" => "callout-message-acknowledged",
        "failed" => "callout-message-failed",
        "spared" => "callout-message-spared",
        _ => "callout-message-due",
    };
    format!("{}: {}", via(v, channel), v.t(id))
}
