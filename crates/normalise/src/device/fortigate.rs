//! FortiGate's `key=value` (Fortinet, «FortiOS Log Message Reference», 6.4 to 7.6).

use domain::event::{Column, Event};
use jiff::tz::{Offset, TimeZone};

use crate::{Zone, fields, fields::keep, when};

/// Reads it under its own names.
pub fn read(message: &str, zone: &Zone, event: &mut Event) -> bool {
    let ours = message.contains("devid=") && (message.contains("logid=") || message.contains("log_id="));
    if !ours || !message.contains("type=") {
        return false;
    }
    event.set_source("fortigate", "firewall");
    let (mut date, mut time, mut offset, mut nanos) = ("", "", "", "");
    fields::pairs(message, |key, value| {
        match key {
            "date" => date = value,
            "time" => time = value,
            "tz" => offset = value,
            "eventtime" => nanos = value,
            _ => {}
        }
        keep(event, key, value, column(key));
    });
    // Nanoseconds since 1970 from 6.2 on, seconds before; the clock and its zone where there is neither.
    let exact = nanos.get(..16).filter(|_| nanos.len() == 19).or(Some(nanos)).and_then(when::epoch);
    let zone = when::offset(offset)
        .and_then(|s| Offset::from_seconds(s).ok())
        .map_or(zone.zone.clone(), TimeZone::fixed);
    let at = exact.filter(|_| !nanos.is_empty()).or_else(|| when::iso(&format!("{date} {time}"), &zone));
    at.into_iter().for_each(|at| event.set_time(at));
    true
}

fn column(key: &str) -> Option<Column> {
    Some(match key {
        "devname" => Column::Host,
        "srcip" | "remip" => Column::SourceIp,
        "srcport" => Column::SourcePort,
        "dstip" => Column::DestinationIp,
        "dstport" => Column::DestinationPort,
        "user" | "unauthuser" => Column::User,
        "hostname" | "qname" => Column::Domain,
        "url" => Column::Url,
        "httpmethod" => Column::Method,
        "agent" => Column::UserAgent,
        "action" => Column::Action,
        "status" => Column::Outcome,
        "logid" | "log_id" => Column::Code,
        "filename" => Column::File,
        "filehash" => Column::Hash,
        "msg" => Column::Message,
        _ => return None,
    })
}
