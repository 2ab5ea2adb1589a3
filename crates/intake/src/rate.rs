//! How many events a source may send: so many a second, ten seconds' worth at once.

use jiff::Timestamp;

/// Shippers send what they gathered at once.
const BURST_SECONDS: u32 = 10;

/// What a source may still send.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    left: f64,
    at: Timestamp,
}

impl Rate {
    /// Full.
    pub fn new(rate: u32, now: Timestamp) -> Self {
        Self { left: f64::from(rate) * f64::from(BURST_SECONDS), at: now }
    }
    /// Takes so many, if there are that many; a batch larger than all that could ever be there is let in when it is
    /// full, or its sender would try for ever.
    pub fn take(&mut self, n: usize, rate: u32, now: Timestamp) -> bool {
        let most = f64::from(rate) * f64::from(BURST_SECONDS);
        let gone = now.duration_since(self.at).as_secs_f64().max(0.0);
        self.left = (self.left + gone * f64::from(rate)).min(most);
        self.at = now;
        let wanted = u32::try_from(n).map_or(f64::MAX, f64::from).min(most);
        let enough = self.left >= wanted;
        if enough {
            self.left -= wanted;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_in_then_only_the_rate() {
        let at = |s: i64| Timestamp::from_second(s).unwrap();
        let mut rate = Rate::new(10, at(0));
        assert!(rate.take(100, 10, at(0)));
        assert!(!rate.take(1, 10, at(0)));
        assert!(rate.take(10, 10, at(1)) && !rate.take(1, 10, at(1)));
        assert!(!rate.take(5, 10, at(0)), "a clock set back gives nothing");
        assert!(rate.take(5_000, 10, at(100)), "larger than all there can be: when it is full");
        assert!(!rate.take(5_000, 10, at(101)));
    }
}
