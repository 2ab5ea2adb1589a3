//! `[send.sms]` and `[send.voice]`.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Deserialize;

use super::CallbackConfig;

/// One gateway.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayConfig {
    /// Its address. Fields as in `body`.
    pub url: String,
    /// Default `POST`.
    #[serde(default = "GatewayConfig::method")]
    pub method: String,
    /// What `body` is: `json` (default), `form`, `xml` or `text`. Fields are escaped accordingly.
    #[serde(default)]
    pub format: Format,
    /// Headers; secrets belong here.
    #[serde(default)]
    pub headers: BTreeMap<String, SecretString>,
    /// The body, with `{to}`, `{text}`, `{id}`, `{lang}`, `{token}`, `{escalate_token}`, `{callback}`.
    #[serde(default)]
    pub body: String,
    /// How it wants numbers: `plus` (+84912…, default), `digits` (84912…), `national` (0912…).
    #[serde(default)]
    pub number: Number,
    /// Whether it is abroad: then it carries *that*, not *what*. Default false.
    #[serde(default)]
    pub foreign: bool,
    /// A proxy for it alone.
    pub proxy: Option<SecretString>,
    /// SMS: `keep` (default; 70 characters a part) or `remove` Vietnamese marks (160 a part).
    #[serde(default)]
    pub marks: Marks,
    /// SMS: at most so many parts; longer text is cut, the link never. Default 2.
    #[serde(default = "GatewayConfig::parts")]
    pub parts: u8,
    /// How an answer is read. Default: 2xx is success.
    #[serde(default)]
    pub answer: AnswerConfig,
    /// Voice: how a pressed key comes back.
    pub callback: Option<CallbackConfig>,
    /// An address that answers 2xx to a GET when all is well; for the daily look. Default: none, and nothing is asked.
    pub health: Option<String>,
}

impl GatewayConfig {
    fn method() -> String {
        "POST".into()
    }

    fn parts() -> u8 {
        2
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let host_first = self.url.split(['?', '#']).next().unwrap_or_default();
        let authority = host_first.split('/').nth(2).unwrap_or_default();
        if !(self.url.starts_with("https://") || self.url.starts_with("http://")) || authority.contains('{') {
            return Err("url must be an address whose host is written out".into());
        }
        if !(1..=9).contains(&self.parts) {
            return Err("parts must be 1 to 9".into());
        }
        if self.answer.code.is_some() && self.answer.success.is_empty() {
            return Err("answer.code needs answer.success: which codes mean that it was taken".into());
        }
        let name = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !self.headers.keys().all(|n| name(n)) {
            return Err("headers: a name is none".into());
        }
        self.callback.as_ref().map_or(Ok(()), CallbackConfig::check)
    }
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// `application/json`.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `application/xml`.
    Xml,
    /// `text/plain`.
    Text,
}

impl Format {
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::Form => "application/x-www-form-urlencoded",
            Format::Xml => "application/xml; charset=utf-8",
            Format::Text => "text/plain; charset=utf-8",
        }
    }
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Number {
    /// `+84912345678`.
    #[default]
    Plus,
    /// `84912345678`.
    Digits,
    /// `0912345678`; numbers abroad as `00…`.
    National,
}

impl Number {
    /// A number in E.164, as this gateway wants it.
    pub(super) fn of(self, address: &str) -> Option<String> {
        let digits = address.strip_prefix('+')?;
        if !(8..=15).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Some(match self {
            Number::Plus => address.to_owned(),
            Number::Digits => digits.to_owned(),
            Number::National => match digits.strip_prefix("84") {
                Some(rest) => format!("0{rest}"),
                None => format!("00{digits}"),
            },
        })
    }
}

/// What becomes of Vietnamese marks in an SMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Marks {
    /// They stay.
    #[default]
    Keep,
    /// They go: cheaper, and some brand-name routes refuse them.
    Remove,
}

/// How an answer is read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnswerConfig {
    /// Where a JSON answer has its code (RFC 6901: `/CodeResult`).
    pub code: Option<String>,
    /// Codes that mean it was taken.
    pub success: Vec<String>,
    /// Codes that mean: later.
    pub later: Vec<String>,
    /// For answers that are no JSON: words that mean it was taken.
    pub contains: Option<String>,
    /// Where a JSON answer has the gateway's own id of the message.
    pub id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_gateway_wants_them() {
        let of = |n: Number, a: &str| n.of(a).unwrap_or_default();
        assert_eq!(of(Number::Plus, "+84912345678"), "+84912345678");
        assert_eq!(of(Number::Digits, "+84912345678"), "84912345678");
        assert_eq!(of(Number::National, "+84912345678"), "0912345678");
        assert_eq!(of(Number::National, "+85620123456"), "0085620123456");
        for bad in ["0912345678", "+84 912", "+", "+84912345678&x=1"] {
            assert_eq!(Number::Plus.of(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_cannot_work_is_said_at_the_start() {
        let check = |text: &str| toml::from_str::<GatewayConfig>(text).unwrap().check();
        assert_eq!(check("url = \"https://sms.example/send?to={to}\""), Ok(()));
        for bad in [
            "url = \"https://{to}/x\"",
            "url = \"ftp://x\"",
            "url = \"https://x\"\nparts = 0",
            "url = \"https://x\"\nanswer = { code = \"/c\" }",
            "url = \"https://x\"\nheaders = { \"a b\" = \"c\" }",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
