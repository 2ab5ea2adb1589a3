//! JSON of programs whose fields have names of their own: Suricata (its manual, «EVE JSON Format»), Zeek (its manual,
//! «Log Formats», written by the JSON writer), Office 365 (Microsoft's «Office 365 Management Activity API schema»).

use domain::event::{Column, Event};

use crate::fields::point;

/// Points the common columns at what they hold, where it is one of them.
pub fn columns(event: &mut Event) {
    let has = |event: &Event, name: &str| event.get(name).is_some();
    if has(event, "event_type")
        && (has(event, "src_ip") || has(event, "flow_id") || has(event, "stats.uptime"))
    {
        suricata(event);
    } else if has(event, "id.orig_h") || (has(event, "_path") && has(event, "ts")) {
        zeek(event);
    } else if has(event, "Workload") && has(event, "Operation") {
        office(event);
    }
}

fn suricata(event: &mut Event) {
    let kind = event.get("event_type").map(|v| v.text.to_owned()).unwrap_or_default();
    let known =
        ["alert", "dns", "http", "tls", "flow", "fileinfo", "ssh", "smb", "stats", "anomaly", "smtp", "drop"];
    event.set_source("suricata", known.into_iter().find(|k| *k == kind).unwrap_or("eve"));
    for (column, names) in [
        (Column::Time, &["timestamp"][..]),
        (Column::Host, &["host"]),
        (Column::SourceIp, &["src_ip"]),
        (Column::SourcePort, &["src_port"]),
        (Column::DestinationIp, &["dest_ip"]),
        (Column::DestinationPort, &["dest_port"]),
        (
            Column::Domain,
            &["dns.rrname", "dns.query.rrname", "dns.queries.rrname", "tls.sni", "http.hostname"],
        ),
        (Column::Url, &["http.url"]),
        (Column::Method, &["http.http_method"]),
        (Column::Status, &["http.status"]),
        (Column::UserAgent, &["http.http_user_agent"]),
        (Column::Hash, &["fileinfo.sha256", "fileinfo.md5"]),
        (Column::File, &["fileinfo.filename"]),
        (Column::Code, &["alert.signature_id"]),
        (Column::Action, &["alert.action", "event_type"]),
        (Column::Message, &["alert.signature"]),
    ] {
        point(event, column, names);
    }
}

fn zeek(event: &mut Event) {
    let path = event.get("_path").map(|v| v.text.to_owned()).unwrap_or_default();
    // Written to files, a log's name is not in its lines: what its fields are tells.
    let known = [
        "conn",
        "dns",
        "http",
        "ssl",
        "files",
        "ssh",
        "smb_files",
        "dce_rpc",
        "rdp",
        "notice",
        "kerberos",
        "x509",
    ];
    let by_fields = [
        ("query", "dns"),
        ("user_agent", "http"),
        ("server_name", "ssl"),
        ("conn_state", "conn"),
        ("note", "notice"),
    ];
    let own = known.into_iter().find(|k| *k == path);
    let dataset =
        own.or_else(|| by_fields.into_iter().find(|(name, _)| event.get(name).is_some()).map(|(_, d)| d));
    event.set_source("zeek", dataset.unwrap_or("zeek"));
    for (column, names) in [
        (Column::Time, &["ts"][..]),
        (Column::SourceIp, &["id.orig_h", "src"]),
        (Column::SourcePort, &["id.orig_p"]),
        (Column::DestinationIp, &["id.resp_h", "dst"]),
        (Column::DestinationPort, &["id.resp_p"]),
        (Column::Domain, &["query", "server_name", "host"]),
        (Column::Url, &["uri"]),
        (Column::Method, &["method"]),
        (Column::Status, &["status_code"]),
        (Column::UserAgent, &["user_agent"]),
        (Column::User, &["user", "username", "cookie"]),
        (Column::Hash, &["sha256", "sha1", "md5"]),
        (Column::File, &["filename", "name"]),
        (Column::Action, &["note", "conn_state", "action"]),
        (Column::Message, &["msg"]),
    ] {
        point(event, column, names);
    }
}

fn office(event: &mut Event) {
    event.set_source("m365", "audit");
    for (column, names) in [
        (Column::Time, &["CreationTime"][..]),
        (Column::User, &["UserId"]),
        (Column::UserTarget, &["ObjectId"]),
        (Column::SourceIp, &["ClientIP", "ClientIPAddress", "ActorIpAddress"]),
        (Column::UserAgent, &["UserAgent"]),
        (Column::Action, &["Operation"]),
        (Column::Outcome, &["ResultStatus"]),
        (Column::Provider, &["Workload"]),
        (Column::Code, &["RecordType"]),
        (Column::File, &["SourceFileName"]),
    ] {
        point(event, column, names);
    }
}
