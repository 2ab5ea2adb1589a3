//! Dates in every spelling letters use.

use crate::pattern::re;
use crate::text::Text;
use std::ops::Range;

/// A day, month or year as far as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date {
    pub(crate) year: u16,
    pub(crate) month: Option<u8>,
    pub(crate) day: Option<u8>,
}

impl Date {
    pub(crate) fn day(year: u16, month: u8, day: u8) -> Option<Self> {
        let valid = jiff::civil::Date::new(
            i16::try_from(year).ok()?,
            i8::try_from(month).ok()?,
            i8::try_from(day).ok()?,
        );
        valid.ok().filter(|_| (1990..=2100).contains(&year)).map(|_| Self {
            year,
            month: Some(month),
            day: Some(day),
        })
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
            if let Some(day) = self.day {
                write!(f, "-{day:02}")?;
            }
        }
        Ok(())
    }
}

/// One or two digits; l, I and O that stand for 1 and 0 in scans are read as such.
pub(crate) fn digits(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            'l' | 'i' | '|' | '!' => Some('1'),
            'o' => Some('0'),
            c if c.is_ascii_digit() => Some(c),
            _ => None,
        })
        .collect()
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    digits(text).parse().ok()
}

/// A full day at a place in a text, with the year perhaps missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) day: u8,
    pub(crate) month: u8,
    pub(crate) year: Option<u16>,
    pub(crate) range: Range<usize>,
}

impl Day {
    /// The date, with this year when none is written.
    pub(crate) fn date(&self, year: Option<u16>) -> Option<Date> {
        Date::day(self.year.or(year)?, self.month, self.day)
    }
}

/// Every full day of a text: `03/01/2024`, `3.1.2024`, `30/4`, `ngày 03 tháng 01 (năm 2024)`.
pub(crate) fn days(text: &Text) -> Vec<Day> {
    let mut out = Vec::new();
    let pattern = re!(
        r"(?:ng[a-z]y )?\b([0-9lio]{1,2}) ?th[a-z]ng ?([0-9lio]{1,2})(?:,? ?n[a-z]m ?([0-9lio]{4}))?|\b([0-9lio]{1,2}) ?[/.-] ?([0-9li]{1,2}) ?[/.-] ?([12lo][0-9lio]{3})\b|\b([0-9li]{1,2})/([0-9li]{1,2})\b"
    );
    for m in pattern.captures_iter(text.folded()) {
        let Some(all) = m.get(0) else { continue };
        let group = |at: usize| m.get(at).map(|g| g.as_str());
        let (day, month, year) = match (group(1), group(4), group(7)) {
            (Some(day), ..) => (day, group(2), group(3)),
            (_, Some(day), _) => (day, group(5), group(6)),
            (_, _, Some(day)) => (day, group(8), None),
            _ => continue,
        };
        let (Some(day), Some(month)) = (number::<u8>(day), month.and_then(number::<u8>)) else { continue };
        // "24/7", "24/24" and fractions are no days; a real day must exist in some (leap) year.
        if Date::day(2024, month, day).is_none() || (day == 24 && month == 7 && year.is_none()) {
            continue;
        }
        if !all.as_str().contains(|c: char| c.is_ascii_digit()) {
            continue;
        }
        // Part of a longer number or of a paper's number: "12/5/QĐ", "1/30/4".
        let after = text.folded_at(all.end()..(all.end() + 1).min(text.len()));
        if year.is_none()
            && matches!(after, "/" | "-")
            && text.char_at(all.end() + 1).is_some_and(|c| c.is_alphanumeric())
        {
            continue;
        }
        out.push(Day { day, month, year: year.and_then(number), range: all.range() });
    }
    out
}

/// What is written of the date of a paper: "ngày … tháng … năm …" with any part missing.
///
/// Returns the known part and whether all of it is there.
pub(crate) fn head_date(text: &Text) -> Option<(Option<Date>, bool, Range<usize>)> {
    let pattern = re!(
        r"ng[a-z]y ?[^a-z0-9]{0,12} ?([0-9lio]{1,2})?[^a-z0-9]{0,14}th[a-z]n[a-z]? ?[^a-z0-9]{0,12} ?([0-9lio]{1,2})?[^a-z0-9]{0,14}n[a-z]m ?[^a-z0-9]{0,8} ?([0-9lio]{1,4})?"
    );
    if let Some(m) = pattern.captures(text.folded()) {
        let all = m.get(0)?.range();
        let group = |at: usize| m.get(at).map(|g| g.as_str());
        let year =
            group(3).filter(|y| y.len() == 4).and_then(number::<u16>).filter(|y| (1990..=2100).contains(y));
        let month = group(2).and_then(number::<u8>).filter(|m| (1..=12).contains(m));
        let day = group(1).and_then(number::<u8>).filter(|d| (1..=31).contains(d));
        let date = year.map(|year| match (month, day) {
            (Some(month), Some(day)) => {
                Date::day(year, month, day).unwrap_or(Date { year, month: Some(month), day: None })
            }
            (month, _) => Date { year, month, day: None },
        });
        return Some((date, date.is_some_and(|d| d.day.is_some()), all));
    }
    let m = re!(r"ng[a-z]y ?:? ?[0-9lio]{1,2} ?[/.-] ?[0-9lio]{1,2} ?[/.-] ?[0-9lio]{4}\b")
        .find(text.folded())?;
    let day = days(&text.sub(m.range())).into_iter().next()?;
    let date = day.date(None);
    Some((date, date.is_some(), m.range()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        days(&Text::new(text)).iter().filter_map(|d| d.date(Some(2020))).map(|d| d.to_string()).collect()
    }

    #[test]
    fn reads_days() {
        assert_eq!(all("ngày 18 tháng 4 năm 2022"), ["2022-04-18"]);
        assert_eq!(all("ngày 29/12/2023, 3.1.2024, 05-6-2019"), ["2023-12-29", "2024-01-03", "2019-06-05"]);
        assert_eq!(all("dịp 30/4 và 01/5"), ["2020-04-30", "2020-05-01"]);
        assert_eq!(all("trước ngày l3/02/2026"), ["2026-02-13"]);
        assert_eq!(all("trực 24/7, 24/24, 31/2, số 12/5/QĐ"), Vec::<String>::new());
    }

    #[test]
    fn reads_what_is_known() {
        let read =
            |text: &str| head_date(&Text::new(text)).map(|(d, whole, _)| (d.map(|d| d.to_string()), whole));
        assert_eq!(read("Hà Nội, ngày 03 tháng 01 năm 2024"), Some((Some("2024-01-03".into()), true)));
        assert_eq!(read("Đồng Tháp, ngày tháng năm 2022"), Some((Some("2022".into()), false)));
        assert_eq!(read("Phú Lộc, ngày      tháng 01 năm 2024"), Some((Some("2024-01".into()), false)));
        assert_eq!(read("Huế, ngày ..... tháng ..... năm 20..."), Some((None, false)));
        assert_eq!(read("Huế, ngày 3/4/2020"), Some((Some("2020-04-03".into()), true)));
    }
}
