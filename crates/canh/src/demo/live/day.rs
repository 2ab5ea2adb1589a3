//! An ordinary day, minute by minute. A minute is always the same: what is said in it comes from the seed, the minute and
//! the source alone, so any stretch of it can be made again.

use domain::time;
use jiff::{Timestamp, civil::Weekday};

use super::{
    lines::{self, Moment, plus},
    voices::Voice,
};
use crate::demo::{SEED, province::Dice};

/// Lines of a minute at most from one source: a burst of people coming to work.
const MOST: u64 = 40;

/// A line said by a source at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Which of the voices.
    pub voice: usize,
    /// When.
    pub at: Timestamp,
    /// What.
    pub line: String,
}

/// What all say in the minute that begins then, in order of time.
pub fn minute(begins: Timestamp, voices: &[Voice]) -> Vec<Said> {
    let mut all = Vec::new();
    let number = begins.as_second().div_euclid(60).unsigned_abs();
    for (voice, of) in voices.iter().enumerate() {
        // Far apart, so that neighbours' minutes have nothing in common.
        let mut dice = Dice::new(SEED ^ (number << 12) ^ ((voice as u64) << 48));
        let (by_day, by_night) = of.shipper.an_hour();
        let (share, of_all) = busy(begins);
        let an_hour = by_night + (by_day - by_night.min(by_day)) * share / of_all;
        let count = (an_hour / 60 + u64::from(dice.below(60) < an_hour % 60)).min(MOST);
        let mut say = |dice: &mut Dice, second: u64, n: u64| {
            let at = plus(begins, i64::try_from(second).unwrap_or(0));
            let moment = Moment { at, number: number * 64 + n };
            all.push(Said { voice, at, line: lines::line(of, &moment, share * 2 > of_all, dice) });
        };
        for n in 0..count {
            let second = dice.below(60);
            say(&mut dice, second, n);
        }
        for (second, line) in lines::scene(of, begins, share * 2 > of_all, &mut dice) {
            all.push(Said { voice, at: plus(begins, second), line });
        }
    }
    all.sort_by_key(|said| said.at);
    all
}

/// How busy the offices are, as a share: the morning fills up, noon is quiet, the evening has a few left; a tenth on days
/// off.
fn busy(at: Timestamp) -> (u64, u64) {
    let local = time::local(at);
    let share = match local.hour() {
        7 => 55,
        8 | 9 | 14 | 15 => 100,
        10 | 13 | 16 => 90,
        11 => 60,
        12 => 25,
        17 => 35,
        18..=21 => 8,
        _ => 0,
    };
    match local.weekday() {
        Weekday::Saturday | Weekday::Sunday => (share / 10, 100),
        _ => (share, 100),
    }
}

/// What all say from then on and before then, in order of time.
pub fn between(voices: &[Voice], from: Timestamp, to: Timestamp) -> Vec<Said> {
    let first = from.as_second().div_euclid(60);
    let last = to.as_second().div_euclid(60);
    let minutes = (first..=last).filter_map(|n| Timestamp::from_second(n * 60).ok());
    minutes.flat_map(|begins| minute(begins, voices)).filter(|said| (from..to).contains(&said.at)).collect()
}
