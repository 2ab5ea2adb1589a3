//! The two ends of the sandbox's pipe.

use crate::error::PaperError;
use crate::read::{PaperText, read};
use crate::{limits, sheet};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::process::ExitCode;

/// The first byte of what the worker is given.
pub(crate) const TEXT: u8 = b'T';
pub(crate) const SHEET: u8 = b'S';
pub(crate) const LEASES: u8 = b'L';

/// Reads the text of a file in a child process. `worker` starts a program that answers with [`work`].
///
/// # Errors
/// [`PaperError`]. Nothing in the file can hang, exhaust or crash the caller.
pub async fn open(worker: &sandbox::Worker, bytes: &[u8]) -> Result<PaperText, PaperError> {
    ask(worker, TEXT, bytes).await
}

pub(crate) async fn ask<T: DeserializeOwned>(
    worker: &sandbox::Worker,
    what: u8,
    bytes: &[u8],
) -> Result<T, PaperError> {
    if bytes.len() > limits::FILE {
        return Err(PaperError::too_large());
    }
    let mut request = Vec::with_capacity(bytes.len().saturating_add(1));
    request.push(what);
    request.extend_from_slice(bytes);
    let answer = sandbox::run(worker, &limits::sandbox(), &request).await?;
    serde_json::from_slice(&answer).map_err(|error| PaperError::Failed { how: error.to_string() })
}

/// The whole of the hidden subcommand `canh worker paper`. See [`sandbox::serve`] for when to call it.
pub fn work() -> ExitCode {
    sandbox::serve(|request| match request.split_first() {
        Some((&TEXT, bytes)) => answer(read(bytes)),
        Some((&SHEET, bytes)) => answer(sheet::read(bytes)),
        Some((&LEASES, bytes)) => answer(sheet::read_leases(bytes)),
        _ => answer::<()>(Err(PaperError::Failed { how: "an unknown request".into() })),
    })
}

fn answer<T: Serialize>(result: Result<T, PaperError>) -> Result<Vec<u8>, String> {
    match result {
        Ok(value) => serde_json::to_vec(&value).map_err(|error| error.to_string()),
        Err(error) => Err(serde_json::to_string(&error).unwrap_or_default()),
    }
}
