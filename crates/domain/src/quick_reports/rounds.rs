//! From the hours and the window to rounds.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::Rule;
use crate::time::{self, Window};

/// A year of six rounds a day: no campaign is longer, and a mistyped window does not fill the memory.
pub const ROUNDS_MAX: usize = 2_200;

/// One time at which every body reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// Its hour: also its name within the campaign.
    pub at: Timestamp,
    /// It speaks of the time from here to its hour.
    pub since: Timestamp,
    /// From here it may be answered.
    pub opens: Timestamp,
    /// In time before this instant, late from it on.
    pub due: Timestamp,
    /// Which rule governs it: its place in the list given to [`rounds`].
    pub rule: usize,
}

impl Round {
    /// `2027-02-06-0800`: how addresses name it.
    pub fn key(&self) -> String {
        time::local(self.at).strftime("%Y-%m-%d-%H%M").to_string()
    }
}

/// A rule and from when it governs; the first of a list governs from the beginning.
pub type Governed = (Timestamp, Rule);

/// The rounds of a campaign, earliest first: each hour of each day of the window, weekends and Tết included. A round
/// belongs to the rule in force when it opens, so that changing the hours never takes back a round under way, and
/// never asks for one whose time has passed.
pub fn rounds(governed: &[Governed], window: Window, zone: &TimeZone) -> Vec<Round> {
    let mut found = Vec::new();
    for (index, (from, rule)) in governed.iter().enumerate().filter(|(_, (_, rule))| rule.on) {
        let from = if index == 0 { Timestamp::MIN } else { *from };
        let to = governed.get(index + 1).map_or(Timestamp::MAX, |(next, _)| *next);
        let mut day = window.from.to_zoned(zone.clone()).date();
        let last = window.to.to_zoned(zone.clone()).date();
        while day <= last && found.len() < ROUNDS_MAX {
            for hour in &rule.hours {
                let Ok(at) = day.to_datetime(*hour).to_zoned(zone.clone()) else { continue };
                let at = at.timestamp();
                let opens = shift(at, -i64::from(rule.opens));
                // At its very start a window has nothing to report.
                if window.from < at && at <= window.to && from <= opens && opens < to {
                    let due = shift(at, i64::from(rule.grace));
                    found.push(Round { at, since: window.from, opens, due, rule: index });
                }
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
    }
    found.sort_by_key(|r| r.at);
    found.dedup_by_key(|r| r.at);
    let mut since = window.from;
    for round in &mut found {
        round.since = since;
        since = round.at;
    }
    found
}

fn shift(at: Timestamp, minutes: i64) -> Timestamp {
    let bound = if minutes < 0 { Timestamp::MIN } else { Timestamp::MAX };
    at.checked_add(SignedDuration::from_secs(minutes.saturating_mul(60))).unwrap_or(bound)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time as hour};

    use super::*;

    fn rule(hours: &[i8]) -> Rule {
        Rule {
            on: true,
            hours: hours.iter().map(|h| hour(*h, 0, 0, 0)).collect(),
            opens: 60,
            grace: 30,
            chase: vec![],
        }
    }

    fn t(text: &str) -> Timestamp {
        format!("2027-02-{text}:00+07:00").parse().unwrap()
    }

    fn keys(rounds: &[Round]) -> Vec<String> {
        rounds.iter().map(Round::key).collect()
    }

    #[test]
    fn every_day_of_the_window_has_its_rounds_tet_included() {
        let window = Window::days(date(2027, 2, 4), date(2027, 2, 13));
        let found = rounds(&[(Timestamp::MIN, rule(&[8, 16]))], window, &time::zone());
        assert_eq!(found.len(), 20);
        let first = found[0];
        assert_eq!((first.at, first.opens, first.due), (t("04T08:00"), t("04T07:00"), t("04T08:30")));
        assert_eq!((first.since, found[1].since), (t("04T00:00"), t("04T08:00")));
        assert_eq!(found[4].key(), "2027-02-06-0800", "the first day of Tết");
        assert_eq!(found[2].since, t("04T16:00"), "no hour of the window is left out");
    }

    #[test]
    fn a_window_by_the_hour_has_the_rounds_inside_it_and_one_at_its_very_end() {
        let found = rounds(
            &[(Timestamp::MIN, rule(&[8, 16]))],
            Window { from: t("04T08:00"), to: t("05T16:00") },
            &time::zone(),
        );
        assert_eq!(keys(&found), ["2027-02-04-1600", "2027-02-05-0800", "2027-02-05-1600"]);
    }

    #[test]
    fn other_hours_hold_from_their_own_time_on() {
        let window = Window::days(date(2027, 2, 4), date(2027, 2, 6));
        // Changed at 07:20 of the fifth, while the round of 08:00 is open.
        let governed = [(Timestamp::MIN, rule(&[8, 16])), (t("05T07:20"), rule(&[6, 9, 20]))];
        let found = rounds(&governed, window, &time::zone());
        assert_eq!(
            keys(&found),
            [
                "2027-02-04-0800",
                "2027-02-04-1600",
                "2027-02-05-0800",
                "2027-02-05-0900",
                "2027-02-05-2000",
                "2027-02-06-0600",
                "2027-02-06-0900",
                "2027-02-06-2000"
            ]
        );
        assert_eq!((found[2].rule, found[3].rule), (0, 1));
    }

    #[test]
    fn switched_off_means_no_rounds_from_then_on() {
        let window = Window::days(date(2027, 2, 4), date(2027, 2, 6));
        let off = Rule { on: false, ..rule(&[8]) };
        let found = rounds(&[(Timestamp::MIN, rule(&[8])), (t("05T12:00"), off)], window, &time::zone());
        assert_eq!(keys(&found), ["2027-02-04-0800", "2027-02-05-0800"]);
    }

    #[test]
    fn a_window_of_a_thousand_years_ends() {
        let window = Window::days(date(2027, 1, 1), date(3027, 1, 1));
        let found = rounds(&[(Timestamp::MIN, rule(&[8, 16]))], window, &time::zone());
        assert!(found.len() < ROUNDS_MAX + 2);
    }
}
