//! The one HTTP client behind all channels that speak HTTP.
//!
//! It follows no redirect, keeps no cookie, reads no proxy from the environment, waits only so long and reads only so
//! much. What it says of a failure never holds an address: addresses carry tokens (Telegram) and are secrets
//! themselves (Web Push).

mod guard;

use std::{path::PathBuf, sync::Arc, time::Duration};

use reqwest::{Client, Method, Proxy, redirect::Policy};
use rustls::{ClientConfig, RootCertStore, pki_types::CertificateDer, pki_types::pem::PemObject};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::{Error, Outcome, message::one_line};

pub(crate) use guard::Guard;

/// An answer is read up to here; providers answer in hundreds of bytes.
const ANSWER_MAX: usize = 256 * 1024;
/// A longer name of a state is not remembered; servers' own have tens of characters.
const ETAG_MAX: usize = 200;
/// Longest wait an answer may ask for: more is a mistake or an attempt to silence us.
const WAIT_MAX: u32 = 3600;

/// `[send.http]`: how this machine reaches services on the web.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// A proxy for all of them: `http://`, `https://` or `socks5h://`, with `name:password@` if it asks. A part of its
    /// own (`[send.telegram] proxy`) outranks it. Default: none.
    pub proxy: Option<SecretString>,
    /// Certificates (PEM) trusted besides the public ones: of a firewall that looks into TLS, of a gateway's own
    /// authority. Default: none.
    pub ca_file: Option<PathBuf>,
    /// Seconds to wait for a connection. Default 5.
    pub connect_seconds: u8,
    /// Seconds a whole exchange may take. Default 10: somebody waits for the next channel to be tried.
    pub seconds: u8,
}

impl Default for HttpConfig {
    fn default() -> Self {
        HttpConfig { proxy: None, ca_file: None, connect_seconds: 5, seconds: 10 }
    }
}

/// The client.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: Client,
    guard: Guard,
}

/// What is asked.
pub(crate) struct Request<'a> {
    pub method: Method,
    pub url: &'a str,
    pub headers: Vec<(&'a str, String)>,
    pub body: Vec<u8>,
    /// If it may take longer than usual.
    pub seconds: Option<u16>,
}

impl<'a> Request<'a> {
    /// A POST of JSON.
    pub(crate) fn json(url: &'a str, body: &serde_json::Value) -> Self {
        Self::post(url, "application/json", body.to_string().into_bytes())
    }

    pub(crate) fn post(url: &'a str, kind: &str, body: Vec<u8>) -> Self {
        let headers = vec![("content-type", kind.to_owned())];
        Request { method: Method::POST, url, headers, body, seconds: None }
    }

    pub(crate) fn header(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What was answered.
pub(crate) struct Answer {
    pub status: u16,
    /// Seconds to wait, if it asked for that.
    pub retry_after: Option<u32>,
    /// What it calls the state of what it gave.
    pub etag: Option<String>,
    pub body: Vec<u8>,
}

impl Http {
    /// A client as configured; `proxy` of a channel's own outranks the common one. Reads `ca_file`, connects to nothing.
    pub(crate) fn new(
        config: &HttpConfig,
        proxy: Option<&SecretString>,
        guard: Guard,
    ) -> Result<Self, Error> {
        let unusable = |_| Error::Config("[send] proxy is not a usable address".into());
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls(config)?)
            .user_agent(concat!("canh/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            .http1_only()
            .connect_timeout(Duration::from_secs(config.connect_seconds.max(1).into()))
            .timeout(Duration::from_secs(config.seconds.max(1).into()));
        match proxy.or(config.proxy.as_ref()) {
            Some(proxy) => builder = builder.proxy(Proxy::all(proxy.expose_secret()).map_err(unusable)?),
            None => builder = builder.dns_resolver(guard.clone()),
        }
        let client = builder.build().map_err(|e| Error::Config(one_line(&e.without_url().to_string())))?;
        Ok(Http { client, guard })
    }

    /// Asks once. The error is why nothing, or nothing whole, came back, and what that means for a message.
    pub(crate) async fn ask(&self, request: Request<'_>) -> Result<Answer, Outcome> {
        let too_long = "the answer was too long; whether it took the message is not known";
        self.ask_up_to(request, ANSWER_MAX).await?.ok_or_else(|| Outcome::retry(too_long))
    }

    /// The same for answers of that length; none if it is longer.
    pub(crate) async fn ask_up_to(
        &self,
        request: Request<'_>,
        limit: usize,
    ) -> Result<Option<Answer>, Outcome> {
        let url =
            reqwest::Url::parse(request.url).map_err(|_| Outcome::refused("not an address of the web"))?;
        self.guard.admits(&url).map_err(Outcome::refused)?;
        let mut ask = self.client.request(request.method, url).body(request.body);
        for (name, value) in request.headers {
            ask = ask.header(name, value);
        }
        if let Some(seconds) = request.seconds {
            ask = ask.timeout(Duration::from_secs(seconds.into()));
        }
        let mut got = ask.send().await.map_err(|e| failure(&e))?;
        let retry_after = got.headers().get("retry-after").and_then(|v| v.to_str().ok()?.trim().parse().ok());
        let etag = got.headers().get("etag").and_then(|v| v.to_str().ok()).filter(|t| t.len() <= ETAG_MAX);
        let etag = etag.map(str::to_owned);
        let (status, mut body) = (got.status().as_u16(), Vec::new());
        while let Some(chunk) = got.chunk().await.map_err(|e| failure(&e))? {
            if body.len() + chunk.len() > limit {
                return Ok(None);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Some(Answer { status, retry_after: retry_after.map(|s: u32| s.min(WAIT_MAX)), etag, body }))
    }
}

impl Answer {
    /// What its status alone says, if that is no success: 429, 5xx and whatever is wrong with our sign-in mean *later*,
    /// other 4xx *never*. `said` is what to show of its body.
    pub(crate) fn verdict(&self, said: &str) -> Option<Outcome> {
        let why = || one_line(&format!("{} {said}", self.status));
        match self.status {
            200..=299 => None,
            // 401, 407: about us and no fault of the message; 408, 425, 429: not now.
            401 | 407 | 408 | 425 | 429 | 500.. => {
                Some(Outcome::RetryAfter { seconds: self.retry_after, why: why() })
            }
            300..=399 => {
                Some(Outcome::Refused { why: "it sends us elsewhere, which is not followed".into() })
            }
            _ => Some(Outcome::Refused { why: why() }),
        }
    }

    /// Its body as JSON; null if it is none.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The beginning of its body as text, for an operator.
    pub(crate) fn said(&self) -> String {
        one_line(&String::from_utf8_lossy(self.body.get(..self.body.len().min(600)).unwrap_or_default()))
    }
}

/// A failure without an answer. After a connection was made the message may have been taken.
fn failure(error: &reqwest::Error) -> Outcome {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        if let Some(blocked) = error.downcast_ref::<guard::Blocked>() {
            return Outcome::refused(blocked);
        }
        source = error.source();
    }
    Outcome::retry(if error.is_connect() {
        "no connection"
    } else if error.is_timeout() {
        "silence; whether it took the message is not known"
    } else {
        "the connection broke; whether it took the message is not known"
    })
}

/// TLS with ring and the public authorities, as for mail.
fn tls(config: &HttpConfig) -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = &config.ca_file {
        let pem = std::fs::read(path).map_err(|source| Error::File { path: path.clone(), source })?;
        let found: Vec<_> = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok).collect();
        if found.is_empty() || roots.add_parsable_certificates(found).0 == 0 {
            return Err(Error::Config(format!("{} holds no PEM certificate", path.display())));
        }
    }
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::Config(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_status_means_for_a_message() {
        let answer = |status| Answer { status, retry_after: Some(7), etag: None, body: b"no".to_vec() };
        for status in [200, 201, 204] {
            assert_eq!(answer(status).verdict(""), None);
        }
        for status in [401, 408, 429, 500, 503] {
            let said = answer(status).verdict("no").unwrap();
            assert!(matches!(said, Outcome::RetryAfter { seconds: Some(7), .. }), "{status} {said:?}");
        }
        for status in [302, 400, 403, 404, 410, 413] {
            assert!(matches!(answer(status).verdict("no"), Some(Outcome::Refused { .. })), "{status}");
        }
    }
}
