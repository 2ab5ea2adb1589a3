//! Files of rules to what watches: rules under pipelines and filters, and the correlations over them.

use std::collections::{BTreeSet, HashMap};

use crate::engine::{Matcher, build::TooLarge, source::Sources};
use crate::pipeline::{Kept, Pipeline};
use crate::problem::Problem;
use crate::rule::read::{Document, File};
use crate::rule::{About, Correlation, Filter, Rule};

/// A rule that is not used, and why.
#[derive(Clone, Debug)]
pub struct Skipped {
    /// Its file.
    pub file: String,
    /// What it is known by; empty where the file could not be read.
    pub rule: String,
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
    /// For each correlation its file.
    correlation_files: Vec<String>,
    filters: Vec<Filter>,
    /// Ids, or titles of rules without, that are left out.
    off: BTreeSet<String>,
    /// The file each id was first seen in.
    ids: HashMap<String, String>,
    /// What is not used.
    pub skipped: Vec<Skipped>,
}

impl Skipped {
    fn of(file: String, about: &About, problem: Problem) -> Self {
        Self { file, rule: about.called().to_owned(), title: about.title.clone(), problem }
    }
}

/// Rules under pipelines and filters, and what rests on them.
#[derive(Debug)]
pub struct Fitted {
    /// The rules.
    pub rules: Vec<Rule>,
    /// For each rule its file.
    pub files: Vec<String>,
    /// The correlations over them.
    pub correlations: Vec<Correlation>,
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
    /// One that leaves out what has one of those ids or, having none, titles.
    pub fn without(off: BTreeSet<String>) -> Self {
        Self { off, ..Self::default() }
    }

    /// Takes in a file. Of rules of two files with one id those of the first are used; a collection may share one.
    pub fn add(&mut self, name: &str, file: File) {
        for problem in file.problems {
            if problem.weight == crate::Weight::Error {
                let (rule, title) = (String::new(), String::new());
                self.skipped.push(Skipped { file: name.to_owned(), rule, title, problem });
            }
        }
        for document in file.documents {
            let about = document.about();
            if self.off.contains(about.called()) {
                continue;
            }
            if let Some(id) = about.id.clone() {
                if let Some(other) = self.ids.get(&id).filter(|other| *other != name) {
                    let problem = Problem::error(about.at, "id-twice", format!("{id} ({other})"), "");
                    self.skipped.push(Skipped::of(name.to_owned(), about, problem));
                    continue;
                }
                self.ids.insert(id, name.to_owned());
            }
            match document {
                Document::Rule(rule) => {
                    self.rules.push(rule);
                    self.files.push(name.to_owned());
                }
                Document::Correlation(correlation) => {
                    self.correlations.push(correlation);
                    self.correlation_files.push(name.to_owned());
                }
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
        let Fitted { rules, files, correlations, skipped } = self.fitted(pipelines);
        Ok(Watch { matcher: Matcher::new(rules, sources)?, files, correlations, skipped })
    }

    /// Applies pipelines and filters.
    pub fn fitted(self, pipelines: &[Pipeline]) -> Fitted {
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
                Kept::Refused(about, problem) => skipped.push(Skipped::of(file, &about, problem)),
            }
        }
        let called = |reference: &str| {
            rules.iter().any(|r| r.about.is_called(reference))
                || self.correlations.iter().any(|c| c.about.is_called(reference))
        };
        let (mut correlations, mut without) = (Vec::new(), Vec::new());
        for (correlation, file) in self.correlations.iter().zip(&self.correlation_files) {
            match correlation.rules.iter().find(|(name, _)| !called(name)) {
                None => correlations.push(correlation.clone()),
                Some((name, at)) => {
                    let problem = Problem::error(*at, "correlation-unknown", name, "");
                    without.push(Skipped::of(file.clone(), &correlation.about, problem));
                }
            }
        }
        skipped.extend(without);
        Fitted { rules, files, correlations, skipped }
    }
}
