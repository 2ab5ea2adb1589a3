//! Names of bodies and people: their capitals, what they begin with, whether they are alike.

use crate::found::Found;
use crate::pattern::re;
use crate::text::Text;
use crate::words::{Words, begins};
use domain::text::fold;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// A body's name set in capitals, written as names are: "UBND TỈNH ĐỒNG THÁP" as "UBND tỉnh Đồng Tháp".
///
/// Only the case of letters changes.
pub(crate) fn name_case(name: &str, place: &str, words: &Words) -> String {
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = name.chars().filter(|c| c.is_uppercase()).count();
    if capitals * 10 < letters * 7 {
        return name.to_owned();
    }
    let original: Vec<char> = name.chars().collect();
    let mut out: Vec<char> = original.iter().map(|c| lower(*c)).collect();
    let folded: Vec<char> = out.iter().map(|c| domain::text::fold_char(*c)).collect();
    let folded: String = folded.iter().collect();
    if folded.len() != out.len() {
        return name.to_owned();
    }
    let place = fold(place);
    let mut known_end = 0;
    for (known, written) in
        words.names.iter().map(|(f, w)| (f.as_str(), Some(w))).chain([(place.as_str(), None)])
    {
        if known.is_empty() {
            continue;
        }
        for (at, _) in folded.match_indices(known) {
            let bounded = !folded.get(..at).is_some_and(|b| b.ends_with(|c: char| c.is_alphanumeric()))
                && !folded
                    .get(at + known.len()..)
                    .is_some_and(|a| a.starts_with(|c: char| c.is_alphanumeric()));
            if !bounded {
                continue;
            }
            known_end = known_end.max(at + known.len());
            match written {
                // Take the case of the known name letter by letter; the marks stay the paper's own.
                Some(written) => {
                    for (offset, c) in written.chars().enumerate() {
                        if c.is_uppercase()
                            && let Some(slot) = out.get_mut(at + offset)
                        {
                            *slot = upper(*slot);
                        }
                    }
                }
                None => capitalise_words(&mut out, at..at + known.len()),
            }
        }
    }
    // What follows a rank of place is a place; shorthand stays in capitals.
    for rank in [
        "tinh ",
        "thanh pho ",
        "huyen ",
        "quan ",
        "phuong ",
        "xa ",
        "thi xa ",
        "thi tran ",
        "dac khu ",
        "tp. ",
        "tp ",
        "khu vuc ",
    ] {
        for (at, _) in folded.match_indices(rank) {
            let starts = at == 0 || folded.get(..at).is_some_and(|b| b.ends_with(' '));
            let after = at + rank.len();
            if starts
                && !folded.get(after..).is_some_and(|a| a.starts_with("hoi") || a.starts_with("uy"))
                && after < out.len()
            {
                let end = folded.len();
                if !folded.get(after..end).is_some_and(|a| a.contains(" va ") || a.split(' ').count() > 4) {
                    capitalise_words(&mut out, after..end);
                }
            }
        }
    }
    // "Sở Y tế Thanh Sơn": behind a known name stands that of a place.
    if known_end > 0
        && folded.get(known_end..).is_some_and(|rest| {
            rest.starts_with(' ')
                && rest.split(' ').count() <= 4
                && begins(rest.trim_start(), &words.openers).is_none()
                && !re!(r"^ (va|tinh|thanh pho|huyen|quan|xa|phuong|thi|khu vuc|thuoc|so)\b|[-,(]")
                    .is_match(rest)
        })
    {
        let end = out.len();
        capitalise_words(&mut out, known_end..end);
    }
    // "TMCP", "TNHH MTV": letters that make no word stay capitals.
    let mut at = 0;
    for word in folded.split(' ') {
        if (2..=5).contains(&word.len()) && word.chars().all(|c| "bcdghklmnpqrstvx".contains(c)) {
            for slot in out.iter_mut().skip(at).take(word.len()) {
                *slot = upper(*slot);
            }
        }
        at += word.len() + 1;
    }
    for short in ["ubnd", "hdnd", "mttq", "vnpt", "fpt", "thpt", "thcs", "tp", "bch", "tnhh", "cntt"] {
        for (at, _) in folded.match_indices(short) {
            let bounded = (at == 0 || folded.get(..at).is_some_and(|b| b.ends_with(' ')))
                && !folded
                    .get(at + short.len()..)
                    .is_some_and(|a| a.starts_with(|c: char| c.is_alphanumeric()));
            if bounded {
                for slot in out.iter_mut().skip(at).take(short.len()) {
                    *slot = upper(*slot);
                }
            }
        }
    }
    if let Some(first) = out.first_mut() {
        *first = upper(*first);
    }
    // The word after a body's kind begins its own name.
    if let Some(opener) = begins(&folded, &words.head_openers)
        && !matches!(
            opener,
            "uy ban nhan dan"
                | "ubnd"
                | "cong an"
                | "hoi dong nhan dan"
                | "van phong"
                | "cong ty"
                | "dang bo"
                | "ban"
        )
        && let Some(slot) = out.get_mut(opener.len() + 1)
        && !folded.get(opener.len() + 1..).is_some_and(|rest| {
            begins(rest, &["tinh".into(), "thanh pho".into(), "huyen".into(), "xa".into(), "phuong".into()])
                .is_some()
        })
    {
        *slot = upper(*slot);
    }
    out.into_iter().collect()
}

fn capitalise_words(out: &mut [char], range: Range<usize>) {
    let mut begins = true;
    for slot in out.iter_mut().take(range.end).skip(range.start) {
        if begins && slot.is_alphabetic() {
            *slot = upper(*slot);
        }
        begins = !slot.is_alphanumeric();
    }
}

fn upper(c: char) -> char {
    let mut all = c.to_uppercase();
    all.next().filter(|_| all.next().is_none()).unwrap_or(c)
}

fn lower(c: char) -> char {
    let mut all = c.to_lowercase();
    all.next().filter(|_| all.next().is_none()).unwrap_or(c)
}

/// The range of a person's name in a text that is nothing else, without ranks and degrees.
pub(crate) fn person(text: &Text, words: &Words) -> Option<Range<usize>> {
    let mut range = text.trim_range(0..text.len(), |c| !c.is_alphanumeric());
    for _ in 0..4 {
        let rest = text.folded_at(range.clone());
        let Some(rank) = words.ranks.iter().find(|rank| {
            rest.strip_prefix(rank.as_str()).is_some_and(|after| {
                after.starts_with(['.', ',', ' ', '/'])
                    && after.trim_start_matches(['.', ',', ' ', '/']).len() > 3
            })
        }) else {
            break;
        };
        // "Y" and "H" are surnames, "Bà" and "Cô" titles; a rank is followed by a name of two words at least.
        let skipped = text.trim_range(range.start + rank.len()..range.end, |c| !c.is_alphanumeric());
        if text.folded_at(skipped.clone()).split(' ').count() < 2 {
            break;
        }
        range = skipped;
    }
    let folded = text.folded_at(range.clone());
    let parts: Vec<&str> = folded.split(' ').collect();
    if !(2..=6).contains(&parts.len())
        || folded.contains(|c: char| c.is_ascii_digit() || ";:/(),\"@".contains(c))
    {
        return None;
    }
    let mut at = range.start;
    let mut capitals = 0;
    for part in &parts {
        if text.char_at(at).is_some_and(char::is_uppercase) {
            capitals += 1;
        }
        if part.is_empty() || part.len() > 8 {
            return None;
        }
        at += part.len() + 1;
    }
    let surname = parts.first().is_some_and(|first| words.surnames.iter().any(|s| s == first));
    (capitals == parts.len() && (surname || parts.len() >= 3)).then_some(range)
}

/// How many single changes turn one into the other, at most `limit + 1`.
pub(crate) fn distance(a: &str, b: &str, limit: usize) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    if a.len().abs_diff(b.len()) > limit {
        return limit + 1;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let here = (diagonal + usize::from(x != y)).min(*cell + 1).min(left + 1);
            diagonal = *cell;
            *cell = here;
            left = here;
        }
    }
    row.last().copied().unwrap_or(0).min(limit + 1)
}

/// A value in which well-known terms have their marks back: "UBND TĨNH", "Lãnh đao Sở", "GIÁM ĐÓC".
///
/// Only letters of known terms of two words or more change, and only their marks.
pub(crate) fn restore(found: Found, own: Option<&Found>, words: &Words) -> Found {
    let mut chars: Vec<char> = found.value.nfc().collect();
    let folded: String = chars.iter().map(|c| domain::text::fold_char(*c)).collect();
    if folded.len() != chars.len() {
        return found;
    }
    let mut changed = false;
    let mut taken = vec![false; chars.len()];
    let own = own.filter(|name| name.value.contains(' ')).map(|name| {
        (
            domain::text::fold(&name.value),
            name.value.nfc().flat_map(char::to_lowercase).collect::<Vec<char>>(),
        )
    });
    for (term, sound) in own.iter().chain(&words.sound) {
        for (at, _) in folded.match_indices(term.as_str()) {
            let end = at + term.len();
            let bounded = !folded.get(..at).is_some_and(|b| b.ends_with(|c: char| c.is_alphanumeric()))
                && !folded.get(end..).is_some_and(|a| a.starts_with(|c: char| c.is_alphanumeric()));
            let free = !taken.get(at..end).unwrap_or_default().contains(&true);
            if !bounded || !free || sound.len() != term.len() {
                continue;
            }
            if let Some(slots) = taken.get_mut(at..end) {
                slots.fill(true);
            }
            let here: Vec<char> = chars.get(at..end).unwrap_or_default().iter().map(|c| lower(*c)).collect();
            // "Hoà" and "Hòa" are both right.
            if crate::marks::sorted_parts(&here) == crate::marks::sorted_parts(sound) {
                continue;
            }
            for (slot, wanted) in chars.iter_mut().skip(at).zip(sound) {
                *slot = if slot.is_uppercase() { upper(*wanted) } else { *wanted };
            }
            changed = true;
        }
    }
    if !changed {
        return found;
    }
    Found { value: chars.into_iter().collect(), evidence: found.evidence }.because("marks-restored", 0.8)
}
