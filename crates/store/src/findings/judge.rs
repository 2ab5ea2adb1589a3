//! Judging hosts: their inventories by what is known of flaws, each result against what stands.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    actor::Scope,
    flaw::{self, Grade, Rules, State, Turn},
    id::{Id, kind},
    weakness::Weaknesses,
};
use review::{
    advisory::{Advisory, Source},
    judge::{self, Verdict},
};
use sha2::{Digest, Sha256};

use super::{
    keep::{self, Changes, Row, Rows},
    known::{Known, numbers},
    sums, warned, words,
};
use crate::{
    Query, StoreError, Topic, Tx, args,
    hosts::{self, Held},
};

/// What judging came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Judged {
    /// Hosts that were judged.
    pub hosts: u32,
    /// Flaws that are new.
    pub found: u32,
    /// Flaws that are mended.
    pub fixed: u32,
    /// Flaws that are back.
    pub reopened: u32,
}

impl Judged {
    fn count(&mut self, turn: Turn) {
        match turn {
            Turn::Found => self.found += 1,
            Turn::Fixed => self.fixed += 1,
            Turn::Reopened => self.reopened += 1,
            Turn::TakenBack => {}
        }
    }
}

/// Judges hosts, chunk after chunk; what is known of flaws is read once for all of them.
pub struct Judge<'a> {
    rules: &'a Rules,
    weaknesses: &'a Weaknesses,
    known: Known,
}

/// A host with what else decides.
struct Of {
    held: Held,
    level: Option<u8>,
}

/// Judges those hosts, all in this transaction; see [`Judge::hosts`].
pub async fn judge(
    tx: &mut Tx,
    rules: &Rules,
    weaknesses: &Weaknesses,
    ids: &[Id<kind::Host>],
) -> Result<Judged, StoreError> {
    Judge::new(rules, weaknesses).hosts(tx, ids).await
}

impl<'a> Judge<'a> {
    /// One that knows nothing yet.
    #[must_use]
    pub fn new(rules: &'a Rules, weaknesses: &'a Weaknesses) -> Self {
        Self { rules, weaknesses, known: Known::default() }
    }

    /// Judges those hosts, all in this transaction. A host that is gone, or has no inventory, is only taken off the list.
    pub async fn hosts(&mut self, tx: &mut Tx, ids: &[Id<kind::Host>]) -> Result<Judged, StoreError> {
        let mut done = Judged::default();
        let held = hosts::inventories(tx, &Scope::system(), ids).await?;
        let warned = warned::of_bodies(tx, held.iter().map(|h| h.body).collect()).await?;
        let levels = levels(tx, ids).await?;
        let mut standing = keep::standing(tx, ids).await?;

        // What may concern them: what shares a word, what was warned of, what stood before.
        let mut wanted = words::keep(tx, &held).await?;
        let named = warned.flaws().chain(standing.values().flat_map(|rows| rows.keys().map(String::as_str)));
        wanted.extend(named.map(judge::keys::of_number));
        self.known.learn(tx, self.weaknesses, wanted, warned.flaws()).await?;

        let (mut changes, mut bodies, mut after) = (Changes::default(), BTreeSet::new(), Vec::new());
        for held in held {
            let of = Of { level: levels.get(&held.host).copied().flatten(), held };
            let before = standing.remove(&of.held.host).unwrap_or_default();
            let mine = warned.of(of.held.body);
            let (rows, changed) = self.one(tx, &of, before, &mine, &warned, &mut changes).await?;
            if changed {
                bodies.insert(of.held.body);
            }
            after.push((of.held, rows));
            done.hosts += 1;
        }
        changes.turns.iter().for_each(|(.., turn)| done.count(*turn));
        changes.write(tx).await?;
        judged(tx, &after).await?;
        let after: Vec<_> = after.iter().map(|(held, rows)| (held.host, held.body, rows)).collect();
        bodies.extend(warned::settle(tx, &after, &warned).await?);
        sums::keep(tx, &after, &warned).await?;

        let mut query = Query::new("delete from host_dirty where host in");
        query.list(ids.iter().copied());
        query.exec(tx).await?;
        for body in bodies {
            tx.changed(Topic::Advisory, format!("body:{body}"), Some(body));
        }
        if done.found + done.fixed + done.reopened > 0 {
            tx.record(
                "findings.judged",
                "job:findings",
                None,
                &[done.hosts, done.found, done.fixed, done.reopened],
            );
        }
        tx.unchanged();
        Ok(done)
    }

    /// Judges one host: all its findings as they are now, and whether anything is different; what is to be written is
    /// added to `changes`.
    async fn one(
        &self,
        tx: &mut Tx,
        of: &Of,
        before: Rows,
        mine: &BTreeSet<&str>,
        warned: &warned::Warned,
        changes: &mut Changes,
    ) -> Result<(Rows, bool), StoreError> {
        let (now, inventory, host) = (tx.now(), &of.held.inventory, of.held.host);
        let knowledge = self.known.knowledge();
        let mut flaws: BTreeSet<String> =
            knowledge.concerning(inventory).into_iter().flat_map(numbers).collect();
        flaws.extend(mine.iter().map(|f| (*f).to_owned()));
        flaws.extend(before.keys().cloned());
        let (mut rows, mut turns, mut because) = (Rows::new(), Vec::new(), HashMap::new());
        for flaw in flaws {
            let mut advisories: Vec<&Advisory> = self
                .known
                .of(&flaw)
                // An agency's own concerns whom its warning reaches; the rules' own have no document.
                .filter(|a| {
                    a.document.is_empty() || a.source != Source::Own || warned.reaches(of.held.body, &a.id)
                })
                .collect();
            advisories.sort_by(|a, b| (&a.document, &a.id).cmp(&(&b.document, &b.id)));
            let verdicts: Vec<Verdict> =
                advisories.iter().map(|a| judge::judge(inventory, a, knowledge)).collect();
            let old = before.get(&flaw);
            let judged = match judge::together(&verdicts) {
                Some(judged) => state(judged),
                // Only an agency said so, and says so no more: nobody does. What a feed said may be missing for a while.
                None if only_own(tx, host, &flaw, old).await? => State::NotAffected,
                None => State::Unknown,
            };
            let keep = old.is_some()
                || judged.is_open()
                || (mine.contains(flaw.as_str()) && judged != State::NotAffected);
            if !keep {
                continue;
            }
            let (standing, turn) = flaw::next(old.map(|o| o.standing), judged, of.held.revision, now);
            let (exploited, likely) = self.known.signal(&flaw);
            let grade = advisories.iter().filter_map(|a| grade(a)).min().unwrap_or(Grade::Ungraded);
            let order = warned.due(of.held.body, &flaw);
            let due_at = standing
                .first_seen
                .filter(|_| standing.state.is_open())
                .map(|first| flaw::due(self.rules, grade, exploited, likely, of.level, first, order));
            let told = serde_json::to_string(&verdicts)
                .map_err(|e| StoreError::Corrupt("verdict", e.to_string()))?;
            let row = Row {
                weak: !verdicts.is_empty() && verdicts.iter().all(|v| v.weak),
                severity: grade,
                exploited,
                likely,
                fix: verdicts.iter().filter(|v| state(v.state).is_open()).find_map(|v| v.fix.clone()),
                digest: digest(&told),
                due_at,
                standing,
                around: old.is_some_and(|o| o.around),
            };
            if old.is_none_or(|o| o.digest != row.digest) {
                because.insert(flaw.clone(), told);
            }
            turns.extend(turn.map(|turn| (host, of.held.body, flaw.clone(), turn)));
            rows.insert(flaw, row);
        }
        // One installation does for several flaws: of the updates that are wanted, the newest that contains each.
        let open = rows.values().filter(|row| row.standing.state.is_open());
        let wanted: BTreeSet<u32> = open.filter_map(|row| update(row.fix.as_deref()?)).collect();
        let mut covering: HashMap<u32, u32> = HashMap::new();
        for row in rows.values_mut() {
            if let Some(kb) = row.fix.as_deref().and_then(update) {
                let by = covering.entry(kb).or_insert_with(|| knowledge.covering(inventory, kb, &wanted));
                row.fix = Some(format!("KB{by}"));
            }
        }
        let changed = differences(host, &before, &rows, changes);
        changes.because.extend(because.into_iter().map(|(flaw, told)| (host, flaw, told)));
        changes.turns.extend(turns);
        Ok((rows, changed))
    }
}

/// Notes what is different now. Where all rows of a host that named one fix name another, and nothing else is different,
/// that is one change and not a hundred.
fn differences(host: Id<kind::Host>, before: &Rows, rows: &Rows, changes: &mut Changes) -> bool {
    let mut refits: BTreeMap<&Option<String>, Option<&Option<String>>> = BTreeMap::new();
    for (flaw, row) in rows {
        let Some(old) = before.get(flaw) else { continue };
        let to = old.same_but_fix(row).then_some(&row.fix);
        let of = refits.entry(&old.fix).or_insert(to);
        *of = of.filter(|fix| Some(*fix) == to);
    }
    let mut changed = false;
    for (from, to) in &refits {
        if let Some(to) = to.filter(|to| to != from) {
            changes.fixes.entry(((*from).clone(), to.clone())).or_default().push(host);
            changed = true;
        }
    }
    for (flaw, row) in rows {
        let same = before.get(flaw).is_some_and(|old| {
            old.same_but_fix(row) && (old.fix == row.fix || refits.get(&old.fix).is_some_and(Option::is_some))
        });
        if !same {
            changes.rows.push((host, flaw.clone(), row.clone()));
            changed = true;
        }
    }
    changed
}

/// Whether all that was said of a flaw was said by agencies themselves: their advisories are documents of their own.
async fn only_own(
    tx: &mut Tx,
    host: Id<kind::Host>,
    flaw: &str,
    old: Option<&Row>,
) -> Result<bool, StoreError> {
    // Nobody said anything before either.
    if old.is_none_or(|old| old.digest == digest("[]")) {
        return Ok(false);
    }
    let row =
        tx.row("select because from flaw_verdict where host = $1 and flaw = $2", args![host, flaw]).await?;
    let verdicts: Vec<Verdict> = row.map(|r| r.json("because")).transpose()?.unwrap_or_default();
    Ok(!verdicts.is_empty() && verdicts.iter().all(|v| v.document == v.advisory))
}

/// Enough of a hash to tell whether something is the same.
fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes())).chars().take(32).collect()
}

/// The number of an update: `KB5035857`.
fn update(fix: &str) -> Option<u32> {
    fix.strip_prefix("KB")?.parse().ok()
}

/// Notes by which inventory they were judged.
async fn judged(tx: &mut Tx, hosts: &[(Held, Rows)]) -> Result<(), StoreError> {
    if hosts.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let mut query =
        Query::new("insert into host_judged (host, revision, inventory_at, judged_at, words) values");
    for (n, (held, _)) in hosts.iter().enumerate() {
        query.push(if n == 0 { "(" } else { ",(" }).bind(held.host).push(",");
        query.bind(i64::try_from(held.revision).unwrap_or(i64::MAX)).push(",").bind(held.at).push(",");
        query.bind(now).push(",").bind(judge::keys::VERSION).push(")");
    }
    query.push(
        "on conflict (host) do update set revision = excluded.revision, inventory_at = excluded.inventory_at,
           judged_at = excluded.judged_at, words = excluded.words",
    );
    query.exec(tx).await?;
    Ok(())
}

fn state(of: judge::State) -> State {
    match of {
        judge::State::Affected => State::Affected,
        judge::State::NotEffective => State::NotEffective,
        judge::State::Unknown => State::Unknown,
        judge::State::Fixed => State::Fixed,
        judge::State::NotAffected => State::NotAffected,
    }
}

fn grade(advisory: &Advisory) -> Option<Grade> {
    let by_score = || advisory.score.and_then(review::advisory::grade_of);
    Grade::parse(&advisory.severity.clone().or_else(by_score)?)
}

async fn levels(
    tx: &mut Tx,
    ids: &[Id<kind::Host>],
) -> Result<HashMap<Id<kind::Host>, Option<u8>>, StoreError> {
    let mut query =
        Query::new("select h.id, s.level from host h left join system s on s.id = h.system where h.id in");
    query.list(ids.iter().copied());
    let rows = query.rows(tx).await?;
    rows.iter().map(|r| Ok((r.id("id")?, r.opt_int("level")?.and_then(|l| u8::try_from(l).ok())))).collect()
}
