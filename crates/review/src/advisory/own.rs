//! What an agency wrote itself, in the form of all others.

use domain::own::{Own, Product};
use jiff::civil::Date;

use super::{Advisory, Event, NamedStatement, PackageStatement, Range, Source, Statement};
use crate::version::Scheme;

/// An agency's own warning as an advisory: `number` is its own, `on` its day.
#[must_use]
pub fn own(number: &str, on: Date, own: &Own, withdrawn: bool) -> Advisory {
    let fix = own.fix.trim();
    Advisory {
        id: number.to_owned(),
        aliases: own.numbers.clone(),
        title: own.title.trim().to_owned(),
        source: Source::Own,
        document: number.to_owned(),
        published: Some(on.to_string()),
        withdrawn,
        severity: Some(own.severity.name().to_owned()),
        score: None,
        fix: (!fix.is_empty()).then(|| fix.to_owned()),
        statements: own.products.iter().map(statement).collect(),
    }
}

fn statement(of: &Product) -> Statement {
    let mut events = vec![Event::Introduced(of.from.clone().unwrap_or_else(|| "0".into()))];
    events.extend(of.fixed.clone().map(Event::Fixed));
    events.extend(of.last.clone().map(Event::LastAffected));
    let name = of.name.trim().to_owned();
    match &of.ecosystem {
        Some(ecosystem) => Statement::Package(PackageStatement {
            ranges: vec![Range { scheme: Scheme::of_ecosystem(ecosystem), events }],
            ecosystem: ecosystem.clone(),
            name,
            ..PackageStatement::default()
        }),
        None => Statement::Named(NamedStatement {
            vendor: of.vendor.trim().to_owned(),
            product: name,
            ranges: vec![Range { scheme: Some(Scheme::Generic), events }],
            ..NamedStatement::default()
        }),
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        flaw::Grade,
        inventory::{Inventory, Package},
    };

    use super::*;
    use crate::judge::{Knowledge, State, judge};

    fn of(product: Product) -> Own {
        Own {
            title: "Lỗ hổng".into(),
            text: String::new(),
            numbers: vec![],
            products: vec![product],
            weaknesses: vec![],
            severity: Grade::High,
            fix: "Liên hệ nhà cung cấp".into(),
            due: None,
        }
    }

    fn state(own_: &Own, package: Package, withdrawn: bool) -> (State, Option<String>) {
        let advisory = own("CB-2026-0001", jiff::civil::date(2026, 4, 20), own_, withdrawn);
        let host = Inventory { packages: vec![package], ..Inventory::default() };
        let verdict = judge(&host, &advisory, &Knowledge::default());
        (verdict.state, verdict.fix)
    }

    #[test]
    fn a_program_is_judged_by_the_versions_an_agency_names() {
        let named = of(Product { name: "Mot Cua".into(), fixed: Some("4.2".into()), ..Product::default() });
        let program = |v: &str| Package { name: "Mot Cua".into(), version: v.into(), ..Package::default() };
        assert_eq!(state(&named, program("4.1.9"), false), (State::Affected, Some("Mot Cua 4.2".into())));
        assert_eq!(state(&named, program("4.2"), false).0, State::Fixed);
        assert_eq!(state(&named, program("4.1.9"), true).0, State::NotAffected, "taken back");
        let last = of(Product { name: "Mot Cua".into(), last: Some("4.1".into()), ..Product::default() });
        let told = state(&last, program("4.1"), false);
        assert_eq!(
            told,
            (State::Affected, Some("Liên hệ nhà cung cấp".into())),
            "no version mends it: the words do"
        );
        assert_eq!(state(&last, program("4.2"), false).0, State::NotAffected);
    }

    #[test]
    fn a_package_is_judged_by_the_order_of_its_ecosystem() {
        let named = of(Product {
            ecosystem: Some("Debian:12".into()),
            name: "nginx".into(),
            fixed: Some("1.22.1-9+deb12u2".into()),
            ..Product::default()
        });
        let package = |version: &str| Package {
            ecosystem: Some("Debian:12".into()),
            name: "nginx".into(),
            version: version.into(),
            epoch_known: true,
            ..Package::default()
        };
        assert_eq!(state(&named, package("1.22.1-9"), false).0, State::Affected);
        assert_eq!(state(&named, package("1.22.1-9+deb12u2"), false).0, State::Fixed);
    }
}
