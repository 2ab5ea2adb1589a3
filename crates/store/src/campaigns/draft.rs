//! Drafts: prepared by people with `Prepare` over the issuing body, seen by nobody else.

use domain::{
    actor::Scope,
    duty::Code,
    id::{Id, kind},
    order::{CampaignState, Contact},
    right::Right,
    system::SystemScope,
    text::fold,
    time::Window,
};
use jiff::Timestamp;

use super::{Campaign, NewLine, PARTS_MAX, duties, get, lines::insert_line};
use crate::{StoreError, Topic, Tx, args, register::require};

/// What stands at the head of a campaign.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Head {
    /// Its name.
    pub name: String,
    /// The occasion's key.
    pub occasion: Option<String>,
    /// Its window.
    pub window: Option<Window>,
    /// On what the window rests.
    pub window_by: Option<String>,
    /// Which systems.
    pub scope: SystemScope,
    /// Whom to ask.
    pub contacts: Vec<Contact>,
    /// What the issuer adds.
    pub note: Option<String>,
}

/// A draft to be made, with a letter or without.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCampaign {
    /// Its id.
    pub id: Id<kind::Campaign>,
    /// Who issues it.
    pub body: Id<kind::Body>,
    /// The letter it carries out; must be confirmed.
    pub letter: Option<Id<kind::Letter>>,
    /// Its head.
    pub head: Head,
    /// Its duties, in order.
    pub duties: Vec<NewDuty>,
    /// Its lines, in order, with the bodies proposed.
    pub lines: Vec<NewLine>,
}

/// A duty to be added.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDuty {
    /// Its id.
    pub id: Id<kind::Duty>,
    /// Code of the catalogue.
    pub code: String,
    /// The item's numbering.
    pub path: String,
    /// The words that order it.
    pub quote: String,
    /// For whom; `None` = all addressees.
    pub actor: Option<String>,
    /// When it is due; `None` = by the catalogue's rule.
    pub due_at: Option<Timestamp>,
    /// What evidence is asked for.
    pub evidence: String,
    /// Proposed by Canh.
    pub standing: bool,
}

/// Makes a draft. Refuses `letter-unconfirmed`, `campaign-name`, `campaign-window`, `duty-code`, `campaign-parts`.
pub async fn create(tx: &mut Tx, scope: &Scope, new: &NewCampaign) -> Result<(), StoreError> {
    require(tx, scope, Right::Prepare, new.body).await?;
    if let Some(letter) = new.letter {
        let letter = crate::letters::get(tx, scope, letter).await?;
        if letter.confirmed_at.is_none() {
            return Err(StoreError::Refused("letter-unconfirmed"));
        }
    }
    write(tx, new, None).await
}

pub(super) async fn write(
    tx: &mut Tx,
    new: &NewCampaign,
    parent: Option<Id<kind::Assignment>>,
) -> Result<(), StoreError> {
    check(&new.head)?;
    if new.duties.len() > PARTS_MAX || new.lines.len() > PARTS_MAX {
        return Err(StoreError::Refused("campaign-parts"));
    }
    let now = tx.now();
    let (systems, contacts) = documents(&new.head)?;
    tx.exec(
        "insert into campaign (id, body, letter, parent_assignment, name, folded, occasion, window_from, window_to,
           window_by, state, scope, contact, note, created_at)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,'draft',$11,$12,$13,$14)",
        args![
            new.id,
            new.body,
            new.letter,
            parent,
            &new.head.name,
            fold(&new.head.name),
            new.head.occasion.as_deref(),
            new.head.window.map(|w| w.from),
            new.head.window.map(|w| w.to),
            new.head.window_by.as_deref(),
            systems,
            contacts,
            new.head.note.as_deref(),
            now
        ],
    )
    .await?;
    for (place, duty) in new.duties.iter().enumerate() {
        insert_duty(tx, new.id, place as i64, duty).await?;
    }
    for (place, line) in new.lines.iter().enumerate() {
        insert_line(tx, new.id, place as i64, line).await?;
    }
    touched(tx, "campaign.drafted", new.id, new.body, &new.head.name);
    Ok(())
}

/// Changes the head of a draft.
pub async fn set_head(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Campaign>,
    head: &Head,
) -> Result<(), StoreError> {
    let campaign = draft(tx, scope, id).await?;
    check(head)?;
    let (systems, contacts) = documents(head)?;
    tx.exec(
        "update campaign set name = $1, folded = $2, occasion = $3, window_from = $4, window_to = $5, window_by = $6,
           scope = $7, contact = $8, note = $9 where id = $10",
        args![
            &head.name,
            fold(&head.name),
            head.occasion.as_deref(),
            head.window.map(|w| w.from),
            head.window.map(|w| w.to),
            head.window_by.as_deref(),
            systems,
            contacts,
            head.note.as_deref(),
            id
        ],
    )
    .await?;
    touched(tx, "campaign.head-changed", id, campaign.body, &head.name);
    Ok(())
}

/// Adds a duty to a draft, at its end.
pub async fn add_duty(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Campaign>,
    duty: &NewDuty,
) -> Result<(), StoreError> {
    let campaign = draft(tx, scope, id).await?;
    let there = duties(tx, id).await?;
    if there.len() >= PARTS_MAX {
        return Err(StoreError::Refused("campaign-parts"));
    }
    insert_duty(tx, id, there.last().map_or(0, |d| d.place + 1), duty).await?;
    touched(tx, "campaign.duty-added", id, campaign.body, &duty.code);
    Ok(())
}

/// Changes code, words, actor, due time and evidence of a draft's duty.
pub async fn set_duty(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Campaign>,
    duty: &NewDuty,
) -> Result<(), StoreError> {
    let campaign = draft(tx, scope, id).await?;
    Code::new(&duty.code).map_err(|_| StoreError::Refused("duty-code"))?;
    let found = tx
        .exec(
            "update campaign_duty set code = $1, quote = $2, actor = $3, due_at = $4, evidence = $5
             where id = $6 and campaign = $7",
            args![&duty.code, &duty.quote, duty.actor.as_deref(), duty.due_at, &duty.evidence, duty.id, id],
        )
        .await?;
    if found == 0 {
        return Err(StoreError::NotFound("duty"));
    }
    touched(tx, "campaign.duty-changed", id, campaign.body, &duty.code);
    Ok(())
}

/// Takes a duty out of a draft.
pub async fn remove_duty(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Campaign>,
    duty: Id<kind::Duty>,
) -> Result<(), StoreError> {
    let campaign = draft(tx, scope, id).await?;
    if tx.exec("delete from campaign_duty where id = $1 and campaign = $2", args![duty, id]).await? == 0 {
        return Err(StoreError::NotFound("duty"));
    }
    touched(tx, "campaign.duty-removed", id, campaign.body, &duty.to_string());
    Ok(())
}

/// Throws a draft away. It was never issued: nothing but the log keeps it.
pub async fn discard(tx: &mut Tx, scope: &Scope, id: Id<kind::Campaign>) -> Result<(), StoreError> {
    let campaign = draft(tx, scope, id).await?;
    for sql in [
        "delete from campaign_line_body where campaign = $1",
        "delete from campaign_line where campaign = $1",
        "delete from campaign_duty where campaign = $1",
        "delete from campaign where id = $1",
    ] {
        tx.exec(sql, args![id]).await?;
    }
    touched(tx, "campaign.discarded", id, campaign.body, &campaign.name);
    Ok(())
}

/// The campaign, if it is a draft the scope may prepare. Refuses `campaign-not-draft`.
pub(super) async fn draft(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Campaign>,
) -> Result<Campaign, StoreError> {
    let campaign = get(tx, scope, id).await?;
    require(tx, scope, Right::Prepare, campaign.body).await?;
    match campaign.state {
        CampaignState::Draft => Ok(campaign),
        _ => Err(StoreError::Refused("campaign-not-draft")),
    }
}

pub(super) async fn insert_duty(
    tx: &mut Tx,
    campaign: Id<kind::Campaign>,
    place: i64,
    duty: &NewDuty,
) -> Result<(), StoreError> {
    Code::new(&duty.code).map_err(|_| StoreError::Refused("duty-code"))?;
    tx.exec(
        "insert into campaign_duty (id, campaign, place, code, path, quote, actor, due_at, evidence, standing)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
        args![
            duty.id,
            campaign,
            place,
            &duty.code,
            &duty.path,
            &duty.quote,
            duty.actor.as_deref(),
            duty.due_at,
            &duty.evidence,
            duty.standing
        ],
    )
    .await?;
    Ok(())
}

fn check(head: &Head) -> Result<(), StoreError> {
    // The subject of the longest letters known to us has about 300 characters.
    if head.name.trim().is_empty() || head.name.chars().count() > 500 {
        return Err(StoreError::Refused("campaign-name"));
    }
    if head.window.is_some_and(|w| w.to <= w.from) {
        return Err(StoreError::Refused("campaign-window"));
    }
    Ok(())
}

fn documents(head: &Head) -> Result<(serde_json::Value, serde_json::Value), StoreError> {
    let json = |e: serde_json::Error| StoreError::Corrupt("campaign", e.to_string());
    Ok((serde_json::to_value(head.scope).map_err(json)?, serde_json::to_value(&head.contacts).map_err(json)?))
}

pub(super) fn touched(
    tx: &mut Tx,
    action: &'static str,
    id: Id<kind::Campaign>,
    body: Id<kind::Body>,
    detail: &str,
) -> u64 {
    tx.changed(Topic::Campaign, format!("campaign:{id}"), Some(body));
    tx.record(action, format!("campaign:{id}"), Some(body), &detail)
}
