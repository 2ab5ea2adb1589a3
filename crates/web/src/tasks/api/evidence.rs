//! Evidence for programs: one duty whole, handing in, deciding, excusing.

use super::*;
use crate::tasks::write;

pub(super) fn routes() -> Vec<Route> {
    let (see, answer) = (Access::Right(Right::See), Access::Right(Right::Answer));
    let review = Access::Right(Right::Review);
    vec![
        Route::api(see, LIMIT_FORM, operation!(get_task)),
        Route::api(answer, LIMIT_EVIDENCE, operation!(hand_in)),
        Route::api(answer, LIMIT_FORM, operation!(withdraw)),
        Route::api(review, LIMIT_FORM, operation!(list_pending)),
        Route::api(review, LIMIT_FORM, operation!(decide)),
        Route::api(review, LIMIT_FORM, operation!(excuse)),
        Route::api(review, LIMIT_FORM, operation!(end_excuse)),
    ]
}

/// A duty with its evidence.
#[derive(Serialize, ToSchema)]
struct TaskWhole {
    task: TaskView,
    submissions: Vec<SubmissionView>,
}

/// One duty of one body
#[utoipa::path(get, path = "/api/v1/tasks/{task}", tag = "tasks", params(("task" = String, Path)), responses((status = 200, body = TaskWhole)))]
async fn get_task(v: Visit, Path(t): Path<String>) -> Result<Answer<TaskWhole>, AppError> {
    let t = id(&t)?;
    let mut sql = v.app.db.read().await?;
    let task = assignments::task(&mut sql, v.scope(), t).await?;
    let submissions = assignments::of_task(&mut sql, v.scope(), t).await?;
    Ok(Answer(TaskWhole {
        task: TaskView::from(&task),
        submissions: submissions.into_iter().map(SubmissionView::from).collect(),
    }))
}

/// Hands in evidence: multipart with `tasks` (ids, comma-separated), `note`, `url`, `handled`, `all`, and one `file` of at
/// most 50 MB; with a session the field `csrf` or the header first
#[utoipa::path(post, path = "/api/v1/submissions", tag = "tasks", request_body(content = String, content_type = "multipart/form-data"), responses((status = 201, body = Many)))]
async fn hand_in(
    v: Visit,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Answer<Many>), AppError> {
    let given = upload::receive(&v, &headers, form).await?;
    let named = given.field("tasks").split(',').map(str::trim).filter(|t| !t.is_empty());
    let tasks: Vec<Id<kind::Task>> = named.map(id).collect::<Result<_, _>>()?;
    let count = act::hand_in(&v, given, &tasks).await? as usize;
    Ok((StatusCode::CREATED, Answer(Many { count })))
}

/// Takes evidence back while nobody has decided
#[utoipa::path(delete, path = "/api/v1/submissions/{submission}", tag = "tasks", params(("submission" = String, Path)), responses((status = 204)))]
async fn withdraw(v: Visit, Path(s): Path<String>, _: ApiGuard) -> Result<StatusCode, AppError> {
    let (s, tools) = (id(&s)?, tools(&v));
    write!(v, tx => assignments::withdraw(tx, v.scope(), &tools, s).await)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams, Default)]
#[serde(default)]
struct PendingAsked {
    /// Of one campaign.
    campaign: String,
    /// Of one body.
    body: String,
    /// Of one duty code.
    code: String,
    /// From the page before.
    cursor: String,
}

/// Evidence that waits for a decision.
#[derive(Serialize, ToSchema)]
struct PendingView {
    assignment: String,
    campaign: String,
    order: String,
    body: String,
    body_name: String,
    code: String,
    submission: SubmissionView,
}

/// A page of them.
#[derive(Serialize, ToSchema)]
struct PendingPage {
    items: Vec<PendingView>,
    /// Of the next page; absent on the last.
    cursor: Option<String>,
}

/// The evidence that waits for one's decision, oldest first
#[utoipa::path(get, path = "/api/v1/submissions/pending", tag = "tasks", params(PendingAsked), responses((status = 200, body = PendingPage)))]
async fn list_pending(v: Visit, Query(asked): Query<PendingAsked>) -> Result<Answer<PendingPage>, AppError> {
    let filter = PendingFilter {
        campaign: filter_id(&asked.campaign)?,
        body: filter_id(&asked.body)?,
        code: Code::new(&asked.code).ok(),
    };
    let mut sql = v.app.db.read().await?;
    let found = assignments::pending(&mut sql, v.scope(), &filter, after(&asked.cursor), PAGE).await?;
    let next = found
        .last()
        .filter(|_| found.len() == PAGE)
        .map(|r| cursor(r.submission.submitted_at, r.submission.id));
    let items = found
        .into_iter()
        .map(|r| PendingView {
            assignment: r.assignment.to_string(),
            campaign: r.campaign.to_string(),
            order: r.order,
            body: r.body.to_string(),
            body_name: r.body_name,
            code: r.code,
            submission: r.submission.into(),
        })
        .collect();
    Ok(Answer(PendingPage { items, cursor: next }))
}

#[derive(Deserialize, ToSchema)]
struct Deciding {
    /// Up to 500, all decided or none.
    submissions: Vec<String>,
    /// `accept` or `return`.
    decision: String,
    /// Needed for `return`.
    #[serde(default)]
    reason: String,
}

/// Accepts or returns evidence, in bulk
#[utoipa::path(post, path = "/api/v1/submissions/decide", tag = "tasks", request_body = Deciding, responses((status = 200, body = Many)))]
async fn decide(v: Visit, Json(said): Json<Deciding>) -> Result<Answer<Many>, AppError> {
    let ids = said.submissions.iter().map(|s| id(s)).collect::<Result<Vec<_>, _>>()?;
    let count = decide_now(&v, &ids, &said.decision, &said.reason).await? as usize;
    Ok(Answer(Many { count }))
}

#[derive(Deserialize, ToSchema)]
struct Excusing {
    /// `excused` or `not-applicable`.
    kind: String,
    reason: String,
    /// The last day, `2027-02-12`; an excuse needs one.
    #[serde(default)]
    until: String,
}

/// Excuses a duty
#[utoipa::path(put, path = "/api/v1/tasks/{task}/excuse", tag = "tasks", params(("task" = String, Path)), request_body = Excusing, responses((status = 204)))]
async fn excuse(v: Visit, Path(t): Path<String>, Json(said): Json<Excusing>) -> Result<StatusCode, AppError> {
    excuse_now(&v, id(&t)?, &said.kind, &said.reason, &said.until).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes an excuse back
#[utoipa::path(delete, path = "/api/v1/tasks/{task}/excuse", tag = "tasks", params(("task" = String, Path)), responses((status = 204)))]
async fn end_excuse(v: Visit, Path(t): Path<String>, _: ApiGuard) -> Result<StatusCode, AppError> {
    let (t, tools) = (id(&t)?, tools(&v));
    write!(v, tx => assignments::take_back(tx, v.scope(), &tools, t).await)?;
    Ok(StatusCode::NO_CONTENT)
}
