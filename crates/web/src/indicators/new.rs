//! A list made: by hand, of a file, of a letter's indicators.

use askama::Template;
use axum::{extract::Query, http::Method, response::Response};
use domain::{indicator::Tlp, order::Indicator, right::Right};
use serde::Deserialize;
use store::{
    StoreError,
    indicators::{self, New, NewPart, Terms},
    letters,
};

use super::{ListId, Unread, part, tlps, write};
use crate::{
    Access, AppError, Flash, LIMIT_EVIDENCE, Page, Route, Upload, Visit,
    act::id,
    register::{Draft, Options, body_options, form_status},
};

/// Indicators of a letter that logs can show.
const WATCHED: [&str; 7] = ["ipv4", "ipv6", "domain", "url", "md5", "sha1", "sha256"];
/// How sure one is of what a ministry writes.
const CONFIDENCE: &str = "75";

pub(super) fn routes() -> Vec<Route> {
    let answer = Access::Right(Right::Answer);
    vec![
        Route::get("/indicators/new", answer, form),
        Route::page(Method::POST, "/indicators", answer, LIMIT_EVIDENCE, make),
    ]
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    letter: String,
}

#[derive(Template)]
#[template(path = "indicators/new.html")]
struct NewPage {
    p: Page,
    d: Draft,
    bodies: Options,
    tlps: Options,
    letter: Option<String>,
    wrong: String,
}

async fn form(v: Visit, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let own = v.user.body.map(|b| b.to_string()).unwrap_or_default();
    let d = Draft::empty(&v).with("body", own).with("tlp", Tlp::Amber.name()).with("confidence", CONFIDENCE);
    let d = if asked.letter.is_empty() { d } else { from_letter(&v, d, &asked.letter).await? };
    page(&v, d, String::new()).await
}

/// What a letter says of where its indicators are from, and these.
async fn from_letter(v: &Visit, d: Draft, letter: &str) -> Result<Draft, AppError> {
    let read = letters::get(&mut v.app.db.read().await?, v.scope(), id(letter)?).await?;
    let paper = read.paper();
    let watched = paper.indicators.iter().filter(|i| WATCHED.contains(&i.kind.as_str()));
    let lines: Vec<String> = watched.map(Indicator::defanged).collect();
    let named = named(v, &paper);
    Ok(d.with("letter", letter)
        .with("body", read.row.body.to_string())
        .with("name", v.words().with("indicator-of-letter", [("paper", named.as_str().into())]))
        .with("origin", paper.issuer.clone().unwrap_or_default())
        .with("text", lines.join("\n")))
}

fn named(v: &Visit, paper: &domain::order::Paper) -> String {
    paper.reference().unwrap_or_else(|| v.t("order-letter"))
}

async fn page(v: &Visit, d: Draft, wrong: String) -> Result<Response, AppError> {
    let mut sql = v.app.db.read().await?;
    let letter = match d.opt("letter") {
        Some(letter) => Some(named(v, &letters::get(&mut sql, v.scope(), id(&letter)?).await?.paper())),
        None => None,
    };
    let bodies = body_options(v, &mut sql, Right::Answer, None).await?;
    drop(sql);
    let shown = NewPage { p: v.page(v.t("indicator-new")), bodies, tlps: tlps(v), letter, wrong, d };
    Ok(form_status(&shown.d, v.html(&shown)?))
}

/// What a list is told to be, as typed.
pub(super) fn terms(v: &Visit, d: &mut Draft) -> Option<Terms> {
    let (tlp, from, until) = (d.word("tlp", Tlp::parse), d.since("from"), d.until("until"));
    let confidence = d.v("confidence").parse().ok().filter(|n: &u8| *n <= 100);
    if confidence.is_none() {
        d.error("confidence", "error-indicator-confidence");
    }
    if d.v("name").is_empty() {
        d.error("name", "error-text-empty");
    }
    Some(Terms {
        name: d.v("name").to_owned(),
        origin: d.v("origin").to_owned(),
        tlp: tlp?,
        confidence: confidence?,
        from: from.unwrap_or(v.now),
        until,
    })
}

/// At which field a refusal is said.
pub(super) fn refused(d: &mut Draft, code: &str) {
    let field = match code {
        "indicator-until" => "until",
        "indicator-confidence" => "confidence",
        "indicator-none" | "indicator-many" | "indicator-parts" => "text",
        "indicator-lists-many" => "body",
        _ => "name",
    };
    d.error(field, &format!("error-{code}"));
}

/// What came with a form: a file, or what was typed. Nothing where there is neither.
pub(super) async fn brought(v: &Visit, upload: &Upload, replaces: bool) -> Result<Option<NewPart>, Unread> {
    let typed = upload.field("text");
    let (name, bytes) = match upload.files.first() {
        Some(file) => (file.name.as_str(), &*file.bytes),
        None if typed.is_empty() => return Ok(None),
        None => ("", typed.as_bytes()),
    };
    let tools = (&v.app.db, &v.app.blobs, &*v.app.ids);
    part::read(tools, (v.pack(), v.now), name, bytes, replaces).await.map(Some)
}

/// Why nothing of it was taken, in words; what is not the file's fault goes on.
pub(super) fn unread(v: &Visit, why: Unread) -> Result<String, AppError> {
    match why {
        Unread::Shape(why) => Ok(v.words().with_texts("error-indicator-shape", &[("why", &why)])),
        Unread::Store(error) => Err(error.into()),
        Unread::Died(why) => Err(AppError::Internal(anyhow::anyhow!(why))),
    }
}

/// Makes a list, with what is in it at first.
pub(super) async fn made(v: &Visit, new: &New, part: Option<&NewPart>) -> Result<ListId, StoreError> {
    write!(v, tx => {
        indicators::create(tx, v.scope(), new).await?;
        if let Some(part) = part {
            indicators::import(tx, v.scope(), new.id, part).await?;
        }
        Ok(new.id)
    })
}

async fn make(v: Visit, upload: Upload) -> Result<Response, AppError> {
    let mut d = Draft::typed(&v, upload.fields.clone());
    let (body, letter, terms) = (d.id("body"), d.opt_id("letter"), terms(&v, &mut d));
    let (true, Some(body), Some(terms)) = (d.good(), body, terms) else {
        return page(&v, d, String::new()).await;
    };
    let part = match brought(&v, &upload, false).await {
        Ok(part) => part,
        Err(why) => {
            let wrong = unread(&v, why)?;
            d.error("text", "error-indicator-file");
            return page(&v, d, wrong).await;
        }
    };
    if let Some(part) = part.as_ref().filter(|p| p.kinds.is_empty()) {
        let wrong = super::show::faults(&v, &part.problems);
        d.error("text", "error-indicator-none");
        return page(&v, d, wrong.into_iter().map(|f| f.said).collect::<Vec<_>>().join("; ")).await;
    }
    let new = New { id: v.id(), body, letter, terms };
    match made(&v, &new, part.as_ref()).await {
        Ok(id) => Ok(v.redirect(&format!("/indicators/{id}"), Flash::ok("indicator-made"))),
        Err(StoreError::Refused(code)) => {
            refused(&mut d, code);
            page(&v, d, String::new()).await
        }
        Err(error) => Err(error.into()),
    }
}
