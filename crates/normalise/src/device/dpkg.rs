//! `dpkg.log` of Debian (`dpkg(1)`, as written by dpkg 1.21): what was installed, upgraded, removed.

use domain::event::{Column, Event};

use crate::{Zone, fields::keep, fields::put, when};

/// Reads a line.
pub fn read(message: &str, zone: &Zone, event: &mut Event) -> bool {
    let Some((time, rest)) = message.split_at_checked(19) else { return false };
    let mut words = rest.trim_start().split(' ');
    let action = words.next().unwrap_or_default();
    let names: &[&str] = match action {
        "install" | "upgrade" | "remove" | "purge" | "configure" | "trigproc" => {
            &["dpkg.package", "dpkg.from", "dpkg.to"]
        }
        "status" => &["dpkg.status", "dpkg.package", "dpkg.to"],
        "startup" => &["dpkg.what", "dpkg.command"],
        "conffile" => &["dpkg.file", "dpkg.decision"],
        _ => return false,
    };
    let Some(at) = when::iso(time, &zone.zone) else { return false };
    event.set_source("linux", "dpkg");
    event.set_time(at);
    put(event, Column::Time, time);
    put(event, Column::Action, action);
    for (name, value) in names.iter().zip(words) {
        keep(event, name, value, None);
    }
    true
}
