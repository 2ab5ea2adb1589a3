//! The personal page of a notice: `/n/{token}`. Looking changes nothing; each button is one act of the person named.

use std::{collections::HashMap, sync::Arc};

use askama::Template;
use axum::{
    extract::Path,
    http::{HeaderValue, header},
    response::Response,
};
use domain::actor::Scope;
use store::{
    StoreError,
    notices::personal::{self, Mine},
    sign_in::text,
};

use super::{key, paragraphs, write};
use crate::{Access, AppError, Flash, Page, Route, User, Visit, form};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/n/{notice_link}", Access::Public, show),
        Route::post("/n/{notice_link}", Access::Public, act),
    ]
}

struct QuestionView {
    number: usize,
    ask: String,
    options: Vec<String>,
    /// Of the last attempt: whether it was wrong.
    wrong: bool,
    /// The right answer and why; empty while it may still be tried.
    right: String,
    because: String,
}

#[derive(Template)]
#[template(path = "notices/personal.html")]
struct PersonalPage {
    p: Page,
    address: String,
    title: String,
    issuer: String,
    name: String,
    body: String,
    closes: String,
    text: Vec<Vec<String>>,
    text_lang: String,
    open: bool,
    opened: bool,
    committed: String,
    receipt: String,
    quiz: Vec<QuestionView>,
    quiz_open: bool,
    needed: usize,
    attempts: u32,
    left: u32,
    score: Option<u32>,
    result_kind: &'static str,
    error: String,
}

/// The token of the page's form: bound to the recipient, so it needs no cookie and no session, and no other site or
/// letter can make it.
fn form_token(v: &Visit, mine: &Mine) -> String {
    text(&key(v).mac("notice-form", &[mine.id.uuid().as_bytes()]))
}

/// The notice behind an address, and the visit of its recipient. Every wrong address is the same 404.
async fn open(v: Visit, token: &str) -> Result<(Visit, Mine), AppError> {
    let id = personal::read_token(&key(&v), token).ok_or(AppError::NotFound)?;
    let mine = personal::find(&mut v.app.db.read().await?, id).await?.ok_or(AppError::NotFound)?;
    if mine.opens_at > v.now {
        return Err(AppError::NotFound);
    }
    let user = User {
        actor: mine.actor(),
        scope: Scope::nothing(),
        name: mine.name.clone(),
        csrf: form_token(&v, &mine),
        ..User::nobody()
    };
    Ok((Visit { user: Arc::new(user), ..v }, mine))
}

async fn show(v: Visit, Path(token): Path<String>) -> Result<Response, AppError> {
    let (v, mine) = open(v, &token).await?;
    page(&v, &mine, &token, String::new())
}

fn page(v: &Visit, mine: &Mine, token: &str, error: String) -> Result<Response, AppError> {
    let mut p = v.page(mine.title.clone());
    // The person is known by the link alone: the frame of somebody signed in would promise more.
    (p.user, p.nav, p.tabs) = (None, Vec::new(), Vec::new());
    let (open, quiz_open, passed) = (mine.open(v.now), mine.quiz_open(v.now), mine.passed_at.is_some());
    let tried = mine.attempts > 0;
    // Answers are told once nothing depends on them any more; reasons after every attempt, where it went wrong.
    let told = tried && !quiz_open;
    let quiz = mine.quiz.questions.iter().enumerate().map(|(at, q)| {
        let wrong = tried && mine.wrong.contains(&(at + 1));
        let right = q.options.get(q.right.saturating_sub(1)).filter(|_| told).cloned().unwrap_or_default();
        let because = if told || wrong { q.because.clone() } else { String::new() };
        QuestionView { number: at + 1, ask: q.ask.clone(), options: q.options.clone(), wrong, right, because }
    });
    let shown = PersonalPage {
        address: format!("/n/{token}"),
        title: mine.title.clone(),
        issuer: mine.issuer.clone(),
        name: mine.name.clone(),
        body: mine.body_name.clone(),
        closes: p.time(&mine.closes_at),
        // The words come after the question who reads them.
        text: if mine.opened_at.is_some() { paragraphs(&mine.text) } else { Vec::new() },
        text_lang: mine.lang.clone(),
        open,
        opened: mine.opened_at.is_some(),
        committed: mine.committed_at.map(|at| p.time(&at)).unwrap_or_default(),
        receipt: mine.receipt.map(|r| r.to_string()).unwrap_or_default(),
        quiz: if mine.committed_at.is_some() && (quiz_open || tried) { quiz.collect() } else { Vec::new() },
        quiz_open,
        needed: mine.quiz.needed(),
        attempts: mine.attempts,
        left: mine.attempts_left(),
        score: mine.score,
        result_kind: if passed { "ok" } else { "warn" },
        error,
        p,
    };
    let mut response = v.html(&shown)?;
    // The address is a key: no other site, and no log of one, may learn it.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

async fn act(
    v: Visit,
    Path(token): Path<String>,
    form::Plain(fields): form::Plain<HashMap<String, String>>,
) -> Result<Response, AppError> {
    let (v, mine) = open(v, &token).await?;
    form::check_csrf(&v.user, fields.get("csrf").map(String::as_str))?;
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let ids = &*v.app.ids;
    let done: Result<&str, StoreError> = match field("do") {
        "open" => write!(v, tx => personal::opened(tx, mine.id).await.map(|()| "")),
        // The tick says who and what; without it nothing happens.
        "commit" if field("agree") != "1" => {
            return page(&v, &mine, &token, v.t("error-notice-agree"));
        }
        "commit" => {
            write!(v, tx => personal::commit(tx, ids, mine.id, "link").await.map(|_| "notices-committed-done"))
        }
        "answer" => {
            let answers: Vec<usize> = (1..=mine.quiz.questions.len())
                .map(|n| field(&format!("a{n}")).parse().unwrap_or(0))
                .collect();
            // A form sent without its number is no attempt at all.
            let attempt = field("attempt").parse().unwrap_or(u32::MAX);
            write!(v, tx => {
                let marks = personal::answer(tx, ids, mine.id, attempt, &answers).await?;
                Ok(if marks.passed { "notices-passed-done" } else { "notices-failed-done" })
            })
        }
        _ => return Err(AppError::NotFound),
    };
    let back = format!("/n/{token}");
    match done.map_err(AppError::from) {
        Ok("") => Ok(v.redirect(&back, Flash::info("notices-opened-done"))),
        Ok(text @ "notices-failed-done") => Ok(v.redirect(&back, Flash::warn(text))),
        Ok(text) => Ok(v.redirect(&back, Flash::ok(text))),
        Err(AppError::Refused(why)) => Ok(v.redirect(&back, Flash::bad(&why))),
        Err(other) => Err(other),
    }
}
