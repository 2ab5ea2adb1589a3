//! What changed, in order: contract 4. Server-sent events, evidence and jobs live on it.

use std::time::Duration;

use domain::id::{Id, kind};
use jiff::Timestamp;
use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::watch;

use crate::{Db, Query, Sql, StoreError, args};

/// What kind of record changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A body, a person, a channel, a role.
    Register,
    /// An information system or host.
    System,
    /// What reports say of a host; its subject is the host.
    Inventory,
    /// A letter or its reading.
    Letter,
    /// A campaign.
    Campaign,
    /// An assignment: received, read, acknowledged, passed on.
    Assignment,
    /// A fact about a task: evidence handed in, accepted, returned, excused.
    Task,
    /// A verdict: a cell of the board.
    Verdict,
    /// A question or its answer.
    Question,
    /// A quick report, or a reminder of one.
    QuickReport,
    /// A notice or bulletin, and how far it has come.
    Notice,
    /// A visit or a finding of an inspection; its body is the inspector, and once more the inspected.
    Inspection,
    /// A request, its receipt or answer.
    Request,
    /// A line, its state or an outage.
    Line,
    /// A post: its roster, who is on duty, a check-in.
    Roster,
    /// A call-out, a policy, a monitor.
    Callout,
    /// A feed, an advisory, a warning.
    Advisory,
    /// A source of events: who may send, what came.
    Source,
    /// An alert, or what silences one.
    Alert,
    /// A source was made or closed, fell silent, or speaks again; a machine was first spoken of by its anti-malware.
    Heard,
    /// A list of indicators.
    Indicator,
    /// Sigma rules imported, or one switched off or on.
    Rule,
    /// A hunt or one of its runs.
    Hunt,
    /// Something came in from a channel.
    Incoming,
    /// An intent to tell somebody something.
    Intent,
    /// A job.
    Job,
}

impl Topic {
    const ALL: &'static [(Topic, &'static str)] = &[
        (Topic::Register, "register"),
        (Topic::System, "system"),
        (Topic::Inventory, "inventory"),
        (Topic::Letter, "letter"),
        (Topic::Campaign, "campaign"),
        (Topic::Assignment, "assignment"),
        (Topic::Task, "task"),
        (Topic::Verdict, "verdict"),
        (Topic::Question, "question"),
        (Topic::QuickReport, "quick-report"),
        (Topic::Notice, "notice"),
        (Topic::Inspection, "inspection"),
        (Topic::Request, "request"),
        (Topic::Line, "line"),
        (Topic::Roster, "roster"),
        (Topic::Callout, "callout"),
        (Topic::Advisory, "advisory"),
        (Topic::Source, "source"),
        (Topic::Alert, "alert"),
        (Topic::Heard, "heard"),
        (Topic::Indicator, "indicator"),
        (Topic::Rule, "rule"),
        (Topic::Hunt, "hunt"),
        (Topic::Incoming, "incoming"),
        (Topic::Intent, "intent"),
        (Topic::Job, "job"),
    ];
    /// Its stable name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(t, _)| *t == self).map_or("", |(_, n)| n)
    }
    fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, n)| *n == name).map(|(t, _)| *t)
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its number: greater than that of every change committed before.
    pub seq: i64,
    /// What kind of record.
    pub topic: Topic,
    /// Which one, as `noun:id`.
    pub subject: String,
    /// Of which body; readers keep to those they may see.
    pub body: Option<Id<kind::Body>>,
}

/// At most so many changes are handed over at once.
const BATCH: i64 = 500;
/// Even without a wake-up the table is looked at this often: another process may have written.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
const PG_CHANNEL: &str = "canh_change";

/// Follows the changes; resumes by number after any break.
pub struct Changes {
    db: Db,
    after: i64,
    topics: &'static [Topic],
    wake: watch::Receiver<i64>,
}

impl Changes {
    pub(crate) fn new(db: Db, after: i64, topics: &'static [Topic], wake: watch::Receiver<i64>) -> Self {
        Self { db, after, topics, wake }
    }

    /// The next changes, at least one; waits until there are some.
    pub async fn next(&mut self) -> Result<Vec<Change>, StoreError> {
        loop {
            self.wake.mark_unchanged();
            let found = self.now().await?;
            if !found.is_empty() {
                return Ok(found);
            }
            // Elapsed or woken: look again either way. A closed channel means the store is going away.
            if let Ok(Err(_)) = tokio::time::timeout(LOOK_AGAIN, self.wake.changed()).await {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
    }

    /// The changes there are now; may be none.
    pub async fn now(&mut self) -> Result<Vec<Change>, StoreError> {
        let mut sql = self.db.read().await?;
        let mut query = Query::new("select seq, topic, subject, body from change where seq >");
        query.bind(self.after).push("and topic in").list(self.topics.iter().map(|t| t.name()));
        query.push("order by seq limit").bind(BATCH);
        let rows = query.rows(&mut sql).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let change = Change {
                seq: row.int("seq")?,
                topic: row.word("topic", Topic::parse)?,
                subject: row.text("subject")?,
                body: row.opt_id("body")?,
            };
            self.after = change.seq;
            found.push(change);
        }
        Ok(found)
    }
}

impl Db {
    /// The number of the last change committed: where a new reader starts.
    pub async fn last_change(&self) -> Result<i64, StoreError> {
        let mut sql = self.read().await?;
        let row = sql.row("select change_seq from audit_head where id = 1", vec![]).await?;
        row.map_or(Ok(0), |r| r.int("change_seq"))
    }

    /// Whether every change after that number is still there, so that a follower can go on from it.
    pub async fn keeps_changes_after(&self, at: i64) -> Result<bool, StoreError> {
        kept_after(&mut self.read().await?, at).await
    }

    /// Forgets changes older than that instant; followers that far behind start over from the records themselves.
    pub async fn forget_changes(&self, now: Timestamp, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin_quiet(now).await?;
        let gone = tx.exec("delete from change where at < $1", args![before]).await?;
        tx.commit().await?;
        Ok(gone)
    }
}

/// Numbers have no gaps: what follows `at` is still there if the first one kept is not later.
pub(crate) async fn kept_after(sql: &mut Sql, at: i64) -> Result<bool, StoreError> {
    let row = sql
        .row(
            "select h.change_seq, (select min(seq) from change) as first from audit_head h where h.id = 1",
            vec![],
        )
        .await?
        .ok_or(StoreError::NotFound("audit head"))?;
    let last = row.int("change_seq")?;
    Ok(at <= last && row.opt_int("first")?.map_or(at == last, |first| first <= at + 1))
}

pub(crate) async fn append(
    sql: &mut Sql,
    now: Timestamp,
    last: i64,
    changes: &[(Topic, String, Option<Id<kind::Body>>)],
) -> Result<i64, StoreError> {
    let mut seq = last;
    for (topic, subject, body) in changes {
        seq += 1;
        sql.exec(
            "insert into change (seq, at, topic, subject, body) values ($1, $2, $3, $4, $5)",
            args![seq, now, topic.name(), subject, *body],
        )
        .await?;
    }
    if sql.is_pg() && !changes.is_empty() {
        sql.rows("select pg_notify('canh_change', $1)", args![seq.to_string()]).await?;
    }
    Ok(seq)
}

/// Wakes the followers of this process when another one commits.
pub(crate) async fn listen(pool: &PgPool, wake: watch::Sender<i64>) -> Result<(), StoreError> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(PG_CHANNEL).await?;
    tokio::spawn(async move {
        while !wake.is_closed() || wake.receiver_count() == 0 {
            match listener.recv().await {
                Ok(note) => {
                    let seq = note.payload().parse().unwrap_or(0);
                    wake.send_if_modified(|seen| std::mem::replace(seen, seq.max(*seen)) < seq);
                }
                Err(error) => {
                    tracing::warn!(%error, "lost the change notices; looking every few seconds instead");
                    return;
                }
            }
        }
    });
    Ok(())
}
