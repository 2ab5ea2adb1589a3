//! The Log Event Extended Format of IBM QRadar («LEEF format guide», versions 1.0 and 2.0).

use domain::event::{Column, Event};

use crate::{Zone, fields::keep, when};

/// `LEEF:1.0|vendor|product|version|id|key=value<TAB>…`, of 2.0 with the sign between pairs before them.
pub fn read(message: &str, zone: &Zone, event: &mut Event) -> bool {
    let Some(rest) = message.find("LEEF:").filter(|at| *at < 64).and_then(|at| message.get(at + 5..)) else {
        return false;
    };
    let mut parts = rest.splitn(6, '|');
    let mut next = || parts.next();
    let (Some(version), Some(vendor), Some(product), Some(release), Some(id), Some(mut rest)) =
        (next(), next(), next(), next(), next(), next())
    else {
        return false;
    };
    let mut between = '\t';
    if version.starts_with('2')
        && let Some((sign, after)) = rest.split_once('|')
    {
        between = sign_of(sign).unwrap_or('\t');
        rest = after;
    }
    event.set_source("leef", "leef");
    for (name, value, column) in [
        ("DeviceVendor", vendor, None),
        ("DeviceProduct", product, Some(Column::Provider)),
        ("DeviceVersion", release, None),
        ("EventID", id, Some(Column::Code)),
    ] {
        keep(event, name, value, column);
    }
    let mut time = None;
    for pair in rest.split(between) {
        if let Some((key, value)) = pair.trim_start().split_once('=') {
            keep(event, key, value, column(key));
            if key == "devTime" {
                time = when::epoch(value)
                    .or_else(|| when::words(value))
                    .or_else(|| when::iso(value, &zone.zone));
            }
        }
    }
    time.into_iter().for_each(|at| event.set_time(at));
    true
}

/// A character, or its number as `x09` or `0x09`.
fn sign_of(text: &str) -> Option<char> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix('x')).filter(|hex| !hex.is_empty());
    match hex {
        Some(hex) => char::from_u32(u32::from_str_radix(hex, 16).ok()?),
        None => text.chars().next(),
    }
}

fn column(key: &str) -> Option<Column> {
    Some(match key {
        "src" => Column::SourceIp,
        "srcPort" => Column::SourcePort,
        "dst" => Column::DestinationIp,
        "dstPort" => Column::DestinationPort,
        "usrName" => Column::User,
        "identHostName" | "resource" => Column::Host,
        "url" => Column::Url,
        "action" => Column::Action,
        "devTime" => Column::Time,
        _ => return None,
    })
}
