//! Cisco ASA (Cisco, «Secure Firewall ASA Series Syslog Messages»): `%ASA-level-number: text`.

use domain::event::{Column, Event};

use crate::{fields, fields::put};

/// Reads it; the mark may have been taken for syslog's program.
pub fn read(program: &str, message: &str, event: &mut Event) -> bool {
    let marks = ["%ASA-", "%FTD-", "%PIX-"];
    let (mark, text) = if marks.iter().any(|m| program.starts_with(m)) {
        (program, message)
    } else {
        let Some(at) = marks.iter().find_map(|m| message.find(m)).filter(|at| *at < 64) else { return false };
        let Some((mark, text)) = message.get(at..).and_then(|own| own.split_once(':')) else { return false };
        (mark, text.trim_start())
    };
    let mut parts = mark.rsplit('-');
    let (Some(number), Some(level)) = (parts.next(), parts.next()) else { return false };
    event.set_source("cisco", "asa");
    put(event, Column::Code, number);
    fields::keep(event, "asa.level", level, None);
    put(event, Column::Message, text);
    let first = text.split(' ').next().unwrap_or_default();
    let action = match first {
        "Deny" | "Denied" | "Dropping" => "deny",
        "Built" | "Permitted" => "allow",
        "Teardown" => "teardown",
        _ if text.contains(" denied ") => "deny",
        _ if text.contains(" permitted ") => "allow",
        _ if text.contains("rejected") || text.contains("failed") => "failure",
        _ => "",
    };
    put(event, Column::Action, action);
    ends(text, event);
    user(text, event);
    true
}

/// Addresses with the words before them: `src inside:10.0.0.1/5`, `from 10.0.0.1/5 to 10.0.0.2/80`, `for outside:…`.
fn ends(text: &str, event: &mut Event) {
    let (mut from, mut to) = ("", "");
    let mut before = "";
    // Of an outbound connection the first end named is the far one.
    let outbound = text.contains("outbound");
    for word in text.split([' ', ',', ';']) {
        let address = address(word);
        if !address.is_empty() {
            let far = matches!(before, "dst" | "to" | "->") || (before == "for" && outbound);
            if far && to.is_empty() {
                to = address;
            } else if before == "to" && outbound || from.is_empty() {
                from = address;
            } else if to.is_empty() {
                to = address;
            }
        }
        if !word.is_empty() && !word.starts_with('(') {
            before = word;
        }
    }
    if outbound && from.is_empty() {
        std::mem::swap(&mut from, &mut to);
    }
    fields::flow(event, from, to);
}

/// `interface:address/port`, `interface/address(port)` or an address; empty where it is none.
fn address(word: &str) -> &str {
    let word = word.trim_matches(['<', '>', '"', '\'', '.', '[', ']', '(', ')']);
    let own = word.rsplit_once(':').map_or(word, |(_, own)| own);
    let (host, _) = fields::endpoint(own);
    if host.parse::<std::net::IpAddr>().is_ok() { own } else { "" }
}

fn user(text: &str, event: &mut Event) {
    for mark in ["user '", "user = ", "Username = ", "Username <", "User '", "user <", "Uname: "] {
        if let Some((_, rest)) = text.split_once(mark) {
            let name = rest.split(['\'', '>', ',', ':']).next().unwrap_or_default();
            let name = name.split(" :").next().unwrap_or(name).trim();
            put(event, Column::User, name.trim_matches('*'));
            return;
        }
    }
}
