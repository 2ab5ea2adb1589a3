//! A policy: whom to call, when, how often. Data; checked when it is saved.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    id::{Id, kind},
    right::{Role, names},
};

/// More steps nobody can keep in mind at night.
pub const STEPS_MAX: usize = 20;
/// Targets of one step.
pub const TARGETS_MAX: usize = 10;
/// More rounds are a nuisance, not help.
pub const REPEATS_MAX: u8 = 10;
/// No wait of a policy is longer than a day.
pub const MINUTES_MAX: u16 = 24 * 60;
/// The shortest wait before a round is gone through again, and before what nobody moved on is open again: shorter
/// ones call the same people faster than they can dress.
pub const WAIT_MIN: u16 = 5;

/// Whom a step calls. Written as one word, so that forms, files and the API say it alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// `same`: whoever it is about.
    Same,
    /// `on-duty`, `on-duty:POST`: whoever is first in line at the call-out's post, or at that one.
    OnDuty(Option<Id<kind::Post>>),
    /// `deputy`, `deputy:POST`: whoever else is on duty there, behind in line first.
    Deputy(Option<Id<kind::Post>>),
    /// `next`, `next:POST`: whoever is first in line there next.
    Next(Option<Id<kind::Post>>),
    /// `head`: the heads of the call-out's body.
    Head,
    /// `above`: whoever is on duty at the nearest body above that has somebody awake; its coordinators otherwise.
    Above,
    /// `person:ID`.
    Person(Id<kind::Person>),
    /// `role:ROLE`, `role:ROLE:BODY`: holders of a role at the call-out's body, or at that one.
    Role(Role, Option<Id<kind::Body>>),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |f: &mut fmt::Formatter<'_>, word: &str, post: &Option<Id<kind::Post>>| match post {
            Some(post) => write!(f, "{word}:{post}"),
            None => f.write_str(word),
        };
        match self {
            Target::Same => f.write_str("same"),
            Target::OnDuty(post) => at(f, "on-duty", post),
            Target::Deputy(post) => at(f, "deputy", post),
            Target::Next(post) => at(f, "next", post),
            Target::Head => f.write_str("head"),
            Target::Above => f.write_str("above"),
            Target::Person(person) => write!(f, "person:{person}"),
            Target::Role(role, None) => write!(f, "role:{role}"),
            Target::Role(role, Some(body)) => write!(f, "role:{role}:{body}"),
        }
    }
}

/// No such target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such target")]
pub struct BadTarget;

impl FromStr for Target {
    type Err = BadTarget;
    fn from_str(text: &str) -> Result<Self, BadTarget> {
        let mut parts = text.splitn(3, ':');
        let (word, first, second) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        let post = || first.map(str::parse).transpose().map_err(|_| BadTarget);
        let target = match word {
            "same" if first.is_none() => Target::Same,
            "head" if first.is_none() => Target::Head,
            "above" if first.is_none() => Target::Above,
            "on-duty" => Target::OnDuty(post()?),
            "deputy" => Target::Deputy(post()?),
            "next" => Target::Next(post()?),
            "person" => Target::Person(first.and_then(|p| p.parse().ok()).ok_or(BadTarget)?),
            "role" => {
                let role = first.and_then(Role::parse).ok_or(BadTarget)?;
                Target::Role(role, second.map(str::parse).transpose().map_err(|_| BadTarget)?)
            }
            _ => return Err(BadTarget),
        };
        // Only roles have a third part.
        if second.is_some() && word != "role" { Err(BadTarget) } else { Ok(target) }
    }
}
impl Serialize for Target {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// In which hours a step is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hours {
    /// At any time.
    #[default]
    Always,
    /// Only in working hours.
    Working,
    /// Only outside of them.
    Off,
}
names!(Hours { Always = "always", Working = "working", Off = "off" } "hours of a step");

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// So many minutes after its round began.
    pub after_minutes: u16,
    /// In which hours; passed over in others.
    #[serde(default)]
    pub only: Hours,
    /// Whom, all at once.
    pub targets: Vec<Target>,
}

/// Whom to call, when, how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// What people call it.
    pub name: String,
    /// In the order of time.
    pub steps: Vec<Step>,
    /// How often the steps are gone through again after the first round.
    pub repeats: u8,
    /// So many minutes after a round's last step the next begins, or, after the last round, the call-out is expired.
    pub pause_minutes: u16,
    /// So many minutes after it was taken, without a sign of progress, it is open again and called from the first
    /// step; `None`: it stays taken.
    pub lapse_minutes: Option<u16>,
}

impl Policy {
    /// What is wrong with it: a word people are shown; `Ok` where it can be kept.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.steps.is_empty() {
            return Err("policy-no-step");
        }
        if self.steps.len() > STEPS_MAX {
            return Err("policy-steps-many");
        }
        if self.steps.iter().any(|s| s.targets.is_empty() || s.targets.len() > TARGETS_MAX) {
            return Err("policy-targets");
        }
        if !self.steps.is_sorted_by_key(|s| s.after_minutes) {
            return Err("policy-order");
        }
        let waits = [Some(self.pause_minutes), self.lapse_minutes];
        let wrong = waits.into_iter().flatten().any(|m| !(WAIT_MIN..=MINUTES_MAX).contains(&m));
        if wrong || self.steps.iter().any(|s| s.after_minutes > MINUTES_MAX) || self.repeats > REPEATS_MAX {
            return Err("policy-minutes");
        }
        Ok(())
    }

    /// Every target once.
    pub fn targets(&self) -> Vec<Target> {
        let mut all: Vec<Target> = self.steps.iter().flat_map(|s| s.targets.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}
