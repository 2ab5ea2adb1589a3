//! Taking in what came by itself: all parts of one arrival, the mark of how far the way in was read, and the audit
//! entries, in one commit. A process killed before it has taken nothing; killed after it, finds the key.

use domain::{
    actor::Scope,
    id::{Id, kind},
    intake::{Inlet, ItemState},
    order::Paper,
    right::Right,
};
use serde_json::Value;

use super::origin::{self, Origin};
use crate::{
    Query, Sql, StoreError, Topic, Tx, args,
    blobs::{self, Blob},
    letters::{self, NewLetter},
};

/// Something that came in by itself: a file, or a message with its parts.
#[derive(Debug, Clone)]
pub struct Arrival<'a> {
    /// For whom.
    pub body: Id<kind::Body>,
    /// Which way.
    pub inlet: Inlet,
    /// Where it lay. The same key again is the same arrival, and nothing happens.
    pub key: &'a str,
    /// From, subject, date, message-id; or the file's name.
    pub origin: &'a Value,
    /// Its parts, letters before what goes with them.
    pub pieces: &'a [Piece<'a>],
    /// Of a mailbox: its validity and this message's number, remembered in the same commit.
    pub mark: Option<(u32, u32)>,
}

/// One part of an arrival.
#[derive(Debug, Clone)]
pub struct Piece<'a> {
    /// Id of its item.
    pub id: Id<kind::InboxItem>,
    /// File name.
    pub name: Option<&'a str>,
    /// What is kept of it: the stored file and its sniffed content type.
    pub file: Option<(&'a Blob, &'a str)>,
    /// What becomes of it.
    pub put: Put<'a>,
}

/// What becomes of a part.
#[derive(Debug, Clone)]
pub enum Put<'a> {
    /// A letter.
    Letter {
        /// Its id.
        id: Id<kind::Letter>,
        /// The text that was read.
        text: &'a str,
        /// What was read.
        reading: &'a Value,
        /// How it was read from pictures; `Null` if it was not.
        scan: &'a Value,
        /// Digital signatures; `Null` if there are none.
        signatures: &'a Value,
    },
    /// An attachment of the letter with this number among the pieces.
    With(usize),
    /// It could not be read, for a reason with a stable code.
    Trouble(&'a str),
}

/// The body with that official code, for whom papers are taken in.
pub async fn body_of(sql: &mut Sql, scope: &Scope, code: &str) -> Result<Option<Id<kind::Body>>, StoreError> {
    let mut query = Query::new("select b.id from body b where b.closed_at is null and b.code =");
    query.bind(code).push("and").visible(scope, Right::Prepare, "b.id");
    query.row(sql).await?.map(|row| row.id("id")).transpose()
}

/// Whether that arrival was taken in before.
pub async fn known(sql: &mut Sql, key: &str) -> Result<Option<Id<kind::InboxItem>>, StoreError> {
    let row = sql.row("select id from inbox_item where key = $1", args![key]).await?;
    row.map(|row| row.id("id")).transpose()
}

/// Takes it in. Returns what became of each part; empty if it was taken in before.
pub async fn take(
    tx: &mut Tx,
    scope: &Scope,
    arrival: &Arrival<'_>,
) -> Result<Vec<(ItemState, Option<Id<kind::Letter>>)>, StoreError> {
    if known(tx, arrival.key).await?.is_some() {
        mark(tx, arrival).await?;
        tx.unchanged();
        return Ok(Vec::new());
    }
    let mut done: Vec<(ItemState, Option<Id<kind::Letter>>)> = Vec::with_capacity(arrival.pieces.len());
    for (at, piece) in arrival.pieces.iter().enumerate() {
        let (state, letter) = match &piece.put {
            Put::Letter { .. } => letter(tx, scope, arrival, piece).await?,
            Put::With(main) => match done.get(*main).and_then(|(_, letter)| *letter) {
                Some(letter) => {
                    attach(tx, arrival, piece, &format!("letter:{letter}")).await?;
                    (ItemState::Attached, Some(letter))
                }
                None => return Err(StoreError::Corrupt("inbox", "an attachment of no letter".into())),
            },
            Put::Trouble(_) => {
                attach(tx, arrival, piece, &format!("inbox:{}", piece.id)).await?;
                (ItemState::Trouble, None)
            }
        };
        let reason = match &piece.put {
            Put::Trouble(reason) => Some(*reason),
            _ => None,
        };
        item(tx, arrival, at, piece, state, reason, letter).await?;
        done.push((state, letter));
    }
    mark(tx, arrival).await?;
    Ok(done)
}

/// A paper marked secret came and was turned away. Where it lay is remembered, so that it is told once; nothing of the
/// paper is: no name, no sender, no text, no digest.
pub async fn turned_away(
    tx: &mut Tx,
    scope: &Scope,
    arrival: &Arrival<'_>,
    id: Id<kind::InboxItem>,
) -> Result<(), StoreError> {
    if known(tx, arrival.key).await?.is_some() {
        mark(tx, arrival).await?;
        tx.unchanged();
        return Ok(());
    }
    letters::refused(tx, scope, arrival.body).await?;
    let nothing = Value::Object(serde_json::Map::new());
    let bare = Arrival { origin: &nothing, pieces: &[], ..arrival.clone() };
    let piece = Piece { id, name: None, file: None, put: Put::Trouble("secret") };
    item(tx, &bare, 0, &piece, ItemState::Secret, None, None).await?;
    mark(tx, arrival).await
}

/// A letter, unless it is here already: then this copy is linked to it and, if it is another file, put beside it.
async fn letter(
    tx: &mut Tx,
    scope: &Scope,
    arrival: &Arrival<'_>,
    piece: &Piece<'_>,
) -> Result<(ItemState, Option<Id<kind::Letter>>), StoreError> {
    let Put::Letter { id, text, reading, scan, signatures } = &piece.put else {
        return Err(StoreError::Corrupt("inbox", "not a letter".into()));
    };
    let paper = Paper::of(reading).unwrap_or_default();
    let sha256 = piece.file.map(|(blob, _)| blob.sha256.as_str());
    let same = letters::duplicates(tx, scope, arrival.body, sha256, &paper).await?;
    if let Some(first) = same.first() {
        let before = letters::get(tx, scope, first.id).await?;
        if before.sha256.as_deref() != sha256 {
            attach(tx, arrival, piece, &format!("letter:{}", first.id)).await?;
        }
        return Ok((ItemState::Duplicate, Some(first.id)));
    }
    let file = piece.file.map(|(blob, kind)| (blob, piece.name.unwrap_or("–"), kind));
    let source = arrival.inlet.name();
    letters::add(tx, scope, &NewLetter { id: *id, body: arrival.body, source, file, text, reading }).await?;
    let (scan, signatures) = ((*scan).clone(), (*signatures).clone());
    origin::remember(tx, *id, &Origin { origin: arrival.origin.clone(), scan, signatures }).await?;
    Ok((ItemState::Taken, Some(*id)))
}

async fn attach(
    tx: &mut Tx,
    arrival: &Arrival<'_>,
    piece: &Piece<'_>,
    subject: &str,
) -> Result<(), StoreError> {
    match piece.file {
        Some((blob, kind)) => {
            blobs::attach(tx, blob, arrival.body, subject, piece.name.unwrap_or("–"), kind).await
        }
        None => Ok(()),
    }
}

async fn item(
    tx: &mut Tx,
    arrival: &Arrival<'_>,
    at: usize,
    piece: &Piece<'_>,
    state: ItemState,
    reason: Option<&str>,
    letter: Option<Id<kind::Letter>>,
) -> Result<(), StoreError> {
    // The first part bears the arrival's key; the others are there if and only if it is.
    let key = if at == 0 { arrival.key.to_owned() } else { format!("{}#{at}", arrival.key) };
    let now = tx.now();
    tx.exec(
        "insert into inbox_item (id, body, key, source, at, state, reason, name, origin, letter, sha256)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)",
        args![
            piece.id,
            arrival.body,
            key,
            arrival.inlet.name(),
            now,
            state.name(),
            reason,
            piece.name,
            arrival.origin.clone(),
            letter,
            piece.file.map(|(blob, _)| &blob.sha256)
        ],
    )
    .await?;
    let subject = format!("inbox:{}", piece.id);
    // A letter has its own entry, and so has a paper turned away.
    match state {
        ItemState::Taken | ItemState::Secret => {}
        ItemState::Attached => {
            tx.record("inbox.attached", subject.as_str(), Some(arrival.body), &letter);
        }
        ItemState::Duplicate => {
            tx.record("inbox.duplicate", subject.as_str(), Some(arrival.body), &letter);
        }
        ItemState::Trouble => {
            tx.record("inbox.trouble", subject.as_str(), Some(arrival.body), &reason);
        }
    }
    tx.changed(Topic::Letter, subject, Some(arrival.body));
    Ok(())
}

async fn mark(tx: &mut Tx, arrival: &Arrival<'_>) -> Result<(), StoreError> {
    let Some((validity, uid)) = arrival.mark else { return Ok(()) };
    tx.exec(
        "insert into inbox_source (source, body, validity, last_uid) values ($1,$2,$3,$4)
         on conflict (source) do update set body = $2, validity = $3, last_uid = $4",
        args![arrival.inlet.name(), arrival.body, validity, uid],
    )
    .await?;
    Ok(())
}
