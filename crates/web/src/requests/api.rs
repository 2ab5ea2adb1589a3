//! Requests in the API: the same acts as on the pages. What a request looks like is in [`view`].

mod view;

use std::collections::BTreeSet;

use crate::route::operation;
use axum::{
    Json as Out,
    extract::{Multipart, Path, Query, multipart::MultipartRejection},
    http::{HeaderMap, StatusCode},
};
use domain::{
    id::{Id, kind},
    request::{ItemState, Outcome, RequestKind, filter},
    right::Right,
};
use jiff::Timestamp;
use serde::Deserialize;
use store::requests::{self, Asker, Decision, Filter, Mark, NewRequest, PassOn, Side, Sort, State};
use utoipa::{IntoParams, ToSchema};

use self::view::{ItemList, Made, Marked, RequestDetail, RequestList, brief, detail, item};
use super::{
    RequestId,
    act::{Given, answer_it, answerable, decide_it},
    id, items, known,
    new::{self, ask},
    pass_on::pass,
    tools, write,
};
use crate::{
    Access, ApiGuard, AppError, FieldError, Json, LIMIT_EVIDENCE, LIMIT_FORM, Route, Visit,
    tasks::{self, upload},
};

/// Rows of a page.
const PAGE: usize = 100;

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    vec![
        Route::api(see, LIMIT_FORM, operation!(list)),
        Route::api(see, new::LIMIT, operation!(create)),
        Route::api(see, LIMIT_FORM, operation!(get)),
        Route::api(see, LIMIT_FORM, operation!(receive)),
        Route::api(see, LIMIT_FORM, operation!(pass_on)),
        Route::api(see, LIMIT_FORM, operation!(answer)),
        Route::api(see, LIMIT_EVIDENCE, operation!(answer_with_file)),
        Route::api(see, LIMIT_FORM, operation!(review)),
        Route::api(see, LIMIT_FORM, operation!(withdraw)),
        Route::api(Access::Right(Right::Read), LIMIT_FORM, operation!(list_items)),
        Route::api(see, LIMIT_FORM, operation!(mark_items)),
    ]
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Words of title, text, basis or names.
    q: Option<String>,
    /// Of that body.
    body: Option<String>,
    /// `asked`, `asking`: on which side it stands.
    side: Option<String>,
    /// `work`, `filter`.
    kind: Option<String>,
    /// `open`, `overdue`, `ended`, `withdrawn`.
    state: Option<String>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Newest first.
#[utoipa::path(get, path = "/api/v1/requests", tag = "requests", params(Asked), responses((status = 200, body = RequestList)))]
async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Out<RequestList>, AppError> {
    let filter = Filter {
        body: asked.body.as_deref().map(id).transpose()?,
        side: match asked.side.as_deref() {
            Some("asked") => Side::Asked,
            Some("asking") => Side::Asking,
            _ => Side::Both,
        },
        kind: asked.kind.as_deref().and_then(RequestKind::parse),
        state: match asked.state.as_deref() {
            Some("open") => State::Open,
            Some("overdue") => State::Overdue(v.now),
            Some("ended") => State::Ended,
            Some("withdrawn") => State::Withdrawn,
            _ => State::All,
        },
        text: asked.q,
        sort: Sort::Newest,
        after: asked.cursor.as_deref().and_then(tasks::after),
    };
    let mut sql = v.app.db.read().await?;
    let found = requests::list(&mut sql, v.scope(), &filter, v.now, 0, PAGE).await?;
    let cursor =
        found.last().filter(|_| found.len() == PAGE).map(|last| tasks::cursor(last.asked_at, last.id));
    Ok(Out(RequestList { items: found.iter().map(brief).collect(), cursor }))
}

/// What is asked.
#[derive(Deserialize, ToSchema)]
struct RequestIn {
    /// The body that asks; or `asker_name`.
    asker: Option<String>,
    /// An authority outside the register.
    asker_name: Option<String>,
    /// The bodies asked: each gets a request of its own.
    to: Vec<String>,
    /// `work`, `filter`.
    kind: String,
    title: String,
    text: String,
    #[serde(default)]
    basis: String,
    /// The competent force asks under the law: its clock runs.
    #[serde(default)]
    under_law: bool,
    #[serde(default)]
    urgent: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    asked_at: Option<Timestamp>,
    /// The agreed time; may be left to the clock of the law.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    letter: Option<String>,
    /// Addresses, domains, URLs, also such as `hxxp://a[.]b`.
    #[serde(default)]
    items: Vec<String>,
}

/// Asks. An entry that cannot be taken is named as `items[n]` with its reason, and nothing is asked.
#[utoipa::path(post, path = "/api/v1/requests", tag = "requests", request_body = RequestIn, responses((status = 201, body = Made)))]
async fn create(v: Visit, Json(new): Json<RequestIn>) -> Result<(StatusCode, Out<Made>), AppError> {
    let kind = RequestKind::parse(&new.kind)
        .ok_or_else(|| AppError::Invalid(vec![FieldError::new("kind", "error-request-kind")]))?;
    let guard = requests::guard(&mut v.app.db.read().await?, v.pack()).await?;
    let (mut entries, mut seen, mut faults) = (Vec::new(), BTreeSet::new(), Vec::new());
    for (n, entry) in new.items.iter().enumerate() {
        match filter::item(entry, &guard) {
            Ok(item) if seen.insert(item.clone()) => entries.push(item),
            Ok(_) => {}
            Err(why) => faults.push(FieldError::new(&format!("items[{n}]"), &format!("request-why-{why}"))),
        }
        if faults.len() >= filter::PROBLEMS_MAX || entries.len() > filter::ITEMS_MAX {
            break;
        }
    }
    if !faults.is_empty() {
        return Err(AppError::Invalid(faults));
    }
    let asker = match (new.asker, new.asker_name) {
        (Some(body), None) => Asker::Body(id(&body)?),
        (None, Some(name)) => Asker::Outside(name),
        _ => return Err(AppError::Invalid(vec![FieldError::new("asker", "error-request-asker")])),
    };
    let new = NewRequest {
        asker,
        to: new::ids(&new.to)?,
        kind,
        title: new.title,
        text: new.text,
        basis: new.basis,
        under_law: new.under_law,
        urgent: new.urgent,
        asked: new.asked_at.map(domain::time::cut),
        due: new.due_at.map(domain::time::cut),
        letter: new.letter.as_deref().map(id::<kind::Letter>).transpose()?,
        items: entries,
    };
    let made = ask(&v, &new).await?;
    Ok((StatusCode::CREATED, Out(Made::of(&made))))
}

#[utoipa::path(get, path = "/api/v1/requests/{id}", tag = "requests", responses((status = 200, body = RequestDetail)))]
async fn get(v: Visit, Path(request): Path<String>) -> Result<Out<RequestDetail>, AppError> {
    shown(&v, id(&request)?).await
}

async fn shown(v: &Visit, id: RequestId) -> Result<Out<RequestDetail>, AppError> {
    let mut sql = v.app.db.read().await?;
    let r = requests::get(&mut sql, v.scope(), id).await?.at(v.now);
    let proofs = requests::proofs(&mut sql, v.scope(), id).await?;
    let events = requests::events(&mut sql, v.scope(), id).await?;
    let below = requests::descendants(&mut sql, v.scope(), id, v.now).await?;
    Ok(Out(detail(r, proofs, events, &below)))
}

/// Takes it: from then on there is a receipt. Twice is once.
#[utoipa::path(post, path = "/api/v1/requests/{id}/receive", tag = "requests", responses((status = 200, body = RequestDetail)))]
async fn receive(v: Visit, _: ApiGuard, Path(request): Path<String>) -> Result<Out<RequestDetail>, AppError> {
    let (id, tools) = (id(&request)?, tools(&v));
    write!(v, tx => requests::receive(tx, v.scope(), &tools, id).await)?;
    shown(&v, id).await
}

/// To whom it is passed down.
#[derive(Deserialize, ToSchema)]
struct PassIn {
    to: Vec<String>,
    /// Not later than the request itself is due.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    #[serde(default)]
    note: String,
}

#[utoipa::path(post, path = "/api/v1/requests/{id}/pass-on", tag = "requests", request_body = PassIn, responses((status = 201, body = Made)))]
async fn pass_on(
    v: Visit,
    Path(request): Path<String>,
    Json(new): Json<PassIn>,
) -> Result<(StatusCode, Out<Made>), AppError> {
    let id = known(&v, &request).await?;
    let what = PassOn { to: new::ids(&new.to)?, due: new.due_at.map(domain::time::cut), note: new.note };
    Ok((StatusCode::CREATED, Out(Made::of(&pass(&v, id, &what).await?))))
}

/// An answer.
#[derive(Deserialize, ToSchema)]
struct AnswerIn {
    /// `done`, `partly`, `impossible`.
    outcome: String,
    /// What was done; why not all of it.
    #[serde(default)]
    text: String,
    handled: Option<u32>,
    all: Option<u32>,
    /// An https address that proves it.
    #[serde(default)]
    url: String,
}

fn outcome(text: &str) -> Result<Outcome, AppError> {
    let bad = || AppError::Invalid(vec![FieldError::new("outcome", "error-request-outcome")]);
    Outcome::parse(text).ok_or_else(bad)
}

#[utoipa::path(post, path = "/api/v1/requests/{id}/answers", tag = "requests", request_body = AnswerIn, responses((status = 200, body = RequestDetail)))]
async fn answer(
    v: Visit,
    Path(request): Path<String>,
    Json(new): Json<AnswerIn>,
) -> Result<Out<RequestDetail>, AppError> {
    let id = known(&v, &request).await?;
    let number = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
    let (handled, all) = (number(new.handled), number(new.all));
    let given = Given { text: &new.text, handled: &handled, all: &all, url: &new.url, file: None };
    answer_it(&v, id, outcome(&new.outcome)?, given).await?;
    shown(&v, id).await
}

/// The same with a file: a multipart form with `outcome`, `text`, `handled`, `all` and one file.
#[utoipa::path(post, path = "/api/v1/requests/{id}/answers/file", tag = "requests", request_body(content = String, content_type = "multipart/form-data"), responses((status = 200, body = RequestDetail)))]
async fn answer_with_file(
    v: Visit,
    Path(request): Path<String>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Out<RequestDetail>, AppError> {
    let id = answerable(&v, &request).await?;
    let mut given = upload::receive(&v, &headers, form).await?;
    let file = given.file.take();
    let (text, url) = (given.field("text"), given.field("url"));
    let (handled, all) = (given.field("handled"), given.field("all"));
    let outcome = outcome(given.field("outcome"))?;
    answer_it(&v, id, outcome, Given { text, handled, all, url, file }).await?;
    shown(&v, id).await
}

/// What who asks makes of an answer.
#[derive(Deserialize, ToSchema)]
struct ReviewIn {
    /// `accept`, `return`.
    decision: String,
    /// Why it is returned.
    #[serde(default)]
    reason: String,
    /// More time, with a return.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
}

#[utoipa::path(post, path = "/api/v1/requests/{id}/review", tag = "requests", request_body = ReviewIn, responses((status = 200, body = RequestDetail)))]
async fn review(
    v: Visit,
    Path(request): Path<String>,
    Json(new): Json<ReviewIn>,
) -> Result<Out<RequestDetail>, AppError> {
    let id = known(&v, &request).await?;
    let decision = match new.decision.as_str() {
        "accept" => Decision::Accept,
        "return" => Decision::Return(new.reason, new.due_at.map(domain::time::cut)),
        _ => return Err(AppError::Invalid(vec![FieldError::new("decision", "error-request-decision")])),
    };
    decide_it(&v, id, &decision).await?;
    shown(&v, id).await
}

#[derive(Deserialize, ToSchema)]
struct WithdrawIn {
    reason: String,
}

#[utoipa::path(post, path = "/api/v1/requests/{id}/withdraw", tag = "requests", request_body = WithdrawIn, responses((status = 200, body = RequestDetail)))]
async fn withdraw(
    v: Visit,
    Path(request): Path<String>,
    Json(why): Json<WithdrawIn>,
) -> Result<Out<RequestDetail>, AppError> {
    let (id, tools) = (id(&request)?, tools(&v));
    write!(v, tx => requests::withdraw(tx, v.scope(), &tools, id, &why.reason).await)?;
    shown(&v, id).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct After {
    /// The number after which the page begins.
    cursor: Option<i64>,
}

#[utoipa::path(get, path = "/api/v1/requests/{id}/items", tag = "requests", params(After), responses((status = 200, body = ItemList)))]
async fn list_items(
    v: Visit,
    Path(request): Path<String>,
    Query(after): Query<After>,
) -> Result<Out<ItemList>, AppError> {
    let id: Id<kind::Request> = id(&request)?;
    let mut sql = v.app.db.read().await?;
    let found = requests::items(&mut sql, v.scope(), id, after.cursor.unwrap_or(0)).await?;
    let cursor = found.last().filter(|_| found.len() == requests::ITEMS_PAGE).map(|last| last.place);
    Ok(Out(ItemList { items: found.into_iter().map(item).collect(), cursor }))
}

/// What is said of entries.
#[derive(Deserialize, ToSchema)]
struct MarkIn {
    /// Their numbers, at most 200 at once; absent: all that are open.
    places: Option<Vec<i64>>,
    /// `done`, `impossible`, `open`.
    state: String,
    /// Why it is impossible.
    #[serde(default)]
    reason: String,
}

/// Once no entry is open the request is answered by that.
#[utoipa::path(post, path = "/api/v1/requests/{id}/items", tag = "requests", request_body = MarkIn, responses((status = 200, body = Marked)))]
async fn mark_items(
    v: Visit,
    Path(request): Path<String>,
    Json(new): Json<MarkIn>,
) -> Result<Out<Marked>, AppError> {
    let id = known(&v, &request).await?;
    let state = ItemState::parse(&new.state)
        .ok_or_else(|| AppError::Invalid(vec![FieldError::new("state", "error-request-item-state")]))?;
    if new.places.as_ref().is_some_and(|p| p.len() > requests::ITEMS_PAGE) {
        return Err(AppError::Invalid(vec![FieldError::new("places", "error-request-places-many")]));
    }
    let which = new.places.map_or(Mark::Rest, Mark::Some);
    let changed = items::mark(&v, id, &which, state, &new.reason).await?;
    Ok(Out(Marked { changed }))
}
