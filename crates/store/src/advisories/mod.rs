//! Knowledge of flaws: feeds and how they fare, the advisories they gave, what is exploited.
//!
//! Public knowledge: whoever may see anything sees all of it. Feeds are changed by whoever administers the whole
//! installation. A file is taken whole or not at all; what is broken leaves standing what was known.

mod feeds;
mod read;
mod signals;
mod take;

pub use self::{
    feeds::{Feed, NewFeed, add, feed, feeds, known_files, may_change, remove, same, settle, trust, wrong},
    read::{
        Advised, Filter, Signal, bodies, by_number, count, ids_by_keys, in_months, list, signal, signals,
    },
    take::{FileRead, Taken, own, take},
};

/// The kind of job that reads feeds; one for all of them.
pub const JOB: &str = "feeds";
/// At most so many advisories on a page.
pub const PAGE_MAX: usize = 100;
