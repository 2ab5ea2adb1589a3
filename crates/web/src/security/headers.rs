//! What every answer tells the browser it must not do.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::App;

/// No inline code, nothing from elsewhere, no framing: `ui/README.md` rule 1.
pub const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/// Nothing of the machine is needed.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
     microphone=(), midi=(), payment=(), usb=(), screen-wake-lock=(self)";
/// A year, as browsers' preload lists ask.
const HSTS: &str = "max-age=31536000; includeSubDomains";

/// Adds them to every answer. A handler's own `Cache-Control` and `Referrer-Policy` stand.
pub(crate) async fn add(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CSP);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "same-origin");
    set(HeaderName::from_static("permissions-policy"), PERMISSIONS);
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    // Pages hold one body's affairs: neither a proxy nor the back button of the next person may keep them.
    set(header::CACHE_CONTROL, "no-store");
    if app.is_https() {
        set(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    response
}
