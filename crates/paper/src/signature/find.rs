//! Where signatures stand in a PDF, and which bytes they cover.
//!
//! Found by looking at the bytes, not by following the file's own tables: a signature counts only if it covers every
//! byte from the first on, leaving out nothing but itself, so it does not matter which of the file's objects leads to it.

use std::ops::Range;

use memchr::memmem;

/// Signatures looked at in one file; real papers have one to five.
pub(super) const SIGNATURES: usize = 24;
/// Digits of one signature with its certificates and stamps (8 MB): real ones have 10 to 100 KB, with lists of
/// revoked certificates some MB.
const DIGITS: usize = 16 << 20;
/// Lists and dictionaries inside each other.
const DEPTH: usize = 12;

/// A signature dictionary.
pub(super) struct Found<'a> {
    /// Which bytes it covers, and itself as bytes; why that cannot be, as a code.
    pub covers: Result<Covered<'a>, &'static str>,
    /// `/SubFilter` without the slash.
    pub kind: String,
    /// `/M`: when the signer says it was made.
    pub made: Option<String>,
}

/// A signature and what it covers.
pub(super) struct Covered<'a> {
    pub before: &'a [u8],
    pub after: &'a [u8],
    /// Where the covered bytes end.
    pub end: usize,
    /// What stands between the brackets of `/Contents`.
    pub signature: Vec<u8>,
}

impl Covered<'_> {
    /// The covered bytes.
    pub fn message(&self) -> Vec<u8> {
        [self.before, self.after].concat()
    }
}

/// All signature dictionaries in the order they stand, and whether there are more.
pub(super) fn find(bytes: &[u8]) -> (Vec<Found<'_>>, bool) {
    let mut places = memmem::find_iter(bytes, b"/ByteRange").filter(|at| {
        let after = bytes.get(at + b"/ByteRange".len());
        after.is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'[')
    });
    let found = places.by_ref().take(SIGNATURES).map(|at| look(bytes, at)).collect();
    (found, places.next().is_some())
}

fn look(bytes: &[u8], at: usize) -> Found<'_> {
    let Some(entries) = dictionary(bytes, at) else {
        return Found { covers: Err("damaged"), kind: String::new(), made: None };
    };
    let value = |key: &str| {
        let mut of_key = entries.iter().filter(|(name, _)| bytes.get(name.clone()) == Some(key.as_bytes()));
        // A key that stands twice means what each reader likes.
        of_key.next().filter(|_| of_key.next().is_none()).map(|(_, value)| value.clone())
    };
    let text = |key: &str| value(key).and_then(|range| bytes.get(range)).map(String::from_utf8_lossy);
    let kind = text("/SubFilter").map(|kind| kind.trim_start_matches('/').to_owned()).unwrap_or_default();
    let made = value("/M").and_then(|range| bytes.get(range)).and_then(string);
    let covers = match (value("/ByteRange"), value("/Contents")) {
        (Some(range), Some(contents)) => covered(bytes, range, contents),
        _ => Err("damaged"),
    };
    Found { covers, kind, made }
}

fn covered(bytes: &[u8], range: Range<usize>, contents: Range<usize>) -> Result<Covered<'_>, &'static str> {
    let numbers = bytes.get(range).and_then(four).ok_or("byte-range")?;
    let [start, first, second, length] = numbers;
    let end = second.checked_add(length).ok_or("byte-range")?;
    // Nothing may be left out but the very digits of this signature, brackets and all.
    if start != 0 || first != contents.start || second != contents.end {
        return Err("byte-range");
    }
    let (Some(before), Some(after)) = (bytes.get(..first), bytes.get(second..end)) else {
        return Err("byte-range");
    };
    let digits = bytes.get(contents).unwrap_or_default();
    if digits.len() > DIGITS {
        return Err("too-large");
    }
    let digits = digits.strip_prefix(b"<").and_then(|rest| rest.strip_suffix(b">")).ok_or("byte-range")?;
    Ok(Covered { before, after, end, signature: unhexed(digits).ok_or("byte-range")? })
}

/// The characters of a string in round brackets, some of which are written as three octal digits.
fn string(raw: &[u8]) -> Option<String> {
    let mut rest = raw.strip_prefix(b"(")?.strip_suffix(b")")?;
    let mut out = Vec::new();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let digits = rest.iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
        let (octal, after) = rest.split_at_checked(digits.max(1))?;
        rest = after;
        match std::str::from_utf8(octal).ok().and_then(|octal| u8::from_str_radix(octal, 8).ok()) {
            Some(byte) => out.push(byte),
            None => out.extend_from_slice(octal),
        }
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}

fn four(list: &[u8]) -> Option<[usize; 4]> {
    let list = std::str::from_utf8(list).ok()?.trim().strip_prefix('[')?.strip_suffix(']')?;
    let numbers: Option<Vec<usize>> = list.split_ascii_whitespace().map(|n| n.parse().ok()).collect();
    numbers?.try_into().ok()
}

fn unhexed(digits: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(digits.len() / 2);
    let mut high = None;
    for digit in digits.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = u8::try_from(char::from(*digit).to_digit(16)?).ok()?;
        match high.take() {
            None => high = Some(value << 4),
            Some(high) => out.push(high | value),
        }
    }
    out.extend(high);
    Some(out)
}

/// Names and values of a dictionary, as places in the file.
type Entries = Vec<(Range<usize>, Range<usize>)>;

/// The dictionary that has a key at `at`: in the object that begins last before it.
fn dictionary(bytes: &[u8], at: usize) -> Option<Entries> {
    let object = memmem::rfind(bytes.get(..at)?, b" obj")?;
    let mut lexer = Lexer { bytes, at: object + b" obj".len(), wanted: at, hit: None };
    lexer.value(DEPTH);
    lexer.hit
}

#[derive(PartialEq)]
enum Token {
    Open,
    Close,
    List,
    ListEnd,
    Name,
    Other,
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the key stands whose dictionary is wanted.
    wanted: usize,
    hit: Option<Entries>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn blank(&mut self) {
        while let Some(byte) = self.peek(0) {
            match byte {
                b'%' => self.skip(|byte| byte != b'\r' && byte != b'\n'),
                0 | b'\t' | b'\n' | 0xc | b'\r' | b' ' => self.at += 1,
                _ => break,
            }
        }
    }

    fn skip(&mut self, while_: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(&while_) {
            self.at += 1;
        }
    }

    fn token(&mut self) -> Option<Token> {
        self.blank();
        let (first, second) = (self.peek(0)?, self.peek(1));
        let (token, length) = match (first, second) {
            (b'<', Some(b'<')) => (Token::Open, 2),
            (b'>', Some(b'>')) => (Token::Close, 2),
            (b'[', _) => (Token::List, 1),
            (b']', _) => (Token::ListEnd, 1),
            (b'/', _) => (Token::Name, 1),
            (b'<', _) => {
                self.skip(|byte| byte != b'>');
                (Token::Other, 1)
            }
            (b'(', _) => {
                self.string()?;
                (Token::Other, 0)
            }
            (b')' | b'>' | b'{' | b'}', _) => return None,
            _ => (Token::Other, 1),
        };
        self.at += length;
        let regular = |byte: u8| {
            !matches!(byte, 0 | b'\t' | b'\n' | 0xc | b'\r' | b' ') && !b"()<>[]{}/%".contains(&byte)
        };
        if token == Token::Name || (token == Token::Other && !matches!(first, b'<' | b'(')) {
            self.skip(regular);
        }
        Some(token)
    }

    fn string(&mut self) -> Option<()> {
        let mut open = 0_usize;
        loop {
            match self.peek(0)? {
                b'\\' => self.at += 1,
                b'(' => open += 1,
                b')' => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return Some(());
            }
        }
    }

    /// Passes over one value, looking into dictionaries.
    fn value(&mut self, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match self.token()? {
            Token::Open => self.entries(depth),
            Token::List => loop {
                self.blank();
                if self.peek(0)? == b']' {
                    self.at += 1;
                    return Some(());
                }
                self.value(depth)?;
            },
            Token::Name => Some(()),
            Token::Other => {
                self.reference();
                Some(())
            }
            Token::Close | Token::ListEnd => None,
        }
    }

    /// A number may be the first of `12 0 R`.
    fn reference(&mut self) {
        let back = self.at;
        let mut word = || {
            self.blank();
            let from = self.at;
            self.token()?;
            self.bytes.get(from..self.at)
        };
        let number = word().is_some_and(|word| word.iter().all(u8::is_ascii_digit));
        if !(number && word() == Some(b"R")) {
            self.at = back;
        }
    }

    fn entries(&mut self, depth: usize) -> Option<()> {
        let mut entries = Entries::new();
        loop {
            self.blank();
            let from = self.at;
            match self.token()? {
                Token::Close => break,
                Token::Name => {}
                _ => return None,
            }
            let name = from..self.at;
            self.blank();
            let from = self.at;
            self.value(depth)?;
            entries.push((name, from..self.at));
        }
        if entries.iter().any(|(name, _)| name.start == self.wanted) {
            self.hit = Some(entries);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(object: &str) -> Found<'_> {
        let (mut found, more) = find(object.as_bytes());
        assert!(found.len() == 1 && !more);
        found.remove(0)
    }

    #[test]
    fn the_dictionary_is_read_whatever_stands_in_it() {
        let object = "7 0 obj <</Type/Sig % note >>\n/Name(a \\) (b) >>)/Ref [<</A 3 0 R>> 4 0 R]/M(D\\07220270112083000+07'00')\n/SubFilter /adbe.pkcs7.detached/ByteRange [0 AAAA BBBB CCCC]/Contents <30 03 0>/X<</ByteRanges[1]>>>>endobj";
        let at = object.find("<30").unwrap();
        let object = object.replace("AAAA", &format!("{at:04}")).replace("BBBB", &format!("{:04}", at + 9));
        let object = object.replace("CCCC", &format!("{:04}", object.len() - at - 9));
        let found = one(&object);
        assert_eq!(
            (found.kind.as_str(), found.made.as_deref()),
            ("adbe.pkcs7.detached", Some("D:20270112083000+07'00'"))
        );
        let covered = found.covers.ok().unwrap();
        assert_eq!((covered.signature.as_slice(), covered.end), (&[0x30, 3, 0][..], object.len()));
    }

    #[test]
    fn a_hole_that_is_not_the_signature_alone_is_refused() {
        for (range, contents, why) in [
            ("0 9 20 1", "<00>", "byte-range"),
            ("0 1 2", "<00>", "byte-range"),
            ("0 99999999999999999999 1 1", "<00>", "byte-range"),
            ("-1 2 3 4", "<00>", "byte-range"),
            ("0 1 2 3", "<00>/Contents<00>", "damaged"),
            ("0 1 2 3", "<00", "damaged"),
            ("0 1 2 3", "((((", "damaged"),
        ] {
            let object = format!("7 0 obj <</ByteRange [{range}]/Contents {contents}>> endobj");
            assert_eq!(one(&object).covers.err(), Some(why), "{object}");
        }
        assert!(find(&b"7 0 obj <</ByteRange [".repeat(100)).1);
    }
}
