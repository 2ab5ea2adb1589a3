//! The rows of a board.

use std::collections::{HashMap, HashSet};

use domain::{
    actor::Scope,
    board::{Board, Cell, Row},
    body::BodyKind,
    evidence::State,
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

use crate::{Query, Sql, StoreError, args, db};

/// The whole board, in no order, without columns nobody of it has.
///
/// One query, one row a body: its cells come packed in one text, since fetching a thousand rows costs a tenth of
/// fetching twenty thousand.
pub async fn load(
    sql: &mut Sql,
    scope: &Scope,
    campaign: Id<kind::Campaign>,
    now: Timestamp,
) -> Result<Board, StoreError> {
    let codes = codes(sql, campaign).await?;
    let rows = query(scope, campaign, now).rows(sql).await?;
    let mut board = unpack(codes, &rows)?;
    board.trim();
    Ok(board)
}

/// Some rows of it, with all its columns: what changed just now.
pub async fn rows_of(
    sql: &mut Sql,
    scope: &Scope,
    campaign: Id<kind::Campaign>,
    assignments: &[Id<kind::Assignment>],
    now: Timestamp,
) -> Result<Board, StoreError> {
    let codes = codes(sql, campaign).await?;
    let mut query = query(scope, campaign, now);
    query.push("and a.id in").list(assignments.iter().copied());
    unpack(codes, &query.rows(sql).await?)
}

/// How many pieces of evidence of a campaign wait for somebody's decision.
pub async fn awaiting(sql: &mut Sql, scope: &Scope, campaign: Id<kind::Campaign>) -> Result<u32, StoreError> {
    let mut query = Query::new(
        "select count(*) as n from submission s join task t on t.id = s.task
         where s.state = 'submitted' and t.withdrawn_at is null and t.campaign =",
    );
    query.bind(campaign).push("and").visible(scope, Right::See, "s.body");
    query.row(sql).await?.map_or(Ok(0), |r| r.count("n"))
}

/// A body and everything below it, for a filter.
pub async fn bodies_under(
    sql: &mut Sql,
    scope: &Scope,
    top: Id<kind::Body>,
) -> Result<HashSet<Id<kind::Body>>, StoreError> {
    let mut query = Query::new("select k.below from body_closure k where k.above =");
    query.bind(top).push("and").visible(scope, Right::See, "k.below");
    query.rows(sql).await?.iter().map(|r| r.id("below")).collect()
}

/// Whether the scope sees any of those bodies.
pub async fn sees_any(sql: &mut Sql, scope: &Scope, bodies: &[Id<kind::Body>]) -> Result<bool, StoreError> {
    let mut query = Query::new("select b.id from body b where b.id in");
    query.list(bodies.iter().copied()).push("and").visible(scope, Right::See, "b.id").push("limit 1");
    Ok(query.row(sql).await?.is_some())
}

/// The codes of the columns, in the order of the letter.
pub(super) async fn codes(sql: &mut Sql, campaign: Id<kind::Campaign>) -> Result<Vec<String>, StoreError> {
    let rows = sql
        .rows(
            "select d.code from campaign_duty d where d.campaign = $1 and d.withdrawn_at is null
             group by d.code order by min(d.place), d.code",
            args![campaign],
        )
        .await?;
    rows.iter().map(|r| r.text("code")).collect()
}

fn query(scope: &Scope, campaign: Id<kind::Campaign>, now: Timestamp) -> Query {
    // Numbers are given over all assignments, also those taken back or out of sight, so that none ever moves.
    let mut query = Query::new(
        "select a.n, a.id, a.body, b.name, b.folded, b.sort_key, b.kind, a.passed_on_at, a.acknowledged_at,
           (select string_agg(t.code || ' ' || t.rank || ' ' || t.handled || ' ' || t.total || ' '
                              || (case when t.due_at <=",
    );
    query.bind(now).push(
        "then 1 else 0 end), ';') from task t where t.assignment = a.id and t.withdrawn_at is null) as cells
         from (select x.*, row_number() over (order by x.received_at, x.id) as n from assignment x where x.campaign =",
    );
    query.bind(campaign).push(") a join body b on b.id = a.body where a.cancelled_at is null and");
    query.visible(scope, Right::See, "a.body");
    query
}

fn unpack(codes: Vec<String>, rows: &[db::Row]) -> Result<Board, StoreError> {
    let columns: HashMap<&str, usize> = codes.iter().enumerate().map(|(n, c)| (c.as_str(), n)).collect();
    let rows = rows
        .iter()
        .map(|row| {
            let mut cells = vec![None; codes.len()];
            for packed in row.opt_text("cells")?.unwrap_or_default().split(';').filter(|c| !c.is_empty()) {
                let (code, cell) =
                    cell(packed).ok_or_else(|| StoreError::Corrupt("task", packed.to_owned()))?;
                if let Some(slot) = columns.get(code).and_then(|n| cells.get_mut(*n)) {
                    *slot = Some(slot.map_or(cell, |other: Cell| other.and(cell)));
                }
            }
            Ok(Row {
                number: row.count("n")?,
                assignment: row.id("id")?,
                body: row.id("body")?,
                name: row.text("name")?,
                folded: row.text("folded")?,
                sort_key: row.text("sort_key")?,
                kind: row.word("kind", BodyKind::parse)?,
                acknowledged: row.opt_int("acknowledged_at")?.is_some(),
                passed_on: row.opt_int("passed_on_at")?.is_some(),
                cells,
            })
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(Board { codes, rows })
}

/// `CODE rank handled total due` → the code and its cell.
fn cell(packed: &str) -> Option<(&str, Cell)> {
    let mut parts = packed.split(' ');
    let code = parts.next()?;
    let rank: u8 = parts.next()?.parse().ok()?;
    let state = *State::ALL.iter().find(|s| s.rank() == rank)?;
    let (handled, total) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let cell = Cell { state, handled, total, overdue: false };
    let due = parts.next()? == "1";
    Some((code, Cell { overdue: due && cell.is_open(), ..cell }))
}
