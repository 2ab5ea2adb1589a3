//! Warnings: what an order's letter, or an agency by hand, warned of, looked up in what is known of flaws.
//!
//! Looked up again whenever knowledge changes, so a vendor's months grow with the feed; every flaw stands with the item
//! and the advisory it was found by. Nothing is taken out again: what was warned of was warned of.

mod expand;
mod make;
mod own;

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
    text::fold,
    warning::Item,
};
use jiff::{Timestamp, civil::Date};

pub use self::{
    expand::{expand, expand_all},
    make::{NewWarning, make, of_campaign, withdraw},
    own::{Change, OwnWarning, Version, edit, history, of, publish, take_back},
};
use crate::{Query, Row, Sql, StoreError, args, register::containing};

/// At most so many on a page.
pub const PAGE_MAX: usize = 100;

/// A warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Its id.
    pub id: Id<kind::Warning>,
    /// Who warns.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// The order it belongs to.
    pub campaign: Option<Id<kind::Campaign>>,
    /// What it is called.
    pub title: String,
    /// Its date.
    pub on: Date,
    /// Its list is left open.
    pub open: bool,
    /// By when it must be mended, if the warning says so itself.
    pub due_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was taken back.
    pub closed_at: Option<Timestamp>,
    /// How many flaws it comes to.
    pub flaws: u32,
}

/// A flaw of a warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Its number.
    pub number: String,
    /// Which item it comes from.
    pub item: u32,
    /// By which advisory or warning it was found; its own number where it was named.
    pub because: String,
    /// What the newest advisory of it is called; none where none is known.
    pub title: Option<String>,
    /// Its grade.
    pub severity: Option<String>,
}

const SELECT: &str = "select w.*, b.name as body_name,
    (select count(*) from warning_flaw f where f.warning = w.id) as flaws
    from warning w join body b on b.id = w.body where";

/// Whoever sees the body that warns, or is under an order with it, sees the warning.
pub(crate) fn seen(query: &mut Query, scope: &Scope) {
    query.push("(").visible(scope, Right::See, "w.body");
    query.push(
        "or exists (select 1 from warning_campaign c join assignment a on a.campaign = c.campaign
         where c.warning = w.id and",
    );
    query.visible(scope, Right::See, "a.body").push("))");
}

/// One warning.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::Warning>) -> Result<Warning, StoreError> {
    let mut query = Query::new(SELECT);
    query.push("w.id =").bind(id).push("and");
    seen(&mut query, scope);
    query.row(sql).await?.as_ref().map(from_row).transpose()?.ok_or(StoreError::NotFound("warning"))
}

/// The newest warnings in force whose title holds that text.
pub async fn list(sql: &mut Sql, scope: &Scope, text: &str) -> Result<Vec<Warning>, StoreError> {
    let mut query = Query::new(SELECT);
    query.push("w.closed_at is null and");
    seen(&mut query, scope);
    if !text.trim().is_empty() {
        query.push("and w.folded like").bind(containing(&fold(text))).push("escape '\\'");
    }
    query.push("order by w.on_day desc, w.created_at desc, w.id limit").bind(PAGE_MAX as i64);
    query.rows(sql).await?.iter().map(from_row).collect()
}

/// The warnings in force that name a flaw, newest first.
pub async fn naming(sql: &mut Sql, scope: &Scope, flaw: &str) -> Result<Vec<Warning>, StoreError> {
    let mut query = Query::new(SELECT);
    query
        .push("w.closed_at is null and w.id in (select n.warning from warning_flaw n where n.flaw =")
        .bind(flaw);
    seen(query.push(") and"), scope);
    query.push("order by w.on_day desc, w.id limit").bind(PAGE_MAX as i64);
    query.rows(sql).await?.iter().map(from_row).collect()
}

/// The warning a campaign stands under.
pub async fn under(
    sql: &mut Sql,
    campaign: Id<kind::Campaign>,
) -> Result<Option<Id<kind::Warning>>, StoreError> {
    let row = sql.row("select warning from warning_campaign where campaign = $1", args![campaign]).await?;
    row.map(|r| r.id("warning")).transpose()
}

/// What it warns of, item by item.
pub async fn items(sql: &mut Sql, id: Id<kind::Warning>) -> Result<Vec<Item>, StoreError> {
    let rows = sql.rows("select content from warning_item where warning = $1 order by n", args![id]).await?;
    rows.iter().map(|r| r.json("content")).collect()
}

/// The flaws it comes to, the gravest first.
pub async fn flaws(sql: &mut Sql, id: Id<kind::Warning>) -> Result<Vec<Flaw>, StoreError> {
    let rows = sql
        .rows(
            "select f.flaw, f.n, f.because,
               (select max(a.title) from advisory_key k join advisory a on a.id = k.advisory
                where k.key = 'c:' || f.flaw) as title,
               (select cast(min(case a.severity when 'critical' then 0 when 'high' then 1 when 'medium' then 2
                  when 'low' then 3 end) as bigint) from advisory_key k join advisory a on a.id = k.advisory
                where k.key = 'c:' || f.flaw) as grade
             from warning_flaw f where f.warning = $1 order by f.flaw",
            args![id],
        )
        .await?;
    let mut found: Vec<(i64, Flaw)> = Vec::with_capacity(rows.len());
    for r in &rows {
        let grade = r.opt_int("grade")?;
        let severity =
            grade.and_then(|g| ["critical", "high", "medium", "low"].get(usize::try_from(g).ok()?).copied());
        let flaw = Flaw {
            number: r.text("flaw")?,
            item: r.count("n")?,
            because: r.text("because")?,
            title: r.opt_text("title")?.filter(|t| !t.is_empty()),
            severity: severity.map(str::to_owned),
        };
        found.push((grade.unwrap_or(9), flaw));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.number.cmp(&b.1.number)));
    Ok(found.into_iter().map(|(_, flaw)| flaw).collect())
}

fn from_row(row: &Row) -> Result<Warning, StoreError> {
    Ok(Warning {
        id: row.id("id")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        campaign: row.opt_id("campaign")?,
        title: row.text("title")?,
        on: row.opt_date("on_day")?.ok_or(StoreError::Corrupt("warning", "no day".into()))?,
        open: row.bool("is_open")?,
        due_at: row.opt_time("due_at")?,
        created_at: row.time("created_at")?,
        closed_at: row.opt_time("closed_at")?,
        flaws: row.count("flaws")?,
    })
}
