//! One bulletin: what is read out and when; which commune has, which is behind; and the commune's own receipts.

use askama::Template;
use axum::{
    extract::{Multipart, Path, Query, multipart::MultipartRejection},
    http::{HeaderMap, Method},
    response::Response,
};
use domain::{
    id::{Id, kind},
    notice::NoticeState,
    right::Right,
};
use paper::sheet::Cell;
use serde::Deserialize;
use store::notices::bulletins::{self, BodyFilter, Bulletin, NewReceipt, Recording};

use super::{bulletins::chip, csv, done, id, paragraphs, rules, typed, when, write};
use crate::{Access, AppError, Flash, Form, LIMIT_EVIDENCE, Page, Route, Visit, tasks::upload};

/// Communes on a page.
const PER_PAGE: usize = 100;
/// Communes in a file.
const CSV_MAX: usize = 20_000;
/// Receipts on the page.
const RECEIPTS: usize = 100;
/// Receipts of all communes together: a glance; each commune's own page has the rest.
const NEWEST: usize = 20;

pub(super) fn routes() -> Vec<Route> {
    let (see, issuing) = (Access::Right(Right::See), Access::Right(Right::Issue));
    vec![
        Route::get("/bulletins/{bulletin}", see, show),
        Route::get("/bulletins/{bulletin}/communes.csv", see, file),
        Route::post("/bulletins/{bulletin}/issue", issuing, issue),
        Route::post("/bulletins/{bulletin}/cancel", issuing, cancel),
        Route::page(
            Method::POST,
            "/bulletins/{bulletin}/receipts",
            Access::Right(Right::Answer),
            LIMIT_EVIDENCE,
            receipt,
        ),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    missing: String,
    body: String,
    from: usize,
}

struct CommuneLine {
    href: String,
    name: String,
    broadcast: u32,
    missing: u32,
    chased: u32,
    last: String,
    state: &'static str,
}

struct SlotView {
    value: String,
    at: String,
    state: &'static str,
    state_text: String,
    open: bool,
}

struct ReceiptView {
    slot: String,
    aired: String,
    body: String,
    cluster: String,
    by: String,
    note: String,
    file: Option<(String, String)>,
    number: u64,
    who: String,
}

#[derive(Template)]
#[template(path = "notices/bulletin.html")]
struct BulletinPage {
    p: Page,
    id: String,
    title: String,
    lead: String,
    campaign: Option<(String, String)>,
    text: Vec<Vec<String>>,
    text_lang: String,
    length: String,
    speed: String,
    days: String,
    times: String,
    slots_all: usize,
    state: &'static str,
    state_text: String,
    draft: bool,
    running: bool,
    communes: Vec<CommuneLine>,
    q: String,
    missing: bool,
    prev: String,
    next: String,
    csv: String,
    own: Option<(String, String)>,
    slots: Vec<SlotView>,
    aired: String,
    by: String,
    receipts: Vec<ReceiptView>,
    /// There are more than are shown.
    more_receipts: bool,
    may_answer: bool,
    may_prepare: bool,
    may_issue: bool,
    error: String,
    typed: Typed,
}

/// What was typed into the receipt's form, shown again when it could not be taken.
#[derive(Debug, Clone, Default)]
struct Typed {
    slot: String,
    cluster: String,
    note: String,
}

async fn show(
    v: Visit,
    Path(bulletin): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    page(&v, &bulletin, asked, String::new(), None).await
}

async fn page(
    v: &Visit,
    bulletin: &str,
    asked: Asked,
    error: String,
    form: Option<(String, String, Typed)>,
) -> Result<Response, AppError> {
    let rules = rules(v)?;
    let clock = (rules.receipt_hours, v.now);
    let mut sql = v.app.db.read().await?;
    let b = bulletins::get(&mut sql, v.scope(), id(bulletin)?).await?;
    let filter = BodyFilter { q: &asked.q, missing: asked.missing == "1", body: None, offset: asked.from };
    let rows = bulletins::bodies(&mut sql, v.scope(), &b, &filter, clock, PER_PAGE + 1).await?;
    // The commune whose schedule is shown: the one asked for, else the one somebody works for, else the only one.
    let wanted: Option<Id<kind::Body>> = asked.body.parse().ok().or(v.user.body);
    let only = BodyFilter { body: wanted, ..BodyFilter::default() };
    let own = match wanted {
        Some(_) => bulletins::bodies(&mut sql, v.scope(), &b, &only, clock, 1).await?.into_iter().next(),
        None => None,
    };
    let slots = match &own {
        Some(own) => bulletins::slots(&mut sql, v.scope(), &b, own.body, clock).await?,
        None => Vec::new(),
    };
    let most = if own.is_some() { RECEIPTS } else { NEWEST };
    let mut receipts =
        bulletins::receipts(&mut sql, v.scope(), b.id, own.as_ref().map(|o| o.body), most + 1).await?;
    let more_receipts = receipts.len() > most;
    receipts.truncate(most);
    let mut may =
        async |right, body| store::register::require(&mut sql, v.scope(), right, body).await.is_ok();
    let (may_prepare, may_issue) = (may(Right::Prepare, b.body).await, may(Right::Issue, b.body).await);
    let may_answer = match &own {
        Some(own) => may(Right::Answer, own.body).await,
        None => false,
    };
    let p = v.page(b.title.clone());
    let link = |from: usize| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &asked.q).append_pair("missing", &asked.missing);
        format!("?{}", query.append_pair("from", &from.to_string()).finish())
    };
    let (aired, by, typed) = form.unwrap_or_else(|| (typed(v.now), v.user.name.clone(), Typed::default()));
    let slots: Vec<SlotView> = slots
        .iter()
        .map(|s| {
            let (state, text) = match (s.done, s.due, s.at <= v.now) {
                (true, ..) => ("m", "done"),
                (_, true, _) => ("n", "missing"),
                (_, _, true) => ("p", "waits"),
                _ => ("d", "later"),
            };
            SlotView {
                value: s.at.to_string(),
                at: p.time(&s.at),
                state,
                state_text: v.t(&format!("notices-slot-{text}")),
                open: s.at <= v.now,
            }
        })
        .collect();
    let more = rows.len() > PER_PAGE;
    let shown = BulletinPage {
        id: b.id.to_string(),
        title: b.title.clone(),
        lead: [b.body_name.clone(), b.issued_by.clone().unwrap_or_default()]
            .into_iter()
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
        campaign: b.campaign.zip(b.campaign_name.clone()).map(|(c, name)| (format!("/orders/{c}"), name)),
        text: paragraphs(&b.text),
        text_lang: b.lang.clone(),
        length: p.t2("notices-length", "minutes", b.seconds / 60, "seconds", b.seconds % 60),
        speed: p.t1("notices-speed-used", "n", b.per_minute),
        days: format!("{} – {}", p.date(&b.schedule.from), p.date(&b.schedule.to)),
        times: b.schedule.times_text(),
        slots_all: b.schedule.slots().len(),
        state: chip(b.state),
        state_text: v.t(&format!("notices-state-{}", b.state)),
        draft: b.state == NoticeState::Draft,
        running: b.state == NoticeState::Issued,
        communes: rows.iter().take(PER_PAGE).map(|r| commune(&p, &b, r)).collect(),
        missing: asked.missing == "1",
        prev: if asked.from > 0 { link(asked.from.saturating_sub(PER_PAGE)) } else { String::new() },
        next: if more { link(asked.from + PER_PAGE) } else { String::new() },
        csv: format!("/bulletins/{}/communes.csv", b.id),
        own: own.map(|o| (o.body.to_string(), o.name)),
        slots,
        aired,
        by,
        more_receipts,
        receipts: receipts
            .into_iter()
            .map(|r| ReceiptView {
                slot: p.time(&r.slot),
                aired: p.time(&r.aired),
                body: r.body_name,
                cluster: r.cluster,
                by: r.by,
                note: r.note,
                file: r.file.map(|(sha, name)| (format!("/files/{sha}"), name)),
                number: r.receipt,
                who: r.recorded_by.unwrap_or_default(),
            })
            .collect(),
        q: asked.q,
        may_answer: may_answer && b.state == NoticeState::Issued,
        may_prepare,
        may_issue,
        error,
        typed,
        p,
    };
    v.html(&shown)
}

fn commune(p: &Page, b: &Bulletin, r: &bulletins::BodyRow) -> CommuneLine {
    CommuneLine {
        href: format!("/bulletins/{}?body={}", b.id, r.body),
        name: r.name.clone(),
        broadcast: r.broadcast,
        missing: r.missing,
        chased: r.chased,
        last: r.last_at.map(|at| p.time(&at)).unwrap_or_default(),
        state: match (r.missing, r.broadcast) {
            (0, 0) => "d",
            (0, _) => "m",
            (_, 0) => "n",
            _ => "p",
        },
    }
}

async fn file(v: Visit, Path(bulletin): Path<String>) -> Result<Response, AppError> {
    let rules = rules(&v)?;
    let mut sql = v.app.db.read().await?;
    let b = bulletins::get(&mut sql, v.scope(), id(&bulletin)?).await?;
    let clock = (rules.receipt_hours, v.now);
    let rows = bulletins::bodies(&mut sql, v.scope(), &b, &BodyFilter::default(), clock, CSV_MAX).await?;
    drop(sql);
    let head: Vec<String> =
        ["notices-body", "notices-broadcast", "notices-behind", "notices-reminders", "notices-last-receipt"]
            .iter()
            .map(|h| v.t(h))
            .collect();
    let p = v.page("");
    let rows: Vec<Vec<Cell>> = rows
        .iter()
        .map(|r| {
            vec![
                Cell::from(r.name.as_str()),
                Cell::from(r.broadcast.to_string()),
                Cell::from(r.missing.to_string()),
                Cell::from(r.chased.to_string()),
                Cell::from(r.last_at.map(|at| p.time(&at)).unwrap_or_default()),
            ]
        })
        .collect();
    Ok(csv("bulletin", &head, &rows))
}

#[derive(Deserialize)]
struct Nothing {}

async fn issue(v: Visit, Path(bulletin): Path<String>, Form(_): Form<Nothing>) -> Result<Response, AppError> {
    let at = id(&bulletin)?;
    let base = &v.app.config.public_url;
    let issued = write!(v, tx => bulletins::issue(tx, v.scope(), &*v.app.ids, at, base).await);
    let issued = issued.map(|()| Flash::ok("notices-bulletin-issued")).map_err(AppError::from);
    done(&v, &format!("/bulletins/{at}"), issued)
}

async fn cancel(
    v: Visit,
    Path(bulletin): Path<String>,
    Form(_): Form<Nothing>,
) -> Result<Response, AppError> {
    let at = id(&bulletin)?;
    let gone = write!(v, tx => bulletins::cancel(tx, v.scope(), at).await);
    done(
        &v,
        &format!("/bulletins/{at}"),
        gone.map(|()| Flash::ok("notices-cancelled")).map_err(AppError::from),
    )
}

async fn receipt(
    v: Visit,
    Path(bulletin): Path<String>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, AppError> {
    let at: Id<kind::Bulletin> = id(&bulletin)?;
    // Before anything is stored: whoever may not see it sends no file.
    bulletins::get(&mut v.app.db.read().await?, v.scope(), at).await?;
    let given = upload::receive_all(&v, &headers, form).await?;
    let body: Id<kind::Body> = id(given.field("body"))?;
    let recorded = async {
        if let Some(why) = given.refused.clone() {
            return Err(AppError::Refused(why));
        }
        let new = NewReceipt {
            id: v.id(),
            bulletin: at,
            body,
            slot: given.field("slot").parse().map_err(|_| AppError::Refused("error-bulletin-slot".into()))?,
            aired: when(given.field("aired"))?
                .ok_or_else(|| AppError::Refused("error-bulletin-aired".into()))?,
            cluster: given.field("cluster").to_owned(),
            by: given.field("by").to_owned(),
            note: given.field("note").to_owned(),
            recording: given.file.as_ref().map(|f| Recording {
                blob: f.blob.clone(),
                name: f.name.clone(),
                kind: f.kind.mime().to_owned(),
            }),
        };
        let rules = rules(&v)?;
        write!(v, tx => bulletins::record(tx, v.scope(), rules, &*v.app.ids, &new).await)?;
        Ok(())
    };
    match recorded.await {
        Ok(()) => {
            Ok(v.redirect(&format!("/bulletins/{at}?body={body}"), Flash::ok("notices-receipt-recorded")))
        }
        Err(AppError::Refused(why)) => {
            let asked = Asked { body: body.to_string(), ..Asked::default() };
            let typed = Typed {
                slot: given.field("slot").to_owned(),
                cluster: given.field("cluster").to_owned(),
                note: given.field("note").to_owned(),
            };
            let form = (given.field("aired").to_owned(), given.field("by").to_owned(), typed);
            page(&v, &bulletin, asked, v.t(&why), Some(form)).await
        }
        Err(other) => Err(other),
    }
}
