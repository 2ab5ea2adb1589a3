//! The same for programs: an operator's monitoring says by machine how its lines are.

mod outages;

use crate::route::operation as route;
use axum::{
    Json as Answer,
    extract::{Path, Query},
    http::StatusCode,
};
use domain::{
    id::{Id, kind},
    line::{LineKind, LineState, Minutes},
    right::Right,
    time::Window,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::{
    Sql,
    lines::{self, Line, NewLine, Said},
};
use utoipa::{IntoParams, ToSchema};

use super::{LineId, hold, tools, window, write};
use crate::{Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit};

/// The longest stretch of time asked for at once: a season.
const SPAN_MAX: SignedDuration = SignedDuration::from_hours(24 * 100);

pub(super) fn routes() -> Vec<Route> {
    let (see, answer) = (Access::Right(Right::See), Access::Right(Right::Answer));
    let mut all = vec![
        Route::api(see, LIMIT_FORM, route!(list)),
        Route::api(answer, LIMIT_FORM, route!(create)),
        Route::api(see, LIMIT_FORM, route!(get)),
        Route::api(answer, LIMIT_FORM, route!(change)),
        Route::api(answer, LIMIT_FORM, route!(close)),
        Route::api(see, LIMIT_FORM, route!(reports)),
        Route::api(answer, LIMIT_FORM, route!(report)),
        Route::api(answer, LIMIT_FORM, route!(report_many)),
    ];
    all.extend(outages::routes());
    all
}

#[derive(Deserialize, IntoParams, Default)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct LinesAsked {
    /// Words in name, provider or mark.
    q: String,
    /// Only lines of that body, or that serve it.
    body: String,
    /// `internet`, `dedicated`, `mobile`, `voice`, `power`, `other`.
    kind: String,
    /// The stretch of time looked at; absent: the campaign that runs, else the last week. At most 100 days.
    #[param(value_type = String)]
    from: Option<Timestamp>,
    #[param(value_type = String)]
    to: Option<Timestamp>,
}

/// Minutes by what is known of them; those ahead are in none of the four.
#[derive(Serialize, ToSchema)]
struct LineMinutes {
    /// Known to work, well or badly.
    up: u32,
    /// Of those, badly.
    degraded: u32,
    down: u32,
    /// Past, and nobody knows.
    unknown: u32,
    all: u32,
}

impl From<Minutes> for LineMinutes {
    fn from(m: Minutes) -> Self {
        Self { up: m.up, degraded: m.degraded, down: m.down, unknown: m.unknown, all: m.all }
    }
}

/// A stretch in one state.
#[derive(Serialize, ToSchema)]
struct LineSegment {
    from: String,
    to: String,
    /// `ok`, `degraded`, `down`, `unknown`.
    state: &'static str,
}

fn word(state: Option<LineState>) -> &'static str {
    state.map_or("unknown", LineState::name)
}

/// A line with what is known of it.
#[derive(Serialize, ToSchema)]
struct LineView {
    id: String,
    /// Whose line it is: who reports.
    body: String,
    body_name: String,
    /// The body it serves; absent: several.
    served: Option<String>,
    name: String,
    kind: &'static str,
    provider: String,
    /// The mark by which files and machines name it.
    code: String,
    capacity: String,
    hotline: String,
    closed_at: Option<String>,
    /// How it is now: `ok`, `degraded`, `down`, `unknown`.
    now: &'static str,
    /// The last report.
    seen: Option<String>,
    /// Until when that is believed; absent while unknown or down.
    until: Option<String>,
    minutes: LineMinutes,
    strip: Vec<LineSegment>,
}

impl From<Line> for LineView {
    fn from(l: Line) -> Self {
        let segment = |s: &domain::line::Segment| LineSegment {
            from: s.from.to_string(),
            to: s.to.to_string(),
            state: word(s.state),
        };
        Self {
            id: l.id.to_string(),
            body: l.body.to_string(),
            body_name: l.body_name,
            served: l.served.map(|(id, _)| id.to_string()),
            name: l.name,
            kind: l.kind.name(),
            provider: l.provider,
            code: l.code,
            capacity: l.capacity,
            hotline: l.hotline,
            closed_at: l.closed_at.map(|t| t.to_string()),
            now: word(l.now),
            seen: l.seen.map(|t| t.to_string()),
            until: l.until.map(|t| t.to_string()),
            minutes: l.minutes.into(),
            strip: l.strip.iter().map(segment).collect(),
        }
    }
}

async fn asked_window(v: &Visit, sql: &mut Sql, asked: &LinesAsked) -> Result<Window, AppError> {
    let Some(from) = asked.from else { return Ok(window(v, sql).await?.1) };
    let window = Window { from, to: asked.to.unwrap_or(v.now) };
    let span = window.to.duration_since(window.from);
    let fits = SignedDuration::ZERO < span && span <= SPAN_MAX;
    if fits { Ok(window) } else { Err(AppError::Refused("error-line-span".into())) }
}

/// Lines in use, as known now; at most 2,000
#[utoipa::path(get, path = "/api/v1/lines", tag = "lines", params(LinesAsked), responses((status = 200, body = Vec<LineView>)))]
async fn list(v: Visit, Query(asked): Query<LinesAsked>) -> Result<Answer<Vec<LineView>>, AppError> {
    let mut sql = v.app.db.read().await?;
    let window = asked_window(&v, &mut sql, &asked).await?;
    let filter = lines::Filter {
        body: asked.body.parse().ok(),
        kind: LineKind::parse(&asked.kind),
        text: Some(asked.q),
    };
    let found = lines::list(&mut sql, v.scope(), &filter, window, v.now, hold(&v)).await?;
    Ok(Answer(found.into_iter().map(LineView::from).collect()))
}

/// One line
#[utoipa::path(get, path = "/api/v1/lines/{id}", tag = "lines", params(("id" = String, Path), LinesAsked), responses((status = 200, body = LineView)))]
async fn get(
    v: Visit,
    Path(line): Path<LineId>,
    Query(asked): Query<LinesAsked>,
) -> Result<Answer<LineView>, AppError> {
    let mut sql = v.app.db.read().await?;
    let window = asked_window(&v, &mut sql, &asked).await?;
    Ok(Answer(lines::get(&mut sql, v.scope(), line, window, v.now, hold(&v)).await?.into()))
}

/// A line as it is entered or changed.
#[derive(Deserialize, ToSchema)]
struct LineGiven {
    /// Whose line it is; by default the body one works for. It cannot be changed.
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    served: Option<String>,
    name: String,
    /// `internet`, `dedicated`, `mobile`, `voice`, `power`, `other`.
    kind: String,
    #[serde(default)]
    provider: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    capacity: String,
    #[serde(default)]
    hotline: String,
}

/// What was made.
#[derive(Serialize, ToSchema)]
struct MadeLine {
    id: String,
}

fn body(v: &Visit, given: Option<&str>) -> Result<Id<kind::Body>, AppError> {
    match given {
        Some(text) => text.parse().map_err(|_| AppError::NotFound),
        None => v.user.body.ok_or(AppError::NotFound),
    }
}

fn read(v: &Visit, id: LineId, given: LineGiven) -> Result<NewLine, AppError> {
    Ok(NewLine {
        id,
        body: body(v, given.body.as_deref())?,
        served: given.served.map(|s| s.parse().map_err(|_| AppError::NotFound)).transpose()?,
        name: given.name,
        kind: LineKind::parse(&given.kind).ok_or_else(|| AppError::Unreadable("kind".into()))?,
        provider: given.provider,
        code: given.code,
        capacity: given.capacity,
        hotline: given.hotline,
    })
}

/// Enters a line
#[utoipa::path(post, path = "/api/v1/lines", tag = "lines", request_body = LineGiven, responses((status = 201, body = MadeLine)))]
async fn create(v: Visit, Json(given): Json<LineGiven>) -> Result<(StatusCode, Answer<MadeLine>), AppError> {
    let new = read(&v, v.id(), given)?;
    write!(v, tx => lines::create(tx, v.scope(), &new).await)?;
    Ok((StatusCode::CREATED, Answer(MadeLine { id: new.id.to_string() })))
}

/// Changes what is said of a line
#[utoipa::path(put, path = "/api/v1/lines/{id}", tag = "lines", params(("id" = String, Path)), request_body = LineGiven, responses((status = 204)))]
async fn change(
    v: Visit,
    Path(line): Path<LineId>,
    Json(given): Json<LineGiven>,
) -> Result<StatusCode, AppError> {
    let new = read(&v, line, given)?;
    write!(v, tx => lines::change(tx, v.scope(), &new).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a line up; what was known of it stays
#[utoipa::path(post, path = "/api/v1/lines/{id}/close", tag = "lines", params(("id" = String, Path)), responses((status = 204)))]
async fn close(v: Visit, Path(line): Path<LineId>, _: ApiGuard) -> Result<StatusCode, AppError> {
    let tools = tools(&v);
    write!(v, tx => lines::close(tx, v.scope(), &tools, line).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reports that all said the same.
#[derive(Serialize, ToSchema)]
struct LineReports {
    state: &'static str,
    /// The first.
    from: String,
    /// The last.
    seen: String,
    by: Option<String>,
    note: String,
}

/// What was reported of a line, newest first; at most 100 stretches
#[utoipa::path(get, path = "/api/v1/lines/{id}/reports", tag = "lines", params(("id" = String, Path)), responses((status = 200, body = Vec<LineReports>)))]
async fn reports(v: Visit, Path(line): Path<LineId>) -> Result<Answer<Vec<LineReports>>, AppError> {
    let found = lines::reports(&mut v.app.db.read().await?, v.scope(), line).await?;
    let view = |r: lines::Report| LineReports {
        state: r.state.name(),
        from: r.from.to_string(),
        seen: r.seen.to_string(),
        by: r.by,
        note: r.note,
    };
    Ok(Answer(found.into_iter().map(view).collect()))
}

/// How a line is now.
#[derive(Deserialize, ToSchema)]
struct LineReport {
    /// `ok`, `degraded`, `down`. *down* opens an outage, the others end it.
    state: String,
    #[serde(default)]
    note: String,
}

fn state(name: &str) -> Result<LineState, AppError> {
    LineState::parse(name).ok_or_else(|| AppError::Unreadable("state".into()))
}

/// Says how a line is now
#[utoipa::path(post, path = "/api/v1/lines/{id}/reports", tag = "lines", params(("id" = String, Path)), request_body = LineReport, responses((status = 204)))]
async fn report(
    v: Visit,
    Path(line): Path<LineId>,
    Json(given): Json<LineReport>,
) -> Result<StatusCode, AppError> {
    let (tools, state) = (tools(&v), state(&given.state)?);
    write!(v, tx => lines::report(tx, v.scope(), &tools, line, state, &given.note).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// How one line of a batch is now.
#[derive(Deserialize, ToSchema)]
struct LineInBatch {
    /// Its id; or `code`.
    #[serde(default)]
    line: Option<String>,
    /// Its mark among the lines of `body`.
    #[serde(default)]
    code: Option<String>,
    /// `ok`, `degraded`, `down`.
    state: String,
    #[serde(default)]
    note: String,
}

#[derive(Deserialize, ToSchema)]
struct LineBatch {
    /// Whose marks are meant; by default the body one works for.
    #[serde(default)]
    body: Option<String>,
    /// At most 500, each line once.
    lines: Vec<LineInBatch>,
}

/// What was taken.
#[derive(Serialize, ToSchema)]
struct LinesTaken {
    taken: usize,
}

/// Says how many lines are now: all are taken, or none
///
/// For machines, every few minutes. Sending the same again extends what is known and makes nothing twice; with an
/// `Idempotency-Key` a repeated request is answered without being run. A line that is named twice, or is not there,
/// refuses the whole batch. At most 500 lines and 256 KB.
#[utoipa::path(post, path = "/api/v1/line-reports", tag = "lines", request_body = LineBatch, responses((status = 200, body = LinesTaken)))]
async fn report_many(v: Visit, Json(given): Json<LineBatch>) -> Result<Answer<LinesTaken>, AppError> {
    // Before any line is looked up for them.
    if given.lines.len() > lines::BATCH_MAX {
        return Err(AppError::Refused("error-lines-many".into()));
    }
    let mut sql = v.app.db.read().await?;
    let mut all = Vec::with_capacity(given.lines.len());
    for one in given.lines {
        let line = match (&one.line, &one.code) {
            (Some(id), _) => id.parse().map_err(|_| AppError::NotFound)?,
            (None, Some(code)) => {
                lines::find(&mut sql, v.scope(), body(&v, given.body.as_deref())?, code).await?
            }
            (None, None) => return Err(AppError::Unreadable("line or code".into())),
        };
        all.push(Said { line, state: state(&one.state)?, note: one.note });
    }
    drop(sql);
    let tools = tools(&v);
    write!(v, tx => lines::report_many(tx, v.scope(), &tools, &all).await)?;
    Ok(Answer(LinesTaken { taken: all.len() }))
}
