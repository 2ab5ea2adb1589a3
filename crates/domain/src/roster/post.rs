//! What must be watched.

use serde::{Deserialize, Serialize};

use crate::{
    id::{Id, kind},
    right::names,
};

/// How somebody is on duty at a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// Trực tại chỗ: sits there.
    #[default]
    OnSite,
    /// Trực sẵn sàng: at home, comes or connects when called.
    OnCall,
    /// Được trực thay: a post of another body, mostly the province's centre, watches this one too.
    Covered,
}
names!(Presence { OnSite = "on-site", OnCall = "on-call", Covered = "covered" } "presence");

/// Place in line at a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// Trực chính: is called first.
    #[default]
    Primary,
    /// Trực dự phòng: is called when the first does not answer.
    Backup,
}
names!(Line { Primary = "primary", Backup = "backup" } "line");

/// What the person on duty at a post owes while on duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckIn {
    /// A check-in when the shift begins.
    pub at_start: bool,
    /// A check-in, or the successor's acceptance of the hand-over, when it ends.
    pub at_end: bool,
    /// And another each so many minutes in between.
    pub every_minutes: Option<u16>,
    /// How long after its time a check-in is still in time.
    pub grace_minutes: u16,
}

/// The shortest time between two check-ins: more often is a nuisance that ends in a script pressing the button.
pub const EVERY_MINUTES_MIN: u16 = 15;

impl Default for CheckIn {
    /// The quiet default for small bodies: start and end, a quarter of an hour to do it in.
    fn default() -> Self {
        Self { at_start: true, at_end: true, every_minutes: None, grace_minutes: 15 }
    }
}

/// A post: something that must be watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Its id.
    pub id: Id<kind::Post>,
    /// Whose post it is. Others may share it: see `store`.
    pub body: Id<kind::Body>,
    /// Its name (*Trực giám sát Trung tâm tích hợp dữ liệu*).
    pub name: String,
    /// How people are on duty there.
    pub presence: Presence,
    /// The post that watches this one too, where it is [`Presence::Covered`].
    pub covered_by: Option<Id<kind::Post>>,
    /// How many must be first in line at once; at least 1.
    pub needed: u8,
    /// Whether somebody must be behind them.
    pub backup: bool,
    /// What they owe.
    pub check_in: CheckIn,
}
