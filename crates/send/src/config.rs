//! The `[send]` part of the configuration file, and the channel it asks for.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use domain::{id::Secrets, time::Clock};
use serde::Deserialize;

use crate::{
    Channel, DirChannel, Error, GatewayChannel, GatewayConfig, HttpConfig, Kept, NtfyChannel, NtfyConfig,
    PushChannel, PushConfig, PushKey, SmtpChannel, SmtpConfig, TelegramChannel, TelegramConfig,
    WebhookChannel, WebhookConfig, ZaloChannel, ZaloConfig,
};

/// How e-mail leaves this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailBy {
    /// Into a folder as `.eml` files: for the demonstration, and for bodies without a mail server,
    /// where somebody or something else carries the files on. Nobody is notified by it alone.
    #[default]
    Dir,
    /// To an SMTP server.
    Smtp,
}

/// Who our e-mail comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// The name people see: the centre's, in its own script.
    pub name: String,
    /// The address, also the envelope's (bounces go there). Its domain ends every `Message-ID`.
    pub address: String,
    /// Where answers go, if not to `address`.
    pub reply_to: Option<String>,
}

impl Default for Sender {
    /// `Canh <canh@localhost>`: good for the folder channel, refused by real servers.
    fn default() -> Self {
        Sender { name: "Canh".into(), address: "canh@localhost".into(), reply_to: None }
    }
}

/// `[send]`. Everything has a default; the default sends nothing over a network.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SendConfig {
    /// `mail = "dir"` (default) or `"smtp"`.
    pub mail: MailBy,
    /// `from = { name = "…", address = "…" }`.
    pub from: Sender,
    /// Where `mail = "dir"` writes; relative to the data folder. Default `outbox`.
    pub dir: PathBuf,
    /// Largest message in bytes as sent, attachments included. Default 10 MiB.
    pub max_bytes: usize,
    /// `[send.smtp]`, needed for `mail = "smtp"`.
    pub smtp: Option<SmtpConfig>,
    /// `[send.http]`: proxy, certificates and patience of all channels below.
    pub http: HttpConfig,
    /// `[send.telegram]`. Each of these channels is there if its part is.
    pub telegram: Option<TelegramConfig>,
    /// `[send.sms]`.
    pub sms: Option<GatewayConfig>,
    /// `[send.voice]`.
    pub voice: Option<GatewayConfig>,
    /// `[send.push]`.
    pub push: Option<PushConfig>,
    /// `[send.ntfy]`.
    pub ntfy: Option<NtfyConfig>,
    /// `[send.zalo]`.
    pub zalo: Option<ZaloConfig>,
    /// `[send.webhook]`.
    pub webhook: WebhookConfig,
}

/// What channels need besides their configuration; all of it is the program's.
#[derive(Clone)]
pub struct Tools {
    /// For stamps and signatures that end.
    pub clock: Arc<dyn Clock>,
    /// For keys of single messages.
    pub secrets: Arc<dyn Secrets>,
    /// For tokens that change.
    pub kept: Arc<dyn Kept>,
    /// This installation's key towards push services.
    pub push_key: PushKey,
    /// Where gateways call back.
    pub public_url: String,
}

impl Default for SendConfig {
    fn default() -> Self {
        SendConfig {
            mail: MailBy::Dir,
            from: Sender::default(),
            dir: "outbox".into(),
            max_bytes: 10 * 1024 * 1024,
            smtp: None,
            http: HttpConfig::default(),
            telegram: None,
            sms: None,
            voice: None,
            push: None,
            ntfy: None,
            zalo: None,
            webhook: WebhookConfig::default(),
        }
    }
}

impl SendConfig {
    /// Every channel this configuration asks for, one of a kind; e-mail and webhooks are always there. Connects to
    /// nothing; fails on a configuration that cannot work.
    pub fn channels(&self, data: &Path, tools: &Tools) -> Result<Vec<Arc<dyn Channel>>, Error> {
        let http = &self.http;
        let mut all: Vec<Arc<dyn Channel>> = vec![self.mail_channel(data)?];
        if let Some(config) = &self.telegram {
            all.push(Arc::new(TelegramChannel::new(config, http)?));
        }
        if let Some(config) = &self.sms {
            all.push(Arc::new(GatewayChannel::sms(config, http, &tools.public_url)?));
        }
        if let Some(config) = &self.voice {
            all.push(Arc::new(GatewayChannel::voice(config, http, &tools.public_url)?));
        }
        if let Some(config) = &self.push {
            let (clock, secrets) = (tools.clock.clone(), tools.secrets.clone());
            let (key, kept) = (tools.push_key.clone(), tools.kept.clone());
            all.push(Arc::new(PushChannel::new(config, http, key, clock, secrets, kept)?));
        }
        if let Some(config) = &self.ntfy {
            all.push(Arc::new(NtfyChannel::new(config, http)?));
        }
        if let Some(config) = &self.zalo {
            all.push(Arc::new(ZaloChannel::new(config, http, tools.kept.clone())?));
        }
        all.push(Arc::new(WebhookChannel::new(
            &self.webhook,
            http,
            tools.clock.clone(),
            tools.kept.clone(),
        )?));
        Ok(all)
    }

    /// The e-mail channel this configuration asks for. `data` is the data folder. Connects to
    /// nothing; fails on a configuration that cannot work.
    pub fn mail_channel(&self, data: &Path) -> Result<Arc<dyn Channel>, Error> {
        match (self.mail, &self.smtp) {
            (MailBy::Dir, _) => {
                Ok(Arc::new(DirChannel::new(data.join(&self.dir), &self.from, self.max_bytes)?))
            }
            (MailBy::Smtp, Some(smtp)) => Ok(Arc::new(SmtpChannel::new(smtp, &self.from, self.max_bytes)?)),
            (MailBy::Smtp, None) => Err(Error::Config("mail = \"smtp\" needs a [send.smtp] part".into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Security;

    #[test]
    fn nothing_configured_means_a_folder() {
        let config: SendConfig = toml::from_str("").unwrap();
        let channel = config.mail_channel(Path::new("/nowhere")).unwrap();
        assert_eq!(channel.kind(), "email");
        assert!(format!("{channel:?}").contains("/nowhere/outbox"));
    }

    #[test]
    fn a_full_configuration_is_read_and_hides_its_password() {
        let config: SendConfig = toml::from_str(
            r#"
            mail = "smtp"
            from = { name = "Trung tâm giám sát", address = "canh@tinh.example" }
            [smtp]
            host = "mail.tinh.example"
            username = "canh"
            password = "s3cret-word"
            "#,
        )
        .unwrap();
        assert_eq!(config.smtp.as_ref().unwrap().security, Security::Starttls);
        assert!(config.mail_channel(Path::new(".")).is_ok());
        assert!(!format!("{config:?}").contains("s3cret-word"));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(toml::from_str::<SendConfig>("mial = \"dir\"").is_err());
        let config: SendConfig = toml::from_str("mail = \"smtp\"").unwrap();
        let said = config.mail_channel(Path::new(".")).unwrap_err().to_string();
        assert!(said.contains("[send.smtp]"), "{said}");
    }
}
