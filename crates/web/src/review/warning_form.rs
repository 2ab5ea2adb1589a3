//! Writing a warning by hand.

use std::collections::HashMap;

use askama::Template;
use axum::response::Response;
use domain::{
    id::Id,
    right::Right,
    time,
    warning::{Item, Warned, numbers},
};
use jiff::civil::Date;
use store::{
    StoreError,
    warnings::{self, NewWarning},
};

use crate::{
    Access, AppError, Flash, Form, Page, Route, Visit,
    act::write,
    register::{Draft, Options, body_options, form_status},
};

pub(super) fn routes() -> Vec<Route> {
    let issue = Access::Right(Right::Issue);
    vec![Route::get("/review/warnings/new", issue, blank), Route::post("/review/warnings/new", issue, make)]
}

const GRADES: [&str; 4] = ["critical", "high", "medium", "low"];

#[derive(Template)]
#[template(path = "review/warning_form.html")]
struct FormPage {
    p: Page,
    d: Draft,
    bodies: Options,
    grades: Vec<(&'static str, String)>,
    odd: String,
}

async fn blank(v: Visit) -> Result<Response, AppError> {
    let own = v.user.body.map(|b| b.to_string()).unwrap_or_default();
    let today = time::date(v.now).to_string();
    let d = Draft::empty(&v).with("body", own).with("on", today).with("high", "1").with("critical", "1");
    page(&v, d, String::new()).await
}

async fn page(v: &Visit, d: Draft, odd: String) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let bodies = body_options(v, &mut sql, Right::Issue, None).await?;
    drop(sql);
    let grades = GRADES.map(|g| (g, v.t(&format!("severity-{g}")))).into();
    let shown = FormPage { p: v.page(v.t("warning-new")), bodies, grades, odd, d };
    Ok(form_status(&shown.d, v.html(&shown)?))
}

async fn make(v: Visit, Form(typed): Form<HashMap<String, String>>) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let (body, on) = (d.id("body"), d.date("on").unwrap_or_else(|| time::date(v.now)));
    let (found, odd) = numbers(d.v("numbers"));
    let mut items = Vec::new();
    if !found.is_empty() {
        items.push(Item::Flaws { name: None, numbers: found });
    }
    if d.on("vendor") {
        match (month(d.v("from")), month(d.v("to")).or_else(|| month(d.v("from")))) {
            (Some(from), Some(to)) if from <= to => items.push(Item::Months {
                vendor: d.v("vendor").chars().take(100).collect(),
                from,
                to: to.last_of_month(),
                severities: GRADES.iter().filter(|g| d.on(g)).map(|g| (*g).to_owned()).collect(),
            }),
            _ => d.error("from", "error-warning-months"),
        }
    }
    if d.on("all") {
        items.push(Item::All);
    }
    let wrong = odd.first().map(|word| v.words().with_texts("error-warning-odd", &[("word", word)]));
    if wrong.is_some() {
        d.error("numbers", "error-invalid");
    }
    if let (true, Some(body)) = (d.good(), body) {
        let id = Id::new(&*v.app.ids);
        let warned = Warned { items, open: false };
        let new = NewWarning { id, body, campaign: None, title: d.v("title"), on, warned: &warned };
        match write!(v, tx => warnings::make(tx, v.scope(), &new).await) {
            Ok(()) => return Ok(v.redirect(&format!("/review/warnings/{id}"), Flash::ok("warning-made"))),
            Err(StoreError::Refused("warning-title")) => d.error("title", "error-warning-title"),
            Err(error) => d.refuse(error)?,
        }
    }
    page(&v, d, wrong.unwrap_or_default()).await
}

/// The first day of `2022-04` or `04/2022`.
fn month(text: &str) -> Option<Date> {
    let text = text.trim();
    let (year, month) = text.split_once('-').or_else(|| text.split_once('/').map(|(m, y)| (y, m)))?;
    Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()
}
