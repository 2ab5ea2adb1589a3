//! Files of rules to what watches: rules under pipelines and filters, and the correlations over them.

use crate::engine::{Matcher, build::TooLarge, source::Sources};
use crate::pipeline::{Kept, Pipeline};
use crate::problem::Problem;
use crate::rule::read::{Document, File};
use crate::rule::{Correlation, Filter, Rule};

/// A rule that is not used, and why.
#[derive(Clone, Debug)]
pub struct Skipped {
    /// Its file.
    pub file: String,
    /// Its title.
    pub title: String,
    /// Why.
    pub problem: Problem,
}

/// Rules gathered from files.
#[derive(Debug, Default)]
pub struct Ruleset {
    rules: Vec<Rule>,
    /// For each rule its file.
    files: Vec<String>,
    correlations: Vec<Correlation>,
    filters: Vec<Filter>,
    /// What is not used.
    pub skipped: Vec<Skipped>,
}

/// What watches.
#[derive(Debug)]
pub struct Watch {
    /// The rules made ready.
    pub matcher: Matcher,
    /// For each rule its file.
    pub files: Vec<String>,
    /// The correlations over them.
    pub correlations: Vec<Correlation>,
    /// What is not used.
    pub skipped: Vec<Skipped>,
}

impl Ruleset {
    /// Takes in a file.
    pub fn add(&mut self, name: &str, file: File) {
        for problem in file.problems {
            if problem.weight == crate::Weight::Error {
                self.skipped.push(Skipped { file: name.to_owned(), title: String::new(), problem });
            }
        }
        for document in file.documents {
            match document {
                Document::Rule(rule) => {
                    self.rules.push(rule);
                    self.files.push(name.to_owned());
                }
                Document::Correlation(correlation) => self.correlations.push(correlation),
                Document::Filter(filter) => self.filters.push(filter),
            }
        }
    }

    /// How many rules, correlations and filters there are.
    pub fn counts(&self) -> (usize, usize, usize) {
        (self.rules.len(), self.correlations.len(), self.filters.len())
    }

    /// Applies pipelines and filters and makes the rules ready.
    ///
    /// # Errors
    /// Where they are too many.
    pub fn watch(self, pipelines: &[Pipeline], sources: &Sources) -> Result<Watch, TooLarge> {
        let mut skipped = self.skipped;
        let (mut rules, mut files) = (Vec::new(), Vec::new());
        for (mut rule, file) in self.rules.into_iter().zip(self.files) {
            for filter in &self.filters {
                if filter.concerns(&rule) {
                    filter.lay(&mut rule);
                }
            }
            match crate::pipeline::apply(pipelines, rule) {
                Kept::Rule(rule) => {
                    rules.push(*rule);
                    files.push(file);
                }
                Kept::Refused(title, problem) => skipped.push(Skipped { file, title, problem }),
            }
        }
        let called = |reference: &str| {
            rules.iter().any(|r| r.about.is_called(reference))
                || self.correlations.iter().any(|c| c.about.is_called(reference))
        };
        let (mut correlations, mut without) = (Vec::new(), Vec::new());
        for correlation in &self.correlations {
            match correlation.rules.iter().find(|(name, _)| !called(name)) {
                None => correlations.push(correlation.clone()),
                Some((name, at)) => without.push(Skipped {
                    file: String::new(),
                    title: correlation.about.title.clone(),
                    problem: Problem::error(*at, "correlation-unknown", name, ""),
                }),
            }
        }
        skipped.extend(without);
        Ok(Watch { matcher: Matcher::new(rules, sources)?, files, correlations, skipped })
    }
}
