//! Notices and bulletins: each issued one has one job that does the next thing and comes back for the one after.

use std::sync::Arc;

use anyhow::Context;
use domain::{
    id::{Id, Ids},
    job::{Job, Outcome},
    legal::Legal,
    time,
};
use jiff::Timestamp;
use store::{
    Db,
    notices::{self, Tools, bulletins},
    sign_in::InstanceKey,
};

/// The kind of job of a notice.
pub const NOTICE: &str = notices::JOB;
/// The kind of job of a bulletin.
pub const BULLETIN: &str = bulletins::JOB;
/// Steps per run: well within the lease, each in a transaction of its own, so that others write in between.
const STEPS: usize = 40;

/// What both jobs need.
pub struct Notices {
    /// The records.
    pub db: Db,
    /// The program's source of ids.
    pub ids: Arc<dyn Ids>,
    /// The law by date.
    pub legal: Legal,
    /// Makes personal links.
    pub key: InstanceKey,
    /// The address people use.
    pub base: String,
}

impl Notices {
    /// Carries a notice on: gathers, sends, reminds, counts, closes. Killed at any point, the next run continues.
    pub async fn notice(&self, job: &Job, now: Timestamp) -> anyhow::Result<Outcome> {
        let id = id(job, "notice")?;
        let rules =
            self.legal.on(time::date(now)).notice_rules().context("the legal pack has no notice rules")?;
        let tools = Tools { ids: &*self.ids, base: &self.base, key: &self.key, rules };
        for _ in 0..STEPS {
            match notices::step(&self.db, now, &tools, id).await? {
                None => return Ok(Outcome::Done),
                Some(at) if at > now => return Ok(Outcome::Again(at)),
                Some(_) => {}
            }
        }
        Ok(Outcome::Again(now))
    }

    /// Carries a bulletin on: tells communes, counts, asks for missing receipts, closes.
    pub async fn bulletin(&self, job: &Job, now: Timestamp) -> anyhow::Result<Outcome> {
        let id = id(job, "bulletin")?;
        let rules =
            self.legal.on(time::date(now)).notice_rules().context("the legal pack has no notice rules")?;
        for _ in 0..STEPS {
            match bulletins::step(&self.db, now, rules, &*self.ids, &self.base, id).await? {
                None => return Ok(Outcome::Done),
                Some(at) if at > now => return Ok(Outcome::Again(at)),
                Some(_) => {}
            }
        }
        Ok(Outcome::Again(now))
    }
}

fn id<K>(job: &Job, of: &'static str) -> anyhow::Result<Id<K>> {
    let text = job.payload.get(of).and_then(|v| v.as_str()).context("a job without its subject")?;
    text.parse().context("a job without its subject")
}
