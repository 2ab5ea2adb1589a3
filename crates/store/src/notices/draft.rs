//! Drafts of notices: prepared by people with `Prepare` over the issuing body, seen by nobody else.

use domain::{
    actor::Scope,
    id::{Id, kind},
    notice::{Audience, NoticeRules, NoticeState, Quiz, tidy_text, tidy_title},
    right::Right,
    text::fold,
};

use super::{Notice, document, held, subject};
use crate::{StoreError, Topic, Tx, args, campaigns, register::require};

/// What a notice says and to whom it goes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Words {
    /// Title.
    pub title: String,
    /// Text.
    pub text: String,
    /// `vi` or `en`.
    pub lang: String,
    /// Quiz; without questions for none.
    pub quiz: Quiz,
    /// To whom.
    pub audience: Audience,
    /// The campaign it belongs to.
    pub campaign: Option<Id<kind::Campaign>>,
}

/// A notice to be begun.
#[derive(Debug, Clone, PartialEq)]
pub struct NewNotice {
    /// Its id.
    pub id: Id<kind::Notice>,
    /// Who issues it.
    pub body: Id<kind::Body>,
    /// The topic it begins from.
    pub template: Option<String>,
    /// Its words.
    pub words: Words,
}

/// Begins a notice. Refuses `notice-title`, `notice-text`, and what a quiz must not be.
pub async fn create(
    tx: &mut Tx,
    scope: &Scope,
    rules: &NoticeRules,
    new: &NewNotice,
) -> Result<(), StoreError> {
    require(tx, scope, Right::Prepare, new.body).await?;
    let words = checked(tx, scope, rules, &new.words).await?;
    let (now, by) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into notice (id, body, campaign, template, lang, title, text, folded, quiz, audience, state, created_at, created_by)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,'draft',$11,$12)",
        args![
            new.id, new.body, words.campaign, new.template.as_deref(), &words.lang, &words.title, &words.text,
            fold(&words.title), document(&words.quiz)?, document(&words.audience)?, now, by
        ],
    )
    .await?;
    touched(tx, "notice.drafted", new.id, new.body, &words.title);
    Ok(())
}

/// Changes a draft that still has that `version`. Refuses as [`create`], and `notice-not-draft`, `notice-changed`.
pub async fn update(
    tx: &mut Tx,
    scope: &Scope,
    rules: &NoticeRules,
    id: Id<kind::Notice>,
    version: i64,
    words: &Words,
) -> Result<(), StoreError> {
    let notice = draft(tx, scope, Right::Prepare, id).await?;
    let words = checked(tx, scope, rules, words).await?;
    let changed = tx
        .exec(
            "update notice set campaign = $1, lang = $2, title = $3, text = $4, folded = $5, quiz = $6, audience = $7,
               version = version + 1 where id = $8 and version = $9",
            args![
                words.campaign, &words.lang, &words.title, &words.text, fold(&words.title), document(&words.quiz)?,
                document(&words.audience)?, id, version
            ],
        )
        .await?;
    if changed == 0 {
        return Err(StoreError::Refused("notice-changed"));
    }
    touched(tx, "notice.edited", id, notice.body, &words.title);
    Ok(())
}

/// Throws a draft away.
pub async fn discard(tx: &mut Tx, scope: &Scope, id: Id<kind::Notice>) -> Result<(), StoreError> {
    let notice = draft(tx, scope, Right::Prepare, id).await?;
    tx.exec("delete from notice where id = $1", args![id]).await?;
    touched(tx, "notice.discarded", id, notice.body, &notice.title);
    Ok(())
}

/// The draft, for whoever holds that right over its body.
pub(super) async fn draft(
    tx: &mut Tx,
    scope: &Scope,
    right: Right,
    id: Id<kind::Notice>,
) -> Result<Notice, StoreError> {
    let notice = held(tx, scope, right, id).await?;
    if notice.state == NoticeState::Draft { Ok(notice) } else { Err(StoreError::Refused("notice-not-draft")) }
}

async fn checked(
    tx: &mut Tx,
    scope: &Scope,
    rules: &NoticeRules,
    words: &Words,
) -> Result<Words, StoreError> {
    let title = tidy_title(&words.title).ok_or(StoreError::Refused("notice-title"))?;
    let text = tidy_text(&words.text).ok_or(StoreError::Refused("notice-text"))?;
    words.quiz.check(rules).map_err(|e| StoreError::Refused(e.code))?;
    if let Some(campaign) = words.campaign {
        campaigns::get(tx, scope, campaign).await?;
    }
    for top in &words.audience.tops {
        require(tx, scope, Right::Prepare, *top).await?;
    }
    for list in &words.audience.lists {
        super::lists::require_list(tx, scope, Right::Prepare, *list).await?;
    }
    let lang = if words.lang == "en" { "en" } else { "vi" };
    Ok(Words { title, text, lang: lang.into(), ..words.clone() })
}

pub(super) fn touched(
    tx: &mut Tx,
    action: &'static str,
    id: Id<kind::Notice>,
    body: Id<kind::Body>,
    detail: &impl serde::Serialize,
) -> u64 {
    let seq = tx.record(action, subject(id), Some(body), detail);
    tx.changed(Topic::Notice, subject(id), Some(body));
    seq
}
