//! The report as PDF and Word: of a draft as it would be now, of a signed one as it was kept.

use axum::{
    body::Body,
    extract::Path,
    http::{HeaderValue, Method, header},
    response::Response,
};
use domain::right::Right;

use super::{
    file_name,
    make::{self, Kind},
    report,
};
use crate::{Access, AppError, LIMIT_LETTER, Route, Visit};

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Right(Right::Read);
    vec![
        Route::page(Method::GET, "/reports/up/{report}/report.pdf", read, LIMIT_LETTER, pdf),
        Route::page(Method::GET, "/reports/up/{report}/report.docx", read, LIMIT_LETTER, docx),
        Route::get("/api/v1/reports/up/{report}/report.pdf", read, pdf),
        Route::get("/api/v1/reports/up/{report}/report.docx", read, docx),
    ]
}

async fn pdf(v: Visit, Path(of): Path<String>) -> Result<Response, AppError> {
    file(&v, &of, Kind::Pdf).await
}

async fn docx(v: Visit, Path(of): Path<String>) -> Result<Response, AppError> {
    file(&v, &of, Kind::Docx).await
}

async fn file(v: &Visit, of: &str, kind: Kind) -> Result<Response, AppError> {
    let report = report(v, of).await?;
    let (ending, mime) = match kind {
        Kind::Pdf => ("pdf", print::PDF),
        Kind::Docx => ("docx", print::DOCX),
    };
    let bytes = match &report.signed {
        Some(signed) => {
            let sha256 = if kind == Kind::Pdf { &signed.pdf } else { &signed.docx };
            tokio::fs::read(v.app.blobs.path(sha256)).await.map_err(anyhow::Error::from)?
        }
        None => {
            let figures = make::figures(v, &report).await?;
            make::printed(make::document(v, &report, &figures, false), kind).await?
        }
    };
    Ok(download(bytes, &format!("{}.{ending}", file_name(v, &report)), mime))
}

/// A file to be kept, never shown as a page.
pub(crate) fn download(bytes: Vec<u8>, name: &str, mime: &'static str) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime));
    // The name is made of letters, digits and dashes alone.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}
