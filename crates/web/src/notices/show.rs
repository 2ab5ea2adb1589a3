//! One notice: as a draft what will go out; once issued, how far it is, body by body.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use domain::{
    notice::{Standing, standing},
    right::Right,
};
use paper::sheet::Cell;
use serde::Deserialize;
use store::notices::{self, BodyFilter, BodyRates, Notice, Opening};

use super::{chip, csv, done, figures, id, paragraphs, rules, share, typed, when, write};
use crate::{Access, AppError, Flash, Form, Page, Route, Visit};

/// Bodies on a page.
const PER_PAGE: usize = 100;
/// Bodies in a file.
const CSV_MAX: usize = 20_000;

pub(super) fn routes() -> Vec<Route> {
    let (see, issuing) = (Access::Right(Right::See), Access::Right(Right::Issue));
    vec![
        Route::get("/notices/{notice}", see, show),
        Route::get("/notices/{notice}/bodies.csv", see, file),
        Route::post("/notices/{notice}/issue", issuing, issue),
        Route::post("/notices/{notice}/close", issuing, close),
        Route::post("/notices/{notice}/cancel", issuing, cancel),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    missing: String,
    sort: String,
    from: usize,
}

struct BodyLine {
    people: String,
    name: String,
    recipients: u32,
    delivered: u32,
    opened: u32,
    committed: String,
    passed: String,
    missing: u32,
    trouble: u32,
    excused: u32,
    expected: u32,
    state: &'static str,
    done: u32,
}

struct Figure {
    label: String,
    part: u32,
    all: u32,
    text: String,
}

#[derive(Template)]
#[template(path = "notices/show.html")]
struct ShowPage {
    p: Page,
    id: String,
    title: String,
    lead: String,
    campaign: Option<(String, String)>,
    text: Vec<Vec<String>>,
    text_lang: String,
    questions: Vec<(usize, String)>,
    quiz_rule: String,
    state: &'static str,
    state_text: String,
    draft: bool,
    running: bool,
    sending: Option<(u32, u32)>,
    opens: String,
    closes: String,
    recipients: u32,
    excused: u32,
    audience: Vec<String>,
    figures: Vec<Figure>,
    bodies: Vec<BodyLine>,
    asked: bool,
    q: String,
    missing: bool,
    sort: String,
    query: String,
    csv: String,
    prev: String,
    next: String,
    said: String,
    may_prepare: bool,
    may_issue: bool,
    may_read: bool,
}

async fn show(
    v: Visit,
    Path(notice): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let notice = notices::get(&mut sql, v.scope(), id(&notice)?).await?;
    let rates = notices::rates(&mut sql, v.scope(), &notice).await?;
    let filter =
        BodyFilter { q: &asked.q, missing: asked.missing == "1", sort: &asked.sort, offset: asked.from };
    let rows = notices::bodies(&mut sql, v.scope(), &notice, &filter, PER_PAGE + 1).await?;
    let holds = async |sql: &mut store::Sql, right| {
        store::register::require(sql, v.scope(), right, notice.body).await.is_ok()
    };
    let (may_prepare, may_issue) =
        (holds(&mut sql, Right::Prepare).await, holds(&mut sql, Right::Issue).await);
    let audience = audience(&v, &mut sql, &notice).await?;
    drop(sql);
    let p = v.page(notice.title.clone());
    let standing = standing(notice.state, notice.opens_at, notice.sent_at.is_some(), v.now);
    let at = |t: Option<jiff::Timestamp>| t.map(|t| p.time(&t)).unwrap_or_default();
    let rules = rules(&v)?;
    let (opens, closes) = match standing {
        Standing::Draft => {
            let days = jiff::SignedDuration::from_hours(24 * rules.open_days);
            (typed(v.now), typed(v.now.checked_add(days).unwrap_or(v.now)))
        }
        _ => (at(notice.opens_at), at(notice.closes_at)),
    };
    let link = |from: usize| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("q", &asked.q)
            .append_pair("missing", &asked.missing)
            .append_pair("sort", &asked.sort);
        format!("?{}", query.append_pair("from", &from.to_string()).finish())
    };
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("q", &asked.q)
        .append_pair("missing", &asked.missing)
        .finish();
    let shown = rows.len().min(PER_PAGE);
    let page = ShowPage {
        id: notice.id.to_string(),
        title: notice.title.clone(),
        lead: [notice.body_name.clone(), notice.issued_by.clone().unwrap_or_default()]
            .into_iter()
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
        campaign: notice
            .campaign
            .zip(notice.campaign_name.clone())
            .map(|(c, name)| (format!("/orders/{c}"), name)),
        text: paragraphs(&notice.text),
        text_lang: notice.lang.clone(),
        questions: notice.quiz.questions.iter().enumerate().map(|(n, q)| (n + 1, q.ask.clone())).collect(),
        quiz_rule: p.t2(
            "notices-quiz-rule",
            "needed",
            notice.quiz.needed(),
            "left",
            u32::from(notice.quiz.attempts),
        ),
        state: chip(standing),
        state_text: v.t(&format!("notices-standing-{standing}")),
        draft: standing == Standing::Draft,
        running: matches!(standing, Standing::Scheduled | Standing::Sending | Standing::Open),
        sending: (standing == Standing::Sending).then_some((notice.queued, rates.recipients)),
        opens,
        closes,
        recipients: rates.recipients,
        excused: rates.excused,
        audience,
        figures: figures(&rates)
            .into_iter()
            .map(|(label, part, all)| Figure { label: v.t(label), part, all, text: share(part, all) })
            .collect(),
        bodies: rows.iter().take(PER_PAGE).map(|r| line(&notice, r)).collect(),
        asked: notice.quiz.is_asked(),
        missing: asked.missing == "1",
        sort: if asked.sort.is_empty() { "-missing".into() } else { asked.sort.clone() },
        csv: format!("/notices/{}/bodies.csv?{query}", notice.id),
        query: format!("{query}&"),
        prev: if asked.from > 0 { link(asked.from.saturating_sub(PER_PAGE)) } else { String::new() },
        next: if rows.len() > PER_PAGE { link(asked.from + PER_PAGE) } else { String::new() },
        said: p.t2("notices-rows", "from", asked.from + usize::from(shown > 0), "to", asked.from + shown),
        q: asked.q,
        may_prepare,
        may_issue,
        may_read: v.user.may(Right::Read),
        p,
    };
    v.html(&page)
}

fn line(notice: &Notice, row: &BodyRates) -> BodyLine {
    let r = &row.rates;
    let state = match r.done() {
        _ if r.expected() == 0 => "x",
        d if d >= r.expected() => "m",
        0 => "n",
        _ => "p",
    };
    BodyLine {
        people: format!("/notices/{}/people?body={}", notice.id, row.body),
        name: row.name.clone(),
        recipients: r.recipients,
        delivered: r.delivered,
        opened: r.opened,
        committed: share(r.committed, r.expected()),
        passed: if r.asked > 0 { share(r.passed, r.asked) } else { String::new() },
        missing: r.expected().saturating_sub(r.done()),
        trouble: row.without_address + row.failed,
        excused: r.excused,
        expected: r.expected(),
        state,
        done: r.done(),
    }
}

/// To whom it goes, in words.
async fn audience(v: &Visit, sql: &mut store::Sql, notice: &Notice) -> Result<Vec<String>, AppError> {
    let tops = super::top_options(v, sql).await?;
    let mut told: Vec<String> = notice
        .audience
        .tops
        .iter()
        .filter_map(|t| tops.iter().find(|(id, _)| *id == t.to_string()).map(|(_, name)| name.clone()))
        .collect();
    let roles: Vec<String> =
        notice.audience.roles.iter().map(|r| v.t(&format!("register-role-{r}"))).collect();
    if !roles.is_empty() {
        told.push(v.words().with("notices-only-roles", [("roles", roles.join(", ").into())]));
    }
    let lists = notices::lists(sql, v.scope(), 500).await?;
    told.extend(
        lists
            .into_iter()
            .filter(|l| notice.audience.lists.contains(&l.id))
            .map(|l| v.page("").t2("notices-list-of", "name", l.name, "n", l.people)),
    );
    Ok(told)
}

async fn file(
    v: Visit,
    Path(notice): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let notice = notices::get(&mut sql, v.scope(), id(&notice)?).await?;
    let filter = BodyFilter { q: &asked.q, missing: asked.missing == "1", sort: &asked.sort, offset: 0 };
    let rows = notices::bodies(&mut sql, v.scope(), &notice, &filter, CSV_MAX).await?;
    drop(sql);
    let heads = [
        "notices-body",
        "notices-recipients",
        "notices-excused",
        "notices-delivered",
        "notices-opened",
        "notices-committed",
        "notices-passed",
        "notices-trouble",
    ];
    let head: Vec<String> = heads.iter().map(|h| v.t(h)).collect();
    let rows: Vec<Vec<Cell>> = rows
        .iter()
        .map(|r| {
            let n = |n: u32| Cell::from(n.to_string());
            let passed = if r.rates.asked > 0 { n(r.rates.passed) } else { Cell::from("") };
            vec![
                Cell::from(r.name.as_str()),
                n(r.rates.recipients),
                n(r.rates.excused),
                n(r.rates.delivered),
                n(r.rates.opened),
                n(r.rates.committed),
                passed,
                n(r.without_address + r.failed),
            ]
        })
        .collect();
    Ok(csv("notice", &head, &rows))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Times {
    opens: String,
    closes: String,
}

async fn issue(v: Visit, Path(notice): Path<String>, Form(times): Form<Times>) -> Result<Response, AppError> {
    let to = format!("/notices/{notice}");
    let issued = async {
        let (at, rules) = (id(&notice)?, rules(&v)?);
        let opening = Opening { opens: when(&times.opens)?, closes: when(&times.closes)? };
        write!(v, tx => notices::issue(tx, v.scope(), rules, &*v.app.ids, at, opening).await)?;
        Ok(Flash::ok("notices-issued"))
    };
    done(&v, &to, issued.await)
}

#[derive(Deserialize)]
struct Nothing {}

async fn close(v: Visit, Path(notice): Path<String>, Form(_): Form<Nothing>) -> Result<Response, AppError> {
    let at = id(&notice)?;
    let closed = write!(v, tx => notices::close(tx, v.scope(), &*v.app.ids, at).await);
    done(&v, &format!("/notices/{at}"), closed.map(|()| Flash::ok("notices-closed")).map_err(AppError::from))
}

async fn cancel(v: Visit, Path(notice): Path<String>, Form(_): Form<Nothing>) -> Result<Response, AppError> {
    let at = id(&notice)?;
    let gone = write!(v, tx => notices::cancel(tx, v.scope(), &*v.app.ids, at).await);
    done(&v, &format!("/notices/{at}"), gone.map(|()| Flash::ok("notices-cancelled")).map_err(AppError::from))
}
