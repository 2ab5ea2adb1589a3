//! One call-out: what it is, who has it, what can be done, and everything that happened, minute by minute.

use askama::Template;
use axum::{extract::Path, response::Response};
use serde::Deserialize;
use store::callouts::{self, Act, Line};

use super::{CalloutId, list, say, tools, write};
use crate::{Access, AppError, Form, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/roster/callouts/{id}", Access::SignedIn, show),
        Route::post("/roster/callouts/{id}", Access::SignedIn, act),
    ]
}

#[derive(Template)]
#[template(path = "callouts/show.html")]
struct ShowPage {
    p: Page,
    c: list::Row,
    about: String,
    policy: String,
    post: Option<(String, String)>,
    may_act: bool,
    taken: bool,
    over: bool,
    next: String,
    log: Vec<Told>,
}

struct Told {
    class: &'static str,
    at: String,
    said: String,
    via: String,
    note: String,
    messages: Vec<String>,
}

fn told(v: &Visit, p: &Page, l: &Line) -> Told {
    let (class, said) = say::line(v, l);
    let at = |t: &jiff::Timestamp| domain::time::local(*t).strftime("%H:%M:%S").to_string();
    let messages = l.messages.iter().map(|m| {
        let when = m.sent_at.as_ref().map(|t| format!(" {}", at(t))).unwrap_or_default();
        format!("{}{when}", say::message(v, &m.channel, &m.state))
    });
    Told {
        class,
        at: p.time(&l.at),
        said,
        via: say::via(v, &l.via),
        note: l.note.clone(),
        messages: messages.collect(),
    }
}

async fn show(v: Visit, Path(id): Path<CalloutId>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let s = callouts::get(&mut sql, v.scope(), v.user.person, id).await?;
    let log = callouts::log(&mut sql, v.scope(), v.user.person, id).await?;
    drop(sql);
    let c = &s.callout;
    let p = v.page(say::title(&v, c));
    let standing = c.state.standing;
    // What the engine would do next, were nobody to act: with nobody behind any target only the time counts.
    let next =
        domain::paging::next(&c.policy, c.state, &domain::paging::Reach::default(), c.state.since).next;
    let shown = ShowPage {
        about: say::about(&v, c.about),
        policy: if c.policy.name.is_empty() { v.t("callout-policy-built-in") } else { c.policy.name.clone() },
        post: c.post.map(|id| (format!("/roster/posts/{id}"), s.post_name.clone())),
        may_act: s.may_answer && !standing.is_over(),
        taken: standing == domain::paging::Standing::Acknowledged,
        over: standing.is_over(),
        next: next.filter(|_| !standing.is_over()).map(|t| p.time(&t)).unwrap_or_default(),
        log: log.iter().map(|l| told(&v, &p, l)).collect(),
        c: list::row(&v, &p, &s),
        p,
    };
    v.html(&shown)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Pressed {
    #[serde(rename = "do")]
    what: String,
    note: String,
}

/// The act behind a word of a form or of the API.
pub(super) fn read(what: &str, note: String) -> Result<Act, AppError> {
    Ok(match what {
        "acknowledge" => Act::Acknowledge,
        "escalate" => Act::Escalate,
        "progress" => Act::Progress(note),
        "resolve" => Act::Resolve(note),
        _ => return Err(AppError::Unreadable("do".into())),
    })
}

async fn act(
    v: Visit,
    Path(id): Path<CalloutId>,
    Form(pressed): Form<Pressed>,
) -> Result<Response, AppError> {
    let act = read(&pressed.what, pressed.note)?;
    let tools = tools(&v);
    let done = write!(v, tx => callouts::act(tx, v.scope(), &tools, id, &act, "page").await);
    let ok = match &done {
        Ok(a) if !a.changed => "callout-done-before",
        _ => match act {
            Act::Acknowledge => "callout-done-taken",
            Act::Escalate => "callout-done-passed-on",
            Act::Progress(_) => "callout-done-progress",
            Act::Resolve(_) => "callout-done-resolved",
        },
    };
    v.acted(&format!("/roster/callouts/{id}"), done, ok)
}
