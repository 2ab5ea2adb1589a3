//! Notices: written, sent to thousands, read and committed to by an explicit act; and bulletins with their receipts.
//!
//! A notice belongs to the body that issues it. Its recipients each belong to a body; the figures of a body
//! (`notice_sum`) move in the transaction of every act, so that a page of 20,000 recipients reads some hundred rows.
//! Figures are for whoever may see the body; names only for whoever may read it ([`Right::Read`]).
//! The board learns of them by one fact for each notice and body, superseded as it goes on.

pub mod bulletins;
mod draft;
mod excuse;
mod gather;
mod issue;
mod lists;
mod mail;
pub mod personal;
mod read;
mod step;
mod summary;
mod tally;

use domain::{
    actor::Scope,
    id::{Id, Ids, kind},
    notice::{Audience, NoticeRules, NoticeState, Quiz},
    right::Right,
    time,
};
use jiff::Timestamp;

pub use self::{
    draft::{NewNotice, Words, create, discard, update},
    excuse::{PEOPLE_MAX, excuse, expect},
    issue::{Opening, cancel, close, issue},
    lists::{StaffList, list_create, lists},
    mail::{delivered, undeliverable},
    personal::Mine,
    read::{
        BodyFilter, BodyRates, Excuse, NoticeFilter, NoticeRow, PeopleFilter, PersonRow, PersonState, SORTS,
        bodies, get, list, people, rates,
    },
    step::{JOB, step},
    summary::{Summary, SummaryOf, summary},
};
use crate::{Query, Row, Sql, StoreError, sign_in::InstanceKey};

/// The kind of channel notices go out over.
const CHANNEL: &str = "email";
/// At most so many recipients of one notice: four times the staff of a large province's offices.
pub const RECIPIENTS_MAX: u32 = 100_000;

/// What a write or job needs from outside.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    /// The program's source of ids.
    pub ids: &'a dyn Ids,
    /// The address people use, without a slash at the end.
    pub base: &'a str,
    /// Makes personal links.
    pub key: &'a InstanceKey,
    /// The rules in force.
    pub rules: &'a NoticeRules,
}

/// A notice.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Its id.
    pub id: Id<kind::Notice>,
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
    /// In which language it is written.
    pub lang: String,
    /// Title.
    pub title: String,
    /// Text.
    pub text: String,
    /// Quiz; without questions if there is none.
    pub quiz: Quiz,
    /// To whom.
    pub audience: Audience,
    /// State.
    pub state: NoticeState,
    /// From when it is out.
    pub opens_at: Option<Timestamp>,
    /// Until when people may commit.
    pub closes_at: Option<Timestamp>,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// By whom.
    pub issued_by: Option<String>,
    /// When all its recipients were known.
    pub gathered_at: Option<Timestamp>,
    /// Letters handed to the outbox.
    pub queued: u32,
    /// When all of them were.
    pub sent_at: Option<Timestamp>,
    /// When it ended.
    pub closed_at: Option<Timestamp>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Counts up with every change of the draft.
    pub version: i64,
}

const NOTICE: &str = "select n.*, b.name as body_name, c.name as campaign_name, p.name as issued_name
    from notice n join body b on b.id = n.body left join campaign c on c.id = n.campaign
    left join person p on p.id = n.issued_by where";

fn from_row(row: &Row) -> Result<Notice, StoreError> {
    Ok(Notice {
        id: row.id("id")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        campaign: row.opt_id("campaign")?,
        campaign_name: row.opt_text("campaign_name")?,
        template: row.opt_text("template")?,
        lang: row.text("lang")?,
        title: row.text("title")?,
        text: row.text("text")?,
        quiz: row.json("quiz")?,
        audience: row.json("audience")?,
        state: row.word("state", NoticeState::parse)?,
        opens_at: row.opt_time("opens_at")?,
        closes_at: row.opt_time("closes_at")?,
        issued_at: row.opt_time("issued_at")?,
        issued_by: row.opt_text("issued_name")?,
        gathered_at: row.opt_time("gathered_at")?,
        queued: row.count("queued")?,
        sent_at: row.opt_time("sent_at")?,
        closed_at: row.opt_time("closed_at")?,
        created_at: row.time("created_at")?,
        version: row.int("version")?,
    })
}

/// The predicate of seeing notice `n`: from the issuer's side, drafts only by who may prepare them; or, once issued,
/// because it goes to a body one may see.
fn seen(query: &mut Query, scope: &Scope) {
    query.push("((n.state = 'draft' and").visible(scope, Right::Prepare, "n.body");
    query.push(") or (n.state <> 'draft' and").visible(scope, Right::See, "n.body");
    query.push(") or (n.state <> 'draft' and exists (select 1 from notice_sum ns where ns.notice = n.id and");
    query.visible(scope, Right::See, "ns.body").push(")))");
}

/// The notice, for whoever holds `right` over the body that issues it.
async fn held(
    sql: &mut Sql,
    scope: &Scope,
    right: Right,
    id: Id<kind::Notice>,
) -> Result<Notice, StoreError> {
    let mut query = Query::new(NOTICE);
    query.push("n.id =").bind(id).push("and").visible(scope, right, "n.body");
    query.row(sql).await?.as_ref().map(from_row).transpose()?.ok_or(StoreError::NotFound("notice"))
}

fn subject(id: Id<kind::Notice>) -> String {
    format!("notice:{id}")
}

fn document(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Corrupt("document", e.to_string()))
}

/// `17:00 05/02/2027`, as letters write it.
fn written(at: Timestamp) -> String {
    time::local(at).strftime("%H:%M %d/%m/%Y").to_string()
}
