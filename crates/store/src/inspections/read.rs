//! Visits and their answers, as they are shown.

use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
    inspection::{Answer, Checklist, VisitState},
    right::Right,
};
use jiff::Timestamp;

use super::{Conclusion, Need, PAGE_MAX, may};
use crate::{Query, Row, Sql, StoreError, register::containing};

/// A visit as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// Its id.
    pub id: Id<kind::Visit>,
    /// Who inspects.
    pub inspector: Id<kind::Body>,
    /// Its name.
    pub inspector_name: String,
    /// Who is inspected.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// Where it stands.
    pub state: VisitState,
    /// When it is to take place.
    pub planned_at: Timestamp,
    /// Where.
    pub place: String,
    /// What the body is to prepare.
    pub note: String,
    /// The list.
    pub checklist: Checklist,
    /// When the body was last written to.
    pub announced_at: Option<Timestamp>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub done_at: Option<Timestamp>,
    /// Why it was cancelled.
    pub why: Option<String>,
    /// What stands in the minutes besides the answers.
    pub said: Conclusion,
    /// Items of the list.
    pub items: u32,
    /// Items answered.
    pub answered: u32,
    /// Items not in order.
    pub bad: u32,
    /// Its findings that are not closed.
    pub open: u32,
    /// Of those, past their due day.
    pub overdue: u32,
    /// Who leads the team.
    pub leader: Option<String>,
    /// Whoever changes it names this.
    pub version: i64,
}

/// What the asker may do with a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights {
    /// Plan, announce, cancel.
    pub lead: bool,
    /// Answer, take photos, finish.
    pub answer: bool,
}

/// Who goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub person: Id<kind::Person>,
    /// Their name.
    pub name: String,
    /// What they are, where they serve the inspecting body.
    pub position: Option<String>,
}

/// An answer as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerLine {
    /// Which item.
    pub item: String,
    /// What was seen; `None` = taken back.
    pub answer: Option<Answer>,
    /// Words beside it.
    pub note: String,
    /// When it was given, by the clock of the device.
    pub at: Timestamp,
    /// When it reached us.
    pub learnt: Timestamp,
    /// By whom.
    pub by: Option<String>,
    /// Its version.
    pub version: u32,
}

/// Which visits.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the inspected body's name.
    pub text: Option<String>,
    /// Only in that state.
    pub state: Option<VisitState>,
    /// Only of that inspector.
    pub inspector: Option<Id<kind::Body>>,
    /// Only of that inspected body.
    pub body: Option<Id<kind::Body>>,
    /// Only those with a finding that is not closed.
    pub open: bool,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The latest day first.
    #[default]
    Latest,
    /// The earliest day first.
    Earliest,
    /// By the inspected body's name.
    Body,
    /// By the inspected body's name, backwards.
    BodyBack,
    /// Most items not in order first.
    Bad,
}

const VISIT: &str = "select v.*, b.name as body_name, i.name as inspector_name,
    (select p.name from visit_member m join person p on p.id = m.person where m.visit = v.id
      order by m.place limit 1) as leader,
    (select count(*) from finding f where f.visit = v.id and f.state <> 'closed') as open,
    (select count(*) from finding f where f.visit = v.id and f.state = 'open' and f.due_at <=";
const FROM: &str = ") as overdue
    from visit v join body b on b.id = v.body join body i on i.id = v.inspector where";

/// One visit with its team and what the asker may do with it.
pub async fn get(
    sql: &mut Sql,
    scope: &Scope,
    actor: Actor,
    id: Id<kind::Visit>,
    now: Timestamp,
) -> Result<(Visit, Vec<Member>, Rights), StoreError> {
    let mut query = Query::new(VISIT);
    query.bind(now).push(FROM).push("v.id =").bind(id).push("and");
    may(&mut query, scope, Need::See, actor);
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("visit"))?;
    let visit = visit(&row)?;
    let rows = sql
        .rows(
            "select m.person, p.name, s.position from visit_member m join person p on p.id = m.person
             left join membership s on s.person = m.person and s.body = $1 where m.visit = $2 order by m.place",
            crate::args![visit.inspector, id],
        )
        .await?;
    let member = |r: &Row| {
        Ok(Member { person: r.id("person")?, name: r.text("name")?, position: r.opt_text("position")? })
    };
    let team = rows.iter().map(member).collect::<Result<Vec<_>, StoreError>>()?;
    let mut rights = Rights::default();
    for (need, right) in [(Need::Lead, &mut rights.lead), (Need::Answer, &mut rights.answer)] {
        let mut query = Query::new("select v.id from visit v where v.id =");
        query.bind(id).push("and");
        may(&mut query, scope, need, actor);
        *right = query.row(sql).await?.is_some();
    }
    Ok((visit, team, rights))
}

/// Visits, at most [`PAGE_MAX`].
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    actor: Actor,
    filter: &Filter,
    order: Order,
    now: Timestamp,
) -> Result<Vec<Visit>, StoreError> {
    let mut query = Query::new(VISIT);
    query.bind(now).push(FROM);
    may(&mut query, scope, Need::See, actor);
    if let Some(text) = filter.text.as_deref().filter(|t| !t.trim().is_empty()) {
        query.push("and b.folded like").bind(containing(text)).push("escape '\\'");
    }
    if let Some(state) = filter.state {
        query.push("and v.state =").bind(state.name());
    }
    if let Some(inspector) = filter.inspector {
        query.push("and v.inspector =").bind(inspector);
    }
    if let Some(body) = filter.body {
        query.push("and v.body =").bind(body);
    }
    if filter.open {
        query.push("and exists (select 1 from finding f where f.visit = v.id and f.state <> 'closed')");
    }
    query.push(match order {
        Order::Latest => "order by v.planned_at desc, v.id",
        Order::Earliest => "order by v.planned_at, v.id",
        Order::Body => "order by b.sort_key, v.planned_at desc, v.id",
        Order::BodyBack => "order by b.sort_key desc, v.planned_at desc, v.id",
        Order::Bad => "order by v.bad desc, v.planned_at desc, v.id",
    });
    query.push("limit").bind(PAGE_MAX);
    query.rows(sql).await?.iter().map(visit).collect()
}

/// The answers of a visit; needs [`Right::Read`] over either body, or to be of the team.
pub async fn answers(
    sql: &mut Sql,
    scope: &Scope,
    actor: Actor,
    id: Id<kind::Visit>,
) -> Result<Vec<AnswerLine>, StoreError> {
    let mut query = Query::new(
        "select a.*, p.name as answerer from visit_answer a join visit v on v.id = a.visit
         left join person p on p.id = a.by_person where a.visit =",
    );
    query.bind(id).push("and (");
    may(&mut query, scope, Need::Answer, actor);
    query.push("or").visible(scope, Right::Read, "v.inspector");
    query.push("or (v.state in ('under-way', 'done') or v.announced_at is not null) and");
    query.visible(scope, Right::Read, "v.body").push(")");
    query.rows(sql).await?.iter().map(answer_line).collect()
}

pub(super) fn answer_line(row: &Row) -> Result<AnswerLine, StoreError> {
    let word = row.text("answer")?;
    let answer = Answer::parse(&word);
    if answer.is_none() && !word.is_empty() {
        return Err(StoreError::Corrupt("answer", word));
    }
    Ok(AnswerLine {
        item: row.text("item")?,
        answer,
        note: row.text("note")?,
        at: row.time("answered_at")?,
        learnt: row.time("learnt_at")?,
        by: row.opt_text("answerer")?,
        version: row.count("version")?,
    })
}

fn visit(row: &Row) -> Result<Visit, StoreError> {
    Ok(Visit {
        id: row.id("id")?,
        inspector: row.id("inspector")?,
        inspector_name: row.text("inspector_name")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        state: row.word("state", VisitState::parse)?,
        planned_at: row.time("planned_at")?,
        place: row.text("place")?,
        note: row.text("note")?,
        checklist: row.json("checklist")?,
        announced_at: row.opt_time("announced_at")?,
        started_at: row.opt_time("started_at")?,
        done_at: row.opt_time("done_at")?,
        why: row.opt_text("why")?,
        said: Conclusion {
            met_by: row.text("met_by")?,
            opinion: row.text("opinion")?,
            conclusion: row.text("conclusion")?,
        },
        items: row.count("items")?,
        answered: row.count("answered")?,
        bad: row.count("bad")?,
        open: row.count("open")?,
        overdue: row.count("overdue")?,
        leader: row.opt_text("leader")?,
        version: row.int("version")?,
    })
}
