//! Times as logs write them.

use jiff::{Timestamp, civil, tz::TimeZone};

/// What a line's time leaves out.
#[derive(Clone, Debug)]
pub struct Zone {
    /// The zone of times without one.
    pub zone: TimeZone,
    /// About when the lines were taken in: a time without a year is the last such before it, and a day on.
    pub now: Option<Timestamp>,
}

impl Default for Zone {
    fn default() -> Self {
        Zone { zone: TimeZone::UTC, now: None }
    }
}

/// ISO 8601 with or without zone, with a blank or a `T` between.
pub fn iso(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if let Some((local, utc)) = plain(text) {
        return if utc { TimeZone::UTC.to_timestamp(local).ok() } else { zone.to_timestamp(local).ok() };
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let local: civil::DateTime = text.trim_end_matches(" UTC").parse().ok()?;
    zone.to_timestamp(local).ok()
}

/// `2026-11-03T09:08:07.1234567Z`, with a blank for the `T`, without fraction or `Z`: as most logs write it, read without
/// the detour over what else ISO 8601 allows. Whether it was UTC's.
fn plain(text: &str) -> Option<(civil::DateTime, bool)> {
    let (local, utc) = text.strip_suffix('Z').map_or((text, false), |local| (local, true));
    let (clock, fraction) = match local.as_bytes().split_at_checked(19)? {
        (clock, []) => (clock, &[][..]),
        (clock, [b'.', fraction @ ..]) if (1..=9).contains(&fraction.len()) => (clock, fraction),
        _ => return None,
    };
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b' ' | b'T', h1, h2, b':', i1, i2, b':', s1, s2] =
        clock
    else {
        return None;
    };
    let number = |digits: &[u8]| {
        digits
            .iter()
            .try_fold(0_i32, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i32::from(digit - b'0')))
    };
    let small = |a: u8, b: u8| number(&[a, b]).and_then(|n| i8::try_from(n).ok());
    let year = i16::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    let nanos = number(fraction)? * 10_i32.pow(9 - u32::try_from(fraction.len()).ok()?);
    let (month, day) = (small(m1, m2)?, small(d1, d2)?);
    let (hour, minute, second) = (small(h1, h2)?, small(i1, i2)?, small(s1, s2)?);
    Some((civil::DateTime::new(year, month, day, hour, minute, second, nanos).ok()?, utc))
}

/// Seconds, milliseconds or microseconds since 1970, by their size.
pub fn epoch(text: &str) -> Option<Timestamp> {
    if let Ok(whole) = text.parse::<i64>() {
        return match whole {
            0..100_000_000_000 => Timestamp::from_second(whole).ok(),
            100_000_000_000..100_000_000_000_000 => Timestamp::from_millisecond(whole).ok(),
            _ => Timestamp::from_microsecond(whole).ok(),
        };
    }
    let (seconds, fraction) = text.split_once('.')?;
    let nanos: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    Timestamp::new(seconds.parse().ok()?, nanos.parse().ok()?).ok()
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn month(word: &str) -> Option<i8> {
    let place = MONTHS.iter().position(|m| m.eq_ignore_ascii_case(word))?;
    i8::try_from(place + 1).ok()
}

/// `Nov  3 09:08:07`, and what is after it. The year is that of the last such day up to a day after `now`.
pub fn bsd<'t>(text: &'t str, zone: &Zone) -> Option<(Option<Timestamp>, &'t str)> {
    let month = month(text.get(..3)?)?;
    let rest = text.get(3..)?.strip_prefix(' ')?.trim_start_matches(' ');
    let (day, rest) = rest.split_once(' ')?;
    let day: i8 = day.parse().ok()?;
    // Some devices write the year as well.
    let (year, rest) = match rest.split_once(' ') {
        Some((year, after)) if year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) => {
            (year.parse::<i16>().ok(), after)
        }
        _ => (None, rest),
    };
    let (clock, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let time: civil::Time = clock.trim_end_matches(':').parse().ok()?;
    let at = |year: i16| {
        let local = civil::Date::new(year, month, day).ok()?.to_datetime(time);
        zone.zone.to_timestamp(local).ok()
    };
    let at = match (year, zone.now) {
        (Some(year), _) => at(year),
        (None, None) => None,
        (None, Some(now)) => {
            let this = now.to_zoned(zone.zone.clone()).year();
            let limit = now.saturating_add(jiff::SignedDuration::from_hours(24)).unwrap_or(now);
            at(this).filter(|t| *t <= limit).or_else(|| at(this - 1))
        }
    };
    Some((at, rest))
}

/// `03/Nov/2026:09:08:07 +0700`.
pub fn clf(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_once(':')?;
    let mut parts = date.split('/');
    let day: i8 = parts.next()?.parse().ok()?;
    let month = month(parts.next()?)?;
    let year: i16 = parts.next()?.parse().ok()?;
    let (clock, offset) = rest.split_once(' ')?;
    let local = civil::Date::new(year, month, day).ok()?.to_datetime(clock.parse().ok()?);
    jiff::tz::Offset::from_seconds(self::offset(offset)?).ok()?.to_timestamp(local).ok()
}

/// `Nov 03 2026 09:08:07`, with or without milliseconds and zone, as CEF and LEEF allow.
pub fn words(text: &str) -> Option<Timestamp> {
    let mut words = text.split(' ');
    let month = month(words.next()?)?;
    let day: i8 = words.next()?.parse().ok()?;
    let year: i16 = words.next()?.parse().ok()?;
    let time: civil::Time = words.next()?.parse().ok()?;
    let local = civil::Date::new(year, month, day).ok()?.to_datetime(time);
    TimeZone::UTC.to_timestamp(local).ok()
}

/// `Tue Nov 03 09:08:07.123456 2026`.
pub fn apache(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let mut words = text.split_ascii_whitespace().skip(1);
    let month = month(words.next()?)?;
    let day: i8 = words.next()?.parse().ok()?;
    let time: civil::Time = words.next()?.parse().ok()?;
    let year: i16 = words.next()?.parse().ok()?;
    zone.to_timestamp(civil::Date::new(year, month, day).ok()?.to_datetime(time)).ok()
}

/// `+0700` to seconds.
pub fn offset(text: &str) -> Option<i32> {
    let hours: i32 = text.get(..3)?.parse().ok()?;
    let minutes: i32 = text.get(3..5)?.parse().ok()?;
    Some(hours * 3600 + if text.starts_with('-') { -minutes } else { minutes } * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_year_is_the_last_that_fits() {
        let now: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
        let zone = Zone { zone: TimeZone::UTC, now: Some(now) };
        let year = |text| bsd(text, &zone).unwrap().0.unwrap().to_string();
        assert_eq!(year("Dec 31 23:59:59 host"), "2025-12-31T23:59:59Z");
        assert_eq!(year("Jan  1 00:00:01 host"), "2026-01-01T00:00:01Z");
        assert_eq!(year("Jan  2 12:00:00 host"), "2026-01-02T12:00:00Z", "a clock may run ahead by a day");
        assert_eq!(year("Nov 3 2024 09:08:07 host"), "2024-11-03T09:08:07Z");
        assert!(bsd("Nov 33 09:08:07 x", &zone).unwrap().0.is_none());
        assert!(bsd("Now 3 09:08:07 x", &zone).is_none());
    }

    #[test]
    fn the_quick_way_reads_as_the_slow_one() {
        for text in [
            "2026-11-03 09:08:07",
            "2026-11-03T09:08:07.5Z",
            "2026-11-03T09:08:07.1234567",
            "2024-02-29T23:59:59Z",
        ] {
            let slow = text
                .parse::<Timestamp>()
                .or_else(|_| TimeZone::UTC.to_timestamp(text.parse::<civil::DateTime>().unwrap()));
            let (local, _) = plain(text).unwrap();
            assert_eq!(TimeZone::UTC.to_timestamp(local).unwrap(), slow.unwrap(), "{text}");
        }
        for text in [
            "2026-11-03T09:08:07+07:00",
            "2026-13-03T09:08:07Z",
            "2026-11-03T09:08:07.",
            "2026-11-03",
            "2026-1é-03T09:08:07",
        ] {
            assert!(plain(text).is_none(), "{text}");
        }
        let hanoi = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        assert_eq!(iso("2026-11-03 09:08:07", &hanoi).unwrap().to_string(), "2026-11-03T02:08:07Z");
        assert_eq!(iso("2026-11-03T09:08:07Z", &hanoi).unwrap().to_string(), "2026-11-03T09:08:07Z");
    }

    #[test]
    fn other_forms() {
        assert_eq!(clf("03/Nov/2026:09:08:07 +0700").unwrap().to_string(), "2026-11-03T02:08:07Z");
        assert_eq!(clf("03/Nov/2026:09:08:07 -0330").unwrap().to_string(), "2026-11-03T12:38:07Z");
        assert_eq!(epoch("1793696887").unwrap().to_string(), "2026-11-03T09:08:07Z");
        assert_eq!(epoch("1793696887123").unwrap().to_string(), "2026-11-03T09:08:07.123Z");
        assert_eq!(epoch("1793696887.5").unwrap().to_string(), "2026-11-03T09:08:07.5Z");
        assert_eq!(
            iso("2026-11-03 09:08:07.123", &TimeZone::UTC).unwrap().to_string(),
            "2026-11-03T09:08:07.123Z"
        );
    }
}
