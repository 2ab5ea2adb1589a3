//! `canh letter read`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use letter::{Lexicon, Reader, Reading};
use sandbox::Worker;
use web::Words;

use crate::centre;

/// Reads the files, in their order. A file that cannot be read is named on standard error; the others are read.
pub async fn read(words: Words, files: &[PathBuf], json: bool) -> anyhow::Result<ExitCode> {
    let worker = centre::worker()?;
    let reader = Reader::new(&Lexicon::builtin());
    let mut readings = Vec::with_capacity(files.len());
    let mut failed = false;
    for file in files {
        match one(words, &worker, &reader, file).await {
            Ok(reading) => readings.push((file, reading)),
            Err(error) => {
                failed = true;
                eprintln!("canh: {}: {error:#}", file.display());
            }
        }
    }
    if json {
        let all: Vec<&Reading> = readings.iter().map(|(_, reading)| reading).collect();
        match (files, all.as_slice()) {
            ([_], [only]) => println!("{}", serde_json::to_string_pretty(only)?),
            ([_], _) => {}
            _ => println!("{}", serde_json::to_string_pretty(&all)?),
        }
    } else {
        for (file, reading) in &readings {
            println!("{}", table(words, file, reading));
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn one(words: Words, worker: &Worker, reader: &Reader, file: &Path) -> anyhow::Result<Reading> {
    let shut = || words.t("letter-command-shut");
    let len = tokio::fs::metadata(file).await.with_context(shut)?.len();
    let limit = paper::limits::FILE as u64;
    if len > limit {
        bail!(words.with("letter-command-large", [("size", (limit >> 20).into())]));
    }
    let bytes = tokio::fs::read(file).await.with_context(shut)?;
    let paper = paper::open(worker, &bytes).await?;
    Ok(reader.read(&paper.text))
}

/// For people: one line a value, what is blank left out.
fn table(words: Words, file: &Path, r: &Reading) -> String {
    let mut out = format!("{}\n", file.display());
    let mut line = |id: &str, value: String| {
        if !value.is_empty() {
            let name = words.t(&format!("letter-command-{id}"));
            let pad = 18_usize.saturating_sub(name.chars().count());
            out.push_str(&format!("  {name}{:pad$}{value}\n", ""));
        }
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    // A number the paper leaves blank is shown as a blank.
    let number = match (&r.number, &r.symbol) {
        (None, None) => String::new(),
        (number, None) => text(number),
        (number, Some(symbol)) => format!("{}/{symbol}", number.as_deref().unwrap_or("…")),
    };
    line("reference", number);
    line("date", text(&r.date));
    line("place", text(&r.place));
    line("issuer", text(&r.issuer));
    line("subject", text(&r.subject));
    for to in &r.to {
        line("to", to.to_string());
    }
    for basis in &r.basis {
        let parts = [Some(basis.reference.as_str()), basis.date.as_deref(), basis.issuer.as_deref()];
        line("basis", parts.into_iter().flatten().collect::<Vec<_>>().join(" · "));
    }
    line("occasion", r.occasions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    for duty in &r.duties {
        let actor = duty.actor.as_deref().map(|a| format!(" → {a}")).unwrap_or_default();
        line("duty", format!("{} {}{actor}", duty.path, duty.codes.join(", ")));
    }
    for contact in &r.contacts {
        line("contact", json(contact));
    }
    for deadline in &r.deadlines {
        line("deadline", json(deadline));
    }
    for vulnerability in &r.vulnerabilities {
        line("vulnerability", json(vulnerability));
    }
    line("urgency", r.urgency.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    line("problem", r.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    out
}

/// A small record on one line: its values that are not blank.
fn json(value: &impl serde::Serialize) -> String {
    fn words(value: &serde_json::Value, out: &mut Vec<String>) {
        match value {
            serde_json::Value::String(text) => out.push(text.clone()),
            serde_json::Value::Number(number) => out.push(number.to_string()),
            serde_json::Value::Array(list) => list.iter().for_each(|v| words(v, out)),
            serde_json::Value::Object(fields) => fields.values().for_each(|v| words(v, out)),
            serde_json::Value::Null | serde_json::Value::Bool(_) => {}
        }
    }
    let mut out = Vec::new();
    words(&serde_json::to_value(value).unwrap_or_default(), &mut out);
    out.join(" · ")
}
