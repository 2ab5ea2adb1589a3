//! Answers: exactly once, by whatever way they come.

use domain::{
    actor::{Actor, Scope},
    fact::kinds,
    id::{Id, kind},
    paging::{About, Standing, acknowledge, escalate},
};
use jiff::Timestamp;
use serde_json::json;

use super::{
    Callout, Entry, Need, any, by_hand, held, keep,
    step::{learn, moved, waited},
    write,
};
use crate::{
    Db, Sql, StoreError, Tx, args,
    assignments::{Tools, person_name},
    jobs, rosters,
    sign_in::{digest, scope_of},
};

/// What a message's button may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// I take it.
    Acknowledge,
    /// I cannot: call the next.
    Escalate,
}

/// What came of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Which call-out.
    pub callout: Id<kind::Callout>,
    /// Where it stands now.
    pub standing: Standing,
    /// Whether this answer changed anything; the same one twice does not.
    pub changed: bool,
    /// Who has it, and since when: whoever answered, or whoever was faster.
    pub taken: Option<(Id<kind::Person>, String, Timestamp)>,
}

/// What a person may do on the page of a call-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Take it.
    Acknowledge,
    /// Call the next.
    Escalate,
    /// Say that it goes on: it does not lapse.
    Progress(String),
    /// There is nothing left to do.
    Resolve(String),
}

/// Most that is said at an act.
const NOTE_MAX: usize = 2_000;

/// Answers by a token; `via` is a kind of channel, `link` or `api`. Errors: `NotFound("callout")` for a token nobody
/// was given; `Refused("callout-nobody-left")` where nobody is left to call.
pub async fn answer(
    db: &Db,
    tools: &Tools<'_>,
    now: Timestamp,
    token: &str,
    answer: Answer,
    via: &str,
) -> Result<Answered, StoreError> {
    let (id, person) = bearer(&mut db.read().await?, token).await?;
    let act = match answer {
        Answer::Acknowledge => Act::Acknowledge,
        Answer::Escalate => Act::Escalate,
    };
    crate::write!(db, Actor::Person(person), now, tx => {
        let of = any(tx, id).await?;
        done(tx, tools, of, person, &act, via).await
    })
}

/// What a token is about, without changing anything: the call-out, and whose token it is.
pub async fn peek(sql: &mut Sql, token: &str) -> Result<(Callout, Id<kind::Person>), StoreError> {
    let (id, person) = bearer(sql, token).await?;
    Ok((any(sql, id).await?, person))
}

/// What delivered messages are to say of a call-out now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settled {
    /// Who took it, by name, and when.
    pub taken: Option<(String, Timestamp)>,
    /// When what it is about came right though nobody did anything.
    pub came_right: Option<Timestamp>,
}

/// Who has it, and whether it came right by itself.
pub async fn settled(sql: &mut Sql, id: Id<kind::Callout>) -> Result<Settled, StoreError> {
    let of = any(sql, id).await?;
    let taken = match &of.taken {
        Some(t) => Some((person_name(sql, t.person).await?, t.at)),
        None => None,
    };
    let last = sql
        .row(
            "select person from callout_event where callout = $1 and what = 'resolved' order by seq desc limit 1",
            args![id],
        )
        .await?;
    let by_itself = match last {
        Some(row) => row.opt_id::<kind::Person>("person")?.is_none(),
        None => false,
    };
    let came_right = of.ended_at.filter(|_| by_itself && of.state.standing == Standing::Resolved);
    Ok(Settled { taken, came_right })
}

/// The name of whoever holds a token.
pub async fn name(sql: &mut Sql, person: Id<kind::Person>) -> Result<String, StoreError> {
    person_name(sql, person).await
}

async fn bearer(sql: &mut Sql, token: &str) -> Result<(Id<kind::Callout>, Id<kind::Person>), StoreError> {
    let row = sql
        .row(
            "select k.callout, k.person from callout_token k join person p on p.id = k.person
             where k.digest = $1 and p.closed_at is null",
            args![digest(token)],
        )
        .await?;
    let row = row.ok_or(StoreError::NotFound("callout"))?;
    Ok((row.id("callout")?, row.id("person")?))
}

/// Acts on a call-out: with [`domain::right::Right::Answer`] over its body, or for whoever was called.
pub async fn act(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Callout>,
    act: &Act,
    via: &str,
) -> Result<Answered, StoreError> {
    let person = crate::assignments::somebody(tx.actor())?;
    let of = held(tx, scope, Some(person), Need::Answer, id).await?;
    done(tx, tools, of, person, act, via).await
}

async fn done(
    tx: &mut Tx,
    tools: &Tools<'_>,
    mut of: Callout,
    person: Id<kind::Person>,
    act: &Act,
    via: &str,
) -> Result<Answered, StoreError> {
    let now = tx.now();
    let note = match act {
        Act::Progress(note) | Act::Resolve(note) => note.trim(),
        _ => "",
    };
    if note.chars().count() > NOTE_MAX {
        return Err(StoreError::Refused("text-long"));
    }
    let changed = match act {
        Act::Acknowledge => take(tx, tools, &mut of, person, via).await?,
        Act::Escalate if of.state.standing.is_over() => false,
        Act::Escalate if passed_on_by(tx, of.id, person).await? => false,
        Act::Escalate => {
            if !escalate(&of.policy, &mut of.state, now) {
                return Err(StoreError::Refused("callout-nobody-left"));
            }
            keep(tx, of.id, &of.state).await?;
            line(tx, &of, "passed-on", person, via, "").await?;
            tx.record("callout.passed-on", of.name(), Some(of.body), &(person, via));
            true
        }
        Act::Progress(_) if of.state.standing != Standing::Acknowledged => {
            return Err(StoreError::Refused("callout-not-taken"));
        }
        Act::Progress(_) => {
            of.state.touched = now;
            keep(tx, of.id, &of.state).await?;
            line(tx, &of, "progress", person, via, note).await?;
            tx.record("callout.progress", of.name(), Some(of.body), &(person, note));
            true
        }
        Act::Resolve(_) if of.state.standing == Standing::Resolved => false,
        Act::Resolve(_) => {
            finish(tx, tools, &mut of, Some(person), via, note).await?;
            true
        }
    };
    let of = any(tx, of.id).await?;
    if changed {
        moved(tx, tools, &of).await?;
    } else {
        tx.unchanged();
    }
    let taken = match &of.taken {
        Some(t) => Some((t.person, person_name(tx, t.person).await?, t.at)),
        None => None,
    };
    Ok(Answered { callout: of.id, standing: of.state.standing, changed, taken })
}

/// Whether that person's last word on the call-out was to pass it on, and nobody was called since.
async fn passed_on_by(
    tx: &mut Tx,
    id: Id<kind::Callout>,
    person: Id<kind::Person>,
) -> Result<bool, StoreError> {
    let row = tx
        .row("select what, person from callout_event where callout = $1 order by seq desc limit 1", args![id])
        .await?;
    let Some(row) = row else { return Ok(false) };
    Ok(row.text("what")? == "passed-on" && row.opt_id("person")? == Some(person))
}

async fn line(
    tx: &mut Tx,
    of: &Callout,
    what: &str,
    person: Id<kind::Person>,
    via: &str,
    note: &str,
) -> Result<(), StoreError> {
    write(tx, of.id, Entry { what, person: Some(person), via, note, ..Entry::default() }).await
}

/// Somebody takes it: `false` where somebody has it or it is over. Who takes a missed check-in takes the watch: for
/// whoever owed it that is the check-in, for others it takes a silent watch over where one is still running.
pub(crate) async fn take(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &mut Callout,
    person: Id<kind::Person>,
    via: &str,
) -> Result<bool, StoreError> {
    let now = tx.now();
    if !acknowledge(&mut of.state, now) {
        return Ok(false);
    }
    took(tx, tools, of, person, via).await?;
    if of.about.ends_with_answer() {
        finish(tx, tools, of, Some(person), via, "").await?;
    }
    if let (About::CheckIn, Some(post)) = (of.about, of.post) {
        let scope = scope_of(tx, person, now).await?;
        let way = if via == "page" { rosters::Way::Page } else { rosters::Way::Link };
        match rosters::check_in(tx, &scope, tools, post, way, "").await {
            // Their shift may be over meanwhile, or they may have no right at the post: that they took it stands.
            Ok(_) | Err(StoreError::Refused(_) | StoreError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// Writes down who took it.
async fn took(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Callout,
    person: Id<kind::Person>,
    via: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    keep(tx, of.id, &of.state).await?;
    tx.exec(
        "update callout set taker = $2, taken_at = $3, taken_via = $4 where id = $1",
        args![of.id, person, now, via],
    )
    .await?;
    line(tx, of, "taken", person, via, "").await?;
    tx.record("callout.taken", of.name(), Some(of.body), &(person, via));
    let mut value = waited(of, now);
    if let Some(value) = value.as_object_mut() {
        value.insert("person".into(), json!(person));
        value.insert("via".into(), json!(via));
    }
    learn(tx, tools, of, kinds::CALLOUT_TAKEN, &now.as_microsecond().to_string(), value).await?;
    by_hand::tell_caller(tx, tools, of, Some(person)).await?;
    settle_messages(tx, tools, of.id, Some(person)).await
}

/// It is over, by somebody or by what it was about having come right by itself.
pub(crate) async fn finish(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &mut Callout,
    person: Option<Id<kind::Person>>,
    via: &str,
    note: &str,
) -> Result<(), StoreError> {
    if of.state.standing.is_over() && of.state.standing != Standing::Expired {
        return Ok(());
    }
    of.state.standing = Standing::Resolved;
    keep(tx, of.id, &of.state).await?;
    write(tx, of.id, Entry { what: "resolved", person, via, note, ..Entry::default() }).await?;
    tx.record("callout.resolved", of.name(), Some(of.body), &(person, via, note));
    tx.changed(crate::Topic::Callout, of.name(), Some(of.body));
    settle_messages(tx, tools, of.id, person).await
}

/// What a call-out is about came right because that person did something: they have it, and it is over.
pub(crate) async fn came_right(
    tx: &mut Tx,
    tools: &Tools<'_>,
    id: Id<kind::Callout>,
    person: Id<kind::Person>,
    via: &str,
) -> Result<(), StoreError> {
    let mut of = any(tx, id).await?;
    // Also where every step had been taken in vain: they have it now.
    if acknowledge(&mut of.state, tx.now()) || of.state.standing == Standing::Expired {
        took(tx, tools, &of, person, via).await?;
    }
    finish(tx, tools, &mut of, Some(person), via, "").await
}

/// What a call-out is about came right though nobody did anything.
pub(crate) async fn came_right_itself(
    tx: &mut Tx,
    tools: &Tools<'_>,
    id: Id<kind::Callout>,
) -> Result<(), StoreError> {
    let mut of = any(tx, id).await?;
    finish(tx, tools, &mut of, None, "", "").await
}

/// The kind of job that changes delivered messages once somebody has it, or it came right by itself.
pub const REVISE: &str = "callout.revise";

/// Messages about it that have not gone out are not sent any more, and those that have are changed by a job: somebody has
/// it, or it came right by itself.
async fn settle_messages(
    tx: &mut Tx,
    tools: &Tools<'_>,
    id: Id<kind::Callout>,
    person: Option<Id<kind::Person>>,
) -> Result<(), StoreError> {
    crate::intents::answered(tx, id, person).await?;
    let (key, now) = (format!("{REVISE}/{id}"), tx.now());
    jobs::enqueue(tx, Id::new(tools.ids), REVISE, &key, now, &json!({ "callout": id })).await?;
    Ok(())
}
