//! CVE records, version 5.

use serde_json::Value;

use super::{
    Advisory, Event, Fix, MicrosoftStatement, NamedStatement, PackageStatement, Product, Range, Source,
    Statement, Status, grade,
};
use crate::{
    inventory::{list, text},
    purl::Purl,
    version::Scheme,
};

pub fn read(value: &Value) -> Option<Advisory> {
    let meta = value.get("cveMetadata")?;
    let cna = value.pointer("/containers/cna")?;
    let metrics = list(cna, "metrics").iter().chain(
        value
            .pointer("/containers/adp")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .flat_map(|a| list(a, "metrics")),
    );
    let cvss = metrics
        .filter_map(|m| ["cvssV4_0", "cvssV3_1", "cvssV3_0"].iter().find_map(|k| m.get(*k)))
        .find(|c| c.get("baseScore").is_some());
    let description = list(cna, "descriptions").first().and_then(|d| text(d, "value"));
    let mut statements: Vec<Statement> = Vec::new();
    for affected in list(cna, "affected") {
        product(affected, &mut statements);
    }
    Some(Advisory {
        id: text(meta, "cveId")?.to_owned(),
        title: text(cna, "title").or(description).unwrap_or_default().chars().take(300).collect(),
        source: Source::CveRecord,
        published: text(meta, "datePublished").map(str::to_owned),
        withdrawn: text(meta, "state") == Some("REJECTED"),
        severity: cvss.and_then(|c| text(c, "baseSeverity")).and_then(grade),
        score: cvss.and_then(|c| c.get("baseScore")).and_then(Value::as_f64),
        statements,
        ..Advisory::default()
    })
}

fn product(value: &Value, statements: &mut Vec<Statement>) {
    let (vendor, name) =
        (text(value, "vendor").unwrap_or_default(), text(value, "product").unwrap_or_default());
    if vendor.eq_ignore_ascii_case("microsoft") {
        return microsoft(value, name, statements);
    }
    let (ranges, versions) = ranges(value, None);
    let package = text(value, "packageURL").and_then(|p| Purl::parse(p).ok()).and_then(|p| p.package());
    if let Some((ecosystem, name)) = package {
        let scheme = Scheme::of_ecosystem(ecosystem);
        let ranges = ranges.into_iter().map(|r| Range { scheme, ..r }).collect();
        let ecosystem = ecosystem.to_owned();
        let statement = PackageStatement { ecosystem, name, ranges, versions, status: Status::Affected };
        statements.push(Statement::Package(statement));
    } else if !name.is_empty() && !matches!(name, "n/a" | "unspecified") {
        let (vendor, product) = (vendor.to_owned(), name.to_owned());
        let statement = NamedStatement { vendor, product, ranges, versions, status: Status::Affected };
        statements.push(Statement::Named(statement));
    }
}

/// A build that is `lessThan` is the one that mends; the platforms belong to the product's name.
fn microsoft(value: &Value, name: &str, statements: &mut Vec<Statement>) {
    let fixes: Vec<Fix> = list(value, "versions")
        .iter()
        .filter(|v| text(v, "status") != Some("unaffected"))
        .filter_map(|v| text(v, "lessThan"))
        .filter(|build| build.starts_with(|c: char| c.is_ascii_digit()))
        .map(|build| Fix { build: Some(build.to_owned()), cumulative: true, ..Fix::default() })
        .collect();
    let platforms: Vec<&str> = list(value, "platforms").iter().filter_map(Value::as_str).collect();
    let named: Vec<String> = platforms
        .iter()
        .filter(|p| p.to_lowercase().ends_with("systems"))
        .map(|platform| with_platform(name, platform))
        .collect();
    let names = if named.is_empty() { vec![name.to_owned()] } else { named };
    for name in names {
        let product = Product::new(&name);
        statements.push(Statement::Microsoft(MicrosoftStatement {
            product,
            fixes: fixes.clone(),
            status: Status::Affected,
        }));
    }
}

/// `Windows Server 2008 R2 Service Pack 1` is written with the platform before the service pack.
fn with_platform(name: &str, platform: &str) -> String {
    let (name, core) = match name.split_once(" (Server Core") {
        Some((name, _)) => (name, " (Server Core installation)"),
        None => (name, ""),
    };
    match name.split_once(" Service Pack ") {
        Some((name, pack)) => format!("{name} for {platform} Service Pack {}{core}", pack.trim()),
        None => format!("{} for {platform}{core}", name.trim()),
    }
}

fn ranges(value: &Value, scheme: Option<Scheme>) -> (Vec<Range>, Vec<String>) {
    let (mut ranges, mut versions) = (Vec::new(), Vec::new());
    for version in list(value, "versions").iter().filter(|v| text(v, "status") == Some("affected")) {
        let of = |key: &str| text(version, key).filter(|v| !matches!(*v, "unspecified" | "n/a" | "*"));
        let end = of("lessThan")
            .map(|v| Event::Fixed(v.to_owned()))
            .or_else(|| of("lessThanOrEqual").map(|v| Event::LastAffected(v.to_owned())));
        let scheme = match text(version, "versionType") {
            Some("semver") => Some(Scheme::Semver),
            Some("maven") => Some(Scheme::Maven),
            Some("python") => Some(Scheme::Pypi),
            Some("rpm") => Some(Scheme::Rpm),
            _ => scheme.or(Some(Scheme::Generic)),
        };
        match end {
            Some(end) => {
                let from = of("version").unwrap_or("0");
                ranges.push(Range { scheme, events: vec![Event::Introduced(from.to_owned()), end] });
            }
            None => versions.extend(of("version").map(str::to_owned)),
        }
    }
    (ranges, versions)
}
