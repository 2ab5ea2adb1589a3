//! `canh rules list`, `off`, `on`, `remove`: the rules of a centre.

use std::{collections::BTreeSet, process::ExitCode};

use ::detect::book::{Known, Listing};
use anyhow::bail;
use clap::Subcommand;
use domain::actor::{Actor, Scope};
use intake::rules::kept;
use store::{StoreError, rules};
use web::Words;

use super::{
    import::{self, Import},
    load,
};
use crate::{centre::Centre, config::Config, data::Data, events, logs};

/// The rules of a centre.
#[derive(Subcommand)]
pub enum Held {
    /// Take rules into the centre, beside its own: files, folders or zips, such as a release of SigmaHQ or all of its
    /// repository. A rule that is there already is put in the place of the old one, and one that is switched off stays
    /// so; one that is deprecated by now is let go of. A running centre watches by them within seconds. Exit code 1 if
    /// no rule can be used.
    Import(Import),
    /// List the rules of the centre: its own, those of its folders and what was imported.
    List {
        /// Only those that are switched off.
        #[arg(long)]
        off: bool,
    },
    /// Switch a rule off, wherever it is from.
    Off {
        /// Its id.
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Switch a rule on again.
    On {
        /// Its id.
        id: String,
    },
    /// Remove imported rules.
    Remove {
        /// Their ids.
        #[arg(value_name = "ID", required_unless_present = "all")]
        ids: Vec<String>,
        /// All that were imported.
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
}

/// Runs one of its commands.
pub async fn run(config: Config, data: &Data, words: Words, what: Held) -> anyhow::Result<ExitCode> {
    logs::start("warn")?;
    data.must_exist(words, config.database.url.is_some())?;
    let centre = Centre::open(config, data.clone()).await?;
    let done = match what {
        Held::Import(how) => import::run(&centre, words, &how).await,
        Held::Off { id, reason } => switch(&centre, words, &id, Some(&reason)).await,
        Held::On { id } => switch(&centre, words, &id, None).await,
        Held::Remove { ids, all } => remove(&centre, words, &ids, all).await,
        Held::List { off } => list(&centre, words, off).await,
    };
    centre.db.close().await;
    done
}

/// All of them, with the ids of those that are switched off.
async fn known(centre: &Centre) -> anyhow::Result<(Listing, BTreeSet<String>)> {
    let (files, off) = kept(&mut centre.db.read().await?).await?;
    let brought = events::brought(&centre.config.intake, &centre.data.path(""))?;
    Ok((brought.listing(files.iter().map(|file| (&*file.name, &*file.text))), off))
}

/// Lists them, the gravest first.
async fn list(centre: &Centre, words: Words, only_off: bool) -> anyhow::Result<ExitCode> {
    let reasons = rules::off(&mut centre.db.read().await?, &Scope::system()).await?;
    let (all, off) = known(centre).await?;
    let is_off = |rule: &Known| off.contains(rule.about.called());
    for rule in all.rules.iter().filter(|rule| is_off(rule) || !only_off) {
        let about = &rule.about;
        let (level, status) = (words.t(&format!("detect-level-{}", about.level.word())), &about.status);
        println!("{:36}  {level:<13}  {status:<12}  {}  ({})", about.called(), about.title, rule.sheet.name);
        if let Some(problem) = &rule.problem {
            println!("{:36}  ! {} {}", "", problem.at, load::say(words, problem));
        }
        if let Some(off) = reasons.iter().find(|off| off.rule == about.called()) {
            println!(
                "{:36}  ! {}",
                "",
                words.with_texts(
                    "rules-off-since",
                    &[("at", &domain::time::moment(off.at)), ("reason", &off.reason),]
                )
            );
        }
    }
    let off = all.rules.iter().filter(|rule| is_off(rule)).count();
    eprintln!("{}", words.with("rules-list-sum", [("rules", all.rules.len().into()), ("off", off.into())]));
    Ok(ExitCode::SUCCESS)
}

/// Switches one off, with a reason, or on.
async fn switch(centre: &Centre, words: Words, id: &str, off: Option<&str>) -> anyhow::Result<ExitCode> {
    if !known(centre).await?.0.rules.iter().any(|rule| rule.about.called() == id) {
        bail!(words.with_texts("rules-unknown", &[("id", id)]));
    }
    let now = centre.clock.now();
    let done: Result<(), StoreError> = store::write!(centre.db, Actor::System, now, tx =>
        rules::switch(tx, &Scope::system(), id, off).await);
    refused(words, done)?;
    let key = if off.is_some() { "rules-switched-off" } else { "rules-switched-on" };
    println!("{}", words.with_texts(key, &[("id", id)]));
    Ok(ExitCode::SUCCESS)
}

/// Lets go of imported ones.
async fn remove(centre: &Centre, words: Words, ids: &[String], all: bool) -> anyhow::Result<ExitCode> {
    let (files, _) = kept(&mut centre.db.read().await?).await?;
    let named: BTreeSet<&String> = ids.iter().collect();
    if let Some(id) = named.iter().find(|id| !files.iter().any(|file| file.id == ***id)) {
        bail!(words.with_texts("rules-unknown", &[("id", id)]));
    }
    let gone: BTreeSet<String> =
        files.into_iter().map(|file| file.id).filter(|id| all || named.contains(id)).collect();
    let now = centre.clock.now();
    if !gone.is_empty() {
        let done: Result<(), StoreError> = store::write!(centre.db, Actor::System, now, tx =>
            rules::import(tx, &Scope::system(), &[], &gone).await);
        refused(words, done)?;
    }
    println!("{}", words.with("rules-removed", [("rules", gone.len().into())]));
    Ok(ExitCode::SUCCESS)
}

/// What the records refuse, in words.
pub fn refused(words: Words, done: Result<(), StoreError>) -> anyhow::Result<()> {
    match done {
        Err(StoreError::Refused(code)) => bail!(words.t(&format!("error-{code}"))),
        done => Ok(done?),
    }
}
