//! MISP's JSON: an event, several of them, what a search answers, a bare list of attributes.

use domain::request::filter::Why;
use serde::Deserialize;

use super::{Taker, Unreadable};

#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    Many(Vec<Wrapped>),
    One(Box<Wrapped>),
}

#[derive(Deserialize)]
struct Wrapped {
    #[serde(rename = "Event", default)]
    event: Option<Event>,
    #[serde(rename = "Attribute", default)]
    attributes: Vec<Attribute>,
    #[serde(default)]
    response: Option<Box<File>>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Attribute", default)]
    attributes: Vec<Attribute>,
    #[serde(rename = "Object", default)]
    objects: Vec<Object>,
}

#[derive(Deserialize)]
struct Object {
    #[serde(rename = "Attribute", default)]
    attributes: Vec<Attribute>,
    #[serde(default)]
    deleted: bool,
}

#[derive(Deserialize)]
struct Attribute {
    #[serde(rename = "type")]
    kind: String,
    value: String,
    #[serde(default = "yes")]
    to_ids: bool,
    #[serde(default)]
    deleted: bool,
}

const fn yes() -> bool {
    true
}

pub(super) fn read(text: &str, taker: &mut Taker<'_>) -> Result<(), Unreadable> {
    let file: File = serde_json::from_str(text).map_err(|e| Unreadable(e.to_string()))?;
    let mut place = 0;
    if !walk(&file, &mut place, taker) {
        return Err(Unreadable("Event, Attribute, response".to_owned()));
    }
    Ok(())
}

/// Whether there was anything of MISP's in it.
fn walk(file: &File, place: &mut usize, taker: &mut Taker<'_>) -> bool {
    let one = std::slice::from_ref::<Wrapped>;
    let all = match file {
        File::Many(all) => all.as_slice(),
        File::One(wrapped) => one(wrapped),
    };
    let mut known = false;
    for wrapped in all {
        known |= wrapped.event.is_some() || !wrapped.attributes.is_empty() || wrapped.response.is_some();
        if let Some(event) = &wrapped.event {
            event.attributes.iter().for_each(|a| attribute(a, false, place, taker));
            for object in &event.objects {
                object.attributes.iter().for_each(|a| attribute(a, object.deleted, place, taker));
            }
        }
        wrapped.attributes.iter().for_each(|a| attribute(a, false, place, taker));
        if let Some(more) = &wrapped.response {
            walk(more, place, taker);
        }
    }
    known
}

fn attribute(a: &Attribute, gone: bool, place: &mut usize, taker: &mut Taker<'_>) {
    *place += 1;
    if gone || a.deleted || !a.to_ids {
        taker.report.passed += 1;
        return;
    }
    // `filename|sha256`, `ip-dst|port`, `domain|ip`: which of the two halves can be looked for.
    let halves: Vec<(&str, &str)> = a.kind.split('|').zip(a.value.split('|')).collect();
    let wanted = |kind: &str| {
        matches!(
            kind,
            "md5" | "sha1" | "sha256" | "ip-src" | "ip-dst" | "ip" | "domain" | "hostname" | "url" | "uri"
        )
    };
    if !halves.iter().any(|(kind, _)| wanted(kind)) {
        taker.report.passed += 1;
        return;
    }
    if a.kind.split('|').count() != a.value.split('|').count() && a.kind.contains('|') {
        return taker.fault(*place, &a.value, Why::Unreadable);
    }
    for (_, value) in halves.iter().filter(|(kind, _)| wanted(kind)) {
        taker.take(*place, value, None);
    }
}
