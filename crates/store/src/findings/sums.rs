//! Findings counted up by host: all of them, and those of each warning. Kept by whoever changes a finding, so that pages
//! of ten thousand machines add up some rows a machine instead of reading every finding.

use std::collections::{BTreeMap, HashMap};

use domain::id::{Id, kind};

use super::{
    keep::{Row, Rows},
    warned::Warned,
};
use crate::{Query, StoreError, Tx};

/// Rows of one insert, of nine values each.
const AT_ONCE: usize = 400;

/// Warning, shelf, state, severity, due.
type Key = (String, i64, &'static str, &'static str, i64);
/// The same, as the records have it: words of lists that may have grown since.
type KeptKey = (String, i64, String, String, i64);
/// Findings, and of these two kinds.
type Figures = (i64, i64, i64);
/// A host whose sums are to be written: of its findings, of its fixes.
type Fresh = (Id<kind::Host>, Sums, bool, bool);
/// Warning and fix.
type FixKey = (String, String);

/// What the findings of one host come to.
#[derive(Default, PartialEq, Eq)]
struct Sums {
    /// Findings, of these worked around, of these ever found open.
    flaws: BTreeMap<Key, Figures>,
    /// Findings, exploited ones, the earliest deadline.
    fixes: BTreeMap<FixKey, Figures>,
}

impl Sums {
    fn of(body: Id<kind::Body>, rows: &Rows, warned: &Warned) -> Self {
        let mut it = Self::default();
        for (flaw, row) in rows {
            it.add("", row);
            for warning in warned.naming(body, flaw) {
                it.add(&warning.to_string(), row);
            }
        }
        it
    }

    fn add(&mut self, warning: &str, row: &Row) {
        let state = row.standing.state;
        let key = (warning.to_owned(), row.shelf(), state.name(), row.severity.name(), row.due());
        let of = self.flaws.entry(key).or_default();
        of.0 += 1;
        of.1 += i64::from(row.around);
        of.2 += i64::from(row.standing.first_seen.is_some());
        if state.is_open() && !row.around {
            let key = (warning.to_owned(), row.fix.clone().unwrap_or_default());
            let of = self.fixes.entry(key).or_insert((0, 0, i64::MAX));
            of.0 += 1;
            of.1 += i64::from(row.exploited);
            of.2 = of.2.min(row.due());
        }
    }
}

/// Brings the sums of those hosts up to date; only what is different is written.
pub(super) async fn keep(
    tx: &mut Tx,
    hosts: &[(Id<kind::Host>, Id<kind::Body>, &Rows)],
    warned: &Warned,
) -> Result<(), StoreError> {
    let mut before = standing(tx, hosts).await?;
    let mut fresh: Vec<Fresh> = Vec::new();
    for (host, body, rows) in hosts {
        let new = Sums::of(*body, rows, warned);
        let old = before.remove(host).unwrap_or_default();
        let (flaws, fixes) = (!old.flaws_are(&new), !old.fixes_are(&new));
        if flaws || fixes {
            fresh.push((*host, new, flaws, fixes));
        }
    }
    let of =
        |which: fn(&Fresh) -> bool| fresh.iter().filter(|it| which(it)).map(|it| it.0).collect::<Vec<_>>();
    for (delete, hosts) in [
        ("delete from flaw_sum where host in", of(|it| it.2)),
        ("delete from fix_sum where host in", of(|it| it.3)),
    ] {
        if !hosts.is_empty() {
            let mut query = Query::new(delete);
            query.list(hosts);
            query.exec(tx).await?;
        }
    }
    let rows: Vec<_> =
        fresh.iter().filter(|it| it.2).flat_map(|it| it.1.flaws.iter().map(|row| (it.0, row))).collect();
    for part in rows.chunks(AT_ONCE) {
        let mut query = Query::new(
            "insert into flaw_sum (host, warning, shelf, state, severity, due, n, around, seen) values",
        );
        for (n, (host, ((warning, shelf, state, severity, due), (all, around, seen)))) in
            part.iter().enumerate()
        {
            query.push(if n == 0 { "(" } else { ",(" }).bind(*host).push(",").bind(warning.as_str());
            query
                .push(",")
                .bind(*shelf)
                .push(",")
                .bind(*state)
                .push(",")
                .bind(*severity)
                .push(",")
                .bind(*due);
            query.push(",").bind(*all).push(",").bind(*around).push(",").bind(*seen).push(")");
        }
        query.exec(tx).await?;
    }
    let rows: Vec<_> =
        fresh.iter().filter(|it| it.3).flat_map(|it| it.1.fixes.iter().map(|row| (it.0, row))).collect();
    for part in rows.chunks(AT_ONCE) {
        let mut query = Query::new("insert into fix_sum (host, warning, fix, n, exploited, due) values");
        for (n, (host, ((warning, fix), (all, exploited, due)))) in part.iter().enumerate() {
            query.push(if n == 0 { "(" } else { ",(" }).bind(*host).push(",").bind(warning.as_str());
            query.push(",").bind(fix.as_str()).push(",").bind(*all).push(",").bind(*exploited);
            query.push(",").bind(*due).push(")");
        }
        query.exec(tx).await?;
    }
    Ok(())
}

/// Sums as they stand in the records, of words whose lists may have grown since.
#[derive(Default)]
struct Old {
    flaws: BTreeMap<KeptKey, Figures>,
    fixes: BTreeMap<FixKey, Figures>,
}

impl Old {
    fn flaws_are(&self, new: &Sums) -> bool {
        self.flaws.len() == new.flaws.len()
            && self.flaws.iter().zip(&new.flaws).all(|((a, n), (b, m))| {
                (a.0.as_str(), a.1, a.2.as_str(), a.3.as_str(), a.4) == (b.0.as_str(), b.1, b.2, b.3, b.4)
                    && n == m
            })
    }
    fn fixes_are(&self, new: &Sums) -> bool {
        self.fixes == new.fixes
    }
}

async fn standing(
    tx: &mut Tx,
    hosts: &[(Id<kind::Host>, Id<kind::Body>, &Rows)],
) -> Result<HashMap<Id<kind::Host>, Old>, StoreError> {
    let mut found: HashMap<Id<kind::Host>, Old> = HashMap::new();
    let mut query = Query::new(
        "select host, warning, shelf, state, severity, due, n, around, seen from flaw_sum where host in",
    );
    query.list(hosts.iter().map(|(host, ..)| *host));
    for r in query.rows(tx).await? {
        let key = (r.text("warning")?, r.int("shelf")?, r.text("state")?, r.text("severity")?, r.int("due")?);
        let sums = (r.int("n")?, r.int("around")?, r.int("seen")?);
        found.entry(r.id("host")?).or_default().flaws.insert(key, sums);
    }
    let mut query = Query::new("select host, warning, fix, n, exploited, due from fix_sum where host in");
    query.list(hosts.iter().map(|(host, ..)| *host));
    for r in query.rows(tx).await? {
        let key = (r.text("warning")?, r.text("fix")?);
        let sums = (r.int("n")?, r.int("exploited")?, r.int("due")?);
        found.entry(r.id("host")?).or_default().fixes.insert(key, sums);
    }
    Ok(found)
}
