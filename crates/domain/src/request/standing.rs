//! How a request stands at an instant, as lists, reports and evidence count it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::RequestState;
use crate::right::names;

/// How a request stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Open, due time ahead.
    Open,
    /// Open, due time past.
    Overdue,
    /// Done by the due time.
    Done,
    /// Done after it.
    Late,
    /// Said to be impossible; who asked has not accepted that.
    Impossible,
    /// Said to be impossible, and accepted.
    Released,
    /// Withdrawn: counts nowhere.
    Withdrawn,
}
names!(Standing {
    Open = "open", Overdue = "overdue", Done = "done", Late = "late",
    Impossible = "impossible", Released = "released", Withdrawn = "withdrawn",
} "standing of a request");

/// How a request stands. `answered` is when it was answered as its state says, `owed` whether anything is left to do —
/// of a list each entry of which has its word nothing is —, `accepted` whether who asked agreed.
pub fn standing(
    state: RequestState,
    due: Timestamp,
    answered: Option<Timestamp>,
    owed: bool,
    accepted: bool,
    now: Timestamp,
) -> Standing {
    match state {
        RequestState::Withdrawn => Standing::Withdrawn,
        // A part that who asked was content with is no longer owed.
        RequestState::Impossible | RequestState::Partly if accepted => Standing::Released,
        RequestState::Impossible => Standing::Impossible,
        RequestState::Partly if !owed => Standing::Impossible,
        RequestState::Done if answered.is_some_and(|at| at > due) => Standing::Late,
        RequestState::Done => Standing::Done,
        _ if due <= now => Standing::Overdue,
        _ => Standing::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_makes_overdue_what_is_owed_and_nothing_else() {
        let t = |s| Timestamp::from_second(s).unwrap();
        let of = |state: RequestState, answered, accepted, now| {
            standing(state, t(10), answered, state.is_open(), accepted, t(now))
        };
        use RequestState as S;
        assert_eq!(of(S::Asked, None, false, 9), Standing::Open);
        assert_eq!(of(S::Received, None, false, 10), Standing::Overdue);
        assert_eq!(of(S::Partly, Some(t(5)), false, 11), Standing::Overdue);
        assert_eq!(of(S::Partly, Some(t(5)), true, 11), Standing::Released);
        assert_eq!(of(S::Done, Some(t(10)), false, 99), Standing::Done);
        assert_eq!(of(S::Done, Some(t(11)), true, 99), Standing::Late);
        assert_eq!(of(S::Impossible, Some(t(5)), false, 99), Standing::Impossible);
        assert_eq!(of(S::Impossible, Some(t(5)), true, 99), Standing::Released);
        assert_eq!(of(S::Withdrawn, None, false, 99), Standing::Withdrawn);
        let list = standing(S::Partly, t(10), Some(t(5)), false, false, t(99));
        assert_eq!(
            list,
            Standing::Impossible,
            "of a list with its word on every entry nothing is left to do"
        );
    }
}
