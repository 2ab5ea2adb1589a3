//! Finding phrases in damaged text.
//!
//! Phrases and text are compared as letters and digits only: blanks, hyphens and stray marks do not count, so words
//! split in the middle, joined words and scattered punctuation cost nothing. Longer phrases may also differ by an
//! edit or two. Candidates come from one Aho-Corasick pass over pieces of every phrase (of k+1 pieces of a phrase with
//! k errors one is intact), so time stays linear in the text.

use crate::letters::Letters;
use crate::limits::MAX_FUZZY_CHECKS;
use crate::marks::{Syllable, marks_fit, sorted_marks};
use crate::near::{allowed_edits, approximate};
use crate::text::Text;
use aho_corasick::{AhoCorasick, MatchKind};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

/// Letters between two parts of a phrase written with `..`.
const GAP: usize = 70;

/// Letters between two parts written with `//`.
const FAR: usize = 400;

/// Where a phrase was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Range of letters.
    pub(crate) range: Range<usize>,
    /// Letters that had to be changed, dropped or added.
    pub(crate) edits: usize,
    /// Whether a word there is a word of its own, and the phrase's only if a scan changed its marks.
    pub(crate) strange: bool,
    /// Whether a comma stands in it where the phrase has none: "trực, tiếp nhận" is no "trực tiếp".
    pub(crate) parted: bool,
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
    /// Whether each literal is written with a comma.
    commas: Vec<bool>,
    /// The syllables of all phrases with their marks: words of their own.
    known: HashSet<Vec<char>>,
    pieces: Option<AhoCorasick>,
    /// For each piece: the literal and the piece's offset in it.
    owners: Vec<Vec<(usize, usize)>>,
}

/// Collects literals while phrases are parsed.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    literals: Vec<String>,
    marked: Vec<Option<String>>,
    commas: Vec<bool>,
    syllables: Vec<Vec<Syllable>>,
    known: HashMap<(String, String, bool), usize>,
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
        // "đổi" and "đội" are two, however alike their letters.
        let key = (letters.clone(), sorted_marks(&read.marked), source.contains(','));
        if let Some(id) = self.known.get(&key) {
            return Some(*id);
        }
        let id = self.literals.len();
        self.known.insert(key, id);
        self.literals.push(letters);
        self.syllables.push(Syllable::all(source));
        self.marked.push(marked);
        self.commas.push(source.contains(','));
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
        let known = self.syllables.iter().flatten().map(|syllable| syllable.parts.clone()).collect();
        Phrases {
            literals: self.literals,
            marked: self.marked,
            commas: self.commas,
            syllables: self.syllables,
            known,
            pieces,
            owners,
        }
    }
}

/// All places of all literals in one text.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    /// For each literal where its places are in `places`; 0 for one that stands nowhere, as most do.
    index: Vec<u32>,
    places: Vec<Vec<Hit>>,
    strict: bool,
    /// Candidate places looked at: the work done, counted for the test that it grows no faster than the text.
    #[cfg(test)]
    pub(crate) steps: usize,
}

impl Phrases {
    pub(crate) fn find(&self, text: &Letters) -> Hits {
        let mut index: Vec<u32> = vec![0; self.literals.len()];
        let mut hits: Vec<Vec<Hit>> = vec![Vec::new()];
        let Some(pieces) = &self.pieces else {
            return Hits { index, places: hits, ..Hits::default() };
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
                    let syllables = self.syllables.get(literal).map(Vec::as_slice).unwrap_or_default();
                    let Some(strange) = marks_fit(syllables, here, &self.known) else { continue };
                    // Short phrases stand as whole words; long ones may have lost the blank beside them.
                    (bounded
                        || (letters.len() >= 10
                            && (text.begins_at(range.start) || text.begins_at(range.end))))
                    .then(|| {
                        let parted = text.parted(&range) && self.commas.get(literal) == Some(&false);
                        // A word that goes on is only the phrase's where a scan lost the blank.
                        Hit { range, edits: 0, strange: strange || !bounded, parted }
                    })
                } else if allowed_edits(letters.len()) > 0
                    && checks < MAX_FUZZY_CHECKS
                    && seen.insert((literal, found.start()))
                {
                    checks += 1;
                    approximate(text, letters, start, &self.known)
                } else {
                    None
                };
                let Some(hit) = hit else { continue };
                let Some(slot) = index.get_mut(literal) else { continue };
                if *slot == 0 {
                    *slot = u32::try_from(hits.len()).unwrap_or(0);
                    hits.push(Vec::new());
                }
                if let Some(of) = hits.get_mut(*slot as usize) {
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
            index,
            places: hits,
            strict: false,
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
        for (slot, marked) in hits.index.iter().zip(&self.marked) {
            let (Some(marked), true) = (marked, *slot > 0) else { continue };
            for hit in hits.places.get(*slot as usize).into_iter().flatten() {
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
    /// The places of one literal.
    fn places(&self, literal: usize) -> &[Hit] {
        let slot = self.index.get(literal).copied().unwrap_or(0);
        self.places.get(slot as usize).map(Vec::as_slice).unwrap_or_default()
    }

    /// In a sound paper a word is itself and not another with wrong marks.
    pub(crate) fn strict(self, strict: bool) -> Self {
        Self { strict, ..self }
    }

    /// Every place of a phrase; in a sound paper its words are not parted by commas it does not have, nor changed:
    /// "tuyên truyền đậm nét" is not "tuyến truyền dẫn".
    pub(crate) fn whole(&self, phrase: &Phrase, text: &Letters) -> Vec<Hit> {
        self.chains(phrase, text, &|hit| !(self.strict && (hit.parted || hit.edits > 0)))
    }

    /// Every place of a phrase, ignoring parts that overlap one of the `except` ranges.
    pub(crate) fn of(&self, phrase: &Phrase, text: &Letters, except: &[Range<usize>]) -> Vec<Hit> {
        self.chains(phrase, text, &|hit| {
            !except.iter().any(|e| e.start < hit.range.end && hit.range.start < e.end)
        })
    }

    fn chains(&self, phrase: &Phrase, text: &Letters, free: &dyn Fn(&Hit) -> bool) -> Vec<Hit> {
        let free = |hit: &&Hit| !(self.strict && hit.strange) && free(hit);
        let mut chains: Option<Vec<Hit>> = None;
        for part in &phrase.0 {
            if chains.as_ref().is_some_and(Vec::is_empty) {
                break;
            }
            let mut next: Vec<&Hit> =
                part.literals.iter().flat_map(|id| self.places(*id)).filter(free).collect();
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
                                strange: false,
                                parted: false,
                            })
                    })
                    .collect(),
            });
        }
        chains.unwrap_or_default()
    }
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
