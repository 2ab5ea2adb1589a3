//! `canh lake`: the events that were kept.

use std::process::ExitCode;

use anyhow::Context;
use web::Words;

use crate::{cli::Lake, data::Data};

/// Runs one of its commands.
pub fn run(data: &Data, words: Words, what: &Lake) -> anyhow::Result<ExitCode> {
    match what {
        Lake::Verify => verify(data, words),
    }
}

/// Reads the log and every file of the table. What is being written meanwhile is passed over.
fn verify(data: &Data, words: Words) -> anyhow::Result<ExitCode> {
    let (log, table) = (data.path("events"), data.path("lake"));
    let (batches, records, damage) = match log.exists() {
        true => ::lake::verify(&log).with_context(|| log.display().to_string())?,
        false => (0, 0, Vec::new()),
    };
    let found = ::lake::check(&table).with_context(|| table.display().to_string())?;
    let number = |n: u64| n.to_string();
    println!(
        "{}",
        words.with_texts("lake-log", &[("batches", &number(batches)), ("records", &number(records))])
    );
    for place in &damage {
        let (at, bytes) = (place.at.to_string(), place.bytes.to_string());
        println!("{}", words.with_texts("lake-log-damage", &[("at", &at), ("bytes", &bytes)]));
    }
    let (files, events) = (number(found.files as u64), number(found.events));
    println!("{}", words.with_texts("lake-table", &[("files", &files), ("events", &events)]));
    for wrong in &found.wrong {
        println!("{}", words.with_texts("lake-wrong", &[("what", wrong)]));
    }
    for (from, to) in &found.gaps {
        let (from, to) = (from.to_string(), to.to_string());
        println!("{}", words.with_texts("lake-gap", &[("from", &from), ("to", &to)]));
    }
    let whole = damage.is_empty() && found.wrong.is_empty() && found.gaps.is_empty();
    println!("{}", words.t(if whole { "lake-whole" } else { "lake-broken" }));
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
