//! A report held against the records: are its files whole, is what it was made from untouched, what has moved since.

use domain::{
    legal::Legal,
    report::{Basis, Compared, compare},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{Report, basis::basis, digest, figures};
use crate::{Sql, StoreError, blobs::Blobs};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Files that are missing or are not what was signed: `pdf`, `docx`, `model`, `basis`.
    pub broken: Vec<&'static str>,
    /// Whether what is kept of its making has the digest that was signed.
    pub digest: bool,
    /// What it was made from, then and now.
    pub compared: Compared,
}

impl Verified {
    /// Whether the report is what was signed and rests on what it rested on.
    pub fn good(&self) -> bool {
        self.broken.is_empty() && self.digest && self.compared.untouched()
    }
}

/// Verifies a report that was signed off. `Refused("report-draft")` for a draft: it has nothing to be held against.
pub async fn verify(
    sql: &mut Sql,
    blobs: &Blobs,
    report: &Report,
    legal: &Legal,
    now: Timestamp,
) -> Result<Verified, StoreError> {
    let signed = report.signed.as_ref().ok_or(StoreError::Refused("report-draft"))?;
    let files =
        [("pdf", &signed.pdf), ("docx", &signed.docx), ("model", &signed.model), ("basis", &signed.basis)];
    let (mut broken, mut then) = (Vec::new(), None);
    for (name, sha256) in files {
        let bytes = tokio::fs::read(blobs.path(sha256)).await.ok();
        let bytes = bytes.filter(|b| hex::encode(Sha256::digest(b)) == *sha256);
        match bytes {
            None => broken.push(name),
            Some(bytes) if name == "basis" => then = serde_json::from_slice::<Basis>(&bytes).ok(),
            Some(_) => {}
        }
    }
    let then = then.unwrap_or_default();
    let today = figures(sql, report, legal, now).await?;
    let present = basis(sql, report, &today, signed.made_at).await?;
    Ok(Verified { broken, digest: digest(&then) == signed.digest, compared: compare(&then, &present) })
}
