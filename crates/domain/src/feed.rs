//! Feeds: where knowledge of flaws comes from, and what can be wrong with one.

use serde::{Deserialize, Serialize};

use crate::right::names;

/// At most so many characters of a place.
pub const PLACE_MAX: usize = 500;
/// At most so many bytes of keys.
pub const KEY_MAX: usize = 256 << 10;
/// At most so many of a name.
pub const NAME_MAX: usize = 120;

/// How a feed is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// A file on this machine.
    File,
    /// A folder on this machine with everything below it.
    Directory,
    /// An address on the web.
    Url,
    /// Advisories the agencies themselves wrote.
    Own,
}
names!(Place { File = "file", Directory = "directory", Url = "url", Own = "own" } "kind of feed");

/// Whether what a feed gave was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signed {
    /// It carries no signature.
    #[default]
    No,
    /// Its signature was checked by a known key: that of the bundle it came in, or each file's.
    Good,
}
names!(Signed { No = "no", Good = "good" } "state of a signature");

/// Why a feed was not, or not wholly, taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// It cannot be reached, or not be opened.
    Unreachable,
    /// It answered that it may not be read, or is not there.
    Refused,
    /// It is larger than is read.
    TooLarge,
    /// A file is of no form that is known.
    Unknown,
    /// A file is broken.
    Broken,
    /// It holds nothing.
    Empty,
    /// A file has no good signature by a key of the feed.
    Unsigned,
}
names!(Trouble {
    Unreachable = "unreachable", Refused = "refused", TooLarge = "too-large", Unknown = "unknown", Broken = "broken",
    Empty = "empty", Unsigned = "unsigned",
} "trouble of a feed");

/// Whether that may be the address of a feed on the web: `http` or `https`, a host, nothing that carries a password.
#[must_use]
pub fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some(host) = rest.and_then(|rest| rest.split(['/', '?', '#']).next()) else { return false };
    !host.is_empty()
        && !host.contains('@')
        && text.len() <= PLACE_MAX
        && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_without_passwords() {
        assert!(is_address("https://feeds.example/kev.json"));
        assert!(is_address("http://mirror.tinh.local:8080/osv/"));
        for bad in
            ["file:///etc/passwd", "https://u:p@feeds.example/", "https://", "ftp://x", "https://a b", ""]
        {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
