//! What providers commit for a holiday, their licences, and who of theirs is awake beside it (VEND).

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use domain::{
    id::{Id, kind},
    right::Right,
    roster::Licence,
    time::{self, Window},
};
use jiff::civil::Date;
use serde::Deserialize;
use store::{
    board,
    register::require,
    rosters::{self, Awake, Commitment, NewCommitment},
};

use super::{Options, back, bodies_with, mine, refusal, say, tools, write};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

const SEE: Access = Access::Right(Right::See);
const ANSWER: Access = Access::Right(Right::Answer);

type CommitmentId = Id<kind::Commitment>;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/roster/commitments", SEE, list),
        Route::get("/roster/commitments/new", ANSWER, new_form),
        Route::post("/roster/commitments/new", ANSWER, new),
        Route::get("/roster/commitments/{id}/edit", ANSWER, edit_form),
        Route::post("/roster/commitments/{id}/edit", ANSWER, edit),
        Route::post("/roster/commitments/{id}/withdraw", ANSWER, withdraw),
    ]
}

#[derive(Template)]
#[template(path = "rosters/commitments.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    rows: Vec<Row>,
    may_add: bool,
}

struct Row {
    id: CommitmentId,
    provider: String,
    body: String,
    span: String,
    contract: String,
    people: u32,
    licence: String,
    /// Colour and words.
    licence_state: (&'static str, String),
    /// Of the provider's posts: how many there are, how many people are first in line now, posts without anybody.
    posts: usize,
    awake: usize,
    short: usize,
    /// Where its roster stands; empty where it has none here.
    roster: String,
    /// Whether the window runs.
    runs: bool,
    /// Fewer are awake than were committed.
    few: bool,
    may_change: bool,
}

async fn list(v: Visit) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let found = rosters::commitments(&mut sql, v.scope(), None, v.now).await?;
    let awake = rosters::awake(&mut sql, v.scope(), None, v.now).await?;
    let own = bodies_with(&v, &mut sql, Right::Answer).await?;
    drop(sql);
    let rows = found.iter().map(|c| row(&v, c, &awake, &own)).collect();
    let may_add = v.user.may(Right::Answer);
    let tabs = mine::tabs(&v, "commitments", 0);
    v.html(&ListPage { p: v.page(v.t("roster-commitments")), tabs, rows, may_add })
}

fn row(v: &Visit, c: &Commitment, awake: &[Awake], own: &Options) -> Row {
    let of: Vec<&Awake> = awake.iter().filter(|a| a.post.body == c.provider.0).collect();
    let first = |a: &&Awake| a.people.iter().filter(|p| p.line == domain::roster::Line::Primary).count();
    let first: usize = of.iter().map(first).sum();
    Row {
        id: c.id,
        provider: c.provider.1.clone(),
        body: c.body.1.clone(),
        span: say::span(c.window),
        contract: c.contract.clone(),
        people: c.people,
        licence: c.licence.clone(),
        licence_state: licence(v, c),
        posts: of.len(),
        awake: first,
        few: first < usize::try_from(c.people).unwrap_or(usize::MAX),
        short: of.iter().filter(|a| !a.is_held()).count(),
        roster: of.first().map(|_| format!("/roster?body={}", c.provider.0)).unwrap_or_default(),
        runs: c.window.contains(v.now),
        may_change: own.iter().any(|(id, _)| *id == c.provider.0.to_string()),
    }
}

/// What is to be said of a licence; what counts as soon is the pack's.
fn licence(v: &Visit, c: &Commitment) -> (&'static str, String) {
    let warn = v.pack().duty_roster().map_or(0, |t| t.licence_warn_days);
    let day = |of: Date| of.strftime("%d/%m/%Y").to_string();
    let say = |id: &str, last: Date| v.words().with(id, [("day", day(last).into())]);
    match Licence::of(c.licence_to, c.window, time::date(v.now), warn) {
        Licence::Missing => ("p", v.t("roster-licence-none")),
        Licence::Over(last) => ("n", say("roster-licence-over", last)),
        Licence::Short(last) => ("n", say("roster-licence-short", last)),
        Licence::Soon(last) => ("p", say("roster-licence-soon", last)),
        Licence::Good(last) => ("m", say("roster-licence-good", last)),
    }
}

/// As typed.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Typed {
    provider: String,
    body: String,
    contract: String,
    people: String,
    licence: String,
    licence_to: String,
    from: String,
    to: String,
    #[serde(skip)]
    error: String,
}

#[derive(Template)]
#[template(path = "rosters/commitment_form.html")]
struct FormPage {
    p: Page,
    /// Empty for a new one.
    id: String,
    typed: Typed,
    providers: Options,
    served: Options,
}

async fn new_form(v: Visit, Query(mut asked): Query<Typed>) -> Result<Response, AppError> {
    if asked.provider.is_empty() {
        asked.provider = v.user.body.map(|b| b.to_string()).unwrap_or_default();
    }
    let running = match v.user.body {
        Some(body) => board::frame(&mut v.app.db.read().await?, body, v.now).await?.window,
        None => None,
    };
    if let Some((_, from, to)) = running.filter(|_| asked.from.is_empty()) {
        (asked.from, asked.to) = (say::typed(from), say::typed(to));
    }
    show(&v, String::new(), asked).await
}

async fn show(v: &Visit, id: String, typed: Typed) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let providers = bodies_with(v, &mut sql, Right::Answer).await?;
    let served = rosters::served(&mut sql, v.scope()).await?;
    drop(sql);
    let bad = !typed.error.is_empty();
    let title = v.t(if id.is_empty() { "roster-commitment-new" } else { "roster-commitment-edit" });
    let served = served.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let mut response = v.html(&FormPage { p: v.page(title), id, typed, providers, served })?;
    if bad {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// What was typed, ready for the store. `Err`: the id of a text.
fn read(id: CommitmentId, typed: &Typed) -> Result<NewCommitment<'_>, &'static str> {
    let licence_to = match typed.licence_to.trim() {
        "" => None,
        text => Some(text.parse().map_err(|_| "error-commitment-licence-to")?),
    };
    let window: Window = say::window(&typed.from, &typed.to)?;
    Ok(NewCommitment {
        id,
        provider: typed.provider.parse().map_err(|_| "error-post-body")?,
        body: typed.body.parse().map_err(|_| "error-post-body")?,
        contract: &typed.contract,
        people: typed.people.trim().parse().unwrap_or(0),
        licence: &typed.licence,
        licence_to,
        window,
    })
}

async fn new(v: Visit, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let tools = tools(&v);
    let done = match read(v.id(), &typed) {
        Ok(new) => Ok(write!(v, tx => rosters::commit(tx, v.scope(), &tools, &new).await)),
        Err(code) => Err(code),
    };
    answer(&v, String::new(), typed, done, "roster-commitment-made").await
}

async fn answer(
    v: &Visit,
    id: String,
    mut typed: Typed,
    done: Result<Result<(), store::StoreError>, &'static str>,
    ok: &str,
) -> Result<Response, AppError> {
    typed.error = match done {
        Ok(Ok(())) => return Ok(v.redirect("/roster/commitments", Flash::ok(ok))),
        Ok(Err(error)) => refusal(v, error)?,
        Err(code) => v.t(code),
    };
    show(v, id, typed).await
}

async fn edit_form(v: Visit, Path(id): Path<CommitmentId>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let c = rosters::commitment(&mut sql, v.scope(), id).await?;
    require(&mut sql, v.scope(), Right::Answer, c.provider.0).await.map_err(|_| AppError::NotFound)?;
    drop(sql);
    let typed = Typed {
        provider: c.provider.0.to_string(),
        body: c.body.0.to_string(),
        contract: c.contract,
        people: c.people.to_string(),
        licence: c.licence,
        licence_to: c.licence_to.map(|d| d.to_string()).unwrap_or_default(),
        from: say::typed(c.window.from),
        to: say::typed(c.window.to),
        error: String::new(),
    };
    show(&v, id.to_string(), typed).await
}

async fn edit(
    v: Visit,
    Path(id): Path<CommitmentId>,
    Form(mut typed): Form<Typed>,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let was = rosters::commitment(&mut sql, v.scope(), id).await?;
    require(&mut sql, v.scope(), Right::Answer, was.provider.0).await.map_err(|_| AppError::NotFound)?;
    drop(sql);
    // Who commits to whom stays; another is another commitment.
    (typed.provider, typed.body) = (was.provider.0.to_string(), was.body.0.to_string());
    let tools = tools(&v);
    let done = match read(v.id(), &typed) {
        Ok(new) => Ok(write!(v, tx => rosters::amend(tx, v.scope(), &tools, id, &new).await)),
        Err(code) => Err(code),
    };
    answer(&v, id.to_string(), typed, done, "roster-commitment-changed").await
}

#[derive(Deserialize)]
struct Nothing {}

async fn withdraw(
    v: Visit,
    Path(id): Path<CommitmentId>,
    Form(_): Form<Nothing>,
) -> Result<Response, AppError> {
    let tools = tools(&v);
    let done = write!(v, tx => rosters::withdraw_commitment(tx, v.scope(), &tools, id).await);
    back(&v, "/roster/commitments", done, "roster-commitment-withdrawn")
}
