//! Acts in which files are read, for pages and API alike.

use axum::body::Bytes;
use domain::{
    evidence::Count,
    id::{Id, kind},
    order::Paper,
};
use store::{
    assignments::{self, ByLetter, NewEvidence, NewSubmission},
    sign_in::{InstanceKey, links},
};

use super::{
    tools,
    upload::{Given, Kept},
    write,
};
use crate::{AppError, Visit};

/// Letters: 20 MB, as the reader of files allows.
const LETTER_MAX: u64 = 20 * 1024 * 1024;
/// A pasted letter: two hundred pages of the densest kind.
const PASTE_MAX: usize = 1024 * 1024;

/// Hands in what the form holds, for the tasks given. Fields: `kind` (`file`, `note`, `link`; told by what is filled in
/// when absent), `note`, `url`, `handled`, `all`.
pub(super) async fn hand_in(v: &Visit, mut given: Given, tasks: &[Id<kind::Task>]) -> Result<u32, AppError> {
    let count = count(given.field("handled"), given.field("all"))?;
    let (note, url) = (given.field("note").to_owned(), given.field("url").to_owned());
    let evidence = match given.file.take() {
        Some(Kept { blob, name, kind }) => {
            NewEvidence::File { blob, name, mime: kind.mime().to_owned(), note: join(note, &url) }
        }
        None if !url.is_empty() => NewEvidence::Link { url, note },
        None if note.is_empty() => return Err(AppError::Refused("error-evidence-nothing".into())),
        None => NewEvidence::Note(note),
    };
    let tasks: Vec<_> = tasks.iter().map(|task| NewSubmission { id: v.id(), task: *task, count }).collect();
    let tools = tools(v);
    Ok(write!(v, tx => assignments::hand_in(tx, v.scope(), &tools, &evidence, &tasks).await)?)
}

/// With a file, an address is part of the note: nothing of what was typed is lost.
fn join(note: String, url: &str) -> String {
    match (note.is_empty(), url.is_empty()) {
        (_, true) => note,
        (true, false) => url.to_owned(),
        (false, false) => format!("{note}\n{url}"),
    }
}

/// *đã xử lý / tổng số*: both or none.
fn count(handled: &str, all: &str) -> Result<Option<Count>, AppError> {
    if handled.is_empty() && all.is_empty() {
        return Ok(None);
    }
    let bad = || AppError::Refused("error-evidence-count".into());
    let count = Count { handled: handled.parse().map_err(|_| bad())?, all: all.parse().map_err(|_| bad())? };
    if count.all == 0 || count.handled > count.all { Err(bad()) } else { Ok(Some(count)) }
}

/// The unit's own letter, as it came.
pub(super) enum Own {
    /// A file.
    File(String, Bytes),
    /// Pasted words.
    Text(String),
}

/// Acknowledges by the unit's own signed letter: opened in the sandbox, read, and kept only if it is not secret.
pub(super) async fn by_letter(v: &Visit, id: Id<kind::Assignment>, own: Own) -> Result<bool, AppError> {
    {
        // Before any work is done for them: may they at all.
        let mut sql = v.app.db.read().await?;
        if !assignments::get(&mut sql, v.scope(), id).await?.rights.vouch {
            return Err(AppError::NotFound);
        }
    }
    let mut signatures = serde_json::Value::Null;
    let (text, name, bytes, kind) = match own {
        Own::Text(text) => {
            if text.len() > PASTE_MAX {
                return Err(AppError::TooLarge);
            }
            let bytes = Bytes::from(text.clone());
            (text, "cong-van.txt".to_owned(), bytes, "text/plain")
        }
        Own::File(name, bytes) => {
            let read = paper::open(&v.app.worker, &bytes).await.map_err(|error| {
                tracing::info!(%error, "a letter could not be read");
                AppError::Refused("error-letter-unreadable".into())
            })?;
            (_, signatures) =
                paper::signature::beside(&v.app.worker, &v.app.roots, v.now, &read, &bytes).await;
            (read.text, name, bytes, read.kind.mime())
        }
    };
    if text.trim().is_empty() {
        return Err(AppError::Refused("error-letter-blank".into()));
    }
    let app = v.app.clone();
    let words = text.clone();
    let reading =
        tokio::task::spawn_blocking(move || app.reader.read(&words)).await.map_err(anyhow::Error::from)?;
    if !reading.secrecy.is_empty() {
        return Err(AppError::Refused("error-letter-secret".into()));
    }
    let reading = serde_json::to_value(&reading).map_err(anyhow::Error::from)?;
    let paper: Paper = serde_json::from_value(reading).map_err(anyhow::Error::from)?;
    let blob = v.app.blobs.put(v.app.ids.next(), &*bytes, LETTER_MAX).await?;
    let letter =
        ByLetter { blob: &blob, name: &name, kind, paper: &paper, text: &text, signatures: &signatures };
    let tools = tools(v);
    Ok(write!(v, tx => assignments::acknowledge_by_letter(tx, v.scope(), &tools, id, &letter).await)?)
}

/// Sends a head a one-time link.
pub(super) async fn send_link(
    v: &Visit,
    id: Id<kind::Assignment>,
    person: Id<kind::Person>,
) -> Result<(), AppError> {
    let config = &v.app.config;
    let link = v.id();
    let url = links::url(&InstanceKey::new(config.instance_key), &config.public_url, link);
    let tools = tools(v);
    Ok(write!(v, tx => assignments::send_link(tx, v.scope(), &tools, id, person, link, &url).await)?)
}
