//! Whether a text shows the marks of a scan: wrong marks in known phrases, punctuation where none can stand.

use crate::letters::Letters;
use crate::lines::Line;
use crate::pattern::re;
use crate::text::Text;
use crate::words::Words;

/// Signs of damage from which a paper counts as scanned badly.
const NOISY: usize = 3;

pub(crate) fn is_noisy(lines: &[Line], paragraphs: &[&Text], words: &Words) -> bool {
    let mut signs = 0;
    for pair in lines.windows(2) {
        let [line, next] = pair else { continue };
        let ends = line.text.folded().ends_with(['.', ':']) && !line.text.folded().ends_with("...");
        let small = next.text.char_at(0).is_some_and(char::is_lowercase)
            && !re!(r"^[a-z] ?[.)]").is_match(next.text.folded());
        if ends && small && line.text.len() > 30 && !next.after_gap {
            signs += 1;
        }
    }
    for text in paragraphs {
        let letters = Letters::new(text);
        let hits = words.phrases.find(&letters);
        signs += words.phrases.damage(&hits, &letters);
        signs += broken_words(text);
        if signs >= NOISY {
            return true;
        }
    }
    false
}

/// Words cut in the middle: a piece that no syllable can be, beside another.
fn broken_words(text: &Text) -> usize {
    let mut count = 0;
    let mut at = 0;
    for word in text.folded().split(' ') {
        let lower = text.char_at(at).is_some_and(char::is_lowercase);
        // Consonants alone, of two letters or more, are never a Vietnamese word.
        if lower && word.len() >= 2 && word.chars().all(|c| "bcdghklmnpqrstvx".contains(c)) && !re!(r"^(tp|tt|sn|km|kb|mb|gb|th|ph|nxb|đt|dt|vv|tr|cv|qd|hd|cb|bc|pct|vp|kt|ld|nv|nd|bs|ts|ks|st)$").is_match(word) {
            count += 1;
        }
        // Digits inside a word: "h0ạt", "ti3p".
        if lower && re!(r"^[a-z]+[0-9][a-z]+$").is_match(word) && word.len() < 8 && !word.contains("2") {
            count += 1;
        }
        at += word.len() + 1;
    }
    count
}
