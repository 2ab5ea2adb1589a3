//! One's own duty: check in, hand over, accept, what comes next, swaps asked of one. Made for a phone at 03:00.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    id::{Id, kind},
    right::Right,
    roster::{
        Line, Shift,
        check_in::{EARLY_MINUTES, Moment},
        rules::Person,
    },
    time::Window,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use store::{
    Sql, StoreError,
    rosters::{self, HandOver, Swap, SwapState, Way},
};

use super::{PostId, back, say, tools, write};
use crate::{Access, AppError, Form, Page, Route, Visit};

const SEE: Access = Access::Right(Right::See);
const ANSWER: Access = Access::Right(Right::Answer);

/// So far ahead one's own turns are shown.
const AHEAD: SignedDuration = SignedDuration::from_hours(45 * 24);
/// A shift that ended so long ago may still be handed over late; the store decides by the post's own grace.
const BEHIND: SignedDuration = SignedDuration::from_hours(8);
/// Hand-overs of the last so many hours wait to be accepted; older ones are history.
const WAITING: SignedDuration = SignedDuration::from_hours(24);
/// So many hand-overs of a post are looked through for those that wait.
const HAND_OVERS: u32 = 10;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/roster/mine", SEE, mine),
        Route::post("/roster/posts/{id}/hand-over", ANSWER, hand_over),
        Route::post("/roster/hand-overs/{id}/accept", ANSWER, accept),
        Route::post("/roster/swaps/{id}/agree", ANSWER, agree),
        Route::post("/roster/swaps/{id}/withdraw", ANSWER, withdraw),
    ]
}

#[derive(Template)]
#[template(path = "rosters/mine.html")]
struct MinePage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    now: Vec<Duty>,
    next: Vec<Turn>,
    swaps: Vec<Asked>,
    /// What was typed into a hand-over that could not be taken.
    typed: Typed,
}

/// A post at which one is on duty, about to be, or just was.
struct Duty {
    post: PostId,
    name: String,
    backup: bool,
    span: String,
    /// What is owed next: its word, when; whether it is late.
    owed: Option<(String, String, bool)>,
    seen: String,
    over: bool,
    waiting: Vec<HandOver>,
    /// What the ids of its form begin with.
    form: String,
}

struct Turn {
    post: PostId,
    name: String,
    line: String,
    span: String,
    /// Where it is given away; empty for whoever may not ask.
    swap: String,
}

/// A swap that waits for somebody.
struct Asked {
    id: Id<kind::Swap>,
    post: String,
    span: String,
    other: String,
    why: String,
    /// Whether one is asked to take it; else one asked.
    of_me: bool,
    agreed: bool,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Typed {
    note: String,
    items: String,
    /// Whose turn's form it was: at the border of two, both are shown.
    form: String,
    #[serde(skip)]
    error: String,
}

impl Typed {
    /// What was typed into that form.
    fn of(&self, form: &str) -> Self {
        if self.form == form { self.clone() } else { Self::default() }
    }
}

async fn mine(v: Visit) -> Result<Response, AppError> {
    show(&v, Typed::default()).await
}

async fn show(v: &Visit, typed: Typed) -> Result<Response, AppError> {
    let me = v.user.person.ok_or(AppError::SignIn)?;
    let mut sql = v.app.db.read().await?;
    let window = Window { from: plus(v.now, -BEHIND), to: plus(v.now, AHEAD) };
    let shifts = rosters::shifts_of(&mut sql, v.scope(), me, window).await?;
    let soon = plus(v.now, SignedDuration::from_mins(EARLY_MINUTES));
    let (mut now, mut next): (Vec<Duty>, Vec<Turn>) = (Vec::new(), Vec::new());
    for (shift, name) in shifts {
        if shift.from <= soon {
            now.extend(duty(v, &mut sql, me, &shift, name).await?);
        } else {
            next.push(turn(v, &shift, name));
        }
    }
    // The one that runs stands before the one that is over.
    now.sort_by_key(|d| d.over);
    let swaps = rosters::swaps_of(&mut sql, v.scope(), me, v.now).await?;
    drop(sql);
    let swaps: Vec<Asked> = swaps.into_iter().filter_map(|(s, _, post)| asked(me, s, post)).collect();
    let tabs = tabs(v, "mine", now.len() + swaps.iter().filter(|s| s.of_me).count());
    let error = !typed.error.is_empty();
    let mut response = v.html(&MinePage { p: v.page(v.t("roster-mine")), tabs, now, next, swaps, typed })?;
    if error {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// The tabs over the room's pages.
pub(in crate::rosters) fn tabs(v: &Visit, on: &str, mine: usize) -> Vec<(String, String, bool, String)> {
    let tab = |key: &str, href: &str, id: &str, n: usize| {
        (href.to_owned(), v.t(id), key == on, if n > 0 { n.to_string() } else { String::new() })
    };
    vec![
        tab("now", "/roster", "roster-now", 0),
        tab("mine", "/roster/mine", "roster-mine", mine),
        tab("posts", "/roster/posts", "roster-posts", 0),
        tab("commitments", "/roster/commitments", "roster-commitments", 0),
        tab("callouts", "/roster/callouts", "callout-title", v.frame.callouts as usize),
        tab("reach", "/roster/reachability", "reach-title", 0),
        tab("monitors", "/roster/monitors", "monitor-title", 0),
        tab("inlets", "/roster/inlets", "inlet-title", 0),
        tab("policies", "/roster/policies", "callout-policies", 0),
    ]
}

fn plus(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(at)
}

/// A shift with what can be done about it now; nothing when it is over and everything was answered.
async fn duty(
    v: &Visit,
    sql: &mut Sql,
    me: Person,
    shift: &Shift,
    name: String,
) -> Result<Option<Duty>, StoreError> {
    let of = rosters::shown(sql, v.scope(), shift.post).await?.post;
    let over = shift.to <= v.now;
    let owed = rosters::owed_by(sql, &of, v.now).await?;
    // Of this shift only: the one before or after owes for itself.
    let own = |due: Timestamp| shift.from <= due && due <= shift.to;
    let mut open = owed.iter().filter(|(o, answer)| o.person == me && answer.is_none() && own(o.due));
    let next = open.next().filter(|_| shift.line == Line::Primary);
    if over && next.is_none() {
        return Ok(None);
    }
    let seen =
        owed.iter().filter(|(o, _)| o.person == me && own(o.due)).filter_map(|(_, answer)| *answer).max();
    let all = rosters::hand_overs(sql, v.scope(), shift.post, HAND_OVERS).await?;
    let waiting = |h: &HandOver| h.accepted_at.is_none() && h.giver.0 != me && plus(h.at, WAITING) > v.now;
    let word = |moment| {
        v.t(match moment {
            Moment::Start => "roster-moment-start",
            Moment::During => "roster-moment-during",
            Moment::End => "roster-moment-end",
        })
    };
    Ok(Some(Duty {
        post: shift.post,
        name,
        backup: shift.line == Line::Backup,
        span: say::span(Window { from: shift.from, to: shift.to }),
        owed: next.map(|(o, _)| (word(o.moment), say::moment(o.due), o.missed <= v.now)),
        seen: seen.map(say::moment).unwrap_or_default(),
        over,
        form: format!("{}-{}-", shift.post, shift.from.as_second()),
        waiting: if shift.line == Line::Primary {
            all.into_iter().filter(waiting).collect()
        } else {
            Vec::new()
        },
    }))
}

fn turn(v: &Visit, shift: &Shift, name: String) -> Turn {
    Turn {
        post: shift.post,
        name,
        line: say::line(v, shift.line),
        span: say::span(Window { from: shift.from, to: shift.to }),
        swap: if v.user.may(Right::Answer) {
            let (from, to) = (say::typed(shift.from), say::typed(shift.to));
            format!("/roster/posts/{}/changes?from={from}&to={to}#swaps", shift.post)
        } else {
            String::new()
        },
    }
}

fn asked(me: Person, s: Swap, post: String) -> Option<Asked> {
    let of_me = s.swap.to == me;
    let (agreed, waits) = match s.state {
        SwapState::Asked => (false, true),
        // Agreed to by the taker: only the giver still waits for it.
        SwapState::Agreed => (true, !of_me),
        _ => (false, false),
    };
    waits.then(|| Asked {
        id: s.swap.id,
        post,
        span: say::span(s.swap.span),
        other: if of_me { s.names.0 } else { s.names.1 },
        why: s.why,
        of_me,
        agreed,
    })
}

async fn hand_over(
    v: Visit,
    Path(id): Path<PostId>,
    Form(mut typed): Form<Typed>,
) -> Result<Response, AppError> {
    let tools = tools(&v);
    let items: Vec<String> = typed.items.lines().map(str::to_owned).collect();
    let done = write!(v, tx => {
        rosters::hand_over(tx, v.scope(), &tools, id, Way::Page, &typed.note, &items).await
    });
    match done {
        Ok(_) => Ok(super::done(&v, "/roster/mine", "roster-handed-over")),
        Err(error) => {
            typed.error = super::refusal(&v, error)?;
            show(&v, typed).await
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Pressed {
    yes: String,
}

async fn accept(
    v: Visit,
    Path(id): Path<Id<kind::HandOver>>,
    Form(_): Form<Pressed>,
) -> Result<Response, AppError> {
    let tools = tools(&v);
    let done = write!(v, tx => rosters::accept(tx, v.scope(), &tools, id, Way::Page).await);
    back(&v, "/roster/mine", done.map(|_| ()), "roster-accepted")
}

async fn agree(
    v: Visit,
    Path(id): Path<Id<kind::Swap>>,
    Form(pressed): Form<Pressed>,
) -> Result<Response, AppError> {
    let yes = pressed.yes == "1";
    let done = write!(v, tx => rosters::agree(tx, v.scope(), id, yes).await);
    back(&v, "/roster/mine", done, if yes { "roster-swap-agreed" } else { "roster-swap-refused" })
}

async fn withdraw(
    v: Visit,
    Path(id): Path<Id<kind::Swap>>,
    Form(_): Form<Pressed>,
) -> Result<Response, AppError> {
    let done = write!(v, tx => rosters::withdraw_swap(tx, v.scope(), id).await);
    back(&v, "/roster/mine", done, "roster-swap-withdrawn")
}
