//! A cycle as people write it, line by line: uneven weeks and everything no usual rotation draws.
//!
//! `1-5 07:00-19:00 1`: on days 1 to 5 of the cycle crew 1 is on from 07:00 to 19:00; an end that is not after the start is
//! the next day's. `8 07:00+168h 2`: so many hours or minutes from 07:00 of day 8 on.

use std::fmt::Write as _;

use super::super::rules::{DAY_MINUTES, SLOTS_MAX, Slot};

/// The slots that were written, in the order of lines. `Err`: the first line, from 1, that says nothing.
pub fn read(text: &str, cycle_days: u16, crews: u16) -> Result<Vec<Slot>, usize> {
    let mut slots = Vec::new();
    for (n, line) in text.lines().enumerate().map(|(n, l)| (n + 1, l.trim())).filter(|(_, l)| !l.is_empty()) {
        slots.extend(one(line, cycle_days, crews).ok_or(n)?);
        if slots.len() > SLOTS_MAX {
            return Err(n);
        }
    }
    if slots.is_empty() { Err(1) } else { Ok(slots) }
}

fn one(line: &str, cycle_days: u16, crews: u16) -> Option<Vec<Slot>> {
    let mut parts = line.split_whitespace();
    let (days, hours, crew) = (parts.next()?, parts.next()?, parts.next()?);
    let (first, last) = match days.split_once('-') {
        Some((first, last)) => (first.parse().ok()?, last.parse().ok()?),
        None => (days.parse().ok()?, days.parse().ok()?),
    };
    let crew = crew.parse::<u16>().ok().filter(|c| (1..=crews).contains(c))? - 1;
    let (minute, minutes) = hours_of(hours)?;
    let good = parts.next().is_none() && 1 <= first && first <= last && last <= cycle_days;
    good.then(|| (first..=last).map(|day: u16| Slot { day: day - 1, minute, minutes, crew }).collect())
}

/// Minute of the day at which it begins, and how long it is.
fn hours_of(text: &str) -> Option<(u16, u32)> {
    if let Some((from, long)) = text.split_once('+') {
        let (number, unit) = long.split_at_checked(long.len().checked_sub(1)?)?;
        let unit = match unit {
            "h" | "g" => 60,
            "m" | "p" => 1,
            _ => return None,
        };
        return Some((clock(from)?, number.parse::<u32>().ok()?.checked_mul(unit)?));
    }
    let (from, to) = text.split_once('-')?;
    let (from, to) = (clock(from)?, clock(to)?);
    let long = if from < to { to - from } else { (to + 24 * 60) - from };
    Some((from, long.into()))
}

/// `7:00`, `07:00`, `7h`, `7h30` as a minute of the day; `24:00` is midnight.
fn clock(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once([':', 'h', 'g']).unwrap_or((text, ""));
    let hour = hour.parse::<u16>().ok().filter(|h| *h <= 24)?;
    let minute = if minute.is_empty() { 0 } else { minute.parse::<u16>().ok().filter(|m| *m < 60)? };
    Some((hour * 60 + minute) % (24 * 60))
}

/// The same written: days that follow one another with the same hours and crew in one line.
pub fn write(slots: &[Slot]) -> String {
    let mut sorted = slots.to_vec();
    sorted.sort_unstable_by_key(|s| (s.minute, s.minutes, s.crew, s.day));
    let mut runs: Vec<(u16, Slot)> = Vec::new();
    for slot in sorted {
        match runs.last_mut() {
            Some((last, of)) if (Slot { day: *last + 1, ..*of }) == slot => *last = slot.day,
            _ => runs.push((slot.day, slot)),
        }
    }
    runs.sort_by_key(|(_, s)| (s.day, s.minute, s.crew));
    let mut text = String::new();
    for (last, s) in runs {
        let days =
            if last == s.day { format!("{}", s.day + 1) } else { format!("{}-{}", s.day + 1, last + 1) };
        let from = format!("{:02}:{:02}", s.minute / 60, s.minute % 60);
        let end = (u32::from(s.minute) + s.minutes) % DAY_MINUTES;
        let hours = match s.minutes {
            n if n <= DAY_MINUTES => format!("{from}-{:02}:{:02}", end / 60, end % 60),
            n if n % 60 == 0 => format!("{from}+{}h", n / 60),
            n => format!("{from}+{n}m"),
        };
        // Writing to a string never fails.
        let _ = writeln!(text, "{days} {hours} {}", s.crew + 1);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{super::*, *};

    #[test]
    fn uneven_weeks_are_written_line_by_line() {
        let text = "1-5 07:00-19:00 1\n\n6-7 7h-7h 2\n8 07:00+168h 3";
        let slots = read(text, 14, 3).unwrap();
        assert_eq!(slots.len(), 8);
        assert_eq!(slots[0], Slot { day: 0, minute: 420, minutes: 720, crew: 0 });
        assert_eq!(slots[6], Slot { day: 6, minute: 420, minutes: 1_440, crew: 1 });
        assert_eq!(slots[7], Slot { day: 7, minute: 420, minutes: 7 * 1_440, crew: 2 });
        assert_eq!(write(&slots), "1-5 07:00-19:00 1\n6-7 07:00-07:00 2\n8 07:00+168h 3\n");
    }

    #[test]
    fn what_was_drawn_is_written_and_read_back() {
        for (days, slots) in
            [three_shifts_four_crews(360), turns(3, 90, 0).unwrap(), daily(2, 3, 1_140, 720).unwrap()]
        {
            let crews = slots.iter().map(|s| s.crew).max().unwrap() + 1;
            let mut back = read(&write(&slots), days, crews).unwrap();
            let mut slots = slots;
            slots.sort_unstable_by_key(|s| (s.day, s.minute, s.crew));
            back.sort_unstable_by_key(|s| (s.day, s.minute, s.crew));
            assert_eq!(back, slots);
        }
    }

    #[test]
    fn a_line_that_says_nothing_is_named() {
        for (text, line) in [
            ("", 1),
            ("1 07:00-19:00", 1),
            ("1 07:00-19:00 1\n2 7-x 1", 2),
            ("8 07:00-19:00 1", 1),
            ("3-2 07:00-19:00 1", 1),
            ("0 07:00-19:00 1", 1),
            ("1 07:00-19:00 3", 1),
            ("1 25:00-19:00 1", 1),
            ("1 07:00+3x 1", 1),
            ("1 07:00-19:00 1 1", 1),
        ] {
            assert_eq!(read(text, 7, 2), Err(line), "{text}");
        }
    }
}
