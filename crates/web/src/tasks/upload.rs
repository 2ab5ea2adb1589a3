//! Evidence on its way in: streamed to the blob store, never whole in memory, then told by its bytes.

use std::collections::HashMap;

use axum::{
    extract::{Multipart, multipart::Field, multipart::MultipartRejection},
    http::HeaderMap,
};
use futures_util::TryStreamExt;
use paper::{FileKind, kind::sniff};
use store::{assignments::EVIDENCE_MAX, blobs::Blob};
use tokio::sync::Semaphore;
use tokio_util::io::StreamReader;

use crate::{
    AppError, Visit,
    form::{base_name, check_csrf, token_header, too_large_or_broken},
};

/// Text fields of the form: a reason, a note, forty ticks.
const FIELDS_MAX: usize = 200;
/// A longer file name is cut: file systems take no more.
const NAME_MAX: usize = 200;
/// Telling an archive from an Office file needs all its names, so a file is looked at whole; so many at once.
static LOOKING: Semaphore = Semaphore::const_new(2);

/// A form with at most one file.
pub(crate) struct Given {
    pub fields: HashMap<String, String>,
    pub file: Option<Kept>,
    /// Why the file was not taken; only of [`receive_all`].
    pub refused: Option<String>,
}

/// A stored file.
pub(crate) struct Kept {
    pub blob: Blob,
    pub name: String,
    pub kind: FileKind,
}

impl Given {
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |v| v.trim())
    }
}

/// Receives the form; a file that is not taken is an error.
pub(crate) async fn receive(
    v: &Visit,
    headers: &HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Given, AppError> {
    let given = receive_all(v, headers, form).await?;
    match given.refused {
        Some(why) => Err(AppError::Refused(why)),
        None => Ok(given),
    }
}

/// Receives the form to its end, so that a page can say why a file was not taken beside what was typed. With a session
/// its token must come before the file, as in our pages, so that nothing a stranger's page sends is ever stored.
pub(crate) async fn receive_all(
    v: &Visit,
    headers: &HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Given, AppError> {
    let mut form = form.map_err(|_| AppError::Unsupported)?;
    let needs_token = v.user.session.is_some() || !v.user.csrf.is_empty();
    let mut trusted = !needs_token || check_csrf(&v.user, token_header(headers).as_deref()).is_ok();
    let mut given = Given { fields: HashMap::new(), file: None, refused: None };
    while let Some(part) = form.next_field().await.map_err(too_large_or_broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(base_name) {
            Some(file) if !file.is_empty() => {
                if !trusted {
                    return Err(AppError::Csrf);
                }
                if given.file.is_some() || given.refused.is_some() {
                    return Err(AppError::Refused("error-evidence-one-file".into()));
                }
                match keep(v, file, part).await {
                    Ok(kept) => given.file = Some(kept),
                    Err(AppError::Refused(why)) => given.refused = Some(why),
                    Err(other) => return Err(other),
                }
            }
            // No file was chosen.
            Some(_) => {}
            None => {
                if given.fields.len() >= FIELDS_MAX {
                    return Err(AppError::Unreadable("too many fields".into()));
                }
                let text = part.text().await.map_err(too_large_or_broken)?;
                if name == "csrf" && needs_token {
                    check_csrf(&v.user, Some(&text))?;
                    trusted = true;
                }
                given.fields.insert(name, text);
            }
        }
    }
    if trusted { Ok(given) } else { Err(AppError::Csrf) }
}

async fn keep(v: &Visit, name: String, part: Field<'_>) -> Result<Kept, AppError> {
    let stream = StreamReader::new(part.map_err(std::io::Error::other));
    let blob = v.app.blobs.put(v.app.ids.next(), stream, EVIDENCE_MAX).await?;
    if blob.len == 0 {
        return Err(AppError::Refused("error-evidence-empty".into()));
    }
    let kind = look(v, &blob).await?;
    // Archives are the usual form of logs and stay closed here: they are stored and handed out, never unpacked.
    if kind.is_active() {
        return Err(AppError::Refused("error-evidence-active".into()));
    }
    Ok(Kept { blob, name: name.chars().take(NAME_MAX).collect(), kind })
}

/// What the stored file is, by its bytes.
async fn look(v: &Visit, blob: &Blob) -> Result<FileKind, AppError> {
    let _turn = LOOKING.acquire().await.map_err(anyhow::Error::from)?;
    let bytes = tokio::fs::read(v.app.blobs.path(&blob.sha256)).await.map_err(anyhow::Error::from)?;
    Ok(tokio::task::spawn_blocking(move || sniff(&bytes)).await.map_err(anyhow::Error::from)?)
}
