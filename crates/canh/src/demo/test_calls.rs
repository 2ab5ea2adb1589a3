//! One test call a shift and one test of channels a day, as the clock would have made them while the demo's days went by.

use anyhow::Result;
use domain::{
    actor::Actor,
    paging::{About, Severity},
    roster::{Line, Post, Shift},
    time,
};
use jiff::{Timestamp, ToSpan};
use store::{
    assignments::Tools,
    callouts::{self, Act, New},
    sign_in,
};

use super::order::{after, written};
use crate::centre::Centre;

/// What was lived at a post.
pub struct Lived<'a> {
    /// The post.
    pub post: &'a Post,
    /// Its shifts so far.
    pub shifts: &'a [Shift],
    /// From then on time went by.
    pub since: Timestamp,
    /// Until then people answered.
    pub until: Timestamp,
    /// Until then time went by.
    pub now: Timestamp,
}

/// The calls of a post's shifts, as the clock makes them: each is answered at once, those of whoever was silent by nobody.
pub async fn of_shifts(centre: &Centre, lived: &Lived<'_>) -> Result<()> {
    let pack = centre.legal.on(time::date(lived.now));
    let Some(rule) = pack.duty_roster().and_then(|t| t.test_call) else { return Ok(()) };
    let body = lived.post.body;
    for shift in lived.shifts.iter().filter(|s| s.line == Line::Primary) {
        // A week's shift may have begun before.
        let at = after(shift.from, rule.after_minutes.into()).max(lived.since);
        if at > lived.now || at >= shift.to {
            continue;
        }
        let tools = Tools { ids: &*centre.ids, base: "http://localhost", pack };
        let who = callouts::name(&mut centre.db.read().await?, shift.person).await?;
        let new = New {
            // The clock's own key: it makes none of these again.
            key: format!("test-call/{}/{}/{}", shift.post, shift.person, shift.from.as_microsecond()),
            about: About::TestCall,
            subject: format!("post:{}", shift.post),
            body,
            post: Some(shift.post),
            person: Some(shift.person),
            severity: Severity::High,
            words: vec![("post", lived.post.name.clone()), ("who", who)],
            since: at,
        };
        let raised = written(store::write!(centre.db, Actor::System, at, tx => {
            callouts::raise(tx, &tools, new.clone()).await
        }))?;
        let Some(id) = raised else { continue };
        let step = async |at: Timestamp| {
            written(store::write!(centre.db, Actor::System, at, tx => {
                callouts::step(tx, &tools, &*centre.secrets, id).await.map(|_| ())
            }))
        };
        step(at).await?;
        let answers = after(at, 2).min(lived.now);
        if answers > lived.until {
            step(after(at, 20).min(lived.now)).await?;
            continue;
        }
        let scope = sign_in::scope_of(&mut centre.db.read().await?, shift.person, answers).await?;
        written(store::write!(centre.db, Actor::Person(shift.person), answers, tx => {
            callouts::act(tx, &scope, &tools, id, &Act::Acknowledge, "page").await.map(|_| ())
        }))?;
    }
    Ok(())
}

/// So many days behind were tested, today's among them once its hour is over.
const TESTED: i64 = 2;
/// Of so many messages one was not taken.
const LOST: usize = 23;

/// The daily tests of channels, as the clock would have made them.
pub async fn of_channels(centre: &Centre, now: Timestamp) -> Result<()> {
    for back in (0..=TESTED).rev() {
        let day = time::date(now).checked_sub(back.days())?;
        let tools = Tools { ids: &*centre.ids, base: "http://localhost", pack: centre.legal.on(day) };
        let Some(rule) = tools.pack.duty_roster().and_then(|t| t.channel_test) else { return Ok(()) };
        let at = day.to_datetime(rule.at).to_zoned(time::zone())?.timestamp();
        if at < now {
            store::tries::lived(&centre.db, &tools, at, &|n| n % LOST == LOST - 1).await?;
        }
    }
    Ok(())
}
