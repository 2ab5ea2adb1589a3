//! What is wrong with a roster before anybody relies on it.
//!
//! Borders are instants and spans are half-open, so shifts that meet leave no gap and a shift of no length covers
//! nothing. What is found is data; sentences are the screens'.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Line, Post, Shift, rules::Person};
use crate::{
    id::{Id, kind},
    time::Window,
};

/// Something wrong with a roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Trouble {
    /// Fewer are first in line than the post needs.
    Gap {
        /// When.
        span: Window,
        /// How many are there.
        have: u8,
        /// How many there must be.
        need: u8,
    },
    /// Nobody is behind the first in line, or only the same person.
    NoBackup {
        /// When.
        span: Window,
    },
    /// One person at two posts at once where one of them wants them on site.
    Double {
        /// Who.
        person: Person,
        /// When.
        span: Window,
        /// The other post.
        other: Id<kind::Post>,
    },
    /// Fewer than [`CHANNELS_MIN`] verified channels.
    Unreachable {
        /// Who.
        person: Person,
        /// How many channels are verified.
        verified: u8,
    },
    /// On duty for longer than allowed without a rest.
    Overlong {
        /// Who.
        person: Person,
        /// The whole run.
        span: Window,
    },
}

/// A person on duty has so many verified channels at least: one of them fails.
pub const CHANNELS_MIN: u8 = 2;

/// What the rules of rest are; from the legal pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rest {
    /// A person is on duty on site for at most so many hours without a rest.
    pub run_hours_max: u16,
    /// A pause shorter than this is no rest.
    pub rest_hours_min: u16,
}

impl Trouble {
    /// Whether a roster with it may not be published: only an uncovered minute is that bad.
    pub const fn forbids(&self) -> bool {
        matches!(self, Trouble::Gap { .. })
    }
}

/// Everything wrong with a post's shifts over a window, gaps first.
///
/// `elsewhere`: shifts of the same people at other posts, with whether that post wants them on site.
/// `verified`: how many verified channels a person has.
pub fn troubles(
    post: &Post,
    shifts: &[Shift],
    window: Window,
    elsewhere: &[(Shift, bool)],
    verified: &dyn Fn(Person) -> u8,
    rest: Rest,
) -> Vec<Trouble> {
    let mut found = gaps(post, shifts, window);
    if post.backup {
        found.extend(without_backup(shifts, window).into_iter().map(|span| Trouble::NoBackup { span }));
    }
    found.extend(doubles(post, shifts, elsewhere));
    let mut people: Vec<Person> = shifts.iter().map(|s| s.person).collect();
    people.sort_unstable();
    people.dedup();
    for person in people {
        let has = verified(person);
        if has < CHANNELS_MIN {
            found.push(Trouble::Unreachable { person, verified: has });
        }
        if post.presence == super::Presence::OnSite {
            found.extend(
                overlong(person, shifts, rest).into_iter().map(|span| Trouble::Overlong { person, span }),
            );
        }
    }
    found
}

/// How many minutes of a window have as many first in line as the post needs; parts of minutes count as parts.
pub fn covered(post: &Post, shifts: &[Shift], window: Window) -> jiff::SignedDuration {
    let missing = gaps(post, shifts, window).into_iter().filter_map(|t| match t {
        Trouble::Gap { span, .. } => Some(span.to.duration_since(span.from)),
        _ => None,
    });
    missing.fold(window.to.duration_since(window.from), |left, gap| left - gap)
}

fn gaps(post: &Post, shifts: &[Shift], window: Window) -> Vec<Trouble> {
    let need = post.needed.max(1);
    let count = |at: Timestamp| {
        let mut on: Vec<Person> = first_in_line(shifts, at).collect();
        on.sort_unstable();
        on.dedup();
        u8::try_from(on.len()).unwrap_or(u8::MAX)
    };
    stretches(shifts, window, |at| Some(count(at)).filter(|have| *have < need))
        .into_iter()
        .map(|(span, have)| Trouble::Gap { span, have, need })
        .collect()
}

fn without_backup(shifts: &[Shift], window: Window) -> Vec<Window> {
    let bare = |at: Timestamp| {
        let first: Vec<Person> = first_in_line(shifts, at).collect();
        let behind = |s: &Shift| s.line == Line::Backup && on(s, at) && !first.contains(&s.person);
        // Where nobody is first in line the gap says enough.
        (!first.is_empty() && !shifts.iter().any(behind)).then_some(())
    };
    stretches(shifts, window, bare).into_iter().map(|(span, ())| span).collect()
}

fn doubles(post: &Post, shifts: &[Shift], elsewhere: &[(Shift, bool)]) -> Vec<Trouble> {
    let here_on_site = post.presence == super::Presence::OnSite;
    let mut found = Vec::new();
    for here in shifts {
        for (there, on_site) in elsewhere.iter().filter(|(s, _)| s.person == here.person) {
            let span = Window { from: here.from.max(there.from), to: here.to.min(there.to) };
            if (here_on_site || *on_site) && there.post != here.post && span.from < span.to {
                found.push(Trouble::Double { person: here.person, span, other: there.post });
            }
        }
    }
    found
}

/// Runs of a person longer than allowed; pauses shorter than a rest do not end a run.
fn overlong(person: Person, shifts: &[Shift], rest: Rest) -> Vec<Window> {
    let mut own: Vec<Window> =
        shifts.iter().filter(|s| s.person == person).map(|s| Window { from: s.from, to: s.to }).collect();
    own.sort_unstable_by_key(|w| w.from);
    let mut runs: Vec<Window> = Vec::new();
    for span in own {
        match runs.last_mut() {
            Some(run) if span.from.duration_since(run.to).as_hours() < i64::from(rest.rest_hours_min) => {
                run.to = run.to.max(span.to);
            }
            _ => runs.push(span),
        }
    }
    let most = jiff::SignedDuration::from_hours(i64::from(rest.run_hours_max));
    runs.retain(|run| run.to.duration_since(run.from) > most);
    runs
}

fn on(shift: &Shift, at: Timestamp) -> bool {
    shift.from <= at && at < shift.to
}

fn first_in_line(shifts: &[Shift], at: Timestamp) -> impl Iterator<Item = Person> {
    shifts.iter().filter(move |s| s.line == Line::Primary && on(s, at)).map(|s| s.person)
}

/// The stretches of a window over which `test` gives one and the same answer that is not `None`.
fn stretches<T: PartialEq>(
    shifts: &[Shift],
    window: Window,
    test: impl Fn(Timestamp) -> Option<T>,
) -> Vec<(Window, T)> {
    between(shifts.iter().flat_map(|s| [s.from, s.to]), window, test)
}

/// Likewise between borders of any kind; at no other instant of the window may the answer change.
pub(super) fn between<T: PartialEq>(
    borders: impl Iterator<Item = Timestamp>,
    window: Window,
    test: impl Fn(Timestamp) -> Option<T>,
) -> Vec<(Window, T)> {
    let mut borders: Vec<Timestamp> = borders.filter(|at| window.contains(*at)).collect();
    borders.extend([window.from, window.to]);
    borders.sort_unstable();
    borders.dedup();
    let mut found: Vec<(Window, T)> = Vec::new();
    for (from, to) in borders.iter().zip(borders.iter().skip(1)) {
        let Some(answer) = test(*from) else { continue };
        match found.last_mut() {
            Some((span, was)) if span.to == *from && *was == answer => span.to = *to,
            _ => found.push((Window { from: *from, to: *to }, answer)),
        }
    }
    found
}

#[cfg(test)]
mod tests;
