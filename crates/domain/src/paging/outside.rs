//! What outside systems report: Alertmanager's webhook, or one signed as Standard Webhooks asks. Read here, without
//! trust: texts are cut and made one line, addresses are left out, and whatever is missing has a plain word of its own.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Severity;
use crate::right::names;

/// How an outside system speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tongue {
    /// Alertmanager's webhook (version 4); Grafana's alerting writes the same parts.
    Alertmanager,
    /// A signed message of Standard Webhooks, in the shape in which Canh sends its own.
    Signed,
}
names!(Tongue { Alertmanager = "alertmanager", Signed = "signed" } "way in which an outside system speaks");

/// Longest title that is kept.
pub const TITLE_MAX: usize = 160;
/// Longest name of a group.
const GROUP_MAX: usize = 4_000;

/// One report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Reports of one group are one call-out.
    pub group: String,
    /// What it is about, in one line; empty where it says nothing.
    pub title: String,
    /// How bad it is, where it says so in a word that is known.
    pub severity: Option<Severity>,
    /// How many alerts of the group burn.
    pub burning: u32,
    /// Whether it is over.
    pub over: bool,
}

/// Reads a report; `None` for what is none. `id` names a signed message that names no group.
pub fn read(tongue: Tongue, body: &str, id: &str) -> Option<Report> {
    let value: Value = serde_json::from_str(body).ok()?;
    let report = match tongue {
        Tongue::Alertmanager => alertmanager(&value)?,
        Tongue::Signed => signed(&value, id)?,
    };
    (1..=GROUP_MAX).contains(&report.group.len()).then_some(report)
}

fn text<'a>(of: &'a Value, path: &[&str]) -> Option<&'a str> {
    let found = path.iter().try_fold(of, |of, name| of.get(name))?;
    found.as_str().filter(|t| !t.trim().is_empty())
}

fn alertmanager(of: &Value) -> Option<Report> {
    let group = text(of, &["groupKey"])?.to_owned();
    let over = match text(of, &["status"])? {
        "firing" => false,
        "resolved" => true,
        _ => return None,
    };
    let alerts = of.get("alerts")?.as_array()?;
    let burning: Vec<&Value> = alerts.iter().filter(|a| text(a, &["status"]) == Some("firing")).collect();
    let one = burning.first().copied().or(alerts.first());
    let of_one = |path: &[&str]| one.and_then(|one| text(one, path));
    let title = text(of, &["commonAnnotations", "summary"])
        .or_else(|| of_one(&["annotations", "summary"]))
        .or_else(|| text(of, &["commonAnnotations", "description"]))
        .or_else(|| text(of, &["commonLabels", "alertname"]))
        .or_else(|| of_one(&["labels", "alertname"]))
        .unwrap_or_default();
    let severities = burning.iter().filter_map(|a| text(a, &["labels", "severity"]));
    let severity = severities.filter_map(weigh).max();
    let severity = severity.or_else(|| text(of, &["commonLabels", "severity"]).and_then(weigh));
    let left_off = of.get("truncatedAlerts").and_then(Value::as_u64).unwrap_or(0);
    let burning = u32::try_from(burning.len() as u64 + left_off).unwrap_or(u32::MAX);
    Some(Report { group, title: one_line(title), severity, burning: if over { 0 } else { burning }, over })
}

fn signed(of: &Value, id: &str) -> Option<Report> {
    let data = of.get("data").filter(|d| d.is_object())?;
    let group = text(data, &["thread"]).or_else(|| text(data, &["id"])).unwrap_or(id).to_owned();
    let over = match text(data, &["status"]) {
        Some("resolved") => true,
        Some("firing") => false,
        Some(_) => return None,
        // Who took it there ends it here.
        None => text(data, &["taken"]).is_some(),
    };
    let title = text(data, &["subject"]).or_else(|| text(data, &["text"])).unwrap_or_default();
    let urgent = data.get("urgent").and_then(Value::as_bool);
    let severity = text(data, &["severity"]).and_then(weigh);
    let severity = severity.or(urgent.filter(|urgent| *urgent).map(|_| Severity::High));
    Some(Report { group, title: one_line(title), severity, burning: u32::from(!over), over })
}

/// The words monitoring systems use, as ours.
fn weigh(word: &str) -> Option<Severity> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "critical" | "page" | "emergency" | "disaster" | "fatal" => Severity::Critical,
        "high" | "major" | "error" => Severity::High,
        "warning" | "warn" | "medium" | "minor" | "average" => Severity::Medium,
        "info" | "information" | "low" | "notice" | "none" => Severity::Low,
        _ => return None,
    })
}

/// One line of words people may read at night: no control characters, no address to click on, not longer than fits.
fn one_line(text: &str) -> String {
    let plain = plain(text);
    let words = plain.split_whitespace().map(|w| if w.contains("://") { "…" } else { w });
    let line = words.collect::<Vec<_>>().join(" ");
    if line.chars().count() <= TITLE_MAX {
        return line;
    }
    line.chars().take(TITLE_MAX - 1).collect::<String>() + "…"
}

/// Text on one line, without marks that nobody sees.
pub fn plain(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_control() || is_steering(c) { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Marks that turn the direction of text around, with which one sentence can be made to look like another.
const fn is_steering(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Alertmanager's documentation and its own webhook write it.
    fn group(status: &str, severities: &[&str]) -> String {
        let alert = |severity: &&str| {
            serde_json::json!({
                "status": status, "labels": { "alertname": "DiskFull", "severity": severity, "instance": "db1" },
                "annotations": { "summary": "Ổ đĩa db1 sắp đầu\nhttps://grafana.example/x" },
                "startsAt": "2027-02-05T01:02:03Z", "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "http://p.example/graph", "fingerprint": "ab",
            })
        };
        serde_json::json!({
            "version": "4", "groupKey": "{}:{alertname=\"DiskFull\"}", "truncatedAlerts": 0, "status": status,
            "receiver": "canh", "groupLabels": { "alertname": "DiskFull" },
            "commonLabels": { "alertname": "DiskFull" }, "commonAnnotations": {},
            "externalURL": "http://a.example", "alerts": severities.iter().map(alert).collect::<Vec<_>>(),
        })
        .to_string()
    }

    #[test]
    fn a_group_of_alertmanager_is_one_report_as_bad_as_its_worst() {
        let read = |body: &str| read(Tongue::Alertmanager, body, "").unwrap();
        let heard = read(&group("firing", &["warning", "critical", "odd"]));
        assert_eq!(heard.group, "{}:{alertname=\"DiskFull\"}");
        assert_eq!(heard.title, "Ổ đĩa db1 sắp đầu …", "one line, without an address to click on");
        assert_eq!((heard.severity, heard.burning, heard.over), (Some(Severity::Critical), 3, false));
        let heard = read(&group("resolved", &["critical"]));
        assert_eq!((heard.severity, heard.burning, heard.over), (None, 0, true));
        assert_eq!(read(&group("firing", &["odd"])).severity, None, "a word nobody knows says nothing");
    }

    #[test]
    fn what_is_no_report_is_none() {
        for body in
            ["", "[]", "{}", "{\"groupKey\":\"a\"}", "{\"groupKey\":\"a\",\"status\":\"odd\",\"alerts\":[]}"]
        {
            assert_eq!(read(Tongue::Alertmanager, body, ""), None, "{body}");
            assert_eq!(read(Tongue::Signed, body, "m1"), None, "{body}");
        }
        let long = format!("{{\"groupKey\":\"{}\",\"status\":\"firing\",\"alerts\":[]}}", "x".repeat(4_001));
        assert_eq!(read(Tongue::Alertmanager, &long, ""), None);
        assert_eq!(read(Tongue::Signed, "{\"data\":{}}", ""), None, "neither a group nor an id");
    }

    #[test]
    fn a_signed_message_names_its_group_and_its_end() {
        let read = |data: Value| {
            read(Tongue::Signed, &serde_json::json!({ "data": data }).to_string(), "m1").unwrap()
        };
        let heard = read(serde_json::json!({ "subject": "Cổng dịch vụ công ngừng", "urgent": true }));
        assert_eq!((heard.group.as_str(), heard.severity), ("m1", Some(Severity::High)));
        assert_eq!((heard.title.as_str(), heard.over), ("Cổng dịch vụ công ngừng", false));
        let of_canh =
            serde_json::json!({ "id": "i", "thread": "c7", "subject": "x", "taken": "A đã nhận lúc 03:12" });
        assert_eq!((read(of_canh.clone()).group.as_str(), read(of_canh).over), ("c7", true));
        let plain = serde_json::json!({ "id": "i", "status": "firing", "severity": "minor", "taken": "A" });
        assert_eq!((read(plain.clone()).severity, read(plain).over), (Some(Severity::Medium), false));
    }

    #[test]
    fn titles_steer_nothing_and_fit() {
        assert_eq!(one_line("a\u{202e}b\r\n\tc  d"), "a b c d");
        assert_eq!(one_line(&"ạ".repeat(500)).chars().count(), TITLE_MAX);
    }
}
