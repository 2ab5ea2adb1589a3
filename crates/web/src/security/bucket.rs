//! Token buckets per source: so many at once, so many a second after that. Bounded in memory, fed with `now`.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

/// The most sources remembered at once: a few megabytes. Beyond it new sources share one bucket, so that a flood from
/// many addresses slows itself and not those who were there before.
const SOURCES_MAX: usize = 20_000;
/// Under which name those beyond the limit are counted.
const CROWD: &str = "*";
/// Full buckets are swept out no more often than this.
const SWEEP: SignedDuration = SignedDuration::from_secs(1);

/// Buckets of one kind.
pub(crate) struct Buckets {
    burst: f64,
    per_second: f64,
    levels: Mutex<Levels>,
}

/// What is left of each source, and when.
#[derive(Default)]
struct Levels {
    of: HashMap<String, (f64, Timestamp)>,
    swept: Option<Timestamp>,
}

impl Buckets {
    /// `burst` at once, then `per_second`.
    pub(crate) fn new(burst: u32, per_second: f64) -> Self {
        Self { burst: f64::from(burst), per_second, levels: Mutex::default() }
    }

    /// Takes one token of that source; if there is none, says after how many seconds there is.
    pub(crate) fn take(&self, source: &str, now: Timestamp) -> Result<(), u32> {
        let mut levels = self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        let known = levels.of.contains_key(source);
        // Looking through all of them for each new one would be the flood's work done for it.
        if !known
            && levels.of.len() >= SOURCES_MAX
            && levels.swept.is_none_or(|at| now.duration_since(at) >= SWEEP)
        {
            levels.swept = Some(now);
            levels.of.retain(|_, (level, at)| self.filled(*level, *at, now) < self.burst);
        }
        let crowded = !known && levels.of.len() >= SOURCES_MAX;
        let key = if crowded { CROWD } else { source };
        let (level, at) = levels.of.get(key).copied().unwrap_or((self.burst, now));
        let level = self.filled(level, at, now);
        let (left, result) = if level >= 1.0 {
            (level - 1.0, Ok(()))
        } else {
            // At most a few minutes with the rates used here.
            (level, Err(((1.0 - level) / self.per_second).ceil() as u32))
        };
        levels.of.insert(key.to_owned(), (left, now.max(at)));
        result
    }

    /// Gives a token back: what it was taken for turned out well.
    pub(crate) fn give_back(&self, source: &str) {
        let mut levels = self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((level, _)) = levels.of.get_mut(source) {
            *level = (*level + 1.0).min(self.burst);
        }
    }

    fn filled(&self, level: f64, at: Timestamp, now: Timestamp) -> f64 {
        let seconds = now.duration_since(at).as_secs_f64().max(0.0);
        (level + seconds * self.per_second).min(self.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_burst_then_a_trickle_for_each_source_alone() {
        let buckets = Buckets::new(3, 0.5);
        for _ in 0..3 {
            assert_eq!(buckets.take("a", at(0)), Ok(()));
        }
        assert_eq!(buckets.take("a", at(0)), Err(2));
        assert_eq!(buckets.take("b", at(0)), Ok(()));
        assert_eq!(buckets.take("a", at(1)), Err(1));
        assert_eq!(buckets.take("a", at(2)), Ok(()));
        assert_eq!(buckets.take("a", at(2)), Err(2));
        buckets.give_back("a");
        assert_eq!(buckets.take("a", at(2)), Ok(()));
        // A clock that goes back gives nothing away.
        assert!(buckets.take("a", at(-1000)).is_err());
    }

    #[test]
    fn a_flood_of_sources_takes_no_more_memory_and_slows_only_itself() {
        let buckets = Buckets::new(5, 0.001);
        assert_eq!(buckets.take("early", at(0)), Ok(()));
        let refused = (0..SOURCES_MAX * 2).filter(|n| buckets.take(&n.to_string(), at(0)).is_err()).count();
        assert!(refused > SOURCES_MAX / 2);
        assert_eq!(buckets.take("early", at(0)), Ok(()));
        assert!(buckets.levels.lock().unwrap().of.len() <= SOURCES_MAX + 1);
        // When they have gone there is room again.
        assert_eq!(buckets.take("late", at(100_000)), Ok(()));
        assert!(buckets.levels.lock().unwrap().of.len() < 10);
    }
}
