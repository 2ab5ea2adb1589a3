//! The table: which evaluator needs which facts and counts, and which changes make its tasks dirty. A new kind of
//! evidence is a row here, an evaluator in `domain`, and a name in the legal pack.

use domain::{
    evidence::Evaluator,
    fact::kinds::{
        ACCEPTED, ACKNOWLEDGED, BULLETIN_TALLY, CALLOUT_EXPIRED, CALLOUT_RAISED, CALLOUT_TAKEN,
        CHANNEL_VERIFIED, CHANNELS_TESTED, CHECK_IN_MISSED, COMMITTED, EXCUSED, HUNTED, INSPECTED, LINE_OUT,
        LINE_REPORTED, LOGS_HEARD, NOTICE_TALLY, PASSED_ON, QUICK_REPORT, READ, RECEIVED, REQUEST_ANSWERED,
        REQUEST_ASKED, REQUEST_RETURNED, RETURNED, ROSTER_PUBLISHED, SUBMITTED, TAKEN_OVER, TRIAGED,
        UNEXCUSED,
    },
};
use store::Topic;

/// A count that is fetched for a batch; its name is what the evaluator asks [`domain::evidence::Known::count`] for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    /// Verified channels of the named contact. The contact's person joins the subjects of facts.
    ContactChannels,
    /// Leaves below that acknowledged.
    Leaves,
    /// Hosts in the register; of duties that count machines also everybody else's count of them.
    RegisteredHosts,
    /// Rounds of quick reports confirmed in time.
    QuickRounds,
    /// Rounds of quick reports confirmed late.
    QuickLate,
    /// Inspections of the bodies below; their facts are about the inspector. No number but
    /// [`domain::inspection::Known`].
    Inspections,
    /// The register of requests: several figures; the requests' facts join the reasons.
    Requests,
    /// The entries of filter requests, likewise.
    Items,
    /// Lines and their minutes, likewise.
    Lines,
    /// Posts and their minutes, likewise.
    Watches,
    /// Hosts and the flaws on them, likewise.
    Flaws,
    /// Systems heard and alerts taken, likewise.
    Heard,
    /// How long logs are kept, likewise.
    Retention,
    /// Machines anti-malware consoles speak of, likewise.
    Consoles,
    /// Hunts concluded lately, likewise.
    Hunts,
}

impl Counted {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Counted::ContactChannels => "contact-channels",
            Counted::Leaves => "leaves",
            Counted::RegisteredHosts => "registered-hosts",
            Counted::QuickRounds => "quick-rounds",
            Counted::QuickLate => "quick-late",
            Counted::Inspections => "inspections",
            Counted::Requests => "requests",
            Counted::Items => "items",
            Counted::Lines => "lines-now",
            Counted::Watches => "watch-posts",
            Counted::Flaws => "flaws",
            Counted::Heard => "systems-heard",
            Counted::Retention => "logs-kept",
            Counted::Consoles => "consoles",
            Counted::Hunts => "hunts",
        }
    }
}

/// From a change to tasks, besides those that every change reaches (see [`EVERY`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The change's body.
    Body,
    /// Bodies above the change's body.
    BodiesAbove,
    /// Assignments above the change's assignment.
    AssignmentsAbove,
}

/// One evaluator's needs.
pub(super) struct Needs {
    pub evaluator: Evaluator,
    /// Fact kinds beyond [`ALWAYS`], about the task, its assignment or its body's contact.
    pub kinds: &'static [&'static str],
    pub counts: &'static [Counted],
    /// What makes its tasks dirty beyond [`EVERY`].
    pub woken: &'static [(Topic, Reach)],
}

/// Every evaluator's common rules read these.
pub(super) const ALWAYS: [&str; 3] = [RECEIVED, EXCUSED, UNEXCUSED];

/// Topics that make exactly the tasks dirty which their subject names: `task:`, the tasks of `assignment:`, those of
/// `campaign:`.
pub(super) const EVERY: [Topic; 3] = [Topic::Task, Topic::Assignment, Topic::Campaign];

/// All topics the worker follows: [`EVERY`] and those of the table.
pub(super) const TOPICS: &[Topic] = &[
    Topic::Task,
    Topic::Assignment,
    Topic::Campaign,
    Topic::Register,
    Topic::System,
    Topic::Notice,
    Topic::Inspection,
    Topic::Request,
    Topic::Line,
    Topic::Roster,
    Topic::Advisory,
    Topic::Alert,
    Topic::Heard,
    Topic::Hunt,
];

pub(super) const TABLE: [Needs; 21] = [
    Needs {
        evaluator: Evaluator::Upload,
        kinds: &[SUBMITTED, ACCEPTED, RETURNED],
        counts: &[Counted::RegisteredHosts],
        woken: &[(Topic::System, Reach::Body)],
    },
    Needs {
        evaluator: Evaluator::Contact,
        kinds: &[CHANNEL_VERIFIED, CHANNELS_TESTED],
        counts: &[Counted::ContactChannels],
        woken: &[(Topic::Register, Reach::Body)],
    },
    Needs { evaluator: Evaluator::Acknowledgement, kinds: &[READ, ACKNOWLEDGED], counts: &[], woken: &[] },
    Needs {
        evaluator: Evaluator::Cascade,
        kinds: &[PASSED_ON, BULLETIN_TALLY],
        counts: &[Counted::Leaves],
        woken: &[
            (Topic::Assignment, Reach::AssignmentsAbove),
            (Topic::Register, Reach::BodiesAbove),
            (Topic::Notice, Reach::Body),
        ],
    },
    Needs { evaluator: Evaluator::OnTime, kinds: &[SUBMITTED, ACCEPTED, RETURNED], counts: &[], woken: &[] },
    Needs {
        evaluator: Evaluator::Inspection,
        kinds: &[SUBMITTED, ACCEPTED, RETURNED, INSPECTED],
        counts: &[Counted::Inspections],
        woken: &[(Topic::Inspection, Reach::Body)],
    },
    Needs {
        evaluator: Evaluator::Triage,
        kinds: &[READ, TRIAGED],
        counts: &[Counted::Flaws],
        woken: &[(Topic::Advisory, Reach::Body)],
    },
    Needs {
        evaluator: Evaluator::Review,
        kinds: &[SUBMITTED, ACCEPTED, RETURNED],
        counts: &[Counted::RegisteredHosts, Counted::Flaws],
        woken: &[(Topic::System, Reach::Body), (Topic::Advisory, Reach::Body)],
    },
    Needs {
        evaluator: Evaluator::Fixing,
        kinds: &[SUBMITTED, ACCEPTED, RETURNED],
        counts: &[Counted::RegisteredHosts, Counted::Flaws],
        woken: &[(Topic::System, Reach::Body), (Topic::Advisory, Reach::Body)],
    },
    Needs {
        evaluator: Evaluator::Reports,
        kinds: &[QUICK_REPORT, SUBMITTED, ACCEPTED, RETURNED],
        counts: &[Counted::QuickRounds, Counted::QuickLate],
        woken: &[],
    },
    Needs {
        evaluator: Evaluator::Awareness,
        kinds: &[SUBMITTED, ACCEPTED, RETURNED, NOTICE_TALLY],
        counts: &[],
        woken: &[(Topic::Notice, Reach::Body)],
    },
    Needs {
        evaluator: Evaluator::Requests,
        kinds: &[REQUEST_ASKED, REQUEST_ANSWERED, REQUEST_RETURNED],
        counts: &[Counted::Requests],
        woken: &[(Topic::Request, Reach::Body)],
    },
    Needs {
        evaluator: Evaluator::Filtering,
        kinds: &[REQUEST_ASKED, REQUEST_ANSWERED, REQUEST_RETURNED],
        counts: &[Counted::Items],
        woken: &[(Topic::Request, Reach::Body)],
    },
    Needs {
        evaluator: Evaluator::Lines,
        kinds: &[LINE_REPORTED, LINE_OUT],
        counts: &[Counted::Lines],
        woken: &[(Topic::Line, Reach::Body)],
    },
    Needs {
        evaluator: Evaluator::Watch,
        kinds: &[
            SUBMITTED,
            ACCEPTED,
            RETURNED,
            ROSTER_PUBLISHED,
            CHECK_IN_MISSED,
            TAKEN_OVER,
            CALLOUT_RAISED,
            CALLOUT_TAKEN,
            CALLOUT_EXPIRED,
        ],
        counts: &[Counted::Watches],
        woken: &[(Topic::Roster, Reach::Body)],
    },
    Needs {
        evaluator: Evaluator::Sharing,
        kinds: &[SUBMITTED, ACCEPTED, RETURNED, CHANNELS_TESTED],
        counts: &[],
        woken: &[(Topic::Register, Reach::Body)],
    },
    Needs {
        evaluator: Evaluator::Commitment,
        kinds: &[SUBMITTED, ACCEPTED, RETURNED, COMMITTED],
        counts: &[],
        woken: &[(Topic::Roster, Reach::Body)],
    },
    Needs {
        evaluator: Evaluator::Monitoring,
        kinds: &[SUBMITTED, ACCEPTED, RETURNED, LOGS_HEARD],
        counts: &[Counted::RegisteredHosts, Counted::Heard],
        woken: &[(Topic::System, Reach::Body), (Topic::Heard, Reach::Body), (Topic::Alert, Reach::Body)],
    },
    Needs {
        evaluator: Evaluator::Retention,
        kinds: &[SUBMITTED, ACCEPTED, RETURNED],
        counts: &[Counted::RegisteredHosts, Counted::Retention],
        woken: &[(Topic::System, Reach::Body), (Topic::Heard, Reach::Body)],
    },
    Needs {
        evaluator: Evaluator::Consoles,
        kinds: &[SUBMITTED, ACCEPTED, RETURNED],
        counts: &[Counted::RegisteredHosts, Counted::Consoles],
        woken: &[(Topic::System, Reach::Body), (Topic::Heard, Reach::Body)],
    },
    Needs {
        evaluator: Evaluator::Hunting,
        kinds: &[SUBMITTED, ACCEPTED, RETURNED, HUNTED],
        counts: &[Counted::Hunts],
        woken: &[(Topic::Hunt, Reach::Body)],
    },
];

/// Kinds of fact about a body as a whole (subject `body:`), not about one of its tasks.
pub(super) const OF_BODIES: [&str; 4] = [NOTICE_TALLY, BULLETIN_TALLY, COMMITTED, CHANNELS_TESTED];

/// The row of an evaluator.
pub(super) fn needs(evaluator: Evaluator) -> Option<&'static Needs> {
    TABLE.iter().find(|n| n.evaluator == evaluator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_evaluator_has_its_row_and_every_topic_is_followed() {
        use Evaluator::*;
        for evaluator in [
            Upload,
            Contact,
            Acknowledgement,
            Cascade,
            OnTime,
            Triage,
            Reports,
            Awareness,
            Inspection,
            Requests,
            Filtering,
            Lines,
            Watch,
            Sharing,
            Commitment,
            Review,
            Fixing,
            Monitoring,
            Retention,
            Consoles,
            Hunting,
        ] {
            assert!(needs(evaluator).is_some(), "{evaluator:?}");
        }
        for topic in EVERY.into_iter().chain(TABLE.iter().flat_map(|n| n.woken.iter().map(|(t, _)| *t))) {
            assert!(TOPICS.contains(&topic), "{topic:?}");
        }
    }
}
