//! Measurements, each one file here and one line in [`BENCHES`].
//!
//! A bench links the crate it measures, so the whole table stands behind the feature `bench`, and `cargo xtask bench`
//! re-runs itself with it in a release build: figures of a debug build would only mislead.

#[cfg(feature = "bench")]
mod board;
#[cfg(feature = "bench")]
mod clicks;
#[cfg(feature = "bench")]
mod feeds;
#[cfg(feature = "bench")]
mod gauge;
#[cfg(feature = "bench")]
mod letter;
#[cfg(feature = "bench")]
mod mail;
#[cfg(feature = "bench")]
mod notice;
#[cfg(feature = "bench")]
mod report;
#[cfg(feature = "bench")]
mod review;
#[cfg(feature = "bench")]
mod rounds;

use std::process::ExitCode;

use anyhow::{Context, Result};

/// A bench's name, what it measures, and how to run it with the arguments after its name.
#[cfg(feature = "bench")]
type Bench = (&'static str, &'static str, fn(&[&str]) -> Result<()>);

#[cfg(feature = "bench")]
const BENCHES: &[Bench] = &[
    ("board", "1,000 bodies × 20 duties: page, weight, judging, one acknowledgement, clicks", board::run),
    ("letter", "processor time per letter over corpus/letters", letter::run),
    (
        "report",
        "a report of 1,000 bodies × 20 duties as PDF and Word: time and memory; a folder keeps the files",
        report::run,
    ),
    ("notice", "20,000 people of a list: letters through a real SMTP server, receipts, pages", notice::run),
    (
        "review",
        "a warning with 50 flaws over 10,000 machines: judging, one advisory more, pages",
        review::run,
    ),
    (
        "feeds",
        "250,000 CVE records and 608,000 rows of Microsoft's updates read into records; or the files named",
        feeds::run,
    ),
    (
        "rounds",
        "quick reports of 1,000 bodies over ten days: every miss chased as configured, none twice",
        rounds::run,
    ),
];

/// Runs the bench named first in `args`, or lists all.
///
/// # Errors
/// When the bench fails, or is not known.
#[cfg(feature = "bench")]
pub fn run(args: &[&str]) -> Result<ExitCode> {
    let [name, rest @ ..] = args else {
        for (name, what, _) in BENCHES {
            println!("{name:12} {what}");
        }
        return Ok(ExitCode::SUCCESS);
    };
    let (_, _, bench) = BENCHES
        .iter()
        .find(|(known, ..)| known == name)
        .with_context(|| format!("no bench is called {name}; `cargo xtask bench` lists them"))?;
    bench(rest)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the tool again, optimised and with the benches, and hands over to it.
///
/// # Errors
/// When cargo cannot be started.
#[cfg(not(feature = "bench"))]
pub fn run(args: &[&str]) -> Result<ExitCode> {
    let status = std::process::Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["run", "--quiet", "--release", "--package", "xtask", "--features", "bench", "--", "bench"])
        .args(args)
        .status()
        .context("could not start cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
