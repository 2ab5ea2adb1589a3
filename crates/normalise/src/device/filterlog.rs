//! pfSense and OPNsense: `filterlog` (Netgate, «Raw Filter Log Format»), values between commas.

use domain::event::{Column, Event};

use crate::fields::keep;

/// Reads it.
pub fn read(program: &str, message: &str, event: &mut Event) -> bool {
    let values: Vec<&str> = message.split(',').collect();
    let version = values.get(8).copied().unwrap_or_default();
    let action = values.get(6).copied().unwrap_or_default();
    let known =
        matches!(action, "pass" | "block" | "reject" | "match" | "unkn(9)") && matches!(version, "4" | "6");
    if !known || (program != "filterlog" && !program.is_empty()) {
        return false;
    }
    event.set_source("pfsense", "firewall");
    let head: &[&str] =
        &["rule", "subrule", "anchor", "tracker", "interface", "reason", "action", "direction", "ipversion"];
    let four: &[&str] =
        &["tos", "ecn", "ttl", "id", "offset", "flags", "protocolid", "protocol", "length", "src", "dst"];
    let six: &[&str] = &["class", "flowlabel", "hoplimit", "protocol", "protocolid", "length", "src", "dst"];
    let names = head.iter().chain(if version == "4" { four } else { six });
    let protocol = values.get(if version == "4" { 16 } else { 12 }).copied().unwrap_or_default();
    let tail: &[&str] = match protocol {
        "tcp" | "TCP" => {
            &["srcport", "dstport", "datalength", "tcpflags", "sequence", "ack", "window", "urg", "options"]
        }
        "udp" | "UDP" => &["srcport", "dstport", "datalength"],
        _ => &["data1", "data2", "data3", "data4"],
    };
    for (name, value) in names.chain(tail).zip(&values) {
        if !value.is_empty() {
            keep(event, name, value, column(name));
        }
    }
    true
}

fn column(name: &str) -> Option<Column> {
    Some(match name {
        "src" => Column::SourceIp,
        "srcport" => Column::SourcePort,
        "dst" => Column::DestinationIp,
        "dstport" => Column::DestinationPort,
        "action" => Column::Action,
        "rule" => Column::Code,
        _ => return None,
    })
}
