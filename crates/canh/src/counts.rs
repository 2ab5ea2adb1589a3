//! `canh import counts`: a list of machines or staff, counted and kept beside the register.

use std::{path::Path, process::ExitCode};

use anyhow::{Context, bail};
use domain::{
    actor::{Actor, Scope},
    counts::{Source, tally},
    id::{Id, kind},
    register::{machine_columns, read_machines},
    text::fold,
    time,
};
use jiff::civil::Date;
use store::{Sql, StoreError, counts, register::bodies::tree};

use web::Words;

use crate::{
    centre::{self, Centre},
    cli::Counts,
    config::Config,
    data::Data,
    import,
};

/// As the reader of tables allows.
const LIST_MAX: u64 = paper::limits::FILE as u64;

/// Counts a list; with `dry` only says what it comes to. Exit code 1 if the list cannot be understood.
pub async fn run(
    config: Config,
    data: Data,
    words: Words,
    file: &Path,
    how: &Counts,
    dry: bool,
) -> anyhow::Result<ExitCode> {
    data.must_exist(words, config.database.url.is_some())?;
    let source = how.source.as_deref().and_then(Source::parse);
    let Some(source) = source else { bail!(words.t("command-source-bad")) };
    let bytes = tokio::fs::read(file).await.with_context(|| format!("opening {}", file.display()))?;
    let worker = centre::worker()?;
    let book = match source {
        Source::Dhcp => paper::sheet::open_leases(&worker, &bytes).await,
        _ => paper::sheet::open(&worker, &bytes).await,
    };
    let read = read_machines(source, &import::rows(words, file, book)?);
    if !read.problems.is_empty() {
        import::say_problems(words, machine_columns(source), &read.problems);
        return Ok(ExitCode::FAILURE);
    }

    let centre = Centre::open(config, data).await?;
    let now = centre.clock.now();
    let today = time::date(now);
    let on = match how.on.as_deref() {
        Some(day) => day.parse::<Date>().with_context(|| format!("--on {day}"))?,
        None => today,
    };
    let body = body(&mut centre.db.read().await?, words, how.body.as_deref().unwrap_or_default()).await?;
    let tally = tally(source, &read.rows, on, centre.legal.on(today).count_rules());
    for (kind, n) in &tally.counts {
        println!("{n:>7}  {}", words.t(&format!("counts-kind-{kind}")));
    }
    for (why, n) in &tally.left_out {
        let what = words.with(&format!("counts-left-out-{why}"), [("n", (*n).into())]);
        println!("{:>7}  {}", "", words.with("counts-left-out", [("what", what.into())]));
    }
    if !dry {
        let blob = centre.blobs.put(centre.ids.next(), &*bytes, LIST_MAX).await?;
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let mime = paper::kind::sniff(&bytes).mime();
        let new = counts::NewCount {
            body,
            source,
            counts: &tally.counts,
            on,
            note: "",
            file: Some((&blob, &name, mime)),
            left_out: &tally.left_out,
        };
        let done: Result<u32, StoreError> = store::write!(centre.db, Actor::System, now, tx => {
            counts::record(tx, &Scope::system(), &*centre.ids, &new).await
        });
        println!("{}", words.t(if done? == 0 { "command-count-stood" } else { "command-count-recorded" }));
    } else {
        println!("{}", words.t("command-count-dry"));
    }
    centre.db.close().await;
    Ok(ExitCode::SUCCESS)
}

/// The body of that code or name.
pub async fn body(sql: &mut Sql, words: Words, text: &str) -> anyhow::Result<Id<kind::Body>> {
    let all = tree(sql, &Scope::system()).await?;
    let found: Vec<_> = all
        .iter()
        .filter(|n| n.body.code.as_deref() == Some(text) || fold(&n.body.name) == fold(text))
        .map(|n| n.body.id)
        .collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => bail!(words.with("command-body-unknown", [("body", text.into())])),
        _ => bail!(words.with("command-body-ambiguous", [("body", text.into())])),
    }
}
