//! Letters: what came in, how it was read, and what people made of the reading.

use domain::{
    actor::Scope,
    id::{Id, kind},
    order::{Change, Edit, Edits, LetterState, Paper, correct, merge},
    right::Right,
    text::fold,
};
use jiff::Timestamp;
use serde_json::Value;

use crate::{Query, Row, Sql, StoreError, Topic, Tx, args, blobs, blobs::Blob, register::require};

/// At most so many letters of a page.
pub const PAGE_MAX: usize = 500;
/// So many letters are offered as possible parents or duplicates; more would not be read.
const OFFERS: i64 = 10;

/// A letter with its reading.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// What lists show.
    pub row: LetterRow,
    /// SHA-256 of the original, if a file came.
    pub sha256: Option<String>,
    /// Its file name.
    pub file_name: Option<String>,
    /// The text that was read.
    pub text: String,
    /// What the reader read, as it read it.
    pub reading: Value,
    /// What people made of it.
    pub corrected: Value,
    /// Who changed what.
    pub edits: Edits,
    /// The letter it acts on, if it is here.
    pub parent: Option<Id<kind::Letter>>,
    /// When it was confirmed.
    pub confirmed_at: Option<Timestamp>,
    /// By whom.
    pub confirmed_by: Option<Id<kind::Person>>,
    /// For the optimistic lock: send it back with every change.
    pub version: i64,
}

impl Letter {
    /// The corrected reading as orders use it.
    pub fn paper(&self) -> Paper {
        // What is stored was checked when it was stored; a reading of an older shape shows blanks, never fails.
        Paper::of(&self.corrected).unwrap_or_default()
    }
}

/// A letter as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct LetterRow {
    /// Its id.
    pub id: Id<kind::Letter>,
    /// Who received it.
    pub body: Id<kind::Body>,
    /// That body's name.
    pub body_name: String,
    /// Where it stands.
    pub state: LetterState,
    /// When it came in.
    pub received_at: Timestamp,
    /// `upload`, `paste`, `api`, `issued`, `folder`, `mail`.
    pub source: String,
    /// Number.
    pub number: Option<String>,
    /// Symbol.
    pub symbol: Option<String>,
    /// Date, as far as it is known.
    pub date: Option<String>,
    /// Issuer.
    pub issuer: Option<String>,
    /// Subject.
    pub subject: Option<String>,
}

/// A letter that came in.
#[derive(Debug, Clone)]
pub struct NewLetter<'a> {
    /// Its id.
    pub id: Id<kind::Letter>,
    /// Who received it.
    pub body: Id<kind::Body>,
    /// `upload`, `paste`, `api`, `issued`, `folder`, `mail`.
    pub source: &'static str,
    /// The original: the stored file, its name, its sniffed content type.
    pub file: Option<(&'a Blob, &'a str, &'a str)>,
    /// The text that was read.
    pub text: &'a str,
    /// What was read.
    pub reading: &'a Value,
}

/// What of the letters is wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter<'a> {
    /// Only in this state.
    pub state: Option<LetterState>,
    /// Only with these words in number, symbol, issuer or subject.
    pub q: &'a str,
    /// Only after this row, the last one of the page before: for the order in which they came.
    pub after: Option<(Timestamp, Id<kind::Letter>)>,
    /// `received`, `date`, `issuer` or `state`, with `-` for down; anything else: newest first.
    pub sort: &'a str,
    /// So many rows of that order were shown before.
    pub skip: usize,
}

/// Takes a letter in. A paper marked secret must never come here; see [`refused`].
pub async fn add(tx: &mut Tx, scope: &Scope, new: &NewLetter<'_>) -> Result<(), StoreError> {
    require(tx, scope, Right::Prepare, new.body).await?;
    let paper = Paper::of(new.reading).ok_or_else(|| unreadable("not a reading"))?;
    let subject = format!("letter:{}", new.id);
    if let Some((blob, name, kind)) = new.file {
        blobs::attach(tx, blob, new.body, &subject, name, kind).await?;
    }
    let now = tx.now();
    tx.exec(
        "insert into letter (id, body, state, received_at, source, file_name, sha256, text, reading, corrected,
           number, symbol, date, issuer, subject, folded)
         values ($1,$2,'read',$3,$4,$5,$6,$7,$8,$8,$9,$10,$11,$12,$13,$14)",
        args![
            new.id,
            new.body,
            now,
            new.source,
            new.file.map(|f| f.1),
            new.file.map(|f| &f.0.sha256),
            new.text,
            new.reading.clone(),
            paper.number.as_deref(),
            paper.symbol.as_deref(),
            paper.date.as_deref(),
            paper.issuer.as_deref(),
            paper.subject.as_deref(),
            folded(&paper)
        ],
    )
    .await?;
    tx.record("letter.received", subject.as_str(), Some(new.body), new.reading);
    tx.changed(Topic::Letter, subject, Some(new.body));
    Ok(())
}

/// A paper marked secret was turned away at the door. The log says only that: no name, no text, no digest of it.
pub async fn refused(tx: &mut Tx, scope: &Scope, body: Id<kind::Body>) -> Result<(), StoreError> {
    require(tx, scope, Right::Prepare, body).await?;
    tx.record("letter.refused-secret", format!("body:{body}"), Some(body), &"secret");
    Ok(())
}

/// Letters that seem to be the same paper: the same file, or the same number, symbol, date and issuer.
pub async fn duplicates(
    sql: &mut Sql,
    scope: &Scope,
    body: Id<kind::Body>,
    sha256: Option<&str>,
    paper: &Paper,
) -> Result<Vec<LetterRow>, StoreError> {
    let mut query = Query::new(SELECT);
    query
        .push("where l.body =")
        .bind(body)
        .push("and")
        .visible(scope, Right::Read, "l.body")
        .push("and (1 = 0");
    if let Some(sha256) = sha256 {
        query.push("or l.sha256 =").bind(sha256);
    }
    if let (Some(number), Some(symbol), Some(date), Some(issuer)) =
        (&paper.number, &paper.symbol, &paper.date, &paper.issuer)
    {
        query.push("or (l.symbol =").bind(symbol).push("and l.number =").bind(number);
        query.push("and l.date =").bind(date).push("and l.issuer =").bind(issuer).push(")");
    }
    query.push(") order by l.received_at, l.id limit").bind(OFFERS);
    query.rows(sql).await?.iter().map(row).collect()
}

/// One letter.
pub async fn get(sql: &mut Sql, scope: &Scope, id: Id<kind::Letter>) -> Result<Letter, StoreError> {
    let mut query =
        Query::new("select l.*, b.name as body_name from letter l join body b on b.id = l.body where l.id =");
    query.bind(id).push("and").visible(scope, Right::Read, "l.body");
    let found = query.row(sql).await?.ok_or(StoreError::NotFound("letter"))?;
    Ok(Letter {
        row: row(&found)?,
        sha256: found.opt_text("sha256")?,
        file_name: found.opt_text("file_name")?,
        text: found.text("text")?,
        reading: found.json("reading")?,
        corrected: found.json("corrected")?,
        edits: found.json("edits")?,
        parent: found.opt_id("parent_letter")?,
        confirmed_at: found.opt_time("confirmed_at")?,
        confirmed_by: found.opt_id("confirmed_by")?,
        version: found.int("version")?,
    })
}

/// Letters, newest first, at most `limit` (≤ [`PAGE_MAX`]).
pub async fn list(
    sql: &mut Sql,
    scope: &Scope,
    filter: &Filter<'_>,
    limit: usize,
) -> Result<Vec<LetterRow>, StoreError> {
    let mut query = Query::new(SELECT);
    query.push("where").visible(scope, Right::Read, "l.body");
    if let Some(state) = filter.state {
        query.push("and l.state =").bind(state.name());
    }
    for word in fold(filter.q).split(' ').filter(|w| !w.is_empty()) {
        query.push("and l.folded like").bind(format!("%{}%", escape_like(word))).push("escape '!'");
    }
    if let Some((at, id)) = filter.after {
        query.push("and (l.received_at <").bind(at).push("or (l.received_at =").bind(at);
        query.push("and l.id <").bind(id).push("))");
    }
    query.push(match filter.sort {
        "received" => "order by l.received_at, l.id",
        "date" => "order by coalesce(l.date, ''), l.id",
        "-date" => "order by coalesce(l.date, '') desc, l.id desc",
        "issuer" => "order by coalesce(l.issuer, ''), l.received_at desc, l.id",
        "-issuer" => "order by coalesce(l.issuer, '') desc, l.received_at desc, l.id",
        "state" => "order by l.state, l.received_at desc, l.id",
        "-state" => "order by l.state desc, l.received_at desc, l.id",
        _ => "order by l.received_at desc, l.id desc",
    });
    query.push("limit").bind(limit.min(PAGE_MAX) as i64).push("offset").bind(filter.skip as i64);
    query.rows(sql).await?.iter().map(row).collect()
}

/// Corrects the reading. Refuses with `letter-settled` once the letter was issued or filed, `letter-field` for a value
/// that does not fit; [`StoreError::Stale`] if somebody else was faster. A correction takes a confirmation back.
pub async fn edit(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Letter>,
    version: i64,
    changes: &[Change],
) -> Result<(), StoreError> {
    let mut letter = open(tx, scope, id, version).await?;
    let edit = Edit { by: tx.actor().person(), at: tx.now() };
    for change in changes {
        correct(&mut letter.corrected, &mut letter.edits, change, edit)
            .map_err(|_| StoreError::Refused("letter-field"))?;
    }
    keep(tx, &letter, "letter.corrected", &changes).await
}

/// Puts a new reading in the place of the old one; `text`: the text itself was mended. What people changed stays.
pub async fn reread(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Letter>,
    version: i64,
    text: Option<&str>,
    reading: &Value,
) -> Result<(), StoreError> {
    let mut letter = open(tx, scope, id, version).await?;
    Paper::of(reading).ok_or_else(|| unreadable("not a reading"))?;
    (letter.corrected, letter.edits) = merge(&letter.reading, reading, &letter.corrected, &letter.edits);
    letter.reading = reading.clone();
    if let Some(text) = text {
        text.clone_into(&mut letter.text);
    }
    keep(tx, &letter, "letter.reread", reading).await
}

/// A person confirms the reading.
pub async fn confirm(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Letter>,
    version: i64,
) -> Result<(), StoreError> {
    let letter = open(tx, scope, id, version).await?;
    let (now, by) = (tx.now(), tx.actor().person());
    settle(tx, &letter, LetterState::Confirmed, "letter.confirmed").await?;
    tx.exec("update letter set confirmed_at = $1, confirmed_by = $2 where id = $3", args![now, by, id])
        .await?;
    Ok(())
}

/// Keeps the letter for the record without ordering anything.
pub async fn file(tx: &mut Tx, scope: &Scope, id: Id<kind::Letter>, version: i64) -> Result<(), StoreError> {
    let letter = open(tx, scope, id, version).await?;
    settle(tx, &letter, LetterState::Filed, "letter.filed").await
}

/// Takes a filed letter up again.
pub async fn unfile(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Letter>,
    version: i64,
) -> Result<(), StoreError> {
    let letter = locked(tx, scope, id, version).await?;
    if letter.row.state != LetterState::Filed {
        return Err(StoreError::Refused("letter-settled"));
    }
    settle(tx, &letter, LetterState::Read, "letter.unfiled").await
}

/// A campaign was issued from it; done by the campaign, whose rights were checked.
pub(crate) async fn issued(
    tx: &mut Tx,
    id: Id<kind::Letter>,
    body: Id<kind::Body>,
) -> Result<(), StoreError> {
    tx.exec("update letter set state = 'issued', version = version + 1 where id = $1", args![id]).await?;
    tx.changed(Topic::Letter, format!("letter:{id}"), Some(body));
    Ok(())
}

/// Says which letter this one acts on, or that it is none. Both must be readable; a circle is refused
/// (`letter-circle`).
pub async fn link(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Letter>,
    version: i64,
    parent: Option<Id<kind::Letter>>,
) -> Result<(), StoreError> {
    let letter = locked(tx, scope, id, version).await?;
    let mut above = parent;
    if let Some(parent) = parent {
        get(tx, scope, parent).await?;
    }
    // Chains are a handful long; the bound only stops a circle somebody made in the records by hand.
    for _ in 0..100 {
        let Some(at) = above else { break };
        if at == id {
            return Err(StoreError::Refused("letter-circle"));
        }
        let next = tx.row("select parent_letter from letter where id = $1", args![at]).await?;
        above = next.map(|r| r.opt_id("parent_letter")).transpose()?.flatten();
    }
    tx.exec("update letter set parent_letter = $1, version = version + 1 where id = $2", args![parent, id])
        .await?;
    tx.record("letter.linked", format!("letter:{id}"), Some(letter.row.body), &parent);
    tx.changed(Topic::Letter, format!("letter:{id}"), Some(letter.row.body));
    Ok(())
}

/// Letters that the paper names as its basis, the most likely parent first.
pub async fn named_by(sql: &mut Sql, scope: &Scope, letter: &Letter) -> Result<Vec<LetterRow>, StoreError> {
    let paper = letter.paper();
    let mut found: Vec<LetterRow> = Vec::new();
    for basis in &paper.basis {
        let Some((number, symbol)) = basis.reference.split_once('/') else { continue };
        let mut query = Query::new(SELECT);
        query.push("where l.number =").bind(number.trim()).push("and l.symbol =").bind(symbol.trim());
        query.push("and l.id <>").bind(letter.row.id).push("and").visible(scope, Right::Read, "l.body");
        if let Some(date) = &basis.date {
            query.push("and (l.date is null or l.date =").bind(date).push(")");
        }
        query.push("order by l.received_at desc limit").bind(OFFERS);
        for hit in query.rows(sql).await?.iter().map(row) {
            let hit = hit?;
            if !found.iter().any(|f| f.id == hit.id) {
                found.push(hit);
            }
        }
    }
    Ok(found)
}

/// The letters that act on this one.
pub async fn below(sql: &mut Sql, scope: &Scope, id: Id<kind::Letter>) -> Result<Vec<LetterRow>, StoreError> {
    let mut query = Query::new(SELECT);
    query.push("where l.parent_letter =").bind(id).push("and").visible(scope, Right::Read, "l.body");
    query.push("order by l.received_at, l.id limit").bind(OFFERS);
    query.rows(sql).await?.iter().map(row).collect()
}

/// The letter for writing, if nobody else was faster.
async fn locked(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Letter>,
    version: i64,
) -> Result<Letter, StoreError> {
    let letter = get(tx, scope, id).await?;
    require(tx, scope, Right::Prepare, letter.row.body).await?;
    if letter.version == version { Ok(letter) } else { Err(StoreError::Stale) }
}

/// The same, if its reading may still change.
async fn open(tx: &mut Tx, scope: &Scope, id: Id<kind::Letter>, version: i64) -> Result<Letter, StoreError> {
    let letter = locked(tx, scope, id, version).await?;
    match letter.row.state {
        LetterState::Read | LetterState::Confirmed => Ok(letter),
        LetterState::Issued | LetterState::Filed => Err(StoreError::Refused("letter-settled")),
    }
}

/// Writes what changed of the reading; whatever was confirmed must be confirmed again.
async fn keep(
    tx: &mut Tx,
    letter: &Letter,
    action: &'static str,
    detail: &impl serde::Serialize,
) -> Result<(), StoreError> {
    let paper = letter.paper();
    let edits = serde_json::to_value(&letter.edits).map_err(|e| unreadable(&e.to_string()))?;
    tx.exec(
        "update letter set text = $1, reading = $2, corrected = $3, edits = $4, number = $5, symbol = $6, date = $7,
           issuer = $8, subject = $9, folded = $10, state = 'read', confirmed_at = null, confirmed_by = null,
           version = version + 1
         where id = $11",
        args![
            &letter.text,
            letter.reading.clone(),
            letter.corrected.clone(),
            edits,
            paper.number.as_deref(),
            paper.symbol.as_deref(),
            paper.date.as_deref(),
            paper.issuer.as_deref(),
            paper.subject.as_deref(),
            folded(&paper),
            letter.row.id
        ],
    )
    .await?;
    tx.record(action, format!("letter:{}", letter.row.id), Some(letter.row.body), detail);
    tx.changed(Topic::Letter, format!("letter:{}", letter.row.id), Some(letter.row.body));
    Ok(())
}

async fn settle(
    tx: &mut Tx,
    letter: &Letter,
    state: LetterState,
    action: &'static str,
) -> Result<(), StoreError> {
    let id = letter.row.id;
    tx.exec("update letter set state = $1, version = version + 1 where id = $2", args![state.name(), id])
        .await?;
    tx.record(action, format!("letter:{id}"), Some(letter.row.body), &letter.corrected);
    tx.changed(Topic::Letter, format!("letter:{id}"), Some(letter.row.body));
    Ok(())
}

const SELECT: &str =
    "select l.id, l.body, b.name as body_name, l.state, l.received_at, l.source, l.number, l.symbol,
    l.date, l.issuer, l.subject from letter l join body b on b.id = l.body";

fn row(row: &Row) -> Result<LetterRow, StoreError> {
    Ok(LetterRow {
        id: row.id("id")?,
        body: row.id("body")?,
        body_name: row.text("body_name")?,
        state: row.word("state", LetterState::parse)?,
        received_at: row.time("received_at")?,
        source: row.text("source")?,
        number: row.opt_text("number")?,
        symbol: row.opt_text("symbol")?,
        date: row.opt_text("date")?,
        issuer: row.opt_text("issuer")?,
        subject: row.opt_text("subject")?,
    })
}

fn folded(paper: &Paper) -> String {
    let reference = paper.reference().unwrap_or_default();
    let parts = [Some(reference.as_str()), paper.issuer.as_deref(), paper.subject.as_deref()];
    fold(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// A word for `like … escape '!'`.
pub(crate) fn escape_like(word: &str) -> String {
    word.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

fn unreadable(why: &str) -> StoreError {
    StoreError::Corrupt("reading", why.to_owned())
}
