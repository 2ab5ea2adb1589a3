//! What shippers expect of Elasticsearch: the handshake, and `_bulk` with a status for each item.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use domain::source::Kind;
use lake::{Kept, Record};
use serde_json::{Value, json};
use store::sources::Known;

use super::{Shared, body, own_id, status};
use crate::Refused;

/// Clients since 7.14 talk to nobody who does not say this.
const PRODUCT: HeaderName = HeaderName::from_static("x-elastic-product");
/// The version whose `_bulk` this is.
const VERSION: &str = "8.15.0";

fn answer(status: StatusCode, body: Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(PRODUCT, HeaderValue::from_static("Elasticsearch"));
    response
}

fn refused(refused: &Refused) -> Response {
    // A queue that is full is 429 here: all clients wait and send again.
    let status = match status(refused) {
        StatusCode::SERVICE_UNAVAILABLE => StatusCode::TOO_MANY_REQUESTS,
        other => other,
    };
    let kind = match refused {
        Refused::Stranger => "security_exception",
        Refused::Large => "content_too_long_exception",
        Refused::TooMany | Refused::NotNow(_) => "es_rejected_execution_exception",
    };
    let reason = refused.to_string();
    answer(status, json!({ "error": { "type": kind, "reason": reason }, "status": status.as_u16() }))
}

/// Who we say we are.
pub async fn hello(State(ways): Shared, headers: HeaderMap) -> Response {
    if let Err(why) = ways.who(&headers, Kind::Elastic) {
        return refused(&why);
    }
    let version = json!({
        "number": VERSION, "build_flavor": "default", "build_type": "tar", "build_hash": "unknown",
        "build_date": "2024-08-05T10:05:34.233336849Z", "build_snapshot": false, "lucene_version": "9.11.1",
        "minimum_wire_compatibility_version": "7.17.0", "minimum_index_compatibility_version": "7.0.0",
    });
    answer(
        StatusCode::OK,
        json!({
            "name": "canh", "cluster_name": "canh", "cluster_uuid": "canh", "version": version,
            "tagline": "You Know, for Search",
        }),
    )
}

/// Beats ask.
pub async fn license(State(ways): Shared, headers: HeaderMap) -> Response {
    match ways.who(&headers, Kind::Elastic) {
        Ok(_) => answer(
            StatusCode::OK,
            json!({ "license": { "status": "active", "uid": "canh", "type": "basic", "mode": "basic" } }),
        ),
        Err(why) => refused(&why),
    }
}

fn colour(state: &lake::State) -> &'static str {
    match state {
        lake::State::Good => "green",
        lake::State::Slow => "yellow",
        lake::State::Failing(_) => "red",
    }
}

/// Vector asks.
pub async fn health(State(ways): Shared) -> Response {
    let status = colour(&ways.door.log().health().state);
    answer(StatusCode::OK, json!({ "cluster_name": "canh", "status": status }))
}

/// rsyslog asks.
pub async fn cat_health(State(ways): Shared) -> Response {
    let status = colour(&ways.door.log().health().state);
    ([(PRODUCT, HeaderValue::from_static("Elasticsearch"))], format!("{status}\n")).into_response()
}

/// One item of a bulk request.
struct Item {
    action: String,
    index: String,
    /// Its place among the records, or why it is none.
    record: Result<usize, &'static str>,
    id: Option<String>,
}

/// Takes a bulk of documents.
pub async fn bulk(State(ways): Shared, headers: HeaderMap, raw: Bytes) -> Response {
    let source = match ways.who(&headers, Kind::Elastic) {
        Ok(source) => source,
        Err(why) => return refused(&why),
    };
    let bytes = match body::unpacked(&headers, &raw) {
        Ok(bytes) => bytes,
        Err(status) => return answer(status, json!({ "error": { "type": "illegal_argument_exception" } })),
    };
    let (items, records) = match read(&bytes) {
        Ok(read) => read,
        Err(reason) => {
            let error = json!({ "type": "illegal_argument_exception", "reason": reason });
            return answer(StatusCode::BAD_REQUEST, json!({ "error": error, "status": 400 }));
        }
    };
    match ways.keep(&source, &raw, records).await {
        Ok(kept) => {
            let items: Vec<Value> =
                items.iter().enumerate().map(|(n, item)| told(&source, &kept, item, n)).collect();
            let errors =
                items.iter().filter_map(|i| i.as_object()?.values().next()?.get("error")).count() > 0;
            answer(StatusCode::OK, json!({ "took": 1, "errors": errors, "items": items }))
        }
        Err(why) => refused(&why),
    }
}

/// The actions and documents of a body. An error is of the whole request: what stands where can no longer be told.
fn read(bytes: &[u8]) -> Result<(Vec<Item>, Vec<Record>), String> {
    let (mut items, mut records) = (Vec::new(), Vec::new());
    let mut lines = body::lines(bytes).enumerate();
    while let Some((n, line)) = lines.next() {
        let wrong = || format!("Malformed action/metadata line [{}]", n + 1);
        let Ok(Value::Object(action)) = serde_json::from_slice(line) else { return Err(wrong()) };
        let Some((action, about)) = action.into_iter().next() else { return Err(wrong()) };
        let text = |name: &str| about.get(name).and_then(Value::as_str).map(str::to_owned);
        let (index, id) = (text("_index").unwrap_or_else(|| "canh".to_owned()), text("_id"));
        let record = match action.as_str() {
            "create" | "index" => {
                let Some((_, document)) = lines.next() else { return Err(wrong()) };
                if document.first() == Some(&b'{') {
                    records.push(Record { id: id.clone(), meta: String::new(), line: document.to_vec() });
                    Ok(records.len() - 1)
                } else {
                    Err("a document is a JSON object")
                }
            }
            "update" => {
                lines.next();
                Err("what is kept is not changed")
            }
            "delete" => Err("what is kept is not changed"),
            _ => return Err(wrong()),
        };
        items.push(Item { action, index, record, id });
    }
    Ok((items, records))
}

fn told(source: &Known, kept: &Kept, item: &Item, n: usize) -> Value {
    let id = item.id.clone().unwrap_or_else(|| own_id(source.id, kept, n));
    let base = |status: u16| json!({ "_index": item.index, "_id": id, "status": status });
    let mut told = match item.record {
        Err(_) => base(400),
        // The document of that name is there: `create` says so, `index` has nothing to do.
        Ok(place) if kept.already.contains(&place) && item.action == "create" => base(409),
        Ok(place) if kept.already.contains(&place) => base(200),
        Ok(_) => base(201),
    };
    let status = told.get("status").and_then(Value::as_u64).unwrap_or(0);
    let more = match (item.record, status) {
        (Err(reason), _) => json!({ "error": { "type": "illegal_argument_exception", "reason": reason } }),
        (_, 409) => {
            json!({ "error": { "type": "version_conflict_engine_exception", "reason": "document already exists" } })
        }
        (_, 200) => json!({ "result": "noop", "_version": 1, "_seq_no": n, "_primary_term": 1 }),
        _ => json!({
            "result": "created", "_version": 1, "_seq_no": n, "_primary_term": 1,
            "_shards": { "total": 1, "successful": 1, "failed": 0 },
        }),
    };
    if let (Some(told), Value::Object(more)) = (told.as_object_mut(), more) {
        told.extend(more);
    }
    json!({ item.action.as_str(): told })
}
