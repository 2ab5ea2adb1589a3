//! Alerts in words.

use domain::{
    alert::{Raised, STORM_RULE, Status},
    indicator,
    monitoring::{DROP_RULE, SILENT_RULE},
    paging::Severity,
};
use store::alerts::{Alert, Line};

use crate::Visit;

pub(super) fn title(v: &Visit, alert: &Alert) -> String {
    match alert.rule.as_str() {
        STORM_RULE => v.t("alert-storm"),
        SILENT_RULE => v.t("alert-source-silent"),
        DROP_RULE => v.t("alert-source-drop"),
        rule if rule.starts_with(indicator::RULE) => {
            v.words().with("alert-indicator", [("name", alert.title.as_str().into())])
        }
        _ => alert.title.clone(),
    }
}

/// Class and word of how bad it is.
pub(super) fn severity(v: &Visit, severity: Severity) -> (&'static str, String) {
    let (class, id) = match severity {
        Severity::Low => ("d", "callout-severity-low"),
        Severity::Medium => ("p", "callout-severity-medium"),
        Severity::High => ("n", "callout-severity-high"),
        Severity::Critical => ("n", "callout-severity-critical"),
    };
    (class, v.t(id))
}

/// Class and word of where it stands.
pub(super) fn status(v: &Visit, status: Status) -> (&'static str, String) {
    let (class, id) = match status {
        Status::New => ("n", "alert-status-new"),
        Status::Owned => ("p", "alert-status-owned"),
        Status::Closed => ("m", "alert-status-closed"),
        Status::FalsePositive => ("d", "alert-status-false-positive"),
    };
    (class, v.t(id))
}

pub(super) fn why(v: &Visit, why: &[Raised]) -> Vec<String> {
    let one = |why: &Raised| {
        v.t(match why {
            Raised::System => "alert-why-system",
            Raised::Window => "alert-why-window",
            Raised::Swells => "alert-why-swells",
        })
    };
    why.iter().map(one).collect()
}

/// Class and sentence of a line of its log.
pub(super) fn line(v: &Visit, line: &Line) -> (&'static str, String) {
    let (class, id) = match line.what.as_str() {
        "raised" => ("bad", "alert-line-raised"),
        "worse" => ("bad", "alert-line-worse"),
        "owned" => ("ok", "alert-line-owned"),
        "comment" => ("", "alert-line-comment"),
        "closed" => ("ok", "alert-line-closed"),
        "came-right" => ("ok", "alert-line-came-right"),
        "false-positive" => ("ok", "alert-line-false-positive"),
        "suppressed" => ("warn", "alert-line-suppressed"),
        "not-called" => ("warn", "alert-line-not-called"),
        _ => ("warn", "alert-line-reopened"),
    };
    (class, v.words().with(id, [("who", line.person.clone().unwrap_or_default().into())]))
}
