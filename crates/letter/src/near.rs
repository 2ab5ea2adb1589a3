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

/// Whether a phrase stands anywhere in a window with so few edits (Myers' bit-parallel count of the same matrix that
/// `approximate` fills cell by cell); phrases longer than a machine word are left to that.
fn reaches(window: &[u8], wanted: &[u8], allowed: usize) -> bool {
    let len = wanted.len();
    if len == 0 || len > u64::BITS as usize {
        return true;
    }
    let mut at = [0_u64; 128];
    for (row, letter) in wanted.iter().enumerate() {
        if let Some(slot) = at.get_mut(usize::from(*letter)) {
            *slot |= 1 << row;
        }
    }
    let last = 1_u64 << (len - 1);
    let (mut more, mut less, mut cost) = (u64::MAX, 0_u64, len);
    for letter in window {
        let same = at.get(usize::from(*letter)).copied().unwrap_or(0);
        let kept = same | less;
        let across = ((same & more).wrapping_add(more) ^ more) | same;
        let mut up = less | !(across | more);
        let mut down = more & across;
        if up & last != 0 {
            cost += 1;
        }
        if down & last != 0 {
            cost -= 1;
        }
        if cost <= allowed {
            return true;
        }
        up <<= 1;
        down <<= 1;
        more = down | !(kept | up);
        less = up & kept;
    }
    false
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
    if !opens || !reaches(window, wanted, allowed) {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The least number of edits of the phrase anywhere in the window, cell by cell.
    fn least(window: &[u8], wanted: &[u8]) -> usize {
        let mut costs: Vec<usize> = (0..=wanted.len()).collect();
        let mut best = wanted.len();
        for c in window {
            let mut diagonal = 0;
            for (row, w) in wanted.iter().enumerate() {
                let left = costs[row + 1];
                costs[row + 1] = (diagonal + usize::from(w != c)).min(left + 1).min(costs[row] + 1);
                diagonal = left;
            }
            best = best.min(costs[wanted.len()]);
        }
        best
    }

    #[test]
    fn counts_as_the_matrix_does() {
        let texts =
            ["rasoatlohongbaomat", "ratsoatlohonbaomat", "rasaotlohong", "xxrasoatyylohongzz", "", "hong"];
        let long = "rasoat".repeat(10) + "lohong";
        for window in texts.iter().copied().chain([long.as_str()]) {
            for wanted in ["rasoatlohong", "lohongbaomat", "soatlo", long.get(..64).unwrap()] {
                let (window, wanted) = (window.as_bytes(), wanted.as_bytes());
                let least = least(window, wanted);
                for allowed in 0..4 {
                    assert_eq!(
                        reaches(window, wanted, allowed),
                        least <= allowed,
                        "{window:?} {wanted:?} {allowed}"
                    );
                }
            }
        }
    }
}
