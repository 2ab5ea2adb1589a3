//! How many machines there are, by whose count: what is registered is set against the directory, the DHCP server, the
//! anti-malware console and the staff list, so that the *all* of *handled/all* is not only what a body says of itself.
//!
//! Pure: how old a count may be, what difference matters and what share of a source are machines stand in the legal
//! pack ([`Rules`]).

mod tally;

use jiff::{Span, civil::Date};
use serde::{Deserialize, Serialize};

pub use self::tally::{LeftOut, Tally, tally};
use crate::{
    id::{Id, kind},
    right::names,
};

/// Nobody has more: a slip of the finger is refused.
pub const COUNT_MAX: u32 = 1_000_000;

/// Who counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The directory of accounts and machines (AD).
    Directory,
    /// Leases of a DHCP server.
    Dhcp,
    /// The console of the central anti-malware.
    AntiMalware,
    /// The staff list.
    Staff,
    /// Another list, such as an inventory of assets.
    Other,
}
names!(Source {
    Directory = "directory", Dhcp = "dhcp", AntiMalware = "anti-malware", Staff = "staff", Other = "other",
} "source of counts");

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Servers.
    Servers,
    /// Workstations.
    Workstations,
    /// All machines.
    All,
    /// People.
    Staff,
}
names!(Kind {
    Servers = "servers", Workstations = "workstations", All = "all", Staff = "staff",
} "kind of count");

impl Source {
    /// Whether that source can count that: people are counted by the staff list alone.
    pub const fn counts(self, kind: Kind) -> bool {
        matches!((self, kind), (Source::Staff, Kind::Staff))
            || !matches!(self, Source::Staff) && !matches!(kind, Kind::Staff)
    }
}

/// One count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The fact it stands in.
    pub fact: Option<Id<kind::Fact>>,
    /// Who counted.
    pub source: Source,
    /// What was counted.
    pub kind: Kind,
    /// On which day.
    pub on: Date,
    /// How many.
    pub n: u32,
}

/// What the legal pack says about counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// An older count no longer counts.
    pub days: u32,
    /// A difference matters when it is more than this share of what is registered …
    pub percent: u32,
    /// … and more than so many machines.
    pub machines: u32,
    /// A machine of a directory or console not seen for so long is left out.
    pub seen_days: u32,
    /// The same of a DHCP lease.
    pub lease_days: u32,
    /// A report of what is on a machine is stale after so many days.
    #[serde(default = "month")]
    pub inventory_days: u32,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

/// Vendors mend their systems every month.
fn month() -> u32 {
    31
}

impl Default for Rules {
    /// A pack that says nothing: a quarter of a year, a tenth, one machine, a month.
    fn default() -> Self {
        let (from, until, inventory_days) = (None, None, month());
        Self {
            days: 90,
            percent: 10,
            machines: 1,
            seen_days: 90,
            lease_days: 14,
            inventory_days,
            from,
            until,
        }
    }
}

impl Rules {
    /// Whether `counted` is beyond what may differ from `held`.
    pub fn beyond(&self, held: u32, counted: u32) -> bool {
        let slack = u64::from(held) * u64::from(self.percent) / 100;
        u64::from(counted) > u64::from(held) + slack.max(u64::from(self.machines))
    }
    /// The last day on which a count of that day still counts.
    pub fn last_day(&self, on: Date) -> Date {
        on.saturating_add(Span::new().days(i64::from(self.days.min(36_500))))
    }
}

/// Of so many that a source counts, how many machines are credible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Which source.
    pub key: Source,
    /// Percent.
    pub share: u32,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

/// How a source stands to the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Differs {
    /// Within the tolerance.
    Agrees,
    /// It counts more: machines are missing from the register.
    More,
    /// It counts fewer: it does not see them all. Shown, but no reason to doubt the register.
    Fewer,
    /// It is too old to say anything.
    Stale,
}
names!(Differs { Agrees = "agrees", More = "more", Fewer = "fewer", Stale = "stale" } "difference");

/// One source beside the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Who counted.
    pub source: Source,
    /// What it counted, as it counted.
    pub n: u32,
    /// How many machines that makes credible.
    pub machines: u32,
    /// On which day; of servers and workstations counted apart the older one.
    pub on: Date,
    /// How it stands to the register.
    pub differs: Differs,
    /// The fact to open.
    pub fact: Option<Id<kind::Fact>>,
}

/// The register beside everybody else's count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Machines in the register.
    pub registered: u32,
    /// The sources, one line each, in the order of [`Source`].
    pub lines: Vec<Line>,
    /// The first day on which one of the fresh counts no longer counts.
    pub stale_on: Option<Date>,
    rules: Rules,
}

impl Comparison {
    /// The largest fresh count that the register falls short of.
    pub fn more(&self) -> Option<&Line> {
        self.largest(Differs::More)
    }
    fn largest(&self, differs: Differs) -> Option<&Line> {
        self.lines.iter().filter(|l| l.differs == differs).max_by_key(|l| l.machines)
    }
    /// The largest fresh count that even `all` falls short of.
    pub fn beyond(&self, all: u32) -> Option<&Line> {
        self.lines
            .iter()
            .filter(|l| l.differs != Differs::Stale && self.rules.beyond(all, l.machines))
            .max_by_key(|l| l.machines)
    }
    /// The largest credible number of machines.
    pub fn all(&self) -> u32 {
        self.more().map_or(self.registered, |l| l.machines)
    }
    /// Whether there are counts, and none is fresh.
    pub fn stale(&self) -> bool {
        !self.lines.is_empty() && self.lines.iter().all(|l| l.differs == Differs::Stale)
    }
}

/// Sets what is registered against the newest count of each source. `counts` in the order in which they were learnt:
/// of two of one day the later one counts.
pub fn compare(
    registered: u32,
    counts: &[Counted],
    today: Date,
    rules: &Rules,
    shares: &[Share],
) -> Comparison {
    let lines: Vec<Line> = Source::ALL
        .iter()
        .filter_map(|source| line(*source, registered, counts, today, rules, shares))
        .collect();
    let fresh = lines.iter().filter(|l| l.differs != Differs::Stale);
    let stale_on = fresh.filter_map(|l| rules.last_day(l.on).tomorrow().ok()).min();
    Comparison { registered, lines, stale_on, rules: rules.clone() }
}

fn line(
    source: Source,
    registered: u32,
    counts: &[Counted],
    today: Date,
    rules: &Rules,
    shares: &[Share],
) -> Option<Line> {
    let newest =
        |kind| counts.iter().filter(|c| c.source == source && c.kind == kind).max_by_key(|c| c.on).copied();
    let whole = newest(if source == Source::Staff { Kind::Staff } else { Kind::All });
    let parts: Vec<Counted> =
        [newest(Kind::Servers), newest(Kind::Workstations)].into_iter().flatten().collect();
    let parts = parts.iter().copied().reduce(|a, b| Counted {
        n: a.n.saturating_add(b.n),
        on: a.on.min(b.on),
        fact: if a.n >= b.n { a.fact } else { b.fact },
        ..a
    });
    let count = match (whole, parts) {
        (Some(whole), Some(parts)) if parts.on > whole.on => parts,
        (whole, parts) => whole.or(parts)?,
    };
    let share = shares.iter().find(|s| s.key == source).map_or(100, |s| s.share.min(100));
    let machines = u32::try_from(u64::from(count.n) * u64::from(share) / 100).unwrap_or(u32::MAX);
    let differs = if rules.last_day(count.on) < today {
        Differs::Stale
    } else if rules.beyond(registered, machines) {
        Differs::More
    } else if share == 100 && rules.beyond(machines, registered) {
        Differs::Fewer
    } else {
        Differs::Agrees
    };
    Some(Line { source, n: count.n, machines, on: count.on, differs, fact: count.fact })
}

#[cfg(test)]
mod tests;
