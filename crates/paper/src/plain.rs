//! Bytes of plain text to text.

use crate::error::PaperError;
use crate::legacy;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The text and the name of its encoding.
///
/// # Errors
/// [`PaperError::UnknownEncoding`] when the bytes are neither Unicode nor certainly one of the old
/// Vietnamese encodings: a guess would change what a letter says.
pub(crate) fn decode(bytes: &[u8]) -> Result<(String, &'static str), PaperError> {
    if let Some((encoding, name)) = unicode(bytes) {
        let (text, broken) = encoding.decode_with_bom_removal(bytes);
        return if broken { Err(PaperError::UnknownEncoding) } else { Ok((text.into_owned(), name)) };
    }
    legacy::decode(bytes).ok_or(PaperError::UnknownEncoding)
}

/// The Unicode form the bytes are in, by their mark or their shape.
fn unicode(bytes: &[u8]) -> Option<(&'static Encoding, &'static str)> {
    match Encoding::for_bom(bytes) {
        Some((encoding, _)) if encoding == UTF_16LE => return Some((UTF_16LE, "utf-16le")),
        Some((encoding, _)) if encoding == UTF_16BE => return Some((UTF_16BE, "utf-16be")),
        Some(_) => return Some((UTF_8, "utf-8")),
        None => {}
    }
    if !bytes.contains(&0) {
        return std::str::from_utf8(bytes).is_ok().then_some((UTF_8, "utf-8"));
    }
    // Spaces and digits leave every other byte zero, even in Vietnamese.
    let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let pairs = bytes.len() / 2;
    let (encoding, name) = match (zeros(0), zeros(1)) {
        (0, high) if high * 5 > pairs => (UTF_16LE, "utf-16le"),
        (high, 0) if high * 5 > pairs => (UTF_16BE, "utf-16be"),
        _ => return None,
    };
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let no_controls = text.chars().all(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{c}'));
    no_controls.then_some((encoding, name))
}

/// The first bytes of a file as text, for telling kinds apart; `None` when they are no text at all.
/// Old encodings come out garbled, which does not matter for that.
pub(crate) fn head_of_text(head: &[u8]) -> Option<String> {
    if let Some((encoding, _)) = unicode(head)
        && encoding != UTF_8
    {
        return Some(encoding.decode_with_bom_removal(head).0.into_owned());
    }
    may_be_text(head).then(|| {
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        String::from_utf8_lossy(head).into_owned()
    })
}

/// No control characters but those of text.
pub(crate) fn may_be_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| !matches!(byte, 0..=8 | 0xb | 0xe..=0x1a | 0x1c..=0x1f | 0x7f))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unicode_is_told_by_mark_and_by_shape() {
        let words = "Số: 12/SKHCN\nKính gửi: Các sở, ban, ngành";
        let wide = |order: fn(u16) -> [u8; 2]| words.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        assert_eq!(decode(words.as_bytes()), Ok((words.into(), "utf-8")));
        assert_eq!(decode(format!("\u{feff}{words}").as_bytes()), Ok((words.into(), "utf-8")));
        assert_eq!(decode(&wide(u16::to_le_bytes)), Ok((words.into(), "utf-16le")));
        assert_eq!(decode(&wide(u16::to_be_bytes)), Ok((words.into(), "utf-16be")));
        assert_eq!(
            decode(&[&b"\xff\xfe"[..], &wide(u16::to_le_bytes)].concat()),
            Ok((words.into(), "utf-16le"))
        );
        assert_eq!(decode(b"d\xe9j\xe0 vu"), Err(PaperError::UnknownEncoding));
        assert_eq!(decode(b"\xff\xfe\0"), Err(PaperError::UnknownEncoding));
    }
}
