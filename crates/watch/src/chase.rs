//! Chasing: each assignment, request and finding has one job that sends what is due and comes back for the next
//! reminder.

use std::sync::Arc;

use anyhow::Context;
use domain::{
    actor::Actor,
    id::{Id, Ids, Uuid},
    job::{Job, Outcome},
    legal::Legal,
    time,
};
use jiff::Timestamp;
use store::{
    Db, StoreError,
    assignments::{self, Tools},
    inspections, requests,
    sign_in::InstanceKey,
};

/// The kinds of job, each with what its payload calls the thing it chases.
const KINDS: [(&str, &str); 3] = [
    (assignments::chase::JOB, "assignment"),
    (requests::chase::JOB, "request"),
    (inspections::chase::JOB, "finding"),
];

/// What chasing needs.
pub struct Chase {
    /// The records.
    pub db: Db,
    /// The program's source of ids.
    pub ids: Arc<dyn Ids>,
    /// The law, with the steps of reminders.
    pub legal: Arc<Legal>,
    /// The address people use.
    pub base: String,
    /// The key one-time links are made with.
    pub key: InstanceKey,
}

impl Chase {
    /// The kinds of job it runs.
    pub fn kinds() -> impl Iterator<Item = &'static str> {
        KINDS.into_iter().map(|(kind, _)| kind)
    }

    /// Sends the reminders about one thing that are due, all with their records in one commit, so that a process killed
    /// at any point neither forgets nor repeats one. Ends when nothing is owed any more; sent back, it begins anew.
    pub async fn run(&self, job: &Job, now: Timestamp) -> anyhow::Result<Outcome> {
        let what = KINDS.iter().find(|(kind, _)| *kind == job.kind).context("no job of chasing")?.1;
        let id = job.payload.get(what).and_then(|id| id.as_str()).context("a job without what it chases")?;
        let id: Uuid = id.parse().context("a job without what it chases")?;
        let common = Tools { ids: &*self.ids, base: &self.base, pack: self.legal.on(time::date(now)) };
        let tools = requests::Tools { common, key: self.key.clone() };
        let next: Result<_, StoreError> = store::write!(self.db, Actor::System, now, tx => {
            let next = match what {
                "assignment" => assignments::chase::run(tx, &tools, Id::from_uuid(id)).await?,
                "request" => requests::chase::run(tx, &tools, Id::from_uuid(id)).await?,
                _ => inspections::chase::run(tx, &tools, Id::from_uuid(id)).await?,
            };
            // Most looks find nothing to say.
            tx.unchanged();
            Ok(next)
        });
        Ok(next?.map_or(Outcome::Done, Outcome::Again))
    }
}
