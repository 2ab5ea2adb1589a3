//! Bytes to text: Windows writes UTF-16, UTF-8 or the code page of its language, which here is 1258.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1258};

/// The text, and whether every character of it could be decoded.
#[must_use]
pub fn decode(bytes: &[u8]) -> (String, bool) {
    let (encoding, rest) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, bytes.get(length..).unwrap_or_default()),
        None => (guess(bytes), bytes),
    };
    let (text, broken) = encoding.decode_without_bom_handling(rest);
    // NUL stands in no report; it is what is left of a wrong guess or of a file padded with it.
    let text = if text.contains('\0') { text.replace('\0', "") } else { text.into_owned() };
    (text, !broken)
}

/// Without a mark at the beginning: every other byte zero is UTF-16, and what is not UTF-8 is the code page.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let start = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let zeros = |odd: usize| start.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let half = start.len() / 2;
    if half > 4 && zeros(1) * 10 > half * 6 {
        return UTF_16LE;
    }
    if half > 4 && zeros(0) * 10 > half * 6 {
        return UTF_16BE;
    }
    if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1258 }
}
