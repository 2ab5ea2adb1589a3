//! From figures to facts: one for each notice and body, superseded as it goes on.

use domain::{
    fact::{Fact, Source, kinds},
    id::{Id, Ids, kind},
    notice::{NoticeState, Rates, worth_telling},
};
use jiff::Timestamp;
use serde_json::json;

use super::{Notice, document, draft::touched, mail, subject};
use crate::{Row, Sql, StoreError, Topic, Tx, args, facts};

/// The figures of one body, as its row holds them.
pub(super) fn rates(row: &Row, asked: bool) -> Result<Rates, StoreError> {
    let (recipients, excused) = (row.count("recipients")?, row.count("excused")?);
    Ok(Rates {
        recipients,
        excused,
        delivered: row.count("delivered")?,
        opened: row.count("opened")?,
        committed: row.count("committed")?,
        asked: if asked { recipients.saturating_sub(excused) } else { 0 },
        passed: row.count("passed")?,
    })
}

/// Learns the figures of one body if they are worth it; `last` says that no more will come. `seq` is the audit entry
/// that changed them.
pub(super) async fn tell(
    tx: &mut Tx,
    ids: &dyn Ids,
    notice: Id<kind::Notice>,
    body: Id<kind::Body>,
    seq: u64,
    last: bool,
) -> Result<bool, StoreError> {
    let row = tx
        .row(
            "select s.*, n.campaign, n.opens_at, n.quiz from notice_sum s join notice n on n.id = s.notice
             where s.notice = $1 and s.body = $2",
            args![notice, body],
        )
        .await?
        .ok_or(StoreError::NotFound("notice"))?;
    let quiz: domain::notice::Quiz = row.json("quiz")?;
    let figures = rates(&row, quiz.is_asked())?;
    let told: Option<Rates> = row
        .opt_text("told")?
        .map(|t| serde_json::from_str(&t).map_err(|e| StoreError::Corrupt("told", e.to_string())))
        .transpose()?;
    if !worth_telling(told.as_ref(), &figures, last) {
        return Ok(false);
    }
    let now = tx.now();
    let campaign: Option<Id<kind::Campaign>> = row.opt_id("campaign")?;
    let mut value = json!({
        "notice": notice, "handled": figures.done(), "all": figures.expected(), "last": last,
        "recipients": figures.recipients, "excused": figures.excused, "delivered": figures.delivered, "opened": figures.opened,
        "committed": figures.committed, "asked": figures.asked, "passed": figures.passed,
    });
    if let (Some(campaign), Some(fields)) = (campaign, value.as_object_mut()) {
        fields.insert("campaign".into(), json!(campaign));
    }
    let fact = Fact {
        id: Id::new(ids),
        key: format!("{}/{notice}/{body}/{seq}", kinds::NOTICE_TALLY),
        kind: kinds::NOTICE_TALLY.into(),
        body,
        subject: format!("body:{body}"),
        from: row.opt_time("opens_at")?.unwrap_or(now).min(now),
        to: now,
        learnt: now,
        source: Source::Audit(seq),
        value,
    };
    replace(tx, row.opt_id("fact")?, &fact).await?;
    tx.exec(
        "update notice_sum set told = $1, fact = $2 where notice = $3 and body = $4",
        args![document(&figures)?, fact.id, notice, body],
    )
    .await?;
    tx.changed(Topic::Notice, subject(notice), Some(body));
    Ok(true)
}

/// Learns a fact in place of the one before, if there was one.
pub(super) async fn replace(tx: &mut Tx, old: Option<Id<kind::Fact>>, fact: &Fact) -> Result<(), StoreError> {
    match old {
        Some(old) => facts::supersede(tx, old, fact).await,
        None => facts::learn(tx, fact).await.map(|_| ()),
    }
}

/// The bodies whose figures are not those of their fact, at most `limit`.
pub(super) async fn stale(
    sql: &mut Sql,
    notice: Id<kind::Notice>,
    asked: bool,
    limit: usize,
) -> Result<Vec<Id<kind::Body>>, StoreError> {
    let mut found = Vec::new();
    for row in sql.rows("select * from notice_sum where notice = $1 order by body", args![notice]).await? {
        let now = document(&rates(&row, asked)?)?;
        if row.opt_text("told")?.as_ref() != Some(&now) {
            found.push(row.id("body")?);
        }
        if found.len() >= limit {
            break;
        }
    }
    Ok(found)
}

/// Ends a notice: its last figures become facts; of one taken back they no longer count.
pub(super) async fn finish(
    tx: &mut Tx,
    ids: &dyn Ids,
    notice: &Notice,
    state: NoticeState,
) -> Result<(), StoreError> {
    let now: Timestamp = tx.now();
    tx.exec(
        "update notice set state = $1, closed_at = $2 where id = $3",
        args![state.name(), now, notice.id],
    )
    .await?;
    mail::stop(tx, notice.id).await?;
    let action = if state == NoticeState::Cancelled { "notice.cancelled" } else { "notice.closed" };
    let seq = touched(tx, action, notice.id, notice.body, &notice.title);
    let bodies = tx.rows("select body, fact from notice_sum where notice = $1", args![notice.id]).await?;
    for row in bodies {
        let body: Id<kind::Body> = row.id("body")?;
        if state == NoticeState::Cancelled {
            if let Some(fact) = row.opt_id::<kind::Fact>("fact")? {
                tx.exec(
                    "update fact set superseded_by = 'cancelled' where id = $1 and superseded_by is null",
                    args![fact],
                )
                .await?;
                tx.changed(Topic::Notice, subject(notice.id), Some(body));
            }
        } else {
            tell(tx, ids, notice.id, body, seq, true).await?;
        }
    }
    Ok(())
}
