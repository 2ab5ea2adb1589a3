//! Rules → shifts: a pure function, exact to the minute.
//!
//! Slots are drawn on the wall clock of a zone, and both ends of a slot are turned into instants the same way, so
//! turns that meet on the wall meet in time: nothing gapes at midnight, at a week's end or when clocks change.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use super::{
    Line, Post, Shift, Why,
    rules::{DAY_MINUTES, Days, Layer, Person, Rules, SLOT_MINUTES_MAX},
};
use crate::time::Window;

/// Whether a civil day is worked: `true` on working days.
pub type DayOf<'a> = &'a dyn Fn(Date) -> bool;

/// Who is on duty at `post` at each instant of `window`, in the order of time, the first in line first.
///
/// In this order: layers (highest rank that has somebody), overrides (the later made), swaps (in the order made),
/// leave (takes people away, and puts nobody in their place: that would be a guess).
pub fn resolve(
    post: &Post,
    rules: &Rules,
    window: Window,
    zone: &TimeZone,
    working: DayOf<'_>,
) -> Vec<Shift> {
    let mut shifts: Vec<Shift> = [Line::Primary, Line::Backup]
        .into_iter()
        .flat_map(|line| one_line(post, line, rules, window, zone, working))
        .collect();
    shifts.sort_by_key(|s| (s.from, s.line));
    shifts
}

/// One crew's stretch in one layer.
struct Turn<'a> {
    span: Window,
    layer: &'a Layer,
    crew: &'a [Person],
}

/// Who is on at one elementary instant, why, and in which turn: two turns of one person are two shifts.
type On = (Person, Why, Timestamp);

fn one_line(
    post: &Post,
    line: Line,
    rules: &Rules,
    window: Window,
    zone: &TimeZone,
    working: DayOf<'_>,
) -> Vec<Shift> {
    let mut turns: Vec<Turn<'_>> = rules
        .layers
        .iter()
        .filter(|l| l.line == line && l.check().is_ok())
        .flat_map(|l| turns(l, window, zone, working))
        .collect();
    turns.sort_by_key(|t| t.span.from);

    let changes = rules.overrides.iter().filter(|o| o.line == line).map(|o| o.span);
    let changes = changes.chain(rules.swaps.iter().map(|s| s.span)).chain(rules.leave.iter().map(|l| l.span));
    let mut borders: Vec<Timestamp> = turns
        .iter()
        .map(|t| t.span)
        .chain(changes)
        .flat_map(|span| [span.from, span.to])
        .filter(|at| window.contains(*at))
        .chain([window.from, window.to])
        .collect();
    borders.sort_unstable();
    borders.dedup();

    let mut shifts: Vec<Shift> = Vec::new();
    // Shifts that ran up to the border just passed, with the turn each belongs to.
    let mut running: Vec<(On, usize)> = Vec::new();
    let mut waiting = turns.iter().peekable();
    let mut active: Vec<&Turn<'_>> = Vec::new();
    for (at, next) in borders.iter().zip(borders.iter().skip(1)) {
        while let Some(turn) = waiting.next_if(|t| t.span.from <= *at) {
            active.push(turn);
        }
        active.retain(|t| *at < t.span.to);
        let mut now_running = Vec::new();
        for on in on_at(*at, line, &active, rules) {
            let index = match running.iter().find(|(was, _)| *was == on) {
                Some((_, index)) => *index,
                None => {
                    let (person, why, _) = on;
                    shifts.push(Shift { post: post.id, line, person, from: *at, to: *next, why });
                    shifts.len() - 1
                }
            };
            if let Some(shift) = shifts.get_mut(index) {
                shift.to = *next;
            }
            now_running.push((on, index));
        }
        running = now_running;
    }
    shifts
}

/// The people of a line at an instant, first in line first, nobody twice.
fn on_at(at: Timestamp, line: Line, active: &[&Turn<'_>], rules: &Rules) -> Vec<On> {
    let over = rules.overrides.iter().filter(|o| o.line == line && o.span.contains(at)).max_by_key(|o| o.id);
    let mut on: Vec<On> = match over {
        Some(o) => o.people.iter().map(|p| (*p, Why::Override(o.id), o.span.from)).collect(),
        None => {
            let top = active.iter().map(|t| t.layer.rank).max();
            let of_top = active.iter().filter(|t| Some(t.layer.rank) == top);
            of_top.flat_map(|t| t.crew.iter().map(|p| (*p, Why::Layer(t.layer.id), t.span.from))).collect()
        }
    };
    for swap in rules.swaps.iter().filter(|s| s.span.contains(at)) {
        for (person, why, _) in on.iter_mut().filter(|(person, ..)| *person == swap.from) {
            (*person, *why) = (swap.to, Why::Swap(swap.id));
        }
    }
    on.retain(|(person, ..)| !rules.leave.iter().any(|l| l.person == *person && l.span.contains(at)));
    let mut seen: Vec<Person> = Vec::new();
    on.retain(|(person, ..)| {
        !seen.contains(person) && {
            seen.push(*person);
            true
        }
    });
    on
}

/// A layer's turns that touch a window.
fn turns<'a>(layer: &'a Layer, window: Window, zone: &TimeZone, working: DayOf<'_>) -> Vec<Turn<'a>> {
    // A window may start in the middle of the longest slot; one day more for the zone's own midnight.
    let back = i64::from(SLOT_MINUTES_MAX / DAY_MINUTES) + 1;
    let day_at = |at: Timestamp| at.to_zoned(zone.clone()).date();
    let mut day = day_at(window.from).checked_sub(back.days()).unwrap_or(Date::MIN).max(layer.first);
    let end = layer.last.map_or(day_at(window.to), |last| last.min(day_at(window.to)));

    let mut turns = Vec::new();
    while day <= end {
        let wanted = match layer.days {
            Days::All => true,
            Days::Working => working(day),
            Days::Off => !working(day),
        };
        let since = layer.first.until(day).map_or(0, |span| i64::from(span.get_days()));
        let of_cycle = since.rem_euclid(i64::from(layer.cycle_days.max(1)));
        for slot in layer.slots.iter().filter(|s| wanted && i64::from(s.day) == of_cycle) {
            let wall = |minute: u32| {
                let at = day.at(0, 0, 0, 0).checked_add(i64::from(minute).minutes()).ok()?;
                Some(at.to_zoned(zone.clone()).ok()?.timestamp())
            };
            let from = wall(u32::from(slot.minute));
            let to = wall(u32::from(slot.minute) + slot.minutes);
            let crew = layer.crews.get(usize::from(slot.crew));
            if let (Some(from), Some(to), Some(crew)) = (from, to, crew)
                && from < to
                && from < window.to
                && window.from < to
            {
                turns.push(Turn { span: Window { from, to }, layer, crew });
            }
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    turns
}

#[cfg(test)]
mod tests;
