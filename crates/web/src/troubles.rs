//! What does not work, for whoever administers the whole installation: jobs that fail and messages that do not arrive.

use crate::route::operation;
use askama::Template;
use axum::{Json as Answer, extract::Path, http::StatusCode, response::Response};
use domain::{
    id::{Id, kind},
    right::Right,
};
use serde::{Deserialize, Serialize};
use store::{
    StoreError,
    troubles::{self, reason},
};
use utoipa::ToSchema;

use crate::{Access, ApiGuard, AppError, Form, Json, LIMIT_FORM, Page, Route, Visit};

const HERE: &str = "/admin/troubles";
/// Rows of each list: whoever has more needs the log, not a page.
const ROWS: u32 = 200;

pub(crate) fn routes() -> Vec<Route> {
    let administer = Access::Right(Right::Administer);
    vec![
        Route::get(HERE, administer, page),
        Route::post("/admin/jobs/{job}/retry", administer, retry_job),
        Route::post("/admin/jobs/{job}/give-up", administer, give_up_job),
        Route::post("/admin/deliveries/{delivery}/retry", administer, retry_delivery),
        Route::post("/admin/deliveries/{delivery}/give-up", administer, give_up_delivery),
        Route::api(administer, LIMIT_FORM, operation!(list)),
        Route::api(administer, LIMIT_FORM, operation!(api_retry_job)),
        Route::api(administer, LIMIT_FORM, operation!(api_give_up_job)),
        Route::api(administer, LIMIT_FORM, operation!(api_retry_delivery)),
        Route::api(administer, LIMIT_FORM, operation!(api_give_up_delivery)),
    ]
}

struct Line {
    /// Where its forms post to.
    at: String,
    what: String,
    to: String,
    when: String,
    when_iso: String,
    tries: u32,
    given_up: bool,
    may_retry: bool,
    may_give_up: bool,
    why: String,
    /// What was typed into its form and not taken.
    typed: String,
    fault: String,
}

#[derive(Template)]
#[template(path = "troubles/list.html")]
struct ListPage {
    p: Page,
    jobs: Vec<Line>,
    deliveries: Vec<Line>,
}

/// A reason that was not taken: of which line, what was typed, why.
struct Refused {
    at: String,
    typed: String,
    why: String,
}

async fn page(v: Visit) -> Result<Response, AppError> {
    shown(&v, None).await
}

async fn shown(v: &Visit, refused: Option<Refused>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let jobs = troubles::jobs(&mut sql, v.scope(), ROWS).await?;
    let deliveries = troubles::deliveries(&mut sql, v.scope(), ROWS).await?;
    drop(sql);
    let p = v.page(v.t("troubles-title"));
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let typed = |at: &str| {
        let mine = refused.as_ref().filter(|r| r.at == at);
        mine.map(|r| (r.typed.clone(), r.why.clone())).unwrap_or_default()
    };
    let jobs = jobs.into_iter().map(|j| {
        let at = format!("/admin/jobs/{}", j.id);
        let (typed, fault) = typed(&at);
        Line {
            what: named(v, "troubles-job-", &j.kind),
            to: String::new(),
            when: p.time(&j.due),
            when_iso: p.iso(&j.due),
            tries: j.tries,
            given_up: j.given_up,
            may_retry: true,
            may_give_up: !j.given_up && !j.repeats,
            why: j.why,
            at,
            typed,
            fault,
        }
    });
    let jobs = jobs.collect();
    let deliveries = deliveries.into_iter().map(|d| {
        let at = format!("/admin/deliveries/{}", d.id);
        let (typed, fault) = typed(&at);
        Line {
            what: named(v, "troubles-message-", &d.template),
            to: format!("{} · {}", d.to.unwrap_or_else(|| v.t("troubles-to-address")), d.channel),
            when: p.time(&d.made_at),
            when_iso: p.iso(&d.made_at),
            tries: d.tries,
            given_up: d.given_up,
            may_retry: d.expires > v.now,
            may_give_up: !d.given_up,
            why: why(v, &d.why),
            at,
            typed,
            fault,
        }
    });
    let page = ListPage { jobs, deliveries: deliveries.collect(), p };
    let mut response = v.html(&page)?;
    *response.status_mut() = status;
    Ok(response)
}

/// The name of a kind of job or message; of one without a name the kind itself.
fn named(v: &Visit, prefix: &str, kind: &str) -> String {
    let id = format!("{prefix}{}", kind.replace('.', "-"));
    let text = v.t(&id);
    if text == id { kind.to_owned() } else { text }
}

/// Why a message did not arrive: our own reasons in words, what a server said and what people wrote as it is.
pub(crate) fn why(v: &Visit, kept: &str) -> String {
    let lines: Vec<String> =
        kept.lines()
            .map(|line| {
                if reason::ALL.contains(&line) {
                    v.t(&format!("troubles-why-{line}"))
                } else {
                    line.to_owned()
                }
            })
            .collect();
    lines.join("\n")
}

type Job = Id<kind::Job>;
type Delivery = Id<kind::Delivery>;

async fn do_retry_job(v: &Visit, id: Job) -> Result<(), StoreError> {
    store::write!(v.app.db, v.actor(), v.now, tx => troubles::retry_job(tx, v.scope(), id).await)
}
async fn do_give_up_job(v: &Visit, id: Job, reason: &str) -> Result<(), StoreError> {
    store::write!(v.app.db, v.actor(), v.now, tx => troubles::give_up_job(tx, v.scope(), id, reason).await)
}
async fn do_retry_delivery(v: &Visit, id: Delivery) -> Result<(), StoreError> {
    store::write!(v.app.db, v.actor(), v.now, tx => troubles::retry_delivery(tx, v.scope(), id).await)
}
async fn do_give_up_delivery(v: &Visit, id: Delivery, reason: &str) -> Result<(), StoreError> {
    store::write!(v.app.db, v.actor(), v.now, tx => troubles::give_up_delivery(tx, v.scope(), id, reason).await)
}

#[derive(Deserialize)]
struct Nothing {}

#[derive(Deserialize, ToSchema)]
struct Reason {
    /// Why it is given up; kept beside the failure.
    #[serde(default)]
    reason: String,
}

async fn retry_job(
    v: Visit,
    Path(id): Path<Job>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, AppError> {
    v.acted(HERE, do_retry_job(&v, id).await, "troubles-retried")
}

async fn retry_delivery(
    v: Visit,
    Path(id): Path<Delivery>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, AppError> {
    v.acted(HERE, do_retry_delivery(&v, id).await, "troubles-retried")
}

/// A reason that is missing is asked for again on the line it belongs to.
async fn ended(
    v: &Visit,
    done: Result<(), StoreError>,
    at: String,
    typed: String,
) -> Result<Response, AppError> {
    match done {
        Err(StoreError::Refused("reason-missing")) => {
            let why = v.t("error-reason-missing");
            shown(v, Some(Refused { at, typed, why })).await
        }
        done => v.acted(HERE, done, "troubles-given-up"),
    }
}

async fn give_up_job(v: Visit, Path(id): Path<Job>, Form(form): Form<Reason>) -> Result<Response, AppError> {
    let done = do_give_up_job(&v, id, &form.reason).await;
    ended(&v, done, format!("/admin/jobs/{id}"), form.reason).await
}

async fn give_up_delivery(
    v: Visit,
    Path(id): Path<Delivery>,
    Form(form): Form<Reason>,
) -> Result<Response, AppError> {
    let done = do_give_up_delivery(&v, id, &form.reason).await;
    ended(&v, done, format!("/admin/deliveries/{id}"), form.reason).await
}

/// A job that fails.
#[derive(Serialize, ToSchema)]
struct JobOut {
    id: String,
    kind: String,
    due: String,
    tries: u32,
    given_up: bool,
    why: String,
}

/// A message that does not arrive.
#[derive(Serialize, ToSchema)]
struct DeliveryOut {
    id: String,
    template: String,
    channel: String,
    made_at: String,
    expires: String,
    tries: u32,
    given_up: bool,
    why: String,
}

/// What does not work.
#[derive(Serialize, ToSchema)]
struct Troubles {
    jobs: Vec<JobOut>,
    deliveries: Vec<DeliveryOut>,
}

/// Jobs that fail and messages that do not arrive; for administrators of the whole installation
#[utoipa::path(get, path = "/api/v1/troubles", tag = "troubles", responses((status = 200, body = Troubles), (status = 404)))]
async fn list(v: Visit) -> Result<Answer<Troubles>, AppError> {
    let mut sql = v.app.db.read().await?;
    let jobs = troubles::jobs(&mut sql, v.scope(), ROWS).await?;
    let deliveries = troubles::deliveries(&mut sql, v.scope(), ROWS).await?;
    let job = |j: troubles::Job| JobOut {
        id: j.id.to_string(),
        kind: j.kind,
        due: j.due.to_string(),
        tries: j.tries,
        given_up: j.given_up,
        why: j.why,
    };
    let delivery = |d: troubles::Delivery| DeliveryOut {
        id: d.id.to_string(),
        template: d.template,
        channel: d.channel,
        made_at: d.made_at.to_string(),
        expires: d.expires.to_string(),
        tries: d.tries,
        given_up: d.given_up,
        why: d.why,
    };
    Ok(Answer(Troubles {
        jobs: jobs.into_iter().map(job).collect(),
        deliveries: deliveries.into_iter().map(delivery).collect(),
    }))
}

/// Tries a job again at once
#[utoipa::path(post, path = "/api/v1/jobs/{job}/retry", tag = "troubles", params(("job" = String, Path)), responses((status = 204), (status = 404)))]
async fn api_retry_job(v: Visit, Path(id): Path<Job>, _: ApiGuard) -> Result<StatusCode, AppError> {
    do_retry_job(&v, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a job up
#[utoipa::path(post, path = "/api/v1/jobs/{job}/give-up", tag = "troubles", params(("job" = String, Path)), request_body = Reason, responses((status = 204), (status = 404)))]
async fn api_give_up_job(
    v: Visit,
    Path(id): Path<Job>,
    Json(given): Json<Reason>,
) -> Result<StatusCode, AppError> {
    do_give_up_job(&v, id, &given.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tries to deliver a message again at once
#[utoipa::path(post, path = "/api/v1/deliveries/{delivery}/retry", tag = "troubles", params(("delivery" = String, Path)), responses((status = 204), (status = 404)))]
async fn api_retry_delivery(v: Visit, Path(id): Path<Delivery>, _: ApiGuard) -> Result<StatusCode, AppError> {
    do_retry_delivery(&v, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives the delivery of a message up
#[utoipa::path(post, path = "/api/v1/deliveries/{delivery}/give-up", tag = "troubles", params(("delivery" = String, Path)), request_body = Reason, responses((status = 204), (status = 404)))]
async fn api_give_up_delivery(
    v: Visit,
    Path(id): Path<Delivery>,
    Json(given): Json<Reason>,
) -> Result<StatusCode, AppError> {
    do_give_up_delivery(&v, id, &given.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
