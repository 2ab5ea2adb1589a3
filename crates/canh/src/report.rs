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
pub async fn run(config: Config, data: &Data, what: Report) -> anyhow::Result<ExitCode> {
    let Report::Verify { what } = what;
    data.must_exist(config.database.url.is_some())?;
    let db = centre::records(&config, data).await?;
    let blobs = Blobs::open_dir(&data.path(BLOBS)).await.context("opening the files")?;
    let legal = centre::law(&config)?;
    let mut sql = db.read().await?;
    let scope = Scope::system();
    let found = if Path::new(&what).is_file() {
        let bytes = tokio::fs::read(&what).await.with_context(|| format!("reading {what}"))?;
        reports::of_file(&mut sql, &scope, &hex::encode(Sha256::digest(&bytes))).await
    } else {
        let id: Id<kind::Report> =
            what.parse().with_context(|| format!("{what} is neither a file nor a report's id"))?;
        reports::get(&mut sql, &scope, id).await
    };
    let report = match found {
        Ok(report) => report,
        Err(StoreError::NotFound(_)) => {
            println!("This is no report that was signed off here, or it was altered since.");
            return Ok(ExitCode::FAILURE);
        }
        Err(other) => return Err(other.into()),
    };
    let Some(signed) = &report.signed else {
        bail!("report {} is a draft: nothing was signed off", report.id)
    };
    println!("report    {}", report.id);
    println!("of        {} on {}", report.body_name, report.campaign_name);
    println!("signed    {} by {}", time::local(signed.at).strftime("%d/%m/%Y %H:%M"), signed.by);
    println!("digest    {}", signed.digest);
    let found = reports::verify(&mut sql, &blobs, &report, &legal, Wall.now()).await?;
    let tasks: Vec<Id<kind::Task>> =
        found.compared.verdicts.iter().take(MOVED_MAX).filter_map(|m| m.what.parse().ok()).collect();
    let names = reports::task_names(&mut sql, &scope, &tasks).await?;
    drop(sql);
    db.close().await;
    for moved in &found.compared.numbers {
        println!("since     {}: {} → {}", moved.what, moved.then, moved.now);
    }
    for moved in found.compared.verdicts.iter().take(MOVED_MAX) {
        let what = names
            .get(&moved.what)
            .map_or_else(|| moved.what.clone(), |(body, code)| format!("{body}, {code}"));
        println!("since     {what}: {} → {}", moved.then, moved.now);
    }
    let more = found.compared.verdicts.len().saturating_sub(MOVED_MAX);
    if more > 0 {
        println!("since     and {more} more duties");
    }
    Ok(say(&found))
}

fn say(found: &Verified) -> ExitCode {
    for file in &found.broken {
        println!("FAULT     the kept {file} is missing or altered");
    }
    if !found.digest {
        println!("FAULT     what it was made from is not what was signed");
    }
    if !found.logged {
        println!("FAULT     the audit log says that something else was signed");
    }
    for altered in &found.compared.altered {
        match altered {
            Altered::Changed(id) => println!("FAULT     fact {id} says something else than it did"),
            Altered::Gone(id) => println!("FAULT     fact {id} is gone"),
        }
    }
    if found.good() {
        println!("The report is what was signed, and what it rests on is untouched.");
        ExitCode::SUCCESS
    } else {
        println!("The report, or what it rests on, was altered.");
        ExitCode::FAILURE
    }
}
