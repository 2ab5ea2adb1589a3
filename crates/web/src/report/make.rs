//! From a draft to a paper: figures of now, the document, the files.

use domain::{
    report::{Basis, Figures},
    time,
};
use letter::{model::Document, report as papers};
use print::PrintError;
use store::reports::{self, Frozen, Report};
use tokio::sync::Semaphore;

use super::{file_name, write};
use crate::{AppError, Visit};

/// One paper is set at a time: a report of a thousand bodies takes a processor and some hundred megabytes.
static PRINTING: Semaphore = Semaphore::const_new(1);
/// No paper of ours comes near: the PDF of a thousand bodies and twenty duties has some megabytes.
const FILE_MAX: u64 = 64 * 1024 * 1024;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// PDF.
    Pdf,
    /// Word.
    Docx,
}

/// What a report says now.
pub(super) async fn figures(v: &Visit, report: &Report) -> Result<Figures, AppError> {
    let mut sql = v.app.db.read().await?;
    Ok(reports::figures(&mut sql, report, &v.app.legal, v.now).await?)
}

/// The paper it would be now; dated only when it is signed.
pub(super) fn document(v: &Visit, report: &Report, figures: &Figures, signing: bool) -> Document {
    let date = signing.then(|| time::date(v.now));
    papers::paper(&report.draft, figures, v.pack(), &v.app.config.public_url, date)
}

/// The paper of a report that was signed off, as it was kept.
pub(super) async fn kept(v: &Visit, report: &Report) -> Result<Document, AppError> {
    let signed = report.signed.as_ref().ok_or(AppError::NotFound)?;
    // The report was read with its rights; the files are its own.
    let bytes = tokio::fs::read(v.app.blobs.path(&signed.model)).await.map_err(anyhow::Error::from)?;
    Ok(serde_json::from_slice(&bytes).map_err(anyhow::Error::from)?)
}

/// Prints a document.
pub(crate) async fn printed(document: Document, kind: Kind) -> Result<Vec<u8>, AppError> {
    let print = match kind {
        Kind::Pdf => print::pdf,
        Kind::Docx => print::docx,
    };
    printing(move || print(&document)).await
}

async fn printing<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PrintError> + Send + 'static,
) -> Result<T, AppError> {
    let _one = PRINTING.acquire().await.map_err(anyhow::Error::from)?;
    let done = tokio::task::spawn_blocking(work).await.map_err(anyhow::Error::from)?;
    done.map_err(|error| match error {
        PrintError::NoFonts => AppError::Refused("error-report-fonts".into()),
        other => AppError::Internal(other.into()),
    })
}

/// Signs a report off: prints it as of now, keeps files, model and what it was made from, freezes.
pub(super) async fn sign(v: &Visit, report: &Report, version: i64) -> Result<(), AppError> {
    if !report.rights.sign {
        return Err(match report.signed {
            Some(_) => AppError::Refused("error-report-signed".into()),
            None => AppError::NotFound,
        });
    }
    let person = v.actor().person().ok_or(AppError::Refused("error-person-needed".into()))?;
    let (report, figures, basis) = {
        let mut sql = v.app.db.read().await?;
        // The version is looked at when it is kept: a draft that moved on meanwhile is not signed.
        let draft = reports::signed_by(&mut sql, v.pack(), report, person, v.now).await?;
        let report = &Report { draft: draft.ok_or(AppError::NotFound)?, ..report.clone() };
        let figures = reports::figures(&mut sql, report, &v.app.legal, v.now).await?;
        let basis = reports::basis(&mut sql, report, &figures, &figures.lines, v.now).await?;
        (report.clone(), figures, basis)
    };
    let document = document(v, &report, &figures, true);
    let model = serde_json::to_vec(&document).map_err(anyhow::Error::from)?;
    let (pdf, docx) = printing(move || print::both(&document)).await?;
    let files = [json(&basis)?, model, pdf, docx];
    let mut kept = Vec::with_capacity(files.len());
    for bytes in &files {
        kept.push(v.app.blobs.put(v.app.ids.next(), bytes.as_slice(), FILE_MAX).await?);
    }
    let Ok(files) = <[store::blobs::Blob; 4]>::try_from(kept) else { return Err(AppError::NotFound) };
    let digest = reports::digest(&basis);
    let name = file_name(v, &report).trim_start_matches("du-thao-").to_owned();
    let frozen = Frozen { made_at: v.now, digest, files, draft: report.draft.clone(), name };
    let tools = super::ask::tools(v);
    Ok(write!(v, tx => reports::sign(tx, v.scope(), &tools, report.id, version, &frozen).await)?)
}

fn json(basis: &Basis) -> Result<Vec<u8>, AppError> {
    Ok(serde_json::to_vec(basis).map_err(anyhow::Error::from)?)
}
