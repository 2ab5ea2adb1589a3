//! A report held against the records: are its files whole, is what it was made from untouched, what has moved since.

use domain::{
    id::{Id, kind},
    legal::Legal,
    report::{Basis, Compared, compare},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{Report, basis::basis, digest, figures};
use crate::{Sql, StoreError, args, audit::Entry, blobs::Blobs};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Files that are missing or are not what was signed: `pdf`, `docx`, `model`, `basis`.
    pub broken: Vec<&'static str>,
    /// Whether what is kept of its making has the digest that was signed.
    pub digest: bool,
    /// Whether the audit log, written when it was signed, holds the same digests: whoever rewrites the record with all
    /// its files must forge the log too, which signed checkpoints outside forbid.
    pub logged: bool,
    /// What it was made from, then and now.
    pub compared: Compared,
}

impl Verified {
    /// Whether the report is what was signed and rests on what it rested on.
    pub fn good(&self) -> bool {
        self.broken.is_empty() && self.digest && self.logged && self.compared.untouched()
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
    let present = basis(sql, report, &today, &then.lines, signed.made_at).await?;
    Ok(Verified {
        broken,
        digest: digest(&then) == signed.digest,
        logged: logged(sql, report.id, &signing(&signed.digest, &signed.pdf, &signed.docx)).await?,
        compared: compare(&then, &present),
    })
}

/// What the log keeps of a signing, by its digest.
pub(super) fn signing<'a>(digest: &'a str, pdf: &'a str, docx: &'a str) -> (&'a str, &'a str, &'a str) {
    (digest, pdf, docx)
}

/// Whether the log has exactly one signing of that report, and of these digests. That the log itself is whole is what
/// `canh audit verify` says.
async fn logged(
    sql: &mut Sql,
    report: Id<kind::Report>,
    detail: &(&str, &str, &str),
) -> Result<bool, StoreError> {
    let rows = sql
        .rows(
            "select leaf from audit_entry where subject = $1 and action = 'report.signed' limit 2",
            args![format!("report:{report}")],
        )
        .await?;
    let [row] = rows.as_slice() else { return Ok(false) };
    let json = serde_json::to_vec(detail).map_err(|e| StoreError::Corrupt("report", e.to_string()))?;
    let entry = Entry::from_leaf(&row.bytes("leaf")?);
    Ok(entry.is_some_and(|e| e.digest == hex::encode(Sha256::digest(json))))
}
