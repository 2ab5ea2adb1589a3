//! Calling whoever is on duty, by hand: the form with whom it would call, and the same for programs.

use crate::route::operation as route;
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
    register::{PAGE_MAX, people},
    rosters,
};
use utoipa::ToSchema;

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
    /// `post:ID`, `above:BODY`, or `person:ID`.
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
        ("person", id) => Some(Wanted::Person(id.parse().ok()?)),
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

/// Those who can be called: posts one sees, whoever is above one's own body, the people of that body, and whoever was asked
/// for by name.
async fn choices(v: &Visit, sql: &mut Sql, asked: Option<Wanted>) -> Result<Options, AppError> {
    let posts = rosters::list(sql, v.scope(), None, false).await?;
    let label = |s: &rosters::Shown| format!("{} — {}", s.post.name, s.body_name);
    let mut all: Options = posts.iter().map(|s| (format!("post:{}", s.post.id), label(s))).collect();
    if let Some(body) = v.user.body
        && store::register::bodies::get(sql, v.scope(), body).await.is_ok_and(|b| b.parent.is_some())
    {
        all.push((format!("above:{body}"), v.t("call-above")));
    }
    let mut people = Vec::new();
    if let Some(body) = v.user.body {
        let filter = people::Filter { body: Some(body), ..people::Filter::default() };
        people.extend(people::list(sql, v.scope(), &filter, None, PAGE_MAX).await?);
    }
    if let Some(Wanted::Person(id)) = asked
        && !people.iter().any(|p| p.id == id)
    {
        people.push(people::get(sql, v.scope(), id).await?);
    }
    people.retain(|p| p.closed_at.is_none() && Some(p.id) != v.user.person);
    let label = |name: &str| v.words().with("call-person", [("name", name.into())]);
    all.extend(people.iter().map(|p| (format!("person:{}", p.id), label(&p.name))));
    Ok(all)
}

async fn show(v: &Visit, mut typed: Typed) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let whom = choices(v, &mut sql, wanted(&typed.whom)).await?;
    // One's own post stands first: it is the one most often wanted.
    if typed.whom.is_empty() {
        typed.whom = whom.first().map(|(id, _)| id.clone()).unwrap_or_default();
    }
    let (mut told, mut policy) = (Vec::new(), String::new());
    if let Some(wanted) = wanted(&typed.whom) {
        let tools = tools(v);
        match callouts::whose(&mut sql, v.scope(), wanted).await {
            Ok((body, post)) => {
                let of = callouts::policy_of(&mut sql, &tools, wanted, body, typed.severity()).await?;
                let calls = callouts::preview(&mut sql, &tools, &of, body, post, v.now).await?;
                told = preview(v, calls);
                policy = if of.name.is_empty() { v.t("callout-policy-built-in") } else { of.name };
            }
            Err(error) => match error.into() {
                AppError::Refused(code) => typed.error = v.t(&code),
                other => return Err(other),
            },
        }
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
    /// Instead: whoever is on duty above that body.
    #[serde(default)]
    above: Option<String>,
    /// Instead: that person, and when they do not answer their head and whoever is on duty above.
    #[serde(default)]
    person: Option<String>,
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

/// Calls whoever is on duty at a post, or above a body, or one person
#[utoipa::path(post, path = "/api/v1/callouts", tag = "callouts", request_body = CallGiven, responses((status = 201, body = Called)))]
async fn api(v: Visit, Json(given): Json<CallGiven>) -> Result<(StatusCode, Answer<Called>), AppError> {
    let whom = match (&given.post, &given.above, &given.person) {
        (Some(post), None, None) => format!("post:{post}"),
        (None, Some(body), None) => format!("above:{body}"),
        (None, None, Some(person)) => format!("person:{person}"),
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
