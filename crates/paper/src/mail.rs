//! A mail message to its words and files. The message is as hostile as what it carries: it is taken apart in the
//! child too.

use std::borrow::Cow;

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use serde::{Deserialize, Serialize};

use crate::{error::PaperError, limits, work};

/// A message taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mail {
    /// Its headers and words.
    pub head: MailHead,
    /// Its files, those of forwarded messages inside it too.
    pub files: Vec<MailFile>,
}

/// What a message tells of itself. None of it is proven: whoever sends can write anything here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MailHead {
    /// Name and address.
    pub from: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Date as the sender's machine wrote it, RFC 3339.
    pub date: Option<String>,
    /// Message-id without brackets.
    pub message_id: Option<String>,
    /// Its own words, HTML made plain.
    pub text: String,
}

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailFile {
    /// Its name, without folders and control characters.
    pub name: String,
    /// Drawn inside the words: the logo of a signature.
    pub inline: bool,
    /// What is in it.
    pub bytes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Listing {
    head: MailHead,
    files: Vec<(String, bool, usize)>,
}

/// Takes a message apart in a child process.
///
/// # Errors
/// [`PaperError`]. Nothing in the message can hang, exhaust or crash the caller.
pub async fn open(worker: &sandbox::Worker, bytes: &[u8]) -> Result<Mail, PaperError> {
    let answer = work::ask_bytes(worker, work::MAIL, bytes, limits::MESSAGE).await?;
    unpack(&answer).ok_or_else(|| PaperError::Failed { how: "an answer without form".into() })
}

/// In the worker: the listing's length, the listing, then the files one after the other.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<u8>, PaperError> {
    let message = MessageParser::default().parse(bytes).ok_or(PaperError::Damaged)?;
    let mut files = Vec::new();
    collect(&message, 0, &mut files)?;
    let listing = Listing {
        head: head(&message),
        files: files.iter().map(|(name, inline, bytes)| (name.clone(), *inline, bytes.len())).collect(),
    };
    let listing = serde_json::to_vec(&listing).map_err(|e| PaperError::Failed { how: e.to_string() })?;
    let mut out = u32::try_from(listing.len()).unwrap_or(u32::MAX).to_le_bytes().to_vec();
    out.extend(listing);
    for (_, _, bytes) in files {
        out.extend_from_slice(&bytes);
    }
    Ok(out)
}

fn unpack(answer: &[u8]) -> Option<Mail> {
    let (len, rest) = answer.split_first_chunk::<4>()?;
    let (listing, mut rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*len)).ok()?)?;
    let listing: Listing = serde_json::from_slice(listing).ok()?;
    let mut files = Vec::with_capacity(listing.files.len());
    for (name, inline, len) in listing.files {
        let (bytes, after) = rest.split_at_checked(len)?;
        files.push(MailFile { name, inline, bytes: bytes.to_vec() });
        rest = after;
    }
    Some(Mail { head: listing.head, files })
}

fn head(message: &Message<'_>) -> MailHead {
    let from = message.from().and_then(|from| from.first()).map(|from| {
        match (from.name().map(line).filter(|name| !name.is_empty()), from.address().map(line)) {
            (Some(name), Some(address)) => format!("{name} <{address}>"),
            (name, address) => name.or(address).unwrap_or_default(),
        }
    });
    let texts = (0..message.text_body_count()).filter_map(|at| message.body_text(at));
    let text: Vec<Cow<'_, str>> = texts.collect();
    MailHead {
        from: from.filter(|from| !from.is_empty()),
        subject: message.subject().map(line).filter(|subject| !subject.is_empty()),
        date: message.date().filter(|date| date.is_valid()).map(mail_parser::DateTime::to_rfc3339),
        message_id: message.message_id().map(line),
        text: text.join("\n"),
    }
}

type Found<'x> = (String, bool, Cow<'x, [u8]>);

fn collect<'x>(message: &'x Message<'_>, depth: usize, files: &mut Vec<Found<'x>>) -> Result<(), PaperError> {
    if depth > limits::MAIL_DEPTH {
        return Err(PaperError::too_much(limits::MAIL_DEPTH as u64));
    }
    for part in message.attachments() {
        let bytes: Cow<'x, [u8]> = match &part.body {
            PartType::Message(inner) => {
                collect(inner, depth + 1, files)?;
                continue;
            }
            PartType::Text(text) | PartType::Html(text) => Cow::Borrowed(text.as_bytes()),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => Cow::Borrowed(bytes.as_ref()),
            PartType::Multipart(_) => continue,
        };
        if files.len() >= limits::MAIL_FILES {
            return Err(PaperError::too_much(limits::MAIL_FILES as u64));
        }
        let inline = matches!(part.body, PartType::InlineBinary(_))
            || (part.content_id().is_some()
                && part.content_disposition().is_some_and(mail_parser::ContentType::is_inline));
        let name = part.attachment_name().map(file_name).filter(|name| !name.is_empty());
        files.push((name.unwrap_or_else(|| format!("{}", files.len() + 1)), inline, bytes));
    }
    Ok(())
}

/// One line without control characters, not endless.
fn line(text: &str) -> String {
    let clean: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(limits::MAIL_LINE).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The last part of a path, as a line.
fn file_name(name: &str) -> String {
    line(name.rsplit(['/', '\\']).next().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "From: =?utf-8?B?U+G7nyBZIHThur8=?= <vanthu@syt.example>\r\nSubject: =?utf-8?Q?V=C4=83n_b=E1=BA=A3n?=\r\n\
        Date: Tue, 12 Jan 2027 08:00:00 +0700\r\nMessage-ID: <a@b>\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nKính gửi\r\n\
        --x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"../../etc/a\x07.pdf\"\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n\
        Subject: inner\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\nContent-Type: text/plain\r\n\
        Content-Disposition: attachment; filename=b.txt\r\n\r\nxyz\r\n--y--\r\n\r\n--x--\r\n";

    #[test]
    fn a_message_comes_apart_with_its_inner_one() {
        let mail = unpack(&read(MAIL.as_bytes()).unwrap()).unwrap();
        assert_eq!(mail.head.from.as_deref(), Some("Sở Y tế <vanthu@syt.example>"));
        assert_eq!(mail.head.subject.as_deref(), Some("Văn bản"));
        assert_eq!(mail.head.date.as_deref(), Some("2027-01-12T08:00:00+07:00"));
        assert_eq!(mail.head.message_id.as_deref(), Some("a@b"));
        assert_eq!(mail.head.text.trim(), "Kính gửi");
        let files: Vec<_> = mail.files.iter().map(|f| (f.name.as_str(), f.bytes.as_slice())).collect();
        assert_eq!(files, [("a .pdf", &b"%PDF-"[..]), ("b.txt", &b"xyz"[..])]);
    }

    #[test]
    fn a_cut_answer_is_none() {
        let whole = read(MAIL.as_bytes()).unwrap();
        for len in 0..whole.len() {
            assert!(unpack(&whole[..len]).is_none());
        }
    }
}
