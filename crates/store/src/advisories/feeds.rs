//! The feeds themselves.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    feed::{KEY_MAX, NAME_MAX, PLACE_MAX, Place, Signed, Trouble, is_address},
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;
use review::signed::Keys;

use crate::{Row, Sql, StoreError, Topic, Tx, args, findings, troubles};

/// A feed and how it fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Its id.
    pub id: Id<kind::Feed>,
    /// What it is called.
    pub name: String,
    /// How it is reached.
    pub kind: Place,
    /// Where it is: path or address.
    pub place: String,
    /// What the other side said it is the state of (`ETag`).
    pub etag: Option<String>,
    /// Whether what it gave was signed.
    pub signed: Signed,
    /// The keys by one of which every file of it must be signed, as their file says them.
    pub key: Option<String>,
    /// When it was last tried.
    pub tried_at: Option<Timestamp>,
    /// When it was last read with success.
    pub read_at: Option<Timestamp>,
    /// When it last brought something new.
    pub changed_at: Option<Timestamp>,
    /// What is wrong with it, and with which file.
    pub trouble: Option<(Trouble, String)>,
    /// How many advisories it gave.
    pub advisories: u32,
}

/// A feed to be added.
#[derive(Debug, Clone)]
pub struct NewFeed<'a> {
    /// Its id.
    pub id: Id<kind::Feed>,
    /// What it is called.
    pub name: &'a str,
    /// How it is reached.
    pub kind: Place,
    /// Where it is.
    pub place: &'a str,
    /// Whether what it gives was signed.
    pub signed: Signed,
}

const SELECT: &str =
    "select id, name, kind, place, etag, signed, key, tried_at, read_at, changed_at, trouble, trouble_where,
    advisories from feed where closed_at is null";

/// Whether the scope may add and remove feeds.
pub async fn may_change(sql: &mut Sql, scope: &Scope) -> Result<bool, StoreError> {
    troubles::may_see(sql, scope).await
}

async fn must(sql: &mut Sql, scope: &Scope) -> Result<(), StoreError> {
    if may_change(sql, scope).await? { Ok(()) } else { Err(StoreError::NotFound("feed")) }
}

/// All feeds by name, for whoever may see anything.
pub async fn feeds(sql: &mut Sql, scope: &Scope) -> Result<Vec<Feed>, StoreError> {
    if !scope.anywhere(Right::See) {
        return Ok(Vec::new());
    }
    let mut feeds: Vec<Feed> =
        sql.rows(SELECT, vec![]).await?.iter().map(from_row).collect::<Result<_, _>>()?;
    feeds.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
    Ok(feeds)
}

/// One feed.
pub async fn feed(sql: &mut Sql, scope: &Scope, id: Id<kind::Feed>) -> Result<Feed, StoreError> {
    let found = feeds(sql, scope).await?.into_iter().find(|f| f.id == id);
    found.ok_or(StoreError::NotFound("feed"))
}

/// Adds a feed. Refusals: `feed-name`, `feed-place`, `feed-taken`.
pub async fn add(tx: &mut Tx, scope: &Scope, new: &NewFeed<'_>) -> Result<(), StoreError> {
    must(tx, scope).await?;
    let (name, place) = (new.name.trim(), new.place.trim());
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(StoreError::Refused("feed-name"));
    }
    let fits = match new.kind {
        Place::Url => is_address(place),
        _ => !place.is_empty() && place.len() <= PLACE_MAX && !place.chars().any(char::is_control),
    };
    if !fits {
        return Err(StoreError::Refused("feed-place"));
    }
    let taken = tx.row("select id from feed where place = $1 and closed_at is null", args![place]).await?;
    if taken.is_some() {
        return Err(StoreError::Refused("feed-taken"));
    }
    let now = tx.now();
    tx.exec(
        "insert into feed (id, name, kind, place, signed, created_at) values ($1,$2,$3,$4,$5,$6)",
        args![new.id, name, new.kind.name(), place, new.signed.name(), now],
    )
    .await?;
    tx.record("feed.added", format!("feed:{}", new.id), None, &(name, place));
    tx.changed(Topic::Advisory, format!("feed:{}", new.id), None);
    Ok(())
}

/// From now on nothing of a feed is taken in that has no good signature by one of those OpenPGP keys; says their
/// fingerprints. Refusal: `feed-key`.
pub async fn trust(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Feed>,
    key: &str,
) -> Result<Vec<String>, StoreError> {
    must(tx, scope).await?;
    let found = Some(key).filter(|key| key.len() <= KEY_MAX).and_then(|key| Keys::parse(key.as_bytes()));
    let prints = found.ok_or(StoreError::Refused("feed-key"))?.fingerprints();
    tx.exec("update feed set key = $1, signed = $2 where id = $3", args![key, Signed::Good.name(), id])
        .await?;
    tx.record("feed.trusted", format!("feed:{id}"), None, &prints);
    tx.changed(Topic::Advisory, format!("feed:{id}"), None);
    Ok(prints)
}

/// Removes a feed with all it gave: what no other feed says is no longer known.
pub async fn remove(tx: &mut Tx, scope: &Scope, id: Id<kind::Feed>) -> Result<(), StoreError> {
    must(tx, scope).await?;
    let feed = feed(tx, scope, id).await?;
    if feed.kind == Place::Own {
        return Err(StoreError::Refused("feed-own"));
    }
    findings::judge_all(tx).await?;
    tx.exec(
        "delete from advisory_key where advisory in (select a.id from advisory a where a.feed = $1)",
        args![id],
    )
    .await?;
    for sql in [
        "delete from advisory where feed = $1",
        "delete from flaw_signal where feed = $1",
        "delete from feed_file where feed = $1",
    ] {
        tx.exec(sql, args![id]).await?;
    }
    let now = tx.now();
    // The row stays for the log; its place may be added again.
    tx.exec(
        "update feed set closed_at = $1, place = place || '#' || id, advisories = 0 where id = $2",
        args![now, id],
    )
    .await?;
    tx.record("feed.removed", format!("feed:{id}"), None, &feed.place);
    tx.changed(Topic::Advisory, format!("feed:{id}"), None);
    Ok(())
}

/// The digest of each file of a feed as it was last taken in.
pub async fn known_files(sql: &mut Sql, id: Id<kind::Feed>) -> Result<HashMap<String, String>, StoreError> {
    let rows = sql.rows("select name, sha256 from feed_file where feed = $1", args![id]).await?;
    rows.iter().map(|r| Ok((r.text("name")?, r.text("sha256")?))).collect()
}

/// It was asked and has nothing new. Quiet.
pub async fn same(tx: &mut Tx, id: Id<kind::Feed>) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "update feed set tried_at = $1, read_at = $1, trouble = null, trouble_where = null where id = $2",
        args![now, id],
    )
    .await?;
    tx.unchanged();
    Ok(())
}

/// It was read through: `etag` for the next time, what was wrong with one of its files, whether anything was new.
pub async fn settle(
    tx: &mut Tx,
    id: Id<kind::Feed>,
    etag: Option<&str>,
    trouble: Option<&(Trouble, String)>,
    new: bool,
) -> Result<(), StoreError> {
    let now = tx.now();
    let (code, place) = (trouble.map(|t| t.0.name()), trouble.map(|t| t.1.as_str()));
    tx.exec(
        "update feed set tried_at = $1, read_at = $1, etag = $2, trouble = $3, trouble_where = $4,
           changed_at = case when $5 then $1 else changed_at end,
           advisories = (select count(*) from advisory a where a.feed = $6) where id = $6",
        args![now, etag, code, place, new, id],
    )
    .await?;
    tx.changed(Topic::Advisory, format!("feed:{id}"), None);
    tx.unchanged();
    Ok(())
}

/// It could not be read at all; what is known of it stays. The first time of a row is recorded.
pub async fn wrong(tx: &mut Tx, id: Id<kind::Feed>, trouble: Trouble, place: &str) -> Result<(), StoreError> {
    let now = tx.now();
    let fresh = tx
        .row(
            "select id from feed where id = $1 and (trouble is null or trouble <> $2)",
            args![id, trouble.name()],
        )
        .await?;
    tx.exec(
        "update feed set tried_at = $1, trouble = $2, trouble_where = $3 where id = $4",
        args![now, trouble.name(), place, id],
    )
    .await?;
    if fresh.is_none() {
        tx.unchanged();
        return Ok(());
    }
    tx.record("feed.failed", format!("feed:{id}"), None, &trouble.name());
    tx.changed(Topic::Advisory, format!("feed:{id}"), None);
    Ok(())
}

fn from_row(row: &Row) -> Result<Feed, StoreError> {
    let trouble = row.opt_text("trouble")?.and_then(|code| Trouble::parse(&code));
    Ok(Feed {
        id: row.id("id")?,
        name: row.text("name")?,
        kind: row.word("kind", Place::parse)?,
        place: row.text("place")?,
        etag: row.opt_text("etag")?,
        signed: row.word("signed", Signed::parse)?,
        key: row.opt_text("key")?,
        tried_at: row.opt_time("tried_at")?,
        read_at: row.opt_time("read_at")?,
        changed_at: row.opt_time("changed_at")?,
        trouble: trouble.zip(Some(row.opt_text("trouble_where")?.unwrap_or_default())),
        advisories: row.count("advisories")?,
    })
}
