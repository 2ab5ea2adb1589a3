//! Nmap's XML: hosts, open ports, what answered on them.

use domain::inventory::{Inventory, Reported, Service};
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{ITEMS, Notes, Refused, Why};

pub fn read(text: &str, notes: &mut Notes) -> Result<Vec<Inventory>, Refused> {
    let mut reader = Reader::from_str(text);
    let (mut hosts, mut host, mut port) = (Vec::new(), None::<Inventory>, None::<Service>);
    let (mut seen, mut open) = (false, false);
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            // A scan that was stopped leaves its file unfinished: what is there stands.
            Err(_) if seen => {
                notes.add(None, "", Why::Form);
                break;
            }
            Err(error) => return Err(Refused::Broken(error.to_string())),
        };
        match event {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "nmaprun" => seen = true,
                "host" if seen => {
                    if hosts.len() >= ITEMS {
                        notes.add(None, "", Why::TooMany);
                        break;
                    }
                    hosts.extend(host.take());
                    host = Some(Inventory::default());
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
    hosts.extend(host);
    if !seen {
        return Err(Refused::Unknown);
    }
    for host in &mut hosts {
        // Without a name, an address is what it is called by.
        if host.host.is_none() {
            host.host = host.addresses.first().cloned();
        }
    }
    Ok(hosts)
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
            if output.contains("VULNERABLE") || !cves.is_empty() {
                host.reported.push(Reported {
                    scanner: "nmap".into(),
                    title: attribute(tag, "id").unwrap_or_default(),
                    check: attribute(tag, "id"),
                    cves,
                    port: port.map(|p| p.port),
                    ..Reported::default()
                });
            }
        }
        _ => {}
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.try_get_attribute(name).ok()??;
    let raw = found.value.into_owned();
    let text = quick_xml::escape::unescape(&raw).map(std::borrow::Cow::into_owned).unwrap_or(raw);
    (!text.is_empty()).then_some(text)
}
