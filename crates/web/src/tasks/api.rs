//! The same acts for programs.

mod evidence;

use crate::route::operation;
use axum::{
    Json as Answer,
    extract::{Multipart, Path, Query, multipart::MultipartRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    duty::Code,
    id::{Id, kind},
    order::{Affected, QuestionKind},
    right::Right,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::assignments::{self, Filter, NewQuestion, PendingFilter, Submission, Task, TaskFilter};
use utoipa::{IntoParams, ToSchema};

use super::{
    act, after, body, cursor, id,
    list::chase_all,
    task::{decide_now, excuse_now},
    tools, upload, write,
};
use crate::{
    Access, ApiGuard, AppError, Json, LIMIT_EVIDENCE, LIMIT_FORM, LIMIT_LETTER, Route, Upload, Visit,
    act::{Made, made},
};

/// Rows of a page.
const PAGE: usize = 100;

pub(super) fn routes() -> Vec<Route> {
    let (see, answer) = (Access::Right(Right::See), Access::Right(Right::Answer));
    let review = Access::Right(Right::Review);
    let mut all = vec![
        Route::api(see, LIMIT_FORM, operation!(list_tasks)),
        Route::api(see, LIMIT_FORM, operation!(list_assignments)),
        Route::api(see, LIMIT_FORM, operation!(get_assignment)),
        Route::api(see, LIMIT_FORM, operation!(read_assignment)),
        Route::api(Access::Right(Right::Acknowledge), LIMIT_FORM, operation!(acknowledge)),
        Route::api(answer, LIMIT_LETTER, operation!(acknowledge_by_letter)),
        Route::api(answer, LIMIT_FORM, operation!(triage)),
        Route::api(see, LIMIT_FORM, operation!(list_questions)),
        Route::api(answer, LIMIT_FORM, operation!(ask)),
        Route::api(review, LIMIT_FORM, operation!(answer_question)),
        Route::api(review, LIMIT_FORM, operation!(chase)),
        Route::api(answer, LIMIT_FORM, operation!(send_link)),
    ];
    all.extend(evidence::routes());
    all
}

/// One duty of one body.
#[derive(Serialize, ToSchema)]
struct TaskView {
    id: String,
    assignment: String,
    campaign: String,
    order: String,
    body: String,
    code: String,
    path: String,
    quote: String,
    #[schema(value_type = String, format = DateTime)]
    due: Timestamp,
    /// `not-yet-due`, `met`, `partly`, `not-met`, `unknown`, `not-applicable`, `excused`.
    state: &'static str,
    handled: u32,
    all: u32,
    /// Pieces of evidence on which nobody has decided.
    waiting: u32,
    /// Ids of the facts behind the state.
    because: Vec<String>,
}

impl From<&Task> for TaskView {
    fn from(t: &Task) -> Self {
        Self {
            id: t.id.to_string(),
            assignment: t.assignment.to_string(),
            campaign: t.campaign.to_string(),
            order: t.order.clone(),
            body: t.body.to_string(),
            code: t.code.clone(),
            path: t.path.clone(),
            quote: t.quote.clone(),
            due: t.due,
            state: t.state.name(),
            handled: t.count.handled,
            all: t.count.all,
            waiting: t.waiting,
            because: t.because.iter().filter_map(|b| b.fact).map(|f| f.to_string()).collect(),
        }
    }
}

/// A piece of evidence.
#[derive(Serialize, ToSchema)]
struct SubmissionView {
    id: String,
    task: String,
    /// `file`, `note`, `link`.
    kind: &'static str,
    text: String,
    url: Option<String>,
    /// Open it at `/api/v1/files/{sha256}`.
    sha256: Option<String>,
    file_name: Option<String>,
    handled: Option<u32>,
    all: Option<u32>,
    /// `submitted`, `accepted`, `returned`, `withdrawn`.
    state: &'static str,
    #[schema(value_type = String, format = DateTime)]
    submitted_at: Timestamp,
    submitted_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Timestamp>,
    decided_by: Option<String>,
    reason: Option<String>,
}

impl From<Submission> for SubmissionView {
    fn from(s: Submission) -> Self {
        Self {
            id: s.id.to_string(),
            task: s.task.to_string(),
            kind: s.kind.name(),
            text: s.text,
            url: s.url,
            sha256: s.sha256,
            file_name: s.file_name,
            handled: s.count.map(|c| c.handled),
            all: s.count.map(|c| c.all),
            state: s.state.name(),
            submitted_at: s.submitted_at,
            submitted_by: s.submitted_by,
            decided_at: s.decided_at,
            decided_by: s.decided_by,
            reason: s.reason,
        }
    }
}

#[derive(Deserialize, IntoParams, Default)]
#[serde(default)]
struct TasksAsked {
    /// Whose; by default the body one works for.
    body: String,
    /// Those met, excused or not applicable instead of those owed.
    done: bool,
}

/// What a body has to do, worst first
#[utoipa::path(get, path = "/api/v1/tasks", tag = "tasks", params(TasksAsked), responses((status = 200, body = Vec<TaskView>)))]
async fn list_tasks(v: Visit, Query(asked): Query<TasksAsked>) -> Result<Answer<Vec<TaskView>>, AppError> {
    let body = body(&v, &asked.body).ok_or(AppError::NotFound)?;
    let filter = if asked.done { TaskFilter::Done } else { TaskFilter::Open };
    let found = assignments::todo(&mut v.app.db.read().await?, v.scope(), body, filter).await?;
    Ok(Answer(found.iter().map(TaskView::from).collect()))
}

#[derive(Deserialize, IntoParams, Default)]
#[serde(default)]
struct AssignmentsAsked {
    /// Of one campaign.
    campaign: String,
    /// Of one body.
    body: String,
    /// Only those nobody acknowledged.
    unacknowledged: bool,
    /// Also those cancelled or over.
    all: bool,
    /// From the page before.
    cursor: String,
}

/// An assignment as lists show it.
#[derive(Serialize, ToSchema)]
struct BriefView {
    id: String,
    campaign: String,
    order: String,
    body: String,
    body_name: String,
    issuer: String,
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    read_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    acknowledged_at: Option<Timestamp>,
    met: u32,
    tasks: u32,
    reminders: u32,
}

/// A page of assignments.
#[derive(Serialize, ToSchema)]
struct BriefPage {
    items: Vec<BriefView>,
    /// Of the next page; absent on the last.
    cursor: Option<String>,
}

/// Assignments, newest first
#[utoipa::path(get, path = "/api/v1/assignments", tag = "tasks", params(AssignmentsAsked), responses((status = 200, body = BriefPage)))]
async fn list_assignments(
    v: Visit,
    Query(asked): Query<AssignmentsAsked>,
) -> Result<Answer<BriefPage>, AppError> {
    let filter = Filter {
        campaign: filter_id(&asked.campaign)?,
        body: filter_id(&asked.body)?,
        unacknowledged: asked.unacknowledged,
        all: asked.all,
    };
    let mut sql = v.app.db.read().await?;
    let found = assignments::list(&mut sql, v.scope(), &filter, after(&asked.cursor), PAGE).await?;
    let next = found.last().filter(|_| found.len() == PAGE).map(|b| cursor(b.received_at, b.id));
    let items = found
        .into_iter()
        .map(|b| BriefView {
            id: b.id.to_string(),
            campaign: b.campaign.to_string(),
            order: b.order,
            body: b.body.to_string(),
            body_name: b.body_name,
            issuer: b.issuer_name,
            received_at: b.received_at,
            read_at: b.read_at,
            acknowledged_at: b.acknowledged_at,
            met: b.tasks.handled,
            tasks: b.tasks.all,
            reminders: b.chased,
        })
        .collect();
    Ok(Answer(BriefPage { items, cursor: next }))
}

/// A filter that names nothing that can be is a fault of the program, not an empty list.
fn filter_id<K>(text: &str) -> Result<Option<Id<K>>, AppError> {
    match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| AppError::Unreadable("not an id".into())),
    }
}

/// An assignment with its duties.
#[derive(Serialize, ToSchema)]
struct AssignmentView {
    id: String,
    campaign: String,
    order: String,
    body: String,
    body_name: String,
    issuer: String,
    issuer_name: String,
    parent: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    read_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    acknowledged_at: Option<Timestamp>,
    acknowledged_by: Option<String>,
    /// `page`, `link`, `delegate`, `letter`.
    acknowledged_how: Option<&'static str>,
    /// By letter: what the check of its digital signatures found, as `signatures` of `GET /api/v1/letters/{id}/beside`;
    /// else null.
    #[schema(value_type = Object)]
    acknowledged_signatures: serde_json::Value,
    /// `affected`, `not-affected`, `unknown`.
    triage: Option<&'static str>,
    triage_note: Option<String>,
    reminders: u32,
    cancelled: bool,
    tasks: Vec<TaskView>,
}

/// One assignment
#[utoipa::path(get, path = "/api/v1/assignments/{assignment}", tag = "tasks", params(("assignment" = String, Path)), responses((status = 200, body = AssignmentView)))]
async fn get_assignment(v: Visit, Path(a): Path<String>) -> Result<Answer<AssignmentView>, AppError> {
    let a = id(&a)?;
    let mut sql = v.app.db.read().await?;
    let found = assignments::get(&mut sql, v.scope(), a).await?;
    let tasks = assignments::tasks(&mut sql, v.scope(), a).await?;
    let ack = found.acknowledged;
    Ok(Answer(AssignmentView {
        id: found.id.to_string(),
        campaign: found.campaign.to_string(),
        order: found.order,
        body: found.body.to_string(),
        body_name: found.body_name,
        issuer: found.issuer.to_string(),
        issuer_name: found.issuer_name,
        parent: found.parent.map(|(id, _)| id.to_string()),
        received_at: found.received_at,
        read_at: found.read_at,
        acknowledged_at: ack.as_ref().map(|k| k.at),
        acknowledged_how: ack.as_ref().map(|k| k.how.name()),
        acknowledged_signatures: ack.as_ref().map(|k| k.signatures.clone()).unwrap_or_default(),
        acknowledged_by: ack.map(|k| k.by),
        triage: found.triage.as_ref().map(|(found, ..)| found.name()),
        triage_note: found.triage.map(|(_, note, _)| note),
        reminders: found.chased,
        cancelled: found.cancelled_at.is_some(),
        tasks: tasks.iter().map(TaskView::from).collect(),
    }))
}

/// Whether anything changed.
#[derive(Serialize, ToSchema)]
struct Changed {
    /// False when it was so already.
    changed: bool,
}

/// Says that somebody of the body has read it
#[utoipa::path(post, path = "/api/v1/assignments/{assignment}/read", tag = "tasks", params(("assignment" = String, Path)), responses((status = 200, body = Changed)))]
async fn read_assignment(v: Visit, Path(a): Path<String>, _: ApiGuard) -> Result<Answer<Changed>, AppError> {
    let (a, tools) = (id(&a)?, tools(&v));
    let changed = write!(v, tx => assignments::opened(tx, v.scope(), &tools, a).await)?;
    Ok(Answer(Changed { changed }))
}

/// Acknowledges as the head of the body
#[utoipa::path(post, path = "/api/v1/assignments/{assignment}/acknowledge", tag = "tasks", params(("assignment" = String, Path)), responses((status = 200, body = Changed)))]
async fn acknowledge(v: Visit, Path(a): Path<String>, _: ApiGuard) -> Result<Answer<Changed>, AppError> {
    let (a, tools) = (id(&a)?, tools(&v));
    let changed = write!(v, tx => assignments::acknowledge(tx, v.scope(), &tools, a).await)?;
    Ok(Answer(Changed { changed }))
}

/// Acknowledges by the unit's own signed letter: `file`, or `text`
#[utoipa::path(post, path = "/api/v1/assignments/{assignment}/acknowledge-by-letter", tag = "tasks", params(("assignment" = String, Path)), request_body(content = String, content_type = "multipart/form-data"), responses((status = 200, body = Changed)))]
async fn acknowledge_by_letter(
    v: Visit,
    Path(a): Path<String>,
    mut upload: Upload,
) -> Result<Answer<Changed>, AppError> {
    let own = match upload.files.pop() {
        Some(file) => act::Own::File(file.name, file.bytes),
        None => act::Own::Text(upload.field("text").to_owned()),
    };
    Ok(Answer(Changed { changed: act::by_letter(&v, id(&a)?, own).await? }))
}

#[derive(Deserialize, ToSchema)]
struct Triage {
    /// `affected`, `not-affected`, `unknown`.
    affected: String,
    /// Why; needed for `not-affected`.
    #[serde(default)]
    note: String,
}

/// Says whether a warning concerns the body
#[utoipa::path(put, path = "/api/v1/assignments/{assignment}/triage", tag = "tasks", params(("assignment" = String, Path)), request_body = Triage, responses((status = 200, body = Changed)))]
async fn triage(
    v: Visit,
    Path(a): Path<String>,
    Json(said): Json<Triage>,
) -> Result<Answer<Changed>, AppError> {
    let (a, tools) = (id(&a)?, tools(&v));
    let affected = Affected::parse(&said.affected).ok_or(AppError::Refused("error-triage-which".into()))?;
    let changed = write!(v, tx => assignments::triage(tx, v.scope(), &tools, a, affected, &said.note).await)?;
    Ok(Answer(Changed { changed }))
}

/// A question with its answer.
#[derive(Serialize, ToSchema)]
struct QuestionView {
    id: String,
    task: Option<String>,
    /// `question`, `difficulty`.
    kind: &'static str,
    text: String,
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
    asked_by: Option<String>,
    answer: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<Timestamp>,
    answered_by: Option<String>,
}

/// The questions on an assignment, oldest first
#[utoipa::path(get, path = "/api/v1/assignments/{assignment}/questions", tag = "tasks", params(("assignment" = String, Path)), responses((status = 200, body = Vec<QuestionView>)))]
async fn list_questions(v: Visit, Path(a): Path<String>) -> Result<Answer<Vec<QuestionView>>, AppError> {
    let found = assignments::questions(&mut v.app.db.read().await?, v.scope(), id(&a)?).await?;
    let view = |q: assignments::Question| QuestionView {
        id: q.id.to_string(),
        task: q.task.map(|t| t.to_string()),
        kind: q.kind.name(),
        text: q.text,
        asked_at: q.asked_at,
        asked_by: q.asked_by,
        answer: q.answer,
        answered_at: q.answered_at,
        answered_by: q.answered_by,
    };
    Ok(Answer(found.into_iter().map(view).collect()))
}

#[derive(Deserialize, ToSchema)]
struct Ask {
    /// `question` or `difficulty`.
    kind: String,
    /// Which duty; absent: the whole order.
    task: Option<String>,
    text: String,
}

/// Asks the issuer
#[utoipa::path(post, path = "/api/v1/assignments/{assignment}/questions", tag = "tasks", params(("assignment" = String, Path)), request_body = Ask, responses((status = 201, body = Made)))]
async fn ask(v: Visit, Path(a): Path<String>, Json(said): Json<Ask>) -> Result<Response, AppError> {
    let kind = QuestionKind::parse(&said.kind).ok_or(AppError::Unreadable("kind".into()))?;
    let task = said.task.as_deref().map(id).transpose()?;
    let new = NewQuestion { id: v.id(), assignment: id(&a)?, task, kind, text: said.text };
    let tools = tools(&v);
    write!(v, tx => assignments::ask(tx, v.scope(), &tools, &new).await)?;
    Ok(made(new.id))
}

#[derive(Deserialize, ToSchema)]
struct Words {
    text: String,
}

/// Answers a question
#[utoipa::path(put, path = "/api/v1/questions/{question}/answer", tag = "tasks", params(("question" = String, Path)), request_body = Words, responses((status = 204)))]
async fn answer_question(
    v: Visit,
    Path(q): Path<String>,
    Json(said): Json<Words>,
) -> Result<StatusCode, AppError> {
    let (q, tools) = (id(&q)?, tools(&v));
    write!(v, tx => assignments::answer(tx, v.scope(), &tools, q, &said.text).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
struct Chase {
    /// Up to 500.
    assignments: Vec<String>,
}

/// How many.
#[derive(Serialize, ToSchema)]
struct Many {
    count: usize,
}

/// Reminds bodies now, each at most once an hour
#[utoipa::path(post, path = "/api/v1/assignments/chase", tag = "tasks", request_body = Chase, responses((status = 200, body = Many)))]
async fn chase(v: Visit, Json(said): Json<Chase>) -> Result<Answer<Many>, AppError> {
    let ids = said.assignments.iter().map(|a| id(a)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer(Many { count: chase_all(&v, &ids).await? }))
}

#[derive(Deserialize, ToSchema)]
struct Head {
    person: String,
}

/// Sends a head a one-time link to acknowledge
#[utoipa::path(post, path = "/api/v1/assignments/{assignment}/link", tag = "tasks", params(("assignment" = String, Path)), request_body = Head, responses((status = 204)))]
async fn send_link(v: Visit, Path(a): Path<String>, Json(head): Json<Head>) -> Result<StatusCode, AppError> {
    act::send_link(&v, id(&a)?, id(&head.person)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
