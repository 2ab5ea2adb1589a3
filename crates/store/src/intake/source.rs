//! The ways in themselves: when each was looked at, how far, and what is wrong with it.

use domain::{
    actor::Scope,
    id::{Id, kind},
    intake::Inlet,
    right::Right,
};
use jiff::Timestamp;

use crate::{Query, Row, Sql, StoreError, Topic, Tx, args};

/// How a way in fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Which.
    pub inlet: Inlet,
    /// For whom it takes papers in.
    pub body: Id<kind::Body>,
    /// When it was last looked at with success.
    pub checked_at: Option<Timestamp>,
    /// What is wrong with it: a stable code.
    pub trouble: Option<String>,
    /// Since when.
    pub trouble_since: Option<Timestamp>,
    /// UIDVALIDITY of the mailbox and the last message taken.
    pub mark: Option<(u32, u32)>,
}

const SELECT: &str =
    "select s.source, s.body, s.checked_at, s.trouble, s.trouble_since, s.validity, s.last_uid
    from inbox_source s where";

fn read(row: &Row) -> Result<Source, StoreError> {
    let mark = |n: Option<i64>| n.and_then(|n| u32::try_from(n).ok());
    Ok(Source {
        inlet: row.word("source", Inlet::parse)?,
        body: row.id("body")?,
        checked_at: row.opt_time("checked_at")?,
        trouble: row.opt_text("trouble")?,
        trouble_since: row.opt_time("trouble_since")?,
        mark: mark(row.opt_int("validity")?).zip(mark(row.opt_int("last_uid")?)),
    })
}

/// The ways in whose body's letters the scope may read.
pub async fn sources(sql: &mut Sql, scope: &Scope) -> Result<Vec<Source>, StoreError> {
    let mut query = Query::new(SELECT);
    query.visible(scope, Right::Read, "s.body").push("order by s.source");
    query.rows(sql).await?.iter().map(read).collect()
}

/// One way in.
pub async fn source(sql: &mut Sql, scope: &Scope, inlet: Inlet) -> Result<Option<Source>, StoreError> {
    let mut query = Query::new(SELECT);
    query.push("s.source =").bind(inlet.name()).push("and").visible(scope, Right::Read, "s.body");
    query.row(sql).await?.as_ref().map(read).transpose()
}

/// It was looked at and works. Quiet: a look every minute is no entry of the audit log.
pub async fn checked(tx: &mut Tx, inlet: Inlet, body: Id<kind::Body>) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "insert into inbox_source (source, body, checked_at) values ($1,$2,$3)
         on conflict (source) do update set body = $2, checked_at = $3, trouble = null, trouble_since = null",
        args![inlet.name(), body, now],
    )
    .await?;
    tx.unchanged();
    Ok(())
}

/// It does not work, for a reason with a stable code. The first time of a row is told and recorded.
pub async fn wrong(
    tx: &mut Tx,
    inlet: Inlet,
    body: Id<kind::Body>,
    trouble: &'static str,
) -> Result<(), StoreError> {
    let (now, name) = (tx.now(), inlet.name());
    tx.exec(
        "insert into inbox_source (source, body) values ($1,$2) on conflict (source) do update set body = $2",
        args![name, body],
    )
    .await?;
    let fresh = tx
        .exec(
            "update inbox_source set trouble = $1, trouble_since = $2
             where source = $3 and (trouble is null or trouble <> $1)",
            args![trouble, now, name],
        )
        .await?;
    if fresh == 0 {
        tx.unchanged();
        return Ok(());
    }
    tx.record("inbox.failed", format!("inbox:{name}"), Some(body), &trouble);
    tx.changed(Topic::Letter, format!("inbox:{name}"), Some(body));
    Ok(())
}
