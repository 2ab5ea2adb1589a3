//! The same for programs.

use crate::route::operation;
use axum::{
    Json as Answer,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    report::{Altered, Draft, NAMES, Value},
    right::Right,
};
use jiff::Timestamp;
use letter::report::written;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::reports::{self, Report};
use utoipa::{IntoParams, ToSchema};

use super::{begin, id, list, make, report, verify::verified, write};
use crate::{Access, ApiGuard, AppError, FieldError, Json, LIMIT_FORM, LIMIT_LETTER, Route, Visit};

/// Rows of a page.
const PAGE: usize = 100;

pub(super) fn routes() -> Vec<Route> {
    let (read, prepare) = (Access::Right(Right::Read), Access::Right(Right::Prepare));
    vec![
        Route::api(read, LIMIT_FORM, operation!(all)),
        Route::api(prepare, LIMIT_FORM, operation!(create)),
        Route::api(read, LIMIT_FORM, operation!(one)),
        Route::api(prepare, LIMIT_LETTER, operation!(save)),
        Route::api(prepare, LIMIT_FORM, operation!(discard)),
        Route::api(Access::Right(Right::Sign), LIMIT_LETTER, operation!(sign)),
        Route::api(read, LIMIT_FORM, operation!(verify)),
    ]
}

/// A report or a reply.
#[derive(Serialize, ToSchema)]
struct ReportView {
    id: String,
    /// `campaign`, `reply`.
    kind: &'static str,
    body: String,
    body_name: String,
    campaign: String,
    /// The assignment it is handed up to.
    assignment: Option<String>,
    /// `draft`, `signed`.
    state: &'static str,
    /// Send it back with every change.
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    /// `title`, `subject`, `issuer`, `to`, `blocks` … with fields such as `{{handled}}`.
    #[schema(value_type = Object)]
    draft: Draft,
    /// Since when it waits for its signer, and from whom: `{at, by}`.
    #[schema(value_type = Option<Object>)]
    asked: Option<serde_json::Value>,
    /// Came back unsigned: `{at, by, why}`.
    #[schema(value_type = Option<Object>)]
    returned: Option<serde_json::Value>,
    signed: Option<SignedView>,
}

/// A report signed off.
#[derive(Serialize, ToSchema)]
struct SignedView {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    by: String,
    /// Of what it was made from.
    digest: String,
    /// SHA-256 of the PDF.
    pdf: String,
    /// SHA-256 of the Word file.
    docx: String,
}

impl From<Report> for ReportView {
    fn from(r: Report) -> Self {
        Self {
            id: r.id.to_string(),
            kind: r.kind.name(),
            body: r.body.to_string(),
            body_name: r.body_name,
            campaign: r.campaign.to_string(),
            assignment: r.assignment.map(|a| a.to_string()),
            state: r.state.name(),
            version: r.version,
            changed_at: r.changed_at,
            draft: r.draft,
            asked: r.asked.map(|(at, by)| json!({ "at": at, "by": by })),
            returned: r.returned.map(|(at, by, why)| json!({ "at": at, "by": by, "why": why })),
            signed: r.signed.map(|s| SignedView {
                at: s.at,
                by: s.by,
                digest: s.digest,
                pdf: s.pdf,
                docx: s.docx,
            }),
        }
    }
}

#[derive(Deserialize, IntoParams, Default)]
#[serde(default)]
struct ReportsAsked {
    /// On one campaign.
    campaign: String,
    /// `draft` or `signed`.
    state: String,
    /// From the page before.
    cursor: String,
}

/// A page of reports.
#[derive(Serialize, ToSchema)]
struct ReportsPage {
    items: Vec<ReportView>,
    /// Cursor of the next page; null on the last.
    next: Option<String>,
}

/// Reports and replies, changed last first
#[utoipa::path(get, path = "/api/v1/reports/up", tag = "reports", params(ReportsAsked), responses((status = 200, body = ReportsPage)))]
async fn all(v: Visit, Query(asked): Query<ReportsAsked>) -> Result<Answer<ReportsPage>, AppError> {
    let asked = list::Asked { campaign: asked.campaign, state: asked.state, cursor: asked.cursor };
    let found = reports::list(&mut v.app.db.read().await?, v.scope(), &list::filter(&asked), PAGE).await?;
    let last = found.last().filter(|_| found.len() == PAGE);
    let next = last.map(|r| format!("{}.{}", r.changed_at.as_microsecond(), r.id));
    Ok(Answer(ReportsPage { items: found.into_iter().map(ReportView::from).collect(), next }))
}

/// What a report is begun on: one of the two.
#[derive(Deserialize, ToSchema)]
struct NewView {
    /// A campaign one's body issued: a report up.
    #[serde(default)]
    campaign: String,
    /// An assignment one's body owes: a reply.
    #[serde(default)]
    assignment: String,
}

/// Begins a report on a campaign, or a reply to an assignment
#[utoipa::path(post, path = "/api/v1/reports/up", tag = "reports", request_body = NewView, responses((status = 201, body = Object)))]
async fn create(v: Visit, Json(new): Json<NewView>) -> Result<Response, AppError> {
    let made = match (new.campaign.is_empty(), new.assignment.is_empty()) {
        (false, true) => begin::on_campaign(&v, id(&new.campaign)?).await?,
        (true, false) => begin::on_assignment(&v, id(&new.assignment)?).await?,
        _ => return Err(AppError::Refused("error-report-campaign".into())),
    };
    Ok((StatusCode::CREATED, Answer(json!({ "id": made.to_string() }))).into_response())
}

/// A report with its figures as they are now
#[derive(Serialize, ToSchema)]
struct WholeView {
    report: ReportView,
    /// Name → what it says now and where its evidence opens; empty once it is signed.
    #[schema(value_type = Vec<Object>)]
    figures: Vec<serde_json::Value>,
    /// The document the files are made of.
    #[schema(value_type = Object)]
    document: letter::model::Document,
}

/// One report: draft, figures, document
#[utoipa::path(get, path = "/api/v1/reports/up/{report}", tag = "reports", responses((status = 200, body = WholeView)))]
async fn one(v: Visit, Path(of): Path<String>) -> Result<Answer<WholeView>, AppError> {
    let report = report(&v, &of).await?;
    let (document, figures) = if report.signed.is_some() {
        (make::kept(&v, &report).await?, Vec::new())
    } else {
        let figures = make::figures(&v, &report).await?;
        let values = NAMES.iter().map(|name| {
            let value = figures.value(name).unwrap_or(Value::Missing);
            let href = match &value {
                Value::Number(_, href) | Value::Words(_, href) => href.clone(),
                Value::Missing => String::new(),
            };
            json!({ "name": name, "says": written(&value), "known": value != Value::Missing, "opens": href })
        });
        (make::document(&v, &report, &figures, false), values.collect())
    };
    Ok(Answer(WholeView { report: report.into(), figures, document }))
}

/// A draft to keep.
#[derive(Deserialize, ToSchema)]
struct DraftView {
    version: i64,
    #[schema(value_type = Object)]
    draft: Draft,
}

/// Keeps a draft
#[utoipa::path(put, path = "/api/v1/reports/up/{report}", tag = "reports", request_body = DraftView, responses((status = 204)))]
async fn save(v: Visit, Path(of): Path<String>, Json(sent): Json<DraftView>) -> Result<StatusCode, AppError> {
    let report = report(&v, &of).await?;
    let unfit = sent.draft.unfit();
    if !unfit.is_empty() {
        let field =
            |u: &domain::report::Unfit| FieldError::new(&u.field, &format!("error-report-{}", u.code));
        return Err(AppError::Invalid(unfit.iter().map(field).collect()));
    }
    write!(v, tx => reports::save(tx, v.scope(), report.id, sent.version, &sent.draft).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams, Default)]
#[serde(default)]
struct VersionAsked {
    /// The version that was read.
    version: i64,
}

/// Throws a draft away
#[utoipa::path(delete, path = "/api/v1/reports/up/{report}", tag = "reports", params(VersionAsked), responses((status = 204)))]
async fn discard(
    v: Visit,
    Path(of): Path<String>,
    Query(asked): Query<VersionAsked>,
    _: ApiGuard,
) -> Result<StatusCode, AppError> {
    let report = report(&v, &of).await?;
    write!(v, tx => reports::discard(tx, v.scope(), report.id, asked.version).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The version that was read.
#[derive(Deserialize, ToSchema)]
pub(super) struct VersionView {
    /// The version that was read.
    pub version: i64,
}

/// Signs a report off as the head of its body, or by their delegation; it is frozen from then on
#[utoipa::path(post, path = "/api/v1/reports/up/{report}/sign", tag = "reports", request_body = VersionView, responses((status = 204)))]
async fn sign(
    v: Visit,
    Path(of): Path<String>,
    Json(sent): Json<VersionView>,
) -> Result<StatusCode, AppError> {
    let report = report(&v, &of).await?;
    make::sign(&v, &report, sent.version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A signed report held against the records
#[derive(Serialize, ToSchema)]
struct VerifiedView {
    /// The files are what was signed and rest on what they rested on.
    good: bool,
    /// Files that are missing or altered.
    broken: Vec<&'static str>,
    /// The audit log holds the digests that were signed.
    logged: bool,
    /// Facts that were altered or are gone: `{id, gone}`.
    #[schema(value_type = Vec<Object>)]
    altered: Vec<serde_json::Value>,
    /// Duties that have moved on since, as is natural: `{what, then, now}`.
    #[schema(value_type = Vec<Object>)]
    verdicts: Vec<serde_json::Value>,
    /// Figures that would read otherwise today.
    #[schema(value_type = Vec<Object>)]
    numbers: Vec<serde_json::Value>,
}

/// Verifies a signed report
#[utoipa::path(get, path = "/api/v1/reports/up/{report}/verify", tag = "reports", responses((status = 200, body = VerifiedView)))]
async fn verify(v: Visit, Path(of): Path<String>) -> Result<Answer<VerifiedView>, AppError> {
    let report = report(&v, &of).await?;
    let (found, moved) = verified(&v, &report).await?;
    let line = |what: &str, then: &str, now: &str| json!({ "what": what, "then": then, "now": now });
    Ok(Answer(VerifiedView {
        good: found.good(),
        broken: found.broken.clone(),
        logged: found.logged,
        altered: found
            .compared
            .altered
            .iter()
            .map(|a| match a {
                Altered::Changed(id) => json!({ "id": id, "gone": false }),
                Altered::Gone(id) => json!({ "id": id, "gone": true }),
            })
            .collect(),
        verdicts: moved.iter().map(|m| line(&m.what, &m.then, &m.now)).collect(),
        numbers: found.compared.numbers.iter().map(|m| line(&m.what, &m.then, &m.now)).collect(),
    }))
}
