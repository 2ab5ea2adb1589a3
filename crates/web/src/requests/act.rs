//! What becomes of a request: taken, answered with proof, accepted or returned, withdrawn.

use std::collections::HashMap;

use axum::{
    extract::{Multipart, Path, multipart::MultipartRejection},
    http::{HeaderMap, Method},
    response::Response,
};
use domain::{
    evidence::Count,
    request::{Outcome, RequestState},
    right::Right,
};
use store::{
    assignments::NewEvidence,
    requests::{self, Answer, Decision},
};

use super::{
    RequestId, back, id, known, local,
    show::{self, Again},
    tools, write,
};
use crate::{
    Access, AppError, Flash, Form, LIMIT_EVIDENCE, Route, Visit,
    tasks::upload::{self, Kept},
};

const SEE: Access = Access::Right(Right::See);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/requests/{id}/receive", SEE, receive),
        Route::page(Method::POST, "/requests/{id}/answer", SEE, LIMIT_EVIDENCE, answer),
        Route::post("/requests/{id}/decide", SEE, decide),
        Route::post("/requests/{id}/withdraw", SEE, withdraw),
    ]
}

pub(super) type Fields = HashMap<String, String>;

async fn receive(v: Visit, Path(request): Path<String>, Form(_): Form<Fields>) -> Result<Response, AppError> {
    let id = known(&v, &request).await?;
    let tools = tools(&v);
    let done = write!(v, tx => requests::receive(tx, v.scope(), &tools, id).await);
    back(&v, id, done.map(|_| Flash::ok("request-received-done")).map_err(Into::into))
}

/// What came with an answer besides the outcome.
#[derive(Default)]
pub(super) struct Given<'a> {
    pub text: &'a str,
    pub handled: &'a str,
    pub all: &'a str,
    pub url: &'a str,
    pub file: Option<Kept>,
}

/// What was given, as an answer; the one way of page, link and API.
pub(super) fn read(v: &Visit, outcome: Outcome, given: Given<'_>) -> Result<Answer, AppError> {
    let proof = match (given.file, given.url.trim()) {
        (Some(kept), _) => Some(NewEvidence::File {
            blob: kept.blob,
            name: kept.name,
            mime: kept.kind.mime().to_owned(),
            note: String::new(),
        }),
        (None, "") => None,
        (None, url) => Some(NewEvidence::Link { url: url.to_owned(), note: String::new() }),
    };
    let count = count(given.handled, given.all)?;
    Ok(Answer { outcome, text: given.text.to_owned(), count, proof, proof_id: v.id() })
}

/// Answers; the one way of page and API.
pub(super) async fn answer_it(
    v: &Visit,
    id: RequestId,
    outcome: Outcome,
    given: Given<'_>,
) -> Result<(), AppError> {
    let (new, tools) = (read(v, outcome, given)?, tools(v));
    Ok(write!(v, tx => requests::answer(tx, v.scope(), &tools, id, &new).await)?)
}

/// *Đã xử lý / tổng số*: both or neither.
fn count(handled: &str, all: &str) -> Result<Option<Count>, AppError> {
    if handled.trim().is_empty() && all.trim().is_empty() {
        return Ok(None);
    }
    let bad = || AppError::Refused("error-request-count".into());
    let number = |text: &str| text.trim().parse::<u32>().map_err(|_| bad());
    let count = Count { handled: number(handled)?, all: number(all)? };
    if count.all == 0 || count.handled > count.all { Err(bad()) } else { Ok(Some(count)) }
}

/// Before a file is stored for them: may they answer at all.
pub(super) async fn answerable(v: &Visit, request: &str) -> Result<RequestId, AppError> {
    let id = id(request)?;
    let r = requests::get(&mut v.app.db.read().await?, v.scope(), id).await?;
    if r.rights.answer || r.brief.state == RequestState::Withdrawn { Ok(id) } else { Err(AppError::NotFound) }
}

async fn answer(
    v: Visit,
    Path(request): Path<String>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, AppError> {
    let id = answerable(&v, &request).await?;
    // A file that is not taken costs nobody their words.
    let mut given = upload::receive_all(&v, &headers, form).await?;
    let typed = given.fields.clone();
    let file = given.file.take();
    let done = match Outcome::parse(given.field("outcome")) {
        _ if given.refused.is_some() => Err(AppError::Refused(given.refused.take().unwrap_or_default())),
        None => Err(AppError::Refused("error-request-outcome".into())),
        Some(outcome) => {
            let (text, url) = (given.field("text"), given.field("url"));
            let (handled, all) = (given.field("handled"), given.field("all"));
            answer_it(&v, id, outcome, Given { text, handled, all, url, file }).await
        }
    };
    let done = done.map(|()| Flash::ok("request-answered-done"));
    again(&v, id, "answer", typed, done).await
}

/// Back at the request when it is done; what was refused stands in its form again, with what was typed.
pub(super) async fn again(
    v: &Visit,
    id: RequestId,
    form: &'static str,
    typed: Fields,
    done: Result<Flash, AppError>,
) -> Result<Response, AppError> {
    match done {
        Err(AppError::Refused(why)) => {
            let again = Again::new(v, form, &why, typed);
            show::shown(v, id, &show::Asked::default(), again).await
        }
        other => back(v, id, other),
    }
}

async fn decide(
    v: Visit,
    Path(request): Path<String>,
    Form(typed): Form<Fields>,
) -> Result<Response, AppError> {
    let id = known(&v, &request).await?;
    let field = |name: &str| typed.get(name).map_or("", |t| t.trim());
    let decision = match field("do") {
        "accept" => Ok((Decision::Accept, "request-accepted-done")),
        "return" => local(field("return_due"))
            .map(|due| (Decision::Return(field("return_reason").to_owned(), due), "request-returned-done")),
        _ => return Err(AppError::Unreadable("do".into())),
    };
    let done = match decision {
        Err(error) => Err(error),
        Ok((decision, flash)) => decide_it(&v, id, &decision).await.map(|()| Flash::ok(flash)),
    };
    // Accepting has nothing that was typed.
    if field("do") == "accept" { back(&v, id, done) } else { again(&v, id, "return", typed, done).await }
}

/// Accepts or returns; the one way of page and API.
pub(super) async fn decide_it(v: &Visit, id: RequestId, decision: &Decision) -> Result<(), AppError> {
    let tools = tools(v);
    Ok(write!(v, tx => requests::decide(tx, v.scope(), &tools, id, decision).await)?)
}

async fn withdraw(
    v: Visit,
    Path(request): Path<String>,
    Form(typed): Form<Fields>,
) -> Result<Response, AppError> {
    let id = known(&v, &request).await?;
    let reason = typed.get("withdraw_reason").cloned().unwrap_or_default();
    let tools = tools(&v);
    let done = write!(v, tx => requests::withdraw(tx, v.scope(), &tools, id, &reason).await);
    let done = done.map(|()| Flash::ok("request-withdrawn-done")).map_err(Into::into);
    again(&v, id, "withdraw", typed, done).await
}
