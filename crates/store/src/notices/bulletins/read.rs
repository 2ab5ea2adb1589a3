//! Reading bulletins: the list, which commune broadcast what, which broadcasts lack a receipt.

use domain::{
    actor::Scope,
    id::{Id, kind},
    notice::{NoticeState, due_slots},
    right::Right,
};
use jiff::Timestamp;

use super::{BULLETIN, Bulletin, from_row, seen};
use crate::{Query, Row, Sql, StoreError, register::containing};

/// Which bulletins.
#[derive(Debug, Clone, Copy, Default)]
pub struct BulletinFilter<'a> {
    /// Only in this state.
    pub state: Option<NoticeState>,
    /// Words of the title.
    pub q: &'a str,
    /// The last one seen.
    pub after: Option<(Timestamp, Id<kind::Bulletin>)>,
}

/// A bulletin of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct BulletinRow {
    /// The bulletin.
    pub bulletin: Bulletin,
    /// Communes that are to read it, as far as one may see them.
    pub communes: u32,
    /// Broadcasts with a receipt, of all of them together.
    pub broadcast: u32,
}

/// The bulletins one may see, newest first.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    filter: &BulletinFilter<'_>,
    limit: usize,
) -> Result<Vec<BulletinRow>, StoreError> {
    let mut query = Query::new(BULLETIN);
    seen(&mut query, scope);
    if let Some(state) = filter.state {
        query.push("and n.state =").bind(state.name());
    }
    if !filter.q.trim().is_empty() {
        query.push("and n.folded like").bind(containing(filter.q)).push("escape '\\'");
    }
    if let Some((at, id)) = filter.after {
        query.push("and (n.created_at <").bind(at).push("or (n.created_at =").bind(at);
        query.push("and n.id <").bind(id).push("))");
    }
    query.push("order by n.created_at desc, n.id desc limit").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let mut found = Vec::new();
    for row in query.rows(sql).await? {
        let bulletin = from_row(&row)?;
        let mut query = Query::new(
            "select count(*) as communes, cast(coalesce(sum((select count(distinct x.slot_at) from broadcast x
               where x.bulletin = s.bulletin and x.body = s.body)), 0) as bigint) as done
             from bulletin_body s where s.bulletin =",
        );
        query.bind(bulletin.id).push("and").visible(scope, Right::See, "s.body");
        let sums = query.row(sql).await?.ok_or(StoreError::NotFound("bulletin"))?;
        found.push(BulletinRow {
            bulletin,
            communes: sums.count("communes")?,
            broadcast: sums.count("done")?,
        });
    }
    Ok(found)
}

/// One bulletin, for whoever may see it.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::Bulletin>) -> Result<Bulletin, StoreError> {
    let mut query = Query::new(BULLETIN);
    query.push("n.id =").bind(id).push("and");
    seen(&mut query, scope);
    query.row(sql).await?.as_ref().map(from_row).transpose()?.ok_or(StoreError::NotFound("bulletin"))
}

/// Which communes.
#[derive(Debug, Clone, Copy, Default)]
pub struct BodyFilter<'a> {
    /// Words of the name.
    pub q: &'a str,
    /// Only those behind with a receipt.
    pub missing: bool,
    /// Only this one.
    pub body: Option<Id<kind::Body>>,
    /// Rows to pass over.
    pub offset: usize,
}

/// A commune and its broadcasts.
#[derive(Debug, Clone, PartialEq)]
pub struct BodyRow {
    /// Which.
    pub body: Id<kind::Body>,
    /// Its name.
    pub name: String,
    /// Broadcasts with a receipt.
    pub broadcast: u32,
    /// Broadcasts whose receipt is due and missing.
    pub missing: u32,
    /// Rounds of reminders.
    pub chased: u32,
    /// When it last reported.
    pub last_at: Option<Timestamp>,
}

/// The communes of a bulletin: those most behind first. `receipt_hours` says when a receipt is due.
pub async fn bodies(
    sql: &mut Sql,
    scope: &Scope,
    bulletin: &Bulletin,
    filter: &BodyFilter<'_>,
    (receipt_hours, now): (i64, Timestamp),
    limit: usize,
) -> Result<Vec<BodyRow>, StoreError> {
    let slots = bulletin.schedule.slots();
    let due = due_slots(&slots, receipt_hours, now);
    // Due ones are the first of the schedule: everything up to the last of them.
    let last = due.checked_sub(1).and_then(|n| slots.get(n)).copied().unwrap_or(Timestamp::MIN);
    let due = u32::try_from(due).unwrap_or(u32::MAX);
    let mut query = Query::new(
        "select t.* from (select s.body, b.name, b.sort_key, s.chased,
           (select count(distinct x.slot_at) from broadcast x where x.bulletin = s.bulletin and x.body = s.body) as done,
           (select max(x.recorded_at) from broadcast x where x.bulletin = s.bulletin and x.body = s.body) as last_at,
           (select count(distinct x.slot_at) from broadcast x where x.bulletin = s.bulletin and x.body = s.body
              and x.slot_at <=",
    );
    query
        .bind(last)
        .push(") as done_due from bulletin_body s join body b on b.id = s.body where s.bulletin =");
    query.bind(bulletin.id).push("and").visible(scope, Right::See, "s.body");
    if !filter.q.trim().is_empty() {
        query.push("and b.folded like").bind(containing(filter.q)).push("escape '\\'");
    }
    if let Some(body) = filter.body {
        query.push("and s.body =").bind(body);
    }
    query.push(") t");
    if filter.missing {
        query.push("where t.done_due <").bind(due);
    }
    query
        .push("order by t.done_due, t.sort_key, t.body limit")
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
    query.push("offset").bind(i64::try_from(filter.offset).unwrap_or(i64::MAX));
    let row = |row: &Row| {
        Ok(BodyRow {
            body: row.id("body")?,
            name: row.text("name")?,
            broadcast: row.count("done")?,
            missing: due.saturating_sub(row.count("done_due")?),
            chased: row.count("chased")?,
            last_at: row.opt_time("last_at")?,
        })
    };
    query.rows(sql).await?.iter().map(row).collect()
}

/// A receipt as it was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// Which broadcast of the schedule.
    pub slot: Timestamp,
    /// Which commune.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// When it was really read.
    pub aired: Timestamp,
    /// Which cluster.
    pub cluster: String,
    /// Who switched it on.
    pub by: String,
    /// What else was said.
    pub note: String,
    /// Recording or photo: digest and name.
    pub file: Option<(String, String)>,
    /// The audit entry.
    pub receipt: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// By whom.
    pub recorded_by: Option<String>,
}

/// The receipts, newest broadcast first; of one body or all one may see.
pub async fn receipts(
    sql: &mut Sql,
    scope: &Scope,
    bulletin: Id<kind::Bulletin>,
    body: Option<Id<kind::Body>>,
    limit: usize,
) -> Result<Vec<Receipt>, StoreError> {
    let mut query = Query::new(
        "select x.*, b.name as body_name, p.name as recorder from broadcast x join body b on b.id = x.body
         left join person p on p.id = x.recorded_by where x.bulletin =",
    );
    query.bind(bulletin).push("and").visible(scope, Right::See, "x.body");
    if let Some(body) = body {
        query.push("and x.body =").bind(body);
    }
    query
        .push("order by x.slot_at desc, b.sort_key, x.id limit")
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let receipt = |r: &Row| {
        Ok(Receipt {
            slot: r.time("slot_at")?,
            body: r.id("body")?,
            body_name: r.text("body_name")?,
            aired: r.time("aired_at")?,
            cluster: r.text("cluster")?,
            by: r.text("by_name")?,
            note: r.text("note")?,
            file: r.opt_text("sha256")?.zip(r.opt_text("file_name")?),
            receipt: u64::try_from(r.int("receipt")?).unwrap_or(0),
            recorded_at: r.time("recorded_at")?,
            recorded_by: r.opt_text("recorder")?,
        })
    };
    query.rows(sql).await?.iter().map(receipt).collect()
}

/// One broadcast of the schedule, for one commune.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// When.
    pub at: Timestamp,
    /// Whether there is a receipt.
    pub done: bool,
    /// Whether one is due.
    pub due: bool,
}

/// The whole schedule of one commune.
pub async fn slots(
    sql: &mut Sql,
    scope: &Scope,
    bulletin: &Bulletin,
    body: Id<kind::Body>,
    (receipt_hours, now): (i64, Timestamp),
) -> Result<Vec<Slot>, StoreError> {
    let mut query = Query::new("select distinct x.slot_at from broadcast x where x.bulletin =");
    query.bind(bulletin.id).push("and x.body =").bind(body).push("and").visible(scope, Right::See, "x.body");
    let done: Vec<Timestamp> =
        query.rows(sql).await?.iter().map(|r| r.time("slot_at")).collect::<Result<_, _>>()?;
    let slots = bulletin.schedule.slots();
    let due = due_slots(&slots, receipt_hours, now);
    Ok(slots
        .iter()
        .enumerate()
        .map(|(n, at)| Slot { at: *at, done: done.contains(at), due: n < due })
        .collect())
}
