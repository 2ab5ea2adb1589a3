//! `canh detect` and `canh rules`: rules over files, without a centre.

mod held;
mod import;
mod lint;
mod load;
mod out;
mod prove;
mod triage;

use std::{path::PathBuf, process::ExitCode};

use ::detect::pipeline::Pipeline;
use clap::{Args, Subcommand, ValueEnum};
use web::Words;

use crate::{config::Config, data::Data};

/// What to look for, and in what.
#[derive(Args)]
pub struct Detect {
    /// Rules: files or folders of Sigma YAML; may be repeated.
    #[arg(long, value_name = "DIR", required = true)]
    rules: Vec<PathBuf>,
    /// Pipelines (TOML) that fit rules to the logs at hand; may be repeated.
    #[arg(long, value_name = "FILE")]
    pipeline: Vec<PathBuf>,
    /// Leave out what is less grave.
    #[arg(long, value_name = "LEVEL", default_value = "informational")]
    level: Level,
    /// How what is found is written.
    #[arg(long, value_name = "FORM", default_value = "table")]
    out: Form,
    /// The zone of times that name none, such as Asia/Ho_Chi_Minh.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    zone: String,
    /// Logs: EVTX, NDJSON or text; files or folders, also packed as gz, zst or zip.
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,
}

/// How what is found is written.
#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub enum Form {
    /// For people: rules with their hits, gravest first.
    Table,
    /// One JSON object a hit, in the order of time.
    Jsonl,
    /// A timeline for a spreadsheet.
    Csv,
}

/// How grave.
#[derive(Clone, Copy, ValueEnum)]
pub enum Level {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl From<Level> for detect::Level {
    fn from(level: Level) -> Self {
        match level {
            Level::Informational => Self::Informational,
            Level::Low => Self::Low,
            Level::Medium => Self::Medium,
            Level::High => Self::High,
            Level::Critical => Self::Critical,
        }
    }
}

/// Rules themselves.
#[derive(Subcommand)]
pub enum Rules {
    /// Those of the centre.
    #[command(flatten)]
    Held(held::Held),
    /// Hold rules against their own events: NAME.events.yml beside NAME.yml. Exit code 1 if one does not do what it says.
    Test {
        /// The folder.
        dir: PathBuf,
    },
    /// Say what is wrong with rules, where, and what to write instead. Exit code 1 if one cannot be used.
    Lint {
        /// Files or folders.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
}

/// The rules under some files and folders.
pub fn rule_files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    load::files(paths, ::detect::import::is_rule)
}

pub use load::{files, text};

/// Pipelines of files.
pub fn pipelines(paths: &[PathBuf]) -> anyhow::Result<Vec<Pipeline>> {
    load::pipelines(paths)
}

/// `canh detect`.
pub fn detect(words: Words, how: &Detect) -> anyhow::Result<ExitCode> {
    triage::run(words, how)
}

/// `canh rules`.
pub async fn rules(
    config: impl FnOnce() -> anyhow::Result<Config>,
    data: &Data,
    words: Words,
    what: Rules,
) -> anyhow::Result<ExitCode> {
    match what {
        Rules::Test { dir } => prove::run(words, &dir),
        Rules::Lint { paths } => lint::run(words, &paths),
        Rules::Held(what) => held::run(config()?, data, words, what).await,
    }
}
