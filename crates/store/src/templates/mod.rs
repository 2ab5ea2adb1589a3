//! Templates of campaigns, and the lessons that change them. A template belongs to a body; whoever may prepare orders
//! there sees and changes it.

mod lessons;
mod make;
mod read;
mod write;

use domain::{
    id::{Id, kind},
    order::template::{Change, Template},
};
use jiff::Timestamp;

pub use self::{
    lessons::{NewLesson, apply, learn, lessons, unlearn},
    make::draft,
    read::{get, list},
    write::{keep, rename, retire},
};

/// At most so many templates of one body: a province has a handful of occasions.
pub const TEMPLATES_MAX: i64 = 200;
/// At most so many lessons of one campaign.
pub const LESSONS_MAX: i64 = 200;

/// A template as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Its id.
    pub id: Id<kind::Template>,
    /// Whose it is.
    pub body: Id<kind::Body>,
    /// Its name.
    pub name: String,
    /// The campaign it was made from, and that campaign's name.
    pub made_from: Option<(Id<kind::Campaign>, String)>,
    /// What it orders.
    pub content: Template,
    /// For the optimistic lock.
    pub version: i64,
    /// When it was changed last.
    pub changed_at: Timestamp,
    /// By whom.
    pub changed_by: Option<String>,
}

/// What was learnt from a campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// Its id.
    pub id: Id<kind::Lesson>,
    /// In words.
    pub text: String,
    /// What it changes.
    pub change: Change,
    /// When it was written down.
    pub at: Timestamp,
    /// By whom.
    pub by: Option<String>,
    /// Into which template it went, when.
    pub applied: Option<(Id<kind::Template>, String, Timestamp)>,
}
