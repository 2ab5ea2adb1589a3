//! ntfy: a small push service one can run oneself. The address is a topic, which is a secret: whoever knows it reads.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Channel, Checking, Error, HttpConfig, Message, Outcome, Sending,
    http::{Guard, Http, Request},
};

/// ntfy turns longer messages into attachments.
const TEXT_MAX: usize = 3500;

/// `[send.ntfy]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NtfyConfig {
    /// The server. Default `https://ntfy.sh`, which is abroad.
    #[serde(default = "NtfyConfig::url")]
    pub url: String,
    /// An access token, if the server asks for one.
    pub token: Option<SecretString>,
    /// Whether it is a server of the body or the province, so that it may carry what a message is about. Default false.
    #[serde(default)]
    pub own: bool,
}

impl NtfyConfig {
    fn url() -> String {
        "https://ntfy.sh".into()
    }
}

/// One ntfy server.
pub struct NtfyChannel {
    http: Http,
    config: NtfyConfig,
}

impl NtfyChannel {
    /// A server as configured. Connects to nothing.
    pub fn new(config: &NtfyConfig, http: &HttpConfig) -> Result<Self, Error> {
        if !crate::template::is_link(&config.url) {
            return Err(Error::Config("[send.ntfy] url is not an address".into()));
        }
        let config = NtfyConfig { url: config.url.trim_end_matches('/').to_owned(), ..config.clone() };
        Ok(NtfyChannel { http: Http::new(http, None, Guard::Trusting)?, config })
    }

    fn signed<'a>(&self, request: Request<'a>) -> Request<'a> {
        match &self.config.token {
            Some(token) => request.header("authorization", format!("Bearer {}", token.expose_secret())),
            None => request,
        }
    }

    async fn deliver(&self, message: &Message) -> Outcome {
        let foreign = self.foreign();
        let (subject, text) = message.shown(foreign);
        let mut text: String = text.chars().take(TEXT_MAX / 3).collect();
        while text.len() > TEXT_MAX {
            text.pop();
        }
        let mut body = json!({
            "topic": message.to.address,
            "title": if subject == text { "Canh" } else { subject },
            "message": text,
            "priority": if message.urgent { 5 } else { 3 },
            "tags": if message.urgent { vec!["rotating_light"] } else { vec![] },
            // The page with the button opens; nothing happens by itself.
            "actions": message.actions.iter().take(3)
                .map(|a| json!({ "action": "view", "label": a.label, "url": a.url, "clear": true }))
                .collect::<Vec<_>>(),
        });
        if let (Some(link), Some(body)) = (message.shown_link(foreign), body.as_object_mut()) {
            body.insert("click".into(), link.into());
        }
        let answer = match self.http.ask(self.signed(Request::json(&self.config.url, &body))).await {
            Ok(answer) => answer,
            Err(failed) => return failed,
        };
        let said = answer.json();
        let error = said.get("error").and_then(Value::as_str).unwrap_or_default();
        match (answer.verdict(error), said.get("id").and_then(Value::as_str)) {
            (Some(failed), _) => failed,
            (None, Some(id)) => Outcome::Receipt { provider_id: crate::message::one_line(id) },
            (None, None) => Outcome::retry("an answer that is none of ntfy"),
        }
    }

    async fn healthy(&self) -> Result<(), String> {
        let url = format!("{}/v1/health", self.config.url);
        let mut request = Request::post(&url, "application/json", Vec::new());
        request.method = reqwest::Method::GET;
        match self.http.ask(self.signed(request)).await {
            Ok(answer) if answer.json().get("healthy") == Some(&Value::Bool(true)) => Ok(()),
            Ok(answer) => Err(format!("{} {}", answer.status, answer.said())),
            Err(Outcome::RetryAfter { why, .. } | Outcome::Refused { why }) => Err(why),
            Err(Outcome::Receipt { provider_id }) => Err(provider_id),
        }
    }
}

impl Channel for NtfyChannel {
    fn kind(&self) -> &'static str {
        "ntfy"
    }

    fn foreign(&self) -> bool {
        !self.config.own
    }

    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(self.deliver(message))
    }

    fn check(&self) -> Checking<'_> {
        Box::pin(self.healthy())
    }
}

impl fmt::Debug for NtfyChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NtfyChannel").field("url", &self.config.url).finish_non_exhaustive()
    }
}
