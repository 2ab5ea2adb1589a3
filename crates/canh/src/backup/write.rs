//! Writing a backup.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{Cursor, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail, ensure};
use domain::time::Clock;
use store::{
    Db, audit,
    audit::{checkpoint::Keys, verify},
    blobs,
};
use web::Words;

use super::{Digesting, FORMAT, MANIFEST, Manifest, read};
use crate::{
    centre,
    config::Config,
    data::{AUDIT_KEY, BLOBS, CONFIG, Data, INSTANCE_KEY, PUSH_KEY, RECORDS},
    runtime::Wall,
};

/// Compression that keeps up with a disk.
const LEVEL: i32 = 3;

/// Writes a backup while Canh runs, then reads it again and checks it. Exists whole and checked, or not at all.
pub async fn write(config: Config, data: Data, words: Words, file: &Path) -> anyhow::Result<ExitCode> {
    data.must_exist(words, config.database.url.is_some())?;
    // The copy of the records is for the owner alone, too.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let shown = file.display().to_string();
    ensure!(!file.exists(), words.with_texts("backup-command-there", &[("file", &shown)]));
    if config.database.url.is_some() {
        let dir = data.dir().display().to_string();
        bail!(words.with_texts("backup-command-postgres", &[("dir", &dir)]));
    }
    let name = file.file_name().context("a backup needs a file name")?.to_string_lossy().into_owned();
    // Beside its final place: the same disk has the room, and a rename is enough in the end.
    let (part, copy) =
        (file.with_file_name(format!(".{name}.part")), file.with_file_name(format!(".{name}.sqlite")));
    let done = make(&config, &data, &part, &copy).await;
    for leftover in [copy.clone(), suffixed(&copy, "-wal"), suffixed(&copy, "-shm")] {
        let _ = std::fs::remove_file(leftover);
    }
    let manifest = match done {
        Ok(manifest) => manifest,
        Err(error) => {
            let _ = std::fs::remove_file(&part);
            return Err(error.context(words.t("backup-command-failed")));
        }
    };
    std::fs::rename(&part, file)?;
    let bytes: u64 = manifest.files.values().map(|d| d.len).sum();
    let made = [
        ("file", shown.into()),
        ("files", (manifest.files.len() as u64).into()),
        ("size", bytes.div_ceil(1 << 20).into()),
        ("entries", manifest.audit_size.into()),
    ];
    println!("{}", words.with("backup-command-made", made));
    println!("{}", words.t("backup-command-secret"));
    Ok(ExitCode::SUCCESS)
}

async fn make(config: &Config, data: &Data, part: &Path, copy: &Path) -> anyhow::Result<Manifest> {
    let db = centre::records(config, data).await?;
    let _ = std::fs::remove_file(copy);
    db.copy_to(copy).await.context("copying the records")?;
    db.close().await;
    // The copy is one moment of the records; every file it names was stored before that moment and never changes.
    let (head, files) = look(data, copy).await?;
    let (data, copy, part) = (data.clone(), copy.to_owned(), part.to_owned());
    tokio::task::spawn_blocking(move || {
        pack(&data, &copy, &part, &head, &files)?;
        read(&part, None).context("the backup just written does not verify")
    })
    .await?
}

/// The copy's audit log must verify, and all its files be there.
async fn look(data: &Data, copy: &Path) -> anyhow::Result<(audit::Head, Vec<String>)> {
    let db = Db::open_sqlite(copy).await.context("opening the copy")?;
    let mut sql = db.read().await?;
    let signer = data.signer("", &crate::runtime::SystemRandom)?;
    let keys = Keys::parse([signer.verifier_key()])?;
    let report = verify::live(&mut sql, &[], &keys).await?;
    if let Some(fault) = report.faults.first() {
        bail!("the audit log does not verify ({fault}): see `canh audit verify`");
    }
    let head = audit::Head::load(&mut sql).await?;
    let files = blobs::digests(&mut sql).await?;
    drop(sql);
    db.close().await;
    Ok((head, files))
}

fn pack(data: &Data, copy: &Path, part: &Path, head: &audit::Head, blobs: &[String]) -> anyhow::Result<()> {
    let out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(part)?;
    let mut zip = zstd::Encoder::new(out, LEVEL)?;
    zip.include_checksum(true)?;
    let mut tar = tar::Builder::new(zip);
    let mut files = BTreeMap::new();
    let mut all: Vec<(String, PathBuf)> = vec![(RECORDS.into(), copy.to_owned())];
    all.extend(
        [INSTANCE_KEY, AUDIT_KEY, PUSH_KEY, CONFIG]
            .map(|n| (n.to_owned(), data.path(n)))
            .into_iter()
            .filter(|f| f.1.exists()),
    );
    for sha256 in blobs {
        let (first, rest) = sha256.split_at_checked(2).context("a digest in the records is too short")?;
        let path = format!("{BLOBS}/{first}/{rest}");
        all.push((path.clone(), data.path(path)));
    }
    for (path, from) in all {
        let file = File::open(&from).with_context(|| format!("{} is missing", from.display()))?;
        let len = file.metadata()?.len();
        let mut reading = Digesting::new(file.take(len));
        append(&mut tar, &path, len, &mut reading)?;
        files.insert(path, reading.end());
    }
    let manifest = Manifest {
        format: FORMAT.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        made_at: Wall.now().to_string(),
        audit_size: head.size,
        audit_root: hex::encode(head.root),
        files,
    };
    let text = serde_json::to_vec_pretty(&manifest)?;
    append(&mut tar, MANIFEST, text.len() as u64, &mut Cursor::new(text))?;
    let mut out = tar.into_inner()?.finish()?;
    out.flush()?;
    out.sync_all()?;
    Ok(())
}

fn append(
    tar: &mut tar::Builder<impl Write>,
    path: &str,
    len: u64,
    from: &mut impl Read,
) -> anyhow::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(len);
    header.set_mode(0o600);
    header.set_entry_type(tar::EntryType::Regular);
    tar.append_data(&mut header, path, from).with_context(|| format!("packing {path}"))
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
