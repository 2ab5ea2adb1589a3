//! Migrations come in pairs: the same number and name for SQLite and PostgreSQL, counted 0001, 0002, … without a gap.

use std::collections::BTreeMap;

use super::{Finding, tree::File};

const ENGINES: [&str; 2] = ["sqlite", "postgres"];
const FOLDER: &str = "crates/store/migrations/";

pub fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut names: BTreeMap<&str, [Option<&str>; ENGINES.len()]> = BTreeMap::new();
    for file in files {
        let Some((engine, name)) = file.path.strip_prefix(FOLDER).and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        match (ENGINES.iter().position(|known| *known == engine), number(name)) {
            (Some(at), Some(_)) => {
                if let Some(slot) = names.entry(name).or_default().get_mut(at) {
                    *slot = Some(&file.path);
                }
            }
            (None, _) => findings.push(Finding::error(
                &file.path,
                0,
                format!("no engine is called {engine}"),
                "migrations lie in sqlite/ and postgres/",
            )),
            (_, None) => findings.push(Finding::error(
                &file.path,
                0,
                "not the name of a migration",
                "call it NNNN_name.sql: four digits, then lower case letters, digits and _",
            )),
        }
    }
    let mut expected = 0;
    for (name, places) in &names {
        let here = places.iter().flatten().next().copied().unwrap_or(FOLDER);
        expected += 1;
        if number(name) != Some(expected) {
            findings.push(Finding::error(
                here,
                0,
                format!("expected number {expected:04}"),
                "number migrations 0001, 0002, … with no gap and no number twice",
            ));
            expected = number(name).unwrap_or(expected);
        }
        for (engine, place) in ENGINES.iter().zip(places) {
            if place.is_none() {
                findings.push(Finding::error(
                    here,
                    0,
                    format!("{engine} has no migration of this name"),
                    format!("write {FOLDER}{engine}/{name} too, even if it does nothing there"),
                ));
            }
        }
    }
    findings
}

/// The number of `NNNN_name.sql`, or `None` for any other name.
fn number(name: &str) -> Option<u32> {
    let (digits, rest) = name.strip_suffix(".sql")?.split_once('_')?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let well_formed = digits.len() == 4
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !rest.is_empty()
        && rest.chars().all(plain);
    if well_formed { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(paths: &[&str]) -> Vec<String> {
        let files: Vec<File> = paths.iter().map(|path| File::of(&format!("{FOLDER}{path}"), "")).collect();
        check(&files).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn pairs_without_gaps_are_fine() {
        let paths = [
            "sqlite/0001_bodies.sql",
            "postgres/0001_bodies.sql",
            "sqlite/0002_a2.sql",
            "postgres/0002_a2.sql",
        ];
        assert_eq!(found(&paths), [""; 0]);
    }

    #[test]
    fn a_lonely_migration_is_found() {
        assert_eq!(found(&["sqlite/0001_bodies.sql"]), ["postgres has no migration of this name"]);
    }

    #[test]
    fn a_gap_is_found_once() {
        let paths = ["sqlite/0001_a.sql", "postgres/0001_a.sql", "sqlite/0003_c.sql", "postgres/0003_c.sql"];
        assert_eq!(found(&paths), ["expected number 0002"]);
    }

    #[test]
    fn a_number_used_twice_is_found() {
        let paths = ["sqlite/0001_a.sql", "postgres/0001_a.sql", "sqlite/0001_b.sql", "postgres/0001_b.sql"];
        assert_eq!(found(&paths), ["expected number 0002"]);
    }

    #[test]
    fn other_names_and_engines_are_found() {
        assert_eq!(found(&["sqlite/1_a.sql"]), ["not the name of a migration"]);
        assert_eq!(found(&["mysql/0001_a.sql"]), ["no engine is called mysql"]);
    }
}
