//! Judging hosts: their inventories by what is known of flaws, each result against what stands.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    actor::Scope,
    flaw::{self, Grade, Rules, Standing, State, Turn},
    id::{Id, kind},
    time,
    weakness::Weaknesses,
};
use jiff::Timestamp;
use review::{
    advisory::{Advisory, Feed, Signals, Source},
    judge::{self, Knowledge, Verdict, keys},
};

use super::warned;
use crate::{
    Query, StoreError, Topic, Tx, advisories, args,
    hosts::{self, Held},
};

/// Rows of one insert, of fourteen values each.
const AT_ONCE: usize = 200;

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

/// A row as it stands.
struct Row {
    standing: Standing,
    weak: bool,
    severity: Grade,
    exploited: bool,
    likely: Option<u32>,
    fix: Option<String>,
    because: String,
    due_at: Option<Timestamp>,
}

/// A host with what else decides.
struct Of {
    held: Held,
    level: Option<u8>,
}

/// Judges those hosts, all in this transaction. A host that is gone, or has no inventory, is only taken off the list.
pub async fn judge(
    tx: &mut Tx,
    rules: &Rules,
    weaknesses: &Weaknesses,
    ids: &[Id<kind::Host>],
) -> Result<Judged, StoreError> {
    let mut done = Judged::default();
    let held = hosts::inventories(tx, &Scope::system(), ids).await?;
    let warned = warned::of_bodies(tx, held.iter().map(|h| h.body).collect()).await?;
    let levels = levels(tx, ids).await?;
    let mut standing = standing(tx, ids).await?;

    // What may concern them: what shares a word, what was warned of, what stood before.
    let mut words: BTreeSet<String> = held.iter().flat_map(|h| keys::of_host(&h.inventory)).collect();
    words.extend(warned.flaws().map(keys::of_number));
    words.extend(standing.values().flat_map(BTreeMap::keys).map(|f| keys::of_number(f)));
    let known = advisories::by_keys(tx, &words).await?;
    let flaws: BTreeSet<String> =
        known.iter().flat_map(numbers).chain(warned.flaws().map(str::to_owned)).collect();
    let flaws: Vec<String> = flaws.into_iter().collect();
    let signals = advisories::signals(tx, &flaws).await?;
    let knowledge = Knowledge::new(Feed { advisories: known, ..Feed::default() })
        .with_weaknesses(weaknesses, time::date(tx.now()));
    let by_number = index(&knowledge);

    let mut bodies = BTreeSet::new();
    for held in held {
        let of = Of { level: levels.get(&held.host).copied().flatten(), held };
        let before = standing.remove(&of.held.host).unwrap_or_default();
        let mine = warned.of(of.held.body);
        let changed =
            one(tx, rules, &of, before, &mine, &knowledge, &by_number, &signals, &warned, &mut done).await?;
        if changed {
            bodies.insert(of.held.body);
        }
        done.hosts += 1;
    }
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

/// The numbers under which an advisory's flaws are kept: its CVE numbers, or its own.
fn numbers(advisory: &Advisory) -> Vec<String> {
    let cves: Vec<String> = advisory.cves().map(str::to_uppercase).collect();
    if cves.is_empty() { vec![advisory.id.clone()] } else { cves }
}

fn index(knowledge: &Knowledge) -> HashMap<String, Vec<usize>> {
    let mut found: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, advisory) in knowledge.advisories.iter().enumerate() {
        for number in numbers(advisory) {
            found.entry(number).or_default().push(at);
        }
    }
    found
}

/// Whether all that was said of a flaw was said by agencies themselves: their advisories are documents of their own.
fn only_own(because: &str) -> bool {
    let verdicts: Vec<Verdict> = serde_json::from_str(because).unwrap_or_default();
    !verdicts.is_empty() && verdicts.iter().all(|v| v.document == v.advisory)
}

/// Returns whether anything of the host is different.
#[allow(clippy::too_many_arguments)]
async fn one(
    tx: &mut Tx,
    rules: &Rules,
    of: &Of,
    mut before: BTreeMap<String, Row>,
    mine: &BTreeSet<&str>,
    knowledge: &Knowledge,
    by_number: &HashMap<String, Vec<usize>>,
    signals: &Signals,
    warned: &warned::Warned,
    done: &mut Judged,
) -> Result<bool, StoreError> {
    let (now, inventory) = (tx.now(), &of.held.inventory);
    let mut flaws: BTreeSet<String> = knowledge.concerning(inventory).into_iter().flat_map(numbers).collect();
    flaws.extend(mine.iter().map(|f| (*f).to_owned()));
    flaws.extend(before.keys().cloned());
    let mut changed = false;
    let mut rows = Vec::new();
    for flaw in flaws {
        let advisories: Vec<&Advisory> = by_number
            .get(&flaw)
            .into_iter()
            .flatten()
            .filter_map(|at| knowledge.advisories.get(*at))
            // An agency's own concerns whom its warning reaches; the rules' own have no document.
            .filter(|a| {
                a.document.is_empty() || a.source != Source::Own || warned.reaches(of.held.body, &a.id)
            })
            .collect();
        let verdicts: Vec<Verdict> =
            advisories.iter().map(|a| judge::judge(inventory, a, knowledge)).collect();
        let old = before.remove(&flaw);
        let judged = match judge::together(&verdicts) {
            Some(judged) => state(judged),
            // Only an agency said so, and says so no more: nobody does. What a feed said may be missing for a while.
            None if old.as_ref().is_some_and(|o| only_own(&o.because)) => State::NotAffected,
            None => State::Unknown,
        };
        let keep = old.is_some()
            || judged.is_open()
            || (mine.contains(flaw.as_str()) && judged != State::NotAffected);
        if !keep {
            continue;
        }
        let (standing, turn) = flaw::next(old.as_ref().map(|o| o.standing), judged, of.held.revision, now);
        let exploited = signals.exploited.contains_key(&flaw);
        let likely = signals.likely.get(&flaw).map(|p| (p * 1e6).round() as u32);
        let grade = advisories.iter().filter_map(|a| grade(a)).min().unwrap_or(Grade::Ungraded);
        let order = warned.due(of.held.body, &flaw);
        let due_at = standing
            .first_seen
            .filter(|_| standing.state.is_open())
            .map(|first| flaw::due(rules, grade, exploited, likely, of.level, first, order));
        let row = Row {
            weak: !verdicts.is_empty() && verdicts.iter().all(|v| v.weak),
            severity: grade,
            exploited,
            likely,
            fix: verdicts.iter().filter(|v| state(v.state).is_open()).find_map(|v| v.fix.clone()),
            because: serde_json::to_string(&verdicts)
                .map_err(|e| StoreError::Corrupt("verdict", e.to_string()))?,
            due_at,
            standing,
        };
        rows.push((flaw, old, row, turn));
    }
    // One installation does for several flaws: of the updates that are wanted, the newest that contains each.
    let open = rows.iter().filter(|(_, _, row, _)| row.standing.state.is_open());
    let wanted: BTreeSet<u32> = open.filter_map(|(_, _, row, _)| update(row.fix.as_deref()?)).collect();
    let (mut fresh, mut turns) = (Vec::new(), Vec::new());
    for (flaw, old, mut row, turn) in rows {
        if let Some(kb) = row.fix.as_deref().and_then(update) {
            row.fix = Some(format!("KB{}", knowledge.covering(inventory, kb, &wanted)));
        }
        if old.as_ref().is_some_and(|o| same(o, &row)) {
            continue;
        }
        changed = true;
        if let Some(turn) = turn {
            match turn {
                Turn::Found => done.found += 1,
                Turn::Fixed => done.fixed += 1,
                Turn::Reopened => done.reopened += 1,
                Turn::TakenBack => {}
            }
            turns.push((flaw.clone(), turn));
        }
        fresh.push((flaw, row));
    }
    write(tx, of.held.host, &fresh).await?;
    events(tx, of.held.host, &turns).await?;
    words(tx, of).await?;
    tx.exec(
        "insert into host_judged (host, revision, inventory_at, judged_at) values ($1,$2,$3,$4)
         on conflict (host) do update set revision = $2, inventory_at = $3, judged_at = $4",
        args![of.held.host, i64::try_from(of.held.revision).unwrap_or(i64::MAX), of.held.at, now],
    )
    .await?;
    let sums = warned::settle(tx, of.held.host, of.held.body, warned).await?;
    Ok(changed || sums)
}

/// The number of an update: `KB5035857`.
fn update(fix: &str) -> Option<u32> {
    fix.strip_prefix("KB")?.parse().ok()
}

/// What is kept of a judgement; its revision alone is no difference worth a change.
fn same(a: &Row, b: &Row) -> bool {
    let plain = |s: &Standing| (s.state, s.revision, s.first_seen, s.fixed_at, s.reopened);
    plain(&a.standing) == plain(&b.standing)
        && a.weak == b.weak
        && a.severity == b.severity
        && a.exploited == b.exploited
        && a.likely == b.likely
        && a.fix == b.fix
        && a.due_at == b.due_at
        && a.because == b.because
}

/// What something happened is written as; several of one instant are one.
pub(super) async fn event(
    tx: &mut Tx,
    host: Id<kind::Host>,
    flaw: &str,
    kind: &str,
    text: &str,
) -> Result<(), StoreError> {
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into host_flaw_event (host, flaw, at, kind, by_person, text) values ($1,$2,$3,$4,$5,$6)
         on conflict (host, flaw, at, kind) do nothing",
        args![host, flaw, now, kind, by, text],
    )
    .await?;
    Ok(())
}

/// What happened to a host's flaws, many at a time.
async fn events(tx: &mut Tx, host: Id<kind::Host>, turns: &[(String, Turn)]) -> Result<(), StoreError> {
    let (now, by) = (tx.now(), tx.actor().person());
    for part in turns.chunks(AT_ONCE) {
        let mut query =
            Query::new("insert into host_flaw_event (host, flaw, at, kind, by_person, text) values");
        for (n, (flaw, turn)) in part.iter().enumerate() {
            query.push(if n == 0 { "(" } else { ",(" }).bind(host).push(",").bind(flaw.as_str());
            query.push(",").bind(now).push(",").bind(turn.name()).push(",").bind(by);
            query.push(",").bind("").push(")");
        }
        query.push("on conflict (host, flaw, at, kind) do nothing");
        query.exec(tx).await?;
    }
    Ok(())
}

/// Rows of one host, many at a time: a new update is what mends all that is open, and touches every row.
async fn write(tx: &mut Tx, host: Id<kind::Host>, rows: &[(String, Row)]) -> Result<(), StoreError> {
    for part in rows.chunks(AT_ONCE) {
        let mut query = Query::new(
            "insert into host_flaw (host, flaw, state, weak, revision, severity, exploited, likely, fix, because,
               first_seen, fixed_at, reopened, due_at) values",
        );
        for (n, (flaw, row)) in part.iter().enumerate() {
            let it = &row.standing;
            let revision = i64::try_from(it.revision).unwrap_or(i64::MAX);
            query.push(if n == 0 { "(" } else { ",(" }).bind(host).push(",").bind(flaw.as_str());
            query.push(",").bind(it.state.name()).push(",").bind(row.weak).push(",").bind(revision);
            query
                .push(",")
                .bind(row.severity.name())
                .push(",")
                .bind(row.exploited)
                .push(",")
                .bind(row.likely);
            query.push(",").bind(row.fix.clone()).push(",").bind(row.because.as_str());
            query.push(",").bind(it.first_seen).push(",").bind(it.fixed_at).push(",").bind(it.reopened);
            query.push(",").bind(row.due_at).push(")");
        }
        query.push(
            "on conflict (host, flaw) do update set state = excluded.state, weak = excluded.weak,
               revision = excluded.revision, severity = excluded.severity, exploited = excluded.exploited,
               likely = excluded.likely, fix = excluded.fix, because = excluded.because,
               first_seen = excluded.first_seen, fixed_at = excluded.fixed_at, reopened = excluded.reopened,
               due_at = excluded.due_at",
        );
        query.exec(tx).await?;
    }
    Ok(())
}

async fn words(tx: &mut Tx, of: &Of) -> Result<(), StoreError> {
    let new = keys::of_host(&of.held.inventory);
    let rows = tx.rows("select key from host_word where host = $1", args![of.held.host]).await?;
    let old: BTreeSet<String> = rows.iter().map(|r| r.text("key")).collect::<Result<_, _>>()?;
    for word in old.difference(&new) {
        tx.exec("delete from host_word where key = $1 and host = $2", args![word, of.held.host]).await?;
    }
    let fresh: Vec<&String> = new.difference(&old).collect();
    for part in fresh.chunks(200) {
        let mut query = Query::new("insert into host_word (key, host) values");
        for (n, word) in part.iter().enumerate() {
            query.push(if n == 0 { "(" } else { ",(" }).bind(*word).push(",").bind(of.held.host).push(")");
        }
        query.exec(tx).await?;
    }
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

/// The rows of those hosts as they stand.
async fn standing(
    tx: &mut Tx,
    ids: &[Id<kind::Host>],
) -> Result<HashMap<Id<kind::Host>, BTreeMap<String, Row>>, StoreError> {
    let mut query = Query::new("select * from host_flaw where host in");
    query.list(ids.iter().copied());
    let mut found: HashMap<Id<kind::Host>, BTreeMap<String, Row>> = HashMap::new();
    for r in query.rows(tx).await? {
        let standing = Standing {
            state: r.word("state", State::parse)?,
            revision: u64::try_from(r.int("revision")?).unwrap_or_default(),
            first_seen: r.opt_time("first_seen")?,
            fixed_at: r.opt_time("fixed_at")?,
            reopened: r.count("reopened")?,
        };
        let row = Row {
            standing,
            weak: r.bool("weak")?,
            severity: r.word("severity", Grade::parse)?,
            exploited: r.bool("exploited")?,
            likely: r.opt_int("likely")?.and_then(|n| u32::try_from(n).ok()),
            fix: r.opt_text("fix")?,
            because: r.text("because")?,
            due_at: r.opt_time("due_at")?,
        };
        found.entry(r.id("host")?).or_default().insert(r.text("flaw")?, row);
    }
    Ok(found)
}
