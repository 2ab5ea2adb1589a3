//! Planning: who inspects whom, when, with which team and by which list.

use domain::{
    actor::Scope,
    id::{Id, kind},
    inspection::VisitState,
    intent::{To, Urgency},
    right::Right,
};
use jiff::{SignedDuration, Timestamp};

use super::{Held, Need, checklist, held, json, words};
use crate::{
    Query, StoreError, Topic, Tx, args,
    assignments::{Telling, Tools, said, somebody, tell, written},
    register::require,
};

/// A team of more would be a conference.
pub const TEAM_MAX: usize = 20;
/// Where it takes place.
const PLACE_MAX: usize = 300;
/// What is to be prepared.
const NOTE_MAX: usize = 4_000;
/// A day typed wrongly lies mostly in another year.
const FAR: SignedDuration = SignedDuration::from_hours(24 * 366 * 2);

/// A visit to be planned, or what is changed of one.
#[derive(Debug, Clone)]
pub struct NewVisit {
    /// Its id.
    pub id: Id<kind::Visit>,
    /// Who inspects.
    pub inspector: Id<kind::Body>,
    /// Who is inspected: a body below the inspector.
    pub body: Id<kind::Body>,
    /// When.
    pub at: Timestamp,
    /// Where; may be empty.
    pub place: String,
    /// What the body is to prepare; may be empty.
    pub note: String,
    /// Who goes, the leader first.
    pub team: Vec<Id<kind::Person>>,
}

/// Plans a visit; needs [`Right::Review`] over the inspecting body. The checklist is the inspecting body's as it stands
/// now. `Refused`: `visit-not-below`, `visit-when`, `visit-team`, `text-long`.
pub async fn plan(tx: &mut Tx, scope: &Scope, tools: &Tools<'_>, new: &NewVisit) -> Result<(), StoreError> {
    require(tx, scope, Right::Review, new.inspector).await?;
    let by = somebody(tx.actor())?;
    let (place, note) = checked(tx, scope, new).await?;
    let list = checklist::of(tx, tools.pack, new.inspector).await?.1;
    let now = tx.now();
    let items = u32::try_from(list.items.len()).unwrap_or(u32::MAX);
    tx.exec(
        "insert into visit (id, inspector, body, state, planned_at, place, note, checklist, items, made_at, made_by)
         values ($1,$2,$3,'planned',$4,$5,$6,$7,$8,$9,$10)",
        args![new.id, new.inspector, new.body, new.at, &place, &note, json(&list)?, items, now, by],
    )
    .await?;
    team(tx, new).await?;
    let subject = format!("inspection:{}", new.id);
    tx.record("visit.planned", subject.clone(), Some(new.body), &(new.at, &place, &note, &new.team));
    tx.changed(Topic::Inspection, subject, Some(new.inspector));
    Ok(())
}

/// Changes what is planned, as long as nobody has begun. `version` is the one that was seen; needs what [`plan`] needs.
/// `Refused` as there, and `visit-over`; [`StoreError::Stale`] if somebody changed it in between.
pub async fn replan(tx: &mut Tx, scope: &Scope, version: i64, new: &NewVisit) -> Result<(), StoreError> {
    let actor = tx.actor();
    let old = held(tx, scope, actor, Need::Lead, new.id).await?;
    old.open()?;
    if old.version != version {
        return Err(StoreError::Stale);
    }
    let fixed = NewVisit { inspector: old.inspector, body: old.body, ..new.clone() };
    let (place, note) = checked(tx, scope, &fixed).await?;
    tx.exec(
        "update visit set planned_at = $1, place = $2, note = $3, version = version + 1 where id = $4",
        args![new.at, &place, &note, new.id],
    )
    .await?;
    tx.exec("delete from visit_member where visit = $1", args![new.id]).await?;
    team(tx, &fixed).await?;
    tx.record("visit.changed", old.subject(), Some(old.body), &(new.at, &place, &note, &new.team));
    old.changed(tx);
    Ok(())
}

async fn checked(tx: &mut Tx, scope: &Scope, new: &NewVisit) -> Result<(String, String), StoreError> {
    let below = tx
        .row(
            "select k.depth from body_closure k join body b on b.id = k.below and b.closed_at is null
             where k.above = $1 and k.below = $2 and k.depth > 0",
            args![new.inspector, new.body],
        )
        .await?;
    if below.is_none() {
        return Err(StoreError::Refused("visit-not-below"));
    }
    let far = tx.now().duration_until(new.at).abs() > FAR;
    if far {
        return Err(StoreError::Refused("visit-when"));
    }
    let mut team = new.team.clone();
    team.sort_unstable();
    team.dedup();
    if team.is_empty() || team.len() < new.team.len() || team.len() > TEAM_MAX {
        return Err(StoreError::Refused("visit-team"));
    }
    // Members serve a body that the planner may see; whom one cannot see one cannot send.
    let mut query = Query::new(
        "select p.id from person p where p.closed_at is null and exists (select 1 from membership m where m.person = p.id and",
    );
    query.visible(scope, Right::See, "m.body").push(") and p.id in").list(team.iter().copied());
    if query.rows(tx).await?.len() < team.len() {
        return Err(StoreError::Refused("visit-team"));
    }
    Ok((words(&new.place, PLACE_MAX)?, words(&new.note, NOTE_MAX)?))
}

async fn team(tx: &mut Tx, new: &NewVisit) -> Result<(), StoreError> {
    for (place, person) in (0_u32..).zip(&new.team) {
        tx.exec(
            "insert into visit_member (visit, person, place) values ($1,$2,$3)",
            args![new.id, *person, place],
        )
        .await?;
    }
    Ok(())
}

/// Tells the inspected body by mail what is planned; from then on it sees the visit. Needs what [`plan`] needs.
/// `Refused`: `visit-over`, `visit-announced` (nothing has changed since).
pub async fn announce(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Visit>,
) -> Result<(), StoreError> {
    let actor = tx.actor();
    let of = held(tx, scope, actor, Need::Lead, id).await?;
    of.open()?;
    let row = tx.row("select planned_at, place, note from visit where id = $1", args![id]).await?;
    let row = row.ok_or(StoreError::NotFound("visit"))?;
    let (at, place, note) = (row.time("planned_at")?, row.text("place")?, row.text("note")?);
    let now = tx.now();
    let mut vars = common(&of, tools);
    vars.push(("at", written(at)));
    vars.extend((!place.is_empty()).then_some(("place", place)));
    vars.extend((!note.is_empty()).then_some(("note", note)));
    let team = leader(tx, id).await?;
    vars.extend(team.map(|name| ("leader", name)));
    let telling = Telling {
        key: format!("visit/{id}/announced/{}", of.version),
        to: To::Body(of.body),
        template: "inspection-announced",
        vars,
        urgency: Urgency::Normal,
    };
    if !tell(tx, tools, telling).await? {
        return Err(StoreError::Refused("visit-announced"));
    }
    tx.exec("update visit set announced_at = $1 where id = $2", args![now, id]).await?;
    tx.record("visit.announced", of.subject(), Some(of.body), &(at, of.version));
    of.changed(tx);
    Ok(())
}

/// Cancels a visit that is not over; a body that was told of it is told. Needs what [`plan`] needs.
/// `Refused`: `visit-over`, `text-empty`, `text-long`.
pub async fn cancel(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Visit>,
    why: &str,
) -> Result<(), StoreError> {
    let actor = tx.actor();
    let of = held(tx, scope, actor, Need::Lead, id).await?;
    of.open()?;
    let why = said(why, PLACE_MAX)?;
    let now = tx.now();
    tx.exec(
        "update visit set state = $1, cancelled_at = $2, why = $3, version = version + 1 where id = $4",
        args![VisitState::Cancelled.name(), now, &why, id],
    )
    .await?;
    let told = tx.row("select announced_at, planned_at from visit where id = $1", args![id]).await?;
    if let Some(row) = told
        && row.opt_time("announced_at")?.is_some()
    {
        let mut vars = common(&of, tools);
        vars.extend([("at", written(row.time("planned_at")?)), ("reason", why.clone())]);
        let telling = Telling {
            key: format!("visit/{id}/cancelled"),
            to: To::Body(of.body),
            template: "inspection-cancelled",
            vars,
            urgency: Urgency::Normal,
        };
        tell(tx, tools, telling).await?;
    }
    tx.record("visit.cancelled", of.subject(), Some(of.body), &why);
    of.changed(tx);
    Ok(())
}

/// The variables every message about a visit has.
pub(super) fn common(of: &Held, tools: &Tools<'_>) -> Vec<(&'static str, String)> {
    vec![
        ("body", of.body_name.clone()),
        ("inspector", of.inspector_name.clone()),
        ("link", format!("{}/inspections/{}", tools.base, of.id)),
    ]
}

async fn leader(tx: &mut Tx, id: Id<kind::Visit>) -> Result<Option<String>, StoreError> {
    let row = tx
        .row(
            "select p.name from visit_member m join person p on p.id = m.person where m.visit = $1 order by m.place limit 1",
            args![id],
        )
        .await?;
    row.map(|r| r.text("name")).transpose()
}
