//! Rules of others: which of some files are taken into a centre, and what becomes of those it has.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::alert::RuleFile;

use crate::{
    book::{Brought, Text},
    engine::build::TooLarge,
    problem::{Problem, Weight},
    rule::{
        Level,
        read::{self, Document},
    },
    ruleset::Skipped,
};

/// Between the name of an archive and that of a file in it.
const WITHIN: &str = "!/";

/// Whether a file of that name is one of rules.
pub fn is_rule(name: &str) -> bool {
    let name = name.to_lowercase();
    (name.ends_with(".yml") || name.ends_with(".yaml")) && !name.ends_with(".events.yml")
}

/// A file's text. PostgreSQL keeps no NUL, and YAML has none.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}")
}

/// How far a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Used for long, seldom wrong.
    Stable,
    /// Tried, may need filters.
    Test,
    /// New.
    Experimental,
    /// Another took its place.
    Deprecated,
    /// Nobody can use it as it is.
    Unsupported,
}

impl Status {
    /// All of them.
    pub const ALL: [Status; 5] =
        [Self::Stable, Self::Test, Self::Experimental, Self::Deprecated, Self::Unsupported];
    /// Those that are left out unless they are asked for.
    const ENDED: [Status; 2] = [Self::Deprecated, Self::Unsupported];

    /// The word in a rule.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Test => "test",
            Self::Experimental => "experimental",
            Self::Deprecated => "deprecated",
            Self::Unsupported => "unsupported",
        }
    }

    /// The status of a word in a rule.
    pub fn of(word: &str) -> Option<Status> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    fn is_ended(word: &str) -> bool {
        Self::ENDED.iter().any(|status| status.word() == word)
    }
}

/// What to take.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What is less grave is left out.
    pub min_level: Level,
    /// Only of these statuses; empty: of all but deprecated and unsupported ones.
    pub statuses: Vec<Status>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { min_level: Level::Informational, statuses: Vec::new() }
    }
}

/// What is to be done, and why not more.
#[derive(Debug, Default)]
pub struct Plan {
    /// Files to be taken, each in the place of the one of its id.
    pub put: Vec<RuleFile>,
    /// Ids of files that were imported and are deprecated or unsupported by now.
    pub gone: BTreeSet<String>,
    /// What cannot be used: file, problem.
    pub refused: Vec<(String, Problem)>,
    /// How many rules are left out, by the word for which.
    pub left: BTreeMap<String, usize>,
    /// Files of something else.
    pub others: usize,
    /// Rules that are new.
    pub new: usize,
    /// Rules of files that changed.
    pub changed: usize,
    /// Rules that are there as they are.
    pub same: usize,
    /// How many of all these are switched off.
    pub off: usize,
}

impl Plan {
    /// Whether any of the rules can be used.
    pub fn is_any(&self) -> bool {
        self.new + self.changed + self.same > 0
    }
}

/// A file of rules, read.
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
        match folders.split('/').find(|folder| Status::is_ended(folder)) {
            Some(folder) => [folder].into(),
            None => self.read.documents.iter().map(|document| document.about().status.as_str()).collect(),
        }
    }

    fn rules(&self) -> usize {
        self.read.documents.len()
    }
}

/// Plans what becomes of files, for a centre that brings rules itself and holds others.
///
/// # Errors
/// Where all together would be too many.
pub fn plan(
    brought: &Brought,
    wanted: &Wanted,
    files: Vec<Text>,
    held: &[RuleFile],
    off: &BTreeSet<String>,
) -> Result<Plan, TooLarge> {
    let held: HashMap<&str, &RuleFile> = held.iter().map(|file| (file.id.as_str(), file)).collect();
    let (mut plan, mut good) = sort(wanted, files);
    plan.gone.retain(|id| held.contains_key(id.as_str()) && !good.contains_key(id));

    // All together, as they would watch: a correlation may rest on a rule that is here already.
    let stays = |file: &&&RuleFile| !good.contains_key(&file.id) && !plan.gone.contains(&file.id);
    let texts = held.values().filter(stays).map(|file| (file.name.as_str(), file.text.as_str()));
    let fresh = good.values().map(|file| (file.name.as_str(), file.text.as_str()));
    let watch = brought.ready(texts.chain(fresh), BTreeSet::new())?;
    let mut useless: HashMap<String, usize> = HashMap::new();
    let names: BTreeSet<&str> = good.values().map(|file| file.name.as_str()).collect();
    // What could not be read at all was said above.
    let of_them = |skipped: &Skipped| !skipped.rule.is_empty() && names.contains(skipped.file.as_str());
    for skipped in watch.skipped.into_iter().filter(of_them) {
        *useless.entry(skipped.file.clone()).or_default() += 1;
        plan.refused.push((skipped.file, skipped.problem));
    }
    good.retain(|_, file| useless.get(&file.name).is_none_or(|n| *n < file.rules()));
    plan.refused.sort_by(|a, b| (&a.0, a.1.at).cmp(&(&b.0, b.1.at)));
    plan.refused.dedup();

    for (id, file) in good {
        let rules = file.rules() - useless.get(&file.name).copied().unwrap_or(0);
        plan.off += file.read.documents.iter().filter(|d| off.contains(d.about().called())).count();
        match held.get(id.as_str()) {
            Some(old) if old.text == file.text => {
                plan.same += rules;
                continue;
            }
            Some(_) => plan.changed += rules,
            None => plan.new += rules,
        }
        plan.put.push(RuleFile { id, name: file.name, text: file.text });
    }
    Ok(plan)
}

/// What can be read and is wanted, by its id; and what becomes of the rest.
fn sort(wanted: &Wanted, files: Vec<Text>) -> (Plan, BTreeMap<String, File>) {
    let (mut plan, mut good) = (Plan::default(), BTreeMap::<String, File>::new());
    for (name, text) in files {
        let file = File { read: read::file(&text), name, text };
        if file.read.is_of_no_rules() {
            plan.others += 1;
            continue;
        }
        if let Some(word) = left_out(wanted, &file) {
            *plan.left.entry(word).or_default() += file.rules().max(1);
            if file.statuses().into_iter().any(Status::is_ended) {
                plan.gone.insert(file.id().to_owned());
            }
            continue;
        }
        let errors = file.read.problems.iter().filter(|p| p.weight == Weight::Error);
        plan.refused.extend(errors.map(|problem| (file.name.clone(), problem.clone())));
        if file.rules() == 0 {
            continue;
        }
        match good.get(file.id()) {
            Some(other) if other.text == file.text => {}
            Some(other) => {
                let at = file.read.documents.first().map(|d| d.about().at).unwrap_or_default();
                let what = format!("{} ({})", file.id(), other.name);
                plan.refused.push((file.name.clone(), Problem::error(at, "id-twice", what, "")));
            }
            None => drop(good.insert(file.id().to_owned(), file)),
        }
    }
    (plan, good)
}

/// The word for which a file is left out: a status, or a level. It is taken whole if one of its rules is asked for.
fn left_out(wanted: &Wanted, file: &File) -> Option<String> {
    let statuses = file.statuses();
    let asked = |status: &&str| match wanted.statuses.as_slice() {
        [] => !Status::is_ended(status),
        some => some.iter().any(|asked| asked.word() == *status),
    };
    if !statuses.is_empty() && !statuses.iter().any(asked) {
        return statuses.first().map(|status| (*status).to_owned());
    }
    let level = file.read.documents.iter().filter_map(|document| match document {
        Document::Filter(_) => None,
        other => Some(other.about().level),
    });
    level.max().filter(|level| *level < wanted.min_level).map(|level| level.word().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str, level: &str, status: &str) -> String {
        format!(
            "title: {id}\nid: {id}\nstatus: {status}\nlevel: {level}\ndetection: {{k: [a], condition: k}}\n"
        )
    }

    #[test]
    fn each_file_is_taken_or_it_is_said_why_not() {
        let held = |id: &str, text: String| RuleFile { id: id.into(), name: "old".into(), text };
        let have = [
            held("same", rule("same", "high", "test")),
            held("old", rule("old", "low", "test")),
            held("ended", rule("ended", "high", "test")),
        ];
        let file = |name: &str, text: String| (name.to_owned(), text);
        let files = vec![
            file("z.zip!/same.yml", rule("same", "high", "test")),
            file("z.zip!/old.yml", rule("old", "high", "test")),
            file("z.zip!/new.yml", rule("new", "high", "stable")),
            file("z.zip!/twice.yml", rule("new", "high", "test")),
            file("z.zip!/deprecated/ended.yml", rule("ended", "high", "test")),
            file("z.zip!/low.yml", rule("low", "low", "test")),
            file("z.zip!/bad.yml", "title: bad\ndetection: {k: {a|wrong: b}, condition: k}\n".into()),
            file(
                "z.zip!/half.yml",
                rule("half", "high", "test") + "---\ntitle: other\ndetection: {k: [a]}\n",
            ),
            file("z.zip!/ci.yml", "on: push\n".into()),
        ];
        let wanted = Wanted { min_level: Level::Medium, ..Wanted::default() };
        let plan = plan(&Brought::default(), &wanted, files, &have, &["old".to_owned()].into()).unwrap();
        assert_eq!(plan.put.iter().map(|f| &*f.id).collect::<Vec<_>>(), ["half", "new", "old"]);
        assert_eq!(plan.gone, ["ended".to_owned()].into());
        let refused: Vec<_> = plan.refused.iter().map(|(name, p)| (&**name, p.code)).collect();
        assert_eq!(
            refused,
            [
                ("z.zip!/bad.yml", "modifier"),
                ("z.zip!/half.yml", "condition-missing"),
                ("z.zip!/twice.yml", "id-twice"),
            ]
        );
        assert_eq!(plan.left, [("deprecated".to_owned(), 1), ("low".to_owned(), 1)].into());
        assert_eq!((plan.new, plan.changed, plan.same, plan.off, plan.others), (2, 1, 1, 1, 1));
    }

    #[test]
    fn only_the_statuses_that_are_asked_for() {
        let files: Vec<Text> = ["stable", "test", "deprecated"]
            .map(|status| (format!("{status}.yml"), rule(status, "high", status)))
            .into();
        let taken = |statuses: &[Status]| {
            let wanted = Wanted { statuses: statuses.to_vec(), ..Wanted::default() };
            let plan = plan(&Brought::default(), &wanted, files.clone(), &[], &BTreeSet::new()).unwrap();
            plan.put.into_iter().map(|file| file.id).collect::<Vec<_>>()
        };
        assert_eq!(taken(&[]), ["stable", "test"]);
        assert_eq!(taken(&[Status::Stable, Status::Deprecated]), ["deprecated", "stable"]);
    }
}
