//! E-mail by SMTP.

use std::{
    fmt,
    net::IpAddr,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use lettre::transport::smtp::{
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::{AsyncSmtpConnection, Certificate, TlsParameters},
    extension::ClientId,
    response::Response,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::{sync::Semaphore, time::timeout};

use crate::{Channel, Checking, Error, Message, Outcome, Sender, Sending, message::one_line, mime::Composer};

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

    fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

/// Sends by SMTP, keeping a few connections open between messages.
///
/// The pool is our own because the library's has no limit on reading (a silent server would hold a
/// worker for ever) and takes a connection back even when its conversation was cut short. Here a
/// connection returns to the pool only after a clean "250"; everything else closes it.
///
/// | what happens | outcome |
/// |---|---|
/// | 250 to the message | `Receipt` with the server's words |
/// | 4xx | `RetryAfter` |
/// | 5xx to sender, recipient or message | `Refused` |
/// | 5xx to greeting or sign-in, certificate not trusted, no STARTTLS | `RetryAfter`: it is about the server or our settings, and no fault of the message |
/// | no connection, cut, silence | `RetryAfter`; after silence the message may have been taken |
/// | bad address, line break in a header, too large | `Refused`, without connecting |
pub struct SmtpChannel {
    composer: Composer,
    host: String,
    port: u16,
    security: Security,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    hello: ClientId,
    connect: Duration,
    send: Duration,
    slots: Semaphore,
    parked: Mutex<Vec<Line>>,
}

/// An open connection and how many messages went through it.
struct Line {
    conn: AsyncSmtpConnection,
    sent: u16,
}

/// Servers dislike endless conversations; after so many messages a new one begins.
const MESSAGES_A_LINE: u16 = 100;
/// How long a parked connection may take to say that it still lives.
const STILL_THERE: Duration = Duration::from_secs(5);

impl SmtpChannel {
    /// A channel to the server of `config`. Reads `ca_file`, connects to nothing.
    pub fn new(config: &SmtpConfig, from: &Sender, max_bytes: usize) -> Result<Self, Error> {
        let composer = Composer::new(from, max_bytes)?;
        let credentials = credentials(config)?;
        if config.security == Security::None && !config.is_loopback() {
            let why =
                "security = \"none\" is for a server on this machine; use \"tls\", \"starttls\" or \"plain\"";
            return Err(Error::Config(why.into()));
        }
        if config.security == Security::Plain && credentials.is_some() && !config.is_loopback() {
            return Err(Error::Config("security = \"plain\" would send the password in the clear".into()));
        }
        if config.host.is_empty() || config.host.contains(char::is_whitespace) {
            return Err(Error::Config("smtp.host is not a host".into()));
        }
        let hello = config.hello.clone().unwrap_or_else(|| composer.domain().to_owned());
        if hello.is_empty() || !hello.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::Config("smtp.hello is not a host name".into()));
        }
        let (tls, port) = match config.security {
            Security::Tls => (Some(tls(config)?), 465),
            Security::Starttls => (Some(tls(config)?), 587),
            Security::None | Security::Plain => (None, 25),
        };
        Ok(SmtpChannel {
            composer,
            host: config.host.clone(),
            port: config.port.unwrap_or(port),
            security: config.security,
            tls,
            credentials,
            hello: ClientId::Domain(hello),
            connect: Duration::from_secs(config.connect_seconds.max(1).into()),
            send: Duration::from_secs(config.send_seconds.max(1).into()),
            slots: Semaphore::new(config.max_connections.max(1).into()),
            parked: Mutex::new(Vec::new()),
        })
    }

    /// Takes leave of the server on every parked connection; for an orderly end of the program.
    pub async fn close(&self) {
        while let Some(mut line) = self.unpark() {
            // Whether the server says good-bye does not matter: the connection ends either way.
            let _ = timeout(STILL_THERE, line.conn.quit()).await;
        }
    }

    async fn deliver(&self, message: &Message) -> Outcome {
        let letter = match self.composer.compose(message) {
            Ok(letter) => letter,
            Err(why) => return Outcome::refused(why),
        };
        let Ok(_slot) = self.slots.acquire().await else {
            return Outcome::retry("the channel is closed");
        };
        let mut line = match self.line().await {
            Ok(line) => line,
            Err(why) => return Outcome::retry(why),
        };
        match timeout(self.send, line.conn.send(&letter.envelope, &letter.bytes)).await {
            Ok(Ok(reply)) => {
                line.sent += 1;
                self.park(line);
                Outcome::Receipt { provider_id: said(&reply) }
            }
            Ok(Err(error)) => verdict(&error),
            Err(_) => Outcome::retry(format_args!(
                "the server was silent for {} s; whether it took the message is not known",
                self.send.as_secs()
            )),
        }
    }

    /// A parked connection that still answers, or a new one.
    async fn line(&self) -> Result<Line, String> {
        while let Some(mut line) = self.unpark() {
            if timeout(STILL_THERE, line.conn.test_connected()).await.unwrap_or(false) {
                return Ok(line);
            }
        }
        match timeout(self.connect, self.open()).await {
            Ok(Ok(conn)) => Ok(Line { conn, sent: 0 }),
            Ok(Err(error)) => Err(format!("{}:{}: {error}", self.host, self.port)),
            Err(_) => {
                Err(format!("{}:{}: no connection within {} s", self.host, self.port, self.connect.as_secs()))
            }
        }
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, lettre::transport::smtp::Error> {
        let at_once = if self.security == Security::Tls { self.tls.clone() } else { None };
        let server = (self.host.as_str(), self.port);
        let mut conn =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.connect), &self.hello, at_once, None)
                .await?;
        if let (Security::Starttls, Some(tls)) = (self.security, &self.tls) {
            conn.starttls(tls.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            conn.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(conn)
    }

    fn unpark(&self) -> Option<Line> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn park(&self, line: Line) {
        if line.sent < MESSAGES_A_LINE {
            self.parked.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    }
}

fn credentials(config: &SmtpConfig) -> Result<Option<Credentials>, Error> {
    match (&config.username, &config.password) {
        (Some(name), Some(password)) => {
            Ok(Some(Credentials::new(name.clone(), password.expose_secret().to_owned())))
        }
        (None, None) => Ok(None),
        _ => Err(Error::Config("smtp.username and smtp.password go together".into())),
    }
}

fn tls(config: &SmtpConfig) -> Result<TlsParameters, Error> {
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

/// What an error during the hand-over of a message means for the message.
fn verdict(error: &lettre::transport::smtp::Error) -> Outcome {
    // Asking for a sign-in is about our settings, and is put right without touching the message.
    let about_us = error.status().is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538));
    if error.is_client() || error.is_permanent() && !about_us {
        Outcome::refused(error)
    } else {
        Outcome::retry(error)
    }
}

fn said(reply: &Response) -> String {
    let words: Vec<&str> = reply.message().collect();
    one_line(&format!("{} {}", reply.code(), words.join(" ")))
}

impl Channel for SmtpChannel {
    fn kind(&self) -> &'static str {
        "email"
    }

    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(self.deliver(message))
    }

    fn check(&self) -> Checking<'_> {
        Box::pin(async {
            let slot = self.slots.acquire().await.map_err(|_| "the channel is closed".to_owned())?;
            let line = self.line().await.map_err(|why| one_line(&why))?;
            self.park(line);
            drop(slot);
            Ok(())
        })
    }
}

impl fmt::Debug for SmtpChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpChannel")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .field("signs_in", &self.credentials.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn try_new(config: &SmtpConfig) -> Result<SmtpChannel, Error> {
        SmtpChannel::new(config, &Sender::default(), 1000)
    }

    fn with(host: &str, security: Security, password: Option<&str>) -> SmtpConfig {
        SmtpConfig {
            security,
            username: password.map(|_| "canh".into()),
            password: password.map(|p| p.to_owned().into()),
            ..SmtpConfig::new(host)
        }
    }

    #[test]
    fn unprotected_ways_are_narrow() {
        assert!(try_new(&with("127.0.0.1", Security::None, None)).is_ok());
        assert!(try_new(&with("localhost", Security::None, Some("x"))).is_ok());
        assert!(try_new(&with("::1", Security::None, None)).is_ok());
        assert!(try_new(&with("mail.example", Security::None, None)).is_err());
        assert!(try_new(&with("mail.example", Security::Plain, None)).is_ok());
        assert!(try_new(&with("mail.example", Security::Plain, Some("x"))).is_err());
    }

    #[test]
    fn half_a_sign_in_and_bad_hosts_are_named() {
        let half = SmtpConfig { username: Some("canh".into()), ..SmtpConfig::new("mail.example") };
        assert!(try_new(&half).is_err());
        assert!(try_new(&SmtpConfig::new("mail.example\r\nQUIT")).is_err());
        let hello = SmtpConfig { hello: Some("a\r\nMAIL FROM:<>".into()), ..SmtpConfig::new("mail.example") };
        assert!(try_new(&hello).is_err());
        let missing = SmtpConfig { ca_file: Some("/no/such.pem".into()), ..SmtpConfig::new("mail.example") };
        assert!(matches!(try_new(&missing), Err(Error::File { .. })));
    }

    #[test]
    fn each_way_has_its_port() {
        for (security, port) in [(Security::Tls, 465), (Security::Starttls, 587), (Security::Plain, 25)] {
            assert_eq!(try_new(&with("mail.example", security, None)).unwrap().port, port);
        }
    }
}
