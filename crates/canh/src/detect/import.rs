//! `canh rules import`: rules of others into the centre.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io::Read,
    path::PathBuf,
    process::ExitCode,
};

use ::detect::{Problem, Weight, rule::read};
use clap::{Args, ValueEnum};
use domain::actor::{Actor, Scope};
use intake::rules::kept;
use store::{
    StoreError,
    rules::{self, TEXT_MAX},
};
use watch::feeds::packed::WITHIN;
use web::Words;

use super::{Level, held, load};
use crate::{
    archive::{Found, Walk},
    centre::Centre,
    events,
};

/// The most bytes of one archive, unpacked, and of all files together: SigmaHQ's repository has 30 MB of rules.
const UNPACKED: u64 = 512 << 20;

/// What to take.
#[derive(Args)]
pub struct Import {
    /// Files, folders, zips.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Leave out rules that are less grave.
    #[arg(long, value_name = "LEVEL", default_value = "informational")]
    min_level: Level,
    /// Take only rules of these statuses, by commas; by default all but deprecated and unsupported ones.
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    status: Vec<Status>,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
}

/// How far a rule is.
#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
enum Status {
    Stable,
    Test,
    Experimental,
    Deprecated,
    Unsupported,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Test => "test",
            Self::Experimental => "experimental",
            Self::Deprecated => "deprecated",
            Self::Unsupported => "unsupported",
        }
    }
}

/// A file of rules.
struct File {
    name: String,
    text: String,
    read: read::File,
}

impl File {
    /// What it is known by.
    fn id(&self) -> &str {
        self.read.documents.first().map_or("", |document| document.about().called())
    }

    /// Its statuses: those of its folder, or what its rules say.
    fn statuses(&self) -> BTreeSet<&str> {
        let folders = self.name.rsplit_once(WITHIN).map_or(self.name.as_str(), |(_, within)| within);
        let gone = folders.split('/').find(|f| ["deprecated", "unsupported"].contains(f));
        match gone {
            Some(folder) => [folder].into(),
            None => self.read.documents.iter().map(|document| document.about().status.as_str()).collect(),
        }
    }

    fn rules(&self) -> usize {
        self.read.documents.len()
    }
}

/// What became of what was there.
#[derive(Default)]
struct Sorted {
    /// To be taken, by their ids.
    good: BTreeMap<String, File>,
    /// What cannot be used: file, problem.
    refused: Vec<(String, Problem)>,
    /// Left out, by the word for which.
    left: BTreeMap<String, usize>,
    /// Ids that are deprecated or unsupported by now.
    gone: BTreeSet<String>,
    /// Files of something else.
    others: usize,
}

/// Takes rules in.
pub async fn run(centre: &Centre, words: Words, how: &Import) -> anyhow::Result<ExitCode> {
    let mut sorted = sort(how, gather(words, &how.paths)?);
    let (held, off) = kept(&mut centre.db.read().await?).await?;
    let held: HashMap<String, rules::File> = held.into_iter().map(|file| (file.id.clone(), file)).collect();
    sorted.gone.retain(|id| held.contains_key(id) && !sorted.good.contains_key(id));

    // All together, as they would watch: a correlation may rest on a rule that is here already.
    let brought = events::brought(&centre.config.intake, &centre.data.path(""))?;
    let stays = |file: &&rules::File| !sorted.good.contains_key(&file.id) && !sorted.gone.contains(&file.id);
    let texts = held.values().filter(stays).map(|file| (file.origin.as_str(), file.text.as_str()));
    let fresh = sorted.good.values().map(|file| (file.name.as_str(), file.text.as_str()));
    let watch = brought.ready(texts.chain(fresh), BTreeSet::new())?;
    let mut useless: HashMap<&str, usize> = HashMap::new();
    let fresh: HashMap<&str, &File> = sorted.good.values().map(|file| (file.name.as_str(), file)).collect();
    for skipped in watch.skipped.iter().filter(|skipped| fresh.contains_key(skipped.file.as_str())) {
        *useless.entry(&skipped.file).or_default() += 1;
        sorted.refused.push((skipped.file.clone(), skipped.problem.clone()));
    }
    let none: BTreeSet<String> = fresh
        .iter()
        .filter(|(name, file)| useless.get(*name).is_some_and(|n| *n >= file.rules()))
        .map(|(_, file)| file.id().to_owned())
        .collect();
    sorted.good.retain(|id, _| !none.contains(id));
    sorted.refused.sort_by(|a, b| (&a.0, a.1.at).cmp(&(&b.0, b.1.at)));
    sorted.refused.dedup();

    let mut sum = Sum::default();
    let mut put = Vec::new();
    for (id, file) in &sorted.good {
        let rules = file.rules() - useless.get(file.name.as_str()).copied().unwrap_or(0);
        sum.off += file.read.documents.iter().filter(|d| off.contains(d.about().called())).count();
        match held.get(id) {
            Some(old) if old.text == file.text => {
                sum.same += rules;
                continue;
            }
            Some(_) => sum.changed += rules,
            None => sum.new += rules,
        }
        put.push(rules::File { id: id.clone(), origin: file.name.clone(), text: file.text.clone() });
    }
    if !how.dry_run && (!put.is_empty() || !sorted.gone.is_empty()) {
        let now = centre.clock.now();
        let done: Result<(), StoreError> = store::write!(centre.db, Actor::System, now, tx =>
            rules::import(tx, &Scope::system(), &put, &sorted.gone).await);
        held::refused(words, done)?;
    }
    say(words, &sorted, &sum, how.dry_run);
    let any = sum.new + sum.changed + sum.same > 0;
    Ok(if any || sorted.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads all files of rules; what cannot be read is said.
fn gather(words: Words, paths: &[PathBuf]) -> anyhow::Result<Vec<File>> {
    let mut all = Vec::new();
    let mut left = UNPACKED;
    let walk = Walk { words, fits: &load::is_rule, most: UNPACKED };
    let mut each = |found: Found<'_>| {
        let mut bytes = Vec::new();
        found.bytes.take(TEXT_MAX as u64 + 1).read_to_end(&mut bytes)?;
        left = left.saturating_sub(bytes.len() as u64);
        anyhow::ensure!(bytes.len() <= TEXT_MAX && left > 0, words.t("archive-large"));
        // PostgreSQL keeps no NUL, and YAML has none.
        let text = String::from_utf8_lossy(&bytes).replace('\0', "\u{fffd}");
        let read = read::file(&text);
        all.push(File { name: below(paths, &found.name), text, read });
        Ok(())
    };
    let mut failed = |name: &str, error: &anyhow::Error| eprintln!("canh: {name}: {error:#}");
    walk.each(paths, &mut each, &mut failed)?;
    Ok(all)
}

/// A name without the folders above what was asked for: where somebody keeps a release says nothing of its rules.
fn below(paths: &[PathBuf], name: &str) -> String {
    let above = paths.iter().filter_map(|path| path.parent()?.to_str());
    let cut = above.filter_map(|above| name.strip_prefix(above)).min_by_key(|rest| rest.len());
    cut.unwrap_or(name).trim_start_matches('/').to_owned()
}

fn sort(how: &Import, files: Vec<File>) -> Sorted {
    let mut sorted = Sorted::default();
    for file in files {
        if file.read.is_of_no_rules() {
            sorted.others += 1;
            continue;
        }
        let errors = file.read.problems.iter().filter(|p| p.weight == Weight::Error);
        let errors: Vec<_> = errors.map(|problem| (file.name.clone(), problem.clone())).collect();
        if let Some(word) = left_out(how, &file) {
            *sorted.left.entry(word).or_default() += file.rules().max(1);
            let ended = [Status::Deprecated, Status::Unsupported].map(Status::word);
            if file.statuses().iter().any(|status| ended.contains(status)) {
                sorted.gone.insert(file.id().to_owned());
            }
            continue;
        }
        sorted.refused.extend(errors);
        if file.rules() == 0 {
            continue;
        }
        match sorted.good.get(file.id()) {
            Some(other) if other.text == file.text => {}
            Some(other) => {
                let at = file.read.documents.first().map(|d| d.about().at).unwrap_or_default();
                let what = format!("{} ({})", file.id(), other.name);
                sorted.refused.push((file.name.clone(), Problem::error(at, "id-twice", what, "")));
            }
            None => drop(sorted.good.insert(file.id().to_owned(), file)),
        }
    }
    sorted
}

/// The word for which a file is left out: a status, or a level. It is taken whole if one of its rules is asked for.
fn left_out(how: &Import, file: &File) -> Option<String> {
    let statuses = file.statuses();
    let ended = [Status::Deprecated, Status::Unsupported].map(Status::word);
    let asked = |status: &&str| match how.status.as_slice() {
        [] => !ended.contains(status),
        some => some.iter().any(|asked| asked.word() == *status),
    };
    if !statuses.is_empty() && !statuses.iter().any(asked) {
        return statuses.first().map(|status| (*status).to_owned());
    }
    let level = file.read.documents.iter().filter_map(|document| match document {
        read::Document::Filter(_) => None,
        other => Some(other.about().level),
    });
    level.max().filter(|level| *level < how.min_level.into()).map(|level| level.word().to_owned())
}

#[derive(Default)]
struct Sum {
    new: usize,
    changed: usize,
    same: usize,
    off: usize,
}

fn say(words: Words, sorted: &Sorted, sum: &Sum, dry: bool) {
    for (file, problem) in &sorted.refused {
        println!("{file}:{} {}", problem.at, load::say(words, problem));
    }
    if !sorted.left.is_empty() {
        let left: Vec<String> = sorted.left.iter().map(|(word, n)| format!("{word} {n}")).collect();
        println!("{}", words.with_texts("rules-import-left", &[("left", &left.join(", "))]));
    }
    for (key, n) in [
        ("rules-import-others", sorted.others),
        ("rules-import-gone", sorted.gone.len()),
        ("rules-import-off", sum.off),
    ] {
        if n > 0 {
            println!("{}", words.with(key, [("count", n.into())]));
        }
    }
    let ending = words.t(if dry { "command-dry-run" } else { "rules-import-live" });
    let said = [
        ("new", sum.new.into()),
        ("changed", sum.changed.into()),
        ("same", sum.same.into()),
        ("refused", sorted.refused.len().into()),
        ("ending", ending.into()),
    ];
    println!("{}", words.with("rules-import-sum", said));
}
