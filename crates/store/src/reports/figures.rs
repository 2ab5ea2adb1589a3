//! The figures of a moment, as the reporting body sees them.

use domain::{
    actor::Scope,
    id::{Id, kind},
    legal::Legal,
    order::QuestionKind,
    report::{About, Difficulty, Figures, ReportKind},
    right::{Right, Role},
    time::{self, Window},
};
use jiff::Timestamp;

use super::{
    Report, below::below, inspected::inspected, machines::machines, outages::outages, propose,
    sections::sections,
};
use crate::{Query, Sql, StoreError, args, board};

/// So many difficulties fit into a paper; whoever has more reads them in Canh.
const DIFFICULTIES_MAX: i64 = 2_000;

/// What the reporting body sees, whoever opens its report.
pub(super) fn own(body: Id<kind::Body>) -> Scope {
    Scope::of(vec![(Role::Auditor, body)])
}

/// The figures of a report at `now`. The caller has read the report, and with it the right to what it says.
pub async fn figures(
    sql: &mut Sql,
    report: &Report,
    legal: &Legal,
    now: Timestamp,
) -> Result<Figures, StoreError> {
    let scope = own(report.body);
    let pack = legal.on(time::date(now));
    let only = match report.kind {
        ReportKind::Reply => report.assignment,
        ReportKind::Campaign => None,
    };
    let board = match only {
        Some(assignment) => {
            let mut board = board::rows_of(sql, &scope, report.campaign, &[assignment], now).await?;
            board.trim();
            board
        }
        None => board::load(sql, &scope, report.campaign, now).await?,
    };
    let duties = board
        .codes
        .iter()
        .map(|c| (c.clone(), pack.duty(c).map_or_else(|| c.clone(), |d| d.vi.clone())))
        .collect();
    let counted = board.codes.iter().filter(|c| pack.duty(c).is_some_and(|d| d.counted)).cloned().collect();
    let about = about(sql, report).await?;
    let below = below(sql, &scope, report, only, now).await?;
    let (mut sections, said) = sections(sql, &scope, legal, report, &board, about.window, now).await?;
    if let Some(visits) = inspected(sql, &scope, report, &board, &below, about.window, now).await? {
        sections.insert("inspections", visits);
    }
    if let Some(told) = machines(sql, &scope, report, &board, only.is_some()).await? {
        sections.insert("machines", told);
    }
    let mut lines = Vec::new();
    if let Some(window) = about.window {
        // The register of lines knows better than what quick reports state.
        let (told, rooms) = outages(sql, &scope, legal, report, (&board, &below), window, now).await?;
        sections.extend(rooms);
        lines = told;
    }
    let mut difficulties = difficulties(sql, &scope, report.campaign, only).await?;
    difficulties.extend(said);
    Ok(Figures {
        at: now,
        about,
        duties,
        counted,
        board,
        below,
        difficulties,
        sections,
        lines,
        assignment: only,
    })
}

async fn about(sql: &mut Sql, report: &Report) -> Result<About, StoreError> {
    let row = sql
        .row(
            "select c.name, c.body, b.name as issuer, c.window_from, c.window_to
             from campaign c join body b on b.id = c.body where c.id = $1",
            args![report.campaign],
        )
        .await?
        .ok_or(StoreError::NotFound("campaign"))?;
    let (name, issuer) = (row.text("name")?, row.text("issuer")?);
    let by: Id<kind::Body> = row.id("body")?;
    let window = row.opt_time("window_from")?.zip(row.opt_time("window_to")?);
    let unnamed = format!("chỉ đạo “{name}” của {issuer}");
    let letters = propose::chain(sql, report.campaign).await?;
    // A report up answers the letter one's own rests on; one's own is what one did about it.
    let mut own = 0;
    while report.kind == ReportKind::Campaign
        && let Some(by_whom) = letters.get(own).and_then(|l| l.issuer.as_deref())
        && propose::is_own(sql, by, by_whom).await?
    {
        own += 1;
    }
    let answered = letters.get(own).or_else(|| letters.last()).and_then(propose::Cited::text);
    let order = letters.first().filter(|_| own > 0).and_then(propose::Cited::text);
    let (paper, order) = match answered {
        Some(letter) => (letter, order.unwrap_or(unnamed)),
        // No letter is known: the order is cited by its name.
        None => (unnamed.clone(), unnamed),
    };
    Ok(About {
        campaign: report.campaign,
        window: window.map(|(from, to)| Window { from, to }),
        paper: Some(paper),
        order: Some(order),
        name,
        issuer,
    })
}

async fn difficulties(
    sql: &mut Sql,
    scope: &Scope,
    campaign: Id<kind::Campaign>,
    only: Option<Id<kind::Assignment>>,
) -> Result<Vec<Difficulty>, StoreError> {
    let mut query = Query::new(
        "select q.assignment, q.kind, q.text, q.answer, t.code, b.name from question q
         join assignment a on a.id = q.assignment join body b on b.id = a.body left join task t on t.id = q.task
         where a.cancelled_at is null and a.campaign =",
    );
    query.bind(campaign).push("and").visible(scope, Right::See, "a.body");
    if let Some(only) = only {
        query.push("and a.id =").bind(only);
    }
    query.push("order by b.sort_key, q.asked_at, q.id limit").bind(DIFFICULTIES_MAX);
    let rows = query.rows(sql).await?;
    rows.iter()
        .map(|row| {
            Ok(Difficulty {
                href: format!("/assignments/{}", row.text("assignment")?),
                body: row.text("name")?,
                kind: row.word("kind", QuestionKind::parse)?,
                code: row.opt_text("code")?,
                text: row.text("text")?,
                answer: row.opt_text("answer")?,
                said: false,
            })
        })
        .collect()
}
