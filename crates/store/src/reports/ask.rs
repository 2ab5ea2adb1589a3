//! A draft is laid before whoever signs, and signed or sent back: each is told, once a state.

use domain::{
    actor::Scope,
    id::{Id, kind},
    intent::{To, Urgency},
    right::Right,
};

use super::{Report, from_row, query, signer::signers, write::open};
use crate::{
    Sql, StoreError, Topic, Tx, args,
    assignments::{Telling, Tools, person_name, said, somebody, tell},
};

/// Why a draft comes back: a paragraph.
pub const WHY_MAX: usize = 2_000;
/// So many of those who may sign are written to: the head, and whoever the head delegated that to.
const SIGNERS_MAX: usize = 5;
/// So many drafts stand in somebody's to-do.
const WAITING_MAX: i64 = 50;

/// Lays a draft before those who may sign it; editing it takes it back. Needs [`Right::Prepare`]. `Refused`:
/// `report-nobody` (nobody may sign for the body), `report-signed`, `report-asked` (it lies there already).
pub async fn submit(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Report>,
    version: i64,
) -> Result<(), StoreError> {
    let report = open(tx, scope, id, version, Right::Prepare).await?;
    let (now, author) = (tx.now(), somebody(tx.actor())?);
    if report.asked.is_some() {
        return Err(StoreError::Refused("report-asked"));
    }
    let signers = signers(tx, report.body, None, now).await?;
    if signers.is_empty() {
        return Err(StoreError::Refused("report-nobody"));
    }
    tx.exec(
        "update report set asked_at = $1, asked_by = $2, returned_at = null, returned_by = null, returned_why = null,
           version = version + 1 where id = $3",
        args![now, author, id],
    )
    .await?;
    happened(tx, "report.asked", &report, &version);
    let by = person_name(tx, author).await?;
    for signer in signers.iter().filter(|s| s.id != author).take(SIGNERS_MAX) {
        let mut vars = vars(&report, tools);
        vars.extend([("person", signer.bare.clone()), ("author", by.clone())]);
        let key = format!("report/{id}/asked/{version}/{}", signer.id);
        told(tx, tools, key, signer.id, "report-asked", vars).await?;
    }
    Ok(())
}

/// Sends a draft that waits back to whoever laid it before the signer. Needs [`Right::Sign`] at the reporting body
/// itself. `Refused`: `report-signed`, `report-not-asked`, `text-empty`, `text-long`.
pub async fn send_back(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Report>,
    version: i64,
    why: &str,
) -> Result<(), StoreError> {
    let report = open(tx, scope, id, version, Right::Sign).await?;
    if !report.rights.sign {
        return Err(StoreError::NotFound("report"));
    }
    let by = somebody(tx.actor())?;
    if report.asked.is_none() {
        return Err(StoreError::Refused("report-not-asked"));
    }
    let (now, why) = (tx.now(), said(why, WHY_MAX)?);
    tx.exec(
        "update report set asked_at = null, returned_at = $1, returned_by = $2, returned_why = $3,
           version = version + 1 where id = $4",
        args![now, by, &why, id],
    )
    .await?;
    happened(tx, "report.sent-back", &report, &why);
    tell_author(tx, tools, &report, format!("report/{id}/returned/{version}"), "report-returned", Some(why))
        .await
}

/// Tells whoever laid it before the signer, or else began it, what became of it; nobody is told of their own act.
pub(super) async fn tell_author(
    tx: &mut Tx,
    tools: &Tools<'_>,
    report: &Report,
    key: String,
    template: &str,
    why: Option<String>,
) -> Result<(), StoreError> {
    let by = somebody(tx.actor())?;
    let row = tx
        .row("select coalesce(asked_by, created_by) as author from report where id = $1", args![report.id])
        .await?;
    let Some(author) = row.map(|r| r.opt_id("author")).transpose()?.flatten().filter(|a| *a != by) else {
        return Ok(());
    };
    let mut vars = vars(report, tools);
    vars.extend([("person", person_name(tx, author).await?), ("signer", person_name(tx, by).await?)]);
    vars.extend(why.map(|why| ("reason", why)));
    told(tx, tools, key, author, template, vars).await
}

async fn told(
    tx: &mut Tx,
    tools: &Tools<'_>,
    key: String,
    to: Id<kind::Person>,
    template: &str,
    vars: Vec<(&str, String)>,
) -> Result<(), StoreError> {
    let (to, urgency) = (To::Person(to), Urgency::Normal);
    tell(tx, tools, Telling { key, to, template, vars, urgency }).await.map(|_| ())
}

fn vars(of: &Report, tools: &Tools<'_>) -> Vec<(&'static str, String)> {
    let link = format!("{}/reports/up/{}", tools.base, of.id);
    vec![("body", of.body_name.clone()), ("report", of.subject()), ("link", link)]
}

fn happened(tx: &mut Tx, action: &'static str, of: &Report, detail: &impl serde::Serialize) {
    let subject = format!("report:{}", of.id);
    tx.record(action, subject.clone(), Some(of.body), detail);
    tx.changed(Topic::Campaign, subject, Some(of.body));
}

/// What waits for that person: drafts they may sign, and their own that came back; longest waiting first.
pub async fn waiting(
    sql: &mut Sql,
    scope: &Scope,
    person: Id<kind::Person>,
) -> Result<Vec<Report>, StoreError> {
    let mut query = query(scope);
    query.push("and r.state = 'draft' and ((r.asked_at is not null and r.body in");
    query.list(scope.tops(Right::Sign).unwrap_or_default());
    query.push(") or (r.asked_at is null and r.returned_at is not null and r.asked_by =").bind(person);
    query.push(")) order by coalesce(r.asked_at, r.returned_at), r.id limit").bind(WAITING_MAX);
    query.rows(sql).await?.iter().map(|row| from_row(row, scope)).collect()
}
