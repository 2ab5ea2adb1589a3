//! The same for programs: posts, layers, what was changed by hand, publishing, who is on duty and who is awake.

mod changes;
mod commitments;
mod plan;
mod posts;
mod turns;
mod watch;

use std::collections::HashMap;

use domain::{
    roster::{
        Shift, Why,
        coverage::Trouble,
        rules::{Layer, Person, Slot},
    },
    time::Window,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{PostId, say, tools, write};
use crate::{AppError, FieldError, Route, Visit};

/// The longest stretch of time asked for at once: as long as a publication may be.
const SPAN_MAX: SignedDuration = SignedDuration::from_hours(24 * 100);

pub(super) fn routes() -> Vec<Route> {
    let mut all = posts::routes();
    all.extend(plan::routes());
    all.extend(changes::routes());
    all.extend(turns::routes());
    all.extend(watch::routes());
    all.extend(commitments::routes());
    all
}

/// A field that has the wrong word, or names somebody who is not there.
fn wrong(field: &str, code: &str) -> AppError {
    AppError::Invalid(vec![FieldError::new(field, code)])
}

fn person(field: &str, text: &str) -> Result<Person, AppError> {
    text.parse().map_err(|_| wrong(field, "error-person-unknown"))
}

fn people(field: &str, texts: &[String]) -> Result<Vec<Person>, AppError> {
    texts.iter().map(|text| person(field, text)).collect()
}

/// Which stretch of time.
#[derive(Deserialize, IntoParams, Default)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct SpanAsked {
    /// Absent: now.
    #[param(value_type = String)]
    from: Option<Timestamp>,
    /// Absent: that instant alone. At most 100 days later.
    #[param(value_type = String)]
    to: Option<Timestamp>,
}

impl SpanAsked {
    fn window(&self, v: &Visit) -> Result<Window, AppError> {
        let from = self.from.unwrap_or(v.now);
        // An instant is the stretch between it and the next one that can be told apart.
        let instant = from.checked_add(SignedDuration::from_micros(1)).unwrap_or(from);
        let window = Window { from, to: self.to.unwrap_or(instant) };
        let span = window.to.duration_since(window.from);
        let fits = SignedDuration::ZERO < span && span <= SPAN_MAX;
        if fits { Ok(window) } else { Err(wrong("to", "error-span-bad")) }
    }
}

/// A stretch of duty of one person.
#[derive(Serialize, ToSchema)]
struct RosterShift {
    /// The post at which they are on duty: for a covered post, the one that covers it.
    post: String,
    person: String,
    name: String,
    /// `primary`, `backup`.
    line: &'static str,
    from: String,
    to: String,
    /// What put them there: `layer`, `override`, `swap`.
    by: &'static str,
    /// Its id.
    by_id: String,
}

fn shift(s: &Shift, names: &HashMap<Person, String>) -> RosterShift {
    let (by, by_id) = match s.why {
        Why::Layer(id) => ("layer", id.to_string()),
        Why::Override(id) => ("override", id.to_string()),
        Why::Swap(id) => ("swap", id.to_string()),
    };
    RosterShift {
        post: s.post.to_string(),
        person: s.person.to_string(),
        name: names.get(&s.person).cloned().unwrap_or_default(),
        line: s.line.name(),
        from: s.from.to_string(),
        to: s.to.to_string(),
        by,
        by_id,
    }
}

/// Something wrong with a roster.
#[derive(Serialize, ToSchema)]
struct RosterTrouble {
    /// `gap`, `no-backup`, `double`, `unreachable`, `overlong`.
    kind: &'static str,
    /// Whether the roster may not be published with it.
    forbids: bool,
    /// Whom it is about.
    person: Option<String>,
    from: Option<String>,
    to: Option<String>,
    /// One translated sentence.
    text: String,
}

fn trouble(v: &Visit, of: &Trouble, names: &HashMap<Person, String>) -> RosterTrouble {
    let (kind, person, span) = match of {
        Trouble::Gap { span, .. } => ("gap", None, Some(*span)),
        Trouble::NoBackup { span } => ("no-backup", None, Some(*span)),
        Trouble::Double { person, span, .. } => ("double", Some(*person), Some(*span)),
        Trouble::Unreachable { person, .. } => ("unreachable", Some(*person), None),
        Trouble::Overlong { person, span } => ("overlong", Some(*person), Some(*span)),
    };
    RosterTrouble {
        kind,
        forbids: of.forbids(),
        person: person.map(|p| p.to_string()),
        from: span.map(|s| s.from.to_string()),
        to: span.map(|s| s.to.to_string()),
        text: say::trouble(v, of, names),
    }
}

/// A stretch of a layer's cycle.
#[derive(Serialize, Deserialize, ToSchema)]
struct RosterSlot {
    /// On which day of the cycle it begins, from 0.
    day: u16,
    /// At which minute of that day, by the clock on the wall.
    minute: u16,
    /// How long it is; may run over midnight and over the end of the cycle.
    minutes: u32,
    /// Which of the crews, from 0.
    crew: u16,
}

impl From<&Slot> for RosterSlot {
    fn from(s: &Slot) -> Self {
        Self { day: s.day, minute: s.minute, minutes: s.minutes, crew: s.crew }
    }
}

/// A layer of a roster.
#[derive(Serialize, ToSchema)]
struct RosterLayer {
    id: String,
    name: String,
    /// `primary`, `backup`.
    line: &'static str,
    /// Of layers that have somebody at an instant those of the highest rank count.
    rank: u16,
    /// `all`, `working`, `off`.
    days: &'static str,
    /// The first day of the first cycle.
    first: String,
    /// The last day on which a slot begins; absent: until further notice.
    last: Option<String>,
    cycle_days: u16,
    /// Ids of people, crew by crew.
    crews: Vec<Vec<String>>,
    slots: Vec<RosterSlot>,
}

impl From<&Layer> for RosterLayer {
    fn from(l: &Layer) -> Self {
        Self {
            id: l.id.to_string(),
            name: l.name.clone(),
            line: l.line.name(),
            rank: l.rank,
            days: l.days.name(),
            first: l.first.to_string(),
            last: l.last.map(|d| d.to_string()),
            cycle_days: l.cycle_days,
            crews: l.crews.iter().map(|c| c.iter().map(Person::to_string).collect()).collect(),
            slots: l.slots.iter().map(RosterSlot::from).collect(),
        }
    }
}
