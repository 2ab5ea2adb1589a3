//! The chain: an assignment passed on becomes a campaign of the body that received it.

use domain::{
    actor::Scope,
    id::{Id, Ids, kind},
    order::{CampaignState, LineRole},
    right::Right,
};
use jiff::Timestamp;

use super::{Campaign, Head, NewCampaign, NewDuty, NewLine, draft::write, duties, get};
use crate::{Query, Sql, StoreError, Tx, args, register::require};

/// The longest chain is ministry → province → department → unit → sub-unit; this only stops a circle made by hand.
const DEPTH_MAX: usize = 20;
/// The line under which the bodies below are proposed.
const LINE: &str = "Các đơn vị trực thuộc";

/// One step of the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainLink {
    /// The campaign.
    pub campaign: Id<kind::Campaign>,
    /// Its name.
    pub name: String,
    /// Who issued it.
    pub body_name: String,
    /// Where it stands.
    pub state: CampaignState,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// Whether the reader may open it; of others only this much is told.
    pub open: bool,
    /// Assignments of it.
    pub bodies: u32,
    /// Of these, acknowledged.
    pub acknowledged: u32,
}

/// What of an assignment can be passed on, and to whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Passable {
    /// Name of the order.
    pub name: String,
    /// The body that holds the assignment.
    pub body_name: String,
    /// Its duties, those left out that every order has anyway.
    pub duties: Vec<super::Duty>,
    /// The bodies directly below, by name.
    pub below: Vec<(Id<kind::Body>, String)>,
}

/// What of an assignment can be passed on by whoever prepares orders of the body that holds it.
pub async fn passable(
    sql: &mut Sql,
    scope: &Scope,
    assignment: Id<kind::Assignment>,
) -> Result<Passable, StoreError> {
    let row = sql
        .row(
            "select a.campaign, a.body, b.name as body_name, c.name from assignment a
             join body b on b.id = a.body join campaign c on c.id = a.campaign where a.id = $1",
            args![assignment],
        )
        .await?
        .ok_or(StoreError::NotFound("assignment"))?;
    let (campaign, body) = (row.id("campaign")?, row.id("body")?);
    require(sql, scope, Right::Prepare, body).await.map_err(|_| StoreError::NotFound("assignment"))?;
    let held = held(sql, assignment).await?;
    let mut duties = duties(sql, campaign).await?;
    duties.retain(|d| held.contains(&d.id) && !d.standing);
    let below = sql
        .rows(
            "select id, name from body where parent = $1 and closed_at is null order by sort_key, id",
            args![body],
        )
        .await?;
    let below =
        below.iter().map(|r| Ok((r.id("id")?, r.text("name")?))).collect::<Result<_, StoreError>>()?;
    Ok(Passable { name: row.text("name")?, body_name: row.text("body_name")?, duties, below })
}

async fn held(sql: &mut Sql, assignment: Id<kind::Assignment>) -> Result<Vec<Id<kind::Duty>>, StoreError> {
    let rows = sql
        .rows("select duty from task where assignment = $1 and withdrawn_at is null", args![assignment])
        .await?;
    rows.iter().map(|r| r.id("duty")).collect()
}

/// Drafts a campaign that passes an assignment on: `keep` names the duties passed on (`None`: all), `lines` whom to
/// (`None`: every body directly below). The draft is then edited and issued like any other. Standing duties are added
/// anew. Refuses `assignment-cancelled`, `pass-on-nothing` where `keep` names none of its duties, and `body-not-yours`
/// for a body that is not below.
pub async fn pass_on(
    tx: &mut Tx,
    scope: &Scope,
    assignment: Id<kind::Assignment>,
    id: Id<kind::Campaign>,
    keep: Option<&[Id<kind::Duty>]>,
    lines: Option<Vec<NewLine>>,
    ids: &dyn Ids,
) -> Result<(), StoreError> {
    let row = tx
        .row("select campaign, body, cancelled_at from assignment where id = $1", args![assignment])
        .await?
        .ok_or(StoreError::NotFound("assignment"))?;
    let (above, body): (Id<kind::Campaign>, Id<kind::Body>) = (row.id("campaign")?, row.id("body")?);
    require(tx, scope, Right::Prepare, body).await.map_err(|_| StoreError::NotFound("assignment"))?;
    if row.opt_time("cancelled_at")?.is_some() {
        return Err(StoreError::Refused("assignment-cancelled"));
    }
    // The assignment is theirs, so is reading the order it came from.
    let above = get(tx, &Scope::system(), above).await?;
    let held = held(tx, assignment).await?;
    let mut passed: Vec<NewDuty> = duties(tx, above.id)
        .await?
        .into_iter()
        .filter(|d| held.contains(&d.id) && !d.standing && keep.is_none_or(|k| k.contains(&d.id)))
        .map(|d| NewDuty {
            id: Id::new(ids),
            code: d.code,
            path: d.path,
            quote: d.quote,
            actor: None,
            due_at: d.due_at,
            evidence: d.evidence,
            standing: false,
        })
        .collect();
    if keep.is_some() && passed.is_empty() {
        return Err(StoreError::Refused("pass-on-nothing"));
    }
    for code in ["LEAD", "CONT", "CASC"] {
        if !passed.iter().any(|d| d.code == code) {
            passed.push(NewDuty {
                id: Id::new(ids),
                code: code.into(),
                path: String::new(),
                quote: String::new(),
                actor: None,
                due_at: None,
                evidence: String::new(),
                standing: true,
            });
        }
    }
    let lines = match lines {
        Some(lines) => {
            for line in &lines {
                super::lines::allowed(tx, scope, Right::Prepare, &line.bodies).await?;
            }
            lines
        }
        None => vec![NewLine {
            role: LineRole::To,
            line: LINE.into(),
            resolved: false,
            bodies: tx
                .rows(
                    "select id from body where parent = $1 and closed_at is null order by sort_key",
                    args![body],
                )
                .await?
                .iter()
                .map(|r| r.id("id"))
                .collect::<Result<_, _>>()?,
        }],
    };
    let new = NewCampaign { id, body, letter: None, head: head_of(above), duties: passed, lines };
    write(tx, &new, Some(assignment)).await
}

fn head_of(above: Campaign) -> Head {
    Head {
        name: above.name,
        occasion: above.occasion,
        window: above.window,
        window_by: above.window_by,
        scope: above.scope,
        contacts: above.contacts,
        note: above.note,
    }
}

/// The campaigns this one passes on, the nearest first. Those out of the reader's sight are named, no more.
pub async fn above(sql: &mut Sql, scope: &Scope, campaign: &Campaign) -> Result<Vec<ChainLink>, StoreError> {
    let (mut found, mut next) = (Vec::new(), campaign.parent);
    while let Some(assignment) = next.filter(|_| found.len() < DEPTH_MAX) {
        let row = sql.row("select campaign from assignment where id = $1", args![assignment]).await?;
        let Some(row) = row else { break };
        let id = row.id("campaign")?;
        let open = match get(sql, scope, id).await {
            Ok(_) => true,
            Err(StoreError::NotFound(_)) => false,
            Err(error) => return Err(error),
        };
        let one = get(sql, &Scope::system(), id).await?;
        next = one.parent;
        found.push(ChainLink {
            campaign: one.id,
            name: one.name,
            body_name: one.body_name,
            state: one.state,
            issued_at: one.issued_at,
            open,
            bodies: 0,
            acknowledged: 0,
        });
    }
    Ok(found)
}

/// The campaigns in force that pass this one on, as far as the reader sees their issuers.
pub async fn below(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Campaign>,
) -> Result<Vec<ChainLink>, StoreError> {
    let mut query = Query::new(
        "select c.id, c.name, b.name as body_name, c.state, c.issued_at,
           (select count(*) from assignment s where s.campaign = c.id and s.cancelled_at is null) as bodies,
           (select count(*) from assignment s where s.campaign = c.id and s.cancelled_at is null
              and s.acknowledged_at is not null) as acknowledged
         from campaign c join body b on b.id = c.body join assignment a on a.id = c.parent_assignment
         where c.state <> 'draft' and a.campaign =",
    );
    query.bind(id).push("and").visible(scope, Right::See, "c.body").push("order by b.sort_key, c.id");
    let rows = query.rows(sql).await?;
    rows.iter()
        .map(|row| {
            Ok(ChainLink {
                campaign: row.id("id")?,
                name: row.text("name")?,
                body_name: row.text("body_name")?,
                state: row.word("state", CampaignState::parse)?,
                issued_at: row.opt_time("issued_at")?,
                open: true,
                bodies: row.count("bodies")?,
                acknowledged: row.count("acknowledged")?,
            })
        })
        .collect()
}
