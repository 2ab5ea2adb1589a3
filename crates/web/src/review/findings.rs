//! Flaws on machines: the list, one of them with its evidence, what people decide of it.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Multipart, Path, Query, multipart::MultipartRejection},
    http::{HeaderMap, Method},
    response::Response,
};
use domain::{
    flaw::{Grade, State},
    id::{Id, kind},
    right::Right,
};
use paper::sheet::Cell;
use serde::Deserialize;
use store::{
    findings::{self, After, Filter, Finding, Order, Proof, Sum},
    register,
};

use super::{say, tabs};
use crate::{
    Access, AppError, Flash, Form, LIMIT_EVIDENCE, Page, Route, Visit,
    act::write,
    register::{Draft, form_status},
    tasks::upload,
};

/// Findings on a page; the store gives twice as many at once.
const PAGE: usize = 100;
/// Rows of a table file: of more nobody reads a table.
pub(super) const FILE_MAX: usize = 50_000;

pub(super) fn routes() -> Vec<Route> {
    let (see, read) = (Access::Right(Right::See), Access::Right(Right::Read));
    vec![
        Route::get("/review/findings", see, list),
        Route::get("/review/findings.csv", see, csv),
        Route::get("/review/findings/{host}/{flaw}", read, show),
        Route::post("/review/findings/{host}/{flaw}/own", Access::Right(Right::Answer), own),
        Route::post("/review/findings/{host}/{flaw}/excuse", Access::Right(Right::Review), excuse),
        Route::page(
            Method::POST,
            "/review/findings/{host}/{flaw}/workaround",
            Access::Right(Right::Answer),
            LIMIT_EVIDENCE,
            work_around,
        ),
    ]
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Asked {
    q: String,
    state: String,
    severity: String,
    warning: String,
    host: String,
    body: String,
    fix: String,
    flaw: String,
    overdue: String,
    sort: String,
    after: String,
}

impl Asked {
    fn filter(&self) -> Filter {
        let some = |text: &String| Some(text.clone()).filter(|t| !t.is_empty());
        Filter {
            text: some(&self.q),
            state: State::parse(&self.state),
            severity: Grade::parse(&self.severity),
            host: self.host.parse().ok(),
            body: self.body.parse().ok(),
            warning: self.warning.parse().ok(),
            flaw: some(&self.flaw),
            fix: some(&self.fix),
            overdue: !self.overdue.is_empty(),
            all: self.state == "all",
        }
    }
    fn order(&self) -> Order {
        match self.sort.as_str() {
            "severity" => Order::Severity,
            "host" => Order::Host,
            "newest" => Order::Newest,
            _ => Order::Due,
        }
    }
    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let pairs = [
            ("q", &self.q),
            ("state", &self.state),
            ("severity", &self.severity),
            ("warning", &self.warning),
            ("host", &self.host),
            ("body", &self.body),
            ("fix", &self.fix),
            ("flaw", &self.flaw),
            ("overdue", &self.overdue),
            ("sort", &self.sort),
        ];
        query.extend_pairs(pairs.into_iter().filter(|(_, v)| !v.is_empty()));
        query.finish()
    }
}

#[derive(Template)]
#[template(path = "review/findings.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(String, String, bool, String)>,
    q: String,
    csv: String,
    state: String,
    severity: String,
    states: Vec<(String, String)>,
    severities: Vec<(String, String)>,
    /// Kept while filtering further.
    kept: Vec<(&'static str, String)>,
    overdue: &'static str,
    lead: String,
    rows: Vec<Row>,
    /// Where the next page is; empty at the end.
    next: String,
}

pub(crate) struct Row {
    pub host: String,
    pub host_name: String,
    pub body: String,
    pub flaw: String,
    /// What it is called, if it has more than a number.
    pub called: String,
    pub severity: (String, &'static str),
    pub exploited: bool,
    pub state: (String, &'static str),
    pub fix: String,
    pub due: String,
    pub late: bool,
}

/// A finding as lists show it.
pub(crate) fn row(v: &Visit, p: &Page, f: Finding) -> Row {
    let excused = f.excused.as_ref().is_some_and(|(until, _)| *until > v.now);
    let late =
        f.state.is_open() && f.workaround.is_none() && !excused && f.due_at.is_some_and(|d| d <= v.now);
    Row {
        host: f.host.to_string(),
        severity: say::grade(v.words(), f.severity),
        state: say::standing(v.words(), f.state, f.workaround.is_some(), excused),
        due: f.due_at.filter(|_| f.state.is_open()).map(|t| p.until(&t)).unwrap_or_default(),
        host_name: f.host_name,
        body: f.body_name,
        called: say::weakness(v.words(), &f.flaw).unwrap_or_default(),
        flaw: f.flaw,
        exploited: f.exploited,
        fix: f.fix.map(|fix| say::fix(v.words(), &fix)).unwrap_or_default(),
        late,
    }
}

fn lead(v: &Visit, sum: Sum) -> String {
    let n = ("n", sum.findings.into());
    match sum.overdue {
        _ if sum.more => v.words().with("findings-lead-more", [n]),
        Some(overdue) => {
            v.words().with("findings-lead", [n, ("hosts", sum.hosts.into()), ("overdue", overdue.into())])
        }
        None => v.words().with("findings-lead-all", [n, ("hosts", sum.hosts.into())]),
    }
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let (filter, order) = (asked.filter(), asked.order());
    let after: Option<After> = asked.after.parse().ok();
    let mut found = findings::findings(&mut sql, v.scope(), &filter, order, after.as_ref(), v.now).await?;
    let sum = findings::sum(&mut sql, v.scope(), &filter, v.now).await?;
    drop(sql);
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let last = found.last().filter(|_| more).map(|f| After::of(f, order).to_string());
    let next = last.map(|after| {
        let mut query = form_urlencoded::Serializer::new(asked.query());
        format!("/review/findings?{}", query.append_pair("after", &after).finish())
    });
    let (p, words) = (v.page(v.t("findings-title")), v.words());
    let lead = lead(&v, sum);
    let states = ["affected", "not-effective", "unknown", "fixed", "not-affected"];
    let kept = [
        ("warning", &asked.warning),
        ("host", &asked.host),
        ("body", &asked.body),
        ("fix", &asked.fix),
        ("flaw", &asked.flaw),
    ];
    v.html(&ListPage {
        tabs: tabs(&v, "findings"),
        csv: format!("/review/findings.csv?{}", asked.query()),
        states: std::iter::once(("all".to_owned(), v.t("findings-all")))
            .chain(states.map(|s| (s.to_owned(), v.t(&format!("review-state-{s}")))))
            .collect(),
        severities: Grade::ALL.iter().map(|g| (g.name().to_owned(), say::grade(words, *g).0)).collect(),
        kept: kept.into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k, v.clone())).collect(),
        overdue: if filter.overdue { "checked" } else { "" },
        next: next.unwrap_or_default(),
        rows: found.into_iter().map(|f| row(&v, &p, f)).collect(),
        lead,
        q: asked.q,
        state: asked.state,
        severity: asked.severity,
        p,
    })
}

async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let (filter, order, mut after, mut rows) = (asked.filter(), asked.order(), None, Vec::new());
    let p = v.page(String::new());
    let mut sql = v.app.db.read().await?;
    while rows.len() < FILE_MAX {
        let found = findings::findings(&mut sql, v.scope(), &filter, order, after.as_ref(), v.now).await?;
        let Some(last) = found.last() else { break };
        after = Some(After::of(last, order));
        rows.extend(found.into_iter().map(|f| -> Vec<Cell> {
            let r = row(&v, &p, f);
            [r.body, r.host_name, r.flaw, r.called, r.severity.0, r.state.0, r.fix, r.due]
                .map(Cell::from)
                .into()
        }));
    }
    drop(sql);
    let heads = [
        "warning-of-body",
        "finding-host",
        "advisory-number",
        "advisory-title",
        "advisory-severity",
        "finding-state",
        "finding-fix",
        "finding-due",
    ];
    Ok(v.csv("findings", &heads, &rows))
}

#[derive(Template)]
#[template(path = "review/finding.html")]
struct FindingPage {
    p: Page,
    d: Draft,
    r: Row,
    weak: bool,
    first_seen: String,
    fixed_at: String,
    reopened: u32,
    excused: Option<(String, String, String)>,
    workaround: Option<(String, String, String)>,
    owner: String,
    parts: Vec<Part>,
    events: Vec<EventView>,
    may_excuse: bool,
    may_answer: bool,
}

/// Something that happened.
struct EventView {
    at: String,
    kind: String,
    by: String,
    text: String,
    /// Address and name of a file that proves it.
    file: Option<(String, String)>,
}

/// What one advisory comes to.
struct Part {
    advisory: String,
    document: String,
    state: (String, &'static str),
    because: Vec<String>,
}

type Of = (Id<kind::Host>, String);

async fn show(v: Visit, Path(of): Path<Of>) -> Result<Response, AppError> {
    page(&v, &of, Draft::empty(&v)).await
}

async fn page(v: &Visit, (host, flaw): &Of, d: Draft) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let found = findings::finding(&mut sql, v.scope(), *host, flaw).await?;
    register::require(&mut sql, v.scope(), Right::Read, found.body).await?;
    let events = findings::events(&mut sql, v.scope(), *host, flaw).await?;
    let because = findings::because(&mut sql, v.scope(), *host, flaw).await?;
    let open = found.state.is_open();
    let may_excuse = open && register::require(&mut sql, v.scope(), Right::Review, found.body).await.is_ok();
    let may_answer = open && register::require(&mut sql, v.scope(), Right::Answer, found.body).await.is_ok();
    drop(sql);
    let (p, words) = (v.page(found.flaw.clone()), v.words());
    let parts = because.iter().map(|verdict| Part {
        advisory: verdict.advisory.clone(),
        document: verdict.document.clone(),
        state: say::judged(words, verdict.state),
        because: verdict.because.iter().map(|b| say::because(words, b)).collect(),
    });
    let told = |at: &jiff::Timestamp| p.time(at);
    let events = events.into_iter().map(|e| EventView {
        at: told(&e.at),
        kind: words.t(&format!("finding-event-{}", e.kind)),
        by: e.by.unwrap_or_default(),
        text: e.text,
        file: e.file.map(|(sha256, name)| (format!("/files/{sha256}"), name)),
    });
    let shown =
        FindingPage {
            weak: found.weak,
            first_seen: found.first_seen.as_ref().map(told).unwrap_or_default(),
            fixed_at: found.fixed_at.as_ref().map(told).unwrap_or_default(),
            reopened: found.reopened,
            excused: found.excused.as_ref().map(|(until, why)| {
                (p.until(until), why.clone(), found.excused_by.clone().unwrap_or_default())
            }),
            workaround: found.workaround.as_ref().map(|(at, what)| {
                (told(at), what.clone(), found.worked_around_by.clone().unwrap_or_default())
            }),
            owner: found.owner.as_ref().map(|(_, name)| name.clone()).unwrap_or_default(),
            parts: parts.collect(),
            events: events.collect(),
            may_excuse,
            may_answer,
            r: row(v, &p, found),
            d,
            p,
        };
    Ok(form_status(&shown.d, v.html(&shown)?))
}

type Fields = Form<HashMap<String, String>>;

async fn excuse(v: Visit, Path(of): Path<Of>, Form(typed): Fields) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let until = d.until("until");
    if until.is_none() && d.good() {
        d.error("until", "error-finding-until");
    }
    if let (true, Some(until)) = (d.good(), until) {
        match write!(v, tx => findings::excuse(tx, v.scope(), of.0, &of.1, until, d.v("why")).await) {
            Ok(()) => return Ok(v.redirect(&address(&of), Flash::ok("finding-excused-done"))),
            Err(error) => d.refuse(error)?,
        }
    }
    page(&v, &of, d).await
}

/// Whoever asks sees to it.
async fn own(v: Visit, Path(of): Path<Of>, Form(_): Fields) -> Result<Response, AppError> {
    let me = v.actor().person().ok_or(AppError::Refused("error-person-needed".into()))?;
    let done = write!(v, tx => findings::own(tx, v.scope(), of.0, &of.1, Some(me)).await);
    v.acted(&address(&of), done, "finding-owned-done")
}

async fn work_around(
    v: Visit,
    Path(of): Path<Of>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, AppError> {
    let given = upload::receive_all(&v, &headers, form).await?;
    let mut d = Draft::typed(&v, given.fields);
    if let Some(why) = &given.refused {
        d.error("file", why);
        return page(&v, &of, d).await;
    }
    let proof =
        given.file.map(|kept| Proof { blob: kept.blob, name: kept.name, mime: kept.kind.mime().to_owned() });
    let done = write!(v, tx => {
        findings::work_around(tx, v.scope(), of.0, &of.1, d.v("what"), proof.as_ref()).await
    });
    match done {
        Ok(()) => Ok(v.redirect(&address(&of), Flash::ok("finding-worked-around-done"))),
        Err(error) => {
            d.refuse(error)?;
            page(&v, &of, d).await
        }
    }
}

fn address((host, flaw): &Of) -> String {
    format!("/review/findings/{host}/{flaw}")
}
