//! Values of the binary XML as Windows shows them.

use std::fmt::Write;

use domain::event::Kind;
use jiff::Timestamp;

use super::bytes::{Bytes, utf16};

/// XML in a value.
pub const XML: u8 = 0x21;
/// The bit of a list.
const LIST: u8 = 0x80;

/// A value: its type and its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Value<'b> {
    /// Microsoft's number of the type.
    pub kind: u8,
    /// Where it lies in the chunk.
    pub from: usize,
    /// Its bytes.
    pub bytes: &'b [u8],
}

impl<'b> Value<'b> {
    /// Whether nothing is there.
    pub fn is_null(&self) -> bool {
        self.kind == 0
    }

    /// The parts of a list; nothing of a single value.
    pub fn list(&self) -> Option<Vec<Value<'b>>> {
        if self.kind & LIST == 0 {
            return None;
        }
        let kind = self.kind & !LIST;
        let one = |bytes: &'b [u8]| Value { kind, from: 0, bytes };
        let size = match kind {
            // Texts end with a zero each.
            1 => {
                let (units, _) = self.bytes.as_chunks::<2>();
                let bytes = |part: &'b [[u8; 2]]| one(part.as_flattened());
                let mut all: Vec<Value<'b>> = units.split(|unit| *unit == [0, 0]).map(bytes).collect();
                if all.last().is_some_and(|last| last.bytes.is_empty()) {
                    all.pop();
                }
                return Some(all);
            }
            2 => {
                return Some(
                    self.bytes.split(|byte| *byte == 0).filter(|b| !b.is_empty()).map(one).collect(),
                );
            }
            3 | 4 => 1,
            5 | 6 => 2,
            7 | 8 | 0x0b | 0x0d | 0x14 => 4,
            9 | 0x0a | 0x0c | 0x11 | 0x15 => 8,
            0x0f | 0x12 => 16,
            _ => return Some(vec![one(self.bytes)]),
        };
        Some(self.bytes.chunks(size).map(one).collect())
    }

    /// Puts it at a text's end; what it was. Nothing where its bytes are too few.
    pub fn write(&self, out: &mut String) -> Option<Kind> {
        let mut bytes = Bytes::new(self.bytes);
        macro_rules! number {
            ($own:expr) => {{
                let _ = write!(out, "{}", $own);
                Kind::Number
            }};
        }
        Some(match self.kind {
            0 => Kind::Null,
            1 => {
                utf16(self.bytes, out);
                Kind::Text
            }
            2 => {
                out.extend(self.bytes.iter().take_while(|b| **b != 0).map(|b| char::from(*b)));
                Kind::Text
            }
            3 => number!(bytes.u8()?.cast_signed()),
            4 => number!(bytes.u8()?),
            5 => number!(bytes.u16()?.cast_signed()),
            6 => number!(bytes.u16()?),
            7 => number!(bytes.u32()?.cast_signed()),
            8 => number!(bytes.u32()?),
            9 => number!(bytes.u64()?.cast_signed()),
            0x0a => number!(bytes.u64()?),
            0x0b => number!(f32::from_bits(bytes.u32()?)),
            0x0c => number!(f64::from_bits(bytes.u64()?)),
            0x0d => {
                out.push_str(if bytes.u32()? == 0 { "false" } else { "true" });
                Kind::Bool
            }
            0x0e => {
                for byte in self.bytes {
                    let _ = write!(out, "{byte:02X}");
                }
                Kind::Text
            }
            0x0f => guid(&mut bytes, out)?,
            0x10 if self.bytes.len() == 4 => hex(u64::from(bytes.u32()?), out),
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

fn hex(number: u64, out: &mut String) -> Kind {
    let _ = write!(out, "{number:#x}");
    Kind::Text
}

/// As Windows shows it: in braces, small letters.
fn guid(bytes: &mut Bytes<'_>, out: &mut String) -> Option<Kind> {
    let (a, b, c) = (bytes.u32()?, bytes.u16()?, bytes.u16()?);
    let _ = write!(out, "{{{a:08x}-{b:04x}-{c:04x}-");
    for (n, byte) in bytes.take(8)?.iter().enumerate() {
        let _ = write!(out, "{}{byte:02x}", if n == 2 { "-" } else { "" });
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
        let _ = write!(out, "-{}", bytes.u32()?);
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
            let kind = Value { kind, from: 0, bytes }.write(&mut out);
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
        let list = Value { kind: 0x81, from: 0, bytes: b"a\0\0\0b\0\0\0" }.list().unwrap();
        assert_eq!(list.len(), 2);
    }
}
