//! From the first answer to the end of a visit.

use domain::{
    actor::Scope,
    fact::{Source, kinds},
    id::{Id, kind},
    inspection::{Answer, FindingState, VisitState, finding::due_at},
    intent::{To, Urgency},
    time,
};
use serde_json::json;

use super::{Held, Need, chase, finding, held, plan::common, words};
use crate::{
    StoreError, Tx, args,
    assignments::{Telling, Tools, learn, somebody, tell},
};

/// What is concluded, and what the inspected body says to it.
pub const FINISH_TEXT_MAX: usize = 6_000;
/// Who received the team.
const MET_MAX: usize = 500;

/// What stands in the minutes besides the answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conclusion {
    /// Who received the team, by name and position.
    pub met_by: String,
    /// What the inspected body says.
    pub opinion: String,
    /// What is concluded.
    pub conclusion: String,
}

/// Says that the visit has begun; the first answer does so too. Needs what an answer needs. `Refused`: `visit-over`.
pub async fn start(tx: &mut Tx, scope: &Scope, id: Id<kind::Visit>) -> Result<(), StoreError> {
    let actor = tx.actor();
    let of = held(tx, scope, actor, Need::Answer, id).await?;
    of.open()?;
    if of.state == VisitState::UnderWay {
        tx.unchanged();
        return Ok(());
    }
    let now = tx.now();
    tx.exec(
        "update visit set state = $1, started_at = $2, version = version + 1 where id = $3",
        args![VisitState::UnderWay.name(), now, id],
    )
    .await?;
    tx.record("visit.started", of.subject(), Some(of.body), &id);
    of.changed(tx);
    Ok(())
}

/// Writes down what is concluded, as long as the visit is not over. Needs what an answer needs.
/// `Refused`: `visit-over`, `text-long`.
pub async fn conclude(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Visit>,
    said: &Conclusion,
) -> Result<(), StoreError> {
    let actor = tx.actor();
    let of = held(tx, scope, actor, Need::Answer, id).await?;
    of.open()?;
    write_down(tx, &of, said).await
}

async fn write_down(tx: &mut Tx, of: &Held, said: &Conclusion) -> Result<(), StoreError> {
    let met_by = words(&said.met_by, MET_MAX)?;
    let (opinion, conclusion) =
        (words(&said.opinion, FINISH_TEXT_MAX)?, words(&said.conclusion, FINISH_TEXT_MAX)?);
    tx.exec(
        "update visit set met_by = $1, opinion = $2, conclusion = $3, version = version + 1 where id = $4",
        args![&met_by, &opinion, &conclusion, of.id],
    )
    .await?;
    tx.record("visit.concluded", of.subject(), Some(of.body), &(&met_by, &opinion, &conclusion));
    of.changed(tx);
    Ok(())
}

/// Ends a visit: every item answered *chưa đạt* becomes a finding with its due day, the inspected body is told, and
/// chasing begins. Needs what an answer needs. `Refused`: `visit-over`, `visit-unanswered`, `text-long`.
pub async fn finish(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Visit>,
    said: &Conclusion,
) -> Result<u32, StoreError> {
    let actor = tx.actor();
    let person = somebody(actor)?;
    let of = held(tx, scope, actor, Need::Answer, id).await?;
    of.open()?;
    let answers = tx
        .rows("select item, answer, note from visit_answer where visit = $1 and answer <> ''", args![id])
        .await?;
    let unanswered = of.checklist.items.len().saturating_sub(answers.len());
    if unanswered > 0 {
        return Err(StoreError::Refused("visit-unanswered"));
    }
    write_down(tx, &of, said).await?;
    let (now, mut made) = (tx.now(), 0_u32);
    let today = time::date(now);
    for row in &answers {
        if row.word("answer", Answer::parse)? != Answer::Bad {
            continue;
        }
        let (key, note) = (row.text("item")?, row.text("note")?);
        let Some(item) = of.checklist.item(&key) else { continue };
        let text = if note.is_empty() { item.vi.clone() } else { format!("{}: {note}", item.vi) };
        let due = tools.pack.finding_rules().due(item.severity, today);
        let finding: Id<kind::Finding> = Id::new(tools.ids);
        tx.exec(
            "insert into finding (id, visit, item, inspector, body, severity, text, due_on, due_at, state, made_at)
             values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)",
            args![
                finding,
                id,
                &key,
                of.inspector,
                of.body,
                item.severity.name(),
                &text,
                due,
                due_at(due),
                FindingState::Open.name(),
                now
            ],
        )
        .await?;
        finding::event(tx, finding, "made", "", None).await?;
        let subject = format!("finding:{finding}");
        let seq = tx.record("finding.made", subject.clone(), Some(of.body), &(item.severity, &text, due));
        let value = json!({"visit": id, "severity": item.severity, "due": due});
        let key = format!("{}/{finding}", kinds::FINDING_MADE);
        learn(tx, tools, kinds::FINDING_MADE, key, of.body, subject, Source::Audit(seq), value).await?;
        chase::start(tx, tools.ids, finding).await?;
        made += 1;
    }
    tx.exec(
        "update visit set state = $1, done_at = $2, done_by = $3, started_at = coalesce(started_at, $2) where id = $4",
        args![VisitState::Done.name(), now, person, id],
    )
    .await?;
    let items = of.checklist.items.len();
    let seq = tx.record("visit.finished", of.subject(), Some(of.body), &(items, made));
    let value = json!({"visit": id, "inspected": of.body_name, "items": items, "bad": made});
    let (key, subject) = (format!("{}/{id}", kinds::INSPECTED), format!("inspector:{}", of.inspector));
    learn(tx, tools, kinds::INSPECTED, key, of.inspector, subject, Source::Audit(seq), value).await?;
    let mut vars = common(&of, tools);
    vars.push(("findings", made.to_string()));
    let telling = Telling {
        key: format!("visit/{id}/done"),
        to: To::Body(of.body),
        template: "inspection-done",
        vars,
        urgency: Urgency::Normal,
    };
    tell(tx, tools, telling).await?;
    of.changed(tx);
    Ok(made)
}
