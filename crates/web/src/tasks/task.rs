//! One duty of one body: what is asked, the evidence and what was decided, the facts; forms to hand in, decide, excuse.

use askama::Template;
use axum::{
    extract::{Multipart, Path, multipart::MultipartRejection},
    http::{HeaderMap, Method},
    response::Response,
};
use domain::{
    fact::{Source, kinds},
    id::{Id, kind},
    order::{ExcuseKind, SubmissionState},
    right::Right,
    time,
};
use serde::Deserialize;
use store::{
    assignments::{self, Decision, NewExcuse, Rights, Submission},
    facts,
};

use super::{
    Typed, act, back, id,
    show::{Line, When, line, when},
    tools, upload, write,
};
use crate::{Access, AppError, Flash, Form, LIMIT_EVIDENCE, Page, Route, Visit};

/// The newest facts of a task that its page shows.
const FACTS_MAX: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    let at = |rest: &str| format!("/assignments/{{assignment}}/tasks/{{task}}{rest}");
    let (answer, review) = (Access::Right(Right::Answer), Access::Right(Right::Review));
    vec![
        Route::get(&at(""), Access::Right(Right::See), show),
        Route::page(Method::POST, &at("/evidence"), answer, LIMIT_EVIDENCE, hand_in),
        Route::post("/submissions/{submission}/withdraw", answer, withdraw),
        Route::post(&at("/excuse"), review, excuse),
        Route::post(&at("/excuse/end"), review, take_back),
        Route::post(&at("/decide"), review, decide),
    ]
}

struct Piece {
    id: String,
    text: String,
    url: String,
    sha256: String,
    file: String,
    count: String,
    state: &'static str,
    state_text: String,
    waiting: bool,
    by: String,
    at: When,
    decided: Option<When>,
    decided_by: String,
    reason: String,
}

struct Known {
    what: String,
    at: When,
    source: String,
    /// Where the source opens; empty where it has no page.
    href: String,
}

struct Excused {
    kind: String,
    reason: String,
    by: String,
    from: When,
    until: String,
    holds: bool,
}

#[derive(Template)]
#[template(path = "tasks/task.html")]
struct TaskPage {
    p: Page,
    t: Line,
    body: String,
    back: String,
    rights: Rights,
    pieces: Vec<Piece>,
    facts: Vec<Known>,
    excuses: Vec<Excused>,
    excused: bool,
    /// Other open duties of the same order, which one upload may serve as well.
    others: Vec<(String, String)>,
    typed: Typed,
    over: bool,
}

async fn show(v: Visit, Path((_, task)): Path<(String, String)>) -> Result<Response, AppError> {
    page(&v, id(&task)?, Typed::default()).await
}

async fn page(v: &Visit, task: Id<kind::Task>, typed: Typed) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let found = assignments::task(&mut sql, v.scope(), task).await?;
    let of = assignments::get(&mut sql, v.scope(), found.assignment).await?;
    let pieces = assignments::of_task(&mut sql, v.scope(), task).await?;
    let excuses = assignments::excuses(&mut sql, v.scope(), task).await?;
    let others = assignments::tasks(&mut sql, v.scope(), found.assignment).await?;
    let subjects = [format!("task:{task}"), format!("assignment:{}", found.assignment)];
    let mut known = facts::about(&mut sql, v.scope(), &subjects, &[], FACTS_MAX).await?;
    drop(sql);
    known.reverse();
    let p = v.page(of.order.clone());
    let t = line(v, &p, &found);
    let others = others
        .iter()
        .filter(|o| o.id != task)
        .map(|o| line(v, &p, o))
        .filter(|o| !o.settled)
        .map(|o| (o.id, o.name))
        .collect();
    let excuses: Vec<Excused> = excuses.into_iter().map(|e| excused(v, &p, e)).collect();
    v.html(&TaskPage {
        t,
        body: of.body_name,
        back: format!("/assignments/{}", of.id),
        over: !of.rights.answer && !of.rights.review,
        rights: of.rights,
        pieces: pieces.into_iter().map(|s| piece(&p, s)).collect(),
        facts: known.iter().map(|f| fact(&p, f, of.rights.read)).collect(),
        excused: excuses.iter().any(|e| e.holds),
        excuses,
        others,
        typed,
        p,
    })
}

fn piece(p: &Page, s: Submission) -> Piece {
    let (state, text) = match s.state {
        SubmissionState::Submitted => ("u", "tasks-waiting"),
        SubmissionState::Accepted => ("m", "tasks-accepted"),
        SubmissionState::Returned => ("n", "tasks-returned"),
        SubmissionState::Withdrawn => ("a", "tasks-withdrawn"),
    };
    Piece {
        id: s.id.to_string(),
        text: s.text,
        url: s.url.unwrap_or_default(),
        sha256: s.sha256.unwrap_or_default(),
        file: s.file_name.unwrap_or_default(),
        count: s.count.map(|c| format!("{}/{}", c.handled, c.all)).unwrap_or_default(),
        state,
        state_text: p.t(text),
        waiting: s.state == SubmissionState::Submitted,
        by: s.submitted_by.unwrap_or_default(),
        at: when(p, s.submitted_at),
        decided: s.decided_at.map(|at| when(p, at)),
        decided_by: s.decided_by.unwrap_or_default(),
        reason: s.reason.unwrap_or_default(),
    }
}

fn excused(v: &Visit, p: &Page, e: assignments::Excuse) -> Excused {
    Excused {
        kind: p.t(match e.kind {
            ExcuseKind::Excused => "tasks-state-excused",
            ExcuseKind::NotApplicable => "tasks-state-not-applicable",
        }),
        holds: e.holds(v.now),
        reason: e.reason,
        by: e.approved_by.unwrap_or_default(),
        from: when(p, e.from),
        until: e.until.map(|at| p.time(&at)).unwrap_or_default(),
    }
}

/// A fact with its time and source, in words.
fn fact(p: &Page, f: &domain::fact::Fact, may_read: bool) -> Known {
    let what = match f.kind.as_str() {
        kinds::RECEIVED => "tasks-fact-received",
        kinds::READ => "tasks-fact-read",
        kinds::ACKNOWLEDGED => "tasks-fact-acknowledged",
        kinds::PASSED_ON => "tasks-fact-passed-on",
        kinds::TRIAGED => "tasks-fact-triaged",
        kinds::SUBMITTED => "tasks-fact-submitted",
        kinds::ACCEPTED => "tasks-fact-accepted",
        kinds::RETURNED => "tasks-fact-returned",
        kinds::WITHDRAWN => "tasks-fact-withdrawn",
        kinds::EXCUSED => "tasks-fact-excused",
        kinds::UNEXCUSED => "tasks-fact-unexcused",
        k if k.starts_with("request.") => "tasks-fact-request",
        k if k.starts_with("line.") => "tasks-fact-line",
        _ => "tasks-fact-other",
    };
    let (source, href) = match &f.source {
        Source::Audit(seq) => (p.t1("tasks-source-audit", "seq", seq.to_string()), String::new()),
        Source::Blob(sha256) if may_read => (p.t("tasks-source-file"), format!("/files/{sha256}")),
        Source::Blob(_) => (p.t("tasks-source-file"), String::new()),
        Source::Report(of) if of.starts_with("report:") => {
            (p.t("evidence-source-report-up"), format!("/reports/up/{}", of.trim_start_matches("report:")))
        }
        _ => (p.t("tasks-source-other"), String::new()),
    };
    Known { what: p.t(what), at: when(p, f.from), source, href }
}

async fn hand_in(
    v: Visit,
    Path((_, task)): Path<(String, String)>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, AppError> {
    let task = id(&task)?;
    let given = match upload::receive(&v, &headers, form).await {
        Ok(given) => given,
        Err(error) => return page(&v, task, Typed::of(&v, "evidence", "", error)?).await,
    };
    let mut tasks = vec![task];
    for (name, _) in given.fields.iter().filter(|(n, _)| n.starts_with("task-")) {
        tasks.push(id(name.trim_start_matches("task-"))?);
    }
    let note = given.field("note").to_owned();
    match act::hand_in(&v, given, &tasks).await {
        Ok(_) => {
            let of = assignments::task(&mut v.app.db.read().await?, v.scope(), task).await?.assignment;
            Ok(v.redirect(&format!("/assignments/{of}/tasks/{task}"), Flash::ok("tasks-handed-in")))
        }
        Err(error) => page(&v, task, Typed::of(&v, "evidence", &note, error)?).await,
    }
}

#[derive(Deserialize)]
struct Nothing {}

async fn withdraw(
    v: Visit,
    Path(s): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, AppError> {
    let s = id(&s)?;
    let tools = tools(&v);
    match write!(v, tx => assignments::withdraw(tx, v.scope(), &tools, s).await) {
        Ok(task) => {
            let of = assignments::task(&mut v.app.db.read().await?, v.scope(), task).await?.assignment;
            Ok(v.redirect(&format!("/assignments/{of}/tasks/{task}"), Flash::ok("tasks-withdrawn")))
        }
        Err(error) => back(&v, "/tasks", Err(error.into())),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Excusing {
    kind: String,
    reason: String,
    until: String,
}

async fn excuse(
    v: Visit,
    Path((of, task)): Path<(String, String)>,
    Form(said): Form<Excusing>,
) -> Result<Response, AppError> {
    let (of, task): (Id<kind::Assignment>, Id<kind::Task>) = (id(&of)?, id(&task)?);
    match excuse_now(&v, task, &said.kind, &said.reason, &said.until).await {
        Ok(()) => Ok(v.redirect(&format!("/assignments/{of}/tasks/{task}"), Flash::ok("tasks-excused"))),
        Err(error) => page(&v, task, Typed::of(&v, "excuse", &said.reason, error)?).await,
    }
}

/// Excuses until the end of a day (`2027-02-12`) in Vietnam; an empty day means no end.
pub(super) async fn excuse_now(
    v: &Visit,
    task: Id<kind::Task>,
    kind: &str,
    reason: &str,
    until: &str,
) -> Result<(), AppError> {
    let kind = ExcuseKind::parse(kind).ok_or(AppError::Refused("error-excuse-which".into()))?;
    let until = match until.trim() {
        "" => None,
        day => {
            let day: jiff::civil::Date =
                day.parse().map_err(|_| AppError::Refused("error-excuse-day".into()))?;
            Some(time::end_of(day))
        }
    };
    let new = NewExcuse { id: v.id(), task, kind, reason: reason.to_owned(), until };
    let tools = tools(v);
    Ok(write!(v, tx => assignments::excuse(tx, v.scope(), &tools, &new).await)?)
}

async fn take_back(
    v: Visit,
    Path((of, task)): Path<(String, String)>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, AppError> {
    let (of, task): (Id<kind::Assignment>, Id<kind::Task>) = (id(&of)?, id(&task)?);
    let tools = tools(&v);
    let done = write!(v, tx => assignments::take_back(tx, v.scope(), &tools, task).await);
    let to = format!("/assignments/{of}/tasks/{task}");
    back(&v, &to, done.map(|()| Flash::ok("tasks-unexcused")).map_err(AppError::from))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Deciding {
    submission: String,
    decision: String,
    reason: String,
}

async fn decide(
    v: Visit,
    Path((of, task)): Path<(String, String)>,
    Form(said): Form<Deciding>,
) -> Result<Response, AppError> {
    let (of, task): (Id<kind::Assignment>, Id<kind::Task>) = (id(&of)?, id(&task)?);
    let ids = [id(&said.submission)?];
    match decide_now(&v, &ids, &said.decision, &said.reason).await {
        Ok(_) => Ok(v.redirect(&format!("/assignments/{of}/tasks/{task}"), Flash::ok("tasks-decided"))),
        Err(error) => page(&v, task, Typed::of(&v, "decide", &said.reason, error)?).await,
    }
}

/// `accept`, or `return` with a reason.
pub(super) async fn decide_now(
    v: &Visit,
    ids: &[Id<kind::Submission>],
    decision: &str,
    reason: &str,
) -> Result<u32, AppError> {
    let decision = match decision {
        "accept" => Decision::Accept,
        "return" => Decision::Return(reason.to_owned()),
        _ => return Err(AppError::Refused("error-review-which".into())),
    };
    let tools = tools(v);
    Ok(write!(v, tx => assignments::decide(tx, v.scope(), &tools, ids, &decision).await)?)
}
