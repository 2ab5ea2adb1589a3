//! `canh inventory read` and `canh review`: reports and advisories from files, verdicts without a centre.

mod files;
mod import;
pub mod scan;
mod show;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use domain::inventory::{Inventory, merge};
use review::{
    advisory,
    inventory::{self, place},
    judge::{Knowledge, State, Verdict, judge, together},
};
use serde::Serialize;
use web::Words;

/// Reports of what is on machines.
#[derive(Subcommand)]
pub enum Inventories {
    /// Read reports of any kind (systeminfo, Get-HotFix, dpkg, rpm, SBOM, scans …) and say what was not understood.
    Read {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// How to write it.
        #[arg(long, value_enum, default_value_t = Form::Table)]
        format: Form,
    },
    /// Look at this machine, or at a disk mounted somewhere: packages, archives of Java within each other, libraries of
    /// Python, Node and PHP, programs in Go; a report for the centre.
    Scan(scan::How),
    /// Write the collectors: scripts that write down what is on a machine without an agent.
    Collector {
        /// Into which folder.
        #[arg(default_value = ".")]
        to: PathBuf,
        /// The address of an upload link: then they send what they wrote there.
        #[arg(long)]
        url: Option<String>,
    },
}

pub use import::{collectors, import};

/// Which machines are concerned.
#[derive(Args)]
pub struct Review {
    /// Advisories: CVE records, OSV, CSAF, Microsoft's documents, CISA's catalogue, EPSS.
    #[arg(long, value_name = "DIR")]
    advisories: PathBuf,
    /// Reports of machines; what lies in a folder of its own belongs to one machine.
    #[arg(long, value_name = "DIR")]
    inventory: PathBuf,
    /// How to write it.
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,
    /// Only these flaws, and what is said of them even where nothing is known; may be repeated.
    #[arg(long, value_name = "CVE")]
    cve: Vec<String>,
    /// Also list what is fixed or not affected.
    #[arg(long)]
    all: bool,
}

/// Ways to write what was found.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// A machine and what was found of it.
#[derive(Serialize)]
struct Machine {
    #[serde(flatten)]
    host: Inventory,
    /// Updates that are listed and do not run.
    not_running: Vec<(u32, String)>,
    flaws: Vec<Flaw>,
}

/// One flaw on one machine.
#[derive(Serialize)]
struct Flaw {
    cve: String,
    state: State,
    severity: Option<String>,
    exploited: bool,
    likely: Option<f64>,
    verdicts: Vec<Verdict>,
}

/// Reads the files and prints what they say. Exit code 1 if one was not read.
pub fn read(words: Words, paths: &[PathBuf], form: Form) -> anyhow::Result<ExitCode> {
    let (mut all, mut failed) = (Vec::new(), false);
    for path in paths {
        match files::bytes(path, words).and_then(|bytes| files::inventory(path, &bytes, words)) {
            Ok(read) => all.push((path.clone(), read)),
            Err(why) => {
                failed = true;
                eprintln!("canh: {why:#}");
            }
        }
    }
    match form {
        Form::Table => all.iter().for_each(|(path, read)| show::read(words, path, read)),
        Form::Json => {
            let hosts: Vec<&Inventory> = all.iter().flat_map(|(_, read)| &read.hosts).collect();
            let odd: BTreeMap<String, _> =
                all.iter().map(|(p, r)| (p.display().to_string(), &r.odd)).collect();
            println!("{}", serde_json::to_string_pretty(&serde_json::json!({ "hosts": hosts, "odd": odd }))?);
        }
        Form::Csv => show::packages(all.iter().flat_map(|(_, read)| &read.hosts)),
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Judges every machine. Exit code 1 if one is affected, or mended without effect.
pub fn review(words: Words, how: &Review) -> anyhow::Result<ExitCode> {
    let hosts = hosts(words, &how.inventory)?;
    let knowledge = knowledge(words, &how.advisories)?;
    let machines: Vec<Machine> = hosts.into_iter().map(|host| machine(host, &knowledge, &how.cve)).collect();
    match how.format {
        Form::Table => show::machines(words, &machines, how.all, knowledge.advisories.len()),
        Form::Json => println!("{}", serde_json::to_string_pretty(&machines)?),
        Form::Csv => show::flaws(words, &machines, how.all),
    }
    let open = |flaw: &Flaw| matches!(flaw.state, State::Affected | State::NotEffective);
    let any = machines.iter().flat_map(|m| &m.flaws).any(open);
    Ok(if any { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn hosts(words: Words, dir: &Path) -> anyhow::Result<Vec<Inventory>> {
    let mut reports = Vec::new();
    for path in files::below(dir)? {
        match files::bytes(&path, words).and_then(|bytes| files::inventory(&path, &bytes, words)) {
            Ok(read) => {
                show::odd(words, &path, &read);
                let own = files::machine(dir, &path);
                reports.extend(read.hosts.into_iter().map(|mut host| {
                    host.host = host.host.or_else(|| own.clone());
                    host
                }));
            }
            Err(why) => eprintln!("canh: {why:#}"),
        }
    }
    if reports.is_empty() {
        bail!(words.with_texts("review-command-no-inventory", &[("dir", &dir.display().to_string())]));
    }
    let mut hosts = merge(reports);
    for host in &mut hosts {
        place(host);
        if let Some(os) = &mut host.os {
            os.product = os.product.take().or_else(|| domain::inventory::product_of(os));
        }
    }
    Ok(hosts)
}

fn knowledge(words: Words, dir: &Path) -> anyhow::Result<Knowledge> {
    let mut feed = advisory::Feed::default();
    for path in files::below(dir)? {
        let name = path.display().to_string();
        let read = files::bytes(&path, words).map(|bytes| advisory::read(&name, &bytes));
        match read {
            Ok(Ok(more)) => feed.append(more),
            Ok(Err(why)) => eprintln!("canh: {}", files::refused(&path, &why, words)),
            Err(why) => eprintln!("canh: {why:#}"),
        }
    }
    if feed.advisories.is_empty() {
        bail!(words.with_texts("review-command-no-advisories", &[("dir", &dir.display().to_string())]));
    }
    Ok(Knowledge::new(feed))
}

fn machine(host: Inventory, knowledge: &Knowledge, asked: &[String]) -> Machine {
    let mut by_flaw: BTreeMap<String, Vec<&advisory::Advisory>> = BTreeMap::new();
    if asked.is_empty() {
        for advisory in knowledge.concerning(&host) {
            let cves: BTreeSet<&str> = advisory.cves().collect();
            if cves.is_empty() {
                by_flaw.entry(advisory.id.clone()).or_default().push(advisory);
            }
            for cve in cves {
                by_flaw.entry(cve.to_owned()).or_default().push(advisory);
            }
        }
    }
    for cve in asked {
        by_flaw.entry(cve.to_ascii_uppercase()).or_default().extend(knowledge.of(cve));
    }
    let flaws = by_flaw.into_iter().map(|(cve, advisories)| {
        let verdicts: Vec<Verdict> = advisories.iter().map(|a| judge(&host, a, knowledge)).collect();
        Flaw {
            state: together(&verdicts).unwrap_or(State::Unknown),
            severity: advisories.iter().find_map(|a| a.severity.clone()),
            exploited: knowledge.signals.exploited.contains_key(&cve),
            likely: knowledge.signals.likely.get(&cve).copied(),
            verdicts,
            cve,
        }
    });
    let mut flaws: Vec<Flaw> = flaws.collect();
    flaws.sort_by(|a, b| {
        let key = |f: &Flaw| (f.state, !f.exploited, rank(f.severity.as_deref()));
        key(a).cmp(&key(b)).then_with(|| a.cve.cmp(&b.cve))
    });
    let not_running = review::judge::not_effective(&host, knowledge);
    let not_running = not_running.into_iter().map(|(kb, build)| (kb, build.to_owned())).collect();
    Machine { host, not_running, flaws }
}

/// The worst grade first.
fn rank(severity: Option<&str>) -> usize {
    ["critical", "high", "medium", "low"].iter().position(|s| Some(*s) == severity).unwrap_or(4)
}

/// What is read is of no kind of ours: said the same way for reports and advisories.
type Refused = inventory::Refused;
