//! The form of a layer: what was typed, and the layer that makes.

use domain::{
    id::{Id, kind},
    roster::{
        Line,
        pattern::{self, written},
        rules::{Days, Layer, Person},
    },
    time,
};
use jiff::civil::Time;
use serde::Deserialize;

use crate::Visit;

/// What was typed into the form of a layer.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct Typed {
    pub name: String,
    pub pattern: String,
    pub every: String,
    pub start: String,
    pub end: String,
    pub days: String,
    pub first: String,
    pub last: String,
    pub line: String,
    pub over: String,
    pub a: Vec<String>,
    pub b: Vec<String>,
    pub c: Vec<String>,
    /// Of a cycle that is written: its days, and its lines.
    pub cycle: String,
    pub lines: String,
    /// The window one was looking at.
    pub from: String,
    pub to: String,
    /// Why a head publishes it even so.
    pub why: String,
    /// The layer that is changed; empty for a new one.
    #[serde(skip)]
    pub layer: String,
    #[serde(skip)]
    pub layer_error: String,
    #[serde(skip)]
    pub publish_error: String,
    #[serde(skip)]
    pub gap: bool,
}

/// The form as it stands at first.
pub(super) fn fresh(v: &Visit) -> Typed {
    Typed {
        pattern: "daily".to_owned(),
        every: "1".to_owned(),
        start: "07:00".to_owned(),
        end: "07:00".to_owned(),
        days: Days::All.name().to_owned(),
        first: time::date(v.now).to_string(),
        line: Line::Primary.name().to_owned(),
        cycle: "14".to_owned(),
        ..Typed::default()
    }
}

/// Why what was typed makes no layer: the id of a text, and the line of the cycle where it is one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wrong {
    pub id: &'static str,
    pub line: usize,
}

impl From<&'static str> for Wrong {
    fn from(id: &'static str) -> Self {
        Self { id, line: 0 }
    }
}

impl Typed {
    /// A layer as the form writes it; `None` for one with more people or crews than the form has room for.
    pub(super) fn of(layer: &Layer) -> Option<Self> {
        if layer.crews.len() > CREW_LINES_MAX || layer.crews.iter().any(|c| c.len() > 3) || layer.rank > 1 {
            return None;
        }
        let place = |n: usize| {
            layer.crews.iter().map(|c| c.get(n).map(ToString::to_string).unwrap_or_default()).collect()
        };
        Some(Self {
            name: layer.name.clone(),
            pattern: "own".to_owned(),
            every: "1".to_owned(),
            start: "07:00".to_owned(),
            end: "07:00".to_owned(),
            days: layer.days.name().to_owned(),
            first: layer.first.to_string(),
            last: layer.last.map(|d| d.to_string()).unwrap_or_default(),
            line: layer.line.name().to_owned(),
            over: if layer.rank > 0 { "1".to_owned() } else { String::new() },
            a: place(0),
            b: place(1),
            c: place(2),
            cycle: layer.cycle_days.to_string(),
            lines: written::write(&layer.slots),
            layer: layer.id.to_string(),
            ..Self::default()
        })
    }
}

/// More crews than this no form is filled with by hand.
const CREW_LINES_MAX: usize = 20;

/// The layer that was typed.
pub(super) fn layer(id: Id<kind::Layer>, typed: &Typed) -> Result<Layer, Wrong> {
    let minute = |text: &str| {
        let time = Time::strptime("%H:%M", text.trim()).map_err(|_| "error-layer-hours")?;
        u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).map_err(|_| "error-layer-hours")
    };
    let mut crews: Vec<Vec<Person>> = Vec::new();
    for n in 0..typed.a.len().max(typed.b.len()).max(typed.c.len()) {
        let mut crew: Vec<Person> = Vec::new();
        for who in [&typed.a, &typed.b, &typed.c].iter().filter_map(|of| of.get(n)).filter(|w| !w.is_empty())
        {
            let person = who.parse().map_err(|_| "error-person-unknown")?;
            if !crew.contains(&person) {
                crew.push(person);
            }
        }
        if !crew.is_empty() {
            crews.push(crew);
        }
    }
    let count = u16::try_from(crews.len()).map_err(|_| "error-layer-bad")?;
    if count == 0 {
        return Err("error-layer-crews".into());
    }
    let every = || typed.every.trim().parse::<u16>().ok().filter(|n| *n > 0).ok_or("error-layer-every");
    let start = minute(&typed.start)?;
    let cycle = match typed.pattern.as_str() {
        "turns" => pattern::turns(count, u32::from(every()?) * 60, start),
        "three-four" if count == 4 => Some(pattern::three_shifts_four_crews(start)),
        "three-four" => return Err("error-layer-four".into()),
        "own" => {
            let cycle_days = typed.cycle.trim().parse::<u16>().map_err(|_| "error-layer-cycle")?;
            let slots = written::read(&typed.lines, cycle_days, count);
            Some((cycle_days, slots.map_err(|line| Wrong { id: "error-layer-line", line })?))
        }
        _ => {
            let (from, to) = (u32::from(start), u32::from(minute(&typed.end)?));
            // The same hour is a whole day; an earlier one is the next morning.
            let long = if from < to { to - from } else { 24 * 60 - from + to };
            pattern::daily(count, every()?, start, long)
        }
    };
    let (cycle_days, slots) = cycle.ok_or("error-layer-bad")?;
    Ok(Layer {
        id,
        name: typed.name.trim().to_owned(),
        line: Line::parse(&typed.line).unwrap_or_default(),
        rank: u16::from(typed.over == "1"),
        days: Days::parse(&typed.days).unwrap_or_default(),
        first: typed.first.parse().map_err(|_| "error-layer-days")?,
        last: match typed.last.trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| "error-layer-days")?),
        },
        cycle_days,
        crews,
        slots,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(pattern: &str, people: usize) -> Typed {
        let id = |n: usize| format!("00000000-0000-7000-8000-{n:012}");
        Typed {
            name: "Ca".into(),
            pattern: pattern.into(),
            every: "2".into(),
            start: "19:00".into(),
            end: "07:00".into(),
            first: "2027-02-01".into(),
            a: (1..=people).map(id).collect(),
            b: vec![String::new(), id(9)],
            ..Typed::default()
        }
    }

    #[test]
    fn a_night_shift_runs_into_the_morning_and_changes_hands_after_so_many_days() {
        let made = layer(Id::from_uuid(domain::id::Uuid::from_u128(1)), &typed("daily", 2)).unwrap();
        assert_eq!((made.cycle_days, made.slots.len()), (4, 4));
        assert!(made.slots.iter().all(|s| (s.minute, s.minutes) == (19 * 60, 12 * 60)));
        assert_eq!(
            made.crews.iter().map(Vec::len).collect::<Vec<_>>(),
            [1, 2],
            "the second crew is two people"
        );
        assert!(made.check().is_ok());
    }

    #[test]
    fn what_is_no_layer_is_said_by_what_is_wrong() {
        let id = Id::from_uuid(domain::id::Uuid::from_u128(1));
        let wrong = |typed: &Typed| layer(id, typed).unwrap_err().id;
        assert_eq!(wrong(&typed("three-four", 3)), "error-layer-four");
        assert_eq!(wrong(&Typed { b: vec![], ..typed("daily", 0) }), "error-layer-crews");
        assert_eq!(wrong(&Typed { every: "0".into(), ..typed("turns", 2) }), "error-layer-every");
        assert_eq!(wrong(&Typed { start: "7h".into(), ..typed("turns", 2) }), "error-layer-hours");
        assert_eq!(wrong(&Typed { first: "x".into(), ..typed("turns", 2) }), "error-layer-days");
        let own = Typed { cycle: "14".into(), lines: "1 7h-7h 1\n15 7h-7h 1".into(), ..typed("own", 2) };
        assert_eq!(layer(id, &own).unwrap_err(), Wrong { id: "error-layer-line", line: 2 });
    }

    #[test]
    fn a_layer_is_put_into_the_form_and_comes_back_as_it_was() {
        let id = Id::from_uuid(domain::id::Uuid::from_u128(1));
        for pattern in ["daily", "turns"] {
            let mut made = layer(id, &Typed { over: "1".into(), ..typed(pattern, 2) }).unwrap();
            let mut back = layer(id, &Typed::of(&made).unwrap()).unwrap();
            // Turns begin at the first crew's hour, a form at midnight: the same layer.
            for one in [&mut made, &mut back] {
                one.slots.sort_unstable_by_key(|s| (s.day, s.minute));
            }
            assert_eq!(back, made);
        }
        let made = layer(id, &typed("daily", 2)).unwrap();
        let crowd = Layer { crews: vec![vec![made.crews[0][0]; 4]], ..made };
        assert!(Typed::of(&crowd).is_none(), "a form that dropped somebody would be worse than none");
    }
}
