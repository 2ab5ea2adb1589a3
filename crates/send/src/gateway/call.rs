//! Voice: what is said, and what comes back when a key is pressed.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use crate::{ActionKind, TOKEN_MAX};

/// `[send.voice.callback]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackConfig {
    /// Ends the address the gateway calls (`/in/voice/SECRET`): 16–128 of `A–Z a–z 0–9 _ -`.
    pub secret: SecretString,
    /// Where the token comes back: a JSON pointer (`/custom/token`) or the name of a form or query field.
    pub token: String,
    /// Where the pressed key comes back, likewise.
    pub key: String,
    /// Which key means what: `{ 1 = "acknowledge", 2 = "escalate" }` (default).
    #[serde(default = "CallbackConfig::keys")]
    pub keys: BTreeMap<String, ActionKind>,
    /// What the gateway gets to hear then. Default: nothing.
    #[serde(default)]
    pub answer: String,
    /// As what. Default `application/json`.
    #[serde(default = "CallbackConfig::answer_type")]
    pub answer_type: String,
}

/// A pressed key.
#[derive(Clone, PartialEq, Eq)]
pub struct Pressed {
    /// What it means.
    pub kind: ActionKind,
    /// The call's token.
    pub token: String,
}

impl std::fmt::Debug for Pressed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pressed").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl CallbackConfig {
    fn keys() -> BTreeMap<String, ActionKind> {
        [("1".to_owned(), ActionKind::Acknowledge), ("2".to_owned(), ActionKind::Escalate)].into()
    }

    fn answer_type() -> String {
        "application/json".into()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let secret = self.secret.expose_secret();
        let fits = (16..=128).contains(&secret.len())
            && secret.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        if !fits {
            return Err("callback.secret must be 16 to 128 letters, digits, _ or -".into());
        }
        if self.key_for(ActionKind::Acknowledge).is_none() || self.key_for(ActionKind::Escalate).is_none() {
            return Err("callback.keys must have a key for acknowledge and one for escalate".into());
        }
        Ok(())
    }

    /// The address the gateway calls.
    pub fn url(&self, public_url: &str) -> String {
        format!("{public_url}/in/voice/{}", self.secret.expose_secret())
    }

    pub(super) fn key_for(&self, kind: ActionKind) -> Option<&str> {
        self.keys.iter().find(|(_, k)| **k == kind).map(|(key, _)| key.as_str())
    }

    /// Reads what came back: `query` of the address, and `body` as JSON or as a form.
    pub fn hear(&self, query: &str, body: &str) -> Option<Pressed> {
        let json: Value = serde_json::from_str(body).unwrap_or_default();
        let find = |place: &str| {
            if place.starts_with('/') {
                return json.pointer(place).and_then(super::plain);
            }
            let in_form = |text: &str| {
                let mut pairs = url::form_urlencoded::parse(text.as_bytes());
                pairs.find(|(name, _)| name == place).map(|(_, value)| value.into_owned())
            };
            in_form(query).or_else(|| if json.is_null() { in_form(body) } else { None })
        };
        let (token, key) = (find(&self.token)?, find(&self.key)?);
        let kind = *self.keys.get(key.trim())?;
        (1..=TOKEN_MAX).contains(&token.len()).then_some(Pressed { kind, token })
    }
}

/// Runs of four digits and more one by one, or a voice says "one hundred and twenty-three thousand".
pub(super) fn spoken(text: &str) -> String {
    let (mut out, mut run) = (String::new(), String::new());
    for c in text.chars().map(Some).chain([None]) {
        match c {
            Some(c) if c.is_ascii_digit() => run.push(c),
            c => {
                if run.len() >= 4 {
                    let apart: Vec<String> = run.chars().map(String::from).collect();
                    out.push_str(&apart.join(" "));
                } else {
                    out.push_str(&run);
                }
                run.clear();
                out.extend(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(extra: &str) -> CallbackConfig {
        toml::from_str(&format!("secret = \"0123456789abcdef\"\n{extra}")).unwrap()
    }

    #[test]
    fn a_key_comes_back_as_json_form_or_query() {
        let json = config("token = \"/custom/t\"\nkey = \"/dtmf\"");
        let said = json.hear("", r#"{"custom":{"t":"tok"},"dtmf":1}"#).unwrap();
        assert_eq!(said, Pressed { kind: ActionKind::Acknowledge, token: "tok".into() });
        assert_eq!(json.hear("", r#"{"custom":{"t":"tok"},"dtmf":"9"}"#), None);
        assert_eq!(json.hear("", "no json"), None);
        let form =
            config("token = \"t\"\nkey = \"Digits\"\nkeys = { 5 = \"acknowledge\", 6 = \"escalate\" }");
        let want = Some(Pressed { kind: ActionKind::Escalate, token: "tok".into() });
        assert_eq!(form.hear("t=tok", "Digits=6&x=1"), want);
        assert_eq!(form.hear("", "t=tok&Digits=6"), want);
        assert_eq!(form.hear("t=tok&Digits=1", ""), None);
    }

    #[test]
    fn both_keys_and_a_long_secret_are_needed() {
        assert!(config("token = \"t\"\nkey = \"k\"").check().is_ok());
        assert!(config("token = \"t\"\nkey = \"k\"\nkeys = { 1 = \"acknowledge\" }").check().is_err());
        let short: CallbackConfig = toml::from_str("secret = \"short\"\ntoken = \"t\"\nkey = \"k\"").unwrap();
        assert!(short.check().is_err());
    }

    #[test]
    fn codes_are_spoken_digit_by_digit() {
        assert_eq!(spoken("Mã 123456, đến 03:15 05/02/2027."), "Mã 1 2 3 4 5 6, đến 03:15 05/02/2 0 2 7.");
    }
}
