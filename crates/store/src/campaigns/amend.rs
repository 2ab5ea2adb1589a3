//! Amending an issued campaign: what changed is told to everybody, what stood before is kept.

use domain::{
    actor::Scope,
    id::{Id, Ids, kind},
    legal::Pack,
    order::{self, CampaignState, LineRole},
    right::Right,
    time::Window,
};
use jiff::Timestamp;
use serde_json::json;

use super::{
    Campaign, NewDuty, NewLine,
    draft::{insert_duty, touched},
    duties, get,
    issue::{check_actors, enqueue, message_vars, revise, tell},
    lines,
    lines::{allowed, insert_line},
};
use crate::{Query, StoreError, Tx, args, register::require};

/// What is to change. Empty parts change nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Amendment {
    /// What the addressees are told.
    pub note: String,
    /// A new window.
    pub window: Option<Window>,
    /// Duties taken out.
    pub withdraw: Vec<Id<kind::Duty>>,
    /// New due times.
    pub due: Vec<(Id<kind::Duty>, Timestamp)>,
    /// Duties added.
    pub add: Vec<NewDuty>,
    /// Lines added, with their bodies; all count as confirmed.
    pub lines: Vec<NewLine>,
}

/// Amends an issued campaign; new assignments and tasks follow by the job, as when issuing. Refuses `amendment-empty`,
/// `amendment-note`, `campaign-not-issued`, `window-missing`, `actor-without-line`, `line-there`, `body-not-yours`.
pub async fn amend(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Campaign>,
    change: &Amendment,
    pack: &Pack,
    ids: &dyn Ids,
    public_url: &str,
) -> Result<(), StoreError> {
    let campaign = issued(tx, scope, id).await?;
    if change.note.trim().is_empty() {
        return Err(StoreError::Refused("amendment-note"));
    }
    let nothing = Amendment { note: change.note.clone(), ..Amendment::default() };
    if *change == nothing {
        return Err(StoreError::Refused("amendment-empty"));
    }
    if change.window.is_some_and(|w| w.to <= w.from) {
        return Err(StoreError::Refused("campaign-window"));
    }
    let (old_duties, old_lines) = (duties(tx, id).await?, lines(tx, id).await?);
    let before = json!({ "window": campaign.window, "duties": &old_duties, "lines": &old_lines });
    let told = addressed(tx, id).await?;
    let now = tx.now();
    if let Some(window) = change.window {
        tx.exec(
            "update campaign set window_from = $1, window_to = $2, window_by = 'person' where id = $3",
            args![window.from, window.to, id],
        )
        .await?;
        // Verdicts look at the window: all are looked at again.
        tx.exec(
            "update task set next_check = $1 where campaign = $2 and withdrawn_at is null",
            args![now, id],
        )
        .await?;
    }
    for duty in &change.withdraw {
        one(tx, "update campaign_duty set withdrawn_at = $1 where id = $2 and campaign = $3 and withdrawn_at is null", args![now, *duty, id]).await?;
        tx.exec(
            "update task set withdrawn_at = $1 where duty = $2 and withdrawn_at is null",
            args![now, *duty],
        )
        .await?;
    }
    for (duty, due) in &change.due {
        one(
            tx,
            "update campaign_duty set due_at = $1 where id = $2 and campaign = $3",
            args![*due, *duty, id],
        )
        .await?;
        tx.exec("update task set due_at = $1, next_check = $2 where duty = $3", args![*due, now, *duty])
            .await?;
    }
    let window = change.window.or(campaign.window);
    let place = old_duties.last().map_or(0, |d| d.place + 1);
    for (n, duty) in change.add.iter().enumerate() {
        let due = duty.due_at.or_else(|| order::due(pack.duty(&duty.code), now, window));
        let due_at = Some(due.ok_or(StoreError::Refused("window-missing"))?);
        insert_duty(tx, id, place + n as i64, &NewDuty { due_at, ..duty.clone() }).await?;
    }
    for (n, line) in change.lines.iter().enumerate() {
        if old_lines.iter().any(|l| l.role == line.role && l.line == line.line) {
            return Err(StoreError::Refused("line-there"));
        }
        allowed(tx, scope, Right::Issue, &line.bodies).await?;
        insert_line(tx, id, (old_lines.len() + n) as i64, &NewLine { resolved: true, ..line.clone() })
            .await?;
    }
    check_actors(&duties(tx, id).await?, &lines(tx, id).await?)?;
    touched(tx, "campaign.amended", id, campaign.body, &change.note);
    let revision = revise(tx, &campaign, "amended", &change.note, &before).await?;
    for (assignment, body) in told {
        let link = format!("{public_url}/assignments/{assignment}");
        let mut vars = message_vars(tx, &campaign, body, &link).await?;
        vars.insert("change".into(), change.note.clone());
        tell(
            tx,
            ids,
            &campaign,
            body,
            "order-amended",
            &format!("order-amended:{assignment}:{revision}"),
            vars,
        )
        .await?;
    }
    enqueue(tx, ids, id, public_url).await
}

/// The campaign, if it is in force and the scope may issue. Refuses `campaign-not-issued`.
pub(super) async fn issued(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Campaign>,
) -> Result<Campaign, StoreError> {
    let campaign = get(tx, scope, id).await?;
    require(tx, scope, Right::Issue, campaign.body).await?;
    match campaign.state {
        CampaignState::Issued => Ok(campaign),
        _ => Err(StoreError::Refused("campaign-not-issued")),
    }
}

/// Who holds an assignment now.
pub(super) async fn addressed(
    tx: &mut Tx,
    id: Id<kind::Campaign>,
) -> Result<Vec<(Id<kind::Assignment>, Id<kind::Body>)>, StoreError> {
    let mut query = Query::new("select id, body from assignment where cancelled_at is null and campaign =");
    query.bind(id).push("order by body");
    query.rows(tx).await?.iter().map(|r| Ok((r.id("id")?, r.id("body")?))).collect()
}

async fn one(tx: &mut Tx, sql: &'static str, args: Vec<crate::Arg>) -> Result<(), StoreError> {
    if tx.exec(sql, args).await? == 1 { Ok(()) } else { Err(StoreError::NotFound("duty")) }
}

impl Amendment {
    /// Adds bodies as a new line of *Kính gửi*.
    pub fn bodies(mut self, line: &str, bodies: Vec<Id<kind::Body>>) -> Self {
        self.lines.push(NewLine { role: LineRole::To, line: line.to_owned(), resolved: true, bodies });
        self
    }
}
