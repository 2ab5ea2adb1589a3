//! What can go wrong before anything leaves the machine.

use std::path::PathBuf;

/// Why a message, a template or a configuration was turned down here, before any server saw it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address a channel cannot use. Addresses are ASCII here: servers that take others are rare.
    #[error("{what}: not a usable e-mail address ({why})")]
    Address {
        /// Which address: `to`, `from`, `reply_to`.
        what: &'static str,
        /// What is wrong with it. Never holds the address: errors end up in logs.
        why: &'static str,
    },
    /// A line break or another control character where one could forge a header.
    #[error("{what}: control characters are not allowed")]
    Control {
        /// Which field.
        what: &'static str,
    },
    /// A field that must say something says nothing.
    #[error("{what}: is empty")]
    Empty {
        /// Which field.
        what: &'static str,
    },
    /// A header field over 900 bytes: mail lines end at 998.
    #[error("{what}: is longer than 900 bytes")]
    TooLong {
        /// Which field.
        what: &'static str,
    },
    /// [`crate::Message::id`] or `thread` is not 1–100 of `A–Z a–z 0–9 - _`.
    #[error("{what}: must be 1 to 100 letters, digits, hyphens or underscores")]
    Id {
        /// Which field.
        what: &'static str,
    },
    /// An extra header whose name is not in the allowed set.
    #[error("header `{0}`: only X- headers and Importance may be added")]
    Header(String),
    /// The date is before 1970 or after 9998 and cannot be written in a mail.
    #[error("date: out of range")]
    Date,
    /// An attachment whose name or media type cannot be used.
    #[error("attachment {number}: {why}")]
    Attachment {
        /// Counted from 1.
        number: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The finished message is larger than the configured limit.
    #[error("message of {bytes} bytes is over the limit of {limit}")]
    TooLarge {
        /// Size as it would be sent.
        bytes: usize,
        /// The limit in force.
        limit: usize,
    },
    /// A configuration that cannot work or would not be safe.
    #[error("configuration: {0}")]
    Config(String),
    /// A file the configuration names cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No template has this name.
    #[error("no template is called `{0}`")]
    UnknownTemplate(String),
    /// A variable the template needs was not given, or was blank.
    #[error("template `{template}`: variable `{name}` is missing or blank")]
    Missing {
        /// The template.
        template: &'static str,
        /// The variable.
        name: &'static str,
    },
    /// A variable of the wrong kind: text for a number, something that is no web address for a link.
    #[error("template `{template}`: variable `{name}` {why}")]
    Variable {
        /// The template.
        template: &'static str,
        /// The variable.
        name: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A locale file is damaged. The crate's tests keep this from being released.
    #[error("template `{template}` in {lang}: {why}")]
    Locale {
        /// The template.
        template: String,
        /// The language.
        lang: &'static str,
        /// What the reader of the file said.
        why: String,
    },
    /// A language that is neither Vietnamese nor English.
    #[error("`{0}` is not a language of this system (vi, en)")]
    Lang(String),
}
