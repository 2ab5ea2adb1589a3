//! `canh rules import`: rules of others into the centre.

use std::{io::Read, path::PathBuf, process::ExitCode};

use ::detect::{
    book::Text,
    import::{self, Plan, Status, Wanted, is_rule},
};
use clap::{Args, builder::PossibleValuesParser, builder::TypedValueParser};
use domain::actor::{Actor, Scope};
use intake::rules::kept;
use store::{
    StoreError,
    rules::{self, TEXT_MAX},
};
use web::Words;

use super::{Level, held, load};
use crate::{
    archive::{Found, Walk},
    centre::Centre,
    events,
};

/// The most bytes of one archive, unpacked, and of all files together: SigmaHQ's repository has 30 MB of rules.
const UNPACKED: u64 = 512 << 20;

/// What to take.
#[derive(Args)]
pub struct Import {
    /// Files, folders, zips.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Leave out rules that are less grave.
    #[arg(long, value_name = "LEVEL", default_value = "informational")]
    min_level: Level,
    /// Take only rules of these statuses, by commas; by default all but deprecated and unsupported ones.
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = status())]
    status: Vec<Status>,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
}

fn status() -> impl TypedValueParser<Value = Status> {
    PossibleValuesParser::new(Status::ALL.map(Status::word))
        .try_map(|word| Status::of(&word).ok_or("no such status"))
}

/// Takes rules in.
pub async fn run(centre: &Centre, words: Words, how: &Import) -> anyhow::Result<ExitCode> {
    let files = gather(words, &how.paths)?;
    let (held, off) = kept(&mut centre.db.read().await?).await?;
    let brought = events::brought(&centre.config.intake, &centre.data.path(""))?;
    let wanted = Wanted { min_level: how.min_level.into(), statuses: how.status.clone() };
    let plan = import::plan(&brought, &wanted, files, &held, &off)?;
    if !how.dry_run && (!plan.put.is_empty() || !plan.gone.is_empty()) {
        let now = centre.clock.now();
        let done: Result<(), StoreError> = store::write!(centre.db, Actor::System, now, tx =>
            rules::import(tx, &Scope::system(), &plan.put, &plan.gone).await);
        held::refused(words, done)?;
    }
    say(words, &plan, how.dry_run);
    Ok(if plan.is_any() || plan.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads all files of rules; what cannot be read is said.
fn gather(words: Words, paths: &[PathBuf]) -> anyhow::Result<Vec<Text>> {
    let mut all = Vec::new();
    let mut left = UNPACKED;
    let walk = Walk { words, fits: &is_rule, most: UNPACKED };
    let mut each = |found: Found<'_>| {
        let mut bytes = Vec::new();
        found.bytes.take(TEXT_MAX as u64 + 1).read_to_end(&mut bytes)?;
        left = left.saturating_sub(bytes.len() as u64);
        anyhow::ensure!(bytes.len() <= TEXT_MAX && left > 0, words.t("archive-large"));
        all.push((below(paths, &found.name), import::text(&bytes)));
        Ok(())
    };
    let mut failed = |name: &str, error: &anyhow::Error| eprintln!("canh: {name}: {error:#}");
    walk.each(paths, &mut each, &mut failed)?;
    Ok(all)
}

/// A name without the folders above what was asked for: where somebody keeps a release says nothing of its rules.
fn below(paths: &[PathBuf], name: &str) -> String {
    let above = paths.iter().filter_map(|path| path.parent()?.to_str());
    let cut = above.filter_map(|above| name.strip_prefix(above)).min_by_key(|rest| rest.len());
    cut.unwrap_or(name).trim_start_matches('/').to_owned()
}

fn say(words: Words, plan: &Plan, dry: bool) {
    for (file, problem) in &plan.refused {
        println!("{file}:{} {}", problem.at, load::say(words, problem));
    }
    if !plan.left.is_empty() {
        let left: Vec<String> = plan.left.iter().map(|(word, n)| format!("{word} {n}")).collect();
        println!("{}", words.with_texts("rules-import-left", &[("left", &left.join(", "))]));
    }
    for (key, n) in [
        ("rules-import-others", plan.others),
        ("rules-import-gone", plan.gone.len()),
        ("rules-import-off", plan.off),
    ] {
        if n > 0 {
            println!("{}", words.with(key, [("count", n.into())]));
        }
    }
    let ending = words.t(if dry { "command-dry-run" } else { "rules-import-live" });
    let said = [
        ("new", plan.new.into()),
        ("changed", plan.changed.into()),
        ("same", plan.same.into()),
        ("refused", plan.refused.len().into()),
        ("ending", ending.into()),
    ];
    println!("{}", words.with("rules-import-sum", said));
}
