//! `canh report`.

use std::{path::Path, process::ExitCode};

use anyhow::{Context, bail};
use domain::{
    actor::Scope,
    id::{Id, kind},
    report::Altered,
    time::{self, Clock},
};
use sha2::{Digest, Sha256};
use store::{
    StoreError,
    blobs::Blobs,
    reports::{self, Verified},
};
use web::Words;

use crate::{
    centre,
    cli::Report,
    config::Config,
    data::{BLOBS, Data},
    runtime::Wall,
};

/// So many lines of what moved are printed; the page has more.
const MOVED_MAX: usize = 50;

/// Runs one of the report commands.
pub async fn run(config: Config, data: &Data, words: Words, what: Report) -> anyhow::Result<ExitCode> {
    let Report::Verify { what } = what;
    data.must_exist(words, config.database.url.is_some())?;
    let db = centre::records(&config, data).await?;
    let blobs = Blobs::open_dir(&data.path(BLOBS)).await.context("opening the files")?;
    let legal = centre::law(&config)?;
    let mut sql = db.read().await?;
    let scope = Scope::system();
    let found = if Path::new(&what).is_file() {
        let bytes = tokio::fs::read(&what)
            .await
            .with_context(|| words.with_texts("command-file-unread", &[("file", &what)]))?;
        reports::of_file(&mut sql, &scope, &hex::encode(Sha256::digest(&bytes))).await
    } else {
        let id: Id<kind::Report> =
            what.parse().with_context(|| words.with_texts("report-command-neither", &[("what", &what)]))?;
        reports::get(&mut sql, &scope, id).await
    };
    let report = match found {
        Ok(report) => report,
        Err(StoreError::NotFound(_)) => {
            println!("{}", words.t("report-command-unknown"));
            return Ok(ExitCode::FAILURE);
        }
        Err(other) => return Err(other.into()),
    };
    let Some(signed) = &report.signed else {
        bail!(words.with_texts("report-command-draft", &[("id", &report.id.to_string())]))
    };
    let of = [
        ("id", report.id.to_string()),
        ("body", report.body_name.clone()),
        ("campaign", report.campaign_name.clone()),
        ("at", time::local(signed.at).strftime("%d/%m/%Y %H:%M").to_string()),
        ("by", signed.by.clone()),
        ("digest", signed.digest.clone()),
    ];
    println!("{}", words.with_texts("report-command-of", &of.each_ref().map(|(k, v)| (*k, v.as_str()))));
    let found = reports::verify(&mut sql, &blobs, &report, &legal, Wall.now()).await?;
    let tasks: Vec<Id<kind::Task>> =
        found.compared.verdicts.iter().take(MOVED_MAX).filter_map(|m| m.what.parse().ok()).collect();
    let names = reports::task_names(&mut sql, &scope, &tasks).await?;
    drop(sql);
    db.close().await;
    for moved in &found.compared.numbers {
        say_since(words, &moved.what, &moved.then, &moved.now);
    }
    for moved in found.compared.verdicts.iter().take(MOVED_MAX) {
        let what = names
            .get(&moved.what)
            .map_or_else(|| moved.what.clone(), |(body, code)| format!("{body}, {code}"));
        say_since(words, &what, &moved.then, &moved.now);
    }
    let more = found.compared.verdicts.len().saturating_sub(MOVED_MAX);
    if more > 0 {
        println!("{}", words.with("report-command-more", [("more", (more as u64).into())]));
    }
    Ok(say(words, &found))
}

fn say_since(words: Words, what: &str, then: &dyn std::fmt::Display, now: &dyn std::fmt::Display) {
    let vars = [("what", what), ("then", &then.to_string()), ("now", &now.to_string())];
    println!("{}", words.with_texts("report-command-since", &vars));
}

fn say(words: Words, found: &Verified) -> ExitCode {
    let fault = |text: String| println!("FAULT  {text}");
    for file in &found.broken {
        fault(words.with_texts("report-command-file", &[("file", file)]));
    }
    if !found.digest {
        fault(words.t("report-command-digest"));
    }
    if !found.logged {
        fault(words.t("report-command-log"));
    }
    for altered in &found.compared.altered {
        match altered {
            Altered::Changed(id) => {
                fault(words.with_texts("report-command-changed", &[("fact", &id.to_string())]));
            }
            Altered::Gone(id) => fault(words.with_texts("report-command-gone", &[("fact", &id.to_string())])),
        }
    }
    if found.good() {
        println!("{}", words.t("report-command-whole"));
        ExitCode::SUCCESS
    } else {
        println!("{}", words.t("report-command-altered"));
        ExitCode::FAILURE
    }
}
