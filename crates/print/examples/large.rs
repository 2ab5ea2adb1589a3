//! A paper of a thousand bodies and twenty duties: how long its PDF and its Word file take, and how much memory at the
//! most. `large FOLDER [CELLS]` leaves the files in the folder; with a number of cells parts are of that size.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)]

use std::time::Instant;

use letter::model::{Attached, Part, compose};

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = args.next().unwrap();
    let cells = args.next().map(|n| n.parse().unwrap());
    let grid = || Part::Table(print::testing::table(1_000, 13));
    let mut facts = print::testing::facts(40);
    facts
        .appendices
        .push(Attached { title: "Kết quả".into(), parts: vec![grid(), grid()], landscape: true });
    let document = compose(&facts);
    print::ready().unwrap();
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = resident("VmRSS:");
    let clock = Instant::now();
    let pdf = match cells {
        Some(cells) => print::testing::pdf_in_parts(&document, cells).unwrap(),
        None => print::pdf(&document).unwrap(),
    };
    println!(
        "PDF   {:.2?}, {} bytes, {} MB at the most, {before} before",
        clock.elapsed(),
        pdf.len(),
        resident("VmHWM:")
    );
    std::fs::write(format!("{folder}/large.pdf"), pdf).unwrap();
    let clock = Instant::now();
    let docx = print::docx(&document).unwrap();
    println!("Word  {:.2?}, {} bytes, {} MB at the most", clock.elapsed(), docx.len(), resident("VmHWM:"));
    std::fs::write(format!("{folder}/large.docx"), docx).unwrap();
}

/// A line of what the kernel says of this process, in MB.
fn resident(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let found = status.lines().find_map(|l| l.strip_prefix(line)).unwrap();
    found.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() / 1024
}
