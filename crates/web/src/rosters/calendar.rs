//! Calendars on the telephone: secret links, and what stands behind them.

use std::sync::Arc;

use crate::route::operation as route;
use askama::Template;
use axum::{
    Json as Answer,
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    id::{Id, kind},
    person::Lang,
    right::Right,
    roster::Line,
    time::Window,
};
use jiff::SignedDuration;
use paper::ical::{self, Event};
use serde::{Deserialize, Serialize};
use store::{
    rosters::{self, CalendarLink, Turn},
    sign_in::{digest, text},
};
use utoipa::ToSchema;

use super::{Options, PostId, back, refusal, write};
use crate::{
    Access, ApiGuard, App, AppError, Form, Json, LIMIT_FORM, Page, Route, Visit, security::repeat::ToldOnce,
    words,
};

const SEE: Access = Access::Right(Right::See);
/// Turns that were so long ago stay in a calendar.
const BEHIND: SignedDuration = SignedDuration::from_hours(31 * 24);
/// As far ahead as anything is published.
const AHEAD: SignedDuration = SignedDuration::from_hours(100 * 24);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/calendars/{secret}", Access::Public, feed),
        Route::get("/roster/calendars", SEE, get),
        Route::post("/roster/calendars", SEE, create),
        Route::post("/roster/calendars/{id}/revoke", SEE, revoke),
        Route::api(SEE, LIMIT_FORM, route!(api_list)),
        Route::api(SEE, LIMIT_FORM, route!(api_create)),
        Route::api(SEE, LIMIT_FORM, route!(api_revoke)),
    ]
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Typed {
    post: String,
}

#[derive(Template)]
#[template(path = "rosters/calendars.html")]
struct CalendarsPage {
    p: Page,
    links: Vec<CalendarLink>,
    posts: Options,
    post: String,
    /// The address just made; empty for none.
    made: String,
    error: String,
}

async fn get(v: Visit, Query(asked): Query<Typed>) -> Result<Response, AppError> {
    show(&v, asked.post, String::new(), String::new()).await
}

async fn show(v: &Visit, post: String, made: String, error: String) -> Result<Response, AppError> {
    let me = v.user.person.ok_or(AppError::SignIn)?;
    let mut sql = v.app.db.read().await?;
    let links = rosters::calendars(&mut sql, me).await?;
    let all = rosters::list(&mut sql, v.scope(), None, false).await?;
    drop(sql);
    let mut posts = vec![(String::new(), v.t("roster-calendar-mine"))];
    posts.extend(
        all.into_iter().map(|s| (s.post.id.to_string(), format!("{} — {}", s.post.name, s.body_name))),
    );
    let bad = !error.is_empty();
    let page = CalendarsPage { p: v.page(v.t("roster-calendars")), links, posts, post, made, error };
    let mut response = v.html(&page)?;
    if bad {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// Makes a link; its address is shown this once.
async fn make(
    v: &Visit,
    post: Option<PostId>,
) -> Result<Result<(Id<kind::Calendar>, String), store::StoreError>, AppError> {
    let (id, secret) = (v.id(), text(&v.app.secrets.bytes()));
    let done = write!(v, tx => rosters::make_calendar(tx, v.scope(), id, &digest(&secret), post).await);
    let base = v.app.config.public_url.trim_end_matches('/');
    Ok(done.map(|()| (id, format!("{base}/calendars/{secret}.ics"))))
}

async fn create(v: Visit, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let post = match typed.post.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|_| AppError::NotFound)?),
    };
    match make(&v, post).await? {
        Ok((_, url)) => show(&v, typed.post, url, String::new()).await,
        Err(error) => {
            let why = refusal(&v, error)?;
            show(&v, typed.post, String::new(), why).await
        }
    }
}

#[derive(Deserialize)]
struct Nothing {}

async fn revoke(
    v: Visit,
    Path(id): Path<Id<kind::Calendar>>,
    Form(_): Form<Nothing>,
) -> Result<Response, AppError> {
    let done = write!(v, tx => rosters::revoke_calendar(tx, id).await);
    back(&v, "/roster/calendars", done, "roster-calendar-revoked")
}

/// What a telephone asks for. The address is the key; what it opens is what its maker may see now.
async fn feed(State(app): State<Arc<App>>, Path(secret): Path<String>) -> Result<Response, AppError> {
    let now = app.clock.now();
    let secret = secret.strip_suffix(".ics").unwrap_or(&secret);
    let from = now.checked_sub(BEHIND).unwrap_or(now);
    let window = Window { from, to: now.checked_add(AHEAD).unwrap_or(now) };
    let found = rosters::read_calendar(&mut app.db.read().await?, &digest(secret), window, now).await?;
    let words = words::of(if found.lang == Lang::En { crate::Lang::En } else { crate::Lang::Vi });
    let name = match &found.post {
        Some(post) => post.clone(),
        None => words.t("roster-calendar-mine"),
    };
    let events: Vec<Event> =
        found.turns.iter().map(|turn| event(words, turn, found.post.is_some())).collect();
    let mut response = ical::calendar(&name, &events).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}

/// A turn: of a post by who it is, of one's own by where.
fn event(words: crate::Words, turn: &Turn, of_post: bool) -> Event {
    let s = &turn.shift;
    let line = words.t(if s.line == Line::Primary { "roster-primary" } else { "roster-backup" });
    let what = if of_post { &turn.name } else { &turn.post };
    Event {
        // What makes a turn this one: who, where, in which line, from when.
        uid: format!("{}-{}-{}-{}@canh", s.post, s.line.name(), s.person, s.from.as_second()),
        sequence: turn.version,
        changed: turn.changed,
        from: s.from,
        to: s.to,
        summary: format!("{what} · {line}"),
        description: if of_post { turn.post.clone() } else { String::new() },
    }
}

/// A secret link to a calendar; its address is told only when it is made.
#[derive(Serialize, ToSchema)]
struct CalendarLinkView {
    id: String,
    /// Of which post; absent: one's own turns.
    post: Option<String>,
    at: String,
}

/// One's links to calendars
#[utoipa::path(get, path = "/api/v1/calendars", tag = "roster", responses((status = 200, body = Vec<CalendarLinkView>)))]
async fn api_list(v: Visit) -> Result<Answer<Vec<CalendarLinkView>>, AppError> {
    let Some(me) = v.user.person else { return Ok(Answer(Vec::new())) };
    let found = rosters::calendars(&mut v.app.db.read().await?, me).await?;
    let view = |l: CalendarLink| CalendarLinkView {
        id: l.id.to_string(),
        post: l.post.map(|(id, _)| id.to_string()),
        at: l.at.to_string(),
    };
    Ok(Answer(found.into_iter().map(view).collect()))
}

/// Which calendar.
#[derive(Deserialize, ToSchema)]
struct CalendarLinkGiven {
    /// Absent: one's own turns.
    #[serde(default)]
    post: Option<String>,
}

/// A link just made.
#[derive(Serialize, ToSchema)]
struct CalendarLinkMade {
    id: String,
    /// Whoever has it reads the calendar; it is not told again.
    url: String,
}

/// Makes a secret link to one's own turns, or to those of a post
#[utoipa::path(post, path = "/api/v1/calendars", tag = "roster", request_body = CalendarLinkGiven, responses((status = 201, body = CalendarLinkMade)))]
async fn api_create(
    v: Visit,
    Json(given): Json<CalendarLinkGiven>,
) -> Result<(StatusCode, ToldOnce<CalendarLinkMade>), AppError> {
    let post = given.post.as_deref().map(crate::act::id).transpose()?;
    let (id, url) = make(&v, post).await??;
    Ok((StatusCode::CREATED, ToldOnce(CalendarLinkMade { id: id.to_string(), url })))
}

/// Takes a link back: its address answers nothing any more
#[utoipa::path(post, path = "/api/v1/calendars/{id}/revoke", tag = "roster", params(("id" = String, Path)), responses((status = 204)))]
async fn api_revoke(
    v: Visit,
    Path(id): Path<Id<kind::Calendar>>,
    _: ApiGuard,
) -> Result<StatusCode, AppError> {
    write!(v, tx => rosters::revoke_calendar(tx, id).await)?;
    Ok(StatusCode::NO_CONTENT)
}
