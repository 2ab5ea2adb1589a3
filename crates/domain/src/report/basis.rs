//! What a report was made from, and what has become of it since.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{Id, kind};

/// What a report was made from. Kept with it; its digest stands in the record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// Facts learnt by then: id → digest of what they say.
    pub facts: BTreeMap<String, String>,
    /// Verdicts as they stood: task → `state handled/total`.
    pub verdicts: BTreeMap<String, String>,
    /// The numbers shown: name → as written.
    pub numbers: BTreeMap<String, String>,
    /// The lines whose outages it told: facts of theirs are among its facts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Id<kind::Line>>,
}

/// How a fact a report rests on is no longer as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Altered {
    /// It says something else: facts are never rewritten, so somebody went past Canh.
    Changed(String),
    /// It is gone.
    Gone(String),
}

/// Something that moved on, as things do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Which: a task's id or a number's name.
    pub what: String,
    /// Then.
    pub then: String,
    /// Now; empty where it is no more.
    pub now: String,
}

/// What a comparison found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// Facts that are not as they were: tampering.
    pub altered: Vec<Altered>,
    /// Verdicts that have moved on since.
    pub verdicts: Vec<Moved>,
    /// Numbers that would read otherwise today.
    pub numbers: Vec<Moved>,
}

impl Compared {
    /// Whether what the report rests on is untouched; that time goes on does not matter.
    pub fn untouched(&self) -> bool {
        self.altered.is_empty()
    }
}

/// Holds what a report was made from against the records of now: `now.facts` are those learnt before it was made.
pub fn compare(then: &Basis, now: &Basis) -> Compared {
    let mut altered: Vec<Altered> = then
        .facts
        .iter()
        .filter_map(|(id, digest)| match now.facts.get(id) {
            Some(same) if same == digest => None,
            Some(_) => Some(Altered::Changed(id.clone())),
            None => Some(Altered::Gone(id.clone())),
        })
        .collect();
    // A fact that was slipped in with an earlier date was not there when the report was made.
    altered
        .extend(now.facts.keys().filter(|id| !then.facts.contains_key(*id)).cloned().map(Altered::Changed));
    Compared {
        altered,
        verdicts: moved(&then.verdicts, &now.verdicts),
        numbers: moved(&then.numbers, &now.numbers),
    }
}

fn moved(then: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<Moved> {
    then.iter()
        .filter(|(what, was)| now.get(*what) != Some(was))
        .map(|(what, was)| Moved {
            what: what.clone(),
            then: was.clone(),
            now: now.get(what).cloned().unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn time_moves_verdicts_but_nothing_moves_facts() {
        let then = Basis {
            facts: map(&[("f1", "a"), ("f2", "b")]),
            verdicts: map(&[("t1", "partly 1/2")]),
            numbers: map(&[("met", "1")]),
            ..Basis::default()
        };
        let mut now = then.clone();
        assert_eq!(compare(&then, &now), Compared::default());
        now.verdicts = map(&[("t1", "met 2/2")]);
        now.numbers = map(&[("met", "2")]);
        let later = compare(&then, &now);
        assert!(later.untouched());
        assert_eq!((later.verdicts.len(), later.numbers[0].now.as_str()), (1, "2"));
        now.facts = map(&[("f1", "x"), ("f3", "c")]);
        let found = compare(&then, &now).altered;
        let want = [Altered::Changed("f1".into()), Altered::Gone("f2".into()), Altered::Changed("f3".into())];
        assert_eq!(found, want);
    }
}
