//! How far a notice has come, in numbers; and when numbers are worth a fact.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    fact::Fact,
    id::{Id, kind},
    time::Window,
};

/// A new fact is learnt when a share moved by so many percent: at most some forty facts a body and notice, however
/// many thousand people it has.
const STEP_PERCENT: u32 = 5;

/// How many of its recipients did what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rates {
    /// To whom it goes.
    pub recipients: u32,
    /// Of them excused with a reason, on leave for instance: not waited for, told apart, and not counted below among
    /// those who opened, committed or passed.
    #[serde(default, skip_serializing_if = "none")]
    pub excused: u32,
    /// Whose mail server took the letter. Says nothing about anybody having read it.
    pub delivered: u32,
    /// Who opened it by pressing the button; what fetches a page without pressing is not counted.
    pub opened: u32,
    /// Who declared by an explicit act to have read it and to be committed.
    pub committed: u32,
    /// Who is asked a quiz: all who are expected, or none.
    pub asked: u32,
    /// Who passed it.
    pub passed: u32,
}

fn none(n: &u32) -> bool {
    *n == 0
}

impl Rates {
    /// Who is waited for: all recipients but the excused.
    pub fn expected(&self) -> u32 {
        self.recipients.saturating_sub(self.excused)
    }
    /// Who has done all that is asked: committed, and passed where a quiz is asked.
    pub fn done(&self) -> u32 {
        if self.asked > 0 { self.passed } else { self.committed }
    }
    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self {
            recipients: self.recipients + other.recipients,
            excused: self.excused + other.excused,
            delivered: self.delivered + other.delivered,
            opened: self.opened + other.opened,
            committed: self.committed + other.committed,
            asked: self.asked + other.asked,
            passed: self.passed + other.passed,
        }
    }
}

/// Whole percent, rounded down so that only all is 100; 0 of 0 is 0.
pub fn percent(part: u32, all: u32) -> u32 {
    if all == 0 { 0 } else { u32::try_from(u64::from(part) * 100 / u64::from(all)).unwrap_or(100) }
}

/// Whether the figures deserve a new fact in place of the `told` one: the first, the last, the complete, and every
/// [`STEP_PERCENT`] on the way.
pub fn worth_telling(told: Option<&Rates>, now: &Rates, last: bool) -> bool {
    let Some(told) = told else { return true };
    if told == now {
        return false;
    }
    let moved = |f: fn(&Rates) -> u32| {
        percent(f(now), now.expected()).abs_diff(percent(f(told), told.expected())) >= STEP_PERCENT
    };
    let complete = |r: &Rates| r.recipients > 0 && r.done() >= r.expected();
    last || told.recipients != now.recipients
        || told.excused != now.excused
        || complete(now) != complete(told)
        || moved(|r| r.committed)
        || moved(|r| r.passed)
}

/// Whether the fact of a notice or bulletin speaks about a campaign: linked to it, or its time touches the window.
pub fn concerns(fact: &Fact, campaign: Id<kind::Campaign>, window: Option<Window>) -> bool {
    let linked = fact.value.get("campaign").and_then(Value::as_str) == Some(campaign.to_string().as_str());
    linked || window.is_some_and(|w| fact.from < w.to && fact.to >= w.from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rates(recipients: u32, committed: u32) -> Rates {
        Rates { recipients, committed, ..Rates::default() }
    }

    #[test]
    fn all_is_hundred_and_nearly_all_is_not() {
        assert_eq!((percent(1_999, 2_000), percent(2_000, 2_000), percent(0, 0)), (99, 100, 0));
    }

    #[test]
    fn few_facts_tell_a_long_story() {
        let mut told = None;
        let mut facts = 0;
        for committed in 0..=20_000 {
            let now = rates(20_000, committed);
            if worth_telling(told.as_ref(), &now, false) {
                told = Some(now);
                facts += 1;
            }
        }
        assert_eq!(told, Some(rates(20_000, 20_000)));
        assert!(facts <= 22, "{facts}");
        let told = rates(100, 41);
        assert!(!worth_telling(Some(&told), &rates(100, 43), false));
        assert!(worth_telling(Some(&told), &rates(100, 43), true), "the last word is always kept");
        assert!(!worth_telling(Some(&told), &told, true), "the same is not told twice");
    }

    #[test]
    fn the_excused_are_not_waited_for() {
        let on_leave = Rates { excused: 2, ..rates(10, 8) };
        assert_eq!((on_leave.expected(), on_leave.done()), (8, 8));
        assert!(worth_telling(Some(&rates(10, 8)), &on_leave, false), "now it is complete");
        let text = serde_json::to_string(&rates(10, 8)).unwrap();
        assert!(
            !text.contains("excused"),
            "figures told before there were excuses stay the same text: {text}"
        );
    }

    proptest! {
        #[test]
        fn hundred_percent_only_of_all(part in 0..5_000_u32, more in 1..5_000_u32) {
            prop_assert!(percent(part, part + more) < 100);
        }
    }
}
