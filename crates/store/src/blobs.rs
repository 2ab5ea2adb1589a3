//! Files, addressed by their SHA-256: contract 9. Bytes lie in a directory; who may open them stands in SQL.

mod sweep;

use std::path::{Path, PathBuf};

use domain::{
    actor::Scope,
    id::{Id, Uuid, kind},
    right::Right,
};
use sha2::{Digest, Sha256};
use tokio::{
    fs,
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
};

use crate::{Query, Sql, StoreError, Tx, args};

pub use sweep::{REFERENCES, UNUSED};

/// Read and written in pieces of this many bytes.
const PIECE: usize = 64 * 1024;

/// The directory of files.
#[derive(Debug, Clone)]
pub struct Blobs {
    root: PathBuf,
}

/// What was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// SHA-256, hex.
    pub sha256: String,
    /// Length in bytes.
    pub len: u64,
}

impl Blobs {
    /// Uses `root`, making it if need be.
    pub async fn open_dir(root: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(root).await?;
        Ok(Self { root: root.to_owned() })
    }

    /// Where the file of that digest lies.
    pub fn path(&self, sha256: &str) -> PathBuf {
        let (first, rest) = sha256.split_at_checked(2).unwrap_or(("", sha256));
        self.root.join(first).join(rest)
    }

    /// Stores a stream durably (`fsync`, then rename). More than `limit` bytes are refused with
    /// `Refused("too-large")` and leave nothing behind. `temp` names the file while it is being written.
    pub async fn put(
        &self,
        temp: Uuid,
        mut stream: impl AsyncRead + Unpin,
        limit: u64,
    ) -> Result<Blob, StoreError> {
        let temp = self.root.join(format!("{temp}.part"));
        let result = self.receive(&temp, &mut stream, limit).await;
        if result.is_err() {
            // Nothing to do if it was never made.
            let _ = fs::remove_file(&temp).await;
        }
        result
    }

    async fn receive(
        &self,
        temp: &Path,
        stream: &mut (impl AsyncRead + Unpin),
        limit: u64,
    ) -> Result<Blob, StoreError> {
        let mut file = fs::File::create_new(temp).await?;
        let (mut digest, mut len, mut piece) = (Sha256::new(), 0_u64, vec![0_u8; PIECE]);
        loop {
            let n = stream.read(&mut piece).await?;
            let Some(bytes) = piece.get(..n).filter(|b| !b.is_empty()) else { break };
            len += n as u64;
            if len > limit {
                return Err(StoreError::Refused("too-large"));
            }
            digest.update(bytes);
            file.write_all(bytes).await?;
        }
        file.sync_all().await?;
        let sha256 = hex::encode(digest.finalize());
        let path = self.path(&sha256);
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir).await?;
        }
        fs::rename(temp, &path).await?;
        Ok(Blob { sha256, len })
    }

    /// Opens a file some body's record uses, if the scope may read that body's records.
    pub async fn open(
        &self,
        sql: &mut Sql,
        scope: &Scope,
        sha256: &str,
    ) -> Result<(fs::File, Use), StoreError> {
        let mut query =
            Query::new("select u.name, u.kind, b.len from blob_use u join blob b on b.sha256 = u.sha256");
        query.push("where u.sha256 =").bind(sha256).push("and").visible(scope, Right::Read, "u.body");
        query.push("order by u.created_at limit 1");
        let row = query.row(sql).await?.ok_or(StoreError::NotFound("file"))?;
        let used = Use { name: row.text("name")?, kind: row.text("kind")?, len: row.int("len")? };
        Ok((fs::File::open(self.path(sha256)).await?, used))
    }
}

/// How a record names a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// File name as given.
    pub name: String,
    /// Sniffed content type.
    pub kind: String,
    /// Length in bytes.
    pub len: i64,
}

/// Ties a stored file to a body's record, which is what gives anybody the right to open it.
pub async fn attach(
    tx: &mut Tx,
    blob: &Blob,
    body: Id<kind::Body>,
    subject: &str,
    name: &str,
    kind: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "insert into blob (sha256, len, created_at) values ($1,$2,$3) on conflict (sha256) do nothing",
        args![&blob.sha256, i64::try_from(blob.len).unwrap_or(i64::MAX), now],
    )
    .await?;
    tx.exec(
        "insert into blob_use (sha256, body, subject, name, kind, created_at) values ($1,$2,$3,$4,$5,$6)
         on conflict (sha256, body, subject) do nothing",
        args![&blob.sha256, body, subject, name, kind, now],
    )
    .await?;
    Ok(())
}

/// The digests of all files any record names: what a backup holds.
pub async fn digests(sql: &mut Sql) -> Result<Vec<String>, StoreError> {
    let rows = sql.rows("select sha256 from blob order by sha256", vec![]).await?;
    rows.iter().map(|r| r.text("sha256")).collect()
}
