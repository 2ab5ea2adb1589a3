//! Finding phrases in damaged text.
//!
//! Phrases and text are compared as letters and digits only: blanks, hyphens and stray marks do not count, so words
//! split in the middle, joined words and scattered punctuation cost nothing. Longer phrases may also differ by an
//! edit or two. Candidates come from one Aho-Corasick pass over pieces of every phrase (of k+1 pieces of a phrase with
//! k errors one is intact), so time stays linear in the text.

use crate::letters::Letters;
use crate::limits::MAX_FUZZY_CHECKS;
use crate::text::Text;
use aho_corasick::{AhoCorasick, MatchKind};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// Letters between two parts of a phrase written with `..`.
const GAP: usize = 70;

/// Letters between two parts written with `//`.
const FAR: usize = 400;

/// One syllable of a phrase.
#[derive(Debug, Clone)]
struct Syllable {
    letters: usize,
    /// Its letters and marks, sorted.
    parts: Vec<char>,
}

/// Where a phrase was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Range of letters.
    pub(crate) range: Range<usize>,
    /// Letters that had to be changed, dropped or added.
    pub(crate) edits: usize,
}

/// A phrase of one or more parts (`..` between them in one clause, `//` anywhere after), each with alternatives (`|`).
#[derive(Debug, Clone)]
pub(crate) struct Phrase(Vec<Part>);

#[derive(Debug, Clone)]
struct Part {
    literals: Vec<usize>,
    /// Whether it may stand in a later clause than the part before.
    far: bool,
}

/// Many phrases, found together.
#[derive(Debug)]
pub(crate) struct Phrases {
    literals: Vec<String>,
    /// Each literal's letters with their marks, where it is two syllables or more: what a sound scan shows.
    marked: Vec<Option<String>>,
    syllables: Vec<Vec<Syllable>>,
    pieces: Option<AhoCorasick>,
    /// For each piece: the literal and the piece's offset in it.
    owners: Vec<Vec<(usize, usize)>>,
}

/// Collects literals while phrases are parsed.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    literals: Vec<String>,
    marked: Vec<Option<String>>,
    syllables: Vec<Vec<Syllable>>,
    known: HashMap<String, usize>,
}

impl Builder {
    /// Parses `"rà soát|kiểm tra .. lỗ hổng|điểm yếu"`.
    pub(crate) fn phrase(&mut self, source: &str) -> Phrase {
        Phrase(
            source
                .split("//")
                .flat_map(|far| far.split("..").enumerate().map(|(near, part)| (near == 0, part)))
                .map(|(far, part)| Part {
                    literals: part.split('|').filter_map(|alternative| self.literal(alternative)).collect(),
                    far,
                })
                .filter(|part| !part.literals.is_empty())
                .collect(),
        )
    }

    fn literal(&mut self, source: &str) -> Option<usize> {
        let read = Letters::new(&Text::new(source));
        let letters = read.letters;
        if letters.is_empty() {
            return None;
        }
        let marked = source.trim().contains(' ').then(|| sorted_marks(&read.marked));
        if let Some(id) = self.known.get(&letters) {
            return Some(*id);
        }
        let id = self.literals.len();
        self.known.insert(letters.clone(), id);
        let syllables = source
            .split(|c: char| !c.is_alphanumeric())
            .filter(|s| !s.is_empty())
            .map(|s| {
                let chars: Vec<char> = s.nfc().flat_map(char::to_lowercase).collect();
                Syllable { letters: chars.len(), parts: sorted_parts(&chars) }
            })
            .collect();
        self.literals.push(letters);
        self.syllables.push(syllables);
        self.marked.push(marked);
        Some(id)
    }

    pub(crate) fn build(self) -> Phrases {
        let mut ids: HashMap<String, usize> = HashMap::new();
        let mut pieces: Vec<String> = Vec::new();
        let mut owners: Vec<Vec<(usize, usize)>> = Vec::new();
        for (literal, letters) in self.literals.iter().enumerate() {
            let count = allowed_edits(letters.len()) + 1;
            let size = letters.len().div_ceil(count);
            let mut at = 0;
            while let Some(piece) = letters.get(at..(at + size).min(letters.len())).filter(|p| !p.is_empty())
            {
                let id = *ids.entry(piece.to_owned()).or_insert_with(|| {
                    pieces.push(piece.to_owned());
                    owners.push(Vec::new());
                    pieces.len() - 1
                });
                if let Some(of) = owners.get_mut(id) {
                    of.push((literal, at));
                }
                at += size;
            }
        }
        // Building fails only beyond the automaton's size limits; without pieces nothing is found, nothing breaks.
        let pieces = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&pieces).ok();
        Phrases { literals: self.literals, marked: self.marked, syllables: self.syllables, pieces, owners }
    }
}

/// The characters and marks in an order of their own: "hoà" and "hòa" are alike, "hồng" and "hổng" are not.
fn sorted_marks(marked: &[char]) -> String {
    sorted_parts(marked).into_iter().collect()
}

pub(crate) fn sorted_parts(marked: &[char]) -> Vec<char> {
    let mut parts: Vec<char> =
        marked.iter().flat_map(|c| std::iter::once(*c).nfd().collect::<Vec<_>>()).collect();
    parts.sort_unstable();
    parts
}

/// Whether the marks there can be those of the phrase: some may be lost, and in a longer phrase half of the syllables may
/// bear wrong ones; "và các" is no "vá các", "bảo vệ" no "báo về".
fn marks_fit(syllables: &[Syllable], here: &[char]) -> bool {
    let mut at = 0;
    let mut wrong = 0;
    let letters: usize = syllables.iter().map(|s| s.letters).sum();
    for syllable in syllables {
        let there = sorted_parts(here.get(at..at + syllable.letters).unwrap_or_default());
        at += syllable.letters;
        if there == syllable.parts {
            continue;
        }
        let mut wanted = syllable.parts.iter();
        let lost = there.iter().all(|c| wanted.any(|w| w == c));
        if !(lost && letters >= 4) {
            wrong += 1;
        }
    }
    wrong == 0 || letters >= 6 && wrong * 2 <= syllables.len()
}

/// How many letters of a phrase this long may be wrong.
fn allowed_edits(len: usize) -> usize {
    match len {
        0..=11 => 0,
        12..=21 => 1,
        _ => 2,
    }
}

/// All places of all literals in one text.
#[derive(Debug)]
pub(crate) struct Hits {
    places: Vec<Vec<Hit>>,
    /// Candidate places looked at: the work done, counted for the test that it grows no faster than the text.
    #[cfg(test)]
    pub(crate) steps: usize,
}

impl Phrases {
    pub(crate) fn find(&self, text: &Letters) -> Hits {
        let mut hits: Vec<Vec<Hit>> = vec![Vec::new(); self.literals.len()];
        let Some(pieces) = &self.pieces else {
            return Hits {
                places: hits,
                #[cfg(test)]
                steps: 0,
            };
        };
        let mut checks = 0;
        #[cfg(test)]
        let mut steps = 0;
        let mut seen: BTreeSet<(usize, usize)> = BTreeSet::new();
        for found in pieces.find_overlapping_iter(&text.letters) {
            for (literal, offset) in
                self.owners.get(found.pattern().as_usize()).into_iter().flatten().copied()
            {
                #[cfg(test)]
                {
                    steps += 1;
                }
                let Some(letters) = self.literals.get(literal) else { continue };
                let start = found.start() as isize - offset as isize;
                let exact = usize::try_from(start)
                    .ok()
                    .filter(|start| text.letters.get(*start..*start + letters.len()) == Some(letters));
                let hit = if let Some(start) = exact {
                    let range = start..start + letters.len();
                    let bounded = text.begins_at(range.start) && text.begins_at(range.end);
                    let here = text.marked.get(range.clone()).unwrap_or_default();
                    if !self.syllables.get(literal).is_some_and(|syllables| marks_fit(syllables, here)) {
                        continue;
                    }
                    // Short phrases stand as whole words; long ones may have lost the blank beside them.
                    (bounded
                        || (letters.len() >= 10
                            && (text.begins_at(range.start) || text.begins_at(range.end))))
                    .then_some(Hit { range, edits: 0 })
                } else if allowed_edits(letters.len()) > 0
                    && checks < MAX_FUZZY_CHECKS
                    && seen.insert((literal, found.start()))
                {
                    checks += 1;
                    approximate(text, letters, start)
                } else {
                    None
                };
                if let (Some(hit), Some(of)) = (hit, hits.get_mut(literal)) {
                    if let Some(same) = of
                        .iter_mut()
                        .rev()
                        .take(4)
                        .find(|h| h.range.start < hit.range.end && hit.range.start < h.range.end)
                    {
                        if hit.edits < same.edits {
                            *same = hit;
                        }
                    } else {
                        of.push(hit);
                    }
                }
            }
        }
        for of in &mut hits {
            of.sort_by_key(|hit| hit.range.start);
        }
        Hits {
            places: hits,
            #[cfg(test)]
            steps,
        }
    }
}

impl Phrases {
    /// How many known phrases stand here damaged: with wrong or missing marks, or letters changed.
    pub(crate) fn damage(&self, hits: &Hits, text: &Letters) -> usize {
        let mut places: BTreeSet<usize> = BTreeSet::new();
        let mut sound: BTreeSet<usize> = BTreeSet::new();
        for (hits, marked) in hits.places.iter().zip(&self.marked) {
            let Some(marked) = marked else { continue };
            for hit in hits {
                let here = text.marked.get(hit.range.clone()).unwrap_or_default();
                // Short phrases have honest neighbours ("bảo vệ", "bảo về"); long ones hardly.
                let len = hit.range.len();
                let counts = if hit.edits == 0 { len >= 7 } else { len >= 14 && hit.edits == 1 };
                if sorted_marks(here) == *marked {
                    sound.extend(hit.range.clone());
                } else if counts {
                    places.insert(hit.range.start);
                }
            }
        }
        places.retain(|place| !sound.contains(place));
        places.len()
    }
}

impl Hits {
    /// Every place of a phrase, ignoring parts that overlap one of the `except` ranges.
    pub(crate) fn of(&self, phrase: &Phrase, text: &Letters, except: &[Range<usize>]) -> Vec<Hit> {
        let free = |hit: &&Hit| !except.iter().any(|e| e.start < hit.range.end && hit.range.start < e.end);
        let mut chains: Option<Vec<Hit>> = None;
        for part in &phrase.0 {
            let mut next: Vec<&Hit> =
                part.literals.iter().filter_map(|id| self.places.get(*id)).flatten().filter(free).collect();
            next.sort_by_key(|hit| hit.range.start);
            chains = Some(match chains {
                None => next.into_iter().cloned().collect(),
                Some(chains) => chains
                    .into_iter()
                    .filter_map(|chain| {
                        let from = next.partition_point(|hit| hit.range.start < chain.range.end);
                        next.iter()
                            .skip(from)
                            .take_while(|hit| hit.range.start - chain.range.end <= FAR)
                            .find(|hit| {
                                hit.range.start >= chain.range.end
                                    && hit.range.start - chain.range.end <= if part.far { FAR } else { GAP }
                                    && (part.far
                                        || text.clause.get(hit.range.start)
                                            == text.clause.get(chain.range.start))
                            })
                            .map(|hit| Hit {
                                range: chain.range.start..hit.range.end,
                                edits: chain.edits + hit.edits,
                            })
                    })
                    .collect(),
            });
        }
        chains.unwrap_or_default()
    }
}

/// The best place of a phrase near an expected start, within its allowed edits and between word bounds.
fn approximate(text: &Letters, letters: &str, start: isize) -> Option<Hit> {
    let allowed = allowed_edits(letters.len());
    let from = usize::try_from(start - allowed as isize).unwrap_or(0);
    let to = usize::try_from(start + (letters.len() + allowed) as isize).ok()?.min(text.letters.len());
    let window = text.letters.get(from..to)?.as_bytes();
    let wanted = letters.as_bytes();
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
    best.map(|(edits, range)| Hit { range, edits })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrase: &str, text: &str) -> Option<(String, usize)> {
        let mut builder = Builder::default();
        let phrase = builder.phrase(phrase);
        let phrases = builder.build();
        let text = Text::new(text);
        let letters = Letters::new(&text);
        let hits = phrases.find(&letters);
        let hit = hits.of(&phrase, &letters, &[]).into_iter().next()?;
        Some((text.str_at(letters.text_range(hit.range)), hit.edits))
    }

    #[test]
    fn finds_damaged_words() {
        assert_eq!(found("lỗ hổng", "các lỗ hồng,"), Some(("lỗ hồng".into(), 0)));
        assert_eq!(
            found("phần mềm độc hại", "gữ bỏ phân mềm đ ộc hại."),
            Some(("phân mềm đ ộc hại".into(), 0))
        );
        assert_eq!(found("bóc gỡ phần mềm", "bóc gữ phần mềm"), Some(("bóc gữ phần mềm".into(), 1)));
        assert_eq!(found("các số điện thoại", "các số điện thoạt:"), Some(("các số điện thoạt".into(), 1)));
        assert_eq!(
            found("săn lùng mối nguy hại", "sănlùng mối, nguyhại"),
            Some(("sănlùng mối, nguyhại".into(), 0))
        );
    }

    #[test]
    fn short_words_stand_alone() {
        assert_eq!(found("trực", "trực ban"), Some(("trực".into(), 0)));
        assert_eq!(found("trực", "cấu trúcx"), None);
    }

    #[test]
    fn marks_tell_like_words_apart() {
        assert_eq!(found("vá các", "và các lỗ hổng"), None);
        assert_eq!(found("báo về", "bảo vệ theo cấp độ"), None);
        assert_eq!(found("trực", "trưc ban"), Some(("trưc".into(), 0)));
        assert_eq!(found("lỗ hổng", "lổ hổng"), Some(("lổ hổng".into(), 0)));
    }

    #[test]
    fn parts_stay_in_one_clause() {
        assert!(found("rà soát .. lỗ hổng|điểm yếu", "Rà soát, khắc phục điểm yếu").is_some());
        assert!(found("rà soát .. lỗ hổng", "Rà soát tài sản. Vá lỗ hổng").is_none());
        assert!(found("rà soát .. lỗ hổng", "Rà soát tài sản; lỗ hổng").is_none());
        assert!(found("rà soát .. lỗ hổng", "Rà soát. các lỗ hổng").is_some());
    }

    /// Counted, not timed: eight times the text takes at most eight times the steps, with room for what is cut at its end.
    #[test]
    fn steps_grow_with_the_text() {
        let words = crate::words::Words::new(&crate::lexicon::Lexicon::builtin());
        let steps = |unit: &str, size: usize| {
            let text = Text::new(&unit.repeat(size / unit.len()));
            words.phrases.find(&Letters::new(&text)).steps
        };
        for unit in [
            "Rà soát lỗ hổng, điểm yếu; trực 24/7 báo cáo trước ngày 30/4. ",
            "a ",
            "truc ",
            "bao cao su co ",
        ] {
            let (small, large) = (steps(unit, 2_000), steps(unit, 16_000));
            assert!(large <= small * 9 + 1_000, "{unit:?}: {small}, then {large}");
        }
    }
}
