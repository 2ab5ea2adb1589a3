//! The centre's one binary: reads config, wires the floors below, owns the clock, the ids and the secrets.

// In the place of the standard ones, in all files below.
macro_rules! print {
    ($($said:tt)*) => { crate::out::out(format_args!($($said)*)) };
}
macro_rules! println {
    ($($said:tt)*) => { crate::out::out(format_args!("{}\n", format_args!($($said)*))) };
}
macro_rules! eprintln {
    ($($said:tt)*) => { crate::out::err(format_args!("{}\n", format_args!($($said)*))) };
}

mod archive;
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
mod hunt;
mod import;
mod indicators;
mod lake;
mod letter;
mod logs;
mod machines;
mod out;
mod report;
mod runtime;
mod serve;
mod user;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: sandbox::Allocator = sandbox::Allocator;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    // Before anything else, while there is one thread: the child that opens hostile files.
    if args.next().is_some_and(|a| a == "worker") {
        match args.next() {
            Some(what) if what == "paper" => return paper::work(),
            Some(what) if what == "sql" => return sql::work(),
            Some(what) if what == "tool" => return paper::scan::tool(args),
            _ => {}
        }
    }
    cli::run()
}
