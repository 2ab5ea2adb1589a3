//! Which machines are concerned, what fixes them, and are they fixed: inventories and advisories read, versions
//! compared, verdicts reached with their evidence.
//!
//! Pure: bytes come in as arguments, nothing is opened, no time is looked at.

pub mod advisory;
pub mod collect;
pub mod inventory;
pub mod judge;
pub mod purl;
pub mod scan;
pub mod signed;
pub mod version;
