//! MikroTik RouterOS (its manual, «Log»): topics between commas, then text.

use domain::event::{Column, Event};

use crate::{fields, fields::keep, fields::put};

/// First topics that RouterOS has and others do not begin with.
const TOPICS: [&str; 16] = [
    "firewall",
    "system",
    "dhcp",
    "wireless",
    "ppp",
    "pppoe",
    "l2tp",
    "ovpn",
    "ipsec",
    "interface",
    "script",
    "account",
    "hotspot",
    "dns",
    "web-proxy",
    "sstp",
];

/// Reads it.
pub fn read(message: &str, event: &mut Event) -> bool {
    let Some((topics, text)) = message.split_once(' ') else { return false };
    let mut all = topics.split(',');
    let known = all.next().is_some_and(|first| TOPICS.contains(&first));
    if !known
        || all.next().is_none()
        || !topics.bytes().all(|b| b.is_ascii_lowercase() || b",-0123456789".contains(&b))
    {
        return false;
    }
    event.set_source("mikrotik", if topics.starts_with("firewall") { "firewall" } else { "routeros" });
    keep(event, "mikrotik.topics", topics, None);
    put(event, Column::Message, text);
    if topics.starts_with("firewall") {
        firewall(text, event);
    } else if let Some(rest) = text.strip_prefix("login failure for user ") {
        put(event, Column::Action, "login");
        put(event, Column::Outcome, "failure");
        login(rest, event);
    } else if let Some((user, rest)) = text.strip_prefix("user ").and_then(|t| t.split_once(" logged ")) {
        put(event, Column::Action, if rest.starts_with("out") { "logout" } else { "login" });
        put(event, Column::Outcome, "success");
        put(event, Column::User, user);
        login_from(rest, event);
    }
    true
}

fn login(rest: &str, event: &mut Event) {
    let Some((user, _)) = rest.split_once(" from ") else { return };
    put(event, Column::User, user);
    login_from(rest, event);
}

/// `… from 1.2.3.4 via ssh`.
fn login_from(text: &str, event: &mut Event) {
    let Some((_, place)) = text.rsplit_once("from ") else { return };
    let (address, via) = place.split_once(" via ").unwrap_or((place, ""));
    put(event, Column::SourceIp, address);
    if !via.is_empty() {
        keep(event, "mikrotik.via", via, None);
    }
}

/// `drop input: in:ether1 out:(unknown 0), src-mac aa:…, proto TCP (SYN), 1.2.3.4:5->5.6.7.8:22, len 40`.
fn firewall(text: &str, event: &mut Event) {
    let (head, rest) = text.split_once(": ").unwrap_or(("", text));
    // The prefix its owner gave the rule, then the chain.
    let (prefix, chain) = head.rsplit_once(' ').unwrap_or(("", head));
    put(event, Column::Action, prefix);
    keep(event, "mikrotik.chain", chain, None);
    for part in rest.split(", ").flat_map(|part| part.split_inclusive(' ').map(str::trim)) {
        if let Some((name, value)) = part.split_once(':').filter(|(name, _)| matches!(*name, "in" | "out")) {
            keep(event, &format!("mikrotik.{name}"), value, None);
        } else if let Some((from, to)) = part.split_once("->").filter(|(from, _)| !from.starts_with('(')) {
            fields::flow(event, from, to);
        }
    }
    if let Some((_, protocol)) = rest.split_once("proto ") {
        let protocol = protocol.split([' ', ',']).next().unwrap_or_default();
        keep(event, "mikrotik.protocol", protocol, None);
    }
}
