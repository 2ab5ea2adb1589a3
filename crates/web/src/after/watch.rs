//! Gaps in the watch: the minutes of the window at the bodies' posts, and when nobody was known to be awake.

use std::collections::HashMap;

use domain::{
    id::{Id, kind},
    outcome::Outcome,
    roster::check_in::{Held, Tally},
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{
    Sql,
    board::Campaign,
    rosters::{self, Gap, Watch},
};

use super::{lines::bodies, outcome::lasted};
use crate::{AppError, Page, Visit, board::number};

/// Bodies and gaps on the page; the API has all of them.
const SHOWN: usize = 20;

/// The watch of those the campaign was handed to; `None` for a campaign without a window.
pub(super) async fn load(
    v: &Visit,
    sql: &mut Sql,
    campaign: &Campaign,
    outcomes: &[Outcome],
) -> Result<Option<Watch>, AppError> {
    let Some(window) = campaign.window else { return Ok(None) };
    Ok(Some(rosters::watch(sql, v.scope(), window, &bodies(outcomes), v.now).await?))
}

/// What the page says of it.
pub(super) struct Watched {
    pub all: String,
    pub watched: String,
    pub unknown: String,
    pub uncovered: String,
    /// So many bodies had no roster; of them nobody knows.
    pub without: usize,
    /// Those with gaps: name, watched, unknown, uncovered, all.
    pub bodies: Vec<[String; 5]>,
    pub gaps: Vec<GapView>,
    /// Gaps that are not shown.
    pub more: usize,
}

/// One of the gaps.
pub(super) struct GapView {
    pub href: String,
    pub post: String,
    pub body: String,
    pub from: String,
    pub to: String,
    pub lasted: String,
    pub class: &'static str,
    pub word: &'static str,
}

type Names = HashMap<Id<kind::Body>, String>;

/// `None`: no roster of theirs covers any part of the window.
pub(super) fn view(v: &Visit, p: &Page, of: Option<&Watch>, names: &Names) -> Option<Watched> {
    let of = of.filter(|w| !w.bodies.is_empty())?;
    let [watched, unknown, uncovered, all] = times(v, of.tally);
    Some(Watched {
        all,
        watched,
        unknown,
        uncovered,
        without: of.without.len(),
        bodies: with_gaps(v, of, names),
        gaps: of.gaps.iter().take(SHOWN).map(|g| gap(p, v, g, names)).collect(),
        more: of.gaps.len().saturating_sub(SHOWN),
    })
}

/// Bodies with gaps, the worst first: name, watched, unknown, uncovered, all.
pub(super) fn with_gaps(v: &Visit, of: &Watch, names: &Names) -> Vec<[String; 5]> {
    let gaps = of.bodies.iter().filter(|(_, t)| t.uncovered + t.unknown >= SignedDuration::from_mins(1));
    let row = |(body, tally): &(Id<kind::Body>, Tally)| {
        let [watched, unknown, uncovered, all] = times(v, *tally);
        [names.get(body).cloned().unwrap_or_default(), watched, unknown, uncovered, all]
    };
    gaps.take(SHOWN).map(row).collect()
}

/// Watched, unknown, uncovered, all: in days and hours.
pub(super) fn times(v: &Visit, of: Tally) -> [String; 4] {
    [of.watched, of.unknown, of.uncovered, of.all].map(|time| lasted(v, time))
}

/// Whose a post is, in words.
pub(super) fn whose(of: &Gap, names: &Names) -> String {
    let names: Vec<&str> = of.bodies.iter().filter_map(|b| names.get(b)).map(String::as_str).collect();
    names.join(", ")
}

fn gap(p: &Page, v: &Visit, of: &Gap, names: &Names) -> GapView {
    GapView {
        href: format!("/roster/posts/{}", of.post),
        post: of.name.clone(),
        body: whose(of, names),
        from: p.time(&of.span.from),
        to: p.time(&of.span.to),
        lasted: lasted(v, of.lasted()),
        class: if of.held == Held::Uncovered { "n" } else { "u" },
        word: word(of.held),
    }
}

/// The text of what a stretch amounts to.
pub(super) const fn word(held: Held) -> &'static str {
    match held {
        Held::Watched => "minutes-watched",
        Held::Unknown => "minutes-unknown",
        Held::Uncovered => "minutes-uncovered",
    }
}

/// The same for programs, in minutes.
pub(super) fn told(of: &Watch) -> Value {
    let tally = |t: &Tally| {
        json!({"all": t.all.as_mins(), "watched": t.watched.as_mins(), "unknown": t.unknown.as_mins(),
               "uncovered": t.uncovered.as_mins()})
    };
    let bodies: Vec<Value> =
        of.bodies.iter().map(|(body, t)| json!({"body": body, "minutes": tally(t)})).collect();
    let gap = |g: &Gap| {
        json!({"post": g.post, "name": g.name, "bodies": g.bodies, "from": g.span.from, "to": g.span.to,
               "minutes": g.lasted().as_mins(), "held": g.held})
    };
    json!({"minutes": tally(&of.tally), "bodies": bodies, "without": of.without,
           "gaps": of.gaps.iter().map(gap).collect::<Vec<_>>()})
}

/// The number of bodies without a roster, in words of a paper or a page.
pub(super) fn without(of: &Watch) -> String {
    number(of.without.len() as u64)
}
