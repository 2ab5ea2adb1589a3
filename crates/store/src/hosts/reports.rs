//! Files of inventory and their reports, as people see them; reports that wait for a person.

use domain::{
    actor::Scope,
    host::keys,
    id::{Id, Ids, kind},
    inventory::Inventory,
    right::Right,
};
use jiff::Timestamp;
use review::inventory::Odd;
use serde_json::json;

use super::{
    doc, held,
    take::{self, Via},
    visible,
};
use crate::{Query, Row, Sql, StoreError, Tx, args};

/// A file as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its id.
    pub id: Id<kind::InventoryFile>,
    /// Whose hosts it speaks of.
    pub body: Id<kind::Body>,
    /// That body's name.
    pub body_name: String,
    /// What it is called.
    pub name: String,
    /// Its digest, if it is kept.
    pub sha256: Option<String>,
    /// Length in bytes.
    pub len: i64,
    /// What wrote it.
    pub kind: Option<String>,
    /// Why it was not read.
    pub refused: Option<String>,
    /// How it came in.
    pub via: Via,
    /// Who handed it in, as the audit log names them.
    pub by: String,
    /// When.
    pub received_at: Timestamp,
    /// How many hosts it speaks of.
    pub hosts: u32,
    /// What in it was not understood, the first of it.
    pub odd: Vec<Odd>,
    /// How much of that there was.
    pub odd_count: u32,
    /// Reports of it that wait for a person.
    pub unclear: u32,
}

/// One report: what one file says of one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its id.
    pub id: Id<kind::InventoryReport>,
    /// Its file.
    pub file: Id<kind::InventoryFile>,
    /// The file's name.
    pub file_name: String,
    /// The file's digest, if it is kept.
    pub sha256: Option<String>,
    /// Of which body.
    pub body: Id<kind::Body>,
    /// Of which host, once that is settled.
    pub host: Option<Id<kind::Host>>,
    /// `waiting`, `unclear`, `live`, `superseded`, `dropped`.
    pub state: String,
    /// Hosts it may speak of.
    pub candidates: Vec<Id<kind::Host>>,
    /// What the host calls itself.
    pub name: Option<String>,
    /// What wrote it.
    pub tool: String,
    /// When it was taken, if it says so.
    pub taken_at: Option<Timestamp>,
    /// When it came in.
    pub received_at: Timestamp,
    /// How it came in.
    pub via: Via,
    /// Who handed it in, as the audit log names them.
    pub by: String,
    /// How much in its file was not understood.
    pub odd_count: u32,
}

/// What a person says of a report that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// It speaks of that host.
    Of(Id<kind::Host>),
    /// It speaks of a host not seen before.
    New,
    /// It is not to be used.
    Drop,
}

const FILE: &str = "select f.*, b.name as body_name,
      (select count(*) from inventory_report u where u.file = f.id and u.state = 'unclear') as unclear
    from inventory_file f join body b on b.id = f.body where";

/// Files of the bodies below one, the newest first. Needs [`Right::Read`]. `before` is time and id of the last one seen.
pub async fn files(
    sql: &mut Sql,
    scope: &Scope,
    under: Option<Id<kind::Body>>,
    only_open: bool,
    before: Option<(Timestamp, Id<kind::InventoryFile>)>,
    limit: u32,
) -> Result<Vec<File>, StoreError> {
    let mut query = Query::new(FILE);
    query.visible(scope, Right::Read, "f.body");
    if let Some(top) = under {
        query.push("and exists (select 1 from body_closure u where u.below = f.body and u.above =").bind(top);
        query.push(")");
    }
    if only_open {
        query.push(
            "and (f.refused is not null or f.odd_count > 0 or exists (select 1 from inventory_report u",
        );
        query.push("where u.file = f.id and u.state = 'unclear'))");
    }
    if let Some((at, id)) = before {
        query.push("and (f.received_at <").bind(at).push("or (f.received_at =").bind(at);
        query.push("and f.id <").bind(id).push("))");
    }
    query.push("order by f.received_at desc, f.id desc limit").bind(limit);
    query.rows(sql).await?.iter().map(file).collect()
}

/// One file. Needs [`Right::Read`] over its body.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::InventoryFile>) -> Result<File, StoreError> {
    let mut query = Query::new(FILE);
    query.push("f.id =").bind(id).push("and").visible(scope, Right::Read, "f.body");
    query.row(sql).await?.as_ref().map(file).transpose()?.ok_or(StoreError::NotFound("inventory"))
}

const REPORT: &str = "select r.id, r.file, r.body, r.host, r.state, r.candidates, r.name, r.tool, r.taken_at,
      r.received_at, f.name as file_name, f.sha256, f.via, f.by_actor, f.odd_count
    from inventory_report r join inventory_file f on f.id = r.file where";

/// The reports of a host, the newest first. Needs [`Right::Read`].
pub async fn of_host(
    sql: &mut Sql,
    scope: &Scope,
    host: Id<kind::Host>,
    limit: u32,
) -> Result<Vec<Report>, StoreError> {
    let mut query = Query::new(REPORT);
    query.push("r.host =").bind(host).push("and exists (select 1 from host h where h.id = r.host and");
    visible(&mut query, scope, Right::Read);
    query.push(") order by r.received_at desc, r.id desc limit").bind(limit);
    query.rows(sql).await?.iter().map(report).collect()
}

/// The reports of one file, in its order. Needs [`Right::Read`].
pub async fn of_file(
    sql: &mut Sql,
    scope: &Scope,
    file: Id<kind::InventoryFile>,
    limit: u32,
) -> Result<Vec<Report>, StoreError> {
    let mut query = Query::new(REPORT);
    query.push("r.file =").bind(file).push("and").visible(scope, Right::Read, "r.body");
    query.push("order by r.place limit").bind(limit);
    query.rows(sql).await?.iter().map(report).collect()
}

/// Reports that wait for a person to say whose they are. Needs [`Right::Read`].
pub async fn unclear(
    sql: &mut Sql,
    scope: &Scope,
    under: Option<Id<kind::Body>>,
    limit: u32,
) -> Result<Vec<Report>, StoreError> {
    let mut query = Query::new(REPORT);
    query.push("r.state = 'unclear' and").visible(scope, Right::Read, "r.body");
    if let Some(top) = under {
        query.push("and exists (select 1 from body_closure u where u.below = r.body and u.above =").bind(top);
        query.push(")");
    }
    query.push("order by r.received_at, r.id limit").bind(limit);
    query.rows(sql).await?.iter().map(report).collect()
}

/// What each live report of a host says, by report. Needs [`Right::Read`].
pub async fn said(
    sql: &mut Sql,
    scope: &Scope,
    host: Id<kind::Host>,
) -> Result<Vec<(Id<kind::InventoryReport>, Inventory)>, StoreError> {
    let mut query =
        Query::new("select r.id, r.doc from inventory_report r join host h on h.id = r.host where r.host =");
    query.bind(host).push("and r.state = 'live' and");
    visible(&mut query, scope, Right::Read);
    query.push("order by r.received_at desc, r.id desc");
    query.rows(sql).await?.iter().map(|r| Ok((r.id("id")?, doc::unpack(&r.bytes("doc")?)?))).collect()
}

/// A person says whose a report is that waits. Needs [`Right::Register`] over its body. Returns the host it went to.
/// Refusals: `inventory-settled` (somebody said already), `inventory-other-body` (the host is another body's).
pub async fn say(
    tx: &mut Tx,
    scope: &Scope,
    ids: &dyn Ids,
    id: Id<kind::InventoryReport>,
    says: Says,
) -> Result<Option<Id<kind::Host>>, StoreError> {
    let mut query = Query::new("select r.body, r.state, r.doc from inventory_report r where r.id =");
    query.bind(id).push("and").visible(scope, Right::Register, "r.body");
    let row = query.row(tx).await?.ok_or(StoreError::NotFound("inventory"))?;
    if row.text("state")? != "unclear" {
        return Err(StoreError::Refused("inventory-settled"));
    }
    let (body, told): (Id<kind::Body>, _) = (row.id("body")?, doc::unpack(&row.bytes("doc")?)?);
    let subject = format!("report:{id}");
    let host = match says {
        Says::Drop => {
            tx.exec("update inventory_report set state = 'dropped' where id = $1", args![id]).await?;
            tx.record("inventory.dropped", subject, Some(body), &json!({ "report": id }));
            return Ok(None);
        }
        Says::New => take::found(tx, ids, body, &told, &keys(&told)).await?,
        Says::Of(host) => {
            let found = tx.row("select body from host where id = $1", args![host]).await?;
            let found: Id<kind::Body> = found.ok_or(StoreError::NotFound("host"))?.id("body")?;
            if found != body {
                return Err(StoreError::Refused("inventory-other-body"));
            }
            host
        }
    };
    let revision =
        tx.record("inventory.assigned", subject, Some(body), &json!({ "report": id, "host": host }));
    take::belongs(tx, id, host, &keys(&told)).await?;
    held::merge(tx, host, revision).await?;
    Ok(Some(host))
}

fn file(row: &Row) -> Result<File, StoreError> {
    Ok(File {
        id: row.id("id")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        name: row.text("name")?,
        sha256: row.opt_text("sha256")?,
        len: row.int("len")?,
        kind: row.opt_text("kind")?,
        refused: row.opt_text("refused")?,
        via: row.word("via", Via::parse)?,
        by: row.text("by_actor")?,
        received_at: row.time("received_at")?,
        hosts: row.count("hosts")?,
        odd: row.json("odd")?,
        odd_count: row.count("odd_count")?,
        unclear: row.count("unclear")?,
    })
}

fn report(row: &Row) -> Result<Report, StoreError> {
    let candidates = row.opt_text("candidates")?.unwrap_or_else(|| "[]".into());
    Ok(Report {
        id: row.id("id")?,
        file: row.id("file")?,
        file_name: row.text("file_name")?,
        sha256: row.opt_text("sha256")?,
        body: row.id("body")?,
        host: row.opt_id("host")?,
        state: row.text("state")?,
        candidates: serde_json::from_str(&candidates)
            .map_err(|e| StoreError::Corrupt("candidates", e.to_string()))?,
        name: row.opt_text("name")?,
        tool: row.text("tool")?,
        taken_at: row.opt_time("taken_at")?,
        received_at: row.time("received_at")?,
        via: row.word("via", Via::parse)?,
        by: row.text("by_actor")?,
        odd_count: row.count("odd_count")?,
    })
}
