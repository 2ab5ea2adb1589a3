//! The front page of the register: the tree of bodies, or what a search finds in it.

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::{
    body::{Body, BodyKind},
    right::Right,
};
use serde::Deserialize;
use store::register::bodies::{self, Filter};

use super::choices::{self, Options};
use crate::{Access, AppError, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/register", Access::Right(Right::See), show)]
}

/// Rows of a page of a list.
pub(super) const PAGE: u32 = 50;
/// In a larger tree the branches below the first level start closed.
const OPEN_MAX: usize = 60;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    q: String,
    kind: String,
    closed: String,
    after: String,
}

/// A line of the tree.
struct Branch {
    id: String,
    name: String,
    kind: String,
    children: u32,
    open: bool,
    /// How many lists end behind it.
    ends: u32,
}

#[derive(Template)]
#[template(path = "register/tree.html")]
struct Tree {
    p: Page,
    q: String,
    kind: String,
    closed: bool,
    kinds: Options,
    branches: Vec<Branch>,
    found: Option<Vec<Hit>>,
    next: String,
    may_register: bool,
    total: usize,
}

struct Hit {
    id: String,
    name: String,
    code: String,
    kind: String,
    closed: bool,
}

async fn show(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let searching = !asked.q.trim().is_empty() || !asked.kind.is_empty() || !asked.closed.is_empty();
    let mut page = Tree {
        p: v.page(v.t("register-title")),
        q: asked.q.clone(),
        kind: asked.kind.clone(),
        closed: !asked.closed.is_empty(),
        kinds: choices::kinds(&v),
        branches: Vec::new(),
        found: None,
        next: String::new(),
        may_register: v.user.may(Right::Register),
        total: 0,
    };
    page.kinds.insert(0, (String::new(), v.t("register-any-kind")));
    if searching {
        let filter = Filter {
            text: Some(asked.q.clone()),
            kinds: BodyKind::parse(&asked.kind).into_iter().collect(),
            closed: page.closed,
            ..Filter::default()
        };
        let mut found =
            bodies::list(&mut sql, v.scope(), &filter, choices::after(&asked.after), PAGE + 1).await?;
        let more = found.len() > PAGE as usize;
        found.truncate(PAGE as usize);
        let cursor = found.last().filter(|_| more).map(|b| choices::cursor(&b.name, b.id));
        let query = [("q", asked.q.as_str()), ("kind", &asked.kind), ("closed", &asked.closed)];
        page.next = choices::next("/register", &query, cursor);
        page.found = Some(found.into_iter().map(|b| hit(&v, b)).collect());
    } else {
        let nodes = bodies::tree(&mut sql, v.scope()).await?;
        page.total = nodes.len();
        let depths: Vec<u32> = nodes.iter().map(|n| n.depth).skip(1).chain([0]).collect();
        let wide = nodes.len() > OPEN_MAX;
        page.branches = nodes
            .into_iter()
            .zip(depths)
            .map(|(n, next)| Branch {
                id: n.body.id.to_string(),
                kind: choices::kind(v.words(), n.body.kind),
                name: n.body.name,
                children: n.children,
                open: n.depth == 0 || !wide,
                ends: n.depth.saturating_sub(next),
            })
            .collect();
    }
    v.html(&page)
}

fn hit(v: &Visit, b: Body) -> Hit {
    Hit {
        id: b.id.to_string(),
        name: b.name,
        code: b.code.unwrap_or_default(),
        kind: choices::kind(v.words(), b.kind),
        closed: b.closed_at.is_some(),
    }
}
