//! Tokens, in all the ways clients send them.

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::STANDARD};

/// The token of a request: `Bearer`, `Splunk`, `ApiKey` (base64 of `id:key`, or the key itself), `Basic` (its password),
/// or `X-Canh-Token`.
pub fn of(headers: &HeaderMap) -> Option<String> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(token) = text("x-canh-token") {
        return Some(token.trim().to_owned());
    }
    let (scheme, rest) = text(header::AUTHORIZATION.as_str())?.trim().split_once(' ')?;
    let rest = rest.trim();
    let pair = || {
        let text = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
        text.split_once(':').map(|(_, key)| key.to_owned())
    };
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" | "splunk" => Some(rest.to_owned()),
        "apikey" => Some(pair().unwrap_or_else(|| rest.to_owned())),
        "basic" => pair(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_says_it_in_its_own_way() {
        let said = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            of(&headers)
        };
        let both = STANDARD.encode("canh:t0ken");
        for value in [
            "Bearer t0ken",
            "Splunk t0ken",
            "splunk  t0ken ",
            &format!("ApiKey {both}"),
            &format!("Basic {both}"),
        ] {
            assert_eq!(said(value).as_deref(), Some("t0ken"), "{value}");
        }
        assert_eq!(said("Basic ???"), None);
        assert_eq!(said("Digest x"), None);
    }
}
