//! The mailbox: connect, fetch, mark, wait for more, leave.

use std::{sync::Arc, time::Duration};

use async_imap::{
    Client, Session,
    imap_proto::{MailboxDatum, Response, Status},
    types::UnsolicitedResponse,
};
use futures_util::TryStreamExt;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use secrecy::ExposeSecret;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{MailboxConfig, PostError, Security};

/// Bytes of a message that is fetched: a paper of 20 MB, packed for mail (a third more), and words around it.
pub const MESSAGE: u32 = 35 << 20;
/// How long a server may take to answer a word.
const ANSWER: Duration = Duration::from_secs(30);
/// How long a message may take: [`MESSAGE`] on a line of 128 KB/s.
const FETCH: Duration = Duration::from_secs(300);

type Line = TlsStream<TcpStream>;

/// An open mailbox.
pub struct Mailbox {
    session: Session<Line>,
    validity: u32,
    /// Whether the server says by itself when something comes (RFC 2177).
    tells: bool,
}

impl Mailbox {
    /// Connects, signs in and opens the folder.
    ///
    /// # Errors
    /// [`PostError`] says which of the steps failed.
    pub async fn open(config: &MailboxConfig) -> Result<Self, PostError> {
        let tls = connector(config).await?;
        let name = ServerName::try_from(config.host.clone())
            .map_err(|_| PostError::Config(format!("{} is no name of a server", config.host)))?;
        let line = within(ANSWER, async {
            let tcp =
                TcpStream::connect((config.host.as_str(), config.port())).await.map_err(PostError::Line)?;
            let tcp = match config.security {
                Security::Tls => tcp,
                Security::Starttls => start_tls(tcp).await?,
            };
            tls.connect(name, tcp).await.map_err(|error| PostError::Tls(error.to_string()))
        })
        .await?;
        let mut client = Client::new(line);
        if config.security == Security::Tls {
            greeting(&mut client).await?;
        }
        let login = client.login(&config.user, config.password.expose_secret());
        let mut session = within(ANSWER, async {
            login.await.map_err(|(error, _)| match error {
                async_imap::error::Error::No(_) | async_imap::error::Error::Bad(_) => PostError::Login,
                other => other.into(),
            })
        })
        .await?;
        let opened = within(ANSWER, async {
            session.select(&config.folder).await.map_err(|error| match error {
                async_imap::error::Error::No(_) | async_imap::error::Error::Bad(_) => PostError::Folder,
                other => other.into(),
            })
        })
        .await?;
        let validity = opened.uid_validity.ok_or_else(|| PostError::Answer("no UIDVALIDITY".into()))?;
        let can = within(ANSWER, async { Ok(session.capabilities().await?) }).await?;
        Ok(Self { tells: can.has_str("IDLE"), session, validity })
    }

    /// While this stays the same, a message keeps its number; when it changes, all numbers are new.
    #[must_use]
    pub fn validity(&self) -> u32 {
        self.validity
    }

    /// The numbers of all messages after that one, in their order.
    ///
    /// # Errors
    /// [`PostError`].
    pub async fn after(&mut self, uid: u32) -> Result<Vec<u32>, PostError> {
        let wanted = format!("UID {}:*", uid.saturating_add(1));
        let found = within(ANSWER, async { Ok(self.session.uid_search(wanted).await?) }).await?;
        // `n:*` names the last message also where its number is lower than n.
        let mut found: Vec<u32> = found.into_iter().filter(|found| *found > uid).collect();
        found.sort_unstable();
        Ok(found)
    }

    /// A message as it came, unless it is larger than [`MESSAGE`] (`Err` of its size) or gone meanwhile (`None`).
    ///
    /// # Errors
    /// [`PostError`].
    pub async fn fetch(&mut self, uid: u32) -> Result<Option<Result<Vec<u8>, u32>>, PostError> {
        let sizes = within(ANSWER, async {
            let stream = self.session.uid_fetch(uid.to_string(), "(UID RFC822.SIZE)").await?;
            Ok(stream.try_collect::<Vec<_>>().await?)
        })
        .await?;
        let Some(size) = sizes.iter().find(|f| f.uid == Some(uid)).and_then(|f| f.size) else {
            return Ok(None);
        };
        if size > MESSAGE {
            return Ok(Some(Err(size)));
        }
        let messages = within(FETCH, async {
            let stream = self.session.uid_fetch(uid.to_string(), "(UID BODY.PEEK[])").await?;
            Ok(stream.try_collect::<Vec<_>>().await?)
        })
        .await?;
        let message = messages.iter().find(|f| f.uid == Some(uid)).and_then(|f| f.body());
        Ok(message.map(|bytes| {
            // A server that understated the size.
            let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            if len > MESSAGE { Err(len) } else { Ok(bytes.to_vec()) }
        }))
    }

    /// Marks a message as seen, for the people who look into the mailbox too.
    ///
    /// # Errors
    /// [`PostError`].
    pub async fn seen(&mut self, uid: u32) -> Result<(), PostError> {
        within(ANSWER, async {
            let stream = self.session.uid_store(uid.to_string(), "+FLAGS.SILENT (\\Seen)").await?;
            stream.try_collect::<Vec<_>>().await?;
            Ok(())
        })
        .await
    }

    /// Whether the server says by itself when something comes; [`Mailbox::wait`] for nothing else.
    #[must_use]
    pub fn tells(&self) -> bool {
        self.tells
    }

    /// Waits until the server says that the folder changed, or so long; either way it is time for another look.
    ///
    /// # Errors
    /// [`PostError`], also when the line breaks meanwhile.
    pub async fn wait(&mut self, limit: Duration) -> Result<(), PostError> {
        // What came while the last look was answered was told then, and is not told again.
        let mut came = false;
        while let Ok(said) = self.session.unsolicited_responses.try_recv() {
            came |= matches!(said, UnsolicitedResponse::Exists(_));
        }
        if came {
            return Ok(());
        }
        // Not the library's own way of waiting: that one panics at a refusal without words.
        within(ANSWER, async { Ok(self.session.run_command("IDLE").await?) }).await?;
        let news = |said: &Response<'_>| matches!(said, Response::MailboxData(MailboxDatum::Exists(_)));
        let waits = self.heard(|said| {
            came |= news(said);
            matches!(said, Response::Continue { .. })
        });
        within(ANSWER, waits).await?;
        if !came {
            // That nothing came is no failure, that the line broke is.
            timeout(limit, self.heard(news)).await.unwrap_or(Ok(()))?;
        }
        within(ANSWER, async { Ok(self.session.run_command_untagged("DONE").await?) }).await?;
        within(ANSWER, self.heard(|said| matches!(said, Response::Done { .. }))).await
    }

    /// Reads what the server says until that is said.
    async fn heard(&mut self, mut wanted: impl FnMut(&Response<'_>) -> bool) -> Result<(), PostError> {
        loop {
            let said = self.session.read_response().await.map_err(PostError::Line)?;
            let Some(said) = said else {
                return Err(PostError::Line(std::io::ErrorKind::ConnectionReset.into()));
            };
            let refused = match said.parsed() {
                Response::Done { status, .. } => *status != Status::Ok,
                Response::Data { status, .. } => *status == Status::Bye,
                _ => false,
            };
            if refused {
                return Err(PostError::Answer("refused".into()));
            }
            if wanted(said.parsed()) {
                return Ok(());
            }
            if matches!(said.parsed(), Response::Done { .. }) {
                return Err(PostError::Answer("waiting ended unasked".into()));
            }
        }
    }

    /// Says goodbye. That the server does not answer any more is no harm.
    pub async fn leave(mut self) {
        let _ = timeout(ANSWER, self.session.logout()).await;
    }
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, PostError>>,
) -> Result<T, PostError> {
    timeout(limit, work).await.map_err(|_| PostError::Time)?
}

async fn greeting<T>(client: &mut Client<T>) -> Result<(), PostError>
where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + std::fmt::Debug + Send,
{
    let said = within(ANSWER, async { client.read_response().await.map_err(PostError::Line) }).await?;
    said.map(|_| ()).ok_or_else(|| PostError::Line(std::io::ErrorKind::UnexpectedEof.into()))
}

/// Whatever the server said in the clear is thrown away with the client, so that nobody on the line can put words
/// before the protected part.
async fn start_tls(tcp: TcpStream) -> Result<TcpStream, PostError> {
    let mut client = Client::new(tcp);
    greeting(&mut client).await?;
    client
        .run_command_and_check_ok("STARTTLS", None)
        .await
        .map_err(|_| PostError::Tls("the server offers no STARTTLS".into()))?;
    Ok(client.into_inner())
}

async fn connector(config: &MailboxConfig) -> Result<TlsConnector, PostError> {
    let mut roots = RootCertStore::empty();
    match &config.ca {
        Some(path) => {
            let wrong = |why: String| PostError::Config(format!("{}: {why}", path.display()));
            let pem = tokio::fs::read(path).await.map_err(|error| wrong(error.to_string()))?;
            for cert in CertificateDer::pem_slice_iter(&pem) {
                let cert = cert.map_err(|error| wrong(error.to_string()))?;
                roots.add(cert).map_err(|error| wrong(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(wrong("no certificate in it".into()));
            }
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| PostError::Config(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(client)))
}
