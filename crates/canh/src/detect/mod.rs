//! `canh detect` and `canh rules`: rules over files, without a centre.

mod lint;
mod load;
mod out;
mod prove;
mod triage;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand, ValueEnum};
use web::Words;

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
    /// Logs: EVTX, NDJSON or text; files or folders.
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

/// Rules themselves.
#[derive(Subcommand)]
pub enum Rules {
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
pub fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    load::files(paths, load::is_rule)
}

/// `canh detect`.
pub fn detect(words: Words, how: &Detect) -> anyhow::Result<ExitCode> {
    triage::run(words, how)
}

/// `canh rules`.
pub fn rules(words: Words, what: &Rules) -> anyhow::Result<ExitCode> {
    match what {
        Rules::Test { dir } => prove::run(words, dir),
        Rules::Lint { paths } => lint::run(words, paths),
    }
}
