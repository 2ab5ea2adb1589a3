//! One list: what it is told to be, what came into it, what could not be taken and why, what was taken out again.

use std::{
    collections::{BTreeSet, HashMap},
    io::{BufRead, BufReader},
};

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::Method,
    response::Response,
};
use domain::{
    indicator::{self, Kind},
    request::filter::Guard,
    right::Right,
};
use serde::Deserialize;
use store::{
    StoreError,
    indicators::{self, Fault, Part},
};

use super::{ListId, kinds_said, list::state, new, tlps, write};
use crate::{
    Access, AppError, Flash, Form, LIMIT_EVIDENCE, Page, Route, Upload, Visit,
    register::{Draft, Options, form_status},
};

/// So many entries are shown; a word in the box finds others.
pub(super) const ENTRIES: usize = 100;

pub(super) fn routes() -> Vec<Route> {
    let answer = Access::Right(Right::Answer);
    vec![
        Route::get("/indicators/{indicator_list}", Access::Right(Right::Read), show),
        Route::post("/indicators/{indicator_list}", answer, terms),
        Route::page(Method::POST, "/indicators/{indicator_list}/entries", answer, LIMIT_EVIDENCE, add),
        Route::post("/indicators/{indicator_list}/withdraw", answer, withdraw),
        Route::post("/indicators/{indicator_list}/close", answer, close),
    ]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    q: String,
}

#[derive(Template)]
#[template(path = "indicators/show.html")]
struct ShowPage {
    p: Page,
    d: Draft,
    id: ListId,
    body: String,
    origin: String,
    state: (&'static str, String),
    tlp: String,
    confidence: u8,
    from: String,
    until: String,
    letter: String,
    count: u64,
    alerts: String,
    parts: Vec<PartView>,
    q: String,
    entries: Vec<(String, String, String)>,
    more: bool,
    gone: Vec<(String, String, String)>,
    tlps: Options,
    may_change: bool,
    wrong: String,
    again: String,
}

struct PartView {
    name: String,
    shape: String,
    kinds: String,
    merged: u64,
    passed: u64,
    count: u64,
    faults: Vec<FaultView>,
    who: String,
    at: String,
    at_iso: String,
    replaced: bool,
}

/// An entry that was not taken.
pub(super) struct FaultView {
    pub place: usize,
    pub text: String,
    pub why: String,
    pub said: String,
}

pub(super) fn faults(v: &Visit, problems: &[Fault]) -> Vec<FaultView> {
    let one = |f: &Fault| {
        let why = v.t(&format!("request-why-{}", f.why));
        FaultView {
            place: f.place,
            text: f.text.clone(),
            said: format!("{}: {} – {why}", f.place, f.text),
            why,
        }
    };
    problems.iter().map(one).collect()
}

async fn show(v: Visit, Path(id): Path<ListId>, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    page(&v, id, None, asked.q, String::new()).await
}

/// The first entries of a list that hold a text, and whether there are more.
pub(super) async fn entries(
    v: &Visit,
    parts: &[Part],
    gone: BTreeSet<(Kind, String)>,
    q: &str,
    most: usize,
) -> Result<(Vec<(Kind, String, Option<i64>)>, bool), AppError> {
    let files: Vec<_> =
        parts.iter().filter(|p| p.replaced_at.is_none()).map(|p| v.app.blobs.path(&p.sha256)).collect();
    // As it was written in a letter, it is found too.
    let q = q.trim().to_lowercase().replace("[.]", ".").replace("hxxp", "http");
    let look = move || -> std::io::Result<_> {
        let mut found = Vec::new();
        for file in files {
            for line in BufReader::new(std::fs::File::open(file)?).lines() {
                let line = line?;
                if let Some((kind, value, until)) = indicator::parse(&line)
                    && (q.is_empty() || value.contains(&q))
                    && !gone.contains(&(kind, value.to_owned()))
                {
                    found.push((kind, value.to_owned(), until));
                    if found.len() > most {
                        found.truncate(most);
                        return Ok((found, true));
                    }
                }
            }
        }
        Ok((found, false))
    };
    let found = tokio::task::spawn_blocking(look).await.map_err(anyhow::Error::from)?;
    Ok(found.map_err(anyhow::Error::from)?)
}

async fn page(
    v: &Visit,
    id: ListId,
    d: Option<Draft>,
    q: String,
    wrong: String,
) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let s = indicators::get(&mut sql, v.scope(), id).await?;
    let parts = indicators::parts(&mut sql, v.scope(), id).await?;
    let gone = indicators::gone(&mut sql, v.scope(), id).await?;
    drop(sql);
    let out = gone.iter().map(|(kind, value, ..)| (*kind, value.clone())).collect();
    let (found, more) = entries(v, &parts, out, &q, ENTRIES).await?;
    let p = v.page(s.terms.name.clone());
    let kind = |kind: Kind| v.t(&format!("indicator-kind-{kind}"));
    let day = |t: jiff::Timestamp| domain::time::date(t).to_string();
    let d = d.unwrap_or_else(|| {
        Draft::empty(v)
            .with("name", s.terms.name.clone())
            .with("origin", s.terms.origin.clone())
            .with("tlp", s.terms.tlp.name())
            .with("confidence", s.terms.confidence.to_string())
            .with("from", day(s.terms.from))
            .with("until", s.terms.until.map(day).unwrap_or_default())
    });
    let part = |part: &Part| PartView {
        name: if part.name.is_empty() { v.t("indicator-typed") } else { part.name.clone() },
        shape: v.t(&format!("indicator-shape-{}", part.shape)),
        kinds: kinds_said(v, &part.kinds),
        merged: part.merged,
        passed: part.passed,
        count: part.faults,
        faults: faults(v, &part.problems),
        who: part.person.clone().unwrap_or_else(|| v.t("indicator-by-command")),
        at: p.time(&part.at),
        at_iso: part.at.to_string(),
        replaced: part.replaced_at.is_some(),
    };
    let shown = ShowPage {
        id,
        body: s.body_name.clone(),
        origin: s.terms.origin.clone(),
        state: state(v, &s),
        tlp: v.t(&format!("indicator-tlp-{}", s.terms.tlp)),
        confidence: s.terms.confidence,
        from: p.time(&s.terms.from),
        until: s.terms.until.map(|t| p.time(&t)).unwrap_or_default(),
        letter: s.letter.map(|l| format!("/orders/letters/{l}")).unwrap_or_default(),
        count: s.entries,
        alerts: "/alerts?side=all".to_owned(),
        parts: parts.iter().map(part).collect(),
        entries: found
            .into_iter()
            .map(|(k, value, until)| {
                let until = until.and_then(|u| jiff::Timestamp::from_second(u).ok());
                (kind(k), value, until.map(|u| p.time(&u)).unwrap_or_default())
            })
            .collect(),
        more,
        gone: gone.into_iter().map(|(k, value, reason, _)| (kind(k), value, reason)).collect(),
        tlps: tlps(v),
        may_change: s.may_change,
        again: format!("/indicators/{id}"),
        q,
        wrong,
        d,
        p,
    };
    Ok(form_status(&shown.d, v.html(&shown)?))
}

fn home(id: ListId) -> String {
    format!("/indicators/{id}")
}

async fn terms(
    v: Visit,
    Path(id): Path<ListId>,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, typed);
    let Some(terms) = new::terms(&v, &mut d).filter(|_| d.good()) else {
        return page(&v, id, Some(d), String::new(), String::new()).await;
    };
    match write!(v, tx => indicators::terms(tx, v.scope(), id, &terms).await) {
        Ok(()) => Ok(v.redirect(&home(id), Flash::ok("indicator-changed"))),
        Err(StoreError::Refused(code)) => {
            new::refused(&mut d, code);
            page(&v, id, Some(d), String::new(), String::new()).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn add(v: Visit, Path(id): Path<ListId>, upload: Upload) -> Result<Response, AppError> {
    // Who may not is told before anything is read.
    let held = indicators::get(&mut v.app.db.read().await?, v.scope(), id).await?;
    if !held.may_change {
        return Err(AppError::NotFound);
    }
    let again = |wrong: String| {
        let mut d = Draft::typed(&v, upload.fields.clone());
        let t = &held.terms;
        for (field, value) in [("name", t.name.clone()), ("origin", t.origin.clone())] {
            d = d.with(field, value);
        }
        d = d.with("tlp", t.tlp.name()).with("confidence", t.confidence.to_string());
        d.error("text", "error-indicator-none");
        page(&v, id, Some(d), String::new(), wrong)
    };
    let part = match new::brought(&v, &upload, !upload.field("replace").is_empty()).await {
        Ok(Some(part)) => part,
        Ok(None) => return again(String::new()).await,
        Err(why) => return again(new::unread(&v, why)?).await,
    };
    if part.kinds.is_empty() {
        let said: Vec<String> = faults(&v, &part.problems).into_iter().map(|f| f.said).collect();
        return again(said.join("; ")).await;
    }
    let done = write!(v, tx => indicators::import(tx, v.scope(), id, &part).await);
    v.acted(&home(id), done, "indicator-added")
}

#[derive(Deserialize)]
struct Withdrawn {
    value: String,
    #[serde(default)]
    reason: String,
}

/// An indicator as somebody names it, whatever would not be let in today: what is in a list can be taken out.
pub(super) fn named(text: &str) -> Result<indicator::Indicator, AppError> {
    indicator::read(text, &Guard::default().watching())
        .map_err(|_| AppError::Refused("error-indicator-value".into()))
}

async fn withdraw(v: Visit, Path(id): Path<ListId>, Form(w): Form<Withdrawn>) -> Result<Response, AppError> {
    let done = async {
        let what = named(&w.value)?;
        let done = write!(v, tx =>
            indicators::withdraw(tx, v.scope(), id, (what.kind, &what.value), &w.reason).await);
        done.map_err(AppError::from)
    };
    let done = done.await;
    v.acted(&home(id), done, "indicator-withdrawn")
}

#[derive(Deserialize)]
struct Nothing {}

async fn close(v: Visit, Path(id): Path<ListId>, _: Form<Nothing>) -> Result<Response, AppError> {
    let done = write!(v, tx => indicators::close(tx, v.scope(), id).await);
    v.acted("/indicators", done, "indicator-closed")
}
