//! The duty roster: posts, who takes turns at them, what was published, and who is awake.
//!
//! Rules are drafts until they are published; publishing keeps the layers as they were and writes the shifts they make
//! ([`domain::roster::resolve`]). Overrides, swaps and absences change the shifts of what is published at once, and only
//! from now on: what was on duty stays on record. *Who is awake* is read from the shifts alone.

mod calendars;
mod changes;
mod check_in;
mod commitments;
mod layers;
mod looked_back;
mod minutes;
mod on_duty;
mod posts;
mod publish;
mod summary;
mod swaps;
mod try_out;
mod wake;

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
    roster::{CheckIn, Post, Presence},
};

pub(crate) use self::summary::{answered_calls, known};
pub use self::{
    calendars::{
        Calendar, CalendarLink, Turn, create as make_calendar, list as calendars, read as read_calendar,
        revoke as revoke_calendar,
    },
    changes::{
        Absence, NewAbsence, NewOverride, Overriding, WHY_MAX, absences, be_absent, come_back, overrides,
        settle, unsettle,
    },
    check_in::{CheckedIn, HandOver, ITEMS_MAX, Way, accept, check_in, hand_over, hand_overs, made, owed_by},
    commitments::{
        Commitment, NewCommitment, amend, commit, commitment, commitments, served,
        withdraw as withdraw_commitment,
    },
    layers::{add as add_layer, change as change_layer, draft, layers, names, retire as retire_layer},
    looked_back::{Gap, Watch, watch},
    minutes::{Minutes, minutes},
    on_duty::{Awake, OnDuty, awake, shifts, shifts_of},
    posts::{NAME_MAX, NewPost, Shown, change, close, create, list, shared, shown},
    publish::{Publication, publications, publish, troubles},
    summary::{Ahead, Summary, ahead, summary},
    swaps::{
        NewSwap, Swap, SwapState, agree, ask as ask_swap, decide as decide_swap, of_person as swaps_of,
        swaps, withdraw as withdraw_swap,
    },
    try_out::{Tried, tried, try_out},
    wake::{JOB as WAKE_JOB, Missed, missed, run as wake},
};
use crate::{Query, Row, Sql, StoreError, Topic, Tx, args};

/// Which right an act at a post needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// See it, from any of the bodies whose post it is.
    See,
    /// Plan it: from the side of its own body.
    Plan,
    /// Publish it though something is missing: the head of its body.
    Force,
    /// Answer at it: from any of the bodies whose post it is.
    Answer,
}

/// The post, if the scope may do with it what is needed; a closed one only to see.
pub(crate) async fn held(
    sql: &mut Sql,
    scope: &Scope,
    need: Need,
    id: Id<kind::Post>,
) -> Result<Post, StoreError> {
    let mut query = Query::new("select p.*, p.closed_at as closed from post p where p.id =");
    query.bind(id).push("and");
    match need {
        Need::See => any_side(&mut query, scope, Right::See),
        Need::Answer => any_side(&mut query, scope, Right::Answer),
        Need::Plan => {
            query.visible(scope, Right::Prepare, "p.body");
        }
        Need::Force => {
            query.visible(scope, Right::Acknowledge, "p.body");
        }
    }
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("post"))?;
    if need != Need::See && row.opt_int("closed")?.is_some() {
        return Err(StoreError::Refused("post-closed"));
    }
    post(&row)
}

/// The predicate of a right over a post `p` from the side of any body whose post it is.
pub(crate) fn any_side(query: &mut Query, scope: &Scope, right: Right) {
    query.push("(").visible(scope, right, "p.body");
    query.push("or exists (select 1 from post_share s where s.post = p.id and");
    query.visible(scope, right, "s.body").push("))");
}

fn post(row: &Row) -> Result<Post, StoreError> {
    Ok(Post {
        id: row.id("id")?,
        body: row.id("body")?,
        name: row.text("name")?,
        presence: row.word("presence", Presence::parse)?,
        covered_by: row.opt_id("covered_by")?,
        needed: u8::try_from(row.int("needed")?).unwrap_or(u8::MAX),
        backup: row.bool("backup")?,
        check_in: row.json::<CheckIn>("check_in")?,
    })
}

fn subject(post: Id<kind::Post>) -> String {
    format!("post:{post}")
}

/// Says that something about the watch of a post changed.
pub(crate) async fn say_changed(tx: &mut Tx, id: Id<kind::Post>) -> Result<(), StoreError> {
    let row = tx.row("select p.* from post p where p.id = $1", args![id]).await?;
    let of = post(&row.ok_or(StoreError::NotFound("post"))?)?;
    changed(tx, &of).await
}

/// Says that something about a post changed: to those of its own body, of those who share it, and of those for whom it
/// watches.
async fn changed(tx: &mut Tx, post: &Post) -> Result<(), StoreError> {
    tx.changed(Topic::Roster, subject(post.id), Some(post.body));
    let others = tx
        .rows(
            "select body from post_share where post = $1
             union select body from post where covered_by = $1 and closed_at is null",
            args![post.id],
        )
        .await?;
    for row in others {
        let body = row.id("body")?;
        tx.changed(Topic::Roster, subject(post.id), Some(body));
    }
    Ok(())
}
