//! What Canh knows already, before anybody states anything.

use std::collections::BTreeSet;

use domain::{
    actor::Scope,
    body::BodyKind,
    evidence::State,
    id::{Id, kind},
    legal::Legal,
    line::{LineState, hold},
    quick_reports::{Below, Draft, Figure, Prefilled, Round, Terms},
    roster::Line,
    time::Window,
};
use jiff::{SignedDuration, Timestamp};

use super::{
    Report,
    course::{self, Course},
    read,
};
use crate::{Query, Sql, StoreError, args, lines, rosters};

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
    let pack = course::pack(legal, course.window, now);
    let over = Window { from: round.since, to: round.at.max(now) };
    figures.extend(
        of_lines(sql, scope, (body, row.word("kind", BodyKind::parse)?), over, now, hold(pack)).await?,
    );
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
        on_duty: on_duty(sql, body, now).await?,
        below,
    };
    Ok(Filled { assignment, course, round, draft, terms, versions })
}

/// Who is first in line at the body's posts, by the roster; empty where it keeps none, and then it is typed in.
async fn on_duty(sql: &mut Sql, body: Id<kind::Body>, now: Timestamp) -> Result<Vec<String>, StoreError> {
    // Whoever may see the draft may know who of the body is awake, at posts of others too that watch it.
    let posts = rosters::awake(sql, &Scope::system(), Some(body), now).await?;
    let mut names: Vec<String> = Vec::new();
    for post in &posts {
        for on in post.people.iter().filter(|on| on.line == Line::Primary) {
            let name = format!("{} ({})", on.name, post.post.name);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    Ok(names)
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

/// Line status and outages of those who have lines: from what was reported of each. An operator without any states
/// them. While nobody knows how one of the lines is, how many work is blank; so are outages, unless there were some.
async fn of_lines(
    sql: &mut Sql,
    scope: &Scope,
    (body, of): (Id<kind::Body>, BodyKind),
    over: Window,
    now: Timestamp,
    hold: SignedDuration,
) -> Result<Vec<Prefilled>, StoreError> {
    let mut found = lines::summary(sql, scope, over, &[body], now, hold).await?;
    let known = found.remove(&body).unwrap_or_default();
    if known.lines.is_empty() {
        let asked = [Figure::LinesUp, Figure::LinesAll, Figure::Outages];
        return Ok(if of == BodyKind::Operator { asked.map(unknown).into() } else { Vec::new() });
    }
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let up = known.count(Some(LineState::Ok)).saturating_add(known.count(Some(LineState::Degraded)));
    let outages = count(known.outages.len());
    // As of the line of which nobody has said anything for the longest time.
    let at = known.lines.iter().filter_map(|l| l.seen).min().unwrap_or(now);
    let line = |figure, value: Option<u32>| Prefilled {
        figure,
        source: if value.is_some() { "lines".to_owned() } else { String::new() },
        at: value.map(|_| at),
        value,
        below: None,
    };
    Ok(vec![
        line(Figure::LinesUp, (known.count(None) == 0).then_some(up)),
        line(Figure::LinesAll, Some(count(known.lines.len()))),
        line(Figure::Outages, (outages > 0 || known.minutes.unknown == 0).then_some(outages)),
    ])
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
