//! Letters: each recipient's own, made once, spread over time so that the mail server is not flooded.

use std::collections::BTreeMap;

use domain::{
    id::{Id, kind},
    intent::{Intent, To, Urgency},
};
use jiff::{SignedDuration, Timestamp};

use super::{CHANNEL, Notice, Tools, personal, written};
use crate::{Row, StoreError, Tx, args, intents};

/// Letters made per transaction.
const CHUNK: u32 = 250;
/// Letters of a round of reminders made per transaction.
const REMIND_CHUNK: u32 = 250;
/// What the keys of notices' intents begin with: `notice/NOTICE/RECIPIENT/ROUND`.
const KEY: &str = "notice/";

/// Makes the next letters; `true` once every recipient with an address has theirs.
pub(super) async fn chunk(tx: &mut Tx, tools: &Tools<'_>, notice: &Notice) -> Result<bool, StoreError> {
    let rows = tx
        .rows(
            "select id, person, name, email from notice_recipient
             where notice = $1 and queued_at is null and email is not null order by id limit $2",
            args![notice.id, CHUNK],
        )
        .await?;
    let from = notice.gathered_at.unwrap_or(tx.now());
    for (n, row) in (0_u32..).zip(&rows) {
        let at = spread(from, notice.queued.saturating_add(n), tools.rules.mails_per_minute);
        letter(tx, tools, notice, row, ("notice", 0), at).await?;
    }
    let now = tx.now();
    let ids: Vec<Id<kind::Recipient>> = rows.iter().map(|r| r.id("id")).collect::<Result<_, _>>()?;
    let mut query = crate::Query::new("update notice_recipient set queued_at =");
    query.bind(now).push("where id in").list(ids);
    query.exec(tx).await?;
    let made = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    tx.exec("update notice set queued = queued + $1 where id = $2", args![made, notice.id]).await?;
    let end = made < CHUNK;
    if end {
        tx.exec("update notice set sent_at = $1 where id = $2", args![now, notice.id]).await?;
    }
    Ok(end)
}

/// Reminds the next of those who have not done all that is asked; `true` once this round has reached everybody.
pub(super) async fn remind(
    tx: &mut Tx,
    tools: &Tools<'_>,
    notice: &Notice,
    round: usize,
) -> Result<bool, StoreError> {
    let round = i64::try_from(round).unwrap_or(i64::MAX);
    let rows = tx
        .rows(
            "select id, person, name, email from notice_recipient
             where notice = $1 and reminded < $2 and email is not null and queued_at is not null and excused_at is null
               and (committed_at is null or ($3 = 1 and passed_at is null and attempts < $4))
             order by id limit $5",
            args![
                notice.id,
                round,
                i32::from(notice.quiz.is_asked()),
                u32::from(notice.quiz.attempts),
                REMIND_CHUNK
            ],
        )
        .await?;
    let now = tx.now();
    for (n, row) in (0_u32..).zip(&rows) {
        letter(
            tx,
            tools,
            notice,
            row,
            ("notice-reminder", round),
            spread(now, n, tools.rules.mails_per_minute),
        )
        .await?;
        let id: Id<kind::Recipient> = row.id("id")?;
        tx.exec("update notice_recipient set reminded = $1 where id = $2", args![round, id]).await?;
    }
    Ok(rows.len() < REMIND_CHUNK as usize)
}

/// The `n`th letter's time at so many a minute.
fn spread(from: Timestamp, n: u32, per_minute: u32) -> Timestamp {
    let millis = i64::from(n) * 60_000 / i64::from(per_minute.max(1));
    from.checked_add(SignedDuration::from_millis(millis)).unwrap_or(from)
}

async fn letter(
    tx: &mut Tx,
    tools: &Tools<'_>,
    notice: &Notice,
    row: &Row,
    (template, round): (&str, i64),
    at: Timestamp,
) -> Result<(), StoreError> {
    let id: Id<kind::Recipient> = row.id("id")?;
    let closes = notice.closes_at.unwrap_or(Timestamp::MAX);
    let to = match (row.opt_id("person")?, row.opt_text("email")?) {
        (Some(person), _) => To::Person(person),
        (None, Some(email)) => To::Email(email),
        (None, None) => return Ok(()),
    };
    let mut vars = vec![
        ("person", row.text("name")?),
        ("issuer", notice.body_name.clone()),
        ("title", notice.title.clone()),
        ("closes", written(closes)),
        ("link", personal::url(tools.key, tools.base, id)),
    ];
    if notice.quiz.is_asked() {
        vars.push(("questions", notice.quiz.questions.len().to_string()));
    }
    let intent = Intent {
        id: Id::new(tools.ids),
        key: format!("{KEY}{}/{id}/{round}", notice.id),
        to,
        template: template.to_owned(),
        vars: vars.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<BTreeMap<_, _>>(),
        urgency: Urgency::Low,
        not_before: at,
        expires: closes,
    };
    intents::make(tx, &intent, &[(Id::new(tools.ids), CHANNEL)]).await?;
    Ok(())
}

/// Letters of a notice that is over are not sent any more.
pub(super) async fn stop(tx: &mut Tx, notice: Id<kind::Notice>) -> Result<(), StoreError> {
    let prefix = format!("{KEY}{notice}/");
    let (now, long) = (tx.now(), i64::try_from(prefix.len()).unwrap_or(i64::MAX));
    tx.exec(
        "update intent set expires = $1 where expires > $1 and substr(key, 1, cast($2 as integer)) = $3",
        args![now, long, prefix],
    )
    .await?;
    Ok(())
}

/// The mail server took a letter; the outbox says so of every intent in the transaction that settles it.
pub async fn delivered(tx: &mut Tx, intent_key: &str) -> Result<(), StoreError> {
    let Some(id) = recipient(intent_key) else { return Ok(()) };
    let now = tx.now();
    let row = tx
        .row(
            "update notice_recipient set delivered_at = $1 where id = $2 and delivered_at is null
             returning notice, body, failed_at",
            args![now, id],
        )
        .await?;
    let Some(row) = row else { return Ok(()) };
    let failed = i32::from(row.opt_time("failed_at")?.is_some());
    tx.exec("update notice_recipient set failed_at = null where id = $1", args![id]).await?;
    tx.exec(
        "update notice_sum set delivered = delivered + 1, failed = failed - $1 where notice = $2 and body = $3",
        args![failed, row.text("notice")?, row.text("body")?],
    )
    .await?;
    Ok(())
}

/// A letter was given up.
pub async fn undeliverable(tx: &mut Tx, intent_key: &str) -> Result<(), StoreError> {
    let Some(id) = recipient(intent_key) else { return Ok(()) };
    let now = tx.now();
    let row = tx
        .row(
            "update notice_recipient set failed_at = $1 where id = $2 and delivered_at is null and failed_at is null
             returning notice, body",
            args![now, id],
        )
        .await?;
    let Some(row) = row else { return Ok(()) };
    tx.exec(
        "update notice_sum set failed = failed + 1 where notice = $1 and body = $2",
        args![row.text("notice")?, row.text("body")?],
    )
    .await?;
    Ok(())
}

fn recipient(intent_key: &str) -> Option<Id<kind::Recipient>> {
    intent_key.strip_prefix(KEY)?.split('/').nth(1)?.parse().ok()
}
