//! What Canh knows already, before anybody states anything.

use std::collections::BTreeSet;

use domain::{
    actor::Scope,
    body::BodyKind,
    evidence::State,
    id::{Id, kind},
    legal::Legal,
    quick_reports::{Below, Draft, Figure, Prefilled, Round, Terms},
};
use jiff::Timestamp;

use super::{
    Report,
    course::{self, Course},
    read,
};
use crate::{Query, Sql, StoreError, args};

/// A draft with the campaign and round it belongs to, and what was confirmed already.
#[derive(Debug, Clone)]
pub struct Filled {
    /// Of which assignment.
    pub assignment: Id<kind::Assignment>,
    /// The campaign with its rounds.
    pub course: Course,
    /// The round.
    pub round: Round,
    /// What Canh knows now.
    pub draft: Draft,
    /// The sentences people put their name to.
    pub terms: Terms,
    /// The versions confirmed so far, newest first.
    pub versions: Vec<Report>,
}

/// The report of one body for one round, as Canh can fill it now; for whoever may see the assignment.
pub async fn draft(
    sql: &mut Sql,
    scope: &Scope,
    legal: &Legal,
    assignment: Id<kind::Assignment>,
    round: Timestamp,
    now: Timestamp,
) -> Result<Filled, StoreError> {
    let row = sql
        .row(
            "select a.campaign, a.body, b.name, b.kind from assignment a join body b on b.id = a.body
             where a.id = $1 and a.cancelled_at is null",
            args![assignment],
        )
        .await?
        .ok_or(StoreError::NotFound("assignment"))?;
    let (campaign, body) = (row.id("campaign")?, row.id("body")?);
    let course = course::course(sql, scope, legal, campaign, now).await?;
    let round = course.round(round)?;
    let all = course::expected(sql, scope, &course).await?;
    if !all.iter().any(|e| e.assignment == assignment) {
        return Err(StoreError::NotFound("assignment"));
    }
    let terms =
        course::terms(legal, course.window, now).ok_or(StoreError::NotFound("rule of reports"))?.clone();
    let (below, reports) = below(sql, legal, &course, assignment, &round, now).await?;
    let counted: Vec<&str> = course::pack(legal, course.window, now)
        .duties()
        .iter()
        .filter(|d| d.counted)
        .map(|d| d.code.as_str())
        .collect();
    let mut figures = vec![unknown(Figure::Incidents), unknown(Figure::Alerts)];
    figures.extend(duties(sql, assignment, &counted).await?);
    figures.extend(lines(row.word("kind", BodyKind::parse)?));
    for figure in &mut figures {
        figure.below = sum(&reports, figure.figure);
    }
    let versions = read::versions(sql, scope, assignment, round.at).await?;
    let draft = Draft {
        body,
        body_name: row.text("name")?,
        campaign,
        round: round.at,
        since: round.since,
        due: round.due,
        figures,
        // The roster is not kept yet: who is on duty is typed in.
        on_duty: Vec::new(),
        below,
    };
    Ok(Filled { assignment, course, round, draft, terms, versions })
}

fn unknown(figure: Figure) -> Prefilled {
    Prefilled { figure, value: None, source: String::new(), at: None, below: None }
}

/// *Đã xử lý/tổng số*, from the verdicts.
async fn duties(
    sql: &mut Sql,
    assignment: Id<kind::Assignment>,
    counted: &[&str],
) -> Result<Vec<Prefilled>, StoreError> {
    let mut query = Query::new("select count(*) as n, count(case when t.rank >=");
    query.bind(State::Excused.rank()).push("then 1 end) as met, max(t.evaluated_at) as at,");
    query.push("cast(coalesce(sum(case when t.code in").list(counted.iter().copied());
    query.push("then t.handled else 0 end), 0) as bigint) as handled,");
    query.push("cast(coalesce(sum(case when t.code in").list(counted.iter().copied());
    query.push("then t.total else 0 end), 0) as bigint) as total");
    query.push("from task t where t.withdrawn_at is null and t.assignment =").bind(assignment);
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("assignment"))?;
    let at = row.opt_time("at")?;
    // Before the evidence was looked at for the first time nothing is known, not zero.
    let value = |n: u32| at.map(|_| n);
    let line = |figure, value: Option<u32>| Prefilled {
        figure,
        source: if value.is_some() { "verdicts".to_owned() } else { String::new() },
        at: value.and(at),
        value,
        below: None,
    };
    let machines = row.count("total")?;
    let machine = |n: u32| if machines > 0 { value(n) } else { None };
    Ok(vec![
        line(Figure::DutiesMet, value(row.count("met")?)),
        line(Figure::DutiesAll, value(row.count("n")?)),
        line(Figure::MachinesHandled, machine(row.count("handled")?)),
        line(Figure::MachinesAll, machine(machines)),
    ])
}

/// Line status and outages: asked of those who run lines. Blank until Canh keeps them.
fn lines(of: BodyKind) -> Vec<Prefilled> {
    match of {
        BodyKind::Operator => {
            vec![unknown(Figure::LinesUp), unknown(Figure::LinesAll), unknown(Figure::Outages)]
        }
        _ => Vec::new(),
    }
}

/// The sub-bodies to which the order was passed on, and their reports of this time. Those that the same order also
/// addresses directly report there, and are not added up twice.
async fn below(
    sql: &mut Sql,
    legal: &Legal,
    course: &Course,
    assignment: Id<kind::Assignment>,
    round: &Round,
    now: Timestamp,
) -> Result<(Below, Vec<Report>), StoreError> {
    let campaigns = sql
        .rows(
            "select id from campaign where parent_assignment = $1 and state = 'issued' order by issued_at, id",
            args![assignment],
        )
        .await?;
    let (mut below, mut reports) = (Below::default(), Vec::new());
    if campaigns.is_empty() {
        return Ok((below, reports));
    }
    let direct: BTreeSet<Id<kind::Body>> =
        course::expected(sql, &Scope::system(), course).await?.iter().map(|e| e.body).collect();
    for row in campaigns {
        // What the sub-bodies say is the body's own to know: it is their superior.
        let under = course::course(sql, &Scope::system(), legal, row.id("id")?, now).await?;
        let asked: Vec<&Round> =
            under.rounds.iter().filter(|r| round.since < r.at && r.at <= round.at).collect();
        let bodies = course::expected(sql, &Scope::system(), &under).await?;
        let owing: Vec<_> = bodies
            .into_iter()
            .filter(|e| !direct.contains(&e.body) && asked.iter().any(|r| e.owes(r)))
            .collect();
        let ids: Vec<_> = owing.iter().map(|e| e.assignment).collect();
        let found = read::standing(sql, &ids, round.since, round.at).await?;
        for body in owing {
            below.all = below.all.saturating_add(1);
            if found.iter().any(|r| r.assignment == body.assignment) {
                below.reported = below.reported.saturating_add(1);
            } else {
                below.missing.push(body.name);
            }
        }
        reports.extend(found);
    }
    Ok((below, reports))
}

/// Added up over reports: what speaks of a time over all of them, what speaks of a state over the newest of each body.
pub(super) fn sum(reports: &[Report], figure: Figure) -> Option<u32> {
    let newest = |r: &Report| {
        !reports.iter().any(|o| o.assignment == r.assignment && o.content.round > r.content.round)
    };
    reports
        .iter()
        .filter(|r| figure.adds_up() || newest(r))
        .filter_map(|r| r.content.total(figure))
        .fold(None, |sum: Option<u32>, n| Some(sum.unwrap_or(0).saturating_add(n)))
}
