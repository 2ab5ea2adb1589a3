//! Campaigns: drafted, issued to bodies, passed on, amended, cancelled, closed.

mod amend;
mod chain;
mod draft;
mod end;
mod issue;
mod lines;
mod read;

use domain::{
    id::{Id, kind},
    order::{CampaignState, Contact, LineRole},
    system::SystemScope,
    time::Window,
};
use jiff::Timestamp;
use serde::Serialize;

pub(crate) use self::lines::allowed;
pub use self::{
    amend::{Amendment, amend},
    chain::{ChainLink, Passable, above, below, pass_on, passable},
    draft::{Head, NewCampaign, NewDuty, add_duty, create, discard, remove_duty, set_duty, set_head},
    end::{cancel, close},
    issue::{Filled, JOB, PER_CHUNK, fill, issue, run},
    lines::{NewLine, add_line, candidates, remove_line, set_line},
    read::{Addressees, Filter, addressees, duties, get, history, lines, list, of_letter, progress},
};

/// At most so many rows of a page.
pub const PAGE_MAX: usize = 500;
/// A campaign of the largest province has some hundred lines and duties; this stops a flood.
pub const PARTS_MAX: usize = 500;

/// A campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Campaign {
    /// Its id.
    pub id: Id<kind::Campaign>,
    /// Who issues it.
    pub body: Id<kind::Body>,
    /// That body's name.
    pub body_name: String,
    /// The letter it carries out.
    pub letter: Option<Id<kind::Letter>>,
    /// That letter's number and symbol.
    pub reference: Option<String>,
    /// The assignment it passes on.
    pub parent: Option<Id<kind::Assignment>>,
    /// Its name.
    pub name: String,
    /// The occasion's key.
    pub occasion: Option<String>,
    /// Its window.
    pub window: Option<Window>,
    /// On what the window rests: `paper`, `announced`, `rule`, `person`.
    pub window_by: Option<String>,
    /// Where it stands.
    pub state: CampaignState,
    /// Which systems it speaks of.
    pub scope: SystemScope,
    /// Whom to ask; shown on every assignment.
    pub contacts: Vec<Contact>,
    /// What the issuer adds.
    pub note: Option<String>,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// When it ended.
    pub closed_at: Option<Timestamp>,
    /// How often it was changed since it was drafted.
    pub revision: i64,
    /// When it was drafted.
    pub created_at: Timestamp,
}

/// A campaign as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignRow {
    /// Its id.
    pub id: Id<kind::Campaign>,
    /// Who issues it.
    pub body: Id<kind::Body>,
    /// That body's name.
    pub body_name: String,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: CampaignState,
    /// Its window.
    pub window: Option<Window>,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// When it was drafted.
    pub created_at: Timestamp,
    /// How many bodies hold an assignment that the reader may see.
    pub bodies: u32,
    /// How many of them acknowledged.
    pub acknowledged: u32,
}

/// One duty of a campaign.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Duty {
    /// Its id.
    pub id: Id<kind::Duty>,
    /// Order within the campaign.
    pub place: i64,
    /// Code of the catalogue.
    pub code: String,
    /// The item's numbering; empty if added.
    pub path: String,
    /// The words that order it.
    pub quote: String,
    /// For whom, as written; `None` = all addressees.
    pub actor: Option<String>,
    /// When it is due; `None` in a draft = by the catalogue's rule when issued.
    pub due_at: Option<Timestamp>,
    /// What evidence is asked for beyond the catalogue.
    pub evidence: String,
    /// Proposed by Canh, not ordered by a letter.
    pub standing: bool,
    /// Taken out by an amendment.
    pub withdrawn_at: Option<Timestamp>,
}

/// A line of *Kính gửi* or an actor, with the bodies it means.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// What it is.
    pub role: LineRole,
    /// As written.
    pub line: String,
    /// Whether a person confirmed the bodies.
    pub resolved: bool,
    /// The bodies, by name.
    pub bodies: Vec<(Id<kind::Body>, String)>,
}

/// One addressee of an issued campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Addressee {
    /// Its assignment.
    pub assignment: Id<kind::Assignment>,
    /// The body.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// When it received the order.
    pub received_at: Timestamp,
    /// When somebody of it first opened it.
    pub read_at: Option<Timestamp>,
    /// When its head acknowledged.
    pub acknowledged_at: Option<Timestamp>,
    /// How.
    pub ack_how: Option<String>,
    /// When it was passed on to its sub-bodies.
    pub passed_on_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// Reminders sent.
    pub chased: u32,
    /// Duties it holds.
    pub tasks: u32,
    /// Duties met, excused or not applicable.
    pub done: u32,
}

/// How far a campaign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bodies the lines name.
    pub bodies: u32,
    /// Of these, how many hold their assignment: less than `bodies` while issuing runs.
    pub assigned: u32,
    /// Of these, how many acknowledged.
    pub acknowledged: u32,
    /// Of these, how many passed it on.
    pub passed_on: u32,
    /// Tasks in force.
    pub tasks: u32,
    /// Tasks met, excused or not applicable.
    pub done: u32,
}

/// One entry of a campaign's history.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// Its number.
    pub revision: i64,
    /// When.
    pub at: Timestamp,
    /// Who made it.
    pub made_by: Option<Id<kind::Person>>,
    /// That person's name.
    pub made_by_name: Option<String>,
    /// `issued`, `amended`, `cancelled`, `closed`.
    pub kind: String,
    /// What was said.
    pub note: String,
    /// What stood before.
    pub before: serde_json::Value,
}
