//! Who is told of a report that is not there, and when: pure, so that ten days of a thousand bodies are a unit test.

use jiff::{SignedDuration, Timestamp};

use super::{Audience, Round, Rule};

/// A message about a miss is worth sending for so long after its moment; then, if Canh stood still, it is left out.
pub const STALE: SignedDuration = SignedDuration::from_hours(6);

/// One message to be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Which step of the rule.
    pub step: usize,
    /// Whom it reaches.
    pub to: Audience,
    /// When it was meant to be sent.
    pub at: Timestamp,
}

/// The steps of an unanswered round that are to be sent now; `sent` are those that went out for this body and round.
/// After a standstill each audience hears once, of how things stand: steps that a later one to the same audience has
/// overtaken, and those older than [`STALE`], are left out rather than made up for.
pub fn due(rule: &Rule, round: &Round, sent: &[usize], now: Timestamp) -> Vec<Due> {
    let past: Vec<Due> = steps(rule, round).filter(|s| s.at <= now).collect();
    past.iter()
        .filter(|s| {
            let overtaken = past.iter().any(|later| later.to == s.to && later.step > s.step);
            !overtaken && !sent.contains(&s.step) && now < after(s.at, STALE)
        })
        .copied()
        .collect()
}

/// The next moment at which a step of the round comes due.
pub fn next(rule: &Rule, round: &Round, now: Timestamp) -> Option<Timestamp> {
    steps(rule, round).map(|s| s.at).filter(|at| *at > now).min()
}

/// Whether anything may still be said of the round.
pub fn live(rule: &Rule, round: &Round, now: Timestamp) -> bool {
    steps(rule, round).any(|s| now < after(s.at, STALE))
}

fn steps<'a>(rule: &'a Rule, round: &'a Round) -> impl Iterator<Item = Due> + 'a {
    rule.chase.iter().enumerate().map(|(step, s)| Due {
        step,
        to: s.to,
        at: after(round.due, SignedDuration::from_mins(i64::from(s.minutes))),
    })
}

fn after(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
