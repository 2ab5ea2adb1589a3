//! `canh heartbeat`: run on another machine, it listens to the centre and tells people when that falls silent; or it
//! gives the sign of life a monitor waits for.
//!
//! It needs no records: who is told stands in `[heartbeat]` of its own configuration, the ways out in `[send]`, and
//! what it must remember from look to look in one small file of its data folder.

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::{
    id::Secrets,
    paging::{Patience, Silence},
    time::{self, Clock},
};
use jiff::{SignedDuration, Timestamp};
use send::{Channel, Keeping, Kept, Lang, Look, Message, Outcome, Recipient};
use serde::{Deserialize, Serialize};
use web::Words;

use crate::{
    config::Config,
    data::Data,
    runtime::{SystemRandom, Wall},
};

/// Ways out that need nothing of the centre's records.
const KINDS: [&str; 5] = ["email", "telegram", "sms", "voice", "ntfy"];
/// What the command remembers.
const FILE: &str = "heartbeat.json";

/// `[heartbeat]`: for `canh heartbeat watch` on a machine other than the centre's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Heartbeat {
    /// The centre's address: `https://canh.tinh.gov.vn`.
    pub centre: Option<String>,
    /// A look so often. Default 30.
    pub every_seconds: u32,
    /// Failed looks for so long are a silence. Default 120: a restart is none.
    pub silent_after_seconds: u32,
    /// Everybody is told again so often while it lasts. Default 15.
    pub again_after_minutes: u32,
    /// Who is told, each over one way.
    pub to: Vec<Told>,
}

impl Default for Heartbeat {
    fn default() -> Self {
        Self {
            centre: None,
            every_seconds: 30,
            silent_after_seconds: 120,
            again_after_minutes: 15,
            to: Vec::new(),
        }
    }
}

/// One who is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// `email`, `telegram`, `sms`, `voice`, `ntfy`.
    pub channel: String,
    /// Where, as that channel writes it.
    pub address: String,
    /// Their name.
    pub name: Option<String>,
    /// `vi` (default) or `en`.
    #[serde(default)]
    pub lang: Lang,
}

impl Told {
    fn key(&self) -> String {
        format!("{}:{}", self.channel, self.address)
    }
}

/// `canh heartbeat`.
#[derive(Subcommand, Debug)]
pub enum What {
    /// Listen to a centre and tell people when it falls silent; on a machine other than the centre's.
    Watch(Watch),
    /// Give the sign of life a monitor waits for, once.
    Beat(Beat),
}

/// How to listen.
#[derive(Args, Debug)]
pub struct Watch {
    /// The centre's address; by default `[heartbeat] centre`.
    pub centre: Option<String>,
    /// One look, for a scheduler: exit code 0 if the centre is well, 1 if not.
    #[arg(long)]
    pub once: bool,
    /// Tell everybody once that this is where they would be told, and end.
    #[arg(long, conflicts_with = "once")]
    pub test: bool,
}

/// How to give it.
#[derive(Args, Debug)]
pub struct Beat {
    /// The monitor's address, as it was shown when it was made.
    pub address: String,
    /// Only if the centre at this address is well.
    #[arg(long, value_name = "CENTRE")]
    pub if_well: Option<String>,
}

/// Runs the command.
pub async fn run(config: Config, data: Data, words: Words, what: What) -> anyhow::Result<ExitCode> {
    match what {
        What::Beat(how) => beat(&config, words, &how).await,
        What::Watch(how) => {
            let given = how.centre.clone().or_else(|| config.heartbeat.centre.clone());
            let Some(centre) = given else { bail!(words.t("heartbeat-no-centre")) };
            let watcher = Watcher::new(&config, data, words, base(words, &centre)?)?;
            match (how.test, how.once) {
                (true, _) => watcher.test().await,
                (_, true) => {
                    let well = watcher.look(Wall.now()).await?;
                    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
                }
                _ => watcher.run().await,
            }
        }
    }
}

async fn beat(config: &Config, words: Words, how: &Beat) -> anyhow::Result<ExitCode> {
    let look = Look::new(&config.send.http)?;
    if let Some(centre) = &how.if_well
        && let Err(why) = look.at(&format!("{}/health/clocks", base(words, centre)?)).await
    {
        eprintln!("{}", words.with("heartbeat-not-well", [("why", why.into())]));
        return Ok(ExitCode::FAILURE);
    }
    match look.at(&how.address).await {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(why) => {
            eprintln!("{}", words.with("heartbeat-not-taken", [("why", why.into())]));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// An address without a path.
fn base(words: Words, given: &str) -> anyhow::Result<String> {
    let given = given.trim().trim_end_matches('/');
    let host = given.strip_prefix("https://").or_else(|| given.strip_prefix("http://"));
    if host.is_none_or(|h| h.is_empty() || h.contains(['/', ' ', '?', '#', '@'])) {
        bail!(words.with("heartbeat-centre-bad", [("centre", given.to_owned().into())]));
    }
    Ok(given.to_owned())
}

/// What is remembered of a centre.
#[derive(Default, Serialize, Deserialize)]
struct Memory {
    centre: String,
    silence: Silence,
}

struct Watcher {
    centre: String,
    look: Look,
    channels: Vec<Arc<dyn Channel>>,
    config: Heartbeat,
    head: send::Letterhead,
    data: Data,
    words: Words,
}

impl Watcher {
    fn new(config: &Config, data: Data, words: Words, centre: String) -> anyhow::Result<Self> {
        let heartbeat = config.heartbeat.clone();
        if heartbeat.to.is_empty() {
            bail!(words.t("heartbeat-nobody"));
        }
        data.make()?;
        let secrets: Arc<dyn Secrets> = Arc::new(SystemRandom);
        let tools = send::Tools {
            clock: Arc::new(Wall),
            push_key: data.push_key(&*secrets)?,
            secrets,
            kept: Arc::new(Nothing),
            public_url: centre.clone(),
        };
        let channels = config.send.channels(data.dir(), &tools).context("[send]")?;
        for to in &heartbeat.to {
            let known = KINDS.contains(&to.channel.as_str());
            if !known || !channels.iter().any(|c| c.kind() == to.channel) {
                bail!(words.with("heartbeat-no-channel", [("channel", to.channel.clone().into())]));
            }
        }
        let look = Look::new(&config.send.http)?;
        Ok(Self { centre, look, channels, config: heartbeat, head: config.letterhead(), data, words })
    }

    /// Looks until it is stopped.
    async fn run(self) -> anyhow::Result<ExitCode> {
        let every = Duration::from_secs(u64::from(self.config.every_seconds.max(1)));
        println!("{}", self.words.with("heartbeat-listens", [("centre", self.centre.clone().into())]));
        let mut beat = tokio::time::interval(every);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => return Ok(ExitCode::SUCCESS),
                _ = beat.tick() => {
                    // A disk that is full must not end the listening.
                    if let Err(error) = self.look(Wall.now()).await {
                        eprintln!("canh: {error:#}");
                    }
                }
            }
        }
    }

    /// One look, and whatever is to be told after it. Returns whether the centre is well.
    async fn look(&self, now: Timestamp) -> anyhow::Result<bool> {
        let found = self.look.at(&format!("{}/health/clocks", self.centre)).await;
        let mut memory = self.remembered();
        let before = memory.silence.clone();
        if let Some(over) = memory.silence.looked(found.is_ok(), now) {
            let vars = [("since", written(over.since)), ("until", written(now))];
            for to in self.config.to.iter().filter(|t| over.told.contains(&t.key())) {
                self.tell(to, "centre-back", &vars, now, false).await;
            }
            println!("{} {}", written(now), self.words.t("heartbeat-back"));
        }
        if let Err(why) = &found {
            if memory.silence.since == Some(now) || before.since.is_none() {
                let said = self.words.with("heartbeat-not-well", [("why", why.clone().into())]);
                println!("{} {said}", written(now));
            }
            let patience = Patience {
                silent_after: SignedDuration::from_secs(self.config.silent_after_seconds.into()),
                again_after: SignedDuration::from_mins(self.config.again_after_minutes.max(1).into()),
            };
            if let Some(since) = memory.silence.silent(patience, now) {
                let mut vars = vec![("since", written(since)), ("why", why.clone())];
                vars.extend(memory.silence.heard.map(|at| ("heard", written(at))));
                for to in &self.config.to {
                    let key = to.key();
                    if memory.silence.is_due(&key, patience, now)
                        && self.tell(to, "centre-silent", &vars, now, true).await
                    {
                        memory.silence.told.insert(key, now);
                    }
                }
            }
        }
        self.remember(&memory)?;
        Ok(found.is_ok())
    }

    async fn test(&self) -> anyhow::Result<ExitCode> {
        let (mut all, now) = (true, Wall.now());
        for to in &self.config.to {
            all &= self.tell(to, "centre-heard", &[], now, false).await;
        }
        if let Err(why) = self.look.at(&format!("{}/health/clocks", self.centre)).await {
            println!("{}", self.words.with("heartbeat-not-well", [("why", why.into())]));
            all = false;
        }
        Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Tells one; says whether it was taken.
    async fn tell(
        &self,
        to: &Told,
        template: &str,
        vars: &[(&str, String)],
        now: Timestamp,
        urgent: bool,
    ) -> bool {
        let outcome = match self.message(to, template, vars, now, urgent) {
            Ok((channel, message)) => channel.send(&message).await,
            Err(error) => Outcome::Refused { why: error.to_string() },
        };
        let who = || [("channel", to.channel.clone().into()), ("address", to.address.clone().into())];
        match outcome {
            Outcome::Receipt { .. } => {
                println!("{} {}", written(now), self.words.with("heartbeat-told", who()));
                true
            }
            Outcome::RetryAfter { why, .. } | Outcome::Refused { why } => {
                let said = who().into_iter().chain([("why", why.into())]);
                eprintln!("{} {}", written(now), self.words.with("heartbeat-untold", said));
                false
            }
        }
    }

    fn message(
        &self,
        to: &Told,
        template: &str,
        vars: &[(&str, String)],
        now: Timestamp,
        urgent: bool,
    ) -> anyhow::Result<(&Arc<dyn Channel>, Message)> {
        let channel = self.channels.iter().find(|c| c.kind() == to.channel).context("no such channel")?;
        let mut all: BTreeMap<String, String> =
            vars.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        all.insert("centre".into(), self.centre.clone());
        let rendered = send::render(template, to.lang, &all, &self.head)?;
        let recipient = Recipient { name: to.name.clone(), address: to.address.clone() };
        let id = format!("{template}-{}", now.as_microsecond());
        let mut message = Message::new(id, now, recipient, rendered);
        message.urgent = urgent;
        if urgent {
            message.headers.push(("Importance".into(), "high".into()));
        }
        Ok((channel, message))
    }

    fn file(&self) -> PathBuf {
        self.data.path(FILE)
    }

    /// What was remembered of this centre; nothing where the file is of another one, or is no more.
    fn remembered(&self) -> Memory {
        let kept = std::fs::read_to_string(self.file()).ok();
        let kept: Option<Memory> = kept.and_then(|text| serde_json::from_str(&text).ok());
        kept.filter(|m| m.centre == self.centre)
            .unwrap_or_else(|| Memory { centre: self.centre.clone(), silence: Silence::default() })
    }

    /// Whole or not at all: half a file would make everybody be told anew.
    fn remember(&self, memory: &Memory) -> anyhow::Result<()> {
        let part = self.data.path(format!(".{FILE}.part"));
        let kept = || -> std::io::Result<()> {
            std::fs::write(&part, serde_json::to_vec(memory)?)?;
            std::fs::rename(&part, self.file())
        };
        kept().with_context(|| format!("writing {}", self.file().display()))
    }
}

fn written(at: Timestamp) -> String {
    time::local(at).strftime("%H:%M %d/%m/%Y").to_string()
}

/// The ways out used here keep nothing.
struct Nothing;

impl Kept for Nothing {
    fn get<'a>(&'a self, _: &'a str) -> Keeping<'a, Option<String>> {
        Box::pin(std::future::ready(Ok(None)))
    }
    fn swap<'a>(&'a self, _: &'a str, _: Option<&'a str>, _: &'a str) -> Keeping<'a, bool> {
        Box::pin(std::future::ready(Err("nothing is kept here".into())))
    }
    fn gone<'a>(&'a self, _: &'a str, _: &'a str) -> Keeping<'a, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}
