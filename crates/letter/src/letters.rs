//! A text as its letters and digits alone, for comparing what scans have split, joined and peppered.

use crate::limits::MAX_ITEM_CHARS;
use crate::pattern::re;
use crate::text::Text;
use std::ops::Range;

/// A text reduced to its letters and digits.
#[derive(Debug, Default)]
pub(crate) struct Letters {
    pub(crate) letters: String,
    /// The same letters in lower case with their marks.
    pub(crate) marked: Vec<char>,
    /// Offset in the text of each letter.
    at: Vec<usize>,
    /// Whether a word begins at each letter; one longer than `letters`, where the end counts as a beginning.
    begins: Vec<bool>,
    /// Number of the clause each letter stands in: `;` and a full stop before a capital end one.
    pub(crate) clause: Vec<u32>,
    /// Number of commas before each letter.
    commas: Vec<u32>,
}

impl Letters {
    pub(crate) fn new(text: &Text) -> Self {
        let mut out = Self::default();
        let mut clause = 0;
        let mut commas = 0;
        let mut begins = true;
        // A full stop was read, and a blank behind it: points inside a number end nothing.
        let mut stopped = false;
        let mut blank = false;
        // A paragraph longer than any paper's is searched as far as the limit.
        let addresses: Vec<Range<usize>> =
            re!(r"[a-z0-9._-]+@[a-z0-9.-]+").find_iter(text.folded()).map(|m| m.range()).collect();
        let mut addresses = addresses.into_iter().peekable();
        for (at, (f, c)) in text.folded().chars().zip(text.chars()).enumerate().take(MAX_ITEM_CHARS) {
            // "trucban@…" watches nothing: an address has no words in it.
            while addresses.next_if(|address| address.end <= at).is_some() {}
            let addressed = addresses.peek().is_some_and(|address| address.contains(&at));
            if f.is_ascii_alphanumeric() && !addressed {
                if stopped && (c.is_uppercase() || blank && f.is_ascii_digit()) {
                    clause += 1;
                }
                stopped = false;
                out.letters.push(f);
                out.marked.push(c.to_lowercase().next().unwrap_or(*c));
                out.at.push(at);
                out.begins.push(begins);
                out.clause.push(clause);
                out.commas.push(commas);
                begins = false;
            } else {
                begins = true;
                match f {
                    ';' => clause += 1,
                    ',' => commas += 1,
                    '.' => (stopped, blank) = (true, false),
                    ' ' => blank = true,
                    _ => {}
                }
            }
        }
        out.begins.push(true);
        out
    }

    /// The text range behind a range of letters.
    pub(crate) fn text_range(&self, range: Range<usize>) -> Range<usize> {
        let start = self.at.get(range.start).copied().unwrap_or(0);
        let end = range.end.checked_sub(1).and_then(|last| self.at.get(last)).map_or(start, |last| last + 1);
        start..end
    }

    /// Whether a comma stands between these letters.
    pub(crate) fn parted(&self, range: &Range<usize>) -> bool {
        self.commas.get(range.start) != range.end.checked_sub(1).and_then(|last| self.commas.get(last))
    }

    /// Whether a word begins at this letter.
    pub(crate) fn begins_at(&self, at: usize) -> bool {
        self.begins.get(at).copied().unwrap_or(false)
    }
}
