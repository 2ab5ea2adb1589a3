//! What a webhook says.

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Shape;
use crate::{ActionKind, Message};

/// The body, as of `now`. Without `details` it says *that*, not *what*.
pub(super) fn of(message: &Message, shape: Shape, details: bool, now: Timestamp) -> Value {
    match shape {
        Shape::Canh => own(message, details),
        Shape::Alertmanager => alertmanager(message, details),
        Shape::AlertmanagerAlerts => json!([alert(message, details, now)]),
    }
}

fn own(message: &Message, details: bool) -> Value {
    let (subject, text) = message.shown(!details);
    let url = |kind| message.actions.iter().find(|a| a.kind == kind).map(|a| a.url.as_str());
    json!({
        "type": format!("canh.{}", message.template),
        "timestamp": message.date.to_string(),
        "data": {
            "id": message.id,
            "thread": message.thread,
            "urgent": message.urgent,
            "lang": message.lang.tag(),
            "subject": subject,
            "text": text,
            "code": message.code.as_deref().filter(|_| message.open),
            "link": message.shown_link(!details),
            "acknowledge_url": url(ActionKind::Acknowledge),
            "escalate_url": url(ActionKind::Escalate),
            "taken": message.taken,
        }
    })
}

fn labels(message: &Message) -> Value {
    json!({
        "alertname": "Canh",
        "template": message.template,
        "severity": if message.urgent { "critical" } else { "warning" },
        "canh_id": message.thread.as_deref().unwrap_or(&message.id),
    })
}

fn annotations(message: &Message, details: bool) -> Value {
    let (subject, text) = message.shown(!details);
    json!({ "summary": subject, "description": text })
}

/// One alert as `POST /api/v2/alerts` takes it.
fn alert(message: &Message, details: bool, now: Timestamp) -> Value {
    let mut alert = json!({
        "labels": labels(message),
        "annotations": annotations(message, details),
        "startsAt": message.date.to_string(),
    });
    // Who took it ends the alert.
    if let (Some(_), Some(alert)) = (&message.taken, alert.as_object_mut()) {
        alert.insert("endsAt".into(), now.max(message.date).to_string().into());
    }
    if let (Some(link), Some(alert)) = (message.shown_link(!details), alert.as_object_mut()) {
        alert.insert("generatorURL".into(), link.into());
    }
    alert
}

/// What a webhook receiver of Alertmanager expects (version 4).
fn alertmanager(message: &Message, details: bool) -> Value {
    let link = message.shown_link(!details).unwrap_or_default();
    let print = Sha256::digest(labels(message).to_string());
    let print: String = print.iter().take(8).map(|b| format!("{b:02x}")).collect();
    // Who took it ends the alert.
    let status = if message.taken.is_some() { "resolved" } else { "firing" };
    json!({
        "version": "4",
        "groupKey": format!("{{}}:{{canh_id=\"{}\"}}", message.thread.as_deref().unwrap_or(&message.id)),
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "canh",
        "groupLabels": { "alertname": "Canh" },
        "commonLabels": labels(message),
        "commonAnnotations": annotations(message, details),
        "externalURL": link,
        "alerts": [{
            "status": status,
            "labels": labels(message),
            "annotations": annotations(message, details),
            "startsAt": message.date.to_string(),
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": link,
            "fingerprint": print,
        }],
    })
}
