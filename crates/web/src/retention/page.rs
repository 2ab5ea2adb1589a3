//! The page: what is kept how long, and holding some of it.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{right::Right, time};
use jiff::{Timestamp, civil::Date};
use store::{
    StoreError,
    retention::{self, BodyTerm, Hold},
};

use super::HoldId;
use crate::{
    Access, AppError, Form, Page, Route, Visit,
    act::write,
    alerts::tabs,
    register::{Draft, Options, body_options, form_status},
};

pub(super) fn routes() -> Vec<Route> {
    let answer = Access::Right(Right::Answer);
    vec![
        Route::get("/retention", Access::Right(Right::Read), show),
        Route::post("/retention", answer, make),
        Route::post("/holds/{id}/lift", answer, lift),
    ]
}

#[derive(Template)]
#[template(path = "retention/list.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    rows: Vec<Row>,
    holds: Vec<Held>,
    may_make: bool,
    d: Draft,
    bodies: Options,
}

struct Row {
    body: String,
    days: String,
    why: String,
    oldest: String,
    kept: String,
}

struct Held {
    id: HoldId,
    body: String,
    period: String,
    reason: String,
    owner: String,
    until: String,
    may_lift: bool,
}

fn day(at: Timestamp) -> String {
    time::local(at).strftime("%d/%m/%Y").to_string()
}

/// The last day of what is over at that instant.
fn last_day(at: Timestamp) -> String {
    day(time::from_micros(at.as_microsecond() - 1))
}

fn row(v: &Visit, term: BodyTerm) -> Row {
    let numbered = |id: &str, n: i64| v.words().with(id, [("n", n.into())]);
    let why = match (term.systems, term.unclassified, term.level) {
        (0, ..) => v.t("retention-no-system"),
        (_, n, _) if n > 0 => numbered("retention-unclassified", i64::try_from(n).unwrap_or(i64::MAX)),
        (.., Some(level)) => numbered("retention-level", level.get().into()),
        (.., None) => String::new(),
    };
    Row {
        days: term
            .days
            .map_or_else(|| v.t("retention-for-good"), |days| numbered("retention-days", days.into())),
        why,
        oldest: term.oldest.map(day).unwrap_or_default(),
        kept: term
            .oldest
            .map(|at| numbered("retention-days", v.now.duration_since(at).as_hours() / 24))
            .unwrap_or_default(),
        body: term.name,
    }
}

fn held(hold: Hold) -> Held {
    Held {
        id: hold.id,
        body: hold.body_name,
        period: format!("{} – {}", day(hold.from), last_day(hold.to)),
        reason: hold.reason,
        owner: hold.owner,
        until: last_day(hold.until),
        may_lift: hold.may_lift,
    }
}

async fn page(v: &Visit, d: Draft) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let terms = retention::bodies(&mut sql, v.scope(), v.pack()).await?;
    let holds = retention::holds(&mut sql, v.scope(), v.now).await?;
    let bodies = body_options(v, &mut sql, Right::Answer, None).await?;
    drop(sql);
    let shown = ListPage {
        tabs: tabs(v, "retention"),
        rows: terms.into_iter().map(|term| row(v, term)).collect(),
        holds: holds.into_iter().map(held).collect(),
        may_make: v.user.may(Right::Answer),
        bodies,
        d,
        p: v.page(v.t("retention-title")),
    };
    Ok(form_status(&shown.d, v.html(&shown)?))
}

async fn show(v: Visit) -> Result<Response, AppError> {
    let own = v.user.body.map(|b| b.to_string()).unwrap_or_default();
    page(&v, Draft::empty(&v).with("body", own)).await
}

async fn make(v: Visit, Form(typed): Form<HashMap<String, String>>) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let body = d.id("body");
    let mut date = |field: &str| {
        let read: Option<Date> = d.v(field).parse().ok();
        if read.is_none() {
            d.error(field, "error-hold-day");
        }
        read
    };
    let (from, to, until) = (date("from"), date("to"), date("until"));
    if d.v("reason").is_empty() {
        d.error("reason", "error-text-empty");
    }
    if let (true, Some(body), Some(from), Some(to), Some(until)) = (d.good(), body, from, to, until) {
        let new = super::new(&v, body, (from, to), d.v("reason").to_owned(), until);
        match write!(v, tx => retention::hold(tx, v.scope(), &new).await) {
            Ok(()) => return v.acted("/retention", Ok::<(), AppError>(()), "hold-made"),
            Err(StoreError::Refused(code)) => {
                let field = match code {
                    "hold-period" => "to",
                    "hold-until" => "until",
                    _ => "reason",
                };
                d.error(field, &format!("error-{code}"));
            }
            Err(error) => return Err(error.into()),
        }
    }
    page(&v, d).await
}

async fn lift(
    v: Visit,
    Path(id): Path<HoldId>,
    _: Form<HashMap<String, String>>,
) -> Result<Response, AppError> {
    let done = write!(v, tx => retention::lift(tx, v.scope(), id).await);
    v.acted("/retention", done, "hold-lifted")
}
