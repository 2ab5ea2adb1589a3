//! The board for programs.

use axum::{
    Json,
    extract::{Path, Query},
};
use domain::{
    board::Figures,
    evidence::State,
    fact::Source,
    id::{Id, kind},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{
    board::{self, Campaign, FactLine},
    facts as records,
};

use super::ask::Ask;
use crate::{AppError, Visit};

/// At most so many facts of one page.
const FACTS_MAX: u32 = 500;
/// So many unless asked otherwise.
const FACTS: u32 = 100;

/// A campaign that has a board.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = BoardCampaign)]
pub(super) struct CampaignView {
    /// Its id.
    #[schema(value_type = String)]
    id: Id<kind::Campaign>,
    /// Its name.
    name: String,
    /// Who issued it.
    issued_by: String,
    /// `issued`, `closed` or `cancelled`.
    state: &'static str,
    /// First instant of its window.
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// First instant after it.
    #[schema(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

impl From<Campaign> for CampaignView {
    fn from(c: Campaign) -> Self {
        Self {
            id: c.id,
            name: c.name,
            issued_by: c.body_name,
            state: c.state.name(),
            from: c.window.map(|w| w.from),
            to: c.window.map(|w| w.to),
        }
    }
}

/// A board.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Board)]
pub(super) struct BoardView {
    campaign: CampaignView,
    /// The figures of all rows within your scope, whatever the filter leaves.
    #[schema(value_type = Object)]
    figures: Figures,
    /// Evidence waiting for a decision.
    awaiting: u32,
    /// The duty codes of the cells, in order.
    codes: Vec<String>,
    rows: Vec<RowView>,
}

/// One body.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = BoardRow)]
pub(super) struct RowView {
    /// Its number within the campaign.
    number: u32,
    #[schema(value_type = String)]
    assignment: Id<kind::Assignment>,
    #[schema(value_type = String)]
    body: Id<kind::Body>,
    name: String,
    kind: &'static str,
    acknowledged: bool,
    passed_on: bool,
    /// One a code; null where the duty is not its own.
    cells: Vec<Option<CellView>>,
}

/// One duty of one body.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = BoardCell)]
pub(super) struct CellView {
    /// `not-yet-due`, `met`, `partly`, `not-met`, `unknown`, `not-applicable`, `excused`.
    #[schema(value_type = String)]
    state: State,
    handled: u32,
    /// 0 where nothing is counted.
    total: u32,
    overdue: bool,
}

/// A verdict and what it rests on.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Evidence)]
pub(super) struct EvidenceView {
    #[schema(value_type = String)]
    task: Id<kind::Task>,
    code: String,
    /// The words of the letter.
    quote: String,
    #[schema(value_type = String, format = DateTime)]
    due: Timestamp,
    #[schema(value_type = String)]
    state: State,
    handled: u32,
    total: u32,
    /// Why: sentences in your language, each with the fact it rests on.
    because: Vec<BecauseView>,
    #[schema(value_type = Option<String>, format = DateTime)]
    evaluated: Option<Timestamp>,
    /// When it is looked at again though nothing happens.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_check: Option<Timestamp>,
    /// Every fact about it, newest learnt first.
    facts: Vec<FactView>,
}

/// One reason.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Because)]
pub(super) struct BecauseView {
    /// A stable id.
    sentence: String,
    text: String,
    #[schema(value_type = Option<String>)]
    fact: Option<Id<kind::Fact>>,
}

/// A fact.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Fact)]
pub(super) struct FactView {
    #[schema(value_type = String)]
    id: Id<kind::Fact>,
    kind: String,
    #[schema(value_type = String)]
    body: Id<kind::Body>,
    subject: String,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    learnt: Timestamp,
    /// Where it can be opened: `{kind, of}`.
    #[schema(value_type = Object)]
    source: Source,
    #[schema(value_type = Object)]
    value: serde_json::Value,
    /// The person behind it.
    who: Option<String>,
    /// A correction has taken its place.
    superseded: bool,
}

impl From<FactLine> for FactView {
    fn from(line: FactLine) -> Self {
        let f = line.fact;
        Self {
            id: f.id,
            kind: f.kind,
            body: f.body,
            subject: f.subject,
            from: f.from,
            to: f.to,
            learnt: f.learnt,
            source: f.source,
            value: f.value,
            who: line.who.map(|w| w.name),
            superseded: line.superseded,
        }
    }
}

/// A page of facts.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Facts)]
pub(super) struct FactsView {
    items: Vec<FactView>,
    /// Give it as `cursor` for the next page; null at the end.
    cursor: Option<String>,
}

/// Which facts.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FactsAsk {
    /// What they speak of: `assignment:ID`, `task:ID`, `person:ID`.
    subject: String,
    /// From the page before.
    cursor: Option<String>,
    /// 1 to 500; 100 without.
    limit: Option<u32>,
}

/// The campaigns whose boards you may see, newest first.
#[utoipa::path(get, path = "/api/v1/boards", tag = "board", security(("token" = [])),
    responses((status = 200, body = Vec<CampaignView>)))]
pub(super) async fn boards(visit: Visit) -> Result<Json<Vec<CampaignView>>, AppError> {
    let all = board::campaigns(&mut visit.app.db.read().await?, visit.scope()).await?;
    Ok(Json(all.into_iter().map(CampaignView::from).collect()))
}

/// A board: bodies × duties, the rows within your scope.
#[utoipa::path(get, path = "/api/v1/campaigns/{campaign}/board", tag = "board", security(("token" = [])),
    params(("campaign" = String, Path), Ask),
    responses((status = 200, body = BoardView), (status = 404, description = "No such campaign, or not yours to see")))]
pub(super) async fn board(
    visit: Visit,
    Path(campaign): Path<Id<kind::Campaign>>,
    Query(ask): Query<Ask>,
) -> Result<Json<BoardView>, AppError> {
    let (scope, pack) = (visit.scope(), visit.pack());
    let mut sql = visit.app.db.read().await?;
    let campaign = board::campaign(&mut sql, scope, campaign).await?;
    let mut shown = board::load(&mut sql, scope, campaign.id, visit.now).await?;
    let figures = shown.figures(|code| pack.duty(code).is_some_and(|d| d.counted));
    let awaiting = board::awaiting(&mut sql, scope, campaign.id).await?;
    shown.keep(&ask.filter(&mut sql, scope).await?);
    shown.sort(&ask.order());
    let cell = |c: domain::board::Cell| CellView {
        state: c.state,
        handled: c.handled,
        total: c.total,
        overdue: c.overdue,
    };
    let rows = shown
        .rows
        .into_iter()
        .map(|r| RowView {
            number: r.number,
            assignment: r.assignment,
            body: r.body,
            name: r.name,
            kind: r.kind.name(),
            acknowledged: r.acknowledged,
            passed_on: r.passed_on,
            cells: r.cells.into_iter().map(|c| c.map(cell)).collect(),
        })
        .collect();
    Ok(Json(BoardView { campaign: campaign.into(), figures, awaiting, codes: shown.codes, rows }))
}

/// The evidence of one cell: verdict, reasons, facts. Mostly one task.
#[utoipa::path(get, path = "/api/v1/campaigns/{campaign}/board/{number}/{code}", tag = "board", security(("token" = [])),
    params(("campaign" = String, Path), ("number" = u32, Path), ("code" = String, Path)),
    responses((status = 200, body = Vec<EvidenceView>), (status = 404, description = "No such cell, or not yours to see")))]
pub(super) async fn evidence(
    visit: Visit,
    Path((campaign, number, code)): Path<(Id<kind::Campaign>, u32, String)>,
) -> Result<Json<Vec<EvidenceView>>, AppError> {
    let mut sql = visit.app.db.read().await?;
    let campaign = board::campaign(&mut sql, visit.scope(), campaign).await?;
    let found = board::cell(&mut sql, visit.scope(), campaign.id, number, Some(&code), visit.now).await?;
    let tasks = found.tasks.into_iter().map(|t| {
        let (handled, total) = (t.verdict.handled, t.verdict.all);
        let because = t.verdict.because.into_iter().map(|b| BecauseView {
            text: super::cell::sentence(&visit, &b.sentence, handled, total),
            sentence: b.sentence,
            fact: b.fact,
        });
        EvidenceView {
            task: t.id,
            code: t.code,
            quote: t.quote,
            due: t.due,
            state: t.verdict.state,
            handled,
            total,
            because: because.collect(),
            evaluated: t.evaluated,
            next_check: t.verdict.next_check,
            facts: t.facts.into_iter().map(FactView::from).collect(),
        }
    });
    Ok(Json(tasks.collect()))
}

/// Facts about one subject, newest learnt first.
#[utoipa::path(get, path = "/api/v1/facts", tag = "board", security(("token" = [])), params(FactsAsk),
    responses((status = 200, body = FactsView)))]
pub(super) async fn facts(visit: Visit, Query(ask): Query<FactsAsk>) -> Result<Json<FactsView>, AppError> {
    let after = match ask.cursor.as_deref() {
        Some(cursor) => Some(read_cursor(cursor).ok_or_else(|| AppError::Unreadable("cursor".into()))?),
        None => None,
    };
    let limit = i64::from(ask.limit.unwrap_or(FACTS).clamp(1, FACTS_MAX));
    let mut sql = visit.app.db.read().await?;
    let lines = board::facts(&mut sql, visit.scope(), &[ask.subject], &[], after, limit).await?;
    let last = lines.last().filter(|_| lines.len() as i64 == limit);
    let cursor = last.map(|l| format!("{}.{}", l.fact.learnt.as_microsecond(), l.fact.id));
    Ok(Json(FactsView { items: lines.into_iter().map(FactView::from).collect(), cursor }))
}

/// One fact.
#[utoipa::path(get, path = "/api/v1/facts/{fact}", tag = "board", security(("token" = [])),
    params(("fact" = String, Path)),
    responses((status = 200, body = FactView), (status = 404, description = "No such fact, or not yours to see")))]
pub(super) async fn fact(visit: Visit, Path(fact): Path<Id<kind::Fact>>) -> Result<Json<FactView>, AppError> {
    let mut sql = visit.app.db.read().await?;
    let found = records::get(&mut sql, visit.scope(), fact).await?;
    let lines = board::facts(&mut sql, visit.scope(), &[], &[found.id], None, 1).await?;
    lines.into_iter().next().map(|l| Json(FactView::from(l))).ok_or(AppError::NotFound)
}

fn read_cursor(cursor: &str) -> Option<(Timestamp, Id<kind::Fact>)> {
    let (at, id) = cursor.split_once('.')?;
    Some((domain::time::from_micros(at.parse().ok()?), id.parse().ok()?))
}
