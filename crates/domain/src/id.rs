//! Identity: typed UUIDv7, so that a body's id can never be passed where a person's is meant.

use std::{fmt, hash, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
pub use uuid::Uuid;

/// Where new ids come from. Only programs and tests implement it; everywhere else ids are arguments.
pub trait Ids: Send + Sync {
    /// A new UUIDv7; each call returns a greater one than the call before.
    fn next(&self) -> Uuid;
}

/// Where unguessable bytes come from: session keys, links, salts. Only programs and tests implement it.
pub trait Secrets: Send + Sync {
    /// 32 bytes nobody can predict.
    fn bytes(&self) -> [u8; 32];
}

/// The id of one `K`. Stored and shown as the 36 hyphenated characters in lower case.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

impl<K> Id<K> {
    /// Wraps a UUID that is known to name a `K`.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }
    /// A new id from the program's source.
    pub fn new(ids: &dyn Ids) -> Self {
        Self::from_uuid(ids.next())
    }
    /// The UUID inside.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
    /// The same identity seen as another kind: for tables that share one id between two kinds.
    pub const fn cast<L>(self) -> Id<L> {
        Id::from_uuid(self.0)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> hash::Hash for Id<K> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<K> FromStr for Id<K> {
    type Err = uuid::Error;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(s).map(Self::from_uuid)
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&self.0)
    }
}
impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Uuid::deserialize(d).map(Self::from_uuid)
    }
}

/// Kinds of identity. Each is only a name; the things themselves live in their own modules.
pub mod kind {
    macro_rules! kinds { ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $($(#[$doc])* pub enum $name {})* } }
    kinds! {
        /// A source of events: a way in for the logs of one system.
        Source,
        /// An alert.
        Alert,
        /// A list of indicators.
        IndicatorList,
        /// A hunt.
        Hunt,
        /// One run of a hunt.
        HuntRun,
        /// A search saved for a body.
        SavedSearch,
        /// A rule that keeps alerts silent, for a time and with a reason.
        Suppression,
        /// What keeps events beyond their term, for a time and with a reason.
        Hold,
        /// A public body, operator or provider: a node of the tree.
        Body,
        /// A person.
        Person,
        /// A contact channel of a person or body.
        Channel,
        /// A role given to a person over a subtree.
        Grant,
        /// A sign-in session.
        Session,
        /// An API token.
        Token,
        /// A one-time link.
        Link,
        /// An information system.
        System,
        /// A host: server, workstation, device.
        Host,
        /// A file of inventory as it came in.
        InventoryFile,
        /// What one such file says of one host.
        InventoryReport,
        /// A link by which inventory of one body may be handed in.
        InventoryLink,
        /// An official letter and its reading.
        Letter,
        /// A campaign: a confirmed order with window, duties and addressees.
        Campaign,
        /// One duty of one campaign.
        Duty,
        /// What one body owes in one campaign.
        Assignment,
        /// One duty of one assignment: a cell of the board.
        Task,
        /// A question or difficulty on an assignment.
        Question,
        /// Evidence handed in by a person: file, note or link.
        Submission,
        /// An excuse of a task.
        Excuse,
        /// One version of one body's quick report.
        QuickReport,
        /// One fact.
        Fact,
        /// One entry of the audit log.
        Entry,
        /// A queued job.
        Job,
        /// An intent to tell somebody something.
        Intent,
        /// A delivery of an intent over one channel.
        Delivery,
        /// A call-out: something somebody must answer.
        Callout,
        /// An escalation policy.
        Policy,
        /// A monitor that pages when it hears nothing.
        Monitor,
        /// An address at which an outside system reports.
        Inlet,
        /// A drill of reachability, or a daily test of channels.
        Drill,
        /// A webhook of a body.
        Webhook,
        /// A post of the duty roster.
        Post,
        /// A rotation of a post's roster.
        Layer,
        /// A stretch of a post's roster settled by hand.
        Override,
        /// A turn given to another person.
        Swap,
        /// An absence of a person.
        Leave,
        /// A roster as it was published.
        Publication,
        /// A check-in of somebody on duty.
        CheckIn,
        /// A hand-over of a shift.
        HandOver,
        /// A provider's commitment.
        Commitment,
        /// A secret link to a calendar of turns.
        Calendar,
        /// Something that came in by itself: a file of the watched folder, a part of a message.
        InboxItem,
        /// A template of campaigns.
        Template,
        /// What was learnt from a campaign.
        Lesson,
        /// An independent count of machines or people.
        MachineCount,
        /// A visit at which a body is inspected.
        Visit,
        /// Something found at a visit that must be put right.
        Finding,
        /// A photo taken at a visit.
        Photo,
        /// A notice to people.
        Notice,
        /// One addressee of a notice.
        Recipient,
        /// An imported list of staff.
        StaffList,
        /// A bulletin for the loudspeaker network.
        Bulletin,
        /// A broadcast of a bulletin, as its receipt tells it.
        Broadcast,
        /// A report up or a reply letter.
        Report,
        /// A request of an authority.
        Request,
        /// Proof handed in with the answer to a request.
        Proof,
        /// A line: internet, dedicated network, power, ….
        Line,
        /// An outage of a line.
        Outage,
        /// A feed of advisories.
        Feed,
        /// A warning: a set of flaws somebody warned of.
        Warning,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip_as_text_and_json() {
        let text = "01936d2c-7c1b-7000-8000-000000000001";
        let id: Id<kind::Body> = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<Id<kind::Body>>(&format!("\"{text}\"")).unwrap(), id);
        assert!("not-an-id".parse::<Id<kind::Body>>().is_err());
    }
}
