//! The audit log: an append-only Merkle log (RFC 6962 hashes, C2SP tlog-tiles) whose head moves with every change.

mod entry;
mod head;

pub(crate) use self::head::append;
pub use self::{entry::Entry, head::Head};
