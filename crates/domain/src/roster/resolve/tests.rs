use jiff::civil::{Weekday, date};
use proptest::prelude::*;

use super::*;
use crate::{
    id::{Id, Uuid},
    roster::{
        CheckIn, Presence, pattern,
        rules::{Leave, Override, Swap},
    },
    time::zone,
};

fn id<K>(n: u128) -> Id<K> {
    Id::from_uuid(Uuid::from_u128(n))
}

fn post() -> Post {
    Post {
        id: id(1),
        body: id(1),
        name: "Trực giám sát".into(),
        presence: Presence::OnSite,
        covered_by: None,
        needed: 1,
        backup: true,
        check_in: CheckIn::default(),
    }
}

fn layer(n: u128, rank: u16, crews: &[&[u128]], cycle: pattern::Cycle) -> Layer {
    Layer {
        id: id(n),
        name: "Ca".into(),
        line: Line::Primary,
        rank,
        days: Days::All,
        first: date(2027, 1, 1),
        last: None,
        cycle_days: cycle.0,
        crews: crews.iter().map(|c| c.iter().map(|p| id(*p)).collect()).collect(),
        slots: cycle.1,
    }
}

fn at(text: &str) -> Timestamp {
    format!("{text}:00+07:00").parse().unwrap()
}

fn span(from: &str, to: &str) -> Window {
    Window { from: at(from), to: at(to) }
}

fn worked(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// What the roster says in short: who from when, on the wall clock.
fn told(rules: &Rules, window: Window) -> Vec<(u128, String, String)> {
    let wall = |at: Timestamp| at.to_zoned(zone()).strftime("%d %H:%M").to_string();
    resolve(&post(), rules, window, &zone(), &worked)
        .into_iter()
        .map(|s| (s.person.uuid().as_u128(), wall(s.from), wall(s.to)))
        .collect()
}

fn line(person: u128, from: &str, to: &str) -> (u128, String, String) {
    (person, from.into(), to.into())
}

#[test]
fn a_window_in_the_middle_of_a_shift_begins_with_whoever_is_on_it() {
    let rules = Rules {
        layers: vec![layer(1, 0, &[&[11], &[12]], pattern::turns(2, 12 * 60, 19 * 60).unwrap())],
        ..Rules::default()
    };
    assert_eq!(
        told(&rules, span("2027-02-06T03:00", "2027-02-07T00:00")),
        [
            line(11, "06 03:00", "06 07:00"),
            line(12, "06 07:00", "06 19:00"),
            line(11, "06 19:00", "07 00:00")
        ]
    );
}

#[test]
fn of_overrides_the_later_made_counts_and_one_of_no_length_does_nothing() {
    let over = |n, from, to, person| Override {
        id: id(n),
        line: Line::Primary,
        span: span(from, to),
        people: vec![id(person)],
    };
    let rules = Rules {
        layers: vec![layer(1, 0, &[&[11]], pattern::turns(1, DAY_MINUTES, 0).unwrap())],
        overrides: vec![
            over(3, "2027-02-06T10:00", "2027-02-06T12:00", 13),
            over(2, "2027-02-06T08:00", "2027-02-06T16:00", 12),
            over(4, "2027-02-06T20:00", "2027-02-06T20:00", 14),
        ],
        ..Rules::default()
    };
    assert_eq!(
        told(&rules, span("2027-02-06T00:00", "2027-02-07T00:00")),
        [
            line(11, "06 00:00", "06 08:00"),
            line(12, "06 08:00", "06 10:00"),
            line(13, "06 10:00", "06 12:00"),
            line(12, "06 12:00", "06 16:00"),
            line(11, "06 16:00", "07 00:00"),
        ]
    );
}

#[test]
fn a_temporary_layer_lies_over_the_ordinary_one_and_equal_ones_add_up() {
    let day = || pattern::turns(1, DAY_MINUTES, 0).unwrap();
    let tet = Layer { first: date(2027, 2, 6), last: Some(date(2027, 2, 6)), ..layer(2, 5, &[&[21]], day()) };
    let rules = Rules {
        layers: vec![layer(1, 0, &[&[11]], day()), layer(3, 0, &[&[12]], day()), tet],
        ..Rules::default()
    };
    assert_eq!(
        told(&rules, span("2027-02-05T00:00", "2027-02-07T00:00")),
        [
            line(11, "05 00:00", "06 00:00"),
            line(12, "05 00:00", "06 00:00"),
            line(21, "06 00:00", "07 00:00"),
        ]
    );
}

#[test]
fn a_swap_gives_the_turn_to_another_and_leave_leaves_it_empty() {
    let rules = Rules {
        layers: vec![layer(1, 0, &[&[11], &[12]], pattern::turns(2, DAY_MINUTES, 7 * 60).unwrap())],
        swaps: vec![Swap {
            id: id(1),
            from: id(11),
            to: id(13),
            span: span("2027-02-08T07:00", "2027-02-09T07:00"),
        }],
        leave: vec![Leave { person: id(12), span: span("2027-02-09T12:00", "2027-02-20T00:00") }],
        ..Rules::default()
    };
    assert_eq!(
        told(&rules, span("2027-02-06T07:00", "2027-02-10T07:00")),
        [
            line(11, "06 07:00", "07 07:00"),
            line(12, "07 07:00", "08 07:00"),
            line(13, "08 07:00", "09 07:00"),
            line(12, "09 07:00", "09 12:00"),
        ]
    );
}

#[test]
fn working_days_and_days_off_share_a_week_without_a_gap() {
    let day = |n, days, person: u128| Layer {
        days,
        ..layer(n, 0, &[&[person]], pattern::turns(1, DAY_MINUTES, 7 * 60).unwrap())
    };
    let rules = Rules { layers: vec![day(1, Days::Working, 11), day(2, Days::Off, 12)], ..Rules::default() };
    let who: Vec<_> =
        told(&rules, span("2027-02-05T07:00", "2027-02-09T07:00")).iter().map(|l| l.0).collect();
    assert_eq!(who, [11, 12, 12, 11], "Friday, Saturday, Sunday, Monday: four turns, each its own shift");
}

#[test]
fn clocks_that_change_leave_no_hole() {
    let zone = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap();
    let rules = Rules {
        layers: vec![layer(1, 0, &[&[11], &[12], &[13]], pattern::turns(3, 8 * 60, 2 * 60 + 30).unwrap())],
        ..Rules::default()
    };
    let window =
        Window { from: "2027-03-13T00:00:00Z".parse().unwrap(), to: "2027-03-16T00:00:00Z".parse().unwrap() };
    let shifts = resolve(&post(), &rules, window, &zone, &worked);
    assert!(shifts.windows(2).all(|w| w[0].to == w[1].from), "{shifts:?}");
}

/// Who is on at an instant, by the definition and not by the sweep.
fn by_definition(rules: &Rules, at: Timestamp) -> Vec<Person> {
    let around = Window { from: at, to: crate::time::from_micros(at.as_microsecond() + 1) };
    let turns: Vec<_> = rules.layers.iter().flat_map(|l| turns(l, around, &zone(), &worked)).collect();
    let mut active: Vec<_> = turns.iter().filter(|t| t.span.contains(at)).collect();
    active.sort_by_key(|t| t.span.from);
    on_at(at, Line::Primary, &active, rules).into_iter().map(|(p, ..)| p).collect()
}

proptest! {
    #[test]
    fn every_full_pattern_covers_every_minute_of_any_window(
        crews in 1u16..6,
        turn in prop::sample::select(vec![60u32, 90, 240, 480, 720, DAY_MINUTES, 7 * DAY_MINUTES]),
        minute in 0u16..1440,
        start in 0i64..40_000,
        length in 1i64..20_000,
    ) {
        let Some(cycle) = pattern::turns(crews, turn, minute) else { return Ok(()) };
        let names: Vec<Vec<u128>> = (0..crews).map(|c| vec![u128::from(c) + 10]).collect();
        let names: Vec<&[u128]> = names.iter().map(Vec::as_slice).collect();
        let rules = Rules { layers: vec![layer(1, 0, &names, cycle)], ..Rules::default() };
        // The layer begins on 1 January: from the second week on it is full.
        let from = at("2027-01-16T00:00") .checked_add(start.minutes()).unwrap();
        let window = Window { from, to: from.checked_add(length.minutes()).unwrap() };
        let shifts = resolve(&post(), &rules, window, &zone(), &worked);
        prop_assert_eq!(shifts.first().map(|s| s.from), Some(window.from));
        prop_assert_eq!(shifts.last().map(|s| s.to), Some(window.to));
        prop_assert!(shifts.windows(2).all(|w| w[0].to == w[1].from));
    }

    #[test]
    fn the_sweep_says_what_the_definition_says(
        turn in prop::sample::select(vec![240u32, 480, DAY_MINUTES]),
        overrides in prop::collection::vec((0i64..6000, 0i64..2000, 20u128..23), 0..5),
        swaps in prop::collection::vec((0i64..6000, 0i64..2000, 10u128..13, 30u128..33), 0..4),
        leave in prop::collection::vec((0i64..6000, 0i64..2000, 10u128..33), 0..4),
        probes in prop::collection::vec(0i64..7000, 20),
    ) {
        let base = at("2027-01-20T00:00");
        let minute = |m: i64| base.checked_add(m.minutes()).unwrap();
        let window = |from: i64, length: i64| Window { from: minute(from), to: minute(from + length) };
        let rules = Rules {
            layers: vec![
                layer(1, 0, &[&[10], &[11, 12]], pattern::turns(2, turn, 420).unwrap()),
                Layer { days: Days::Off, ..layer(2, 1, &[&[12, 10]], pattern::turns(1, 720, 60).unwrap()) },
            ],
            overrides: overrides.iter().enumerate().map(|(n, (from, length, p))| Override {
                id: id(n as u128 + 1), line: Line::Primary, span: window(*from, *length), people: vec![id(*p)],
            }).collect(),
            swaps: swaps.iter().enumerate().map(|(n, (from, length, a, b))| Swap {
                id: id(n as u128 + 1), from: id(*a), to: id(*b), span: window(*from, *length),
            }).collect(),
            leave: leave.iter().map(|(from, length, p)| Leave { person: id(*p), span: window(*from, *length) }).collect(),
        };
        let shifts = resolve(&post(), &rules, window(0, 7000), &zone(), &worked);
        for probe in probes {
            let at = minute(probe);
            let mut swept: Vec<_> =
                shifts.iter().filter(|s| s.from <= at && at < s.to).map(|s| s.person).collect();
            let mut defined = by_definition(&rules, at);
            swept.sort_unstable();
            defined.sort_unstable();
            prop_assert_eq!(swept, defined, "at minute {}", probe);
        }
    }
}

#[test]
fn whole_days_meet_at_midnight_however_they_are_cut() {
    let window = span("2027-02-06T00:00", "2027-02-08T00:00");
    let first = layer(1, 0, &[&[11], &[12]], pattern::daily(2, 1, 0, 24 * 60).unwrap());
    let rules = Rules { layers: vec![first], ..Rules::default() };
    assert_eq!(told(&rules, window), [line(11, "06 00:00", "07 00:00"), line(12, "07 00:00", "08 00:00")]);
    // The same day in two pieces, the second up to midnight and not a minute less.
    let piece = |n, minute, minutes| layer(n, 0, &[&[n]], pattern::daily(1, 1, minute, minutes).unwrap());
    let rules = Rules { layers: vec![piece(11, 0, 8 * 60), piece(12, 8 * 60, 16 * 60)], ..Rules::default() };
    let of_a_day = told(&rules, span("2027-02-06T00:00", "2027-02-07T00:00"));
    assert_eq!(of_a_day, [line(11, "06 00:00", "06 08:00"), line(12, "06 08:00", "07 00:00")]);
    let shifts = resolve(&post(), &rules, window, &zone(), &worked);
    let all = window.to.duration_since(window.from);
    assert_eq!(crate::roster::coverage::covered(&post(), &shifts, window), all, "no false gap at a border");
}

#[test]
fn weeks_that_are_not_alike_repeat_as_they_were_drawn() {
    // Five days and nine in turn: a fortnight whose weeks differ, from Monday 1 February 2027.
    let slot = |day, minutes, crew| crate::roster::rules::Slot { day, minute: 7 * 60, minutes, crew };
    let long = (5 * 24 * 60, 7 * 24 * 60, 2 * 24 * 60);
    let slots = vec![slot(0, long.0, 0), slot(5, long.1, 1), slot(12, long.2, 1)];
    let uneven = Layer { first: date(2027, 2, 1), ..layer(1, 0, &[&[11], &[12]], (14, slots)) };
    let rules = Rules { layers: vec![uneven], ..Rules::default() };
    let window = span("2027-02-01T07:00", "2027-03-01T07:00");
    let said = told(&rules, window);
    let hands: Vec<_> = said.iter().map(|(person, from, _)| (*person, from.as_str())).collect();
    let one = [(11, "01 07:00"), (12, "06 07:00"), (12, "13 07:00")];
    assert_eq!(hands, [one[0], one[1], one[2], (11, "15 07:00"), (12, "20 07:00"), (12, "27 07:00")]);
    let shifts = resolve(&post(), &rules, window, &zone(), &worked);
    let all = window.to.duration_since(window.from);
    assert_eq!(crate::roster::coverage::covered(&post(), &shifts, window), all);
}

#[test]
fn where_clocks_never_change_every_turn_is_as_long_as_it_is_drawn() {
    let nights = layer(1, 0, &[&[11], &[12], &[13]], pattern::daily(3, 1, 19 * 60, 12 * 60).unwrap());
    let rules = Rules { layers: vec![nights], ..Rules::default() };
    let window = span("2027-01-01T19:00", "2028-01-01T07:00");
    let shifts = resolve(&post(), &rules, window, &zone(), &worked);
    assert_eq!(shifts.len(), 365);
    assert!(shifts.iter().all(|s| s.to.duration_since(s.from) == jiff::SignedDuration::from_hours(12)));
}
