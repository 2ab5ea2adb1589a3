//! Postfix (as `postfix-3.7` of Debian 12 writes; `postlogd(8)`, `smtpd(8)`): by daemon.

use domain::event::{Column, Event};

use crate::fields::{keep, put};

/// Reads it.
pub fn read(program: &str, message: &str, event: &mut Event) -> bool {
    let Some(daemon) = program.strip_prefix("postfix/") else { return false };
    event.set_source("postfix", "mail");
    keep(event, "postfix.daemon", daemon, None);
    let mut rest = message;
    if let Some((id, after)) = rest.split_once(": ")
        && id.len() >= 6
        && id.bytes().all(|b| b.is_ascii_alphanumeric())
        && id != "warning"
    {
        keep(event, "postfix.queueid", id, None);
        rest = after;
    }
    let action = match rest {
        text if text.contains("authentication failed") => "sasl-login",
        text if text.starts_with("reject:") || text.starts_with("milter-reject:") => "reject",
        text if text.starts_with("connect from") => "connect",
        text if text.starts_with("disconnect from") => "disconnect",
        text if text.contains("status=") => "deliver",
        _ => "",
    };
    put(event, Column::Action, action);
    if matches!(action, "sasl-login" | "reject") {
        put(event, Column::Outcome, "failure");
    }
    client(rest, event);
    // `to=<a@b>, relay=c[1.2.3.4]:25, status=sent (250 ok)`; what is before the first pair is text.
    for part in rest.split([',', ';', ' ']) {
        let Some((key, value)) = part.split_once('=') else { continue };
        let value = value.trim_matches(['<', '>', '(', ')']);
        if !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'-') {
            let column = match key {
                "from" => Some(Column::User),
                "to" => Some(Column::UserTarget),
                "status" => Some(Column::Outcome),
                "sasl_username" => Some(Column::User),
                _ => None,
            };
            keep(event, key, value, column);
        }
    }
    true
}

/// `name[1.2.3.4]` or `name[1.2.3.4]:25`: the other side.
fn client(text: &str, event: &mut Event) {
    let Some((before, after)) = text.split_once('[') else { return };
    let Some((address, _)) = after.split_once(']') else { return };
    if address.parse::<std::net::IpAddr>().is_err() {
        return;
    }
    let name = before.rsplit([' ', '=']).next().unwrap_or_default();
    keep(event, "postfix.client", name, None);
    let relay = before.contains("relay=");
    put(event, if relay { Column::DestinationIp } else { Column::SourceIp }, address);
}
