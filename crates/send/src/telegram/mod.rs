//! Telegram: a bot that writes to people who linked it, with buttons, and is told what they pressed.

mod update;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Action, ActionKind, Channel, Checking, Error, HttpConfig, Message, Outcome, Sending,
    http::{Answer, Guard, Http, Request},
    message::one_line,
};

pub use update::{Heard, hear};

/// Longest text of a message, in UTF-16 units.
const TEXT_MAX: usize = 4096;
/// Longest answer to a pressed button.
const TOAST_MAX: usize = 200;

/// How updates come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Updates {
    /// Canh asks for them (long poll): works behind any firewall.
    #[default]
    Poll,
    /// Telegram calls `/in/telegram` of the public address.
    Webhook,
}

/// `[send.telegram]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelegramConfig {
    /// The bot's token, from @BotFather.
    pub token: SecretString,
    /// The bot's user name, without `@`: with it people get a link to press instead of a code to type.
    pub bot: Option<String>,
    /// Where the Bot API is: a body's own server, or a relay where Telegram is blocked. Default
    /// `https://api.telegram.org`.
    #[serde(default = "TelegramConfig::api")]
    pub api: String,
    /// A proxy for Telegram alone.
    pub proxy: Option<SecretString>,
    /// `poll` (default) or `webhook`.
    #[serde(default)]
    pub updates: Updates,
    /// For `webhook`: 16–256 of `A–Z a–z 0–9 _ -`, which Telegram repeats with every call.
    pub webhook_secret: Option<SecretString>,
}

impl TelegramConfig {
    fn api() -> String {
        "https://api.telegram.org".into()
    }
}

/// The bot. Addresses are chat ids: a number, known once somebody sent the bot `/start CODE`.
#[derive(Clone)]
pub struct TelegramChannel {
    http: Http,
    /// With the token.
    base: SecretString,
    api: String,
}

impl TelegramChannel {
    /// A bot as configured. Connects to nothing.
    pub fn new(config: &TelegramConfig, http: &HttpConfig) -> Result<Self, Error> {
        let token = config.token.expose_secret().trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-');
        if token.is_empty() || !token.chars().all(plain) {
            return Err(Error::Config("[send.telegram] token is not a bot's token".into()));
        }
        let api = config.api.trim_end_matches('/').to_owned();
        if !crate::template::is_link(&api) {
            return Err(Error::Config("[send.telegram] api is not an address".into()));
        }
        let secret = config.webhook_secret.as_ref().map(|s| s.expose_secret());
        let fits = |s: &str| {
            (16..=256).contains(&s.len())
                && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        };
        if config.updates == Updates::Webhook && !secret.is_some_and(fits) {
            let why = "[send.telegram] webhook_secret must be 16 to 256 letters, digits, _ or -";
            return Err(Error::Config(why.into()));
        }
        Ok(TelegramChannel {
            http: Http::new(http, config.proxy.as_ref(), Guard::Trusting)?,
            base: format!("{api}/bot{token}").into(),
            api,
        })
    }

    /// The bot's name, for `https://t.me/NAME?start=CODE`.
    pub async fn name(&self) -> Result<String, String> {
        let said = self.call("getMe", &json!({}), None).await.map_err(why)?;
        let name = said.pointer("/username").and_then(Value::as_str);
        name.map(str::to_owned).ok_or_else(|| "the bot has no user name".to_owned())
    }

    /// What happened since `offset` (the first number not seen yet): numbers and updates as they came. Waits up to
    /// `seconds` for something to happen.
    pub async fn updates(&self, offset: i64, seconds: u16) -> Result<Vec<(i64, String)>, String> {
        let ask = json!({ "offset": offset, "timeout": seconds, "limit": 100,
            "allowed_updates": ["message", "callback_query"] });
        let said = self.call("getUpdates", &ask, Some(seconds + 10)).await.map_err(why)?;
        let list = said.as_array().cloned().unwrap_or_default();
        Ok(list.iter().filter_map(|u| Some((u.get("update_id")?.as_i64()?, u.to_string()))).collect())
    }

    /// Has updates called to `url`, or (`None`) asked for.
    pub async fn set_webhook(&self, at: Option<(&str, &SecretString)>) -> Result<(), String> {
        let done = match at {
            Some((url, secret)) => {
                let ask = json!({ "url": url, "secret_token": secret.expose_secret(),
                    "allowed_updates": ["message", "callback_query"] });
                self.call("setWebhook", &ask, None).await
            }
            None => self.call("deleteWebhook", &json!({}), None).await,
        };
        done.map(|_| ()).map_err(why)
    }

    /// Says one line to a chat: the answer to `/start`.
    pub async fn say(&self, chat: i64, text: &str) -> Outcome {
        let ask = json!({ "chat_id": chat, "text": cut(text, TEXT_MAX),
            "link_preview_options": { "is_disabled": true } });
        outcome(self.call("sendMessage", &ask, None).await.map(|_| String::new()))
    }

    /// Answers a pressed button with a line that appears for a moment.
    pub async fn toast(&self, query: &str, text: &str) -> Outcome {
        let ask = json!({ "callback_query_id": query, "text": cut(text, TOAST_MAX), "show_alert": false });
        outcome(self.call("answerCallbackQuery", &ask, None).await.map(|_| String::new()))
    }

    /// Replaces a message's text and takes its buttons away.
    pub async fn rewrite(&self, chat: i64, message: i64, text: &str) -> Outcome {
        let ask = json!({ "chat_id": chat, "message_id": message, "text": cut(text, TEXT_MAX),
            "link_preview_options": { "is_disabled": true }, "reply_markup": { "inline_keyboard": [] } });
        match self.call("editMessageText", &ask, None).await {
            // It looks so already: this is the second time.
            Err(Outcome::Refused { why }) if why.contains("message is not modified") => {
                Outcome::Receipt { provider_id: format!("{chat}/{message}") }
            }
            done => outcome(done.map(|_| format!("{chat}/{message}"))),
        }
    }

    async fn deliver(&self, message: &Message) -> Outcome {
        let Ok(chat) = message.to.address.parse::<i64>() else {
            return Outcome::refused("this person has not linked the bot yet (/start)");
        };
        let mut ask = json!({ "chat_id": chat, "text": text(message),
            "link_preview_options": { "is_disabled": true } });
        let rows = keyboard(&message.actions);
        if !rows.is_empty()
            && let Some(ask) = ask.as_object_mut()
        {
            ask.insert("reply_markup".into(), json!({ "inline_keyboard": rows }));
        }
        let sent = self.call("sendMessage", &ask, None).await;
        outcome(sent.map(|said| {
            let id = said.get("message_id").and_then(Value::as_i64).unwrap_or_default();
            format!("{chat}/{id}")
        }))
    }

    async fn change(&self, receipt: &str, message: &Message) -> Outcome {
        let ids = receipt.split_once('/').and_then(|(c, m)| Some((c.parse().ok()?, m.parse().ok()?)));
        let Some((chat, id)) = ids else { return Outcome::refused("not a receipt of Telegram") };
        self.rewrite(chat, id, &text(message)).await
    }

    /// The `result` of a method.
    async fn call(&self, method: &str, ask: &Value, seconds: Option<u16>) -> Result<Value, Outcome> {
        let url = format!("{}/{method}", self.base.expose_secret());
        let mut request = Request::json(&url, ask);
        request.seconds = seconds;
        let answer = self.http.ask(request).await?;
        judged(&answer)
    }
}

fn judged(answer: &Answer) -> Result<Value, Outcome> {
    let said = answer.json();
    let text = said.get("description").and_then(Value::as_str).unwrap_or_default();
    let asked = said.pointer("/parameters/retry_after").and_then(Value::as_u64);
    let asked = asked.and_then(|s| u32::try_from(s).ok()).map(|s| s.min(3600));
    match answer.verdict(text) {
        Some(Outcome::RetryAfter { seconds, why }) => {
            Err(Outcome::RetryAfter { seconds: asked.or(seconds), why })
        }
        // A wrong token is a 404 there: about us, and no fault of the message.
        Some(Outcome::Refused { .. }) if answer.status == 404 => {
            Err(Outcome::retry(format_args!("404 {text}")))
        }
        Some(refused) => Err(refused),
        None if said.get("ok") == Some(&Value::Bool(true)) => {
            Ok(said.get("result").cloned().unwrap_or_default())
        }
        None => Err(Outcome::retry("an answer that is none of the Bot API")),
    }
}

fn outcome(done: Result<String, Outcome>) -> Outcome {
    done.map_or_else(|failed| failed, |provider_id| Outcome::Receipt { provider_id })
}

fn why(outcome: Outcome) -> String {
    match outcome {
        Outcome::Receipt { provider_id } => provider_id,
        Outcome::RetryAfter { why, .. } | Outcome::Refused { why } => one_line(&why),
    }
}

/// What a chat shows: no markup, so nothing needs to be escaped.
fn text(message: &Message) -> String {
    let (subject, body) = message.shown(true);
    let mark = if message.urgent { "🔴 " } else { "" };
    let mut text = match subject == body {
        true => format!("{mark}{subject}"),
        false => format!("{mark}{subject}\n\n{body}"),
    };
    if let Some(taken) = &message.taken {
        let taken = format!("\n\n✅ {}", one_line(taken));
        text = cut(&text, TEXT_MAX.saturating_sub(taken.encode_utf16().count())) + &taken;
    }
    cut(&text, TEXT_MAX)
}

/// One button a row: labels are sentences.
fn keyboard(actions: &[Action]) -> Vec<Value> {
    let data = |action: &Action| match action.kind {
        ActionKind::Acknowledge => format!("a:{}", action.token),
        ActionKind::Escalate => format!("e:{}", action.token),
        ActionKind::CheckIn => format!("c:{}", action.token),
    };
    actions.iter().map(|a| json!([{ "text": a.label, "callback_data": data(a) }])).collect()
}

/// The first so many UTF-16 units, with an ellipsis where something is missing.
fn cut(text: &str, units: usize) -> String {
    if text.encode_utf16().count() <= units {
        return text.to_owned();
    }
    let mut left = units.saturating_sub(1);
    let kept = text.chars().take_while(|c| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    });
    kept.collect::<String>() + "…"
}

impl Channel for TelegramChannel {
    fn kind(&self) -> &'static str {
        "telegram"
    }

    fn foreign(&self) -> bool {
        true
    }

    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(self.deliver(message))
    }

    fn revise<'a>(&'a self, receipt: &'a str, message: &'a Message) -> Sending<'a> {
        Box::pin(self.change(receipt, message))
    }

    fn check(&self) -> Checking<'_> {
        Box::pin(async { self.name().await.map(|_| ()) })
    }
}

impl fmt::Debug for TelegramChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TelegramChannel").field("api", &self.api).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        let many = "🔴".repeat(3000);
        assert!(cut(&many, TEXT_MAX).encode_utf16().count() <= TEXT_MAX);
        assert!(cut(&many, TEXT_MAX).ends_with('…'));
    }

    #[test]
    fn a_configuration_that_cannot_work_is_named_and_tokens_are_hidden() {
        let config: TelegramConfig = toml::from_str("token = \"123:AbC-d_e\"").unwrap();
        let channel = TelegramChannel::new(&config, &HttpConfig::default()).unwrap();
        assert!(!format!("{channel:?} {config:?}").contains("AbC"));
        for text in
            ["token = \"a/b\"", "token = \"1:a\"\nupdates = \"webhook\"", "token = \"1:a\"\napi = \"x\""]
        {
            let config: TelegramConfig = toml::from_str(text).unwrap();
            assert!(TelegramChannel::new(&config, &HttpConfig::default()).is_err(), "{text}");
        }
    }
}
