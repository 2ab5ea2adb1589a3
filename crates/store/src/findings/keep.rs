//! Findings as they are kept: read for whoever judges, written many hosts at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    flaw::{Grade, Standing, State, Turn},
    id::{Id, kind},
};
use jiff::Timestamp;

use crate::{Query, Sql, StoreError, Tx};

/// Rows of one insert of findings, of nineteen values each; of shorter rows.
const AT_ONCE: usize = 200;
const SHORT_AT_ONCE: usize = 600;
/// Stands in the column lists are ordered by where there is no deadline.
pub(super) const NEVER: i64 = i64::MAX;

/// A finding as it stands.
#[derive(Clone)]
pub(super) struct Row {
    pub standing: Standing,
    pub weak: bool,
    pub severity: Grade,
    pub exploited: bool,
    pub likely: Option<u32>,
    /// What mends it on this host, and others with it.
    pub fix: Option<String>,
    /// What its own advisories want installed.
    pub wants: Option<String>,
    /// Of what it rests on.
    pub digest: String,
    pub due_at: Option<Timestamp>,
    /// Something was done instead of mending it.
    pub around: bool,
}

/// A host's findings by flaw.
pub(super) type Rows = BTreeMap<String, Row>;

impl Row {
    /// Where lists keep it: what is open first.
    pub fn shelf(&self) -> i64 {
        shelf(self.standing.state)
    }
    pub fn due(&self) -> i64 {
        self.due_at.map_or(NEVER, |at| at.as_microsecond())
    }
    /// Whether nothing but what would mend it is different; its revision alone is no difference worth a change.
    pub fn same_but_fix(&self, other: &Self) -> bool {
        let plain = |s: &Standing| (s.state, s.revision, s.first_seen, s.fixed_at, s.reopened);
        plain(&self.standing) == plain(&other.standing)
            && self.weak == other.weak
            && self.severity == other.severity
            && self.exploited == other.exploited
            && self.likely == other.likely
            && self.due_at == other.due_at
            && self.digest == other.digest
            && self.wants == other.wants
    }
}

pub(super) const fn shelf(state: State) -> i64 {
    match state {
        State::Affected | State::NotEffective => 0,
        State::Unknown => 1,
        State::Fixed => 2,
        State::NotAffected => 3,
    }
}

pub(super) fn rank(grade: Grade) -> i64 {
    Grade::ALL.iter().position(|g| *g == grade).and_then(|n| i64::try_from(n).ok()).unwrap_or(NEVER)
}

/// The findings of those hosts; with `only_dirty` those of flaws of which something else is said.
pub(super) async fn standing(
    sql: &mut Sql,
    ids: &[Id<kind::Host>],
    only_dirty: bool,
) -> Result<HashMap<Id<kind::Host>, Rows>, StoreError> {
    let mut query = Query::new(
        "select host, flaw, state, weak, revision, severity, exploited, likely, fix, wants, digest, first_seen, fixed_at,
           reopened, due_at, cast(case when workaround_at is null then 0 else 1 end as bigint) as n_around
         from host_flaw where host in",
    );
    query.list(ids.iter().copied());
    if only_dirty {
        query.push("and flaw in (select d.flaw from flaw_dirty d)");
    }
    let mut found: HashMap<Id<kind::Host>, Rows> = HashMap::new();
    for r in query.rows(sql).await? {
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
            wants: r.opt_text("wants")?,
            digest: r.text("digest")?,
            due_at: r.opt_time("due_at")?,
            around: r.int("n_around")? > 0,
        };
        found.entry(r.id("host")?).or_default().insert(r.text("flaw")?, row);
    }
    Ok(found)
}

/// From which fix to which.
type Refit = (Option<String>, Option<String>);

/// What judging a chunk of hosts comes to, before it is written.
#[derive(Default)]
pub(super) struct Changes {
    /// Rows that are new or different.
    pub rows: Vec<(Id<kind::Host>, String, Row)>,
    /// What they rest on, where that is different: JSON.
    pub because: Vec<(Id<kind::Host>, String, String)>,
    /// Of whole hosts only what mends it is different: from what to what.
    pub fixes: BTreeMap<Refit, Vec<Id<kind::Host>>>,
    /// What happened.
    pub turns: Vec<(Id<kind::Host>, Id<kind::Body>, String, Turn)>,
}

impl Changes {
    /// Writes it all, in few statements: a new update is what mends all that is open, and touches every row.
    pub async fn write(self, tx: &mut Tx) -> Result<(), StoreError> {
        for ((from, to), hosts) in &self.fixes {
            let mut query = Query::new("update host_flaw set fix =");
            query.bind(to.clone());
            match from {
                Some(from) => query.push("where fix =").bind(from.as_str()),
                None => query.push("where fix is null"),
            };
            query.push("and host in").list(hosts.iter().copied());
            query.exec(tx).await?;
        }
        for part in self.rows.chunks(AT_ONCE) {
            rows(tx, part).await?;
        }
        for part in self.because.chunks(AT_ONCE) {
            let mut query = Query::new("insert into flaw_verdict (host, flaw, because) values");
            for (n, (host, flaw, because)) in part.iter().enumerate() {
                query.push(if n == 0 { "(" } else { ",(" }).bind(*host).push(",").bind(flaw.as_str());
                query.push(",").bind(because.as_str()).push(")");
            }
            query.push("on conflict (host, flaw) do update set because = excluded.because");
            query.exec(tx).await?;
        }
        let flaws: BTreeSet<&str> = self.rows.iter().map(|(_, flaw, _)| flaw.as_str()).collect();
        let flaws: Vec<&str> = flaws.into_iter().collect();
        for part in flaws.chunks(SHORT_AT_ONCE) {
            let mut query = Query::new("insert into flaw_known (flaw, folded) values");
            for (n, flaw) in part.iter().enumerate() {
                query.push(if n == 0 { "(" } else { ",(" }).bind(*flaw).push(",").bind(flaw.to_lowercase());
                query.push(")");
            }
            query.push("on conflict (flaw) do nothing");
            query.exec(tx).await?;
        }
        self.events(tx).await
    }

    async fn events(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let (now, by) = (tx.now(), tx.actor().person());
        for part in self.turns.chunks(SHORT_AT_ONCE) {
            let mut query =
                Query::new("insert into host_flaw_event (host, flaw, at, kind, by_person, text) values");
            for (n, (host, _, flaw, turn)) in part.iter().enumerate() {
                query.push(if n == 0 { "(" } else { ",(" }).bind(*host).push(",").bind(flaw.as_str());
                query.push(",").bind(now).push(",").bind(turn.name()).push(",").bind(by);
                query.push(",").bind("").push(")");
            }
            query.push("on conflict (host, flaw, at, kind) do nothing");
            query.exec(tx).await?;
        }
        let mut days: BTreeMap<Id<kind::Body>, (i64, i64)> = BTreeMap::new();
        for (_, body, _, turn) in &self.turns {
            let of = days.entry(*body).or_default();
            match turn {
                Turn::Found | Turn::Reopened => of.0 += 1,
                Turn::Fixed => of.1 += 1,
                Turn::TakenBack => {}
            }
        }
        if days.is_empty() {
            return Ok(());
        }
        let mut query = Query::new("insert into flaw_day (body, day, found, fixed) values");
        for (n, (body, (found, fixed))) in days.into_iter().enumerate() {
            query
                .push(if n == 0 { "(" } else { ",(" })
                .bind(body)
                .push(",")
                .bind(super::trend::day_number(now));
            query.push(",").bind(found).push(",").bind(fixed).push(")");
        }
        query.push(
            "on conflict (body, day) do update set found = flaw_day.found + excluded.found,
               fixed = flaw_day.fixed + excluded.fixed",
        );
        query.exec(tx).await?;
        Ok(())
    }
}

async fn rows(tx: &mut Tx, part: &[(Id<kind::Host>, String, Row)]) -> Result<(), StoreError> {
    let mut query = Query::new(
        "insert into host_flaw (host, flaw, state, shelf, weak, revision, severity, rank, exploited, likely, fix,
           wants, digest, first_seen, age, fixed_at, reopened, due_at, due) values",
    );
    for (n, (host, flaw, row)) in part.iter().enumerate() {
        let it = &row.standing;
        let revision = i64::try_from(it.revision).unwrap_or(i64::MAX);
        let age = it.first_seen.map_or(0, |at| -at.as_microsecond());
        query.push(if n == 0 { "(" } else { ",(" }).bind(*host).push(",").bind(flaw.as_str());
        query.push(",").bind(it.state.name()).push(",").bind(row.shelf()).push(",").bind(row.weak);
        query.push(",").bind(revision).push(",").bind(row.severity.name());
        query.push(",").bind(rank(row.severity)).push(",").bind(row.exploited).push(",").bind(row.likely);
        query.push(",").bind(row.fix.clone()).push(",").bind(row.wants.clone());
        query.push(",").bind(row.digest.as_str());
        query.push(",").bind(it.first_seen).push(",").bind(age).push(",").bind(it.fixed_at);
        query.push(",").bind(it.reopened).push(",").bind(row.due_at).push(",").bind(row.due()).push(")");
    }
    query.push(
        "on conflict (host, flaw) do update set state = excluded.state, shelf = excluded.shelf, weak = excluded.weak,
           revision = excluded.revision, severity = excluded.severity, rank = excluded.rank,
           exploited = excluded.exploited, likely = excluded.likely, fix = excluded.fix,
           wants = excluded.wants, digest = excluded.digest,
           first_seen = excluded.first_seen, age = excluded.age, fixed_at = excluded.fixed_at,
           reopened = excluded.reopened, due_at = excluded.due_at, due = excluded.due,
           workaround = case when host_flaw.shelf = 2 and excluded.shelf = 0 then null else host_flaw.workaround end,
           workaround_by = case when host_flaw.shelf = 2 and excluded.shelf = 0 then null else host_flaw.workaround_by end,
           workaround_at = case when host_flaw.shelf = 2 and excluded.shelf = 0 then null else host_flaw.workaround_at end",
    );
    query.exec(tx).await?;
    Ok(())
}
