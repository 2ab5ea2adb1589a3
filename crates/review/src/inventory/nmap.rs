//! Nmap's XML: hosts, open ports, what answered on them.

use domain::inventory::{Inventory, Ports, Reported, Service};
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{ITEMS, Looks, Notes, Refused, Why};

/// At most so many characters of what a script saw: the dates of a certificate stand in the first thousand.
const DETAIL: usize = 2_000;

pub fn read(text: &str, notes: &mut Notes) -> Result<Vec<Inventory>, Refused> {
    let mut reader = Reader::from_str(text);
    let (mut hosts, mut host, mut port) = (Vec::new(), None::<Inventory>, None::<Service>);
    let (mut seen, mut open, mut given_up, mut tried) = (false, false, false, Vec::new());
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            // A scan that was stopped leaves its file unfinished: what is there stands.
            Err(_) if seen => {
                let at = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
                let before = text.get(..at).unwrap_or(text);
                notes.add(Some(before.lines().count()), "", Why::Cut);
                break;
            }
            Err(_) => return Err(Refused::Broken(None)),
        };
        match event {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "nmaprun" => seen = true,
                "scaninfo" => tried.extend(tried_ports(&tag)),
                "host" if seen => {
                    if hosts.len() >= ITEMS {
                        notes.add(None, "", Why::TooMany);
                        break;
                    }
                    hosts.extend(host.take());
                    host = Some(Inventory::default());
                    given_up = attribute(&tag, "timedout").as_deref() == Some("true");
                }
                "status" if attribute(&tag, "state").as_deref() == Some("down") => given_up = true,
                // Whoever was looked at has this, however many of its ports were open.
                "ports" if !given_up => {
                    if let Some(host) = &mut host {
                        host.scanned.clone_from(&tried);
                    }
                }
                "port" => {
                    open = false;
                    port = attribute(&tag, "portid").and_then(|p| p.parse().ok()).map(|number| Service {
                        port: number,
                        protocol: attribute(&tag, "protocol").unwrap_or_else(|| "tcp".into()),
                        ..Service::default()
                    });
                }
                "state" if port.is_some() => open = attribute(&tag, "state").as_deref() == Some("open"),
                _ => inside(&tag, host.as_mut(), port.as_mut()),
            },
            Event::End(tag) if tag.local_name().as_ref() == "port" => {
                if let (Some(host), Some(port), true) = (host.as_mut(), port.take(), open) {
                    host.services.push(port);
                }
            }
            Event::End(tag) if tag.local_name().as_ref() == "host" => hosts.extend(host.take()),
            Event::Eof => break,
            _ => {}
        }
    }
    // Of a host at which the file breaks off nothing may be known yet.
    hosts.extend(host.filter(|host| *host != Inventory::default()));
    if !seen {
        return Err(Refused::Unknown(Looks::Other));
    }
    for host in &mut hosts {
        // Without a name, an address is what it is called by.
        if host.host.is_none() {
            host.host = host.addresses.first().cloned();
        }
    }
    Ok(hosts)
}

/// The TCP ports that a scan tries which can tell open from closed: `1,3-4,3389`.
fn tried_ports(tag: &BytesStart<'_>) -> Vec<Ports> {
    let is = |name: &str, one_of: &[&str]| attribute(tag, name).is_some_and(|v| one_of.contains(&v.as_str()));
    if !is("protocol", &["tcp"]) || !is("type", &["syn", "connect"]) {
        return Vec::new();
    }
    let list = attribute(tag, "services").unwrap_or_default();
    let range = |part: &str| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        Some(Ports { from: from.trim().parse().ok()?, to: to.trim().parse().ok()? })
    };
    list.split(',').filter_map(range).filter(|p| p.from <= p.to).take(ITEMS).collect()
}

fn inside(tag: &BytesStart<'_>, host: Option<&mut Inventory>, port: Option<&mut Service>) {
    let Some(host) = host else { return };
    match (tag.local_name().as_ref(), port) {
        ("address", _) if attribute(tag, "addrtype").as_deref() != Some("mac") => {
            host.addresses.extend(attribute(tag, "addr"));
        }
        ("hostname", _) if host.host.is_none() => host.host = attribute(tag, "name"),
        ("service", Some(port)) => {
            port.name = attribute(tag, "name");
            port.product = attribute(tag, "product");
            port.version = attribute(tag, "version");
        }
        ("script", port) => {
            let output = attribute(tag, "output").unwrap_or_default();
            let cves = super::scanner::cves(&output);
            let id = attribute(tag, "id").unwrap_or_default();
            let told = telling(&id, &output);
            if output.contains("VULNERABLE") || !cves.is_empty() || told != Told::Nothing {
                host.reported.push(Reported {
                    scanner: "nmap".into(),
                    title: id.clone(),
                    check: Some(id),
                    cves,
                    port: port.map(|p| p.port),
                    detail: (told == Told::Words).then(|| output.chars().take(DETAIL).collect()),
                    ..Reported::default()
                });
            }
        }
        _ => {}
    }
}

/// What the finding of a script is worth to whoever judges weaknesses.
#[derive(PartialEq, Eq)]
enum Told {
    Nothing,
    /// That it found something is all; its words hold passwords, and are left out.
    Found,
    /// Its words tell.
    Words,
}

fn telling(id: &str, output: &str) -> Told {
    let found = match id {
        "ssl-cert" | "http-title" => return Told::Words,
        "http-default-accounts" => output.contains("] at "),
        "ftp-anon" => output.contains("login allowed"),
        _ if id.ends_with("-brute") => output.contains("Valid credentials"),
        _ if id.ends_with("-empty-password") => {
            output.contains("empty password") || output.contains("Login Success")
        }
        _ => false,
    };
    if found { Told::Found } else { Told::Nothing }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.try_get_attribute(name).ok()??;
    let raw = found.value.into_owned();
    let text = quick_xml::escape::unescape(&raw).map(std::borrow::Cow::into_owned).unwrap_or(raw);
    (!text.is_empty()).then_some(text)
}
