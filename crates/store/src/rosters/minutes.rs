//! The watch of one body within a window, stretch by stretch, with the call-outs that fell into it: what stands behind
//! the figures of DUTY.

use std::collections::HashMap;

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
    roster::{TestCall, check_in::Stretch, rules::Person},
    time::Window,
};
use jiff::Timestamp;

use super::{Tried, names, summary, try_out};
use crate::{
    Query, Sql, StoreError,
    callouts::{self, AtPost},
};

/// One post of the body.
#[derive(Debug, Clone, PartialEq)]
pub struct Minutes {
    /// Which.
    pub post: Id<kind::Post>,
    /// What it is called.
    pub name: String,
    /// Whether a roster was published for any part of the window.
    pub published: bool,
    /// The window so far, without a hole.
    pub stretches: Vec<Stretch>,
    /// Its call-outs, oldest first, as far as the scope may see them.
    pub callouts: Vec<AtPost>,
    /// Test calls of its shifts, and drills for the window.
    pub tried: Tried,
    /// Its shifts that went by without a test call which whoever had them answered.
    pub untested: Vec<(Window, Person)>,
}

/// So many call-outs of one post are told.
const CALLOUTS_MAX: u32 = 200;

/// The posts of a body within a window, by name, with the names of those who were on duty. Empty for a body that the
/// scope may not see. With `test_call`, one answered a shift is owed.
pub async fn minutes(
    sql: &mut Sql,
    scope: &Scope,
    body: Id<kind::Body>,
    window: Window,
    now: Timestamp,
    test_call: Option<TestCall>,
) -> Result<(Vec<Minutes>, HashMap<Person, String>), StoreError> {
    let mut query = Query::new("select b.id from body b where b.id =");
    query.bind(body).push("and").visible(scope, Right::See, "b.id");
    if query.row(sql).await?.is_none() {
        return Ok((Vec::new(), HashMap::new()));
    }
    let mut found = Vec::new();
    let all = summary::of_window(sql, &[body], window).await?;
    let answered = match test_call {
        Some(_) => summary::answered_calls(sql, &all, window).await?,
        None => HashMap::new(),
    };
    for known in &all {
        let by = summary::held_by(&known.post);
        let tested = test_call.map(|rule| known.tested(&answered, rule, window, now)).unwrap_or_default();
        let missing = tested.into_iter().filter(|(.., heard)| !heard);
        found.push(Minutes {
            post: known.post.id,
            name: known.post.name.clone(),
            published: known.is_published(window),
            stretches: known.stretches(window, now),
            callouts: callouts::at_post(sql, scope, by, window, CALLOUTS_MAX).await?,
            tried: try_out::of_window(sql, by, window).await?,
            untested: missing.map(|(span, person, _)| (span, person)).collect(),
        });
    }
    let on_duty = |m: &Minutes| {
        let held = m.stretches.iter().flat_map(|s| s.people.iter().copied());
        held.chain(m.untested.iter().map(|(_, person)| *person)).collect::<Vec<_>>()
    };
    let mut people: Vec<Person> = found.iter().flat_map(on_duty).collect();
    people.sort_unstable();
    people.dedup();
    let names = names(sql, &people).await?;
    Ok((found, names))
}
