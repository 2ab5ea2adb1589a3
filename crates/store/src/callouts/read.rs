//! Call-outs as they are shown.

use domain::{
    actor::Scope,
    id::{Id, kind},
    paging::{About, Standing},
    right::Right,
    time::Window,
};
use jiff::Timestamp;

use super::{Callout, Need, allowed, from_row, held};
use crate::{Query, Row, Sql, StoreError, args};

/// A call-out with the names people know.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// It.
    pub callout: Callout,
    /// Its body's name.
    pub body_name: String,
    /// Its post's name; empty without one.
    pub post_name: String,
    /// The name of who took it.
    pub taker: Option<String>,
    /// Whether the scope may act on it.
    pub may_answer: bool,
}

/// Which call-outs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Not over.
    Open,
    /// For which one was called, which one took, or began by hand; newest first.
    Mine,
    /// All, newest first.
    All,
}

/// Which call-outs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    /// Which side.
    pub side: Side,
    /// Only of this body and those below it.
    pub body: Option<Id<kind::Body>>,
}

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// What: `raised`, `called`, `nobody`, `passed-over`, `round`, `taken`, `passed-on`, `progress`, `lapsed`,
    /// `resolved`, `expired`.
    pub what: String,
    /// Which step, from 0.
    pub step: Option<u32>,
    /// Of which round, from 0.
    pub round: Option<u32>,
    /// Who did it, or was called.
    pub person: Option<String>,
    /// By which way.
    pub via: String,
    /// Words.
    pub note: String,
    /// Of a call: over which channels, and what came of each.
    pub messages: Vec<Message>,
}

/// What came of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Kind of channel.
    pub channel: String,
    /// due, claimed, sent, acknowledged, failed, spared.
    pub state: String,
    /// When it was taken by the channel.
    pub sent_at: Option<Timestamp>,
}

/// Call-outs with the names people know and whether the asker may act on them; conditions follow.
fn found(scope: &Scope, me: Option<Id<kind::Person>>) -> Query {
    let mut query = Query::new(
        "select c.*, b.name as body_name, coalesce(o.name, '') as post_name, t.name as taker_name,
           cast(case when",
    );
    allowed(&mut query, scope, me, Need::Answer);
    query.push(
        "then 1 else 0 end as bigint) as may_answer from callout c join body b on b.id = c.body
         left join post o on o.id = c.post left join person t on t.id = c.taker where",
    );
    query
}

/// Call-outs a scope may see, or for which `me` was called; at most `limit`, older than `before`.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    me: Option<Id<kind::Person>>,
    filter: Filter,
    before: Option<(Timestamp, Id<kind::Callout>)>,
    limit: u32,
) -> Result<Vec<Shown>, StoreError> {
    let mut query = found(scope, me);
    allowed(&mut query, scope, me, Need::See);
    match filter.side {
        Side::Open => {
            query.push("and c.standing in ('open', 'acknowledged')");
        }
        Side::Mine => {
            query.push("and (c.taker =").bind(me);
            query
                .push("or exists (select 1 from callout_token k where k.callout = c.id and k.person =")
                .bind(me);
            query.push(") or exists (select 1 from callout_event e where e.callout = c.id and e.seq = 0 and e.person =");
            query.bind(me).push("))");
        }
        Side::All => {}
    }
    if let Some(body) = filter.body {
        query.push("and exists (select 1 from body_closure k where k.below = c.body and k.above =");
        query.bind(body).push(")");
    }
    if let Some((at, id)) = before {
        query.push("and (c.at <").bind(at).push("or (c.at =").bind(at).push("and c.id <").bind(id).push("))");
    }
    match filter.side {
        // Whatever nobody has stands first.
        Side::Open => {
            query.push("order by case c.standing when 'open' then 0 else 1 end, c.at desc, c.id desc")
        }
        _ => query.push("order by c.at desc, c.id desc"),
    };
    query.push("limit").bind(limit);
    query.rows(sql).await?.iter().map(shown).collect()
}

/// One call-out.
pub async fn get(
    sql: &mut Sql,
    scope: &Scope,
    me: Option<Id<kind::Person>>,
    id: Id<kind::Callout>,
) -> Result<Shown, StoreError> {
    let mut query = found(scope, me);
    query.push("c.id =").bind(id).push("and");
    allowed(&mut query, scope, me, Need::See);
    shown(&query.row(sql).await?.ok_or(StoreError::NotFound("callout"))?)
}

fn shown(row: &Row) -> Result<Shown, StoreError> {
    Ok(Shown {
        callout: from_row(row)?,
        body_name: row.text("body_name")?,
        post_name: row.text("post_name")?,
        taker: row.opt_text("taker_name")?,
        may_answer: row.int("may_answer")? > 0,
    })
}

/// The log of a call-out, oldest first, for whoever may see it.
pub async fn log(
    sql: &mut Sql,
    scope: &Scope,
    me: Option<Id<kind::Person>>,
    id: Id<kind::Callout>,
) -> Result<Vec<Line>, StoreError> {
    held(sql, scope, me, Need::See, id).await?;
    let rows = sql
        .rows(
            "select e.*, p.name from callout_event e left join person p on p.id = e.person
             where e.callout = $1 order by e.seq",
            args![id],
        )
        .await?;
    let mut lines = Vec::new();
    for row in &rows {
        let mut line = Line {
            at: row.time("at")?,
            what: row.text("what")?,
            step: row.opt_int("step")?.and_then(|n| u32::try_from(n).ok()),
            round: row.opt_int("round")?.and_then(|n| u32::try_from(n).ok()),
            person: row.opt_text("name")?,
            via: row.text("via")?,
            note: row.text("note")?,
            messages: Vec::new(),
        };
        if line.what == "called"
            && let (Some(step), Some(round), Some(person)) =
                (line.step, line.round, row.opt_id::<kind::Person>("person")?)
        {
            let key = format!("callout/{id}/{person}/{round}/{step}/{}", line.at.as_microsecond());
            line.messages = messages(sql, &key).await?;
        }
        lines.push(line);
    }
    Ok(lines)
}

async fn messages(sql: &mut Sql, key: &str) -> Result<Vec<Message>, StoreError> {
    let rows = sql
        .rows(
            "select d.channel, d.state, d.sent_at from delivery d join intent i on i.id = d.intent
             where i.key = $1 order by d.due, d.channel",
            args![key],
        )
        .await?;
    rows.iter()
        .map(|r| {
            Ok(Message {
                channel: r.text("channel")?,
                state: r.text("state")?,
                sent_at: r.opt_time("sent_at")?,
            })
        })
        .collect()
}

/// The newest call-outs about a subject, for whoever may see them.
pub async fn of_subject(
    sql: &mut Sql,
    scope: &Scope,
    subject: &str,
    limit: u32,
) -> Result<Vec<Shown>, StoreError> {
    let mut query = found(scope, None);
    query.push("c.subject =").bind(subject).push("and").visible(scope, Right::See, "c.body");
    query.push("order by c.at desc, c.id desc limit").bind(limit);
    query.rows(sql).await?.iter().map(shown).collect()
}

/// A call-out of a post, in short.
#[derive(Debug, Clone, PartialEq)]
pub struct AtPost {
    /// It, with who took it.
    pub shown: Shown,
    /// How many people were called for it, each counted once.
    pub called: u32,
}

/// The call-outs raised at a post within a window, oldest first, at most `limit` of the newest; without drills and test
/// calls, which say nothing of the watch.
pub async fn at_post(
    sql: &mut Sql,
    scope: &Scope,
    post: Id<kind::Post>,
    window: Window,
    limit: u32,
) -> Result<Vec<AtPost>, StoreError> {
    let mut query = Query::new(
        "select c.*, b.name as body_name, coalesce(o.name, '') as post_name, t.name as taker_name, cast(0 as bigint) as may_answer,
           (select count(distinct e.person) from callout_event e where e.callout = c.id and e.what = 'called') as called
         from callout c join body b on b.id = c.body left join post o on o.id = c.post
         left join person t on t.id = c.taker where c.post =",
    );
    query.bind(post).push("and c.at >=").bind(window.from).push("and c.at <").bind(window.to);
    query.push("and c.about not in (").bind(About::Drill.name()).push(",");
    query.bind(About::TestCall.name()).push(") and").visible(scope, Right::See, "c.body");
    query.push("order by c.at desc, c.id desc limit").bind(limit);
    let rows = query.rows(sql).await?;
    let one = |row: &Row| Ok(AtPost { shown: shown(row)?, called: row.count("called")? });
    rows.iter().rev().map(one).collect()
}

/// How many call-outs a scope may see are being called, and how many somebody has: for the chip in the frame.
pub async fn counts(sql: &mut Sql, scope: &Scope) -> Result<(u32, u32), StoreError> {
    let mut query = Query::new(
        "select coalesce(sum(case c.standing when 'open' then 1 else 0 end), 0) as open,
           coalesce(sum(case c.standing when 'acknowledged' then 1 else 0 end), 0) as taken
         from callout c where c.standing in (",
    );
    query.bind(Standing::Open.name()).push(",").bind(Standing::Acknowledged.name()).push(") and");
    query.visible(scope, Right::See, "c.body");
    let row = query.row(sql).await?;
    row.map_or(Ok((0, 0)), |r| Ok((r.count("open")?, r.count("taken")?)))
}
