//! Findings counted up by host: all of them, and those of each warning. Kept by whoever changes a finding, so that pages
//! of ten thousand machines add up some rows a machine instead of reading every finding.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    flaw::State,
    id::{Id, kind},
};
use jiff::Timestamp;

use super::{
    keep::{NEVER, Row, Rows},
    warned::{self, Warned},
};
use crate::{Query, Sql, StoreError, Tx};

/// Rows of one insert, of nine values each.
const AT_ONCE: usize = 400;

/// Warning, shelf, state, severity, due.
type Key = (String, i64, String, String, i64);
/// Findings, and of these two kinds.
type Figures = (i64, i64, i64);
/// Warning and fix.
type FixKey = (String, String);
/// A host, its body, and what its findings come to.
pub(super) type Summed = (Id<kind::Host>, Id<kind::Body>, Sums);

/// What the findings of one host come to.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums {
    /// Findings, of these worked around, of these ever found open.
    flaws: BTreeMap<Key, Figures>,
    /// Findings, exploited ones, the earliest deadline.
    fixes: BTreeMap<FixKey, Figures>,
    /// Fixes of which only this is known of the earliest deadline: it is no earlier. Whoever had it was counted out.
    unsure: BTreeMap<FixKey, i64>,
}

/// Of a warning on a host: open, handled, unclear, the earliest deadline of what is open.
pub(super) type OfWarning = (i64, i64, i64, Option<Timestamp>);

impl Sums {
    pub fn of(body: Id<kind::Body>, rows: &Rows, warned: &Warned) -> Self {
        let mut it = Self::default();
        for (flaw, row) in rows {
            it.add(body, flaw, row, warned);
        }
        it
    }

    /// Counts a finding in.
    pub fn add(&mut self, body: Id<kind::Body>, flaw: &str, row: &Row, warned: &Warned) {
        for warning in under(body, flaw, warned) {
            let of = self.flaws.entry(key(&warning, row)).or_default();
            of.0 += 1;
            of.1 += i64::from(row.around);
            of.2 += i64::from(row.standing.first_seen.is_some());
            if let Some(key) = fix_key(warning, row) {
                let of = self.fixes.entry(key.clone()).or_insert((0, 0, i64::MAX));
                of.0 += 1;
                of.1 += i64::from(row.exploited);
                of.2 = of.2.min(row.due());
                if self.unsure.get(&key).is_some_and(|no_earlier| row.due() <= *no_earlier) {
                    self.unsure.remove(&key);
                }
            }
        }
    }

    /// Whether they can be told from sums alone, after what was counted out.
    pub fn sure(&self) -> bool {
        self.unsure.is_empty()
    }

    /// Counts a finding out; none if it was not counted in.
    pub fn take_out(&mut self, body: Id<kind::Body>, flaw: &str, row: &Row, warned: &Warned) -> Option<()> {
        for warning in under(body, flaw, warned) {
            let minus = (1, i64::from(row.around), i64::from(row.standing.first_seen.is_some()));
            let left = less(*self.flaws.get(&key(&warning, row))?, minus)?;
            match left {
                (0, ..) => self.flaws.remove(&key(&warning, row)),
                left => self.flaws.insert(key(&warning, row), left),
            };
            if let Some(key) = fix_key(warning, row) {
                let (n, exploited, due) = *self.fixes.get(&key)?;
                let (n, exploited, _) = less((n, exploited, 0), (1, i64::from(row.exploited), 0))?;
                if n == 0 {
                    self.fixes.remove(&key);
                    self.unsure.remove(&key);
                    continue;
                }
                // Another may have the same deadline, or all that are left a later one.
                if due == row.due() {
                    self.unsure.insert(key.clone(), due);
                }
                self.fixes.insert(key, (n, exploited, due));
            }
        }
        Some(())
    }

    /// All that one fix mends is mended by another.
    pub fn refit(&mut self, from: &str, to: &str) {
        let of: Vec<FixKey> = self.fixes.keys().filter(|(_, fix)| fix == from).cloned().collect();
        for key in of {
            let Some((n, exploited, due)) = self.fixes.remove(&key) else { continue };
            let unsure = self.unsure.remove(&key);
            let key = (key.0, to.to_owned());
            let sum = self.fixes.entry(key.clone()).or_insert((0, 0, i64::MAX));
            if let Some(no_earlier) = unsure.filter(|no_earlier| *no_earlier < sum.2) {
                self.unsure.insert(key.clone(), no_earlier);
            } else if unsure.is_none() && self.unsure.get(&key).is_some_and(|no_earlier| due <= *no_earlier) {
                self.unsure.remove(&key);
            }
            *sum = (sum.0 + n, sum.1 + exploited, sum.2.min(due));
        }
    }

    /// What they come to for a warning.
    pub fn warning(&self, id: Id<kind::Warning>) -> OfWarning {
        let (mut sums, id): (OfWarning, _) = ((0, 0, 0, None), id.to_string());
        let from = (id.clone(), i64::MIN, String::new(), String::new(), i64::MIN);
        for ((_, _, state, _, due), (n, around, _)) in self.flaws.range(from..).take_while(|(k, _)| k.0 == id)
        {
            match State::parse(state) {
                Some(state) if state.is_open() => {
                    sums.0 += n - around;
                    sums.1 += around;
                    if n > around && *due != NEVER {
                        sums.3 = sums.3.into_iter().chain(Timestamp::from_microsecond(*due)).min();
                    }
                }
                Some(State::Fixed) => sums.1 += n,
                Some(State::Unknown) => sums.2 += n,
                _ => {}
            }
        }
        sums
    }
}

/// All findings, and each warning that names the flaw.
fn under(body: Id<kind::Body>, flaw: &str, warned: &Warned) -> impl Iterator<Item = String> {
    let warnings: Vec<String> = warned.naming(body, flaw).map(|w| w.to_string()).collect();
    std::iter::once(String::new()).chain(warnings)
}

fn key(warning: &str, row: &Row) -> Key {
    let (state, severity) = (row.standing.state.name().to_owned(), row.severity.name().to_owned());
    (warning.to_owned(), row.shelf(), state, severity, row.due())
}

fn fix_key(warning: String, row: &Row) -> Option<FixKey> {
    let counts = row.standing.state.is_open() && !row.around;
    counts.then(|| (warning, row.fix.clone().unwrap_or_default()))
}

fn less(a: Figures, b: Figures) -> Option<Figures> {
    let left = (a.0 - b.0, a.1 - b.1, a.2 - b.2);
    (left.0 >= 0 && left.1 >= 0 && left.2 >= 0).then_some(left)
}

/// Brings the sums of those hosts up to date, and those of the warnings that reach them; only what is different is
/// written. Returns the bodies of which anything is different for a warning.
pub(super) async fn keep(
    tx: &mut Tx,
    hosts: &[Summed],
    mut before: HashMap<Id<kind::Host>, Sums>,
    warned: &Warned,
) -> Result<BTreeSet<Id<kind::Body>>, StoreError> {
    let mut fresh: Vec<(Id<kind::Host>, &Sums, bool, bool)> = Vec::new();
    for (host, _, new) in hosts {
        let old = before.remove(host).unwrap_or_default();
        let (flaws, fixes) = (old.flaws != new.flaws, old.fixes != new.fixes);
        if flaws || fixes {
            fresh.push((*host, new, flaws, fixes));
        }
    }
    let flaws: Vec<_> = fresh.iter().filter(|it| it.2).map(|it| it.0).collect();
    let fixes: Vec<_> = fresh.iter().filter(|it| it.3).map(|it| it.0).collect();
    for (delete, stale) in
        [("delete from flaw_sum where host in", flaws), ("delete from fix_sum where host in", fixes)]
    {
        if !stale.is_empty() {
            let mut query = Query::new(delete);
            query.list(stale);
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
                .bind(state.as_str())
                .push(",")
                .bind(severity.as_str())
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
    warned::settle(tx, hosts, warned).await
}

/// Sums as they stand in the records.
pub(super) async fn standing(
    sql: &mut Sql,
    hosts: &[Id<kind::Host>],
) -> Result<HashMap<Id<kind::Host>, Sums>, StoreError> {
    let mut found: HashMap<Id<kind::Host>, Sums> = HashMap::new();
    let mut query = Query::new(
        "select host, warning, shelf, state, severity, due, n, around, seen from flaw_sum where host in",
    );
    query.list(hosts.iter().copied());
    for r in query.rows(sql).await? {
        let key = (r.text("warning")?, r.int("shelf")?, r.text("state")?, r.text("severity")?, r.int("due")?);
        let sums = (r.int("n")?, r.int("around")?, r.int("seen")?);
        found.entry(r.id("host")?).or_default().flaws.insert(key, sums);
    }
    let mut query = Query::new("select host, warning, fix, n, exploited, due from fix_sum where host in");
    query.list(hosts.iter().copied());
    for r in query.rows(sql).await? {
        let key = (r.text("warning")?, r.text("fix")?);
        let sums = (r.int("n")?, r.int("exploited")?, r.int("due")?);
        found.entry(r.id("host")?).or_default().fixes.insert(key, sums);
    }
    Ok(found)
}
