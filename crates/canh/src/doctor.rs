//! `canh doctor`: looks at everything an installation stands on and says what to do. Exit code 1 if anything fails.

mod papers;

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use domain::{
    id::Secrets,
    time::{Clock, date, local},
};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use store::{
    Db, Sql, StoreError,
    audit::{checkpoint, verify},
    blobs, intents, jobs,
};

use crate::{
    centre,
    config::Config,
    data::{AUDIT_KEY, BLOBS, CONFIG, Data, INSTANCE_KEY, RECORDS},
    runtime::{SystemRandom, Wall},
};

/// Below this the next backup or campaign may not fit.
const SPACE_WARN: u64 = 5 << 30;
/// Below this writes will soon fail.
const SPACE_FAIL: u64 = 300 << 20;
/// So many files are read and digested.
const SAMPLE: usize = 25;
/// Jobs and deliveries in trouble that are named one by one.
const SHOWN: u32 = 20;
/// A checkpoint a day; one day of grace.
const CHECKPOINT_AGE: SignedDuration = SignedDuration::from_hours(48);

/// What was found, line by line.
#[derive(Default)]
struct Findings {
    warned: u32,
    failed: u32,
}

impl Findings {
    fn ok(&mut self, what: &str, said: impl std::fmt::Display) {
        println!("OK    {what:<12} {said}");
    }
    fn warn(&mut self, what: &str, said: impl std::fmt::Display, advice: &str) {
        self.warned += 1;
        println!("WARN  {what:<12} {said}\n      → {advice}");
    }
    fn fail(&mut self, what: &str, said: impl std::fmt::Display, advice: &str) {
        self.failed += 1;
        println!("FAIL  {what:<12} {said}\n      → {advice}");
    }
}

/// Looks at everything.
pub async fn run(config_file: Option<&Path>, data: Data) -> anyhow::Result<ExitCode> {
    let mut found = Findings::default();
    let config = match Config::load(config_file, &data) {
        Ok(config) => {
            found.ok("config", format!("read; people reach us at {}", config.public_url()));
            config
        }
        Err(error) => {
            found.fail("config", format!("{error:#}"), "correct it; the rest is checked with the defaults");
            Config::default()
        }
    };
    folder(&mut found, &data);
    space(&mut found, &data);
    law(&mut found, &config);
    sandbox(&mut found).await;
    mail(&mut found, &config, &data).await;
    papers::check(&mut found, &config, &data).await;
    if data.dir().is_dir() && (config.database.url.is_some() || data.path(RECORDS).exists()) {
        match centre::records(&config, &data).await {
            Ok(db) => {
                found.ok("records", format!("{}: open and up to date", db.engine()));
                if let Err(error) = records(&mut found, &db, &config, &data).await {
                    found.fail(
                        "records",
                        error,
                        "run `canh audit verify`; if it fails too, restore a backup",
                    );
                }
                db.close().await;
            }
            Err(error) => {
                let newer =
                    error.downcast_ref::<StoreError>().is_some_and(|e| matches!(e, StoreError::Newer(_)));
                let advice = if newer {
                    "install the newer Canh again, or restore the backup made before the upgrade"
                } else {
                    "see whether the file or server is there and readable; else restore a backup"
                };
                found.fail("records", format!("{error:#}"), advice);
            }
        }
    }
    println!("\n{} failed, {} to look at", found.failed, found.warned);
    Ok(if found.failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn folder(found: &mut Findings, data: &Data) {
    let dir = data.dir();
    let Ok(meta) = std::fs::metadata(dir) else {
        found.fail(
            "data",
            format!("there is no folder {}", dir.display()),
            "start `canh serve` once, or give --data",
        );
        return;
    };
    let open = |path: &Path| std::fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o077 != 0);
    if meta.permissions().mode() & 0o077 == 0 {
        found.ok("data", format!("{}, for its owner alone", dir.display()));
    } else {
        let advice = format!("chmod 700 {}", dir.display());
        found.warn("data", format!("others on this machine can look into {}", dir.display()), &advice);
    }
    let probe = data.path(".doctor");
    match std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => {}
        Err(error) => {
            found.fail("data", format!("cannot write: {error}"), "run as the user who owns the folder");
        }
    }
    for name in [INSTANCE_KEY, AUDIT_KEY, CONFIG] {
        let path = data.path(name);
        if open(&path) {
            let advice = format!("chmod 600 {}", path.display());
            found.warn("keys", format!("others on this machine can read {name}"), &advice);
        } else if name != CONFIG && !path.exists() {
            let advice =
                "it is made by the next `canh serve`; if this was in use before, restore it from a backup";
            found.warn("keys", format!("{name} is missing"), advice);
        }
    }
}

fn space(found: &mut Findings, data: &Data) {
    let Ok(stat) = rustix::fs::statvfs(data.dir()) else { return };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let said = format!("{:.1} GB free", free as f64 / f64::from(1 << 30));
    if free < SPACE_FAIL {
        found.fail("space", said, "make room now: soon nothing can be recorded");
    } else if free < SPACE_WARN {
        found.warn("space", said, "make room, or move the data folder to a larger disk");
    } else {
        found.ok("space", said);
    }
}

fn law(found: &mut Findings, config: &Config) {
    match centre::law(config) {
        Ok(legal) => {
            let pack = legal.on(date(Wall.now()));
            found.ok("law", format!("pack of {} with {} duties", pack.from, pack.duties().len()));
        }
        Err(error) => {
            found.fail("law", format!("{error:#}"), "correct the file in [law] dir, or leave it out")
        }
    }
}

async fn sandbox(found: &mut Findings) {
    let advice = "letters in PDF and Word are still opened in a child with limits; a kernel from 5.13 on confines it fully";
    let probed = match centre::worker() {
        Ok(worker) => sandbox::probe(&worker).await.map_err(|e| e.to_string()),
        Err(error) => Err(format!("{error:#}")),
    };
    match probed {
        Ok(tight) if tight.is_tight() => {
            found.ok("sandbox", "hostile files are opened without files, network or further programs")
        }
        Ok(loose) => found.warn("sandbox", format!("the kernel does not confine fully: {loose:?}"), advice),
        Err(error) => found.fail("sandbox", error, "no PDF or Word letter can be read; report this"),
    }
}

async fn mail(found: &mut Findings, config: &Config, data: &Data) {
    let channel = match config.send.mail_channel(data.dir()) {
        Ok(channel) => channel,
        Err(error) => return found.fail("mail", error, "correct [send]"),
    };
    match channel.check().await {
        Err(why) => found.fail("mail", why, "correct [send]; meanwhile nobody is told anything by e-mail"),
        Ok(()) if config.send.mail == send::MailBy::Dir => found.warn(
            "mail",
            "letters are only written to a folder",
            "set [send] mail = \"smtp\", unless somebody carries the files on",
        ),
        Ok(()) => found.ok("mail", "the mail server answers"),
    }
}

async fn records(found: &mut Findings, db: &Db, config: &Config, data: &Data) -> Result<(), StoreError> {
    let now = Wall.now();
    let mut sql = db.read().await?;
    match verify::quick(&mut sql).await? {
        None => {
            found.ok("audit", "head, last entry and stored hashes agree (all of it: `canh audit verify`)")
        }
        Some(fault) => found.fail(
            "audit",
            fault,
            "run `canh audit verify --against` the newest checkpoint kept elsewhere",
        ),
    }
    match checkpoint::latest(&mut sql).await? {
        None => found.warn("checkpoint", "none signed yet", "the first is made when `canh serve` runs"),
        Some(kept) => {
            let at = local(kept.at).strftime("%d/%m/%Y %H:%M");
            if now.duration_since(kept.at) > CHECKPOINT_AGE {
                let advice = "is `canh serve` running? See the jobs below";
                found.warn("checkpoint", format!("the newest is of {at}"), advice);
            } else {
                found.ok("checkpoint", format!("the newest is of {at}, over {} entries", kept.size));
            }
            if kept.at > now {
                found.fail("clock", format!("it was already {at}"), "set this machine's clock; use NTP");
            }
        }
    }
    if config.audit.superior.is_none() {
        found.warn(
            "checkpoint",
            "they are sent to nobody",
            "set [audit] superior to an address outside this house: only there they prove anything",
        );
    }
    papers::body(found, &mut sql, config).await?;
    files(found, &mut sql, &data.path(BLOBS)).await?;
    let troubles = jobs::troubles(&mut sql, SHOWN).await?;
    for job in &troubles {
        let end = if job.given_up { "given up" } else { "tried again" };
        let said = format!("{}: failed {} times, {end}: {}", job.kind, job.tries, job.why);
        found.warn(
            "jobs",
            said,
            "see to the reason; what was given up is tried again when it is next needed",
        );
    }
    if troubles.is_empty() {
        found.ok("jobs", format!("{} waiting, none failing", jobs::counts(&mut sql).await?.0));
    }
    let troubles = intents::troubles(&mut sql, SHOWN).await?;
    for mail in &troubles {
        let end = if mail.given_up { "given up" } else { "tried again" };
        let said = format!("{} ({}): {end} after {} tries: {}", mail.template, mail.id, mail.tries, mail.why);
        found.warn("outbox", said, "correct the address or [send]; tell them by telephone meanwhile");
    }
    if troubles.is_empty() {
        found.ok("outbox", "nothing undelivered");
    }
    Ok(())
}

/// Reads some files, spread over all, and compares their digests.
async fn files(found: &mut Findings, sql: &mut Sql, dir: &Path) -> Result<(), StoreError> {
    let all = blobs::digests(sql).await?;
    // A random start, so that in time every file has its turn.
    let start = usize::from(SystemRandom.bytes().first().copied().unwrap_or(0));
    let step = all.len().div_ceil(SAMPLE).max(1);
    let mut bad = Vec::new();
    let mut looked = 0;
    for sha256 in all.iter().skip(start % step).step_by(step) {
        looked += 1;
        let (first, rest) = sha256.split_at_checked(2).unwrap_or_default();
        let path: PathBuf = dir.join(first).join(rest);
        match tokio::fs::read(&path).await {
            Ok(bytes) if hex::encode(Sha256::digest(&bytes)) == *sha256 => {}
            Ok(_) => bad.push(format!("{} is damaged", path.display())),
            Err(error) => bad.push(format!("{}: {error}", path.display())),
        }
    }
    match bad.first() {
        None => found.ok("files", format!("{} stored; {looked} read and whole", all.len())),
        Some(first) => {
            let said = format!("{} of {looked} looked at are not as stored: {first}", bad.len());
            found.fail("files", said, "restore them from a backup");
        }
    }
    Ok(())
}
