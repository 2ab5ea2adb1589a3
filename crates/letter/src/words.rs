//! The lexicon made ready for looking up: folded lists and compiled phrases.

use crate::letters::Letters;
use crate::lexicon::{Lexicon, Rule, Whom};
use crate::phrases::{Builder, Hits, Phrase, Phrases};
use crate::text::Text;
use aho_corasick::AhoCorasick;
use domain::text::fold;
use std::collections::BTreeMap;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// A compiled rule.
#[derive(Debug)]
pub(crate) struct Say {
    pub(crate) code: String,
    pub(crate) say: Vec<Phrase>,
    pub(crate) sure: Vec<Phrase>,
    pub(crate) except: Vec<Phrase>,
    pub(crate) hides: Vec<String>,
    pub(crate) only_providers: bool,
    pub(crate) only_operators: bool,
    pub(crate) never_providers: bool,
    pub(crate) closing: bool,
}

impl Say {
    fn new(rule: &Rule, builder: &mut Builder) -> Self {
        Self {
            code: rule.code.clone(),
            say: rule.say.iter().map(|s| builder.phrase(s)).collect(),
            sure: rule.sure.iter().map(|s| builder.phrase(s)).collect(),
            except: rule.except.iter().map(|s| builder.phrase(s)).collect(),
            hides: rule.hides.clone(),
            only_providers: rule.only == Some(Whom::Providers),
            only_operators: rule.only == Some(Whom::Operators),
            never_providers: rule.never == Some(Whom::Providers),
            closing: rule.closing,
        }
    }

    /// The first place where the rule holds: range of letters and edits needed.
    pub(crate) fn find(&self, hits: &Hits, letters: &Letters) -> Option<(Range<usize>, usize)> {
        // Most rules say nothing of most items: exceptions are looked for only where there is something to except.
        let says = self.say.iter().chain(&self.sure).any(|phrase| !hits.of(phrase, letters, &[]).is_empty());
        if !says {
            return None;
        }
        let except: Vec<Range<usize>> =
            self.except.iter().flat_map(|phrase| hits.whole(phrase, letters)).map(|hit| hit.range).collect();
        self.say
            .iter()
            .flat_map(|phrase| hits.of(phrase, letters, &except))
            .chain(self.sure.iter().flat_map(|phrase| hits.of(phrase, letters, &[])))
            .min_by_key(|hit| (hit.edits, hit.range.start))
            .map(|hit| (hit.range, hit.edits))
    }
}

/// Everything looked up while reading.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) lexicon: Lexicon,
    pub(crate) phrases: Phrases,
    pub(crate) duties: Vec<Say>,
    pub(crate) scopes: Vec<Say>,
    pub(crate) occasions: Vec<Say>,
    pub(crate) providers: Vec<Phrase>,
    pub(crate) operators: Vec<Phrase>,
    pub(crate) vendors: Vec<Phrase>,
    pub(crate) openers: Vec<String>,
    pub(crate) head_openers: Vec<String>,
    /// The same in lower case with their marks.
    pub(crate) marked_openers: Vec<String>,
    pub(crate) titles: Vec<String>,
    pub(crate) ranks: Vec<String>,
    pub(crate) surnames: Vec<String>,
    pub(crate) everyone: Vec<String>,
    pub(crate) inside: Vec<String>,
    /// Names of offices that hold a verb's look-alike, folded.
    pub(crate) offices: Option<AhoCorasick>,
    /// Finds the terms of `sound`, by their place in it.
    pub(crate) sound_terms: Option<AhoCorasick>,
    pub(crate) verbs: Verbs,
    /// Names of known holes, longest first, folded, with the place of each in the lexicon.
    pub(crate) holes: Vec<(String, usize)>,
    /// Names of vendors, folded, with the place of each in the lexicon.
    pub(crate) vendor_names: Vec<(String, usize)>,
    pub(crate) events: Vec<String>,
    pub(crate) kinds: Vec<(String, String)>,
    /// Folded terms and their sound form in lower case, to give back marks a scan has changed.
    pub(crate) sound: Vec<(String, Vec<char>)>,
    /// Folded name, name as it is written.
    pub(crate) names: Vec<(String, String)>,
}

impl Words {
    /// The words that name a kind of paper.
    pub(crate) fn kinds_words(&self) -> Vec<String> {
        self.kinds.iter().map(|(word, _)| word.clone()).collect()
    }

    /// Whether a body's opening word stands here with its own marks.
    pub(crate) fn opens_marked(&self, text: &Text, at: usize) -> bool {
        self.marked_openers.iter().any(|opener| {
            let here: String =
                text.chars().get(at..at + opener.chars().count()).unwrap_or_default().iter().collect();
            here.to_lowercase() == *opener
        })
    }

    pub(crate) fn new(lexicon: &Lexicon) -> Self {
        let mut builder = Builder::default();
        let duties = lexicon.duty.iter().map(|rule| Say::new(rule, &mut builder)).collect();
        let scopes = lexicon.scope.iter().map(|rule| Say::new(rule, &mut builder)).collect();
        let occasions = lexicon.occasion.iter().map(|rule| Say::new(rule, &mut builder)).collect();
        let providers = lexicon.actors.providers.iter().map(|s| builder.phrase(s)).collect();
        let operators = lexicon.actors.operators.iter().map(|s| builder.phrase(s)).collect();
        let vendors = lexicon.actors.vendors.iter().map(|s| builder.phrase(s)).collect();
        let mut kinds: Vec<(String, String)> =
            lexicon.kind.iter().flat_map(|k| k.words.iter().map(|w| (fold(w), k.code.clone()))).collect();
        kinds.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        let mut sound: Vec<(String, Vec<char>)> = (lexicon.bodies.names.iter())
            .chain(&lexicon.bodies.sound)
            .filter(|term| term.contains(' ') && term.chars().count() >= 7)
            .map(|term| (fold(term), term.nfc().flat_map(char::to_lowercase).collect()))
            .collect();
        sound.sort_by_key(|(folded, _)| std::cmp::Reverse(folded.len()));
        Self {
            phrases: builder.build(),
            duties,
            scopes,
            occasions,
            providers,
            operators,
            vendors,
            openers: longest_first(&lexicon.bodies.openers),
            marked_openers: lexicon.bodies.head.iter().map(|w| w.to_lowercase().nfc().collect()).collect(),
            head_openers: longest_first(&lexicon.bodies.head),
            titles: longest_first(&lexicon.people.titles),
            ranks: longest_first(&lexicon.people.ranks),
            surnames: longest_first(&lexicon.people.surnames),
            everyone: longest_first(&lexicon.actors.everyone),
            inside: longest_first(&lexicon.actors.inside),
            offices: AhoCorasick::new(longest_first(&lexicon.actors.offices)).ok(),
            verbs: Verbs::new(&lexicon.actors.verbs),
            holes: {
                let mut holes: Vec<(String, usize)> = lexicon
                    .vulnerability
                    .iter()
                    .enumerate()
                    .flat_map(|(at, v)| v.also.iter().chain([&v.name]).map(move |n| (fold(n), at)))
                    .collect();
                holes.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
                holes
            },
            vendor_names: lexicon
                .vendor
                .iter()
                .enumerate()
                .flat_map(|(at, v)| v.also.iter().chain([&v.name]).map(move |n| (fold(n), at)))
                .collect(),
            events: lexicon.event.iter().flat_map(|e| longest_first(&e.say)).collect(),
            kinds,
            sound_terms: AhoCorasick::new(sound.iter().map(|(folded, _)| folded)).ok(),
            sound,
            names: {
                let mut names: Vec<(String, String)> =
                    lexicon.bodies.names.iter().map(|n| (fold(n), n.clone())).collect();
                names.sort_by_key(|(folded, _)| std::cmp::Reverse(folded.len()));
                names
            },
            lexicon: lexicon.clone(),
        }
    }
}

fn longest_first(words: &[String]) -> Vec<String> {
    let mut folded: Vec<String> = words.iter().map(|w| fold(w)).collect();
    folded.sort_by_key(|w| std::cmp::Reverse(w.len()));
    folded.dedup();
    folded
}

/// The longest of these words that a folded text begins with, as a whole word.
pub(crate) fn begins<'w>(folded: &str, words: &'w [String]) -> Option<&'w str> {
    words
        .iter()
        .find(|word| {
            folded
                .strip_prefix(word.as_str())
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
        })
        .map(String::as_str)
}

/// What bodies are told to do, ready to be found at a place.
#[derive(Debug, Default)]
pub(crate) struct Verbs(BTreeMap<u8, Vec<Verb>>);

#[derive(Debug)]
struct Verb {
    word: String,
    chars: Vec<char>,
    folded: String,
    /// Folded, without blanks.
    joined: String,
}

/// Letters from which a verb may have lost its marks or been split by a scan.
const LONG_VERB: usize = 8;

impl Verbs {
    fn new(words: &[String]) -> Self {
        let mut all: BTreeMap<u8, Vec<Verb>> = BTreeMap::new();
        for word in words {
            let word: String = word.to_lowercase().nfc().collect();
            let folded = Text::new(&word).folded().to_owned();
            let Some(first) = folded.bytes().next() else { continue };
            let joined = folded.replace(' ', "");
            all.entry(first).or_default().push(Verb { chars: word.chars().collect(), word, folded, joined });
        }
        for verbs in all.values_mut() {
            verbs.sort_by_key(|v| std::cmp::Reverse(v.chars.len()));
        }
        Self(all)
    }

    /// The longest verb that stands at a place: marks count for short ones ("khóa" is no "khoa"), not for long ones.
    pub(crate) fn at(&self, text: &Text, at: usize) -> Option<&str> {
        let first = text.folded().as_bytes().get(at)?;
        let mut joined: Option<String> = None;
        self.0
            .get(first)?
            .iter()
            .find(|verb| {
                let len = verb.chars.len();
                let bounded = !text.char_at(at + len).is_some_and(char::is_alphanumeric);
                let marked = || text.chars().get(at..at + len) == Some(verb.chars.as_slice());
                let alike = || len >= LONG_VERB && text.folded_at(at..at + len) == verb.folded;
                // A long one may be split in the middle by a scan.
                let mut split = || {
                    len >= LONG_VERB && {
                        let rest = joined.get_or_insert_with(|| {
                            let end = text.len().min(at + LONGEST_VERB);
                            text.folded_at(at..end).replace(' ', "")
                        });
                        rest.starts_with(&verb.joined)
                            && text
                                .folded_at(at..text.len().min(at + len + 2))
                                .bytes()
                                .filter(|b| *b != b' ')
                                .count()
                                >= verb.joined.len()
                    }
                };
                bounded && (marked() || alike()) || split()
            })
            .map(|verb| verb.word.as_str())
    }
}

/// Letters looked at for a verb that was split.
const LONGEST_VERB: usize = 48;
