//! Lanes: a roster drawn as a table of days, readable without styles. What is uncovered comes before who is on duty.

use std::collections::HashMap;

use domain::{
    roster::{Line, Shift, Why, coverage::Trouble, rules::Person},
    time::{self, Window},
};
use jiff::{Timestamp, civil::Date};

use super::say;
use crate::Visit;

/// A day is so many columns: five minutes each, finer than anybody can see.
pub(super) const COLUMNS: u32 = 288;
const COLUMN_SECONDS: i64 = 300;
/// At most so many days are drawn at once: two months.
pub(super) const DAYS_MAX: i64 = 62;
/// So many colours for people.
const COLOURS: usize = 8;

/// One row of the table: one track of a day.
pub(super) struct LaneRow {
    /// The day, on its first row: its address, what it says, how many rows it has.
    pub day: Option<(String, String, usize)>,
    pub today: bool,
    /// Not a working day.
    pub off: bool,
    /// Of those behind in line.
    pub thin: bool,
    pub cells: Vec<Cell>,
}

/// A stretch of a track.
pub(super) struct Cell {
    pub columns: u32,
    /// Empty: nothing is there.
    pub class: String,
    pub text: String,
    pub title: String,
}

/// What is drawn.
pub(super) struct Drawn<'a> {
    pub shifts: &'a [Shift],
    pub troubles: &'a [Trouble],
    pub names: &'a HashMap<Person, String>,
    /// Outside of these nothing is published; hatched.
    pub known: &'a [Window],
}

struct Item {
    span: Window,
    class: String,
    text: String,
}

/// The rows of the days from `first` to `last`.
pub(super) fn rows(v: &Visit, drawn: &Drawn<'_>, first: Date, last: Date) -> Vec<LaneRow> {
    let (primary, backup) = (items(v, drawn, Line::Primary), items(v, drawn, Line::Backup));
    let mut rows = Vec::new();
    let mut day = first;
    while day <= last {
        let of = Window { from: time::start_of(day), to: time::end_of(day) };
        let mut tracks: Vec<(bool, Vec<Cell>)> = pack(&primary, of).into_iter().map(|t| (false, t)).collect();
        if tracks.is_empty() {
            tracks.push((false, vec![blank(COLUMNS)]));
        }
        tracks.extend(pack(&backup, of).into_iter().map(|t| (true, t)));
        let count = tracks.len();
        for (index, (thin, cells)) in tracks.into_iter().enumerate() {
            rows.push(LaneRow {
                day: (index == 0).then(|| (day.to_string(), weekday(v, day), count)),
                today: time::date(v.now) == day,
                off: !v.pack().is_worked(day),
                thin,
                cells,
            });
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    rows
}

/// *T2 23/11*.
pub(super) fn weekday(v: &Visit, day: Date) -> String {
    let word = v.t(&format!("roster-day-{}", day.weekday().to_monday_one_offset()));
    format!("{word} {}", day.strftime("%d/%m"))
}

/// What a line holds: what is missing first, then what is not published, then who is on duty.
fn items(v: &Visit, drawn: &Drawn<'_>, line: Line) -> Vec<Item> {
    let mut items = Vec::new();
    for trouble in drawn.troubles {
        let (span, id) = match (trouble, line) {
            (Trouble::Gap { span, .. }, Line::Primary) => (*span, "roster-gap-now"),
            (Trouble::NoBackup { span }, Line::Backup) => (*span, "roster-no-backup"),
            _ => continue,
        };
        items.push(Item { span, class: "gap".to_owned(), text: v.t(id) });
    }
    if line == Line::Primary {
        let text = v.t("roster-not-published");
        items.extend(outside(drawn.known).into_iter().map(|span| Item {
            span,
            class: "none".to_owned(),
            text: text.clone(),
        }));
    }
    let mut order: Vec<Person> = Vec::new();
    for shift in drawn.shifts {
        if !order.contains(&shift.person) {
            order.push(shift.person);
        }
    }
    for shift in drawn.shifts.iter().filter(|s| s.line == line) {
        let colour = order.iter().position(|p| *p == shift.person).unwrap_or(0) % COLOURS;
        // What was changed by hand has a frame: it is not what the rotation says.
        let hand = if matches!(shift.why, Why::Layer(_)) { "" } else { " hand" };
        items.push(Item {
            span: Window { from: shift.from, to: shift.to },
            class: format!("k{colour}{hand}"),
            text: drawn.names.get(&shift.person).cloned().unwrap_or_default(),
        });
    }
    items
}

/// What lies outside of those windows.
fn outside(known: &[Window]) -> Vec<Window> {
    let mut sorted = known.to_vec();
    sorted.sort_unstable_by_key(|w| w.from);
    let (mut at, mut found) = (Timestamp::MIN, Vec::new());
    for window in sorted {
        if at < window.from {
            found.push(Window { from: at, to: window.from });
        }
        at = at.max(window.to);
    }
    found.push(Window { from: at, to: Timestamp::MAX });
    found
}

/// Lays what touches a day into as few tracks as hold it; what comes first in `items` lies highest.
fn pack(items: &[Item], day: Window) -> Vec<Vec<Cell>> {
    let mut tracks: Vec<Vec<(u32, u32, &Item)>> = Vec::new();
    for item in items.iter().filter(|i| i.span.from < day.to && day.from < i.span.to) {
        let from = column(item.span.from.max(day.from), day.from).min(COLUMNS - 1);
        let to = column(item.span.to.min(day.to), day.from).clamp(from + 1, COLUMNS);
        let free = |track: &Vec<(u32, u32, &Item)>| track.iter().all(|(f, t, _)| to <= *f || *t <= from);
        match tracks.iter_mut().find(|track| free(track)) {
            Some(track) => track.push((from, to, item)),
            None => tracks.push(vec![(from, to, item)]),
        }
    }
    tracks.into_iter().map(cells).collect()
}

fn cells(mut track: Vec<(u32, u32, &Item)>) -> Vec<Cell> {
    track.sort_unstable_by_key(|(from, ..)| *from);
    let (mut at, mut cells) = (0, Vec::new());
    for (from, to, item) in track {
        if at < from {
            cells.push(blank(from - at));
        }
        let when = if item.class == "none" { String::new() } else { say::span(item.span) };
        let title = format!("{} {when}", item.text).trim_end().to_owned();
        cells.push(Cell { columns: to - from, class: item.class.clone(), text: item.text.clone(), title });
        at = to;
    }
    if at < COLUMNS {
        cells.push(blank(COLUMNS - at));
    }
    cells
}

fn blank(columns: u32) -> Cell {
    Cell { columns, class: String::new(), text: String::new(), title: String::new() }
}

/// The nearest column of an instant of a day.
fn column(at: Timestamp, from: Timestamp) -> u32 {
    let seconds = at.duration_since(from).as_secs() + COLUMN_SECONDS / 2;
    u32::try_from(seconds / COLUMN_SECONDS).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(from: i64, to: i64, class: &str) -> Item {
        let at = |h: i64| Timestamp::from_second(h * 3600).unwrap();
        Item { span: Window { from: at(from), to: at(to) }, class: class.into(), text: class.into() }
    }
    fn told(items: &[Item]) -> Vec<Vec<(u32, String)>> {
        let day = item(0, 24, "").span;
        let cell = |c: Cell| (c.columns, c.class);
        pack(items, day).into_iter().map(|t| t.into_iter().map(cell).collect()).collect()
    }
    fn cells(of: &[(u32, &str)]) -> Vec<(u32, String)> {
        of.iter().map(|(n, class)| (*n, (*class).to_owned())).collect()
    }

    #[test]
    fn turns_that_meet_share_a_track_and_a_night_shift_is_cut_at_midnight() {
        let items = [item(-6, 8, "a"), item(8, 16, "b"), item(16, 30, "c")];
        assert_eq!(told(&items), [cells(&[(96, "a"), (96, "b"), (96, "c")])]);
    }

    #[test]
    fn what_is_missing_lies_highest_and_who_is_there_below_it() {
        let items = [item(8, 16, "gap"), item(0, 24, "a")];
        assert_eq!(told(&items), [cells(&[(96, ""), (96, "gap"), (96, "")]), cells(&[(288, "a")])]);
    }

    #[test]
    fn a_minute_is_still_seen_and_a_row_is_always_a_whole_day() {
        let mut short = item(23, 24, "gap");
        short.span.from = Timestamp::from_second(24 * 3600 - 60).unwrap();
        let told = told(&[short]);
        assert_eq!(told, [cells(&[(287, ""), (1, "gap")])]);
    }
}
