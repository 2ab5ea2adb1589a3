//! The two ends of the sandbox's pipe.

use crate::error::PaperError;
use crate::read::{PaperText, read_or_blank};
use crate::{inventory, limits, mail, scan, sheet, signature};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::process::ExitCode;

/// The first byte of what the worker is given.
pub(crate) const TEXT: u8 = b'T';
pub(crate) const SHEET: u8 = b'S';
pub(crate) const LEASES: u8 = b'L';
pub(crate) const MAIL: u8 = b'M';
pub(crate) const WORDS: u8 = b'W';
pub(crate) const SIGNATURES: u8 = b'V';
pub(crate) const INVENTORY: u8 = b'I';
pub(crate) const ARCHIVE: u8 = b'Z';

/// Reads the text of a file in a child process. `worker` starts a program that answers to `worker paper` with [`work`]
/// and to `worker tool …` with [`scan::tool`]. A scan and a picture are read by the recogniser, if one is installed; if
/// it is not, or fails, the text is empty and [`PaperText::scan`] says why. Of a PDF whose pages are pictures in part, only
/// these are recognised.
///
/// # Errors
/// [`PaperError`]. Nothing in the file can hang, exhaust or crash the caller.
pub async fn open(worker: &sandbox::Worker, bytes: &[u8]) -> Result<PaperText, PaperError> {
    let paper: PaperText = ask(worker, TEXT, bytes).await?;
    Ok(if paper.text.trim().is_empty() {
        scan::read(worker, paper, bytes).await
    } else if paper.blank.is_empty() {
        paper
    } else {
        scan::mixed::read(worker, paper, bytes).await
    })
}

pub(crate) async fn ask<T: DeserializeOwned>(
    worker: &sandbox::Worker,
    what: u8,
    bytes: &[u8],
) -> Result<T, PaperError> {
    ask_within(worker, what, bytes, limits::FILE).await
}

pub(crate) async fn ask_within<T: DeserializeOwned>(
    worker: &sandbox::Worker,
    what: u8,
    bytes: &[u8],
    limit: usize,
) -> Result<T, PaperError> {
    let answer = ask_bytes(worker, what, bytes, limit).await?;
    serde_json::from_slice(&answer).map_err(|error| PaperError::Failed { how: error.to_string() })
}

pub(crate) async fn ask_bytes(
    worker: &sandbox::Worker,
    what: u8,
    bytes: &[u8],
    limit: usize,
) -> Result<Vec<u8>, PaperError> {
    if bytes.len() > limit {
        return Err(PaperError::TooLarge { limit: limit as u64 });
    }
    let mut request = Vec::with_capacity(bytes.len().saturating_add(1));
    request.push(what);
    request.extend_from_slice(bytes);
    Ok(sandbox::run(worker, &limits::sandbox(), &request).await?)
}

/// The whole of the hidden subcommand `canh worker paper`. See [`sandbox::serve`] for when to call it.
pub fn work() -> ExitCode {
    sandbox::serve(|request| match request.split_first() {
        Some((&TEXT, bytes)) => answer(read_or_blank(bytes)),
        Some((&SHEET, bytes)) => answer(sheet::read(bytes)),
        Some((&LEASES, bytes)) => answer(sheet::read_leases(bytes)),
        Some((&WORDS, bytes)) => answer(scan::words::read(bytes)),
        Some((&SIGNATURES, bytes)) => answer(signature::answer(bytes)),
        Some((&INVENTORY, bytes)) => answer(Ok(inventory::read(bytes))),
        Some((&ARCHIVE, bytes)) => inventory::pack(bytes).map_err(|error| told(&error)),
        Some((&MAIL, bytes)) => mail::read(bytes).map_err(|error| told(&error)),
        _ => answer::<()>(Err(PaperError::Failed { how: "an unknown request".into() })),
    })
}

fn answer<T: Serialize>(result: Result<T, PaperError>) -> Result<Vec<u8>, String> {
    match result {
        Ok(value) => serde_json::to_vec(&value).map_err(|error| error.to_string()),
        Err(error) => Err(told(&error)),
    }
}

fn told(error: &PaperError) -> String {
    serde_json::to_string(error).unwrap_or_default()
}
