//! Reading reports: one with its versions, what is due now, and the sheet of a round.

use domain::{
    actor::Scope,
    id::{Id, kind},
    legal::Legal,
    order::CampaignState,
    quick_reports::{Content, Round},
    right::Right,
    time::Window,
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{
    confirm::How,
    course::{self, Course, Standing},
};
use crate::{Query, Row as SqlRow, Sql, StoreError, args};

/// One version of one body's report.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its id.
    pub id: Id<kind::QuickReport>,
    /// Of which assignment.
    pub assignment: Id<kind::Assignment>,
    /// What was frozen.
    pub content: Content,
    /// SHA-256 of what was frozen.
    pub digest: String,
    /// Whether what is stored still has that digest.
    pub intact: bool,
    /// The audit entry that carries the digest too.
    pub entry: u64,
    /// How it was confirmed.
    pub how: How,
    /// Whether the first version came after the due time.
    pub late: bool,
    /// When a newer version took its place.
    pub superseded_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "select r.id, r.assignment, r.content, r.digest, r.entry, r.how, r.late, r.superseded_at
    from quick_report r join campaign c on c.id = r.campaign where";

fn from_row(row: &SqlRow) -> Result<Report, StoreError> {
    let text = row.text("content")?;
    let digest = row.text("digest")?;
    Ok(Report {
        id: row.id("id")?,
        assignment: row.id("assignment")?,
        content: serde_json::from_str(&text)
            .map_err(|e| StoreError::Corrupt("quick_report", e.to_string()))?,
        intact: hex::encode(Sha256::digest(text.as_bytes())) == digest,
        digest,
        entry: row.int("entry")?.unsigned_abs(),
        how: row.word("how", How::parse)?,
        late: row.bool("late")?,
        superseded_at: row.opt_time("superseded_at")?,
    })
}

/// From the reporting body's side or the issuer's.
fn seen(query: &mut Query, scope: &Scope) {
    query
        .push("(")
        .visible(scope, Right::See, "r.body")
        .push("or")
        .visible(scope, Right::See, "c.body")
        .push(")");
}

/// One version.
pub async fn report(sql: &mut Sql, scope: &Scope, id: Id<kind::QuickReport>) -> Result<Report, StoreError> {
    let mut query = Query::new(COLUMNS);
    query.push("r.id =").bind(id).push("and");
    seen(&mut query, scope);
    query.row(sql).await?.as_ref().map(from_row).transpose()?.ok_or(StoreError::NotFound("report"))
}

/// Every version of a body's report of a round, newest first; none if it has not reported.
pub async fn versions(
    sql: &mut Sql,
    scope: &Scope,
    assignment: Id<kind::Assignment>,
    round: Timestamp,
) -> Result<Vec<Report>, StoreError> {
    let mut query = Query::new(COLUMNS);
    query.push("r.assignment =").bind(assignment).push("and r.round_at =").bind(round).push("and");
    seen(&mut query, scope);
    query.push("order by r.version desc");
    query.rows(sql).await?.iter().map(from_row).collect()
}

/// The reports of some assignments whose hour lies in `(after, to]`, as they stand now.
pub(super) async fn standing(
    sql: &mut Sql,
    assignments: &[Id<kind::Assignment>],
    after: Timestamp,
    to: Timestamp,
) -> Result<Vec<Report>, StoreError> {
    let mut found = Vec::new();
    for some in assignments.chunks(crate::verdicts::BATCH) {
        let mut query = Query::new(COLUMNS);
        query.push("r.superseded_at is null and r.round_at >").bind(after).push("and r.round_at <=").bind(to);
        query.push("and r.assignment in").list(some.iter().copied()).push("order by r.round_at, r.id");
        for row in query.rows(sql).await? {
            found.push(from_row(&row)?);
        }
    }
    Ok(found)
}

/// A report that is to be confirmed, or was, in the round under way.
#[derive(Debug, Clone)]
pub struct Due {
    /// Of which assignment.
    pub assignment: Id<kind::Assignment>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// The body's name.
    pub body_name: String,
    /// The campaign.
    pub campaign: Id<kind::Campaign>,
    /// The campaign's name.
    pub name: String,
    /// Who issued it.
    pub issuer_name: String,
    /// The round.
    pub round: Round,
    /// The report as it stands, if it was confirmed.
    pub report: Option<Report>,
    /// Rounds of this body before this one that are still missing, earliest first.
    pub missing: Vec<Round>,
    /// The next round, if there is one.
    pub next: Option<Round>,
}

/// For each order of the body that asks for reports: the round under way or, before the first, the one to come.
pub async fn due_now(
    sql: &mut Sql,
    scope: &Scope,
    legal: &Legal,
    body: Id<kind::Body>,
    now: Timestamp,
) -> Result<Vec<Due>, StoreError> {
    let mut query = Query::new(
        "select a.id, a.campaign from assignment a join campaign c on c.id = a.campaign
         where a.cancelled_at is null and c.state = 'issued' and c.window_to is not null and a.body =",
    );
    query
        .bind(body)
        .push("and")
        .visible(scope, Right::See, "a.body")
        .push("order by a.received_at desc, a.id");
    let mut found = Vec::new();
    for row in query.rows(sql).await? {
        let assignment: Id<kind::Assignment> = row.id("id")?;
        let course = course::course(sql, scope, legal, row.id("campaign")?, now).await?;
        let all = course::expected(sql, scope, &course).await?;
        let Some(of) = all.into_iter().find(|e| e.assignment == assignment) else { continue };
        let owed: Vec<Round> = course.rounds.iter().filter(|r| of.owes(r)).copied().collect();
        let Some(round) = owed.iter().rfind(|r| r.opens <= now).or(owed.first()).copied() else { continue };
        let reports = standing(sql, &[assignment], Timestamp::MIN, round.at).await?;
        let answered = |r: &Round| reports.iter().any(|p| p.content.round == r.at);
        found.push(Due {
            assignment,
            body,
            body_name: of.name,
            campaign: course.campaign,
            name: course.name,
            issuer_name: course.issuer_name,
            missing: owed.iter().filter(|r| r.at < round.at && !answered(r)).copied().collect(),
            next: owed.iter().find(|r| r.at > round.at).copied(),
            report: reports.into_iter().find(|p| p.content.round == round.at),
            round,
        });
    }
    Ok(found)
}

/// One body's line in the sheet of a round.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its assignment.
    pub assignment: Id<kind::Assignment>,
    /// Which body.
    pub body: Id<kind::Body>,
    /// Its name.
    pub name: String,
    /// Whether a report is expected.
    pub standing: Standing,
    /// The report as it stands.
    pub report: Option<Report>,
    /// Reminders that went out about it.
    pub chased: u32,
    /// The campaign by which the body passed the order on, if it asks for reports in turn: one level further down.
    pub below: Option<Id<kind::Campaign>>,
}

/// A round from above: every body's line.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The campaign with its rounds.
    pub course: Course,
    /// Which round.
    pub round: Round,
    /// A line a body, by name.
    pub rows: Vec<Row>,
}

/// The sheet of a round: of the bodies the scope sees.
pub async fn sheet(sql: &mut Sql, scope: &Scope, course: Course, round: Round) -> Result<Sheet, StoreError> {
    let all = course::expected(sql, scope, &course).await?;
    let ids: Vec<_> = all.iter().map(|e| e.assignment).collect();
    let before = round.at.checked_sub(jiff::SignedDuration::from_micros(1)).unwrap_or(round.at);
    let mut reports: std::collections::HashMap<_, _> =
        standing(sql, &ids, before, round.at).await?.into_iter().map(|r| (r.assignment, r)).collect();
    let chased = sql
        .rows(
            "select k.assignment, count(*) as n from quick_chase k join assignment a on a.id = k.assignment
             where a.campaign = $1 and k.round_at = $2 group by k.assignment",
            args![course.campaign, round.at],
        )
        .await?;
    let mut reminders = std::collections::HashMap::new();
    for row in chased {
        reminders.insert(row.id::<kind::Assignment>("assignment")?, row.count("n")?);
    }
    let below = below(sql, course.campaign).await?;
    let rows = all
        .into_iter()
        .map(|e| Row {
            standing: e.standing(&round),
            report: reports.remove(&e.assignment),
            chased: reminders.get(&e.assignment).copied().unwrap_or(0),
            below: below.iter().find(|(of, _)| *of == e.assignment).map(|(_, c)| *c),
            assignment: e.assignment,
            body: e.body,
            name: e.name,
        })
        .collect();
    Ok(Sheet { course, round, rows })
}

/// The campaigns in force by which assignments of this one were passed on.
async fn below(
    sql: &mut Sql,
    campaign: Id<kind::Campaign>,
) -> Result<Vec<(Id<kind::Assignment>, Id<kind::Campaign>)>, StoreError> {
    let rows = sql
        .rows(
            "select c.id, c.parent_assignment from campaign c join assignment a on a.id = c.parent_assignment
             where a.campaign = $1 and c.state = $2 order by c.issued_at, c.id",
            args![campaign, CampaignState::Issued.name()],
        )
        .await?;
    rows.iter().map(|r| Ok((r.id("parent_assignment")?, r.id("id")?))).collect()
}

/// The campaigns the scope sees that have a window, newest first, at most `limit`, each with its name and issuer: a body
/// that passes an order on keeps its name.
pub async fn history(
    sql: &mut Sql,
    scope: &Scope,
    limit: u32,
) -> Result<Vec<(Id<kind::Campaign>, String, String, Window)>, StoreError> {
    let mut query = Query::new(
        "select c.id, c.name, b.name as issuer, c.window_from, c.window_to
         from campaign c join body b on b.id = c.body where c.state in ('issued', 'closed') and c.window_from is not null and c.window_to is not null and (",
    );
    query.visible(scope, Right::See, "c.body");
    query
        .push("or exists (select 1 from assignment a where a.campaign = c.id and a.cancelled_at is null and");
    query.visible(scope, Right::See, "a.body").push(")) order by c.issued_at desc, c.id limit").bind(limit);
    let rows = query.rows(sql).await?;
    rows.iter()
        .map(|r| {
            let window = Window { from: r.time("window_from")?, to: r.time("window_to")? };
            Ok((r.id("id")?, r.text("name")?, r.text("issuer")?, window))
        })
        .collect()
}
