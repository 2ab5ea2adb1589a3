//! Drawing a roster: the draft with its troubles, the layers it is made of, and publishing it.

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
        coverage::Trouble,
        rules::{Days, Layer, Person},
    },
    time::{self, Window},
};
use jiff::ToSpan;
use serde::Deserialize;
use store::{Sql, StoreError, board, register::require, rosters};

use super::{
    Options, PostId, back,
    lanes::{self, DAYS_MAX, Drawn, LaneRow},
    layer_form::{Typed, Wrong, fresh, layer},
    people_of,
    post::{self, Head},
    refusal, say, tools, write,
};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

const PREPARE: Access = Access::Right(Right::Prepare);
/// Lines for crews on the form; the API takes as many as a layer may have.
const CREW_LINES: usize = 8;
/// So many campaigns are offered.
const CHIPS: usize = 4;
/// Without a campaign a roster is drawn for so many days.
const DAYS_AHEAD: i64 = 30;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/roster/posts/{id}/plan", Access::Right(Right::See), get),
        Route::post("/roster/posts/{id}/layers", PREPARE, add),
        Route::post("/roster/posts/{id}/layers/{layer}", PREPARE, change),
        Route::post("/roster/posts/{id}/layers/{layer}/retire", PREPARE, retire),
        Route::post("/roster/posts/{id}/publish", PREPARE, publish),
    ]
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Asked {
    from: String,
    to: String,
    /// The layer to be changed.
    layer: String,
}

/// A line for a crew: its number and whom the selects show.
struct CrewLine {
    number: usize,
    chosen: [String; 3],
}

#[derive(Template)]
#[template(path = "rosters/plan.html")]
struct PlanPage {
    p: Page,
    head: Head,
    typed: Typed,
    from: String,
    to: String,
    windows: Vec<(String, String, bool)>,
    lanes: Vec<LaneRow>,
    cut: bool,
    troubles: Vec<(bool, String)>,
    gaps: usize,
    layers: Vec<LayerLine>,
    people: Options,
    crews: Vec<CrewLine>,
    patterns: Options,
    day_kinds: Options,
    lines: Options,
    may_force: bool,
    empty: bool,
}

/// A layer as it is listed.
struct LayerLine {
    id: Id<kind::Layer>,
    name: String,
    line: String,
    days: String,
    span: String,
    over: bool,
    crews: Vec<String>,
    slots: usize,
    cycle: u16,
    /// Where it is changed; empty where the form has no room for it.
    edit: String,
}

async fn get(v: Visit, Path(id): Path<PostId>, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut typed = fresh(&v);
    if !asked.layer.is_empty() {
        let all = rosters::layers(&mut v.app.db.read().await?, v.scope(), id).await?;
        let of = all.iter().find(|l| l.id.to_string() == asked.layer).ok_or(AppError::NotFound)?;
        typed = Typed::of(of).ok_or(AppError::NotFound)?;
    }
    show(&v, id, Typed { from: asked.from, to: asked.to, ..typed }).await
}

/// The windows of campaigns that are not over, the running one first.
pub(super) async fn campaigns(v: &Visit, sql: &mut Sql) -> Result<Vec<(String, Window)>, StoreError> {
    let all = board::campaigns(sql, v.scope()).await?;
    let mut open: Vec<_> = all.into_iter().filter(|c| c.window.is_some_and(|w| w.to > v.now)).collect();
    if let Some(id) = board::running(&open, v.now).map(|c| c.id) {
        open.sort_by_key(|c| c.id != id);
    }
    open.truncate(CHIPS);
    let same = |name: &str| open.iter().filter(|c| c.name == name).count() > 1;
    let named = open.iter().filter_map(|c| {
        let name = if same(&c.name) { format!("{} — {}", c.name, c.body_name) } else { c.name.clone() };
        Some((name, c.window?))
    });
    Ok(named.collect())
}

async fn show(v: &Visit, id: PostId, typed: Typed) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let of = post::of(v, &mut sql, id, "plan").await?;
    if of.head.covered {
        return Err(AppError::NotFound);
    }
    let running = campaigns(v, &mut sql).await?;
    let today = time::date(v.now);
    let month = Window::days(today, today.checked_add(DAYS_AHEAD.days()).unwrap_or(today));
    let whole =
        say::window(&typed.from, &typed.to).unwrap_or_else(|_| running.first().map_or(month, |(_, w)| *w));
    // What is over cannot be planned any more.
    let window = Window { from: whole.from.max(v.now), to: whole.to.max(v.now) };
    let (shifts, found) = if window.from < window.to {
        rosters::troubles(&mut sql, v.scope(), v.pack(), id, window).await?
    } else {
        (Vec::new(), Vec::new())
    };
    let layers = rosters::layers(&mut sql, v.scope(), id).await?;
    let mut named: Vec<Person> = post::people(&shifts);
    named.extend(layers.iter().flat_map(|l| l.crews.iter().flatten()).copied());
    named.sort_unstable();
    named.dedup();
    let names = rosters::names(&mut sql, &named).await?;
    let mut bodies = vec![of.post.body];
    bodies.extend(rosters::shared(&mut sql, v.scope(), id).await?.into_iter().map(|(b, _)| b));
    bodies.extend(
        rosters::commitments(&mut sql, v.scope(), Some(of.post.body), v.now)
            .await?
            .iter()
            .map(|c| c.provider.0),
    );
    let people = people_of(v, &mut sql, &bodies).await?;
    let may_force = require(&mut sql, v.scope(), Right::Acknowledge, of.post.body).await.is_ok();
    drop(sql);

    let (first, last) = (time::date(window.from), time::last_day(window));
    let cut = first.checked_add((DAYS_MAX - 1).days()).ok().filter(|most| *most < last);
    let drawn = Drawn { shifts: &shifts, troubles: &found, names: &names, known: &[window] };
    let all: Vec<&Trouble> = found.iter().collect();
    let link =
        |w: &Window| format!("/roster/posts/{id}/plan?from={}&to={}", say::typed(w.from), say::typed(w.to));
    let crews = |n: usize| CrewLine {
        number: n + 1,
        chosen: [&typed.a, &typed.b, &typed.c].map(|of| of.get(n).cloned().unwrap_or_default()),
    };
    let option = |value: &str, id: &str| (value.to_owned(), v.t(id));
    let bad = !typed.layer_error.is_empty() || !typed.publish_error.is_empty();
    let page = PlanPage {
        p: v.page(of.head.name.clone()),
        from: say::typed(window.from),
        to: say::typed(window.to),
        windows: running.iter().map(|(name, w)| (link(w), name.clone(), *w == whole)).collect(),
        lanes: if shifts.is_empty() && layers.is_empty() {
            Vec::new()
        } else {
            lanes::rows(v, &drawn, first, cut.unwrap_or(last))
        },
        cut: cut.is_some(),
        gaps: found.iter().filter(|t| t.forbids()).count(),
        troubles: say::troubles(v, &all, &names),
        empty: layers.is_empty(),
        layers: layers
            .iter()
            .map(|l| {
                let here = format!("{}&layer={}#layer", link(&window), l.id);
                LayerLine { edit: Typed::of(l).map(|_| here).unwrap_or_default(), ..layer_line(v, l, &names) }
            })
            .collect(),
        people,
        crews: (0..CREW_LINES.max(typed.a.len() + 1)).map(crews).collect(),
        patterns: vec![
            option("daily", "roster-pattern-daily"),
            option("turns", "roster-pattern-turns"),
            option("three-four", "roster-pattern-three-four"),
            option("own", "roster-pattern-own"),
        ],
        day_kinds: Days::ALL.iter().map(|d| option(d.name(), &format!("roster-days-{d}"))).collect(),
        lines: Line::ALL.iter().map(|l| (l.name().to_owned(), say::line(v, *l))).collect(),
        may_force,
        head: of.head,
        typed,
    };
    let mut response = v.html(&page)?;
    if bad {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn layer_line(v: &Visit, of: &Layer, names: &std::collections::HashMap<Person, String>) -> LayerLine {
    let crew = |c: &Vec<Person>| {
        c.iter().map(|p| names.get(p).cloned().unwrap_or_default()).collect::<Vec<_>>().join(" + ")
    };
    let day = |d: jiff::civil::Date| d.strftime("%d/%m/%Y").to_string();
    LayerLine {
        id: of.id,
        name: of.name.clone(),
        line: say::line(v, of.line),
        days: v.t(&format!("roster-days-{}", of.days)),
        span: match of.last {
            Some(last) => format!("{} – {}", day(of.first), day(last)),
            None => v.words().with("roster-since", [("day", day(of.first).into())]),
        },
        over: of.rank > 0,
        crews: of.crews.iter().map(crew).collect(),
        slots: of.slots.len(),
        cycle: of.cycle_days,
        edit: String::new(),
    }
}

/// The page one came from, with its window.
fn plan(id: PostId, typed: &Typed) -> String {
    match say::window(&typed.from, &typed.to) {
        Ok(_) => format!("/roster/posts/{id}/plan?from={}&to={}", typed.from, typed.to),
        Err(_) => format!("/roster/posts/{id}/plan"),
    }
}

async fn add(v: Visit, Path(id): Path<PostId>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let done = match layer(v.id(), &typed) {
        Ok(layer) => Ok(write!(v, tx => rosters::add_layer(tx, v.scope(), id, &layer).await)),
        Err(wrong) => Err(wrong),
    };
    laid(&v, id, typed, done, "roster-layer-added").await
}

async fn change(
    v: Visit,
    Path((id, which)): Path<(PostId, Id<kind::Layer>)>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let done = match layer(which, &typed) {
        Ok(layer) => Ok(write!(v, tx => rosters::change_layer(tx, v.scope(), id, &layer).await)),
        Err(wrong) => Err(wrong),
    };
    laid(&v, id, Typed { layer: which.to_string(), ..typed }, done, "roster-layer-changed").await
}

/// Back to the plan, or the form again with what is wrong.
async fn laid(
    v: &Visit,
    id: PostId,
    mut typed: Typed,
    done: Result<Result<(), StoreError>, Wrong>,
    ok: &str,
) -> Result<Response, AppError> {
    typed.layer_error = match done {
        Ok(Ok(())) => return Ok(v.redirect(&plan(id, &typed), Flash::ok(ok))),
        Ok(Err(error)) => refusal(v, error)?,
        Err(wrong) => v.words().with(wrong.id, [("line", wrong.line.into())]),
    };
    show(v, id, typed).await
}

async fn retire(
    v: Visit,
    Path((id, layer)): Path<(PostId, Id<kind::Layer>)>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let done = write!(v, tx => rosters::retire_layer(tx, v.scope(), id, layer).await);
    back(&v, &plan(id, &typed), done, "roster-layer-retired")
}

async fn publish(v: Visit, Path(id): Path<PostId>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let mut typed = Typed { why: typed.why, from: typed.from, to: typed.to, ..fresh(&v) };
    let why = match say::window(&typed.from, &typed.to) {
        Ok(window) => {
            let (tools, forced) = (tools(&v), Some(typed.why.trim()).filter(|w| !w.is_empty()));
            let done = write!(v, tx => rosters::publish(tx, v.scope(), &tools, id, window, forced).await);
            match done {
                Ok(troubles) => {
                    let to = format!("/roster/posts/{id}?from={}", time::date(window.from.max(v.now)));
                    let said = if troubles.is_empty() {
                        Flash::ok("roster-published")
                    } else {
                        Flash::warn("roster-published-but").what(&troubles.len().to_string())
                    };
                    return Ok(v.redirect(&to, said));
                }
                Err(error) => {
                    typed.gap = matches!(error, StoreError::Refused("roster-gap"));
                    refusal(&v, error)?
                }
            }
        }
        Err(code) => v.t(code),
    };
    typed.publish_error = why;
    show(&v, id, typed).await
}
