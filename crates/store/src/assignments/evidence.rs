//! Evidence handed in by people: a file, a note, a link; and taken back while nobody has decided.

use domain::{
    actor::Scope,
    evidence::Count,
    fact::{Source, kinds},
    id::{Id, kind},
    order::{SubmissionKind, SubmissionState},
    right::Right,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Held, Need, TEXT_MAX, Tools, fact, held_by_task, learn, said, somebody};
use crate::{
    Query, Row, Sql, StoreError, Topic, Tx, args,
    blobs::{self, Blob},
    facts,
};

/// 50 MB: a scan report of a whole province fits, a disk image does not.
pub const EVIDENCE_MAX: u64 = 50 * 1024 * 1024;
/// A note beside a file, or alone.
pub const NOTE_MAX: usize = TEXT_MAX;
/// One upload serves at most so many duties: no order has more.
pub const TASKS_AT_ONCE: usize = 40;
/// So many undecided pieces may wait on one duty: more would hide each other.
const WAITING_MAX: u32 = 50;
/// Longer addresses are cut by programs on the way.
const URL_MAX: usize = 2_000;

/// What is handed in.
#[derive(Debug, Clone)]
pub enum NewEvidence {
    /// A stored file, its name and sniffed content type, and a note that may be empty.
    File {
        /// The file.
        blob: Blob,
        /// Its name.
        name: String,
        /// Its content type.
        mime: String,
        /// Words beside it.
        note: String,
    },
    /// Words alone.
    Note(String),
    /// An https address, and words beside it.
    Link {
        /// The address.
        url: String,
        /// Words beside it.
        note: String,
    },
}

/// For which duty.
#[derive(Debug, Clone)]
pub struct NewSubmission {
    /// Its id.
    pub id: Id<kind::Submission>,
    /// Which duty.
    pub task: Id<kind::Task>,
    /// *đã xử lý / tổng số*, where machines are counted.
    pub count: Option<Count>,
}

/// A piece of evidence as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// Its id.
    pub id: Id<kind::Submission>,
    /// Which duty.
    pub task: Id<kind::Task>,
    /// File, note or link.
    pub kind: SubmissionKind,
    /// The words; empty for those who may not read.
    pub text: String,
    /// The address.
    pub url: Option<String>,
    /// The file.
    pub sha256: Option<String>,
    /// Its name.
    pub file_name: Option<String>,
    /// *đã xử lý / tổng số*.
    pub count: Option<Count>,
    /// Where it stands.
    pub state: SubmissionState,
    /// When it was handed in.
    pub submitted_at: Timestamp,
    /// By whom.
    pub submitted_by: Option<String>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// By whom.
    pub decided_by: Option<String>,
    /// Why it was returned.
    pub reason: Option<String>,
}

/// Hands in one piece of evidence for one or several duties; needs [`Right::Answer`] over each owing body. The same
/// evidence handed in again while it waits is not doubled. Returns how many submissions are new.
/// `Refused`: `evidence-no-task`, `evidence-many-tasks`, `evidence-count`, `evidence-link`, `evidence-waiting`,
/// `text-empty`, `text-long`, `assignment-over`.
pub async fn hand_in(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    evidence: &NewEvidence,
    tasks: &[NewSubmission],
) -> Result<u32, StoreError> {
    somebody(tx.actor())?;
    if tasks.is_empty() {
        return Err(StoreError::Refused("evidence-no-task"));
    }
    if tasks.len() > TASKS_AT_ONCE {
        return Err(StoreError::Refused("evidence-many-tasks"));
    }
    let piece = piece(evidence)?;
    let mut new = 0;
    for task in tasks {
        new += u32::from(one(tx, scope, tools, evidence, &piece, task).await?);
    }
    if new == 0 {
        tx.unchanged();
    }
    Ok(new)
}

/// The columns of a piece of evidence, checked.
pub(crate) struct Piece {
    pub kind: SubmissionKind,
    pub text: String,
    pub url: Option<String>,
}

/// Checks what is handed in. `Refused`: `evidence-link`, `text-empty`, `text-long`.
pub(crate) fn piece(evidence: &NewEvidence) -> Result<Piece, StoreError> {
    let note = |text: &str| if text.trim().is_empty() { Ok(String::new()) } else { said(text, NOTE_MAX) };
    Ok(match evidence {
        NewEvidence::File { note: text, .. } => {
            Piece { kind: SubmissionKind::File, text: note(text)?, url: None }
        }
        NewEvidence::Note(text) => {
            Piece { kind: SubmissionKind::Note, text: said(text, NOTE_MAX)?, url: None }
        }
        NewEvidence::Link { url, note: text } => {
            Piece { kind: SubmissionKind::Link, text: note(text)?, url: Some(address(url)?) }
        }
    })
}

/// An https address with a host and without a user name, which would only disguise where it leads.
fn address(url: &str) -> Result<String, StoreError> {
    let url = url.trim();
    let bad = StoreError::Refused("evidence-link");
    let Some(rest) = url.strip_prefix("https://") else { return Err(bad) };
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    let plain =
        url.chars().all(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | '"' | '\\'));
    if url.len() > URL_MAX || !plain || host.contains('@') || !host.chars().any(char::is_alphanumeric) {
        return Err(bad);
    }
    Ok(url.to_owned())
}

async fn one(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    evidence: &NewEvidence,
    piece: &Piece,
    new: &NewSubmission,
) -> Result<bool, StoreError> {
    let of = held_by_task(tx, scope, Need::Body(Right::Answer), new.task).await?;
    of.in_force()?;
    if new.count.is_some_and(|c| c.all == 0 || c.handled > c.all) {
        return Err(StoreError::Refused("evidence-count"));
    }
    let sha256 = match evidence {
        NewEvidence::File { blob, .. } => Some(blob.sha256.as_str()),
        _ => None,
    };
    let waiting = tx
        .rows(
            "select kind, text, url, sha256, handled, total from submission where task = $1 and state = 'submitted'",
            args![new.task],
        )
        .await?;
    for row in &waiting {
        if row.text("kind")? == piece.kind.name()
            && row.text("text")? == piece.text
            && row.opt_text("url")? == piece.url
            && row.opt_text("sha256")?.as_deref() == sha256
            && count(row)? == new.count
        {
            return Ok(false);
        }
    }
    if waiting.len() >= WAITING_MAX as usize {
        return Err(StoreError::Refused("evidence-waiting"));
    }
    insert(tx, tools, &of, evidence, piece, new).await?;
    Ok(true)
}

async fn insert(
    tx: &mut Tx,
    tools: &Tools<'_>,
    of: &Held,
    evidence: &NewEvidence,
    piece: &Piece,
    new: &NewSubmission,
) -> Result<(), StoreError> {
    let (now, person) = (tx.now(), somebody(tx.actor())?);
    let mut file = (None, None);
    if let NewEvidence::File { blob, name, mime, .. } = evidence {
        let subject = format!("submission:{}", new.id);
        // The owing body keeps its right to the file, the issuer gets one: it may stand outside the issuer's tree.
        blobs::attach(tx, blob, of.body, &subject, name, mime).await?;
        blobs::attach(tx, blob, of.issuer, &subject, name, mime).await?;
        file = (Some(blob.sha256.clone()), Some(name.clone()));
    }
    tx.exec(
        "insert into submission
           (id, task, body, kind, text, url, sha256, file_name, handled, total, state, submitted_at, submitted_by)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,'submitted',$11,$12)",
        args![
            new.id,
            new.task,
            of.body,
            piece.kind.name(),
            &piece.text,
            piece.url.clone(),
            file.0.clone(),
            file.1,
            new.count.map(|c| c.handled),
            new.count.map(|c| c.all),
            now,
            person
        ],
    )
    .await?;
    let subject = format!("task:{}", new.task);
    let detail = (new.id, piece.kind, &piece.text, &piece.url, &file.0);
    let seq = tx.record("evidence.submitted", subject.clone(), Some(of.body), &detail);
    let source = file.0.map_or(Source::Audit(seq), Source::Blob);
    let value = counted(json!({"submission": new.id, "at": now.to_string()}), new.count);
    let key = key(kinds::SUBMITTED, new.id);
    learn(tx, tools, kinds::SUBMITTED, key, of.body, subject.clone(), source, value).await?;
    tx.changed(Topic::Task, subject, Some(of.body));
    Ok(())
}

pub(super) fn key(kind: &str, id: Id<kind::Submission>) -> String {
    format!("{kind}/{id}")
}

/// Adds *handled/all* where machines were counted.
pub(super) fn counted(mut value: Value, count: Option<Count>) -> Value {
    if let (Some(count), Some(map)) = (count, value.as_object_mut()) {
        map.insert("handled".into(), json!(count.handled));
        map.insert("all".into(), json!(count.all));
    }
    value
}

/// Takes a piece of evidence back while nobody has decided; needs [`Right::Answer`] over the body. It stays on record.
/// `Refused("evidence-decided")` afterwards.
pub async fn withdraw(
    tx: &mut Tx,
    scope: &Scope,
    tools: &Tools<'_>,
    id: Id<kind::Submission>,
) -> Result<Id<kind::Task>, StoreError> {
    let row = tx.row("select task from submission where id = $1", args![id]).await?;
    let task: Id<kind::Task> = row.ok_or(StoreError::NotFound("submission"))?.id("task")?;
    let of = held_by_task(tx, scope, Need::Body(Right::Answer), task).await?;
    let (now, person) = (tx.now(), somebody(tx.actor())?);
    let touched = tx
        .exec(
            "update submission set state = 'withdrawn', decided_at = $1, decided_by = $2
             where id = $3 and state = 'submitted'",
            args![now, person, id],
        )
        .await?;
    if touched == 0 {
        return Err(StoreError::Refused("evidence-decided"));
    }
    let subject = format!("task:{task}");
    let seq = tx.record("evidence.withdrawn", subject.clone(), Some(of.body), &id);
    let old = tx.row("select id from fact where key = $1", args![key(kinds::SUBMITTED, id)]).await?;
    let value = json!({"submission": id});
    let new = fact(
        tools,
        now,
        kinds::WITHDRAWN,
        key(kinds::WITHDRAWN, id),
        of.body,
        subject.clone(),
        Source::Audit(seq),
        value,
    );
    facts::supersede(tx, old.ok_or(StoreError::NotFound("fact"))?.id("id")?, &new).await?;
    tx.changed(Topic::Task, subject, Some(of.body));
    Ok(task)
}

/// The evidence of a task, newest first. Needs [`Right::See`] from either side; the words, the address and the file
/// only with [`Right::Read`].
pub async fn of_task(
    sql: &mut Sql,
    scope: &Scope,
    task: Id<kind::Task>,
) -> Result<Vec<Submission>, StoreError> {
    let of = held_by_task(sql, scope, Need::See, task).await?;
    let mut readable = Query::new("select b.id from body b where b.id in");
    readable.list([of.body, of.issuer]).push("and").visible(scope, Right::Read, "b.id");
    let readable = readable.row(sql).await?.is_some();
    let rows = sql
        .rows(
            "select s.*, p.name as submitter, d.name as decider from submission s
             left join person p on p.id = s.submitted_by left join person d on d.id = s.decided_by
             where s.task = $1 order by s.submitted_at desc, s.id desc",
            args![task],
        )
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let submission = from_row(row)?;
        found.push(if readable {
            submission
        } else {
            Submission { text: String::new(), url: None, sha256: None, file_name: None, ..submission }
        });
    }
    Ok(found)
}

pub(super) fn count(row: &Row) -> Result<Option<Count>, StoreError> {
    Ok(match (row.opt_int("handled")?, row.opt_int("total")?) {
        (Some(_), Some(_)) => Some(Count { handled: row.count("handled")?, all: row.count("total")? }),
        _ => None,
    })
}

pub(super) fn from_row(row: &Row) -> Result<Submission, StoreError> {
    Ok(Submission {
        id: row.id("id")?,
        task: row.id("task")?,
        kind: row.word("kind", SubmissionKind::parse)?,
        text: row.text("text")?,
        url: row.opt_text("url")?,
        sha256: row.opt_text("sha256")?,
        file_name: row.opt_text("file_name")?,
        count: count(row)?,
        state: row.word("state", SubmissionState::parse)?,
        submitted_at: row.time("submitted_at")?,
        submitted_by: row.opt_text("submitter")?,
        decided_at: row.opt_time("decided_at")?,
        decided_by: row.opt_text("decider")?,
        reason: row.opt_text("reason")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_https_and_says_where_it_leads() {
        assert_eq!(address(" https://canh.gov.vn/bao-cao?n=1 ").unwrap(), "https://canh.gov.vn/bao-cao?n=1");
        for bad in [
            "http://canh.gov.vn",
            "javascript:alert(1)",
            "https://",
            "https:///etc",
            "https://canh.gov.vn@evil.example/",
            "https://a b.vn",
            "https://a.vn/\"onx",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}
