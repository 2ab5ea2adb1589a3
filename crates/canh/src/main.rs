//! The centre's one binary: reads config, wires the floors below, owns the clock, the ids and the secrets.
// A program talks to its user on standard output.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod audit;
mod backup;
mod centre;
mod cli;
mod config;
mod counts;
mod data;
mod demo;
mod detect;
mod doctor;
mod events;
mod feeds;
mod findings;
mod first;
mod heartbeat;
mod import;
mod lake;
mod letter;
mod logs;
mod machines;
mod report;
mod runtime;
mod serve;
mod user;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    // Before anything else, while there is one thread: the child that opens hostile files.
    if args.next().is_some_and(|a| a == "worker") {
        match args.next() {
            Some(what) if what == "paper" => return paper::work(),
            Some(what) if what == "tool" => return paper::scan::tool(args),
            _ => {}
        }
    }
    cli::run()
}
