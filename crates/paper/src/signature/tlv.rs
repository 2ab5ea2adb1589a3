//! Tags, lengths and values of ASN.1, as they stand. Signatures are computed over bytes, so nothing here is decoded and
//! written anew; lengths without an end that older signing software writes (BER) are read too.

use std::borrow::Cow;

/// Values inside values.
const DEPTH: usize = 24;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
/// The n-th of several choices, made of values.
pub(super) const fn choice(n: u8) -> u8 {
    0xa0 | n
}

/// One value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tlv<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    /// Tag and length with it.
    pub raw: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// What it is made of.
    pub fn inside(&self) -> Values<'a> {
        Values(self.content)
    }

    /// A string of bytes, also one written in pieces.
    pub fn octets(&self) -> Option<Cow<'a, [u8]>> {
        pieces(self, DEPTH)
    }
}

fn pieces<'a>(of: &Tlv<'a>, depth: usize) -> Option<Cow<'a, [u8]>> {
    if of.tag & 0x20 == 0 {
        return Some(Cow::Borrowed(of.content));
    }
    let mut whole = Vec::new();
    let mut values = of.inside();
    while let Some(piece) = values.next() {
        if piece.tag & !0x20 != OCTETS {
            return None;
        }
        whole.extend_from_slice(&pieces(&piece, depth.checked_sub(1)?)?);
    }
    values.is_empty().then_some(Cow::Owned(whole))
}

/// Values one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'a>(pub &'a [u8]);

impl<'a> Values<'a> {
    /// The next value; `None` at the end, or where there is no value.
    pub fn next(&mut self) -> Option<Tlv<'a>> {
        let (value, rest) = read(self.0, DEPTH)?;
        self.0 = rest;
        Some(value)
    }

    /// The next value, which must be of that kind.
    pub fn take(&mut self, tag: u8) -> Option<Tlv<'a>> {
        self.next().filter(|value| value.tag == tag)
    }

    /// The next value if it is of that kind; nothing is passed over if it is not.
    pub fn maybe(&mut self, tag: u8) -> Option<Tlv<'a>> {
        (self.0.first() == Some(&tag)).then(|| self.next()).flatten()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn read(bytes: &[u8], depth: usize) -> Option<(Tlv<'_>, &[u8])> {
    let depth = depth.checked_sub(1)?;
    let (&tag, rest) = bytes.split_first()?;
    // Tags of more than one byte do not occur in what is read here.
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (&first, rest) = rest.split_first()?;
    if first == 0x80 {
        return endless(bytes, tag, rest, depth);
    }
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x0f))?;
            (length.iter().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    let raw = bytes.get(..bytes.len().checked_sub(rest.len())?)?;
    Some((Tlv { tag, content, raw }, rest))
}

/// A value that goes on until two zero bytes stand where the next one would.
fn endless<'a>(bytes: &'a [u8], tag: u8, content: &'a [u8], depth: usize) -> Option<(Tlv<'a>, &'a [u8])> {
    if tag & 0x20 == 0 {
        return None;
    }
    let mut rest = content;
    loop {
        if let Some(after) = rest.strip_prefix(&[0, 0]) {
            let content = content.get(..content.len().checked_sub(rest.len())?)?;
            let raw = bytes.get(..bytes.len().checked_sub(after.len())?)?;
            return Some((Tlv { tag, content, raw }, after));
        }
        rest = read(rest, depth)?.1;
    }
}

/// A value written out, in the one way DER knows.
pub(super) fn write(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let bytes = content.len().to_be_bytes();
    let significant: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
    match (content.len(), u8::try_from(significant.len())) {
        (..=0x7f, _) => out.push(significant.first().copied().unwrap_or_default()),
        (_, Ok(count)) => {
            out.push(0x80 | count);
            out.extend(significant);
        }
        (_, Err(_)) => {}
    }
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_with_and_without_an_end_are_read() {
        let definite = write(SEQUENCE, &[write(INTEGER, &[5]), write(OCTETS, &[7; 300])].concat());
        let mut values = Values(&definite);
        let outer = values.take(SEQUENCE).unwrap();
        assert!(values.is_empty());
        let mut inner = outer.inside();
        assert_eq!(inner.take(INTEGER).unwrap().content, [5]);
        assert_eq!(&*inner.take(OCTETS).unwrap().octets().unwrap(), [7; 300]);
        // The same in pieces, as older software writes.
        let endless = [&[0x30, 0x80, 0x24, 0x80, 4, 1, 1, 4, 2, 2, 3, 0, 0, 0, 0][..], &[9, 9]].concat();
        let mut values = Values(&endless);
        let outer = values.take(SEQUENCE).unwrap();
        assert_eq!(&*outer.inside().next().unwrap().octets().unwrap(), [1, 2, 3]);
        assert_eq!(values.0, [9, 9]);
    }

    #[test]
    fn what_breaks_off_or_nests_without_end_is_no_value() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 5, 1],
            &[0x30, 0x80, 2, 1, 1],
            &[0x30, 0x85, 1, 1, 1, 1, 1],
            &[0x1f, 1, 1],
        ] {
            assert!(Values(bytes).next().is_none(), "{bytes:?}");
        }
        assert!(Values(&[0x30, 0x80].repeat(100_000)).next().is_none());
    }
}
