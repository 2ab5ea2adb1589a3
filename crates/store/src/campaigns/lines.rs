//! Lines of *Kính gửi* and actors: which bodies each means, as a person confirmed it.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    body::{BodyKind, Name, Successor},
    id::{Id, kind},
    order::{BodyBrief, LineRole},
    right::Right,
};
use jiff::civil::Date;

use super::{PARTS_MAX, draft::draft, draft::touched, lines};
use crate::{Query, Sql, StoreError, Tx, args};

/// A line to be added, with the bodies proposed or confirmed for it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLine {
    /// What it is.
    pub role: LineRole,
    /// As written.
    pub line: String,
    /// Whether a person confirmed the bodies.
    pub resolved: bool,
    /// The bodies.
    pub bodies: Vec<Id<kind::Body>>,
}

/// Adds a line to a draft. Refuses `line-there`, `campaign-parts`.
pub async fn add_line(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Campaign>,
    line: &NewLine,
) -> Result<(), StoreError> {
    let campaign = draft(tx, scope, id).await?;
    let there = lines(tx, id).await?;
    if line.line.trim().is_empty() || there.len() >= PARTS_MAX {
        return Err(StoreError::Refused("campaign-parts"));
    }
    if there.iter().any(|l| l.role == line.role && l.line == line.line) {
        return Err(StoreError::Refused("line-there"));
    }
    allowed(tx, scope, Right::Prepare, &line.bodies).await?;
    insert_line(tx, id, there.len() as i64, line).await?;
    touched(tx, "campaign.line-added", id, campaign.body, &line.line);
    Ok(())
}

/// Confirms the bodies a line means. None at all is an answer too: the line is meant for nobody here.
/// Refuses `body-not-yours` for a body over which the scope may not prepare.
pub async fn set_line(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Campaign>,
    role: LineRole,
    line: &str,
    bodies: &[Id<kind::Body>],
) -> Result<(), StoreError> {
    let campaign = draft(tx, scope, id).await?;
    let found = tx
        .exec(
            "update campaign_line set resolved = true where campaign = $1 and role = $2 and line = $3",
            args![id, role.name(), line],
        )
        .await?;
    if found == 0 {
        return Err(StoreError::NotFound("line"));
    }
    allowed(tx, scope, Right::Prepare, bodies).await?;
    tx.exec(
        "delete from campaign_line_body where campaign = $1 and role = $2 and line = $3",
        args![id, role.name(), line],
    )
    .await?;
    insert_bodies(tx, id, role, line, bodies).await?;
    touched(tx, "campaign.line-resolved", id, campaign.body, line);
    Ok(())
}

/// Takes a line out of a draft. An actor that duties name cannot go (`line-needed`).
pub async fn remove_line(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Campaign>,
    role: LineRole,
    line: &str,
) -> Result<(), StoreError> {
    let campaign = draft(tx, scope, id).await?;
    let needed = tx
        .row("select 1 as n from campaign_duty where campaign = $1 and actor = $2", args![id, line])
        .await?;
    if role == LineRole::Actor && needed.is_some() {
        return Err(StoreError::Refused("line-needed"));
    }
    for sql in [
        "delete from campaign_line_body where campaign = $1 and role = $2 and line = $3",
        "delete from campaign_line where campaign = $1 and role = $2 and line = $3",
    ] {
        tx.exec(sql, args![id, role.name(), line]).await?;
    }
    touched(tx, "campaign.line-removed", id, campaign.body, line);
    Ok(())
}

/// Fails with `body-not-yours` unless every body stands and lies in sight with that right.
pub(crate) async fn allowed(
    tx: &mut Tx,
    scope: &Scope,
    right: Right,
    bodies: &[Id<kind::Body>],
) -> Result<(), StoreError> {
    let mut distinct = bodies.to_vec();
    distinct.sort();
    distinct.dedup();
    // Lists of bound values are cut: both engines bound how many one statement may carry.
    for some in distinct.chunks(1_000) {
        let mut query =
            Query::new("select count(*) as n from body where body.closed_at is null and body.id in");
        query.list(some.iter().copied()).push("and").visible(scope, right, "body.id");
        let mine = query.row(tx).await?.map_or(Ok(0), |r| r.count("n"))?;
        if mine as usize != some.len() {
            return Err(StoreError::Refused("body-not-yours"));
        }
    }
    Ok(())
}

pub(super) async fn insert_line(
    tx: &mut Tx,
    id: Id<kind::Campaign>,
    place: i64,
    line: &NewLine,
) -> Result<(), StoreError> {
    tx.exec(
        "insert into campaign_line (campaign, line, role, place, resolved) values ($1,$2,$3,$4,$5)
         on conflict (campaign, role, line) do nothing",
        args![id, &line.line, line.role.name(), place, line.resolved],
    )
    .await?;
    insert_bodies(tx, id, line.role, &line.line, &line.bodies).await
}

async fn insert_bodies(
    tx: &mut Tx,
    id: Id<kind::Campaign>,
    role: LineRole,
    line: &str,
    bodies: &[Id<kind::Body>],
) -> Result<(), StoreError> {
    for body in bodies {
        tx.exec(
            "insert into campaign_line_body (campaign, line, role, body) values ($1,$2,$3,$4)
             on conflict (campaign, role, line, body) do nothing",
            args![id, line, role.name(), *body],
        )
        .await?;
    }
    Ok(())
}

/// The bodies an issuing body may address, ended ones too (letters still name them): the lead body those of the whole
/// sight of who prepares, every other body those below it.
pub async fn candidates(
    sql: &mut Sql,
    scope: &Scope,
    issuer: Id<kind::Body>,
) -> Result<Vec<BodyBrief>, StoreError> {
    let lead =
        sql.row("select 1 as n from body where id = $1 and kind = 'lead'", args![issuer]).await?.is_some();
    let mut query = Query::new("select b.id, b.kind, b.name, b.closed_at from body b where b.id <>");
    query.bind(issuer).push("and").visible(scope, Right::Prepare, "b.id");
    if !lead {
        query.push("and exists (select 1 from body_closure under where under.below = b.id and under.above =");
        query.bind(issuer).push(")");
    }
    query.push("order by b.sort_key, b.id");
    let mut found = Vec::new();
    for row in query.rows(sql).await? {
        found.push(BodyBrief {
            id: row.id("id")?,
            kind: row.word("kind", BodyKind::parse)?,
            name: row.text("name")?,
            names: Vec::new(),
            successors: Vec::new(),
            closed: row.opt_int("closed_at")?.is_some(),
        });
    }
    let at: HashMap<Id<kind::Body>, usize> = found.iter().enumerate().map(|(i, b)| (b.id, i)).collect();
    for row in sql.rows("select body, text, alias, valid_from, valid_until from body_name", vec![]).await? {
        if let Some(body) = at.get(&row.id("body")?).and_then(|i| found.get_mut(*i)) {
            body.names.push(Name {
                text: row.text("text")?,
                from: row.opt_date("valid_from")?,
                until: row.opt_date("valid_until")?,
                alias: row.bool("alias")?,
            });
        }
    }
    for row in sql.rows("select body, function, successor, valid_from from body_successor", vec![]).await? {
        if let Some(body) = at.get(&row.id("body")?).and_then(|i| found.get_mut(*i)) {
            let from = row.opt_date("valid_from")?.unwrap_or(Date::MIN);
            body.successors.push(Successor {
                function: row.text("function")?,
                body: row.id("successor")?,
                from,
            });
        }
    }
    Ok(found)
}
