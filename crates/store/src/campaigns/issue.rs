//! Issuing: every body gets its assignment, tasks, fact and message, all of them or none, and none twice.
//!
//! [`issue`] checks everything and puts the campaign in force at once; [`fill`] then hands out assignments in chunks.
//! What remains to be done is always asked of the records, so a process killed at any point is simply continued.

use std::collections::BTreeMap;

use domain::{
    actor::{Actor, Scope},
    fact::{Fact, Source, kinds},
    id::{Id, Ids, kind},
    intent::{Intent, To, Urgency},
    job::{Job, Outcome},
    legal::Pack,
    order::{self, CampaignState, LineRole},
    right::Right,
    time::{self, Window},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Campaign, Duty, draft::draft, draft::touched, duties, get, lines, lines::allowed};
use crate::{Db, Query, StoreError, Topic, Tx, args, facts, intents, jobs, register::require};

/// The kind of job that hands out what is missing of an issued campaign. Payload `{campaign, public_url}`.
pub const JOB: &str = "campaign.issue";
/// Bodies per transaction: small enough that others write in between, large enough that a thousand take seconds.
pub const PER_CHUNK: i64 = 50;
/// Chunks per run of the job, so that it ends well within its lease.
const CHUNKS_PER_RUN: u32 = 20;
/// A message about an order nobody needs any more after the window, but for at least these days.
const MESSAGE_LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Puts a draft in force. Refuses `line-unresolved`, `no-addressee`, `no-duty`, `actor-without-line`, `window-missing`,
/// `campaign-not-draft`, `body-not-yours`. The assignments follow by [`fill`], which the enqueued job calls.
pub async fn issue(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Campaign>,
    pack: &Pack,
    ids: &dyn Ids,
    public_url: &str,
) -> Result<(), StoreError> {
    let campaign = draft(tx, scope, id).await?;
    require(tx, scope, Right::Issue, campaign.body).await?;
    let (lines, duties) = (lines(tx, id).await?, duties(tx, id).await?);
    if lines.iter().any(|l| !l.resolved) {
        return Err(StoreError::Refused("line-unresolved"));
    }
    let bodies: Vec<_> = lines.iter().flat_map(|l| l.bodies.iter().map(|b| b.0)).collect();
    if bodies.is_empty() {
        return Err(StoreError::Refused("no-addressee"));
    }
    allowed(tx, scope, Right::Issue, &bodies).await?;
    if duties.is_empty() {
        return Err(StoreError::Refused("no-duty"));
    }
    check_actors(&duties, &lines)?;
    let now = tx.now();
    for duty in duties.iter().filter(|d| d.due_at.is_none()) {
        let due = order::due(pack.duty(&duty.code), now, campaign.window);
        let due = due.ok_or(StoreError::Refused("window-missing"))?;
        tx.exec("update campaign_duty set due_at = $1 where id = $2", args![due, duty.id]).await?;
    }
    let by = tx.actor().person();
    tx.exec(
        "update campaign set state = 'issued', issued_at = $1, issued_by = $2 where id = $3",
        args![now, by, id],
    )
    .await?;
    if let Some(letter) = campaign.letter {
        crate::letters::issued(tx, letter, campaign.body).await?;
    }
    let said: Vec<(&str, &str)> = duties.iter().map(|d| (d.code.as_str(), d.quote.as_str())).collect();
    crate::warnings::of_campaign(tx, scope, ids, &campaign, &said).await?;
    let seq = touched(tx, "campaign.issued", id, campaign.body, &campaign.name);
    if let Some(parent) = campaign.parent {
        passed_on(tx, ids, parent, id, bodies.len(), seq).await?;
    }
    revise(tx, &campaign, "issued", "", &json!({})).await?;
    enqueue(tx, ids, id, public_url).await
}

/// Every duty in force that is for somebody must find a line saying who that is.
pub(super) fn check_actors(duties: &[Duty], lines: &[super::Line]) -> Result<(), StoreError> {
    let known = |actor: &String| lines.iter().any(|l| l.role == LineRole::Actor && l.line == *actor);
    let lost = duties.iter().filter(|d| d.withdrawn_at.is_none()).filter_map(|d| d.actor.as_ref());
    if lost.into_iter().all(known) { Ok(()) } else { Err(StoreError::Refused("actor-without-line")) }
}

pub(super) async fn enqueue(
    tx: &mut Tx,
    ids: &dyn Ids,
    id: Id<kind::Campaign>,
    public_url: &str,
) -> Result<(), StoreError> {
    let payload = json!({ "campaign": id, "public_url": public_url });
    let now = tx.now();
    jobs::enqueue(tx, Id::new(ids), JOB, &format!("{JOB}:{id}"), now, &payload).await?;
    Ok(())
}

/// Writes a line of the campaign's history and counts its revision up.
pub(super) async fn revise(
    tx: &mut Tx,
    campaign: &Campaign,
    kind: &str,
    note: &str,
    before: &serde_json::Value,
) -> Result<i64, StoreError> {
    let (next, now, by) = (campaign.revision + 1, tx.now(), tx.actor().person());
    tx.exec(
        "insert into campaign_revision (campaign, revision, at, made_by, kind, note, before)
         values ($1,$2,$3,$4,$5,$6,$7)",
        args![campaign.id, next, now, by, kind, note, before.clone()],
    )
    .await?;
    tx.exec("update campaign set revision = $1 where id = $2", args![next, campaign.id]).await?;
    Ok(next)
}

/// The issuing body's own assignment was passed on: the chain shows it, and its CASC rests on it.
async fn passed_on(
    tx: &mut Tx,
    ids: &dyn Ids,
    parent: Id<kind::Assignment>,
    campaign: Id<kind::Campaign>,
    to: usize,
    seq: u64,
) -> Result<(), StoreError> {
    let now = tx.now();
    let row = tx.row("select body from assignment where id = $1", args![parent]).await?;
    let body: Id<kind::Body> = row.ok_or(StoreError::NotFound("assignment"))?.id("body")?;
    tx.exec(
        "update assignment set passed_on_at = $1 where id = $2 and passed_on_at is null",
        args![now, parent],
    )
    .await?;
    let fact = Fact {
        id: Id::new(ids),
        key: format!("{}:{parent}:{campaign}", kinds::PASSED_ON),
        kind: kinds::PASSED_ON.into(),
        body,
        subject: format!("assignment:{parent}"),
        from: now,
        to: now,
        learnt: now,
        source: Source::Audit(seq),
        value: json!({ "campaign": campaign, "to": to }),
    };
    facts::learn(tx, &fact).await?;
    tx.changed(Topic::Assignment, format!("assignment:{parent}"), Some(body));
    Ok(())
}

/// What one call of [`fill`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Filled {
    /// Bodies that now have everything.
    pub bodies: u32,
    /// Whether to look again.
    pub more: bool,
}

/// Hands out what is missing, to at most [`PER_CHUNK`] bodies in one transaction. Calling it too often does no harm.
pub async fn fill(
    db: &Db,
    now: Timestamp,
    ids: &dyn Ids,
    id: Id<kind::Campaign>,
    public_url: &str,
) -> Result<Filled, StoreError> {
    let (work, campaign, duties) = {
        let mut sql = db.read().await?;
        let campaign = get(&mut sql, &Scope::system(), id).await?;
        if campaign.state != CampaignState::Issued {
            return Ok(Filled::default());
        }
        (missing(&mut sql, id).await?, campaign, duties(&mut sql, id).await?)
    };
    if work.is_empty() {
        return Ok(Filled::default());
    }
    crate::write!(db, Actor::System, now, tx => {
        // Asked again inside: another worker may have been here, the campaign may have been cancelled.
        let state = tx.row("select state, revision from campaign where id = $1", args![id]).await?;
        let still = state.is_some_and(|r| {
            r.text("state").is_ok_and(|s| s == "issued") && r.int("revision").is_ok_and(|r| r == campaign.revision)
        });
        let chunk = if still { missing(tx, id).await? } else { Vec::new() };
        for body in &chunk {
            hand_out(tx, ids, &campaign, &duties, *body, public_url).await?;
        }
        if chunk.is_empty() {
            // Nothing to do, but a write records something: that it looked.
            tx.record("campaign.looked", format!("campaign:{id}"), Some(campaign.body), &"nothing missing");
        }
        let bodies = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        // Bodies without an assignment come first, those that lack tasks after: only an empty look is the end.
        Ok::<_, StoreError>(Filled { bodies, more: !still || bodies > 0 })
    })
}

/// Runs a job of kind [`JOB`].
pub async fn run(db: &Db, now: Timestamp, ids: &dyn Ids, job: &Job) -> Outcome {
    let campaign = job.payload.get("campaign").and_then(|v| v.as_str()).and_then(|v| v.parse().ok());
    let public_url = job.payload.get("public_url").and_then(|v| v.as_str()).unwrap_or_default();
    let Some(campaign) = campaign else { return Outcome::Failed("payload without a campaign".into()) };
    for _ in 0..CHUNKS_PER_RUN {
        match fill(db, now, ids, campaign, public_url).await {
            Ok(Filled { more: true, .. }) => {}
            Ok(_) => return Outcome::Done,
            Err(error) => return Outcome::Failed(error.to_string()),
        }
    }
    Outcome::Again(now)
}

/// Which duties a body of the lines is given: those for all if a line of *Kính gửi* means it, those of an actor that
/// means it; the standing CASC only if it has bodies below it. `d` is the duty, `x` the line's body.
const GIVEN: &str = "join campaign_duty d on d.campaign = x.campaign and d.withdrawn_at is null
      and ((x.role = 'to' and d.actor is null) or (x.role = 'actor' and d.actor = x.line))
      and (d.standing = false or d.code <> 'CASC'
           or exists (select 1 from body under where under.parent = x.body and under.closed_at is null))";

/// The next bodies that lack their assignment or one of their tasks.
async fn missing(sql: &mut crate::Sql, id: Id<kind::Campaign>) -> Result<Vec<Id<kind::Body>>, StoreError> {
    let mut query = Query::new("select distinct x.body from campaign_line_body x left join assignment a");
    query.push("on a.campaign = x.campaign and a.body = x.body where x.campaign =").bind(id);
    query.push("and a.id is null order by x.body limit").bind(PER_CHUNK);
    let mut found: Vec<Id<kind::Body>> =
        query.rows(sql).await?.iter().map(|r| r.id("body")).collect::<Result<_, _>>()?;
    if found.is_empty() {
        let mut query = Query::new("select distinct x.body from campaign_line_body x");
        query.push(GIVEN).push("join assignment a on a.campaign = x.campaign and a.body = x.body");
        query.push("left join task t on t.assignment = a.id and t.duty = d.id where x.campaign =").bind(id);
        query.push("and a.cancelled_at is null and t.id is null order by x.body limit").bind(PER_CHUNK);
        found = query.rows(sql).await?.iter().map(|r| r.id("body")).collect::<Result<_, _>>()?;
    }
    Ok(found)
}

/// Everything one body gets, within the transaction of its chunk.
async fn hand_out(
    tx: &mut Tx,
    ids: &dyn Ids,
    campaign: &Campaign,
    duties: &[Duty],
    body: Id<kind::Body>,
    public_url: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    let fresh: Id<kind::Assignment> = Id::new(ids);
    let added = tx
        .exec(
            "insert into assignment (id, campaign, body, parent, received_at) values ($1,$2,$3,$4,$5)
             on conflict (campaign, body) do nothing",
            args![fresh, campaign.id, body, campaign.parent, now],
        )
        .await?;
    let row = tx
        .row("select id from assignment where campaign = $1 and body = $2", args![campaign.id, body])
        .await?;
    let assignment: Id<kind::Assignment> = row.ok_or(StoreError::NotFound("assignment"))?.id("id")?;
    let mut query = Query::new("select distinct d.id from campaign_line_body x");
    query.push(GIVEN).push("where x.campaign =").bind(campaign.id).push("and x.body =").bind(body);
    let given: Vec<Id<kind::Duty>> =
        query.rows(tx).await?.iter().map(|r| r.id("id")).collect::<Result<_, _>>()?;
    let mine: Vec<&Duty> = duties.iter().filter(|d| given.contains(&d.id)).collect();
    if !mine.is_empty() {
        insert_tasks(tx, ids, campaign.id, assignment, body, &mine).await?;
    }
    let subject = format!("assignment:{assignment}");
    tx.changed(Topic::Assignment, subject.as_str(), Some(body));
    if added == 0 {
        tx.record("assignment.extended", subject, Some(body), &given);
        return Ok(());
    }
    let seq = tx.record("assignment.received", subject.as_str(), Some(body), &given);
    let fact = Fact {
        id: Id::new(ids),
        key: format!("{}:{assignment}", kinds::RECEIVED),
        kind: kinds::RECEIVED.into(),
        body,
        subject,
        from: now,
        to: now,
        learnt: now,
        source: Source::Audit(seq),
        value: json!({ "campaign": campaign.id }),
    };
    facts::learn(tx, &fact).await?;
    crate::assignments::chase::start(tx, ids, assignment).await?;
    let mut vars =
        message_vars(tx, campaign, body, &format!("{public_url}/assignments/{assignment}")).await?;
    vars.insert("window".into(), campaign.window.map_or_else(|| "—".into(), window_text));
    vars.insert("duties".into(), mine.len().to_string());
    if let Some(due) = mine.iter().filter_map(|d| d.due_at).min() {
        vars.insert("due".into(), moment_text(due));
    }
    if !campaign.contacts.is_empty() {
        let lines: Vec<_> = campaign.contacts.iter().map(order::Contact::line).collect();
        vars.insert("contact".into(), lines.join("; "));
    }
    tell(tx, ids, campaign, body, "assignment-issued", &format!("assignment-issued:{assignment}"), vars).await
}

async fn insert_tasks(
    tx: &mut Tx,
    ids: &dyn Ids,
    campaign: Id<kind::Campaign>,
    assignment: Id<kind::Assignment>,
    body: Id<kind::Body>,
    duties: &[&Duty],
) -> Result<(), StoreError> {
    let now = tx.now();
    let mut query = Query::new(
        "insert into task (id, assignment, campaign, body, duty, code, due_at, next_check) values",
    );
    for (n, duty) in duties.iter().enumerate() {
        if n > 0 {
            query.push(",");
        }
        let id: Id<kind::Task> = Id::new(ids);
        let due = duty.due_at.unwrap_or(now);
        query.push("(").bind(id).push(",").bind(assignment).push(",").bind(campaign).push(",").bind(body);
        query
            .push(",")
            .bind(duty.id)
            .push(",")
            .bind(&duty.code)
            .push(",")
            .bind(due)
            .push(",")
            .bind(now)
            .push(")");
    }
    query.push("on conflict (assignment, duty) do nothing");
    query.exec(tx).await?;
    Ok(())
}

/// What every message about a campaign says: to whom, of whom, which order, where to read it.
pub(super) async fn message_vars(
    tx: &mut Tx,
    campaign: &Campaign,
    body: Id<kind::Body>,
    link: &str,
) -> Result<BTreeMap<String, String>, StoreError> {
    let row = tx.row("select name from body where id = $1", args![body]).await?;
    let name = row.ok_or(StoreError::NotFound("body"))?.text("name")?;
    let order = match &campaign.reference {
        Some(reference) => format!("{} ({reference})", campaign.name),
        None => campaign.name.clone(),
    };
    Ok(BTreeMap::from([
        ("body".into(), name),
        ("order".into(), order),
        ("issuer".into(), campaign.body_name.clone()),
        ("link".into(), link.to_owned()),
    ]))
}

/// Makes the wish to tell a body something about a campaign, by e-mail; once per key.
pub(super) async fn tell(
    tx: &mut Tx,
    ids: &dyn Ids,
    campaign: &Campaign,
    body: Id<kind::Body>,
    template: &str,
    key: &str,
    vars: BTreeMap<String, String>,
) -> Result<(), StoreError> {
    let now = tx.now();
    let least = now.checked_add(MESSAGE_LASTS).unwrap_or(Timestamp::MAX);
    let intent = Intent {
        id: Id::new(ids),
        key: key.to_owned(),
        to: To::Body(body),
        template: template.to_owned(),
        vars,
        urgency: Urgency::Normal,
        not_before: now,
        expires: campaign.window.map_or(least, |w| w.to.max(least)),
    };
    intents::make(tx, &intent, &[(Id::new(ids), "email")]).await?;
    Ok(())
}

/// `04/02/2027 – 12/02/2027`.
pub(super) fn window_text(window: Window) -> String {
    // The window is half-open: its last day is the one before its end.
    let last = window.to.checked_sub(SignedDuration::from_micros(1)).unwrap_or(window.to);
    let day = |at| time::date(at).strftime("%d/%m/%Y").to_string();
    format!("{} – {}", day(window.from), day(last))
}

/// `17:00 12/02/2027`.
fn moment_text(at: Timestamp) -> String {
    time::local(at).strftime("%H:%M %d/%m/%Y").to_string()
}
