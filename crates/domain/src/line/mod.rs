//! Lines and outages: what is known of a line at every minute of a window.
//!
//! A report says how a line is at one moment and is believed for a while; after that nobody knows. An outage stands
//! from its start until somebody says that it is over. Minutes nobody vouched for are unknown, never up.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{legal::Pack, right::names, time::Window};

/// How long a report is believed: data of the legal pack.
pub const HOLD: &str = "line.report";
/// Where the pack says nothing: two reports a day.
const HOLD_HOURS: u32 = 16;

/// What kind of line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineKind {
    /// Internet.
    Internet,
    /// Mạng truyền số liệu chuyên dùng.
    Dedicated,
    /// Mobile network.
    Mobile,
    /// Telephone, hotline.
    Voice,
    /// Power.
    Power,
    /// Anything else.
    Other,
}
names!(LineKind {
    Internet = "internet", Dedicated = "dedicated", Mobile = "mobile", Voice = "voice", Power = "power",
    Other = "other",
} "kind of line");

/// How a line is, as somebody reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineState {
    /// Works.
    Ok,
    /// Works badly.
    Degraded,
    /// Does not work.
    Down,
}
names!(LineState { Ok = "ok", Degraded = "degraded", Down = "down" } "state of a line");

/// A stretch of reports that all said the same, none further from the one before than a report is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported {
    /// The first of them.
    pub from: Timestamp,
    /// The last.
    pub to: Timestamp,
    /// What they said.
    pub state: LineState,
}

/// An outage; without an end it still lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    /// First moment.
    pub from: Timestamp,
    /// First moment after.
    pub to: Option<Timestamp>,
}

/// A stretch of a window in which a line was known to be in one state, or not known at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// First moment.
    pub from: Timestamp,
    /// First moment after.
    pub to: Timestamp,
    /// What is known; `None` = nothing.
    pub state: Option<LineState>,
}

/// Minutes of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Minutes {
    /// Known to work, well or badly.
    pub up: u32,
    /// Of those, badly.
    pub degraded: u32,
    /// Known not to work.
    pub down: u32,
    /// Past, and nobody knows.
    pub unknown: u32,
    /// All of the window, also those ahead.
    pub all: u32,
}

impl Minutes {
    /// Both together: for several lines.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            up: self.up.saturating_add(other.up),
            degraded: self.degraded.saturating_add(other.degraded),
            down: self.down.saturating_add(other.down),
            unknown: self.unknown.saturating_add(other.unknown),
            all: self.all.saturating_add(other.all),
        }
    }
}

/// How long a report is believed under that pack.
pub fn hold(pack: &Pack) -> SignedDuration {
    SignedDuration::from_hours(i64::from(pack.deadline(HOLD).map_or(HOLD_HOURS, |d| d.hours)))
}

/// What is known of the past part of a window, without gaps. `reported` in order of time. An outage outranks a report;
/// of two reports the later one counts.
pub fn timeline(
    window: Window,
    now: Timestamp,
    hold: SignedDuration,
    reported: &[Reported],
    gone: &[Gone],
) -> Vec<Segment> {
    let end = window.to.min(now);
    let believed = |r: &Reported| r.to.checked_add(hold).unwrap_or(Timestamp::MAX);
    let mut cuts: Vec<Timestamp> = reported.iter().flat_map(|r| [r.from, believed(r)]).collect();
    cuts.extend(gone.iter().flat_map(|g| [Some(g.from), g.to]).flatten());
    cuts.retain(|at| window.from < *at && *at < end);
    cuts.extend([window.from, end]);
    cuts.sort_unstable();
    cuts.dedup();
    let at = |t: Timestamp| {
        if gone.iter().any(|g| g.from <= t && g.to.is_none_or(|to| t < to)) {
            return Some(LineState::Down);
        }
        let n = reported.partition_point(|r| r.from <= t).checked_sub(1)?;
        reported.get(n).filter(|r| t < believed(r)).map(|r| r.state)
    };
    let mut segments: Vec<Segment> = Vec::new();
    for pair in cuts.windows(2) {
        let [from, to] = *pair else { continue };
        if from >= end {
            break;
        }
        let state = at(from);
        match segments.last_mut() {
            Some(last) if last.state == state => last.to = to,
            _ => segments.push(Segment { from, to, state }),
        }
    }
    segments
}

/// What is known at that moment, and until when it is known.
pub fn state_at(
    now: Timestamp,
    hold: SignedDuration,
    reported: &[Reported],
    gone: &[Gone],
) -> (Option<LineState>, Option<Timestamp>) {
    if gone.iter().any(|g| g.from <= now && g.to.is_none_or(|to| now < to)) {
        return (Some(LineState::Down), None);
    }
    let last = reported.iter().rev().find(|r| r.from <= now);
    match last.map(|r| (r.state, r.to.checked_add(hold).unwrap_or(Timestamp::MAX))) {
        Some((state, until)) if now < until => (Some(state), Some(until)),
        _ => (None, None),
    }
}

/// Of the time a report is believed this part is left when somebody is asked for the next one.
const ASKED_AGAIN: i32 = 4;

/// Whether somebody should say how a line is: nobody knows, or soon nobody will. A lasting outage waits for its end.
pub fn due(state: Option<LineState>, until: Option<Timestamp>, now: Timestamp, hold: SignedDuration) -> bool {
    state.is_none() || until.is_some_and(|until| until.duration_since(now) < hold / ASKED_AGAIN)
}

/// The minutes of a window, by what is known of them.
pub fn minutes(window: Window, segments: &[Segment]) -> Minutes {
    let whole = |seconds: i64| u32::try_from(seconds.max(0) / 60).unwrap_or(u32::MAX);
    let sum = |of: &dyn Fn(Option<LineState>) -> bool| {
        let mine = segments.iter().filter(|s| of(s.state));
        whole(mine.map(|s| s.to.duration_since(s.from).as_secs()).sum())
    };
    let all = whole(window.to.duration_since(window.from).as_secs());
    let past = whole(segments.iter().map(|s| s.to.duration_since(s.from).as_secs()).sum());
    let (up, down) = (
        sum(&|s| matches!(s, Some(LineState::Ok | LineState::Degraded))),
        sum(&|s| s == Some(LineState::Down)),
    );
    // What rounding leaves over is not known either.
    let unknown = past.saturating_sub(up).saturating_sub(down);
    Minutes { up, degraded: sum(&|s| s == Some(LineState::Degraded)), down, unknown, all }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 60;

    fn t(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }
    fn window(minutes: i64) -> Window {
        Window { from: t(0), to: t(minutes) }
    }
    fn hold(minutes: i64) -> SignedDuration {
        SignedDuration::from_mins(minutes)
    }
    fn reported(from: i64, to: i64, state: LineState) -> Reported {
        Reported { from: t(from), to: t(to), state }
    }

    #[test]
    fn a_report_is_believed_for_a_while_and_then_nobody_knows() {
        let said = [reported(0, 60, LineState::Ok), reported(500, 500, LineState::Degraded)];
        let found = timeline(window(600), t(600), hold(120), &said, &[]);
        let states: Vec<_> = found.iter().map(|s| s.state).collect();
        assert_eq!(states, [Some(LineState::Ok), None, Some(LineState::Degraded)]);
        let counted = minutes(window(600), &found);
        assert_eq!(counted, Minutes { up: 280, degraded: 100, down: 0, unknown: 320, all: 600 });
        assert_eq!(state_at(t(100), hold(120), &said, &[]), (Some(LineState::Ok), Some(t(180))));
        assert_eq!(state_at(t(200), hold(120), &said, &[]), (None, None));
    }

    #[test]
    fn a_report_is_asked_for_before_the_last_one_is_forgotten() {
        let said = [reported(0, 0, LineState::Ok)];
        let asked = |at: i64, gone: &[Gone]| {
            let (state, until) = state_at(t(at), hold(120), &said, gone);
            due(state, until, t(at), hold(120))
        };
        assert_eq!([0, 90, 91, 120, 500].map(|at| asked(at, &[])), [false, false, true, true, true]);
        assert!(!asked(500, &[Gone { from: t(60), to: None }]), "what lasts needs no saying again");
    }

    #[test]
    fn an_outage_lasts_until_somebody_says_it_is_over_and_outranks_reports() {
        let said = [reported(0, 10 * HOUR, LineState::Ok)];
        let open = [Gone { from: t(60), to: None }];
        let found = timeline(window(600), t(600), hold(120), &said, &open);
        assert_eq!(
            minutes(window(600), &found),
            Minutes { up: 60, down: 540, all: 600, ..Minutes::default() }
        );
        assert_eq!(state_at(t(599), hold(120), &said, &open).0, Some(LineState::Down));
        let over = [Gone { from: t(60), to: Some(t(90)) }];
        assert_eq!(minutes(window(600), &timeline(window(600), t(600), hold(120), &said, &over)).down, 30);
    }

    #[test]
    fn the_future_is_neither_up_nor_unknown() {
        let found = timeline(window(600), t(100), hold(120), &[reported(0, 90, LineState::Ok)], &[]);
        assert_eq!(minutes(window(600), &found), Minutes { up: 100, all: 600, ..Minutes::default() });
        assert!(timeline(window(600), t(-5), hold(120), &[], &[]).is_empty());
        assert_eq!(minutes(window(600), &timeline(window(600), t(60), hold(9), &[], &[])).unknown, 60);
    }

    proptest! {
        #[test]
        fn every_past_minute_is_counted_once(
            reports in prop::collection::vec((0_i64..900, 0_i64..200, 0_usize..3), 0..12),
            outages in prop::collection::vec((0_i64..900, prop::option::of(1_i64..200)), 0..4),
            now in -10_i64..1_000, believed in 1_i64..400,
        ) {
            let mut from = 0;
            let said: Vec<_> = reports.into_iter().map(|(gap, len, n)| {
                let start = from + gap / 4;
                from = start + len / 4 + 1;
                reported(start, start + len / 4, LineState::ALL[n])
            }).collect();
            let gone: Vec<_> = outages.into_iter()
                .map(|(from, len)| Gone { from: t(from), to: len.map(|l| t(from + l)) }).collect();
            let found = timeline(window(600), t(now), hold(believed), &said, &gone);
            prop_assert!(found.windows(2).all(|p| p[0].to == p[1].from && p[0].state != p[1].state));
            let m = minutes(window(600), &found);
            prop_assert_eq!(i64::from(m.up + m.down + m.unknown), now.clamp(0, 600));
        }
    }
}
