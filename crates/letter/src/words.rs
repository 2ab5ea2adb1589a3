//! The lexicon made ready for looking up: folded lists and compiled phrases.

use crate::letters::Letters;
use crate::lexicon::{Lexicon, Rule, Whom};
use crate::phrases::{Builder, Hits, Phrase, Phrases};
use crate::text::Text;
use domain::text::fold;
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
    /// Verbs in lower case with their marks, longest first.
    pub(crate) verbs: Vec<String>,
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
            verbs: {
                let mut verbs: Vec<String> =
                    lexicon.actors.verbs.iter().map(|v| v.to_lowercase().nfc().collect()).collect();
                verbs.sort_by_key(|v| std::cmp::Reverse(v.chars().count()));
                verbs
            },
            events: lexicon.event.iter().flat_map(|e| longest_first(&e.say)).collect(),
            kinds,
            sound: {
                let all = lexicon.bodies.names.iter().chain(&lexicon.bodies.sound);
                let mut sound: Vec<(String, Vec<char>)> = all
                    .filter(|term| term.contains(' ') && term.chars().count() >= 7)
                    .map(|term| (fold(term), term.nfc().flat_map(char::to_lowercase).collect()))
                    .collect();
                sound.sort_by_key(|(folded, _)| std::cmp::Reverse(folded.len()));
                sound
            },
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

/// The longest verb that stands at a place: marks count for short ones ("khóa" is no "khoa"), not for long ones.
pub(crate) fn verb_at<'w>(text: &Text, at: usize, verbs: &'w [String]) -> Option<&'w str> {
    verbs
        .iter()
        .find(|verb| {
            let len = verb.chars().count();
            let end = at + len;
            let bounded = !text.char_at(end).is_some_and(char::is_alphanumeric);
            let here = text.chars().get(at..end).unwrap_or_default();
            let marked = here.iter().copied().eq(verb.chars());
            // A long one may be split in the middle by a scan.
            let split = || {
                len >= 8 && {
                    let joined: Vec<char> = text
                        .chars()
                        .get(at..)
                        .unwrap_or_default()
                        .iter()
                        .take(len + 2)
                        .filter(|c| **c != ' ')
                        .take(len)
                        .map(|c| domain::text::fold_char(*c))
                        .collect();
                    let wanted: Vec<char> =
                        verb.chars().filter(|c| *c != ' ').map(domain::text::fold_char).collect();
                    joined.starts_with(&wanted)
                }
            };
            let alike = || {
                len >= 8
                    && here
                        .iter()
                        .map(|c| domain::text::fold_char(*c))
                        .eq(verb.chars().map(domain::text::fold_char))
            };
            bounded && here.len() == len && (marked || alike()) || split()
        })
        .map(String::as_str)
}
