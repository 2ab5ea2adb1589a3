//! Lines and outages: how each is through the window, reported with one tap or by an operator's machine.

mod api;
mod form;
mod list;
mod log;
mod report;
mod say;
mod show;

use domain::{
    id::{Id, kind},
    line,
    time::{self, Window},
};
use jiff::{SignedDuration, Timestamp, civil::DateTime};
use store::{Sql, StoreError, assignments::Tools, board, lines};

use crate::{Route, Visit};

/// Where no campaign runs, the last week is shown.
const DAYS: i64 = 7;

pub(crate) fn routes() -> Vec<Route> {
    let mut all = list::routes();
    all.extend(form::routes());
    all.extend(log::routes());
    all.extend(report::routes());
    all.extend(show::routes());
    all.extend(api::routes());
    all
}

/// One write of this request: `write!(v, tx => …)`.
macro_rules! write {
    ($v:expr, $tx:ident => $body:expr) => {{
        let done: Result<_, store::StoreError> = store::write!($v.app.db, $v.actor(), $v.now, $tx => $body);
        done
    }};
}
use write;

type LineId = Id<kind::Line>;

/// What writes need from outside.
fn tools(v: &Visit) -> Tools<'_> {
    Tools { ids: &*v.app.ids, base: &v.app.config.public_url, pack: v.pack() }
}

/// For how long a report is believed.
fn hold(v: &Visit) -> SignedDuration {
    line::hold(v.pack())
}

/// The window looked at: that of the campaign that runs for the body one works for, with its name; else the last week.
async fn window(v: &Visit, sql: &mut Sql) -> Result<(Option<String>, Window), StoreError> {
    // Pages read by GET have it in their frame already.
    let running = match (&v.frame.window, v.user.body) {
        (Some(running), _) => Some(running.clone()),
        (None, Some(body)) => board::frame(sql, body, v.now).await?.window,
        (None, None) => None,
    };
    Ok(match running {
        Some((name, from, to)) => (Some(name), Window { from, to }),
        None => {
            let from = v.now.checked_sub(SignedDuration::from_hours(24 * DAYS)).unwrap_or(v.now);
            (None, Window { from, to: v.now })
        }
    })
}

/// Of a body's own lines those somebody should say something of now.
pub(crate) async fn due(
    v: &Visit,
    sql: &mut Sql,
    body: Id<kind::Body>,
) -> Result<Vec<lines::Line>, StoreError> {
    let filter = lines::Filter { body: Some(body), ..lines::Filter::default() };
    let (_, window) = window(v, sql).await?;
    let mut found = lines::list(sql, v.scope(), &filter, window, v.now, hold(v)).await?;
    found.retain(|l| l.body == body && l.may_report && is_due(v, l));
    Ok(found)
}

fn is_due(v: &Visit, l: &lines::Line) -> bool {
    line::due(l.now, l.until, v.now, hold(v))
}

fn page(line: LineId) -> String {
    format!("/lines/{line}")
}

/// A time as `datetime-local` sends it or people type it; `None`: neither.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let at: DateTime = text.parse().or_else(|_| DateTime::strptime("%d/%m/%Y %H:%M", text)).ok()?;
    Some(at.to_zoned(time::zone()).ok()?.timestamp())
}

/// A time as `datetime-local` shows it.
fn typed(at: Timestamp) -> String {
    time::local(at).strftime("%Y-%m-%dT%H:%M").to_string()
}
