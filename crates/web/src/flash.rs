//! What one page leaves for the next to say, in a cookie that lives for one page.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};

use crate::{Words, prefs};

const COOKIE: &str = "flash";
/// Names and reasons are cut to this many characters: it is a cookie.
const VALUE_MAX: usize = 120;

/// A message by the id of its text, with at most one variable, `what`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    kind: Kind,
    id: String,
    what: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Info,
    Ok,
    Warn,
    Bad,
}

impl Flash {
    /// It worked.
    pub fn ok(id: &str) -> Self {
        Self { kind: Kind::Ok, id: id.to_owned(), what: String::new() }
    }
    /// For information.
    pub fn info(id: &str) -> Self {
        Self { kind: Kind::Info, ..Self::ok(id) }
    }
    /// It worked, but.
    pub fn warn(id: &str) -> Self {
        Self { kind: Kind::Warn, ..Self::ok(id) }
    }
    /// It did not work.
    pub fn bad(id: &str) -> Self {
        Self { kind: Kind::Bad, ..Self::ok(id) }
    }
    /// The text's variable `$what`.
    pub fn what(mut self, what: &str) -> Self {
        self.what = what.chars().take(VALUE_MAX).collect();
        self
    }
    pub(crate) fn kind(&self) -> &'static str {
        match self.kind {
            Kind::Info => "",
            Kind::Ok => "ok",
            Kind::Warn => "warn",
            Kind::Bad => "bad",
        }
    }
    pub(crate) fn text(&self, words: Words) -> String {
        words.with(&self.id, [("what", self.what.as_str().into())])
    }
}

/// Reads the message left by the page before.
pub(crate) fn get(headers: &HeaderMap) -> Option<Flash> {
    let value = prefs::cookie(headers, COOKIE)?;
    let mut parts = form_urlencoded::parse(value.as_bytes());
    let (kind, id) = parts.next()?;
    let what = parts.next().map(|(_, v)| v.into_owned()).unwrap_or_default();
    let kind = match &*kind {
        "ok" => Kind::Ok,
        "warn" => Kind::Warn,
        "bad" => Kind::Bad,
        _ => Kind::Info,
    };
    // The id is ours or a text that does not exist: nothing a stranger writes is shown as such.
    let id = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    Some(Flash { kind, id, what })
}

/// Leaves a message for the next page.
pub(crate) fn set(mut response: Response, flash: &Flash, insecure: bool) -> Response {
    let kind = if flash.kind == Kind::Info { "info" } else { flash.kind() };
    let value = form_urlencoded::Serializer::new(String::new())
        .append_pair(kind, &flash.id)
        .append_pair("w", &flash.what)
        .finish();
    append(
        &mut response,
        &format!("{COOKIE}={value}; Path=/; Max-Age=30; HttpOnly; SameSite=Lax{}", secure(insecure)),
    );
    response
}

/// Takes the message away once it was shown.
pub(crate) fn clear(response: &mut Response) {
    append(response, &format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"));
}

pub(crate) fn secure(insecure: bool) -> &'static str {
    if insecure { "" } else { "; Secure" }
}

pub(crate) fn append(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}
