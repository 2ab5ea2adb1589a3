//! `canh hunt`: the kept events of this machine looked through, beside a running centre or without one.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, bail};
use clap::Args;
use detect::indicators::{Builder, Indicators};
use domain::{actor::Scope, time};
use intake::Sought;
use jiff::SignedDuration;
use store::hunts::Hit;
use web::Words;

use crate::{
    centre::{self},
    config::Config,
    counts,
    data::Data,
    runtime::Wall,
};

/// What to look for.
#[derive(Args)]
pub struct Hunt {
    /// In the words of the search box: `host:web01 "failed password"`.
    #[arg(value_name = "QUERY")]
    query: Option<String>,
    /// A Sigma rule.
    #[arg(long, value_name = "FILE")]
    rule: Option<PathBuf>,
    /// Indicators: one a line, CSV with a heading, MISP's JSON, a STIX 2.1 bundle.
    #[arg(long, value_name = "FILE")]
    indicators: Option<PathBuf>,
    /// So many days back.
    #[arg(long, default_value_t = 30)]
    days: u32,
    /// Only events of that body and those below it, by code or name.
    #[arg(long, value_name = "BODY")]
    body: Option<String>,
    /// Events shown at most, the newest first; all are counted.
    #[arg(long, default_value_t = 100)]
    rows: usize,
    /// Write a line of JSON for each event.
    #[arg(long)]
    json: bool,
    /// Of a query: write the newest events, at most `--rows`, with all their columns into that file instead.
    #[arg(long, value_name = "FILE", requires = "query")]
    parquet: Option<PathBuf>,
}

/// Looks.
pub async fn run(config: Config, data: Data, words: Words, how: Hunt) -> anyhow::Result<ExitCode> {
    use domain::time::Clock;
    data.must_exist(words, config.database.url.is_some())?;
    let db = centre::records(&config, &data).await?;
    let now = Wall.now();
    let mut sql = db.read().await?;
    let under = match &how.body {
        Some(body) => Some(counts::body(&mut sql, words, body).await?),
        None => None,
    };
    let bodies: std::collections::BTreeSet<_> =
        store::events::bodies(&mut sql, &Scope::system(), under).await?.into_keys().collect();
    let n = bodies.len();
    let sought = match (&how.query, &how.rule, &how.indicators) {
        (Some(query), None, None) => Sought::query(query, bodies)?,
        (None, Some(rule), None) => Sought::rule(&text(rule).await?, bodies)?,
        (None, None, Some(file)) => {
            let law = centre::law(&config)?;
            let guard = store::requests::guard(&mut sql, law.on(time::date(now))).await?.watching();
            Sought::list(read(&text(file).await?, &guard, now)?, bodies)
        }
        _ => bail!(words.t("command-hunt-what")),
    };
    drop(sql);
    let table = data.path("lake");
    let rows = how.rows;
    let from = now.checked_sub(SignedDuration::from_hours(24 * i64::from(how.days))).context("--days")?;
    let file = how.parquet.clone();
    let looked = tokio::task::spawn_blocking(move || {
        let view = lake::peek(&table).with_context(|| table.display().to_string())?;
        match &file {
            None => sought.look(&view, (from, now), rows, &|| None),
            Some(path) => {
                let file = std::fs::File::create(path).with_context(|| path.display().to_string())?;
                sought.export(&view, (from, now), rows, file, &|| None).map(|a| a.map(|a| (a, Vec::new())))
            }
        }
    });
    let Some((answer, found)) = looked.await?? else { bail!("stopped") };
    for hit in &found {
        if how.json { json(hit)? } else { line(hit) }
    }
    let said = [("looked", answer.looked_at), ("bodies", n as u64), ("hits", answer.total)];
    eprintln!("{}", words.with("command-hunt-sum", said.map(|(k, n)| (k, n.into()))));
    db.close().await;
    Ok(if answer.total > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn text(file: &PathBuf) -> anyhow::Result<String> {
    let bytes = tokio::fs::read(file).await.with_context(|| file.display().to_string())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn read(
    text: &str,
    guard: &domain::request::filter::Guard,
    now: jiff::Timestamp,
) -> anyhow::Result<Indicators> {
    let mut builder = Builder::default();
    let report = share::indicators::read(text, guard, now, &mut |entry| {
        builder.add(entry.indicator.kind, &entry.indicator.value, 0, None);
    });
    let report = report.map_err(|why| anyhow::anyhow!(why.0))?;
    for problem in &report.problems {
        eprintln!("{}: {} ({})", problem.place, problem.text, problem.why);
    }
    Ok(builder.build())
}

fn line(hit: &Hit) {
    let because: Vec<String> = hit.because.iter().map(|b| format!("{}={}", b.field, b.value)).collect();
    println!("{}  {}  {}  {}", hit.at, hit.host, because.join(", "), hit.raw);
}

fn json(hit: &Hit) -> anyhow::Result<()> {
    let because: Vec<_> = hit
        .because
        .iter()
        .map(|b| serde_json::json!({ "field": b.field, "value": b.value, "asked": b.asked }))
        .collect();
    let event = serde_json::json!({
        "at": hit.at.to_string(), "body": hit.body, "host": hit.host, "because": because, "raw": hit.raw,
        "event": format!("{}-{}", hit.place.0, hit.place.1),
    });
    println!("{}", serde_json::to_string(&event)?);
    Ok(())
}
