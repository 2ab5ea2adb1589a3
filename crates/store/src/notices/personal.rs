//! The personal side of a notice: one person, one address, their own acts.
//!
//! The address is the recipient's id and a MAC of it under the instance key, for this purpose alone ([`url`]): nothing
//! secret is stored, none can be guessed, and it names one person of one notice. Looking changes nothing at all; each
//! act is a POST with the page's own token and happens once.

use domain::{
    actor::Actor,
    id::{Id, Ids, kind},
    notice::{Marks, NoticeState, Quiz},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{document, excuse, tally};
use crate::{
    Query, Row, Sql, StoreError, Tx, args,
    sign_in::{InstanceKey, links},
};

/// What the MAC is for: a link that signs or acknowledges is no link to a notice, nor the other way round.
const PURPOSE: &str = "notice-link";

/// The secret part of a personal address.
pub fn token(key: &InstanceKey, id: Id<kind::Recipient>) -> String {
    links::sealed(key, PURPOSE, id.uuid())
}

/// The recipient behind a token; `None` if it was not made with this key for this purpose.
pub fn read_token(key: &InstanceKey, token: &str) -> Option<Id<kind::Recipient>> {
    links::unsealed(key, PURPOSE, token).map(Id::from_uuid)
}

/// The whole address: `base` is the installation's.
pub fn url(key: &InstanceKey, base: &str, id: Id<kind::Recipient>) -> String {
    format!("{}/n/{}", base.trim_end_matches('/'), token(key, id))
}

/// A notice as its recipient meets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Mine {
    /// The recipient.
    pub id: Id<kind::Recipient>,
    /// Which notice.
    pub notice: Id<kind::Notice>,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
    /// Its language.
    pub lang: String,
    /// Its quiz.
    pub quiz: Quiz,
    /// Who issued it.
    pub issuer: String,
    /// The recipient's name: the page asks whether one is this person.
    pub name: String,
    /// The person of the register, if they are one.
    pub person: Option<Id<kind::Person>>,
    /// Their body.
    pub body: Id<kind::Body>,
    /// Its name.
    pub body_name: String,
    /// State of the notice.
    pub state: NoticeState,
    /// From when it is out.
    pub opens_at: Timestamp,
    /// Until when one may act.
    pub closes_at: Timestamp,
    /// When they pressed the button that opens it.
    pub opened_at: Option<Timestamp>,
    /// Since when they are excused: they may act all the same, and then are expected again.
    pub excused_at: Option<Timestamp>,
    /// When they committed.
    pub committed_at: Option<Timestamp>,
    /// The audit entry of that.
    pub receipt: Option<u64>,
    /// Attempts at the quiz.
    pub attempts: u32,
    /// Right answers of the last attempt.
    pub score: Option<u32>,
    /// Questions answered wrongly in it.
    pub wrong: Vec<usize>,
    /// When they passed.
    pub passed_at: Option<Timestamp>,
}

impl Mine {
    /// Whether one may still act.
    pub fn open(&self, now: Timestamp) -> bool {
        self.state == NoticeState::Issued && self.opens_at <= now && now < self.closes_at
    }
    /// Attempts left.
    pub fn attempts_left(&self) -> u32 {
        u32::from(self.quiz.attempts).saturating_sub(self.attempts)
    }
    /// Whether there is a quiz to be answered now.
    pub fn quiz_open(&self, now: Timestamp) -> bool {
        self.open(now)
            && self.quiz.is_asked()
            && self.committed_at.is_some()
            && self.passed_at.is_none()
            && self.attempts_left() > 0
    }
    /// As whom the log knows them.
    pub fn actor(&self) -> Actor {
        match self.person {
            Some(person) => Actor::Link(self.id.cast(), person),
            None => Actor::Recipient(self.id),
        }
    }
}

const MINE: &str = "select r.*, n.title, n.text, n.lang, n.quiz, n.state, n.opens_at, n.closes_at, i.name as issuer,
      b.name as body_name
    from notice_recipient r join notice n on n.id = r.notice join body i on i.id = n.body join body b on b.id = r.body
    where n.state <> 'draft'";

/// What a recipient sees; `None` if there is no such recipient. Whoever knows the id knows it from a token.
pub async fn find(sql: &mut Sql, id: Id<kind::Recipient>) -> Result<Option<Mine>, StoreError> {
    let mut query = Query::new(MINE);
    query.push("and r.id =").bind(id);
    query.row(sql).await?.as_ref().map(from_row).transpose()
}

/// The notices to a person of the register, by their record or a verified address of theirs; newest first.
pub async fn of_person(
    sql: &mut Sql,
    person: Id<kind::Person>,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Mine>, StoreError> {
    let mut query = Query::new(MINE);
    query.push("and n.state <> 'cancelled' and n.opens_at <=").bind(now);
    query.push("and (r.person =").bind(person);
    query.push(
        "or r.key in (select c.address from channel c where c.kind = 'email' and c.verified_at is not null",
    );
    query
        .push("and c.person =")
        .bind(person)
        .push(")) order by n.opens_at desc, r.id desc limit")
        .bind(limit);
    query.rows(sql).await?.iter().map(from_row).collect()
}

/// The person pressed the button that opens it. Once; refuses `notice-ended`.
pub async fn opened(tx: &mut Tx, id: Id<kind::Recipient>) -> Result<(), StoreError> {
    let mine = acting(tx, id).await?;
    tx.unchanged();
    let now = tx.now();
    let fresh = tx
        .exec(
            "update notice_recipient set opened_at = $1 where id = $2 and opened_at is null",
            args![now, id],
        )
        .await?;
    if fresh > 0 && mine.excused_at.is_none() {
        counted(tx, &mine, "update notice_sum set opened = opened + 1").await?;
    }
    Ok(())
}

/// *Read and committed*: the person's explicit act, with its receipt in the log: who, what words, how. A second time
/// nothing happens. Refuses `notice-ended`, and `notice-unopened` from whoever never saw it.
pub async fn commit(
    tx: &mut Tx,
    ids: &dyn Ids,
    id: Id<kind::Recipient>,
    how: &'static str,
) -> Result<u64, StoreError> {
    let mine = acting(tx, id).await?;
    if let Some(receipt) = mine.receipt {
        tx.unchanged();
        return Ok(receipt);
    }
    if mine.opened_at.is_none() {
        return Err(StoreError::Refused("notice-unopened"));
    }
    let now = tx.now();
    let words = hex::encode(Sha256::digest(format!("{}\n{}", mine.title, mine.text)));
    let detail = (&mine.name, mine.notice, words, how);
    let receipt = tx.record("notice.committed", format!("recipient:{id}"), Some(mine.body), &detail);
    tx.exec(
        "update notice_recipient set committed_at = $1, receipt = $2, how = $3 where id = $4 and committed_at is null",
        args![now, i64::try_from(receipt).unwrap_or(i64::MAX), how, id],
    )
    .await?;
    match mine.excused_at {
        // Whoever was said to be away is here after all.
        Some(_) => excuse::back(tx, mine.notice, mine.body, id).await?,
        None => counted(tx, &mine, "update notice_sum set committed = committed + 1").await?,
    }
    tally::tell(tx, ids, mine.notice, mine.body, receipt, false).await?;
    Ok(receipt)
}

/// One attempt at the quiz. `attempt` is how many went before, as the page showed it: the same form sent twice counts
/// once. Of the answers only the score and the wrong questions are kept. Refuses `notice-ended`, `quiz-uncommitted`,
/// `quiz-answered`, `quiz-over`.
pub async fn answer(
    tx: &mut Tx,
    ids: &dyn Ids,
    id: Id<kind::Recipient>,
    attempt: u32,
    answers: &[usize],
) -> Result<Marks, StoreError> {
    let mine = acting(tx, id).await?;
    match () {
        () if mine.committed_at.is_none() => return Err(StoreError::Refused("quiz-uncommitted")),
        () if mine.attempts != attempt => return Err(StoreError::Refused("quiz-answered")),
        () if !mine.quiz_open(tx.now()) => return Err(StoreError::Refused("quiz-over")),
        () => {}
    }
    let marks = mine.quiz.mark(answers);
    let now = tx.now();
    tx.exec(
        "update notice_recipient set attempts = attempts + 1, score = $1, wrong = $2, passed_at = $3 where id = $4",
        args![marks.score, document(&marks.wrong)?, marks.passed.then_some(now), id],
    )
    .await?;
    let detail = (mine.notice, marks.score, marks.all, marks.passed);
    let seq = tx.record("notice.quiz", format!("recipient:{id}"), Some(mine.body), &detail);
    match mine.excused_at {
        Some(_) => excuse::back(tx, mine.notice, mine.body, id).await?,
        None if marks.passed => counted(tx, &mine, "update notice_sum set passed = passed + 1").await?,
        None => return Ok(marks),
    }
    tally::tell(tx, ids, mine.notice, mine.body, seq, false).await?;
    Ok(marks)
}

/// Moves the figures of somebody's body.
async fn counted(tx: &mut Tx, mine: &Mine, how: &'static str) -> Result<(), StoreError> {
    let mut query = Query::new(how);
    query.push("where notice =").bind(mine.notice).push("and body =").bind(mine.body);
    query.exec(tx).await?;
    Ok(())
}

async fn acting(tx: &mut Tx, id: Id<kind::Recipient>) -> Result<Mine, StoreError> {
    let mine = find(tx, id).await?.ok_or(StoreError::NotFound("recipient"))?;
    if mine.open(tx.now()) { Ok(mine) } else { Err(StoreError::Refused("notice-ended")) }
}

fn from_row(row: &Row) -> Result<Mine, StoreError> {
    let receipt = row.opt_int("receipt")?.and_then(|n| u64::try_from(n).ok());
    Ok(Mine {
        id: row.id("id")?,
        notice: row.id("notice")?,
        title: row.text("title")?,
        text: row.text("text")?,
        lang: row.text("lang")?,
        quiz: row.json("quiz")?,
        issuer: row.text("issuer")?,
        name: row.text("name")?,
        person: row.opt_id("person")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        state: row.word("state", NoticeState::parse)?,
        opens_at: row.time("opens_at")?,
        closes_at: row.time("closes_at")?,
        opened_at: row.opt_time("opened_at")?,
        excused_at: row.opt_time("excused_at")?,
        committed_at: row.opt_time("committed_at")?,
        receipt,
        attempts: row.count("attempts")?,
        score: row.opt_int("score")?.and_then(|n| u32::try_from(n).ok()),
        wrong: row.json("wrong")?,
        passed_at: row.opt_time("passed_at")?,
    })
}
