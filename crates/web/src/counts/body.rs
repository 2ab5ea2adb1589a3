//! One body: the register beside everybody else's count, how each came, and the forms to add one.

use askama::Template;
use axum::{
    extract::Path,
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use domain::{
    counts::{Kind, LeftOut, Source},
    id::{Id, kind},
    right::Right,
    time,
};
use jiff::civil::Date;
use serde::Deserialize;
use store::{StoreError, counts, register::bodies};

use super::{
    act::{self, LIMIT_LIST, write},
    say,
};
use crate::{Access, AppError, Flash, Form, Page, Route, Upload, Visit};

const SEE: Access = Access::Right(Right::See);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/register/bodies/{id}/counts", SEE, get),
        Route::post("/register/bodies/{id}/counts", SEE, by_hand),
        Route::page(Method::POST, "/register/bodies/{id}/counts/file", SEE, LIMIT_LIST, from_list),
        Route::post("/counts/{id}/withdraw", SEE, withdraw),
    ]
}

type BodyId = Id<kind::Body>;

#[derive(Template)]
#[template(path = "counts/body.html")]
struct CountsPage {
    p: Page,
    body: String,
    name: String,
    registered: u32,
    all: u32,
    gap: String,
    stale: bool,
    days: u32,
    lines: Vec<say::Line>,
    history: Vec<Entry>,
    may: bool,
    sources: Vec<(String, String)>,
    list_sources: Vec<(String, String)>,
    kinds: Vec<(String, String)>,
    today: String,
    typed: Typed,
}

struct Entry {
    id: String,
    source: String,
    kind: String,
    n: u32,
    on: String,
    note: String,
    at: String,
    by: String,
    file: Option<(String, String)>,
    left_out: String,
    withdrawn: String,
}

/// What was typed into a form that could not be taken.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Typed {
    source: String,
    kind: String,
    n: String,
    on: String,
    note: String,
    #[serde(skip)]
    hand_error: String,
    #[serde(skip)]
    file_error: String,
}

fn page(body: BodyId) -> String {
    format!("/register/bodies/{body}/counts")
}

async fn get(v: Visit, Path(body): Path<BodyId>) -> Result<Response, AppError> {
    show(&v, body, Typed::default()).await
}

async fn show(v: &Visit, body: BodyId, typed: Typed) -> Result<Response, AppError> {
    let today = time::date(v.now);
    let mut sql = v.app.db.read().await?;
    let found = bodies::get(&mut sql, v.scope(), body).await?;
    let machines = counts::of(&mut sql, v.scope(), v.pack(), &[body], today).await?;
    let machines = machines.get(&body).ok_or(AppError::NotFound)?;
    let history = counts::history(&mut sql, v.scope(), body).await?;
    let may = match counts::may(&mut sql, v.scope(), body).await {
        Ok(()) => true,
        Err(StoreError::NotFound(_)) => false,
        Err(error) => return Err(error.into()),
    };
    drop(sql);
    let words = v.words();
    let p = v.page(v.t("counts-title"));
    let sources: Vec<_> = Source::ALL.iter().map(|s| (s.name().to_owned(), say::source(words, *s))).collect();
    let bad = !typed.hand_error.is_empty() || !typed.file_error.is_empty();
    let shown = CountsPage {
        body: body.to_string(),
        name: found.name,
        registered: machines.registered,
        all: machines.all(),
        gap: say::gap(words, machines).map(|g| g.text).unwrap_or_default(),
        stale: machines.stale(),
        days: v.pack().count_rules().days,
        lines: say::lines(&p, words, machines),
        history: history.into_iter().map(|c| entry(v, &p, c)).collect(),
        may,
        list_sources: sources.clone(),
        sources,
        kinds: Kind::ALL.iter().map(|k| (k.name().to_owned(), say::kind(words, *k))).collect(),
        today: today.to_string(),
        typed,
        p,
    };
    let mut response = v.html(&shown)?;
    if bad {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response.into_response())
}

fn entry(v: &Visit, p: &Page, c: counts::Count) -> Entry {
    Entry {
        id: c.id.to_string(),
        source: say::source(v.words(), c.source),
        kind: say::kind(v.words(), c.kind),
        n: c.n,
        on: p.date(&c.on),
        note: c.note,
        at: p.time(&c.at),
        by: c.by.unwrap_or_else(|| v.t("counts-by-machine")),
        file: c.sha256.zip(c.file_name),
        left_out: left_out(v, c.left_out.iter()),
        withdrawn: match c.withdrawn_at {
            Some(at) => {
                let why = c.withdrawn_why.unwrap_or_default();
                p.t2("counts-withdrawn", "at", p.time(&at), "why", why)
            }
            None => String::new(),
        },
    }
}

/// *2 dòng đã tắt, 1 dòng trùng*.
fn left_out<'a>(v: &Visit, reasons: impl Iterator<Item = (&'a LeftOut, &'a u32)>) -> String {
    let one =
        |(why, n): (&LeftOut, &u32)| v.words().with(&format!("counts-left-out-{why}"), [("n", (*n).into())]);
    reasons.map(one).collect::<Vec<_>>().join(", ")
}

async fn by_hand(
    v: Visit,
    Path(body): Path<BodyId>,
    Form(mut typed): Form<Typed>,
) -> Result<Response, AppError> {
    let n = typed.n.trim().parse::<u32>().ok();
    let day = day(&typed.on);
    let (Some(source), Some(kind), Some(n), Ok(on)) =
        (Source::parse(&typed.source), Kind::parse(&typed.kind), n, day)
    else {
        typed.hand_error = v.t(if n.is_none() { "error-count-number" } else { "error-count-day" });
        return show(&v, body, typed).await;
    };
    match act::by_hand(&v, body, source, &[(kind, n)], on, &typed.note).await {
        Ok(_) => Ok(v.redirect(&page(body), Flash::ok("counts-recorded"))),
        Err(StoreError::Refused(code)) => {
            typed.hand_error = v.t(&format!("error-{code}"));
            show(&v, body, typed).await
        }
        Err(error) => Err(error.into()),
    }
}

/// A day as browsers send it or as people type it; nothing is today.
fn day(text: &str) -> Result<Option<Date>, ()> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().or_else(|_| Date::strptime("%d/%m/%Y", text)).map(Some).map_err(|_| ()),
    }
}

async fn from_list(v: Visit, Path(body): Path<BodyId>, upload: Upload) -> Result<Response, AppError> {
    let mut typed = Typed {
        source: upload.field("source").to_owned(),
        on: upload.field("on").to_owned(),
        ..Typed::default()
    };
    let (Some(source), Ok(on)) = (Source::parse(&typed.source), day(&typed.on)) else {
        typed.file_error = v.t("error-count-day");
        return show(&v, body, typed).await;
    };
    let Some(file) = upload.files.first() else {
        typed.file_error = v.t("error-import-empty");
        return show(&v, body, typed).await;
    };
    match act::from_list(&v, body, source, on, (&file.name, &file.bytes)).await {
        Ok(tally) => {
            let left_out = left_out(&v, tally.left_out.iter());
            let what = match left_out.is_empty() {
                true => tally.total().to_string(),
                false => format!("{} ({left_out})", tally.total()),
            };
            Ok(v.redirect(&page(body), Flash::ok("counts-list-taken").what(&what)))
        }
        Err(AppError::Refused(code)) => {
            typed.file_error = v.t(&code);
            show(&v, body, typed).await
        }
        Err(error) => Err(error),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Why {
    why: String,
}

async fn withdraw(
    v: Visit,
    Path(id): Path<Id<kind::MachineCount>>,
    Form(why): Form<Why>,
) -> Result<Response, AppError> {
    let done = write!(v, tx => counts::withdraw(tx, v.scope(), &*v.app.ids, id, &why.why).await);
    match done {
        Ok(body) => Ok(v.redirect(&page(body), Flash::ok("counts-withdrawn-done"))),
        Err(StoreError::Refused(code)) => {
            let body = counts::get(&mut v.app.db.read().await?, v.scope(), id).await?.body;
            Ok(v.redirect(&page(body), Flash::bad(&format!("error-{code}"))))
        }
        Err(error) => Err(error.into()),
    }
}
