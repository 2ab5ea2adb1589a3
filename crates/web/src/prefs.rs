//! Language and theme: the two choices that need no account.

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use std::sync::Arc;

use crate::{Access, App, Route, flash, form};

pub(crate) const LANG: &str = "lang";
pub(crate) const THEME: &str = "theme";
const YEAR_SECONDS: u32 = 31_536_000;

#[derive(Deserialize)]
struct Prefs {
    lang: Option<String>,
    theme: Option<String>,
}

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::post("/prefs", Access::Public, set)]
}

/// Sets a cookie and goes back. Changes nothing of anybody's records, so it needs no form token.
async fn set(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    form::Plain(prefs): form::Plain<Prefs>,
) -> Response {
    let back = headers.get(header::REFERER).and_then(|r| r.to_str().ok()).and_then(local_path).unwrap_or("/");
    let mut response = Redirect::to(back).into_response();
    let mut keep = |name: &str, value: &str| {
        let secure = flash::secure(app.config.insecure_cookies);
        flash::append(
            &mut response,
            &format!("{name}={value}; Path=/; Max-Age={YEAR_SECONDS}; SameSite=Lax{secure}"),
        );
    };
    if let Some(lang) = prefs.lang.as_deref().filter(|l| matches!(*l, "vi" | "en")) {
        keep(LANG, lang);
    }
    if let Some(theme) = prefs.theme.as_deref().filter(|t| matches!(*t, "light" | "dark" | "")) {
        keep(THEME, theme);
    }
    response
}

/// The path of an address, so that going back never leaves this site.
fn local_path(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, r)| r);
    let path = rest.get(rest.find('/')?..)?;
    (!path.starts_with("//")).then_some(path)
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(n, _)| *n == name)
        .map(|(_, v)| v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn going_back_never_leaves_the_site() {
        assert_eq!(local_path("https://canh.vn/orders?q=1"), Some("/orders?q=1"));
        assert_eq!(local_path("https://canh.vn//evil.example"), None);
        assert_eq!(local_path("https://canh.vn"), None);
    }
}
