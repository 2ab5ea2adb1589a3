//! One entry: ids and digests, never names or telephone numbers.

use domain::{
    actor::Actor,
    id::{Id, kind},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One entry of the log. Its JSON, exactly as serialised here, is the leaf that is hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Leaf number, from 0.
    pub seq: u64,
    /// When, microseconds cut.
    pub at: Timestamp,
    /// Who: ids only.
    pub actor: String,
    /// What: a stable word such as `letter.confirmed`.
    pub action: String,
    /// To what: `noun:id`.
    pub subject: String,
    /// Of which body.
    pub body: Option<Id<kind::Body>>,
    /// SHA-256 of the detail's JSON, in hex.
    pub digest: String,
}

impl Entry {
    pub(crate) fn new(
        seq: u64,
        at: Timestamp,
        actor: Actor,
        action: &str,
        subject: String,
        body: Option<Id<kind::Body>>,
        detail: &impl Serialize,
    ) -> Self {
        // A detail that cannot be serialised is digested as its error: recorded rather than lost.
        let detail = serde_json::to_vec(detail).unwrap_or_else(|e| e.to_string().into_bytes());
        Self {
            seq,
            at,
            actor: actor.to_string(),
            action: action.to_owned(),
            subject,
            body,
            digest: hex::encode(Sha256::digest(detail)),
        }
    }
    /// The bytes that are hashed.
    pub fn leaf(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The entry those bytes are; `None` unless they are exactly what [`Entry::leaf`] writes.
    pub fn from_leaf(leaf: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(leaf).ok().filter(|entry| entry.leaf() == leaf)
    }
}
