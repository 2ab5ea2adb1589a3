//! The watch of several bodies through a window, looked back on: what the posts of each came to, and when nobody was known
//! to be awake.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
    roster::check_in::{Held, Stretch, Tally},
    time::Window,
};
use jiff::{SignedDuration, Timestamp};

use super::summary::{self, CHUNK, and};
use crate::{Query, Sql, StoreError};

/// The watch of several bodies.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Watch {
    /// The time of all their posts, each post once.
    pub tally: Tally,
    /// What each body's posts came to: most time uncovered first, then most time unknown.
    pub bodies: Vec<(Id<kind::Body>, Tally)>,
    /// Bodies without a post that had a roster for any part of the window: of them nobody knows.
    pub without: Vec<Id<kind::Body>>,
    /// When nobody was known to be awake: not enough people first, then missing check-ins, each with the longest first.
    pub gaps: Vec<Gap>,
}

/// A time at a post without anybody known to be awake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Where.
    pub post: Id<kind::Post>,
    /// What it is called.
    pub name: String,
    /// Those of the bodies asked for whose post it is.
    pub bodies: Vec<Id<kind::Body>>,
    /// From when to when.
    pub span: Window,
    /// [`Held::Uncovered`] or [`Held::Unknown`].
    pub held: Held,
}

impl Gap {
    /// How long.
    pub fn lasted(&self) -> SignedDuration {
        self.span.to.duration_since(self.span.from)
    }
}

/// The watch of those bodies within `window`, as known at `now`; bodies the scope may not see are left out.
pub async fn watch(
    sql: &mut Sql,
    scope: &Scope,
    window: Window,
    bodies: &[Id<kind::Body>],
    now: Timestamp,
) -> Result<Watch, StoreError> {
    let mut seen = Vec::new();
    for some in bodies.chunks(CHUNK) {
        let mut query = Query::new("select b.id from body b where b.id in");
        query.list(some.iter().copied()).push("and").visible(scope, Right::See, "b.id");
        for row in query.rows(sql).await? {
            seen.push(row.id("id")?);
        }
    }
    let posts = summary::of_window(sql, &seen, window).await?;
    // As DUTY judges: whoever published a roster for one of its posts answers for all of them.
    let planned: BTreeSet<Id<kind::Body>> =
        posts.iter().filter(|k| k.is_published(window)).flat_map(|k| k.bodies.iter().copied()).collect();
    let mut found = Watch::default();
    let mut by: BTreeMap<Id<kind::Body>, Tally> = BTreeMap::new();
    for known in &posts {
        let bodies: Vec<_> = known.bodies.iter().copied().filter(|b| planned.contains(b)).collect();
        if bodies.is_empty() {
            continue;
        }
        let tally = known.within(window, now).tally;
        found.tally = and(found.tally, tally);
        for body in &bodies {
            let of = by.entry(*body).or_default();
            *of = and(*of, tally);
        }
        found.gaps.extend(together(&known.stretches(window, now)).into_iter().map(|(span, held)| Gap {
            post: known.post.id,
            name: known.post.name.clone(),
            bodies: bodies.clone(),
            span,
            held,
        }));
    }
    found.bodies = by.into_iter().collect();
    found.bodies.sort_by_key(|(_, t)| std::cmp::Reverse((t.uncovered, t.unknown)));
    found.without = seen.into_iter().filter(|b| !planned.contains(b)).collect();
    found.gaps.sort_by_key(|g| (g.held == Held::Unknown, std::cmp::Reverse(g.lasted()), g.span.from, g.post));
    Ok(found)
}

/// Stretches that were not watched; those that follow each other and amount to the same are one. Less than a minute is
/// none.
fn together(stretches: &[Stretch]) -> Vec<(Window, Held)> {
    let mut gaps: Vec<(Window, Held)> = Vec::new();
    for s in stretches.iter().filter(|s| s.held != Held::Watched) {
        match gaps.last_mut() {
            Some((span, held)) if span.to == s.span.from && *held == s.held => span.to = s.span.to,
            _ => gaps.push((s.span, s.held)),
        }
    }
    gaps.retain(|(span, _)| span.to.duration_since(span.from) >= SignedDuration::from_mins(1));
    gaps
}
