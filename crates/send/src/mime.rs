//! From a [`Message`] to the bytes of an e-mail: the only place that knows MIME.
//!
//! The same message always gives the same bytes: the date is the intent's, the `Message-ID` and
//! the part boundaries are derived. Nothing a caller or an outside person wrote can add a header.

use std::time::SystemTime;

use lettre::{
    Address,
    address::Envelope,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{ContentDisposition, ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use sha2::{Digest, Sha256};

use crate::{Attachment, Error, Message, Sender};

/// More than this in one message is a mistake: larger things belong behind a link.
const MAX_ATTACHMENTS: usize = 10;

/// In bytes. A line of a mail may have 998 (RFC 5322, 2.1.1), and a word cannot be folded.
const LONGEST_FIELD: usize = 900;

/// An e-mail ready to go.
pub(crate) struct Letter {
    pub(crate) envelope: Envelope,
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
        let envelope = Envelope::new(Some(self.from.email.clone()), vec![to.email.clone()])
            .map_err(|_| Error::Empty { what: "to" })?;
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
        Ok(Letter { envelope, bytes })
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
    let text = SinglePart::plain(printable(&message.text));
    Ok(match &message.html {
        None => Body::Text(text),
        Some(html) => Body::Both(
            MultiPart::alternative()
                .boundary(format!("alternative-{seam}"))
                .singlepart(text)
                .singlepart(SinglePart::html(printable(html))),
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
mod tests {
    use super::*;
    use crate::{Lang, Recipient};

    fn composer() -> Composer {
        let sender = Sender {
            name: "Trung tâm giám sát, tỉnh \"Sông Xanh\"".into(),
            address: "canh@songxanh.example".into(),
            reply_to: Some("truc@songxanh.example".into()),
        };
        Composer::new(&sender, 100_000).unwrap()
    }

    fn message() -> Message {
        Message {
            id: "0190f3c2-77aa-7bbb-8ccc-0123456789ab".into(),
            thread: Some("assignment-7".into()),
            date: "2027-02-01T01:02:03Z".parse().unwrap(),
            to: Recipient { name: Some("Nguyễn Văn Ổn".into()), address: "on@xa.example".into() },
            subject: "Giao nhiệm vụ: trực giám sát Tết Đinh Mùi".into(),
            text: "Kính gửi ông,\nXin trực.".into(),
            html: Some("<p>Kính gửi ông</p>".into()),
            lang: Lang::Vi,
            headers: vec![("Importance".into(), "high".into())],
            attachments: vec![Attachment {
                name: "công văn 12.txt".into(),
                content_type: "text/plain".into(),
                bytes: b"one\ntwo\r\n".to_vec(),
            }],
        }
    }

    #[test]
    fn the_same_message_gives_the_same_ascii_bytes() {
        let (one, two) = (composer().compose(&message()).unwrap(), composer().compose(&message()).unwrap());
        assert_eq!(one.bytes, two.bytes);
        assert!(one.bytes.is_ascii(), "needs no 8BITMIME of the server");
        let text = String::from_utf8(one.bytes).unwrap();
        for part in [
            "Date: Mon, 01 Feb 2027 01:02:03 +0000\r\n",
            "Message-ID: <0190f3c2-77aa-7bbb-8ccc-0123456789ab.0b5e441bb138@songxanh.example>\r\n",
            "References: <assignment-7@songxanh.example>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Language: vi\r\n",
            "Importance: high\r\n",
            "Reply-To: truc@songxanh.example\r\n",
            "multipart/mixed",
            "multipart/alternative",
            "b25lCnR3bw0K",
        ] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }

    #[test]
    fn no_field_can_forge_a_header() {
        type Spoil = fn(&mut Message);
        let spoils: [(&str, Spoil); 9] = [
            ("subject", |m| m.subject.push_str("\r\nBcc: all@xa.example")),
            ("subject, bare LF", |m| m.subject.push_str("\nBcc: all@xa.example")),
            ("name", |m| m.to.name = Some("A\r\nBcc: all@xa.example".into())),
            ("address", |m| m.to.address = "on@xa.example\r\nRCPT TO:<all@xa.example>".into()),
            ("two addresses", |m| m.to.address = "on@xa.example>, <all@xa.example".into()),
            ("header name", |m| m.headers.push(("X-A: b\r\nBcc".into(), "all@xa.example".into()))),
            ("header value", |m| m.headers.push(("X-A".into(), "b\r\nBcc: all@xa.example".into()))),
            ("id", |m| m.id.push_str(">\r\nBcc: all@xa.example")),
            ("attachment", |m| m.attachments[0].name.push_str("\"\r\nBcc: all@xa.example")),
        ];
        for (what, spoil) in spoils {
            let mut message = message();
            spoil(&mut message);
            assert!(composer().compose(&message).is_err(), "{what} was accepted");
        }
    }

    const OURS: [&str; 14] = [
        "Date",
        "From",
        "To",
        "Subject",
        "Message-ID",
        "Reply-To",
        "In-Reply-To",
        "References",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "Content-Language",
        "Importance",
        "MIME-Version",
        "Content-Type",
    ];

    /// Header names of the finished bytes, folded lines joined.
    fn header_names(bytes: &[u8]) -> Vec<String> {
        let text = std::str::from_utf8(bytes).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        let starts = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
        starts.map(|line| line.split_once(':').unwrap().0.to_owned()).collect()
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_written_the_headers_are_ours(
            subject in r"(\PC|Bcc: |=\?utf-8\?B\?|a{200}){1,12}",
            name in r#"(\PC|["<>,;:\\@]){0,40}"#,
            address in r"[a-z<>@, \r\n]{0,9}@[a-z.\[\]> \r\n]{0,9}|[a-z]{1,8}@xa\.example",
            text in r"(\PC|[\r\n]|\r\n\.\r\n|--|a{1200}){1,40}",
            value in r"(\PC|Bcc: a@b){1,20}",
            forged in 0..9usize,
        ) {
            let mut mail = message();
            let mut fields = [subject, name, value];
            if let Some(field) = fields.get_mut(forged) {
                field.push_str("\r\nBcc: all@xa.example");
            }
            let [subject, name, value] = fields;
            mail.subject = subject;
            mail.to = Recipient { name: Some(name), address };
            mail.html = Some(text.clone());
            mail.text = text;
            mail.headers = vec![("Importance".into(), value)];
            if let Ok(letter) = composer().compose(&mail) {
                assert!(forged > 2);
                let names = header_names(&letter.bytes);
                assert!(names.iter().all(|n| OURS.contains(&n.as_str())), "{names:?}");
                assert_eq!(names.len(), OURS.len(), "{names:?}");
                assert_eq!(letter.envelope.to().len(), 1);
                assert!(letter.bytes.is_ascii());
                assert!(letter.bytes.split(|b| *b == b'\n').all(|line| line.len() <= 999));
            }
        }
    }

    #[test]
    fn our_own_headers_cannot_be_replaced() {
        for name in
            ["Bcc", "From", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Type"]
        {
            let mut message = message();
            message.headers.push((name.into(), "x".into()));
            assert!(matches!(composer().compose(&message), Err(Error::Header(_))), "{name}");
        }
    }

    #[test]
    fn limits_and_blanks_are_refused() {
        let mut large = message();
        large.attachments[0].bytes = vec![7; 100_000];
        assert!(matches!(composer().compose(&large), Err(Error::TooLarge { limit: 100_000, .. })));
        let mut blank = message();
        blank.text = " \n".into();
        assert!(matches!(composer().compose(&blank), Err(Error::Empty { what: "text" })));
        let mut foreign = message();
        foreign.to.address = "ổn@xã.example".into();
        assert!(matches!(composer().compose(&foreign), Err(Error::Address { what: "to", .. })));
        let mut old = message();
        old.date = "1890-01-01T00:00:00Z".parse().unwrap();
        assert!(matches!(composer().compose(&old), Err(Error::Date)));
        let mut path = message();
        path.attachments[0].name = "../etc/passwd".into();
        assert!(composer().compose(&path).is_err());
    }
}
