//! Splunk's HTTP event collector. An acknowledgement is true from the beginning: we answer when it is on disk.

use std::sync::atomic::Ordering;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use domain::source::Kind;
use jiff::Timestamp;
use lake::Record;
use serde_json::{Map, Value, json};

use super::{Shared, Ways, body};
use crate::Refused;

/// Most acknowledgements asked for at once.
const ACKS: usize = 10_000;

fn answer(status: StatusCode, code: u16, text: &str) -> Response {
    (status, Json(json!({ "text": text, "code": code }))).into_response()
}

fn refused(headers: &HeaderMap, refused: &Refused) -> Response {
    match refused {
        Refused::Stranger if super::token::of(headers).is_none() => {
            answer(StatusCode::UNAUTHORIZED, 2, "Token is required")
        }
        Refused::Stranger => answer(StatusCode::FORBIDDEN, 4, "Invalid token"),
        Refused::Large => answer(StatusCode::PAYLOAD_TOO_LARGE, 27, "Request entity too large"),
        Refused::TooMany => answer(StatusCode::TOO_MANY_REQUESTS, 9, "Server is busy"),
        Refused::NotNow(_) => answer(StatusCode::SERVICE_UNAVAILABLE, 9, "Server is busy"),
    }
}

/// Whether it takes events now.
pub async fn health(State(ways): Shared) -> Response {
    match ways.door.log().health().state {
        lake::State::Failing(_) => {
            answer(StatusCode::SERVICE_UNAVAILABLE, 18, "HEC is unhealthy, queues are full")
        }
        _ => answer(StatusCode::OK, 17, "HEC is healthy"),
    }
}

/// Takes events in their envelopes, one after another with or without anything between.
pub async fn events(State(ways): Shared, headers: HeaderMap, raw: Bytes) -> Response {
    take(&ways, &headers, &raw, |bytes| {
        let mut records = Vec::new();
        for (n, value) in serde_json::Deserializer::from_slice(bytes).into_iter::<Value>().enumerate() {
            match value {
                Ok(Value::Object(envelope)) => match record(&envelope) {
                    Some(record) => records.push(record),
                    None => return Err((n, 12, "Event field is required")),
                },
                _ => return Err((n, 6, "Invalid data format")),
            }
        }
        Ok(records)
    })
    .await
}

/// Takes lines.
pub async fn raw(State(ways): Shared, headers: HeaderMap, raw: Bytes) -> Response {
    take(&ways, &headers, &raw, |bytes| {
        Ok(body::lines(bytes).map(|line| Record { line: line.to_vec(), ..Record::default() }).collect())
    })
    .await
}

type Read = Result<Vec<Record>, (usize, u16, &'static str)>;

async fn take(
    ways: &Ways,
    headers: &HeaderMap,
    raw: &Bytes,
    read: impl Fn(&[u8]) -> Read + Send,
) -> Response {
    let source = match ways.who(headers, Kind::Hec) {
        Ok(source) => source,
        Err(why) => return refused(headers, &why),
    };
    let bytes = match body::unpacked(headers, raw) {
        Ok(bytes) => bytes,
        Err(status) => return answer(status, 6, "Invalid data format"),
    };
    let records = match read(&bytes) {
        Ok(records) => records,
        Err((n, code, text)) => {
            let told = json!({ "text": text, "code": code, "invalid-event-number": n });
            return (StatusCode::BAD_REQUEST, Json(told)).into_response();
        }
    };
    if records.is_empty() {
        return answer(StatusCode::BAD_REQUEST, 5, "No data");
    }
    match ways.keep(&source, raw, records).await {
        Err(why) => refused(headers, &why),
        Ok(_) if headers.contains_key("x-splunk-request-channel") => {
            let id = ways.acks.fetch_add(1, Ordering::Relaxed);
            Json(json!({ "text": "Success", "code": 0, "ackId": id })).into_response()
        }
        Ok(_) => answer(StatusCode::OK, 0, "Success"),
    }
}

/// What is kept of an envelope: the event as a line, what stands around it beside.
fn record(envelope: &Map<String, Value>) -> Option<Record> {
    let line = match envelope.get("event")? {
        Value::Null => return None,
        Value::String(text) if text.is_empty() => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut meta = Map::new();
    for name in ["host", "source", "sourcetype", "index", "fields"] {
        if let Some(value) = envelope.get(name) {
            meta.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(time) = envelope.get("time").and_then(time) {
        meta.insert("time".to_owned(), time.to_string().into());
    }
    let meta = if meta.is_empty() { String::new() } else { Value::Object(meta).to_string() };
    Some(Record { id: None, meta, line: line.into_bytes() })
}

/// Seconds since 1970 with or without a fraction, as a number or a text.
fn time(value: &Value) -> Option<Timestamp> {
    let seconds = match value {
        Value::Number(n) => n.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    let whole = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
    Timestamp::UNIX_EPOCH.checked_add(whole).ok()
}

/// Which of the acknowledgements are true: all that were given.
pub async fn ack(State(ways): Shared, headers: HeaderMap, raw: Bytes) -> Response {
    if let Err(why) = ways.who(&headers, Kind::Hec) {
        return refused(&headers, &why);
    }
    let asked: Option<Value> = serde_json::from_slice(&raw).ok();
    let asked = asked.as_ref().and_then(|v| v.get("acks")).and_then(Value::as_array);
    let Some(asked) = asked.filter(|asked| asked.len() <= ACKS) else {
        return answer(StatusCode::BAD_REQUEST, 6, "Invalid data format");
    };
    let given = ways.acks.load(Ordering::Relaxed);
    let told: Map<String, Value> =
        asked.iter().filter_map(Value::as_u64).map(|id| (id.to_string(), Value::Bool(id < given))).collect();
    Json(json!({ "acks": told })).into_response()
}
