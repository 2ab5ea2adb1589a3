//! The list of letters, and taking them in.

use askama::Template;
use axum::{extract::Query, http::StatusCode, response::Response};
use domain::{order::LetterState, right::Right};
use paper::sheet::Cell;
use serde::Deserialize;
use store::letters::{self, Filter, LetterRow};

use super::{
    act,
    act::Paperwork,
    facts::day,
    pages::{Asked, CSV_MAX, PER_PAGE, Pager},
};
use crate::{Access, AppError, Flash, Form, LIMIT_FORM, LIMIT_LETTER, Page, Route, Upload, Visit};

pub(super) fn routes() -> Vec<Route> {
    let prepare = Access::Right(Right::Prepare);
    vec![
        Route::get("/orders/letters", Access::Right(Right::Read), list),
        Route::get("/orders/letters.csv", Access::Right(Right::Read), csv),
        Route::page(axum::http::Method::POST, "/orders/letters", prepare, LIMIT_LETTER, upload),
        // A million characters, each at worst three bytes in a form.
        Route::page(axum::http::Method::POST, "/orders/letters/paste", prepare, LIMIT_FORM * 16, paste),
    ]
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
    pager: Pager,
    may_add: bool,
    pasted: Typed,
}

fn filter(asked: &Asked) -> Filter<'_> {
    let state = LetterState::parse(&asked.state);
    Filter { state, q: &asked.q, after: None, sort: &asked.sort, skip: asked.skip() }
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    shown(&v, asked, Typed::default()).await
}

/// A text that was pasted and not taken.
#[derive(Default)]
struct Typed {
    text: String,
    why: String,
}

async fn shown(v: &Visit, asked: Asked, pasted: Typed) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let rows = letters::list(&mut sql, v.scope(), &filter(&asked), PER_PAGE + 1).await?;
    drop(sql);
    let p = v.page(v.t("order-letters"));
    let mut states = vec![(String::new(), v.t("order-all-states"))];
    states.extend(LetterState::ALL.iter().map(|s| (s.name().to_owned(), v.t(&format!("order-letter-{s}")))));
    let lines = rows.iter().take(PER_PAGE).map(|r| line(v, &p, r)).collect();
    let tabs = super::list::tabs(v, "/orders/letters");
    let may_add = v.user.may(Right::Prepare) && v.user.body.is_some();
    let pager = asked.pager(&p, rows.len(), "/orders/letters.csv", "-received");
    let status = if pasted.why.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ListPage { p, tabs, q: asked.q, states, state: asked.state, lines, pager, may_add, pasted };
    let mut response = v.html(&page)?;
    *response.status_mut() = status;
    Ok(response)
}

/// The same list as a file.
async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let p = v.page(String::new());
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    while rows.len() < CSV_MAX {
        let filter = Filter { skip: rows.len(), ..filter(&asked) };
        let found = letters::list(&mut sql, v.scope(), &filter, letters::PAGE_MAX).await?;
        rows.extend(found.iter().map(|row| {
            let l = line(&v, &p, row);
            let cells =
                [l.reference, l.date, l.subject, l.issuer, l.received, l.state_text, row.body_name.clone()];
            cells.map(Cell::from).into()
        }));
        if found.len() < letters::PAGE_MAX {
            break;
        }
    }
    let heads = [
        "order-reference",
        "order-field-date",
        "order-field-subject",
        "order-field-issuer",
        "order-received",
        "order-state",
        "order-body",
    ];
    Ok(v.csv("letters", &heads, &rows))
}

/// A file of the form.
async fn upload(v: Visit, upload: Upload) -> Result<Response, AppError> {
    match upload.files.into_iter().next() {
        Some(file) => match taken(&v, "upload", Paperwork::File(file)).await {
            // What is wrong with the paper is said where the next one can be tried.
            Err(AppError::Refused(text)) => Ok(v.redirect("/orders/letters", Flash::bad(&text))),
            Err(AppError::TooLarge) => Ok(v.redirect("/orders/letters", Flash::bad("error-too-large"))),
            done => done,
        },
        None => Ok(v.redirect("/orders/letters", Flash::bad("error-paper-empty"))),
    }
}

#[derive(Deserialize)]
struct Pasted {
    text: String,
}

/// A text of the form.
async fn paste(v: Visit, Form(form): Form<Pasted>) -> Result<Response, AppError> {
    let text = form.text.replace("\r\n", "\n");
    let done = taken(&v, "paste", Paperwork::Text(text.clone())).await;
    match done {
        Err(AppError::Refused(why)) => {
            // A paper marked secret is shown to nobody, not even as what was typed.
            let text = if why == "error-letter-secret" { String::new() } else { text };
            shown(&v, Asked::default(), Typed { text, why: v.t(&why) }).await
        }
        done => done,
    }
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
        Err(error) => Err(error),
    }
}
