//! `canh doctor`: looks at everything an installation stands on and says what to do. Exit code 1 if anything fails.

mod papers;

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use domain::{
    actor::Scope,
    id::Secrets,
    time::{Clock, date, local},
};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use store::{
    Db, Sql, StoreError,
    audit::{checkpoint, verify},
    blobs, jobs, troubles,
};
use web::Words;

use crate::{
    centre,
    config::Config,
    data::{AUDIT_KEY, BLOBS, CONFIG, Data, INSTANCE_KEY, PUSH_KEY, RECORDS},
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

/// What was found, said line by line. `doctor-X` says what was found, `advice-doctor-X` what to do about it.
struct Findings {
    words: Words,
    warned: u32,
    failed: u32,
}

impl Findings {
    fn ok(&mut self, area: &str, id: &str, vars: &[(&str, &str)]) {
        self.say("OK", area, id, vars);
    }
    fn warn(&mut self, area: &str, id: &str, vars: &[(&str, &str)]) {
        self.warned += 1;
        self.say("WARN", area, id, vars);
        self.advise(id, vars);
    }
    fn fail(&mut self, area: &str, id: &str, vars: &[(&str, &str)]) {
        self.failed += 1;
        self.say("FAIL", area, id, vars);
        self.advise(id, vars);
    }
    fn say(&self, mark: &str, area: &str, id: &str, vars: &[(&str, &str)]) {
        println!("{mark:<5} {area:<12} {}", self.words.with_texts(id, vars));
    }
    fn advise(&self, id: &str, vars: &[(&str, &str)]) {
        println!("      → {}", self.words.with_texts(&format!("advice-{id}"), vars));
    }
}

/// Looks at everything.
pub async fn run(config_file: Option<&Path>, data: Data, words: Words) -> anyhow::Result<ExitCode> {
    let mut found = Findings { words, warned: 0, failed: 0 };
    let config = match Config::load(config_file, &data) {
        Ok(config) => {
            found.ok("config", "doctor-config", &[("url", &config.public_url())]);
            config
        }
        Err(error) => {
            found.fail("config", "doctor-config-bad", &[("why", &format!("{error:#}"))]);
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
                found.ok("records", "doctor-records", &[("engine", db.engine())]);
                if let Err(error) = records(&mut found, &db, &config, &data).await {
                    found.fail("records", "doctor-records-bad", &[("why", &error.to_string())]);
                }
                channels(&mut found, &db, &config, &data).await;
                db.close().await;
            }
            Err(error) => {
                let newer =
                    error.downcast_ref::<StoreError>().is_some_and(|e| matches!(e, StoreError::Newer(_)));
                let id = if newer { "doctor-records-newer" } else { "doctor-records-shut" };
                found.fail("records", id, &[("why", &format!("{error:#}"))]);
            }
        }
    }
    let sum = [("failed", found.failed.into()), ("warned", found.warned.into())];
    println!("\n{}", words.with("doctor-sum", sum));
    Ok(if found.failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn folder(found: &mut Findings, data: &Data) {
    let dir = data.dir();
    let shown = dir.display().to_string();
    let Ok(meta) = std::fs::metadata(dir) else {
        return found.fail("data", "doctor-data-none", &[("dir", &shown)]);
    };
    let open = |path: &Path| std::fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o077 != 0);
    if meta.permissions().mode() & 0o077 == 0 {
        found.ok("data", "doctor-data", &[("dir", &shown)]);
    } else {
        found.warn("data", "doctor-data-open", &[("dir", &shown)]);
    }
    let probe = data.path(".doctor");
    if let Err(error) = std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
        found.fail("data", "doctor-data-locked", &[("why", &error.to_string())]);
    }
    for name in [INSTANCE_KEY, AUDIT_KEY, PUSH_KEY, CONFIG] {
        let path = data.path(name);
        if open(&path) {
            let path = path.display().to_string();
            found.warn("keys", "doctor-key-open", &[("name", name), ("path", &path)]);
        } else if name != CONFIG && name != PUSH_KEY && !path.exists() {
            found.warn("keys", "doctor-key-none", &[("name", name)]);
        }
    }
}

fn space(found: &mut Findings, data: &Data) {
    let Ok(stat) = rustix::fs::statvfs(data.dir()) else { return };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let size = format!("{:.1}", free as f64 / f64::from(1 << 30));
    let vars = [("size", size.as_str())];
    if free < SPACE_FAIL {
        found.fail("space", "doctor-space-none", &vars);
    } else if free < SPACE_WARN {
        found.warn("space", "doctor-space-low", &vars);
    } else {
        found.ok("space", "doctor-space", &vars);
    }
}

fn law(found: &mut Findings, config: &Config) {
    match centre::law(config) {
        Ok(legal) => {
            let pack = legal.on(date(Wall.now()));
            let (from, duties) = (pack.from.to_string(), pack.duties().len().to_string());
            found.ok("law", "doctor-law", &[("from", &from), ("duties", &duties)]);
        }
        Err(error) => found.fail("law", "doctor-law-bad", &[("why", &format!("{error:#}"))]),
    }
}

async fn sandbox(found: &mut Findings) {
    let probed = match centre::worker() {
        Ok(worker) => sandbox::probe(&worker).await.map_err(|e| e.to_string()),
        Err(error) => Err(format!("{error:#}")),
    };
    match probed {
        Ok(tight) if tight.is_tight() => {
            found.ok("sandbox", "doctor-sandbox", &[]);
        }
        Ok(loose) => found.warn("sandbox", "doctor-sandbox-loose", &[("how", &format!("{loose:?}"))]),
        Err(error) => found.fail("sandbox", "doctor-sandbox-none", &[("why", &error)]),
    }
}

async fn mail(found: &mut Findings, config: &Config, data: &Data) {
    let channel = match config.send.mail_channel(data.dir()) {
        Ok(channel) => channel,
        Err(error) => return found.fail("mail", "doctor-mail-bad", &[("why", &error.to_string())]),
    };
    match channel.check().await {
        Err(why) => found.fail("mail", "doctor-mail-silent", &[("why", &why)]),
        Ok(()) if config.send.mail == send::MailBy::Dir => found.warn("mail", "doctor-mail-folder", &[]),
        Ok(()) => found.ok("mail", "doctor-mail", &[]),
    }
}

/// The other channels that are configured: whether each could send now.
async fn channels(found: &mut Findings, db: &Db, config: &Config, data: &Data) {
    if !data.path(PUSH_KEY).exists() {
        // Never served yet: looking must not make keys.
        return;
    }
    let made = centre::tools(config, data, db, Arc::new(SystemRandom), Arc::new(Wall))
        .and_then(|tools| Ok(config.send.channels(data.dir(), &tools)?));
    let channels = match made {
        Ok(channels) => channels,
        Err(error) => {
            return found.fail("channels", "doctor-channels-bad", &[("why", &format!("{error:#}"))]);
        }
    };
    for channel in channels.iter().filter(|c| !matches!(c.kind(), "email" | "webhook")) {
        match channel.check().await {
            Ok(()) => found.ok("channels", "doctor-channel", &[("kind", channel.kind())]),
            Err(why) => {
                found.warn("channels", "doctor-channel-silent", &[("kind", channel.kind()), ("why", &why)]);
            }
        }
    }
}

async fn records(found: &mut Findings, db: &Db, config: &Config, data: &Data) -> Result<(), StoreError> {
    let now = Wall.now();
    let mut sql = db.read().await?;
    match verify::quick(&mut sql).await? {
        None => found.ok("audit", "doctor-audit", &[]),
        Some(fault) => found.fail("audit", "doctor-audit-bad", &[("why", &fault.to_string())]),
    }
    match checkpoint::latest(&mut sql).await? {
        None => found.warn("checkpoint", "doctor-checkpoint-none", &[]),
        Some(kept) => {
            let at = local(kept.at).strftime("%d/%m/%Y %H:%M").to_string();
            if now.duration_since(kept.at) > CHECKPOINT_AGE {
                found.warn("checkpoint", "doctor-checkpoint-old", &[("at", &at)]);
            } else {
                let size = kept.size.to_string();
                found.ok("checkpoint", "doctor-checkpoint", &[("at", &at), ("entries", &size)]);
            }
            if kept.at > now {
                found.fail("clock", "doctor-clock", &[("at", &at)]);
            }
        }
    }
    if config.audit.superior.is_none() {
        found.warn("checkpoint", "doctor-checkpoint-kept", &[]);
    }
    papers::body(found, &mut sql, config).await?;
    files(found, &mut sql, &data.path(BLOBS)).await?;
    let troubles = jobs::troubles(&mut sql, SHOWN).await?;
    for job in &troubles {
        let id = if job.given_up { "doctor-job-given-up" } else { "doctor-job-failing" };
        let vars = [("kind", job.kind.as_str()), ("tries", &job.tries.to_string()), ("why", &job.why)];
        found.warn("jobs", id, &vars);
    }
    if troubles.is_empty() {
        let waiting = jobs::counts(&mut sql).await?.0.to_string();
        found.ok("jobs", "doctor-jobs", &[("waiting", &waiting)]);
    }
    let troubles = troubles::deliveries(&mut sql, &Scope::system(), SHOWN).await?;
    for mail in &troubles {
        let id = if mail.given_up { "doctor-delivery-given-up" } else { "doctor-delivery-failing" };
        let (delivery, tries) = (mail.id.to_string(), mail.tries.to_string());
        let vars =
            [("about", mail.template.as_str()), ("id", &delivery), ("tries", &tries), ("why", &mail.why)];
        found.warn("outbox", id, &vars);
    }
    if troubles.is_empty() {
        found.ok("outbox", "doctor-outbox", &[]);
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
    let mut looked = 0_u32;
    for sha256 in all.iter().skip(start % step).step_by(step) {
        looked += 1;
        let (first, rest) = sha256.split_at_checked(2).unwrap_or_default();
        let path: PathBuf = dir.join(first).join(rest);
        match tokio::fs::read(&path).await {
            Ok(bytes) if hex::encode(Sha256::digest(&bytes)) == *sha256 => {}
            Ok(_) => bad.push(path.display().to_string()),
            Err(error) => bad.push(format!("{}: {error}", path.display())),
        }
    }
    let looked = looked.to_string();
    match bad.first() {
        None => found.ok("files", "doctor-files", &[("stored", &all.len().to_string()), ("looked", &looked)]),
        Some(first) => {
            let vars = [("bad", bad.len().to_string()), ("looked", looked), ("first", first.clone())];
            found.fail("files", "doctor-files-bad", &vars.each_ref().map(|(k, v)| (*k, v.as_str())));
        }
    }
    Ok(())
}
