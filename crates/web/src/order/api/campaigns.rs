//! Campaigns through the API.

use crate::route::operation as route;
use axum::{
    Json as Answer,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    id::{Id, kind},
    order::{CampaignState, Contact, LineRole},
    right::Right,
    system::SystemScope,
    time::Window,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::campaigns::{self as store_campaigns, Amendment, CampaignRow, Filter, Head, NewDuty, NewLine};
use utoipa::ToSchema;

use super::{ListQuery, Listed, cursor, made};
use crate::{
    Access, ApiGuard, AppError, FieldError, Json, LIMIT_FORM, Route, Visit,
    order::{act, id, write},
};

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Right(Right::See);
    let (prepare, issuing) = (Access::Right(Right::Prepare), Access::Right(Right::Issue));
    vec![
        Route::api(see, LIMIT_FORM, route!(list)),
        Route::api(prepare, LIMIT_FORM, route!(create)),
        Route::api(see, LIMIT_FORM, route!(get)),
        Route::api(prepare, LIMIT_FORM, route!(set_head)),
        Route::api(prepare, LIMIT_FORM, route!(discard)),
        Route::api(prepare, LIMIT_FORM, route!(add_duty)),
        Route::api(prepare, LIMIT_FORM, route!(set_duty)),
        Route::api(prepare, LIMIT_FORM, route!(remove_duty)),
        Route::api(prepare, LIMIT_FORM, route!(add_line)),
        Route::api(prepare, LIMIT_FORM, route!(set_line)),
        Route::api(prepare, LIMIT_FORM, route!(remove_line)),
        Route::api(issuing, LIMIT_FORM, route!(issue)),
        Route::api(issuing, LIMIT_FORM, route!(amend)),
        Route::api(issuing, LIMIT_FORM, route!(cancel)),
        Route::api(issuing, LIMIT_FORM, route!(close)),
    ]
}

/// A campaign of a list.
#[derive(Debug, Serialize, ToSchema)]
struct CampaignItem {
    id: String,
    /// The body that issues it.
    body: String,
    body_name: String,
    name: String,
    /// `draft`, `issued`, `cancelled`, `closed`.
    state: String,
    window_from: Option<String>,
    window_to: Option<String>,
    issued_at: Option<String>,
    bodies: u32,
    acknowledged: u32,
}

fn item(row: &CampaignRow) -> CampaignItem {
    CampaignItem {
        id: row.id.to_string(),
        body: row.body.to_string(),
        body_name: row.body_name.clone(),
        name: row.name.clone(),
        state: row.state.to_string(),
        window_from: row.window.map(|w| w.from.to_string()),
        window_to: row.window.map(|w| w.to.to_string()),
        issued_at: row.issued_at.map(|t| t.to_string()),
        bodies: row.bodies,
        acknowledged: row.acknowledged,
    }
}

/// Campaigns, newest first.
#[utoipa::path(get, path = "/api/v1/campaigns", tag = "campaigns", params(ListQuery),
    responses((status = 200, body = Listed<CampaignItem>)))]
async fn list(v: Visit, Query(asked): Query<ListQuery>) -> Result<Response, AppError> {
    let (state, after) = (CampaignState::parse(&asked.state), cursor(&asked.cursor));
    let (filter, limit) = (Filter { state, q: &asked.q, after, ..Filter::default() }, asked.limit());
    let rows = store_campaigns::list(&mut v.app.db.read().await?, v.scope(), &filter, limit).await?;
    let last = rows.last().filter(|_| rows.len() == limit);
    let next = last.map(|r| format!("{}_{}", r.created_at.as_microsecond(), r.id));
    Ok(Answer(Listed { items: rows.iter().map(item).collect(), next }).into_response())
}

/// The head of a campaign.
#[derive(Debug, Deserialize, ToSchema)]
struct CampaignHead {
    name: String,
    #[serde(default)]
    occasion: Option<String>,
    /// First instant of the window.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    window_from: Option<Timestamp>,
    /// First instant after it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    window_to: Option<Timestamp>,
    /// `{important, personal_data, national_platform}`; all false means all systems.
    #[serde(default)]
    #[schema(value_type = Object)]
    scope: SystemScope,
    /// `{unit, name, phones, emails}`, shown on every assignment.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    contacts: Vec<Contact>,
    #[serde(default)]
    note: Option<String>,
}

impl CampaignHead {
    fn head(self) -> Result<Head, AppError> {
        let window = match (self.window_from, self.window_to) {
            (None, None) => None,
            (Some(from), Some(to)) => Some(Window { from, to }),
            _ => return Err(AppError::Invalid(vec![FieldError::new("window_to", "error-campaign-window")])),
        };
        Ok(Head {
            name: self.name.trim().to_owned(),
            occasion: self.occasion,
            window_by: window.map(|_| "person".to_owned()),
            window,
            scope: self.scope,
            contacts: self.contacts,
            note: self.note,
        })
    }
}

/// Drafts a campaign without a letter.
#[utoipa::path(post, path = "/api/v1/campaigns", tag = "campaigns", request_body = CampaignHead,
    responses((status = 201, body = super::Made), (status = 422)))]
async fn create(v: Visit, Json(given): Json<CampaignHead>) -> Result<Response, AppError> {
    Ok(made(act::manual(&v, given.head()?).await?))
}

/// One campaign with its duties and figures; a draft with its lines.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 404)))]
async fn get(v: Visit, Path(campaign): Path<String>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let c = store_campaigns::get(&mut sql, v.scope(), id(&campaign)?).await?;
    let duties = store_campaigns::duties(&mut sql, c.id).await?;
    let figures = store_campaigns::progress(&mut sql, v.scope(), c.id).await?;
    // Lines name every addressee: they are for those who prepare.
    let prepares = store::register::require(&mut sql, v.scope(), Right::Prepare, c.body).await.is_ok();
    let lines = if prepares { store_campaigns::lines(&mut sql, c.id).await? } else { Vec::new() };
    let lines: Vec<Value> = lines
        .into_iter()
        .map(|l| {
            let bodies: Vec<_> = l.bodies.iter().map(|(id, name)| json!({"id": id, "name": name})).collect();
            json!({"role": l.role, "line": l.line, "resolved": l.resolved, "bodies": bodies})
        })
        .collect();
    let answer = json!({
        "id": c.id, "body": c.body, "body_name": c.body_name, "letter": c.letter, "reference": c.reference,
        "parent_assignment": c.parent, "name": c.name, "occasion": c.occasion, "state": c.state,
        "window": c.window, "window_by": c.window_by, "scope": c.scope, "contacts": c.contacts, "note": c.note,
        "issued_at": c.issued_at, "closed_at": c.closed_at, "revision": c.revision, "duties": duties, "lines": lines,
        "progress": {"bodies": figures.bodies, "assigned": figures.assigned, "acknowledged": figures.acknowledged,
                     "passed_on": figures.passed_on, "tasks": figures.tasks, "done": figures.done},
    });
    Ok(Answer(answer).into_response())
}

/// Changes the head of a draft.
#[utoipa::path(put, path = "/api/v1/campaigns/{id}", tag = "campaigns", params(("id" = String, Path)),
    request_body = CampaignHead, responses((status = 204), (status = 422)))]
async fn set_head(
    v: Visit,
    Path(campaign): Path<String>,
    Json(given): Json<CampaignHead>,
) -> Result<StatusCode, AppError> {
    let (at, head) = (id(&campaign)?, given.head()?);
    write!(v, tx => store_campaigns::set_head(tx, v.scope(), at, &head).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Throws a draft away.
#[utoipa::path(delete, path = "/api/v1/campaigns/{id}", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 204), (status = 422)))]
async fn discard(v: Visit, Path(campaign): Path<String>, _: ApiGuard) -> Result<StatusCode, AppError> {
    let at = id(&campaign)?;
    write!(v, tx => store_campaigns::discard(tx, v.scope(), at).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// A duty.
#[derive(Debug, Deserialize, ToSchema)]
struct DutyBody {
    /// Code of the catalogue.
    code: String,
    #[serde(default)]
    path: String,
    /// The words that order it.
    #[serde(default)]
    quote: String,
    /// For whom, as a line of role `actor` says; null for all addressees.
    #[serde(default)]
    actor: Option<String>,
    /// Null: by the catalogue's rule when issued.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    due_at: Option<Timestamp>,
    /// What evidence is asked for beyond the catalogue.
    #[serde(default)]
    evidence: String,
}

fn new_duty(v: &Visit, id: Id<kind::Duty>, given: DutyBody) -> Result<NewDuty, AppError> {
    if v.pack().duty(&given.code).is_none_or(|t| !t.owed) {
        return Err(AppError::Invalid(vec![FieldError::new("code", "error-duty-code")]));
    }
    let DutyBody { code, path, quote, actor, due_at, evidence } = given;
    Ok(NewDuty { id, code, path, quote, actor, due_at, evidence, standing: false })
}

/// Adds a duty to a draft.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/duties", tag = "campaigns", params(("id" = String, Path)),
    request_body = DutyBody, responses((status = 201, body = super::Made), (status = 422)))]
async fn add_duty(
    v: Visit,
    Path(campaign): Path<String>,
    Json(given): Json<DutyBody>,
) -> Result<Response, AppError> {
    let (at, duty) = (id(&campaign)?, new_duty(&v, v.id(), given)?);
    write!(v, tx => store_campaigns::add_duty(tx, v.scope(), at, &duty).await)?;
    Ok(made(duty.id))
}

/// Changes a duty of a draft.
#[utoipa::path(put, path = "/api/v1/campaigns/{id}/duties/{duty}", tag = "campaigns",
    params(("id" = String, Path), ("duty" = String, Path)), request_body = DutyBody, responses((status = 204)))]
async fn set_duty(
    v: Visit,
    Path((campaign, duty)): Path<(String, String)>,
    Json(given): Json<DutyBody>,
) -> Result<StatusCode, AppError> {
    let (at, duty) = (id(&campaign)?, new_duty(&v, id(&duty)?, given)?);
    write!(v, tx => store_campaigns::set_duty(tx, v.scope(), at, &duty).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a duty out of a draft.
#[utoipa::path(delete, path = "/api/v1/campaigns/{id}/duties/{duty}", tag = "campaigns",
    params(("id" = String, Path), ("duty" = String, Path)), responses((status = 204)))]
async fn remove_duty(
    v: Visit,
    Path((campaign, duty)): Path<(String, String)>,
    _: ApiGuard,
) -> Result<StatusCode, AppError> {
    let (at, duty) = (id(&campaign)?, id(&duty)?);
    write!(v, tx => store_campaigns::remove_duty(tx, v.scope(), at, duty).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// A line of *Kính gửi* or an actor.
#[derive(Debug, Deserialize, ToSchema, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct LineBody {
    /// `to` or `actor`.
    role: String,
    /// As written.
    line: String,
    /// The bodies it means, for confirming.
    #[serde(default)]
    #[param(ignore)]
    bodies: Vec<String>,
}

fn role(text: &str) -> Result<LineRole, AppError> {
    LineRole::parse(text).ok_or_else(|| AppError::Invalid(vec![FieldError::new("role", "error-invalid")]))
}

/// Adds a line to a draft, with the bodies it seems to mean.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/lines", tag = "campaigns", params(("id" = String, Path)),
    request_body = LineBody, responses((status = 204), (status = 422)))]
async fn add_line(
    v: Visit,
    Path(campaign): Path<String>,
    Json(given): Json<LineBody>,
) -> Result<StatusCode, AppError> {
    act::add_line(&v, id(&campaign)?, role(&given.role)?, &given.line).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Confirms the bodies a line means.
#[utoipa::path(put, path = "/api/v1/campaigns/{id}/lines", tag = "campaigns", params(("id" = String, Path)),
    request_body = LineBody, responses((status = 204), (status = 422)))]
async fn set_line(
    v: Visit,
    Path(campaign): Path<String>,
    Json(given): Json<LineBody>,
) -> Result<StatusCode, AppError> {
    let (at, role) = (id(&campaign)?, role(&given.role)?);
    let bodies = given.bodies.iter().map(|b| id(b)).collect::<Result<Vec<_>, _>>()?;
    write!(v, tx => store_campaigns::set_line(tx, v.scope(), at, role, &given.line, &bodies).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a line out of a draft.
#[utoipa::path(delete, path = "/api/v1/campaigns/{id}/lines", tag = "campaigns",
    params(("id" = String, Path), LineBody), responses((status = 204), (status = 422)))]
async fn remove_line(
    v: Visit,
    Path(campaign): Path<String>,
    Query(given): Query<LineBody>,
    _: ApiGuard,
) -> Result<StatusCode, AppError> {
    let (at, role) = (id(&campaign)?, role(&given.role)?);
    write!(v, tx => store_campaigns::remove_line(tx, v.scope(), at, role, &given.line).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a draft in force. The assignments follow at once; `progress` of the campaign tells how far they are.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/issue", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 202), (status = 422)))]
async fn issue(v: Visit, Path(campaign): Path<String>, _: ApiGuard) -> Result<StatusCode, AppError> {
    act::issue(&v, id(&campaign)?).await?;
    Ok(StatusCode::ACCEPTED)
}

/// A new due time.
#[derive(Debug, Deserialize, ToSchema)]
struct DueBody {
    duty: String,
    #[schema(value_type = String)]
    due_at: Timestamp,
}

/// What is to change of a campaign in force.
#[derive(Debug, Deserialize, ToSchema)]
struct AmendBody {
    /// What the addressees are told.
    note: String,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    window_from: Option<Timestamp>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    window_to: Option<Timestamp>,
    /// Duties taken out.
    #[serde(default)]
    withdraw: Vec<String>,
    #[serde(default)]
    due: Vec<DueBody>,
    /// Duties added.
    #[serde(default)]
    add: Vec<DutyBody>,
    /// Lines added, with their bodies.
    #[serde(default)]
    lines: Vec<LineBody>,
}

/// Amends a campaign in force.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/amend", tag = "campaigns", params(("id" = String, Path)),
    request_body = AmendBody, responses((status = 202), (status = 422)))]
async fn amend(
    v: Visit,
    Path(campaign): Path<String>,
    Json(given): Json<AmendBody>,
) -> Result<StatusCode, AppError> {
    let window = given.window_from.zip(given.window_to).map(|(from, to)| Window { from, to });
    let line = |l: &LineBody| -> Result<NewLine, AppError> {
        let bodies = l.bodies.iter().map(|b| id(b)).collect::<Result<Vec<_>, _>>()?;
        Ok(NewLine { role: role(&l.role)?, line: l.line.clone(), resolved: true, bodies })
    };
    let change = Amendment {
        note: given.note,
        window,
        withdraw: given.withdraw.iter().map(|d| id(d)).collect::<Result<_, _>>()?,
        due: given.due.iter().map(|d| Ok((id(&d.duty)?, d.due_at))).collect::<Result<_, AppError>>()?,
        add: given.add.into_iter().map(|d| new_duty(&v, v.id(), d)).collect::<Result<_, _>>()?,
        lines: given.lines.iter().map(line).collect::<Result<_, _>>()?,
    };
    act::amend(&v, id(&campaign)?, &change).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
struct ReasonBody {
    /// What the addressees are told, or what the history keeps.
    #[serde(default)]
    reason: String,
}

/// Takes a campaign back.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/cancel", tag = "campaigns", params(("id" = String, Path)),
    request_body = ReasonBody, responses((status = 204), (status = 422)))]
async fn cancel(
    v: Visit,
    Path(campaign): Path<String>,
    Json(given): Json<ReasonBody>,
) -> Result<StatusCode, AppError> {
    act::cancel(&v, id(&campaign)?, &given.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a campaign whose time is over.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/close", tag = "campaigns", params(("id" = String, Path)),
    request_body = ReasonBody, responses((status = 204), (status = 422)))]
async fn close(
    v: Visit,
    Path(campaign): Path<String>,
    Json(given): Json<ReasonBody>,
) -> Result<StatusCode, AppError> {
    let at = id(&campaign)?;
    write!(v, tx => store_campaigns::close(tx, v.scope(), at, &given.reason).await)?;
    Ok(StatusCode::NO_CONTENT)
}
