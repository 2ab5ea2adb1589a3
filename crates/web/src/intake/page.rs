//! The list of what came in by itself.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::{
    id::{Id, kind},
    intake::{Inlet, ItemState},
    right::Right,
};
use paper::sheet::{Cell, to_csv};
use serde::Deserialize;
use serde_json::Value;
use store::{
    StoreError,
    intake::{self, Filter, Item, Source},
};
use tokio::io::AsyncReadExt;

use crate::{Access, AppError, Flash, Form, Page, Route, UploadedFile, Visit, order};

/// Items on a page.
const PER_PAGE: usize = 50;
/// Rows of a table file.
const CSV_MAX: usize = intake::PAGE_MAX;
/// A way in that was not looked at for so long is shown as silent.
const SILENT: jiff::SignedDuration = jiff::SignedDuration::from_mins(15);

pub(super) fn routes() -> Vec<Route> {
    let (read, prepare) = (Access::Right(Right::Read), Access::Right(Right::Prepare));
    vec![
        Route::get("/orders/inbox", read, list),
        Route::get("/orders/inbox.csv", read, csv),
        Route::post("/orders/inbox/{id}/settle", prepare, settle),
        Route::post("/orders/inbox/{id}/again", prepare, again),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    state: String,
    source: String,
    after: String,
}

impl Asked {
    fn filter(&self) -> Filter {
        let after = self
            .after
            .split_once('_')
            .and_then(|(at, id)| Some((domain::time::from_micros(at.parse().ok()?), id.parse().ok()?)));
        Filter {
            state: ItemState::parse(&self.state),
            inlet: Inlet::parse(&self.source),
            open: self.state == "open",
            after,
        }
    }
}

struct Line {
    id: String,
    at: String,
    at_iso: String,
    inlet: String,
    name: String,
    from: String,
    state: &'static str,
    state_text: String,
    why: String,
    letter: String,
    file: String,
    open: bool,
    again: bool,
}

struct Way {
    name: String,
    state: &'static str,
    text: String,
    since: String,
}

fn text(origin: &Value, key: &str) -> String {
    origin.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn line(v: &Visit, p: &Page, item: &Item) -> Line {
    let waiting = matches!(item.state, ItemState::Trouble | ItemState::Secret);
    let open = waiting && item.settled_at.is_none();
    let why = match (&item.reason, item.state) {
        (_, ItemState::Secret) => v.t("intake-why-secret"),
        (Some(reason), _) => v.t(&format!("intake-why-{reason}")),
        (None, _) => String::new(),
    };
    let (subject, name) = (text(&item.origin, "subject"), item.name.clone().unwrap_or_default());
    Line {
        id: item.id.to_string(),
        at: p.time(&item.at),
        at_iso: p.iso(&item.at),
        inlet: v.t(&format!("intake-{}", item.inlet)),
        name: if name.is_empty() { subject } else { name },
        from: text(&item.origin, "from"),
        state: match item.state {
            ItemState::Taken => "m",
            ItemState::Attached | ItemState::Duplicate => "a",
            ItemState::Trouble | ItemState::Secret if open => "n",
            ItemState::Trouble | ItemState::Secret => "x",
        },
        state_text: match (item.state, open) {
            (ItemState::Trouble | ItemState::Secret, false) => v.t("intake-settled"),
            (state, _) => v.t(&format!("intake-state-{state}")),
        },
        why,
        letter: item.letter.map(|l| format!("/orders/letters/{l}")).unwrap_or_default(),
        file: item.sha256.as_ref().filter(|_| waiting).map(|s| format!("/files/{s}")).unwrap_or_default(),
        open,
        again: open && item.sha256.is_some(),
    }
}

fn way(v: &Visit, p: &Page, source: &Source) -> Way {
    let name = v.t(&format!("intake-{}", source.inlet));
    let time = |at: Option<jiff::Timestamp>| at.map(|at| p.time(&at)).unwrap_or_default();
    match (&source.trouble, source.checked_at) {
        (Some(code), _) => Way {
            name,
            state: "n",
            text: v.t(&format!("intake-wrong-{code}")),
            since: p.t1("intake-since", "time", time(source.trouble_since)),
        },
        (None, Some(at)) if v.now.duration_since(at) < SILENT => Way {
            name,
            state: "m",
            text: v.t("intake-works"),
            since: p.t1("intake-looked", "time", p.time(&at)),
        },
        (None, at) => Way {
            name,
            state: "u",
            text: v.t("intake-silent"),
            since: at.map(|at| p.t1("intake-looked", "time", p.time(&at))).unwrap_or_default(),
        },
    }
}

#[derive(Template)]
#[template(path = "intake/list.html")]
struct ListPage {
    p: Page,
    tabs: Vec<(&'static str, String, bool, String)>,
    ways: Vec<Way>,
    states: Vec<(String, String)>,
    state: String,
    sources: Vec<(String, String)>,
    source: String,
    lines: Vec<Line>,
    csv: String,
    next: String,
    filtered: bool,
    may_act: bool,
}

async fn list(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let rows = intake::list(&mut sql, v.scope(), &asked.filter(), PER_PAGE + 1).await?;
    let ways = intake::sources(&mut sql, v.scope()).await?;
    let tabs = order::tabs_with_inbox(&v, &mut sql, "/orders/inbox").await?;
    drop(sql);
    let p = v.page(v.t("intake-title"));
    let query = |after: &str| -> String {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        pairs.append_pair("state", &asked.state).append_pair("source", &asked.source);
        if !after.is_empty() {
            pairs.append_pair("after", after);
        }
        format!("?{}", pairs.finish())
    };
    let next = match rows.get(PER_PAGE - 1).filter(|_| rows.len() > PER_PAGE) {
        Some(last) => query(&format!("{}_{}", last.at.as_microsecond(), last.id)),
        None => String::new(),
    };
    let mut states = vec![(String::new(), v.t("intake-all")), ("open".to_owned(), v.t("intake-open"))];
    states.extend(ItemState::ALL.iter().map(|s| (s.name().to_owned(), v.t(&format!("intake-state-{s}")))));
    let mut sources = vec![(String::new(), v.t("intake-every-way"))];
    sources.extend(Inlet::ALL.iter().map(|s| (s.name().to_owned(), v.t(&format!("intake-{s}")))));
    let lines = rows.iter().take(PER_PAGE).map(|row| line(&v, &p, row)).collect();
    let ways = ways.iter().map(|source| way(&v, &p, source)).collect();
    let csv = format!("/orders/inbox.csv{}", query(""));
    let filtered = !asked.state.is_empty() || !asked.source.is_empty();
    let may_act = v.user.may(Right::Prepare);
    v.html(&ListPage {
        p,
        tabs,
        ways,
        states,
        state: asked.state,
        sources,
        source: asked.source,
        lines,
        csv,
        next,
        filtered,
        may_act,
    })
}

async fn csv(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let rows = intake::list(&mut v.app.db.read().await?, v.scope(), &asked.filter(), CSV_MAX).await?;
    let p = v.page("");
    let header =
        ["intake-at", "intake-way", "intake-name", "intake-origin-from", "intake-state", "intake-why"];
    let header: Vec<String> = header.iter().map(|id| v.t(id)).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let rows: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| {
            let l = line(&v, &p, row);
            [l.at, l.inlet, l.name, l.from, l.state_text, l.why]
                .iter()
                .map(|t| Cell::from(t.as_str()))
                .collect()
        })
        .collect();
    let name = format!("attachment; filename=\"canh-inbox-{}.csv\"", domain::time::date(v.now));
    let kind = "text/csv; charset=utf-8".to_owned();
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], to_csv(&header, &rows))
        .into_response())
}

/// A form that only says *do it*; taking it checks its token.
#[derive(Deserialize)]
struct Nothing {}

/// A person has dealt with it elsewhere.
async fn settle(v: Visit, Path(item): Path<String>, _: Form<Nothing>) -> Result<Response, AppError> {
    let item: Id<kind::InboxItem> = item.parse().map_err(|_| AppError::NotFound)?;
    settled(&v, item, None).await?;
    Ok(v.redirect("/orders/inbox?state=open", Flash::ok("intake-settled-done")))
}

pub(super) async fn settled(
    v: &Visit,
    item: Id<kind::InboxItem>,
    letter: Option<Id<kind::Letter>>,
) -> Result<(), AppError> {
    let done: Result<(), StoreError> = store::write!(v.app.db, v.actor(), v.now, tx => {
        intake::settle(tx, v.scope(), item, letter).await
    });
    Ok(done?)
}

/// Reads what was kept once more: after Tesseract was installed, say, or when the machine has less to do. The letter is
/// then the person's who asked for it.
async fn again(v: Visit, Path(item): Path<String>, _: Form<Nothing>) -> Result<Response, AppError> {
    let id: Id<kind::InboxItem> = item.parse().map_err(|_| AppError::NotFound)?;
    let mut sql = v.app.db.read().await?;
    let item = intake::get(&mut sql, v.scope(), id).await?;
    let sha256 = item.sha256.as_ref().filter(|_| item.settled_at.is_none()).ok_or(AppError::NotFound)?;
    let (file, used) = v.app.blobs.open(&mut sql, v.scope(), sha256).await?;
    drop(sql);
    let mut bytes = Vec::new();
    let limit = paper::limits::MESSAGE as u64;
    file.take(limit).read_to_end(&mut bytes).await.map_err(anyhow::Error::from)?;
    let name = item.name.clone().unwrap_or(used.name);
    let upload = UploadedFile { field: "file".into(), name, bytes: Bytes::from(bytes) };
    match order::take_in_file(&v, upload).await {
        Ok(letter) => {
            settled(&v, id, Some(letter)).await?;
            Ok(v.redirect(&format!("/orders/letters/{letter}"), Flash::ok("order-letter-taken")))
        }
        Err(AppError::Refused(text)) => Ok(v.redirect("/orders/inbox?state=open", Flash::bad(&text))),
        Err(AppError::TooLarge) => Ok(v.redirect("/orders/inbox?state=open", Flash::bad("error-too-large"))),
        Err(error) => Err(error),
    }
}
