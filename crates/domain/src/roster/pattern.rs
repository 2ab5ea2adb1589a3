//! The usual rotations, drawn as cycles of slots; [`written`] are all others.

pub mod written;

use jiff::civil::{Date, DateTime};

use super::rules::{CYCLE_DAYS_MAX, DAY_MINUTES, Person, SLOTS_MAX, Slot};

/// A cycle: its days and its slots.
pub type Cycle = (u16, Vec<Slot>);

/// Crews taking equal turns one after another without a pause, from `minute` of the first day on: hourly, daily,
/// weekly. `None` where no cycle of whole days within the limits repeats it.
pub fn turns(crews: u16, turn_minutes: u32, minute: u16) -> Option<Cycle> {
    let round = u32::from(crews).checked_mul(turn_minutes).filter(|r| *r > 0)?;
    // The shortest stretch that is whole rounds and whole days.
    let cycle = u64::from(round) / u64::from(gcd(round, DAY_MINUTES)) * u64::from(DAY_MINUTES);
    let days = u16::try_from(cycle / u64::from(DAY_MINUTES)).ok().filter(|d| *d <= CYCLE_DAYS_MAX)?;
    let count = usize::try_from(cycle / u64::from(turn_minutes)).ok().filter(|n| *n <= SLOTS_MAX)?;
    let slot = |n: usize| {
        let at = u32::try_from(n).ok()? * turn_minutes + u32::from(minute);
        // A first turn at 07:00 makes the last one of the cycle begin on the day after it: the same as its first day.
        let at = at % u32::try_from(cycle).ok()?;
        Some(Slot {
            day: u16::try_from(at / DAY_MINUTES).ok()?,
            minute: u16::try_from(at % DAY_MINUTES).ok()?,
            minutes: turn_minutes,
            crew: u16::try_from(n % usize::from(crews)).ok()?,
        })
    };
    (0..count).map(slot).collect::<Option<Vec<_>>>().map(|slots| (days, slots))
}

/// One turn a day from `minute` on, `minutes` long, each crew `each` days in a row: daily, weekly, nights only.
/// `None` where no cycle within the limits repeats it.
pub fn daily(crews: u16, each: u16, minute: u16, minutes: u32) -> Option<Cycle> {
    let days = crews.checked_mul(each).filter(|d| (1..=CYCLE_DAYS_MAX).contains(d))?;
    (1..=DAY_MINUTES).contains(&minutes).then_some(())?;
    let slot = |day: u16| Slot { day, minute, minutes, crew: day / each };
    Some((days, (0..days).map(slot).collect()))
}

/// *3 ca 4 kíp*: three shifts of eight hours a day and four crews, each a day later one shift later, then a day free.
pub fn three_shifts_four_crews(minute: u16) -> Cycle {
    const SHIFT: u32 = DAY_MINUTES / 3;
    let slot = |day: u16, shift: u16| {
        let at = u32::from(minute) + u32::from(shift) * SHIFT;
        Slot {
            day: (day + u16::try_from(at / DAY_MINUTES).unwrap_or(0)) % 4,
            minute: u16::try_from(at % DAY_MINUTES).unwrap_or(0),
            minutes: SHIFT,
            crew: (4 + shift - day) % 4,
        }
    };
    (4, (0..4).flat_map(|day| (0..3).map(move |shift| slot(day, shift))).collect())
}

/// A list of turns by the clock on the wall, as one cycle that is passed through once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The day of the first turn.
    pub first: Date,
    /// The day of the last one.
    pub last: Date,
    /// The days between, both counted.
    pub cycle_days: u16,
    /// Everybody on the list, each a crew of one.
    pub crews: Vec<Vec<Person>>,
    /// The turns, in the order of time.
    pub slots: Vec<Slot>,
}

/// Turns somebody wrote down one by one. `None` where there are none, or more days than a cycle may have.
pub fn listed(turns: &[(DateTime, DateTime, Person)]) -> Option<Listed> {
    let mut turns = turns.to_vec();
    turns.sort_unstable();
    turns.dedup();
    let first = turns.first()?.0.date();
    let last = turns.last()?.0.date();
    let days = |to: Date| first.until(to).ok().and_then(|s| u16::try_from(s.get_days()).ok());
    let cycle_days = days(last)?.checked_add(1).filter(|d| *d <= CYCLE_DAYS_MAX)?;
    let mut crews: Vec<Vec<Person>> = Vec::new();
    let mut slots = Vec::new();
    for (from, to, person) in turns {
        let crew = crews.iter().position(|c| c.contains(&person)).unwrap_or_else(|| {
            crews.push(vec![person]);
            crews.len() - 1
        });
        let length = u32::try_from(from.duration_until(to).as_mins()).ok()?;
        slots.push(Slot {
            day: days(from.date())?,
            minute: u16::try_from(i32::from(from.hour()) * 60 + i32::from(from.minute())).ok()?,
            minutes: length,
            crew: u16::try_from(crew).ok()?,
        });
    }
    Some(Listed { first, last, cycle_days, crews, slots })
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_turns_fill_whole_cycles() {
        for (crews, turn, days, slots) in [
            (5, 60, 5, 120),
            (3, 8 * 60, 1, 3),
            (2, DAY_MINUTES, 2, 2),
            (3, 7 * DAY_MINUTES, 21, 3),
            (7, 90, 7, 112),
        ] {
            let (d, s) = turns(crews, turn, 7 * 60).unwrap();
            assert_eq!((d, s.len()), (days, slots), "{crews} × {turn}");
            let filled: u32 = s.iter().map(|s| s.minutes).sum();
            assert_eq!(filled, u32::from(d) * DAY_MINUTES, "the cycle is full");
        }
        assert_eq!(turns(0, 60, 0), None);
        assert_eq!(turns(59, 61, 0), None, "a cycle of years");
    }

    #[test]
    fn one_turn_a_day_changes_hands_after_so_many_days() {
        let (days, slots) = daily(2, 3, 17 * 60, 14 * 60).unwrap();
        let crews: Vec<u16> = slots.iter().map(|s| s.crew).collect();
        assert_eq!((days, crews), (6, vec![0, 0, 0, 1, 1, 1]));
        assert!(slots.iter().all(|s| (s.minute, s.minutes) == (17 * 60, 14 * 60)));
        for (crews, each, minutes) in [(0, 1, 60), (2, 0, 60), (2, 200, 60), (2, 1, 0), (2, 1, 1_441)] {
            assert_eq!(daily(crews, each, 0, minutes), None, "{crews} × {each} × {minutes}");
        }
    }

    #[test]
    fn a_list_becomes_a_cycle_that_is_passed_through_once() {
        let person = |n: u128| Person::from_uuid(crate::id::Uuid::from_u128(n));
        let at = |day: i8, hour: i8| jiff::civil::date(2027, 2, day).at(hour, 0, 0, 0);
        let turns = [
            (at(8, 19), at(9, 7), person(2)),
            (at(6, 7), at(6, 19), person(1)),
            (at(6, 7), at(6, 19), person(1)),
            (at(6, 19), at(7, 7), person(2)),
        ];
        let list = listed(&turns).unwrap();
        assert_eq!((list.first, list.last, list.cycle_days), (at(6, 0).date(), at(8, 0).date(), 3));
        assert_eq!(list.crews, [vec![person(1)], vec![person(2)]]);
        let slots: Vec<_> = list.slots.iter().map(|s| (s.day, s.minute, s.minutes, s.crew)).collect();
        assert_eq!(slots, [(0, 420, 720, 0), (0, 1_140, 720, 1), (2, 1_140, 720, 1)]);
        assert_eq!(listed(&[]), None);
        let far = jiff::civil::date(2028, 3, 1).at(7, 0, 0, 0);
        assert_eq!(listed(&[turns[0], (far, far, person(1))]), None, "more days than a cycle has");
    }

    #[test]
    fn of_four_crews_each_works_three_days_and_rests_one() {
        let (days, slots) = three_shifts_four_crews(6 * 60);
        assert_eq!((days, slots.len()), (4, 12));
        for crew in 0..4 {
            let of: Vec<_> = slots.iter().filter(|s| s.crew == crew).collect();
            assert_eq!(of.len(), 3, "crew {crew}");
            let mut starts: Vec<_> = of.iter().map(|s| s.minute).collect();
            starts.sort_unstable();
            assert_eq!(starts, [6 * 60, 14 * 60, 22 * 60], "one of each shift");
        }
    }
}
