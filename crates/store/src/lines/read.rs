//! Lines as pages and the API show them.

use domain::{
    actor::Scope,
    id::{Id, kind},
    line::{LineKind, LineState, Minutes, Segment},
    right::Right,
    time::Window,
};
use jiff::{SignedDuration, Timestamp};

use super::{either, summary};
use crate::{Query, Row, Sql, StoreError, register::containing};

/// At most so many lines of a list: four operators' whole lot.
pub const LIST_MAX: usize = 2_000;

/// What a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of that body, as the one whose line it is or the one it serves.
    pub body: Option<Id<kind::Body>>,
    /// Of one kind.
    pub kind: Option<LineKind>,
    /// Holding these words.
    pub text: Option<String>,
}

/// A line with what is known of it in a window.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its id.
    pub id: Id<kind::Line>,
    /// Whose it is.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// Whom it serves.
    pub served: Option<(Id<kind::Body>, String)>,
    /// What it is called.
    pub name: String,
    /// What kind.
    pub kind: LineKind,
    /// Who provides it.
    pub provider: String,
    /// Its own mark; may be empty.
    pub code: String,
    /// How much it carries.
    pub capacity: String,
    /// Whom to call.
    pub hotline: String,
    /// When it was given up.
    pub closed_at: Option<Timestamp>,
    /// How it is now; `None`: nobody knows.
    pub now: Option<LineState>,
    /// Until when that is believed; `None`: nobody knows, or an outage lasts.
    pub until: Option<Timestamp>,
    /// The last report.
    pub seen: Option<Timestamp>,
    /// The window, from its start until now or its end.
    pub strip: Vec<Segment>,
    /// The minutes of the window.
    pub minutes: Minutes,
    /// Whether whoever looks may say how it is.
    pub may_report: bool,
    /// Whether whoever looks may change it.
    pub may_change: bool,
}

const LINE: &str = "select l.id, l.body, l.served, l.name, l.kind, l.provider, l.code, l.capacity, l.hotline,
        l.closed_at, b.name as body_name,
        s.name as served_name
    from line l join body b on b.id = l.body left join body s on s.id = l.served where";

/// Lines in use, by body and name, with what is known of them in `window` at `now`.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    filter: &Filter,
    window: Window,
    now: Timestamp,
    hold: SignedDuration,
) -> Result<Vec<Line>, StoreError> {
    let mut query = Query::new(LINE);
    either(&mut query, scope, Right::See);
    query.push("and l.closed_at is null");
    if let Some(body) = filter.body {
        query.push("and (l.body =").bind(body).push("or l.served =").bind(body).push(")");
    }
    if let Some(kind) = filter.kind {
        query.push("and l.kind =").bind(kind.name());
    }
    if let Some(text) = filter.text.as_deref().filter(|t| !t.trim().is_empty()) {
        query.push("and l.folded like").bind(containing(text.trim())).push("escape '\\'");
    }
    query.push("order by b.sort_key, b.id, l.sort_key, l.id limit");
    query.bind(i64::try_from(LIST_MAX).unwrap_or(0));
    let rows = query.rows(sql).await?;
    fill(sql, scope, &rows, window, now, hold).await
}

/// One line, also one that was given up.
pub async fn get(
    sql: &mut Sql,
    scope: &Scope,
    id: Id<kind::Line>,
    window: Window,
    now: Timestamp,
    hold: SignedDuration,
) -> Result<Line, StoreError> {
    let mut query = Query::new(LINE);
    query.push("l.id =").bind(id).push("and");
    either(&mut query, scope, Right::See);
    let rows = query.rows(sql).await?;
    fill(sql, scope, &rows, window, now, hold).await?.pop().ok_or(StoreError::NotFound("line"))
}

/// The line in use that a body calls by that mark.
pub async fn find(
    sql: &mut Sql,
    scope: &Scope,
    body: Id<kind::Body>,
    code: &str,
) -> Result<Id<kind::Line>, StoreError> {
    let mut query = Query::new("select l.id from line l where l.closed_at is null and l.body =");
    query.bind(body).push("and l.code =").bind(code).push("and l.code <> '' and");
    either(&mut query, scope, Right::See);
    query.row(sql).await?.ok_or(StoreError::NotFound("line"))?.id("id")
}

async fn fill(
    sql: &mut Sql,
    scope: &Scope,
    rows: &[Row],
    window: Window,
    now: Timestamp,
    hold: SignedDuration,
) -> Result<Vec<Line>, StoreError> {
    let ids = rows.iter().map(|r| r.id("id")).collect::<Result<Vec<Id<kind::Line>>, _>>()?;
    let mut known = summary::known(sql, &ids, window, hold).await?;
    let report = mine(sql, scope, &ids, false).await?;
    let change = mine(sql, scope, &ids, true).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let id = row.id("id")?;
        let known = known.remove(&id).unwrap_or_default();
        let (strip, minutes) = known.through(window, now, hold);
        let served: Option<Id<kind::Body>> = row.opt_id("served")?;
        let (state, until) = known.at(now, hold);
        found.push(Line {
            id,
            body: row.id("body")?,
            body_name: row.text("body_name")?,
            served: served.zip(row.opt_text("served_name")?),
            name: row.text("name")?,
            kind: row.word("kind", LineKind::parse)?,
            provider: row.text("provider")?,
            code: row.text("code")?,
            capacity: row.text("capacity")?,
            hotline: row.text("hotline")?,
            closed_at: row.opt_time("closed_at")?,
            now: state,
            until,
            seen: known.seen(now),
            strip,
            minutes,
            may_report: report.contains(&id),
            may_change: change.contains(&id),
        });
    }
    Ok(found)
}

/// Of those lines the ones the scope may report on, or change.
async fn mine(
    sql: &mut Sql,
    scope: &Scope,
    ids: &[Id<kind::Line>],
    own: bool,
) -> Result<std::collections::HashSet<Id<kind::Line>>, StoreError> {
    let mut query = Query::new("select l.id from line l where l.closed_at is null and l.id in");
    query.list(ids.iter().copied()).push("and");
    if own {
        query.visible(scope, Right::Answer, "l.body");
    } else {
        either(&mut query, scope, Right::Answer);
    }
    query.rows(sql).await?.iter().map(|r| r.id("id")).collect()
}
