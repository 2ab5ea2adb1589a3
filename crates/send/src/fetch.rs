//! Fetching feeds of knowledge: one GET at a time, of an address that an administrator wrote, under the same guard as
//! webhooks — public hosts over HTTPS, private ones only if the configuration allows them by name.

use reqwest::Method;

use crate::{
    Error, HttpConfig, Outcome,
    http::{Guard, Http, Request},
};

/// A job that fetches has less than two minutes; what takes longer is brought as a file.
const SECONDS: u16 = 60;

/// What came of it.
#[derive(Debug)]
pub enum Fetched {
    /// Nothing new since `etag`.
    Same,
    /// This.
    New {
        /// The bytes.
        body: Vec<u8>,
        /// What the other side calls this state.
        etag: Option<String>,
    },
    /// It is larger than was allowed.
    TooLarge,
    /// The other side answered with that status.
    Status(u16),
    /// It was not reached, or may not be.
    Failed(String),
}

/// Fetches.
#[derive(Debug, Clone)]
pub struct Fetcher(Http);

impl Fetcher {
    /// One that reaches public hosts over HTTPS, and those in `allow` also over HTTP and in private networks.
    pub fn new(http: &HttpConfig, allow: impl IntoIterator<Item = String>) -> Result<Self, Error> {
        Ok(Self(Http::new(http, None, Guard::public(allow))?))
    }

    /// Gets an address, at most `limit` bytes of it; `etag` is what it was called the last time. Redirects are not
    /// followed: where a feed lies is what the administrator wrote.
    pub async fn get(&self, url: &str, etag: Option<&str>, limit: usize) -> Fetched {
        let mut request = Request {
            method: Method::GET,
            url,
            headers: Vec::new(),
            body: Vec::new(),
            seconds: Some(SECONDS),
        };
        if let Some(etag) = etag {
            request = request.header("if-none-match", etag);
        }
        match self.0.ask_up_to(request, limit).await {
            Ok(None) => Fetched::TooLarge,
            Ok(Some(answer)) => match answer.status {
                304 => Fetched::Same,
                200 => Fetched::New { body: answer.body, etag: answer.etag },
                status => Fetched::Status(status),
            },
            Err(Outcome::Refused { why } | Outcome::RetryAfter { why, .. }) => Fetched::Failed(why),
            Err(Outcome::Receipt { .. }) => Fetched::Failed(String::new()),
        }
    }
}
