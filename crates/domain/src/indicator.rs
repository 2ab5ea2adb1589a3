//! Indicators of compromise: hashes, addresses, domains, URLs, each in the one spelling in which it is kept and looked
//! for; and what is said of a list of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    paging::Severity,
    request::filter::{self, Guard, Why},
    right::names,
};

/// What an indicator names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A file's MD5.
    Md5,
    /// A file's SHA-1.
    Sha1,
    /// A file's SHA-256.
    Sha256,
    /// An address, or a network.
    Address,
    /// A domain with everything below it.
    Domain,
    /// One page.
    Url,
}
names!(Kind {
    Md5 = "md5", Sha1 = "sha1", Sha256 = "sha256", Address = "address", Domain = "domain", Url = "url",
} "kind of indicator");

/// To whom a list may be told (Traffic Light Protocol 2.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tlp {
    /// Anybody.
    Clear,
    /// The community.
    Green,
    /// The body and those it serves: here, those below it.
    Amber,
    /// The body alone.
    AmberStrict,
    /// Named people of the body.
    Red,
}
names!(Tlp {
    Clear = "clear", Green = "green", Amber = "amber", AmberStrict = "amber-strict", Red = "red",
} "handling mark");

impl Tlp {
    /// Whether events of bodies below the list's own are held against it: an alert there tells them what is in it.
    pub const fn reaches_below(self) -> bool {
        matches!(self, Tlp::Clear | Tlp::Green | Tlp::Amber)
    }
}

/// How sure whoever made a list is, from 0 to 100, as STIX counts it; and what a match is worth therefore.
pub const fn severity(confidence: u8) -> Severity {
    match confidence {
        0..40 => Severity::Low,
        40..75 => Severity::Medium,
        _ => Severity::High,
    }
}

/// Under this rule an alert of an indicator stands, with the list's id behind it.
pub const RULE: &str = "canh.indicator";

/// One indicator.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Indicator {
    /// What it names.
    pub kind: Kind,
    /// The name, in the one spelling.
    pub value: String,
}

/// One indicator with its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which.
    pub indicator: Indicator,
    /// The last moment it is to be looked for, where whoever made it said so.
    pub until: Option<Timestamp>,
}

/// Hashes of the empty file: found on every machine.
const EMPTY: [&str; 3] = [
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
];

/// What a hash is of, by its length.
pub const fn hash_kind(len: usize) -> Option<Kind> {
    match len {
        32 => Some(Kind::Md5),
        40 => Some(Kind::Sha1),
        64 => Some(Kind::Sha256),
        _ => None,
    }
}

/// One indicator as somebody wrote it, also unclickable. The guard keeps out what would find everybody: protected names,
/// one's own addresses, names that are no names.
pub fn read(text: &str, guard: &Guard) -> Result<Indicator, Why> {
    let text = text.trim();
    if let Some(kind) = hash_kind(text.len()).filter(|_| text.bytes().all(|b| b.is_ascii_hexdigit())) {
        let value = text.to_ascii_lowercase();
        let common = EMPTY.contains(&value.as_str()) || value.bytes().all(|b| b == b'0');
        return if common { Err(Why::Protected) } else { Ok(Indicator { kind, value }) };
    }
    let item = filter::item(text, guard)?;
    let kind = match item.kind {
        filter::ItemKind::Address => Kind::Address,
        filter::ItemKind::Domain => Kind::Domain,
        filter::ItemKind::Url => Kind::Url,
    };
    Ok(Indicator { kind, value: item.value })
}

/// An entry as a line of a kept list: kind, value, and its end in seconds where it has one.
pub fn line(entry: &Entry) -> String {
    let until = entry.until.map(|t| t.as_second().to_string()).unwrap_or_default();
    format!("{}\t{}\t{until}\n", entry.indicator.kind, entry.indicator.value)
}

/// A kept line. Nothing where it is none.
pub fn parse(line: &str) -> Option<(Kind, &str, Option<i64>)> {
    let mut parts = line.trim_end_matches('\n').split('\t');
    let (kind, value) = (Kind::parse(parts.next()?)?, parts.next()?);
    Some((kind, value, parts.next().and_then(|u| u.parse().ok())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Result<(Kind, String), Why> {
        let guard = Guard::new(vec!["gov.vn".into()], vec![]).watching();
        read(text, &guard).map(|i| (i.kind, i.value))
    }

    #[test]
    fn each_is_kept_in_one_spelling() {
        let ok = |kind, value: &str| Ok((kind, value.to_owned()));
        assert_eq!(said("Evil[.]Example.COM."), ok(Kind::Domain, "evil.example.com"));
        assert_eq!(said("hxxps://evil.example[.]com/a?b#c"), ok(Kind::Url, "https://evil.example.com/a?b"));
        assert_eq!(said("203.0.113[.]9"), ok(Kind::Address, "203.0.113.9"));
        let md5 = "0CC175B9C0F1B6A831C399E269772661";
        assert_eq!(said(md5), ok(Kind::Md5, &md5.to_lowercase()));
        assert_eq!(said(&"a1".repeat(32)).unwrap().0, Kind::Sha256);
    }

    #[test]
    fn what_would_find_everybody_is_kept_out() {
        assert_eq!(said("sotttt.thanhhoa.gov.vn"), Err(Why::Protected));
        assert_eq!(said(EMPTY[0]), Err(Why::Protected));
        assert_eq!(said("192.168.1.1"), Err(Why::NotPublic));
        assert_eq!(said("com.vn"), Err(Why::PublicSuffix));
        assert_eq!(said("203.0.0.0/7"), Err(Why::TooWide));
        assert_eq!(said("203.0.112.0/20").unwrap().1, "203.0.112.0/20", "watching takes nobody off the net");
    }

    #[test]
    fn a_kept_line_is_read_as_it_was_written() {
        let entry = Entry {
            indicator: Indicator { kind: Kind::Domain, value: "evil.example.com".into() },
            until: Some(Timestamp::from_second(1_800_000_000).unwrap()),
        };
        assert_eq!(parse(&line(&entry)), Some((Kind::Domain, "evil.example.com", Some(1_800_000_000))));
        assert_eq!(parse("domain\tx.example"), Some((Kind::Domain, "x.example", None)));
        assert_eq!(parse("nonsense"), None);
    }
}
