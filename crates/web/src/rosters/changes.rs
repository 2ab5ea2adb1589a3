//! What people change by hand at one post: somebody else for a time, swaps, absences.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use domain::{
    id::{Id, kind},
    right::Right,
    roster::{
        Line,
        rules::{self, Override, Person},
    },
    time::Window,
};
use serde::Deserialize;
use store::{
    StoreError,
    rosters::{self, NewAbsence, NewOverride, NewSwap, SwapState},
};

use super::{
    Options, PostId, back, people_of,
    post::{self, Head},
    refusal, say, write,
};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

const ANSWER: Access = Access::Right(Right::Answer);
const PREPARE: Access = Access::Right(Right::Prepare);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/roster/posts/{id}/changes", Access::Right(Right::See), get),
        Route::post("/roster/posts/{id}/overrides", PREPARE, settle),
        Route::post("/roster/overrides/{id}/withdraw", PREPARE, unsettle),
        Route::post("/roster/posts/{id}/swaps", ANSWER, swap),
        Route::post("/roster/swaps/{id}/decide", PREPARE, decide),
        Route::post("/roster/posts/{id}/absences", ANSWER, be_absent),
        Route::post("/roster/absences/{id}/end", ANSWER, come_back),
    ]
}

/// What was typed into one of the three forms.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Typed {
    line: String,
    who: Vec<String>,
    person: String,
    taker: String,
    from: String,
    to: String,
    why: String,
    yes: String,
    /// The post whose page one was on.
    post: String,
    #[serde(skip)]
    form: &'static str,
    #[serde(skip)]
    error: String,
}

impl Typed {
    /// What to show in a form: what was typed into it, else as it stands at first.
    fn of(&self, form: &str) -> Self {
        if self.form == form { self.clone() } else { Self { person: self.person.clone(), ..Self::default() } }
    }
    fn chosen(&self, n: &usize) -> &str {
        self.who.get(*n).map_or("", String::as_str)
    }
}

#[derive(Template)]
#[template(path = "rosters/changes.html")]
struct ChangesPage {
    p: Page,
    head: Head,
    may_answer: bool,
    people: Options,
    lines: Options,
    overrides: Vec<Change>,
    swaps: Vec<Change>,
    absences: Vec<Change>,
    over: Typed,
    swap: Typed,
    away: Typed,
}

/// One line of a list.
struct Change {
    id: String,
    who: String,
    span: String,
    why: String,
    by: String,
    /// Colour and word; empty for none.
    state: (&'static str, String),
    /// Whether something can still be done about it.
    open: bool,
    /// Whether it has begun.
    begun: bool,
}

/// One's turn to be given away, from the list of one's turns.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    from: String,
    to: String,
}

async fn get(v: Visit, Path(id): Path<PostId>, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let form = if asked.from.is_empty() { "" } else { "swap" };
    show(&v, id, Typed { from: asked.from, to: asked.to, form, ..Typed::default() }).await
}

async fn show(v: &Visit, id: PostId, mut typed: Typed) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let of = post::of(v, &mut sql, id, "changes").await?;
    let mut bodies = vec![of.post.body];
    bodies.extend(rosters::shared(&mut sql, v.scope(), id).await?.into_iter().map(|(b, _)| b));
    bodies.extend(
        rosters::commitments(&mut sql, v.scope(), Some(of.post.body), v.now)
            .await?
            .iter()
            .map(|c| c.provider.0),
    );
    let people = people_of(v, &mut sql, &bodies).await?;
    let over = rosters::overrides(&mut sql, v.scope(), id, v.now).await?;
    let named: Vec<Person> = over.iter().flat_map(|o| &o.settled.people).copied().collect();
    let names = rosters::names(&mut sql, &named).await?;
    let swaps = rosters::swaps(&mut sql, v.scope(), id, v.now).await?;
    let absences = rosters::absences(&mut sql, v.scope(), id, v.now).await?;
    drop(sql);
    if typed.person.is_empty() {
        typed.person = v.user.person.map(|p| p.to_string()).unwrap_or_default();
    }
    let none = || ("", String::new());
    let overrides = over
        .into_iter()
        .map(|o| Change {
            id: o.settled.id.to_string(),
            who: format!(
                "{} ({})",
                o.settled.people.iter().filter_map(|p| names.get(p).cloned()).collect::<Vec<_>>().join(", "),
                say::line(v, o.settled.line)
            ),
            span: say::span(o.settled.span),
            // A watch that was taken over says so instead of a reason.
            why: if o.why.is_empty() { v.t("roster-why-taken-over") } else { o.why },
            by: o.by.unwrap_or_default(),
            state: if o.withdrawn_at.is_some() { ("a", v.t("roster-withdrawn")) } else { none() },
            open: o.withdrawn_at.is_none(),
            begun: false,
        })
        .collect();
    let swaps = swaps
        .into_iter()
        .map(|s| Change {
            id: s.swap.id.to_string(),
            who: format!("{} → {}", s.names.0, s.names.1),
            span: say::span(s.swap.span),
            why: s.why,
            by: String::new(),
            state: state(v, s.state),
            open: matches!(s.state, SwapState::Asked | SwapState::Agreed),
            begun: false,
        })
        .collect();
    let absences = absences
        .into_iter()
        .map(|a| Change {
            id: a.id.to_string(),
            who: a.name,
            span: say::span(a.span),
            why: a.why,
            by: String::new(),
            state: none(),
            open: of.head.may_plan || Some(a.person) == v.user.person,
            begun: a.span.from <= v.now,
        })
        .collect();
    let bad = !typed.error.is_empty();
    let page = ChangesPage {
        p: v.page(of.head.name.clone()),
        may_answer: v.user.may(Right::Answer) && !of.head.closed,
        people,
        lines: Line::ALL.iter().map(|l| (l.name().to_owned(), say::line(v, *l))).collect(),
        overrides,
        swaps,
        absences,
        over: typed.of("over"),
        swap: typed.of("swap"),
        away: typed.of("away"),
        head: of.head,
    };
    let mut response = v.html(&page)?;
    if bad {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// Colour and word of a swap's state.
pub(super) fn state(v: &Visit, of: SwapState) -> (&'static str, String) {
    let (class, id) = match of {
        SwapState::Asked => ("d", "roster-swap-asked"),
        SwapState::Agreed => ("p", "roster-swap-is-agreed"),
        SwapState::Approved => ("m", "roster-swap-approved"),
        SwapState::Refused => ("n", "roster-swap-is-refused"),
        SwapState::Withdrawn => ("a", "roster-withdrawn"),
    };
    (class, v.t(id))
}

/// What a form needs to say after an act: done and back to the page, or the form again with the reason.
async fn answer(
    v: &Visit,
    id: PostId,
    typed: Typed,
    form: &'static str,
    done: Result<Result<(), StoreError>, &'static str>,
    ok: &str,
) -> Result<Response, AppError> {
    let error = match done {
        Ok(Ok(())) => return Ok(v.redirect(&format!("/roster/posts/{id}/changes"), Flash::ok(ok))),
        Ok(Err(error)) => refusal(v, error)?,
        Err(code) => v.t(code),
    };
    show(v, id, Typed { form, error, ..typed }).await
}

fn person(text: &str) -> Result<Person, &'static str> {
    text.parse().map_err(|_| "error-person-unknown")
}

async fn settle(v: Visit, Path(id): Path<PostId>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let read = || {
        let span = say::window(&typed.from, &typed.to)?;
        let mut people: Vec<Person> = Vec::new();
        for who in typed.who.iter().filter(|w| !w.is_empty()) {
            people.push(person(who)?);
        }
        let line = Line::parse(&typed.line).unwrap_or_default();
        Ok::<_, &'static str>(Override { id: v.id(), line, span, people })
    };
    let done = match read() {
        Ok(settled) => {
            let new = NewOverride { settled, why: &typed.why };
            Ok(write!(v, tx => rosters::settle(tx, v.scope(), v.pack(), id, &new).await))
        }
        Err(code) => Err(code),
    };
    answer(&v, id, typed, "over", done, "roster-override-made").await
}

async fn unsettle(
    v: Visit,
    Path(id): Path<Id<kind::Override>>,
    Form(_): Form<Typed>,
) -> Result<Response, AppError> {
    let post = write!(v, tx => rosters::unsettle(tx, v.scope(), v.pack(), id).await);
    let to = post.as_ref().map_or("/roster/posts".to_owned(), |post| format!("/roster/posts/{post}/changes"));
    back(&v, &to, post.map(|_| ()), "roster-override-withdrawn")
}

async fn swap(v: Visit, Path(id): Path<PostId>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let read = || {
        let span: Window = say::window(&typed.from, &typed.to)?;
        Ok::<_, &'static str>(rules::Swap {
            id: v.id(),
            from: person(&typed.person)?,
            to: person(&typed.taker)?,
            span,
        })
    };
    let done = match read() {
        Ok(swap) => {
            let new = NewSwap { swap, why: &typed.why };
            Ok(write!(v, tx => rosters::ask_swap(tx, v.scope(), id, &new).await))
        }
        Err(code) => Err(code),
    };
    answer(&v, id, typed, "swap", done, "roster-swap-made").await
}

/// Where a button of a list goes back to.
fn changes(typed: &Typed) -> String {
    match typed.post.parse::<PostId>() {
        Ok(post) => format!("/roster/posts/{post}/changes"),
        Err(_) => "/roster/posts".to_owned(),
    }
}

async fn decide(
    v: Visit,
    Path(id): Path<Id<kind::Swap>>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let yes = typed.yes == "1";
    let done = write!(v, tx => rosters::decide_swap(tx, v.scope(), v.pack(), id, yes).await);
    back(&v, &changes(&typed), done, if yes { "roster-swap-stands" } else { "roster-swap-refused" })
}

async fn be_absent(v: Visit, Path(id): Path<PostId>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let read = || Ok::<_, &'static str>((person(&typed.person)?, say::window(&typed.from, &typed.to)?));
    let done = match read() {
        Ok((person, span)) => {
            let new = NewAbsence { id: v.id(), person, post: id, span, why: &typed.why };
            Ok(write!(v, tx => rosters::be_absent(tx, v.scope(), v.pack(), &new).await))
        }
        Err(code) => Err(code),
    };
    answer(&v, id, typed, "away", done, "roster-absence-made").await
}

async fn come_back(
    v: Visit,
    Path(id): Path<Id<kind::Leave>>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let done = write!(v, tx => rosters::come_back(tx, v.scope(), v.pack(), id).await);
    back(&v, &changes(&typed), done, "roster-absence-ended")
}
