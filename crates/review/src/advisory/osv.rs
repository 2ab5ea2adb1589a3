//! OSV, all ecosystems.

use serde_json::Value;

use super::{Advisory, Event, PackageStatement, Range, Source, Statement, Status, grade, grade_of};
use crate::{
    inventory::{list, text},
    version::Scheme,
};

pub fn read(value: &Value) -> Option<Advisory> {
    let id = text(value, "id")?.to_owned();
    let mut aliases: Vec<String> = Vec::new();
    for key in ["aliases", "upstream"] {
        for alias in list(value, key).iter().filter_map(Value::as_str) {
            if !aliases.iter().any(|a| a == alias) {
                aliases.push(alias.to_owned());
            }
        }
    }
    let score = list(value, "severity").iter().find_map(|s| score(text(s, "score")?));
    let graded = value.pointer("/database_specific/severity").and_then(Value::as_str).and_then(grade);
    Some(Advisory {
        id,
        aliases,
        title: text(value, "summary")
            .or_else(|| text(value, "details"))
            .unwrap_or_default()
            .chars()
            .take(300)
            .collect(),
        source: Source::Osv,
        published: text(value, "published").map(str::to_owned),
        withdrawn: text(value, "withdrawn").is_some(),
        severity: graded.or_else(|| score.and_then(grade_of)),
        score,
        statements: list(value, "affected").iter().filter_map(affected).map(Statement::Package).collect(),
        ..Advisory::default()
    })
}

fn affected(value: &Value) -> Option<PackageStatement> {
    let package = value.get("package")?;
    let ecosystem = text(package, "ecosystem")?;
    let scheme = Scheme::of_ecosystem(ecosystem);
    let ranges = list(value, "ranges").iter().filter(|r| text(r, "type") != Some("GIT"));
    let strings = list(value, "versions").iter().filter_map(Value::as_str);
    Some(PackageStatement {
        ecosystem: ecosystem.to_owned(),
        name: text(package, "name")?.to_owned(),
        ranges: ranges
            .map(|r| Range {
                scheme: if text(r, "type") == Some("SEMVER") { Some(Scheme::Semver) } else { scheme },
                events: list(r, "events").iter().filter_map(event).collect(),
            })
            .collect(),
        versions: strings.map(str::to_owned).collect(),
        status: Status::Affected,
    })
}

fn event(value: &Value) -> Option<Event> {
    let of = |key: &str| text(value, key).map(str::to_owned);
    of("introduced")
        .map(Event::Introduced)
        .or_else(|| of("fixed").map(Event::Fixed))
        .or_else(|| of("last_affected").map(Event::LastAffected))
}

/// A number as it is; vectors are not computed here.
fn score(text: &str) -> Option<f64> {
    text.parse().ok().filter(|s| (0.0..=10.0).contains(s))
}
