//! Alerts: recorded with the place in the log in one transaction, owned, talked about, closed; what silences them.
//!
//! *What* is recorded is [`domain::alert::decide`]'s. A replay of the log changes nothing: whoever records says from
//! which place on, and only from there.

mod act;
mod read;
mod record;
mod suppress;

use domain::{
    actor::Scope,
    alert::{Raised, Reason, Status},
    id::{Id, kind},
    monitoring::{DROP_RULE, SILENT_RULE},
    paging::Severity,
    right::Right,
};
use jiff::Timestamp;

pub use self::{
    act::{Act, act, came_right},
    read::{Filter, Line, Seen, Shown, Side, Yield, by_rule, counts, entries, events, get, list, related},
    record::{Recorded, found, record},
    suppress::{Kept, NewSuppression, lift, list as suppressions, suppress},
};
use crate::{Query, Row, Sql, StoreError, Tx, args};

/// One alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Its id.
    pub id: Id<kind::Alert>,
    /// Whose.
    pub body: Id<kind::Body>,
    /// Of which system.
    pub system: Option<Id<kind::System>>,
    /// The rule, or one of our own: [`domain::alert::STORM_RULE`], [`domain::monitoring::SILENT_RULE`] …
    pub rule: String,
    /// The source, of an alert about one.
    pub source: Option<Id<kind::Source>>,
    /// Its title.
    pub title: String,
    /// What it is about, in the rule's words.
    pub about: String,
    /// How bad.
    pub severity: Severity,
    /// Why that is not what the rule says.
    pub why: Vec<Raised>,
    /// The machine.
    pub host: String,
    /// The account.
    pub account: String,
    /// The address it came from.
    pub address: String,
    /// The first event, as the events say.
    pub first_at: Timestamp,
    /// The last one.
    pub last_at: Timestamp,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// How many events.
    pub events: u64,
    /// Where it stands.
    pub status: Status,
    /// Who has it.
    pub owner: Option<Id<kind::Person>>,
    /// When somebody first took it.
    pub owned_at: Option<Timestamp>,
    /// When it was over.
    pub closed_at: Option<Timestamp>,
}

/// One event of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Where it came in.
    pub source: Id<kind::Source>,
    /// Where the line lies in the log: its batch, and which of it.
    pub place: (i64, u32),
    /// Why the rule matched.
    pub because: Vec<Reason>,
    /// The line.
    pub raw: String,
}

impl Alert {
    /// As changes, facts, call-outs and the audit log call it.
    pub fn subject_of(id: Id<kind::Alert>) -> String {
        format!("alert:{id}")
    }
}

/// The alert, if the scope holds that right over its body.
async fn held(sql: &mut Sql, scope: &Scope, right: Right, id: Id<kind::Alert>) -> Result<Alert, StoreError> {
    let mut query = Query::new("select a.* from alert a where a.id =");
    query.bind(id).push("and").visible(scope, right, "a.body");
    query.row(sql).await?.as_ref().map(from_row).transpose()?.ok_or(StoreError::NotFound("alert"))
}

fn from_row(row: &Row) -> Result<Alert, StoreError> {
    Ok(Alert {
        id: row.id("id")?,
        body: row.id("body")?,
        system: row.opt_id("system")?,
        source: about_source(&row.text("key")?),
        rule: row.text("rule")?,
        title: row.text("title")?,
        about: row.text("about")?,
        severity: row.word("severity", Severity::parse)?,
        why: row.json("why")?,
        host: row.text("host")?,
        account: row.text("account")?,
        address: row.text("address")?,
        first_at: row.time("first_at")?,
        last_at: row.time("last_at")?,
        raised_at: row.time("raised_at")?,
        events: u64::try_from(row.int("events")?).unwrap_or(0),
        status: row.word("status", Status::parse)?,
        owner: row.opt_id("owner")?,
        owned_at: row.opt_time("owned_at")?,
        closed_at: row.opt_time("closed_at")?,
    })
}

/// The source of an alert about one, from what its findings have in common.
fn about_source(key: &str) -> Option<Id<kind::Source>> {
    let (rest, about) = key.rsplit_once('|')?;
    let ours = [SILENT_RULE, DROP_RULE].iter().any(|rule| rest.ends_with(rule));
    about.strip_prefix("source=").filter(|_| ours)?.parse().ok()
}

/// One line of an alert's log.
async fn write(
    tx: &mut Tx,
    id: Id<kind::Alert>,
    what: &str,
    person: Option<Id<kind::Person>>,
    note: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "insert into alert_entry (alert, seq, at, what, person, note)
         values ($1, (select count(*) from alert_entry where alert = $1), $2, $3, $4, $5)",
        args![id, now, what, person, note],
    )
    .await?;
    Ok(())
}
