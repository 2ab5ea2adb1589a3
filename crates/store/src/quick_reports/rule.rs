//! The hours, the grace and the steps of chasing a campaign sets.

use domain::{
    actor::Scope,
    id::{Id, kind},
    legal::Legal,
    order::CampaignState,
    quick_reports::{BadRule, Governed, Rule},
    right::Right,
};
use jiff::Timestamp;

use super::course::{Course, course, terms};
use crate::{Query, Sql, StoreError, Topic, Tx, args, jobs};
use domain::id::Ids;

/// A campaign whose hours change more often than this is not being led.
const CHANGES_MAX: usize = 60;

/// What a campaign sets now, for the form that changes it.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The campaign with its rounds.
    pub course: Course,
    /// The rule that governs the next round to open.
    pub rule: Rule,
    /// Whether nothing was set: the pack's default holds.
    pub default: bool,
    /// Whether the reader may change it.
    pub may: bool,
}

/// What a campaign sets now.
pub async fn setting(
    sql: &mut Sql,
    scope: &Scope,
    legal: &Legal,
    campaign: Id<kind::Campaign>,
    now: Timestamp,
) -> Result<Setting, StoreError> {
    let course = course(sql, scope, legal, campaign, now).await?;
    let off = |rule: &Rule| Rule { on: course.ordered, ..rule.clone() };
    let rule = match course.governed.last() {
        Some((_, rule)) => rule.clone(),
        None => off(&terms(legal, course.window, now).ok_or(StoreError::NotFound("rule of reports"))?.rule),
    };
    let mut query = Query::new("select c.id from campaign c where c.id =");
    query.bind(campaign).push("and").visible(scope, Right::Issue, "c.body");
    let may = query.row(sql).await?.is_some();
    Ok(Setting { default: !course.kept, rule, may, course })
}

/// Sets what a campaign asks for, from the next round that opens on. Needs [`Right::Issue`] over the issuing body.
/// `Refused`: `quick-hours`, `quick-crowded`, `quick-steps`, `quick-changes`, `campaign-over`.
pub async fn set_rule(
    tx: &mut Tx,
    scope: &Scope,
    legal: &Legal,
    ids: &dyn Ids,
    campaign: Id<kind::Campaign>,
    rule: Rule,
) -> Result<(), StoreError> {
    let now = tx.now();
    let setting = setting(tx, scope, legal, campaign, now).await?;
    if !setting.may {
        return Err(StoreError::NotFound("campaign"));
    }
    let course = setting.course;
    let rule = rule.checked().map_err(|bad| {
        StoreError::Refused(match bad {
            BadRule::Hours => "quick-hours",
            BadRule::Crowded => "quick-crowded",
            BadRule::Steps => "quick-steps",
        })
    })?;
    match course.state {
        CampaignState::Draft => {
            tx.exec("delete from quick_rule where campaign = $1", args![campaign]).await?;
        }
        CampaignState::Issued if course.governed.len() >= CHANGES_MAX => {
            return Err(StoreError::Refused("quick-changes"));
        }
        CampaignState::Issued => keep(tx, &course, legal).await?,
        CampaignState::Closed | CampaignState::Cancelled => {
            return Err(StoreError::Refused("assignment-over"));
        }
    }
    let by = tx.actor().person();
    put(tx, campaign, now, &rule, by).await?;
    tx.record("quick-report.rule-set", format!("campaign:{campaign}"), Some(course.issuer), &rule);
    // Rounds that are gone or new change what is owed.
    tx.changed(Topic::Campaign, format!("campaign:{campaign}"), Some(course.issuer));
    jobs::enqueue(tx, Id::new(ids), super::chase::JOB, super::chase::JOB, now, &serde_json::Value::Null)
        .await?;
    Ok(())
}

/// Writes down the default a running campaign has lived by, so that a newer legal pack does not move rounds that have
/// passed. Does nothing if rules are on record.
pub(super) async fn keep(tx: &mut Tx, course: &Course, legal: &Legal) -> Result<(), StoreError> {
    if course.kept {
        return Ok(());
    }
    let Some(terms) = terms(legal, course.window, tx.now()) else { return Ok(()) };
    let rule = Rule { on: course.ordered, ..terms.rule.clone() };
    put(tx, course.campaign, Timestamp::UNIX_EPOCH, &rule, None).await?;
    tx.record("quick-report.rule-kept", format!("campaign:{}", course.campaign), Some(course.issuer), &rule);
    Ok(())
}

async fn put(
    tx: &mut Tx,
    campaign: Id<kind::Campaign>,
    from: Timestamp,
    rule: &Rule,
    by: Option<Id<kind::Person>>,
) -> Result<(), StoreError> {
    let json = serde_json::to_string(rule).map_err(|e| StoreError::Corrupt("quick_rule", e.to_string()))?;
    tx.exec(
        "insert into quick_rule (campaign, from_at, rule, made_by) values ($1,$2,$3,$4)
         on conflict (campaign, from_at) do update set rule = excluded.rule, made_by = excluded.made_by",
        args![campaign, from, json, by],
    )
    .await?;
    Ok(())
}

/// The rules on record, earliest first.
pub(super) async fn kept(sql: &mut Sql, campaign: Id<kind::Campaign>) -> Result<Vec<Governed>, StoreError> {
    let rows = sql
        .rows("select from_at, rule from quick_rule where campaign = $1 order by from_at", args![campaign])
        .await?;
    rows.iter().map(|row| Ok((row.time("from_at")?, row.json("rule")?))).collect()
}
