//! Bulletins: read out by communes over their loudspeakers, each broadcast with its receipt.

mod draft;
mod read;
mod receipts;
mod step;
mod tally;

use domain::{
    actor::Scope,
    id::{Id, kind},
    notice::{NoticeState, Schedule},
    right::Right,
};
use jiff::{
    Timestamp,
    civil::{Date, Time},
};

pub use self::{
    draft::{NewBulletin, Words, cancel, create, discard, issue, update},
    read::{
        BodyFilter, BodyRow, BulletinFilter, BulletinRow, Receipt, Slot, bodies, get, list, receipts, slots,
    },
    receipts::{NewReceipt, Recording, record},
    step::{JOB, step},
};
use crate::{Query, Row, Sql, StoreError};

/// A bulletin.
#[derive(Debug, Clone, PartialEq)]
pub struct Bulletin {
    /// Its id.
    pub id: Id<kind::Bulletin>,
    /// Who issues it.
    pub body: Id<kind::Body>,
    /// Their name.
    pub body_name: String,
    /// The campaign it belongs to.
    pub campaign: Option<Id<kind::Campaign>>,
    /// Its name.
    pub campaign_name: Option<String>,
    /// The topic it began from.
    pub template: Option<String>,
    /// `vi` or `en`.
    pub lang: String,
    /// Title.
    pub title: String,
    /// What is read out.
    pub text: String,
    /// Words a minute it was reckoned with.
    pub per_minute: u32,
    /// How long reading it out takes.
    pub seconds: u32,
    /// When it is read.
    pub schedule: Schedule,
    /// Below which bodies the communes are.
    pub tops: Vec<Id<kind::Body>>,
    /// State.
    pub state: NoticeState,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// By whom.
    pub issued_by: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Counts up with every change of the draft.
    pub version: i64,
}

const BULLETIN: &str = "select n.*, b.name as body_name, c.name as campaign_name, p.name as issued_name
    from bulletin n join body b on b.id = n.body left join campaign c on c.id = n.campaign
    left join person p on p.id = n.issued_by where";

fn from_row(row: &Row) -> Result<Bulletin, StoreError> {
    Ok(Bulletin {
        id: row.id("id")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        campaign: row.opt_id("campaign")?,
        campaign_name: row.opt_text("campaign_name")?,
        template: row.opt_text("template")?,
        lang: row.text("lang")?,
        title: row.text("title")?,
        text: row.text("text")?,
        per_minute: row.count("per_minute")?,
        seconds: row.count("seconds")?,
        schedule: schedule(row)?,
        tops: row.json("tops")?,
        state: row.word("state", NoticeState::parse)?,
        issued_at: row.opt_time("issued_at")?,
        issued_by: row.opt_text("issued_name")?,
        created_at: row.time("created_at")?,
        version: row.int("version")?,
    })
}

/// The schedule in a row of a bulletin.
pub(super) fn schedule(row: &Row) -> Result<Schedule, StoreError> {
    let day = |column: &'static str| -> Result<Date, StoreError> {
        row.opt_date(column)?.ok_or(StoreError::NotFound("day of a bulletin"))
    };
    let times: Vec<Time> = row.json("times")?;
    Ok(Schedule { from: day("first_day")?, to: day("last_day")?, times })
}

/// The predicate of seeing bulletin `n`, as with notices.
fn seen(query: &mut Query, scope: &Scope) {
    query.push("((n.state = 'draft' and").visible(scope, Right::Prepare, "n.body");
    query.push(") or (n.state <> 'draft' and").visible(scope, Right::See, "n.body");
    query.push(
        ") or (n.state <> 'draft' and exists (select 1 from bulletin_body nb where nb.bulletin = n.id and",
    );
    query.visible(scope, Right::See, "nb.body").push(")))");
}

async fn held(
    sql: &mut Sql,
    scope: &Scope,
    right: Right,
    id: Id<kind::Bulletin>,
) -> Result<Bulletin, StoreError> {
    let mut query = Query::new(BULLETIN);
    query.push("n.id =").bind(id).push("and").visible(scope, right, "n.body");
    query.row(sql).await?.as_ref().map(from_row).transpose()?.ok_or(StoreError::NotFound("bulletin"))
}

fn subject(id: Id<kind::Bulletin>) -> String {
    format!("bulletin:{id}")
}
