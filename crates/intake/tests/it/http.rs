//! What shippers post.

use std::io::Write;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use domain::{actor::Scope, source::Kind};
use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use store::sources;
use tower::ServiceExt;

use crate::Ground;

#[tokio::test]
async fn a_bulk_is_answered_item_by_item_and_kept_once() {
    let g = Ground::new().await;
    let bulk = concat!(
        "{\"create\":{\"_index\":\"winlogbeat\",\"_id\":\"a\"}}\n{\"message\":\"một\"}\n",
        "{\"index\":{}}\n{\"message\":\"hai\"}\n",
        "{\"delete\":{\"_id\":\"a\"}}\n",
        "{\"create\":{}}\n\"no object\"\n",
    );
    let (status, told) = g.post("/_bulk", "elastic", bulk).await;
    assert_eq!((status, &told["errors"]), (StatusCode::OK, &json!(true)));
    let statuses: Vec<_> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| &i.as_object().unwrap().values().next().unwrap()["status"])
        .collect();
    assert_eq!(statuses, [201, 201, 400, 400]);
    let again = "{\"create\":{\"_id\":\"a\"}}\n{\"message\":\"một\"}\n{\"index\":{\"_id\":\"a\"}}\n{\"message\":\"x\"}\n";
    let (_, told) = g.post("/logs/_bulk", "elastic", again).await;
    assert_eq!(
        (&told["items"][0]["create"]["status"], &told["items"][1]["index"]["status"]),
        (&json!(409), &json!(200))
    );
    let lines: Vec<String> = g.lines().into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, ["{\"message\":\"một\"}", "{\"message\":\"hai\"}"]);
    let (status, _) = g.post("/_bulk", "elastic", "{\"create\":{}}\n").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn clients_of_elasticsearch_find_what_they_look_for() {
    let g = Ground::new().await;
    let basic = Request::get("/")
        .header(header::AUTHORIZATION, "Basic Y2FuaDplbGFzdGlj")
        .body(Body::empty())
        .unwrap();
    let response = g.router.clone().oneshot(basic).await.unwrap();
    assert_eq!(response.headers()["x-elastic-product"], "Elasticsearch");
    assert_eq!(response.status(), StatusCode::OK);
    let head = Request::head("/").header("x-canh-token", "elastic").body(Body::empty()).unwrap();
    assert_eq!(g.send(head).await.0, StatusCode::OK);
    for (token, path) in
        [("nobody", "/_bulk"), ("hec", "/_bulk"), ("elastic", "/lines"), ("elastic", "/v1/logs")]
    {
        assert_eq!(g.post(path, token, "x").await.0, StatusCode::UNAUTHORIZED, "{token} at {path}");
    }
    assert!(g.lines().is_empty());
}

#[tokio::test]
async fn packed_bodies_are_unpacked_within_a_limit() {
    let g = Ground::new().await;
    let packed = |bytes: &[u8]| {
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    };
    let post = |encoding: &str, body: Vec<u8>| {
        Request::post("/lines")
            .header("x-canh-token", "lines")
            .header(header::CONTENT_ENCODING, encoding)
            .body(Body::from(body))
            .unwrap()
    };
    let (status, told) = g.send(post("gzip", packed(b"a\nb\r\n\nc"))).await;
    assert_eq!((status, &told["kept"]), (StatusCode::OK, &json!(3)));
    let bomb = packed(&vec![b'x'; lake::BATCH_MAX]);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(g.send(post("gzip", bomb)).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(g.send(post("gzip", b"no gzip".to_vec())).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(g.send(post("br", b"x".to_vec())).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(g.lines().len(), 3);
}

#[tokio::test]
async fn whoever_sends_more_than_it_may_is_told_and_counted() {
    let g = Ground::new().await;
    let many = "x\n".repeat(10_000);
    assert_eq!(g.post("/lines", "lines", many.clone()).await.0, StatusCode::OK);
    assert_eq!(g.post("/lines", "lines", many.clone()).await.0, StatusCode::TOO_MANY_REQUESTS);
    g.clock.move_to_minute(1);
    assert_eq!(g.post("/lines", "lines", many).await.0, StatusCode::OK);
    g.door.flush().await.unwrap();
    let mut sql = g.t.db.read().await.unwrap();
    let shown = sources::get(&mut sql, &Scope::system(), g.source(Kind::Lines)).await.unwrap();
    assert_eq!((shown.counts.received, shown.counts.kept, shown.counts.refused), (30_000, 20_000, 10_000));
}

#[tokio::test]
async fn hec_takes_events_in_envelopes_and_acknowledges() {
    let g = Ground::new().await;
    let events = "{\"event\":\"đăng nhập\",\"host\":\"web01\",\"time\":1800000000.5}{\"event\":{\"a\":1}}\n{\"event\":\"c\"}";
    let request = Request::post("/services/collector/event")
        .header(header::AUTHORIZATION, "Splunk hec")
        .header("x-splunk-request-channel", "c1")
        .body(Body::from(events))
        .unwrap();
    let (status, told) = g.send(request).await;
    assert_eq!((status, &told["code"], &told["ackId"]), (StatusCode::OK, &json!(0), &json!(0)));
    let (_, acks) = g.post("/services/collector/ack?channel=c1", "hec", "{\"acks\":[0,1]}").await;
    assert_eq!(acks, json!({ "acks": { "0": true, "1": false } }));
    assert_eq!(g.post("/services/collector/raw", "hec", "dòng 1\ndòng 2\n").await.0, StatusCode::OK);
    let lines = g.lines();
    assert_eq!(lines[0].0, "đăng nhập");
    let meta: serde_json::Value = serde_json::from_str(&lines[0].1).unwrap();
    assert_eq!((&meta["host"], &meta["time"]), (&json!("web01"), &json!("2027-01-15T08:00:00.5Z")));
    assert_eq!((lines[1].0.as_str(), lines.len()), ("{\"a\":1}", 5));
    for (body, code) in [("{\"host\":\"x\"}", 12), ("nonsense", 6), ("", 5)] {
        let (status, told) = g.post("/services/collector", "hec", body).await;
        assert_eq!((status, &told["code"]), (StatusCode::BAD_REQUEST, &json!(code)), "{body}");
    }
    let (status, told) = g.post("/services/collector", "lines", "{}").await;
    assert_eq!((status, &told["code"]), (StatusCode::FORBIDDEN, &json!(4)));
}

#[tokio::test]
async fn otlp_says_the_same_as_json_and_as_protobuf() {
    let g = Ground::new().await;
    let one = json!({ "resourceLogs": [{
        "resource": { "attributes": [{ "key": "host.name", "value": { "stringValue": "web01" } }] },
        "scopeLogs": [{ "logRecords": [{
            "timeUnixNano": "1800000000000000000", "severityNumber": 9, "severityText": "INFO",
            "body": { "stringValue": "xin chào" },
            "attributes": [{ "key": "n", "value": { "intValue": "-7" } }, { "key": "ok", "value": { "boolValue": true } }],
        }] }],
    }] });
    assert_eq!(g.post("/v1/logs", "otlp", one.to_string()).await, (StatusCode::OK, json!({})));
    let kv = |key: &str, any: Vec<u8>| [tagged(1, key.as_bytes()), tagged(2, &any)].concat();
    let mut minus_seven = vec![3 << 3];
    minus_seven.extend([0xF9, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]);
    let mut record = vec![(1 << 3) | 1];
    record.extend(1_800_000_000_000_000_000_u64.to_le_bytes());
    record.extend([2 << 3, 9]);
    record.extend(tagged(3, b"INFO"));
    record.extend(tagged(5, &tagged(1, "xin chào".as_bytes())));
    record.extend(tagged(6, &kv("n", minus_seven)));
    record.extend(tagged(6, &kv("ok", vec![2 << 3, 1])));
    record.extend(tagged(77, b"a field of later versions"));
    let resource = tagged(1, &tagged(1, &kv("host.name", tagged(1, b"web01"))));
    let request = tagged(1, &[resource, tagged(2, &tagged(2, &record))].concat());
    let post = |body: Vec<u8>| {
        Request::post("/v1/logs")
            .header("x-canh-token", "otlp")
            .header(header::CONTENT_TYPE, "application/x-protobuf")
            .body(Body::from(body))
            .unwrap()
    };
    assert_eq!(g.send(post(request.clone())).await.0, StatusCode::OK);
    let lines = g.lines();
    assert_eq!(lines[0], lines[1]);
    let kept: serde_json::Value = serde_json::from_str(&lines[0].0).unwrap();
    assert_eq!(
        (&kept["message"], &kept["n"], &kept["host.name"]),
        (&json!("xin chào"), &json!(-7), &json!("web01"))
    );
    for cut in 1..request.len() {
        assert_eq!(g.send(post(request[..cut].to_vec())).await.0, StatusCode::BAD_REQUEST, "cut at {cut}");
    }
}

/// A field of bytes.
fn tagged(number: u32, bytes: &[u8]) -> Vec<u8> {
    let varint = |mut n: usize| {
        let mut out = Vec::new();
        while n >= 0x80 {
            out.push((n as u8) | 0x80);
            n >>= 7;
        }
        out.push(n as u8);
        out
    };
    [varint(((number << 3) | 2) as usize), varint(bytes.len()), bytes.to_vec()].concat()
}
