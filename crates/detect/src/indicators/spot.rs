//! Which values of an event could be an indicator, and whether they are one.
//!
//! A field that is an address, a name, a hash or a URL as a whole is looked for whatever it is called; in longer text
//! URLs are, and hashes as Sysmon writes them; of a line nobody understood every word is.

use std::net::IpAddr;

use domain::{
    event::{Event, Kind as Value},
    indicator::{Kind, hash_kind},
    request::Net,
};

use super::{
    Hit, Indicators,
    key::{self, Key, url_key},
};

/// A text is looked through up to here, in bytes.
const TEXT: usize = 16 << 10;
/// A value is a name, an address or hashes up to here.
const WHOLE: usize = 300;
/// A URL is compared up to here.
pub(super) const URL: usize = 2_000;
/// URLs looked for in one text.
const URLS: usize = 20;
/// Names above a name that are looked for.
const LABELS: usize = 12;
/// Found in one event at most.
const HITS: usize = 20;

/// What looks, with its memory.
#[derive(Debug)]
pub struct Spotter {
    scheme: memchr::memmem::Finder<'static>,
    url: String,
    hits: Vec<Hit>,
}

impl Default for Spotter {
    fn default() -> Self {
        let scheme = memchr::memmem::Finder::new("://");
        Self { scheme, url: String::new(), hits: Vec::new() }
    }
}

impl Spotter {
    /// What of an event is in a list; `day` since 1970 decides what has ended, `may` whether a list is for this event.
    pub fn spot(&mut self, all: &Indicators, event: &Event, day: u16, may: &dyn Fn(u16) -> bool) -> &[Hit] {
        self.hits.clear();
        if all.is_empty() {
            return &self.hits;
        }
        let count = u32::try_from(event.fields().len()).unwrap_or(u32::MAX);
        let mut look = Look { all, day, may, field: 0, own: self };
        for field in 0..count {
            let Some(value) = event.value(field).filter(|v| v.kind == Value::Text) else { continue };
            look.field = field;
            look.value(value.text);
        }
        if event.product().is_empty() {
            look.words(event.raw());
        }
        &self.hits
    }
}

const DOT: u8 = 1;
const COLON: u8 = 2;
const SLASH: u8 = 4;
/// Stands in no name, address or hash.
const OTHER: u8 = 8;
/// What each byte tells of a value.
const LOOK: [u8; 256] = {
    let mut all = [0; 256];
    let mut n = 0;
    while n < 128 {
        #[expect(clippy::indexing_slicing, reason = "within 128, while compiled")]
        {
            all[n] = match n as u8 {
                b'.' => DOT,
                b':' => COLON,
                b'/' => SLASH | OTHER,
                b'-' | b'_' | b'[' | b']' => 0,
                byte if byte.is_ascii_alphanumeric() => 0,
                _ => OTHER,
            };
        }
        n += 1;
    }
    all
};

/// Whether a URL in a text ends before it.
pub(super) fn ends_url(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`' | '|' | '^' | ')' | '}')
}

struct Look<'a> {
    all: &'a Indicators,
    day: u16,
    may: &'a dyn Fn(u16) -> bool,
    field: u32,
    own: &'a mut Spotter,
}

impl Look<'_> {
    fn value(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let n = bytes.len();
        if n < 4 {
            return;
        }
        // Most values are told by this: no name, address or URL is without one of them.
        if memchr::memchr2(b'.', b':', bytes).is_none() {
            return self.bare(text);
        }
        if n > WHOLE {
            let end = text.floor_char_boundary(TEXT);
            return self.urls(text.get(..end).unwrap_or_default());
        }
        let seen =
            bytes.iter().fold(0, |seen, byte| seen | LOOK.get(usize::from(*byte)).copied().unwrap_or(0));
        if seen & OTHER == 0 && (seen & DOT != 0 || seen & COLON != 0) {
            match text.strip_prefix("sha256:") {
                Some(hex) => self.hash(hex),
                None => self.host(text),
            }
        } else if seen & SLASH != 0 && seen & COLON != 0 {
            self.urls(text);
        }
    }

    /// Without dots and colons: hashes, or nothing.
    fn bare(&mut self, text: &str) {
        if hash_kind(text.len()).is_some() {
            return self.hash(text);
        }
        if text.len() > 35 && text.len() <= WHOLE && is_hashes(text) {
            text.split([',', ' ', ';']).for_each(|part| {
                if let Some((_, hex)) = part.split_once('=') {
                    self.hash(hex);
                }
            });
        }
    }

    /// An address or a name, with a port perhaps.
    fn host(&mut self, text: &str) {
        if text.bytes().next_back().is_some_and(|b| b.is_ascii_hexdigit() || b == b']')
            && let Some(address) = address(text)
        {
            return self.address(address);
        }
        let name = match text.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            Some(_) => return,
            None => text,
        };
        self.domain(name.trim_end_matches('.'));
    }

    fn address(&mut self, address: IpAddr) {
        let address = address.to_canonical();
        let family = usize::from(!address.is_ipv4());
        let all = self.all;
        for prefix in all.prefixes.get(family).into_iter().flatten() {
            let Ok(net) = Net::new(address, *prefix) else { continue };
            self.look(Key::net(&net), Kind::Address, || net.to_string());
        }
    }

    /// The name and those above it: their quick numbers come by on one way from its end.
    fn domain(&mut self, name: &str) {
        if !name.contains('.') || name.len() > 253 {
            return;
        }
        let (mut quick, mut labels) = (key::SEED, 0);
        for (at, byte) in name.bytes().enumerate().rev() {
            quick = key::step(quick, byte);
            let begins = at == 0 || name.as_bytes().get(at.saturating_sub(1)) == Some(&b'.');
            if !begins {
                continue;
            }
            labels += 1;
            if labels > LABELS {
                return;
            }
            if labels > 1
                && let Some(suffix) = name.get(at..)
            {
                self.look(Key::suffix(suffix, quick), Kind::Domain, || suffix.to_ascii_lowercase());
            }
        }
    }

    fn hash(&mut self, hex: &str) {
        if let Some(kind) = hash_kind(hex.len())
            && let Some(key) = Key::hash(kind, hex)
        {
            self.look(key, kind, || hex.to_ascii_lowercase());
        }
    }

    /// URLs in a text.
    fn urls(&mut self, text: &str) {
        let mut rest = text;
        for _ in 0..URLS {
            let Some(at) = self.own.scheme.find(rest.as_bytes()) else { return };
            let after = rest.get(at + 3..).unwrap_or_default();
            let end = after.find(ends_url).unwrap_or(after.len()).min(URL);
            let url = after.get(..after.floor_char_boundary(end)).unwrap_or_default();
            self.url(url.trim_end_matches([',', ';', '.']));
            rest = after.get(url.len()..).unwrap_or_default();
        }
    }

    /// A URL without its scheme: itself, itself without what was asked of it, its host.
    fn url(&mut self, url: &str) {
        let mut key = std::mem::take(&mut self.own.url);
        key.clear();
        if url_key(url, &mut key) {
            self.look(Key::url(&key), Kind::Url, || key.clone());
            if let Some((bare, _)) = key.split_once('?') {
                self.look(Key::url(bare), Kind::Url, || bare.to_owned());
            }
            if let Some(host) = key.split('/').next() {
                self.host(host);
            }
        }
        self.own.url = key;
    }

    /// Every word of a line.
    fn words(&mut self, text: &str) {
        self.field = u32::MAX;
        let text = text.get(..text.floor_char_boundary(TEXT)).unwrap_or_default();
        self.urls(text);
        let between = |c: char| c.is_whitespace() || "\"'<>()[]{},;|=".contains(c);
        for word in text.split(between) {
            let word = word.trim_matches(['.', ':']);
            if word.len() > 3 && word.len() <= WHOLE && !word.contains('/') {
                self.value(word);
            }
        }
    }

    fn look(&mut self, key: Key<'_>, kind: Kind, text: impl Fn() -> String) {
        if !self.all.filter.may_hold(key.quick) {
            return;
        }
        for list in self.all.lists(key.print(), self.day) {
            let hit = Hit { field: self.field, list, kind, indicator: text() };
            if self.own.hits.len() < HITS && (self.may)(list) && !self.own.hits.contains(&hit) {
                self.own.hits.push(hit);
            }
        }
    }
}

/// `MD5=…,SHA256=…`, as Sysmon and others write them.
fn is_hashes(text: &str) -> bool {
    let name = text.split_once('=').map_or("", |(name, _)| name);
    ["MD5", "SHA1", "SHA256", "IMPHASH"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// An address, in brackets and with a port perhaps.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|t| t.split_once(']')).map_or(text, |(inside, _)| inside);
    bare.parse().ok().or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|s| s.ip()))
}
