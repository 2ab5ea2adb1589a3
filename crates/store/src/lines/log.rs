//! The outages of all lines one sees.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
    time::Window,
};
use jiff::Timestamp;

use super::either;
use crate::{Query, Sql, StoreError, register::containing};

/// So many outages of all lines are listed: a bad week of a province.
pub const LOG_MAX: i64 = 1_000;

/// An outage in the log of all lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its id.
    pub id: Id<kind::Outage>,
    /// Of which line.
    pub line: Id<kind::Line>,
    /// What the line is called.
    pub line_name: String,
    /// Whose line it is.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// The body it serves.
    pub served_name: Option<String>,
    /// First moment.
    pub from: Timestamp,
    /// First moment after; `None`: it lasts.
    pub to: Option<Timestamp>,
    /// Why; empty while nobody knows.
    pub cause: String,
    /// What it did.
    pub effect: String,
}

/// The outages that touch the window, newest first; those that last before all others. `open`: only those that last.
/// At most [`LOG_MAX`].
pub async fn log(
    sql: &mut Sql,
    scope: &Scope,
    window: Window,
    text: &str,
    open: bool,
) -> Result<Vec<Logged>, StoreError> {
    let mut query = Query::new(
        "select o.id, o.line, o.from_at, o.to_at, o.cause, o.effect, l.name as line_name, l.body,
            b.name as body_name, s.name as served_name
         from outage o join line l on l.id = o.line join body b on b.id = l.body
         left join body s on s.id = l.served where",
    );
    either(&mut query, scope, Right::See);
    query.push("and o.from_at <").bind(window.to);
    query.push("and (o.to_at is null");
    if !open {
        query.push("or o.to_at >").bind(window.from);
    }
    query.push(")");
    if !text.trim().is_empty() {
        query.push("and l.folded like").bind(containing(text.trim())).push("escape '\\'");
    }
    query.push("order by case when o.to_at is null then 0 else 1 end, o.from_at desc, o.id desc limit");
    query.bind(LOG_MAX);
    query
        .rows(sql)
        .await?
        .iter()
        .map(|row| {
            Ok(Logged {
                id: row.id("id")?,
                line: row.id("line")?,
                line_name: row.text("line_name")?,
                body: row.id("body")?,
                body_name: row.text("body_name")?,
                served_name: row.opt_text("served_name")?,
                from: row.time("from_at")?,
                to: row.opt_time("to_at")?,
                cause: row.text("cause")?,
                effect: row.text("effect")?,
            })
        })
        .collect()
}
