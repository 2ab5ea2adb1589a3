//! Inspections in the API: the same acts as on the pages. Answers and photos are in [`super::device`].

use crate::route::operation;
use axum::{
    Json as Out,
    extract::{Path, Query},
    http::StatusCode,
};
use domain::{
    id::{Id, kind},
    inspection::{Answer, Checklist, FindingState, Severity, VisitState, finding},
    right::Right,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use store::inspections::{self, Act, Change, Conclusion, Filter, FindingFilter, NewVisit};
use utoipa::{IntoParams, ToSchema};

use super::{tools, write};
use crate::{Access, ApiGuard, AppError, Json, LIMIT_FORM, Route, Visit, act::id};

pub(super) fn routes() -> Vec<Route> {
    let (see, read, review) =
        (Access::Right(Right::See), Access::Right(Right::Read), Access::Right(Right::Review));
    vec![
        Route::api(see, LIMIT_FORM, operation!(list)),
        Route::api(review, LIMIT_FORM, operation!(plan)),
        Route::api(see, LIMIT_FORM, operation!(get)),
        Route::api(review, LIMIT_FORM, operation!(replan)),
        Route::api(review, LIMIT_FORM, operation!(announce)),
        Route::api(review, LIMIT_FORM, operation!(cancel)),
        Route::api(see, LIMIT_FORM, operation!(finish)),
        Route::api(read, LIMIT_FORM, operation!(findings)),
        Route::api(read, LIMIT_FORM, operation!(one_finding)),
        Route::api(read, LIMIT_FORM, operation!(change)),
        Route::api(read, LIMIT_FORM, operation!(act)),
    ]
}

fn opt<K>(text: Option<&str>) -> Result<Option<Id<K>>, AppError> {
    text.filter(|t| !t.is_empty()).map(id).transpose()
}

/// A visit.
#[derive(Serialize, ToSchema)]
struct VisitOut {
    id: String,
    inspector: String,
    inspector_name: String,
    body: String,
    body_name: String,
    /// `planned`, `under-way`, `done`, `cancelled`.
    state: &'static str,
    planned_at: String,
    place: String,
    note: String,
    announced_at: Option<String>,
    started_at: Option<String>,
    done_at: Option<String>,
    /// Items of the checklist, answered, not in order.
    items: u32,
    answered: u32,
    bad: u32,
    /// Findings not closed, and of those past their due day.
    open: u32,
    overdue: u32,
    version: i64,
}

impl From<inspections::Visit> for VisitOut {
    fn from(v: inspections::Visit) -> Self {
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
        Self {
            id: v.id.to_string(),
            inspector: v.inspector.to_string(),
            inspector_name: v.inspector_name,
            body: v.body.to_string(),
            body_name: v.body_name,
            state: v.state.name(),
            planned_at: v.planned_at.to_string(),
            place: v.place,
            note: v.note,
            announced_at: text(v.announced_at),
            started_at: text(v.started_at),
            done_at: text(v.done_at),
            items: v.items,
            answered: v.answered,
            bad: v.bad,
            open: v.open,
            overdue: v.overdue,
            version: v.version,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct VisitList {
    items: Vec<VisitOut>,
}

#[derive(Serialize, ToSchema)]
struct ItemOut {
    key: String,
    group: String,
    vi: String,
    en: String,
    basis: String,
    severity: &'static str,
    /// `ok`, `bad`, `na`; absent: not answered.
    answer: Option<&'static str>,
    note: String,
    version: u32,
    by: Option<String>,
    at: Option<String>,
    /// SHA-256 of its photos; `GET /api/v1/files/{sha256}` gives one.
    photos: Vec<String>,
}

/// A visit with its team, its checklist and the answers.
#[derive(Serialize, ToSchema)]
struct VisitDetail {
    #[serde(flatten)]
    visit: VisitOut,
    team: Vec<String>,
    checklist: Vec<ItemOut>,
    met_by: String,
    opinion: String,
    conclusion: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Part of the inspected body's name.
    q: Option<String>,
    /// `planned`, `under-way`, `done`, `cancelled`.
    state: Option<String>,
    inspector: Option<String>,
    body: Option<String>,
    /// Only those with a finding that is not closed.
    #[serde(default)]
    open: bool,
}

#[utoipa::path(get, path = "/api/v1/inspections", tag = "inspections", params(Asked), responses((status = 200, body = VisitList)))]
async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Out<VisitList>, AppError> {
    let filter = Filter {
        text: asked.q,
        state: asked.state.as_deref().and_then(VisitState::parse),
        inspector: opt(asked.inspector.as_deref())?,
        body: opt(asked.body.as_deref())?,
        open: asked.open,
    };
    let mut sql = v.app.db.read().await?;
    let found = inspections::list(&mut sql, v.scope(), v.actor(), &filter, Default::default(), v.now).await?;
    Ok(Out(VisitList { items: found.into_iter().map(Into::into).collect() }))
}

/// A visit to be planned.
#[derive(Deserialize, ToSchema)]
struct VisitIn {
    #[schema(value_type = String)]
    inspector: Id<kind::Body>,
    #[schema(value_type = String)]
    body: Id<kind::Body>,
    #[schema(value_type = String)]
    at: Timestamp,
    #[serde(default)]
    place: String,
    #[serde(default)]
    note: String,
    /// Ids of people; the first leads.
    #[schema(value_type = Vec<String>)]
    team: Vec<Id<kind::Person>>,
    /// Of a change: the version that was seen.
    #[serde(default)]
    version: i64,
}

impl VisitIn {
    fn plan(self, id: Id<kind::Visit>) -> NewVisit {
        let Self { inspector, body, at, place, note, team, .. } = self;
        NewVisit { id, inspector, body, at: domain::time::cut(at), place, note, team }
    }
}

#[utoipa::path(post, path = "/api/v1/inspections", tag = "inspections", request_body = VisitIn, responses((status = 201, body = VisitDetail)))]
async fn plan(v: Visit, Json(new): Json<VisitIn>) -> Result<(StatusCode, Out<VisitDetail>), AppError> {
    let (id, tools) = (v.id(), tools(&v));
    let new = new.plan(id);
    write!(v, tx => inspections::plan(tx, v.scope(), &tools, &new).await)?;
    Ok((StatusCode::CREATED, detail(&v, id).await?))
}

#[utoipa::path(put, path = "/api/v1/inspections/{id}", tag = "inspections", request_body = VisitIn, responses((status = 200, body = VisitDetail)))]
async fn replan(
    v: Visit,
    Path(visit): Path<String>,
    Json(new): Json<VisitIn>,
) -> Result<Out<VisitDetail>, AppError> {
    let (visit, version) = (id(&visit)?, new.version);
    let new = new.plan(visit);
    write!(v, tx => inspections::replan(tx, v.scope(), version, &new).await)?;
    detail(&v, visit).await
}

#[utoipa::path(get, path = "/api/v1/inspections/{id}", tag = "inspections", responses((status = 200, body = VisitDetail)))]
async fn get(v: Visit, Path(visit): Path<String>) -> Result<Out<VisitDetail>, AppError> {
    detail(&v, id(&visit)?).await
}

async fn detail(v: &Visit, id: Id<kind::Visit>) -> Result<Out<VisitDetail>, AppError> {
    let mut sql = v.app.db.read().await?;
    let (visit, team, _) = inspections::get(&mut sql, v.scope(), v.actor(), id, v.now).await?;
    let answers = inspections::answers(&mut sql, v.scope(), v.actor(), id).await?;
    let photos = inspections::photos(&mut sql, v.scope(), id).await?;
    let Checklist { items, .. } = visit.checklist.clone();
    let said = visit.said.clone();
    let item = |i: domain::inspection::Item| {
        let given = answers.iter().find(|a| a.item == i.key);
        let photos = photos.iter().filter(|p| p.item == i.key).map(|p| p.sha256.clone()).collect();
        ItemOut {
            answer: given.and_then(|a| a.answer).map(Answer::name),
            note: given.map(|a| a.note.clone()).unwrap_or_default(),
            version: given.map_or(0, |a| a.version),
            by: given.and_then(|a| a.by.clone()),
            at: given.map(|a| a.at.to_string()),
            severity: i.severity.name(),
            key: i.key,
            group: i.group,
            vi: i.vi,
            en: i.en,
            basis: i.basis,
            photos,
        }
    };
    Ok(Out(VisitDetail {
        checklist: items.into_iter().map(item).collect(),
        team: team.into_iter().map(|m| m.name).collect(),
        met_by: said.met_by,
        opinion: said.opinion,
        conclusion: said.conclusion,
        visit: visit.into(),
    }))
}

#[utoipa::path(post, path = "/api/v1/inspections/{id}/announce", tag = "inspections", responses((status = 200, body = VisitDetail)))]
async fn announce(v: Visit, _: ApiGuard, Path(visit): Path<String>) -> Result<Out<VisitDetail>, AppError> {
    let (visit, tools) = (id(&visit)?, tools(&v));
    write!(v, tx => inspections::announce(tx, v.scope(), &tools, visit).await)?;
    detail(&v, visit).await
}

#[derive(Deserialize, ToSchema)]
struct ReasonIn {
    reason: String,
}

#[utoipa::path(post, path = "/api/v1/inspections/{id}/cancel", tag = "inspections", request_body = ReasonIn, responses((status = 200, body = VisitDetail)))]
async fn cancel(
    v: Visit,
    Path(visit): Path<String>,
    Json(why): Json<ReasonIn>,
) -> Result<Out<VisitDetail>, AppError> {
    let (visit, tools) = (id(&visit)?, tools(&v));
    write!(v, tx => inspections::cancel(tx, v.scope(), &tools, visit, &why.reason).await)?;
    detail(&v, visit).await
}

/// What stands in the minutes besides the answers.
#[derive(Deserialize, ToSchema)]
struct FinishIn {
    #[serde(default)]
    met_by: String,
    #[serde(default)]
    opinion: String,
    #[serde(default)]
    conclusion: String,
}

/// Ends the visit: what is not in order becomes findings.
#[utoipa::path(post, path = "/api/v1/inspections/{id}/finish", tag = "inspections", request_body = FinishIn, responses((status = 200, body = VisitDetail)))]
async fn finish(
    v: Visit,
    Path(visit): Path<String>,
    Json(said): Json<FinishIn>,
) -> Result<Out<VisitDetail>, AppError> {
    let (visit, tools) = (id(&visit)?, tools(&v));
    let said = Conclusion { met_by: said.met_by, opinion: said.opinion, conclusion: said.conclusion };
    write!(v, tx => inspections::finish(tx, v.scope(), &tools, visit, &said).await)?;
    detail(&v, visit).await
}

/// A finding.
#[derive(Serialize, ToSchema)]
struct FindingOut {
    id: String,
    visit: String,
    item: String,
    inspector: String,
    body: String,
    body_name: String,
    severity: &'static str,
    text: String,
    owner: Option<String>,
    due_on: String,
    /// `open`, `fixed`, `closed`.
    state: &'static str,
    overdue: bool,
    made_at: String,
    fixed_at: Option<String>,
    closed_at: Option<String>,
    /// Reminders that went out.
    reminders: u32,
    version: i64,
}

fn finding_out(v: &Visit, f: inspections::Finding) -> FindingOut {
    FindingOut {
        overdue: finding::overdue(f.state, f.due_at, v.now),
        id: f.id.to_string(),
        visit: f.visit.to_string(),
        item: f.item,
        inspector: f.inspector.to_string(),
        body: f.body.to_string(),
        body_name: f.body_name,
        severity: f.severity.name(),
        text: f.text,
        owner: f.owner.map(|(id, _)| id.to_string()),
        due_on: f.due_on.to_string(),
        state: f.state.name(),
        made_at: f.made_at.to_string(),
        fixed_at: f.fixed_at.map(|t| t.to_string()),
        closed_at: f.closed_at.map(|t| t.to_string()),
        reminders: f.chased,
        version: f.version,
    }
}

#[derive(Serialize, ToSchema)]
struct FindingList {
    items: Vec<FindingOut>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AskedFindings {
    /// Part of the body's name.
    q: Option<String>,
    state: Option<String>,
    severity: Option<String>,
    visit: Option<String>,
    body: Option<String>,
    #[serde(default)]
    overdue: bool,
}

#[utoipa::path(get, path = "/api/v1/findings", tag = "inspections", params(AskedFindings), responses((status = 200, body = FindingList)))]
async fn findings(v: Visit, Query(asked): Query<AskedFindings>) -> Result<Out<FindingList>, AppError> {
    let filter = FindingFilter {
        text: asked.q,
        state: asked.state.as_deref().and_then(FindingState::parse),
        severity: asked.severity.as_deref().and_then(Severity::parse),
        visit: opt(asked.visit.as_deref())?,
        body: opt(asked.body.as_deref())?,
        overdue: asked.overdue,
    };
    let mut sql = v.app.db.read().await?;
    let found = inspections::findings(&mut sql, v.scope(), &filter, Default::default(), v.now).await?;
    Ok(Out(FindingList { items: found.into_iter().map(|f| finding_out(&v, f)).collect() }))
}

#[utoipa::path(get, path = "/api/v1/findings/{id}", tag = "inspections", responses((status = 200, body = FindingOut)))]
async fn one_finding(v: Visit, Path(finding): Path<String>) -> Result<Out<FindingOut>, AppError> {
    shown(&v, id(&finding)?).await
}

async fn shown(v: &Visit, id: Id<kind::Finding>) -> Result<Out<FindingOut>, AppError> {
    let found = inspections::finding(&mut v.app.db.read().await?, v.scope(), id).await?;
    Ok(Out(finding_out(v, found)))
}

/// What is changed of a finding.
#[derive(Deserialize, ToSchema)]
struct FindingIn {
    text: String,
    #[schema(value_type = Option<String>)]
    owner: Option<Id<kind::Person>>,
    #[schema(value_type = String)]
    due_on: Date,
    version: i64,
}

#[utoipa::path(put, path = "/api/v1/findings/{id}", tag = "inspections", request_body = FindingIn, responses((status = 200, body = FindingOut)))]
async fn change(
    v: Visit,
    Path(finding): Path<String>,
    Json(new): Json<FindingIn>,
) -> Result<Out<FindingOut>, AppError> {
    let (finding, tools) = (id(&finding)?, tools(&v));
    let new = Change { text: new.text, owner: new.owner, due: new.due_on, version: new.version };
    write!(v, tx => inspections::change(tx, v.scope(), &tools, finding, &new).await)?;
    shown(&v, finding).await
}

/// One act about a finding.
#[derive(Deserialize, ToSchema)]
struct ActIn {
    /// `assign`, `fix` by the inspected body; `close`, `return`, `reopen` by those who inspected.
    act: String,
    /// Words; needed by all but `assign`.
    #[serde(default)]
    note: String,
    /// Of `assign`: who puts it right; left out for nobody in particular.
    #[schema(value_type = Option<String>)]
    owner: Option<Id<kind::Person>>,
}

#[utoipa::path(post, path = "/api/v1/findings/{id}/acts", tag = "inspections", request_body = ActIn, responses((status = 200, body = FindingOut)))]
async fn act(
    v: Visit,
    Path(finding): Path<String>,
    Json(what): Json<ActIn>,
) -> Result<Out<FindingOut>, AppError> {
    let (finding, tools) = (id(&finding)?, tools(&v));
    let act = match what.act.as_str() {
        "assign" => {
            write!(v, tx => inspections::assign(tx, v.scope(), &tools, finding, what.owner).await)?;
            return shown(&v, finding).await;
        }
        "fix" => Act::Fix { note: what.note, file: None },
        "close" => Act::Close(what.note),
        "return" => Act::Return(what.note),
        "reopen" => Act::Reopen(what.note),
        _ => return Err(AppError::Unreadable("act".into())),
    };
    write!(v, tx => inspections::act(tx, v.scope(), &tools, finding, &act).await)?;
    shown(&v, finding).await
}
