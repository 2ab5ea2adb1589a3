//! Reading notices: the list, the figures body by body, and — for who may — the people.

use domain::{
    actor::Scope,
    id::{Id, kind},
    notice::{NoticeState, Rates},
    right::Right,
};
use jiff::Timestamp;

use super::{NOTICE, Notice, from_row, seen, tally};
use crate::{Query, Row, Sql, StoreError, register::containing};

/// Which notices.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoticeFilter<'a> {
    /// Only in this state.
    pub state: Option<NoticeState>,
    /// Only of this campaign.
    pub campaign: Option<Id<kind::Campaign>>,
    /// Words of the title.
    pub q: &'a str,
    /// The last one seen.
    pub after: Option<(Timestamp, Id<kind::Notice>)>,
}

/// A notice of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeRow {
    /// The notice.
    pub notice: Notice,
    /// Its figures, as far as one may see the bodies.
    pub rates: Rates,
}

/// The notices one may see, newest first.
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    filter: &NoticeFilter<'_>,
    limit: usize,
) -> Result<Vec<NoticeRow>, StoreError> {
    let mut query = Query::new(NOTICE);
    seen(&mut query, scope);
    if let Some(state) = filter.state {
        query.push("and n.state =").bind(state.name());
    }
    if let Some(campaign) = filter.campaign {
        query.push("and n.campaign =").bind(campaign);
    }
    if !filter.q.trim().is_empty() {
        query.push("and n.folded like").bind(containing(filter.q)).push("escape '\\'");
    }
    if let Some((at, id)) = filter.after {
        query.push("and (n.created_at <").bind(at).push("or (n.created_at =").bind(at);
        query.push("and n.id <").bind(id).push("))");
    }
    query.push("order by n.created_at desc, n.id desc limit").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let mut found = Vec::new();
    for row in query.rows(sql).await? {
        let notice = from_row(&row)?;
        let rates = rates(sql, scope, &notice).await?;
        found.push(NoticeRow { notice, rates });
    }
    Ok(found)
}

/// One notice, for whoever may see it.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::Notice>) -> Result<Notice, StoreError> {
    let mut query = Query::new(NOTICE);
    query.push("n.id =").bind(id).push("and");
    seen(&mut query, scope);
    query.row(sql).await?.as_ref().map(from_row).transpose()?.ok_or(StoreError::NotFound("notice"))
}

/// The figures of all bodies one may see, together.
pub async fn rates(sql: &mut Sql, scope: &Scope, notice: &Notice) -> Result<Rates, StoreError> {
    let mut query = Query::new(SUMS);
    query.push("from notice_sum s where s.notice =").bind(notice.id).push("and").visible(
        scope,
        Right::See,
        "s.body",
    );
    match query.row(sql).await? {
        Some(row) => tally::rates(&row, notice.quiz.is_asked()),
        None => Ok(Rates::default()),
    }
}

pub(super) const SUMS: &str = "select cast(coalesce(sum(s.recipients), 0) as bigint) as recipients,
    cast(coalesce(sum(s.excused), 0) as bigint) as excused,
    cast(coalesce(sum(s.delivered), 0) as bigint) as delivered, cast(coalesce(sum(s.opened), 0) as bigint) as opened,
    cast(coalesce(sum(s.committed), 0) as bigint) as committed, cast(coalesce(sum(s.passed), 0) as bigint) as passed";

/// The figures of one body.
#[derive(Debug, Clone, PartialEq)]
pub struct BodyRates {
    /// Which.
    pub body: Id<kind::Body>,
    /// Its name.
    pub name: String,
    /// Its figures.
    pub rates: Rates,
    /// Recipients without a verified address.
    pub without_address: u32,
    /// Whose letter no mail server takes.
    pub failed: u32,
}

/// By what bodies may be sorted; `-` before it turns the order round.
pub const SORTS: [&str; 4] = ["missing", "name", "recipients", "rate"];

/// Which bodies, in which order.
#[derive(Debug, Clone, Copy, Default)]
pub struct BodyFilter<'a> {
    /// Words of the name.
    pub q: &'a str,
    /// Only those where somebody is missing.
    pub missing: bool,
    /// One of [`SORTS`]; else those with most people missing first.
    pub sort: &'a str,
    /// Rows to pass over.
    pub offset: usize,
}

/// The figures body by body.
pub async fn bodies(
    sql: &mut Sql,
    scope: &Scope,
    notice: &Notice,
    filter: &BodyFilter<'_>,
    limit: usize,
) -> Result<Vec<BodyRates>, StoreError> {
    let asked = notice.quiz.is_asked();
    let mut query =
        Query::new("select s.*, b.name from notice_sum s join body b on b.id = s.body where s.notice =");
    query.bind(notice.id).push("and").visible(scope, Right::See, "s.body");
    if !filter.q.trim().is_empty() {
        query.push("and b.folded like").bind(containing(filter.q)).push("escape '\\'");
    }
    if filter.missing {
        query.push(if asked {
            "and s.passed + s.excused < s.recipients"
        } else {
            "and s.committed + s.excused < s.recipients"
        });
    }
    let down = filter.sort.starts_with('-');
    query.push("order by").push(match (filter.sort.trim_start_matches('-'), asked, down) {
        ("name", _, false) => "b.sort_key, b.id",
        ("name", _, true) => "b.sort_key desc, b.id",
        ("recipients", _, false) => "s.recipients, b.sort_key, b.id",
        ("recipients", _, true) => "s.recipients desc, b.sort_key, b.id",
        ("rate", false, false) => "case when s.recipients > s.excused then s.committed * 10000 / (s.recipients - s.excused) else 10000 end, b.sort_key, b.id",
        ("rate", false, true) => "case when s.recipients > s.excused then s.committed * 10000 / (s.recipients - s.excused) else 10000 end desc, b.sort_key, b.id",
        ("rate", true, false) => "case when s.recipients > s.excused then s.passed * 10000 / (s.recipients - s.excused) else 10000 end, b.sort_key, b.id",
        ("rate", true, true) => "case when s.recipients > s.excused then s.passed * 10000 / (s.recipients - s.excused) else 10000 end desc, b.sort_key, b.id",
        ("missing", false, false) => "s.recipients - s.excused - s.committed, b.sort_key, b.id",
        ("missing", true, false) => "s.recipients - s.excused - s.passed, b.sort_key, b.id",
        (_, false, _) => "s.recipients - s.excused - s.committed desc, b.sort_key, b.id",
        (_, true, _) => "s.recipients - s.excused - s.passed desc, b.sort_key, b.id",
    });
    query.push("limit").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    query.push("offset").bind(i64::try_from(filter.offset).unwrap_or(i64::MAX));
    let row = |row: &Row| {
        Ok(BodyRates {
            body: row.id("body")?,
            name: row.text("name")?,
            rates: tally::rates(row, asked)?,
            without_address: row.count("without_address")?,
            failed: row.count("failed")?,
        })
    };
    query.rows(sql).await?.iter().map(row).collect()
}

/// How one recipient stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonState {
    /// Everybody.
    All,
    /// Who has not done all that is asked.
    Missing,
    /// Who has.
    Done,
    /// Who has opened it and not committed.
    Opened,
    /// Whom no letter reached: no address, or none that takes it.
    Unreached,
    /// Who need not: on leave, for instance.
    Excused,
}

impl PersonState {
    /// All of them.
    pub const ALL: [PersonState; 6] = [
        PersonState::Missing,
        PersonState::Done,
        PersonState::Opened,
        PersonState::Unreached,
        PersonState::Excused,
        PersonState::All,
    ];
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            PersonState::All => "all",
            PersonState::Missing => "missing",
            PersonState::Done => "done",
            PersonState::Opened => "opened",
            PersonState::Unreached => "unreached",
            PersonState::Excused => "excused",
        }
    }
    /// By its name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// Which people.
#[derive(Debug, Clone)]
pub struct PeopleFilter<'a> {
    /// Only of this body.
    pub body: Option<Id<kind::Body>>,
    /// Only those who stand so.
    pub state: PersonState,
    /// Words of the name.
    pub q: &'a str,
    /// The last one seen.
    pub after: Option<(String, Id<kind::Recipient>)>,
}

/// A recipient, for those who may know names.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonRow {
    /// Id.
    pub id: Id<kind::Recipient>,
    /// Sort key of the name: with the id a cursor.
    pub key: String,
    /// Name.
    pub name: String,
    /// Address, if there is one.
    pub email: Option<String>,
    /// Their body.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// When the mail server took the letter.
    pub delivered_at: Option<Timestamp>,
    /// When it was given up.
    pub failed_at: Option<Timestamp>,
    /// When they opened it.
    pub opened_at: Option<Timestamp>,
    /// When they committed.
    pub committed_at: Option<Timestamp>,
    /// The audit entry of that.
    pub receipt: Option<u64>,
    /// Attempts at the quiz.
    pub attempts: u32,
    /// Score of the last.
    pub score: Option<u32>,
    /// When they passed.
    pub passed_at: Option<Timestamp>,
    /// Rounds of reminders.
    pub reminded: u32,
    /// Why they need not, if they are excused.
    pub excuse: Option<Excuse>,
}

/// Why somebody need not read and commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excuse {
    /// Since when.
    pub at: Timestamp,
    /// Who said so.
    pub by: String,
    /// The reason given.
    pub reason: String,
}

/// The people of a notice, by name; only of bodies over which one holds [`Right::Read`].
pub async fn people(
    sql: &mut Sql,
    scope: &Scope,
    notice: &Notice,
    filter: &PeopleFilter<'_>,
    limit: usize,
) -> Result<Vec<PersonRow>, StoreError> {
    let mut query = Query::new(
        "select r.*, b.name as body_name, x.name as excused_name from notice_recipient r join body b on b.id = r.body
         left join person x on x.id = r.excused_by where r.notice =",
    );
    query.bind(notice.id).push("and").visible(scope, Right::Read, "r.body");
    if let Some(body) = filter.body {
        query.push("and r.body =").bind(body);
    }
    let asked = notice.quiz.is_asked();
    query.push(match (filter.state, asked) {
        (PersonState::All, _) => "",
        (PersonState::Missing, false) => "and r.committed_at is null and r.excused_at is null",
        (PersonState::Missing, true) => "and r.passed_at is null and r.excused_at is null",
        (PersonState::Done, false) => "and r.committed_at is not null",
        (PersonState::Done, true) => "and r.passed_at is not null",
        (PersonState::Opened, _) => {
            "and r.opened_at is not null and r.committed_at is null and r.excused_at is null"
        }
        (PersonState::Excused, _) => "and r.excused_at is not null",
        (PersonState::Unreached, _) => {
            "and r.delivered_at is null and (r.email is null or r.failed_at is not null)"
        }
    });
    if !filter.q.trim().is_empty() {
        query.push("and r.folded like").bind(containing(filter.q)).push("escape '\\'");
    }
    if let Some((key, id)) = &filter.after {
        query.push("and (r.sort_key >").bind(key).push("or (r.sort_key =").bind(key);
        query.push("and r.id >").bind(*id).push("))");
    }
    query.push("order by r.sort_key, r.id limit").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    query.rows(sql).await?.iter().map(person).collect()
}

fn person(row: &Row) -> Result<PersonRow, StoreError> {
    Ok(PersonRow {
        id: row.id("id")?,
        key: row.text("sort_key")?,
        name: row.text("name")?,
        email: row.opt_text("email")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        delivered_at: row.opt_time("delivered_at")?,
        failed_at: row.opt_time("failed_at")?,
        opened_at: row.opt_time("opened_at")?,
        committed_at: row.opt_time("committed_at")?,
        receipt: row.opt_int("receipt")?.and_then(|n| u64::try_from(n).ok()),
        attempts: row.count("attempts")?,
        score: row.opt_int("score")?.and_then(|n| u32::try_from(n).ok()),
        passed_at: row.opt_time("passed_at")?,
        reminded: row.count("reminded")?,
        excuse: row
            .opt_time("excused_at")?
            .map(|at| {
                let by = row.opt_text("excused_name")?.unwrap_or_default();
                Ok::<_, StoreError>(Excuse {
                    at,
                    by,
                    reason: row.opt_text("excused_reason")?.unwrap_or_default(),
                })
            })
            .transpose()?,
    })
}
