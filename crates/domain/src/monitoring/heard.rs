//! What is known of a system at every minute: it was heard, it was silent, or nobody could have heard it.

use jiff::{SignedDuration, Timestamp};

use crate::time::Window;

/// A stretch in which a source spoke again and again, never silent for longer than the gap in force then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    /// When it was first heard.
    pub from: Timestamp,
    /// When it was last heard.
    pub to: Timestamp,
}

/// What one source of a system said, and since when it could.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// When the source was made: before that nobody could have heard it.
    pub since: Timestamp,
    /// When it was heard, in order of time.
    pub stretches: Vec<Stretch>,
}

/// How a system is at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Held {
    /// At least one of its sources was heard.
    Heard,
    /// It has sources, and none of them was heard.
    Silent,
    /// It had no source.
    Unknown,
}

/// A part of a window in which a system was in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// When.
    pub span: Window,
    /// How.
    pub held: Held,
}

/// Minutes of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Minutes {
    /// Heard.
    pub heard: u32,
    /// Past, with a source, and not heard.
    pub silent: u32,
    /// Past, without a source.
    pub unknown: u32,
    /// All of the window, also those ahead.
    pub all: u32,
}

impl Minutes {
    /// Both together: for several systems.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            heard: self.heard.saturating_add(other.heard),
            silent: self.silent.saturating_add(other.silent),
            unknown: self.unknown.saturating_add(other.unknown),
            all: self.all.saturating_add(other.all),
        }
    }
}

/// A source's stretches with gaps no longer than `gap` closed; the last one reaches to `now` while it is believed.
fn closed(spoken: &Spoken, now: Timestamp, gap: SignedDuration) -> Vec<Stretch> {
    let mut merged: Vec<Stretch> = Vec::new();
    for &stretch in spoken.stretches.iter().filter(|s| s.from <= now) {
        match merged.last_mut() {
            Some(last) if stretch.from.duration_since(last.to) <= gap => last.to = last.to.max(stretch.to),
            _ => merged.push(stretch),
        }
    }
    if let Some(last) = merged.last_mut()
        && now.duration_since(last.to) <= gap
    {
        last.to = now.max(last.to);
    }
    merged
}

/// How a system was in the past part of a window, without gaps between the segments.
pub fn timeline(window: Window, now: Timestamp, gap: SignedDuration, sources: &[Spoken]) -> Vec<Segment> {
    let end = window.to.min(now);
    let heard: Vec<Stretch> = {
        let mut all: Vec<Stretch> = sources.iter().flat_map(|s| closed(s, now, gap)).collect();
        all.sort_unstable();
        all
    };
    let since = sources.iter().map(|s| s.since).min();
    let mut cuts: Vec<Timestamp> = heard.iter().flat_map(|s| [s.from, s.to]).chain(since).collect();
    cuts.retain(|at| window.from < *at && *at < end);
    cuts.extend([window.from, end]);
    cuts.sort_unstable();
    cuts.dedup();
    let mut segments: Vec<Segment> = Vec::new();
    // The stretch that reaches furthest of those begun: cuts and stretches are both in order of time.
    let (mut next, mut reach) = (0, Timestamp::MIN);
    for pair in cuts.windows(2) {
        let [from, to] = *pair else { continue };
        if from >= end {
            break;
        }
        while let Some(stretch) = heard.get(next).filter(|s| s.from <= from) {
            reach = reach.max(stretch.to);
            next += 1;
        }
        let held = match since {
            _ if reach > from => Held::Heard,
            Some(since) if since <= from => Held::Silent,
            _ => Held::Unknown,
        };
        match segments.last_mut() {
            Some(last) if last.held == held => last.span.to = to,
            _ => segments.push(Segment { span: Window { from, to }, held }),
        }
    }
    segments
}

/// The minutes of a window; what of it lies ahead is in `all` alone.
pub fn minutes(window: Window, timeline: &[Segment]) -> Minutes {
    let whole = |held: Held| {
        let of = timeline.iter().filter(|s| s.held == held);
        let sum = of.fold(SignedDuration::ZERO, |sum, s| sum + s.span.to.duration_since(s.span.from));
        u32::try_from(sum.as_mins().max(0)).unwrap_or(u32::MAX)
    };
    let all = window.to.duration_since(window.from).as_mins().max(0);
    Minutes {
        heard: whole(Held::Heard),
        silent: whole(Held::Silent),
        unknown: whole(Held::Unknown),
        all: u32::try_from(all).unwrap_or(u32::MAX),
    }
}

/// How a system is now, and of one that is heard until when that is believed without another word.
pub fn at(now: Timestamp, gap: SignedDuration, sources: &[Spoken]) -> (Held, Option<Timestamp>) {
    if sources.is_empty() {
        return (Held::Unknown, None);
    }
    let last = sources.iter().flat_map(|s| &s.stretches).filter(|s| s.from <= now).map(|s| s.to).max();
    let until = last.and_then(|at| at.checked_add(gap).ok()).filter(|until| now <= *until);
    (if until.is_some() { Held::Heard } else { Held::Silent }, until)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }
    fn spoken(since: i64, stretches: &[(i64, i64)]) -> Spoken {
        let stretches = stretches.iter().map(|(from, to)| Stretch { from: t(*from), to: t(*to) }).collect();
        Spoken { since: t(since), stretches }
    }
    fn told(now: i64, sources: &[Spoken]) -> (Vec<(i64, Held)>, Minutes) {
        let window = Window { from: t(0), to: t(1_000) };
        let line = timeline(window, t(now), SignedDuration::from_mins(60), sources);
        let ends = line.iter().map(|s| (s.span.to.duration_since(t(0)).as_mins(), s.held)).collect();
        (ends, minutes(window, &line))
    }

    #[test]
    fn every_minute_is_heard_silent_or_unknown() {
        let (line, m) = told(900, &[spoken(100, &[(110, 300), (500, 600)])]);
        assert_eq!(
            line,
            [
                (100, Held::Unknown),
                (110, Held::Silent),
                (300, Held::Heard),
                (500, Held::Silent),
                (600, Held::Heard),
                (900, Held::Silent)
            ]
        );
        assert_eq!(m, Minutes { heard: 290, silent: 510, unknown: 100, all: 1_000 });
    }

    #[test]
    fn without_a_source_nothing_is_known_and_without_a_word_it_is_silent() {
        assert_eq!(told(500, &[]).1, Minutes { unknown: 500, all: 1_000, ..Minutes::default() });
        assert_eq!(told(500, &[spoken(-10, &[])]).1.silent, 500);
        assert_eq!(told(-5, &[spoken(-10, &[])]).1, Minutes { all: 1_000, ..Minutes::default() });
    }

    #[test]
    fn one_source_speaks_for_the_other_and_the_last_word_holds_for_the_gap() {
        let both = [spoken(-10, &[(0, 200)]), spoken(-10, &[(150, 400)])];
        assert_eq!(told(460, &both).0, [(460, Held::Heard)], "sixty minutes after the last word");
        assert_eq!(told(461, &both).0, [(400, Held::Heard), (461, Held::Silent)]);
        assert_eq!(told(900, &[spoken(-10, &[(0, 300), (355, 900)])]).1.silent, 0, "a gap that is allowed");
    }

    #[test]
    fn now_is_heard_until_the_gap_is_over() {
        let gap = SignedDuration::from_mins(60);
        let one = [spoken(0, &[(10, 100)])];
        assert_eq!(at(t(160), gap, &one), (Held::Heard, Some(t(160))));
        assert_eq!(at(t(161), gap, &one), (Held::Silent, None));
        assert_eq!(at(t(5), gap, &[spoken(0, &[])]), (Held::Silent, None));
        assert_eq!(at(t(5), gap, &[]), (Held::Unknown, None));
    }
}
