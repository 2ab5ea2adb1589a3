//! SQL over what was found: a page, a table as a file, the same for programs.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use askama::Template;
use axum::{Json as Answer, extract::Query, response::Response};
use domain::right::Right;
use lake::search::{Ask, SearchError, Value, Visited};
use paper::sheet::Cell;
use serde::{Deserialize, Serialize};
use sql::{Rows, SqlError};
use utoipa::{IntoParams, ToSchema};

use super::{
    ask::{Asked, SPANS, bodies},
    file::attached,
    looked, said,
};
use crate::{
    Access, AppError, FieldError, LIMIT_FORM, Page, Route, Visit, alerts,
    register::{Options, body_options},
    route::operation as route,
};

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Right(Right::Read);
    vec![
        Route::get("/logs/sql", read, page),
        Route::get("/logs/sql.csv", read, csv),
        Route::api(read, LIMIT_FORM, route!(find)),
    ]
}

#[derive(Deserialize, IntoParams, Default)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Wish {
    /// One `select` over the table `events`, at most 4,000 characters.
    sql: String,
}

/// What a statement answers.
#[derive(Serialize, ToSchema)]
struct SqlAnswer {
    /// The columns, as the statement names them.
    columns: Vec<String>,
    /// Rows of numbers, texts and nulls, 5,000 at most.
    #[schema(value_type = Vec<Vec<Object>>)]
    rows: Vec<Vec<sql::Value>>,
    /// Whether there are more.
    more: bool,
    /// How many events the statement was asked over.
    events: usize,
}

/// Why there is no answer.
enum Fault {
    /// What was asked is wrong, or asks for too much; in words.
    Said(String),
    /// The search or the statement took too long.
    Slow,
}

/// Asks a statement over the events found: only the columns it reads, only of bodies whose events the asker may see.
async fn answer(v: &Visit, asked: &Asked, sql: &str) -> Result<Result<SqlAnswer, Fault>, AppError> {
    let unread = |field: &str| AppError::Invalid(vec![FieldError::new(field, "error-search-time")]);
    let times = asked.times(v.now).map_err(unread)?;
    let seen = bodies(v, asked.under()).await?;
    let ask: Ask = match asked.ask(times, seen.keys().copied().collect(), 0) {
        Ok(ask) => ask,
        Err(fault) => return Ok(Err(Fault::Said(said(v, &fault)))),
    };
    let sources = store::events::sources(&mut v.app.db.read().await?, v.scope()).await?;
    let seen = seen.into_iter().map(|(id, name)| (id.to_string(), name));
    let named: BTreeMap<String, String> =
        seen.chain(sources.into_iter().map(|(id, name)| (id.to_string(), name))).collect();
    let worker = v.app.worker.with_args(["worker", "sql"]);
    let columns = match sql::needs(&worker, sql).await {
        Ok(columns) => columns,
        Err(error) => return fault(v, error).map(Err),
    };
    let rows = match looked(v, move |view, stop| {
        let of = |name: &String| sql::COLUMNS.iter().find(|(n, ..)| n == name).map(|(_, of, _)| *of);
        let from: Vec<&str> = columns.iter().filter_map(of).collect();
        let rows = Mutex::new(Rows::new(columns.clone()));
        let each = |values: &[Value<'_>]| {
            let texts: Vec<Option<String>> = values.iter().map(|value| written(*value, &named)).collect();
            rows.lock().unwrap_or_else(PoisonError::into_inner).push(texts.iter().map(Option::as_deref))
        };
        view.values(&ask, &from, stop, &each)
            .map(|ended| (ended, rows.into_inner().unwrap_or_else(PoisonError::into_inner)))
    })
    .await?
    {
        Ok((Visited::All, rows)) => rows,
        Ok((Visited::Enough, _)) => {
            let figures = [("n", sql::EVENTS.into()), ("mb", (sql::BYTES >> 20).into())];
            return Ok(Err(Fault::Said(v.words().with("sql-many", figures))));
        }
        Ok((Visited::Cut(_), _)) => return Ok(Err(Fault::Slow)),
        Err(SearchError::Query(fault)) => return Ok(Err(Fault::Said(said(v, &fault)))),
        Err(SearchError::Table(error)) => return Err(AppError::Internal(error.into())),
    };
    let events = rows.len();
    match sql::ask(&worker, sql, rows).await {
        Ok(sql::Answer { columns, rows, more }) => Ok(Ok(SqlAnswer { columns, rows, more, events })),
        Err(error) => fault(v, error).map(Err),
    }
}

/// A value as the statement sees it.
fn written(value: Value<'_>, named: &BTreeMap<String, String>) -> Option<String> {
    match value {
        Value::None => None,
        // Bodies and sources are told by their names; no other column holds an id of one.
        Value::Text(text) => Some(named.get(text).map_or_else(|| text.to_owned(), Clone::clone)),
        Value::Time(at) => Some(domain::time::local(at).strftime("%Y-%m-%d %H:%M:%S%.6f").to_string()),
        Value::Fields(pairs) => {
            let mut all = serde_json::Map::new();
            for (name, value) in pairs {
                let value = serde_json::Value::from(*value);
                match all.get_mut(*name) {
                    None => drop(all.insert((*name).to_owned(), value)),
                    Some(serde_json::Value::Array(list)) => list.push(value),
                    Some(first) => *first = serde_json::Value::Array(vec![first.take(), value]),
                }
            }
            Some(serde_json::Value::Object(all).to_string())
        }
    }
}

fn fault(v: &Visit, error: SqlError) -> Result<Fault, AppError> {
    match error {
        SqlError::Wrong { code, what, at } => {
            let place = match at {
                0 => String::new(),
                at => v.words().with("sql-at", [("at", at.into())]),
            };
            let sentence = v.words().with_texts(&format!("sql-fault-{code}"), &[("what", &what)]);
            Ok(Fault::Said(format!("{place}{sentence}")))
        }
        SqlError::Time => Ok(Fault::Slow),
        SqlError::Memory => Ok(Fault::Said(v.t("sql-memory"))),
        SqlError::Output => Ok(Fault::Said(v.t("sql-output"))),
        SqlError::Failed(how) => Err(AppError::Internal(anyhow::anyhow!("sql: {how}"))),
    }
}

/// Asks one SQL statement over events found
///
/// The table `events` has the events that `q`, `body` and the time choose, one million at most. The statement runs by
/// itself in a child process that has these events and nothing else.
#[utoipa::path(get, path = "/api/v1/events/sql", tag = "events", params(Asked, Wish), responses((status = 200, body = SqlAnswer)))]
async fn find(
    v: Visit,
    Query(asked): Query<Asked>,
    Query(wish): Query<Wish>,
) -> Result<Answer<SqlAnswer>, AppError> {
    Ok(Answer(told(&v, &asked, &wish.sql).await?))
}

async fn csv(v: Visit, Query(asked): Query<Asked>, Query(wish): Query<Wish>) -> Result<Response, AppError> {
    let answer = told(&v, &asked, &wish.sql).await?;
    let rows: Vec<Vec<Cell>> =
        answer.rows.iter().map(|row| row.iter().map(|cell| Cell::from(shown(cell))).collect()).collect();
    let heads: Vec<&str> = answer.columns.iter().map(String::as_str).collect();
    Ok(attached(&v, "csv", "text/csv; charset=utf-8", paper::sheet::to_csv(&heads, &rows)))
}

async fn told(v: &Visit, asked: &Asked, sql: &str) -> Result<SqlAnswer, AppError> {
    if sql.trim().is_empty() {
        return Err(AppError::Invalid(vec![FieldError::new("sql", "error-required")]));
    }
    answer(v, asked, sql).await?.map_err(|fault| match fault {
        Fault::Said(words) => AppError::Unreadable(words),
        Fault::Slow => AppError::TooSlow,
    })
}

fn shown(cell: &sql::Value) -> String {
    match cell {
        sql::Value::Null => String::new(),
        sql::Value::Whole(n) => n.to_string(),
        sql::Value::Real(n) => n.to_string(),
        sql::Value::Text(text) => text.clone(),
    }
}

#[derive(Template)]
#[template(path = "logs/sql.html")]
struct SqlPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    asked: Asked,
    bodies: Options,
    spans: Options,
    sql: String,
    columns: Vec<&'static str>,
    wrong: String,
    found: Option<Table>,
    csv: String,
    back: String,
}

struct Table {
    said: String,
    more: bool,
    /// Heads and cells, each with whether it is a number.
    columns: Vec<(String, bool)>,
    rows: Vec<Vec<(String, bool)>>,
}

/// Without a statement the page asks what is most often wanted first.
const FIRST: &str =
    "select host_name, count(*) as n\nfrom events\ngroup by host_name\norder by n desc\nlimit 20";

async fn page(v: Visit, Query(asked): Query<Asked>, Query(wish): Query<Wish>) -> Result<Response, AppError> {
    let (mut wrong, mut found) = (String::new(), None);
    if !wish.sql.trim().is_empty() {
        match answer(&v, &asked, &wish.sql).await? {
            Ok(answer) => {
                let figures = [("n", answer.rows.len().into()), ("events", answer.events.into())];
                let cells = |row: &Vec<sql::Value>| {
                    let number =
                        |cell: &sql::Value| matches!(cell, sql::Value::Whole(_) | sql::Value::Real(_));
                    row.iter().map(|cell| (shown(cell), number(cell))).collect::<Vec<_>>()
                };
                let rows: Vec<_> = answer.rows.iter().map(cells).collect();
                let first = rows.first().into_iter().flatten().map(|(_, number)| *number);
                let numbers = first.chain(std::iter::repeat(false));
                found = Some(Table {
                    said: v.words().with("sql-found", figures),
                    more: answer.more,
                    columns: answer.columns.into_iter().zip(numbers).collect(),
                    rows,
                });
            }
            Err(Fault::Said(words)) => wrong = words,
            Err(Fault::Slow) => wrong = v.t("sql-slow"),
        }
    }
    let mut read = v.app.db.read().await?;
    let bodies = body_options(&v, &mut read, Right::Read, Some("roster-any-body")).await?;
    drop(read);
    let spans = SPANS.iter().map(|(n, _)| ((*n).to_owned(), v.t(&format!("logs-span-{n}")))).collect();
    let sql = if wish.sql.trim().is_empty() { FIRST.to_owned() } else { wish.sql };
    v.html(&SqlPage {
        tabs: alerts::tabs(&v, "logs"),
        p: v.page(v.t("sql-title")),
        csv: asked.address("/logs/sql.csv", &[("sql", sql.clone())]),
        back: asked.address("/logs", &[]),
        columns: sql::COLUMNS.iter().map(|(name, ..)| *name).collect(),
        bodies,
        spans,
        sql,
        wrong,
        found,
        asked,
    })
}
