//! A quick look at a line, before anything is read from it.

use memchr::{memchr3, memrchr};

use super::{
    Indicators,
    key::{self, Key, url_key},
    spot::{URL, address, ends_url},
};
use domain::{indicator::hash_kind, request::Net};

/// The shortest word that could be anything.
const SHORTEST: usize = 4;
/// The shortest hash.
const HASH: usize = 32;

/// Whether a line could hold something of a list: quick, and wrong only by saying yes. For going over a past of many
/// lines: of those it passes the event is read and asked [`Spotter::spot`](super::Spotter::spot).
///
/// Words are looked at only where a dot or a colon stands, or where a hash would have to have a character.
pub fn glance(all: &Indicators, line: &str, key: &mut String) -> bool {
    hashes(all, line) || words(all, line, key)
}

fn hashes(all: &Indicators, line: &str) -> bool {
    let bytes = line.as_bytes();
    let mut at = HASH - 1;
    while at < bytes.len() {
        let word = around(bytes, 0, at);
        let from = word.start + usize::from(is_escaped(bytes, word.start));
        if word.len() >= HASH && hash(all, line.get(from..word.end).unwrap_or_default()) {
            return true;
        }
        // The next of these places that is not in this word.
        at = (word.end.max(at + 1)).next_multiple_of(HASH).saturating_sub(1).max(at + HASH);
    }
    false
}

fn words(all: &Indicators, line: &str, key: &mut String) -> bool {
    let bytes = line.as_bytes();
    let mut done = 0;
    while let Some(at) = bytes.get(done..).and_then(|rest| memchr3(b'.', b':', b'\\', rest)) {
        let at = done + at;
        if bytes.get(at) == Some(&b'\\') {
            // What a backslash makes of the next character is no part of a word; written slashes are read in full.
            if bytes.get(at + 1) == Some(&b'/') {
                return true;
            }
            done = at + 2;
            continue;
        }
        let word = around(bytes, done, at);
        done = word.end;
        if word.len() >= SHORTEST && name(all, line.get(word).unwrap_or_default()) {
            return true;
        }
        // `scheme://…` breaks off before the slashes.
        if bytes.get(done - 1) == Some(&b':')
            && bytes.get(done..done + 2) == Some(b"//")
            && url(all, line.get(done + 2..).unwrap_or_default(), key)
        {
            return true;
        }
    }
    false
}

/// The word that has that place in it, as far as it goes back to `from`; empty where none is there.
fn around(bytes: &[u8], from: usize, at: usize) -> std::ops::Range<usize> {
    let (before, after) = (bytes.get(from..at).unwrap_or_default(), bytes.get(at..).unwrap_or_default());
    let end = at + after.iter().position(|b| !is_word(*b)).unwrap_or(after.len());
    if end == at {
        return at..at;
    }
    before.iter().rposition(|b| !is_word(*b)).map_or(from, |n| from + n + 1)..end
}

/// Whether a backslash takes the meaning from the character there.
fn is_escaped(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(..at).unwrap_or_default();
    let slashes = before.iter().rev().take_while(|b| **b == b'\\').count();
    slashes % 2 == 1
}

/// May stand in an address, a name or a hash.
fn is_word(byte: u8) -> bool {
    const WORD: [bool; 256] = {
        let mut all = [false; 256];
        let mut n = 0;
        while n < 128 {
            #[expect(clippy::indexing_slicing, reason = "within 128, while compiled")]
            {
                all[n] = (n as u8).is_ascii_alphanumeric() || matches!(n as u8, b'.' | b'-' | b'_' | b':');
            }
            n += 1;
        }
        all
    };
    WORD.get(usize::from(byte)).copied().unwrap_or(false)
}

pub(super) fn hash(all: &Indicators, word: &str) -> bool {
    let word = word.trim_matches(['.', ':']);
    let hex = word.strip_prefix("sha256:").unwrap_or(word);
    let key = hash_kind(hex.len()).and_then(|kind| Key::hash(kind, hex));
    key.is_some_and(|key| all.filter.may_hold(key.quick))
}

/// An address or a name.
pub(super) fn name(all: &Indicators, word: &str) -> bool {
    let word = word.trim_matches(['.', ':']);
    let count = |byte: u8| word.bytes().filter(|b| *b == byte).count();
    let (dots, colons) = (count(b'.'), count(b':'));
    if (dots >= 3 || colons >= 2)
        && let Some(address) = address(word)
    {
        let address = address.to_canonical();
        let family = usize::from(!address.is_ipv4());
        return all.prefixes.get(family).into_iter().flatten().any(|prefix| {
            Net::new(address, *prefix).is_ok_and(|net| all.filter.may_hold(Key::net(&net).quick))
        });
    }
    // A port, or what stands before a name: `to:evil.example`.
    dots > 0
        && word.split(':').any(|name| {
            let mut quick = key::SEED;
            let mut rest = name.as_bytes();
            // Names above it have a dot in them.
            let mut dot = false;
            while !rest.is_empty() {
                let begin = memrchr(b'.', rest).map_or(0, |at| at + 1);
                quick = rest.iter().skip(begin).rev().fold(quick, |quick, byte| key::step(quick, *byte));
                if dot && all.filter.may_hold(Key::suffix("", quick).quick) {
                    return true;
                }
                dot = true;
                let Some(before) = begin.checked_sub(1) else { break };
                quick = key::step(quick, b'.');
                rest = rest.get(..before).unwrap_or_default();
            }
            false
        })
}

pub(super) fn url(all: &Indicators, after: &str, key: &mut String) -> bool {
    let end = after.find(ends_url).unwrap_or(after.len()).min(URL);
    let url = after.get(..after.floor_char_boundary(end)).unwrap_or_default();
    key.clear();
    url_key(url.trim_end_matches([',', ';', '.']), key)
        && (all.filter.may_hold(Key::url(key).quick)
            || key.split_once('?').is_some_and(|(bare, _)| all.filter.may_hold(Key::url(bare).quick)))
}
