//! Time: instants are [`jiff::Timestamp`] cut to microseconds, the finest unit both SQL engines keep.

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};

/// Where `now` comes from. Only programs and tests implement it; everywhere else `now` is an argument.
pub trait Clock: Send + Sync {
    /// The present instant, cut to microseconds.
    fn now(&self) -> Timestamp;
}

/// The zone in which official papers speak: Indochina Time, UTC+7 without daylight saving since 1975.
pub fn zone() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(7))
}

/// Cuts an instant to microseconds, so that what is stored equals what was computed.
pub fn cut(at: Timestamp) -> Timestamp {
    from_micros(at.as_microsecond())
}

/// An instant from microseconds since 1970; clamped to the range jiff can hold.
pub fn from_micros(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// The wall clock of official papers at that instant.
pub fn local(at: Timestamp) -> Zoned {
    at.to_zoned(zone())
}

/// An instant as people read it: day, month, year, and 24 hours with seconds.
pub fn moment(at: Timestamp) -> String {
    local(at).strftime("%d/%m/%Y %H:%M:%S").to_string()
}

/// The civil date in the zone of official papers.
pub fn date(at: Timestamp) -> Date {
    local(at).date()
}

/// The instant at which a civil date begins in the zone of official papers.
pub fn start_of(date: Date) -> Timestamp {
    date.to_zoned(zone()).map_or(Timestamp::MIN, |z| z.timestamp())
}

/// The instant at which a civil date ends (the start of the next): half-open, so windows join without gaps.
pub fn end_of(date: Date) -> Timestamp {
    date.tomorrow().map_or(Timestamp::MAX, start_of)
}

/// The last civil date inside a window, in the zone of official papers.
pub fn last_day(window: Window) -> Date {
    date(from_micros(window.to.as_microsecond() - 1))
}

/// A half-open span of time `from ≤ t < to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Window {
    /// First instant inside.
    pub from: Timestamp,
    /// First instant after.
    pub to: Timestamp,
}

impl Window {
    /// Whole days, both included, in the zone of official papers.
    pub fn days(first: Date, last: Date) -> Self {
        Self { from: start_of(first), to: end_of(last) }
    }
    /// Whether `at` lies inside.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as d;

    #[test]
    fn a_window_of_days_holds_its_last_minute_and_not_the_next() {
        let w = Window::days(d(2027, 2, 4), d(2027, 2, 12));
        assert_eq!(w.from.to_string(), "2027-02-03T17:00:00Z");
        assert!(w.contains("2027-02-12T23:59:59+07:00".parse().unwrap()));
        assert!(!w.contains("2027-02-13T00:00:00+07:00".parse().unwrap()));
    }

    #[test]
    fn instants_are_cut_to_microseconds() {
        let at: Timestamp = "2027-02-06T00:00:00.123456789Z".parse().unwrap();
        assert_eq!(cut(at).to_string(), "2027-02-06T00:00:00.123456Z");
    }
}
