//! The audit log: an append-only Merkle log (RFC 6962 hashes, C2SP tlog-tiles) whose head moves with every change.
//!
//! [`Entry`] is what is logged and [`Head`] what the log amounts to; [`checkpoint`] signs heads, [`verify`] finds
//! tampering in a store or an [`export`], [`list`] is for the auditor's page and [`proof`] for a single entry.

pub mod checkpoint;
mod entry;
pub mod export;
mod head;
pub mod list;
pub mod proof;
pub mod state;
mod tree;
pub mod verify;

pub(crate) use self::head::append;
pub use self::{entry::Entry, head::Head};

/// A SHA-256 Merkle tree hash.
pub type Root = [u8; 32];
