//! Stored files on their way out: always as a download, never as a page.

use axum::{
    body::Body,
    extract::Path,
    http::{HeaderValue, Response, header},
};
use domain::right::Right;
use tokio_util::io::ReaderStream;

use crate::{Access, AppError, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/files/{sha256}", Access::Right(Right::Read), download),
        Route::get("/api/v1/files/{sha256}", Access::Right(Right::Read), download),
    ]
}

/// The file, for whoever may read the records of a body that uses it.
async fn download(v: Visit, Path(sha256): Path<String>) -> Result<Response<Body>, AppError> {
    if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(AppError::NotFound);
    }
    let mut sql = v.app.db.read().await?;
    let (file, used) = v.app.blobs.open(&mut sql, v.scope(), &sha256).await?;
    drop(sql);
    let mut response = Response::new(Body::from_stream(ReaderStream::new(file)));
    let headers = response.headers_mut();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, &used.kind);
    set(header::CONTENT_LENGTH, &used.len.to_string());
    set(header::CONTENT_DISPOSITION, &format!("attachment; filename*=UTF-8''{}", escaped(&used.name)));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Whatever a browser makes of it in spite of the above runs nothing and reaches nothing.
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox");
    set(header::CACHE_CONTROL, "private, no-store");
    Ok(response)
}

/// A file name as RFC 5987 writes it.
fn escaped(name: &str) -> String {
    name.bytes().fold(String::new(), |mut out, b| {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_cannot_break_the_header() {
        assert_eq!(super::escaped("báo \"cáo\"\r\n.pdf"), "b%C3%A1o%20%22c%C3%A1o%22%0D%0A.pdf");
    }
}
