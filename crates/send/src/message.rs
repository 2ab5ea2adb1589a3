//! Contract 8: a message, a channel, and what became of it.

use std::{fmt, future::Future, pin::Pin, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    Error,
    template::{Detail, Rendered},
};

/// The language a message is written in. Vietnamese is the source, English its complete second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

impl Lang {
    /// Every language, source first.
    pub const ALL: [Lang; 2] = [Lang::Vi, Lang::En];

    /// Its BCP 47 tag: `vi` or `en`.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Vi => "vi",
            Lang::En => "en",
        }
    }
}

impl FromStr for Lang {
    type Err = Error;

    /// Reads a tag; a region (`vi-VN`) is accepted and does not matter.
    fn from_str(tag: &str) -> Result<Self, Error> {
        match tag.split(['-', '_']).next() {
            Some(primary) if primary.eq_ignore_ascii_case("vi") => Ok(Lang::Vi),
            Some(primary) if primary.eq_ignore_ascii_case("en") => Ok(Lang::En),
            _ => Err(Error::Lang(tag.chars().take(20).collect())),
        }
    }
}

/// Whom a message is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The name shown, if there is one. No line breaks or other control characters.
    pub name: Option<String>,
    /// Where to, in the channel's own form; for e-mail one ASCII address. Checked by the channel.
    pub address: String,
}

/// A small file that goes with a message: an audit checkpoint, the original letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// File name, any script; no path, no control characters.
    pub name: String,
    /// Media type, such as `application/pdf`.
    pub content_type: String,
    /// The bytes, delivered exactly as they are.
    pub bytes: Vec<u8>,
}

/// What its recipient can do with a message by one tap, one key or one click.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActionKind {
    /// *I take it.*
    Acknowledge,
    /// *I cannot: wake the next one.*
    Escalate,
    /// *I am here*, when a turn on duty begins.
    #[serde(rename = "check-in")]
    CheckIn,
}

impl ActionKind {
    /// Its word in the language of programs: `acknowledge`, `escalate`, `check-in`.
    pub fn name(self) -> &'static str {
        match self {
            ActionKind::Acknowledge => "acknowledge",
            ActionKind::Escalate => "escalate",
            ActionKind::CheckIn => "check-in",
        }
    }
}

/// At most so many characters of a token (a one-time link's): a Telegram button carries 64 bytes, and a link must fit into
/// an SMS.
pub const TOKEN_MAX: usize = 43;

/// One thing a recipient can do with a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Action {
    /// What.
    pub kind: ActionKind,
    /// The words on the button, in the message's language.
    pub label: String,
    /// What comes back with the answer: 1–[`TOKEN_MAX`] of `A–Z a–z 0–9 - _`, for this recipient alone.
    pub token: String,
    /// The page on which the same is done: looking at it changes nothing, its button does.
    pub url: String,
}

impl Action {
    /// An action with its usual words in `lang`.
    pub fn new(
        kind: ActionKind,
        lang: Lang,
        token: impl Into<String>,
        url: impl Into<String>,
    ) -> Result<Self, Error> {
        let token = token.into();
        let fits = (1..=TOKEN_MAX).contains(&token.len())
            && token.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if !fits {
            return Err(Error::Id { what: "token" });
        }
        let url = url.into();
        if !crate::template::is_link(&url) {
            return Err(Error::Config(
                "an action's page must be an absolute https:// or http:// address".into(),
            ));
        }
        Ok(Action { kind, label: crate::template::action_label(kind, lang)?, token, url })
    }
}

/// Without token and address: whoever reads a log must not be able to answer for others.
impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Action").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// One message to one recipient.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The intent's id (1–100 of `A–Z a–z 0–9 - _`). E-mail makes the `Message-ID` from it and the
    /// recipient's address, the folder channel the file name: the same intent sent to the same
    /// address twice can be recognised.
    pub id: String,
    /// What the message is about, if several belong together (an assignment's id; same form as
    /// `id`): mail programs then show them as one conversation.
    pub thread: Option<String>,
    /// When the intent was made. Not the time of sending: a retry must be the same message.
    pub date: jiff::Timestamp,
    /// Whom it is for.
    pub to: Recipient,
    /// One line.
    pub subject: String,
    /// The whole message as plain text; always there.
    pub text: String,
    /// The same as HTML, if there is such a form.
    pub html: Option<String>,
    /// Which template said it: `check-in-missed`. Machines that read messages go by it.
    pub template: String,
    /// The whole as one line, without greeting and signature: for SMS and voice.
    pub short: String,
    /// The code it carries, if it carries one.
    pub code: Option<String>,
    /// *That* something is to be done, not *what*: all that a foreign service gets to see unless `open`.
    pub brief: String,
    /// Whether a foreign service ([`Channel::foreign`]) may carry the whole: the body switched it on, or the message
    /// is about nothing but the channel itself (a code). `false` unless somebody said otherwise.
    pub open: bool,
    /// The one page it is about, if there is one. Goes where `text` may go.
    pub link: Option<String>,
    /// Whether it wakes people: loud where a channel knows loudness.
    pub urgent: bool,
    /// What the recipient can do with it at once; shown in this order.
    pub actions: Vec<Action>,
    /// Who took it or that it came right, as one line ("Nguyễn Văn An đã nhận lúc 03:12"): for [`Channel::revise`]. Goes
    /// everywhere.
    pub taken: Option<String>,
    /// The language of all words here.
    pub lang: Lang,
    /// Extra headers: `X-…` and `Importance` only.
    pub headers: Vec<(String, String)>,
    /// At most 10.
    pub attachments: Vec<Attachment>,
}

impl Message {
    /// A message with what a template rendered, and nothing attached.
    pub fn new(id: impl Into<String>, date: jiff::Timestamp, to: Recipient, rendered: Rendered) -> Self {
        Message {
            id: id.into(),
            thread: None,
            date,
            to,
            subject: rendered.subject,
            text: rendered.text,
            html: Some(rendered.html),
            template: rendered.template.to_owned(),
            short: rendered.short,
            code: rendered.code,
            brief: rendered.brief,
            open: rendered.detail == Detail::Channel,
            link: rendered.link,
            urgent: false,
            actions: Vec::new(),
            taken: None,
            lang: rendered.lang,
            headers: Vec::new(),
            attachments: Vec::new(),
        }
    }

    /// The one line and the text that a channel may show: a foreign one only the brief form, unless `open`.
    pub fn shown(&self, foreign: bool) -> (&str, &str) {
        if foreign && !self.open { (&self.brief, &self.brief) } else { (&self.subject, &self.text) }
    }

    /// The page behind the message, where a channel may show it.
    pub fn shown_link(&self, foreign: bool) -> Option<&str> {
        if foreign && !self.open { None } else { self.link.as_deref() }
    }
}

/// Shows nothing a log must not hold: no recipient, no subject, no text (they carry codes and
/// one-time links).
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("lang", &self.lang)
            .field("attachments", &self.attachments.len())
            .finish_non_exhaustive()
    }
}

/// What became of a message. When it happened is the caller's to note: no channel has a clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The next station took responsibility for it.
    Receipt {
        /// What that station called it, for tracing: an SMTP server's last reply, a file name.
        provider_id: String,
    },
    /// Not taken, or not known whether taken; the same message may be sent again.
    RetryAfter {
        /// The shortest wait the other side asked for, if it said; otherwise the caller's schedule.
        seconds: Option<u32>,
        /// Why, in English, one line of at most 300 characters, for the operator. Never holds the
        /// message's text, but servers like to repeat the address: it belongs in the delivery's
        /// record, not in the audit log.
        why: String,
    },
    /// Never going to be taken as it is: sending it again would be wrong.
    Refused {
        /// Why, as above.
        why: String,
    },
}

impl Outcome {
    pub(crate) fn retry(why: impl fmt::Display) -> Self {
        Outcome::RetryAfter { seconds: None, why: one_line(&why.to_string()) }
    }

    pub(crate) fn refused(why: impl fmt::Display) -> Self {
        Outcome::Refused { why: one_line(&why.to_string()) }
    }
}

/// What an outside party said, made fit for a log line and a table cell.
pub(crate) fn one_line(said: &str) -> String {
    const LIMIT: usize = 300;
    let words: String = said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LIMIT).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The future of [`Channel::send`]; boxed so that channels can be kept in one list.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// The future of [`Channel::check`].
pub type Checking<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// One way out of the machine.
///
/// A channel keeps nothing that another process would need: no queue, no retries, no record of
/// what it sent. Dropping a returned future abandons the attempt; whether the message was taken is
/// then unknown, as after [`Outcome::RetryAfter`].
pub trait Channel: fmt::Debug + Send + Sync {
    /// Which kind of contact channel it serves: `email`.
    fn kind(&self) -> &'static str;

    /// Whether what it carries leaves the country's own servers (Telegram, a public ntfy, browsers' push services).
    /// Such a channel shows [`Message::shown`]`(true)`: *that*, not *what*, unless the body allowed more.
    fn foreign(&self) -> bool {
        false
    }

    /// Sends one message, once. Ends within the channel's own time-outs.
    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a>;

    /// Changes a message that was delivered: `receipt` is what [`Outcome::Receipt`] said of it, `message` how it is to
    /// look now (who took it; no more buttons). Doing it twice does no harm. A channel that cannot says `Refused`.
    fn revise<'a>(&'a self, receipt: &'a str, message: &'a Message) -> Sending<'a> {
        let _ = (receipt, message);
        Box::pin(std::future::ready(Outcome::refused("this channel cannot change what it sent")))
    }

    /// Whether the channel could send now, without sending anything (`canh doctor`, daily test).
    /// The error is one English line for the operator.
    fn check(&self) -> Checking<'_>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_read_with_and_without_a_region() {
        assert_eq!("vi".parse::<Lang>().unwrap(), Lang::Vi);
        assert_eq!("vi-VN".parse::<Lang>().unwrap(), Lang::Vi);
        assert_eq!("EN_us".parse::<Lang>().unwrap(), Lang::En);
        assert!("fr".parse::<Lang>().is_err());
        assert!("".parse::<Lang>().is_err());
    }

    #[test]
    fn a_foreign_service_learns_that_and_not_what() {
        let head = crate::Letterhead { centre: "Trung tâm".into(), contact: None };
        let vars =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let to = Recipient { name: None, address: "1".into() };
        let given =
            vars(&[("line", "Trục xã Cồn Đước"), ("since", "03:00"), ("link", "https://canh.example/l/1")]);
        let rendered = crate::render("line-down", Lang::Vi, &given, &head).unwrap();
        let mut message = Message::new("i", jiff::Timestamp::UNIX_EPOCH, to.clone(), rendered);
        let (line, text) = message.shown(true);
        assert!(!line.contains("Cồn Đước") && !text.contains("Cồn Đước") && text.contains("Canh"), "{text}");
        assert_eq!(message.shown_link(true), None);
        assert!(message.shown(false).1.contains("Cồn Đước"));
        message.open = true;
        assert!(message.shown(true).1.contains("Cồn Đước"));
        assert_eq!(message.shown_link(true), Some("https://canh.example/l/1"));

        let code = vars(&[("person", "An"), ("code", "123456"), ("expires", "03:15")]);
        let rendered = crate::render("channel-code", Lang::Vi, &code, &head).unwrap();
        let message = Message::new("i", jiff::Timestamp::UNIX_EPOCH, to, rendered);
        assert!(message.shown(true).1.contains("123456"), "a channel may carry its own code");
    }

    #[test]
    fn what_others_say_becomes_one_short_line() {
        assert_eq!(one_line("4.7.1  Try\r\nagain\tlater\u{0}"), "4.7.1 Try again later");
        assert_eq!(one_line(&"x".repeat(5000)).len(), 300);
    }
}
