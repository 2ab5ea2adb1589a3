//! From a [`Message`] to the bytes of an e-mail: the only place that knows MIME.
//!
//! The same message always gives the same bytes: the date is the intent's, the `Message-ID` and
//! the part boundaries are derived. Nothing a caller or an outside person wrote can add a header.

use std::time::SystemTime;

use lettre::{
    Address,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{ContentDisposition, ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use sha2::{Digest, Sha256};

use crate::{Attachment, Error, Message, Sender, template::html};

/// More than this in one message is a mistake: larger things belong behind a link.
const MAX_ATTACHMENTS: usize = 10;

/// In bytes. A line of a mail may have 998 (RFC 5322, 2.1.1), and a word cannot be folded.
const LONGEST_FIELD: usize = 900;

/// An e-mail ready to go.
pub(crate) struct Letter {
    pub(crate) from: Address,
    pub(crate) to: Address,
    pub(crate) bytes: Vec<u8>,
}

/// Makes letters that all come from one sender.
#[derive(Debug)]
pub(crate) struct Composer {
    from: Mailbox,
    reply_to: Option<Mailbox>,
    max_bytes: usize,
}

impl Composer {
    pub(crate) fn new(sender: &Sender, max_bytes: usize) -> Result<Self, Error> {
        let name = (!sender.name.trim().is_empty()).then_some(sender.name.as_str());
        let from = mailbox("from", name, &sender.address)?;
        let reply_to = sender.reply_to.as_deref().map(|to| mailbox("reply_to", None, to)).transpose()?;
        Ok(Composer { from, reply_to, max_bytes })
    }

    /// The domain our mail comes from.
    pub(crate) fn domain(&self) -> &str {
        self.from.email.domain()
    }

    pub(crate) fn compose(&self, message: &Message) -> Result<Letter, Error> {
        let to = mailbox("to", message.to.name.as_deref(), &message.to.address)?;
        let address = to.email.clone();
        let mut mail = lettre::Message::builder()
            .date(date(message.date)?)
            .from(self.from.clone())
            .to(to)
            .subject(line("subject", &message.subject)?)
            .message_id(Some(format!("<{}@{}>", unique(message)?, self.domain())));
        if let Some(reply_to) = &self.reply_to {
            mail = mail.reply_to(reply_to.clone());
        }
        if let Some(thread) = &message.thread {
            let root = format!("<{}@{}>", checked_id("thread", thread)?, self.domain());
            mail = mail.in_reply_to(root.clone()).references(root);
        }
        // No automatic answers, please: RFC 3834, and the older habit of Exchange.
        let own = [
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
            ("Content-Language", message.lang.tag()),
        ];
        for (name, value) in own {
            mail = mail.raw_header(header(name, value)?);
        }
        for (name, value) in &message.headers {
            let lower = name.to_ascii_lowercase();
            if !(lower.starts_with("x-") && lower != "x-auto-response-suppress" || lower == "importance") {
                return Err(Error::Header(crate::message::one_line(name)));
            }
            mail = mail.raw_header(header(name, line("headers", value)?)?);
        }
        let seam = seam(message);
        let mail = match (body(message, &seam)?, attachments(&message.attachments)?) {
            (Body::Text(text), files) if files.is_empty() => mail.singlepart(text),
            (Body::Both(both), files) if files.is_empty() => mail.multipart(both),
            (body, files) => {
                let whole = MultiPart::mixed().boundary(format!("mixed-{seam}"));
                let whole = match body {
                    Body::Text(text) => whole.singlepart(text),
                    Body::Both(both) => whole.multipart(both),
                };
                mail.multipart(files.into_iter().fold(whole, MultiPart::singlepart))
            }
        };
        // The builder can only miss a sender, which is set above.
        let bytes = mail.map_err(|_| Error::Empty { what: "from" })?.formatted();
        if bytes.len() > self.max_bytes {
            return Err(Error::TooLarge { bytes: bytes.len(), limit: self.max_bytes });
        }
        Ok(Letter { from: self.from.email.clone(), to: address, bytes })
    }
}

/// What makes a message one of a kind, fit for a `Message-ID` and a file name: the intent's id and a
/// digest of the address, since one intent can go to several.
pub(crate) fn unique(message: &Message) -> Result<String, Error> {
    let address = Sha256::digest(message.to.address.to_ascii_lowercase());
    Ok(format!("{}.{}", checked_id("id", &message.id)?, hex(&address, 6)))
}

fn checked_id<'a>(what: &'static str, id: &'a str) -> Result<&'a str, Error> {
    let fits = (1..=100).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if fits { Ok(id) } else { Err(Error::Id { what }) }
}

fn hex(digest: &[u8], bytes: usize) -> String {
    digest.iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

enum Body {
    Text(SinglePart),
    Both(MultiPart),
}

fn body(message: &Message, seam: &str) -> Result<Body, Error> {
    if message.text.trim().is_empty() {
        return Err(Error::Empty { what: "text" });
    }
    let text = SinglePart::plain(printable(&html::text_with_actions(&message.text, &message.actions)));
    Ok(match &message.html {
        None => Body::Text(text),
        Some(page) => Body::Both(
            MultiPart::alternative()
                .boundary(format!("alternative-{seam}"))
                .singlepart(text)
                .singlepart(SinglePart::html(printable(&html::with_actions(page, &message.actions)))),
        ),
    })
}

fn attachments(files: &[Attachment]) -> Result<Vec<SinglePart>, Error> {
    if files.len() > MAX_ATTACHMENTS {
        return Err(Error::Attachment { number: files.len(), why: "more than ten" });
    }
    let part = |(at, file): (usize, &Attachment)| {
        let number = at + 1;
        let bad_name = |c: char| c.is_control() || matches!(c, '/' | '\\');
        if file.name.trim().is_empty() || file.name.len() > 200 || file.name.contains(bad_name) {
            return Err(Error::Attachment {
                number,
                why: "its name is empty, too long, a path, or not printable",
            });
        }
        let kind = ContentType::parse(&file.content_type)
            .map_err(|_| Error::Attachment { number, why: "its content type is not one" })?;
        // Base64 always: any other encoding lets servers change line ends, and digests with them.
        Ok(SinglePart::builder()
            .header(ContentDisposition::attachment(&file.name))
            .header(kind)
            .header(ContentTransferEncoding::Base64)
            .body(file.bytes.clone()))
    };
    files.iter().enumerate().map(part).collect()
}

/// A boundary between parts that nobody can foresee, so that no text can contain it, and that is
/// the same whenever the message is.
fn seam(message: &Message) -> String {
    let mut digest = Sha256::new();
    for piece in
        [&message.id, &message.subject, &message.text, message.html.as_ref().unwrap_or(&message.text)]
    {
        digest.update((piece.len() as u64).to_be_bytes());
        digest.update(piece.as_bytes());
    }
    hex(&digest.finalize(), 16)
}

fn mailbox(what: &'static str, name: Option<&str>, address: &str) -> Result<Mailbox, Error> {
    if address.contains(char::is_control) || name.is_some_and(|n| n.contains(char::is_control)) {
        return Err(Error::Control { what });
    }
    if name.is_some_and(|n| n.len() > LONGEST_FIELD) {
        return Err(Error::TooLong { what });
    }
    if !address.is_ascii() {
        return Err(Error::Address { what, why: "it has letters beyond ASCII" });
    }
    if address.len() > 254 {
        return Err(Error::Address { what, why: "it is longer than 254 characters" });
    }
    let parsed: Address =
        address.parse().map_err(|_| Error::Address { what, why: "it has not the form name@domain" })?;
    Ok(Mailbox::new(name.map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned), parsed))
}

fn line<'a>(what: &'static str, value: &'a str) -> Result<&'a str, Error> {
    if value.contains(char::is_control) {
        return Err(Error::Control { what });
    }
    if value.trim().is_empty() {
        return Err(Error::Empty { what });
    }
    if value.len() > LONGEST_FIELD {
        return Err(Error::TooLong { what });
    }
    Ok(value)
}

/// A header, encoded by the library (RFC 2047) from a value that [`line`] passed.
fn header(name: &str, value: &str) -> Result<HeaderValue, Error> {
    let token = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let name = HeaderName::new_from_ascii(name.to_owned())
        .ok()
        .filter(|_| token)
        .ok_or_else(|| Error::Header(crate::message::one_line(name)))?;
    Ok(HeaderValue::new(name, value.to_owned()))
}

fn date(at: jiff::Timestamp) -> Result<SystemTime, Error> {
    // 9999 and later, or before 1970, the library behind would panic on.
    const YEAR_9999: i64 = 253_370_764_800;
    if (0..YEAR_9999).contains(&at.as_second()) { Ok(SystemTime::from(at)) } else { Err(Error::Date) }
}

/// Text without control characters (except tab and line feed), which old mail programs choke on.
fn printable(text: &str) -> String {
    text.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests;
