//! One source: what came, what nobody understood, how to set a shipper up.

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{right::Right, source::Kind};
use store::{sign_in::digest, sources};

use super::{SourceId, kind_said, snippets, token};
use crate::{Access, AppError, Form, Page, Route, Visit, act::write};

pub(super) fn routes() -> Vec<Route> {
    let register = Access::Right(Right::Register);
    vec![
        Route::get("/sources/{id}", Access::Right(Right::See), show),
        Route::post("/sources/{id}/token", register, new_token),
        Route::post("/sources/{id}/close", register, close),
    ]
}

#[derive(Template)]
#[template(path = "sources/show.html")]
struct ShowPage {
    p: Page,
    id: SourceId,
    body: String,
    system: String,
    kind: String,
    by_token: bool,
    address: String,
    zone: String,
    rate: u32,
    quiet: u32,
    silent: bool,
    last: String,
    last_iso: String,
    numbers: [(&'static str, u64); 5],
    /// The last two days: place, height of a hundred, what is said of the hour.
    hours: Vec<(usize, u64, String)>,
    /// What is usual, or that it is still learned.
    usual: String,
    low: bool,
    samples: Vec<String>,
    may_change: bool,
    /// Shown this once.
    secret: String,
    snippets: Vec<(&'static str, String)>,
    again: String,
}

async fn show(v: Visit, Path(id): Path<SourceId>) -> Result<Response, AppError> {
    page(&v, id, String::new()).await
}

pub(super) async fn page(v: &Visit, id: SourceId, secret: String) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let s = sources::get(&mut sql, v.scope(), id).await?;
    let volume = sources::volume_of(&mut sql, id, v.pack(), v.now).await?;
    drop(sql);
    let p = v.page(s.name.clone());
    let c = &s.counts;
    let token = if secret.is_empty() { "TOKEN" } else { &secret };
    // A line may hold anything: whoever only sees the register does not read logs.
    let samples = if v.user.may(Right::Read) { c.samples.clone() } else { Vec::new() };
    v.html(&ShowPage {
        id,
        silent: s.is_silent(v.now),
        system: s.system_name.clone().unwrap_or_default(),
        kind: kind_said(v, s.known.kind),
        by_token: s.known.kind != Kind::Syslog,
        address: s.known.address.clone().unwrap_or_default(),
        zone: s.known.zone.clone(),
        rate: s.known.rate,
        quiet: s.quiet_minutes,
        last: c.last_at.map(|t| p.time(&t)).unwrap_or_default(),
        last_iso: c.last_at.map(|t| t.to_string()).unwrap_or_default(),
        numbers: [
            ("source-received", c.received),
            ("source-kept", c.kept),
            ("source-refused", c.refused),
            ("source-unparsed", c.unparsed),
            ("source-skewed", c.skewed),
        ],
        hours: hours(&volume),
        usual: match volume.usual {
            Some(n) => v.words().with("source-usual", [("n", n.into())]),
            None => v.t("source-usual-learning"),
        },
        low: volume.low.is_some(),
        samples,
        may_change: s.may_change,
        snippets: snippets::of(s.known.kind, &v.app.config.public_url, token),
        secret,
        again: format!("/sources/{id}"),
        body: s.body_name,
        p,
    })
}

/// The bars of the last two days; the fullest hour fills the height.
fn hours(volume: &sources::Volume) -> Vec<(usize, u64, String)> {
    let most = volume.hours.values().copied().max().unwrap_or(0).max(1);
    let said =
        |at: &jiff::Timestamp, n: u64| format!("{}: {n}", domain::time::local(*at).strftime("%d/%m %H:%M"));
    // An hour with a single event is seen, too.
    let height = |n: u64| if n == 0 { 0 } else { (n.saturating_mul(100) / most).max(2) };
    volume.hours.iter().enumerate().map(|(x, (at, n))| (x, height(*n), said(at, *n))).collect()
}

#[derive(serde::Deserialize)]
struct Nothing {}

async fn new_token(v: Visit, Path(id): Path<SourceId>, _: Form<Nothing>) -> Result<Response, AppError> {
    let secret = token(&v);
    write!(v, tx => sources::new_token(tx, v.scope(), id, &digest(&secret)).await)?;
    page(&v, id, secret).await
}

async fn close(v: Visit, Path(id): Path<SourceId>, _: Form<Nothing>) -> Result<Response, AppError> {
    let done = write!(v, tx => sources::close(tx, v.scope(), id).await);
    v.acted("/sources", done, "source-closed")
}
