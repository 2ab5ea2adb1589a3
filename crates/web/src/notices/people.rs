//! Who has read and committed, and who is missing: names, for those who may know them.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use domain::{
    id::{Id, kind},
    notice::NoticeState,
    right::Right,
};
use paper::sheet::Cell;
use serde::Deserialize;
use store::notices::{self, Notice, PeopleFilter, PersonRow, PersonState};

use super::{csv, id, write};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

/// People on a page.
const PER_PAGE: usize = 100;
/// People in a file: all of the largest notice.
const CSV_MAX: usize = 100_000;

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Right(Right::Read);
    vec![
        Route::get("/notices/{notice}/people", read, show),
        Route::get("/notices/{notice}/people.csv", read, file),
        Route::post("/notices/{notice}/people/excuse", Access::Right(Right::Review), excuse),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    state: String,
    body: String,
    after: String,
}

impl Asked {
    fn filter(&self) -> PeopleFilter<'_> {
        let after =
            self.after.rsplit_once('_').and_then(|(key, id)| Some((key.to_owned(), id.parse().ok()?)));
        PeopleFilter {
            body: self.body.parse().ok(),
            state: PersonState::parse(&self.state).unwrap_or(PersonState::Missing),
            q: &self.q,
            after,
        }
    }
    fn query(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("q", &self.q)
            .append_pair("state", &self.state)
            .append_pair("body", &self.body)
            .finish()
    }
}

struct Line {
    id: String,
    /// May be excused, or expected again.
    choosable: bool,
    chosen: bool,
    excuse: String,
    name: String,
    email: String,
    body: String,
    delivered: String,
    opened: String,
    committed: String,
    receipt: String,
    quiz: String,
    reminded: u32,
    state: &'static str,
    state_text: String,
}

#[derive(Template)]
#[template(path = "notices/people.html")]
struct PeoplePage {
    p: Page,
    id: String,
    title: String,
    q: String,
    states: Vec<(String, String)>,
    state: &'static str,
    body: String,
    lines: Vec<Line>,
    asked: bool,
    csv: String,
    next: String,
    may_excuse: bool,
    query: String,
    reason: String,
    error: String,
}

/// How somebody stands: chip and text id.
fn stand(notice: &Notice, r: &PersonRow) -> (&'static str, &'static str) {
    match () {
        () if r.passed_at.is_some() || (r.committed_at.is_some() && !notice.quiz.is_asked()) => ("m", "done"),
        () if r.excuse.is_some() => ("x", "excused"),
        () if r.committed_at.is_some() && r.attempts >= u32::from(notice.quiz.attempts) => ("n", "failed"),
        () if r.committed_at.is_some() => ("p", "quiz"),
        () if r.opened_at.is_some() => ("p", "opened"),
        () if r.email.is_none() => ("u", "no-address"),
        () if r.failed_at.is_some() => ("u", "undelivered"),
        () => ("n", "waiting"),
    }
}

async fn show(
    v: Visit,
    Path(notice): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    page(&v, id(&notice)?, asked, Given::default(), String::new()).await
}

/// Excusing the people ticked, or expecting them again.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Given {
    who: Vec<String>,
    reason: String,
    #[serde(rename = "do")]
    act: String,
}

async fn excuse(
    v: Visit,
    Path(notice): Path<String>,
    Query(asked): Query<Asked>,
    Form(given): Form<Given>,
) -> Result<Response, AppError> {
    let at = id(&notice)?;
    let who: Vec<Id<kind::Recipient>> = given.who.iter().filter_map(|w| w.parse().ok()).collect();
    let (ids, reason, back) = (&*v.app.ids, given.reason.as_str(), given.act == "expect");
    let done = write!(v, tx => match back {
        true => notices::expect(tx, v.scope(), ids, at, &who).await,
        false => notices::excuse(tx, v.scope(), ids, at, &who, reason).await,
    });
    match done.map_err(AppError::from) {
        Ok(n) => {
            let flash = if back { "notices-expected-done" } else { "notices-excused-done" };
            let to = format!("/notices/{at}/people?{}", asked.query());
            Ok(v.redirect(&to, Flash::ok(flash).what(&n.to_string())))
        }
        Err(AppError::Refused(why)) => page(&v, at, asked, given, v.t(&why)).await,
        Err(other) => Err(other),
    }
}

/// The list; `given` and `error` are a form that was refused.
async fn page(
    v: &Visit,
    notice: Id<kind::Notice>,
    asked: Asked,
    given: Given,
    error: String,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let notice = notices::get(&mut sql, v.scope(), notice).await?;
    let filter = asked.filter();
    let state = filter.state.name();
    let rows = notices::people(&mut sql, v.scope(), &notice, &filter, PER_PAGE + 1).await?;
    drop(sql);
    let p = v.page(notice.title.clone());
    let at = |t: Option<jiff::Timestamp>| t.map(|t| p.time(&t)).unwrap_or_default();
    let next = match rows.get(PER_PAGE - 1).filter(|_| rows.len() > PER_PAGE) {
        Some(last) => {
            let mut after = form_urlencoded::Serializer::new(asked.query());
            format!("?{}", after.append_pair("after", &format!("{}_{}", last.key, last.id)).finish())
        }
        None => String::new(),
    };
    let lines = rows
        .iter()
        .take(PER_PAGE)
        .map(|r| {
            let (state, text) = stand(&notice, r);
            Line {
                id: r.id.to_string(),
                choosable: state != "m",
                chosen: given.who.iter().any(|w| *w == r.id.to_string()),
                excuse: r
                    .excuse
                    .as_ref()
                    .map(|x| [x.reason.clone(), x.by.clone(), p.time(&x.at)].join(" · "))
                    .unwrap_or_default(),
                name: r.name.clone(),
                email: r.email.clone().unwrap_or_default(),
                body: r.body_name.clone(),
                delivered: at(r.delivered_at),
                opened: at(r.opened_at),
                committed: at(r.committed_at),
                receipt: r.receipt.map(|n| n.to_string()).unwrap_or_default(),
                quiz: r.score.map(|s| format!("{s}/{}", notice.quiz.questions.len())).unwrap_or_default(),
                reminded: r.reminded,
                state,
                state_text: v.t(&format!("notices-person-{text}")),
            }
        })
        .collect();
    let states = PersonState::ALL
        .iter()
        .map(|s| (s.name().to_owned(), v.t(&format!("notices-people-{}", s.name()))))
        .collect();
    v.html(&PeoplePage {
        id: notice.id.to_string(),
        title: notice.title.clone(),
        csv: format!("/notices/{}/people.csv?{}", notice.id, asked.query()),
        asked: notice.quiz.is_asked(),
        may_excuse: notice.state == NoticeState::Issued && v.user.may(Right::Review),
        query: asked.query(),
        reason: given.reason,
        error,
        q: asked.q,
        body: asked.body,
        states,
        state,
        lines,
        next,
        p,
    })
}

async fn file(
    v: Visit,
    Path(notice): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let notice = notices::get(&mut sql, v.scope(), id(&notice)?).await?;
    let filter = PeopleFilter { after: None, ..asked.filter() };
    let rows = notices::people(&mut sql, v.scope(), &notice, &filter, CSV_MAX).await?;
    drop(sql);
    let heads = [
        "notices-name",
        "notices-email",
        "notices-body",
        "notices-state",
        "notices-delivered",
        "notices-opened",
        "notices-committed",
        "notices-receipt-number",
        "notices-score",
        "notices-reminders",
        "notices-excuse-reason",
    ];
    let head: Vec<String> = heads.iter().map(|h| v.t(h)).collect();
    let p = v.page("");
    let at = |t: Option<jiff::Timestamp>| Cell::from(t.map(|t| p.time(&t)).unwrap_or_default());
    let rows: Vec<Vec<Cell>> = rows
        .iter()
        .map(|r| {
            let number = |n: Option<String>| Cell::from(n.unwrap_or_default());
            vec![
                Cell::from(r.name.as_str()),
                Cell::from(r.email.clone().unwrap_or_default()),
                Cell::from(r.body_name.as_str()),
                Cell::from(v.t(&format!("notices-person-{}", stand(&notice, r).1))),
                at(r.delivered_at),
                at(r.opened_at),
                at(r.committed_at),
                number(r.receipt.map(|n| n.to_string())),
                number(r.score.map(|n| n.to_string())),
                Cell::from(r.reminded.to_string()),
                Cell::from(r.excuse.as_ref().map(|x| x.reason.clone()).unwrap_or_default()),
            ]
        })
        .collect();
    Ok(csv("notice-people", &head, &rows))
}
