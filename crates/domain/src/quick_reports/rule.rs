//! What a campaign sets: the hours, the grace, who is chased when. The default is data of the legal pack.

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use crate::right::names;

/// More hours a day than this would be watch-keeping, not reporting.
pub const HOURS_MAX: usize = 6;
/// A campaign chases one miss at most so often.
pub const STEPS_MAX: usize = 10;
/// Nobody is told of a miss later than this after the due time: the next round is more urgent then.
const STEP_LATEST: i32 = 24 * 60;
/// A day in minutes.
const DAY: i32 = 24 * 60;

/// Whom a step of chasing reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Whoever answers for the body.
    Body,
    /// The body's head.
    Head,
    /// Whoever decides at the body that issued the order.
    Superior,
}
names!(Audience { Body = "body", Head = "head", Superior = "superior" } "audience of a reminder");

/// One step of chasing a report that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Who hears of it.
    pub to: Audience,
    /// So many minutes after the due time; negative: before it.
    pub minutes: i32,
}

/// When reports are asked for and how their absence is chased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Whether the campaign asks for quick reports at all.
    #[serde(default = "yes")]
    pub on: bool,
    /// The hours of the day at which a round is held, in the zone of official papers.
    pub hours: Vec<Time>,
    /// A round may be answered so many minutes before its hour.
    pub opens: u32,
    /// It is due so many minutes after its hour; later is late.
    pub grace: u32,
    /// Who is chased when.
    pub chase: Vec<Step>,
}

const fn yes() -> bool {
    true
}

/// Why a rule cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRule {
    /// No hour, more than [`HOURS_MAX`], or one twice.
    #[error("the hours of rounds: one to six, none twice")]
    Hours,
    /// A round would open before the one before it is due.
    #[error("a round opens before the one before it is due")]
    Crowded,
    /// More than [`STEPS_MAX`], before the opening, after a day, or one twice.
    #[error("the steps of chasing")]
    Steps,
}

impl Rule {
    /// Hours and steps in order; or why they cannot be followed.
    pub fn checked(mut self) -> Result<Self, BadRule> {
        self.hours.sort();
        self.chase.sort_by_key(|s| (s.minutes, s.to));
        let given = (self.hours.len(), self.chase.len());
        self.hours.dedup();
        self.chase.dedup();
        if given.0 != self.hours.len() || !(1..=HOURS_MAX).contains(&given.0) {
            return Err(BadRule::Hours);
        }
        let minute = |t: &Time| i32::from(t.hour()) * 60 + i32::from(t.minute());
        let of_day: Vec<i32> = self.hours.iter().map(minute).collect();
        let next_day = of_day.first().map(|first| first + DAY);
        let least =
            of_day.iter().zip(of_day.iter().skip(1).copied().chain(next_day)).map(|(a, b)| b - a).min();
        let length = i64::from(self.opens) + i64::from(self.grace);
        if least.is_some_and(|gap| i64::from(gap) < length) {
            return Err(BadRule::Crowded);
        }
        let earliest = -length;
        let in_time = |s: &Step| (earliest..=i64::from(STEP_LATEST)).contains(&i64::from(s.minutes));
        if given.1 != self.chase.len() || given.1 > STEPS_MAX || !self.chase.iter().all(in_time) {
            return Err(BadRule::Steps);
        }
        Ok(self)
    }
}

/// What the legal pack says of quick reports: the default rule and the sentences people put their name to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The rule of a campaign that sets no other.
    pub rule: Rule,
    /// The statement that nothing happened: `{from}`, `{to}`, `{body}`.
    pub nil_vi: String,
    /// The same in English.
    pub nil_en: String,
    /// The statement of a report with something in it: also `{incidents}`, `{alerts}`.
    pub some_vi: String,
    /// The same in English.
    pub some_en: String,
    /// Added where sub-bodies have not reported: `{n}` of `{all}`.
    pub missing_vi: String,
    /// The same in English.
    pub missing_en: String,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;

    use super::*;

    pub fn usual() -> Rule {
        let step = |to, minutes| Step { to, minutes };
        Rule {
            on: true,
            hours: vec![time(8, 0, 0, 0), time(16, 0, 0, 0)],
            opens: 60,
            grace: 60,
            chase: vec![step(Audience::Body, -20), step(Audience::Body, 0), step(Audience::Head, 60)],
        }
    }

    #[test]
    fn hours_and_steps_are_put_in_order() {
        let mut rule = usual();
        rule.hours.reverse();
        rule.chase.reverse();
        assert_eq!(rule.checked(), Ok(usual()));
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        let bad = |change: fn(&mut Rule)| {
            let mut rule = usual();
            change(&mut rule);
            rule.checked().unwrap_err()
        };
        assert_eq!(bad(|r| r.hours.clear()), BadRule::Hours);
        assert_eq!(bad(|r| r.hours.push(time(8, 0, 0, 0))), BadRule::Hours);
        assert_eq!(bad(|r| r.hours.push(time(9, 0, 0, 0))), BadRule::Crowded);
        assert_eq!(
            bad(|r| r.hours = vec![time(7, 30, 0, 0), time(23, 0, 0, 0), time(6, 0, 0, 0)]),
            BadRule::Crowded
        );
        assert_eq!(bad(|r| r.grace = 1_000), BadRule::Crowded);
        assert_eq!(bad(|r| r.chase[0].minutes = -121), BadRule::Steps);
        assert_eq!(bad(|r| r.chase[0].minutes = 1_441), BadRule::Steps);
        assert_eq!(bad(|r| r.chase.push(r.chase[0])), BadRule::Steps);
    }
}
