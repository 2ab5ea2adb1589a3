//! Files of paper to text and tables, and tables and calendars back to files. Floor 2: the only crate that knows PDF
//! readers, Word's and Excel's formats; none of those libraries' types get out.
//!
//! Whoever holds a file calls [`open`] (text of a letter) or [`sheet::open`] (rows of a table) with a
//! [`sandbox::Worker`] whose program answers with [`work`]; the reading itself happens in that child.
//! [`read`] and [`sheet::read`] are the reading itself: only the worker, tests and fuzzers call them.
//! [`kind::sniff`] looks at magic bytes only and is safe anywhere, and so is [`photo::clean`].

mod docx;
mod error;
pub mod ical;
pub mod inventory;
pub mod kind;
mod legacy;
pub mod limits;
pub mod mail;
mod pdf;
pub mod photo;
mod plain;
mod read;
pub mod scan;
pub mod sheet;
pub mod signature;
mod work;
mod zipped;

pub use error::PaperError;
pub use kind::FileKind;
pub use read::{PaperText, read};
pub use work::{open, work};
