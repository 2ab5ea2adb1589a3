//! Where channels call back: Telegram with what people wrote or pressed, a voice gateway with pressed keys. Nothing is
//! judged here: what came is written down once, and whoever deals with it finds it there.

use std::sync::Arc;

use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::{kept, sign_in::same};

use crate::{Access, App, AppError, Route};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::post("/in/telegram", Access::Public, telegram),
        Route::post("/in/voice/{secret}", Access::Public, voice),
    ]
}

/// An update of Telegram, with the secret that it was told.
async fn telegram(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, AppError> {
    let said =
        headers.get("x-telegram-bot-api-secret-token").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let secret = app.config.ways.telegram_secret.as_ref().map_or("", |s| s.expose_secret());
    if secret.is_empty() || !same(said, secret) {
        return Err(AppError::NotFound);
    }
    let update: Value = serde_json::from_str(&body).unwrap_or_default();
    if let Some(number) = update.get("update_id").and_then(Value::as_i64) {
        kept::receive(&app.db, app.clock.now(), "telegram", &[(number.to_string(), body)]).await?;
    }
    Ok(StatusCode::OK.into_response())
}

/// A key that somebody pressed. The same call about the same key twice is one thing.
async fn voice(
    State(app): State<Arc<App>>,
    Path(secret): Path<String>,
    RawQuery(query): RawQuery,
    body: String,
) -> Result<Response, AppError> {
    let door = app.config.ways.voice.as_ref().filter(|door| same(&secret, door.secret.expose_secret()));
    let Some(door) = door else { return Err(AppError::NotFound) };
    let query = query.unwrap_or_default();
    let number = hex::encode(Sha256::digest(format!("{query}\n{body}")));
    let came = json!({ "query": query, "body": body }).to_string();
    kept::receive(&app.db, app.clock.now(), "voice", &[(number, came)]).await?;
    Ok(([(header::CONTENT_TYPE, door.answer_type.clone())], door.answer.clone()).into_response())
}
