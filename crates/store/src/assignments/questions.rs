//! Questions and difficulties, answered where both sides see them.

use domain::{
    actor::Scope,
    id::{Id, kind},
    intent::{To, Urgency},
    order::QuestionKind,
    right::Right,
};
use jiff::Timestamp;

use super::{Held, Need, Telling, Tools, held, person_name, said, somebody, tell};
use crate::{Row, Sql, StoreError, Topic, Tx, args};

/// A question, a reason, a note: a page of text. What is longer belongs in a file.
pub const TEXT_MAX: usize = 4_000;
/// At most so many questions on one assignment: whoever has more should telephone.
const QUESTIONS_MAX: u32 = 200;

/// What a body wants to know.
#[derive(Debug, Clone)]
pub struct NewQuestion {
    /// Its id.
    pub id: Id<kind::Question>,
    /// On which assignment.
    pub assignment: Id<kind::Assignment>,
    /// On which of its duties; `None`: the whole order.
    pub task: Option<Id<kind::Task>>,
    /// A question, or a difficulty.
    pub kind: QuestionKind,
    /// The words.
    pub text: String,
}

/// A question as both sides see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Its id.
    pub id: Id<kind::Question>,
    /// On which assignment.
    pub assignment: Id<kind::Assignment>,
    /// On which duty.
    pub task: Option<Id<kind::Task>>,
    /// The duty's code.
    pub code: Option<String>,
    /// A question, or a difficulty.
    pub kind: QuestionKind,
    /// The words.
    pub text: String,
    /// When.
    pub asked_at: Timestamp,
    /// By whom.
    pub asked_by: Option<String>,
    /// The answer.
    pub answer: Option<String>,
    /// When.
    pub answered_at: Option<Timestamp>,
    /// By whom.
    pub answered_by: Option<String>,
}

/// Asks. Needs [`Right::Answer`] over the body; whoever is the contact of the issuing body is told.
pub async fn ask(tx: &mut Tx, scope: &Scope, tools: &Tools<'_>, new: &NewQuestion) -> Result<(), StoreError> {
    let of = held(tx, scope, Need::Body(Right::Answer), new.assignment).await?;
    let person = somebody(tx.actor())?;
    of.in_force()?;
    let text = said(&new.text, TEXT_MAX)?;
    let code = match new.task {
        None => None,
        Some(task) => Some(code_of(tx, of.id, task).await?),
    };
    let row = tx
        .row("select count(*) as n from question where assignment = $1", args![of.id])
        .await?
        .ok_or(StoreError::NotFound("assignment"))?;
    if row.count("n")? >= QUESTIONS_MAX {
        return Err(StoreError::Refused("questions-many"));
    }
    let now = tx.now();
    tx.exec(
        "insert into question (id, assignment, task, kind, text, asked_at, asked_by) values ($1,$2,$3,$4,$5,$6,$7)",
        args![new.id, of.id, new.task, new.kind.name(), &text, now, person],
    )
    .await?;
    tx.record("question.asked", format!("question:{}", new.id), Some(of.body), &(of.id, new.kind, &text));
    tx.changed(Topic::Question, of.subject(), Some(of.body));
    let asker = format!("{}, {}", person_name(tx, person).await?, of.body_name);
    let telling = Telling {
        key: format!("question-asked/{}", new.id),
        to: To::Body(of.issuer),
        template: "question-asked",
        vars: vars(&of, tools, code.as_deref(), [("asker", asker), ("question", text)]),
        urgency: Urgency::Normal,
    };
    tell(tx, tools, telling).await?;
    Ok(())
}

/// Answers, once; needs the right to decide at the issuing body. The owing body is told. `Refused("question-answered")`
/// if somebody was faster: an answer that others act on is not overwritten.
pub async fn answer(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Question>,
    text: &str,
) -> Result<Id<kind::Assignment>, StoreError> {
    let row = tx
        .row("select assignment, task, text from question where id = $1", args![id])
        .await?
        .ok_or(StoreError::NotFound("question"))?;
    let of = held(tx, scope, Need::Review, row.id("assignment")?).await.map_err(|e| {
        if matches!(e, StoreError::NotFound(_)) { StoreError::NotFound("question") } else { e }
    })?;
    let person = somebody(tx.actor())?;
    let (asked, text) = (row.text("text")?, said(text, TEXT_MAX)?);
    let code = match row.opt_id("task")? {
        None => None,
        Some(task) => Some(code_of(tx, of.id, task).await?),
    };
    let now = tx.now();
    let touched = tx
        .exec(
            "update question set answer = $1, answered_at = $2, answered_by = $3 where id = $4 and answer is null",
            args![&text, now, person, id],
        )
        .await?;
    if touched == 0 {
        return Err(StoreError::Refused("question-answered"));
    }
    tx.record("question.answered", format!("question:{id}"), Some(of.body), &text);
    tx.changed(Topic::Question, of.subject(), Some(of.body));
    let answerer = format!("{}, {}", person_name(tx, person).await?, of.issuer_name);
    let given = [("answerer", answerer), ("question", asked), ("answer", text)];
    let telling = Telling {
        key: format!("question-answered/{id}"),
        to: To::Body(of.body),
        template: "question-answered",
        vars: vars(&of, tools, code.as_deref(), given),
        urgency: Urgency::Normal,
    };
    tell(tx, tools, telling).await?;
    Ok(of.id)
}

fn vars<'a, const N: usize>(
    of: &Held,
    tools: &Tools<'_>,
    code: Option<&str>,
    more: [(&'a str, String); N],
) -> Vec<(&'a str, String)> {
    let duty = code.map(|c| ("duty", tools.duty(c)));
    let common = [("order", of.order.clone()), ("link", tools.page(of))];
    common.into_iter().chain(duty).chain(more).collect()
}

async fn code_of(
    sql: &mut Sql,
    assignment: Id<kind::Assignment>,
    task: Id<kind::Task>,
) -> Result<String, StoreError> {
    let row =
        sql.row("select code from task where id = $1 and assignment = $2", args![task, assignment]).await?;
    row.ok_or(StoreError::NotFound("task"))?.text("code")
}

const QUESTION: &str = "select q.*, t.code, p.name as asker, r.name as answerer from question q
    left join task t on t.id = q.task left join person p on p.id = q.asked_by
    left join person r on r.id = q.answered_by";

/// The questions on an assignment, oldest first.
pub async fn questions(
    sql: &mut Sql,
    scope: &Scope,
    assignment: Id<kind::Assignment>,
) -> Result<Vec<Question>, StoreError> {
    held(sql, scope, Need::See, assignment).await?;
    let mut query = crate::Query::new(QUESTION);
    query.push("where q.assignment =").bind(assignment).push("order by q.asked_at, q.id");
    query.rows(sql).await?.iter().map(from_row).collect()
}

/// One question, if its assignment may be seen.
pub async fn question(sql: &mut Sql, scope: &Scope, id: Id<kind::Question>) -> Result<Question, StoreError> {
    let mut query = crate::Query::new(QUESTION);
    query.push("where q.id =").bind(id);
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("question"))?;
    let question = from_row(&row)?;
    held(sql, scope, Need::See, question.assignment).await.map_err(|_| StoreError::NotFound("question"))?;
    Ok(question)
}

fn from_row(row: &Row) -> Result<Question, StoreError> {
    Ok(Question {
        id: row.id("id")?,
        assignment: row.id("assignment")?,
        task: row.opt_id("task")?,
        code: row.opt_text("code")?,
        kind: row.word("kind", QuestionKind::parse)?,
        text: row.text("text")?,
        asked_at: row.time("asked_at")?,
        asked_by: row.opt_text("asker")?,
        answer: row.opt_text("answer")?,
        answered_at: row.opt_time("answered_at")?,
        answered_by: row.opt_text("answerer")?,
    })
}
