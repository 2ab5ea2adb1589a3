//! Files that nothing refers to: what an upload left that was refused after its bytes had arrived, or cut off half-way.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use tokio::fs;

use super::Blobs;
use crate::{Db, Query, Sql, StoreError};

/// Every column that holds the digest of a file, by table. A file named in none of them belongs to nobody.
/// Whoever adds such a column adds it here; a test looks for columns that were forgotten.
pub const REFERENCES: &[(&str, &str)] = &[
    ("blob_use", "sha256"),
    ("broadcast", "sha256"),
    ("feed_file", "sha256"),
    ("finding_event", "sha256"),
    ("host_flaw_event", "sha256"),
    ("inbox_item", "sha256"),
    ("indicator_part", "sha256"),
    ("inventory_file", "sha256"),
    ("letter", "sha256"),
    ("machine_count", "sha256"),
    ("report", "basis"),
    ("report", "model"),
    ("report", "pdf"),
    ("report", "docx"),
    ("request_proof", "sha256"),
    ("submission", "sha256"),
    ("visit_photo", "sha256"),
];

/// A file is left alone so long after it arrived: the longest upload, a clock that is wrong, a backup under way.
pub const UNUSED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Digests asked about in one query.
const BATCH: usize = 400;

impl Blobs {
    /// Removes files older than [`UNUSED`] that no record refers to. Returns how many went.
    pub async fn sweep(&self, db: &Db, now: Timestamp) -> Result<u64, StoreError> {
        let old = now.checked_sub(UNUSED).unwrap_or(Timestamp::MIN);
        let mut tx = db.begin_quiet(now).await?;
        forget(&mut tx, old).await?;
        tx.commit().await?;
        let mut gone = 0;
        let (mut files, strays) = self.older(old).await?;
        for stray in strays {
            fs::remove_file(stray).await?;
            gone += 1;
        }
        while !files.is_empty() {
            let batch = files.split_off(files.len().saturating_sub(BATCH));
            let known = known(&mut db.read().await?, batch.iter().map(|(digest, _)| digest.as_str())).await?;
            for (digest, path) in batch.iter().filter(|(digest, _)| !known.contains(digest)) {
                gone += u64::from(self.remove(db, digest, path, old).await?);
            }
        }
        Ok(gone)
    }

    /// Files older than that: those named by a digest, and what writes that never ended left.
    async fn older(&self, old: Timestamp) -> Result<(Vec<(String, PathBuf)>, Vec<PathBuf>), StoreError> {
        let (mut files, mut strays) = (Vec::new(), Vec::new());
        let mut root = fs::read_dir(&self.root).await?;
        while let Some(entry) = root.next_entry().await? {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if !entry.file_type().await?.is_dir() {
                if [PART, GONE].iter().any(|end| name.ends_with(end)) && written(&path).await? < old {
                    strays.push(path);
                }
                continue;
            }
            let mut dir = fs::read_dir(&path).await?;
            while let Some(file) = dir.next_entry().await? {
                let digest = format!("{name}{}", file.file_name().to_string_lossy());
                let ours = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
                if ours && written(&file.path()).await? < old {
                    files.push((digest, file.path()));
                }
            }
        }
        Ok((files, strays))
    }

    /// Takes a file away. The same bytes may be arriving at this moment, which puts a young file in its place: so it is
    /// set aside first, looked at again, and put back if somebody wants it after all.
    async fn remove(&self, db: &Db, digest: &str, path: &Path, old: Timestamp) -> Result<bool, StoreError> {
        let aside = self.root.join(format!("{digest}{GONE}"));
        fs::rename(path, &aside).await?;
        let wanted = !known(&mut db.read().await?, [digest]).await?.is_empty();
        if wanted || written(&aside).await? >= old {
            fs::rename(&aside, path).await?;
            return Ok(false);
        }
        fs::remove_file(&aside).await?;
        Ok(true)
    }
}

/// How the name of a file ends while it is being written; see [`Blobs::put`].
const PART: &str = ".part";
/// How the name of a file ends while it is being removed.
const GONE: &str = ".gone";

async fn written(path: &Path) -> Result<Timestamp, StoreError> {
    let at = fs::metadata(path).await?.modified()?;
    Ok(Timestamp::try_from(at).unwrap_or(Timestamp::MAX))
}

/// Strikes files off the list which no record refers to any more.
async fn forget(sql: &mut Sql, old: Timestamp) -> Result<u64, StoreError> {
    let mut query = Query::new("delete from blob where created_at <");
    query.bind(old);
    for (table, column) in REFERENCES {
        query.push("and not exists (select 1 from").push(table).push("r where").push(column);
        query.push("= blob.sha256)");
    }
    query.exec(sql).await
}

/// Which of these digests a record names.
async fn known(sql: &mut Sql, digests: impl IntoIterator<Item = &str>) -> Result<Vec<String>, StoreError> {
    let mut query = Query::new("select sha256 from blob where sha256 in");
    query.list(digests);
    query.rows(sql).await?.iter().map(|r| r.text("sha256")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sqlite;

    /// Columns whose names sound like files, but that hold none of a file's digest.
    const NO_FILES: &[(&str, &str)] = &[
        ("blob", "sha256"),
        ("advisory", "file"),
        ("flaw_signal", "file"),
        ("inventory_link", "files"),
        ("inventory_report", "file"),
    ];

    #[tokio::test]
    async fn no_column_that_names_a_file_is_forgotten() {
        let t = sqlite().await;
        let mut sql = t.db.read().await.unwrap();
        let mut found = async |query: &'static str| -> Vec<(String, String)> {
            let rows = sql.rows(query, vec![]).await.unwrap();
            rows.iter().map(|r| (r.text("t").unwrap(), r.text("c").unwrap())).collect()
        };
        let columns = found(
            "select m.name as t, c.name as c from sqlite_master m join pragma_table_info(m.name) c
             where m.type = 'table'",
        )
        .await;
        let keys = found(
            "select m.name as t, f.\"from\" as c from sqlite_master m join pragma_foreign_key_list(m.name) f
             where m.type = 'table' and f.\"table\" = 'blob'",
        )
        .await;
        for (table, column) in REFERENCES {
            assert!(columns.contains(&((*table).into(), (*column).into())), "{table}.{column} is gone");
        }
        // The name a file came with is none of its digest.
        let sounds = |column: &str| {
            ["sha256", "blob", "file"].iter().any(|w| column.contains(w)) && column != "file_name"
        };
        let known = |t: &str, c: &str| REFERENCES.iter().chain(NO_FILES).any(|known| *known == (t, c));
        let forgotten: Vec<_> =
            columns.iter().filter(|(_, c)| sounds(c)).chain(&keys).filter(|(t, c)| !known(t, c)).collect();
        assert!(
            forgotten.is_empty(),
            "{forgotten:?}: do they hold the digest of a file? Then they belong into REFERENCES, or housekeeping removes the files; else into NO_FILES"
        );
    }
}
