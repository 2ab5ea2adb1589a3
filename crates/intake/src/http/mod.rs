//! The ways in over HTTP: one router that the program mounts, at a port of its own or under a path.
//!
//! Every door answers only when what it was sent is on disk.

mod body;
mod elastic;
mod hec;
mod lines;
mod otlp;
mod token;

use std::sync::{Arc, atomic::AtomicU64};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use domain::{
    id::{Id, kind},
    source::Kind,
};
use lake::{Kept, Record, batch_key};
use store::sources::Known;

use crate::{Door, Refused, Way};

/// The largest body as it comes: what shippers send by default has 5 MB, and Logstash's largest 20.
pub const BODY: usize = 24 << 20;
/// How long a client that is told to come again should wait, in seconds.
const AGAIN: &str = "1";

/// What the handlers share.
struct Ways {
    door: Arc<Door>,
    /// Numbers of acknowledgements of HEC.
    acks: AtomicU64,
}

type Shared = axum::extract::State<Arc<Ways>>;

/// Where the router stands beside pages.
const UNDER: &str = "/intake";

/// The router under [`UNDER`], to stand beside pages at one address.
pub fn mounted(door: Arc<Door>) -> Router {
    let ways = Arc::new(Ways { door, acks: AtomicU64::new(0) });
    // Clients of Elasticsearch ask for the path with a slash behind it, which nesting leaves out.
    let slash = Router::new().route(&format!("{UNDER}/"), get(elastic::hello)).with_state(ways.clone());
    Router::new().nest(UNDER, routes(ways)).merge(slash)
}

/// The router, for a port of its own.
pub fn router(door: Arc<Door>) -> Router {
    routes(Arc::new(Ways { door, acks: AtomicU64::new(0) }))
}

fn routes(ways: Arc<Ways>) -> Router {
    Router::new()
        .route("/", get(elastic::hello))
        .route("/_license", get(elastic::license))
        .route("/_cat/health", get(elastic::cat_health))
        .route("/_cluster/health", get(elastic::health))
        .route("/_bulk", post(elastic::bulk).put(elastic::bulk))
        .route("/{index}/_bulk", post(elastic::bulk).put(elastic::bulk))
        .route("/services/collector", post(hec::events))
        .route("/services/collector/event", post(hec::events))
        .route("/services/collector/event/1.0", post(hec::events))
        .route("/services/collector/raw", post(hec::raw))
        .route("/services/collector/raw/1.0", post(hec::raw))
        .route("/services/collector/ack", post(hec::ack))
        .route("/services/collector/health", get(hec::health))
        .route("/services/collector/health/1.0", get(hec::health))
        .route("/v1/logs", post(otlp::logs))
        .route("/lines", post(lines::lines))
        .layer(DefaultBodyLimit::max(BODY))
        .with_state(ways)
}

impl Ways {
    /// Who sends, by the token of the request.
    fn who(&self, headers: &HeaderMap, kind: Kind) -> Result<Known, Refused> {
        let token = token::of(headers).ok_or(Refused::Stranger)?;
        self.door.by_token(&token, kind, None)
    }

    /// Keeps what came in one request. The answer is dropped with the request if its sender goes away before: then the
    /// same bytes sent again are known.
    async fn keep(&self, source: &Known, raw: &[u8], records: Vec<Record>) -> Result<Kept, Refused> {
        let key = batch_key(source.id, raw);
        let kept = self.door.keep(source, records, Some(key), Way::Told).await?;
        self.door.log().acknowledged(key);
        Ok(kept)
    }
}

/// A refusal in plain words, for doors whose protocol has none of its own.
fn plain(refused: &Refused) -> Response {
    let status = status(refused);
    let mut response = (status, format!("{refused}\n")).into_response();
    if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static(AGAIN));
    }
    response
}

fn status(refused: &Refused) -> StatusCode {
    match refused {
        Refused::Stranger => StatusCode::UNAUTHORIZED,
        Refused::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Refused::NotNow(_) => StatusCode::SERVICE_UNAVAILABLE,
        Refused::Large => StatusCode::PAYLOAD_TOO_LARGE,
    }
}

/// What an id of a record is where its client gave none.
fn own_id(source: Id<kind::Source>, kept: &Kept, n: usize) -> String {
    match kept.at {
        Some(at) => format!("{at}-{n}"),
        None => format!("{source}-{n}"),
    }
}
