//! Escalation policies: which there are, whom each would call when, for now.

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::{
    paging::{About, Severity},
    right::Right,
};
use serde::Deserialize;
use store::callouts::{self, Kept};

use super::{PolicyId, policy_form::Previewed, policy_form::preview, say, tabs, tools};
use crate::{Access, AppError, Page, Route, Visit, register::Options};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/roster/policies", Access::Right(Right::See), list)]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    /// Whose call-outs the preview is of.
    body: String,
    about: String,
    severity: String,
}

#[derive(Template)]
#[template(path = "callouts/policies.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    rows: Vec<Row>,
    may_make: bool,
    bodies: Options,
    body: String,
    abouts: Options,
    about: String,
    severities: Options,
    severity: String,
    /// What is in force for them, and whom it would call.
    in_force: String,
    preview: Vec<Previewed>,
}

struct Row {
    id: PolicyId,
    name: String,
    body: String,
    about: String,
    from: String,
    steps: usize,
    last: u16,
    repeats: u8,
    may_change: bool,
}

fn row(v: &Visit, k: Kept) -> Row {
    let abouts: Vec<String> = k.rule.about.iter().map(|a| say::about(v, *a)).collect();
    let p = &k.rule.policy;
    Row {
        id: k.id,
        name: p.name.clone(),
        body: k.body_name,
        about: if abouts.is_empty() { v.t("callout-about-any") } else { abouts.join(", ") },
        from: say::severity(v, k.rule.from),
        steps: p.steps.len(),
        last: p.steps.last().map_or(0, |s| s.after_minutes),
        repeats: p.repeats,
        may_change: k.may_change,
    }
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let kept = callouts::policies(&mut sql, v.scope()).await?;
    let bodies = crate::register::body_options(&v, &mut sql, Right::See, None).await?;
    let own = v.user.body.map(|b| b.to_string());
    let body = Some(asked.body).filter(|b| bodies.iter().any(|(id, _)| id == b)).or(own).unwrap_or_default();
    let about = About::parse(&asked.about).unwrap_or(About::CheckIn);
    let severity = Severity::parse(&asked.severity).unwrap_or(Severity::High);
    let (mut in_force, mut shown) = (String::new(), Vec::new());
    if let Ok(id) = body.parse() {
        let tools = tools(&v);
        let policy = callouts::in_force(&mut sql, &tools, id, about, severity).await?;
        let told = callouts::preview(&mut sql, &tools, &policy, id, None, v.now).await?;
        shown = preview(&v, told);
        in_force = if policy.name.is_empty() { v.t("callout-policy-built-in") } else { policy.name };
    }
    drop(sql);
    v.html(&ListPage {
        p: v.page(v.t("callout-policies")),
        tabs: tabs(&v, "policies"),
        rows: kept.into_iter().map(|k| row(&v, k)).collect(),
        may_make: v.user.may(Right::Issue),
        bodies,
        body,
        abouts: About::ALL.iter().map(|a| (a.name().to_owned(), say::about(&v, *a))).collect(),
        about: about.name().to_owned(),
        severities: Severity::ALL.iter().map(|s| (s.name().to_owned(), say::severity(&v, *s))).collect(),
        severity: severity.name().to_owned(),
        in_force,
        preview: shown,
    })
}
