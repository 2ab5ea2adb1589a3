//! What can go wrong with a mailbox.

/// Why the mailbox could not be read. Screens translate [`PostError::code`]; the display text is for logs, and holds
/// neither password nor mail.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The file with the authority's certificate cannot be used, or the host's name is none.
    #[error("the mailbox's settings: {0}")]
    Config(String),
    /// Nobody answers there, or the line broke.
    #[error("no line to the mail server: {0}")]
    Line(#[source] std::io::Error),
    /// The server's certificate is not believed, or TLS is not offered.
    #[error("no protected line to the mail server: {0}")]
    Tls(String),
    /// The server does not accept login and password.
    #[error("the mail server refused the login")]
    Login,
    /// That folder is not there.
    #[error("the mail server refused the folder")]
    Folder,
    /// The server answered something else than the protocol says.
    #[error("the mail server's answer: {0}")]
    Answer(String),
    /// It took too long.
    #[error("the mail server takes too long")]
    Time,
}

impl PostError {
    /// The stable code that screens translate.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Config(_) => "mail-config",
            Self::Line(_) => "mail-line",
            Self::Tls(_) => "mail-tls",
            Self::Login => "mail-login",
            Self::Folder => "mail-folder",
            Self::Answer(_) => "mail-answer",
            Self::Time => "mail-time",
        }
    }
}

impl From<async_imap::error::Error> for PostError {
    fn from(error: async_imap::error::Error) -> Self {
        use async_imap::error::Error;
        match error {
            Error::Io(error) => Self::Line(error),
            Error::ConnectionLost => Self::Line(std::io::ErrorKind::ConnectionReset.into()),
            // The texts of a server may quote anything: only that it refused is told.
            Error::Bad(_) | Error::No(_) => Self::Answer("refused".into()),
            other => Self::Answer(other.to_string()),
        }
    }
}
