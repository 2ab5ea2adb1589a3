//! Monitors of outside systems: the list, making one, its address shown once; and the address itself.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    id::{Id, kind},
    paging::Severity,
    right::Right,
};

use jiff::SignedDuration;
use std::collections::HashMap;
use store::{
    callouts::{self, NewMonitor},
    sign_in::{digest, text},
};

use super::{pause, say, tabs, tools, write};
use crate::{
    Access, AppError, Form, Page, Route, Visit,
    register::{Draft, Options, body_options, form_status},
};

/// Bytes of the secret in an address: 128 bits.
const SECRET: usize = 16;

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::get("/roster/monitors", Access::Right(Right::See), list),
        Route::post("/roster/monitors", prepare, make),
        Route::post("/roster/monitors/{id}/close", prepare, close),
        // HEAD is answered by GET's.
        Route::get("/beat/{beat}", Access::Public, beat),
        Route::post("/beat/{beat}", Access::Public, beat),
    ]
}

type Fields = Form<HashMap<String, String>>;

#[derive(Template)]
#[template(path = "callouts/monitors.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    rows: Vec<Row>,
    may_make: bool,
    d: Draft,
    bodies: Options,
    severities: Options,
    /// The address of the one just made: shown this once.
    made: String,
}

struct Row {
    id: Id<kind::Monitor>,
    name: String,
    body: String,
    rule: String,
    severity: String,
    last: String,
    last_iso: String,
    silent: bool,
    /// Until when it is not listened to, and why.
    paused: Option<(String, String)>,
    may_change: bool,
}

async fn page(v: &Visit, d: Draft, made: String) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let found = callouts::monitors(&mut sql, v.scope(), v.now).await?;
    let bodies = body_options(v, &mut sql, Right::Prepare, None).await?;
    drop(sql);
    let p = v.page(v.t("monitor-title"));
    let long = |minutes: u32| crate::rosters::say::length(v, SignedDuration::from_mins(minutes.into()));
    let row = |m: callouts::Monitor| Row {
        id: m.id,
        silent: m.deadline <= v.now,
        rule: v.words().with(
            "monitor-rule",
            [("every", long(m.every_minutes).into()), ("grace", long(m.grace_minutes).into())],
        ),
        severity: say::severity(v, m.severity),
        last: m.last_at.map(|t| p.time(&t)).unwrap_or_default(),
        last_iso: m.last_at.map(|t| t.to_string()).unwrap_or_default(),
        name: m.name,
        body: m.body_name,
        paused: pause::said(&p, m.paused.as_ref()),
        may_change: m.may_change,
    };
    let rows = found.into_iter().map(row).collect();
    let shown = ListPage {
        tabs: tabs(v, "monitors"),
        rows,
        may_make: v.user.may(Right::Prepare),
        bodies,
        severities: Severity::ALL.iter().map(|s| (s.name().to_owned(), say::severity(v, *s))).collect(),
        made,
        d,
        p,
    };
    Ok(form_status(&shown.d, v.html(&shown)?))
}

async fn list(v: Visit) -> Result<Response, AppError> {
    let own = v.user.body.map(|b| b.to_string()).unwrap_or_default();
    let d =
        Draft::empty(&v).with("body", own).with("every", "10").with("grace", "5").with("severity", "high");
    page(&v, d, String::new()).await
}

async fn make(v: Visit, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let (body, severity) = (d.id("body"), d.word("severity", Severity::parse));
    let minutes = |d: &mut Draft, field: &str| {
        let n: Option<u32> = d.v(field).parse().ok();
        if n.is_none() {
            d.error(field, "error-callout-number");
        }
        n
    };
    let (every, grace) = (minutes(&mut d, "every"), minutes(&mut d, "grace"));
    if d.v("name").is_empty() {
        d.error("name", "error-text-empty");
    }
    if let (true, Some(body), Some(severity), Some(every_minutes), Some(grace_minutes)) =
        (d.good(), body, severity, every, grace)
    {
        let secret = secret(&v);
        let new = NewMonitor {
            id: v.id(),
            body,
            name: d.v("name").to_owned(),
            digest: digest(&secret),
            every_minutes,
            grace_minutes,
            severity,
        };
        match write!(v, tx => callouts::make_monitor(tx, v.scope(), &new).await) {
            Ok(()) => {
                let made = format!("{}/beat/{secret}", v.app.config.public_url);
                let fresh = Draft::empty(&v).with("every", "10").with("grace", "5").with("severity", "high");
                return page(&v, fresh.with("body", body.to_string()), made).await;
            }
            Err(error) => d.refuse(error)?,
        }
    }
    page(&v, d, String::new()).await
}

async fn close(v: Visit, Path(id): Path<Id<kind::Monitor>>, _: Fields) -> Result<Response, AppError> {
    let done = write!(v, tx => callouts::close_monitor(tx, v.scope(), id).await);
    v.acted("/roster/monitors", done, "monitor-closed")
}

/// The secret of a new address.
pub(super) fn secret(v: &Visit) -> String {
    text(v.app.secrets.bytes().first_chunk::<SECRET>().map_or(&[][..], |b| &b[..]))
}

/// A sign of life; says nothing but that it was heard.
async fn beat(v: Visit, Path(secret): Path<String>) -> Result<&'static str, AppError> {
    callouts::beat(&v.app.db, &tools(&v), v.now, &secret).await?;
    Ok("ok\n")
}
