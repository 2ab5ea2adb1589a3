//! The review in the API.

use crate::route::operation;
use axum::{
    Json as Out,
    extract::{Path, Query},
    response::{IntoResponse, Response},
};
use domain::{
    feed::{Place, Signed},
    id::Id,
    right::Right,
    time,
    warning::{Item, Warned},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use store::{
    advisories::{self, Filter, NewFeed},
    warnings::{self, NewWarning},
};
use utoipa::{IntoParams, ToSchema};

use crate::{
    Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit,
    act::{id, made, write},
};

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    let administer = Access::Right(Right::Administer);
    vec![
        Route::api(see, LIMIT_FORM, operation!(feeds)),
        Route::api(administer, LIMIT_FORM, operation!(add_feed)),
        Route::api(administer, LIMIT_FORM, operation!(remove_feed)),
        Route::api(see, LIMIT_FORM, operation!(list)),
        Route::api(see, LIMIT_FORM, operation!(flaw)),
        Route::api(see, LIMIT_FORM, operation!(all_warnings)),
        Route::api(Access::Right(Right::Issue), LIMIT_FORM, operation!(make_warning)),
        Route::api(see, LIMIT_FORM, operation!(warning)),
    ]
}

/// A feed and how it fares.
#[derive(Serialize, ToSchema)]
struct FeedOut {
    id: String,
    name: String,
    /// `file`, `directory`, `url`, `own`.
    kind: &'static str,
    place: String,
    /// Whether a signature was checked.
    signed: bool,
    advisories: u32,
    read_at: Option<String>,
    changed_at: Option<String>,
    /// `unreachable`, `refused`, `too-large`, `unknown`, `broken`, `empty`.
    trouble: Option<&'static str>,
}

#[derive(Serialize, ToSchema)]
struct FeedsOut {
    items: Vec<FeedOut>,
}

#[utoipa::path(get, path = "/api/v1/feeds", tag = "review", responses((status = 200, body = FeedsOut)))]
async fn feeds(v: Visit) -> Result<Out<FeedsOut>, AppError> {
    let found = advisories::feeds(&mut v.app.db.read().await?, v.scope()).await?;
    let items = found.into_iter().map(|f| FeedOut {
        id: f.id.to_string(),
        name: f.name,
        kind: f.kind.name(),
        place: f.place,
        signed: f.signed == Signed::Good,
        advisories: f.advisories,
        read_at: f.read_at.map(|t| t.to_string()),
        changed_at: f.changed_at.map(|t| t.to_string()),
        trouble: f.trouble.map(|(why, _)| why.name()),
    });
    Ok(Out(FeedsOut { items: items.collect() }))
}

#[derive(Deserialize, ToSchema)]
struct FeedIn {
    name: String,
    /// An address of the web.
    place: String,
    /// OpenPGP keys, armoured: nothing is taken in that none of them signed. The signature is at the place with `.asc`.
    key: Option<String>,
}

#[utoipa::path(post, path = "/api/v1/feeds", tag = "review", request_body = FeedIn, responses((status = 201)))]
async fn add_feed(v: Visit, Json(new): Json<FeedIn>) -> Result<Response, AppError> {
    let (id, key) = (v.id(), new.key);
    let new = NewFeed { id, name: &new.name, kind: Place::Url, place: &new.place, signed: Signed::No };
    write!(v, tx => {
        advisories::add(tx, v.scope(), &new).await?;
        if let Some(key) = &key {
            advisories::trust(tx, v.scope(), id, key).await?;
        }
        Ok(())
    })?;
    Ok(made(id))
}

#[utoipa::path(delete, path = "/api/v1/feeds/{id}", tag = "review", responses((status = 204)))]
async fn remove_feed(v: Visit, _: ApiGuard, Path(feed): Path<String>) -> Result<Response, AppError> {
    let feed = id(&feed)?;
    write!(v, tx => advisories::remove(tx, v.scope(), feed).await)?;
    Ok(axum::http::StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Part of number or title.
    q: Option<String>,
    /// `critical`, `high`, `medium`, `low`.
    severity: Option<String>,
    /// Only what is known to be exploited.
    #[serde(default)]
    exploited: bool,
}

/// An advisory as lists show it.
#[derive(Serialize, ToSchema)]
struct AdvisoryOut {
    number: String,
    title: String,
    severity: Option<String>,
    published: Option<String>,
    feed: String,
    withdrawn: bool,
}

#[derive(Serialize, ToSchema)]
struct AdvisoriesOut {
    /// How many fit.
    all: u32,
    /// The newest of them.
    items: Vec<AdvisoryOut>,
}

fn advisory(a: &advisories::Advised) -> AdvisoryOut {
    AdvisoryOut {
        number: a.advisory.id.clone(),
        title: a.advisory.title.clone(),
        severity: a.severity.clone(),
        published: a.published.clone(),
        feed: a.feed_name.clone(),
        withdrawn: a.advisory.withdrawn,
    }
}

#[utoipa::path(get, path = "/api/v1/advisories", tag = "review", params(Asked), responses((status = 200, body = AdvisoriesOut)))]
async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Out<AdvisoriesOut>, AppError> {
    let filter = Filter { text: asked.q, severity: asked.severity, feed: None, exploited: asked.exploited };
    let mut sql = v.app.db.read().await?;
    let all = advisories::count(&mut sql, v.scope(), &filter).await?;
    let found = advisories::list(&mut sql, v.scope(), &filter).await?;
    Ok(Out(AdvisoriesOut { all, items: found.iter().map(advisory).collect() }))
}

/// A flaw with what every issuer says of it.
#[derive(Serialize, ToSchema)]
struct FlawOut {
    number: String,
    exploited: bool,
    ransomware: bool,
    /// Probability of exploitation within thirty days.
    likely: Option<f64>,
    advisories: Vec<AdvisoryOut>,
    /// What they say, in the form of `canh review`.
    #[schema(value_type = Vec<Object>)]
    statements: Vec<serde_json::Value>,
}

#[utoipa::path(get, path = "/api/v1/flaws/{flaw}", tag = "review", responses((status = 200, body = FlawOut)))]
async fn flaw(v: Visit, Path(number): Path<String>) -> Result<Out<FlawOut>, AppError> {
    let number = number.trim().to_uppercase();
    let mut sql = v.app.db.read().await?;
    let found = advisories::by_number(&mut sql, v.scope(), &number).await?;
    let signal = advisories::signal(&mut sql, &number).await?;
    if found.is_empty() {
        return Err(AppError::NotFound);
    }
    let statements = found.iter().flat_map(|a| &a.advisory.statements);
    Ok(Out(FlawOut {
        exploited: signal.exploited,
        ransomware: signal.ransomware,
        likely: signal.likely.map(|n| f64::from(n) / 1e6),
        advisories: found.iter().map(advisory).collect(),
        statements: statements.filter_map(|s| serde_json::to_value(s).ok()).collect(),
        number,
    }))
}

/// A warning.
#[derive(Serialize, ToSchema)]
struct WarningOut {
    id: String,
    title: String,
    body: String,
    on: String,
    /// Its list is left open: it never counts as complete.
    open: bool,
    campaign: Option<String>,
    /// How many flaws it comes to.
    flaws: u32,
    /// Their numbers; of one warning alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    numbers: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct WarningsOut {
    items: Vec<WarningOut>,
}

fn out(w: warnings::Warning, numbers: Vec<String>) -> WarningOut {
    WarningOut {
        id: w.id.to_string(),
        title: w.title,
        body: w.body.to_string(),
        on: w.on.to_string(),
        open: w.open,
        campaign: w.campaign.map(|c| c.to_string()),
        flaws: w.flaws,
        numbers,
    }
}

#[utoipa::path(get, path = "/api/v1/warnings", tag = "review", responses((status = 200, body = WarningsOut)))]
async fn all_warnings(v: Visit) -> Result<Out<WarningsOut>, AppError> {
    let found = warnings::list(&mut v.app.db.read().await?, v.scope(), "").await?;
    Ok(Out(WarningsOut { items: found.into_iter().map(|w| out(w, Vec::new())).collect() }))
}

/// A warning by hand.
#[derive(Deserialize, ToSchema)]
struct WarningIn {
    body: String,
    title: String,
    /// Its date; today if absent.
    #[schema(value_type = Option<String>)]
    on: Option<Date>,
    /// CVE numbers.
    numbers: Vec<String>,
}

#[utoipa::path(post, path = "/api/v1/warnings", tag = "review", request_body = WarningIn, responses((status = 201)))]
async fn make_warning(v: Visit, Json(new): Json<WarningIn>) -> Result<Response, AppError> {
    let mut numbers = Vec::new();
    for text in &new.numbers {
        let number = domain::warning::number(text);
        numbers.push(number.ok_or_else(|| AppError::Unreadable(format!("not a CVE number: {text}")))?);
    }
    let items = if numbers.is_empty() { Vec::new() } else { vec![Item::Flaws { name: None, numbers }] };
    let (warning, warned) = (Id::new(&*v.app.ids), Warned { items, open: false });
    let on = new.on.unwrap_or_else(|| time::date(v.now));
    let body = id(&new.body)?;
    let new = NewWarning { id: warning, body, campaign: None, title: &new.title, on, warned: &warned };
    write!(v, tx => warnings::make(tx, v.scope(), &new).await)?;
    Ok(made(warning))
}

#[utoipa::path(get, path = "/api/v1/warnings/{id}", tag = "review", responses((status = 200, body = WarningOut)))]
async fn warning(v: Visit, Path(warning): Path<String>) -> Result<Out<WarningOut>, AppError> {
    let warning = id(&warning)?;
    let mut sql = v.app.db.read().await?;
    let found = warnings::get(&mut sql, v.scope(), warning).await?;
    let numbers = warnings::flaws(&mut sql, warning).await?.into_iter().map(|f| f.number).collect();
    Ok(Out(out(found, numbers)))
}
