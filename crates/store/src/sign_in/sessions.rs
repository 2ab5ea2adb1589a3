//! Sessions: a random secret in a cookie, its digest here; rotated, with an idle and an absolute end.

use domain::{
    actor::Actor,
    id::{Id, kind},
};
use jiff::{SignedDuration, Timestamp};

use super::after;
use crate::{Db, Row, Sql, StoreError, Tx, args};

/// A session ends after so long without a request: an unwatched screen at a commune's desk.
pub const IDLE: SignedDuration = SignedDuration::from_mins(30);
/// A session ends after so long in any case: one working day with its overtime.
pub const ABSOLUTE: SignedDuration = SignedDuration::from_hours(12);
/// A session that still lacks its second factor or set-up ends after so long: time to install an authenticator.
pub const HALF: SignedDuration = SignedDuration::from_mins(30);
/// The secret changes this often, so that a stolen cookie is soon noticed or worthless.
pub const ROTATE: SignedDuration = SignedDuration::from_mins(15);
/// The secret before stays good so long after the new one was first seen: for requests already on their way.
pub const OVERLAP: SignedDuration = SignedDuration::from_secs(60);
/// `seen_at` is written no more often than this.
const TOUCH: SignedDuration = SignedDuration::from_secs(60);
/// Wrong second factors after which a session ends and the password is asked again.
pub const TRIES_MAX: u32 = 5;

/// How far a sign-in has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The first factor was right; the second is missing.
    Second,
    /// Password or second factor must still be set up.
    SetUp,
    /// Signed in.
    Full,
}

impl Stage {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Second => "second",
            Stage::SetUp => "set-up",
            Stage::Full => "full",
        }
    }
    fn parse(name: &str) -> Option<Self> {
        [Stage::Second, Stage::SetUp, Stage::Full].into_iter().find(|s| s.name() == name)
    }
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: Id<kind::Session>,
    /// Whose.
    pub person: Id<kind::Person>,
    /// How far it has come.
    pub stage: Stage,
    /// When it began.
    pub created_at: Timestamp,
    /// Last request, to the minute.
    pub seen_at: Timestamp,
    /// When it ends without another request.
    pub idle_until: Timestamp,
    /// When it ends in any case.
    pub ends_at: Timestamp,
    /// What the browser calls itself.
    pub agent: String,
    /// From where it began.
    pub address: String,
}

/// What the finder of a session has to do about it: see [`keep`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// Nothing.
    None,
    /// Write down that it was seen.
    Touch,
    /// Give it a new secret.
    Rotate,
    /// An old secret came back after its time: somebody copied it. End the session.
    Replayed,
}

/// A session found by the secret of a cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The session.
    pub session: Session,
    /// The person's name.
    pub name: String,
    /// The person's language, `vi` or `en`.
    pub lang: String,
    /// What is to be done about it.
    pub care: Care,
    digest: String,
    current: bool,
}

/// A session to be begun.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// Its id.
    pub id: Id<kind::Session>,
    /// Digest of its secret.
    pub digest: &'a str,
    /// Whose.
    pub person: Id<kind::Person>,
    /// How far it has come.
    pub stage: Stage,
    /// What the browser calls itself; cut to 200 characters.
    pub agent: &'a str,
    /// From where.
    pub address: &'a str,
}

/// Begins a session.
pub async fn begin(tx: &mut Tx, new: &New<'_>) -> Result<(), StoreError> {
    let now = tx.now();
    let (idle, ends) = spans(now, new.stage);
    let agent: String = new.agent.chars().filter(|c| !c.is_control()).take(200).collect();
    tx.exec(
        "insert into session (id, hash, person, stage, created_at, seen_at, rotated_at, idle_until, ends_at, agent, address)
         values ($1,$2,$3,$4,$5,$5,$5,$6,$7,$8,$9)",
        args![new.id, new.digest, new.person, new.stage.name(), now, idle, ends, agent, new.address],
    )
    .await?;
    arrived(tx, new.id, new.person, new.stage).await
}

/// Moves a session to another stage under a new secret; the old one is worthless at once (no fixed sessions).
pub async fn promote(tx: &mut Tx, session: &Session, digest: &str, stage: Stage) -> Result<(), StoreError> {
    let now = tx.now();
    let (idle, ends) = spans(now, stage);
    let changed = tx
        .exec(
            "update session set hash = $1, previous_hash = null, previous_until = null, stage = $2, tries = 0,
                    seen_at = $3, rotated_at = $3, idle_until = $4, ends_at = $5
             where id = $6 and stage = $7 and revoked_at is null",
            args![digest, stage.name(), now, idle, ends, session.id, session.stage.name()],
        )
        .await?;
    if changed == 0 {
        return Err(StoreError::NotFound("session"));
    }
    arrived(tx, session.id, session.person, stage).await
}

async fn arrived(
    tx: &mut Tx,
    id: Id<kind::Session>,
    person: Id<kind::Person>,
    stage: Stage,
) -> Result<(), StoreError> {
    let action = match stage {
        Stage::Second => "session.second-factor-asked",
        Stage::SetUp => "session.set-up",
        Stage::Full => {
            let now = tx.now();
            tx.exec("update account set signed_in_at = $1 where person = $2", args![now, person]).await?;
            "session.started"
        }
    };
    tx.record(action, format!("session:{id}"), None, &person);
    Ok(())
}

fn spans(now: Timestamp, stage: Stage) -> (Timestamp, Timestamp) {
    match stage {
        Stage::Full => (after(now, IDLE), after(now, ABSOLUTE)),
        Stage::Second | Stage::SetUp => (after(now, HALF), after(now, HALF)),
    }
}

/// The session behind the digest of a cookie's secret, if it is alive and its account may sign in.
pub async fn find(sql: &mut Sql, digest: &str, now: Timestamp) -> Result<Option<Found>, StoreError> {
    let row = sql
        .row(
            "select s.*, p.name, p.lang from session s
             join person p on p.id = s.person join account a on a.person = s.person
             where (s.hash = $1 or s.previous_hash = $1) and s.revoked_at is null
               and s.idle_until > $2 and s.ends_at > $2 and a.disabled_at is null and p.closed_at is null",
            args![digest, now],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let current = row.text("hash")? == digest;
    let since = |at: Timestamp| now.duration_since(at);
    let (rotated, until) = (row.time("rotated_at")?, row.opt_time("previous_until")?);
    let waiting = row.opt_text("previous_hash")?.is_some() && until.is_none();
    let session = from_row(&row)?;
    let care = match (current, until) {
        (true, _) if since(rotated) >= ROTATE && session.stage == Stage::Full => Care::Rotate,
        (true, _) if waiting || since(session.seen_at) >= TOUCH => Care::Touch,
        (true, _) => Care::None,
        // The answer that carried the new secret may have been lost on a thin line: give it another.
        (false, None) if since(rotated) >= OVERLAP => Care::Rotate,
        (false, None) => Care::None,
        (false, Some(until)) if until > now => Care::None,
        (false, Some(_)) => Care::Replayed,
    };
    Ok(Some(Found {
        session,
        name: row.text("name")?,
        lang: row.text("lang")?,
        care,
        digest: digest.to_owned(),
        current,
    }))
}

/// Does what [`Found::care`] asks. Returns whether `fresh` (the digest of a new secret) is now the session's: only then
/// may the cookie be set. Of two requests at once only one rotates.
pub async fn keep(db: &Db, found: &Found, fresh: &str, now: Timestamp) -> Result<bool, StoreError> {
    let session = &found.session;
    if found.care == Care::Replayed {
        let done: Result<(), StoreError> = crate::write!(db, Actor::Nobody, now, tx => {
            end(tx, session.id, "session.replayed").await
        });
        return done.map(|()| false);
    }
    if found.care == Care::None {
        return Ok(false);
    }
    let idle =
        if session.stage == Stage::Full { after(now, IDLE).min(session.ends_at) } else { session.idle_until };
    let mut tx = db.begin_quiet(now).await?;
    let rotated = match (found.care, found.current) {
        (Care::Rotate, true) => {
            tx.exec(
                "update session set previous_hash = hash, previous_until = null, hash = $1, rotated_at = $2, seen_at = $2,
                        idle_until = $3 where id = $4 and hash = $5",
                args![fresh, now, idle, session.id, &found.digest],
            )
            .await?
        }
        (Care::Rotate, false) => {
            tx.exec(
                "update session set hash = $1, rotated_at = $2, seen_at = $2, idle_until = $3
                 where id = $4 and previous_hash = $5 and previous_until is null and rotated_at <= $6",
                args![fresh, now, idle, session.id, &found.digest, after(now, -OVERLAP)],
            )
            .await?
        }
        _ => {
            tx.exec(
                "update session set seen_at = $1, idle_until = $2,
                        previous_until = case when previous_hash is not null and previous_until is null then $3
                                              else previous_until end
                 where id = $4 and hash = $5",
                args![now, idle, after(now, OVERLAP), session.id, &found.digest],
            )
            .await?;
            0
        }
    };
    tx.commit().await?;
    Ok(rotated > 0)
}

/// Counts a wrong second factor; at [`TRIES_MAX`] the session ends. Returns whether it still lives.
pub async fn wrong(tx: &mut Tx, id: Id<kind::Session>) -> Result<bool, StoreError> {
    let row = tx.row("update session set tries = tries + 1 where id = $1 returning tries", args![id]).await?;
    let tries = row.map_or(Ok(TRIES_MAX), |r| r.count("tries"))?;
    if tries >= TRIES_MAX {
        end(tx, id, "session.revoked").await?;
    }
    Ok(tries < TRIES_MAX)
}

/// A person's living sessions, newest first; half-way sign-ins are left out.
pub async fn list(
    sql: &mut Sql,
    person: Id<kind::Person>,
    now: Timestamp,
) -> Result<Vec<Session>, StoreError> {
    let rows = sql
        .rows(
            "select * from session where person = $1 and stage = 'full' and revoked_at is null
               and idle_until > $2 and ends_at > $2 order by created_at desc, id desc",
            args![person, now],
        )
        .await?;
    rows.iter().map(from_row).collect()
}

/// Ends one of a person's sessions.
pub async fn revoke(tx: &mut Tx, person: Id<kind::Person>, id: Id<kind::Session>) -> Result<(), StoreError> {
    let own = tx.row(
        "select id from session where id = $1 and person = $2 and revoked_at is null",
        args![id, person],
    );
    own.await?.ok_or(StoreError::NotFound("session"))?;
    end(tx, id, "session.revoked").await
}

/// Ends all of a person's sessions but one: after a change of password, a reset, a disabling. Returns how many.
pub async fn revoke_all(
    tx: &mut Tx,
    person: Id<kind::Person>,
    but: Option<Id<kind::Session>>,
) -> Result<u32, StoreError> {
    let now = tx.now();
    let rows = tx
        .rows(
            "select id from session where person = $1 and revoked_at is null and ends_at > $2 order by id",
            args![person, now],
        )
        .await?;
    let mut ended = 0;
    for row in rows {
        let id = row.id("id")?;
        if Some(id) != but {
            end(tx, id, "session.revoked").await?;
            ended += 1;
        }
    }
    Ok(ended)
}

async fn end(tx: &mut Tx, id: Id<kind::Session>, action: &'static str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("update session set revoked_at = $1 where id = $2 and revoked_at is null", args![now, id])
        .await?;
    tx.record(action, format!("session:{id}"), None, &());
    Ok(())
}

fn from_row(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.id("id")?,
        person: row.id("person")?,
        stage: row.word("stage", Stage::parse)?,
        created_at: row.time("created_at")?,
        seen_at: row.time("seen_at")?,
        idle_until: row.time("idle_until")?,
        ends_at: row.time("ends_at")?,
        agent: row.text("agent")?,
        address: row.text("address")?,
    })
}
