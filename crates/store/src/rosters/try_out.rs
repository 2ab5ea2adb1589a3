//! Trying whether people can be reached: a test call of those on duty now, a drill of everybody on the roster ahead.

use domain::{
    actor::Scope,
    id::{Id, kind},
    paging::About,
    roster::rules::Person,
    time::Window,
};
use jiff::{SignedDuration, Timestamp};

use super::{Need, changed, check_in::after, held, on_duty};
use crate::{Sql, StoreError, Tx, assignments::Tools, callouts};

/// A drill calls everybody with a turn within so many days: the longest holiday and a few before it.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 14);
/// Results of so many days are counted.
const BEHIND: SignedDuration = SignedDuration::from_hours(24 * 14);

/// Who answered, of how many called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tried {
    /// Calls of drills: answered, all.
    pub drill: (u32, u32),
    /// Test calls: answered, all.
    pub test: (u32, u32),
}

/// Calls those on duty now (a test call), or everybody on the roster of the next days (a drill), each on every verified
/// channel. Needs to plan the post. Returns how many are called. `Refused`: `roster-nobody-to-call`.
pub async fn try_out(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    post: Id<kind::Post>,
    drill: bool,
) -> Result<u32, StoreError> {
    let of = held(tx, scope, Need::Plan, post).await?;
    let now = tx.now();
    let to = if drill { after(now, AHEAD) } else { after(now, SignedDuration::from_secs(1)) };
    let shifts = on_duty::raw(tx, of.covered_by.unwrap_or(of.id), Window { from: now, to }).await?;
    let mut people: Vec<Person> = shifts.iter().map(|s| s.person).collect();
    people.sort_unstable();
    people.dedup();
    if people.is_empty() {
        return Err(StoreError::Refused("roster-nobody-to-call"));
    }
    let about = if drill { About::Drill } else { About::TestCall };
    let called = callouts::try_out(tx, tools, &of, about, &people).await?;
    tx.record("roster.tried-out", super::subject(of.id), Some(of.body), &(about, &people));
    changed(tx, &of).await?;
    Ok(called)
}

/// How drills and test calls of a post came out lately.
pub async fn tried(
    sql: &mut Sql,
    scope: &Scope,
    post: Id<kind::Post>,
    now: Timestamp,
) -> Result<Tried, StoreError> {
    held(sql, scope, Need::See, post).await?;
    let lately = Window { from: super::check_in::before(now, BEHIND), to: Timestamp::MAX };
    of(sql, post, lately, lately).await
}

/// The same for a window to watch: its test calls, and the drills for it, before it too.
pub(super) async fn of_window(
    sql: &mut Sql,
    post: Id<kind::Post>,
    window: Window,
) -> Result<Tried, StoreError> {
    let drills = Window { from: super::check_in::before(window.from, BEHIND), to: window.to };
    of(sql, post, drills, window).await
}

async fn of(sql: &mut Sql, post: Id<kind::Post>, drills: Window, tests: Window) -> Result<Tried, StoreError> {
    Ok(Tried {
        drill: callouts::tried(sql, post, About::Drill, drills).await?,
        test: callouts::tried(sql, post, About::TestCall, tests).await?,
    })
}
