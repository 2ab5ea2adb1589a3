//! Hosts and what reports say of them.
//!
//! A file of inventory comes in once ([`take`]), each of its reports finds its host or waits for a person ([`reports`]),
//! and all reports of a host together are its inventory ([`held`]), in the form that `review` judges. Hosts are seen by
//! the side of their body and of their system's owner and operator; what is on them needs [`Right::Read`].

mod contact;
mod doc;
pub mod held;
pub mod links;
mod read;
pub mod reports;
pub mod take;
mod write;

use domain::{
    actor::Scope,
    host::{Host, HostKind},
    id::{Id, kind},
    inventory::Family,
    right::Right,
};
use jiff::Timestamp;

use crate::Query;

pub use contact::{Contact, contacts};
pub use held::{Held, changed_after, inventories, inventory};
pub use read::{get, list, number, of_body, of_system};
pub(crate) use write::told;
pub use write::{Change, add, change, close, remove, reopen, update};

/// At most so many names of one host.
pub const NAMES_MAX: usize = 20;
/// At most so many characters of who is in charge.
pub const IN_CHARGE_MAX: usize = 200;
/// At most so many characters of a note.
pub const NOTE_MAX: usize = 2_000;

/// Where a host in the register comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A person put it in.
    Hand,
    /// A table that was read in.
    List,
    /// A report spoke of it.
    Report,
}

impl Source {
    const ALL: &'static [(Source, &'static str)] =
        &[(Source::Hand, "hand"), (Source::List, "list"), (Source::Report, "report")];
    /// Its stable name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(s, _)| *s == self).map_or("", |(_, n)| n)
    }
    fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, n)| *n == name).map(|(s, _)| *s)
    }
}

/// A host as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The host.
    pub host: Host,
    /// What it is called.
    pub name: String,
    /// The name of its body.
    pub body_name: String,
    /// The name of its system.
    pub system_name: Option<String>,
    /// Where it comes from.
    pub source: Source,
    /// Operating system as reported.
    pub os: Option<String>,
    /// Kind of operating system.
    pub family: Option<Family>,
    /// Running build of Windows, release of others.
    pub build: Option<String>,
    /// When a report first spoke of it.
    pub first_seen: Option<Timestamp>,
    /// When the newest report was taken; when it came in, if it does not say.
    pub last_seen: Option<Timestamp>,
    /// Whether the newest report says itself when it was taken.
    pub seen_told: bool,
    /// Reports that stand.
    pub reports: u32,
    /// Packages and programs.
    pub packages: u32,
    /// Installed updates of Windows.
    pub updates: u32,
    /// Where reports contradict each other.
    pub disagreements: u32,
    /// Files of its reports in which something was not understood.
    pub odd: u32,
    /// Number of the audit entry of the last change of its inventory; 0 = it has none.
    pub revision: u64,
    /// When it was taken out of service.
    pub closed_at: Option<Timestamp>,
}

/// Which hosts; the default is all in service.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of a name, an address, a system, a person in charge, an operating system.
    pub text: Option<String>,
    /// Only of bodies in the subtree of that one.
    pub under: Option<Id<kind::Body>>,
    /// Only of that very body.
    pub body: Option<Id<kind::Body>>,
    /// Only of that system.
    pub system: Option<Id<kind::System>>,
    /// Only those that serve no known system.
    pub no_system: bool,
    /// Only of that kind.
    pub kind: Option<HostKind>,
    /// Only those of which nobody said what they are.
    pub no_kind: bool,
    /// Only of that family of systems.
    pub family: Option<Family>,
    /// Only those without a report taken since then.
    pub stale_before: Option<Timestamp>,
    /// Only those without any report.
    pub silent: bool,
    /// Only those of which reports contradict each other.
    pub disagreeing: bool,
    /// Only those with something that was not understood.
    pub odd: bool,
    /// Those out of service, too.
    pub closed: bool,
}

/// The predicate of rights over hosts `h`.
pub(crate) fn visible<'q>(query: &'q mut Query, scope: &Scope, right: Right) -> &'q mut Query {
    query.push("(").visible(scope, right, "h.body");
    query.push("or exists (select 1 from system vs where vs.id = h.system and (");
    query.visible(scope, right, "vs.body").push("or").visible(scope, right, "vs.operator").push(")))")
}
