//! Telling somebody something: contract 8. An intent is made inside a transaction, exactly once per key;
//! its delivery happens afterwards, at least once, over channels of `send`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    id::{Id, kind},
    right::names,
};

/// How much it hurries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// May wait for office hours.
    Low,
    /// Goes out now.
    Normal,
    /// Goes out now, over every channel, and breaks quiet hours.
    Urgent,
}
names!(Urgency { Low = "low", Normal = "normal", Urgent = "urgent" } "urgency");

/// Whom an intent addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum To {
    /// A person, over their verified channels.
    Person(Id<kind::Person>),
    /// Whoever is the contact of a body.
    Body(Id<kind::Body>),
    /// One channel of a person, verified or not: its own code.
    Channel(Id<kind::Channel>),
    /// One webhook, verified or not: its own code, a test.
    Webhook(Id<kind::Webhook>),
    /// A bare e-mail address: the superior's checkpoint address.
    Email(String),
}

/// A wish to tell somebody something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// Its id; deliveries and Message-IDs derive from it.
    pub id: Id<kind::Intent>,
    /// Unique key: the same wish made twice is one intent.
    pub key: String,
    /// Whom.
    pub to: To,
    /// Which template of `send`.
    pub template: String,
    /// The template's variables. No secrets but one-time links, and those only for their addressee.
    pub vars: BTreeMap<String, String>,
    /// How much it hurries.
    pub urgency: Urgency,
    /// Not before.
    pub not_before: Timestamp,
    /// After this nobody needs it any more.
    pub expires: Timestamp,
}

/// Where a delivery of an intent stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Delivery {
    /// Waiting for its time.
    Due,
    /// A worker has it.
    Claimed,
    /// Handed over; the provider's receipt.
    Sent {
        /// What the provider said.
        receipt: String,
    },
    /// The addressee acted on it.
    Acknowledged,
    /// It failed for good, or will be tried again at `next`.
    Failed {
        /// When it is tried again; `None` = given up.
        next: Option<Timestamp>,
        /// Why.
        why: String,
    },
}
