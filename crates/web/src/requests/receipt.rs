//! The receipt: what was taken when by whom, its digest and where the log holds it, to be printed; and its exact bytes.

use askama::Template;
use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use domain::right::Right;
use serde::Deserialize;
use store::requests;

use super::id;
use crate::{Access, AppError, Page, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Right(Right::Read);
    vec![
        Route::get("/requests/{id}/receipt", read, page),
        Route::get("/requests/{id}/receipt.json", read, json),
        Route::get("/api/v1/requests/{id}/receipt.json", read, json),
    ]
}

/// What of the receipt the page shows.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Content {
    asker: String,
    basis: String,
    title: String,
    text: String,
    items: Vec<serde_json::Value>,
    body_name: String,
    received_by: String,
    asked_at: Option<jiff::Timestamp>,
    due_at: Option<jiff::Timestamp>,
    received_at: Option<jiff::Timestamp>,
}

#[derive(Template)]
#[template(path = "requests/receipt.html")]
struct ReceiptPage {
    p: Page,
    id: String,
    c: Content,
    asked: String,
    due: String,
    received: String,
    sha256: String,
    /// What was answered, at last.
    outcome: String,
    answer: String,
    answered: String,
    /// Name and digest of each file handed in.
    files: Vec<(String, String)>,
    /// Number, what, when, hash.
    entries: Vec<(u64, String, String, String)>,
    /// Whether whoever looks may open the log.
    audit: bool,
}

async fn page(v: Visit, Path(request): Path<String>) -> Result<Response, AppError> {
    let id = id(&request)?;
    let mut sql = v.app.db.read().await?;
    let receipt = requests::receipt(&mut sql, v.scope(), id).await?;
    let entries = requests::entries(&mut sql, v.scope(), id).await?;
    let r = requests::get(&mut sql, v.scope(), id).await?.at(v.now);
    let proofs = requests::proofs(&mut sql, v.scope(), id).await?;
    drop(sql);
    let c: Content = serde_json::from_str(&receipt.json).map_err(anyhow::Error::from)?;
    let p = v.page(v.t("request-receipt"));
    let time = |at: Option<jiff::Timestamp>| at.map(|at| p.time(&at)).unwrap_or_default();
    let (answered, outcome) = match r.brief.answered_at {
        Some(at) => (p.time(&at), super::standing(&v, &r.brief).1),
        None => Default::default(),
    };
    v.html(&ReceiptPage {
        id: request,
        asked: time(c.asked_at),
        due: time(c.due_at),
        received: time(c.received_at),
        sha256: receipt.sha256,
        outcome,
        answer: r.answer,
        answered,
        files: proofs.into_iter().filter_map(|q| Some((q.file_name?, q.sha256?))).collect(),
        entries: entries
            .into_iter()
            .map(|e| {
                // `request.received`: the words of the history say the same.
                let what = e.action.strip_prefix("request.").unwrap_or(&e.action);
                (e.seq, v.t(&format!("request-entry-{what}")), p.time(&e.at), e.hash)
            })
            .collect(),
        audit: v.user.may(Right::Audit),
        c,
        p,
    })
}

/// The very bytes under the digest.
async fn json(v: Visit, Path(request): Path<String>) -> Result<Response, AppError> {
    let id = id(&request)?;
    let receipt = requests::receipt(&mut v.app.db.read().await?, v.scope(), id).await?;
    let name = format!("attachment; filename=\"canh-receipt-{id}.json\"");
    Ok((
        [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)],
        receipt.json,
    )
        .into_response())
}
