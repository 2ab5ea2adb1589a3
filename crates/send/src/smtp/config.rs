//! `[send.smtp]`, and what of it can be judged without connecting.

use std::{net::IpAddr, path::PathBuf};

use lettre::transport::smtp::{
    authentication::Credentials,
    client::{Certificate, TlsParameters},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::Error;

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte (port 465). The best where the server offers it.
    Tls,
    /// Plain, then TLS before anything else is said (port 587). Required: a server that does not
    /// offer it gets neither password nor message.
    #[default]
    Starttls,
    /// No TLS, to a server on this machine only (port 25).
    None,
    /// No TLS to another machine (port 25): anyone on the way can read and change the mail. For an
    /// inner relay that offers nothing better; a password is never sent this way.
    Plain,
}

/// `[send.smtp]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    /// Name or address of the server; its certificate must be for this name.
    pub host: String,
    /// Default 465 (`tls`), 587 (`starttls`), 25 (`none`, `plain`).
    #[serde(default)]
    pub port: Option<u16>,
    /// `tls`, `starttls` (default), `none` (this machine only) or `plain`.
    #[serde(default)]
    pub security: Security,
    /// With `password`: sign in by PLAIN or LOGIN. Without both: no sign-in.
    #[serde(default)]
    pub username: Option<String>,
    /// See `username`. Never shown or logged.
    #[serde(default)]
    pub password: Option<SecretString>,
    /// PEM file with authorities to trust besides the public ones: the body's own, or a server's
    /// self-signed certificate.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The name given in EHLO. Default: the domain of the sender's address.
    #[serde(default)]
    pub hello: Option<String>,
    /// Limit for connecting, TLS and sign-in together, in seconds. Default 20.
    #[serde(default = "SmtpConfig::connect_seconds")]
    pub connect_seconds: u16,
    /// Limit for handing over one message, in seconds. Default 120: servers scan before they answer,
    /// and giving up early risks a second copy.
    #[serde(default = "SmtpConfig::send_seconds")]
    pub send_seconds: u16,
    /// Most connections at once; more messages wait. Default 2.
    #[serde(default = "SmtpConfig::max_connections")]
    pub max_connections: u8,
}

impl SmtpConfig {
    /// A server with everything else at its default.
    pub fn new(host: impl Into<String>) -> Self {
        SmtpConfig {
            host: host.into(),
            port: None,
            security: Security::default(),
            username: None,
            password: None,
            ca_file: None,
            hello: None,
            connect_seconds: Self::connect_seconds(),
            send_seconds: Self::send_seconds(),
            max_connections: Self::max_connections(),
        }
    }

    fn connect_seconds() -> u16 {
        20
    }

    fn send_seconds() -> u16 {
        120
    }

    fn max_connections() -> u8 {
        2
    }

    pub(super) fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

pub(super) fn credentials(config: &SmtpConfig) -> Result<Option<Credentials>, Error> {
    match (&config.username, &config.password) {
        (Some(name), Some(password)) => {
            Ok(Some(Credentials::new(name.clone(), password.expose_secret().to_owned())))
        }
        (None, None) => Ok(None),
        _ => Err(Error::Config("smtp.username and smtp.password go together".into())),
    }
}

pub(super) fn tls(config: &SmtpConfig) -> Result<TlsParameters, Error> {
    let mut builder = TlsParameters::builder(config.host.clone());
    if let Some(path) = &config.ca_file {
        let pem = std::fs::read(path).map_err(|source| Error::File { path: path.clone(), source })?;
        let unreadable = || Error::Config(format!("{} holds no PEM certificate", path.display()));
        if !pem.windows(5).any(|five| five == b"BEGIN") {
            return Err(unreadable());
        }
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|_| unreadable())?);
    }
    builder.build().map_err(|why| Error::Config(why.to_string()))
}
