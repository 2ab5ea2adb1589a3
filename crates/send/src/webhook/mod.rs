//! Webhooks: a message as a signed POST to a system of a body's own (Standard Webhooks), or in the shape of
//! Prometheus' Alertmanager.

mod body;
mod sign;

use std::{fmt, sync::Arc};

pub use domain::webhook::{Shape, Target as WebhookTarget};

use domain::time::Clock;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{
    Channel, Checking, Error, HttpConfig, Kept, Message, Outcome, Sending,
    http::{Guard, Http, Request},
};

pub use sign::{SECRET_PREFIX, is_secret, secret_of, sign};

/// `[send.webhook]`. Webhooks work without it; it only opens hosts that are closed otherwise.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookConfig {
    /// Hosts inside the network (names or addresses, without port) that bodies' webhooks may reach, also without TLS.
    /// Default: none; only public hosts over HTTPS.
    pub allow: Vec<String>,
}

/// What stands before a webhook's id in the name under which its target is kept.
pub const PLACE: &str = "webhook/";

/// Sends webhooks.
pub struct WebhookChannel {
    http: Http,
    clock: Arc<dyn Clock>,
    kept: Arc<dyn Kept>,
}

impl WebhookChannel {
    /// A sender that reaches public hosts and those allowed. `clock` stamps each attempt, as the standard asks.
    pub fn new(
        config: &WebhookConfig,
        http: &HttpConfig,
        clock: Arc<dyn Clock>,
        kept: Arc<dyn Kept>,
    ) -> Result<Self, Error> {
        let http = Http::new(http, None, Guard::public(config.allow.clone()))?;
        Ok(WebhookChannel { http, clock, kept })
    }

    /// Posts a message under `id`: receivers take one id once.
    async fn deliver(&self, message: &Message, id: &str) -> Outcome {
        let kept = match self.kept.get(&format!("{PLACE}{}", message.to.address)).await {
            Ok(Some(kept)) => kept,
            Ok(None) => return Outcome::refused("the webhook is no more"),
            Err(why) => return Outcome::retry(why),
        };
        let Ok(target) = serde_json::from_str::<WebhookTarget>(&kept) else {
            return Outcome::refused("not a webhook's target");
        };
        let now = self.clock.now();
        let body = body::of(message, target.shape, target.details || message.open, now).to_string();
        let stamp = now.as_second();
        let signature = match sign(&target.secrets, id, stamp, &body) {
            Ok(signature) => signature,
            Err(why) => return Outcome::refused(why),
        };
        let request = Request::post(&target.url, "application/json", body.into_bytes())
            .header("webhook-id", id)
            .header("webhook-timestamp", stamp.to_string())
            .header("webhook-signature", signature);
        match self.http.ask(request).await {
            // What the other side answers is nobody's business here, and may be anything.
            Ok(answer) => {
                answer.verdict("").unwrap_or(Outcome::Receipt { provider_id: answer.status.to_string() })
            }
            Err(failed) => failed,
        }
    }
}

impl Channel for WebhookChannel {
    fn kind(&self) -> &'static str {
        "webhook"
    }

    /// Each webhook says for itself what it may carry.
    fn foreign(&self) -> bool {
        false
    }

    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(self.deliver(message, &message.id))
    }

    /// What was sent cannot be changed: who took it and that it is over is told after it, once for each such line.
    fn revise<'a>(&'a self, _: &'a str, message: &'a Message) -> Sending<'a> {
        Box::pin(async move {
            let said = Sha256::digest(message.taken.as_deref().unwrap_or_default());
            let said: String = said.iter().take(8).map(|b| format!("{b:02x}")).collect();
            self.deliver(message, &format!("{}-{said}", message.id)).await
        })
    }

    /// There is no server of its own to ask.
    fn check(&self) -> Checking<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

impl fmt::Debug for WebhookChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookChannel")
    }
}
