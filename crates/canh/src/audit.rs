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
    what: Audit,
) -> anyhow::Result<ExitCode> {
    match what {
        Audit::Verify { against, export: Some(file), key } => offline(data, &file, &against, &key),
        Audit::Verify { against, export: None, key } => live(config()?, data, &against, &key).await,
        Audit::Export { file } => {
            write(config()?, data, &file).await?;
            Ok(ExitCode::SUCCESS)
        }
        Audit::Sign => sign(config()?, data).await,
        Audit::Key => {
            println!("{}", signer(data)?.verifier_key());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The data folder's signing key; not made here, so that looking leaves no trace.
fn signer(data: &Data) -> anyhow::Result<Signer> {
    let path = data.path(AUDIT_KEY);
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    Ok(Signer::parse(&text)?)
}

fn keys(data: &Data, given: &[String]) -> anyhow::Result<Keys> {
    if given.is_empty() {
        let own = signer(data).context("no --key was given, and the data folder has none")?;
        return Ok(Keys::parse([own.verifier_key()])?);
    }
    Keys::parse(given).context("--key")
}

fn outside(against: &[PathBuf]) -> anyhow::Result<Vec<Outside>> {
    against
        .iter()
        .map(|path| {
            let note =
                std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
            // Mail programs end lines their own way.
            Ok(Outside { from: path.display().to_string(), note: note.replace("\r\n", "\n") })
        })
        .collect()
}

fn offline(data: &Data, file: &Path, against: &[PathBuf], given: &[String]) -> anyhow::Result<ExitCode> {
    let (keys, outside) = (keys(data, given)?, outside(against)?);
    let opened = File::open(file).with_context(|| format!("opening {}", file.display()))?;
    let report = export::verify(BufReader::new(opened), &outside, &keys)
        .with_context(|| file.display().to_string())?;
    Ok(say(&report, against.is_empty()))
}

async fn live(
    config: Config,
    data: &Data,
    against: &[PathBuf],
    given: &[String],
) -> anyhow::Result<ExitCode> {
    data.must_exist(config.database.url.is_some())?;
    let (keys, outside) = (keys(data, given)?, outside(against)?);
    let db = centre::records(&config, data).await?;
    let report = verify::live(&mut db.read().await?, &outside, &keys).await?;
    db.close().await;
    Ok(say(&report, against.is_empty()))
}

fn say(report: &Report, alone: bool) -> ExitCode {
    println!("entries      {}", report.size);
    println!("root         {}", hex::encode(report.root));
    println!("checkpoints  {} signed and matching", report.checkpoints);
    for fault in &report.faults {
        println!("FAULT        {fault}");
    }
    if report.more > 0 {
        println!("FAULT        and {} more", report.more);
    }
    if !report.is_good() {
        println!("The log is not as it was written.");
        return ExitCode::FAILURE;
    }
    println!("The log is as it was written.");
    if alone {
        println!(
            "Whoever holds this machine and its key could have rewritten it whole: \
             hold it against a checkpoint kept elsewhere with --against FILE."
        );
    }
    ExitCode::SUCCESS
}

async fn write(config: Config, data: &Data, file: &Path) -> anyhow::Result<()> {
    data.must_exist(config.database.url.is_some())?;
    let signer = signer(data)?;
    let db = centre::records(&config, data).await?;
    let mut sql = db.read().await?;
    let head = store::audit::Head::load(&mut sql).await?;
    let now = signer.sign(head.size, &head.root)?;
    let mut out =
        tokio::fs::File::create_new(file).await.with_context(|| format!("making {}", file.display()))?;
    export::write(&mut sql, &mut out, Some(&now.note)).await?;
    out.sync_all().await?;
    drop(sql);
    db.close().await;
    let keys = Keys::parse([signer.verifier_key()])?;
    let report = export::verify(BufReader::new(File::open(file)?), &[], &keys)?;
    if !report.is_good() {
        say(&report, false);
        bail!("{} was written, but does not verify", file.display());
    }
    println!("{} entries, signed, in {}", report.size, file.display());
    Ok(())
}

async fn sign(config: Config, data: &Data) -> anyhow::Result<ExitCode> {
    data.must_exist(config.database.url.is_some())?;
    let centre = Centre::open(config, data.clone()).await?;
    let signed: Result<_, StoreError> = store::write!(centre.db, Actor::System, centre.clock.now(), tx =>
        checkpoint::sign(tx, &centre.signer).await);
    print!("{}", signed?.note);
    centre.db.close().await;
    Ok(ExitCode::SUCCESS)
}
