//! Values of the binary XML as Windows shows them.

use std::fmt::Write;

use domain::event::Kind;
use jiff::Timestamp;

use super::bytes::{Bytes, utf16};

/// XML in a value.
pub const XML: u8 = 0x21;
/// The bit of a list.
const LIST: u8 = 0x80;

/// A value: its type, and where in the chunk its bytes lie.
#[derive(Clone, Copy, Debug, Default)]
pub struct Value {
    /// Microsoft's number of the type.
    pub kind: u8,
    pub from: usize,
    pub to: usize,
}

impl Value {
    /// Whether nothing is there.
    pub fn is_null(&self) -> bool {
        self.kind == 0
    }

    /// The parts of a list; nothing of a single value.
    pub fn list(&self, chunk: &[u8]) -> Option<Vec<Value>> {
        if self.kind & LIST == 0 {
            return None;
        }
        let kind = self.kind & !LIST;
        let bytes = chunk.get(self.from..self.to).unwrap_or_default();
        let mut from = self.from;
        // One after the other; `ended`: with so many bytes after each that are not its own.
        let mut one = |length: usize, ended: usize| {
            let own = Value { kind, from, to: from + length };
            from += length + ended;
            own
        };
        let size = match kind {
            // Texts end with a zero each.
            1 => {
                let (units, _) = bytes.as_chunks::<2>();
                let mut all: Vec<Value> =
                    units.split(|unit| *unit == [0, 0]).map(|part| one(part.len() * 2, 2)).collect();
                if all.last().is_some_and(|last| last.from == last.to) {
                    all.pop();
                }
                return Some(all);
            }
            2 => {
                let all = bytes.split(|byte| *byte == 0).map(|part| one(part.len(), 1));
                return Some(all.filter(|own| own.from < own.to).collect());
            }
            3 | 4 => 1,
            5 | 6 => 2,
            7 | 8 | 0x0b | 0x0d | 0x14 => 4,
            9 | 0x0a | 0x0c | 0x11 | 0x15 => 8,
            0x0f | 0x12 => 16,
            _ => return Some(vec![one(bytes.len(), 0)]),
        };
        Some(bytes.chunks(size).map(|part| one(part.len(), 0)).collect())
    }

    /// Puts it at a text's end; what it was. Nothing where its bytes are too few.
    pub fn write(&self, chunk: &[u8], out: &mut String) -> Option<Kind> {
        let all = chunk.get(self.from..self.to)?;
        let mut bytes = Bytes::new(all);
        macro_rules! number {
            ($own:expr) => {{
                let _ = write!(out, "{}", $own);
                Kind::Number
            }};
        }
        macro_rules! whole {
            ($own:expr) => {{
                out.push_str(itoa::Buffer::new().format($own));
                Kind::Number
            }};
        }
        Some(match self.kind {
            0 => Kind::Null,
            1 => {
                utf16(all, out);
                Kind::Text
            }
            2 => {
                out.extend(all.iter().take_while(|b| **b != 0).map(|b| char::from(*b)));
                Kind::Text
            }
            3 => whole!(bytes.u8()?.cast_signed()),
            4 => whole!(bytes.u8()?),
            5 => whole!(bytes.u16()?.cast_signed()),
            6 => whole!(bytes.u16()?),
            7 => whole!(bytes.u32()?.cast_signed()),
            8 => whole!(bytes.u32()?),
            9 => whole!(bytes.u64()?.cast_signed()),
            0x0a => whole!(bytes.u64()?),
            0x0b => number!(f32::from_bits(bytes.u32()?)),
            0x0c => number!(f64::from_bits(bytes.u64()?)),
            0x0d => {
                out.push_str(if bytes.u32()? == 0 { "false" } else { "true" });
                Kind::Bool
            }
            0x0e => {
                all.iter().for_each(|byte| digits(u64::from(*byte), 2, b"0123456789ABCDEF", out));
                Kind::Text
            }
            0x0f => guid(&mut bytes, out)?,
            0x10 if all.len() == 4 => hex(u64::from(bytes.u32()?), out),
            0x14 => hex(u64::from(bytes.u32()?), out),
            0x10 | 0x15 => hex(bytes.u64()?, out),
            0x11 => {
                let _ = write!(out, "{}", filetime(bytes.u64()?)?);
                Kind::Text
            }
            0x12 => systemtime(&mut bytes, out)?,
            0x13 => sid(&mut bytes, out)?,
            _ => return None,
        })
    }
}

/// The last so many digits of a number to the base of sixteen.
fn digits(number: u64, count: u32, signs: &[u8; 16], out: &mut String) {
    for digit in (0..count).rev() {
        let sign = signs.get((number >> (digit * 4) & 15) as usize).copied().unwrap_or_default();
        out.push(char::from(sign));
    }
}

const SMALL: &[u8; 16] = b"0123456789abcdef";

fn hex(number: u64, out: &mut String) -> Kind {
    out.push_str("0x");
    digits(number, (u64::BITS - number.leading_zeros()).div_ceil(4).max(1), SMALL, out);
    Kind::Text
}

/// As Windows shows it: in braces, small letters.
fn guid(bytes: &mut Bytes<'_>, out: &mut String) -> Option<Kind> {
    let (a, b, c) = (bytes.u32()?, bytes.u16()?, bytes.u16()?);
    let rest = bytes.take(8)?;
    out.push('{');
    digits(u64::from(a), 8, SMALL, out);
    for part in [b, c] {
        out.push('-');
        digits(u64::from(part), 4, SMALL, out);
    }
    for (n, byte) in rest.iter().enumerate() {
        if n % 8 == 0 || n == 2 {
            out.push('-');
        }
        digits(u64::from(*byte), 2, SMALL, out);
    }
    out.push('}');
    Some(Kind::Text)
}

/// Tenths of microseconds since 1601.
fn filetime(ticks: u64) -> Option<Timestamp> {
    let seconds = i64::try_from(ticks / 10_000_000).ok()?.checked_sub(11_644_473_600)?;
    Timestamp::new(seconds, i32::try_from(ticks % 10_000_000).ok()? * 100).ok()
}

fn systemtime(bytes: &mut Bytes<'_>, out: &mut String) -> Option<Kind> {
    let (year, month, _, day) = (bytes.u16()?, bytes.u16()?, bytes.u16()?, bytes.u16()?);
    let (hour, minute, second, milli) = (bytes.u16()?, bytes.u16()?, bytes.u16()?, bytes.u16()?);
    let _ = write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z");
    Some(Kind::Text)
}

fn sid(bytes: &mut Bytes<'_>, out: &mut String) -> Option<Kind> {
    let (revision, count) = (bytes.u8()?, bytes.u8()?);
    let authority = bytes.take(6)?.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let _ = write!(out, "S-{revision}-{authority}");
    for _ in 0..count {
        out.push('-');
        out.push_str(itoa::Buffer::new().format(bytes.u32()?));
    }
    Some(Kind::Text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_windows_shows_them() {
        let text = |kind: u8, bytes: &[u8]| {
            let mut out = String::new();
            let kind = Value { kind, from: 0, to: bytes.len() }.write(bytes, &mut out);
            (out, kind)
        };
        assert_eq!(text(1, b"a\0\xc9\x1e\0\0x\0").0, "aẹ".replace('ẹ', "\u{1ec9}"));
        assert_eq!(text(7, &(-5_i32).to_le_bytes()), ("-5".to_owned(), Some(Kind::Number)));
        assert_eq!(text(0x14, &[0x10, 0x14, 0, 0]).0, "0x1410");
        assert_eq!(text(0x0d, &[1, 0, 0, 0]), ("true".to_owned(), Some(Kind::Bool)));
        assert_eq!(text(0x13, &[1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]).0, "S-1-5-18");
        assert_eq!(text(0x11, &132_464_042_383_517_448_u64.to_le_bytes()).0, "2020-10-05T20:43:58.3517448Z");
        let guid = [1, 0, 0, 0, 2, 0, 3, 0, 4, 5, 6, 7, 8, 9, 10, 11];
        assert_eq!(text(0x0f, &guid).0, "{00000001-0002-0003-0405-060708090a0b}");
        assert_eq!(text(7, &[1, 2]).1, None, "too few bytes");
        assert_eq!(text(0x14, &[0, 0, 0, 0]).0, "0x0");
        assert_eq!(text(0x15, &u64::MAX.to_le_bytes()).0, "0xffffffffffffffff");
        assert_eq!(text(0x0e, &[0, 0xab]).0, "00AB");
        let parts = |kind: u8, chunk: &[u8]| {
            let all = Value { kind, from: 0, to: chunk.len() }.list(chunk).unwrap();
            let write = |one: &Value| {
                let mut out = String::new();
                one.write(chunk, &mut out);
                out
            };
            all.iter().map(write).collect::<Vec<_>>()
        };
        assert_eq!(parts(0x81, b"a\0\0\0b\0c\0\0\0"), ["a", "bc"]);
        assert_eq!(parts(0x82, b"a\0\0bc\0"), ["a", "bc"]);
        assert_eq!(parts(0x86, &[1, 0, 2, 0, 3]), ["1", "2", ""]);
    }
}
