//! The `[send]` part of the configuration file, and the channel it asks for.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Deserialize;

use crate::{Channel, DirChannel, Error, SmtpChannel, SmtpConfig};

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
}

impl Default for SendConfig {
    fn default() -> Self {
        SendConfig {
            mail: MailBy::Dir,
            from: Sender::default(),
            dir: "outbox".into(),
            max_bytes: 10 * 1024 * 1024,
            smtp: None,
        }
    }
}

impl SendConfig {
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
