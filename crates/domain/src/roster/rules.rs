//! What a roster is made of: layers of turns, and what people changed by hand.
//!
//! A layer repeats a cycle of whole days. In the cycle lie slots, each with its start, length and crew, so hourly
//! turns, weeks, *3 ca 4 kíp* and uneven weeks are one thing; [`pattern`](super::pattern) draws the usual ones.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Line;
use crate::{
    id::{Id, kind},
    right::names,
    time::Window,
};

/// A person's id, so often written here.
pub type Person = Id<kind::Person>;

/// At most so many slots in a cycle: hourly turns of a crew of forty.
pub const SLOTS_MAX: usize = 1_000;
/// At most so many days in a cycle: a year.
pub const CYCLE_DAYS_MAX: u16 = 366;
/// At most so many crews in a layer.
pub const CREWS_MAX: usize = 60;
/// At most so many people in a crew.
pub const CREW_MAX: usize = 20;
/// A slot is at most so long: a week, the longest turn anybody takes.
pub const SLOT_MINUTES_MAX: u32 = 7 * DAY_MINUTES;
/// Minutes of a civil day.
pub const DAY_MINUTES: u32 = 24 * 60;

/// On which days a layer's slots begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Days {
    /// On all.
    #[default]
    All,
    /// On working days only.
    Working,
    /// On weekends and days off only.
    Off,
}
names!(Days { All = "all", Working = "working", Off = "off" } "kind of days");

/// A stretch of a layer's cycle and who takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Slot {
    /// On which day of the cycle it begins, from 0.
    pub day: u16,
    /// At which minute of that day, wall clock.
    pub minute: u16,
    /// How long it is, in minutes of the wall clock; may run over midnight and over the end of the cycle.
    pub minutes: u32,
    /// Index of the crew in [`Layer::crews`].
    pub crew: u16,
}

/// One rotation of a roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Its id.
    pub id: Id<kind::Layer>,
    /// Its name (*Ca đêm*, *Tết Đinh Mùi*).
    pub name: String,
    /// Who is called first or second.
    pub line: Line,
    /// Of the layers of one line that have somebody at an instant, those of the highest rank count: a temporary
    /// schedule lies over the ordinary one. Layers of equal rank add up.
    pub rank: u16,
    /// On which days.
    pub days: Days,
    /// The first day of the first cycle.
    pub first: Date,
    /// The last day on which a slot begins; `None` = until further notice.
    pub last: Option<Date>,
    /// How long the cycle is, in days.
    pub cycle_days: u16,
    /// The crews, in turn.
    pub crews: Vec<Vec<Person>>,
    /// The cycle.
    pub slots: Vec<Slot>,
}

/// Somebody else for a time, whatever the layers say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// Its id; of two overlapping ones the later made counts (ids are in the order of time).
    pub id: Id<kind::Override>,
    /// Of which line.
    pub line: Line,
    /// From when until when.
    pub span: Window,
    /// Who, in line order; never empty.
    pub people: Vec<Person>,
}

/// A turn given to another, approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swap {
    /// Its id.
    pub id: Id<kind::Swap>,
    /// Who gives their turn away.
    pub from: Person,
    /// Who takes it.
    pub to: Person,
    /// Which part.
    pub span: Window,
}

/// Somebody is away; their turns are empty unless somebody takes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    /// Who.
    pub person: Person,
    /// When.
    pub span: Window,
}

/// All rules of one post's roster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// The rotations.
    pub layers: Vec<Layer>,
    /// What lies over them.
    pub overrides: Vec<Override>,
    /// Turns given away.
    pub swaps: Vec<Swap>,
    /// Who is away.
    pub leave: Vec<Leave>,
}

/// Why a layer cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLayer {
    /// Nobody takes turns, or too many.
    #[error("a layer has 1 to {CREWS_MAX} crews of 1 to {CREW_MAX} people")]
    Crews,
    /// No cycle, or one too long.
    #[error("a cycle has 1 to {CYCLE_DAYS_MAX} days and 1 to {SLOTS_MAX} slots")]
    Cycle,
    /// A slot outside its cycle, of no length or too long, or of no crew.
    #[error("slot {0} is not of this cycle")]
    Slot(usize),
    /// It ends before it begins.
    #[error("the last day is before the first")]
    Days,
}

impl Layer {
    /// Whether the layer can be resolved; everything that makes one asks this.
    pub fn check(&self) -> Result<(), BadLayer> {
        let crew = |c: &Vec<Person>| (1..=CREW_MAX).contains(&c.len());
        if !(1..=CREWS_MAX).contains(&self.crews.len()) || !self.crews.iter().all(crew) {
            return Err(BadLayer::Crews);
        }
        if !(1..=CYCLE_DAYS_MAX).contains(&self.cycle_days) || !(1..=SLOTS_MAX).contains(&self.slots.len()) {
            return Err(BadLayer::Cycle);
        }
        let good = |s: &Slot| {
            s.day < self.cycle_days
                && u32::from(s.minute) < DAY_MINUTES
                && (1..=SLOT_MINUTES_MAX).contains(&s.minutes)
                && usize::from(s.crew) < self.crews.len()
        };
        if let Some(bad) = self.slots.iter().position(|s| !good(s)) {
            return Err(BadLayer::Slot(bad));
        }
        match self.last {
            Some(last) if last < self.first => Err(BadLayer::Days),
            _ => Ok(()),
        }
    }
}
