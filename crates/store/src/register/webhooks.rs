//! Webhooks of a body: systems that hear what the body is told. They count once a code that was sent there came back.

use domain::{
    actor::Scope,
    id::{Id, Secrets, kind},
    right::Right,
    webhook::{Shape, Target},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{
    channels::{CODE_VALID, Checked, TRIES_MAX},
    require,
};
use crate::{
    Query, Row, Sql, StoreError, Topic, Tx, args,
    kept::{open, seal},
    sign_in::{InstanceKey, same},
};

/// At most so many of one body.
pub const WEBHOOKS_MAX: usize = 10;
/// At most so many characters of a name.
pub const NAME_MAX: usize = 80;
/// At most so many of an address.
pub const URL_MAX: usize = 500;
/// The secret before signs so long beside the new one.
pub const BOTH_SIGN: SignedDuration = SignedDuration::from_hours(24);

/// A webhook as its body wishes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWebhook {
    /// Its id.
    pub id: Id<kind::Webhook>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// What it is called.
    pub name: String,
    /// Where it goes: `https://…`; whether the host may be reached is decided when sending.
    pub url: String,
    /// The shape of what it hears.
    pub shape: Shape,
    /// Whether it hears what, or only that.
    pub details: bool,
}

/// A webhook that is there, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// What was wished.
    pub of: NewWebhook,
    /// When it was verified.
    pub verified_at: Option<Timestamp>,
    /// Until when the secret before signs too.
    pub before_until: Option<Timestamp>,
}

const WEBHOOK: &str =
    "select w.id, w.body, w.name, w.url, w.shape, w.details, w.verified_at, w.before_until, w.code,
    w.code_until, w.tries from webhook w where w.closed_at is null and";

/// The webhooks of a body. Needs [`Right::Administer`] over it.
pub async fn list(sql: &mut Sql, scope: &Scope, body: Id<kind::Body>) -> Result<Vec<Webhook>, StoreError> {
    require(sql, scope, Right::Administer, body).await?;
    let mut query = Query::new(WEBHOOK);
    query.push("w.body =").bind(body).push("order by w.created_at, w.id");
    query.rows(sql).await?.iter().map(webhook).collect()
}

/// Makes one, not yet verified; `secret` is what the receiver checks signatures with. Refusals: `webhook-name`,
/// `webhook-url`, `webhooks-many`.
pub async fn create(
    tx: &mut Tx,
    scope: &Scope,
    key: &InstanceKey,
    secrets: &dyn Secrets,
    new: &NewWebhook,
    secret: &str,
) -> Result<(), StoreError> {
    let held = list(tx, scope, new.body).await?;
    let (name, url) = (new.name.trim(), new.url.trim());
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(StoreError::Refused("webhook-name"));
    }
    let begins = url.starts_with("https://") || url.starts_with("http://");
    if !begins || url.len() > URL_MAX || !url.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(StoreError::Refused("webhook-url"));
    }
    if held.len() >= WEBHOOKS_MAX {
        return Err(StoreError::Refused("webhooks-many"));
    }
    let (sealed, now) = (seal(key, secrets, &place(new.id), secret)?, tx.now());
    tx.exec(
        "insert into webhook (id, body, name, url, shape, details, secret, created_at) values ($1,$2,$3,$4,$5,$6,$7,$8)",
        args![new.id, new.body, name, url, new.shape.name(), new.details, sealed, now],
    )
    .await?;
    done(tx, "webhook.added", new.id, new.body);
    Ok(())
}

/// Gives it another secret; the one before signs beside it for [`BOTH_SIGN`].
pub async fn rotate(
    tx: &mut Tx,
    scope: &Scope,
    key: &InstanceKey,
    secrets: &dyn Secrets,
    id: Id<kind::Webhook>,
    secret: &str,
) -> Result<(), StoreError> {
    let held = changeable(tx, scope, id).await?;
    let sealed = seal(key, secrets, &place(id), secret)?;
    let until = tx.now().checked_add(BOTH_SIGN).unwrap_or(Timestamp::MAX);
    tx.exec(
        "update webhook set secret_before = secret, before_until = $1, secret = $2 where id = $3",
        args![until, sealed, id],
    )
    .await?;
    done(tx, "webhook.secret-changed", id, held.of.body);
    Ok(())
}

/// Ends it.
pub async fn close(tx: &mut Tx, scope: &Scope, id: Id<kind::Webhook>) -> Result<(), StoreError> {
    let held = changeable(tx, scope, id).await?;
    let now = tx.now();
    tx.exec("update webhook set closed_at = $1 where id = $2", args![now, id]).await?;
    done(tx, "webhook.removed", id, held.of.body);
    Ok(())
}

/// Starts a check: the caller sends the code of that digest there.
pub async fn start_check(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Webhook>,
    digest: &str,
) -> Result<Webhook, StoreError> {
    let held = changeable(tx, scope, id).await?;
    let until = tx.now().checked_add(CODE_VALID).unwrap_or(Timestamp::MAX);
    tx.exec(
        "update webhook set code = $1, code_until = $2, tries = 0 where id = $3",
        args![digest, until, id],
    )
    .await?;
    done(tx, "webhook.code-sent", id, held.of.body);
    Ok(held)
}

/// Checks a code that came back. A wrong one is counted, so this must be committed whatever comes out.
pub async fn verify(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Webhook>,
    digest: &str,
) -> Result<Checked, StoreError> {
    let held = changeable(tx, scope, id).await?;
    let row = tx.row("select code, code_until, tries from webhook where id = $1", args![id]).await?;
    let row = row.ok_or(StoreError::NotFound("webhook"))?;
    let (now, tries) = (tx.now(), row.count("tries")?);
    let live = row.opt_time("code_until")?.is_some_and(|until| until > now) && tries < TRIES_MAX;
    let Some(code) = row.opt_text("code")?.filter(|_| live) else {
        done(tx, "webhook.check-failed", id, held.of.body);
        return Ok(Checked::Expired);
    };
    if !same(&code, digest) {
        tx.exec("update webhook set tries = tries + 1 where id = $1", args![id]).await?;
        done(tx, "webhook.check-failed", id, held.of.body);
        return Ok(Checked::Wrong { left: TRIES_MAX.saturating_sub(tries + 1) });
    }
    tx.exec("update webhook set code = null, verified_at = $1 where id = $2", args![now, id]).await?;
    done(tx, "webhook.verified", id, held.of.body);
    Ok(Checked::Verified)
}

/// Whether a body has a webhook that counts: then what the body is told goes there too.
pub async fn any_of(sql: &mut Sql, body: Id<kind::Body>) -> Result<bool, StoreError> {
    let mut query = Query::new(WEBHOOK);
    query.push("w.verified_at is not null and w.body =").bind(body).push("limit 1");
    Ok(query.row(sql).await?.is_some())
}

/// Where it goes and what signs, at `now`.
pub async fn target(
    sql: &mut Sql,
    key: &InstanceKey,
    now: Timestamp,
    id: Id<kind::Webhook>,
) -> Result<Option<Target>, StoreError> {
    let row = sql
        .row(
            "select url, shape, details, secret, secret_before, before_until from webhook
             where id = $1 and closed_at is null",
            args![id],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut secrets = vec![open(key, &place(id), &row.text("secret")?)?];
    if let (Some(before), Some(until)) = (row.opt_text("secret_before")?, row.opt_time("before_until")?)
        && until > now
    {
        secrets.push(open(key, &place(id), &before)?);
    }
    Ok(Some(Target {
        url: row.text("url")?,
        shape: row.word("shape", Shape::parse)?,
        details: row.bool("details")?,
        secrets,
    }))
}

fn place(id: Id<kind::Webhook>) -> String {
    format!("webhook {id}")
}

async fn changeable(tx: &mut Tx, scope: &Scope, id: Id<kind::Webhook>) -> Result<Webhook, StoreError> {
    let mut query = Query::new(WEBHOOK);
    query.push("w.id =").bind(id).push("and").visible(scope, Right::Administer, "w.body");
    query.row(tx).await?.as_ref().map(webhook).transpose()?.ok_or(StoreError::NotFound("webhook"))
}

fn done(tx: &mut Tx, action: &'static str, id: Id<kind::Webhook>, body: Id<kind::Body>) {
    tx.changed(Topic::Register, format!("webhook:{id}"), Some(body));
    tx.record(action, format!("webhook:{id}"), Some(body), &json!({ "webhook": id }));
}

fn webhook(row: &Row) -> Result<Webhook, StoreError> {
    let of = NewWebhook {
        id: row.id("id")?,
        body: row.id("body")?,
        name: row.text("name")?,
        url: row.text("url")?,
        shape: row.word("shape", Shape::parse)?,
        details: row.bool("details")?,
    };
    let (verified_at, before_until) = (row.opt_time("verified_at")?, row.opt_time("before_until")?);
    Ok(Webhook { of, verified_at, before_until })
}
