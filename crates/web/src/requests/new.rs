//! Asking: what, of whom, on what basis, by when; and for operators the list of what is to be filtered.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::Query,
    http::{Method, StatusCode},
    response::Response,
};
use domain::{
    id::{Id, kind},
    request::{
        RequestKind,
        filter::{self, Item},
    },
    right::Right,
};
use serde::Deserialize;
use store::{
    StoreError,
    register::bodies::{self, Node},
    requests::{self, Asker, NewRequest},
};

use super::{RequestId, field, from_letter, id, local, say, tools, why_text, write};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

const SEE: Access = Access::Right(Right::See);
/// The words, and a list of [`filter::TEXT_MAX`] as a form encodes it.
pub(super) const LIMIT: usize = 4 * filter::TEXT_MAX;
/// The choice of an authority that is not in the register.
pub(super) const OUTSIDE: &str = "outside";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/requests/new", SEE, form), Route::page(Method::POST, "/requests/new", SEE, LIMIT, post)]
}

/// As typed.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct Typed {
    pub asker: String,
    pub asker_name: String,
    pub to: Vec<String>,
    pub kind: String,
    pub title: String,
    pub text: String,
    pub basis: String,
    pub under_law: String,
    pub urgent: String,
    pub asked: String,
    pub due: String,
    pub letter: String,
    pub items: String,
}

/// What is wrong, at which field.
#[derive(Default)]
struct Faults {
    at: BTreeMap<&'static str, String>,
    lines: Vec<Line>,
}

/// A line of the list that cannot be taken.
struct Line {
    n: usize,
    text: String,
    why: String,
}

impl Faults {
    fn e(&self, field: &str) -> &str {
        self.at.get(field).map_or("", String::as_str)
    }
}

#[derive(Template)]
#[template(path = "requests/new.html")]
struct NewPage {
    p: Page,
    typed: Typed,
    faults: Faults,
    askers: Vec<(String, String)>,
    bodies: Vec<(String, String, bool)>,
    letter: Option<String>,
}

async fn form(v: Visit, Query(mut typed): Query<Typed>) -> Result<Response, AppError> {
    let mut letter = None;
    if !typed.letter.is_empty() {
        letter = Some(from_letter::fill(&v, &mut typed).await?);
    }
    shown(&v, typed, Faults::default(), letter).await
}

fn name(n: &Node) -> (String, String) {
    (n.body.id.to_string(), format!("{}{}", "\u{2003}".repeat(n.depth as usize), n.body.name))
}

async fn shown(
    v: &Visit,
    mut typed: Typed,
    faults: Faults,
    letter: Option<String>,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let issue = bodies::choices(&mut sql, v.scope(), Right::Issue).await?;
    let answer = bodies::choices(&mut sql, v.scope(), Right::Answer).await?;
    drop(sql);
    let own = v.user.body.map(|b| b.to_string()).unwrap_or_default();
    // Whoever has nobody below asks nobody.
    let has_below = |n: &&Node| issue.iter().any(|below| below.body.parent == Some(n.body.id));
    let mut askers: Vec<_> = issue.iter().filter(has_below).map(name).collect();
    if !answer.is_empty() {
        askers.push((OUTSIDE.into(), v.t("request-outside")));
    }
    // Nothing to ask with: the form is not theirs.
    let Some((first, _)) = askers.first() else { return Err(AppError::NotFound) };
    if !askers.iter().any(|(id, _)| *id == typed.asker) {
        let mine = askers.iter().find(|(id, _)| *id == own).map_or(first, |(id, _)| id);
        typed.asker = mine.clone();
    }
    if typed.kind.is_empty() {
        typed.kind = RequestKind::Work.name().into();
    }
    if typed.to.is_empty() && faults.at.is_empty() && typed.asker == OUTSIDE {
        typed.to.push(own);
    }
    let more = answer.iter().filter(|a| !issue.iter().any(|i| i.body.id == a.body.id));
    let bodies = issue.iter().chain(more).map(|n| {
        let (id, name) = name(n);
        let on = typed.to.contains(&id);
        (id, name, on)
    });
    let bodies = bodies.collect();
    let bad = !faults.at.is_empty();
    let page = NewPage { p: v.page(v.t("request-new")), bodies, askers, letter, typed, faults };
    let mut response = v.html(&page)?;
    if bad {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// At which field a refusal is said.
fn at(code: &str) -> &'static str {
    match code {
        "request-asker" => "asker_name",
        "request-nobody" | "request-many" | "request-self" | "body-not-yours" => "to",
        "request-basis" => "basis",
        "request-due" | "request-due-past" => "due",
        "request-asked" => "asked",
        "request-no-items" | "request-items" | "request-item-protected" => "items",
        _ => "form",
    }
}

/// What was typed as a request, or what is wrong with it.
async fn read(v: &Visit, typed: &Typed) -> Result<Result<NewRequest, Faults>, AppError> {
    let mut faults = Faults::default();
    let kind = RequestKind::parse(&typed.kind).unwrap_or(RequestKind::Work);
    let mut time = |field: &'static str, text: &str| {
        local(text).unwrap_or_else(|_| {
            faults.at.insert(field, v.t("error-request-time"));
            None
        })
    };
    let (asked, due) = (time("asked", &typed.asked), time("due", &typed.due));
    for (field, text) in [("title", &typed.title), ("text", &typed.text)] {
        if text.trim().is_empty() {
            faults.at.insert(field, v.t("error-text-empty"));
        }
    }
    let mut items: Vec<Item> = Vec::new();
    if kind == RequestKind::Filter {
        let guard = requests::guard(&mut v.app.db.read().await?, v.pack()).await?;
        let list = filter::read(&typed.items, &guard);
        if list.faults > 0 {
            let said = v.words().with("request-list-faults", [("n", list.faults.into())]);
            faults.at.insert("items", said);
        } else if list.items.is_empty() {
            faults.at.insert("items", v.t("error-request-no-items"));
        }
        let line = |p: &filter::Problem| Line { n: p.line, text: p.text.clone(), why: say::why(v, p.why) };
        faults.lines = list.problems.iter().map(line).collect();
        items = list.items;
    }
    let asker = match typed.asker.as_str() {
        OUTSIDE => Some(Asker::Outside(typed.asker_name.clone())),
        body => body.parse().ok().map(Asker::Body),
    };
    let Some(asker) = asker else {
        faults.at.insert("asker", v.t("error-request-asker"));
        return Ok(Err(faults));
    };
    if !faults.at.is_empty() {
        return Ok(Err(faults));
    }
    Ok(Ok(NewRequest {
        asker,
        to: typed.to.iter().filter_map(|b| b.parse().ok()).collect(),
        kind,
        title: typed.title.clone(),
        text: typed.text.clone(),
        basis: typed.basis.clone(),
        under_law: typed.under_law == "1",
        urgent: typed.urgent == "1",
        asked,
        due,
        letter: if typed.letter.is_empty() { None } else { Some(id::<kind::Letter>(&typed.letter)?) },
        items,
    }))
}

async fn post(v: Visit, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let new = match read(&v, &typed).await? {
        Ok(new) => new,
        Err(faults) => return shown(&v, typed, faults, None).await,
    };
    match ask(&v, &new).await {
        Ok(made) => {
            let to = match made.as_slice() {
                [one] => format!("/requests/{one}"),
                _ => "/requests?side=asking".to_owned(),
            };
            Ok(v.redirect(&to, Flash::ok("request-asked-done").what(&made.len().to_string())))
        }
        Err(StoreError::Refused(code)) => {
            let mut faults = Faults::default();
            faults.at.insert(at(code), v.t(why_text(&format!("error-{code}"))));
            shown(&v, typed, faults, None).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Asks: one request for each body.
pub(super) async fn ask(v: &Visit, new: &NewRequest) -> Result<Vec<RequestId>, StoreError> {
    let tools = tools(v);
    write!(v, tx => requests::ask(tx, v.scope(), &tools, new).await)
}

/// The due time as a form's field, from what a paper says: a day alone ends with the working day.
pub(super) fn due_field(text: &str) -> String {
    match text.parse::<jiff::civil::DateTime>() {
        Ok(at) if text.contains('T') => at.strftime("%Y-%m-%dT%H:%M").to_string(),
        _ => text.parse::<jiff::civil::Date>().map(|d| format!("{d}T17:00")).unwrap_or_default(),
    }
}

/// A letter's day as a form's field, if it is not ahead.
pub(super) fn asked_field(v: &Visit, at: jiff::Timestamp) -> String {
    if at <= v.now { field(at) } else { String::new() }
}

/// The ids of a list of texts.
pub(super) fn ids(texts: &[String]) -> Result<Vec<Id<kind::Body>>, AppError> {
    texts.iter().map(|b| id(b)).collect()
}
