//! The same for programs.

use std::collections::BTreeMap;

use crate::route::operation as route;
use axum::{
    Json as Answer,
    extract::{Path, Query},
    response::Response,
};
use domain::right::Right;
use lake::search::{Ask, Cut, Found};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    ask::{Asked, TOPS, bodies, written},
    file, said, search, show,
};
use crate::{Access, AppError, FieldError, LIMIT_FORM, Route, Visit};

/// Events without a wish, and at most.
const ROWS: usize = 100;
const ROWS_MAX: usize = 1_000;
/// Buckets of the histogram.
const BUCKETS: usize = 60;

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::Read);
    vec![
        Route::api(see, LIMIT_FORM, route!(find)),
        Route::api(see, LIMIT_FORM, route!(parquet)),
        Route::api(see, LIMIT_FORM, route!(get)),
    ]
}

#[derive(Deserialize, IntoParams, Default)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Wish {
    /// How many events, 1000 at most; 100 without.
    rows: Option<usize>,
    /// Whether everything is counted: `total`, `histogram` and `top`.
    count: bool,
}

/// An event.
#[derive(Serialize, ToSchema)]
pub(super) struct LogEvent {
    /// Its place in the log; ends the address `/api/v1/events/`.
    id: String,
    /// For `after`.
    key: String,
    body: String,
    source: String,
    /// When it happened, or came where that is not known.
    time: String,
    /// When it came.
    came: String,
    /// What wrote it, and which of its logs.
    product: String,
    dataset: String,
    /// The common columns, under their names in the Elastic Common Schema.
    columns: BTreeMap<String, String>,
    /// All original fields; those that came several times are listed as often.
    fields: Vec<LogField>,
    raw: String,
}

/// An original field.
#[derive(Serialize, ToSchema)]
struct LogField {
    name: String,
    value: String,
}

/// The most frequent values of a column.
#[derive(Serialize, ToSchema)]
struct LogTop {
    column: String,
    values: Vec<LogValue>,
    /// How many different ones there are.
    different: usize,
    /// Events with other values.
    other: u64,
}

/// A value and how often it is there.
#[derive(Serialize, ToSchema)]
struct LogValue {
    value: String,
    events: u64,
}

/// What was found.
#[derive(Serialize, ToSchema)]
struct LogsFound {
    /// The newest first.
    events: Vec<LogEvent>,
    /// With `count`: how many there are in all.
    total: Option<u64>,
    /// With `count`: events in 60 equal steps from `from` to `to`.
    histogram: Vec<u64>,
    /// With `count`.
    top: Vec<LogTop>,
    from: String,
    to: String,
    /// Whether its time was over before everything was looked at: what is here is true, and not all.
    cut: bool,
}

/// One event and those around it in the log of its source.
#[derive(Serialize, ToSchema)]
struct LogAround {
    event: LogEvent,
    /// In the log's order, the event among them.
    around: Vec<LogEvent>,
}

/// An event with everything.
pub(super) fn full(e: &Found) -> LogEvent {
    LogEvent {
        id: format!("{}-{}", e.key.position, e.key.line),
        key: written(e.key),
        body: e.body.to_string(),
        source: e.source.map(|s| s.to_string()).unwrap_or_default(),
        time: e.time.to_string(),
        came: e.came.to_string(),
        product: e.product.clone(),
        dataset: e.dataset.clone(),
        columns: e.columns.iter().map(|(c, v)| (c.name().to_owned(), v.clone())).collect(),
        fields: e.fields.iter().map(|(n, v)| LogField { name: n.clone(), value: v.clone() }).collect(),
        raw: e.raw.clone(),
    }
}

/// Search events in the words of the search box, the newest first
#[utoipa::path(get, path = "/api/v1/events/search", tag = "events", params(Asked, Wish), responses((status = 200, body = LogsFound)))]
async fn find(
    v: Visit,
    Query(asked): Query<Asked>,
    Query(wish): Query<Wish>,
) -> Result<Answer<LogsFound>, AppError> {
    let unread = |field: &str| AppError::Invalid(vec![FieldError::new(field, "error-search-time")]);
    let (from, to) = asked.times(v.now).map_err(unread)?;
    let seen = bodies(&v, asked.under()).await?;
    let rows = wish.rows.unwrap_or(ROWS).clamp(1, ROWS_MAX);
    let wrong = |fault| AppError::Unreadable(said(&v, &fault));
    let ask = asked.ask((from, to), seen.keys().copied().collect(), rows).map_err(wrong)?;
    let ask = if wish.count { Ask { buckets: BUCKETS, top: TOPS.to_vec(), count: true, ..ask } } else { ask };
    let answer = search(&v, ask).await?.map_err(wrong)?;
    let top = answer.top.into_iter().map(|t| LogTop {
        column: t.column.name().to_owned(),
        values: t.values.into_iter().map(|(value, events)| LogValue { value, events }).collect(),
        different: t.different,
        other: t.other,
    });
    Ok(Answer(LogsFound {
        events: answer.rows.iter().map(full).collect(),
        total: wish.count.then_some(answer.total),
        histogram: answer.histogram,
        top: top.collect(),
        from: from.to_string(),
        to: to.to_string(),
        cut: answer.cut == Some(Cut::Time),
    }))
}

/// The newest 10,000 events of a search as a Parquet file, with the columns of the table of events
#[utoipa::path(get, path = "/api/v1/events/parquet", tag = "events", params(Asked),
    responses((status = 200, body = Vec<u8>, content_type = "application/vnd.apache.parquet")))]
async fn parquet(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let out = file::packed(file::all(&v, &asked).await?).await?;
    Ok(file::attached(&v, "parquet", file::PARQUET, out))
}

/// One event with everything, and ten before and after it
#[utoipa::path(get, path = "/api/v1/events/{id}", tag = "events", params(("id" = String, Path)), responses((status = 200, body = LogAround)))]
async fn get(v: Visit, Path(id): Path<String>) -> Result<Answer<LogAround>, AppError> {
    let (e, _) = show::find(&v, &id).await?;
    let around = show::around(&v, &e, 10).await?;
    Ok(Answer(LogAround { event: full(&e), around: around.iter().map(full).collect() }))
}
