//! Requests that change something must come from our own pages: the first of two guards against forged requests; the
//! second is the token in every form.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::Response,
};

use crate::{App, AppError};

/// Turns away what a browser says came from another site.
pub(crate) async fn check(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Result<Response, AppError> {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || from_us(request.headers(), &app.config.public_url, request.uri().path()) {
        Ok(next.run(request).await)
    } else {
        Err(AppError::Csrf)
    }
}

/// Whether the request comes from our own pages, or from a program that is no browser (which sends neither header and
/// has no cookies to abuse).
fn from_us(headers: &HeaderMap, public_url: &str, path: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    match text("sec-fetch-site") {
        Some("same-origin" | "none") => return true,
        Some(_) => return false,
        None => {}
    }
    match text("origin") {
        None => true,
        // Pages of one-time links send no referrer, for which older browsers give `null` here; their forms carry a token
        // that only the link's own page has.
        Some("null") => path.starts_with("/l/"),
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            origin == public_url
                || (host.is_some() && host == headers.get(header::HOST).and_then(|v| v.to_str().ok()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_and_programs_may_change_things() {
        let us = "https://canh.vn";
        let asks = |pairs: &[(&'static str, &str)], path: &str| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            from_us(&headers, us, path)
        };
        assert!(asks(&[("sec-fetch-site", "same-origin"), ("origin", "null")], "/x"));
        assert!(!asks(&[("sec-fetch-site", "cross-site"), ("origin", us)], "/x"));
        assert!(!asks(&[("sec-fetch-site", "same-site")], "/x"));
        assert!(asks(&[("origin", us)], "/x"));
        assert!(asks(&[("origin", "http://10.0.0.1:8080"), ("host", "10.0.0.1:8080")], "/x"));
        assert!(!asks(&[("origin", "https://evil.example"), ("host", "canh.vn")], "/x"));
        assert!(!asks(&[("origin", "https://canh.vn.evil.example"), ("host", "canh.vn")], "/x"));
        assert!(!asks(&[("origin", "null"), ("host", "canh.vn")], "/x"));
        assert!(asks(&[("origin", "null"), ("host", "canh.vn")], "/l/abc"));
        assert!(asks(&[], "/x"));
    }
}
