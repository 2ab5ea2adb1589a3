//! Calling whoever is on duty, by hand: the form with whom it would call, and the same for programs.

use askama::Template;
use axum::{Json as Answer, extract::Query, http::StatusCode, response::Response};
use domain::{
    id::{Id, kind},
    paging::Severity,
    right::Right,
};
use serde::{Deserialize, Serialize};
use store::{
    Sql,
    callouts::{self, ByHand, Wanted},
    rosters,
};
use utoipa::ToSchema;
use utoipa_axum::routes as route;

use super::{
    policy_form::{Previewed, preview},
    say, tabs, tools, write,
};
use crate::{Access, AppError, Flash, Form, Json, LIMIT_FORM, Page, Route, Visit, register::Options};

const ANSWER: Access = Access::Right(Right::Answer);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/roster/call", ANSWER, form),
        Route::post("/roster/call", ANSWER, call),
        Route::api(ANSWER, LIMIT_FORM, route!(api)),
    ]
}

/// As typed.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Typed {
    /// `post:ID`, or `above:BODY`.
    whom: String,
    severity: String,
    why: String,
    detail: String,
    /// One form is one call, however often it is sent.
    key: String,
    #[serde(rename = "do")]
    what: String,
    #[serde(skip)]
    error: String,
}

impl Typed {
    fn severity(&self) -> Severity {
        Severity::parse(&self.severity).unwrap_or(Severity::High)
    }
}

/// Who is wanted, as a form writes it.
fn wanted(text: &str) -> Option<Wanted> {
    match text.split_once(':')? {
        ("post", id) => Some(Wanted::Post(id.parse().ok()?)),
        ("above", id) => Some(Wanted::Above(id.parse().ok()?)),
        _ => None,
    }
}

#[derive(Template)]
#[template(path = "callouts/call.html")]
struct CallPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    typed: Typed,
    whom: Options,
    severities: Options,
    preview: Vec<Previewed>,
    policy: String,
}

async fn form(v: Visit, Query(mut typed): Query<Typed>) -> Result<Response, AppError> {
    typed.key = v.id::<kind::Callout>().to_string();
    typed.severity = typed.severity().name().to_owned();
    show(&v, typed).await
}

/// Those who can be called: posts one sees, and whoever is above one's own body.
async fn choices(v: &Visit, sql: &mut Sql) -> Result<Options, AppError> {
    let posts = rosters::list(sql, v.scope(), None, false).await?;
    let label = |s: &rosters::Shown| format!("{} — {}", s.post.name, s.body_name);
    let mut all: Options = posts.iter().map(|s| (format!("post:{}", s.post.id), label(s))).collect();
    if let Some(body) = v.user.body
        && store::register::bodies::get(sql, v.scope(), body).await.is_ok_and(|b| b.parent.is_some())
    {
        all.push((format!("above:{body}"), v.t("call-above")));
    }
    Ok(all)
}

async fn show(v: &Visit, mut typed: Typed) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let whom = choices(v, &mut sql).await?;
    // One's own post stands first: it is the one most often wanted.
    if typed.whom.is_empty() {
        typed.whom = whom.first().map(|(id, _)| id.clone()).unwrap_or_default();
    }
    let (mut told, mut policy) = (Vec::new(), String::new());
    if let Some(wanted) = wanted(&typed.whom) {
        let tools = tools(v);
        let (body, post) = match wanted {
            Wanted::Post(id) => (rosters::shown(&mut sql, v.scope(), id).await?.post.body, Some(id)),
            Wanted::Above(body) => (body, None),
        };
        let of = callouts::policy_of(&mut sql, &tools, wanted, body, typed.severity()).await?;
        let calls = callouts::preview(&mut sql, &tools, &of, body, post, v.now).await?;
        told = preview(v, calls);
        policy = if of.name.is_empty() { v.t("callout-policy-built-in") } else { of.name };
    }
    drop(sql);
    let bad = !typed.error.is_empty();
    let page = CallPage {
        p: v.page(v.t("call-title")),
        tabs: tabs(v, "callouts"),
        severities: Severity::ALL.iter().rev().map(|s| (s.name().to_owned(), say::severity(v, *s))).collect(),
        whom,
        typed,
        preview: told,
        policy,
    };
    let mut response = v.html(&page)?;
    if bad {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn call(v: Visit, Form(mut typed): Form<Typed>) -> Result<Response, AppError> {
    if typed.what == "look" {
        return show(&v, typed).await;
    }
    let Some(wanted) = wanted(&typed.whom) else { return Err(AppError::Unreadable("whom".into())) };
    match begin(&v, wanted, &typed, "page").await {
        Ok(id) => Ok(v.redirect(&format!("/roster/callouts/{id}"), Flash::ok("call-made"))),
        Err(AppError::Refused(code)) => {
            typed.error = v.t(&code);
            show(&v, typed).await
        }
        Err(error) => Err(error),
    }
}

async fn begin(v: &Visit, wanted: Wanted, typed: &Typed, via: &str) -> Result<Id<kind::Callout>, AppError> {
    let tools = tools(v);
    let new = ByHand {
        key: &typed.key,
        wanted,
        severity: typed.severity(),
        why: &typed.why,
        detail: &typed.detail,
        via,
    };
    Ok(write!(v, tx => callouts::call(tx, v.scope(), &tools, &new).await)?)
}

/// Whom to call, and why.
#[derive(Deserialize, ToSchema)]
struct CallGiven {
    /// Whoever is on duty at that post.
    #[serde(default)]
    post: Option<String>,
    /// Without a post: whoever is on duty above that body.
    #[serde(default)]
    above: Option<String>,
    /// `low`, `medium`, `high`, `critical`; `high` when left out.
    #[serde(default)]
    severity: String,
    /// Why, in one sentence.
    why: String,
    /// What more there is to know; shown on Canh only.
    #[serde(default)]
    detail: String,
}

/// A call-out that was begun.
#[derive(Serialize, ToSchema)]
struct Called {
    id: String,
}

/// Calls whoever is on duty at a post, or above a body
#[utoipa::path(post, path = "/api/v1/callouts", tag = "callouts", request_body = CallGiven, responses((status = 201, body = Called)))]
async fn api(v: Visit, Json(given): Json<CallGiven>) -> Result<(StatusCode, Answer<Called>), AppError> {
    let whom = match (&given.post, &given.above) {
        (Some(post), None) => format!("post:{post}"),
        (None, Some(body)) => format!("above:{body}"),
        _ => return Err(AppError::Unreadable("post".into())),
    };
    let wanted = wanted(&whom).ok_or_else(|| AppError::Unreadable("post".into()))?;
    if !given.severity.is_empty() && Severity::parse(&given.severity).is_none() {
        return Err(AppError::Unreadable("severity".into()));
    }
    let key = v.id::<kind::Callout>().to_string();
    let typed =
        Typed { key, severity: given.severity, why: given.why, detail: given.detail, ..Typed::default() };
    let id = begin(&v, wanted, &typed, "api").await?.to_string();
    Ok((StatusCode::CREATED, Answer(Called { id })))
}
