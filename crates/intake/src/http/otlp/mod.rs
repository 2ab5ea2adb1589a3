//! OpenTelemetry logs over HTTP, as protobuf and as JSON. A record is kept as one JSON object: resource, scope and
//! record flattened.

mod proto;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::source::Kind;
use jiff::Timestamp;
use lake::Record;
use serde_json::{Map, Value};

use super::{Shared, body, plain};

const PROTOBUF: &str = "application/x-protobuf";

/// Takes logs.
pub async fn logs(State(ways): Shared, headers: HeaderMap, raw: Bytes) -> Response {
    let source = match ways.who(&headers, Kind::Otlp) {
        Ok(source) => source,
        Err(refused) => return plain(&refused),
    };
    let bytes = match body::unpacked(&headers, &raw) {
        Ok(bytes) => bytes,
        Err(status) => return status.into_response(),
    };
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let json = match kind.split(';').next().unwrap_or_default().trim() {
        PROTOBUF => false,
        "application/json" => true,
        _ => return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response(),
    };
    let mut records = Records::default();
    let read = if json { from_json(&bytes, &mut records) } else { proto::read(&bytes, &mut records) };
    if records.large {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    if read.is_none() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    match ways.keep(&source, &raw, records.all).await {
        // An empty answer says that nothing was left out.
        Ok(_) if json => ([(header::CONTENT_TYPE, "application/json")], "{}").into_response(),
        Ok(_) => ([(header::CONTENT_TYPE, PROTOBUF)], "").into_response(),
        Err(refused) => plain(&refused),
    }
}

/// The records of a request as lines. What a resource says of itself is said in each of its records, so that a small
/// request could become a very large batch: one that would be refused anyway is not put together.
#[derive(Default)]
struct Records {
    all: Vec<Record>,
    bytes: usize,
    large: bool,
}

impl Records {
    fn add(&mut self, log: Log, resource: &[(String, Value)]) -> Option<()> {
        let line = Value::Object(log.object(resource)).to_string().into_bytes();
        self.bytes += line.len();
        if self.bytes > body::UNPACKED {
            self.large = true;
            return None;
        }
        self.all.push(Record { line, ..Record::default() });
        Some(())
    }
}

/// One record, gathered from either form.
#[derive(Debug, Default, Clone)]
struct Log {
    time: u64,
    observed: u64,
    severity: String,
    number: u64,
    body: Value,
    attributes: Vec<(String, Value)>,
    trace: String,
    span: String,
}

impl Log {
    /// As one object: the names of ECS where there are any, attributes under their own.
    fn object(self, resource: &[(String, Value)]) -> Map<String, Value> {
        let mut out = Map::new();
        let at = [self.time, self.observed].into_iter().find(|t| *t > 0);
        let at = at.and_then(|n| Timestamp::from_nanosecond(i128::from(n)).ok());
        if let Some(at) = at {
            out.insert("@timestamp".into(), at.to_string().into());
        }
        for (name, value) in resource.iter().cloned().chain(self.attributes) {
            out.insert(name, value);
        }
        match self.body {
            Value::Null => {}
            Value::Object(fields) => out.extend(fields),
            other => {
                out.insert("message".into(), other);
            }
        }
        for (name, value) in [("log.level", self.severity), ("trace.id", self.trace), ("span.id", self.span)]
        {
            if !value.is_empty() {
                out.insert(name.into(), value.into());
            }
        }
        if self.number > 0 {
            out.insert("severity_number".into(), self.number.into());
        }
        out
    }
}

fn from_json(bytes: &[u8], out: &mut Records) -> Option<()> {
    let all: Value = serde_json::from_slice(bytes).ok()?;
    let list = |of: &Value, name: &str| of.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    all.as_object()?;
    for resource in list(&all, "resourceLogs") {
        let about = attributes(resource.get("resource").unwrap_or(&Value::Null));
        for scope in list(&resource, "scopeLogs") {
            for log in list(&scope, "logRecords") {
                let text = |name: &str| log.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                let log = Log {
                    time: number(log.get("timeUnixNano")),
                    observed: number(log.get("observedTimeUnixNano")),
                    severity: text("severityText"),
                    number: number(log.get("severityNumber")),
                    body: log.get("body").map(|b| any(b, 0)).unwrap_or_default(),
                    attributes: attributes(&log),
                    trace: text("traceId"),
                    span: text("spanId"),
                };
                out.add(log, &about)?;
            }
        }
    }
    Some(())
}

/// A number, or a text of one: 64 bits are written as text.
fn number(value: Option<&Value>) -> u64 {
    match value {
        Some(Value::Number(n)) => n.as_u64().unwrap_or(0),
        Some(Value::String(text)) => text.parse().unwrap_or(0),
        _ => 0,
    }
}

fn attributes(of: &Value) -> Vec<(String, Value)> {
    let list = of.get("attributes").and_then(Value::as_array);
    let one = |kv: &Value| {
        Some((kv.get("key")?.as_str()?.to_owned(), kv.get("value").map(|v| any(v, 0)).unwrap_or_default()))
    };
    list.into_iter().flatten().filter_map(one).collect()
}

/// How deep values may lie in each other.
const DEPTH: usize = 16;

/// An `AnyValue`.
fn any(value: &Value, depth: usize) -> Value {
    let Some((kind, inner)) = value.as_object().and_then(|o| o.iter().next()).filter(|_| depth < DEPTH)
    else {
        return Value::Null;
    };
    let values = |name: &str| inner.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    match kind.as_str() {
        "stringValue" | "boolValue" | "doubleValue" => inner.clone(),
        "intValue" => match inner {
            Value::String(text) => text.parse::<i64>().map_or_else(|_| inner.clone(), Value::from),
            other => other.clone(),
        },
        "arrayValue" => values("values").iter().map(|v| any(v, depth + 1)).collect(),
        "kvlistValue" => {
            let one =
                |kv: &Value| Some((kv.get("key")?.as_str()?.to_owned(), any(kv.get("value")?, depth + 1)));
            Value::Object(values("values").iter().filter_map(one).collect())
        }
        "bytesValue" => inner.clone(),
        _ => Value::Null,
    }
}

/// Bytes as JSON has them.
fn bytes(bytes: &[u8]) -> Value {
    STANDARD.encode(bytes).into()
}

#[cfg(test)]
mod tests;
