//! How lines went through the campaign: by provider, and outage by outage.

use std::collections::BTreeSet;

use domain::{line, outcome::Outcome};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{
    Sql,
    board::Campaign,
    lines::{self, Course, Told, Total},
};

use super::outcome::lasted;
use crate::{AppError, Page, Visit, board::number};

/// Outages on the page, longest first; all of them are on the page of outages.
const SHOWN: usize = 20;

/// The lines of those the campaign was handed to, and those that serve them; none where the register holds none.
pub(super) async fn load(
    v: &Visit,
    sql: &mut Sql,
    campaign: &Campaign,
    outcomes: &[Outcome],
) -> Result<Vec<Course>, AppError> {
    let Some(window) = campaign.window else { return Ok(Vec::new()) };
    let bodies: Vec<_> = outcomes.iter().map(|o| o.body).collect::<BTreeSet<_>>().into_iter().collect();
    Ok(lines::courses(sql, v.scope(), window, &bodies, v.now, line::hold(v.pack())).await?)
}

/// What the page says of them.
pub(super) struct Lines {
    pub all: String,
    pub outages: String,
    pub lasting: bool,
    pub down: String,
    pub unknown: String,
    /// Provider, lines, outages, time of outage, time nobody knows of.
    pub providers: Vec<[String; 5]>,
    pub longest: Vec<Longest>,
    /// Outages that are not shown.
    pub more: usize,
}

/// One of the longest outages.
pub(super) struct Longest {
    pub href: String,
    pub line: String,
    pub provider: String,
    pub from: String,
    /// Empty while it lasts.
    pub to: String,
    pub lasted: String,
    pub cause: String,
    pub corrected: bool,
    /// Who reported it; empty: a machine.
    pub by: String,
}

/// `None`: no line is known.
pub(super) fn view(v: &Visit, p: &Page, all: &[Course]) -> Option<Lines> {
    if all.is_empty() {
        return None;
    }
    let time = |minutes: u32| lasted(v, SignedDuration::from_mins(minutes.into()));
    let total = Total::of(all);
    let providers = Total::by_provider(all).into_iter().map(|(name, sum)| {
        [name, number(sum.lines), number(sum.outages), time(sum.minutes.down), time(sum.minutes.unknown)]
    });
    let mut told: Vec<(&Course, &Told)> =
        all.iter().flat_map(|c| c.outages.iter().map(move |o| (c, o))).collect();
    told.sort_by_key(|(_, o)| (std::cmp::Reverse(o.minutes), o.id));
    let longest = told.iter().take(SHOWN).map(|(of, o)| Longest {
        href: format!("/lines/{}", of.line),
        line: of.name.clone(),
        provider: of.provider.clone(),
        from: p.time(&o.from),
        to: o.to.map(|to| p.time(&to)).unwrap_or_default(),
        lasted: time(o.minutes),
        cause: o.cause.clone(),
        corrected: o.corrected,
        by: o.by.clone().unwrap_or_default(),
    });
    Some(Lines {
        all: number(total.lines),
        outages: number(total.outages),
        lasting: total.lasting > 0,
        down: time(total.minutes.down),
        unknown: time(total.minutes.unknown),
        providers: providers.collect(),
        longest: longest.collect(),
        more: told.len().saturating_sub(SHOWN),
    })
}

/// The same for programs, minutes as they are.
pub(super) fn told(all: &[Course]) -> Value {
    let sum = |s: Total| {
        json!({"lines": s.lines, "outages": s.outages, "lasting": s.lasting, "unexplained": s.unexplained,
               "minutes": s.minutes})
    };
    let providers: Vec<Value> = Total::by_provider(all)
        .into_iter()
        .map(|(name, s)| json!({"provider": name, "sum": sum(s)}))
        .collect();
    let outage = |c: &Course, o: &Told| {
        json!({"id": o.id, "line": c.line, "name": c.name, "provider": c.provider, "from": o.from, "to": o.to,
               "minutes": o.minutes, "cause": o.cause, "corrected": o.corrected, "by": o.by})
    };
    let outages: Vec<Value> = all.iter().flat_map(|c| c.outages.iter().map(move |o| outage(c, o))).collect();
    json!({"whole": sum(Total::of(all)), "providers": providers, "outages": outages})
}
