//! Package URLs: `pkg:maven/org.springframework/spring-beans@5.2.19.RELEASE`.

mod types;

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Longest text that is taken for a package URL.
const LONGEST: usize = 4096;

/// A package URL, its parts decoded and in the form its type asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Purl {
    kind: String,
    namespace: Option<String>,
    name: String,
    version: Option<String>,
    qualifiers: BTreeMap<String, String>,
    subpath: Option<String>,
}

/// Why a text is no package URL, or parts make none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It does not begin with `pkg:`.
    #[error("it does not begin with pkg:")]
    Scheme,
    /// The type is missing or has characters no type has.
    #[error("the type is missing or has characters no type has")]
    Type,
    /// The name is missing.
    #[error("the name is missing")]
    Name,
    /// A namespace where the type has none, or none where it must have one.
    #[error("the namespace does not fit the type")]
    Namespace,
    /// A qualifier's key has characters no key has.
    #[error("a qualifier has a key that none can have")]
    Qualifier,
    /// The type has rules for its names and versions, and these are not so.
    #[error("the name, version or qualifiers do not fit the type")]
    Rules,
    /// Bytes that are no text, or far too many of them.
    #[error("it cannot be decoded")]
    Encoding,
}

impl Purl {
    /// Reads a package URL. Keys of qualifiers may be in capitals, as some tools write them.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        read(text, false)
    }

    /// Reads a package URL and refuses what the specification does not allow to be written.
    pub fn parse_strictly(text: &str) -> Result<Self, Wrong> {
        read(text, true)
    }

    /// Makes one of its parts, which are not encoded.
    pub fn build(
        kind: &str,
        namespace: Option<&str>,
        name: &str,
        version: Option<&str>,
        qualifiers: impl IntoIterator<Item = (String, String)>,
        subpath: Option<&str>,
    ) -> Result<Self, Wrong> {
        let kind = kind.to_ascii_lowercase();
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if !kind.starts_with(|c: char| c.is_ascii_lowercase()) || !kind.chars().all(fits) {
            return Err(Wrong::Type);
        }
        let namespace = namespace.map(|n| pieces(n, false)).filter(|n| !n.is_empty());
        let subpath = subpath.map(|s| pieces(s, true)).filter(|s| !s.is_empty());
        let mut kept = BTreeMap::new();
        for (key, value) in qualifiers {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            if !key.starts_with(|c: char| c.is_ascii_alphabetic()) || !key.chars().all(fits) {
                return Err(Wrong::Qualifier);
            }
            if !value.is_empty() {
                kept.insert(key.to_ascii_lowercase(), value);
            }
        }
        let version = version.filter(|v| !v.is_empty()).map(str::to_owned);
        let name = name.trim_matches('/').to_owned();
        if name.is_empty() {
            return Err(Wrong::Name);
        }
        let mut it = Self { kind, namespace, name, version, qualifiers: kept, subpath };
        types::settle(&mut it)?;
        Ok(it)
    }

    /// `maven`, `npm`, `deb` …
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Group, scope, distribution …
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The package's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version, if one is given.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// One of the qualifiers: `arch`, `distro` …
    #[must_use]
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers.get(key).map(String::as_str)
    }

    /// All of them, by key.
    #[must_use]
    pub fn qualifiers(&self) -> &BTreeMap<String, String> {
        &self.qualifiers
    }

    /// A path in the package.
    #[must_use]
    pub fn subpath(&self) -> Option<&str> {
        self.subpath.as_deref()
    }

    /// The OSV ecosystem (without its release) and the name a package has there.
    #[must_use]
    pub fn package(&self) -> Option<(&'static str, String)> {
        types::package(self)
    }
}

fn read(text: &str, strictly: bool) -> Result<Purl, Wrong> {
    let text = text.trim();
    if text.len() > LONGEST {
        return Err(Wrong::Encoding);
    }
    let (rest, subpath) = split_last(text, '#');
    let (rest, qualifiers) = split_last(rest, '?');
    let rest = match rest.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("pkg") => rest.trim_start_matches('/'),
        _ => return Err(Wrong::Scheme),
    };
    let (kind, rest) = rest.split_once('/').ok_or(Wrong::Type)?;
    let rest = rest.trim_start_matches('/');
    // An at sign before the last slash is a scope's.
    let last = rest.rfind('/').map_or(0, |at| at + 1);
    let (path, version) = match rest.rfind('@') {
        Some(at) if at >= last => (rest.get(..at).unwrap_or_default(), rest.get(at + 1..)),
        _ => (rest, None),
    };
    let path = if version.is_none() { path.trim_end_matches('/') } else { path };
    let split = if types::name_has_slashes(kind) { path.split_once('/') } else { path.rsplit_once('/') };
    let (namespace, name) = match split {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, path),
    };
    let mut pairs = Vec::new();
    for pair in qualifiers.unwrap_or_default().split('&').filter(|p| !p.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if strictly && types::misspells_own_key(kind, key) {
            return Err(Wrong::Qualifier);
        }
        pairs.push((key.to_owned(), decode(value)?));
    }
    // Pieces are decoded one by one: an encoded slash is part of its piece.
    let namespace = namespace.map(decode).transpose()?;
    let subpath = subpath.map(decode).transpose()?;
    let version = version.map(decode).transpose()?;
    Purl::build(kind, namespace.as_deref(), &decode(name)?, version.as_deref(), pairs, subpath.as_deref())
}

fn split_last(text: &str, at: char) -> (&str, Option<&str>) {
    text.rsplit_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn pieces(text: &str, is_path: bool) -> String {
    let kept = text.split('/').filter(|p| !p.is_empty() && (!is_path || !matches!(*p, "." | "..")));
    kept.collect::<Vec<_>>().join("/")
}

fn decode(text: &str) -> Result<String, Wrong> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex =
            |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
        rest = match (first, hex(after.first()), hex(after.get(1))) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high * 16 + low);
                after.get(2..).unwrap_or_default()
            }
            _ => {
                bytes.push(*first);
                after
            }
        };
    }
    String::from_utf8(bytes).map_err(|_| Wrong::Encoding)
}

struct Encoded<'a>(&'a str, &'static str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            let c = char::from(byte);
            if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~' | ':') || self.1.contains(c) {
                write!(f, "{c}")?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}/", self.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{}/", Encoded(namespace, "/"))?;
        }
        let slash = if types::name_has_slashes(&self.kind) { "/" } else { "" };
        write!(f, "{}", Encoded(&self.name, slash))?;
        if let Some(version) = &self.version {
            write!(f, "@{}", Encoded(version, ""))?;
        }
        let mut sign = '?';
        for (key, value) in &self.qualifiers {
            write!(f, "{sign}{key}={}", Encoded(value, ""))?;
            sign = '&';
        }
        if let Some(subpath) = &self.subpath {
            write!(f, "#{}", Encoded(subpath, "/"))?;
        }
        Ok(())
    }
}

impl FromStr for Purl {
    type Err = Wrong;
    fn from_str(text: &str) -> Result<Self, Wrong> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Purl {
    type Error = Wrong;
    fn try_from(text: String) -> Result<Self, Wrong> {
        Self::parse(&text)
    }
}

impl From<Purl> for String {
    fn from(purl: Purl) -> Self {
        purl.to_string()
    }
}

#[cfg(test)]
mod tests;
