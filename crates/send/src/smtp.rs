//! E-mail by SMTP.

mod config;

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use lettre::transport::smtp::{
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::{AsyncSmtpConnection, TlsParameters},
    commands::{Data, Mail, Rcpt, Rset},
    extension::ClientId,
    response::Response,
};
use tokio::{sync::Semaphore, time::timeout};

use crate::{
    Channel, Checking, Error, Message, Outcome, Sender, Sending,
    message::one_line,
    mime::{Composer, Letter},
};

pub use config::{Security, SmtpConfig};

/// Sends by SMTP, keeping a few connections open between messages.
///
/// The pool is our own because the library's has no limit on reading (a silent server would hold a
/// worker for ever) and takes a connection back even when its conversation was cut short. Here a
/// connection returns to the pool only when both sides know where they stand.
///
/// | what happens | outcome |
/// |---|---|
/// | 250 to the message | `Receipt` with the server's words |
/// | 4xx | `RetryAfter` |
/// | 5xx to recipient or message | `Refused` |
/// | 5xx to greeting, sign-in or sender, certificate not trusted, no STARTTLS | `RetryAfter`: it is about the server or our settings, and no fault of the message |
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
        let credentials = config::credentials(config)?;
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
            Security::Tls => (Some(config::tls(config)?), 465),
            Security::Starttls => (Some(config::tls(config)?), 587),
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
        match timeout(self.send, hand_over(&mut line.conn, &letter)).await {
            Ok(Ok(reply)) => {
                line.sent += 1;
                self.park(line);
                Outcome::Receipt { provider_id: said(&reply) }
            }
            Ok(Err(stopped)) => {
                if stopped.in_step
                    && timeout(STILL_THERE, line.conn.command(Rset)).await.is_ok_and(|r| r.is_ok())
                {
                    self.park(line);
                }
                stopped.outcome
            }
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

    async fn open(&self) -> Result<AsyncSmtpConnection, SmtpError> {
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

type SmtpError = lettre::transport::smtp::Error;

/// A hand-over that did not succeed.
struct Stopped {
    outcome: Outcome,
    /// The server answered, and still listens: the connection is good for another message.
    in_step: bool,
}

impl Stopped {
    /// Whatever the server has against our sender, the message is not to blame.
    fn over_sender(error: SmtpError) -> Self {
        Stopped { in_step: Self::in_step(&error), outcome: Outcome::retry(error) }
    }

    fn over_message(error: SmtpError) -> Self {
        let in_step = Self::in_step(&error);
        // 530 asks for a sign-in, and some servers do so only here.
        let about_us = error.status().is_some_and(|code| u16::from(code) == 530);
        let refused = error.is_permanent() && !about_us;
        let outcome = if refused { Outcome::refused(error) } else { Outcome::retry(error) };
        Stopped { outcome, in_step }
    }

    /// 421 says that the server hangs up.
    fn in_step(error: &SmtpError) -> bool {
        error.status().is_some_and(|code| u16::from(code) != 421)
    }
}

/// One message over an open connection, step by step: who is to blame depends on the step.
async fn hand_over(conn: &mut AsyncSmtpConnection, letter: &Letter) -> Result<Response, Stopped> {
    conn.command(Mail::new(Some(letter.from.clone()), Vec::new())).await.map_err(Stopped::over_sender)?;
    conn.command(Rcpt::new(letter.to.clone(), Vec::new())).await.map_err(Stopped::over_message)?;
    conn.command(Data).await.map_err(Stopped::over_message)?;
    conn.message(&letter.bytes).await.map_err(Stopped::over_message)
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
mod tests;
