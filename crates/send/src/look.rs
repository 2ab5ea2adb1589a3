//! Looking whether another machine answers: a GET that changes nothing, or the sign of life a monitor waits for.

use reqwest::Method;

use crate::{
    Error, HttpConfig, Outcome,
    http::{Guard, Http, Request},
};

/// Asks addresses the operator gave.
#[derive(Debug, Clone)]
pub struct Look(Http);

impl Look {
    /// With the proxy, certificates and patience of `[send.http]`. Connects to nothing.
    pub fn new(config: &HttpConfig) -> Result<Self, Error> {
        Http::new(config, None, Guard::Trusting).map(Look)
    }

    /// Whether that address answers with a 2xx. The error is one English line without the address, which may be a
    /// secret.
    pub async fn at(&self, url: &str) -> Result<(), String> {
        let request = Request { method: Method::GET, url, headers: vec![], body: vec![], seconds: None };
        match self.0.ask(request).await {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
            Ok(answer) => Err(format!("it answered {}", answer.status)),
            Err(Outcome::RetryAfter { why, .. } | Outcome::Refused { why }) => Err(why),
            Err(Outcome::Receipt { .. }) => Ok(()),
        }
    }
}
