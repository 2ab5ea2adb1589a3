//! People to call, named in a text.

use crate::found::Found;
use crate::names::person;
use crate::pattern::re;
use crate::text::Text;
use crate::words::{Words, begins};
use std::ops::Range;

/// People named by rank, by form of address, or standing alone between marks.
pub(crate) fn people(text: &Text, from: usize, words: &Words) -> Vec<(Range<usize>, Found)> {
    let folded = text.folded();
    let mut out: Vec<(Range<usize>, Found)> = Vec::new();
    let mut at = from;
    while at < text.len() {
        let starts = at == 0 || !text.char_at(at - 1).is_some_and(char::is_alphanumeric);
        if !starts {
            at += 1;
            continue;
        }
        let rest = folded.get(at..).unwrap_or_default();
        let titled = words.ranks.iter().find(|rank| {
            rest.strip_prefix(rank.as_str()).is_some_and(|after| after.starts_with([' ', '.', ':', ',']))
        });
        let name_at = match titled {
            Some(rank) => Some(at + rank.len()),
            None if begins(rest, &words.surnames).is_some()
                && text.char_at(at).is_some_and(char::is_uppercase) =>
            {
                Some(at)
            }
            None => None,
        };
        let Some(name_at) = name_at else {
            at += 1;
            continue;
        };
        let lead = folded.get(name_at..).map_or(0, |r| r.len() - r.trim_start_matches([' ', '.', ':']).len());
        let begin = name_at + lead;
        let end = name_end(text, begin);
        let candidate = text.sub(begin..end);
        let parts = candidate.folded().split(' ').count();
        // "05 Lê Thánh Tôn", "đường Trần Phú": a street.
        let street = re!(r"([0-9][a-z]?|duong|pho|dai lo|ngo|so nha)[ ,]{1,2}$")
            .is_match(text.folded_at(at.saturating_sub(8)..at));
        if let Some(range) = person(&candidate, words)
            && !street
            && (titled.is_some() || parts >= 3 || alone(text, at, end) && has_surname(text, begin, words))
            && begins(candidate.folded_at(range.clone()), &words.head_openers)
                .is_none_or(|_| titled.is_some() || alone(text, at, end))
            && !out.iter().any(|(known, _)| known.end > begin)
        {
            let range = begin + range.start..begin + range.end;
            at = range.end;
            out.push((range.clone(), Found::written(text, range)));
        } else {
            at += 1;
        }
    }
    out
}

/// Whether a surname stands here with its own marks: "Đội" is no "Đới".
fn has_surname(text: &Text, at: usize, words: &Words) -> bool {
    let word: String = text.chars().iter().skip(at).take_while(|c| c.is_alphanumeric()).collect();
    words.lexicon.people.surnames.contains(&word)
}

fn alone(text: &Text, start: usize, end: usize) -> bool {
    let before = text.folded_at(start.saturating_sub(2)..start);
    let after = text.folded_at(end..(end + 1).min(text.len()));
    re!(r"[(,:-] ?$").is_match(before) && matches!(after, ")" | "," | ";" | "." | "" | "-" | " " | ":")
}

/// The end of a run of capitalised words.
pub(crate) fn name_end(text: &Text, start: usize) -> usize {
    let mut at = start;
    let mut end = start;
    while text.char_at(at).is_some_and(char::is_uppercase) {
        while text.char_at(at).is_some_and(char::is_alphanumeric)
            // "H'Lan": a mark inside a name.
            || matches!(text.char_at(at), Some('\'' | '’')) && text.char_at(at + 1).is_some_and(char::is_alphabetic)
        {
            at += 1;
        }
        end = at;
        if text.char_at(at) != Some(' ') {
            break;
        }
        at += 1;
    }
    end
}
