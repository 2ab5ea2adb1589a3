//! A value together with the characters it was read from.

use crate::reading::{Evidence, Reading};
use crate::text::Text;
use std::ops::Range;

/// A value read from somewhere.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found<T = String> {
    pub(crate) value: T,
    pub(crate) evidence: Evidence,
}

impl Found {
    /// The words of a range as they stand.
    pub(crate) fn written(text: &Text, range: Range<usize>) -> Self {
        Self { value: text.str_at(range.clone()), evidence: evidence(text, range) }
    }

    /// A whole text as it stands.
    pub(crate) fn whole(text: &Text) -> Self {
        Self::written(text, 0..text.len())
    }
}

impl<T> Found<T> {
    /// A value that says the same as the words of a range in another form.
    pub(crate) fn read(value: T, text: &Text, range: Range<usize>) -> Self {
        Self { value, evidence: evidence(text, range) }
    }

    /// Marks it as inferred or corrected.
    pub(crate) fn because(mut self, reason: &str, confidence: f32) -> Self {
        self.evidence.reason = Some(reason.to_owned());
        self.evidence.confidence = confidence;
        self
    }
}

pub(crate) fn evidence(text: &Text, range: Range<usize>) -> Evidence {
    Evidence { ranges: text.origin(range), confidence: 1.0, reason: None }
}

impl Reading {
    /// Records where the value at a path was read and gives the value on.
    pub(crate) fn note<T>(&mut self, path: impl Into<String>, found: Found<T>) -> T {
        self.spans.insert(path.into(), found.evidence);
        found.value
    }

    /// The same for a value that may be absent.
    pub(crate) fn note_some<T>(&mut self, path: impl Into<String>, found: Option<Found<T>>) -> Option<T> {
        found.map(|found| self.note(path, found))
    }

    /// Adds a problem once.
    pub(crate) fn problem(&mut self, code: &str) {
        if !self.problems.iter().any(|p| p == code) {
            self.problems.push(code.to_owned());
        }
    }
}
