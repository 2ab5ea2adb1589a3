//! What outside systems report at an inlet: it starts a call-out by the policies in force, and ends it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
    paging::{
        About, Severity, Standing,
        outside::{Report, Tongue, read},
    },
};
use hmac::{Hmac, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use super::{
    New,
    answer::finish,
    any,
    inlets::{changeable, place, subject_of},
    raise,
};
use crate::{
    Db, Row, Sql, StoreError, Topic, Tx, args,
    assignments::{Tools, written},
    kept::open,
    sign_in::{InstanceKey, digest, same},
};

/// So many call-outs of one inlet may be under way; of a storm the first are enough to wake people, and what reports it is
/// told to come again.
pub const OPEN_MAX: u32 = 20;
/// Repeats more often than this are not written down one by one.
const WRITE_EVERY: SignedDuration = SignedDuration::from_secs(5);
/// A signed message is believed so long before and after it was signed, as the standard's own libraries do.
const SIGNED_FOR: SignedDuration = SignedDuration::from_mins(5);
/// Groups of which nothing was heard for so long are forgotten: what reported them never said that they are over.
const FORGET_AFTER: SignedDuration = SignedDuration::from_hours(24 * 90);

/// The headers of a signed message.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signed<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`.
    pub timestamp: &'a str,
    /// `webhook-signature`.
    pub signature: &'a str,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// A call-out began.
    Raised(Id<kind::Callout>),
    /// It belongs to one under way.
    Known(Id<kind::Callout>),
    /// It ended one.
    Ended(Id<kind::Callout>),
    /// There was nothing to do.
    Nothing,
}

/// A report at an address. `NotFound` for a secret that names no inlet; `Refused`: `inlet-signature`, `inlet-unreadable`,
/// `inlet-storm`.
pub async fn report(
    db: &Db,
    tools: &Tools<'_>,
    key: &InstanceKey,
    now: Timestamp,
    secret: &str,
    body: &str,
    signed: Signed<'_>,
) -> Result<Became, StoreError> {
    let mut sql = db.read().await?;
    let row =
        sql.row("select * from inlet where digest = $1 and closed_at is null", args![digest(secret)]).await?;
    let row = row.ok_or(StoreError::NotFound("inlet"))?;
    let of = Heard::of(&row)?;
    if of.tongue == Tongue::Signed {
        let secret = open(key, &place(of.id), &row.text("secret")?)?;
        if !is_signed(&secret, signed, body, now) {
            return Err(StoreError::Refused("inlet-signature"));
        }
    }
    heard(db, sql, tools, now, &of, body, signed.id, Actor::System).await
}

/// A report through the API, by whoever may change the inlet: without a signature, since the token says who they are.
/// Needs [`Right::Prepare`] over the inlet's body.
pub async fn report_of(
    db: &Db,
    scope: &Scope,
    actor: Actor,
    tools: &Tools<'_>,
    now: Timestamp,
    id: Id<kind::Inlet>,
    body: &str,
) -> Result<Became, StoreError> {
    let mut sql = db.read().await?;
    changeable(&mut sql, scope, id).await?;
    let row = sql.row("select * from inlet where id = $1 and closed_at is null", args![id]).await?;
    let of = Heard::of(&row.ok_or(StoreError::NotFound("inlet"))?)?;
    heard(db, sql, tools, now, &of, body, "", actor).await
}

/// What a report needs to know of where it came.
struct Heard {
    id: Id<kind::Inlet>,
    body: Id<kind::Body>,
    name: String,
    tongue: Tongue,
    severity: Severity,
    last_at: Option<Timestamp>,
    paused_until: Option<Timestamp>,
}

impl Heard {
    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id("id")?,
            body: row.id("body")?,
            name: row.text("name")?,
            tongue: row.word("tongue", Tongue::parse)?,
            severity: row.word("severity", Severity::parse)?,
            last_at: row.opt_time("last_at")?,
            paused_until: row.opt_time("paused_until")?,
        })
    }
}

#[allow(clippy::too_many_arguments)] // what came, where, when, from whom
async fn heard(
    db: &Db,
    mut sql: Sql,
    tools: &Tools<'_>,
    now: Timestamp,
    of: &Heard,
    body: &str,
    message: &str,
    actor: Actor,
) -> Result<Became, StoreError> {
    let report = read(of.tongue, body, message).ok_or(StoreError::Refused("inlet-unreadable"))?;
    let group = digest(&report.group);
    let lately = of.last_at.is_some_and(|last| now.duration_since(last) < WRITE_EVERY);
    match (current(&mut sql, of.id, &group).await?, report.over) {
        (Some(c), false) if c.goes_on() && lately => return Ok(Became::Known(c.id)),
        (None, true) if lately => return Ok(Became::Nothing),
        _ => {}
    }
    drop(sql);
    crate::write!(db, actor, now, tx => {
        tx.exec("update inlet set last_at = $2 where id = $1", args![of.id, now]).await?;
        tx.changed(Topic::Callout, subject_of(of.id), Some(of.body));
        match (current(tx, of.id, &group).await?, report.over) {
            (Some(c), true) => end(tx, tools, of, &group, &c, &report).await,
            (Some(c), false) if c.goes_on() => {
                tx.unchanged();
                Ok(Became::Known(c.id))
            }
            // What was sent again because its receipt was lost is not the same trouble anew.
            (Some(c), false) if !message.is_empty() && c.message == message => {
                tx.unchanged();
                Ok(Became::Nothing)
            }
            // What still fires when the pause is over is told again.
            (_, false) if of.paused_until.is_some_and(|until| until > now) => {
                tx.unchanged();
                Ok(Became::Nothing)
            }
            (_, false) => begin(tx, tools, of, &group, message, &report).await,
            (None, true) => {
                tx.unchanged();
                Ok(Became::Nothing)
            }
        }
    })
}

/// The call-out a group began last.
struct Current {
    id: Id<kind::Callout>,
    standing: Standing,
    message: String,
}

impl Current {
    /// Whether people are being called or have it: one that ended, or that nobody answered, begins anew.
    fn goes_on(&self) -> bool {
        !self.standing.is_over()
    }
}

async fn current(sql: &mut Sql, inlet: Id<kind::Inlet>, group: &str) -> Result<Option<Current>, StoreError> {
    let row = sql
        .row(
            "select c.id, c.standing, g.message from inlet_group g join callout c on c.id = g.callout
             where g.inlet = $1 and g.digest = $2",
            args![inlet, group],
        )
        .await?;
    let one = |row: Row| {
        let standing = row.word("standing", Standing::parse)?;
        Ok(Current { id: row.id("id")?, standing, message: row.text("message")? })
    };
    row.map(one).transpose()
}

async fn begin(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Heard,
    group: &str,
    message: &str,
    report: &Report,
) -> Result<Became, StoreError> {
    let now = tx.now();
    let subject = subject_of(of.id);
    let open = tx
        .row(
            "select count(*) as n from callout where subject = $1 and standing in ('open', 'acknowledged')",
            args![&subject],
        )
        .await?;
    if open.map_or(Ok(0), |r| r.count("n"))? >= OPEN_MAX {
        return Err(StoreError::Refused("inlet-storm"));
    }
    let row = tx.row("select name from body where id = $1", args![of.body]).await?;
    let body_name = row.map_or(Ok(String::new()), |r| r.text("name"))?;
    let title = if report.title.is_empty() { of.name.clone() } else { report.title.clone() };
    let words = vec![
        ("title", title),
        ("source", of.name.clone()),
        ("body", body_name),
        ("n", report.burning.max(1).to_string()),
        ("since", written(now)),
    ];
    let new = New {
        key: format!("inlet/{}/{group}/{}", of.id, now.as_microsecond()),
        about: About::Outside,
        subject,
        body: of.body,
        post: None,
        person: None,
        severity: report.severity.unwrap_or(of.severity),
        words,
        since: now,
    };
    let Some(id) = raise(tx, tools, new).await? else {
        tx.unchanged();
        return Ok(Became::Nothing);
    };
    let old = now.checked_sub(FORGET_AFTER).unwrap_or(Timestamp::MIN);
    tx.exec("delete from inlet_group where inlet = $1 and at < $2", args![of.id, old]).await?;
    tx.exec(
        "insert into inlet_group (inlet, digest, callout, message, at) values ($1,$2,$3,$4,$5)
         on conflict (inlet, digest) do update set callout = excluded.callout, message = excluded.message, at = excluded.at",
        args![of.id, group, id, message, now],
    )
    .await?;
    Ok(Became::Raised(id))
}

async fn end(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Heard,
    group: &str,
    current: &Current,
    report: &Report,
) -> Result<Became, StoreError> {
    tx.unchanged();
    if current.standing == Standing::Resolved {
        return Ok(Became::Nothing);
    }
    let mut callout = any(tx, current.id).await?;
    let note =
        if report.title.is_empty() { of.name.clone() } else { format!("{}: {}", of.name, report.title) };
    finish(tx, tools, &mut callout, None, "inlet", &note).await?;
    // Signed messages that come late must find that theirs was begun and ended.
    if of.tongue == Tongue::Alertmanager {
        tx.exec("delete from inlet_group where inlet = $1 and digest = $2", args![of.id, group]).await?;
    }
    Ok(Became::Ended(current.id))
}

/// Whether a message bears a signature of that secret, made lately: `v1,BASE64(HMAC-SHA-256(secret, "id.timestamp.body"))`.
fn is_signed(secret: &str, signed: Signed<'_>, body: &str, now: Timestamp) -> bool {
    let lately = signed.timestamp.parse().ok().and_then(|s| Timestamp::from_second(s).ok());
    let lately = lately.is_some_and(|at| now.duration_since(at).abs() <= SIGNED_FOR);
    let key = secret.strip_prefix("whsec_").and_then(|k| STANDARD.decode(k).ok());
    let mac = key.and_then(|key| Hmac::<Sha256>::new_from_slice(&key).ok());
    let (true, Some(mut mac)) = (lately && !signed.id.is_empty(), mac) else { return false };
    mac.update(format!("{}.{}.{body}", signed.id, signed.timestamp).as_bytes());
    let ours = STANDARD.encode(mac.finalize().into_bytes());
    let theirs = signed.signature.split(' ').filter_map(|s| s.strip_prefix("v1,"));
    theirs.fold(false, |found, one| found | same(one, &ours))
}
