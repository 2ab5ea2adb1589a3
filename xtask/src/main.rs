//! House work: `cargo xtask assets | tidy | bench`.
//!
//! What a person would otherwise have to remember: building the browser's files, keeping the house rules, measuring.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool talks to its terminal")]

mod assets;
mod bench;
mod tidy;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

const USAGE: &str = "\
cargo xtask <command>

  assets         build styles and scripts from ui/ (npm)
  tidy           check the house rules; each finding says where and what to do
  bench [NAME]   measure, in a release build; without NAME: list";

// The product's own, so that a bench's memory is the product's.
#[cfg(feature = "bench")]
#[global_allocator]
static ALLOCATOR: sandbox::Allocator = sandbox::Allocator;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    run(&args).unwrap_or_else(|error| {
        eprintln!("xtask: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(args: &[&str]) -> Result<ExitCode> {
    enter_root()?;
    match args {
        ["assets"] => assets::run().map(|()| ExitCode::SUCCESS),
        ["tidy"] => tidy::run(),
        ["bench", rest @ ..] => bench::run(rest),
        _ => {
            eprintln!("{USAGE}");
            Ok(ExitCode::from(2))
        }
    }
}

/// Every command works on paths from the project's root, wherever cargo was called from.
fn enter_root() -> Result<()> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").context("start this as `cargo xtask`")?;
    let root = Path::new(&manifest).parent().context("xtask lies in no folder")?;
    std::env::set_current_dir(root).with_context(|| format!("could not enter {}", root.display()))
}
