//! A bulletin is written, issued to communes, taken back.

use domain::{
    actor::Scope,
    body::BodyKind,
    id::{Id, Ids, kind},
    notice::{NoticeRules, NoticeState, Schedule, seconds, tidy_text, tidy_title},
    right::Right,
    text::fold,
};
use serde_json::json;

use super::{Bulletin, held, step::JOB, subject};
use crate::{Query, StoreError, Topic, Tx, args, campaigns, jobs, notices::document, register::require};

/// Who has loudspeakers.
pub(super) const WITH_SPEAKERS: [BodyKind; 2] = [BodyKind::Commune, BodyKind::Ward];

/// What a bulletin says, when, and below which bodies it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Words {
    /// Title.
    pub title: String,
    /// What is read out.
    pub text: String,
    /// `vi` or `en`.
    pub lang: String,
    /// When.
    pub schedule: Schedule,
    /// Below which bodies.
    pub tops: Vec<Id<kind::Body>>,
    /// The campaign it belongs to.
    pub campaign: Option<Id<kind::Campaign>>,
}

/// A bulletin to be begun.
#[derive(Debug, Clone, PartialEq)]
pub struct NewBulletin {
    /// Its id.
    pub id: Id<kind::Bulletin>,
    /// Who issues it.
    pub body: Id<kind::Body>,
    /// The topic it begins from.
    pub template: Option<String>,
    /// Its words.
    pub words: Words,
}

/// Begins a bulletin. Refuses `notice-title`, `notice-text`.
pub async fn create(
    tx: &mut Tx,
    scope: &Scope,
    rules: &NoticeRules,
    new: &NewBulletin,
) -> Result<(), StoreError> {
    require(tx, scope, Right::Prepare, new.body).await?;
    let words = checked(tx, scope, &new.words).await?;
    let (per_minute, long) = reckoned(rules, &words);
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into bulletin (id, body, campaign, template, lang, title, text, folded, per_minute, seconds, first_day,
           last_day, times, tops, state, created_at, created_by)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,'draft',$15,$16)",
        args![
            new.id, new.body, words.campaign, new.template.as_deref(), &words.lang, &words.title, &words.text,
            fold(&words.title), per_minute, long, words.schedule.from, words.schedule.to,
            document(&words.schedule.times)?, document(&words.tops)?, now, by
        ],
    )
    .await?;
    touched(tx, "bulletin.drafted", new.id, new.body, &words.title);
    Ok(())
}

/// Changes a draft that still has that `version`. Refuses as [`create`], and `notice-not-draft`, `notice-changed`.
pub async fn update(
    tx: &mut Tx,
    scope: &Scope,
    rules: &NoticeRules,
    id: Id<kind::Bulletin>,
    version: i64,
    words: &Words,
) -> Result<(), StoreError> {
    let bulletin = draft(tx, scope, Right::Prepare, id).await?;
    let words = checked(tx, scope, words).await?;
    let (per_minute, long) = reckoned(rules, &words);
    let changed = tx
        .exec(
            "update bulletin set campaign = $1, lang = $2, title = $3, text = $4, folded = $5, per_minute = $6,
               seconds = $7, first_day = $8, last_day = $9, times = $10, tops = $11, version = version + 1
             where id = $12 and version = $13",
            args![
                words.campaign, &words.lang, &words.title, &words.text, fold(&words.title), per_minute, long,
                words.schedule.from, words.schedule.to, document(&words.schedule.times)?, document(&words.tops)?,
                id, version
            ],
        )
        .await?;
    if changed == 0 {
        return Err(StoreError::Refused("notice-changed"));
    }
    touched(tx, "bulletin.edited", id, bulletin.body, &words.title);
    Ok(())
}

/// Throws a draft away.
pub async fn discard(tx: &mut Tx, scope: &Scope, id: Id<kind::Bulletin>) -> Result<(), StoreError> {
    let bulletin = draft(tx, scope, Right::Prepare, id).await?;
    tx.exec("delete from bulletin where id = $1", args![id]).await?;
    touched(tx, "bulletin.discarded", id, bulletin.body, &bulletin.title);
    Ok(())
}

/// Sends it to every commune and ward below its tops. Refuses `notice-not-draft`, `bulletin-nobody`, `bulletin-past`.
pub async fn issue(
    tx: &mut Tx,
    scope: &Scope,
    ids: &dyn Ids,
    id: Id<kind::Bulletin>,
    public_url: &str,
) -> Result<(), StoreError> {
    let bulletin = draft(tx, scope, Right::Issue, id).await?;
    for top in &bulletin.tops {
        require(tx, scope, Right::Issue, *top).await?;
    }
    let now = tx.now();
    if bulletin.schedule.slots().last().is_none_or(|last| *last <= now) {
        return Err(StoreError::Refused("bulletin-past"));
    }
    let mut query = Query::new("insert into bulletin_body (bulletin, body) select distinct");
    query.bind(id.to_string()).push(", b.id from body_closure k join body b on b.id = k.below");
    query.push("where b.closed_at is null and b.kind in").list(WITH_SPEAKERS.iter().map(|k| k.name()));
    query.push("and k.above in").list(bulletin.tops.iter().copied());
    if query.exec(tx).await? == 0 {
        return Err(StoreError::Refused("bulletin-nobody"));
    }
    let by = tx.actor().person();
    tx.exec(
        "update bulletin set state = 'issued', issued_at = $1, issued_by = $2, version = version + 1 where id = $3",
        args![now, by, id],
    )
    .await?;
    touched(tx, "bulletin.issued", id, bulletin.body, &(&bulletin.title, &bulletin.text, &bulletin.schedule));
    let payload = json!({ "bulletin": id, "public_url": public_url });
    jobs::enqueue(tx, Id::new(ids), JOB, &format!("{JOB}:{id}"), now, &payload).await?;
    Ok(())
}

/// Takes it back: nobody is asked for receipts any more, and it no longer counts. Refuses `notice-not-open`.
pub async fn cancel(tx: &mut Tx, scope: &Scope, id: Id<kind::Bulletin>) -> Result<(), StoreError> {
    let bulletin = held(tx, scope, Right::Issue, id).await?;
    if bulletin.state != NoticeState::Issued {
        return Err(StoreError::Refused("notice-not-open"));
    }
    let now = tx.now();
    tx.exec("update bulletin set state = 'cancelled', closed_at = $1 where id = $2", args![now, id]).await?;
    tx.exec(
        "update fact set superseded_by = 'cancelled' where superseded_by is null
           and (id in (select fact from bulletin_body where bulletin = $1) or id in (select fact from bulletin where id = $1))",
        args![id],
    )
    .await?;
    touched(tx, "bulletin.cancelled", id, bulletin.body, &bulletin.title);
    for row in tx.rows("select body from bulletin_body where bulletin = $1", args![id]).await? {
        tx.changed(Topic::Notice, subject(id), Some(row.id("body")?));
    }
    Ok(())
}

async fn draft(
    tx: &mut Tx,
    scope: &Scope,
    right: Right,
    id: Id<kind::Bulletin>,
) -> Result<Bulletin, StoreError> {
    let bulletin = held(tx, scope, right, id).await?;
    if bulletin.state == NoticeState::Draft {
        Ok(bulletin)
    } else {
        Err(StoreError::Refused("notice-not-draft"))
    }
}

async fn checked(tx: &mut Tx, scope: &Scope, words: &Words) -> Result<Words, StoreError> {
    let title = tidy_title(&words.title).ok_or(StoreError::Refused("notice-title"))?;
    let text = tidy_text(&words.text).ok_or(StoreError::Refused("notice-text"))?;
    if let Some(campaign) = words.campaign {
        campaigns::get(tx, scope, campaign).await?;
    }
    for top in &words.tops {
        require(tx, scope, Right::Prepare, *top).await?;
    }
    let lang = if words.lang == "en" { "en" } else { "vi" };
    Ok(Words { title, text, lang: lang.into(), ..words.clone() })
}

/// The speed, and how long reading takes at it.
fn reckoned(rules: &NoticeRules, words: &Words) -> (u32, u32) {
    let speed = if words.lang == "en" { rules.spoken_per_minute_en } else { rules.spoken_per_minute_vi };
    (speed, seconds(&words.text, speed))
}

pub(super) fn touched(
    tx: &mut Tx,
    action: &'static str,
    id: Id<kind::Bulletin>,
    body: Id<kind::Body>,
    detail: &impl serde::Serialize,
) -> u64 {
    let seq = tx.record(action, subject(id), Some(body), detail);
    tx.changed(Topic::Notice, subject(id), Some(body));
    seq
}
