//! Which policy a call-out follows: by reason, severity and body.

use serde::{Deserialize, Serialize};

use super::{About, Policy, Severity};

/// A policy with what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The reasons it is for; none named: every one.
    pub about: Vec<About>,
    /// From this severity on.
    pub from: Severity,
    /// What is done.
    pub policy: Policy,
}

impl Rule {
    fn fits(&self, about: About, severity: Severity) -> bool {
        (self.about.is_empty() || self.about.contains(&about)) && self.from <= severity
    }
}

/// The rule a call-out follows, of those of its body and the bodies above with how far above each is held: the nearest
/// body's; of one body's the one that names the reason, then the one for the higher severity, then the first.
pub fn choose(rules: &[(u32, Rule)], about: About, severity: Severity) -> Option<&Rule> {
    let fitting = rules.iter().filter(|(_, r)| r.fits(about, severity));
    // `min_by_key` keeps the first of equals.
    fitting.min_by_key(|(depth, r)| (*depth, r.about.is_empty(), std::cmp::Reverse(r.from))).map(|(_, r)| r)
}
