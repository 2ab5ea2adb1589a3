//! SMS and voice over HTTP. A gateway is data: address, headers, a body with named fields, and how its answer is
//! read. So any gateway fits, and changing it needs no new version of this program.

mod call;
mod config;
mod sms;
mod template;

use std::fmt;

use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::{
    ActionKind, Channel, Checking, Error, HttpConfig, Message, Outcome, Sending,
    http::{Answer, Guard, Http, Request},
    message::one_line,
};

pub use call::{CallbackConfig, Pressed};
pub use config::{AnswerConfig, Format, GatewayConfig, Marks, Number};
pub use sms::{Encoding, measure};
use template::{Template, Values};

/// What goes through a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Medium {
    Sms,
    Voice,
}

/// A gateway for SMS or voice.
pub struct GatewayChannel {
    medium: Medium,
    http: Http,
    config: GatewayConfig,
    method: Method,
    url: Template,
    body: Template,
    callback: String,
}

impl GatewayChannel {
    /// A gateway for SMS. Connects to nothing.
    pub fn sms(config: &GatewayConfig, http: &HttpConfig, public_url: &str) -> Result<Self, Error> {
        Self::new(Medium::Sms, config, http, public_url)
    }

    /// A gateway for voice. `public_url` is where it calls back when a key was pressed.
    pub fn voice(config: &GatewayConfig, http: &HttpConfig, public_url: &str) -> Result<Self, Error> {
        Self::new(Medium::Voice, config, http, public_url)
    }

    fn new(
        medium: Medium,
        config: &GatewayConfig,
        http: &HttpConfig,
        public_url: &str,
    ) -> Result<Self, Error> {
        let part = if medium == Medium::Sms { "[send.sms]" } else { "[send.voice]" };
        let bad = |why: String| Error::Config(format!("{part} {why}"));
        config.check().map_err(bad)?;
        if medium == Medium::Voice && config.callback.is_none() {
            return Err(bad(
                "needs a [send.voice.callback]: a call that nobody can answer wakes for nothing".into(),
            ));
        }
        let method =
            Method::from_bytes(config.method.as_bytes()).map_err(|_| bad("method is none".into()))?;
        let callback = config.callback.as_ref().map_or_else(String::new, |c| c.url(public_url));
        Ok(GatewayChannel {
            medium,
            http: Http::new(http, config.proxy.as_ref(), Guard::Trusting)?,
            method,
            url: Template::parse(&config.url, Format::Form).map_err(bad)?,
            body: Template::parse(&config.body, config.format).map_err(bad)?,
            config: config.clone(),
            callback,
        })
    }

    /// What a telephone shows or says.
    fn words(&self, message: &Message) -> Result<String, Error> {
        let foreign = self.config.foreign && !message.open;
        let words = if foreign { &message.brief } else { &message.short };
        match self.medium {
            Medium::Sms => {
                let page = message.actions.first().map(|a| a.url.as_str());
                let link = page.or_else(|| message.shown_link(self.config.foreign));
                Ok(sms::fit(words, link, self.config.marks, self.config.parts))
            }
            Medium::Voice => {
                let mut said = call::spoken(words);
                if let (Some(callback), false) = (&self.config.callback, message.actions.is_empty()) {
                    let key = |kind| callback.key_for(kind).unwrap_or_default();
                    let (take, pass) = (key(ActionKind::Acknowledge), key(ActionKind::Escalate));
                    said.push(' ');
                    said.push_str(&crate::template::press(take, pass, message.lang)?);
                }
                Ok(said)
            }
        }
    }

    async fn deliver(&self, message: &Message) -> Outcome {
        let Some(to) = self.config.number.of(&message.to.address) else {
            return Outcome::refused("not a telephone number");
        };
        let text = match self.words(message) {
            Ok(text) => text,
            Err(why) => return Outcome::refused(why),
        };
        let token = |kind| message.actions.iter().find(|a| a.kind == kind).map_or("", |a| a.token.as_str());
        let values = Values {
            to: &to,
            text: &text,
            id: &message.id,
            token: token(ActionKind::Acknowledge),
            escalate_token: token(ActionKind::Escalate),
            lang: message.lang.tag(),
            callback: &self.callback,
        };
        let url = self.url.fill(&values);
        let mut request =
            Request::post(&url, self.config.format.media_type(), self.body.fill(&values).into_bytes());
        request.method = self.method.clone();
        for (name, value) in &self.config.headers {
            request = request.header(name, value.expose_secret());
        }
        match self.http.ask(request).await {
            Ok(answer) => self.judged(&answer),
            Err(failed) => failed,
        }
    }

    /// What the gateway's answer means, as configured.
    fn judged(&self, answer: &Answer) -> Outcome {
        let (rules, said) = (&self.config.answer, answer.json());
        let at = |pointer: &Option<String>| pointer.as_deref().and_then(|p| plain(said.pointer(p)?));
        let code = at(&rules.code);
        let shown = code.as_deref().map_or_else(String::new, |code| format!("code {code}"));
        if code.as_ref().is_some_and(|code| rules.later.contains(code)) {
            return Outcome::RetryAfter { seconds: answer.retry_after, why: one_line(&shown) };
        }
        if let Some(failed) = answer.verdict(&shown) {
            return failed;
        }
        let text = String::from_utf8_lossy(&answer.body);
        let good = match (&rules.code, &rules.contains) {
            (Some(_), _) => code.is_some_and(|code| rules.success.contains(&code)),
            (None, Some(part)) => text.contains(part.as_str()),
            (None, None) => true,
        };
        if good {
            Outcome::Receipt {
                provider_id: one_line(&at(&rules.id).unwrap_or_else(|| answer.status.to_string())),
            }
        } else {
            Outcome::refused(format_args!("the gateway did not take it: {} {shown}", answer.status))
        }
    }
}

/// A number or a text, as text.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

impl Channel for GatewayChannel {
    fn kind(&self) -> &'static str {
        match self.medium {
            Medium::Sms => "sms",
            Medium::Voice => "voice",
        }
    }

    fn foreign(&self) -> bool {
        self.config.foreign
    }

    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(self.deliver(message))
    }

    /// Gateways have no question that costs nothing in common; `health` names one if there is one.
    fn check(&self) -> Checking<'_> {
        Box::pin(async {
            let Some(url) = &self.config.health else { return Ok(()) };
            let mut request = Request::post(url, self.config.format.media_type(), Vec::new());
            request.method = Method::GET;
            for (name, value) in &self.config.headers {
                request = request.header(name, value.expose_secret());
            }
            match self.http.ask(request).await {
                Ok(answer) if answer.verdict("").is_none() => Ok(()),
                Ok(answer) => Err(answer.status.to_string()),
                Err(Outcome::RetryAfter { why, .. } | Outcome::Refused { why }) => Err(why),
                Err(Outcome::Receipt { .. }) => Ok(()),
            }
        })
    }
}

impl fmt::Debug for GatewayChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayChannel").field("medium", &self.medium).finish_non_exhaustive()
    }
}
