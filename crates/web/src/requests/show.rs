//! One request: who asked what on what basis, where it stands, its proof and history, and what each side may do.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use domain::{
    order::SubmissionKind,
    request::{Outcome, RequestKind, RequestState, settled},
    right::Right,
};
use serde::Deserialize;
use store::requests::{self, Event, ItemRow, Request};

use super::{RequestId, id, list, say, why_text};
use crate::{Access, AppError, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/requests/{id}", Access::Right(Right::See), get)]
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    /// Entries after that number.
    after: i64,
}

/// What somebody sent and was not taken, shown again with what is wrong.
#[derive(Default)]
pub(super) struct Again {
    /// Which of the page's forms: `answer`, `return`, `withdraw`, `items`.
    form: &'static str,
    error: String,
    typed: HashMap<String, String>,
}

impl Again {
    pub(super) fn new(v: &Visit, form: &'static str, why: &str, typed: HashMap<String, String>) -> Self {
        Self { form, error: v.t(why_text(why)), typed }
    }
    /// What is wrong with that form.
    fn e(&self, form: &str) -> &str {
        if self.form == form { &self.error } else { "" }
    }
    /// What was typed into that field.
    fn typed(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }
}

#[derive(Template)]
#[template(path = "requests/show.html")]
struct ShowPage {
    p: Page,
    r: Request,
    kind: String,
    class: &'static str,
    word: String,
    asked: String,
    due: String,
    due_iso: String,
    late: bool,
    received: String,
    answered: String,
    accepted: String,
    text: Vec<String>,
    answer: Vec<String>,
    items: Vec<ItemView>,
    counts: (u32, u32, u32),
    more: String,
    proofs: Vec<ProofView>,
    events: Vec<EventView>,
    below: Vec<list::Row>,
    again: Again,
    outcomes: Vec<(&'static str, String, bool)>,
    /// Nobody has taken it.
    fresh: bool,
    /// There is an answer on which nobody has decided.
    decide: bool,
    may_answer: bool,
    filter: bool,
    withdrawn: bool,
}

pub(super) struct ItemView {
    pub place: i64,
    pub value: String,
    pub class: &'static str,
    pub word: String,
    pub at: String,
    pub reason: String,
}

pub(super) fn item(v: &Visit, p: &Page, row: &ItemRow) -> ItemView {
    let (class, word) = say::item(v, row.state);
    ItemView {
        place: row.place,
        value: row.item.value.clone(),
        class,
        word,
        at: row.at.map(|at| p.time(&at)).unwrap_or_default(),
        reason: row.reason.clone(),
    }
}

struct ProofView {
    icon: &'static str,
    label: String,
    href: String,
    text: String,
    at: String,
    by: String,
    sha256: String,
}

struct EventView {
    class: &'static str,
    word: String,
    at: String,
    by: String,
    text: String,
}

async fn get(
    v: Visit,
    Path(request): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    shown(&v, id(&request)?, &asked, Again::default()).await
}

pub(super) async fn shown(
    v: &Visit,
    id: RequestId,
    asked: &Asked,
    again: Again,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let r = requests::get(&mut sql, v.scope(), id).await?.at(v.now);
    let proofs = requests::proofs(&mut sql, v.scope(), id).await?;
    let events = requests::events(&mut sql, v.scope(), id).await?;
    let below = requests::descendants(&mut sql, v.scope(), id, v.now).await?;
    let filter = r.brief.kind == RequestKind::Filter;
    let counts = requests::item_counts(&mut sql, v.scope(), id).await?;
    let items = if filter && r.rights.read {
        requests::items(&mut sql, v.scope(), id, asked.after).await?
    } else {
        Vec::new()
    };
    drop(sql);
    let p = v.page(r.brief.title.clone());
    let (class, word) = say::standing(v, &r.brief);
    let b = &r.brief;
    let answered = !matches!(b.state, RequestState::Asked | RequestState::Received | RequestState::Withdrawn);
    // What the entries of a list say already is what the form proposes.
    let proposed = match again.typed("outcome") {
        "" => settled(counts.0, counts.1, counts.2).unwrap_or(Outcome::Done).name(),
        typed => typed,
    };
    let outcomes =
        ["done", "partly", "impossible"].map(|o| (o, v.t(&format!("request-outcome-{o}")), proposed == o));
    let more = match items.last() {
        Some(last) if items.len() == requests::ITEMS_PAGE => {
            format!("/requests/{id}?after={}#items", last.place)
        }
        _ => String::new(),
    };
    let paragraphs = |text: &str| text.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned).collect();
    let bad = !again.error.is_empty();
    let page = ShowPage {
        kind: say::kind(v, b.kind),
        class,
        word,
        asked: p.time(&b.asked_at),
        due: p.time(&b.due),
        due_iso: p.iso(&b.due),
        late: class == "n",
        received: r.received.as_ref().map(|(at, by)| format!("{} · {by}", p.time(at))).unwrap_or_default(),
        answered: b.answered_at.map(|at| p.time(&at)).unwrap_or_default(),
        accepted: r.accepted_at.map(|at| p.time(&at)).unwrap_or_default(),
        text: paragraphs(&r.text),
        answer: paragraphs(&r.answer),
        items: items.iter().map(|i| item(v, &p, i)).collect(),
        counts,
        more,
        proofs: proofs.into_iter().map(|q| proof(&p, q)).collect(),
        events: events.iter().map(|e| event(v, &p, e)).collect(),
        below: below.iter().map(|b| list::row(v, &p, b)).collect(),
        outcomes: outcomes.into(),
        fresh: b.state == RequestState::Asked,
        decide: answered && r.rights.decide && r.accepted_at.is_none(),
        may_answer: r.rights.answer && r.accepted_at.is_none(),
        withdrawn: b.state == RequestState::Withdrawn,
        filter,
        again,
        r,
        p,
    };
    let mut response = v.html(&page)?;
    if bad {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn proof(p: &Page, q: requests::Proof) -> ProofView {
    let (icon, label, href) = match (q.kind, q.url, q.sha256.clone()) {
        (SubmissionKind::File, _, Some(sha)) => {
            ("file", q.file_name.unwrap_or_default(), format!("/files/{sha}"))
        }
        (_, Some(url), _) => ("link", url.clone(), url),
        _ => ("edit", String::new(), String::new()),
    };
    ProofView {
        icon,
        label,
        href,
        text: q.text,
        at: p.time(&q.at),
        by: q.by.unwrap_or_default(),
        sha256: q.sha256.unwrap_or_default(),
    }
}

fn event(v: &Visit, p: &Page, e: &Event) -> EventView {
    let (class, word, text) = say::event(v, e);
    EventView { class, word, at: p.time(&e.at), by: e.by.clone().unwrap_or_default(), text }
}
