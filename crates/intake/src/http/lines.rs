//! Lines or JSON, posted as they are: `curl --data-binary @file -H 'Authorization: Bearer …' …/lines`.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use domain::source::Kind;
use lake::Record;
use serde_json::json;

use super::{Shared, body, plain};

/// Takes lines.
pub async fn lines(State(ways): Shared, headers: HeaderMap, raw: Bytes) -> Response {
    let source = match ways.who(&headers, Kind::Lines) {
        Ok(source) => source,
        Err(refused) => return plain(&refused),
    };
    let bytes = match body::unpacked(&headers, &raw) {
        Ok(bytes) => bytes,
        Err(status) => return status.into_response(),
    };
    let records: Vec<Record> =
        body::lines(&bytes).map(|line| Record { line: line.to_vec(), ..Record::default() }).collect();
    let n = records.len();
    match ways.keep(&source, &raw, records).await {
        Ok(kept) => Json(json!({ "kept": n, "again": kept.resent })).into_response(),
        Err(refused) => plain(&refused),
    }
}
