//! Reads a mailbox: IMAP over TLS. Floor 2: the only crate that knows the protocol; none of its library's types get
//! out. It fetches messages as bytes and marks them seen; it neither opens them nor decides anything about them, and
//! it never deletes or moves one.

mod config;
mod error;
mod mailbox;
#[cfg(feature = "testing")]
pub mod testing;

pub use config::{MailboxConfig, Security};
pub use error::PostError;
pub use mailbox::{MESSAGE, Mailbox};
