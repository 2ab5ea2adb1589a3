//! The queue of evidence that waits for a decision: filters, tick all, accept or return in bulk.

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::{duty::Code, right::Right};
use serde::Deserialize;
use store::assignments::{self, Pending, PendingFilter};

use super::{
    Typed, after, cursor, id,
    show::{When, when},
    task::decide_now,
};
use crate::{Access, AppError, Flash, Form, Lang, Page, Route, Visit};

/// Rows of a page: what a person can look through before deciding in bulk.
const PAGE: usize = 100;

pub(super) fn routes() -> Vec<Route> {
    let review = Access::Right(Right::Review);
    vec![Route::get("/review", review, show), Route::post("/review", review, decide)]
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Asked {
    campaign: String,
    body: String,
    code: String,
    after: String,
}

struct Row {
    id: String,
    body: String,
    duty: String,
    code: String,
    order: String,
    href: String,
    text: String,
    url: String,
    sha256: String,
    file: String,
    count: String,
    by: String,
    at: When,
    late: bool,
}

#[derive(Template)]
#[template(path = "tasks/review.html")]
struct ReviewPage {
    p: Page,
    rows: Vec<Row>,
    codes: Vec<(String, String)>,
    code: String,
    campaign: String,
    body: String,
    next: String,
    ticked: Vec<String>,
    typed: Typed,
}

async fn show(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    page(&v, &asked, Vec::new(), Typed::default()).await
}

async fn page(v: &Visit, asked: &Asked, ticked: Vec<String>, typed: Typed) -> Result<Response, AppError> {
    let filter = PendingFilter {
        campaign: asked.campaign.parse().ok(),
        body: asked.body.parse().ok(),
        code: Code::new(&asked.code).ok(),
    };
    let mut sql = v.app.db.read().await?;
    let found = assignments::pending(&mut sql, v.scope(), &filter, after(&asked.after), PAGE).await?;
    drop(sql);
    let p = v.page(v.t("tasks-review"));
    let code = filter.code.map(|c| c.to_string()).unwrap_or_default();
    let campaign = filter.campaign.map(|c| c.to_string()).unwrap_or_default();
    let body = filter.body.map(|b| b.to_string()).unwrap_or_default();
    let next = match found.last() {
        Some(last) if found.len() == PAGE => {
            let at = cursor(last.submission.submitted_at, last.submission.id);
            format!("/review?campaign={campaign}&body={body}&code={code}&after={at}")
        }
        _ => String::new(),
    };
    let name = |d: &domain::legal::DutyTerm| match v.lang {
        Lang::Vi => d.short_vi.clone(),
        Lang::En => d.short_en.clone(),
    };
    let mut codes = vec![(String::new(), v.t("tasks-all-duties"))];
    codes.extend(v.pack().duties().iter().filter(|d| d.owed).map(|d| (d.code.to_string(), name(d))));
    let rows = found.into_iter().map(|r| row(v, &p, r, v_name(v, &name))).collect();
    v.html(&ReviewPage { p, rows, codes, code, campaign, body, next, ticked, typed })
}

fn v_name<'a>(
    v: &'a Visit,
    name: &'a dyn Fn(&domain::legal::DutyTerm) -> String,
) -> impl Fn(&str) -> String + 'a {
    move |code| v.pack().duty(code).map_or_else(|| code.to_owned(), name)
}

fn row(v: &Visit, p: &Page, r: Pending, duty: impl Fn(&str) -> String) -> Row {
    let s = r.submission;
    Row {
        id: s.id.to_string(),
        href: format!("/assignments/{}/tasks/{}", r.assignment, s.task),
        body: r.body_name,
        duty: duty(&r.code),
        code: r.code,
        order: r.order,
        text: s.text,
        url: s.url.unwrap_or_default(),
        sha256: s.sha256.unwrap_or_default(),
        file: s.file_name.unwrap_or_default(),
        count: s.count.map(|c| format!("{}/{}", c.handled, c.all)).unwrap_or_default(),
        by: s.submitted_by.unwrap_or_default(),
        at: when(p, s.submitted_at),
        late: r.due <= v.now,
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Bulk {
    submission: Vec<String>,
    decision: String,
    reason: String,
    campaign: String,
    body: String,
    code: String,
}

async fn decide(v: Visit, Form(said): Form<Bulk>) -> Result<Response, AppError> {
    let ids = said.submission.iter().map(|s| id(s)).collect::<Result<Vec<_>, _>>()?;
    let asked = Asked {
        campaign: said.campaign.clone(),
        body: said.body.clone(),
        code: said.code.clone(),
        after: String::new(),
    };
    match decide_now(&v, &ids, &said.decision, &said.reason).await {
        Ok(n) => Ok(v.redirect("/review", Flash::ok("tasks-decided-many").what(&n.to_string()))),
        Err(error) => {
            let typed = Typed::of(&v, "decide", &said.reason, error)?;
            page(&v, &asked, said.submission, typed).await
        }
    }
}
