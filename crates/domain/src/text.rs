//! Vietnamese text for search and order: folding, sort keys, and folded text that remembers where it came from.
//!
//! `lower`, `LIKE` and collation differ between SQLite and PostgreSQL, so the store keeps these forms in columns
//! of their own and compares bytes.

use std::ops::Range;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The text in lower case without Vietnamese (or other) marks, đ as d, every run of white space one blank, ends trimmed.
///
/// Composed and decomposed input give the same result. Used for search columns and for comparing names.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_combining_mark(*c) && !is_invisible(*c)) {
        if c.is_whitespace() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else {
            out.extend(fold_base(c));
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

/// One character in lower case without its marks; characters that have no simpler form come back unchanged.
///
/// Always exactly one character, so text folded with it keeps its character offsets.
pub fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let base = std::iter::once(c).nfd().next().unwrap_or(c);
    fold_base(base).next().unwrap_or(base)
}

fn fold_base(c: char) -> impl Iterator<Item = char> {
    let c = if matches!(c, 'đ' | 'Đ' | 'Ð' | 'ð') { 'd' } else { c };
    c.to_lowercase().filter(|c| !is_combining_mark(*c))
}

/// Characters that are never seen: zero-width marks and soft hyphens that word processors leave behind.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// The letters of the Vietnamese alphabet in its order, with the four Latin letters it borrows at their usual places.
const ALPHABET: &str = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";

/// A key whose byte order is Vietnamese dictionary order: a ă â b c d đ e ê …, then tones (level, huyền, hỏi, ngã, sắc, nặng).
///
/// Case and punctuation do not count. Letters decide first; tones only break a tie of all letters. The key is made of
/// printable ASCII for Vietnamese input, so SQLite's `BINARY` and PostgreSQL's `"C"` order it alike.
pub fn sort_key(text: &str) -> String {
    let mut letters = String::with_capacity(text.len() * 2);
    let mut tones = String::new();
    for c in text.nfc().filter(|c| !is_invisible(*c)) {
        let (letter, tone) = letter_and_tone(c);
        match ALPHABET.chars().position(|a| a == letter) {
            // Thirty-three letters from 'A' on; digits lie below them, the word gap below digits.
            Some(at) => letters.push(char::from(b'A' + u8::try_from(at).unwrap_or(0))),
            None if letter.is_ascii_digit() => letters.push(letter),
            None if letter.is_alphanumeric() => {
                letters.push('~');
                letters.push(letter);
            }
            None => {
                if !letters.is_empty() && !letters.ends_with('!') {
                    letters.push('!');
                }
                continue;
            }
        }
        tones.push(tone);
    }
    let letters = letters.trim_end_matches('!');
    let tones = tones.trim_end_matches('0');
    format!("{letters} {tones}")
}

/// The lower-case letter with its shape mark (ă, ơ, đ …) but without its tone, and the tone's rank.
fn letter_and_tone(c: char) -> (char, char) {
    let mut tone = '0';
    let kept: String = c
        .to_lowercase()
        .nfd()
        .filter(|m| {
            let rank = match m {
                '\u{300}' => '1',
                '\u{309}' => '2',
                '\u{303}' => '3',
                '\u{301}' => '4',
                '\u{323}' => '5',
                _ => return true,
            };
            tone = rank;
            false
        })
        .nfc()
        .collect();
    (kept.chars().next().unwrap_or(c), tone)
}

/// Folded text that knows from which characters of the original every part of it came.
///
/// ```
/// let text = domain::text::Folded::new("Đường  dây NÓNG");
/// let at = text.text().find("day nong").unwrap();
/// assert_eq!(text.original(at..at + 8), 7..15);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded {
    text: String,
    /// For every byte of `text`, the range of original characters its character was read from.
    from: Vec<(usize, usize)>,
}

impl Folded {
    /// Folds as [`fold`] does.
    pub fn new(text: &str) -> Self {
        let mut folded =
            Self { text: String::with_capacity(text.len()), from: Vec::with_capacity(text.len()) };
        for (at, c) in text.chars().enumerate() {
            if is_invisible(c) {
                continue;
            }
            if is_combining_mark(c) {
                folded.extend_last(at + 1);
            } else if c.is_whitespace() {
                if folded.text.ends_with(' ') {
                    folded.extend_last(at + 1);
                } else if !folded.text.is_empty() {
                    folded.push(' ', at);
                }
            } else {
                for base in std::iter::once(c).nfd().filter(|c| !is_combining_mark(*c)) {
                    for low in fold_base(base) {
                        folded.push(low, at);
                    }
                }
            }
        }
        if folded.text.ends_with(' ') {
            folded.text.pop();
            folded.from.pop();
        }
        folded
    }

    fn push(&mut self, c: char, at: usize) {
        self.text.push(c);
        self.from.extend(std::iter::repeat_n((at, at + 1), c.len_utf8()));
    }

    fn extend_last(&mut self, end: usize) {
        if let Some(last) = self.from.last().copied() {
            for of in self.from.iter_mut().rev().take_while(|of| **of == last) {
                of.1 = end;
            }
        }
    }

    /// The folded text, equal to `fold` of the original.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The range of characters of the original from which this range of bytes of the folded text was read.
    ///
    /// A range outside the text is cut to it; an empty one gives an empty range.
    pub fn original(&self, bytes: Range<usize>) -> Range<usize> {
        let start = self.from.get(bytes.start).map(|of| of.0);
        let last = bytes.end.min(self.from.len()).checked_sub(1).filter(|last| *last >= bytes.start);
        match (start, last.and_then(|last| self.from.get(last))) {
            (Some(start), Some(last)) => start..last.1,
            (Some(start), None) => start..start,
            (None, _) => {
                let end = self.from.last().map_or(0, |of| of.1);
                end..end
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization;

    #[test]
    fn folding_strips_marks_case_and_spare_blanks() {
        assert_eq!(fold("  Ủy ban\u{a0}nhân  dân\nTỈNH Đắk\tLắk "), "uy ban nhan dan tinh dak lak");
        assert_eq!(fold("lỗ hổng"), fold("lỗ hồng"));
        let decomposed: String = "Sở Thông tin và Truyền thông".nfd().collect();
        assert_eq!(fold(&decomposed), "so thong tin va truyen thong");
        assert_eq!(fold("ma\u{200b}̃ đo\u{ad}̣c"), "ma doc");
        assert_eq!(fold(""), "");
    }

    #[test]
    fn one_character_folds_to_one() {
        for (c, want) in [('Ự', 'u'), ('đ', 'd'), ('Đ', 'd'), ('X', 'x'), ('–', '–'), ('İ', 'i'), ('ß', 'ß')]
        {
            assert_eq!(fold_char(c), want);
        }
    }

    #[test]
    fn sorts_as_a_vietnamese_dictionary() {
        let want = [
            "An Giang",
            "Ăn",
            "Ân",
            "Bà",
            "bả",
            "bã",
            "Bá",
            "Bạ",
            "ban",
            "Bàn cờ",
            "Cà Mau",
            "Dũng",
            "Đà Nẵng",
            "Đắk Lắk",
            "Em",
            "Êm",
            "Huế",
            "Oanh",
            "Ôn",
            "Ơn",
            "Thái Bình",
            "Thái Nguyên",
            "Uyên",
            "Ưng",
            "Xuân",
            "Yên Bái",
        ];
        let mut got = want;
        got.reverse();
        got.sort_by_key(|name| sort_key(name));
        assert_eq!(got, want);
    }

    #[test]
    fn shorter_names_and_numbers_come_first() {
        assert!(sort_key("Lê An") < sort_key("Lê An Bình"));
        assert!(sort_key("Lê An") < sort_key("Lệ An"));
        assert!(sort_key("Lệ An") < sort_key("Lê Anh"));
        assert!(sort_key("Tổ 1") < sort_key("Tổ Ba"));
        assert_eq!(sort_key("bảo đảm"), sort_key("BẢO - ĐẢM".nfd().collect::<String>().as_str()));
        assert!(sort_key("Hòa").is_ascii());
    }

    #[test]
    fn folded_text_points_back() {
        let text: String = format!("  A {} \n\n Đầu\u{200b} mối: 0243", "lỗ hổng".nfd().collect::<String>());
        let folded = Folded::new(&text);
        assert_eq!(folded.text(), fold(&text));
        for word in ["lo", "hong", "dau moi", "0243"] {
            let at = folded.text().find(word).unwrap();
            let range = folded.original(at..at + word.len());
            let there: String = text.chars().skip(range.start).take(range.len()).collect();
            assert_eq!(fold(&there), word);
        }
        assert_eq!(folded.original(1000..2000), folded.original(folded.text().len()..usize::MAX));
    }
}
