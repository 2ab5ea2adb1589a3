//! A part: where its objects are, and their bytes under other numbers.

use super::SHARED;

/// What a catalog may say. Anything else (an outline, named places) would have to be joined as well.
const CATALOG: [&str; 9] = [
    "Type",
    "Pages",
    "Metadata",
    "Lang",
    "StructTreeRoot",
    "MarkInfo",
    "Marked",
    "Suspects",
    "ViewerPreferences",
];

/// A PDF as the library writes it: numbered objects in order, then where they begin, then what the file is.
pub(super) struct Part<'a> {
    bytes: &'a [u8],
    /// Where the objects begin, and where the last one ends.
    starts: Vec<usize>,
    pub pages: usize,
    pub tags: usize,
    pub root_tag: usize,
    pub meta: usize,
    pub info: usize,
    pub catalog: usize,
    pub ids: &'a [u8],
}

impl<'a> Part<'a> {
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        const LAST: &[u8] = b"\nstartxref\n";
        let last = bytes.windows(LAST.len()).rposition(|w| w == LAST)?;
        let table = number(bytes.get(last + LAST.len()..)?)?;
        let text = std::str::from_utf8(bytes.get(table..last)?).ok()?;
        let (places, trailer) = text.strip_prefix("xref\n0 ")?.split_once("trailer\n")?;
        // Of the first two lines one says how many there are, the other is of no object.
        let mut starts: Vec<usize> = places
            .lines()
            .skip(2)
            .map(|line| line.strip_suffix(" 00000 n")?.parse().ok())
            .collect::<Option<_>>()?;
        starts.push(table);
        let mut part =
            Self { bytes, starts, pages: 0, tags: 0, root_tag: 0, meta: 0, info: 0, catalog: 0, ids: b"" };
        part.catalog = after(trailer.as_bytes(), b"/Root ")?;
        part.info = after(trailer.as_bytes(), b"/Info ")?;
        part.ids = listed(bytes.get(last - trailer.len()..last)?, b"/ID[")?;
        let catalog = part.object(part.catalog)?;
        part.pages = after(catalog, b"/Pages ")?;
        part.tags = after(catalog, b"/StructTreeRoot ")?;
        part.meta = after(catalog, b"/Metadata ")?;
        part.root_tag = after(part.object(part.tags)?, b"/K[")?;
        let keys = std::str::from_utf8(catalog).ok()?.split('/').skip(1);
        let known = |key: &str| {
            let key = key.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            CATALOG.contains(&key) || ["Catalog", "Direction", "L2R"].contains(&key)
        };
        keys.into_iter().all(known).then_some(part)
    }

    /// What stands before all objects.
    pub fn head(&self) -> Option<&'a [u8]> {
        self.bytes.get(..*self.starts.first()?)
    }

    pub fn objects(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// An object's bytes, without its number.
    pub fn object(&self, n: usize) -> Option<&'a [u8]> {
        let bytes = self.bytes.get(*self.starts.get(n.checked_sub(1)?)?..*self.starts.get(n)?)?;
        bytes.strip_prefix(format!("{n} 0 obj\n").as_bytes())?.trim_ascii_end().strip_suffix(b"\nendobj")
    }
}

/// What a part's numbers and names become in the whole.
pub(super) struct Numbers {
    /// By old number, less one.
    new: Vec<usize>,
    /// What is added to the numbers by which pages and links know their tags.
    owners: usize,
    /// What goes before the names of tags, so that no two are called the same and all stay in order.
    prefix: [u8; 2],
}

impl Numbers {
    pub fn new(
        part: &Part<'_>,
        shared: [usize; SHARED],
        before: usize,
        owners: usize,
        parts: usize,
    ) -> Option<Self> {
        let mut next = SHARED + before;
        let new = (1..=part.objects()).map(|n| {
            shared.iter().position(|s| *s == n).map_or_else(
                || {
                    next += 1;
                    next
                },
                |at| at + 1,
            )
        });
        let letter = |n: usize| u8::try_from(n).ok().filter(|n| *n < 26).map(|n| b'A' + n);
        Some(Self { new: new.collect(), owners, prefix: [letter(parts / 26)?, letter(parts % 26)?] })
    }

    /// An object under its new numbers.
    pub fn write(&self, object: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let mut rest = object;
        let mut key: &[u8] = b"";
        while let Some(first) = rest.first() {
            let token;
            (token, rest) = rest.split_at_checked(length(rest)?)?;
            match first {
                b'/' => {
                    key = token;
                    out.extend_from_slice(token);
                }
                b'(' if matches!(key, b"/ID" | b"/Headers") => self.named(token, out),
                b'0'..=b'9' if refers(rest) => out.extend_from_slice(self.number(token)?.as_bytes()),
                b'0'..=b'9' if matches!(key, b"/StructParent" | b"/StructParents") => {
                    out.extend_from_slice((number(token)? + self.owners).to_string().as_bytes());
                }
                // What is in a stream refers to nothing.
                b's' if token == b"stream" => {
                    out.extend_from_slice(token);
                    out.extend_from_slice(rest);
                    return Some(());
                }
                _ => out.extend_from_slice(token),
            }
        }
        Some(())
    }

    fn number(&self, token: &[u8]) -> Option<String> {
        Some(self.new.get(number(token)?.checked_sub(1)?)?.to_string())
    }

    fn named(&self, token: &[u8], out: &mut Vec<u8>) {
        out.push(b'(');
        out.extend_from_slice(&self.prefix);
        out.extend_from_slice(token.get(1..).unwrap_or_default());
    }

    /// The list *number, tag*; how many numbers it takes.
    pub fn owners(&self, list: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let words: Vec<&[u8]> = list.split(|b| *b == b' ').collect();
        let mut most = 0;
        for entry in words.chunks(4) {
            let [key, tag, b"0", b"R"] = entry else { return None };
            let key = number(key)?;
            most = most.max(key + 1);
            super::push(out, format!("{} {} 0 R", key + self.owners, self.number(tag)?).as_bytes());
        }
        Some(most)
    }

    /// The list *name, tag*.
    pub fn names(&self, list: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let mut rest = list;
        while let Some(first) = rest.first() {
            let token;
            (token, rest) = rest.split_at_checked(length(rest)?)?;
            match first {
                b'(' => self.named(token, out),
                b'0'..=b'9' if refers(rest) => out.extend_from_slice(self.number(token)?.as_bytes()),
                _ => out.extend_from_slice(token),
            }
        }
        Some(())
    }
}

/// Whether the number before this is an object's.
fn refers(rest: &[u8]) -> bool {
    rest.strip_prefix(b" 0 R").is_some_and(|r| !r.first().is_some_and(u8::is_ascii_alphanumeric))
}

/// How many bytes belong together at the beginning.
fn length(text: &[u8]) -> Option<usize> {
    let run = |of: fn(&u8) -> bool| 1 + text.iter().skip(1).take_while(|b| of(b)).count();
    Some(match text.first()? {
        b'(' => string(text)?,
        b'<' if text.get(1) == Some(&b'<') => 2,
        b'<' => at(text, b">")? + 1,
        b'/' => run(|b| !b.is_ascii_whitespace() && !b"()<>[]{}/%".contains(b)),
        b'0'..=b'9' => run(|b| b.is_ascii_digit() || *b == b'.'),
        b'a'..=b'z' | b'A'..=b'Z' => run(u8::is_ascii_alphanumeric),
        _ => 1,
    })
}

/// How long a string is, its brackets included.
fn string(text: &[u8]) -> Option<usize> {
    let (mut depth, mut escaped) = (0_usize, false);
    for (n, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => depth += 1,
            b')' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(n + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Where some bytes stand first.
pub(super) fn at(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|w| w == what)
}

/// The number at the beginning.
pub(super) fn number(text: &[u8]) -> Option<usize> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    std::str::from_utf8(text.get(..digits)?).ok()?.parse().ok()
}

/// The number after some bytes.
fn after(text: &[u8], what: &[u8]) -> Option<usize> {
    number(text.get(at(text, what)? + what.len()..)?)
}

/// What stands in the list that begins so.
pub(super) fn listed<'a>(text: &'a [u8], open: &[u8]) -> Option<&'a [u8]> {
    let list = text.get(at(text, open)? + open.len()..)?;
    let (mut depth, mut seen) = (1_usize, 0);
    while depth > 0 {
        let rest = list.get(seen..)?;
        match rest.first()? {
            b'[' => depth += 1,
            b']' => depth -= 1,
            _ => {}
        }
        seen += length(rest)?;
    }
    list.get(..seen - 1)
}
