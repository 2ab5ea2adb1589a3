//! Phrases found with a letter or two wrong.

use crate::letters::Letters;
use crate::marks::sorted_parts;
use crate::phrases::Hit;
use std::collections::HashSet;
use std::ops::Range;

/// How many letters of a phrase this long may be wrong.
pub(crate) fn allowed_edits(len: usize) -> usize {
    match len {
        0..=11 => 0,
        12..=21 => 1,
        _ => 2,
    }
}

/// The best place of a phrase near an expected start, within its allowed edits and between word bounds.
pub(crate) fn approximate(
    text: &Letters,
    letters: &str,
    start: isize,
    known: &HashSet<Vec<char>>,
) -> Option<Hit> {
    let allowed = allowed_edits(letters.len());
    let from = usize::try_from(start - allowed as isize).unwrap_or(0);
    let to = usize::try_from(start + (letters.len() + allowed) as isize).ok()?.min(text.letters.len());
    let window = text.letters.get(from..to)?.as_bytes();
    let wanted = letters.as_bytes();
    // Most candidates stand in the middle of other words: no word begins near with the phrase's first letter.
    let opens = (from..to.min(from + 2 * allowed + 1))
        .any(|at| text.begins_at(at) && text.letters.as_bytes().get(at) == wanted.first());
    if !opens {
        return None;
    }
    // Sellers' algorithm with the start of each path carried along; free start, free end.
    let mut costs: Vec<(usize, usize)> = (0..=wanted.len()).map(|i| (i, 0)).collect();
    let mut best: Option<(usize, Range<usize>)> = None;
    for (column, c) in window.iter().enumerate() {
        let mut diagonal = costs.first().copied().unwrap_or((0, 0));
        if let Some(first) = costs.first_mut() {
            *first = (0, column + 1);
        }
        let mut above = (0, column + 1);
        for (w, cell) in wanted.iter().zip(costs.iter_mut().skip(1)) {
            let left = *cell;
            let change = (diagonal.0 + usize::from(w != c), diagonal.1);
            let best_of = change.min((left.0 + 1, left.1)).min((above.0 + 1, above.1));
            *cell = best_of;
            diagonal = left;
            above = best_of;
        }
        if let Some((cost, begin)) = costs.last().copied() {
            let range = from + begin..from + column + 1;
            // The first letter must be sound: "động rà soát" is no "tổng rà soát".
            if cost <= allowed
                && !range.is_empty()
                && text.letters.as_bytes().get(range.start) == wanted.first()
                && text.begins_at(range.start)
                && text.begins_at(range.end)
                && best.as_ref().is_none_or(|(least, _)| cost < *least)
            {
                best = Some((cost, range));
            }
        }
    }
    best.map(|(edits, range)| {
        // Words that are all words of their own were never these.
        let mut words: Vec<Vec<char>> = Vec::new();
        for at in range.clone() {
            match words.last_mut() {
                Some(word) if !text.begins_at(at) => word.extend(text.marked.get(at)),
                _ => words.push(text.marked.get(at).copied().into_iter().collect()),
            }
        }
        let strange = words.iter().all(|word| known.contains(&sorted_parts(word)));
        Hit { range, edits, strange, parted: false }
    })
}
