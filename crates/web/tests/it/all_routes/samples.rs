//! A well-formed request for every route.

use web::Route;

use super::name;
use crate::fixture::Fixture;

/// A well-formed body: `(content type, body)`. Most are one and the same with every field that any route asks for, since
/// routes pass over what they do not know; `csrf` is added to pages' forms.
pub fn sample(route: &Route, f: &Fixture) -> (&'static str, String) {
    let person = f.person.to_string();
    if let Some(sample) = crate::inspections::sample(&name(route), f) {
        return sample;
    }
    if let Some(sample) = crate::requests::sample(&name(route), f) {
        return sample;
    }
    if let Some(sample) = crate::rosters::sample(&name(route), f) {
        return sample;
    }
    match name(route).as_str() {
        "POST /register/inventory" => ("multipart/form-data; boundary=b", UPLOAD.to_owned()),
        "POST /register/inventory/reports/{inventory_report}" => form(&[("host", "drop")]),
        "POST /orders/letters" => ("multipart/form-data; boundary=b", UPLOAD.to_owned()),
        "PUT /api/v1/accounts/{person}/enabled" => json(serde_json::json!({ "enabled": false })),
        "POST /register/import/{table}"
        | "POST /register/import/{table}/apply"
        | "POST /api/v1/import/{table}" => {
            let top = f.ours;
            let fields = format!(
                "--b\r\nContent-Disposition: form-data; name=\"top\"\r\n\r\n{top}\r\n--b\r\nContent-Disposition: form-data; name=\"rows\"\r\n\r\n[[1,[\"Tên\",\"Loại\"]],[2,[\"x\",\"Xã\"]]]\r\n--b--\r\n"
            );
            ("multipart/form-data; boundary=b", fields)
        }
        "POST /api/v1/people/{id}/grants" | "POST /api/v1/people/{id}/delegations" => {
            json(serde_json::json!({ "role": "viewer", "body": f.ours, "until": "2027-02-01T00:00:00Z" }))
        }
        "PUT /api/v1/bodies/{id}/sending" => json(serde_json::json!({ "details_abroad": true })),
        "POST /api/v1/bodies/{id}/webhooks" => {
            json(serde_json::json!({ "name": "x", "url": "https://soc.example/in", "shape": "canh" }))
        }
        "POST /register/people/{id}/channels/push" => form(&[
            ("endpoint", "https://push.example/x"),
            (
                "p256dh",
                "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            ),
            ("auth", "BTBZMqHH6r4Tts7J_aSIgg"),
        ]),
        "POST /api/v1/people/{id}/channels" => {
            json(serde_json::json!({ "kind": "email", "address": "a@example.vn" }))
        }
        "POST /api/v1/systems" | "PUT /api/v1/systems/{id}" | "POST /api/v1/people/{id}/memberships" => {
            json(serde_json::json!({ "body": f.ours, "name": "x" }))
        }
        "POST /api/v1/monitors" | "POST /api/v1/inlets" => {
            json(serde_json::json!({ "body": f.ours, "name": "x" }))
        }
        "PUT /api/v1/people/{id}/quiet" => {
            json(serde_json::json!({ "quiet": { "from": "22:00", "to": "06:00" } }))
        }
        "PUT /api/v1/people/{id}/channel-order" => json(serde_json::json!({ "channels": [] })),
        "POST /api/v1/alerts/{id}/act" => json(serde_json::json!({ "do": "own" })),
        "POST /api/v1/hunts" => json(serde_json::json!({
            "body": f.ours, "title": "x", "hypothesis": "x", "how": "search", "query": "x", "days": 1,
        })),
        "POST /api/v1/hunts/{hunt}/conclude" => {
            json(serde_json::json!({ "outcome": "clean", "conclusion": "x" }))
        }
        "POST /hunts/{hunt}/conclude" => form(&[("outcome", "clean"), ("conclusion", "x")]),
        "POST /hunts" => {
            let ours = f.ours.to_string();
            form(&[
                ("body", &ours),
                ("title", "x"),
                ("hypothesis", "x"),
                ("how", "search"),
                ("query", "x"),
                ("days", "1"),
            ])
        }
        "POST /rules" => ("multipart/form-data; boundary=b", UPLOAD.to_owned()),
        "POST /rules/{rule}/off" => form(&[("reason", "x")]),
        "POST /api/v1/rules" => json(serde_json::json!({ "text": "x" })),
        "PUT /api/v1/rules/{rule}/off" => json(serde_json::json!({ "reason": "x" })),
        "POST /searches" => form(&[("name", "x"), ("q", "x")]),
        "POST /api/v1/indicator-lists" => json(serde_json::json!({ "body": f.ours, "name": "x" })),
        "PUT /api/v1/indicator-lists/{indicator_list}" => json(serde_json::json!({ "name": "x" })),
        "POST /api/v1/indicator-lists/{indicator_list}/entries" => {
            json(serde_json::json!({ "text": "x.example.com" }))
        }
        "POST /api/v1/indicator-lists/{indicator_list}/withdraw" => {
            json(serde_json::json!({ "value": "x.example.com", "reason": "x" }))
        }
        "POST /indicators/{indicator_list}" => form(&[("name", "x"), ("tlp", "amber"), ("confidence", "50")]),
        "POST /indicators/{indicator_list}/withdraw" => form(&[("value", "x.example.com"), ("reason", "x")]),
        "POST /indicators" | "POST /indicators/{indicator_list}/entries" => {
            let ours = f.ours;
            let fields = [
                ("body", ours.to_string().as_str()),
                ("name", "x"),
                ("tlp", "amber"),
                ("confidence", "50"),
                ("text", "x.example.com"),
            ]
            .map(|(name, value)| {
                format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
            });
            ("multipart/form-data; boundary=b", format!("{}--b--\r\n", fields.concat()))
        }
        "POST /alerts/{id}" => form(&[("do", "own")]),
        "POST /retention" => form(&[
            ("body", &f.ours.to_string()),
            ("from", "2027-01-01"),
            ("to", "2027-01-02"),
            ("reason", "x"),
            ("until", "2027-02-02"),
        ]),
        "POST /api/v1/holds" => json(serde_json::json!({
            "body": f.ours, "from": "2027-01-01", "to": "2027-01-02", "reason": "x", "until": "2027-02-02",
        })),
        "POST /alerts/{id}/suppress" => form(&[("what", ""), ("reason", "x"), ("until", "2027-02-02")]),
        "POST /api/v1/monitors/{id}/pause" | "POST /api/v1/inlets/{id}/pause" => json(serde_json::json!({})),
        "POST /roster/call" => form(&[("whom", &format!("above:{}", f.ours)), ("why", "x"), ("key", "x")]),
        "POST /api/v1/callouts" => json(serde_json::json!({ "above": f.ours, "why": "x" })),
        "POST /api/v1/callouts/{id}/act" => json(serde_json::json!({ "do": "acknowledge" })),
        "POST /api/v1/escalation-policies" | "PUT /api/v1/escalation-policies/{id}" => {
            json(serde_json::json!({
                "body": f.ours, "name": "x", "severity": "low", "pause_minutes": 10,
                "steps": [{ "after_minutes": 0, "targets": ["head"] }],
            }))
        }
        "POST /roster/callouts/{id}" => ("application/x-www-form-urlencoded", "do=acknowledge".to_owned()),
        "POST /api/v1/bodies/{id}/successors" => {
            json(serde_json::json!({ "function": "all", "body": f.ours, "from": "2025-07-01" }))
        }
        "POST /api/v1/bodies" | "PUT /api/v1/bodies/{id}" | "POST /api/v1/bodies/{id}/move" => {
            json(serde_json::json!({ "kind": "school", "name": "x", "parent": f.ours }))
        }
        "POST /api/v1/people" | "PUT /api/v1/people/{id}" => {
            json(serde_json::json!({ "name": "x", "lang": "vi", "memberships": [{ "body": f.ours }] }))
        }
        "POST /api/v1/notices" => json(serde_json::json!({ "body": f.ours, "title": "x", "text": "x" })),
        "POST /api/v1/bulletins" => json(serde_json::json!({
            "body": f.ours, "title": "x", "text": "x", "first_day": "2027-02-01", "last_day": "2027-02-02",
            "times": "05:30", "tops": [],
        })),
        "POST /api/v1/bulletins/{bulletin}/receipts" => json(serde_json::json!({
            "body": f.ours, "slot": "2027-02-01T00:00:00Z", "aired": "2027-02-01T00:00:00Z", "cluster": "x", "by": "x",
        })),
        "POST /api/v1/lines" | "PUT /api/v1/lines/{id}" => {
            json(serde_json::json!({ "body": f.ours, "name": "x", "kind": "internet" }))
        }
        "POST /api/v1/lines/{id}/outages" | "PUT /api/v1/outages/{id}" => {
            json(serde_json::json!({ "from": "2027-01-01T00:00:00Z", "to": "2027-01-01T01:00:00Z" }))
        }
        "POST /api/v1/lines/{id}/reports" => json(serde_json::json!({ "state": "ok" })),
        "POST /api/v1/line-reports" => json(serde_json::json!({
            "body": f.ours, "lines": [{ "code": "Kênh riêng tư của chúng tôi", "state": "ok" }],
        })),
        "POST /lines/{id}/report" => form(&[("state", "ok")]),
        "POST /lines/report" => form(&[]),
        "POST /lines/new" | "POST /lines/{id}/edit" => form(&[("name", "x"), ("kind", "internet")]),
        "POST /outages/{id}" | "POST /lines/{id}/outages" => form(&[("from", "2027-01-01T08:00")]),
        "POST /api/v1/bodies/{id}/counts" => {
            json(serde_json::json!({ "source": "directory", "kind": "all", "n": 41 }))
        }
        "POST /register/bodies/{id}/counts" => form(&[("source", "directory"), ("kind", "all"), ("n", "41")]),
        "POST /api/v1/counts/{id}/withdraw" => json(serde_json::json!({ "why": "x" })),
        "POST /api/v1/reports/up/{report}/return" => json(serde_json::json!({ "version": 1, "why": "x" })),
        "PUT /api/v1/reports/up/{report}" => json(serde_json::json!({ "version": 1, "draft": {} })),
        "POST /api/v1/templates" => json(serde_json::json!({ "campaign": f.ours, "name": "x" })),
        "POST /api/v1/templates/{id}/drafts" => json(serde_json::json!({ "name": "x" })),
        "POST /api/v1/lessons/{id}/apply" => json(serde_json::json!({ "template": f.ours })),
        "POST /api/v1/systems/{id}/hosts" => json(serde_json::json!({ "names": ["x"] })),
        "PUT /api/v1/tasks/{task}/excuse" => {
            json(serde_json::json!({ "kind": "excused", "reason": "x", "until": "2027-03-01" }))
        }
        "POST /api/v1/warnings" => {
            json(serde_json::json!({ "body": f.ours, "title": "x", "numbers": ["CVE-2099-4321"] }))
        }
        "PUT /api/v1/systems/{id}/detail" => json(serde_json::json!({ "dossier": "drafted" })),
        "POST /api/v1/own-warnings" | "PUT /api/v1/own-warnings/{id}" => json(serde_json::json!({
            "body": f.ours, "why": "x",
            "warning": { "title": "x", "severity": "high", "weaknesses": ["unsupported"] },
        })),
        "POST /api/v1/own-warnings/{id}/withdraw" => json(serde_json::json!({ "why": "x" })),
        "POST /review/own-warnings/new" | "POST /review/own-warnings/{id}/edit" => {
            let ours = f.ours.to_string();
            form(&[("body", &ours), ("title", "x"), ("severity", "high"), ("weak-device", "1"), ("why", "x")])
        }
        "POST /review/own-warnings/{id}/take-back" => form(&[("why", "x")]),
        "POST /review/warnings/new" => {
            let ours = f.ours.to_string();
            form(&[("body", &ours), ("title", "x"), ("numbers", "CVE-2099-4321")])
        }
        "POST /api/v1/host-findings/{host}/{flaw}/own" => json(serde_json::json!({})),
        "POST /api/v1/host-findings/{host}/{flaw}/workaround" => json(serde_json::json!({ "what": "x" })),
        "POST /api/v1/host-findings/{host}/{flaw}/exception" => {
            json(serde_json::json!({ "until": "2027-02-01", "why": "x" }))
        }
        "POST /api/v1/feeds" => json(serde_json::json!({ "name": "x", "place": "https://feeds.example/x" })),
        path if MULTIPART.iter().any(|end| path.starts_with("POST ") && path.ends_with(end)) => {
            ("multipart/form-data; boundary=b", UPLOAD.to_owned())
        }
        _ if route.is_api() => json(serde_json::json!({
            "affected": "affected", "kind": "question", "submissions": [], "decision": "accept", "assignments": [],
            "name": "x", "rights": ["see"], "expires_at": "2027-02-01T00:00:00Z", "password": "x", "person": person,
            "login": "rieng.tu2", "version": 1, "text": "x", "changes": [], "code": "LEAD", "quote": "x", "role": "to",
            "line": "x", "note": "x", "reason": "x", "due_at": "2027-02-01T00:00:00Z",
        })),
        _ => form(&[
            ("person", &person),
            ("login", "rieng.tu2"),
            ("version", "1"),
            ("text", "x"),
            ("name", "x"),
            ("op", "set"),
            ("pointer", "/number"),
            ("value", "x"),
            ("code", "LEAD"),
            ("quote", "x"),
            ("note", "x"),
            ("reason", "x"),
            ("role", "to"),
            ("line", "x"),
            ("affected", "affected"),
            ("from", "2027-02-01T00:00"),
            ("to", "2027-02-02T00:00"),
            ("contacts", ""),
            ("duty", ""),
            ("due", "2027-02-01T00:00"),
            ("title", ""),
            ("capacity", ""),
            ("reference", ""),
            ("template", &person),
            ("date", ""),
        ]),
    }
}

/// Routes whose parameter names no record of a body.
pub const NO_RECORD: &[&str] = &[
    "GET /assets/{name}",
    "GET /beat/{beat}",
    "POST /beat/{beat}",
    "GET /review/flaws/{flaw}",
    "GET /api/v1/flaws/{flaw}",
    "GET /rules/{rule}",
    "GET /api/v1/rules/{rule}",
    "GET /c/{callout_link}",
    "POST /c/{callout_link}",
    "GET /l/{link}",
    "POST /l/{link}",
    "POST /l/{link}/file",
    "GET /n/{notice_link}",
    "POST /n/{notice_link}",
    "POST /in/voice/{secret}",
    "POST /admin/channels/{channel_kind}/test",
    "GET /calendars/{secret}",
    "POST /inventory/{upload_link}",
    "PUT /inventory/{upload_link}",
    "GET /inventory/{upload_link}/{collector}",
    "GET /register/collectors/{collector}",
    "GET /register/import/{table}",
    "POST /register/import/{table}",
    "POST /register/import/{table}/apply",
    "POST /api/v1/import/{table}",
    "GET /register/export/{table}",
    "GET /api/v1/export/{table}",
];

/// Where a file may come with the form.
const MULTIPART: &[&str] = &[
    "/requests/{id}/answer",
    "/answers/file",
    "/notices/lists",
    "/notices/lists/apply",
    "/receipts",
    "/counts/file",
    "/photos",
    "/fix",
    "/workaround",
    "/evidence",
    "/letter",
    "/acknowledge-by-letter",
    "/api/v1/submissions",
];

/// A form with one small file.
const UPLOAD: &str =
    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.txt\"\r\n\r\nx\r\n--b--\r\n";

/// What some routes need after the path.
pub fn query(route: &Route) -> &'static str {
    match name(route).as_str() {
        "DELETE /api/v1/campaigns/{id}/lines" => "?role=to&line=x",
        "POST /api/v1/bodies/{id}/counts/file" => "?source=directory",
        "POST /api/v1/inventory" => "?body=01900000-0000-7000-8000-000000000002",
        "POST /api/v1/import/{table}" => "?top=01900000-0000-7000-8000-000000000002",
        _ => "",
    }
}

pub fn json(value: serde_json::Value) -> (&'static str, String) {
    ("application/json", value.to_string())
}

pub fn form(fields: &[(&str, &str)]) -> (&'static str, String) {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    ("application/x-www-form-urlencoded", body)
}
