//! Jobs and deliveries that do not work, for whoever administers the whole installation: seen, tried again, given up.
//!
//! They belong to no body, and what is said of them may name addresses: who administers only a part sees none.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

use crate::{Query, Sql, StoreError, Topic, Tx, args};

/// The longest reason for giving up, in characters.
pub const REASON_MAX: usize = 500;

/// Why a message of ours did not even reach a channel, as it is kept; pages have words for each. What a channel or a
/// server says is kept as it says it.
pub mod reason {
    /// It was too late to tell it.
    pub const EXPIRED: &str = "expired";
    /// Whom it is for was never worked out.
    pub const NOT_SPREAD: &str = "not-spread";
    /// Sending took longer than a worker may hold it.
    pub const SLOW: &str = "slow";
    /// Nobody it is for has a verified address on that channel.
    pub const NO_ADDRESS: &str = "no-address";
    /// No channel of that kind is configured.
    pub const NO_CHANNEL: &str = "no-channel";
    /// All of them.
    pub const ALL: [&str; 5] = [EXPIRED, NOT_SPREAD, SLOW, NO_ADDRESS, NO_CHANNEL];
}

/// A job whose last try failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Which.
    pub id: Id<kind::Job>,
    /// Its kind.
    pub kind: String,
    /// When it is, or was last, due.
    pub due: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// Whether it is tried no more.
    pub given_up: bool,
    /// Whether it repeats by itself and is never given up.
    pub repeats: bool,
    /// Why, for the operator.
    pub why: String,
}

/// A delivery that did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Which.
    pub id: Id<kind::Delivery>,
    /// What about.
    pub template: String,
    /// By which kind of channel.
    pub channel: String,
    /// To whom, where it is a person of the register.
    pub to: Option<String>,
    /// When it was wished.
    pub made_at: Timestamp,
    /// When it is, or was last, due.
    pub due: Timestamp,
    /// Until when it is worth telling.
    pub expires: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// Whether it is tried no more.
    pub given_up: bool,
    /// Why, for the operator. May hold the address.
    pub why: String,
}

/// Fails with `NotFound("trouble")` unless the scope administers every body there is.
async fn whole(sql: &mut Sql, scope: &Scope) -> Result<(), StoreError> {
    let mut query = Query::new("select id from body b where b.parent is null and not");
    query.visible(scope, Right::Administer, "b.id").push("limit 1");
    if scope.anywhere(Right::Administer) && query.row(sql).await?.is_none() {
        Ok(())
    } else {
        Err(StoreError::NotFound("trouble"))
    }
}

/// Whether the scope may see any of this.
pub async fn may_see(sql: &mut Sql, scope: &Scope) -> Result<bool, StoreError> {
    match whole(sql, scope).await {
        Ok(()) => Ok(true),
        Err(StoreError::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The jobs whose last try failed, those given up first, at most `limit`.
pub async fn jobs(sql: &mut Sql, scope: &Scope, limit: u32) -> Result<Vec<Job>, StoreError> {
    whole(sql, scope).await?;
    let rows = sql
        .rows(
            "select id, kind, due, tries, given_up, last_error, kind = key as repeats from job
             where last_error is not null order by given_up desc, due, id limit $1",
            args![limit],
        )
        .await?;
    rows.iter()
        .map(|r| {
            Ok(Job {
                id: r.id("id")?,
                kind: r.text("kind")?,
                due: r.time("due")?,
                tries: r.count("tries")?,
                given_up: r.bool("given_up")?,
                repeats: r.bool("repeats")?,
                why: r.text("last_error")?,
            })
        })
        .collect()
}

/// The deliveries that failed or wait for another try, newest first, at most `limit`.
pub async fn deliveries(sql: &mut Sql, scope: &Scope, limit: u32) -> Result<Vec<Delivery>, StoreError> {
    whole(sql, scope).await?;
    let rows = sql
        .rows(
            "select d.id, d.state, d.channel, d.due, d.tries, d.why, i.template, i.created_at, i.expires, p.name
             from delivery d join intent i on i.id = d.intent left join person p on p.id = d.person
             where d.state = 'failed' or (d.state in ('due', 'claimed') and d.why is not null)
             order by i.created_at desc, d.id limit $1",
            args![limit],
        )
        .await?;
    rows.iter()
        .map(|r| {
            Ok(Delivery {
                id: r.id("id")?,
                template: r.text("template")?,
                channel: r.text("channel")?,
                to: r.opt_text("name")?,
                made_at: r.time("created_at")?,
                due: r.time("due")?,
                expires: r.time("expires")?,
                tries: r.count("tries")?,
                given_up: r.text("state")? == "failed",
                why: r.opt_text("why")?.unwrap_or_default(),
            })
        })
        .collect()
}

/// Tries a job again at once, from the first try on.
pub async fn retry_job(tx: &mut Tx, scope: &Scope, id: Id<kind::Job>) -> Result<(), StoreError> {
    whole(tx, scope).await?;
    let now = tx.now();
    let row = tx
        .row(
            "update job set due = $1, lease = 0, tries = 0, given_up = false
             where id = $2 and last_error is not null and lease < $1 returning kind",
            args![now, id],
        )
        .await?;
    let kind = row.ok_or(StoreError::NotFound("job"))?.text("kind")?;
    tx.changed(Topic::Job, format!("job:{kind}"), None);
    tx.record("job.retried", format!("job:{id}"), None, &kind);
    Ok(())
}

/// Gives a job up. Refuses `reason-missing`, and `job-repeats` for one that runs every day or hour by itself.
pub async fn give_up_job(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Job>,
    reason: &str,
) -> Result<(), StoreError> {
    whole(tx, scope).await?;
    let reason = given(reason)?;
    let now = tx.now();
    let row = tx
        .row(
            "select kind, key, last_error from job where id = $1 and last_error is not null and lease < $2",
            args![id, now],
        )
        .await?
        .ok_or(StoreError::NotFound("job"))?;
    if row.text("kind")? == row.text("key")? {
        return Err(StoreError::Refused("job-repeats"));
    }
    let why = format!("{}\n{reason}", row.text("last_error")?);
    tx.exec("update job set given_up = true, lease = 0, last_error = $1 where id = $2", args![why, id])
        .await?;
    tx.changed(Topic::Job, format!("job:{id}"), None);
    tx.record("job.given-up", format!("job:{id}"), None, &reason);
    Ok(())
}

/// Tries a delivery again at once. Refuses `delivery-expired`: its words are gone, and it is worth telling no more.
pub async fn retry_delivery(tx: &mut Tx, scope: &Scope, id: Id<kind::Delivery>) -> Result<(), StoreError> {
    whole(tx, scope).await?;
    let now = tx.now();
    let row = tx
        .row(
            "select i.expires from delivery d join intent i on i.id = d.intent
             where d.id = $1 and (d.state = 'failed' or d.why is not null) and d.state in ('due', 'failed')",
            args![id],
        )
        .await?;
    if row.ok_or(StoreError::NotFound("delivery"))?.time("expires")? <= now {
        return Err(StoreError::Refused("delivery-expired"));
    }
    tx.exec(
        "update delivery set state = 'due', due = $1, lease = 0, tries = 0, why = null where id = $2",
        args![now, id],
    )
    .await?;
    tx.changed(Topic::Intent, format!("delivery:{id}"), None);
    tx.record("delivery.retried", format!("delivery:{id}"), None, &());
    Ok(())
}

/// Gives a delivery up that still waits for another try. Refuses `reason-missing`.
pub async fn give_up_delivery(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Delivery>,
    reason: &str,
) -> Result<(), StoreError> {
    whole(tx, scope).await?;
    let reason = given(reason)?;
    let row = tx
        .row("select why from delivery where id = $1 and state = 'due' and why is not null", args![id])
        .await?;
    let row = row.ok_or(StoreError::NotFound("delivery"))?;
    let why = format!("{}\n{reason}", row.opt_text("why")?.unwrap_or_default());
    tx.exec("update delivery set state = 'failed', lease = 0, why = $1 where id = $2", args![why, id])
        .await?;
    tx.changed(Topic::Intent, format!("delivery:{id}"), None);
    tx.record("delivery.given-up", format!("delivery:{id}"), None, &reason);
    Ok(())
}

fn given(reason: &str) -> Result<String, StoreError> {
    let reason: String = reason.trim().chars().take(REASON_MAX).collect();
    if reason.is_empty() { Err(StoreError::Refused("reason-missing")) } else { Ok(reason) }
}
