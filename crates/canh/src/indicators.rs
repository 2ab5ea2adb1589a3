//! `canh indicators`: lists of indicators, of any size, by whoever holds the machine.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, bail};
use clap::Subcommand;
use domain::{
    actor::{Actor, Scope},
    id::Id,
    indicator::Tlp,
    text::fold,
    time,
};
use store::{
    StoreError,
    indicators::{self, FILE_MAX, New, Terms},
};
use web::{Words, indicators::Unread};

use crate::{centre::Centre, config::Config, counts, data::Data};

/// Lists of indicators.
#[derive(Subcommand)]
pub enum Indicators {
    /// Take a file into a list: one a line, CSV with a heading, MISP's JSON, a STIX 2.1 bundle. A list of that name is
    /// added to; one that is not there is made. Exit code 1 if nothing could be taken.
    Add {
        /// The file.
        file: PathBuf,
        /// Whose list: the body's code or name.
        #[arg(long, value_name = "BODY")]
        body: String,
        /// What the list is called; by default the file's name.
        #[arg(long)]
        name: Option<String>,
        /// Put it in the place of all that is in the list.
        #[arg(long)]
        replace: bool,
        /// Of a new list: clear, green, amber, amber-strict, red.
        #[arg(long, default_value = "amber")]
        tlp: String,
        /// Of a new list: how sure, 0 to 100.
        #[arg(long, default_value_t = 75)]
        confidence: u8,
    },
    /// List the lists.
    List,
}

/// Runs one of its commands.
pub async fn run(config: Config, data: Data, words: Words, what: Indicators) -> anyhow::Result<ExitCode> {
    data.must_exist(words, config.database.url.is_some())?;
    let centre = Centre::open(config, data).await?;
    let done = match what {
        Indicators::List => list(&centre, words).await,
        Indicators::Add { file, body, name, replace, tlp, confidence } => {
            let Some(tlp) = Tlp::parse(&tlp) else { bail!("--tlp: clear, green, amber, amber-strict, red") };
            let file_name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let name = name.unwrap_or_else(|| file_name.clone());
            add(&centre, words, (&file, &file_name), &body, &name, replace, (tlp, confidence)).await
        }
    };
    centre.db.close().await;
    done
}

async fn list(centre: &Centre, words: Words) -> anyhow::Result<ExitCode> {
    let found = indicators::list(&mut centre.db.read().await?, &Scope::system(), None).await?;
    for s in &found {
        println!("{:>10}  {}  {} · {}", s.entries, s.id, s.body_name, s.terms.name);
    }
    if found.is_empty() {
        println!("{}", words.t("indicator-none"));
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(
    centre: &Centre,
    words: Words,
    (file, file_name): (&PathBuf, &str),
    body: &str,
    name: &str,
    replace: bool,
    (tlp, confidence): (Tlp, u8),
) -> anyhow::Result<ExitCode> {
    let now = centre.clock.now();
    let size = tokio::fs::metadata(file).await.with_context(|| file.display().to_string())?.len();
    if size > FILE_MAX {
        bail!("{}: {}", file.display(), words.t("error-indicator-many"));
    }
    let bytes = tokio::fs::read(file).await.with_context(|| file.display().to_string())?;
    let mut sql = centre.db.read().await?;
    let body = counts::body(&mut sql, words, body).await?;
    let all = indicators::list(&mut sql, &Scope::system(), Some(body)).await?;
    drop(sql);
    let held = all.iter().find(|s| s.body == body && fold(&s.terms.name) == fold(name)).map(|s| s.id);
    let tools = (&centre.db, &centre.blobs, &*centre.ids);
    let pack = centre.legal.on(time::date(now));
    let part = match web::indicators::read_part(tools, (pack, now), file_name, &bytes, replace).await {
        Ok(part) => part,
        Err(Unread::Shape(why)) => bail!(words.with_texts("error-indicator-shape", &[("why", &why)])),
        Err(Unread::Store(error)) => return Err(error.into()),
        Err(Unread::Died(why)) => bail!(why),
    };
    drop(bytes);
    for fault in &part.problems {
        let why = words.t(&format!("request-why-{}", fault.why));
        eprintln!("{}: {} – {why}", fault.place, fault.text);
    }
    if part.kinds.is_empty() {
        println!("{}", words.t("error-indicator-none"));
        return Ok(ExitCode::FAILURE);
    }
    let id = held.unwrap_or_else(|| Id::new(&*centre.ids));
    let terms =
        Terms { name: name.to_owned(), origin: String::new(), tlp, confidence, from: now, until: None };
    let done: Result<(), StoreError> = store::write!(centre.db, Actor::System, now, tx => {
        if held.is_none() {
            let new = New { id, body, letter: None, terms: terms.clone() };
            indicators::create(tx, &Scope::system(), &new).await?;
        }
        indicators::import(tx, &Scope::system(), id, &part).await
    });
    done?;
    let taken: u64 = part.kinds.values().sum();
    let said = [("taken", taken), ("merged", part.merged), ("passed", part.passed), ("faults", part.faults)];
    println!("{}", words.with("indicator-command-added", said.map(|(k, n)| (k, n.into()))));
    Ok(ExitCode::SUCCESS)
}
