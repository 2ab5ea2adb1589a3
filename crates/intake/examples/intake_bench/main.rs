//! Figures of the data path, on this machine, over loopback: `intake_bench MODE …`, of MODE
//! - `syslog SECONDS`: lines of 300 bytes over TCP → durable → judged by all our rules → in the table;
//! - `bulk|otlp|hec SECONDS`: the same over HTTP, a thousand events a request;
//! - `alert SECONDS RATE`: how long from sending a line to the alert whoever has the page open is told of;
//! - `soak SECONDS RATE`: syslog and `_bulk` mixed at a rate, memory every minute, everything counted at the end;
//! - `size FILE…`: bytes kept of lines (NDJSON or text), by column;
//! - `search MILLIONS DIR [NAME]`: makes a table of events of 30 days and asks it; a table that is there is asked only. With
//!   NAME only the questions whose name has that in it.
//!
//! `RULES=DIR` adds rules to our own. Everything is made in a folder of its own under the machine's temporary one.
#![allow(missing_docs, clippy::print_stdout, clippy::print_stderr, clippy::disallowed_methods)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // a bench may stop

mod ground;
mod load;
mod search;
mod size;

// The product's own, so that memory is the product's.
#[global_allocator]
static ALLOCATOR: sandbox::Allocator = sandbox::Allocator;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |n: usize, or: u64| args.get(n).and_then(|a| a.parse().ok()).unwrap_or(or);
    let run = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    match args.first().map(String::as_str) {
        Some("syslog") => run.block_on(load::flood(load::Way::Syslog, number(1, 10))),
        Some("bulk") => run.block_on(load::flood(load::Way::Bulk, number(1, 10))),
        Some("otlp") => run.block_on(load::flood(load::Way::Otlp, number(1, 10))),
        Some("hec") => run.block_on(load::flood(load::Way::Hec, number(1, 10))),
        Some("alert") => run.block_on(load::alerts(number(1, 30), number(2, 10_000))),
        Some("soak") => run.block_on(load::soak(number(1, 1_800), number(2, 5_000))),
        Some("size") => size::run(&args[1..]),
        Some("search") => search::run(number(1, 1), &args[2], args.get(3).map_or("", String::as_str)),
        _ => eprintln!(
            "syslog|bulk|otlp|hec SECONDS · alert|soak SECONDS RATE · size FILE… · search MILLIONS DIR"
        ),
    }
}
