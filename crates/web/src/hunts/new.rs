//! A hunt made, by hand or of a search.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Query, response::Response};
use domain::{hunt::How, right::Right};
use serde::Deserialize;
use store::{
    StoreError,
    hunts::{self, New},
    indicators,
};

use super::{checked, how_said, write};
use crate::{
    Access, AppError, Flash, Form, Page, Route, Visit,
    register::{Draft, Options, body_options, form_status},
};

pub(super) fn routes() -> Vec<Route> {
    let answer = Access::Right(Right::Answer);
    vec![Route::get("/hunts/new", answer, form), Route::post("/hunts", answer, make)]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    q: String,
    list: String,
    rule: String,
}

#[derive(Template)]
#[template(path = "hunts/new.html")]
struct NewPage {
    p: Page,
    d: Draft,
    bodies: Options,
    hows: Options,
    lists: Options,
    wrong: String,
}

async fn form(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let own = v.user.body.map(|b| b.to_string()).unwrap_or_default();
    let rule = text_of(&v, &asked.rule).await?;
    let how = match () {
        () if rule.is_some() => How::Sigma,
        () if asked.list.is_empty() => How::Search,
        () => How::List,
    };
    let d = Draft::empty(&v).with("body", own).with("days", "30").with("how", how.name());
    page(&v, d.with("query", rule.unwrap_or(asked.q)).with("list", asked.list), String::new()).await
}

/// The text of a rule of the centre.
async fn text_of(v: &Visit, rule: &str) -> Result<Option<String>, AppError> {
    if rule.is_empty() {
        return Ok(None);
    }
    let all = v.app.rules.all(&mut v.app.db.read().await?, v.scope()).await?;
    Ok(all.get(rule).map(|known| known.sheet.text.clone()))
}

async fn page(v: &Visit, d: Draft, wrong: String) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let bodies = body_options(v, &mut sql, Right::Answer, None).await?;
    let lists = indicators::list(&mut sql, v.scope(), None).await?;
    drop(sql);
    let lists = lists.into_iter().map(|l| (l.id.to_string(), format!("{} · {}", l.terms.name, l.body_name)));
    let shown = NewPage {
        p: v.page(v.t("hunt-new")),
        bodies,
        hows: How::ALL.iter().map(|h| (h.name().to_owned(), how_said(v, *h))).collect(),
        lists: std::iter::once((String::new(), v.t("hunt-no-list"))).chain(lists).collect(),
        wrong,
        d,
    };
    Ok(form_status(&shown.d, v.html(&shown)?))
}

/// At which field a refusal is said.
pub(super) fn field_of(code: &str) -> &'static str {
    match code {
        "hunt-query" => "query",
        "hunt-list" => "list",
        "hunt-days" => "days",
        "hunt-every" => "every",
        "hunts-many" => "body",
        _ => "title",
    }
}

async fn make(v: Visit, Form(typed): Form<HashMap<String, String>>) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let (body, how, list) = (d.id("body"), d.word("how", How::parse), d.opt_id("list"));
    for field in ["title", "hypothesis"] {
        if d.v(field).is_empty() {
            d.error(field, "error-text-empty");
        }
    }
    let days: Option<u32> = d.v("days").parse().ok();
    if days.is_none() {
        d.error("days", "error-hunt-days");
    }
    let every: Option<u32> = d.v("every").parse().ok();
    if every.is_none() && !d.v("every").is_empty() {
        d.error("every", "error-hunt-every");
    }
    let mut wrong = String::new();
    if let Some(Err(why)) = how.map(|how| checked(&v, how, d.v("query"))) {
        d.error("query", "error-hunt-query");
        wrong = why;
    }
    let (true, Some(body), Some(how), Some(days)) = (d.good(), body, how, days) else {
        return page(&v, d, wrong).await;
    };
    let new = New {
        id: v.id(),
        body,
        title: d.v("title").to_owned(),
        hypothesis: d.v("hypothesis").to_owned(),
        scope: d.v("scope").to_owned(),
        how,
        query: if how == How::List { String::new() } else { d.v("query").to_owned() },
        list,
        days,
        every_days: every,
    };
    let run = v.id();
    let done = write!(v, tx => {
        hunts::create(tx, v.scope(), &new).await?;
        hunts::begin(tx, v.scope(), new.id, run).await
    });
    match done {
        Ok(()) => Ok(v.redirect(&format!("/hunts/{}", new.id), Flash::ok("hunt-made"))),
        Err(StoreError::Refused(code)) => {
            d.error(field_of(code), &format!("error-{code}"));
            page(&v, d, String::new()).await
        }
        Err(error) => Err(error.into()),
    }
}
