//! What a body decided about what leaves the country: whether foreign messengers may carry what a message is about.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};
use serde_json::json;

use super::require;
use crate::{Query, Sql, StoreError, Topic, Tx, args};

/// Whether that body allowed it. Off unless it said otherwise.
pub async fn details_abroad(sql: &mut Sql, body: Id<kind::Body>) -> Result<bool, StoreError> {
    let row = sql.row("select details_abroad from body_sending where body = $1", args![body]).await?;
    row.map_or(Ok(false), |row| row.bool("details_abroad"))
}

/// Whether every body that person serves allowed it: a person's telephone shows what comes from any of them.
pub async fn person_open(sql: &mut Sql, person: Id<kind::Person>) -> Result<bool, StoreError> {
    let mut query = Query::new(
        "select count(*) as n, count(case when s.details_abroad = true then 1 end) as open from membership m
         left join body_sending s on s.body = m.body where m.person =",
    );
    query.bind(person);
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("person"))?;
    Ok(row.count("n")? > 0 && row.count("n")? == row.count("open")?)
}

/// Switches it. Needs [`Right::Administer`] over the body.
pub async fn set_details_abroad(
    tx: &mut Tx,
    scope: &Scope,
    body: Id<kind::Body>,
    allowed: bool,
) -> Result<(), StoreError> {
    require(tx, scope, Right::Administer, body).await?;
    tx.exec(
        "insert into body_sending (body, details_abroad) values ($1,$2)
         on conflict (body) do update set details_abroad = excluded.details_abroad",
        args![body, allowed],
    )
    .await?;
    tx.changed(Topic::Register, format!("body:{body}"), Some(body));
    tx.record("body.details-abroad", format!("body:{body}"), Some(body), &json!({ "allowed": allowed }));
    Ok(())
}

/// How a kind of channel did lately, over everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lately {
    /// The kind.
    pub channel: String,
    /// Deliveries sent.
    pub sent: u32,
    /// The last of them.
    pub last_sent: Option<jiff::Timestamp>,
    /// Deliveries that wait or were given up with an error.
    pub failing: u32,
    /// The newest error, for the operator.
    pub why: Option<String>,
}

/// How each kind of channel did since an instant. Needs no body's right but the operator's: [`Right::Administer`]
/// over the top is for the caller to ask.
pub async fn lately(sql: &mut Sql, since: jiff::Timestamp) -> Result<Vec<Lately>, StoreError> {
    let rows = sql
        .rows(
            "select d.channel, count(case when d.sent_at is not null then 1 end) as sent, max(d.sent_at) as last_sent,
               count(case when d.sent_at is null and d.why is not null then 1 end) as failing,
               (select e.why from delivery e where e.channel = d.channel and e.why is not null
                and e.due >= $1 order by e.due desc, e.id desc limit 1) as why
             from delivery d where d.due >= $1 group by d.channel order by d.channel",
            args![since],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Lately {
                channel: row.text("channel")?,
                sent: row.count("sent")?,
                last_sent: row.opt_time("last_sent")?,
                failing: row.count("failing")?,
                why: row.opt_text("why")?,
            })
        })
        .collect()
}
