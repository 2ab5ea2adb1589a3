//! Text that keeps three views in step: the characters as written (composed), a folded ASCII view for matching, and
//! for every character the range of characters of the input it came from.
//!
//! The folded view has exactly one byte for each character, so an offset found by a regex *is* a character offset.

use crate::limits::MAX_CHARS;
use domain::text::{fold_char, is_invisible};
use std::ops::Range;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A run of text with its folded view and its origin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text {
    chars: Vec<char>,
    folded: String,
    from: Vec<(usize, usize)>,
}

impl Text {
    /// Reads the input: composed (NFC), invisible characters dropped, cut at `MAX_CHARS`.
    pub(crate) fn new(input: &str) -> Self {
        let mut text = Self::default();
        let mut cluster = String::new();
        let mut start = 0;
        let mut end = 0;
        for (at, c) in input.chars().take(MAX_CHARS).enumerate() {
            if is_invisible(c) {
                continue;
            }
            if is_combining_mark(c) && !cluster.is_empty() {
                cluster.push(c);
                end = at + 1;
                continue;
            }
            text.push_cluster(&cluster, start, end);
            cluster.clear();
            cluster.push(c);
            start = at;
            end = at + 1;
        }
        text.push_cluster(&cluster, start, end);
        text
    }

    fn push_cluster(&mut self, cluster: &str, start: usize, end: usize) {
        // A base with more marks than a composed letter can hold keeps its first composed character only.
        if let Some(c) = cluster.nfc().next() {
            self.push(c, start, end);
        }
    }

    pub(crate) fn push(&mut self, c: char, start: usize, end: usize) {
        self.chars.push(c);
        self.folded.push(ascii(c));
        self.from.push((start, end));
    }

    /// Number of characters; also the number of bytes of the folded view.
    pub(crate) fn len(&self) -> usize {
        self.chars.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.chars.is_empty()
    }

    /// The folded view: lower-case ASCII without marks, one byte a character.
    pub(crate) fn folded(&self) -> &str {
        &self.folded
    }

    /// A part of the folded view; empty when the range lies outside.
    pub(crate) fn folded_at(&self, range: Range<usize>) -> &str {
        self.folded.get(range).unwrap_or_default()
    }

    pub(crate) fn char_at(&self, at: usize) -> Option<char> {
        self.chars.get(at).copied()
    }

    pub(crate) fn chars(&self) -> &[char] {
        &self.chars
    }

    /// The characters of a range as a string; empty when the range lies outside.
    pub(crate) fn str_at(&self, range: Range<usize>) -> String {
        self.chars.get(range).unwrap_or_default().iter().collect()
    }

    pub(crate) fn string(&self) -> String {
        self.chars.iter().collect()
    }

    /// A part as a text of its own.
    pub(crate) fn sub(&self, range: Range<usize>) -> Self {
        Self {
            chars: self.chars.get(range.clone()).unwrap_or_default().to_vec(),
            folded: self.folded_at(range.clone()).to_owned(),
            from: self.from.get(range).unwrap_or_default().to_vec(),
        }
    }

    /// The part left after cutting blanks from both ends.
    pub(crate) fn trimmed(&self) -> Self {
        self.trimmed_of(|c| c.is_whitespace())
    }

    /// The part left after cutting these characters from both ends.
    pub(crate) fn trimmed_of(&self, cut: impl Fn(char) -> bool) -> Self {
        let range = self.trim_range(0..self.len(), cut);
        if range == (0..self.len()) { self.clone() } else { self.sub(range) }
    }

    /// The range without these characters at its ends.
    pub(crate) fn trim_range(&self, range: Range<usize>, cut: impl Fn(char) -> bool) -> Range<usize> {
        let mut range = range.start.min(self.len())..range.end.min(self.len());
        while range.start < range.end && self.char_at(range.start).is_some_and(&cut) {
            range.start += 1;
        }
        while range.start < range.end && self.char_at(range.end - 1).is_some_and(&cut) {
            range.end -= 1;
        }
        range
    }

    /// Adds another text after a blank that belongs to neither.
    pub(crate) fn join(&mut self, next: &Self) {
        if next.is_empty() {
            return;
        }
        if let Some((_, end)) = self.from.last().copied() {
            self.push(' ', end, end);
        }
        self.chars.extend_from_slice(&next.chars);
        self.folded.push_str(&next.folded);
        self.from.extend_from_slice(&next.from);
    }

    /// Adds another text right behind, without a blank.
    pub(crate) fn append(&mut self, next: &Self) {
        self.chars.extend_from_slice(&next.chars);
        self.folded.push_str(&next.folded);
        self.from.extend_from_slice(&next.from);
    }

    pub(crate) fn joined<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.join(part);
        }
        all
    }

    /// Runs of blanks become one blank, ends trimmed; offsets follow.
    pub(crate) fn squeezed(&self) -> Self {
        let mut out = Self::default();
        for (c, (start, end)) in self.chars.iter().zip(&self.from) {
            if !c.is_whitespace() {
                out.push(*c, *start, *end);
            } else if out.chars.last().is_some_and(|last| *last != ' ') {
                out.push(' ', *start, *end);
            }
        }
        if out.chars.last() == Some(&' ') {
            out = out.sub(0..out.len() - 1);
        }
        out
    }

    /// The ranges of input characters behind a range of this text, merged where they touch or only joints lie between.
    pub(crate) fn origin(&self, range: Range<usize>) -> Vec<(usize, usize)> {
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for (start, end) in self.from.get(range).unwrap_or_default().iter().copied().filter(|(s, e)| s < e) {
            match ranges.last_mut() {
                Some(last) if last.1 == start => last.1 = end,
                _ => ranges.push((start, end)),
            }
        }
        ranges
    }

    /// Letters in capitals among all letters, 0 to 1; 0 when there are no letters.
    pub(crate) fn capitals(&self) -> f32 {
        let letters = self.chars.iter().filter(|c| c.is_alphabetic()).count();
        let capitals = self.chars.iter().filter(|c| c.is_uppercase()).count();
        if letters == 0 { 0.0 } else { capitals as f32 / letters as f32 }
    }

    /// The first letter or digit.
    pub(crate) fn first_alnum(&self) -> Option<char> {
        self.chars.iter().copied().find(|c| c.is_alphanumeric())
    }
}

/// One ASCII byte for one character: folded letters, plain dashes and quotes, `~` for all that has no plain form.
fn ascii(c: char) -> char {
    let c = fold_char(c);
    match c {
        ' '..='~' => c,
        '–' | '—' | '‐' | '‑' | '‒' | '―' | '−' | '•' | '●' | '▪' | '■' | '◦' | '∙' | '·' | '\u{f0b7}'
        | '\u{f02d}' => '-',
        '“' | '”' | '„' | '«' | '»' => '"',
        '‘' | '’' | '‚' | '′' => '\'',
        '…' => '~',
        '：' => ':',
        '／' | '⁄' | '∕' => '/',
        '０'..='９' => char::from_u32(u32::from('0') + u32::from(c) - u32::from('０')).unwrap_or('~'),
        c if c.is_whitespace() || c.is_control() => ' ',
        _ => '~',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_stay_in_step() {
        let input: String = format!("{}\u{a0}– “{}”…", "Đường".nfd().collect::<String>(), "dây");
        let text = Text::new(&input);
        assert_eq!(text.folded(), "duong - \"day\"~");
        assert_eq!(text.len(), text.folded().len());
        let at = text.folded().find("day").unwrap();
        let origin = text.origin(at..at + 3);
        assert_eq!(origin.len(), 1);
        let there: String = input.chars().skip(origin[0].0).take(origin[0].1 - origin[0].0).collect();
        assert_eq!(there, "dây");
    }

    #[test]
    fn joints_belong_to_nobody() {
        let all = Text::new("một\n  hai");
        let mut text = all.sub(0..3);
        text.join(&all.sub(6..9));
        assert_eq!(text.string(), "một hai");
        assert_eq!(text.origin(0..7), [(0, 3), (6, 9)]);
    }
}
