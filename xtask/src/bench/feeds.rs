//! Feeds as large as they come: 250,000 CVE records in a zip, 608,000 rows of Microsoft's updates as one table; given two
//! numbers, so many of each; given paths, those. Into new records, then again unchanged.
#![allow(clippy::disallowed_methods, reason = "a bench measures time")]

use std::{
    fmt::Write as _,
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use domain::{
    actor::{Actor, Scope},
    feed::{Place, Signed},
    id::{Id, kind},
};
use store::{
    StoreError,
    advisories::{self, NewFeed},
    testing::minute,
};
use watch::feeds::Feeds;
use web::testing::TestApp;

use super::gauge::{begin, ms};

/// Records and rows, if no numbers are given.
const RECORDS: usize = 250_000;
const ROWS: usize = 608_000;
/// Rows that speak of one flaw; in the real table they are some thirty.
const ROWS_A_FLAW: usize = 32;
/// The order's goals.
const TIME_MAX: Duration = Duration::from_secs(60);
const MEMORY_MAX: u64 = 1 << 20;

/// Runs it.
///
/// # Errors
/// When something does not answer, or a goal is missed.
pub fn run(args: &[&str]) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure(args))
}

async fn measure(args: &[&str]) -> Result<()> {
    let dir = std::env::temp_dir().join(format!("canh-bench-feeds-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let numbers: Vec<usize> = args.iter().filter_map(|n| n.parse().ok()).collect();
    let files = match args.len() == numbers.len() {
        true => {
            let (many, rows) = (numbers.first().copied(), numbers.get(1).copied());
            vec![records(&dir, many.unwrap_or(RECORDS))?, table(&dir, rows.unwrap_or(ROWS))?]
        }
        false => args.iter().map(PathBuf::from).collect(),
    };
    let mut missed = Vec::new();
    for file in &files {
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let (took, peak) = one(file).await?;
        if took > TIME_MAX || peak > MEMORY_MAX {
            missed.push(format!("{name}: {took:.1?}, {} MB", peak / 1024));
        }
    }
    std::fs::remove_dir_all(&dir)?;
    ensure!(missed.is_empty(), "over the goal: {}", missed.join("; "));
    Ok(())
}

async fn one(file: &Path) -> Result<(Duration, u64)> {
    let t = TestApp::new().await;
    let http = send::HttpConfig::default();
    let feeds = Feeds {
        db: t.db.db.clone(),
        blobs: t.app.blobs.clone(),
        ids: Arc::clone(&t.app.ids),
        fetcher: send::Fetcher::new(&http, [])?,
    };
    let (id, place) = (Id::<kind::Feed>::new(&*t.ids), file.to_str().context("a path of text")?);
    let new = NewFeed { id, name: "F", kind: Place::File, place, signed: Signed::No };
    let done: Result<(), StoreError> = store::write!(t.db.db, Actor::System, minute(0), tx => {
        advisories::add(tx, &Scope::system(), &new).await
    });
    done?;
    let feed = advisories::feed(&mut t.db.db.read().await?, &Scope::system(), id).await?;
    // The peak so far belongs to whoever made the files.
    std::fs::write("/proc/self/clear_refs", "5").context("resetting the peak of memory")?;
    let (before, clock, began) = (resident("VmRSS:")?, Instant::now(), begin());
    let came = feeds.read(&feed, minute(1)).await?;
    let (took, peak) = (clock.elapsed(), resident("VmHWM:")?);
    println!(
        "{place}: {} advisories in {took:.1?}, processor {}; {} MB at the most, {} before{}",
        came.taken.added,
        ms(began.cpu()),
        peak / 1024,
        before / 1024,
        came.trouble.map(|(why, name)| format!("; {} {name}", why.name())).unwrap_or_default(),
    );
    let clock = Instant::now();
    let again = feeds.read(&feed, minute(2)).await?;
    println!(
        "  again, unchanged: {:.1?}, {} written",
        clock.elapsed(),
        again.taken.added + again.taken.changed
    );
    Ok((took, peak))
}

fn resident(line: &str) -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let found = status.lines().find_map(|l| l.strip_prefix(line)).context("no such line")?;
    Ok(found.trim().trim_end_matches("kB").trim().parse()?)
}

/// Records as the CVE programme writes them, of vendors and products by the thousand.
fn records(dir: &Path, many: usize) -> Result<PathBuf> {
    let path = dir.join("cve.zip");
    let mut zip = zip::ZipWriter::new(BufWriter::new(File::create(&path)?));
    for n in 0..many {
        let (year, number) = (2099 - n / 40_000, 10_000 + n % 40_000);
        zip.start_file(format!("cves/{year}/{}xxx/CVE-{year}-{number}.json", number / 1000), options())?;
        write!(
            zip,
            r#"{{"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{{"cveId":"CVE-{year}-{number}","state":"PUBLISHED","datePublished":"{year}-01-12T00:00:00Z"}},"containers":{{"cna":{{"title":"Lỗi {n}","descriptions":[{{"lang":"en","value":"{}"}}],"metrics":[{{"cvssV3_1":{{"version":"3.1","vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","baseScore":9.8,"baseSeverity":"CRITICAL"}}}}],"references":[{{"url":"https://vendor-{}.example/{n}"}}],"affected":[{{"vendor":"Vendor {}","product":"Product {}","versions":[{{"version":"1.0","lessThan":"1.{}.0","status":"affected","versionType":"semver"}}]}}]}}}}}}"#,
            "Described at length, as such records are. ".repeat(20),
            n % 3_000,
            n % 3_000,
            n % 9_000,
            n % 97,
        )?;
    }
    zip.finish()?.flush()?;
    Ok(path)
}

/// One table of all of Microsoft's updates by product.
fn table(dir: &Path, rows: usize) -> Result<PathBuf> {
    let path = dir.join("updates.zip");
    let mut zip = zip::ZipWriter::new(BufWriter::new(File::create(&path)?));
    zip.start_file("updates.csv", options())?;
    zip.write_all(b"\"DatePosted\",\"CVE\",\"BulletinKB\",\"Title\",\"AffectedProduct\",\"AffectedComponent\",\"Severity\",\"Impact\",\"Supersedes\",\"Exploits\"\n")?;
    let mut line = String::new();
    for n in 0..rows {
        let (flaw, product) = (n / ROWS_A_FLAW, n % ROWS_A_FLAW);
        line.clear();
        writeln!(
            line,
            "\"2099{:02}12\",\"CVE-2099-{}\",\"{}\",\"Windows Kernel Elevation of Privilege Vulnerability\",\"Windows 10 Version {} for {}-based Systems\",\"\",\"Important\",\"Elevation of Privilege\",\"{}\",\"\"",
            1 + flaw % 12,
            10_000 + flaw,
            5_000_000 + flaw / 80 * 40 + product,
            1_500 + product / 2,
            ["x64", "ARM64"].get(product % 2).unwrap_or(&"x64"),
            5_000_000 + (flaw / 80).saturating_sub(1) * 40 + product,
        )?;
        zip.write_all(line.as_bytes())?;
    }
    zip.finish()?.flush()?;
    Ok(path)
}

fn options() -> zip::write::SimpleFileOptions {
    zip::write::SimpleFileOptions::default().compression_level(Some(1))
}
