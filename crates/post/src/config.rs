//! Where the mailbox is.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

/// `[inbox.mail]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailboxConfig {
    /// Name of the IMAP server, as in its certificate.
    pub host: String,
    /// Default 993 with `tls`, 143 with `starttls`.
    pub port: Option<u16>,
    /// Default `tls`. There is no way without.
    #[serde(default)]
    pub security: Security,
    /// Login.
    pub user: String,
    /// Its password: best given as `CANH_INBOX__MAIL__PASSWORD`.
    pub password: SecretString,
    /// Which folder of the mailbox. Default `INBOX`.
    #[serde(default = "inbox")]
    pub folder: String,
    /// PEM file of the authority that signed the server's certificate, where that is the agency's own. Then no other
    /// authority is believed. Default: the public ones.
    pub ca: Option<PathBuf>,
    /// Seconds between two looks. Default 60, at least 5. A server that says by itself when something comes (IDLE) is
    /// listened to meanwhile.
    #[serde(default = "minute")]
    pub every: u32,
}

fn inbox() -> String {
    "INBOX".into()
}

fn minute() -> u32 {
    60
}

/// How the line is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// From the first byte.
    #[default]
    Tls,
    /// After the server was asked to; nothing is said before.
    Starttls,
}

impl MailboxConfig {
    /// The port to call.
    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(match self.security {
            Security::Tls => 993,
            Security::Starttls => 143,
        })
    }
}
