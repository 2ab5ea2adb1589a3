//! Web Push: to the phone page (RFC 8030), encrypted for the browser alone (RFC 8291), signed by us (RFC 8292).

mod seal;
mod vapid;

use std::{fmt, sync::Arc};

use domain::{id::Secrets, time::Clock};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    Channel, Checking, Error, HttpConfig, Kept, Message, Outcome, Sending,
    http::{Guard, Http, Request},
};

pub use vapid::PushKey;

/// How long a push service keeps a message for a phone that is off: beyond, other channels have long been tried.
const KEEP_SECONDS: u32 = 4 * 3600;
/// Longest texts: the whole must fit into one record of 4,096 bytes, and phones show less anyway.
const TITLE_MAX: usize = 120;
const TEXT_MAX: usize = 400;

/// `[send.push]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushConfig {
    /// How a push service reaches whoever sends: `mailto:` or `https://`.
    pub contact: String,
    /// Hosts besides the public ones that subscriptions may name: a push service of one's own. Default: none.
    #[serde(default)]
    pub allow: Vec<String>,
}

/// A subscription, as the browser gave it: what [`crate::Recipient::address`] holds, as JSON.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Where the push service takes messages for it: a secret.
    pub endpoint: String,
    /// The browser's public key, base64url.
    pub p256dh: String,
    /// The browser's secret, base64url.
    pub auth: String,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription(…)")
    }
}

impl Subscription {
    /// Whether it can be written to at all: an https address, a point on the curve, a secret of 16 bytes.
    pub fn is_usable(&self) -> bool {
        let address = url::Url::parse(&self.endpoint);
        address.is_ok_and(|u| matches!(u.scheme(), "https" | "http") && u.has_host())
            && self.endpoint.len() <= 1000
            && seal::Receiver::parse(&self.p256dh, &self.auth).is_some()
    }
}

/// Sends Web Push.
pub struct PushChannel {
    http: Http,
    key: PushKey,
    contact: String,
    clock: Arc<dyn Clock>,
    secrets: Arc<dyn Secrets>,
    kept: Arc<dyn Kept>,
}

impl PushChannel {
    /// A sender with this installation's key. Connects to nothing.
    pub fn new(
        config: &PushConfig,
        http: &HttpConfig,
        key: PushKey,
        clock: Arc<dyn Clock>,
        secrets: Arc<dyn Secrets>,
        kept: Arc<dyn Kept>,
    ) -> Result<Self, Error> {
        if !(config.contact.starts_with("mailto:") || config.contact.starts_with("https://")) {
            return Err(Error::Config("[send.push] contact must begin with mailto: or https://".into()));
        }
        let http = Http::new(http, None, Guard::public(config.allow.clone()))?;
        Ok(PushChannel { http, key, contact: config.contact.clone(), clock, secrets, kept })
    }

    async fn deliver(&self, message: &Message) -> Outcome {
        let Ok(to) = serde_json::from_str::<Subscription>(&message.to.address) else {
            return Outcome::refused("not a subscription");
        };
        let Some(receiver) = seal::Receiver::parse(&to.p256dh, &to.auth) else {
            return Outcome::refused("a subscription with unusable keys");
        };
        let (own, salt) = (self.secrets.bytes(), self.secrets.bytes());
        let body = match seal::seal(&receiver, &own, &salt, note(message).as_bytes()) {
            Ok(body) => body,
            Err(why) => return Outcome::retry(why),
        };
        let signed = match self.key.authorization(&to.endpoint, &self.contact, self.clock.now()) {
            Ok(signed) => signed,
            Err(why) => return Outcome::refused(why),
        };
        let request = Request::post(&to.endpoint, "application/octet-stream", body)
            .header("content-encoding", "aes128gcm")
            .header("authorization", signed)
            .header("ttl", KEEP_SECONDS.to_string())
            .header("topic", topic(&message.id))
            .header("urgency", if message.urgent { "high" } else { "normal" });
        let answer = match self.http.ask(request).await {
            Ok(answer) => answer,
            Err(failed) => return failed,
        };
        if matches!(answer.status, 404 | 410) {
            // The browser took its permission back, or is no more. If this cannot be written down, the next says it again.
            if let Err(why) = self.kept.gone("push", &message.to.address).await {
                return Outcome::retry(why);
            }
            return Outcome::refused("the subscription is no more; it was removed");
        }
        // Services differ in what they answer; none of it is ours to show but the status.
        answer.verdict("").unwrap_or(Outcome::Receipt { provider_id: answer.status.to_string() })
    }
}

/// What the service worker shows.
fn note(message: &Message) -> String {
    let (subject, text) = message.shown(true);
    let cut = |text: &str, max: usize| text.chars().take(max).collect::<String>();
    let body = if subject == text { String::new() } else { cut(&message.short, TEXT_MAX) };
    let page = message.actions.first().map(|a| a.url.as_str()).or_else(|| message.shown_link(true));
    json!({
        "title": cut(subject, TITLE_MAX),
        "body": message.taken.as_deref().map_or(body, |taken| cut(taken, TEXT_MAX)),
        "url": page,
        "tag": message.id,
        "urgent": message.urgent && message.taken.is_none(),
        "lang": message.lang.tag(),
        "actions": message.actions.iter().take(2)
            .map(|a| json!({ "action": a.kind.name(), "title": a.label, "url": a.url })).collect::<Vec<_>>(),
    })
    .to_string()
}

/// A second try replaces the first where the phone has not fetched it yet: 32 signs of base64url at most.
fn topic(id: &str) -> String {
    Sha256::digest(id).iter().take(16).map(|b| format!("{b:02x}")).collect()
}

impl Channel for PushChannel {
    fn kind(&self) -> &'static str {
        "push"
    }

    /// Every browser's push service is abroad. What it carries is encrypted for the browser, but a phone shows it on a
    /// locked screen: so *that*, not *what*.
    fn foreign(&self) -> bool {
        true
    }

    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(self.deliver(message))
    }

    /// There is no server of its own to ask: each subscription names one.
    fn check(&self) -> Checking<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

impl fmt::Debug for PushChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushChannel").field("contact", &self.contact).finish_non_exhaustive()
    }
}
