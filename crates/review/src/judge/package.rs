//! Packages: a distribution's by its own feed and its own order, back-ports included; libraries by OSV's ranges.

use domain::inventory::{Inventory, Package};

use super::{
    Because, Finding, Reason, State,
    knowledge::base,
    range::{Place, Told, place},
};
use crate::{
    advisory::{Advisory, PackageStatement, Statement, Status},
    inventory::release_ecosystem,
    version::Scheme,
};

/// Ecosystems that are a whole system: a host that runs another has none of their packages.
const SYSTEMS: &[&str] = &[
    "Debian",
    "Ubuntu",
    "Alpine",
    "AlmaLinux",
    "Rocky Linux",
    "Red Hat",
    "openSUSE",
    "SUSE",
    "Oracle",
    "Fedora",
    "Amazon",
    "openEuler",
    "Mageia",
    "Wolfi",
    "Chainguard",
    "MinimOS",
    "Alpaquita",
];

/// Archives of Java are its packages.
const MAVEN: &str = "Maven";

/// What an archive of Java is called that does not say itself what it is: its file's name without the version. Spring's
/// own archives are such.
pub(super) fn archive(package: &Package) -> Option<&str> {
    let path = package.path.as_deref().filter(|_| package.ecosystem.is_none())?;
    let (_, ending) = path.rsplit_once('.')?;
    ["jar", "war", "ear"].iter().any(|e| ending.eq_ignore_ascii_case(e)).then_some(package.name.as_str())
}

/// The second half of `group:artifact`.
pub(super) fn artifact(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

pub fn judge(host: &Inventory, advisory: &Advisory) -> Vec<Finding> {
    let statements: Vec<&PackageStatement> = advisory
        .statements
        .iter()
        .filter_map(|s| match s {
            Statement::Package(it) => Some(it),
            _ => None,
        })
        .collect();
    let mut found = Vec::new();
    // All that is said of one package counts together: it may lie behind one range and in another.
    for package in &host.packages {
        let about: Vec<&PackageStatement> = statements.iter().copied().filter(|s| is(package, s)).collect();
        if !about.is_empty() {
            found.push(one(package, &about));
        }
    }
    if found.is_empty() {
        found.extend(statements.iter().map(|statement| absent(host, statement)));
    }
    found
}

fn is(package: &Package, statement: &PackageStatement) -> bool {
    let Some(ecosystem) = package.ecosystem.as_deref() else {
        return base(&statement.ecosystem) == MAVEN && archive(package) == Some(artifact(&statement.name));
    };
    let named = match package.source.as_deref() {
        // Distributions of Debian's kind speak of source packages.
        Some(source) if Scheme::of_ecosystem(ecosystem) == Some(Scheme::Dpkg) => source == statement.name,
        source => package.name == statement.name || source == Some(statement.name.as_str()),
    };
    named && same_release(ecosystem, &statement.ecosystem)
}

/// `Ubuntu:22.04` is `Ubuntu:22.04:LTS` and `Ubuntu:Pro:22.04:LTS`; `Red Hat:9` is `Red Hat:enterprise_linux:9::appstream`.
fn same_release(own: &str, said: &str) -> bool {
    if base(own) != base(said) {
        return false;
    }
    let release = |text: &str| -> Option<String> {
        let parts = text.split(':').skip(1);
        let number =
            parts.map(|p| p.trim_start_matches('v')).find(|p| p.starts_with(|c: char| c.is_ascii_digit()))?;
        // Red Hat's feeds speak of minor releases; packages of one major release are one line.
        let major = matches!(base(text), "Red Hat" | "AlmaLinux" | "Rocky Linux" | "Oracle");
        Some(if major { number.split('.').next().unwrap_or(number).to_owned() } else { number.to_owned() })
    };
    match (release(own), release(said)) {
        (Some(a), Some(b)) => a == b,
        // A feed that names no release speaks of all.
        (_, None) => true,
        (None, Some(_)) => false,
    }
}

fn one(package: &Package, statements: &[&PackageStatement]) -> Finding {
    let by_source = package.source.as_deref().is_some_and(|s| statements.iter().any(|st| st.name == s));
    let version = match &package.source_version {
        Some(version) if by_source => version.as_str(),
        _ => package.version.as_str(),
    };
    let name = package.name.as_str();
    let told = Told { version, epoch: package.epoch_known };
    let mut finding = match version.is_empty() {
        true => Finding::new(State::Unknown, Because::new(Reason::NoVersion, [("package", name)])),
        false => place_in(name, told, statements),
    };
    // A file's name is vouched for by nobody.
    finding.weak = package.ecosystem.is_none();
    if let Some(path) = &package.path {
        finding.because.push(Because::new(Reason::Lies, [("package", name), ("path", path.as_str())]));
    }
    finding
}

fn place_in(name: &str, told: Told<'_>, statements: &[&PackageStatement]) -> Finding {
    let facts = [("package", name), ("version", told.version)];
    let (mut fixed, mut outside, mut looks) = (None, false, false);
    for statement in statements {
        let scheme = Scheme::of_ecosystem(&statement.ecosystem);
        let named = statement.versions.iter().any(|v| match scheme {
            Some(scheme) => told.compare(scheme, v).is_eq(),
            None => v == told.version,
        });
        let everything = statement.versions.is_empty() && statement.ranges.is_empty();
        match statement.status {
            Status::NotAffected if named || everything => {
                let because = Because::new(Reason::IssuerSaysNot, [("product", name)]);
                return Finding::new(State::NotAffected, because);
            }
            Status::Investigating => looks |= named || everything,
            Status::NotAffected => {}
            Status::Affected => {
                for range in &statement.ranges {
                    match place(told, range) {
                        Place::Affected(end) => {
                            let end_text = end.clone().unwrap_or_default();
                            let facts =
                                [("package", name), ("version", told.version), ("fixed", end_text.as_str())];
                            let because = Because::new(Reason::InRange, facts);
                            let fix = end.map(|end| format!("{} {end}", statement.name));
                            return Finding { fix, ..Finding::new(State::Affected, because) };
                        }
                        Place::Fixed(at) => fixed = Some(at),
                        Place::Outside => outside = true,
                        Place::NoOrder => {}
                    }
                }
                if named {
                    return Finding::new(State::Affected, Because::new(Reason::NamedVersion, facts));
                }
                outside |= statement.ranges.is_empty() && !statement.versions.is_empty();
            }
        }
    }
    if looks {
        return Finding::new(State::Unknown, Because::new(Reason::IssuerLooks, [("product", name)]));
    }
    if let Some(at) = fixed {
        let facts = [("package", name), ("version", told.version), ("fixed", at.as_str())];
        return Finding::new(State::Fixed, Because::new(Reason::HasFix, facts));
    }
    if outside {
        return Finding::new(State::NotAffected, Because::new(Reason::OutsideRange, facts));
    }
    Finding::new(State::Unknown, Because::new(Reason::NoOrder, facts))
}

/// None of the host's packages is meant: it has none, or nobody said which it has.
fn absent(host: &Inventory, statement: &PackageStatement) -> Finding {
    let wanted = base(&statement.ecosystem);
    let facts = [("ecosystem", statement.ecosystem.as_str()), ("package", statement.name.as_str())];
    let own = host.os.as_ref().filter(|os| !os.name.is_empty() || os.edition.is_some() || os.build.is_some());
    if let (Some(os), true) = (own, SYSTEMS.contains(&wanted)) {
        let full = release_ecosystem(os);
        if !full.as_deref().is_some_and(|full| same_release(full, &statement.ecosystem)) {
            return Finding::elsewhere(State::NotAffected, Because::new(Reason::OtherSystem, facts));
        }
    }
    let listed = wanted == MAVEN && host.jars_listed
        || host.packages.iter().any(|p| p.ecosystem.as_deref().is_some_and(|e| base(e) == wanted));
    match listed {
        true => Finding::elsewhere(State::NotAffected, Because::new(Reason::NotInstalled, facts)),
        false => Finding::elsewhere(State::Unknown, Because::new(Reason::NoPackages, facts)),
    }
}
