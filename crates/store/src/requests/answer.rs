//! What becomes of a request: received, answered with proof, accepted or returned, withdrawn.

use domain::{
    actor::Scope,
    evidence::Count,
    fact::{Source, kinds},
    id::{Id, kind},
    intent::{To, Urgency},
    request::{Outcome, RequestKind, RequestState, settled},
};
use jiff::Timestamp;
use serde_json::json;

use super::{
    Held, Need, Tools, WORDS_MAX, held, items, learnt,
    letters::{self, Letter},
    outcome, receipt, wrote,
};
use crate::{
    StoreError, Tx, args,
    assignments::{NewEvidence, Telling, evidence::piece, learn, said, somebody, tell, written},
    blobs,
};

/// So many pieces of proof on one request: more would hide each other.
const PROOFS_MAX: u32 = 50;

/// The body takes the request: from then on it has a receipt. Taking it twice is taking it once.
pub async fn receive(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Request>,
) -> Result<bool, StoreError> {
    let of = held(tx, scope, Need::Answer, id).await?;
    of.in_force()?;
    somebody(tx.actor())?;
    let new = take(tx, tools, &of).await?;
    if !new {
        tx.unchanged();
    }
    Ok(new)
}

/// Writes the receipt, once.
async fn take(tx: &mut Tx, tools: &Tools<'_>, of: &Held) -> Result<bool, StoreError> {
    if of.received_at.is_some() {
        return Ok(false);
    }
    let (now, by) = (tx.now(), somebody(tx.actor())?);
    tx.exec(
        "update request set received_at = $1, received_by = $2,
                state = case when state = 'asked' then 'received' else state end where id = $3",
        args![now, by, of.id],
    )
    .await?;
    let digest = receipt::write(tx, of.id).await?;
    let at = wrote(tx, of, "request.received", "received", "", &digest).await?;
    learnt(tx, tools, of, kinds::REQUEST_RECEIVED, at, json!({ "receipt": digest })).await?;
    Ok(true)
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Done, in part, impossible.
    pub outcome: Outcome,
    /// What was done; why not all of it.
    pub text: String,
    /// *Đã xử lý / tổng số*, where something can be counted.
    pub count: Option<Count>,
    /// A file, a link; words alone are proof too, but of the weakest kind.
    pub proof: Option<NewEvidence>,
    /// The id of the proof.
    pub proof_id: Id<kind::Proof>,
}

/// Answers. The newest answer counts as long as nobody accepted one; of a filter list whose entries all have their word
/// it never says more or less than they do. `Refused`: `request-accepted`, `request-items-open` and
/// `request-items-impossible` (a filter list is done when each of its entries is), `request-proof` (neither words nor
/// proof), `request-why`, `request-withdrawn`, `evidence-link`, `evidence-count`, `text-long`, `request-proofs`.
pub async fn answer(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Request>,
    new: &Answer,
) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Answer, id).await?;
    of.in_force()?;
    somebody(tx.actor())?;
    if of.accepted_at.is_some() {
        return Err(StoreError::Refused("request-accepted"));
    }
    let text = match new.text.trim() {
        "" if new.outcome.needs_words() => return Err(StoreError::Refused("request-why")),
        "" if new.proof.is_none() => return Err(StoreError::Refused("request-proof")),
        "" => String::new(),
        text => said(text, WORDS_MAX)?,
    };
    if new.count.is_some_and(|c| c.handled > c.all) {
        return Err(StoreError::Refused("evidence-count"));
    }
    let filter = of.kind == RequestKind::Filter;
    if filter && new.outcome == Outcome::Done {
        match items::counts(tx, id).await? {
            (_, _, 1..) => return Err(StoreError::Refused("request-items-open")),
            (_, 1.., _) => return Err(StoreError::Refused("request-items-impossible")),
            _ => {}
        }
    }
    take(tx, tools, &of).await?;
    if let Some(proof) = &new.proof {
        attach(tx, &of, new.proof_id, proof).await?;
    }
    let mut outcome = new.outcome;
    if filter {
        if outcome == Outcome::Impossible {
            items::rest_impossible(tx, &of, &text).await?;
        }
        let (done, impossible, open) = items::counts(tx, id).await?;
        outcome = settled(done, impossible, open).unwrap_or(outcome);
    }
    settle(tx, tools, &of, outcome, new.count, &text).await
}

/// Writes an answer down and tells who asked.
pub(super) async fn settle(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Held,
    said: Outcome,
    count: Option<Count>,
    text: &str,
) -> Result<(), StoreError> {
    let (now, by) = (tx.now(), tx.actor().person());
    let state = said.state();
    let whole = of.kind == RequestKind::Filter && items::open(tx, of.id).await? == 0;
    let ended = (!state.is_open() || whole).then_some(now);
    tx.exec(
        "update request set state = $1, answered_at = $2, answered_by = $3, answer = $4, ended_at = $5, handled = $6,
                total = $7 where id = $8",
        args![
            state.name(),
            now,
            by,
            text,
            ended,
            count.map(|c| i64::from(c.handled)),
            count.map(|c| i64::from(c.all)),
            of.id
        ],
    )
    .await?;
    let at = wrote(
        tx,
        of,
        "request.answered",
        said.name(),
        text,
        &(said, count.map(|c| (c.handled, c.all)), text),
    )
    .await?;
    learnt(tx, tools, of, kinds::REQUEST_ANSWERED, at, outcome(said, count)).await?;
    if let Some(asker) = of.asker {
        let vars =
            vec![("body", of.body_name.clone()), ("request", of.title.clone()), ("link", of.page(tools))];
        let key = format!("request/{}/answered/{}", of.id, at.1);
        let telling = Telling {
            key,
            to: To::Body(asker),
            template: "request-answered",
            vars,
            urgency: Urgency::Normal,
        };
        tell(tx, tools, telling).await?;
    }
    Ok(())
}

async fn attach(tx: &mut Tx, of: &Held, id: Id<kind::Proof>, proof: &NewEvidence) -> Result<(), StoreError> {
    let row = tx.row("select count(*) as n from request_proof where request = $1", args![of.id]).await?;
    if row.map_or(Ok(0), |r| r.count("n"))? >= PROOFS_MAX {
        return Err(StoreError::Refused("request-proofs"));
    }
    let piece = piece(proof)?;
    let (now, by) = (tx.now(), tx.actor().person());
    let mut file = (None, None);
    if let NewEvidence::File { blob, name, mime, .. } = proof {
        let subject = format!("proof:{id}");
        // The answering body keeps its right to the file; who asks gets one: it may stand outside the asker's tree.
        for body in [Some(of.body), of.asker].into_iter().flatten() {
            blobs::attach(tx, blob, body, &subject, name, mime).await?;
        }
        file = (Some(blob.sha256.clone()), Some(name.clone()));
    }
    tx.exec(
        "insert into request_proof (id, request, kind, text, url, sha256, file_name, at, by_person)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
        args![id, of.id, piece.kind.name(), piece.text, piece.url, file.0, file.1, now, by],
    )
    .await?;
    Ok(())
}

/// What who asks makes of an answer.
#[derive(Debug, Clone)]
pub enum Decision {
    /// Content with it; what was impossible is released.
    Accept,
    /// Not content, because; with more time, if any is given.
    Return(String, Option<Timestamp>),
}

/// Accepts or returns an answer. What was returned is owed again. `Refused`: `request-unanswered`,
/// `request-accepted`, `request-due-past`, `text-empty`, `text-long`, `request-withdrawn`.
pub async fn decide(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Request>,
    decision: &Decision,
) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Ask, id).await?;
    of.in_force()?;
    somebody(tx.actor())?;
    if matches!(of.state, RequestState::Asked | RequestState::Received) {
        return Err(StoreError::Refused("request-unanswered"));
    }
    if of.accepted_at.is_some() {
        return Err(StoreError::Refused("request-accepted"));
    }
    let now = tx.now();
    match decision {
        Decision::Accept => {
            tx.exec(
                "update request set accepted_at = $1, ended_at = coalesce(ended_at, $1) where id = $2",
                args![now, id],
            )
            .await?;
            letters::take_back(tx, &of).await?;
            wrote(tx, &of, "request.accepted", "accepted", "", &"").await.map(|_| ())
        }
        Decision::Return(reason, due) => {
            let reason = said(reason, WORDS_MAX)?;
            let due = due.unwrap_or(of.due);
            if due != of.due && due <= now {
                return Err(StoreError::Refused("request-due-past"));
            }
            tx.exec(
                "update request set state = 'received', ended_at = null, due_at = $1 where id = $2",
                args![due, id],
            )
            .await?;
            items::reopen(tx, id).await?;
            let at = wrote(tx, &of, "request.returned", "returned", &reason, &(&reason, due)).await?;
            learnt(tx, tools, &of, kinds::REQUEST_RETURNED, at, json!({"due": due.to_string()})).await?;
            let again = held(tx, scope, Need::Ask, id).await?;
            super::chase::start(tx, tools.ids, &again).await?;
            let vars = vec![
                ("body", of.body_name.clone()),
                ("asker", of.asker_name.clone()),
                ("request", of.title.clone()),
                ("reason", reason),
                ("due", written(due)),
            ];
            let key = format!("request/{id}/returned/{}", at.1);
            let urgency = Urgency::Normal;
            letters::to_body(tx, tools, &again, Letter { key, template: "request-returned", vars, urgency })
                .await
        }
    }
}

/// Withdraws a request with a reason, and what was passed on from it. For an authority outside the register, whoever
/// may issue for the body records that it took its request back. `Refused`: `text-empty`, `text-long`,
/// `request-withdrawn`.
pub async fn withdraw(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Request>,
    reason: &str,
) -> Result<(), StoreError> {
    let of = match held(tx, scope, Need::Ask, id).await {
        Err(StoreError::NotFound(_)) => {
            let of = held(tx, scope, Need::Issue, id).await?;
            if of.asker.is_some() {
                return Err(StoreError::NotFound("request"));
            }
            of
        }
        other => other?,
    };
    of.in_force()?;
    somebody(tx.actor())?;
    let reason = said(reason, WORDS_MAX)?;
    let below = tx
        .rows(
            "with recursive chain (id) as (select r.id from request r where r.parent = $1
               union select r.id from chain c join request r on r.parent = c.id)
             select c.id from chain c join request r on r.id = c.id where r.state <> 'withdrawn'",
            args![id],
        )
        .await?;
    end(tx, tools, &of, &reason).await?;
    for row in &below {
        let child = held(tx, &Scope::system(), Need::See, row.id("id")?).await?;
        end(tx, tools, &child, &reason).await?;
    }
    Ok(())
}

async fn end(tx: &mut Tx, tools: &Tools<'_>, of: &Held, reason: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("update request set state = 'withdrawn', ended_at = $1 where id = $2", args![now, of.id]).await?;
    letters::take_back(tx, of).await?;
    let (seq, n) = wrote(tx, of, "request.withdrawn", "withdrawn", reason, &reason).await?;
    let kind = kinds::REQUEST_WITHDRAWN;
    let key = format!("{kind}/{}/{n}", of.id);
    learn(tx, tools, kind, key, of.body, of.subject(), Source::Audit(seq), json!({})).await?;
    let vars = vec![
        ("body", of.body_name.clone()),
        ("asker", of.asker_name.clone()),
        ("request", of.title.clone()),
        ("reason", reason.to_owned()),
        ("link", of.page(tools)),
    ];
    let key = format!("request/{}/withdrawn", of.id);
    let (to, urgency) = (To::Body(of.body), Urgency::Normal);
    tell(tx, tools, Telling { key, to, template: "request-withdrawn", vars, urgency }).await.map(|_| ())
}
