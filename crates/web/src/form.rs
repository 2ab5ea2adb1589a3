//! What people and programs send: forms with their token, uploads, JSON. A wrong shape is an [`AppError`], never a panic.

use std::{collections::HashMap, sync::Arc};

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Multipart, Request},
    http::{HeaderMap, header},
};
use domain::id::Secrets;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

use crate::{AppError, User};

/// The most fields one form may have: a grid of a thousand bodies fits.
const FIELDS_MAX: usize = 4_000;

/// A form of one of our pages, its `csrf` token checked against the session.
pub struct Form<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = AppError;
    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        let user = user(&request);
        let header = token_header(request.headers());
        let bytes = bytes(request, state).await?;
        let given = form_urlencoded::parse(&bytes).find(|(k, _)| k == "csrf").map(|(_, v)| v.into_owned());
        check_csrf(&user, given.or(header).as_deref())?;
        parse(&bytes).map(Self)
    }
}

/// A form that changes no records and carries no token.
pub(crate) struct Plain<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Plain<T> {
    type Rejection = AppError;
    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        parse(&bytes(request, state).await?).map(Self)
    }
}

/// JSON of the API. With a session cookie instead of a bearer token it needs the `X-CSRF-Token` header.
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = AppError;
    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
        if !kind.starts_with("application/json") {
            return Err(AppError::Unsupported);
        }
        check_api(&request)?;
        let bytes = bytes(request, state).await?;
        serde_json::from_slice(&bytes).map(Self).map_err(|e| AppError::Unreadable(e.to_string()))
    }
}

/// Checks that an API request which changes something comes with a bearer token or the session's header.
pub(crate) fn check_api(request: &Request) -> Result<(), AppError> {
    let user = user(request);
    if user.session.is_some() {
        check_csrf(&user, token_header(request.headers()).as_deref())
    } else {
        Ok(())
    }
}

/// A multipart form: its fields, and its files in memory (the route's limit bounds them).
pub struct Upload {
    /// Text fields, the last of each name.
    pub fields: HashMap<String, String>,
    /// Files that were really chosen.
    pub files: Vec<UploadedFile>,
}

/// One uploaded file.
pub struct UploadedFile {
    /// The field it came in.
    pub field: String,
    /// The name it had, without any folder.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = AppError;
    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        let user = user(&request);
        let header = token_header(request.headers());
        let mut multipart =
            Multipart::from_request(request, state).await.map_err(|_| AppError::Unsupported)?;
        let (mut fields, mut files) = (HashMap::new(), Vec::new());
        while let Some(part) = multipart.next_field().await.map_err(too_large_or_broken)? {
            if fields.len() + files.len() >= FIELDS_MAX {
                return Err(AppError::Unreadable("too many fields".into()));
            }
            let field = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(base_name) {
                Some(name) => {
                    let bytes = part.bytes().await.map_err(too_large_or_broken)?;
                    if !(name.is_empty() && bytes.is_empty()) {
                        files.push(UploadedFile { field, name, bytes });
                    }
                }
                None => {
                    fields.insert(field, part.text().await.map_err(too_large_or_broken)?);
                }
            }
        }
        // API clients with a bearer token have no session and need no form token.
        if user.session.is_some() || !user.csrf.is_empty() {
            check_csrf(&user, fields.get("csrf").cloned().or(header).as_deref())?;
        }
        Ok(Self { fields, files })
    }
}

impl Upload {
    /// A text field, trimmed; empty if it was not sent.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |v| v.trim())
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, AppError> {
    serde_html_form::from_bytes(bytes).map_err(|e| AppError::Unreadable(e.to_string()))
}

async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, AppError> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
            AppError::TooLarge
        } else {
            AppError::Unreadable(rejection.body_text())
        }
    })
}

pub(crate) fn too_large_or_broken(error: axum::extract::multipart::MultipartError) -> AppError {
    if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        AppError::TooLarge
    } else {
        AppError::Unreadable(error.body_text())
    }
}

fn user(request: &Request) -> Arc<User> {
    request.extensions().get::<Arc<User>>().cloned().unwrap_or_else(|| Arc::new(User::nobody()))
}

pub(crate) fn token_header(headers: &HeaderMap) -> Option<String> {
    headers.get("x-csrf-token").and_then(|v| v.to_str().ok()).map(str::to_owned)
}

pub(crate) fn check_csrf(user: &User, given: Option<&str>) -> Result<(), AppError> {
    let given = given.unwrap_or_default();
    let unmasked = unmasked(given);
    let given = unmasked.as_deref().unwrap_or(given.as_bytes());
    let good = !user.csrf.is_empty() && bool::from(given.ct_eq(user.csrf.as_bytes()));
    if good { Ok(()) } else { Err(AppError::Csrf) }
}

/// Marks a masked token; no token begins so.
const MASKED: &str = "~";

/// The token as a page carries it: under a mask that is another on every page. Pages are compressed and repeat what
/// was typed, so that a token which is always the same could be guessed letter by letter from their length (BREACH).
pub(crate) fn masked(token: &str, secrets: &dyn Secrets) -> String {
    if token.is_empty() {
        return String::new();
    }
    let mask: Vec<u8> = std::iter::repeat_with(|| secrets.bytes()).flatten().take(token.len()).collect();
    let hidden: Vec<u8> = token.bytes().zip(&mask).map(|(t, m)| t ^ m).collect();
    format!("{MASKED}{}{}", hex::encode(mask), hex::encode(hidden))
}

/// The token under the mask; `None` for one that has none.
fn unmasked(given: &str) -> Option<Vec<u8>> {
    let bytes = hex::decode(given.strip_prefix(MASKED)?).ok()?;
    let (mask, hidden) = bytes.split_at_checked(bytes.len() / 2)?;
    Some(mask.iter().zip(hidden).map(|(m, h)| m ^ h).collect())
}

/// The name without any folder, whichever slash the sender's system uses.
pub(crate) fn base_name(name: &str) -> String {
    name.rsplit(['/', '\\']).next().unwrap_or_default().chars().filter(|c| !c.is_control()).collect()
}

/// Parts-only check for handlers without a body (DELETE, POST without content).
pub struct ApiGuard;

impl<S: Send + Sync> FromRequestParts<S> for ApiGuard {
    type Rejection = AppError;
    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &S) -> Result<Self, AppError> {
        let user = parts.extensions.get::<Arc<User>>().cloned().unwrap_or_else(|| Arc::new(User::nobody()));
        if user.session.is_some() {
            check_csrf(&user, token_header(&parts.headers).as_deref())?;
        }
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use store::testing::TestSecrets;

    use super::*;

    #[test]
    fn a_masked_token_is_another_each_time_and_opens_the_same() {
        let (secrets, user) = (TestSecrets::default(), User { csrf: "t".repeat(43), ..User::nobody() });
        let (one, two) = (masked(&user.csrf, &secrets), masked(&user.csrf, &secrets));
        assert_ne!(one, two);
        for good in [one.as_str(), two.as_str(), user.csrf.as_str()] {
            assert!(check_csrf(&user, Some(good)).is_ok());
        }
        for bad in ["~", "~00", "~zz", "", one.get(..one.len() - 2).unwrap()] {
            assert!(check_csrf(&user, Some(bad)).is_err(), "{bad}");
        }
        assert!(check_csrf(&User::nobody(), Some("~")).is_err(), "an empty token opens nothing");
    }
}
