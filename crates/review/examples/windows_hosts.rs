//! Verdicts on real Windows hosts against what their running builds say:
//! `cargo run --release --example windows_hosts -- HOSTS ADVISORIES`.
//!
//! HOSTS holds scan results (JSON with `release`, `runningKernel.version`, `windowsKB.applied`); ADVISORIES Microsoft's
//! documents. The truth of a host and a flaw is: the advisory names the host's product with a build, and the running build
//! is older. Three ways are judged: with everything; with builds taken out of the advisories of the flaw (updates, what
//! they contain, and the table of builds stay); and without the host's revision, by its list of updates alone, where hosts
//! that list what they do not run are told apart: their lists contradict what is taken as the truth.
#![allow(clippy::print_stdout, clippy::expect_used, clippy::indexing_slicing)]

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use domain::inventory::{Family, Inventory, Os, build_of_caption};
use review::{
    advisory::{Feed, Product, Statement, read},
    judge::{Knowledge, State, judge, not_effective},
    version::compare_numbers,
};

fn main() {
    let mut args = std::env::args().skip(1);
    let (hosts, advisories) = (args.next().expect("HOSTS"), args.next().expect("ADVISORIES"));
    let mut feed = Feed::default();
    for path in files(&advisories) {
        match read(&path, &fs::read(&path).expect("a file")) {
            Ok(more) => feed.append(more),
            Err(error) => println!("{path}: {error}"),
        }
    }
    let knowledge = Knowledge::new(feed);
    println!("{} advisories", knowledge.advisories.len());
    let ways = ["everything", "no builds in the advisory", "updates only"];
    let mut sums: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    let (mut used, mut dump) = (0, String::new());
    for path in files(&hosts) {
        let Some(host) = host(&fs::read_to_string(&path).expect("a file")) else { continue };
        let os = host.os.as_ref().expect("a system");
        let (Some(running), Some(branch)) = (os.running(), os.build.clone()) else {
            println!("{path}: no running build");
            continue;
        };
        let product = Product::new(os.product.as_deref().unwrap_or_default());
        let truth: Vec<(usize, bool)> = knowledge
            .advisories
            .iter()
            .enumerate()
            .filter_map(|(at, a)| {
                let builds: Vec<&str> = a
                    .statements
                    .iter()
                    .filter_map(|s| match s {
                        Statement::Microsoft(m) if m.product == product => Some(&m.fixes),
                        _ => None,
                    })
                    .flatten()
                    .filter_map(|f| f.build.as_deref())
                    .filter(|b| b.starts_with(&format!("{branch}.")))
                    .collect();
                let mended = builds.iter().any(|b| compare_numbers(&running, b).is_ge());
                (!builds.is_empty()).then_some((at, !mended))
            })
            .collect();
        if truth.is_empty() {
            println!("{path}: nothing is said of {product} with a build");
            continue;
        }
        used += 1;
        let contradicted = not_effective(&host, &knowledge);
        let mut line = format!(
            "{} {running}: {} flaws, {} open",
            Path::new(&path).file_stem().expect("name").to_string_lossy(),
            truth.len(),
            truth.iter().filter(|t| t.1).count()
        );
        for way in ways {
            let mut host = host.clone();
            if way == "updates only" {
                host.os.as_mut().expect("a system").ubr = None;
            }
            let told = match way {
                "updates only" if !contradicted.is_empty() => {
                    "updates only, of hosts that contradict themselves"
                }
                way => way,
            };
            let sum = sums.entry(told).or_default();
            let mut own = [0; 4];
            for (at, open) in &truth {
                let mut advisory = knowledge.advisories[*at].clone();
                if way == "no builds in the advisory" {
                    for statement in &mut advisory.statements {
                        if let Statement::Microsoft(m) = statement {
                            m.fixes.iter_mut().for_each(|f| f.build = None);
                        }
                    }
                }
                let state = judge(&host, &advisory, &knowledge).state;
                let said = matches!(state, State::Affected | State::NotEffective);
                let place = match (said, *open) {
                    (true, true) => 0,
                    (true, false) => 1,
                    (false, true) => 2,
                    (false, false) => 3,
                };
                if way == "everything" {
                    let name = Path::new(&path).file_stem().expect("name").to_string_lossy();
                    let _ =
                        writeln!(dump, "{name}\t{}\t{}\t{}", advisory.id, u8::from(*open), u8::from(said));
                }
                own[place] += 1;
                sum[place] += 1;
                if state == State::Unknown && std::env::var_os("SHOW").is_some() {
                    println!("unknown: {} {way}", advisory.id);
                }
            }
            line += &format!(" | {way}: +{} false {} missed {}", own[0], own[1], own[2]);
        }
        println!("{line} | listed, not running: {contradicted:?}");
    }
    if let Some(to) = std::env::var_os("DUMP") {
        fs::write(to, dump).expect("written");
    }
    println!("{used} hosts");
    for (way, [hit, wrong, missed, _]) in sums {
        let share = |a: usize, b: usize| if a + b == 0 { 1.0 } else { a as f64 / (a + b) as f64 };
        println!(
            "{way}: precision {:.4}, recall {:.4} ({hit} right, {wrong} wrong, {missed} missed)",
            share(hit, wrong),
            share(hit, missed)
        );
    }
}

fn files(dir: &str) -> Vec<String> {
    let mut all: Vec<String> = fs::read_dir(dir)
        .expect("a folder")
        .flatten()
        .map(|e| e.path().to_string_lossy().into_owned())
        .filter(|p| p.ends_with("xml") || p.ends_with("json") || p.ends_with("csv"))
        .collect();
    all.sort();
    all
}

fn host(text: &str) -> Option<Inventory> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let release = value["release"].as_str()?;
    let (build, ubr) = build_of_caption(value["runningKernel"]["version"].as_str()?)?;
    let kbs =
        value["windowsKB"]["applied"].as_array()?.iter().filter_map(|k| k.as_str()?.parse().ok()).collect();
    Some(Inventory {
        host: value["serverName"].as_str().map(str::to_owned),
        os: Some(Os {
            family: Family::Windows,
            name: release.into(),
            build: Some(build),
            ubr,
            product: Some(release.into()),
            ..Os::default()
        }),
        kbs,
        kbs_listed: true,
        ..Inventory::default()
    })
}
