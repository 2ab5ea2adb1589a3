//! The list of letters, and taking them in.

use askama::Template;
use axum::{
    extract::Query,
    response::{IntoResponse, Response},
};
use domain::{order::LetterState, right::Right};
use serde::Deserialize;
use store::letters::{self, Filter, LetterRow};

use super::{act, act::Paperwork, facts::day};
use crate::{Access, AppError, Flash, Form, LIMIT_FORM, LIMIT_LETTER, Page, Route, Upload, Visit};

/// Letters on a page.
const PER_PAGE: usize = 50;

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::get("/orders/letters", Access::Right(Right::Read), list),
        Route::page(axum::http::Method::POST, "/orders/letters", prepare, LIMIT_LETTER, upload),
        // A million characters, each at worst three bytes in a form.
        Route::page(axum::http::Method::POST, "/orders/letters/paste", prepare, LIMIT_FORM * 16, paste),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    state: String,
    after: String,
}

/// A line of the list.
pub(super) struct Line {
    pub href: String,
    pub reference: String,
    pub date: String,
    pub issuer: String,
    pub subject: String,
    pub state: &'static str,
    pub state_text: String,
    pub received: String,
    pub received_iso: String,
}

pub(super) fn line(v: &Visit, p: &Page, row: &LetterRow) -> Line {
    let reference = match (&row.number, &row.symbol) {
        (None, None) => v.t("order-no-number"),
        (n, s) => format!("{}/{}", n.as_deref().unwrap_or("—"), s.as_deref().unwrap_or("—")),
    };
    Line {
        href: format!("/orders/letters/{}", row.id),
        reference,
        date: row.date.as_deref().map(day).unwrap_or_default(),
        issuer: row.issuer.clone().unwrap_or_default(),
        subject: row.subject.clone().unwrap_or_default(),
        state: match row.state {
            LetterState::Read => "p",
            LetterState::Confirmed => "d",
            LetterState::Issued => "m",
            LetterState::Filed => "a",
        },
        state_text: v.t(&format!("order-letter-{}", row.state)),
        received: p.time(&row.received_at),
        received_iso: p.iso(&row.received_at),
    }
}

#[derive(Template)]
#[template(path = "order/letters.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(&'static str, String, bool, &'static str)>,
    q: String,
    states: Vec<(String, String)>,
    state: String,
    lines: Vec<Line>,
    next: String,
    may_add: bool,
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let after = asked
        .after
        .split_once('_')
        .and_then(|(at, id)| Some((domain::time::from_micros(at.parse().ok()?), id.parse().ok()?)));
    let filter = Filter { state: LetterState::parse(&asked.state), q: &asked.q, after };
    let mut sql = v.app.db.read().await?;
    let rows = letters::list(&mut sql, v.scope(), &filter, PER_PAGE + 1).await?;
    let p = v.page(v.t("order-letters"));
    let next = match rows.get(PER_PAGE - 1).filter(|_| rows.len() > PER_PAGE) {
        Some(last) => {
            let query: String = form_urlencoded::Serializer::new(String::new())
                .append_pair("q", &asked.q)
                .append_pair("state", &asked.state)
                .append_pair("after", &format!("{}_{}", last.received_at.as_microsecond(), last.id))
                .finish();
            format!("?{query}")
        }
        None => String::new(),
    };
    let mut states = vec![(String::new(), v.t("order-all-states"))];
    states.extend(LetterState::ALL.iter().map(|s| (s.name().to_owned(), v.t(&format!("order-letter-{s}")))));
    let lines = rows.iter().take(PER_PAGE).map(|r| line(&v, &p, r)).collect();
    let tabs = super::list::tabs(&v, "/orders/letters");
    let may_add = v.user.may(Right::Prepare) && v.user.body.is_some();
    v.html(&ListPage { p, tabs, q: asked.q, states, state: asked.state, lines, next, may_add })
}

/// A file of the form.
async fn upload(v: Visit, upload: Upload) -> Result<Response, AppError> {
    match upload.files.into_iter().next() {
        Some(file) => taken(&v, "upload", Paperwork::File(file)).await,
        None => Ok(v.redirect("/orders/letters", Flash::bad("error-paper-empty"))),
    }
}

#[derive(Deserialize)]
struct Pasted {
    text: String,
}

/// A text of the form.
async fn paste(v: Visit, Form(form): Form<Pasted>) -> Result<Response, AppError> {
    taken(&v, "paste", Paperwork::Text(form.text.replace("\r\n", "\n"))).await
}

async fn taken(v: &Visit, source: &'static str, paper: Paperwork) -> Result<Response, AppError> {
    match act::take_in(v, source, paper).await {
        Ok(taken) => {
            let flash = match taken.doubles.first() {
                Some(double) => {
                    let reference = double.number.iter().chain(&double.symbol).map(String::as_str);
                    Flash::warn("order-double").what(&reference.collect::<Vec<_>>().join("/"))
                }
                None => Flash::ok("order-letter-taken"),
            };
            Ok(v.redirect(&format!("/orders/letters/{}", taken.id), flash))
        }
        // What is wrong with the paper is said where the next one can be tried.
        Err(AppError::Refused(text)) => Ok(v.redirect("/orders/letters", Flash::bad(&text)).into_response()),
        Err(AppError::TooLarge) => Ok(v.redirect("/orders/letters", Flash::bad("error-too-large"))),
        Err(error) => Err(error),
    }
}
