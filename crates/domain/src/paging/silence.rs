//! Listening to a centre from another machine: when its silence is told, to whom again, and when that it is back.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// When silence is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Looks that fail for so long are a silence.
    pub silent_after: SignedDuration,
    /// Whoever was told of one is told again so much later while it lasts.
    pub again_after: SignedDuration,
}

/// What whoever listens remembers from look to look.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// The last sign of life.
    pub heard: Option<Timestamp>,
    /// The first look since then that failed. Counted from looks, not from the last sign of life: a machine that slept
    /// itself has heard nothing either.
    pub since: Option<Timestamp>,
    /// Who was told of this silence, and when last.
    pub told: BTreeMap<String, Timestamp>,
}

/// A silence that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over {
    /// Since when.
    pub since: Timestamp,
    /// Who was told of it, and is to be told that it is over.
    pub told: Vec<String>,
}

impl Silence {
    /// A look: the centre answered, or it did not. Says so when that ends a silence of which somebody was told.
    pub fn looked(&mut self, alive: bool, now: Timestamp) -> Option<Over> {
        if !alive {
            self.since.get_or_insert(now);
            return None;
        }
        let over = self.since.filter(|_| !self.told.is_empty());
        let over = over.map(|since| Over { since, told: self.told.keys().cloned().collect() });
        *self = Self { heard: Some(now), ..Self::default() };
        over
    }

    /// Since when it is silent, if it has been for long enough.
    pub fn silent(&self, patience: Patience, now: Timestamp) -> Option<Timestamp> {
        self.since.filter(|since| now.duration_since(*since) >= patience.silent_after)
    }

    /// Whether somebody is to be told now.
    pub fn is_due(&self, who: &str, patience: Patience, now: Timestamp) -> bool {
        let last = self.told.get(who);
        self.silent(patience, now).is_some()
            && last.is_none_or(|last| now.duration_since(*last) >= patience.again_after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience =
        Patience { silent_after: SignedDuration::from_secs(120), again_after: SignedDuration::from_mins(15) };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_hiccup_is_no_silence() {
        let mut s = Silence::default();
        assert_eq!(s.looked(true, at(0)), None);
        assert_eq!(s.looked(false, at(60)), None);
        assert!(!s.is_due("a", PATIENCE, at(60)));
        assert_eq!(s.looked(false, at(119)), None);
        assert!(!s.is_due("a", PATIENCE, at(119)));
        assert_eq!(s.looked(true, at(120)), None, "nobody was told, so nobody is told that it is over");
        s.looked(false, at(150));
        assert!(!s.is_due("a", PATIENCE, at(200)), "it counts anew");
    }

    #[test]
    fn everybody_is_told_once_and_again_while_it_lasts() {
        let mut s = Silence::default();
        s.looked(true, at(0));
        s.looked(false, at(30));
        s.looked(false, at(150));
        assert_eq!(s.silent(PATIENCE, at(150)), Some(at(30)));
        assert!(s.is_due("a", PATIENCE, at(150)) && s.is_due("b", PATIENCE, at(150)));
        // One channel took it, the other did not: that one alone is tried at the next look.
        s.told.insert("a".into(), at(150));
        assert!(!s.is_due("a", PATIENCE, at(180)) && s.is_due("b", PATIENCE, at(180)));
        assert!(s.is_due("a", PATIENCE, at(150 + 15 * 60)));
        let over = s.looked(true, at(2_000)).unwrap();
        assert_eq!(over, Over { since: at(30), told: vec!["a".into()] });
        assert_eq!(s, Silence { heard: Some(at(2_000)), ..Silence::default() });
    }

    #[test]
    fn a_listener_that_slept_does_not_cry_at_its_first_look() {
        let mut s = Silence::default();
        s.looked(true, at(0));
        s.looked(false, at(7 * 86_400));
        assert!(!s.is_due("a", PATIENCE, at(7 * 86_400)));
    }
}
