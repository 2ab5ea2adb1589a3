//! One assignment: the order's words, acknowledgement, duties, questions; for the issuer chasing and one-time links.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    id::{Id, kind},
    order::{AckHow, Affected, CampaignState, QuestionKind},
    right::Right,
};
use serde::Deserialize;
use store::assignments::{self, Assignment, NewQuestion};

use super::{
    Typed, act, back, id,
    list::chase_all,
    show::{Line, When, line, when},
    tools, write,
};
use crate::{
    Access, AppError, Flash, Form, LIMIT_FORM, LIMIT_LETTER, Page, Route, Upload, Visit,
    intake::{self, Signings},
};

pub(super) fn routes() -> Vec<Route> {
    let answer = Access::Right(Right::Answer);
    let at = |rest: &str| format!("/assignments/{{assignment}}{rest}");
    vec![
        Route::get(&at(""), Access::Right(Right::See), show),
        Route::post(&at("/acknowledge"), Access::Right(Right::Acknowledge), acknowledge),
        Route::page(axum::http::Method::POST, &at("/letter"), answer, LIMIT_LETTER, letter),
        Route::post(&at("/triage"), answer, triage),
        Route::post(&at("/questions"), answer, ask),
        Route::post("/questions/{question}/answer", Access::Right(Right::Review), answer_question),
        Route::page(axum::http::Method::POST, &at("/chase"), Access::Right(Right::Review), LIMIT_FORM, chase),
        Route::post(&at("/link"), answer, link),
    ]
}

struct Asked {
    id: String,
    difficulty: bool,
    duty: String,
    text: String,
    by: String,
    at: When,
    answer: String,
    answered_by: String,
    answered_at: Option<When>,
}

#[derive(Template)]
#[template(path = "tasks/assignment.html")]
struct AssignmentPage {
    p: Page,
    a: Assignment,
    here: String,
    received: When,
    read: Option<When>,
    acknowledged: Option<(When, String, String)>,
    /// By the unit's own letter: its digital signatures.
    signed: Option<Signings>,
    triage: Option<(String, String, When)>,
    /// Whether one of its duties is to follow warnings.
    warns: bool,
    window: String,
    contacts: Vec<String>,
    lines: Vec<Line>,
    met: usize,
    questions: Vec<Asked>,
    heads: Vec<(String, String)>,
    chased: Option<When>,
    over: bool,
    may_pass_on: bool,
    own: String,
    typed: Typed,
}

async fn show(v: Visit, Path(assignment): Path<String>) -> Result<Response, AppError> {
    let assignment = id(&assignment)?;
    // Opening is an act of its own: the issuer sees when the body first read it.
    let unread = {
        let mut sql = v.app.db.read().await?;
        assignments::get(&mut sql, v.scope(), assignment).await?.read_at.is_none()
    };
    if unread {
        let tools = tools(&v);
        write!(v, tx => assignments::opened(tx, v.scope(), &tools, assignment).await)?;
    }
    page(&v, assignment, Typed::default()).await
}

async fn page(v: &Visit, id: Id<kind::Assignment>, typed: Typed) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let a = assignments::get(&mut sql, v.scope(), id).await?;
    let tasks = assignments::tasks(&mut sql, v.scope(), id).await?;
    let questions = assignments::questions(&mut sql, v.scope(), id).await?;
    let ask_head = a.acknowledged.is_none() && (a.rights.review || a.rights.answer);
    let heads = if ask_head { assignments::heads(&mut sql, v.scope(), id, v.now).await? } else { Vec::new() };
    let over = a.cancelled_at.is_some() || a.campaign_state != CampaignState::Issued;
    let may_pass_on = !over && v.user.may(Right::Prepare) && {
        let passable = store::campaigns::passable(&mut sql, v.scope(), id).await;
        passable.is_ok_and(|what| !what.below.is_empty())
    };
    drop(sql);
    let mut p = v.page(a.order.clone());
    if let Some(window) = a.window.filter(|w| w.to > v.now) {
        p = p.with_window(&a.order, window.to);
    }
    let lines: Vec<Line> = tasks.iter().map(|t| line(v, &p, t)).collect();
    let acknowledged = a.acknowledged.as_ref().map(|k| (when(&p, k.at), k.by.clone(), p.t(how(k.how))));
    let signed = a.acknowledged.as_ref().and_then(|k| intake::signings(v, &p, &k.signatures));
    let triage =
        a.triage.as_ref().map(|(found, note, at)| (p.t(found_text(*found)), note.clone(), when(&p, *at)));
    let own = p.t1("tasks-recorded-as", "who", v.user.name.as_str());
    let shown = AssignmentPage {
        here: format!("/assignments/{id}"),
        received: when(&p, a.received_at),
        read: a.read_at.map(|at| when(&p, at)),
        warns: tasks.iter().any(|t| t.code == "WARN"),
        window: a.window.map(|w| format!("{} – {}", p.time(&w.from), p.time(&w.to))).unwrap_or_default(),
        contacts: a.contacts.iter().map(domain::order::Contact::line).collect(),
        met: lines.iter().filter(|l| l.settled).count(),
        questions: questions.into_iter().map(|q| asked(v, &p, q)).collect(),
        heads: heads.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
        chased: a.chased_at.map(|at| when(&p, at)),
        over,
        may_pass_on,
        acknowledged,
        signed,
        triage,
        lines,
        own,
        typed,
        a,
        p,
    };
    v.html(&shown)
}

fn asked(v: &Visit, p: &Page, q: assignments::Question) -> Asked {
    Asked {
        id: q.id.to_string(),
        difficulty: q.kind == QuestionKind::Difficulty,
        duty: q.code.map(|c| duty(v, &c)).unwrap_or_default(),
        text: q.text,
        by: q.asked_by.unwrap_or_default(),
        at: when(p, q.asked_at),
        answer: q.answer.unwrap_or_default(),
        answered_by: q.answered_by.unwrap_or_default(),
        answered_at: q.answered_at.map(|at| when(p, at)),
    }
}

fn duty(v: &Visit, code: &str) -> String {
    v.pack().duty(code).map_or_else(
        || code.to_owned(),
        |d| match v.lang {
            crate::Lang::Vi => d.short_vi.clone(),
            crate::Lang::En => d.short_en.clone(),
        },
    )
}

fn how(how: AckHow) -> &'static str {
    match how {
        AckHow::Page => "tasks-ack-page",
        AckHow::Link => "tasks-ack-link",
        AckHow::Delegate => "tasks-ack-delegate",
        AckHow::Letter => "tasks-ack-letter",
    }
}

fn found_text(found: Affected) -> &'static str {
    match found {
        Affected::Affected => "tasks-affected",
        Affected::NotAffected => "tasks-not-affected",
        Affected::Unknown => "tasks-affected-unknown",
    }
}

#[derive(Deserialize)]
struct Nothing {}

async fn acknowledge(
    v: Visit,
    Path(a): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, AppError> {
    let a = id(&a)?;
    let tools = tools(&v);
    let done = write!(v, tx => assignments::acknowledge(tx, v.scope(), &tools, a).await);
    back(
        &v,
        &format!("/assignments/{a}"),
        done.map(|_| Flash::ok("tasks-acknowledged")).map_err(AppError::from),
    )
}

async fn letter(v: Visit, Path(a): Path<String>, mut upload: Upload) -> Result<Response, AppError> {
    let a = id(&a)?;
    let text = upload.field("text").to_owned();
    let own = match upload.files.pop() {
        Some(file) => act::Own::File(file.name, file.bytes),
        None => act::Own::Text(text.clone()),
    };
    match act::by_letter(&v, a, own).await {
        Ok(_) => Ok(v.redirect(&format!("/assignments/{a}"), Flash::ok("tasks-acknowledged"))),
        Err(error) => page(&v, a, Typed::of(&v, "letter", &text, error)?).await,
    }
}

#[derive(Deserialize)]
struct Triage {
    affected: String,
    #[serde(default)]
    note: String,
}

async fn triage(v: Visit, Path(a): Path<String>, Form(said): Form<Triage>) -> Result<Response, AppError> {
    let a = id(&a)?;
    let tools = tools(&v);
    let Some(affected) = Affected::parse(&said.affected) else {
        let error = AppError::Refused("error-triage-which".into());
        return page(&v, a, Typed::of(&v, "triage", &said.note, error)?).await;
    };
    match write!(v, tx => assignments::triage(tx, v.scope(), &tools, a, affected, &said.note).await) {
        Ok(_) => Ok(v.redirect(&format!("/assignments/{a}"), Flash::ok("tasks-triaged"))),
        Err(error) => page(&v, a, Typed::of(&v, "triage", &said.note, error.into())?).await,
    }
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Ask {
    kind: String,
    task: String,
    text: String,
}

async fn ask(v: Visit, Path(a): Path<String>, Form(said): Form<Ask>) -> Result<Response, AppError> {
    let a = id(&a)?;
    let new = NewQuestion {
        id: v.id(),
        assignment: a,
        task: if said.task.is_empty() { None } else { Some(id(&said.task)?) },
        kind: QuestionKind::parse(&said.kind).unwrap_or(QuestionKind::Question),
        text: said.text.clone(),
    };
    let tools = tools(&v);
    match write!(v, tx => assignments::ask(tx, v.scope(), &tools, &new).await) {
        Ok(()) => Ok(v.redirect(&format!("/assignments/{a}#questions"), Flash::ok("tasks-asked"))),
        Err(error) => page(&v, a, Typed::of(&v, "ask", &said.text, error.into())?).await,
    }
}

#[derive(Deserialize)]
struct Words {
    text: String,
}

async fn answer_question(
    v: Visit,
    Path(q): Path<String>,
    Form(said): Form<Words>,
) -> Result<Response, AppError> {
    let q = id(&q)?;
    let tools = tools(&v);
    match write!(v, tx => assignments::answer(tx, v.scope(), &tools, q, &said.text).await) {
        Ok(a) => Ok(v.redirect(&format!("/assignments/{a}#questions"), Flash::ok("tasks-answered"))),
        Err(error) => {
            let a = assignments::question(&mut v.app.db.read().await?, v.scope(), q).await?.assignment;
            page(&v, a, Typed::of(&v, "answer", &said.text, error.into())?).await
        }
    }
}

async fn chase(
    v: Visit,
    Path(a): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, AppError> {
    let a = id(&a)?;
    let done = chase_all(&v, &[a]).await;
    back(&v, &format!("/assignments/{a}"), done.map(|n| Flash::ok("tasks-chased").what(&n.to_string())))
}

#[derive(Deserialize)]
struct Head {
    person: String,
}

async fn link(v: Visit, Path(a): Path<String>, Form(head): Form<Head>) -> Result<Response, AppError> {
    let a = id(&a)?;
    let done = act::send_link(&v, a, id(&head.person)?).await;
    back(&v, &format!("/assignments/{a}"), done.map(|()| Flash::ok("tasks-link-sent")))
}
