//! Check-ins: what the people on duty owe, and what their answers prove (DUTY).
//!
//! A minute counts as *watched* only where somebody was on duty and the check-ins due around it were made. A covered
//! minute without a check-in where one was due is *unknown*: a name on a list has never woken up by itself.

use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::{CheckIn, Line, Post, Shift, rules::Person};
use crate::{right::names, time::Window};

/// Which check-in of a shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// Nhận ca.
    Start,
    /// Điểm danh giữa ca.
    During,
    /// Giao ca.
    End,
}
names!(Moment { Start = "start", During = "during", End = "end" } "moment of a shift");

/// A check-in somebody owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// Who.
    pub person: Person,
    /// Which one.
    pub moment: Moment,
    /// When it is due.
    pub due: Timestamp,
    /// From then on it is missed.
    pub missed: Timestamp,
}

/// A check-in somebody made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Who.
    pub person: Person,
    /// When.
    pub at: Timestamp,
}

/// How long before its time a check-in counts: people come early for the hand-over.
pub const EARLY_MINUTES: i64 = 30;

/// The check-ins a shift owes under a post's rule, in the order of time. Only the first in line owe any: whoever is
/// behind them sleeps until called.
pub fn owed(shift: &Shift, rule: CheckIn) -> Vec<Owed> {
    if shift.line != Line::Primary || shift.from >= shift.to {
        return Vec::new();
    }
    let grace = i64::from(rule.grace_minutes).minutes();
    let one = |moment, due: Timestamp| Owed {
        person: shift.person,
        moment,
        due,
        missed: due.checked_add(grace).unwrap_or(due),
    };
    let mut all = Vec::new();
    if rule.at_start {
        all.push(one(Moment::Start, shift.from));
    }
    if let Some(every) = rule.every_minutes.filter(|m| *m > 0) {
        let mut due = shift.from;
        while let Ok(next) = due.checked_add(i64::from(every).minutes())
            && next < shift.to
        {
            due = next;
            all.push(one(Moment::During, due));
        }
    }
    if rule.at_end {
        all.push(one(Moment::End, shift.to));
    }
    all
}

/// When what is owed was answered: the person's first check-in — at a shift's end also the successor's — from [`EARLY_MINUTES`] before its time until the next
/// one's, so that one tap never answers two.
pub fn answered(owed: &[Owed], made: &[Made]) -> Vec<Option<Timestamp>> {
    let mut used = vec![false; made.len()];
    let answer = |(index, owed_now): (usize, &Owed)| {
        let opens = owed_now.due.checked_sub(EARLY_MINUTES.minutes()).unwrap_or(owed_now.due);
        let closes = owed.get(index + 1).map_or(Timestamp::MAX, |next| next.due);
        // Whoever takes over ends the watch of whoever they take it from.
        let whose = |m: &Made| m.person == owed_now.person || owed_now.moment == Moment::End;
        let fits = |m: &Made| whose(m) && opens <= m.at && (m.at < closes || m.at <= owed_now.missed);
        let found = made
            .iter()
            .enumerate()
            .filter(|(n, m)| fits(m) && used.get(*n) == Some(&false))
            .min_by_key(|(_, m)| m.at);
        let (n, m) = found?;
        if let Some(flag) = used.get_mut(n) {
            *flag = true;
        }
        Some(m.at)
    };
    owed.iter().enumerate().map(answer).collect()
}

/// What a window's minutes amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// All time of the window that has passed.
    pub all: SignedDuration,
    /// Somebody was on duty and every check-in due around it was made.
    pub watched: SignedDuration,
    /// Somebody was on duty, and a check-in that was due is missing.
    pub unknown: SignedDuration,
    /// Nobody, or not enough people, were on duty.
    pub uncovered: SignedDuration,
}

/// What the part of `window` up to `now` amounts to, given a post's shifts and the check-ins made.
///
/// A late check-in proves the time after it, not the time before. A shift that has not ended is proved by its
/// check-ins so far; once its end is due and missed, what followed the last check-in is unknown.
pub fn tally(post: &Post, shifts: &[Shift], made: &[Made], window: Window, now: Timestamp) -> Tally {
    let past = Window { from: window.from, to: window.to.min(now) };
    if past.from >= past.to {
        return Tally::default();
    }
    let proved = all_proved(post, shifts, made, now);
    let all = past.to.duration_since(past.from);
    let covered = super::coverage::covered(post, shifts, past);
    let watched = super::coverage::covered(post, &proved, past);
    Tally { all, watched, unknown: covered - watched, uncovered: all - covered }
}

/// The shifts cut down to what their check-ins prove.
fn all_proved(post: &Post, shifts: &[Shift], made: &[Made], now: Timestamp) -> Vec<Shift> {
    let cut = |s: &Shift| {
        let parts = proved(s, post.check_in, made, now);
        parts.into_iter().map(|w| Shift { from: w.from, to: w.to, ..s.clone() }).collect::<Vec<_>>()
    };
    shifts.iter().filter(|s| s.line == Line::Primary).flat_map(cut).collect()
}

/// What a stretch of a post's time amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// Có người trực và điểm danh.
    Watched,
    /// Có người trực, chưa điểm danh.
    Unknown,
    /// Không đủ người trực.
    Uncovered,
}
names!(Held { Watched = "watched", Unknown = "unknown", Uncovered = "uncovered" } "what time at a post amounts to");

/// A stretch of a post's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// From when to when.
    pub span: Window,
    /// What it amounts to.
    pub held: Held,
    /// Who was first in line.
    pub people: Vec<Person>,
}

/// The same as [`tally`], stretch by stretch: its lengths are the tally's.
pub fn stretches(
    post: &Post,
    shifts: &[Shift],
    made: &[Made],
    window: Window,
    now: Timestamp,
) -> Vec<Stretch> {
    let past = Window { from: window.from, to: window.to.min(now) };
    if past.from >= past.to {
        return Vec::new();
    }
    let proved = all_proved(post, shifts, made, now);
    let need = usize::from(post.needed.max(1));
    let on = |of: &[Shift], at: Timestamp| {
        let there = |s: &&Shift| s.line == Line::Primary && s.from <= at && at < s.to;
        let mut people: Vec<Person> = of.iter().filter(there).map(|s| s.person).collect();
        people.sort_unstable();
        people.dedup();
        people
    };
    let test = |at: Timestamp| {
        let people = on(shifts, at);
        let held = match (on(&proved, at).len() >= need, people.len() >= need) {
            (true, _) => Held::Watched,
            (false, true) => Held::Unknown,
            (false, false) => Held::Uncovered,
        };
        Some((held, people))
    };
    let borders = shifts.iter().chain(&proved).flat_map(|s| [s.from, s.to]);
    let found = super::coverage::between(borders, past, test);
    found.into_iter().map(|(span, (held, people))| Stretch { span, held, people }).collect()
}

/// The parts of a shift which its check-ins prove.
fn proved(shift: &Shift, rule: CheckIn, made: &[Made], now: Timestamp) -> Vec<Window> {
    let owed = owed(shift, rule);
    let answers = answered(&owed, made);
    let mut parts = Vec::new();
    // From when on the time up to the next due check-in is proved; nothing owed yet proves it from the beginning.
    let mut since = Some(shift.from);
    let mut last = shift.from;
    for (owed, answer) in owed.iter().zip(&answers) {
        let pending = answer.is_none() && now < owed.missed;
        let holds = owed.moment != Moment::End || answer.is_some() || pending;
        if let Some(from) = since.filter(|from| holds && *from < owed.due) {
            parts.push(Window { from, to: owed.due });
        }
        since = match answer {
            // In time: proves from when it was due; late: from when it was made.
            Some(at) if *at < owed.missed => Some(owed.due),
            Some(at) => Some((*at).max(owed.due)),
            None if pending => Some(owed.due),
            None => None,
        };
        last = owed.due;
    }
    if let Some(from) = since.filter(|from| last < shift.to && *from < shift.to) {
        parts.push(Window { from, to: shift.to });
    }
    parts
}

#[cfg(test)]
mod tests;
