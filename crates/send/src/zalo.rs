//! Zalo Notification Service (ZNS): messages to a telephone number by templates registered beforehand. Which template
//! says what is data, and so is what its error codes mean: both change without us.

use std::{collections::BTreeMap, fmt, sync::Arc};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{
    ActionKind, Channel, Checking, Error, HttpConfig, Kept, Message, Outcome, Sending,
    http::{Guard, Http, Request},
    message::one_line,
};

/// Names under which tokens are kept.
const ACCESS: &str = "zalo.access-token";
const REFRESH: &str = "zalo.refresh-token";
/// Longest value of a template's field: ZNS refuses longer ones.
const FIELD_MAX: usize = 200;

/// `[send.zalo]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZaloConfig {
    /// The application's id.
    pub app_id: String,
    /// The application's secret.
    pub secret_key: SecretString,
    /// The first refresh token, from Zalo's console. Each is good once; the next ones are kept in the database.
    pub refresh_token: SecretString,
    /// Default `https://business.openapi.zalo.me`.
    #[serde(default = "ZaloConfig::api")]
    pub api: String,
    /// Default `https://oauth.zaloapp.com`.
    #[serde(default = "ZaloConfig::oauth")]
    pub oauth: String,
    /// Error codes that mean: the access token is spent. Default -124.
    #[serde(default = "ZaloConfig::expired")]
    pub expired: Vec<i64>,
    /// Error codes that mean: later. Default -100 and -32.
    #[serde(default = "ZaloConfig::later")]
    pub later: Vec<i64>,
    /// Registered templates by the name of what they say (`channel-code`, `check-in-missed`, …); `default` for the rest.
    pub templates: BTreeMap<String, ZaloTemplate>,
}

/// One registered template.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZaloTemplate {
    /// Its id at Zalo.
    pub id: String,
    /// Its fields, each holding `{short}`, `{brief}`, `{code}`, `{link}`, `{name}`, `{id}` or fixed words.
    #[serde(default)]
    pub data: BTreeMap<String, String>,
}

impl ZaloConfig {
    fn api() -> String {
        "https://business.openapi.zalo.me".into()
    }
    fn oauth() -> String {
        "https://oauth.zaloapp.com".into()
    }
    fn expired() -> Vec<i64> {
        vec![-124]
    }
    fn later() -> Vec<i64> {
        vec![-100, -32]
    }
}

/// Sends by ZNS.
pub struct ZaloChannel {
    http: Http,
    config: ZaloConfig,
    kept: Arc<dyn Kept>,
    /// One renewal at a time: a refresh token is good once.
    renewing: Mutex<()>,
}

impl ZaloChannel {
    /// A sender as configured. Connects to nothing.
    pub fn new(config: &ZaloConfig, http: &HttpConfig, kept: Arc<dyn Kept>) -> Result<Self, Error> {
        for address in [&config.api, &config.oauth] {
            if !crate::template::is_link(address) {
                return Err(Error::Config("[send.zalo] api and oauth must be addresses".into()));
            }
        }
        if config.templates.is_empty() {
            return Err(Error::Config("[send.zalo] templates: at least `default` or `channel-code`".into()));
        }
        let http = Http::new(http, None, Guard::Trusting)?;
        Ok(ZaloChannel { http, config: config.clone(), kept, renewing: Mutex::new(()) })
    }

    async fn deliver(&self, message: &Message) -> Outcome {
        let templates = &self.config.templates;
        let Some(template) = templates.get(&message.template).or_else(|| templates.get("default")) else {
            return Outcome::refused(format_args!("no template is registered for `{}`", message.template));
        };
        let Some(phone) = message.to.address.strip_prefix('+') else {
            return Outcome::refused("not a telephone number");
        };
        let data: BTreeMap<&str, String> =
            template.data.iter().map(|(name, text)| (name.as_str(), filled(text, message))).collect();
        let body = json!({ "phone": phone, "template_id": template.id, "template_data": data,
            "tracking_id": message.id });
        let mut token = match self.token(None).await {
            Ok(token) => token,
            Err(why) => return Outcome::retry(why),
        };
        // Once with the token at hand, once more with a new one.
        for last in [false, true] {
            let said = match self.ask(&token, &body).await {
                Ok(said) => said,
                Err(failed) => return failed,
            };
            let code = said.get("error").and_then(Value::as_i64);
            match code {
                Some(0) => {
                    let id = said.pointer("/data/msg_id").and_then(Value::as_str).unwrap_or_default();
                    return Outcome::Receipt { provider_id: one_line(id) };
                }
                Some(code) if self.config.expired.contains(&code) && !last => {
                    token = match self.token(Some(&token)).await {
                        Ok(token) => token,
                        Err(why) => return Outcome::retry(why),
                    };
                }
                Some(code) if self.config.expired.contains(&code) || self.config.later.contains(&code) => {
                    return Outcome::retry(format_args!("Zalo: error {code}"));
                }
                Some(code) => {
                    let words = said.get("message").and_then(Value::as_str).unwrap_or_default();
                    return Outcome::refused(format_args!("Zalo: error {code} {words}"));
                }
                None => return Outcome::retry("an answer that is none of Zalo"),
            }
        }
        Outcome::retry("Zalo does not take the new access token either")
    }

    async fn ask(&self, token: &str, body: &Value) -> Result<Value, Outcome> {
        let url = format!("{}/message/template", self.config.api.trim_end_matches('/'));
        let answer = self.http.ask(Request::json(&url, body).header("access_token", token)).await?;
        match answer.verdict(&answer.said()) {
            Some(failed) => Err(failed),
            None => Ok(answer.json()),
        }
    }

    /// The access token; a new one if the one at hand is `spent`.
    async fn token(&self, spent: Option<&str>) -> Result<String, String> {
        let _one = self.renewing.lock().await;
        let held = self.kept.get(ACCESS).await?;
        match &held {
            // Somebody else has renewed it meanwhile, here or in another process.
            Some(token) if Some(token.as_str()) != spent => return Ok(token.clone()),
            _ => {}
        }
        let before = self.kept.get(REFRESH).await?;
        let refresh = before.clone().unwrap_or_else(|| self.config.refresh_token.expose_secret().to_owned());
        let url = format!("{}/v4/oa/access_token", self.config.oauth.trim_end_matches('/'));
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("refresh_token", &refresh)
            .append_pair("app_id", &self.config.app_id)
            .append_pair("grant_type", "refresh_token")
            .finish();
        let request = Request::post(&url, "application/x-www-form-urlencoded", form.into_bytes())
            .header("secret_key", self.config.secret_key.expose_secret());
        let answer = self.http.ask(request).await.map_err(|failed| match failed {
            Outcome::RetryAfter { why, .. } | Outcome::Refused { why } => why,
            Outcome::Receipt { provider_id } => provider_id,
        })?;
        let said = answer.json();
        let text = |name: &str| said.get(name).and_then(Value::as_str).filter(|t| !t.is_empty());
        match (text("access_token"), text("refresh_token")) {
            (Some(access), Some(next)) => {
                // The refresh token first: without it nobody ever gets in again.
                self.kept.swap(REFRESH, before.as_deref(), next).await?;
                self.kept.swap(ACCESS, held.as_deref(), access).await?;
                Ok(access.to_owned())
            }
            _ => {
                // Another process may have used the refresh token a moment ago.
                let now = self.kept.get(ACCESS).await?;
                let code = said.get("error").and_then(Value::as_i64).unwrap_or_default();
                now.filter(|now| held.as_ref() != Some(now))
                    .ok_or_else(|| format!("Zalo gives no new access token: {} error {code}", answer.status))
            }
        }
    }
}

/// A field's words. One pass: what a message says is never read as a field.
fn filled(text: &str, message: &Message) -> String {
    let page = message.actions.iter().find(|a| a.kind == ActionKind::Acknowledge).map(|a| a.url.as_str());
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        match name {
            "short" => out.push_str(&message.short),
            "brief" => out.push_str(&message.brief),
            "code" => out.push_str(message.code.as_deref().unwrap_or_default()),
            "link" => out.push_str(page.or(message.link.as_deref()).unwrap_or_default()),
            "name" => out.push_str(message.to.name.as_deref().unwrap_or_default()),
            "id" => out.push_str(&message.id),
            other => {
                out.push('{');
                out.push_str(other);
                out.push('}');
            }
        }
        rest = behind;
    }
    out.push_str(rest);
    out.chars().take(FIELD_MAX).collect()
}

impl Channel for ZaloChannel {
    fn kind(&self) -> &'static str {
        "zalo"
    }

    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(self.deliver(message))
    }

    /// Whether there is an access token, or one can be had.
    fn check(&self) -> Checking<'_> {
        Box::pin(async { self.token(None).await.map(|_| ()) })
    }
}

impl fmt::Debug for ZaloChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZaloChannel").field("app_id", &self.config.app_id).finish_non_exhaustive()
    }
}
