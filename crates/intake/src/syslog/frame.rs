//! Messages in a stream (RFC 6587): octet counting and ends of lines, each message in its own way.

/// The longest message in a stream; a sender of longer ones is not sending syslog.
pub const MESSAGE: usize = 1 << 20;
/// Digits of a length.
const DIGITS: usize = 7;

/// What a stream holds at its beginning.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// A message at these places, and where the one after it begins.
    Message(std::ops::Range<usize>, usize),
    /// More is needed.
    More,
    /// This is no syslog.
    Never,
}

/// The first message of a buffer.
pub fn next(buffer: &[u8]) -> Next {
    if let Some((len, head)) = counted(buffer) {
        if len > MESSAGE {
            return Next::Never;
        }
        let end = head.saturating_add(len);
        return if buffer.len() >= end { Next::Message(head..end, end) } else { Next::More };
    }
    match buffer.iter().position(|b| matches!(b, b'\n' | b'\0')) {
        Some(end) => Next::Message(0..end, end + 1),
        None if buffer.len() > MESSAGE => Next::Never,
        None => Next::More,
    }
}

/// `123 <34>…`: the length, and where the message begins. Digits without a `<` behind them are a line.
fn counted(buffer: &[u8]) -> Option<(usize, usize)> {
    let digits = buffer.iter().take(DIGITS + 1).take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 || digits > DIGITS || buffer.first() == Some(&b'0') {
        return None;
    }
    if buffer.get(digits) != Some(&b' ') || buffer.get(digits + 1).is_some_and(|b| *b != b'<') {
        return None;
    }
    // Whether a `<` follows is not known yet: wait for it as for a message.
    buffer.get(digits + 1)?;
    let len = std::str::from_utf8(buffer.get(..digits)?).ok()?.parse().ok()?;
    Some((len, digits + 1))
}

/// Without what stands around a message on the wire.
pub fn trimmed(mut line: &[u8]) -> &[u8] {
    while let [rest @ .., b'\n' | b'\r' | b'\0'] = line {
        line = rest;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All messages of a stream that comes in pieces of that size.
    fn all(stream: &[u8], piece: usize) -> Vec<String> {
        let (mut buffer, mut out) = (Vec::new(), Vec::new());
        for bytes in stream.chunks(piece) {
            buffer.extend_from_slice(bytes);
            while let Next::Message(at, then) = next(&buffer) {
                out.push(String::from_utf8_lossy(trimmed(&buffer[at])).into_owned());
                buffer.drain(..then);
            }
        }
        out
    }

    #[test]
    fn both_framings_in_one_stream_whatever_the_pieces() {
        let stream = b"<34>one\n9 <34>two\nl\r\n<34>three\r\n5 <1>ab2026 is a year\n10 <34>four\0x<34>five\0";
        for piece in 1..stream.len() {
            assert_eq!(
                all(stream, piece),
                [
                    "<34>one",
                    "<34>two\nl",
                    "",
                    "<34>three",
                    "<1>ab",
                    "2026 is a year",
                    "<34>four\0x",
                    "<34>five"
                ],
                "pieces of {piece}"
            );
        }
    }

    #[test]
    fn what_has_no_end_is_given_up() {
        assert_eq!(next(&vec![b'x'; MESSAGE + 1]), Next::Never);
        assert_eq!(next(b"9999999 <34>x"), Next::Never);
    }

    use proptest::{collection::vec, prelude::*, sample::select, test_runner::RngSeed};

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 1_000, failure_persistence: None, rng_seed: RngSeed::Fixed(6), ..ProptestConfig::default()
        })]

        #[test]
        fn any_stream_is_the_same_messages_however_it_comes(parts in vec(prop_oneof![
            select(vec!["<34>a", "5 <1>b", "12 <34>", "0 ", "9999999 <", "1048577 <1>", "10 ", "7", "\n", "\r\n", "\0", " <"])
                .prop_map(|text| text.as_bytes().to_vec()),
            vec(any::<u8>(), 0..6),
        ], 0..30), piece in 1..20_usize) {
            let stream = parts.concat();
            let whole = all(&stream, stream.len().max(1));
            prop_assert!(whole.len() <= stream.len(), "each message takes something of the stream");
            prop_assert_eq!(all(&stream, piece), whole);
        }
    }
}
