//! The list and the single entry.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use store::audit::{
    Head,
    checkpoint::{self, Kept},
    list::{self, Listed},
    state::{self, Verified},
    verify,
};

use super::{Asked, person};
use crate::{AppError, FieldError, Page, Visit};

/// Entries on one page.
const PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "audit/list.html")]
struct ListPage {
    p: Page,
    asked: Asked,
    rows: Vec<Row>,
    errors: Vec<FieldError>,
    state: State,
    /// Who and which body the list is narrowed to, with the address without it.
    pills: Vec<(String, String)>,
    first: String,
    next: String,
    csv: String,
    /// Whether the whole log may be exported.
    all: bool,
}

/// What is known of the log as a whole.
struct State {
    head: Head,
    root: String,
    signed: Option<Kept>,
    verified: Option<Verified>,
    /// What a quick look found.
    fault: Option<String>,
}

struct Row {
    listed: Listed,
    /// The list narrowed to this person, to this body.
    by: String,
    of: String,
}

impl Row {
    fn new(asked: &Asked, listed: Listed) -> Self {
        let by = person(&listed.entry.actor).map(|id| id.to_string());
        let body = listed.entry.body.map(|id| id.to_string());
        let narrowed = |field, value: Option<String>| {
            value.map(|v| format!("/audit?{}", asked.query(&[(field, &v)]))).unwrap_or_default()
        };
        Self { by: narrowed("actor", by), of: narrowed("body", body), listed }
    }
    fn hash(&self) -> String {
        hex::encode(self.listed.leaf_hash)
    }
    /// Enough of it to recognise.
    fn short(&self) -> String {
        self.hash().chars().take(12).collect()
    }
}

pub(super) async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = visit.app.db.read().await?;
    let (filter, errors) = match asked.filter() {
        Ok(filter) => (Some(filter), Vec::new()),
        Err(AppError::Invalid(fields)) => (None, fields),
        Err(error) => return Err(error),
    };
    let mut found = match &filter {
        // One more than shown says whether there is a next page.
        Some(filter) => list::list(&mut sql, visit.scope(), filter, asked.before, PAGE + 1).await?,
        None => Vec::new(),
    };
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let before = found.last().filter(|_| more).map(|last| last.entry.seq.to_string());
    let pills = pills(&asked, &found);
    let all = list::may_audit_all(&mut sql, visit.scope()).await?;
    let state = whole(&mut sql).await?;
    let page = ListPage {
        p: visit.page(visit.t("frame-audit")),
        rows: found.into_iter().map(|l| Row::new(&asked, l)).collect(),
        errors,
        state,
        pills,
        first: asked.before.map(|_| format!("/audit?{}", asked.query(&[]))).unwrap_or_default(),
        next: before.map(|b| format!("/audit?{}", asked.query(&[("before", &b)]))).unwrap_or_default(),
        csv: format!("/audit/csv?{}", asked.query(&[])),
        all,
        asked,
    };
    visit.html(&page)
}

/// The names behind the ids in the filter, as far as the entries found know them.
fn pills(asked: &Asked, found: &[Listed]) -> Vec<(String, String)> {
    let first = found.first();
    let mut pills = Vec::new();
    if !asked.actor.is_empty() {
        let name = first.and_then(|l| l.who.clone()).unwrap_or_else(|| asked.actor.clone());
        pills.push((name, format!("/audit?{}", asked.query(&[("actor", "")]))));
    }
    if !asked.body.is_empty() {
        let own = found.iter().find(|l| l.entry.body.is_some_and(|b| b.to_string() == asked.body));
        let name = own.and_then(|l| l.of.clone()).unwrap_or_else(|| asked.body.clone());
        pills.push((name, format!("/audit?{}", asked.query(&[("body", "")]))));
    }
    pills
}

async fn whole(sql: &mut store::Sql) -> Result<State, AppError> {
    let head = Head::load(sql).await?;
    Ok(State {
        head,
        root: hex::encode(head.root),
        signed: checkpoint::latest(sql).await?,
        verified: state::last(sql).await?,
        fault: verify::quick(sql).await?.map(|f| f.to_string()),
    })
}

#[derive(Template)]
#[template(path = "audit/entry.html")]
struct EntryPage {
    p: Page,
    row: Row,
    /// The bytes that were hashed.
    leaf: String,
    /// Whether a signed checkpoint covers the entry.
    signed: Option<Kept>,
}

pub(super) async fn entry(visit: Visit, Path(seq): Path<u64>) -> Result<Response, AppError> {
    let mut sql = visit.app.db.read().await?;
    let listed = list::get(&mut sql, visit.scope(), seq).await?;
    let signed = checkpoint::latest(&mut sql).await?.filter(|c| c.size > seq);
    let leaf = String::from_utf8_lossy(&listed.entry.leaf()).into_owned();
    let title = format!("{} {seq}", visit.t("audit-entry"));
    let row = Row::new(&Asked::default(), listed);
    visit.html(&EntryPage { p: visit.page(title), row, leaf, signed })
}
