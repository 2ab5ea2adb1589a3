//! Marks of Vietnamese letters, compared where a scan may have changed them.

use std::collections::HashSet;
use unicode_normalization::UnicodeNormalization;

/// One syllable of a phrase.
#[derive(Debug, Clone)]
pub(crate) struct Syllable {
    pub(crate) letters: usize,
    /// Its characters as they are written, in lower case.
    pub(crate) chars: Vec<char>,
    /// Its letters and marks, sorted.
    pub(crate) parts: Vec<char>,
}

impl Syllable {
    /// The syllables of a phrase.
    pub(crate) fn all(source: &str) -> Vec<Self> {
        let parts = source.split(|c: char| !c.is_alphanumeric()).filter(|s| !s.is_empty());
        parts
            .map(|s| {
                let chars: Vec<char> = s.nfc().flat_map(char::to_lowercase).collect();
                Self { letters: chars.len(), parts: sorted_parts(&chars), chars }
            })
            .collect()
    }
}

/// The characters and marks in an order of their own: "hoà" and "hòa" are alike, "hồng" and "hổng" are not.
pub(crate) fn sorted_marks(marked: &[char]) -> String {
    sorted_parts(marked).into_iter().collect()
}

pub(crate) fn sorted_parts(marked: &[char]) -> Vec<char> {
    let mut parts: Vec<char> = marked
        .iter()
        .flat_map(|c| match c {
            // The stroke is a mark like the others, though Unicode keeps it in the letter.
            'đ' => vec!['d', '\u{335}'],
            c => std::iter::once(*c).nfd().collect(),
        })
        .collect();
    parts.sort_unstable();
    parts
}

/// Whether the marks there can be those of the phrase: some may be lost, and in a longer phrase half of the syllables may
/// bear wrong ones; "và các" is no "vá các", "bảo vệ" no "báo về". `None`: they cannot; `Some(true)`: only if a scan
/// made one word of another ("tuyến truyền" of "tuyên truyền").
pub(crate) fn marks_fit(syllables: &[Syllable], here: &[char], known: &HashSet<Vec<char>>) -> Option<bool> {
    let mut at = 0;
    let mut wrong = 0;
    let mut strange = false;
    let letters: usize = syllables.iter().map(|s| s.letters).sum();
    for syllable in syllables {
        let written = here.get(at..at + syllable.letters).unwrap_or_default();
        at += syllable.letters;
        if written == syllable.chars {
            continue;
        }
        let there = sorted_parts(written);
        if there == syllable.parts {
            continue;
        }
        // Short ones lose no mark in a sound paper: "thuê bao về" reports nothing ("báo về").
        strange |= letters < 8 || known.contains(&there);
        let mut wanted = syllable.parts.iter();
        let lost = there.iter().all(|c| wanted.any(|w| w == c));
        if !(lost && letters >= 4) {
            wrong += 1;
        }
    }
    (wrong == 0 || letters >= 6 && wrong * 2 <= syllables.len()).then_some(strange)
}
