//! When a duty is due: the paper's own date, else the catalogue's rule.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime},
};

use crate::{
    legal::DutyTerm,
    text::fold,
    time::{Window, end_of, start_of, zone},
};

/// A due time reckoned by rule leaves a body at least this long: time before it received the order never counts
/// against it. A date the paper itself sets is kept as it is.
const LEAST: SignedDuration = SignedDuration::from_hours(24);

/// The instant of `2022-04-30` or `2022-04-28T17:00` in the zone of official papers; `before`: the paper says
/// *trước ngày*, so the day itself is too late. `None` if it is neither.
pub fn moment(text: &str, before: bool) -> Option<Timestamp> {
    if let Ok(date) = text.parse::<Date>().filter_len(text, 10) {
        return Some(if before { start_of(date) } else { end_of(date) });
    }
    let at: DateTime = text.parse().ok()?;
    at.to_zoned(zone()).ok().map(|z| z.timestamp())
}

trait FilterLen<T> {
    fn filter_len(self, text: &str, len: usize) -> Result<T, ()>;
}
impl<T, E> FilterLen<T> for Result<T, E> {
    /// jiff reads a date out of a longer text as well; only a bare one is a day.
    fn filter_len(self, text: &str, len: usize) -> Result<T, ()> {
        if text.len() == len { self.map_err(|_| ()) } else { Err(()) }
    }
}

/// Whether the words around a date say *trước ngày* (before the day) rather than *đến hết ngày*.
pub(super) fn says_before(words: &str) -> bool {
    fold(words).contains("truoc ngay")
}

/// When a duty is due by the catalogue: so many hours after issue, else the start of the window, else its end.
/// `None` when the rule needs a window and there is none.
pub fn due(term: Option<&DutyTerm>, issued: Timestamp, window: Option<Window>) -> Option<Timestamp> {
    let hours = term.and_then(|t| t.due_hours).map(|h| SignedDuration::from_hours(i64::from(h)));
    let at_end = term.is_some_and(|t| t.due_at_end);
    let by_rule = match (hours, window) {
        (Some(hours), _) => issued.checked_add(hours).ok()?,
        (None, Some(window)) if at_end => window.to,
        (None, Some(window)) => window.from,
        (None, None) => return None,
    };
    Some(by_rule.max(issued.checked_add(LEAST).ok()?))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::legal::Legal;

    #[test]
    fn the_catalogue_rules_the_rest() {
        let legal = Legal::builtin().unwrap();
        let pack = legal.on(date(2026, 11, 21));
        let window = Some(Window::days(date(2027, 2, 4), date(2027, 2, 12)));
        let issued = start_of(date(2027, 1, 20));
        let at = |code| due(pack.duty(code), issued, window).unwrap();
        assert_eq!(at("LEAD"), start_of(date(2027, 1, 21)));
        assert_eq!(at("VREV"), start_of(date(2027, 2, 4)));
        assert_eq!(at("DUTY"), end_of(date(2027, 2, 12)));
        assert_eq!(due(pack.duty("VREV"), issued, None), None);
        assert!(due(pack.duty("LEAD"), issued, None).is_some());
    }

    #[test]
    fn an_order_issued_late_still_leaves_a_day() {
        let legal = Legal::builtin().unwrap();
        let window = Some(Window::days(date(2027, 2, 4), date(2027, 2, 12)));
        let issued = start_of(date(2027, 2, 6));
        assert_eq!(
            due(legal.on(date(2027, 2, 6)).duty("VREV"), issued, window),
            Some(start_of(date(2027, 2, 7)))
        );
    }

    #[test]
    fn before_a_day_is_not_on_the_day() {
        assert_eq!(moment("2022-04-30", true), Some(start_of(date(2022, 4, 30))));
        assert_eq!(moment("2022-04-30", false), Some(end_of(date(2022, 4, 30))));
        assert_eq!(moment("2022-04-28T17:00", false).unwrap().to_string(), "2022-04-28T10:00:00Z");
        assert_eq!(moment("30/4", false), None);
        assert!(says_before("gửi về Sở trước ngày 30/4"));
    }
}
