//! Inlets: the list, making one, its address shown once; and the address itself, at which outside systems report.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::Path,
    http::{HeaderMap, Method},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    id::{Id, kind},
    paging::{Severity, outside::Tongue},
    right::Right,
};
use store::{
    StoreError,
    callouts::{self, NewInlet, Signed},
    sign_in::{InstanceKey, digest},
};

use super::{monitors::secret, pause, say, tabs, tools, write};
use crate::{
    Access, AppError, Form, Page, Route, Visit,
    register::{Draft, Options, body_options, form_status},
};

/// A report: a thousand alerts of Alertmanager with their texts.
pub(super) const LIMIT_REPORT: usize = 1024 * 1024;
/// Whoever reports during a storm may come again after so many seconds.
const AFTER_STORM: u32 = 60;

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::get("/roster/inlets", Access::Right(Right::See), list),
        Route::post("/roster/inlets", prepare, make),
        Route::post("/roster/inlets/{id}/close", prepare, close),
        Route::page(Method::POST, "/in/reports/{secret}", Access::Public, LIMIT_REPORT, report),
    ]
}

type Fields = Form<HashMap<String, String>>;

#[derive(Template)]
#[template(path = "callouts/inlets.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    rows: Vec<Row>,
    may_make: bool,
    d: Draft,
    bodies: Options,
    tongues: Options,
    severities: Options,
    made: Option<Made>,
}

struct Row {
    id: Id<kind::Inlet>,
    name: String,
    body: String,
    tongue: String,
    severity: String,
    last: String,
    last_iso: String,
    open: u32,
    /// Until when it is not listened to, and why.
    paused: Option<(String, String)>,
    may_change: bool,
}

/// What is shown of an inlet once.
pub(super) struct Made {
    pub address: String,
    /// What its messages are signed with; empty where they are not.
    pub secret: String,
}

fn tongue(v: &Visit, tongue: Tongue) -> String {
    v.t(match tongue {
        Tongue::Alertmanager => "inlet-tongue-alertmanager",
        Tongue::Signed => "inlet-tongue-signed",
    })
}

async fn page(v: &Visit, d: Draft, made: Option<Made>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let found = callouts::inlets(&mut sql, v.scope(), v.now).await?;
    let bodies = body_options(v, &mut sql, Right::Prepare, None).await?;
    drop(sql);
    let p = v.page(v.t("inlet-title"));
    let row = |i: callouts::Inlet| Row {
        id: i.id,
        tongue: tongue(v, i.tongue),
        severity: say::severity(v, i.severity),
        last: i.last_at.map(|t| p.time(&t)).unwrap_or_default(),
        last_iso: i.last_at.map(|t| t.to_string()).unwrap_or_default(),
        name: i.name,
        body: i.body_name,
        open: i.open,
        paused: pause::said(&p, i.paused.as_ref()),
        may_change: i.may_change,
    };
    let rows = found.into_iter().map(row).collect();
    let shown = ListPage {
        tabs: tabs(v, "inlets"),
        rows,
        may_make: v.user.may(Right::Prepare),
        bodies,
        tongues: Tongue::ALL.iter().map(|t| (t.name().to_owned(), tongue(v, *t))).collect(),
        severities: Severity::ALL.iter().map(|s| (s.name().to_owned(), say::severity(v, *s))).collect(),
        made,
        d,
        p,
    };
    Ok(form_status(&shown.d, v.html(&shown)?))
}

fn fresh(v: &Visit, body: String) -> Draft {
    Draft::empty(v).with("body", body).with("tongue", "alertmanager").with("severity", "high")
}

async fn list(v: Visit) -> Result<Response, AppError> {
    let own = v.user.body.map(|b| b.to_string()).unwrap_or_default();
    let d = fresh(&v, own);
    page(&v, d, None).await
}

/// Makes one; what is shown of it once.
pub(super) async fn made(
    v: &Visit,
    body: Id<kind::Body>,
    name: &str,
    tongue: Tongue,
    severity: Severity,
) -> Result<(Id<kind::Inlet>, Made), StoreError> {
    let secret = secret(v);
    let signing = format!("whsec_{}", STANDARD.encode(v.app.secrets.bytes()));
    let new = NewInlet {
        id: v.id(),
        body,
        name: name.to_owned(),
        tongue,
        digest: digest(&secret),
        secret: signing,
        severity,
    };
    write!(v, tx => callouts::make_inlet(tx, v.scope(), &key(v), &*v.app.secrets, &new).await)?;
    let signing = if tongue == Tongue::Signed { new.secret } else { String::new() };
    let address = format!("{}/in/reports/{secret}", v.app.config.public_url);
    Ok((new.id, Made { address, secret: signing }))
}

fn key(v: &Visit) -> InstanceKey {
    InstanceKey::new(v.app.config.instance_key)
}

async fn make(v: Visit, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let (body, severity) = (d.id("body"), d.word("severity", Severity::parse));
    let tongue = d.word("tongue", Tongue::parse);
    if d.v("name").is_empty() {
        d.error("name", "error-text-empty");
    }
    if let (true, Some(body), Some(severity), Some(tongue)) = (d.good(), body, severity, tongue) {
        match made(&v, body, d.v("name"), tongue, severity).await {
            Ok((_, made)) => return page(&v, fresh(&v, body.to_string()), Some(made)).await,
            Err(error) => d.refuse(error)?,
        }
    }
    page(&v, d, None).await
}

async fn close(v: Visit, Path(id): Path<Id<kind::Inlet>>, _: Fields) -> Result<Response, AppError> {
    let done = write!(v, tx => callouts::close_inlet(tx, v.scope(), id).await);
    v.acted("/roster/inlets", done, "inlet-closed")
}

/// A report. Says nothing but that it was heard.
async fn report(
    v: Visit,
    Path(secret): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Result<&'static str, AppError> {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let signed = Signed {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let done = callouts::report(&v.app.db, &tools(&v), &key(&v), v.now, &secret, &body, signed).await;
    done.map(|_| "ok\n").map_err(refused)
}

/// In a storm whoever reports is told when to come again.
pub(super) fn refused(error: StoreError) -> AppError {
    match error {
        StoreError::Refused("inlet-storm") => AppError::TooMany(AFTER_STORM),
        other => other.into(),
    }
}
