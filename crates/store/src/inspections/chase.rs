//! Reminders about findings. *When* and *whom* is decided by [`domain::inspection::finding`] and the legal pack; here
//! stands what was sent and how one goes out.

use domain::{
    actor::Scope,
    id::{Id, Ids, kind},
    inspection::{
        FindingState,
        finding::{self as rule, Step, Whom},
    },
    intent::{To, Urgency},
    right::{Right, Role},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::finding::{self, Finding};
use crate::{
    Query, Sql, StoreError, Topic, Tx, args,
    assignments::{Telling, Tools, tell},
    jobs,
};

/// The kind of job that chases one finding.
pub const JOB: &str = "chase.finding";
/// A due day may be moved: whatever was planned, the job looks again after this time.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_hours(24);
/// Nobody is reminded of what they have only just been told.
const FIRST_LOOK: SignedDuration = SignedDuration::from_hours(1);
/// So many people of one side are written to.
const PEOPLE_MAX: u32 = 5;

/// Starts chasing; starting twice is starting once.
pub(super) async fn start(tx: &mut Tx, ids: &dyn Ids, id: Id<kind::Finding>) -> Result<(), StoreError> {
    let first = tx.now().checked_add(FIRST_LOOK).unwrap_or(Timestamp::MAX);
    jobs::enqueue(tx, Id::new(ids), JOB, &format!("{JOB}/{id}"), first, &json!({"finding": id})).await?;
    Ok(())
}

/// Sends every reminder about a finding that is due now; returns when to look again, or `None` when it is closed. Safe
/// to run again at any point: each reminder is written down with its message in one commit.
pub async fn run(
    tx: &mut Tx,
    tools: &Tools<'_>,
    id: Id<kind::Finding>,
) -> Result<Option<Timestamp>, StoreError> {
    let of = match finding::finding(tx, &Scope::system(), id).await {
        Err(StoreError::NotFound(_)) => return Ok(None),
        other => other?,
    };
    match of.state {
        FindingState::Closed => return Ok(None),
        // The inspector has it; sent back, it is started again.
        FindingState::Fixed => return Ok(None),
        FindingState::Open => {}
    }
    let now = tx.now();
    let mut said = said(tx, id, of.due_at).await?;
    let again = now.checked_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
    while let Some((step, at)) = rule::next(tools.pack.finding_steps(), of.made_at, of.due_at, now, &said) {
        if at > now {
            return Ok(Some(at.min(again)));
        }
        remind(tx, tools, &of, step).await?;
        said.push(step.key.clone());
    }
    // Nothing more to say, as long as the due day is not moved.
    Ok(Some(again))
}

async fn said(sql: &mut Sql, id: Id<kind::Finding>, due: Timestamp) -> Result<Vec<String>, StoreError> {
    let rows =
        sql.rows("select step from finding_chase where finding = $1 and due_at = $2", args![id, due]).await?;
    rows.iter().map(|r| r.text("step")).collect()
}

async fn remind(tx: &mut Tx, tools: &Tools<'_>, of: &Finding, step: &Step) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "insert into finding_chase (finding, due_at, step, at) values ($1,$2,$3,$4)",
        args![of.id, of.due_at, &step.key, now],
    )
    .await?;
    tx.record("finding.chased", format!("finding:{}", of.id), Some(of.body), &(&step.key, of.due_on));
    tx.changed(Topic::Inspection, format!("finding:{}", of.id), Some(of.body));
    let mut to: Vec<To> = match step.to {
        Whom::Body => of.owner.iter().map(|(person, _)| To::Person(*person)).collect(),
        Whom::Head => holders(tx, of.body, Right::Acknowledge).await?,
        Whom::Inspector => holders(tx, of.inspector, Right::Review).await?,
    };
    if to.is_empty() {
        // Whoever is the contact of that side.
        to.push(To::Body(if step.to == Whom::Inspector { of.inspector } else { of.body }));
    }
    for (n, to) in to.into_iter().enumerate() {
        let key = format!("finding/{}/{}/{}/{n}", of.id, step.key, of.due_at.as_second());
        write(tx, tools, of, key, to).await?;
    }
    Ok(())
}

/// Writes to somebody that it is to be put right, and by when.
pub(super) async fn write(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Finding,
    key: String,
    to: To,
) -> Result<(), StoreError> {
    let template = if of.due_at <= tx.now() { "finding-overdue" } else { "finding-due" };
    let vars = vec![
        ("body", of.body_name.clone()),
        ("inspector", of.inspector_name.clone()),
        ("finding", of.text.clone()),
        ("due", of.due_on.strftime("%d/%m/%Y").to_string()),
        ("link", format!("{}/findings/{}", tools.base, of.id)),
    ];
    tell(tx, tools, Telling { key, to, template, vars, urgency: Urgency::Normal }).await.map(|_| ())
}

/// People who hold a right by a role at that very body.
async fn holders(tx: &mut Tx, body: Id<kind::Body>, right: Right) -> Result<Vec<To>, StoreError> {
    let now = tx.now();
    let mut query = Query::new(
        "select distinct p.id, p.sort_key from role_grant g
         join person p on p.id = g.person and p.closed_at is null where g.revoked_at is null and g.body =",
    );
    query.bind(body).push("and g.role in");
    query.list(Role::ALL.iter().filter(|r| r.may(right)).map(|r| r.name()));
    query.push("and (g.from_at is null or g.from_at <=").bind(now);
    query.push(") and (g.until_at is null or g.until_at >").bind(now);
    query.push(") order by p.sort_key, p.id limit").bind(PEOPLE_MAX);
    query.rows(tx).await?.iter().map(|row| Ok(To::Person(row.id("id")?))).collect()
}
