//! Bodies unpacked, within a limit.

use std::io::Read;

use axum::http::{HeaderMap, StatusCode, header};
use flate2::read::MultiGzDecoder;

/// The largest body unpacked.
pub const UNPACKED: usize = lake::BATCH_MAX - (4 << 20);

/// The body as it was before it was packed.
pub fn unpacked(headers: &HeaderMap, body: &[u8]) -> Result<Vec<u8>, StatusCode> {
    let packed = headers.get(header::CONTENT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    match packed.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(body.to_vec()),
        "gzip" | "x-gzip" => {
            let mut out = Vec::new();
            let mut reader = MultiGzDecoder::new(body).take(UNPACKED as u64 + 1);
            reader.read_to_end(&mut out).map_err(|_| StatusCode::BAD_REQUEST)?;
            if out.len() > UNPACKED { Err(StatusCode::PAYLOAD_TOO_LARGE) } else { Ok(out) }
        }
        _ => Err(StatusCode::UNSUPPORTED_MEDIA_TYPE),
    }
}

/// The lines of a text, without their ends and without empty ones.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|b| *b == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .filter(|line| !line.iter().all(u8::is_ascii_whitespace))
}
