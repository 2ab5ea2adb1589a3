//! Judging hosts: their inventories by what is known of flaws, each result against what stands.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    actor::Scope,
    flaw::{self, Grade, Rules, State, Turn},
    id::{Id, kind},
    weakness::Weaknesses,
};
use jiff::Timestamp;
use review::{
    advisory::{Advisory, Source},
    judge::{self, Verdict},
};
use sha2::{Digest, Sha256};

use super::{
    keep::{self, Changes, Row, Rows},
    known::Known,
    sums::{self, Summed, Sums},
    warned::{self, Warned},
    words,
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
    pub(super) weaknesses: &'a Weaknesses,
    pub(super) known: Known,
}

/// A host with what else decides.
pub(super) struct Of {
    pub held: Held,
    pub level: Option<u8>,
}

/// What judging a chunk of hosts needs of them together, and what it comes to.
pub(super) struct Round {
    pub warned: Warned,
    pub changes: Changes,
    /// Bodies of which anything is different.
    pub bodies: BTreeSet<Id<kind::Body>>,
    /// What the hosts' findings came to before, and come to now.
    pub before: HashMap<Id<kind::Host>, Sums>,
    pub after: Vec<Summed>,
}

/// One flaw on one host.
pub(super) struct Told {
    pub row: Row,
    /// What it rests on: JSON; only where that is different.
    pub because: Option<String>,
    pub turn: Option<Turn>,
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

    /// Judges those hosts, all in this transaction: only by what changed where that does, else by all that is known. A host
    /// that is gone, or has no inventory, is only taken off the list.
    pub async fn hosts(&mut self, tx: &mut Tx, ids: &[Id<kind::Host>]) -> Result<Judged, StoreError> {
        let held = hosts::inventories(tx, &Scope::system(), ids).await?;
        let warned = warned::of_bodies(tx, held.iter().map(|h| h.body).collect()).await?;
        let levels = levels(tx, ids).await?;
        let level = |h: &Held| levels.get(&h.host).copied().flatten();
        let all: Vec<Of> = held.into_iter().map(|held| Of { level: level(&held), held }).collect();
        let marks: Vec<_> = all.iter().map(|of| (of.held.host, of.held.revision, of.held.at)).collect();
        let there: Vec<_> = all.iter().map(|of| of.held.host).collect();
        let mut round = Round {
            warned,
            changes: Changes::default(),
            bodies: BTreeSet::new(),
            before: sums::standing(tx, &there).await?,
            after: Vec::new(),
        };
        let whole = self.again(tx, all, &mut round).await?;
        self.whole(tx, whole, &mut round).await?;

        let mut done = Judged { hosts: u32::try_from(marks.len()).unwrap_or(u32::MAX), ..Judged::default() };
        round.changes.turns.iter().for_each(|(.., turn)| done.count(*turn));
        round.changes.write(tx).await?;
        judged(tx, &marks).await?;
        let mut bodies = round.bodies;
        bodies.extend(sums::keep(tx, &round.after, round.before, &round.warned).await?);

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

    /// Judges hosts by all that is known.
    async fn whole(&mut self, tx: &mut Tx, all: Vec<Of>, round: &mut Round) -> Result<(), StoreError> {
        if all.is_empty() {
            return Ok(());
        }
        let held: Vec<&Held> = all.iter().map(|of| &of.held).collect();
        let ids: Vec<_> = held.iter().map(|held| held.host).collect();
        let mut standing = keep::standing(tx, &ids, false).await?;
        // What may concern them: what shares a word, what was warned of, what stood before.
        let mut wanted = words::keep(tx, &held).await?;
        let stood = standing.values().flat_map(|rows| rows.keys().map(String::as_str));
        let named: BTreeSet<&str> = round.warned.flaws().chain(stood).collect();
        wanted.extend(named.iter().map(|flaw| judge::keys::of_number(flaw)));
        self.known.learn(tx, self.weaknesses, &wanted, named.into_iter()).await?;
        for of in &all {
            let before = standing.remove(&of.held.host).unwrap_or_default();
            let rows = self.one(tx, of, before, round).await?;
            round.after.push((of.held.host, of.held.body, Sums::of(of.held.body, &rows, &round.warned)));
        }
        Ok(())
    }

    /// Judges one host: all its findings as they are now; what is to be written is added to the round.
    async fn one(&self, tx: &mut Tx, of: &Of, before: Rows, round: &mut Round) -> Result<Rows, StoreError> {
        let (inventory, host, body) = (&of.held.inventory, of.held.host, of.held.body);
        let knowledge = self.known.knowledge();
        let mut flaws: BTreeSet<String> =
            knowledge.concerning(inventory).into_iter().flat_map(Advisory::numbers).collect();
        flaws.extend(round.warned.of(body).into_iter().map(str::to_owned));
        flaws.extend(before.keys().cloned());
        let mut rows = Rows::new();
        for flaw in flaws {
            let Some(told) = self.flaw(tx, of, &flaw, before.get(&flaw), &round.warned).await? else {
                continue;
            };
            round.changes.because.extend(told.because.map(|because| (host, flaw.clone(), because)));
            round.changes.turns.extend(told.turn.map(|turn| (host, body, flaw.clone(), turn)));
            rows.insert(flaw, told.row);
        }
        // One installation does for several flaws: of the updates that are wanted, the newest that contains each.
        let open = rows.values().filter(|row| row.standing.state.is_open());
        let wanted: BTreeSet<u32> = open.filter_map(|row| update(row.wants.as_deref()?)).collect();
        let covering = knowledge.covering(inventory, &wanted);
        let mut by: HashMap<u32, u32> = HashMap::new();
        for row in rows.values_mut() {
            if let Some(kb) = row.wants.as_deref().and_then(update) {
                row.fix = Some(format!("KB{}", by.entry(kb).or_insert_with(|| covering.by(kb))));
            }
        }
        if differences(host, &before, &rows, &mut round.changes) {
            round.bodies.insert(body);
        }
        Ok(rows)
    }

    /// Judges one flaw on one host; none if it leaves nothing to keep. What mends it is what its own advisories say.
    pub(super) async fn flaw(
        &self,
        tx: &mut Tx,
        of: &Of,
        flaw: &str,
        old: Option<&Row>,
        warned: &Warned,
    ) -> Result<Option<Told>, StoreError> {
        let (now, inventory, host, body) = (tx.now(), &of.held.inventory, of.held.host, of.held.body);
        let mut advisories: Vec<&Advisory> = self
            .known
            .of(flaw)
            // An agency's own concerns whom its warning reaches; the rules' own have no document.
            .filter(|a| a.document.is_empty() || a.source != Source::Own || warned.reaches(body, &a.id))
            .collect();
        // Files of two feeds may be called alike: whatever order they came in, they are told in one.
        let tie = |a: &Advisory, b: &Advisory| format!("{a:?}").cmp(&format!("{b:?}"));
        advisories.sort_by(|a, b| (&a.document, &a.id).cmp(&(&b.document, &b.id)).then_with(|| tie(a, b)));
        let knowledge = self.known.knowledge();
        let verdicts: Vec<Verdict> =
            advisories.iter().map(|a| judge::judge(inventory, a, knowledge)).collect();
        let judged = match judge::together(&verdicts) {
            Some(judged) => state(judged),
            // Only an agency said so, and says so no more: nobody does. What a feed said may be missing for a while.
            None if only_own(tx, host, flaw, old).await? => State::NotAffected,
            None => State::Unknown,
        };
        let named = || warned.naming(body, flaw).next().is_some();
        if !(old.is_some() || judged.is_open() || judged != State::NotAffected && named()) {
            return Ok(None);
        }
        let (standing, turn) = flaw::next(old.map(|o| o.standing), judged, of.held.revision, now);
        let (exploited, likely) = self.known.signal(flaw);
        let severity = advisories.iter().filter_map(|a| grade(a)).min().unwrap_or(Grade::Ungraded);
        let order = warned.due(body, flaw);
        let due_at = standing
            .first_seen
            .filter(|_| standing.state.is_open())
            .map(|first| flaw::due(self.rules, severity, exploited, likely, of.level, first, order));
        let told =
            serde_json::to_string(&verdicts).map_err(|e| StoreError::Corrupt("verdict", e.to_string()))?;
        let wants = verdicts.iter().filter(|v| state(v.state).is_open()).find_map(|v| v.fix.clone());
        // What was done instead of mending it does not hold for one that was mended, and is back.
        let mended = old.is_some_and(|o| o.standing.state == State::Fixed && standing.state.is_open());
        let row = Row {
            weak: !verdicts.is_empty() && verdicts.iter().all(|v| v.weak),
            severity,
            exploited,
            likely,
            fix: wants.clone(),
            wants,
            digest: digest(&told),
            due_at,
            standing,
            around: old.is_some_and(|o| o.around) && !mended,
        };
        let because = old.is_none_or(|o| o.digest != row.digest).then_some(told);
        Ok(Some(Told { row, because, turn }))
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
    // One after the other they would run together: where one ends and another begins, both are told row by row.
    let begins: BTreeSet<Option<String>> = refits
        .iter()
        .filter(|(from, to)| to.is_some_and(|to| to != **from))
        .map(|(from, _)| (*from).clone())
        .collect();
    for to in refits.values_mut() {
        *to = to.filter(|to| !begins.contains(*to));
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
pub(super) fn update(fix: &str) -> Option<u32> {
    fix.strip_prefix("KB")?.parse().ok()
}

/// Notes by which inventory they were judged: host, revision, when it was taken.
async fn judged(tx: &mut Tx, hosts: &[(Id<kind::Host>, u64, Timestamp)]) -> Result<(), StoreError> {
    if hosts.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let mut query =
        Query::new("insert into host_judged (host, revision, inventory_at, judged_at, words) values");
    for (n, (host, revision, at)) in hosts.iter().enumerate() {
        query.push(if n == 0 { "(" } else { ",(" }).bind(*host).push(",");
        query.bind(i64::try_from(*revision).unwrap_or(i64::MAX)).push(",").bind(*at).push(",");
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
