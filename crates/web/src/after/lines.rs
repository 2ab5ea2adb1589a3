//! How lines went through the campaign: by provider, by body, line by line and outage by outage.

use std::collections::BTreeSet;

use domain::{
    id::{Id, kind},
    line,
    outcome::Outcome,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{
    Sql,
    board::Campaign,
    lines::{self, Course, Told, Total},
};

use super::outcome::lasted;
use crate::{AppError, Page, Visit, board::number};

/// Outages, bodies and lines on the page, the worst first; all outages are on the page of outages.
const SHOWN: usize = 20;

/// The lines of those the campaign was handed to, and those that serve them; none where the register holds none.
pub(super) async fn load(
    v: &Visit,
    sql: &mut Sql,
    campaign: &Campaign,
    outcomes: &[Outcome],
) -> Result<Vec<Course>, AppError> {
    let Some(window) = campaign.window else { return Ok(Vec::new()) };
    let bodies = bodies(outcomes);
    Ok(lines::courses(sql, v.scope(), window, &bodies, v.now, line::hold(v.pack())).await?)
}

/// Those the campaign was handed to, each once.
pub(super) fn bodies(outcomes: &[Outcome]) -> Vec<Id<kind::Body>> {
    outcomes.iter().map(|o| o.body).collect::<BTreeSet<_>>().into_iter().collect()
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
    /// The same by body served, and by line with its address, its body and its provider: only where something was amiss.
    pub bodies: Vec<[String; 5]>,
    pub lines: Vec<LineView>,
    /// Lines with outages or unknown time that are not shown.
    pub more_lines: usize,
    pub longest: Vec<Longest>,
    /// Outages that are not shown.
    pub more: usize,
}

/// A line that was out, or of which something is not known.
pub(super) struct LineView {
    pub href: String,
    pub name: String,
    pub body: String,
    pub provider: String,
    pub outages: String,
    pub down: String,
    pub unknown: String,
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
    let row = |(name, sum): (String, Total)| {
        [name, number(sum.lines), number(sum.outages), time(sum.minutes.down), time(sum.minutes.unknown)]
    };
    let amiss = |(_, sum): &(String, Total)| sum.outages > 0 || sum.minutes.unknown > 0;
    let bodies = Total::by_body(all).into_iter().filter(amiss).take(SHOWN).map(row).collect();
    let troubled: Vec<&Course> = all.iter().filter(|c| is_amiss(c)).collect();
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
        providers: Total::by_provider(all).into_iter().map(row).collect(),
        bodies,
        lines: troubled.iter().take(SHOWN).map(|c| line_view(v, c)).collect(),
        more_lines: troubled.len().saturating_sub(SHOWN),
        longest: longest.collect(),
        more: told.len().saturating_sub(SHOWN),
    })
}

/// Whether it was out, or something of it is not known.
pub(super) fn is_amiss(of: &Course) -> bool {
    !of.outages.is_empty() || of.minutes.unknown > 0
}

fn line_view(v: &Visit, of: &Course) -> LineView {
    let time = |minutes: u32| lasted(v, SignedDuration::from_mins(minutes.into()));
    LineView {
        href: format!("/lines/{}", of.line),
        name: of.name.clone(),
        body: of.body.clone(),
        provider: of.provider.clone(),
        outages: number(of.outages.len() as u64),
        down: time(of.minutes.down),
        unknown: time(of.minutes.unknown),
    }
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
    let bodies: Vec<Value> =
        Total::by_body(all).into_iter().map(|(name, s)| json!({"body": name, "sum": sum(s)})).collect();
    let lines: Vec<Value> = all
        .iter()
        .map(|c| {
            json!({"line": c.line, "name": c.name, "body": c.body, "provider": c.provider, "minutes": c.minutes,
                   "outages": c.outages.len()})
        })
        .collect();
    let outage = |c: &Course, o: &Told| {
        json!({"id": o.id, "line": c.line, "name": c.name, "provider": c.provider, "from": o.from, "to": o.to,
               "minutes": o.minutes, "cause": o.cause, "corrected": o.corrected, "by": o.by})
    };
    let outages: Vec<Value> = all.iter().flat_map(|c| c.outages.iter().map(move |o| outage(c, o))).collect();
    json!({"whole": sum(Total::of(all)), "providers": providers, "bodies": bodies, "lines": lines,
           "outages": outages})
}
