//! *Việc của tôi*: what the own body owes, worst and soonest first. Made for a phone.

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::{
    evidence::{Evaluator, State},
    right::Right,
};
use serde::Deserialize;
use store::{
    assignments::{self, Brief, Task, TaskFilter},
    reports, requests,
};

use super::{
    body,
    show::{Line, line},
};
use crate::{Access, AppError, Page, Route, Visit, lines, requests::standing};

/// So many requests stand in the to-do, the soonest due; the register has the rest.
const REQUESTS_MAX: usize = 50;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/tasks", Access::Right(Right::See), todo)]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    body: String,
    done: String,
}

#[derive(Template)]
#[template(path = "tasks/todo.html")]
struct TodoPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    waiting: Vec<Waiting>,
    requests: Vec<Owed>,
    papers: Vec<Paper>,
    lines: Vec<Line>,
    /// Lines whose state somebody should report now, while an order asks for them.
    due_lines: usize,
    done: bool,
    /// How many are late or not met.
    late: usize,
    review: usize,
}

/// A request the body owes an answer to.
struct Owed {
    href: String,
    title: String,
    asker: String,
    due: String,
    due_iso: String,
    late: bool,
    class: &'static str,
    word: String,
}

/// A report that waits for one's signature, or came back unsigned.
struct Paper {
    href: String,
    what: String,
    who: String,
    at: String,
    iso: String,
    class: &'static str,
    word: String,
}

/// An order nobody has acknowledged.
struct Waiting {
    href: String,
    order: String,
    issuer: String,
    due: String,
    due_iso: String,
    late: bool,
}

async fn todo(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let done = asked.done == "1";
    let p = v.page(v.t("frame-tasks"));
    let mut sql = v.app.db.read().await?;
    let (mut waiting, mut tasks, mut finished) = (Vec::new(), Vec::new(), Vec::new());
    let (mut due_lines, mut owed) = (0, Vec::new());
    if let Some(body) = body(&v, &asked.body) {
        let filter = requests::Filter {
            body: Some(body),
            side: requests::Side::Asked,
            state: requests::State::Open,
            ..requests::Filter::default()
        };
        owed = requests::list(&mut sql, v.scope(), &filter, v.now, 0, REQUESTS_MAX).await?;
        waiting = assignments::acknowledgements(&mut sql, v.scope(), body).await?;
        tasks = assignments::todo(&mut sql, v.scope(), body, TaskFilter::Open).await?;
        finished = assignments::todo(&mut sql, v.scope(), body, TaskFilter::Done).await?;
        let asked = |t: &Task| v.pack().duty(&t.code).is_some_and(|d| d.evaluator == Evaluator::Lines);
        if !done && tasks.iter().chain(&finished).any(asked) {
            due_lines = lines::due(&v, &mut sql, body).await?.len();
        }
    }
    let mut papers = Vec::new();
    if let (false, Some(person)) = (done, v.actor().person()) {
        papers = reports::waiting(&mut sql, v.scope(), person).await?;
    }
    let review = if v.user.may(Right::Review) {
        assignments::pending(&mut sql, v.scope(), &assignments::PendingFilter::default(), None, 100)
            .await?
            .len()
    } else {
        0
    };
    drop(sql);
    let keep = if asked.body.is_empty() { String::new() } else { format!("&body={}", asked.body) };
    let tab = |href: String, id: &str, on, n: usize| (href, v.t(id), on, n.to_string());
    let tabs = vec![
        tab(
            format!("/tasks?done=0{keep}"),
            "tasks-open",
            !done,
            tasks.len() + waiting.len() + owed.len() + papers.len() + usize::from(due_lines > 0),
        ),
        tab(format!("/tasks?done=1{keep}"), "tasks-done", done, finished.len()),
        ("/roster/mine".to_owned(), v.t("roster-mine"), false, String::new()),
    ];
    let late = tasks.iter().filter(|t| t.due <= v.now || t.state == State::NotMet).count()
        + owed.iter().filter(|r| r.due <= v.now).count();
    let shown = if done { finished } else { tasks };
    let lines = shown.iter().map(|t| line(&v, &p, t)).collect();
    let waiting = if done { Vec::new() } else { waiting.iter().map(|b| unacknowledged(&v, &p, b)).collect() };
    let requests = if done { Vec::new() } else { owed.iter().map(|r| request(&v, &p, r)).collect() };
    let papers = papers.iter().filter_map(|r| paper(&p, r)).collect();
    v.html(&TodoPage { p, tabs, waiting, requests, papers, lines, due_lines, done, late, review })
}

fn request(v: &Visit, p: &Page, r: &requests::Brief) -> Owed {
    let (class, word) = standing(v, r);
    Owed {
        href: format!("/requests/{}", r.id),
        title: r.title.clone(),
        asker: r.asker_name.clone(),
        due: p.time(&r.due),
        due_iso: p.iso(&r.due),
        late: r.due <= v.now,
        class,
        word,
    }
}

fn paper(p: &Page, r: &reports::Report) -> Option<Paper> {
    let (class, word, what, at, by) = match (&r.asked, &r.returned) {
        (Some((at, by)), _) => ("p", "report-state-asked", "report-todo-sign", at, ("report-asked-by", by)),
        (None, Some((at, by, _))) => {
            ("n", "report-return", "report-todo-returned", at, ("report-returned-by", by))
        }
        (None, None) => return None,
    };
    Some(Paper {
        href: format!("/reports/up/{}", r.id),
        what: p.t1(what, "report", r.subject()),
        who: p.t1(by.0, "by", by.1.as_str()),
        at: p.time(at),
        iso: p.iso(at),
        class,
        word: p.t(word),
    })
}

fn unacknowledged(v: &Visit, p: &Page, b: &Brief) -> Waiting {
    Waiting {
        href: format!("/assignments/{}", b.id),
        order: b.order.clone(),
        issuer: b.issuer_name.clone(),
        due: b.due.map(|d| p.time(&d)).unwrap_or_default(),
        due_iso: b.due.map(|d| p.iso(&d)).unwrap_or_default(),
        late: b.due.is_some_and(|d| d <= v.now),
    }
}
