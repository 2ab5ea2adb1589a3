//! The one-time link of whoever is on duty soon: looking shows, the button checks in.

use domain::id::{Id, kind};
use store::{
    StoreError,
    rosters::{self, Way},
    sign_in::links::{self, Link},
};

use super::tools;
use crate::{AppError, Visit, sign_in::links::Shown};

fn post(link: &Link) -> Result<Id<kind::Post>, AppError> {
    link.subject_id("post").ok_or(AppError::NotFound)
}

/// At which post; changes nothing.
pub(crate) async fn show(visit: Visit, link: Link) -> Result<Shown, AppError> {
    let of = rosters::shown(&mut visit.app.db.read().await?, visit.scope(), post(&link)?).await?;
    let p = visit.page("");
    let name = of.post.name.as_str();
    Ok(Shown {
        title: p.t1("roster-link-title", "post", name),
        told: vec![p.t2("roster-link-told", "post", name, "body", of.body_name.as_str())],
        note: p.t1("roster-link-note", "person", link.name.as_str()),
        button: if of.closed { String::new() } else { visit.t("roster-check-in") },
        done: visit.t(if link.used_at.is_some() { "roster-link-done" } else { "roster-is-closed" }),
        ..Shown::default()
    })
}

/// Checks in.
pub(crate) async fn act(visit: Visit, link: Link) -> Result<(), AppError> {
    let (id, tools) = (post(&link)?, tools(&visit));
    let done: Result<(), StoreError> = store::write!(visit.app.db, visit.actor(), visit.now, tx => {
        links::use_up(tx, link.id).await?;
        rosters::check_in(tx, visit.scope(), &tools, id, Way::Link, "").await.map(|_| ())
    });
    Ok(done?)
}
