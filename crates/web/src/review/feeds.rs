//! The feeds: how each fares; adding an address, removing one.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Path, response::Response};
use domain::{
    feed::{Place, Signed},
    id::{Id, kind},
    right::Right,
};
use store::{
    advisories::{self, Feed, NewFeed},
    jobs,
};

use super::tabs;
use crate::{
    Access, AppError, Flash, Form, Page, Route, Visit,
    act::write,
    register::{Draft, form_status},
};

pub(super) fn routes() -> Vec<Route> {
    let administer = Access::Right(Right::Administer);
    vec![
        Route::get("/review/feeds", Access::Right(Right::See), list),
        Route::post("/review/feeds", administer, add),
        Route::post("/review/feeds/{id}/remove", administer, remove),
    ]
}

type Fields = Form<HashMap<String, String>>;

#[derive(Template)]
#[template(path = "review/feeds.html")]
struct FeedsPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    rows: Vec<Row>,
    lead: String,
    may: bool,
    d: Draft,
}

struct Row {
    id: String,
    name: String,
    place: String,
    kind: String,
    signed: Option<String>,
    advisories: u32,
    read: String,
    read_iso: String,
    changed: String,
    changed_iso: String,
    trouble: Option<(String, String)>,
    own: bool,
}

async fn list(v: Visit) -> Result<Response, AppError> {
    page(&v, Draft::empty(&v)).await
}

async fn page(v: &Visit, d: Draft) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let feeds = advisories::feeds(&mut sql, v.scope()).await?;
    let may = advisories::may_change(&mut sql, v.scope()).await?;
    drop(sql);
    let p = v.page(v.t("feeds-title"));
    let all: u32 = feeds.iter().map(|f| f.advisories).sum();
    let lead = p.t2("feeds-lead", "advisories", all.to_string(), "feeds", feeds.len().to_string());
    let rows = feeds.into_iter().map(|f| row(&p, f)).collect();
    let shown = FeedsPage { tabs: tabs(v, "feeds"), rows, lead, may, d, p };
    Ok(form_status(&shown.d, v.html(&shown)?))
}

fn row(p: &Page, f: Feed) -> Row {
    let own = f.kind == Place::Own;
    Row {
        id: f.id.to_string(),
        name: if own { p.t("feeds-own-name") } else { f.name },
        place: if own { String::new() } else { f.place },
        kind: p.t(&format!("feed-kind-{}", f.kind)),
        signed: (f.signed == Signed::Good).then(|| p.t("feed-signed-good")),
        advisories: f.advisories,
        read: f.read_at.map(|t| p.time(&t)).unwrap_or_default(),
        read_iso: f.read_at.map(|t| t.to_string()).unwrap_or_default(),
        changed: f.changed_at.map(|t| p.time(&t)).unwrap_or_default(),
        changed_iso: f.changed_at.map(|t| t.to_string()).unwrap_or_default(),
        trouble: f.trouble.map(|(why, place)| (p.t(&format!("feed-trouble-{why}")), place)),
        own,
    }
}

async fn add(v: Visit, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let new = NewFeed {
        id: v.id(),
        name: d.v("name"),
        // Paths on this machine are named by whoever holds it, on the command line.
        kind: Place::Url,
        place: d.v("place"),
        signed: Signed::No,
    };
    let (job, key) = (v.id(), d.v("key").trim());
    let done = write!(v, tx => {
        advisories::add(tx, v.scope(), &new).await?;
        if !key.is_empty() {
            advisories::trust(tx, v.scope(), new.id, key).await?;
        }
        let now = tx.now();
        jobs::enqueue(tx, job, advisories::JOB, advisories::JOB, now, &serde_json::Value::Null).await?;
        Ok(())
    });
    match done {
        Ok(()) => Ok(v.redirect("/review/feeds", Flash::ok("feed-added"))),
        Err(error) => {
            d.refuse(error)?;
            page(&v, d).await
        }
    }
}

async fn remove(v: Visit, Path(id): Path<Id<kind::Feed>>, _: Fields) -> Result<Response, AppError> {
    let done = write!(v, tx => advisories::remove(tx, v.scope(), id).await);
    v.acted("/review/feeds", done, "feed-removed")
}
