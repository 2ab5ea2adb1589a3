//! One field over everything: bodies, campaigns, letters, people, systems, within what the asker may see.

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::{id::Id, id::kind, right::Right};
use serde::Deserialize;
use store::search::{self, Found};

use crate::{Access, AppError, Page, Route, Visit};

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/search", Access::Right(Right::See), find)]
}

#[derive(Deserialize)]
struct Ask {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "board/search.html")]
struct SearchPage {
    p: Page,
    q: String,
    groups: Vec<Group>,
    asked: bool,
}

struct Group {
    title: String,
    icon: &'static str,
    hits: Vec<Hit>,
}

struct Hit {
    href: String,
    name: String,
    note: String,
}

async fn find(visit: Visit, Query(ask): Query<Ask>) -> Result<Response, AppError> {
    let found = search::everywhere(&mut visit.app.db.read().await?, visit.scope(), &ask.q).await?;
    let asked = !ask.q.trim().is_empty();
    let groups = groups(&visit, found).into_iter().filter(|g| !g.hits.is_empty()).collect();
    visit.html(&SearchPage { p: visit.page(visit.t("search-title")), q: ask.q, groups, asked })
}

fn groups(visit: &Visit, found: Found) -> Vec<Group> {
    let hit = |href: String, name: String, note: String| Hit { href, name, note };
    let group = |id: &str, icon, hits| Group { title: visit.t(id), icon, hits };
    let body = |(id, name, above): (Id<kind::Body>, String, Option<String>)| {
        hit(format!("/register/bodies/{id}"), name, above.unwrap_or_default())
    };
    let letters = found.letters.into_iter().map(|(id, number, subject, at)| {
        let name = if number.is_empty() { subject.clone() } else { number };
        hit(
            format!("/orders/letters/{id}"),
            name,
            format!("{subject} · {}", domain::time::date(at).strftime("%d/%m/%Y")),
        )
    });
    vec![
        group("search-bodies", "tree", found.bodies.into_iter().map(body).collect()),
        group(
            "search-campaigns",
            "board",
            found
                .campaigns
                .into_iter()
                .map(|(id, n, w)| hit(format!("/campaigns/{id}/board"), n, w))
                .collect(),
        ),
        group("search-letters", "order", letters.collect()),
        group(
            "search-people",
            "user",
            found.people.into_iter().map(|(id, n, w)| hit(format!("/register/people/{id}"), n, w)).collect(),
        ),
        group(
            "search-systems",
            "register",
            found
                .systems
                .into_iter()
                .map(|(id, n, w)| hit(format!("/register/systems/{id}"), n, w))
                .collect(),
        ),
    ]
}
