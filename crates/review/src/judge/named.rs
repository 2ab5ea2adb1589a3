//! Products known by name only: the last resort, and marked weak.

use domain::inventory::{Inventory, Package};

use super::{
    Because, Finding, Reason, State,
    range::{Place, Told, place},
};
use crate::advisory::{NamedStatement, Status};

/// What two writings of a product's name have in common: its words without vendor, version and platform.
pub fn key(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let plain = lower.split(['(', ',']).next().unwrap_or_default();
    let words = plain.split(|c: char| !c.is_alphanumeric() && c != '+' && c != '#' && c != '.');
    let kept: Vec<&str> = words
        .filter(|w| !w.is_empty() && !w.starts_with(|c: char| c.is_ascii_digit()))
        .filter(|w| !matches!(*w, "microsoft" | "the" | "for" | "version" | "x64" | "x86" | "inc" | "v"))
        .collect();
    (!kept.is_empty()).then(|| kept.join(" "))
}

/// Whether two names are of one product.
pub fn same(a: &str, b: &str) -> bool {
    matches!((key(a), key(b)), (Some(a), Some(b)) if a == b)
}

/// Whether a text of ASCII holds those small letters, large or small.
fn holds(text: &str, small: &str) -> bool {
    text.as_bytes().windows(small.len().max(1)).any(|w| w.eq_ignore_ascii_case(small.as_bytes()))
}

pub fn judge(host: &Inventory, statement: &NamedStatement) -> Finding {
    let programs = || host.packages.iter().filter(|p| p.ecosystem.is_none());
    // Asked of every program of every host: what is wanted is made once, and by most names it is seen at a glance.
    let wanted = key(&statement.product);
    let first = wanted.as_deref().and_then(|w| w.split(' ').next()).unwrap_or_default();
    let may_be = |name: &str| !name.is_ascii() || holds(name, first);
    let is = |p: &&Package| wanted.is_some() && may_be(&p.name) && key(&p.name) == wanted;
    let Some(program) = programs().find(is) else {
        let facts = [("package", statement.product.as_str()), ("product", statement.product.as_str())];
        let (state, reason) = match programs().next() {
            Some(_) => (State::NotAffected, Reason::NotInstalled),
            None => (State::Unknown, Reason::NotReported),
        };
        return Finding { weak: true, ..Finding::elsewhere(state, Because::new(reason, facts)) };
    };
    let (name, version) = (program.name.as_str(), program.version.as_str());
    let facts = |fixed: &str| {
        let of = [("package", name), ("version", version), ("fixed", fixed), ("product", name)];
        of.map(|(k, v)| (k, v.to_owned()))
    };
    let make = |state, reason, fixed: &str| {
        let of = facts(fixed);
        let because = Because::new(reason, of.each_ref().map(|(k, v)| (*k, v.as_str())));
        Finding { weak: true, ..Finding::new(state, because) }
    };
    match statement.status {
        Status::NotAffected => return make(State::NotAffected, Reason::IssuerSaysNot, ""),
        Status::Investigating => return make(State::Unknown, Reason::IssuerLooks, ""),
        Status::Affected => {}
    }
    if statement.versions.iter().any(|v| v == version) {
        return make(State::Affected, Reason::NamedVersion, "");
    }
    let told = Told { version, epoch: true };
    let mut best = None;
    for range in &statement.ranges {
        match place(told, range) {
            Place::Affected(end) => {
                let end = end.unwrap_or_default();
                return Finding {
                    fix: (!end.is_empty()).then(|| format!("{name} {end}")),
                    ..make(State::Affected, Reason::InRange, &end)
                };
            }
            Place::Fixed(at) => best = Some(make(State::Fixed, Reason::HasFix, &at)),
            Place::Outside if best.is_none() => {
                best = Some(make(State::NotAffected, Reason::OutsideRange, ""))
            }
            _ => {}
        }
    }
    best.unwrap_or_else(|| make(State::Unknown, Reason::NoOrder, ""))
}
