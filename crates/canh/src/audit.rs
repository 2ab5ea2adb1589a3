//! `canh audit`.

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use domain::actor::Actor;
use store::{
    StoreError,
    audit::{
        checkpoint::{self, Keys, Signer},
        export,
        verify::{self, Outside, Report},
    },
};
use web::Words;

use crate::{
    centre::{self, Centre},
    cli::Audit,
    config::Config,
    data::{AUDIT_KEY, Data},
};

/// Runs one of the audit commands.
pub async fn run(
    config: impl FnOnce() -> anyhow::Result<Config>,
    data: &Data,
    words: Words,
    what: Audit,
) -> anyhow::Result<ExitCode> {
    match what {
        Audit::Verify { against, export: Some(file), key } => offline(data, words, &file, &against, &key),
        Audit::Verify { against, export: None, key } => live(config()?, data, words, &against, &key).await,
        Audit::Export { file } => {
            write(config()?, data, words, &file).await?;
            Ok(ExitCode::SUCCESS)
        }
        Audit::Sign => sign(config()?, data, words).await,
        Audit::Key => {
            println!("{}", signer(data, words)?.verifier_key());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The data folder's signing key; not made here, so that looking leaves no trace.
fn signer(data: &Data, words: Words) -> anyhow::Result<Signer> {
    let path = data.path(AUDIT_KEY);
    let text = std::fs::read_to_string(&path).with_context(|| unread(words, &path))?;
    Ok(Signer::parse(&text)?)
}

fn unread(words: Words, path: &Path) -> String {
    words.with_texts("command-file-unread", &[("file", &path.display().to_string())])
}

fn keys(data: &Data, words: Words, given: &[String]) -> anyhow::Result<Keys> {
    if given.is_empty() {
        let own = signer(data, words).with_context(|| words.t("audit-command-no-key"))?;
        return Ok(Keys::parse([own.verifier_key()])?);
    }
    Keys::parse(given).context("--key")
}

fn outside(words: Words, against: &[PathBuf]) -> anyhow::Result<Vec<Outside>> {
    against
        .iter()
        .map(|path| {
            let note = std::fs::read_to_string(path).with_context(|| unread(words, path))?;
            // Mail programs end lines their own way.
            Ok(Outside { from: path.display().to_string(), note: note.replace("\r\n", "\n") })
        })
        .collect()
}

fn offline(
    data: &Data,
    words: Words,
    file: &Path,
    against: &[PathBuf],
    given: &[String],
) -> anyhow::Result<ExitCode> {
    let (keys, outside) = (keys(data, words, given)?, outside(words, against)?);
    let opened = File::open(file).with_context(|| unread(words, file))?;
    let report = export::verify(BufReader::new(opened), &outside, &keys)
        .with_context(|| file.display().to_string())?;
    Ok(say(words, &report, against.is_empty()))
}

async fn live(
    config: Config,
    data: &Data,
    words: Words,
    against: &[PathBuf],
    given: &[String],
) -> anyhow::Result<ExitCode> {
    data.must_exist(words, config.database.url.is_some())?;
    let (keys, outside) = (keys(data, words, given)?, outside(words, against)?);
    let db = centre::records(&config, data).await?;
    let report = verify::live(&mut db.read().await?, &outside, &keys).await?;
    db.close().await;
    Ok(say(words, &report, against.is_empty()))
}

fn say(words: Words, report: &Report, alone: bool) -> ExitCode {
    let found = [
        ("size", report.size.into()),
        ("root", hex::encode(report.root).into()),
        ("checkpoints", report.checkpoints.into()),
    ];
    println!("{}", words.with("audit-command-found", found));
    for fault in &report.faults {
        println!("FAULT  {fault}");
    }
    if report.more > 0 {
        println!("FAULT  {}", words.with("audit-command-more", [("more", report.more.into())]));
    }
    if !report.is_good() {
        println!("{}", words.t("audit-command-altered"));
        return ExitCode::FAILURE;
    }
    println!("{}", words.t("audit-command-whole"));
    if alone {
        println!("{}", words.t("audit-command-alone"));
    }
    ExitCode::SUCCESS
}

async fn write(config: Config, data: &Data, words: Words, file: &Path) -> anyhow::Result<()> {
    data.must_exist(words, config.database.url.is_some())?;
    let signer = signer(data, words)?;
    let db = centre::records(&config, data).await?;
    let mut sql = db.read().await?;
    let head = store::audit::Head::load(&mut sql).await?;
    let now = signer.sign(head.size, &head.root)?;
    let shown = file.display().to_string();
    let unmade = || words.with_texts("command-file-unmade", &[("file", &shown)]);
    let mut out = tokio::fs::File::create_new(file).await.with_context(unmade)?;
    export::write(&mut sql, &mut out, Some(&now.note)).await?;
    out.sync_all().await?;
    drop(sql);
    db.close().await;
    let keys = Keys::parse([signer.verifier_key()])?;
    let report = export::verify(BufReader::new(File::open(file)?), &[], &keys)?;
    if !report.is_good() {
        say(words, &report, false);
        bail!(words.with_texts("audit-command-export-bad", &[("file", &shown)]));
    }
    let made = [("size", report.size.into()), ("file", shown.into())];
    println!("{}", words.with("audit-command-exported", made));
    Ok(())
}

async fn sign(config: Config, data: &Data, words: Words) -> anyhow::Result<ExitCode> {
    data.must_exist(words, config.database.url.is_some())?;
    let centre = Centre::open(config, data.clone()).await?;
    let signed: Result<_, StoreError> = store::write!(centre.db, Actor::System, centre.clock.now(), tx =>
        checkpoint::sign(tx, &centre.signer).await);
    print!("{}", signed?.note);
    centre.db.close().await;
    Ok(ExitCode::SUCCESS)
}
