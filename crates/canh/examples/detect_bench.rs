//! Figures of `detect` and `normalise` on data outside the repository:
//! `detect_bench RULES MODE PATH…`, of MODE `lines` (NDJSON or text), `evtx`, `check` (engine against naive evaluator on
//! every event of the files), `regression` (SigmaHQ's `regression_data`), `write` (EVTX to flat NDJSON on standard output),
//! `indicators` (as `lines`, without and with `INDICATORS` made-up ones loaded, in turns), `glance` (lines looked at as a
//! hunt over the past does, without reading them from a table).
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use detect::{Matcher, Ruleset, Scratch, Sources};
use domain::event::Event;

/// Every file is read so often, for length: `ROUNDS`, or twenty times.
fn rounds() -> usize {
    std::env::var("ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(20)
}

// The product's own.
#[global_allocator]
static ALLOCATOR: sandbox::Allocator = sandbox::Allocator;

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let rules = PathBuf::from(args.next().unwrap_or_default());
    let mode = args.next().unwrap_or_default();
    let paths: Vec<PathBuf> = args.map(PathBuf::from).collect();
    let only = std::env::var("PRODUCT").ok();
    let texts: Vec<(String, String)> = files(&rules, "yml")
        .iter()
        .filter_map(|p| Some((p.display().to_string(), std::fs::read_to_string(p).ok()?)))
        .collect();
    let began = cpu();
    let mut set = Ruleset::default();
    let mut documents = 0;
    for (name, text) in &texts {
        let file = detect::rule::read::file(text);
        documents += file.documents.len() + file.refused;
        if let Some(only) = &only
            && !file.documents.iter().any(|d| {
                matches!(d, detect::rule::read::Document::Rule(r) if r.source.product.as_ref() == Some(only))
            })
        {
            continue;
        }
        set.add(name, file);
    }
    let parsed = cpu() - began;
    let (count, ..) = set.counts();
    let watch = set.watch(&[], &Sources::builtin())?;
    let loaded = cpu() - began;
    eprintln!(
        "{documents} documents, {count} rules, {} not used; read {parsed:.2?}, ready {loaded:.2?}, memory {} MB; groups, atoms, nodes {:?}",
        watch.skipped.len(),
        memory(),
        watch.matcher.size(),
    );
    let mut why: BTreeMap<&str, usize> = BTreeMap::new();
    for skipped in &watch.skipped {
        *why.entry(skipped.problem.code).or_default() += 1;
        if std::env::var("WHY").is_ok() {
            eprintln!("{} {}", skipped.file, skipped.problem);
        }
    }
    eprintln!("{why:?}");
    match mode.as_str() {
        "lines" => lines(&watch.matcher, &paths),
        "glance" => glance(&paths),
        "indicators" => indicators(&watch.matcher, &paths),
        "evtx" => evtx(&watch.matcher, &paths),
        "check" => check(&watch.matcher, &paths),
        "regression" => regression(&watch.matcher, &paths),
        "write" => write(&paths),
        _ => {}
    }
    Ok(())
}

fn lines(matcher: &Matcher, paths: &[PathBuf]) {
    let data: Vec<Vec<u8>> = paths.iter().filter_map(|p| std::fs::read(p).ok()).collect();
    let bytes: usize = data.iter().map(Vec::len).sum();
    let (mut scratch, mut event) = (Scratch::default(), Event::default());
    let (mut events, mut hits) = (0_u64, 0_u64);
    let began = cpu();
    for _ in 0..rounds() {
        for file in &data {
            let mut reader = normalise::Reader::default();
            for line in lines_of(file) {
                reader.line(line, &mut event);
                events += 1;
                hits += matcher.matches(&event, &mut scratch).len() as u64;
            }
        }
    }
    let all = cpu() - began;
    let began = cpu();
    for _ in 0..rounds() {
        for file in &data {
            let mut reader = normalise::Reader::default();
            for line in lines_of(file) {
                reader.line(line, &mut event);
            }
        }
    }
    let reading = cpu() - began;
    told("lines", events, hits, all);
    eprintln!("  of it reading {reading:.2?}; {bytes} bytes once");
}

/// Indicators as lists have them: half of them hashes, then names, URLs, addresses. None is of a real event.
fn made_up(n: usize) -> detect::indicators::Indicators {
    use domain::indicator::Kind;
    let mut builder = detect::indicators::Builder::with_room(n);
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    for at in 0..n {
        let list = u16::try_from(at % 50).unwrap_or(0);
        let (a, b) = (next(), next());
        let (kind, value) = match at % 20 {
            0..8 => (Kind::Sha256, format!("{a:016x}{b:016x}{:016x}{:016x}", next(), next())),
            8..10 => (Kind::Md5, format!("{a:016x}{b:016x}")),
            10..14 => (Kind::Domain, format!("{a:x}.h{}.example", b % 10_000)),
            14..17 => (Kind::Url, format!("http://{a:x}.example/{b:x}.exe")),
            17 => (Kind::Address, format!("2001:db8:{:x}::/48", a % 65_536)),
            _ => {
                let [w, x, y, z, ..] = a.to_be_bytes();
                (
                    Kind::Address,
                    if b % 50 == 0 { format!("{w}.{x}.{y}.0/24") } else { format!("{w}.{x}.{y}.{z}") },
                )
            }
        };
        builder.add(kind, &value, list, None);
    }
    builder.build()
}

fn glance(paths: &[PathBuf]) {
    let n = std::env::var("INDICATORS").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let data: Vec<Vec<u8>> = paths.iter().filter_map(|p| std::fs::read(p).ok()).collect();
    let lines: Vec<&str> =
        data.iter().flat_map(|file| lines_of(file)).filter_map(|l| std::str::from_utf8(l).ok()).collect();
    let bytes: usize = lines.iter().map(|l| l.len()).sum();
    let all = made_up(n);
    let (mut key, mut passed) = (String::new(), 0_u64);
    let began = cpu();
    for _ in 0..rounds() {
        passed += lines.iter().filter(|l| detect::indicators::glance(&all, l, &mut key)).count() as u64;
    }
    let took = cpu() - began;
    told("lines looked at", (lines.len() * rounds()) as u64, passed, took);
    eprintln!("  {} bytes a line; {} indicators", bytes / lines.len().max(1), all.len());
}

fn indicators(matcher: &Matcher, paths: &[PathBuf]) {
    let n = std::env::var("INDICATORS").ok().and_then(|n| n.parse().ok()).unwrap_or(5_000_000);
    let data: Vec<Vec<u8>> = paths.iter().filter_map(|p| std::fs::read(p).ok()).collect();
    let (before, began) = (memory(), cpu());
    let none = detect::indicators::Indicators::default();
    let all = made_up(n);
    eprintln!("{} indicators ready in {:.2?}; memory {before} → {} MB", all.len(), cpu() - began, memory());
    let (mut scratch, mut event) = (Scratch::default(), Event::default());
    let mut spotter = detect::indicators::Spotter::default();
    let mut spent = [Duration::ZERO; 2];
    let (mut events, mut hits, mut found) = (0_u64, 0_u64, 0_u64);
    for _ in 0..rounds() / 2 {
        for (which, lists) in [&none, &all].into_iter().enumerate() {
            let began = cpu();
            for file in &data {
                let mut reader = normalise::Reader::default();
                for line in lines_of(file) {
                    reader.line(line, &mut event);
                    events += 1;
                    hits += matcher.matches(&event, &mut scratch).len() as u64;
                    found += spotter.spot(lists, &event, 20_000, &|_| true).len() as u64;
                }
            }
            if let Some(slot) = spent.get_mut(which) {
                *slot += cpu() - began;
            }
        }
    }
    let [without, with] = spent;
    told("none loaded", events / 2, hits / 2, without);
    told("loaded", events / 2, hits / 2, with);
    eprintln!(
        "  slower by {:.1}%; found {found}",
        (with.as_secs_f64() / without.as_secs_f64() - 1.0) * 100.0
    );
}

/// The first round pays for what is made when first needed: regular expressions, plans.
fn evtx(matcher: &Matcher, paths: &[PathBuf]) {
    let all: Vec<PathBuf> = paths.iter().flat_map(|p| files(p, "evtx")).collect();
    let mut scratch = Scratch::default();
    let once = files_read(&all, |e| matcher.matches(e, &mut scratch).len() as u64);
    eprintln!("{} files, {} broken", all.len(), once.broken);
    told("evtx, once", once.records, once.hits, once.took);
    let mut sum = Round::default();
    for _ in 1..rounds() {
        let round = files_read(&all, |e| matcher.matches(e, &mut scratch).len() as u64);
        sum = Round {
            records: sum.records + round.records,
            broken: sum.broken + round.broken,
            hits: sum.hits + round.hits,
            took: sum.took + round.took,
        };
    }
    told("evtx, again", sum.records, sum.hits, sum.took);
    let reading = files_read(&all, |_| 0);
    eprintln!("  of it reading {:.2?} a round", reading.took);
}

#[derive(Default)]
struct Round {
    records: u64,
    broken: u64,
    hits: u64,
    took: Duration,
}

fn files_read(all: &[PathBuf], mut judge: impl FnMut(&Event) -> u64) -> Round {
    let (mut out, mut event) = (Round::default(), Event::default());
    let began = cpu();
    let mut bytes = Vec::new();
    for path in all {
        bytes.clear();
        let read = std::fs::File::open(path).and_then(|mut f| std::io::Read::read_to_end(&mut f, &mut bytes));
        if read.is_err() {
            continue;
        }
        match normalise::evtx::read(&bytes, &mut event, |e| out.hits += judge(e)) {
            Ok(read) => {
                out.records += read.records;
                out.broken += read.broken;
            }
            Err(_) => out.broken += 1,
        }
    }
    out.took = cpu() - began;
    out
}

fn check(matcher: &Matcher, paths: &[PathBuf]) {
    let (mut scratch, mut event) = (Scratch::default(), Event::default());
    let (mut same, mut other) = (0_u64, 0_u64);
    let sources = Sources::builtin();
    let mut one = |event: &Event| {
        let mut fast = matcher.matches(event, &mut scratch).to_vec();
        fast.sort_unstable();
        let slow = detect::naive::matches(matcher.rules(), &sources, matcher.names(), event);
        if fast == slow {
            same += 1;
        } else {
            other += 1;
            eprintln!("fast {fast:?} naive {slow:?}: {event:?}");
        }
    };
    for path in paths.iter().flat_map(|p| files(p, "evtx")) {
        if let Ok(bytes) = std::fs::read(path) {
            let _ = normalise::evtx::read(&bytes, &mut event, &mut one);
        }
    }
    println!("{same} events judged alike by engine and naive evaluator, {other} otherwise");
}

/// Each folder with an `info.yml` names the rule that must fire on its EVTX.
fn regression(matcher: &Matcher, paths: &[PathBuf]) {
    let (mut fired, mut silent) = (0, Vec::new());
    let (mut scratch, mut event) = (Scratch::default(), Event::default());
    for info in paths.iter().flat_map(|p| files(p, "yml")) {
        let Ok(text) = std::fs::read_to_string(&info) else { continue };
        let Ok(nodes) = detect::yaml::parse(&text) else { continue };
        let rule = nodes.iter().find_map(|n| n.get("rule_metadata")?.list()?.first()?.str("id"));
        let Some(number) = matcher.rules().iter().position(|r| r.about.id.as_deref() == rule) else {
            eprintln!("no rule {rule:?} for {}", info.display());
            continue;
        };
        let Some(folder) = info.parent() else { continue };
        let mut met = false;
        let own = files(folder, "evtx");
        if own.is_empty() {
            continue;
        }
        for path in own {
            if let Ok(bytes) = std::fs::read(path) {
                let _ = normalise::evtx::read(&bytes, &mut event, |e| {
                    met |= matcher.matches(e, &mut scratch).iter().any(|r| *r as usize == number);
                });
            }
        }
        if met {
            fired += 1;
        } else {
            silent.push(info.display().to_string());
        }
    }
    println!("{fired} of {} rules fire on their own events", fired + silent.len());
    silent.iter().for_each(|s| println!("  silent: {s}"));
}

/// Flat NDJSON as other tools read it.
fn write(paths: &[PathBuf]) {
    let mut event = Event::default();
    let mut seen = std::collections::HashSet::new();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for path in paths.iter().flat_map(|p| files(p, "evtx")) {
        let Ok(bytes) = std::fs::read(path) else { continue };
        if !seen.insert(bytes.clone()) {
            continue;
        }
        let _ = normalise::evtx::read(&bytes, &mut event, |e| {
            let mut map = serde_json::Map::new();
            for (name, value) in e.fields() {
                let value = match value.kind {
                    domain::event::Kind::Null => serde_json::Value::Null,
                    domain::event::Kind::Number => serde_json::from_str(value.text).unwrap_or_default(),
                    _ => value.text.into(),
                };
                map.entry(name).or_insert(value);
            }
            let _ = serde_json::to_writer(&mut out, &map);
            let _ = std::io::Write::write_all(&mut out, b"\n");
        });
    }
}

fn told(what: &str, events: u64, hits: u64, took: Duration) {
    let rate = events as f64 / took.as_secs_f64();
    println!(
        "{what}: {events} events in {took:.2?} = {rate:.0} events/s, {hits} hits, memory {} MB",
        memory()
    );
}

fn lines_of(file: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut from = 0;
    let ends = memchr::memchr_iter(b'\n', file).chain(std::iter::once(file.len()));
    ends.filter_map(move |end| {
        let line = file.get(from..end).unwrap_or_default();
        from = end + 1;
        (!line.is_empty()).then_some(line)
    })
}

/// How long this process has computed: what others do on the machine does not count.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(0))
}

/// What this process holds at most, in MB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn files(path: &Path, ending: &str) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    all.sort();
    let fits = |p: &PathBuf| p.is_dir() || p.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending));
    all.iter().filter(|p| fits(p)).flat_map(|p| files(p, ending)).collect()
}
