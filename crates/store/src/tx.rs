//! A write: contract 3.

use std::ops::{Deref, DerefMut};

use domain::{
    actor::Actor,
    id::{Id, kind},
};
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::watch;

use crate::{
    Sql, StoreError, Topic, args,
    audit::{self, Entry, Head},
    changes,
    db::Boxed,
};

/// One write transaction. Commit appends the audit entries recorded, moves the audit head, and numbers the changes.
pub struct Tx {
    sql: Sql,
    actor: Actor,
    now: Timestamp,
    head: Head,
    entries: Vec<Entry>,
    changes: Vec<(Topic, String, Option<Id<kind::Body>>)>,
    quiet: bool,
    wake: watch::Sender<i64>,
}

impl Tx {
    /// How often [`crate::write!`] runs a body again on conflict before it gives up.
    pub const ATTEMPTS_MAX: u32 = 5;

    pub(crate) async fn begin(
        mut sql: Sql,
        actor: Actor,
        now: Timestamp,
        wake: watch::Sender<i64>,
    ) -> Result<Self, StoreError> {
        let head = Head::load(&mut sql).await?;
        Ok(Self { sql, actor, now, head, entries: Vec::new(), changes: Vec::new(), quiet: false, wake })
    }

    pub(crate) fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Says that what was asked for stood already, so that there is nothing to record.
    pub(crate) fn nothing_to_do(&mut self) {
        self.quiet = true;
    }

    /// Who acts.
    pub fn actor(&self) -> Actor {
        self.actor
    }
    /// When.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The audit log as it stood when this write began.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Records an audit entry: `action` is a stable word (`letter.confirmed`), `subject` is `noun:id`, `detail` what
    /// was done — of which only a SHA-256 enters the log, so that it holds no names and no telephone numbers.
    /// Returns the entry's number, at which a fact may point.
    pub fn record(
        &mut self,
        action: &'static str,
        subject: impl Into<String>,
        body: Option<Id<kind::Body>>,
        detail: &impl Serialize,
    ) -> u64 {
        let seq = self.head.size + self.entries.len() as u64;
        self.entries.push(Entry::new(seq, self.now, self.actor, action, subject.into(), body, detail));
        seq
    }

    /// Says that something readers may be waiting for has changed.
    pub fn changed(&mut self, topic: Topic, subject: impl Into<String>, body: Option<Id<kind::Body>>) {
        self.changes.push((topic, subject.into(), body));
    }

    /// Says that there was nothing to do: an act that was done before is neither an error nor worth an entry.
    pub fn unchanged(&mut self) {
        self.quiet = true;
    }

    /// Commits. A write that is not quiet must have recorded what it did.
    pub async fn commit(self) -> Result<(), StoreError> {
        let done: Boxed<'_, ()> = Box::pin(self.committed());
        done.await
    }

    async fn committed(mut self) -> Result<(), StoreError> {
        if self.entries.is_empty() && !self.quiet {
            return Err(StoreError::Corrupt("audit", "a write recorded no audit entry".into()));
        }
        if !self.entries.is_empty() {
            audit::append(&mut self.sql, &mut self.head, &self.entries).await?;
        }
        let last = changes::append(&mut self.sql, self.now, self.head.change_seq, &self.changes).await?;
        if !self.entries.is_empty() || !self.changes.is_empty() {
            self.sql
                .exec(
                    "update audit_head set size = $1, root = $2, change_seq = $3 where id = 1",
                    args![self.head.size as i64, self.head.root.to_vec(), last],
                )
                .await?;
        }
        self.sql.commit().await?;
        if !self.changes.is_empty() {
            self.wake.send_if_modified(|seen| std::mem::replace(seen, last.max(*seen)) < last);
        }
        Ok(())
    }

    /// Gives up; a failure to say so is only worth a log line, since dropping rolls back as well.
    pub async fn rollback(self) {
        if let Err(error) = self.sql.rollback().await {
            tracing::warn!(%error, "rollback failed");
        }
    }
}

impl Deref for Tx {
    type Target = Sql;
    fn deref(&self) -> &Sql {
        &self.sql
    }
}
impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Sql {
        &mut self.sql
    }
}
