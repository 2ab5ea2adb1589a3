//! Putting a backup in place.

use std::{
    fs::{self, OpenOptions},
    io::Read,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context, bail, ensure};
use store::{
    Db, audit,
    audit::{checkpoint::Keys, verify},
    blobs,
};
use web::Words;

use super::{Manifest, read};
use crate::{
    data::{Data, RECORDS},
    runtime::SystemRandom,
};

/// Unpacks beside the target, checks every digest, the audit log and the presence of every file, and only then puts
/// it in place. A target that holds anything is refused.
pub async fn restore(file: &Path, data: &Data, words: Words) -> anyhow::Result<ExitCode> {
    let dir = data.dir();
    let is_free = match fs::read_dir(dir) {
        // The folder may have been made for this by `./up`, whose marker stays.
        Ok(mut entries) => entries.all(|e| e.is_ok_and(|e| e.file_name() == ".made-by-canh-up")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(error).with_context(|| dir.display().to_string()),
    };
    let shown = dir.display().to_string();
    ensure!(is_free, words.with_texts("backup-command-not-empty", &[("dir", &shown)]));
    let name = dir.file_name().context("the data folder needs a name")?.to_string_lossy().into_owned();
    let beside = dir.with_file_name(format!(".{name}.restoring"));
    if beside.exists() {
        let left = beside.display().to_string();
        bail!(words.with_texts("backup-command-cut-off", &[("dir", &left)]));
    }
    let done = unpack(file, &beside).await;
    let manifest = match done {
        Ok(manifest) => manifest,
        Err(error) => {
            let _ = fs::remove_dir_all(&beside);
            return Err(error.context(words.t("backup-command-refused")));
        }
    };
    if dir.exists() {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            fs::rename(entry.path(), beside.join(entry.file_name()))?;
        }
        fs::remove_dir(dir)?;
    }
    fs::rename(&beside, dir)?;
    let back = [
        ("dir", shown.into()),
        ("files", (manifest.files.len() as u64).into()),
        ("at", manifest.made_at.into()),
        ("entries", manifest.audit_size.into()),
    ];
    println!("{}", words.with("backup-command-restored", back));
    Ok(ExitCode::SUCCESS)
}

async fn unpack(file: &Path, beside: &Path) -> anyhow::Result<Manifest> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(beside)
        .with_context(|| format!("making {}", beside.display()))?;
    let (from, into) = (file.to_owned(), beside.to_owned());
    let manifest = tokio::task::spawn_blocking(move || read(&from, Some(&into))).await??;
    let data = Data::at(beside);
    // Opening migrates a backup of an older version and refuses one of a newer.
    let db = Db::open_sqlite(&data.path(RECORDS)).await.context("opening the records of the backup")?;
    let mut sql = db.read().await?;
    let keys = Keys::parse([data.signer("canh.local/audit", &SystemRandom)?.verifier_key()])?;
    let report = verify::live(&mut sql, &[], &keys).await?;
    if let Some(fault) = report.faults.first() {
        bail!("the audit log of the backup does not verify: {fault}");
    }
    let head = audit::Head::load(&mut sql).await?;
    ensure!(
        head.size == manifest.audit_size && hex::encode(head.root) == manifest.audit_root,
        "the audit log of the backup is not the one its manifest names"
    );
    for sha256 in blobs::digests(&mut sql).await? {
        let (first, rest) = sha256.split_at_checked(2).unwrap_or_default();
        ensure!(manifest.files.contains_key(&format!("blobs/{first}/{rest}")), "file {sha256} is missing");
    }
    drop(sql);
    db.close().await;
    Ok(manifest)
}

/// Writes one file of an archive, for its owner alone. Returns how many bytes.
pub(super) fn put(path: &Path, from: &mut impl Read) -> anyhow::Result<u64> {
    if let Some(dir) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let len = std::io::copy(from, &mut file).context("the backup is damaged")?;
    file.sync_all()?;
    Ok(len)
}
