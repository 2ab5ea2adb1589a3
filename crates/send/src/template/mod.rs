//! What is written: named templates, rendered in Vietnamese and English from variables.
//!
//! The words are in `locales/LANG/mail.ftl` (Fluent); which templates there are, which variables
//! each needs and how much it gives away is in [`templates`]. Rendering is pure and strict: a
//! variable that is missing or blank is an error, never a blank in an official letter. An optional
//! variable that is absent has its own wording ("văn bản không ghi").
//!
//! Every mail is plain text first; the HTML form is made from that text, holds nothing more, loads
//! nothing from anywhere, and shows the one link as a button.

mod catalogue;
pub(crate) mod html;
mod locale;

use std::collections::BTreeMap;

use fluent_bundle::FluentArgs;
use serde::{Deserialize, Serialize};

use crate::{Error, Lang, message::ActionKind};

pub use catalogue::templates;

/// One template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplateInfo {
    /// Its name, as an intent keeps it.
    pub id: &'static str,
    /// What it is rendered from.
    pub variables: &'static [Variable],
    /// How much it gives away.
    pub detail: Detail,
}

/// One variable of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it may hold and how it is shown.
    pub kind: Kind,
    /// Whether it may be absent (or blank, which is the same).
    pub optional: bool,
}

/// What a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One line: names, titles, times already written out (`17:00 05/02/2027`). Line breaks become
    /// spaces.
    Text,
    /// A whole number in decimal digits; the wording agrees with it.
    Number,
    /// Words of a person, any number of lines; always shown as a quotation.
    Quote,
    /// An absolute `https://` or `http://` address; a button in HTML. At most one in a template.
    Link,
    /// A code to type in; shown large.
    Code,
}

/// How much a message gives away, and so which channels may carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Detail {
    /// That something is to be done, where, and until when. Fit for any verified channel.
    Notice,
    /// About nothing but the channel it goes over (its own code): whole over any channel, verified or not.
    Channel,
    /// People's own words, a code, a one-time link or an account's affairs: only channels the
    /// organisation trusts; never a foreign messenger by default.
    Full,
}

/// Variables by name. A name the template does not know is ignored: an intent written by a newer
/// version can say more than an older one needs.
pub type Vars = BTreeMap<String, String>;

/// What stands under every message: who runs this Canh, and how to ask them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Letterhead {
    /// The centre's name.
    pub centre: String,
    /// A telephone number or address people already know, to verify a doubtful message.
    pub contact: Option<String>,
}

/// A template with its variables filled in.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line, at most 200 characters.
    pub subject: String,
    /// Plain text, complete.
    pub text: String,
    /// A whole HTML page with the same content.
    pub html: String,
    /// Which template.
    pub template: &'static str,
    /// The whole as one line, without greeting and signature: for SMS and voice.
    pub short: String,
    /// The code in it, if there is one.
    pub code: Option<String>,
    /// *That* something is to be done, not *what*: the same words for every template but those about the channel
    /// itself.
    pub brief: String,
    /// The one address it is about, if it has one.
    pub link: Option<String>,
    /// The language it is in.
    pub lang: Lang,
    /// How much it gives away.
    pub detail: Detail,
}

/// Shows no text: it may hold codes and one-time links.
impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rendered")
            .field("lang", &self.lang)
            .field("detail", &self.detail)
            .finish_non_exhaustive()
    }
}

/// Subjects are cut here: longer ones are folded or cut by mail programs at random.
const SUBJECT_LIMIT: usize = 200;

/// Renders template `id` in `lang`.
///
/// # Errors
/// [`Error::UnknownTemplate`]; [`Error::Missing`] for a required variable that is absent or blank;
/// [`Error::Variable`] for one of the wrong kind; [`Error::Missing`] with `centre` for an empty
/// letterhead.
pub fn render(id: &str, lang: Lang, vars: &Vars, head: &Letterhead) -> Result<Rendered, Error> {
    let info = templates()
        .iter()
        .find(|t| t.id == id)
        .ok_or_else(|| Error::UnknownTemplate(crate::message::one_line(id)))?;
    let mut args = FluentArgs::new();
    let mut marks = html::Marks::default();
    for variable in info.variables {
        let shown = shown(info.id, variable, vars)?;
        if variable.optional {
            args.set(format!("has-{}", variable.name), if shown.is_some() { "yes" } else { "no" });
        }
        match shown {
            None => {}
            Some(Shown::Number(number)) => args.set(variable.name, number),
            Some(Shown::Text(text)) => {
                match variable.kind {
                    Kind::Link => marks.link = Some(text.clone()),
                    Kind::Code => marks.code = Some(text.clone()),
                    Kind::Text | Kind::Quote | Kind::Number => {}
                }
                args.set(variable.name, text);
            }
        }
    }
    let words = locale::Words::of(lang);
    let subject = words.attribute(info.id, "subject", &args)?;
    let body = words.attribute(info.id, "body", &args)?;
    let action = marks.link.as_ref().map(|_| words.attribute(info.id, "action", &args)).transpose()?;
    let frame = frame(info.id, head)?;
    let footer = words.attribute("frame", "footer", &frame)?;
    // Some have brief words of their own: of a centre that is down one cannot say "open Canh".
    let brief = match words.has(info.id, "brief") {
        true => words.attribute(info.id, "brief", &args)?,
        false => words.attribute("frame", "brief", &frame)?,
    };
    let brief = single_line(&brief);

    let subject: String = single_line(&subject).chars().take(SUBJECT_LIMIT).collect();
    let short = if words.has(info.id, "short") {
        single_line(&words.attribute(info.id, "short", &args)?)
    } else {
        subject.clone()
    };
    let html = html::page(lang, &subject, &body, &footer, action.as_deref(), &marks);
    let body = match (&marks.link, &action) {
        (Some(link), Some(action)) => html::label_link(&body, link, action),
        _ => body,
    };
    let text = format!("{body}\n\n-- \n{footer}\n");
    Ok(Rendered {
        template: info.id,
        subject,
        text,
        html,
        short,
        code: marks.code,
        brief,
        link: marks.link,
        lang,
        detail: info.detail,
    })
}

/// The words on a button.
pub(crate) fn action_label(kind: ActionKind, lang: Lang) -> Result<String, Error> {
    locale::Words::of(lang).attribute("frame", kind.name(), &FluentArgs::new())
}

/// A sentence with which a channel answers a person at once. No variable is longer than a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply<'a> {
    /// The chat is linked to `person`.
    Linked {
        /// Whose it is.
        person: &'a str,
    },
    /// No channel waits for that code.
    LinkFailed,
    /// `person` took it at that time.
    Taken {
        /// Who.
        person: &'a str,
        /// When, written out.
        at: &'a str,
    },
    /// `person` checked in at that time.
    CheckedIn {
        /// Who.
        person: &'a str,
        /// When, written out.
        at: &'a str,
    },
    /// No turn of theirs takes a check-in now.
    NotOnDuty,
    /// It came right at that time though nobody did anything.
    CameRight {
        /// When, written out.
        at: &'a str,
    },
    /// The next one is called.
    Passed,
    /// Nobody is left to call.
    Nobody,
    /// There is nothing left to do.
    Over,
    /// The button belongs to nothing.
    Unknown,
}

/// Those words.
pub fn reply(reply: Reply<'_>, lang: Lang) -> Result<String, Error> {
    let mut args = FluentArgs::new();
    let name = match reply {
        Reply::Linked { person } => {
            args.set("person", single_line(person));
            "linked"
        }
        Reply::Taken { person, at } => {
            args.set("person", single_line(person));
            args.set("at", single_line(at));
            "taken"
        }
        Reply::CheckedIn { person, at } => {
            args.set("person", single_line(person));
            args.set("at", single_line(at));
            "checked-in"
        }
        Reply::CameRight { at } => {
            args.set("at", single_line(at));
            "came-right"
        }
        Reply::LinkFailed => "link-failed",
        Reply::NotOnDuty => "not-on-duty",
        Reply::Passed => "passed",
        Reply::Nobody => "nobody",
        Reply::Over => "over",
        Reply::Unknown => "unknown",
    };
    locale::Words::of(lang).attribute("frame", name, &args)
}

/// What a voice says of the keys to press.
pub(crate) fn press(acknowledge: &str, escalate: &str, lang: Lang) -> Result<String, Error> {
    let mut args = FluentArgs::new();
    args.set("acknowledge", acknowledge.to_owned());
    args.set("escalate", escalate.to_owned());
    locale::Words::of(lang).attribute("frame", "press", &args)
}

/// Who took a call-out and when it came right by itself, as one line in `lang`: for [`crate::Message::taken`].
pub fn settled_line(
    lang: Lang,
    taken: Option<(&str, jiff::Timestamp)>,
    came_right: Option<jiff::Timestamp>,
) -> Result<String, Error> {
    let zone = jiff::tz::TimeZone::get("Asia/Ho_Chi_Minh").unwrap_or(jiff::tz::TimeZone::UTC);
    let said = |at: jiff::Timestamp| at.to_zoned(zone.clone()).strftime("%H:%M %d/%m/%Y").to_string();
    let taken = taken.map(|(person, at)| reply(Reply::Taken { person, at: &said(at) }, lang));
    let came_right = came_right.map(|at| reply(Reply::CameRight { at: &said(at) }, lang));
    let lines = [taken, came_right].into_iter().flatten().collect::<Result<Vec<_>, Error>>()?;
    Ok(lines.join(". "))
}

fn frame<'a>(template: &'static str, head: &Letterhead) -> Result<FluentArgs<'a>, Error> {
    let mut args = FluentArgs::new();
    let centre = single_line(&head.centre);
    if centre.is_empty() {
        return Err(Error::Missing { template, name: "centre" });
    }
    args.set("centre", centre);
    let contact = head.contact.as_deref().map(single_line).filter(|c| !c.is_empty());
    args.set("has-contact", if contact.is_some() { "yes" } else { "no" });
    if let Some(contact) = contact {
        args.set("contact", contact);
    }
    Ok(args)
}

enum Shown {
    Number(u32),
    Text(String),
}

/// The value of one variable, checked and as it will be shown; none if absent or blank, and optional.
fn shown(template: &'static str, variable: &Variable, vars: &Vars) -> Result<Option<Shown>, Error> {
    let name = variable.name;
    let wrong = |why| Error::Variable { template, name, why };
    let Some(given) = vars.get(name).map(|given| given.trim()).filter(|given| !given.is_empty()) else {
        return if variable.optional { Ok(None) } else { Err(Error::Missing { template, name }) };
    };
    let text = match variable.kind {
        Kind::Number => {
            let number = given.parse().map_err(|_| wrong("must be a whole number"))?;
            return Ok(Some(Shown::Number(number)));
        }
        Kind::Text => single_line(given),
        Kind::Quote => html::quoted(given),
        Kind::Link if is_link(given) => given.to_owned(),
        Kind::Link => return Err(wrong("must be an absolute https:// or http:// address")),
        Kind::Code if is_code(given) => given.to_owned(),
        Kind::Code => return Err(wrong("must be up to 40 letters, digits or hyphens")),
    };
    // Control characters alone look like something and show nothing.
    if text.is_empty() { Err(Error::Missing { template, name }) } else { Ok(Some(Shown::Text(text))) }
}

fn single_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

pub(crate) fn is_link(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && text.len() <= 2000
        && text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"' | b'\\'))
}

fn is_code(text: &str) -> bool {
    text.len() <= 40 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests;
