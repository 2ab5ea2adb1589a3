//! What modifiers make of a value before it is looked for: Base64 at each offset, UTF-16, the dashes of Windows.

use super::pattern::{DASHES, Part, Pattern};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
        let all = byte(0) << 16 | byte(1) << 8 | byte(2);
        for n in 0..4_usize {
            let six = (all >> (18 - 6 * n)) & 63;
            let letter = ALPHABET.get(six as usize).copied().unwrap_or(b'=');
            out.push(if n <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// What of the bytes' Base64 does not depend on what stands before and after, for each of three offsets.
pub fn base64_offsets(bytes: &[u8]) -> [String; 3] {
    [0_usize, 1, 2].map(|offset| {
        let shifted: Vec<u8> = std::iter::repeat_n(b' ', offset).chain(bytes.iter().copied()).collect();
        let all = base64(&shifted);
        let skip = [0, 2, 3].get(offset).copied().unwrap_or(0);
        let cut = [0, 3, 2].get(shifted.len() % 3).copied().unwrap_or(0);
        let keep = all.len().saturating_sub(skip + cut);
        all.chars().skip(skip).take(keep).collect()
    })
}

/// UTF-16 of a text, little or big end first, with or without the mark of which.
pub fn utf16(text: &str, big: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// The most dashes of a value for which every combination is written out; beyond, each is a wildcard of its own.
const WRITTEN_OUT: usize = 2;

/// The value with every dash or slash that begins an option in each form Windows programs take.
pub fn windash(pattern: &Pattern) -> Vec<Pattern> {
    let mut parts = Vec::new();
    let mut dashes = 0_usize;
    for part in &pattern.0 {
        let Part::Text(text) = part else {
            parts.push(part.clone());
            continue;
        };
        let mut run = String::new();
        let mut before: Option<char> = None;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let option = matches!(c, '-' | '/')
                && !before.is_some_and(word)
                && chars.peek().copied().is_some_and(word);
            if option {
                if !run.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut run)));
                }
                parts.push(Part::Dash);
                dashes += 1;
            } else {
                run.push(c);
            }
            before = Some(c);
        }
        if !run.is_empty() {
            parts.push(Part::Text(run));
        }
    }
    if dashes > WRITTEN_OUT {
        return vec![Pattern(parts)];
    }
    let mut out = vec![Pattern::default()];
    for part in parts {
        let choices: Vec<Part> = match part {
            Part::Dash => DASHES.iter().map(|c| Part::Text(c.to_string())).collect(),
            part => vec![part],
        };
        out = out.iter().flat_map(|so_far| choices.iter().map(|choice| joined(so_far, choice))).collect();
    }
    out
}

fn joined(pattern: &Pattern, part: &Part) -> Pattern {
    let mut parts = pattern.0.clone();
    match (parts.last_mut(), part) {
        (Some(Part::Text(text)), Part::Text(more)) => text.push_str(more),
        _ => parts.push(part.clone()),
    }
    Pattern(parts)
}

fn word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_others_write_it() {
        assert_eq!(base64(b""), "");
        assert_eq!(base64(b"f"), "Zg==");
        assert_eq!(base64(b"fo"), "Zm8=");
        assert_eq!(base64(b"foobar"), "Zm9vYmFy");
    }

    #[test]
    fn what_is_found_at_any_offset() {
        // Whatever stands before and after, one of the three is in the whole.
        let parts = base64_offsets(b"IEX (New-Object");
        for (before, after) in [("", ""), ("a", "bc"), ("ab", "c"), ("abc", "defg"), ("abcd", "e")] {
            let whole = base64(format!("{before}IEX (New-Object{after}").as_bytes());
            assert!(parts.iter().any(|part| whole.contains(part.as_str())), "{whole} has none of {parts:?}");
        }
    }

    #[test]
    fn dashes_that_begin_an_option_only() {
        let all: Vec<String> =
            windash(&Pattern::read(" -enc a-b", false)).iter().map(Pattern::to_string).collect();
        assert_eq!(all.len(), 5);
        assert!(all.contains(&" /enc a-b".to_owned()) && all.contains(&" \u{2013}enc a-b".to_owned()));
        assert_eq!(windash(&Pattern::read("-a -b -c", false)).len(), 1);
        assert_eq!(windash(&Pattern::read("-a /b", false)).len(), 25);
    }
}
