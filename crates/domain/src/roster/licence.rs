//! How a provider's licence stands beside what it commits (VEND).

use jiff::{ToSpan, civil::Date};

use crate::time::{self, Window};

/// A licence with its last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Licence {
    /// Nobody said until when it holds.
    Missing,
    /// It is over.
    Over(Date),
    /// It ends before what is committed does.
    Short(Date),
    /// It outlasts what is committed, and ends soon.
    Soon(Date),
    /// It holds.
    Good(Date),
}

impl Licence {
    /// How a licence until `last` stands on `today` beside a commitment for `window`, `warn_days` before its end.
    pub fn of(last: Option<Date>, window: Window, today: Date, warn_days: u16) -> Self {
        let Some(last) = last else { return Licence::Missing };
        let warned = last.checked_sub(i64::from(warn_days).days()).unwrap_or(last);
        match () {
            () if last < today => Licence::Over(last),
            () if time::end_of(last) < window.to => Licence::Short(last),
            () if warned <= today => Licence::Soon(last),
            () => Licence::Good(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_licence_is_warned_of_before_it_ends_and_must_outlast_what_is_committed() {
        let window = Window::days(date(2027, 2, 5), date(2027, 2, 14));
        let today = date(2027, 1, 31);
        let of = |last| Licence::of(last, window, today, 30);
        assert_eq!(of(None), Licence::Missing);
        assert_eq!(of(Some(date(2027, 1, 30))), Licence::Over(date(2027, 1, 30)));
        assert_eq!(of(Some(date(2027, 2, 13))), Licence::Short(date(2027, 2, 13)), "a day too short");
        assert_eq!(
            of(Some(date(2027, 2, 14))),
            Licence::Soon(date(2027, 2, 14)),
            "the last day counts whole"
        );
        assert_eq!(of(Some(date(2027, 3, 2))), Licence::Soon(date(2027, 3, 2)));
        assert_eq!(of(Some(date(2027, 3, 3))), Licence::Good(date(2027, 3, 3)));
    }
}
