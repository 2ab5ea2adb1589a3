//! The same for programs.

use std::collections::BTreeMap;

use crate::route::operation as route;
use axum::{
    Json as Answer,
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use domain::{indicator::Tlp, right::Right};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::indicators::{self, New, NewPart, Shown, Terms};
use utoipa::{IntoParams, ToSchema};

use super::{ListId, Unread, new, part, show, write};
use crate::{
    Access, ApiGuard, AppError, FieldError, Json, LIMIT_EVIDENCE, LIMIT_FORM, Route, Visit,
    act::{id, made},
};

/// Entries answered at most.
const ENTRIES_MAX: usize = 1_000;

pub(super) fn routes() -> Vec<Route> {
    let (read, answer) = (Access::Right(Right::Read), Access::Right(Right::Answer));
    vec![
        Route::api(read, LIMIT_FORM, route!(list)),
        Route::api(answer, LIMIT_EVIDENCE, route!(create)),
        Route::api(read, LIMIT_FORM, route!(get)),
        Route::api(answer, LIMIT_FORM, route!(change)),
        Route::api(answer, LIMIT_EVIDENCE, route!(add)),
        Route::api(answer, LIMIT_FORM, route!(withdraw)),
        Route::api(answer, LIMIT_FORM, route!(close)),
    ]
}

#[derive(Deserialize, IntoParams, Default)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ListsAsked {
    /// Only of that body and those below it.
    body: String,
}

/// A list of indicators.
#[derive(Serialize, ToSchema)]
struct IndicatorList {
    id: String,
    body: String,
    body_name: String,
    name: String,
    /// Where it is from.
    origin: String,
    /// `clear`, `green`, `amber`, `amber-strict`, `red`.
    tlp: &'static str,
    /// 0 to 100: below 40 a match is of low, below 75 of medium, else of high severity.
    confidence: u8,
    from: String,
    until: Option<String>,
    letter: Option<String>,
    /// Taken into it; what stands in two files is counted twice.
    entries: u64,
}

fn view(s: &Shown) -> IndicatorList {
    IndicatorList {
        id: s.id.to_string(),
        body: s.body.to_string(),
        body_name: s.body_name.clone(),
        name: s.terms.name.clone(),
        origin: s.terms.origin.clone(),
        tlp: s.terms.tlp.name(),
        confidence: s.terms.confidence,
        from: s.terms.from.to_string(),
        until: s.terms.until.map(|t| t.to_string()),
        letter: s.letter.map(|l| l.to_string()),
        entries: s.entries,
    }
}

/// Lists of indicators
#[utoipa::path(get, path = "/api/v1/indicator-lists", tag = "indicators", params(ListsAsked), responses((status = 200, body = Vec<IndicatorList>)))]
async fn list(v: Visit, Query(asked): Query<ListsAsked>) -> Result<Answer<Vec<IndicatorList>>, AppError> {
    let mut sql = v.app.db.read().await?;
    let found = indicators::list(&mut sql, v.scope(), asked.body.parse().ok()).await?;
    Ok(Answer(found.iter().map(view).collect()))
}

/// What a list is told to be.
#[derive(Deserialize, ToSchema)]
struct ListTerms {
    name: String,
    #[serde(default)]
    origin: String,
    /// `amber` without: the body and those below it.
    #[serde(default)]
    tlp: Option<String>,
    /// 75 without.
    #[serde(default)]
    confidence: Option<u8>,
    /// Now, without.
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    until: Option<String>,
}

impl ListTerms {
    fn read(&self, now: Timestamp) -> Result<Terms, AppError> {
        let wrong = |field: &str, code: &str| AppError::Invalid(vec![FieldError::new(field, code)]);
        let time = |field: &str, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| wrong(field, "error-date")),
        };
        let tlp = self.tlp.as_deref().unwrap_or(Tlp::Amber.name());
        Ok(Terms {
            name: self.name.clone(),
            origin: self.origin.clone(),
            tlp: Tlp::parse(tlp).ok_or_else(|| wrong("tlp", "error-choose"))?,
            confidence: self.confidence.unwrap_or(75),
            from: time("from", &self.from)?.unwrap_or(now),
            until: time("until", &self.until)?,
        })
    }
}

/// A list to be made.
#[derive(Deserialize, ToSchema)]
struct NewList {
    body: String,
    #[serde(flatten)]
    terms: ListTerms,
    /// The letter it is from.
    #[serde(default)]
    letter: Option<String>,
    /// What is in it: one a line, a table, MISP's JSON, a STIX 2.1 bundle.
    #[serde(default)]
    text: String,
}

/// Why an entry was not taken.
#[derive(Serialize, ToSchema)]
struct EntryFault {
    /// Line, attribute or object, from 1.
    place: usize,
    text: String,
    /// `unreadable`, `protected`, `public-suffix`, `own`, `not-public`, `too-wide`, `too-long`, `disguised`.
    why: &'static str,
}

/// What came of a file.
#[derive(Serialize, ToSchema)]
struct EntriesTaken {
    /// `text`, `table`, `misp`, `stix`.
    shape: &'static str,
    /// By kind: `md5`, `sha1`, `sha256`, `address`, `domain`, `url`.
    taken: BTreeMap<String, u64>,
    merged: u64,
    /// Not to be looked for: ended, revoked, not marked for detection, of a kind logs do not show.
    passed: u64,
    faults: u64,
    /// The first 200 faults.
    problems: Vec<EntryFault>,
}

fn taken(part: &NewPart) -> EntriesTaken {
    EntriesTaken {
        shape: part.shape,
        taken: part.kinds.iter().map(|(kind, n)| (kind.to_string(), *n)).collect(),
        merged: part.merged,
        passed: part.passed,
        faults: part.faults,
        problems: part
            .problems
            .iter()
            .map(|p| EntryFault { place: p.place, text: p.text.clone(), why: p.why.name() })
            .collect(),
    }
}

async fn read(v: &Visit, name: &str, text: &str, replaces: bool) -> Result<NewPart, AppError> {
    let tools = (&v.app.db, &v.app.blobs, &*v.app.ids);
    let read = part::read(tools, (v.pack(), v.now), name, text.as_bytes(), replaces).await;
    read.map_err(|why| match why {
        Unread::Shape(why) => AppError::Unreadable(why),
        Unread::Store(error) => error.into(),
        Unread::Died(why) => AppError::Internal(anyhow::anyhow!(why)),
    })
}

/// Make a list of indicators
#[utoipa::path(post, path = "/api/v1/indicator-lists", tag = "indicators", request_body = NewList, responses((status = 201)))]
async fn create(v: Visit, Json(given): Json<NewList>) -> Result<Response, AppError> {
    let part = match given.text.trim() {
        "" => None,
        text => Some(read(&v, "", text, false).await?),
    };
    let new = New {
        id: v.id(),
        body: id(&given.body)?,
        letter: given.letter.as_deref().map(id).transpose()?,
        terms: given.terms.read(v.now)?,
    };
    Ok(made(new::made(&v, &new, part.as_ref()).await?))
}

#[derive(Deserialize, IntoParams, Default)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct EntriesAsked {
    /// Only entries that hold this text.
    q: String,
}

/// An entry.
#[derive(Serialize, ToSchema)]
struct IndicatorEntry {
    /// `md5`, `sha1`, `sha256`, `address`, `domain`, `url`.
    kind: &'static str,
    value: String,
    until: Option<String>,
}

/// A list with its first entries.
#[derive(Serialize, ToSchema)]
struct IndicatorListFull {
    list: IndicatorList,
    /// The first 1000.
    entries: Vec<IndicatorEntry>,
    /// Whether there are more.
    more: bool,
}

/// One list with its first 1000 entries
#[utoipa::path(get, path = "/api/v1/indicator-lists/{indicator_list}", tag = "indicators", params(("indicator_list" = String, Path), EntriesAsked), responses((status = 200, body = IndicatorListFull)))]
async fn get(
    v: Visit,
    Path(list): Path<ListId>,
    Query(asked): Query<EntriesAsked>,
) -> Result<Answer<IndicatorListFull>, AppError> {
    let mut sql = v.app.db.read().await?;
    let s = indicators::get(&mut sql, v.scope(), list).await?;
    let parts = indicators::parts(&mut sql, v.scope(), list).await?;
    let gone = indicators::gone(&mut sql, v.scope(), list).await?;
    drop(sql);
    let gone = gone.into_iter().map(|(kind, value, ..)| (kind, value)).collect();
    let (found, more) = show::entries(&v, &parts, gone, &asked.q, ENTRIES_MAX).await?;
    let entries = found.into_iter().map(|(kind, value, until)| IndicatorEntry {
        kind: kind.name(),
        value,
        until: until.and_then(|u| Timestamp::from_second(u).ok()).map(|u| u.to_string()),
    });
    Ok(Answer(IndicatorListFull { list: view(&s), entries: entries.collect(), more }))
}

/// Change what a list is told to be
#[utoipa::path(put, path = "/api/v1/indicator-lists/{indicator_list}", tag = "indicators", params(("indicator_list" = String, Path)), request_body = ListTerms, responses((status = 204)))]
async fn change(
    v: Visit,
    Path(list): Path<ListId>,
    Json(given): Json<ListTerms>,
) -> Result<StatusCode, AppError> {
    let terms = given.read(v.now)?;
    write!(v, tx => indicators::terms(tx, v.scope(), list, &terms).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Entries for a list.
#[derive(Deserialize, ToSchema)]
struct NewEntries {
    /// One a line, a table, MISP's JSON, a STIX 2.1 bundle.
    text: String,
    /// What the file is called.
    #[serde(default)]
    name: String,
    /// Whether they take the place of all that is in the list.
    #[serde(default)]
    replace: bool,
}

/// Add entries to a list, or put them in the place of all that is in it
#[utoipa::path(post, path = "/api/v1/indicator-lists/{indicator_list}/entries", tag = "indicators", params(("indicator_list" = String, Path)), request_body = NewEntries, responses((status = 200, body = EntriesTaken)))]
async fn add(
    v: Visit,
    Path(list): Path<ListId>,
    Json(given): Json<NewEntries>,
) -> Result<Answer<EntriesTaken>, AppError> {
    if !indicators::get(&mut v.app.db.read().await?, v.scope(), list).await?.may_change {
        return Err(AppError::NotFound);
    }
    let part = read(&v, &given.name, &given.text, given.replace).await?;
    // A list of nothing but faults is told as such: nothing was taken.
    if !part.kinds.is_empty() || part.faults == 0 {
        write!(v, tx => indicators::import(tx, v.scope(), list, &part).await)?;
    }
    Ok(Answer(taken(&part)))
}

/// An indicator to be taken out.
#[derive(Deserialize, ToSchema)]
struct EntryWithdrawn {
    value: String,
    reason: String,
}

/// Take an indicator out of a list, however often it is brought again
#[utoipa::path(post, path = "/api/v1/indicator-lists/{indicator_list}/withdraw", tag = "indicators", params(("indicator_list" = String, Path)), request_body = EntryWithdrawn, responses((status = 204)))]
async fn withdraw(
    v: Visit,
    Path(list): Path<ListId>,
    Json(given): Json<EntryWithdrawn>,
) -> Result<StatusCode, AppError> {
    let what = show::named(&given.value)?;
    write!(v, tx =>
        indicators::withdraw(tx, v.scope(), list, (what.kind, &what.value), &given.reason).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Close a list: nothing is held against it any more
#[utoipa::path(delete, path = "/api/v1/indicator-lists/{indicator_list}", tag = "indicators", params(("indicator_list" = String, Path)), responses((status = 204)))]
async fn close(v: Visit, Path(list): Path<ListId>, _: ApiGuard) -> Result<StatusCode, AppError> {
    write!(v, tx => indicators::close(tx, v.scope(), list).await)?;
    Ok(StatusCode::NO_CONTENT)
}
