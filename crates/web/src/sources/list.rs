//! The list, making a source, its token shown once.

use std::collections::HashMap;

use askama::Template;
use axum::response::Response;
use domain::{right::Right, source::Kind};
use store::{
    register::systems,
    sign_in::digest,
    sources::{self, Filter, New, Shown},
};

use super::{SourceId, kind_said, show, token};
use crate::{
    Access, AppError, Form, Page, Route, Visit,
    act::write,
    alerts::tabs,
    register::{Draft, Options, body_options, form_status},
};

/// Systems offered in the form.
const SYSTEMS: u32 = 1_000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sources", Access::Right(Right::See), list),
        Route::post("/sources", Access::Right(Right::Register), make),
    ]
}

#[derive(Template)]
#[template(path = "sources/list.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    rows: Vec<Row>,
    strangers: Vec<(String, u64, String)>,
    may_make: bool,
    d: Draft,
    bodies: Options,
    systems: Options,
    kinds: Options,
    again: String,
}

struct Row {
    id: SourceId,
    name: String,
    body: String,
    kind: String,
    silent: bool,
    never: bool,
    last: String,
    last_iso: String,
    kept: u64,
    refused: u64,
    unparsed: u64,
}

fn row(v: &Visit, p: &Page, s: Shown) -> Row {
    Row {
        id: s.known.id,
        silent: s.is_silent(v.now),
        never: s.counts.last_at.is_none(),
        last: s.counts.last_at.map(|t| p.time(&t)).unwrap_or_default(),
        last_iso: s.counts.last_at.map(|t| t.to_string()).unwrap_or_default(),
        kind: kind_said(v, s.known.kind),
        body: s.system_name.map_or_else(|| s.body_name.clone(), |y| format!("{} · {y}", s.body_name)),
        name: s.name,
        kept: s.counts.kept,
        refused: s.counts.refused,
        unparsed: s.counts.unparsed,
    }
}

async fn page(v: &Visit, d: Draft) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let found = sources::list(&mut sql, v.scope(), &Filter::default()).await?;
    let strangers = sources::strangers(&mut sql, v.scope()).await?;
    let bodies = body_options(v, &mut sql, Right::Register, None).await?;
    let systems = systems::list(&mut sql, v.scope(), &systems::Filter::default(), None, SYSTEMS).await?;
    drop(sql);
    let p = v.page(v.t("source-title"));
    let known = systems
        .into_iter()
        .map(|s| (s.system.id.to_string(), format!("{} · {}", s.body_name, s.system.name)));
    let shown = ListPage {
        tabs: tabs(v, "sources"),
        rows: found.into_iter().map(|s| row(v, &p, s)).collect(),
        strangers: strangers.into_iter().map(|s| (s.address, s.lines, p.time(&s.last_at))).collect(),
        may_make: v.user.may(Right::Register),
        bodies,
        systems: std::iter::once((String::new(), v.t("source-no-system"))).chain(known).collect(),
        kinds: Kind::ALL.iter().map(|k| (k.name().to_owned(), kind_said(v, *k))).collect(),
        again: "/sources".to_owned(),
        d,
        p,
    };
    Ok(form_status(&shown.d, v.html(&shown)?))
}

async fn list(v: Visit) -> Result<Response, AppError> {
    let own = v.user.body.map(|b| b.to_string()).unwrap_or_default();
    let d = Draft::empty(&v).with("body", own).with("zone", "Asia/Ho_Chi_Minh");
    page(&v, d.with("rate", "1000").with("quiet", "15")).await
}

async fn make(v: Visit, Form(typed): Form<HashMap<String, String>>) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let (body, kind, system) = (d.id("body"), d.word("kind", Kind::parse), d.opt_id("system"));
    let number = |d: &mut Draft, field: &str, code: &str| {
        let n: Option<u32> = d.v(field).parse().ok();
        if n.is_none() {
            d.error(field, code);
        }
        n
    };
    let (rate, quiet) =
        (number(&mut d, "rate", "error-source-rate"), number(&mut d, "quiet", "error-source-quiet"));
    if d.v("name").is_empty() {
        d.error("name", "error-text-empty");
    }
    if let (true, Some(body), Some(kind), Some(rate), Some(quiet_minutes)) =
        (d.good(), body, kind, rate, quiet)
    {
        let secret = token(&v);
        let new = New {
            id: v.id(),
            body,
            system,
            name: d.v("name").to_owned(),
            kind,
            digest: digest(&secret),
            address: d.opt("address"),
            zone: d.v("zone").to_owned(),
            rate,
            quiet_minutes,
        };
        match write!(v, tx => sources::create(tx, v.scope(), &new).await) {
            Ok(()) => return show::page(&v, new.id, secret).await,
            Err(store::StoreError::Refused(code)) => {
                let field = match code {
                    "source-address" | "source-taken" => "address",
                    "source-system" => "system",
                    "source-zone" => "zone",
                    "source-rate" => "rate",
                    "source-quiet" => "quiet",
                    _ => "name",
                };
                d.error(field, &format!("error-{code}"));
            }
            Err(error) => return Err(error.into()),
        }
    }
    page(&v, d).await
}
