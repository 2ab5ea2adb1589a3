//! Turns given away: asked by the giver, agreed by the taker, approved by whoever plans the post.

use domain::{
    actor::Scope,
    id::{Id, kind},
    legal::Pack,
    right::Right,
    roster::rules::{self, Person},
    time::Window,
};
use jiff::Timestamp;

use super::{
    Need, any_side, changed,
    changes::{WHY_MAX, from_now, span},
    held,
    layers::known_people,
    publish::rewrite,
    subject,
};
use crate::{Query, Row, Sql, StoreError, Tx, args, assignments::said};

/// Where a swap stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SwapState {
    /// The giver asked.
    Asked,
    /// The taker agreed.
    Agreed,
    /// Approved: it stands.
    Approved,
    /// Refused, by taker or planner.
    Refused,
    /// Taken back by the giver.
    Withdrawn,
}

impl SwapState {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Asked, "asked"),
        (Self::Agreed, "agreed"),
        (Self::Approved, "approved"),
        (Self::Refused, "refused"),
        (Self::Withdrawn, "withdrawn"),
    ];
    /// The stable name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(s, _)| *s == self).map_or("", |(_, n)| n)
    }
    fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, n)| *n == name).map(|(s, _)| *s)
    }
}

/// A swap as it is asked for.
#[derive(Debug, Clone)]
pub struct NewSwap<'a> {
    /// Who gives to whom, and which part.
    pub swap: rules::Swap,
    /// Why.
    pub why: &'a str,
}

/// A swap as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swap {
    /// Who gives to whom, and which part.
    pub swap: rules::Swap,
    /// Names of giver and taker.
    pub names: (String, String),
    /// Why.
    pub why: String,
    /// Where it stands.
    pub state: SwapState,
    /// When it was asked for.
    pub at: Timestamp,
}

/// Asks to give a turn away: one's own, or anybody's by whoever plans the post — which is then
/// agreed at once. `Refused`: `span-bad`, `swap-self`, `swap-not-yours`, `swap-no-turn`, `person-unknown`, `text-…`.
pub async fn ask(
    tx: &mut Tx,
    scope: &Scope,
    post: Id<kind::Post>,
    new: &NewSwap<'_>,
) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Answer, post).await?;
    let s = &new.swap;
    let plans = held(tx, scope, Need::Plan, post).await.is_ok();
    if tx.actor().person() != Some(s.from) && !plans {
        return Err(StoreError::Refused("swap-not-yours"));
    }
    if s.from == s.to {
        return Err(StoreError::Refused("swap-self"));
    }
    let span = from_now(tx, s.span)?;
    known_people(tx, &Scope::system(), &[s.to]).await?;
    let why = said(new.why, WHY_MAX)?;
    let turn = tx
        .row(
            "select person from shift where post = $1 and person = $2 and to_at > $3 and from_at < $4 limit 1",
            args![post, s.from, span.from, span.to],
        )
        .await?;
    if turn.is_none() {
        return Err(StoreError::Refused("swap-no-turn"));
    }
    let state = if plans { SwapState::Agreed } else { SwapState::Asked };
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into swap (id, post, giver, taker, from_at, to_at, why, state, at, by_person)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
        args![s.id, post, s.from, s.to, span.from, span.to, &why, state.name(), now, by],
    )
    .await?;
    tx.record("roster.swap-asked", subject(post), Some(of.body), &(s.id, s.from, s.to, span, &why));
    changed(tx, &of).await
}

/// The taker agrees, or refuses.
pub async fn agree(tx: &mut Tx, scope: &Scope, id: Id<kind::Swap>, yes: bool) -> Result<(), StoreError> {
    let (row, of) = open(tx, scope, Need::Answer, id).await?;
    let taker: Person = row.id("taker")?;
    if tx.actor().person() != Some(taker) {
        return Err(StoreError::Refused("swap-not-yours"));
    }
    let state = if yes { SwapState::Agreed } else { SwapState::Refused };
    step(tx, &of, id, &[SwapState::Asked], state).await
}

/// The giver takes it back while it does not stand.
pub async fn withdraw(tx: &mut Tx, scope: &Scope, id: Id<kind::Swap>) -> Result<(), StoreError> {
    let (row, of) = open(tx, scope, Need::Answer, id).await?;
    let giver: Person = row.id("giver")?;
    if tx.actor().person() != Some(giver) {
        return Err(StoreError::Refused("swap-not-yours"));
    }
    step(tx, &of, id, &[SwapState::Asked, SwapState::Agreed], SwapState::Withdrawn).await
}

/// Whoever plans the post approves what both agreed to, or refuses. `Refused`: `swap-state`, `span-bad` (over).
pub async fn decide(
    tx: &mut Tx,
    scope: &Scope,
    pack: &Pack,
    id: Id<kind::Swap>,
    yes: bool,
) -> Result<(), StoreError> {
    let (row, of) = open(tx, scope, Need::Plan, id).await?;
    let span = from_now(tx, span(&row)?)?;
    if yes {
        step(tx, &of, id, &[SwapState::Agreed], SwapState::Approved).await?;
        tx.exec("update swap set from_at = $1 where id = $2", args![span.from, id]).await?;
        rewrite(tx, pack, &of).await
    } else {
        step(tx, &of, id, &[SwapState::Asked, SwapState::Agreed], SwapState::Refused).await
    }
}

/// The swaps of a post that end after `since`, newest first.
pub async fn swaps(
    sql: &mut Sql,
    scope: &Scope,
    post: Id<kind::Post>,
    since: Timestamp,
) -> Result<Vec<Swap>, StoreError> {
    held(sql, scope, Need::See, post).await?;
    let rows = sql
        .rows(
            "select s.*, g.name as giver_name, t.name as taker_name from swap s
             join person g on g.id = s.giver join person t on t.id = s.taker
             where s.post = $1 and s.to_at > $2 order by s.at desc, s.id desc limit 200",
            args![post, since],
        )
        .await?;
    rows.iter().map(shown).collect()
}

fn shown(row: &Row) -> Result<Swap, StoreError> {
    Ok(Swap {
        swap: swap(row)?,
        names: (row.text("giver_name")?, row.text("taker_name")?),
        why: row.text("why")?,
        state: row.word("state", SwapState::parse)?,
        at: row.time("at")?,
    })
}

/// The swaps that a person gives or takes and that end after `since`, at posts the scope may see; newest first, each with
/// its post's id and name.
pub async fn of_person(
    sql: &mut Sql,
    scope: &Scope,
    person: Person,
    since: Timestamp,
) -> Result<Vec<(Swap, Id<kind::Post>, String)>, StoreError> {
    let mut query = Query::new(
        "select s.*, g.name as giver_name, t.name as taker_name, p.name as post_name from swap s
         join post p on p.id = s.post join person g on g.id = s.giver join person t on t.id = s.taker where (s.giver =",
    );
    query.bind(person).push("or s.taker =").bind(person).push(") and s.to_at >").bind(since).push("and");
    any_side(&mut query, scope, Right::See);
    query.push("order by s.at desc, s.id desc limit 200");
    let rows = query.rows(sql).await?;
    rows.iter().map(|row| Ok((shown(row)?, row.id("post")?, row.text("post_name")?))).collect()
}

/// The swaps that stand within a window, in the order decided.
pub(super) async fn approved_within(
    sql: &mut Sql,
    post: Id<kind::Post>,
    window: Window,
) -> Result<Vec<rules::Swap>, StoreError> {
    let rows = sql
        .rows(
            "select * from swap where post = $1 and state = 'approved' and to_at > $2 and from_at < $3
             order by decided_at, id",
            args![post, window.from, window.to],
        )
        .await?;
    rows.iter().map(swap).collect()
}

async fn open(
    tx: &mut Tx,
    scope: &Scope,
    need: Need,
    id: Id<kind::Swap>,
) -> Result<(Row, domain::roster::Post), StoreError> {
    let row = tx.row("select * from swap where id = $1", args![id]).await?;
    let row = row.ok_or(StoreError::NotFound("swap"))?;
    let of = held(tx, scope, need, row.id("post")?).await.map_err(|error| match error {
        StoreError::NotFound(_) => StoreError::NotFound("swap"),
        other => other,
    })?;
    Ok((row, of))
}

async fn step(
    tx: &mut Tx,
    of: &domain::roster::Post,
    id: Id<kind::Swap>,
    from: &[SwapState],
    to: SwapState,
) -> Result<(), StoreError> {
    let row = tx.row("select state from swap where id = $1", args![id]).await?;
    let now_in = row.ok_or(StoreError::NotFound("swap"))?.word("state", SwapState::parse)?;
    if !from.contains(&now_in) {
        return Err(StoreError::Refused("swap-state"));
    }
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec(
        "update swap set state = $1, decided_at = $2, decided_by = $3 where id = $4",
        args![to.name(), now, by, id],
    )
    .await?;
    tx.record("roster.swap-decided", subject(of.id), Some(of.body), &(id, to));
    changed(tx, of).await
}

fn swap(row: &Row) -> Result<rules::Swap, StoreError> {
    Ok(rules::Swap { id: row.id("id")?, from: row.id("giver")?, to: row.id("taker")?, span: span(row)? })
}
