//! The board as somebody may see it: campaigns, rows of cells, roll-ups of what was passed on, and the evidence of one
//! cell. Rights are in every query: a row is a body within the scope.

mod evidence;
mod frame;
mod rollup;
mod rows;

use domain::{
    actor::Scope,
    id::{Id, kind},
    order::CampaignState,
    right::Right,
    time::Window,
};
use jiff::Timestamp;

pub use self::{
    evidence::{CellEvidence, FactLine, TaskEvidence, Who, cell, facts},
    frame::{Frame, frame},
    rollup::{RollCell, RollUp, rollups, tops},
    rows::{awaiting, bodies_under, load, rows_of, sees_any},
};
use crate::{Query, Row, Sql, StoreError};

/// A campaign that has a board.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// Its id.
    pub id: Id<kind::Campaign>,
    /// Who issued it.
    pub body: Id<kind::Body>,
    /// Their name.
    pub body_name: String,
    /// Its name.
    pub name: String,
    /// Where it stands; never a draft.
    pub state: CampaignState,
    /// Its window.
    pub window: Option<Window>,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// Whether who issued it lies within the scope, and not only bodies it was sent to.
    pub own: bool,
}

/// At most so many campaigns to choose from; older ones are found by search.
const CAMPAIGNS_MAX: i64 = 200;

/// The campaigns somebody may see a board of, newest first.
pub async fn campaigns(sql: &mut Sql, scope: &Scope) -> Result<Vec<Campaign>, StoreError> {
    let mut query = campaigns_query(scope);
    query.push("order by c.created_at desc, c.id limit").bind(CAMPAIGNS_MAX);
    query.rows(sql).await?.iter().map(campaign_row).collect()
}

/// One of them.
pub async fn campaign(sql: &mut Sql, scope: &Scope, id: Id<kind::Campaign>) -> Result<Campaign, StoreError> {
    let mut query = campaigns_query(scope);
    query.push("and c.id =").bind(id);
    query.row(sql).await?.as_ref().map(campaign_row).transpose()?.ok_or(StoreError::NotFound("campaign"))
}

/// The one to show first at `now`: of those in force the one whose window runs, else the next to begin, else the last
/// that was; one's own before one that was only sent to oneself.
pub fn running(all: &[Campaign], now: Timestamp) -> Option<&Campaign> {
    all.iter().min_by_key(|c| {
        let closed = c.state != CampaignState::Issued;
        let far = match c.window {
            Some(w) if w.contains(now) => 0,
            Some(w) if now < w.from => 1 + w.from.duration_since(now).as_secs() / 60,
            Some(w) => i64::from(u32::MAX) + now.duration_since(w.to).as_secs() / 60,
            None => i64::from(u32::MAX) / 2,
        };
        // An order goes before what passes it on: it was issued first.
        (closed, !c.own, far, c.issued_at)
    })
}

fn campaigns_query(scope: &Scope) -> Query {
    let mut query = Query::new(
        "select c.id, c.body, b.name as body_name, c.name, c.state, c.window_from, c.window_to, c.issued_at, (",
    );
    query.visible(scope, Right::See, "c.body").push(") as own from campaign c join body b on b.id = c.body");
    query.push("where c.state <> 'draft' and (").visible(scope, Right::See, "c.body");
    query
        .push("or exists (select 1 from assignment a where a.campaign = c.id and a.cancelled_at is null and");
    query.visible(scope, Right::See, "a.body").push("))");
    query
}

fn campaign_row(row: &Row) -> Result<Campaign, StoreError> {
    let window = row.opt_time("window_from")?.zip(row.opt_time("window_to")?);
    Ok(Campaign {
        id: row.id("id")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        name: row.text("name")?,
        state: row.word("state", CampaignState::parse)?,
        window: window.map(|(from, to)| Window { from, to }),
        issued_at: row.opt_time("issued_at")?,
        own: row.bool("own")?,
    })
}
