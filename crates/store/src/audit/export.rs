//! The log as a file that can be verified anywhere, offline: one line of JSON about the log, then the bytes of
//! every entry, one a line, exactly as they were hashed.

use std::io::BufRead;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::{
    Head,
    checkpoint::{Checkpoint, Kept, Keys},
    verify::{Judge, Outside, Report},
};
use crate::{Sql, StoreError, args};

const FORMAT: &str = "canh-audit-export/1";
/// Rows written at once.
const BATCH: i64 = 2_000;
/// A line longer than this is no entry of ours: ids and digests stay far below.
const LINE_MAX: u64 = 1 << 20;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    size: u64,
    root: String,
    checkpoint: Option<String>,
}

/// Why a file is not an export at all.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Its first line is not that of an export.
    #[error("not an audit export, or of another version")]
    Format,
    /// Reading failed.
    #[error("reading the export: {0}")]
    Io(#[from] std::io::Error),
}

/// Writes the whole log. `checkpoint` is the newest one, or one just signed for the head; without any the file
/// still shows changed and swapped entries, but not a cut end.
pub async fn write(
    sql: &mut Sql,
    out: &mut (impl AsyncWrite + Unpin),
    checkpoint: Option<&str>,
) -> Result<Head, StoreError> {
    let head = Head::load(sql).await?;
    let header = Header {
        format: FORMAT.into(),
        size: head.size,
        root: hex::encode(head.root),
        checkpoint: checkpoint.map(str::to_owned),
    };
    let json = serde_json::to_vec(&header).map_err(|e| StoreError::Corrupt("export", e.to_string()))?;
    out.write_all(&json).await?;
    out.write_all(b"\n").await?;
    let mut after = -1_i64;
    loop {
        let rows = sql
            .rows(
                "select seq, leaf from audit_entry where seq > $1 order by seq limit $2",
                args![after, BATCH],
            )
            .await?;
        let Some(last) = rows.last() else { break };
        after = last.int("seq")?;
        for row in &rows {
            out.write_all(&row.bytes("leaf")?).await?;
            out.write_all(b"\n").await?;
        }
    }
    out.flush().await?;
    Ok(head)
}

/// Verifies an export; needs neither store nor network.
pub fn verify(mut file: impl BufRead, outside: &[Outside], keys: &Keys) -> Result<Report, ExportError> {
    let mut line = Vec::new();
    next(&mut file, &mut line)?;
    let header: Header = serde_json::from_slice(&line).map_err(|_| ExportError::Format)?;
    // Canonical, so that no bit of it can change unseen.
    if header.format != FORMAT || serde_json::to_vec(&header).ok().as_ref() != Some(&line) {
        return Err(ExportError::Format);
    }
    let mut judge = Judge::new(outside, keys);
    if let Some(note) = &header.checkpoint {
        judge.believe("the export's own checkpoint".into(), note, None, keys);
    }
    while next(&mut file, &mut line)? {
        judge.entry(&line);
    }
    // As text: the same digits in capitals are a change, too.
    let said = if hex::encode(judge.root()) == header.root { judge.root() } else { [0; 32] };
    Ok(judge.end(header.size, &said))
}

/// The next line without its end; `false` at the end of the file. A last line that is cut is a line.
fn next(file: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, std::io::Error> {
    line.clear();
    let read = std::io::Read::take(&mut *file, LINE_MAX).read_until(b'\n', line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if read > 0 {
        // No end of line: longer than any entry, or cut. Marked so that it cannot pass for an entry.
        line.push(0);
    }
    Ok(read > 0)
}

/// The newest stored checkpoint as the export's own, if it was signed by one of `keys`.
pub fn own<'a>(kept: Option<&'a Kept>, keys: &Keys) -> Option<&'a str> {
    kept.filter(|k| Checkpoint::open(&k.note, keys).is_ok()).map(|k| k.note.as_str())
}
