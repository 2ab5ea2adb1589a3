//! Channels out of the machine: e-mail, Telegram, SMS, voice, Web Push, ntfy, Zalo, webhooks.
//!
//! This crate is a door (floor 2). What leaves the machine leaves here, and none of the types of
//! the libraries behind it (SMTP, MIME, Fluent) come out.
//!
//! * [`Channel`]: one way out. [`Channel::send`] takes a [`Message`] and says what became of it in
//!   an [`Outcome`]; it keeps no clock, no queue and no retries. The outbox worker owns those.
//! * [`SmtpChannel`]: e-mail by SMTP. [`DirChannel`]: the same e-mail as files in a folder.
//!   [`SendConfig`] chooses between them.
//! * [`TelegramChannel`], [`GatewayChannel`] (SMS and voice), [`PushChannel`], [`NtfyChannel`], [`ZaloChannel`],
//!   [`WebhookChannel`]: the others, each there if it is configured ([`SendConfig::channels`]).
//! * [`template`]: what is written, in Vietnamese and English, from named variables.
//!
//! A worker renders a template, makes a message whose [`Message::id`] is the intent's id, sends
//! it, and on [`Outcome::RetryAfter`] sends *the same message* again later: same id and date give
//! the same bytes, so a receiver can recognise a second copy.

mod config;
mod dir;
mod error;
mod fetch;
mod gateway;
mod http;
mod kept;
mod look;
mod message;
mod mime;
mod ntfy;
mod push;
mod smtp;
pub mod telegram;
pub mod template;
mod webhook;
mod zalo;

pub use config::{MailBy, SendConfig, Sender, Tools};
pub use dir::DirChannel;
pub use error::Error;
pub use fetch::{Fetched, Fetcher};
pub use gateway::{
    AnswerConfig, CallbackConfig, Encoding, Format, GatewayChannel, GatewayConfig, Marks, Number, Pressed,
    measure,
};
pub use http::HttpConfig;
pub use kept::{Keeping, Kept};
pub use look::Look;
pub use message::{
    Action, ActionKind, Attachment, Channel, Checking, Lang, Message, Outcome, Recipient, Sending, TOKEN_MAX,
};
pub use ntfy::{NtfyChannel, NtfyConfig};
pub use push::{PushChannel, PushConfig, PushKey, Subscription};
pub use smtp::{Security, SmtpChannel, SmtpConfig};
pub use telegram::{TelegramChannel, TelegramConfig, Updates};
pub use template::{
    Detail, Kind, Letterhead, Rendered, Reply, TemplateInfo, Variable, Vars, render, reply, settled_line,
    templates,
};
pub use webhook::{
    PLACE as WEBHOOK_PLACE, SECRET_PREFIX, Shape, WebhookChannel, WebhookConfig, WebhookTarget, is_secret,
    secret_of, sign,
};
pub use zalo::{ZaloChannel, ZaloConfig, ZaloTemplate};
