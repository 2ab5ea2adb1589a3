//! Answers over a commune's line: pages, JSON and CSV go out as brotli or gzip.
//!
//! What is compressed and repeats what was typed tells by its length whether the two are alike (BREACH). Of what we
//! send only the form token is secret and stands on pages that repeat a question; it wears another mask on every page
//! ([`crate::form`]). Session secrets travel in headers alone, and codes shown once stand on pages that repeat nothing.
//! Event streams are never compressed: they would wait for more to say. Files go out as they are stored.

use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, predicate::Predicate},
};

/// Brotli 5 makes the board of a thousand bodies a third smaller than 4 at no time worth naming; above, it takes long.
const BROTLI: i32 = 5;
/// Below this a packet is a packet.
const LEAST_BYTES: u64 = 1_024;

/// The layer around everything.
pub(crate) fn layer() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().quality(CompressionLevel::Precise(BROTLI)).compress_when(worth)
}

fn worth(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let length = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    let texts = ["text/html", "text/csv", "text/plain", "application/json", "application/problem+json"];
    texts.iter().any(|t| kind.starts_with(t)) && length.is_none_or(|l| l >= LEAST_BYTES)
}
