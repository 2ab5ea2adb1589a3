//! A report of 1,000 bodies × 20 duties: figures, what it rests on, the paper, the PDF, the Word file. How long, and how
//! much memory at the most.
#![allow(clippy::disallowed_methods, reason = "a bench measures time")]

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use domain::{
    actor::{Actor, Scope},
    id::Id,
    legal::Legal,
    report::ReportKind,
    right::Role,
    time,
};
use store::{
    StoreError,
    reports::{self, NewReport},
    testing::{issued, minute},
};
use web::testing::TestApp;

use super::board::{BODIES, CODES, vary};

/// The order's goal for the whole.
const GOAL: Duration = Duration::from_secs(5);
/// And for memory, in KiB.
const MEMORY_MAX: u64 = 300 * 1024;

/// Runs it. With a folder as argument it leaves the files there, to be looked at.
///
/// # Errors
/// When something does not answer, or a goal is missed.
pub fn run(args: &[&str]) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure(args.first().copied()))
}

async fn measure(folder: Option<&str>) -> Result<()> {
    let t = TestApp::new().await;
    let legal = Legal::builtin()?;
    let world = issued(&t.db.db, &*t.ids, BODIES, &CODES, minute(0), minute(1_000)).await;
    watch::evidence::evaluate_now(&t.db.db, &legal, minute(1)).await?;
    vary(&t, &world, &legal).await?;
    let scope = Scope::of(vec![(Role::Head, world.root)]);
    let now = minute(1_002);
    let pack = legal.on(time::date(now));
    let id = Id::new(&*t.ids);
    let mut sql = t.db.db.read().await?;
    let kind = ReportKind::Campaign;
    let draft =
        reports::propose(&mut sql, pack, kind, world.root, world.campaign, None, now, time::date(now))
            .await?;
    drop(sql);
    let new = NewReport { id, kind, body: world.root, campaign: world.campaign, assignment: None, draft };
    let made: Result<(), StoreError> =
        store::write!(t.db.db, Actor::System, now, tx => reports::create(tx, &scope, &new).await);
    made?;

    // The peak so far belongs to the world, not to the report.
    std::fs::write("/proc/self/clear_refs", "5").context("resetting the peak of memory")?;
    println!("before      {} MB", resident("VmRSS:")? / 1024);
    let whole = Instant::now();
    let step = |name: &str, since: Instant| println!("{name:11} {:.1?}", since.elapsed());
    let clock = Instant::now();
    let mut sql = t.db.db.read().await?;
    let report = reports::get(&mut sql, &scope, id).await?;
    let figures = reports::figures(&mut sql, &report, &legal, now).await?;
    step("figures", clock);
    let clock = Instant::now();
    let basis = reports::basis(&mut sql, &report, &figures, &figures.lines, now).await?;
    println!("basis       {} facts, {} verdicts", basis.facts.len(), basis.verdicts.len());
    let digest = reports::digest(&basis);
    drop(sql);
    step("digest", clock);
    let clock = Instant::now();
    let document = letter::report::paper(&report.draft, &figures, pack, "https://canh.example.gov.vn", None);
    step("paper", clock);
    let clock = Instant::now();
    let (pdf, docx) = print::both(&document)?;
    step("pdf, docx", clock);
    let (took, peak) = (whole.elapsed(), resident("VmHWM:")?);
    println!(
        "whole       {took:.1?}, at most {} MB, PDF {} bytes, Word {} bytes",
        peak / 1024,
        pdf.len(),
        docx.len()
    );
    println!("digest      {digest}");
    if let Some(folder) = folder {
        std::fs::write(format!("{folder}/report.pdf"), &pdf)?;
        std::fs::write(format!("{folder}/report.docx"), &docx)?;
    }
    ensure!(took <= GOAL, "the report takes {took:?}, the goal is {GOAL:?}");
    ensure!(peak <= MEMORY_MAX, "the report takes {peak} KiB, the goal is {MEMORY_MAX}");
    Ok(())
}

/// A line of what the kernel says of this process, in KiB.
fn resident(line: &str) -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let found = status.lines().find_map(|l| l.strip_prefix(line)).context("no such line")?;
    Ok(found.trim().trim_end_matches("kB").trim().parse()?)
}
