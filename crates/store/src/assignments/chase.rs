//! Reminders. *When* is decided by [`domain::order::chase`]; here stands what was sent and how one goes out.

use domain::{
    actor::Scope,
    evidence::State,
    id::{Id, Ids, kind},
    intent::{To, Urgency},
    order::chase::{self as rule, Reminder},
    right::{Right, Role},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Held, Need, Telling, Tools, held, somebody, tell, written};
use crate::{Query, Sql, StoreError, Topic, Tx, args, jobs};

/// The kind of job that chases one assignment.
pub const JOB: &str = "chase.assignment";
/// An amendment may move due times: whatever was planned, the job looks again after this time.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_hours(12);
/// Nobody is reminded of what they have only just been told.
const FIRST_LOOK: SignedDuration = SignedDuration::from_hours(1);
/// So many heads of one body are written to when its duties are overdue.
const HEADS_MAX: i64 = 5;

/// Starts chasing an assignment; issuing calls it in its own transaction. Starting twice is starting once.
pub async fn start(tx: &mut Tx, ids: &dyn Ids, assignment: Id<kind::Assignment>) -> Result<(), StoreError> {
    let key = format!("{JOB}/{assignment}");
    let first = tx.now().checked_add(FIRST_LOOK).unwrap_or(Timestamp::MAX);
    jobs::enqueue(tx, Id::new(ids), JOB, &key, first, &json!({"assignment": assignment})).await?;
    Ok(())
}

/// Sends every reminder of an assignment that is due now; returns when to look again, or `None` when
/// the campaign is over. Safe to run again at any point: each reminder is written down with its message in one commit.
pub async fn run(
    tx: &mut Tx,
    tools: &Tools<'_>,
    assignment: Id<kind::Assignment>,
) -> Result<Option<Timestamp>, StoreError> {
    let of = match held(tx, &Scope::system(), Need::See, assignment).await {
        Err(StoreError::NotFound(_)) => return Ok(None),
        other => other?,
    };
    if of.over {
        return Ok(None);
    }
    let (now, urgent) = (tx.now(), is_flash(tx, of.campaign).await?);
    let said = sent(tx, assignment).await?;
    let mut next: Option<Timestamp> = None;
    let mut later = |at: Timestamp| next = Some(next.map_or(at, |n| n.min(at)));
    if of.acknowledged_at.is_none() {
        let due = due_of(tx, assignment, "LEAD").await?.or(of.due);
        let mine: Vec<_> = said.iter().filter(|s| s.kind == Reminder::Acknowledge).collect();
        let count = u32::try_from(mine.len()).unwrap_or(u32::MAX);
        let mut so_far = (count, mine.iter().map(|s| s.at).max());
        if let Some(at) = rule::acknowledge(of.received_at, due, so_far, urgent) {
            if at <= now {
                remind(tx, tools, &of, Reminder::Acknowledge, None, urgent).await?;
                so_far = (count.saturating_add(1), Some(now));
            }
            rule::acknowledge(of.received_at, due, so_far, urgent).into_iter().for_each(&mut later);
        }
    }
    for (due, owed) in owed(tx, assignment, now).await? {
        let mut done: Vec<Reminder> =
            said.iter().filter(|s| s.due == due && s.kind != Reminder::ByHand).map(|s| s.kind).collect();
        while let Some((reminder, at)) = rule::duties(now, of.received_at, due, &done, urgent) {
            if at > now {
                later(at);
                break;
            }
            remind(tx, tools, &of, reminder, Some((due, owed)), urgent).await?;
            done.push(reminder);
        }
    }
    let again = now.checked_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
    // Duties may come back (evidence returned, an excuse ended) as long as the campaign runs.
    Ok(Some(next.map_or(again, |at| at.min(again))))
}

/// A person of the issuer chases by hand; at most once an hour for one assignment (`Refused("chase-recent")`), and
/// only while something is missing (`Refused("chase-nothing")`).
pub async fn by_hand(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    assignment: Id<kind::Assignment>,
) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Review, assignment).await?;
    somebody(tx.actor())?;
    of.in_force()?;
    let now = tx.now();
    let last = sent(tx, assignment).await?.iter().filter(|s| s.kind == Reminder::ByHand).map(|s| s.at).max();
    if !rule::may_by_hand(now, last) {
        return Err(StoreError::Refused("chase-recent"));
    }
    let owed = owed(tx, assignment, now).await?;
    let first = owed.first().map(|(due, _)| *due);
    let all: u32 = owed.iter().map(|(_, n)| *n).sum();
    if of.acknowledged_at.is_some() && all == 0 {
        return Err(StoreError::Refused("chase-nothing"));
    }
    remind(tx, tools, &of, Reminder::ByHand, first.map(|due| (due, all)), false).await
}

/// One reminder that went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// What it said.
    pub kind: Reminder,
    /// Of which due time; the epoch where of none.
    pub due: Timestamp,
    /// When.
    pub at: Timestamp,
}

/// The reminders of an assignment, oldest first, for whoever may see it.
pub async fn history(
    sql: &mut Sql,
    scope: &Scope,
    assignment: Id<kind::Assignment>,
) -> Result<Vec<Sent>, StoreError> {
    held(sql, scope, Need::See, assignment).await?;
    sent(sql, assignment).await
}

async fn sent(sql: &mut Sql, assignment: Id<kind::Assignment>) -> Result<Vec<Sent>, StoreError> {
    let rows = sql
        .rows("select kind, due_at, at from chase where assignment = $1 order by at, kind", args![assignment])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Sent {
                kind: row.word("kind", Reminder::parse)?,
                due: row.time("due_at")?,
                at: row.time("at")?,
            })
        })
        .collect()
}

/// Due times with how many duties are still owed by then, earliest first. What is met, excused, not applicable or
/// waits for a decision is not chased.
async fn owed(
    sql: &mut Sql,
    assignment: Id<kind::Assignment>,
    now: Timestamp,
) -> Result<Vec<(Timestamp, u32)>, StoreError> {
    let rows = sql
        .rows(
            "select t.due_at, count(*) as n from task t
             where t.assignment = $1 and t.withdrawn_at is null and t.rank < $2
               and not exists (select 1 from submission s where s.task = t.id and s.state = 'submitted')
               and not exists (select 1 from excuse e where e.task = t.id and e.ended_at is null
                                 and (e.until_at is null or e.until_at > $3))
             group by t.due_at order by t.due_at",
            args![assignment, State::Excused.rank(), now],
        )
        .await?;
    rows.iter().map(|row| Ok((row.time("due_at")?, row.count("n")?))).collect()
}

async fn due_of(
    sql: &mut Sql,
    assignment: Id<kind::Assignment>,
    code: &str,
) -> Result<Option<Timestamp>, StoreError> {
    let row = sql
        .row(
            "select min(due_at) as at from task where assignment = $1 and code = $2 and withdrawn_at is null",
            args![assignment, code],
        )
        .await?;
    row.map_or(Ok(None), |r| r.opt_time("at"))
}

/// Whether the letter behind the campaign bears the stamp HỎA TỐC.
async fn is_flash(sql: &mut Sql, campaign: Id<kind::Campaign>) -> Result<bool, StoreError> {
    let row = sql
        .row(
            "select l.corrected from campaign c join letter l on l.id = c.letter where c.id = $1",
            args![campaign],
        )
        .await?;
    let Some(row) = row else { return Ok(false) };
    let reading: serde_json::Value = row.json("corrected")?;
    let stamps = reading.get("urgency").and_then(|u| u.as_array()).cloned().unwrap_or_default();
    Ok(stamps.iter().filter_map(|s| s.as_str()).any(|s| domain::text::fold(s).contains("hoa toc")))
}

async fn remind(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Held,
    reminder: Reminder,
    owed: Option<(Timestamp, u32)>,
    urgent: bool,
) -> Result<(), StoreError> {
    let now = tx.now();
    let due_at = owed.map_or(Timestamp::UNIX_EPOCH, |(due, _)| due);
    let row = tx
        .row(
            "select count(*) as n from chase where assignment = $1 and kind = $2 and due_at = $3",
            args![of.id, reminder.name(), due_at],
        )
        .await?;
    let n = row.map_or(Ok(0), |r| r.count("n"))?.saturating_add(1);
    let by = tx.actor().person();
    tx.exec(
        "insert into chase (assignment, kind, due_at, n, at, by_person) values ($1,$2,$3,$4,$5,$6)",
        args![of.id, reminder.name(), due_at, n, now, by],
    )
    .await?;
    tx.exec("update assignment set chased = chased + 1, chased_at = $1 where id = $2", args![now, of.id])
        .await?;
    tx.record("assignment.chased", of.subject(), Some(of.body), &(reminder, due_at, n));
    tx.changed(Topic::Assignment, of.subject(), Some(of.body));
    let key = format!("chase/{}/{}/{}/{n}", of.id, reminder.name(), due_at.as_second());
    let urgency = if urgent { Urgency::Urgent } else { Urgency::Normal };
    let common = vec![
        ("body", of.body_name.clone()),
        ("order", of.order.clone()),
        ("issuer", of.issuer_name.clone()),
        ("link", tools.page(of)),
    ];
    match owed {
        Some((due, owed)) if reminder == Reminder::Escalated => {
            escalate(tx, tools, of, &key, (due, owed), &common, urgency).await
        }
        Some((due, owed)) => {
            let vars = [common, vec![("pending", owed.to_string()), ("due", written(due))]].concat();
            let to = To::Body(of.body);
            tell(tx, tools, Telling { key, to, template: "reminder-duties", vars, urgency }).await.map(|_| ())
        }
        None => {
            let due = of.due.map(|due| ("due", written(due)));
            let mut vars = [common, vec![("since", written(of.received_at))]].concat();
            vars.extend(due);
            let to = To::Body(of.body);
            tell(tx, tools, Telling { key, to, template: "reminder-acknowledge", vars, urgency })
                .await
                .map(|_| ())
        }
    }
}

/// Overdue for long: the heads of the body are told, and so is whoever decides at the issuer.
async fn escalate(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Held,
    key: &str,
    (due, owed): (Timestamp, u32),
    common: &[(&'static str, String)],
    urgency: Urgency,
) -> Result<(), StoreError> {
    let heads = holders(tx, of.body, Right::Acknowledge).await?;
    let above = holders(tx, of.issuer, Right::Review).await?;
    for (person, name) in heads.into_iter().chain(above) {
        let more = vec![("person", name), ("overdue", owed.to_string()), ("due", written(due))];
        let telling = Telling {
            key: format!("{key}/{person}"),
            to: To::Person(person),
            template: "overdue-escalation",
            vars: [common.to_vec(), more].concat(),
            urgency,
        };
        tell(tx, tools, telling).await?;
    }
    Ok(())
}

/// People who hold a right by a role at that very body, heads before others.
pub(crate) async fn holders(
    tx: &mut Tx,
    body: Id<kind::Body>,
    right: Right,
) -> Result<Vec<(Id<kind::Person>, String)>, StoreError> {
    let now = tx.now();
    let mut query = Query::new(
        "select distinct p.id, p.name, p.sort_key from role_grant g
         join person p on p.id = g.person and p.closed_at is null where g.revoked_at is null and g.body =",
    );
    query.bind(body).push("and g.role in");
    query.list(Role::ALL.iter().filter(|r| r.may(right)).map(|r| r.name()));
    query.push("and (g.from_at is null or g.from_at <=").bind(now);
    query.push(") and (g.until_at is null or g.until_at >").bind(now);
    query.push(") order by p.sort_key, p.id limit").bind(HEADS_MAX);
    query.rows(tx).await?.iter().map(|row| Ok((row.id("id")?, row.text("name")?))).collect()
}
