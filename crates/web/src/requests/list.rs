//! The register: what is asked of whom, by whom, by when, and how it stands; the same as CSV.

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::{
    request::{RequestKind, Standing},
    right::Right,
};
use paper::sheet::Cell;
use serde::Deserialize;
use store::requests::{self, Brief, Filter, Side, Sort, State};

use super::say;
use crate::{Access, AppError, Page, Route, Visit};

/// Rows of a page.
const PAGE: usize = 50;
/// Rows of a CSV file: ten years of a province's requests.
const CSV_MAX: u32 = 20_000;
/// Rows read at a time for it.
const CSV_PAGE: usize = 500;

const SEE: Access = Access::Right(Right::See);

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/requests", SEE, list), Route::get("/requests.csv", SEE, csv)]
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Asked {
    q: String,
    side: String,
    kind: String,
    state: String,
    sort: String,
    page: u32,
}

impl Asked {
    fn filter(&self, v: &Visit) -> Filter {
        let side = match self.side.as_str() {
            "asked" => Side::Asked,
            "asking" => Side::Asking,
            _ => Side::Both,
        };
        Filter {
            // Without a side: whatever may be seen.
            body: v.user.body.filter(|_| side != Side::Both),
            side,
            kind: RequestKind::parse(&self.kind),
            state: match self.state.as_str() {
                "open" => State::Open,
                "overdue" => State::Overdue(v.now),
                "ended" => State::Ended,
                "withdrawn" => State::Withdrawn,
                _ => State::All,
            },
            text: Some(self.q.clone()),
            sort: match self.sort.as_str() {
                "newest" => Sort::Newest,
                "body" => Sort::Body,
                _ => Sort::Due,
            },
            after: None,
        }
    }
    fn query(&self, page: Option<u32>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let all = [
            ("q", &self.q),
            ("side", &self.side),
            ("kind", &self.kind),
            ("state", &self.state),
            ("sort", &self.sort),
        ];
        query.extend_pairs(all.into_iter().filter(|(_, v)| !v.is_empty()));
        if let Some(page) = page.filter(|p| *p > 0) {
            query.append_pair("page", &page.to_string());
        }
        query.finish()
    }
}

/// A request as lists of any page show it.
pub(super) struct Row {
    pub href: String,
    pub title: String,
    pub kind: String,
    pub body: String,
    pub asker: String,
    pub due: String,
    pub due_iso: String,
    pub late: bool,
    pub law: bool,
    pub urgent: bool,
    pub filter: bool,
    pub items: (u32, u32),
    pub below: (u32, u32),
    pub class: &'static str,
    pub word: String,
}

pub(super) fn row(v: &Visit, p: &Page, brief: &Brief) -> Row {
    let (class, word) = say::standing(v, brief);
    Row {
        href: format!("/requests/{}", brief.id),
        title: brief.title.clone(),
        kind: say::kind(v, brief.kind),
        body: brief.body_name.clone(),
        asker: brief.asker_name.clone(),
        due: p.time(&brief.due),
        due_iso: p.iso(&brief.due),
        late: brief.standing == Standing::Overdue,
        law: brief.under_law,
        urgent: brief.urgent,
        filter: brief.kind == RequestKind::Filter,
        items: brief.items,
        below: brief.below,
        class,
        word,
    }
}

#[derive(Template)]
#[template(path = "requests/list.html")]
struct ListPage {
    p: Page,
    asked: Asked,
    csv: String,
    tabs: Vec<(String, String, bool, String)>,
    sides: Vec<(&'static str, String)>,
    kinds: Vec<(&'static str, String)>,
    sorts: Vec<(&'static str, String)>,
    rows: Vec<Row>,
    said: String,
    prev: String,
    next: String,
    may_ask: bool,
    narrowed: bool,
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let skip = asked.page.saturating_mul(PAGE as u32);
    let mut sql = v.app.db.read().await?;
    let mut found =
        requests::list(&mut sql, v.scope(), &asked.filter(&v), v.now, skip, PAGE.saturating_add(1)).await?;
    drop(sql);
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let p = v.page(v.t("frame-requests"));
    let states = ["", "open", "overdue", "ended", "withdrawn"].map(|state| {
        let here = Asked { state: state.to_owned(), page: 0, ..asked.clone() };
        let name = if state.is_empty() { "all" } else { state };
        let on = asked.state == state;
        (format!("/requests?{}", here.query(None)), v.t(&format!("request-tab-{name}")), on, String::new())
    });
    let said = match found.len() {
        0 => String::new(),
        n => p.t2("request-rows", "from", skip + 1, "to", skip.saturating_add(n as u32)),
    };
    let at = |page: u32| format!("/requests?{}", asked.query(Some(page)));
    let page = ListPage {
        csv: format!("/requests.csv?{}", asked.query(None)),
        tabs: states.into(),
        sides: vec![
            ("", v.t("request-side-both")),
            ("asked", v.t("request-side-asked")),
            ("asking", v.t("request-side-asking")),
        ],
        kinds: vec![
            ("", v.t("request-kind-any")),
            ("work", v.t("request-kind-work")),
            ("filter", v.t("request-kind-filter")),
        ],
        sorts: vec![
            ("", v.t("request-sort-due")),
            ("newest", v.t("request-sort-newest")),
            ("body", v.t("request-sort-body")),
        ],
        rows: found.iter().map(|b| row(&v, &p, b)).collect(),
        said,
        prev: asked.page.checked_sub(1).map(&at).unwrap_or_default(),
        next: if more { at(asked.page.saturating_add(1)) } else { String::new() },
        may_ask: v.user.may(Right::Issue) || v.user.may(Right::Answer),
        narrowed: asked.page > 0
            || [&asked.q, &asked.side, &asked.kind, &asked.state].iter().any(|f| !f.is_empty()),
        asked,
        p,
    };
    v.html(&page)
}

async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let (filter, p) = (asked.filter(&v), v.page(String::new()));
    let mut sql = v.app.db.read().await?;
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    while let Ok(skip @ ..CSV_MAX) = u32::try_from(rows.len()) {
        let found = requests::list(&mut sql, v.scope(), &filter, v.now, skip, CSV_PAGE).await?;
        let last = found.len() < CSV_PAGE;
        rows.extend(found.iter().map(|b| {
            let cells = [
                b.title.clone(),
                say::kind(&v, b.kind),
                b.asker_name.clone(),
                b.body_name.clone(),
                p.time(&b.asked_at),
                p.time(&b.due),
                say::standing(&v, b).1,
                b.answered_at.map(|at| p.time(&at)).unwrap_or_default(),
                format!("{}/{}", b.items.0, b.items.1),
                format!("{}/{}", b.below.0, b.below.1),
            ];
            cells.into_iter().map(Cell::from).collect()
        }));
        if last {
            break;
        }
    }
    drop(sql);
    let heads = [
        "request-title",
        "request-kind",
        "request-asker",
        "request-body",
        "request-asked-at",
        "request-due",
        "request-state",
        "request-answered-at",
        "request-items",
        "request-below",
    ];
    Ok(v.csv("requests", &heads, &rows))
}
