//! Requests: what an authority asks of a body between letters, and what an operator is asked to filter.
//!
//! A request is asked, received, answered — done, in part, or impossible because of something — and may be returned
//! with a reason or withdrawn. A part is not the whole: what was answered in part is still owed.

pub mod chase;
pub mod filter;
mod net;
mod standing;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use self::{
    net::Net,
    standing::{Standing, standing},
};
use crate::{legal::Pack, right::names};

/// The legal clock of a filter request of the competent force under the law.
pub const CLOCK: &str = "filter.request";
/// The same when the force says that it is urgent.
pub const CLOCK_URGENT: &str = "filter.request.urgent";

/// What kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestKind {
    /// Something is to be done, said or sent.
    Work,
    /// Addresses, domains or URLs are to be filtered.
    Filter,
}
names!(RequestKind { Work = "work", Filter = "filter" } "kind of request");

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestState {
    /// Asked; nobody of the body has taken it yet.
    Asked,
    /// Somebody of the body has taken it.
    Received,
    /// Answered in part: the rest is still owed.
    Partly,
    /// Answered: done.
    Done,
    /// Answered: it cannot be done, because.
    Impossible,
    /// Taken back by who asked.
    Withdrawn,
}
names!(RequestState {
    Asked = "asked", Received = "received", Partly = "partly", Done = "done",
    Impossible = "impossible", Withdrawn = "withdrawn",
} "state of a request");

impl RequestState {
    /// Whether something is still owed.
    pub const fn is_open(self) -> bool {
        matches!(self, RequestState::Asked | RequestState::Received | RequestState::Partly)
    }
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything.
    Done,
    /// A part; the words say which.
    Partly,
    /// Nothing, because.
    Impossible,
}
names!(Outcome { Done = "done", Partly = "partly", Impossible = "impossible" } "outcome of a request");

impl Outcome {
    /// The state a request is in after this answer.
    pub const fn state(self) -> RequestState {
        match self {
            Outcome::Done => RequestState::Done,
            Outcome::Partly => RequestState::Partly,
            Outcome::Impossible => RequestState::Impossible,
        }
    }
    /// Whether it must be said why.
    pub const fn needs_words(self) -> bool {
        !matches!(self, Outcome::Done)
    }
}

/// How one entry of a filter list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemState {
    /// Nothing was said of it.
    Open,
    /// Filtered.
    Done,
    /// Cannot be filtered, because.
    Impossible,
}
names!(ItemState { Open = "open", Done = "done", Impossible = "impossible" } "state of an entry");

/// On what a due time rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DueBy {
    /// The clock of the law: its article.
    Law(String),
    /// What both sides agreed or who asks has set.
    Agreed,
}

/// Why a due time cannot stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadDue {
    /// None was given, and no clock of the law runs.
    Missing,
    /// It lies before the request.
    Past,
}

/// When a request asked at `asked` is due. The clock of the law runs only where the competent force asks for filtering
/// under the law; it may be shortened by agreement, never stretched. Every other request carries its own time.
pub fn due(
    pack: &Pack,
    kind: RequestKind,
    under_law: bool,
    urgent: bool,
    asked: Timestamp,
    agreed: Option<Timestamp>,
) -> Result<(Timestamp, DueBy), BadDue> {
    if agreed.is_some_and(|at| at <= asked) {
        return Err(BadDue::Past);
    }
    let clock = if urgent { CLOCK_URGENT } else { CLOCK };
    let clock = (kind == RequestKind::Filter && under_law).then(|| pack.deadline(clock)).flatten();
    if let Some(clock) = clock {
        let at = asked.checked_add(SignedDuration::from_hours(i64::from(clock.hours)));
        let at = at.unwrap_or(Timestamp::MAX);
        if agreed.is_none_or(|agreed| agreed > at) {
            return Ok((at, DueBy::Law(clock.basis.clone())));
        }
    }
    agreed.map(|at| (at, DueBy::Agreed)).ok_or(BadDue::Missing)
}

/// The answer that follows from the entries of a list once nothing is open any more.
pub fn settled(done: u32, impossible: u32, open: u32) -> Option<Outcome> {
    match (done, impossible, open) {
        (_, _, 1..) | (0, 0, 0) => None,
        (_, 0, 0) => Some(Outcome::Done),
        // Every entry has its word: nothing is owed, and what could not be done is said entry by entry.
        (0, _, 0) => Some(Outcome::Impossible),
        (_, _, 0) => Some(Outcome::Partly),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{legal::Legal, time};

    fn at(text: &str) -> Timestamp {
        format!("2027-02-{text}:00+07:00").parse().unwrap()
    }

    #[test]
    fn the_clock_of_the_law_runs_only_when_the_force_asks_under_the_law() {
        let legal = Legal::builtin().unwrap();
        let pack = legal.on(date(2027, 2, 5));
        let asked = at("05T08:00");
        let of = |kind, law, urgent, agreed| due(pack, kind, law, urgent, asked, agreed).map(|d| d.0);
        use RequestKind::*;
        assert_eq!(of(Filter, true, false, None), Ok(at("06T08:00")));
        assert_eq!(of(Filter, true, true, None), Ok(at("05T14:00")));
        assert_eq!(of(Filter, true, true, Some(at("07T08:00"))), Ok(at("05T14:00")), "never stretched");
        assert_eq!(of(Filter, true, false, Some(at("05T10:00"))), Ok(at("05T10:00")), "may be shortened");
        assert_eq!(of(Filter, false, true, None), Err(BadDue::Missing));
        assert_eq!(of(Filter, false, false, Some(at("09T08:00"))), Ok(at("09T08:00")));
        assert_eq!(of(Work, true, true, None), Err(BadDue::Missing));
        assert_eq!(of(Work, true, false, Some(asked)), Err(BadDue::Past));
        let before = legal.on(time::date(asked).checked_sub(jiff::ToSpan::years(2)).unwrap());
        assert_eq!(due(before, Filter, true, false, asked, None), Err(BadDue::Missing), "no such law then");
    }

    #[test]
    fn a_list_is_answered_when_every_entry_has_its_word() {
        assert_eq!(settled(3, 0, 1), None);
        assert_eq!(settled(0, 0, 0), None);
        assert_eq!(settled(3, 0, 0), Some(Outcome::Done));
        assert_eq!(settled(2, 1, 0), Some(Outcome::Partly));
        assert_eq!(settled(0, 3, 0), Some(Outcome::Impossible));
    }

    #[test]
    fn a_part_is_still_owed() {
        assert!(Outcome::Partly.state().is_open());
        assert!(!Outcome::Impossible.state().is_open());
    }
}
