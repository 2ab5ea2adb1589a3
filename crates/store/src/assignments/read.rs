//! Assignments and tasks as pages show them.

use domain::{
    actor::Scope,
    evidence::{Because, Count, State},
    fact::kinds,
    id::{Id, kind},
    order::{AckHow, Affected, CampaignState, Contact, ExcuseKind},
    right::Right,
    time::Window,
};
use jiff::Timestamp;
use serde_json::Value;

use super::{Held, Need, decides, held, order_name, seen};
use crate::{Query, Row, Sql, StoreError, args};

/// At most so many rows of a page.
const PAGE_MAX: usize = 500;
/// A to-do list longer than this is no to-do list; the rest is on the assignment's page.
const TODO_MAX: i64 = 300;

/// What whoever looks may do with an assignment: decides which buttons a page shows, never whether an act succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights {
    /// Read letters and evidence.
    pub read: bool,
    /// Answer for the body.
    pub answer: bool,
    /// Acknowledge as its head.
    pub acknowledge: bool,
    /// Confirm a letter of the unit as its acknowledgement.
    pub vouch: bool,
    /// Decide for the issuer.
    pub review: bool,
}

/// Who acknowledged, when and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// When.
    pub at: Timestamp,
    /// The name of who pressed the button.
    pub by: String,
    /// How.
    pub how: AckHow,
    /// By a letter: what the check of its digital signatures found; null otherwise.
    pub signatures: Value,
}

/// An assignment with what its page shows beside the tasks.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// Its id.
    pub id: Id<kind::Assignment>,
    /// Of which campaign.
    pub campaign: Id<kind::Campaign>,
    /// How people call the order: number, symbol, name.
    pub order: String,
    /// Where the campaign stands.
    pub campaign_state: CampaignState,
    /// The window, if there is one.
    pub window: Option<Window>,
    /// What the issuer adds.
    pub note: Option<String>,
    /// Whom to ask.
    pub contacts: Vec<Contact>,
    /// Who owes it.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// Who issued it.
    pub issuer: Id<kind::Body>,
    /// Its name.
    pub issuer_name: String,
    /// The issuer's own assignment which this one passes on, if whoever looks may see it.
    pub parent: Option<(Id<kind::Assignment>, String)>,
    /// The letter behind the order.
    pub letter: Option<Id<kind::Letter>>,
    /// Its text, for those who may read.
    pub letter_text: Option<String>,
    /// When the body got it.
    pub received_at: Timestamp,
    /// When somebody of the body first opened it.
    pub read_at: Option<Timestamp>,
    /// Who acknowledged.
    pub acknowledged: Option<Acknowledgement>,
    /// What the body found out, in which words, and when.
    pub triage: Option<(Affected, String, Timestamp)>,
    /// When it was passed on.
    pub passed_on_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// How many reminders went out.
    pub chased: u32,
    /// When the last did.
    pub chased_at: Option<Timestamp>,
    /// What whoever looks may do.
    pub rights: Rights,
}

/// One assignment; from either side, with [`Right::See`].
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::Assignment>) -> Result<Assignment, StoreError> {
    let of = held(sql, scope, Need::See, id).await?;
    let row = sql
        .row(
            "select a.*, p.name as acknowledger, c.state as campaign_state, c.window_from, c.window_to,
                    c.note, c.contact, c.letter, l.text as letter_text
             from assignment a join campaign c on c.id = a.campaign left join letter l on l.id = c.letter
             left join person p on p.id = a.acknowledged_by where a.id = $1",
            args![id],
        )
        .await?
        .ok_or(StoreError::NotFound("assignment"))?;
    let rights = rights(sql, scope, &of).await?;
    let parent = match row.opt_id("parent")? {
        None => None,
        Some(parent) => match held(sql, scope, Need::See, parent).await {
            Ok(above) => Some((above.id, above.order)),
            Err(StoreError::NotFound(_)) => None,
            Err(other) => return Err(other),
        },
    };
    let window = row.opt_time("window_from")?.zip(row.opt_time("window_to")?);
    Ok(Assignment {
        id: of.id,
        campaign: of.campaign,
        order: of.order,
        campaign_state: row.word("campaign_state", CampaignState::parse)?,
        window: window.map(|(from, to)| Window { from, to }),
        note: row.opt_text("note")?,
        // Written by the order's own pages; an older shape shows nothing rather than failing the page.
        contacts: row.json("contact").unwrap_or_default(),
        body: of.body,
        body_name: of.body_name,
        issuer: of.issuer,
        issuer_name: of.issuer_name,
        parent,
        letter: row.opt_id("letter")?,
        letter_text: if rights.read { row.opt_text("letter_text")? } else { None },
        received_at: of.received_at,
        read_at: of.read_at,
        acknowledged: acknowledgement(sql, &row, id).await?,
        triage: triage(&row)?,
        passed_on_at: row.opt_time("passed_on_at")?,
        cancelled_at: row.opt_time("cancelled_at")?,
        chased: row.count("chased")?,
        chased_at: row.opt_time("chased_at")?,
        rights,
    })
}

async fn rights(sql: &mut Sql, scope: &Scope, of: &Held) -> Result<Rights, StoreError> {
    let mut over = async |right: Right| -> Result<bool, StoreError> {
        let mut query = Query::new("select b.id from body b where b.id =");
        query.bind(of.body).push("and").visible(scope, right, "b.id");
        Ok(query.row(sql).await?.is_some())
    };
    let (read, answer, above) =
        (over(Right::Read).await?, over(Right::Answer).await?, over(Right::Review).await?);
    let head = scope.tops(Right::Acknowledge).is_some_and(|tops| tops.contains(&of.body));
    let review = decides(sql, scope, of.body, of.issuer).await?;
    let open = !of.over;
    Ok(Rights {
        read: read || review,
        answer: answer && open,
        acknowledge: head && open && of.acknowledged_at.is_none(),
        vouch: (answer || above) && open && of.acknowledged_at.is_none(),
        review: review && open,
    })
}

async fn acknowledgement(
    sql: &mut Sql,
    row: &Row,
    id: Id<kind::Assignment>,
) -> Result<Option<Acknowledgement>, StoreError> {
    let Some(at) = row.opt_time("acknowledged_at")? else { return Ok(None) };
    let how = row.word("ack_how", AckHow::parse)?;
    let mut signatures = Value::Null;
    if how == AckHow::Letter {
        let key = format!("{}/{id}", kinds::ACKNOWLEDGED);
        if let Some(fact) = sql.row("select value from fact where key = $1", args![key]).await? {
            signatures =
                fact.json::<Value>("value")?.get_mut("signatures").map(Value::take).unwrap_or_default();
        }
    }
    let by = row.opt_text("acknowledger")?.unwrap_or_default();
    Ok(Some(Acknowledgement { at, by, how, signatures }))
}

fn triage(row: &Row) -> Result<Option<(Affected, String, Timestamp)>, StoreError> {
    Ok(match row.opt_time("triaged_at")? {
        None => None,
        Some(at) => {
            Some((row.word("triage", Affected::parse)?, row.opt_text("triage_note")?.unwrap_or_default(), at))
        }
    })
}

/// An assignment as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// Its id.
    pub id: Id<kind::Assignment>,
    /// Of which campaign.
    pub campaign: Id<kind::Campaign>,
    /// How people call the order.
    pub order: String,
    /// Who owes it.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// Who issued it.
    pub issuer_name: String,
    /// When the body got it.
    pub received_at: Timestamp,
    /// When somebody of the body first opened it.
    pub read_at: Option<Timestamp>,
    /// When its head acknowledged.
    pub acknowledged_at: Option<Timestamp>,
    /// When the first of its duties that is still owed is due.
    pub due: Option<Timestamp>,
    /// How many duties it has, and how many of them are met, excused or not applicable.
    pub tasks: Count,
    /// How many reminders went out.
    pub chased: u32,
}

/// Which assignments.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of one campaign.
    pub campaign: Option<Id<kind::Campaign>>,
    /// Of one body.
    pub body: Option<Id<kind::Body>>,
    /// Only those not acknowledged.
    pub unacknowledged: bool,
    /// Also those cancelled or of campaigns that are over.
    pub all: bool,
}

/// Assignments from either side, newest first; `after` is the last row of the page before.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    filter: &Filter,
    after: Option<(Timestamp, Id<kind::Assignment>)>,
    limit: usize,
) -> Result<Vec<Brief>, StoreError> {
    let mut query = Query::new(
        "select a.id, a.campaign, a.body, a.received_at, a.read_at, a.acknowledged_at, a.chased,
                b.name as body_name, i.name as issuer_name, c.name as campaign_name, l.number, l.symbol,
                (select min(t.due_at) from task t where t.assignment = a.id and t.withdrawn_at is null
                   and t.rank < 4) as due,
                (select count(*) from task t where t.assignment = a.id and t.withdrawn_at is null) as total,
                (select count(*) from task t where t.assignment = a.id and t.withdrawn_at is null
                   and t.rank >= 4) as handled
         from assignment a join body b on b.id = a.body join campaign c on c.id = a.campaign
         join body i on i.id = c.body left join letter l on l.id = c.letter where",
    );
    seen(&mut query, scope);
    if let Some(campaign) = filter.campaign {
        query.push("and a.campaign =").bind(campaign);
    }
    if let Some(body) = filter.body {
        query.push("and a.body =").bind(body);
    }
    if filter.unacknowledged {
        query.push("and a.acknowledged_at is null");
    }
    if !filter.all {
        query.push("and a.cancelled_at is null and c.state = 'issued'");
    }
    if let Some((at, id)) = after {
        query.push("and (a.received_at, a.id) < (").bind(at).push(",").bind(id).push(")");
    }
    query.push("order by a.received_at desc, a.id desc limit").bind(limit.min(PAGE_MAX) as i64);
    query.rows(sql).await?.iter().map(brief).collect()
}

/// Those of a body that its head has not acknowledged, the longest waiting first.
pub async fn acknowledgements(
    sql: &mut Sql,
    scope: &Scope,
    body: Id<kind::Body>,
) -> Result<Vec<Brief>, StoreError> {
    let filter = Filter { body: Some(body), unacknowledged: true, ..Filter::default() };
    let mut waiting = list(sql, scope, &filter, None, PAGE_MAX).await?;
    waiting.reverse();
    Ok(waiting)
}

fn brief(row: &Row) -> Result<Brief, StoreError> {
    Ok(Brief {
        id: row.id("id")?,
        campaign: row.id("campaign")?,
        order: order_name(row)?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        issuer_name: row.text("issuer_name")?,
        received_at: row.time("received_at")?,
        read_at: row.opt_time("read_at")?,
        acknowledged_at: row.opt_time("acknowledged_at")?,
        due: row.opt_time("due")?,
        tasks: Count { handled: row.count("handled")?, all: row.count("total")? },
        chased: row.count("chased")?,
    })
}

/// One duty of one body: a cell of the board with what stands behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Its id.
    pub id: Id<kind::Task>,
    /// Of which assignment.
    pub assignment: Id<kind::Assignment>,
    /// Of which campaign.
    pub campaign: Id<kind::Campaign>,
    /// How people call the order.
    pub order: String,
    /// Who owes it.
    pub body: Id<kind::Body>,
    /// Which duty.
    pub code: String,
    /// The item's numbering in the letter.
    pub path: String,
    /// The words of the letter.
    pub quote: String,
    /// What is asked for, beyond the catalogue.
    pub asked: String,
    /// When it is due.
    pub due: Timestamp,
    /// What the evidence says.
    pub state: State,
    /// *đã xử lý / tổng số*; all 0 where nothing is counted.
    pub count: Count,
    /// Why.
    pub because: Vec<Because>,
    /// When it was last evaluated.
    pub evaluated_at: Option<Timestamp>,
    /// Pieces of evidence on which nobody has decided.
    pub waiting: u32,
    /// The excuse in force, by its kind, unless its time has passed.
    pub excuse: Option<ExcuseKind>,
}

const TASK: &str = "select t.*, d.path, d.quote, d.evidence, c.name as campaign_name, l.number, l.symbol,
        (select count(*) from submission s where s.task = t.id and s.state = 'submitted') as waiting,
        (select max(e.kind) from excuse e where e.task = t.id and e.ended_at is null) as excuse
    from task t join campaign_duty d on d.id = t.duty join campaign c on c.id = t.campaign
    left join letter l on l.id = c.letter join assignment a on a.id = t.assignment
    where t.withdrawn_at is null and";

/// The duties of an assignment, in the letter's order.
pub async fn tasks(
    sql: &mut Sql,
    scope: &Scope,
    assignment: Id<kind::Assignment>,
) -> Result<Vec<Task>, StoreError> {
    held(sql, scope, Need::See, assignment).await?;
    let mut query = Query::new(TASK);
    query.push("t.assignment =").bind(assignment).push("order by d.place, t.id");
    query.rows(sql).await?.iter().map(from_row).collect()
}

/// One duty of an assignment.
pub async fn task(sql: &mut Sql, scope: &Scope, id: Id<kind::Task>) -> Result<Task, StoreError> {
    let mut query = Query::new(TASK);
    query.push("t.id =").bind(id).push("and");
    seen(&mut query, scope);
    query.row(sql).await?.as_ref().map(from_row).transpose()?.ok_or(StoreError::NotFound("task"))
}

/// Which of a body's duties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TaskFilter {
    /// Those still owed.
    #[default]
    Open,
    /// Those met, excused or not applicable.
    Done,
}

/// What a body has to do in campaigns in force: worst first, and of equals the one due soonest. Needs [`Right::See`]
/// over the body.
pub async fn todo(
    sql: &mut Sql,
    scope: &Scope,
    body: Id<kind::Body>,
    filter: TaskFilter,
) -> Result<Vec<Task>, StoreError> {
    let mut query = Query::new(TASK);
    query.push("t.body =").bind(body).push("and a.cancelled_at is null and c.state = 'issued' and");
    query.visible(scope, Right::See, "t.body");
    let settled = i64::from(State::Excused.rank());
    query.push(match filter {
        TaskFilter::Open => "and t.rank <",
        TaskFilter::Done => "and t.rank >=",
    });
    query.bind(settled).push("order by t.rank, t.due_at, d.place, t.id limit").bind(TODO_MAX);
    query.rows(sql).await?.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<Task, StoreError> {
    let excuse = row.opt_text("excuse")?;
    Ok(Task {
        id: row.id("id")?,
        assignment: row.id("assignment")?,
        campaign: row.id("campaign")?,
        order: order_name(row)?,
        body: row.id("body")?,
        code: row.text("code")?,
        path: row.text("path")?,
        quote: row.text("quote")?,
        asked: row.text("evidence")?,
        due: row.time("due_at")?,
        state: row.word("state", State::parse)?,
        count: Count { handled: row.count("handled")?, all: row.count("total")? },
        because: row.json("because")?,
        evaluated_at: row.opt_time("evaluated_at")?,
        waiting: row.count("waiting")?,
        excuse: excuse.as_deref().and_then(ExcuseKind::parse),
    })
}
