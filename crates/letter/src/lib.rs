//! Official papers: text to reading. Pure: no I/O, no clock, no randomness.
//!
//! Data flows one way:
//!
//! ```text
//! input ─ text ─ lines ─ blocks ─┬─ head        issuer, number, date, subject, stamps
//!                                ├─ recipients  Kính gửi
//!                                ├─ items       duties, actors, deadlines, contacts, vulnerabilities …
//!                                ├─ tail        Nơi nhận, signature
//!                                └─ appendix    indicators, CVE lists
//!                                                          └─ reader ─ Reading ─ verify
//! ```
//!
//! Every value carries the characters of the input it was read from; see [`Evidence`].
//!
//! ```
//! let reader = letter::Reader::new(&letter::Lexicon::builtin());
//! let reading = reader.read("Số: 12/UBND-VX\n\nKính gửi: Các sở, ban, ngành.\n\n1. Phân công trực 24/7.");
//! assert_eq!(reading.number.as_deref(), Some("12"));
//! assert_eq!(reading.duties[0].codes, ["DUTY"]);
//! ```

mod actors;
mod addressed;
pub mod after;
mod attachments;
mod basis;
mod blocks;
mod contact_people;
mod contact_table;
mod contacts;
mod dates;
mod deadlines;
mod duties;
mod found;
mod head;
mod indicators;
mod issuer;
mod items;
mod letters;
pub mod levels;
mod lexicon;
pub mod limits;
mod lines;
mod marks;
pub mod minutes;
pub mod model;
mod names;
mod near;
mod noise;
mod number;
mod numbering;
mod occasions;
mod pattern;
mod phones;
mod phrases;
mod reader;
mod reading;
mod recipients;
pub mod report;
mod sentences;
mod signer;
mod stamps;
mod tables;
mod tail;
mod text;
mod verify;
mod vulnerabilities;
mod words;

pub use lexicon::{Lexicon, LexiconError};
pub use reader::Reader;
pub use reading::{
    Basis, Contact, Deadline, Duty, Evidence, Indicator, Item, Reading, Signer, Vulnerability, Window,
};
pub use verify::{Violation, verify};
