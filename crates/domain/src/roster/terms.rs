//! What the pack says of duty: rest, check-ins where a post sets none, and who is woken when one is missed.

use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

use super::{CheckIn, coverage::Rest};
use crate::{
    id::{Id, kind},
    legal::Pack,
    paging::{About, Hours, Policy, Step, Target},
    right::names,
    time,
};

/// Who is woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whom {
    /// Whoever should have checked in.
    Same,
    /// Whoever is behind them at the post.
    Deputy,
    /// The heads of the post's body.
    Head,
    /// Whoever is on duty at the body above; its coordinators where nobody is.
    Above,
}
names!(Whom { Same = "same", Deputy = "deputy", Head = "head", Above = "above" } "whom to wake");

/// One step of waking after a missed check-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wake {
    /// Who.
    pub whom: Whom,
    /// So many minutes after the check-in was missed.
    pub after_minutes: u16,
}

/// What follows when every step of waking was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Again {
    /// The steps are gone through so often again.
    pub repeats: u8,
    /// So many minutes after the last of them; after the last round nobody is called any more.
    pub pause_minutes: u16,
    /// What somebody took and did nothing about is open again after so many minutes.
    pub lapse_minutes: Option<u16>,
}

impl Default for Again {
    fn default() -> Self {
        Self { repeats: 1, pause_minutes: 30, lapse_minutes: None }
    }
}

/// Working hours of a working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Working {
    /// From.
    pub from: civil::Time,
    /// Until.
    pub to: civil::Time,
}

impl Default for Working {
    fn default() -> Self {
        Self { from: civil::time(7, 30, 0, 0), to: civil::time(17, 0, 0, 0) }
    }
}

/// The daily test of channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelTest {
    /// From that hour on.
    pub at: civil::Time,
}

/// The drill before a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drill {
    /// So many days before the window's first day.
    pub days_before: u16,
    /// From that hour on.
    pub at: civil::Time,
}

/// The call of a shift within a window whose order wants posts watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestCall {
    /// So many minutes into the shift.
    pub after_minutes: u16,
}

/// That a turn begins soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remind {
    /// So many minutes before it begins.
    pub before_minutes: u16,
}

/// The terms of duty in force on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Rest.
    pub rest: Rest,
    /// Check-ins of a new post.
    pub check_in: CheckIn,
    /// Whom to wake, in order.
    pub wake: Vec<Wake>,
    /// And what follows.
    #[serde(default)]
    pub again: Again,
    /// Working hours, for steps of policies that keep to them.
    #[serde(default)]
    pub working: Working,
    /// A test call or the call of a drill counts as answered within so many minutes.
    #[serde(default = "answer_minutes")]
    pub answer_minutes: u16,
    /// When channels are tested every day; never without.
    pub channel_test: Option<ChannelTest>,
    /// When everybody on a window's roster is called before it; never without.
    pub drill: Option<Drill>,
    /// When whoever is on duty is called once a shift; never without.
    pub test_call: Option<TestCall>,
    /// When whoever is on duty soon is told so; never without.
    pub remind: Option<Remind>,
    /// A provider's licence is warned of so many days before its end.
    #[serde(default = "licence_warn_days")]
    pub licence_warn_days: u16,
    /// First day.
    pub from: Option<civil::Date>,
    /// Last day.
    pub until: Option<civil::Date>,
}

const fn licence_warn_days() -> u16 {
    30
}

const fn answer_minutes() -> u16 {
    15
}

impl Terms {
    /// The policy of a call-out for which nobody made one.
    pub fn policy(&self, about: About) -> Policy {
        let step = |after_minutes, target| Step { after_minutes, only: Hours::Always, targets: vec![target] };
        if about.ends_with_answer() {
            let steps = vec![step(0, Target::Same)];
            let pause_minutes = self.answer_minutes;
            return Policy { name: String::new(), steps, repeats: 0, pause_minutes, lapse_minutes: None };
        }
        let target = |whom| match (whom, about) {
            (Whom::Same, About::CheckIn) => Target::Same,
            (Whom::Same, _) => Target::OnDuty(None),
            (Whom::Deputy, _) => Target::Deputy(None),
            (Whom::Head, _) => Target::Head,
            (Whom::Above, _) => Target::Above,
        };
        Policy {
            name: String::new(),
            steps: self.wake.iter().map(|w| step(w.after_minutes, target(w.whom))).collect(),
            repeats: self.again.repeats,
            pause_minutes: self.again.pause_minutes,
            lapse_minutes: self.again.lapse_minutes,
        }
    }

    /// The policy of a call to whoever is on duty above: the steps that wake them, the first at once.
    pub fn policy_above(&self) -> Policy {
        let mut steps: Vec<Step> =
            self.policy(About::ByHand).steps.into_iter().filter(|s| s.targets == [Target::Above]).collect();
        let first = steps.first().map_or(0, |s| s.after_minutes);
        steps.iter_mut().for_each(|s| s.after_minutes = s.after_minutes.saturating_sub(first));
        if steps.is_empty() {
            steps.push(Step { after_minutes: 0, only: Hours::Always, targets: vec![Target::Above] });
        }
        Policy { steps, ..self.policy(About::ByHand) }
    }

    /// The policy of a call to one named person: they first, then who is woken when somebody does not check in. Nobody
    /// stands behind them at a post.
    pub fn policy_person(&self, person: Id<kind::Person>) -> Policy {
        let mut policy = self.policy(About::CheckIn);
        policy.steps.retain(|s| s.targets != [Target::Deputy(None)]);
        for target in policy.steps.iter_mut().flat_map(|s| &mut s.targets) {
            if *target == Target::Same {
                *target = Target::Person(person);
            }
        }
        policy
    }

    /// Whether these are working hours of a worked day.
    pub fn is_working(&self, pack: &Pack, at: Timestamp) -> bool {
        let local = time::local(at);
        pack.is_worked(local.date()) && (self.working.from..self.working.to).contains(&local.time())
    }
}
