//! Channels out of the machine: e-mail first.
//!
//! This crate is a door (floor 2). What leaves the machine leaves here, and none of the types of
//! the libraries behind it (SMTP, MIME, Fluent) come out.
//!
//! * [`Channel`]: one way out. [`Channel::send`] takes a [`Message`] and says what became of it in
//!   an [`Outcome`]; it keeps no clock, no queue and no retries. The outbox worker owns those.
//! * [`SmtpChannel`]: e-mail by SMTP. [`DirChannel`]: the same e-mail as files in a folder.
//!   [`SendConfig`] chooses between them.
//! * [`template`]: what is written, in Vietnamese and English, from named variables.
//!
//! A worker renders a template, makes a message whose [`Message::id`] is the intent's id, sends
//! it, and on [`Outcome::RetryAfter`] sends *the same message* again later: same id and date give
//! the same bytes, so a receiver can recognise a second copy.

mod config;
mod dir;
mod error;
mod message;
mod mime;
mod smtp;
pub mod template;

pub use config::{MailBy, SendConfig, Sender};
pub use dir::DirChannel;
pub use error::Error;
pub use message::{
    Action, ActionKind, Attachment, Channel, Checking, Lang, Message, Outcome, Recipient, Sending, TOKEN_MAX,
};
pub use smtp::{Security, SmtpChannel, SmtpConfig};
pub use template::{Detail, Kind, Letterhead, Rendered, TemplateInfo, Variable, Vars, render, templates};
