//! Weaknesses: each kind with how many machines have it, had it, or cannot be told.

use askama::Template;
use axum::response::Response;
use domain::{flaw::Grade, right::Right, weakness::Weakness};
use store::findings::{self, WeaknessSum};

use super::{say, tabs};
use crate::{Access, AppError, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/review/weaknesses", Access::Right(Right::See), list)]
}

#[derive(Template)]
#[template(path = "review/weaknesses.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    rows: Vec<Row>,
}

struct Row {
    number: String,
    name: String,
    about: String,
    severity: (String, &'static str),
    sum: WeaknessSum,
    fix: String,
}

async fn list(v: Visit) -> Result<Response, AppError> {
    let sums = findings::weakness_sums(&mut v.app.db.read().await?, v.scope()).await?;
    let p = v.page(v.t("weaknesses-title"));
    let rows = Weakness::ALL.iter().map(|kind| {
        let grade = v.pack().weaknesses().rule(*kind).map_or(Grade::Ungraded, |r| r.severity);
        Row {
            number: kind.number(),
            name: v.t(&format!("weakness-{kind}")),
            about: v.t(&format!("weakness-about-{kind}")),
            severity: say::grade(v.words(), grade),
            sum: sums.get(kind).copied().unwrap_or_default(),
            fix: v.t(&format!("weakness-fix-{kind}")),
        }
    });
    v.html(&ListPage { tabs: tabs(&v, "weaknesses"), rows: rows.collect(), p })
}
