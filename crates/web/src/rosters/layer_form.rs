//! The form of a layer: what was typed, and the layer that makes.

use domain::{
    id::{Id, kind},
    roster::{
        Line, pattern,
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
    /// The window one was looking at.
    pub from: String,
    pub to: String,
    /// Why a head publishes it even so.
    pub why: String,
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
        ..Typed::default()
    }
}

/// The layer that was typed. `Err`: the id of a text.
pub(super) fn layer(id: Id<kind::Layer>, typed: &Typed) -> Result<Layer, &'static str> {
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
        return Err("error-layer-crews");
    }
    let every = || typed.every.trim().parse::<u16>().ok().filter(|n| *n > 0).ok_or("error-layer-every");
    let start = minute(&typed.start)?;
    let cycle = match typed.pattern.as_str() {
        "turns" => pattern::turns(count, u32::from(every()?) * 60, start),
        "three-four" if count == 4 => Some(pattern::three_shifts_four_crews(start)),
        "three-four" => return Err("error-layer-four"),
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
        assert_eq!(layer(id, &typed("three-four", 3)).unwrap_err(), "error-layer-four");
        assert_eq!(layer(id, &Typed { b: vec![], ..typed("daily", 0) }).unwrap_err(), "error-layer-crews");
        assert_eq!(
            layer(id, &Typed { every: "0".into(), ..typed("turns", 2) }).unwrap_err(),
            "error-layer-every"
        );
        assert_eq!(
            layer(id, &Typed { start: "7h".into(), ..typed("turns", 2) }).unwrap_err(),
            "error-layer-hours"
        );
        assert_eq!(
            layer(id, &Typed { first: "x".into(), ..typed("turns", 2) }).unwrap_err(),
            "error-layer-days"
        );
    }
}
