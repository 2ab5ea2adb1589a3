//! Posts: what must be watched.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
    roster::{CheckIn, EVERY_MINUTES_MIN, Post, Presence},
    text::{fold, sort_key},
};

use super::{Need, any_side, changed, held, post, subject};
use crate::{Query, Sql, StoreError, Tx, args, assignments::said, register::require};

/// What a post is called.
pub const NAME_MAX: usize = 200;
/// A body with more posts than this has mistaken people for posts.
const POSTS_MAX: u32 = 200;
/// At most so many bodies share a post.
const SHARED_MAX: usize = 500;
/// At most so many people are first in line at once.
const NEEDED_MAX: u8 = 20;
/// A check-in may be late by a working day at most; longer and nobody is on watch.
const GRACE_MAX: u16 = 480;

/// A post as it is entered.
#[derive(Debug, Clone)]
pub struct NewPost<'a> {
    /// Its id.
    pub id: Id<kind::Post>,
    /// Whose post it is.
    pub body: Id<kind::Body>,
    /// What it is called.
    pub name: &'a str,
    /// How people are on duty there.
    pub presence: Presence,
    /// The post that watches this one too.
    pub covered_by: Option<Id<kind::Post>>,
    /// How many first in line at once.
    pub needed: u8,
    /// Whether somebody must be behind them.
    pub backup: bool,
    /// What they owe.
    pub check_in: CheckIn,
    /// Bodies whose post it is too.
    pub shared: &'a [Id<kind::Body>],
}

/// A post as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The post.
    pub post: Post,
    /// Its body's name.
    pub body_name: String,
    /// Bodies whose post it is too, of those that may be seen.
    pub shared: Vec<(Id<kind::Body>, String)>,
    /// Whether it was given up.
    pub closed: bool,
    /// For the optimistic lock.
    pub version: i64,
}

/// Enters a post; needs [`Right::Prepare`] over its body and sight of those who share it. `Refused`: `text-empty`,
/// `text-long`, `posts-many`, `post-needed`, `post-check-in`, `post-covered`, `post-shared`.
pub async fn create(tx: &mut Tx, scope: &Scope, new: &NewPost<'_>) -> Result<(), StoreError> {
    require(tx, scope, Right::Prepare, new.body).await?;
    let name = checked(tx, scope, new).await?;
    let row = tx
        .row("select count(*) as n from post where body = $1 and closed_at is null", args![new.body])
        .await?;
    if row.map_or(Ok(0), |r| r.count("n"))? >= POSTS_MAX {
        return Err(StoreError::Refused("posts-many"));
    }
    let now = tx.now();
    let check_in = json(&new.check_in)?;
    tx.exec(
        "insert into post (id, body, name, folded, sort_key, presence, covered_by, needed, backup, check_in, created_at)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)",
        args![
            new.id,
            new.body,
            &name,
            fold(&name),
            sort_key(&name),
            new.presence.name(),
            new.covered_by,
            new.needed,
            new.backup,
            check_in,
            now
        ],
    )
    .await?;
    share(tx, new).await?;
    wrote(tx, scope, "post.created", new, &name).await
}

/// Changes a post; its body stays. `version` is the one that was read: `Conflict` where another was faster.
pub async fn change(tx: &mut Tx, scope: &Scope, new: &NewPost<'_>, version: i64) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Plan, new.id).await?;
    let new = &NewPost { body: of.body, ..new.clone() };
    let name = checked(tx, scope, new).await?;
    let check_in = json(&new.check_in)?;
    let touched = tx
        .exec(
            "update post set name = $1, folded = $2, sort_key = $3, presence = $4, covered_by = $5, needed = $6,
               backup = $7, check_in = $8, version = version + 1 where id = $9 and version = $10",
            args![
                &name,
                fold(&name),
                sort_key(&name),
                new.presence.name(),
                new.covered_by,
                new.needed,
                new.backup,
                check_in,
                new.id,
                version
            ],
        )
        .await?;
    if touched == 0 {
        return Err(StoreError::Stale);
    }
    // Those who shared it until now must hear of it too.
    changed(tx, &of).await?;
    tx.exec("delete from post_share where post = $1", args![new.id]).await?;
    share(tx, new).await?;
    wrote(tx, scope, "post.changed", new, &name).await
}

/// Gives a post up: its shifts from now on go; what was on duty stays on record.
pub async fn close(tx: &mut Tx, scope: &Scope, id: Id<kind::Post>) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Plan, id).await?;
    let now = tx.now();
    tx.exec("update post set closed_at = $1 where id = $2", args![now, id]).await?;
    tx.exec("delete from shift where post = $1 and from_at >= $2", args![id, now]).await?;
    tx.exec("update shift set to_at = $2 where post = $1 and to_at > $2", args![id, now]).await?;
    tx.record("post.closed", subject(id), Some(of.body), &of.name);
    changed(tx, &of).await
}

async fn checked(tx: &mut Tx, scope: &Scope, new: &NewPost<'_>) -> Result<String, StoreError> {
    if !(1..=NEEDED_MAX).contains(&new.needed) {
        return Err(StoreError::Refused("post-needed"));
    }
    let rule = new.check_in;
    let often = rule.every_minutes.is_some_and(|m| m < EVERY_MINUTES_MIN);
    if often || rule.grace_minutes == 0 || rule.grace_minutes > GRACE_MAX {
        return Err(StoreError::Refused("post-check-in"));
    }
    match (new.presence, new.covered_by) {
        (Presence::Covered, Some(by)) if by != new.id => {
            // It must be one that is watched itself: no chains, no rings.
            let by = held(tx, scope, Need::See, by).await?;
            if by.presence == Presence::Covered {
                return Err(StoreError::Refused("post-covered"));
            }
        }
        (Presence::Covered, _) | (_, Some(_)) => return Err(StoreError::Refused("post-covered")),
        (_, None) => {}
    }
    if new.shared.len() > SHARED_MAX || new.shared.contains(&new.body) {
        return Err(StoreError::Refused("post-shared"));
    }
    for body in new.shared {
        require(tx, scope, Right::See, *body).await?;
    }
    said(new.name, NAME_MAX)
}

async fn share(tx: &mut Tx, new: &NewPost<'_>) -> Result<(), StoreError> {
    for body in new.shared {
        tx.exec(
            "insert into post_share (post, body) values ($1,$2) on conflict (post, body) do nothing",
            args![new.id, *body],
        )
        .await?;
    }
    Ok(())
}

async fn wrote(
    tx: &mut Tx,
    scope: &Scope,
    action: &'static str,
    new: &NewPost<'_>,
    name: &str,
) -> Result<(), StoreError> {
    let detail = (name, new.presence, new.covered_by, new.needed, new.backup, new.check_in, new.shared);
    tx.record(action, subject(new.id), Some(new.body), &detail);
    let of = held(tx, scope, Need::See, new.id).await?;
    changed(tx, &of).await
}

/// The posts a scope may see, of one body (its own and those it shares) or of all; by body and name.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    body: Option<Id<kind::Body>>,
    closed: bool,
) -> Result<Vec<Shown>, StoreError> {
    let mut query = Query::new(
        "select p.*, p.closed_at as closed, b.name as body_name, b.sort_key as body_key from post p
         join body b on b.id = p.body where",
    );
    any_side(&mut query, scope, Right::See);
    if let Some(body) = body {
        query.push("and (p.body =").bind(body);
        query.push("or exists (select 1 from post_share o where o.post = p.id and o.body =").bind(body);
        query.push("))");
    }
    if !closed {
        query.push("and p.closed_at is null");
    }
    query.push("order by body_key, p.sort_key, p.id limit").bind(LIST_MAX);
    let rows = query.rows(sql).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        all.push(Shown {
            post: post(row)?,
            body_name: row.text("body_name")?,
            shared: Vec::new(),
            closed: row.opt_int("closed")?.is_some(),
            version: row.int("version")?,
        });
    }
    let ids: Vec<Id<kind::Post>> = all.iter().map(|s| s.post.id).collect();
    let mut shares = shares(sql, scope, &ids).await?;
    for one in &mut all {
        one.shared = shares.remove(&one.post.id).unwrap_or_default();
    }
    Ok(all)
}

/// So many posts are listed at once: a province has a few hundred.
const LIST_MAX: u32 = 1_000;

/// One post as it is listed.
pub async fn shown(sql: &mut Sql, scope: &Scope, id: Id<kind::Post>) -> Result<Shown, StoreError> {
    let of = held(sql, scope, Need::See, id).await?;
    let all = list(sql, scope, Some(of.body), true).await?;
    all.into_iter().find(|s| s.post.id == id).ok_or(StoreError::NotFound("post"))
}

/// The bodies whose post it is too, of those that may be seen.
pub async fn shared(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Post>,
) -> Result<Vec<(Id<kind::Body>, String)>, StoreError> {
    Ok(shares(sql, scope, &[id]).await?.remove(&id).unwrap_or_default())
}

/// Bodies by post.
type Shares = HashMap<Id<kind::Post>, Vec<(Id<kind::Body>, String)>>;

async fn shares(sql: &mut Sql, scope: &Scope, posts: &[Id<kind::Post>]) -> Result<Shares, StoreError> {
    let mut found = Shares::new();
    for some in posts.chunks(CHUNK) {
        let mut query = Query::new(
            "select s.post, b.id, b.name from post_share s join body b on b.id = s.body where s.post in",
        );
        query.list(some.iter().copied()).push("and").visible(scope, Right::See, "b.id");
        query.push("order by b.sort_key, b.id");
        for row in query.rows(sql).await? {
            found.entry(row.id("post")?).or_default().push((row.id("id")?, row.text("name")?));
        }
    }
    Ok(found)
}

/// Posts asked for in one statement.
const CHUNK: usize = 500;

fn json(value: &impl serde::Serialize) -> Result<serde_json::Value, StoreError> {
    serde_json::to_value(value).map_err(|e| StoreError::Corrupt("post", e.to_string()))
}
