//! The browser's files, built by `cargo xtask assets` into `ui/dist` and embedded here (a debug build reads the folder
//! instead, so that a style can be tried without compiling).
//!
//! Every name carries a hash of its content, so a browser may keep a file for ever; [`url`] turns the plain name a
//! template writes into the hashed one.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
#[allow_missing = true]
struct Dist;

/// Where [`serve`] is mounted; the rest of the path is the hashed name.
pub const ROUTE: &str = "/assets/{name}";

/// The font files that the first paint needs; pages preload them so that no text moves when they arrive.
pub const FONTS_FIRST: [&str; 4] = [
    "be-vietnam-pro-latin-400-normal.woff2",
    "be-vietnam-pro-vietnamese-400-normal.woff2",
    "be-vietnam-pro-latin-600-normal.woff2",
    "be-vietnam-pro-vietnamese-600-normal.woff2",
];

/// The address of a file by its plain name: `app.css` → `/assets/app-XIFRAIL5.css`. An unknown name, or assets not yet
/// built, give an address that answers 404: the page still reads without its style.
#[must_use]
pub fn url(name: &str) -> String {
    let names = manifest();
    let hashed = names.get(name).map_or(name, String::as_str);
    format!("/assets/{hashed}")
}

/// Answers `GET /assets/{name}`: brotli or gzip as the browser takes it, kept for ever, 304 when it already has it.
pub async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response<Body> {
    answer(&name, &headers)
}

/// The file of that plain name, for an address that must not change with its content.
pub(crate) async fn serve_plain(name: &str, headers: &HeaderMap) -> Response<Body> {
    let names = manifest();
    answer(names.get(name).map_or("", String::as_str), headers)
}

fn answer(name: &str, headers: &HeaderMap) -> Response<Body> {
    let Some(kind) = content_type(name) else { return status(StatusCode::NOT_FOUND) };
    let Some((data, encoding)) = variant(name, headers) else { return status(StatusCode::NOT_FOUND) };
    // The name holds the hash of the content, so the name itself is the tag; variants differ by their encoding.
    let tag = format!("\"{name}{}\"", encoding.map(|e| format!("-{e}")).unwrap_or_default());
    let known = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    let has = known.is_some_and(|tags| tags.split(',').any(|t| t.trim().trim_start_matches("W/") == tag));

    let mut out = if has { status(StatusCode::NOT_MODIFIED) } else { Response::new(body(data)) };
    let h = out.headers_mut();
    h.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    h.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        h.insert(header::ETAG, tag);
    }
    if !has {
        h.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        h.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Some(encoding) = encoding {
            h.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
    }
    out
}

/// The smallest stored form that the browser accepts. The compressed neighbours are not files of their own: they have
/// no content type and so no address.
fn variant(name: &str, headers: &HeaderMap) -> Option<(Cow<'static, [u8]>, Option<&'static str>)> {
    let takes = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or("");
    let accepted = |code: &str| {
        takes.split(',').any(|part| {
            let mut bits = part.split(';').map(str::trim);
            bits.next() == Some(code) && !bits.any(|q| matches!(q, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    };
    for (code, ext) in [("br", "br"), ("gzip", "gz")] {
        if accepted(code)
            && let Some(file) = Dist::get(&format!("{name}.{ext}"))
        {
            return Some((file.data, Some(code)));
        }
    }
    Dist::get(name).map(|file| (file.data, None))
}

fn body(data: Cow<'static, [u8]>) -> Body {
    match data {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    }
}

fn status(code: StatusCode) -> Response<Body> {
    let mut out = Response::new(Body::empty());
    *out.status_mut() = code;
    out
}

/// Only what the build makes; anything else has no address here.
fn content_type(name: &str) -> Option<&'static str> {
    let (_, ext) = name.rsplit_once('.')?;
    match ext {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "woff2" => Some("font/woff2"),
        _ => None,
    }
}

/// Plain name → hashed name. A debug build reads it anew each time, as it does the files.
fn manifest() -> Cow<'static, BTreeMap<String, String>> {
    static ONCE: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    if cfg!(debug_assertions) {
        Cow::Owned(read_manifest())
    } else {
        Cow::Borrowed(ONCE.get_or_init(read_manifest))
    }
}

fn read_manifest() -> BTreeMap<String, String> {
    Dist::get("manifest.json").and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tests must not need Node: without built assets there is nothing to look at.
    fn built() -> Option<String> {
        let css = url("app.css");
        css.strip_prefix("/assets/").filter(|name| *name != "app.css").map(str::to_owned)
    }

    fn get(name: &str, pairs: &[(header::HeaderName, &str)]) -> Response<Body> {
        let mut headers = HeaderMap::new();
        for (k, v) in pairs {
            headers.insert(k, HeaderValue::from_str(v).unwrap());
        }
        answer(name, &headers)
    }

    #[test]
    fn compressed_kept_and_not_sent_twice() {
        let Some(name) = built() else { return };
        let br = get(&name, &[(header::ACCEPT_ENCODING, "gzip, deflate, br")]);
        assert_eq!(br.headers()[header::CONTENT_ENCODING], "br");
        assert_eq!(br.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        assert!(br.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        let plain = get(&name, &[(header::ACCEPT_ENCODING, "br;q=0")]);
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        let tag = br.headers()[header::ETAG].to_str().unwrap();
        let again = get(&name, &[(header::ACCEPT_ENCODING, "br"), (header::IF_NONE_MATCH, tag)]);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn nothing_else_has_an_address() {
        let Some(name) = built() else { return };
        for bad in
            ["manifest.json", &format!("{name}.br"), "../package.json", "..%2Fbuild.mjs", "", "app.css"]
        {
            assert_eq!(get(bad, &[]).status(), StatusCode::NOT_FOUND, "{bad}");
        }
    }
}
