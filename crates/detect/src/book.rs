//! The rules of a centre: what the program brings, and beside it what was imported.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use crate::{
    engine::{build::TooLarge, source::Sources},
    pipeline::Pipeline,
    problem::Problem,
    rule::{
        About, LogSource,
        read::{self, Document},
    },
    ruleset::{Ruleset, Skipped, Watch},
};

/// A file of rules: its name and its text.
pub type Text = (String, String);

/// What the program brings itself.
#[derive(Debug, Default)]
pub struct Brought {
    /// Files of the configuration. Of two rules with one id these are used.
    pub folders: Vec<Text>,
    /// Those that came with the program: anything else with their ids takes their place.
    pub own: Vec<Text>,
    /// What fits rules to the logs at hand.
    pub pipelines: Vec<Pipeline>,
}

/// Where a rule is from; of rules with one id that of the first is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A folder of the configuration.
    Folder,
    /// Imported into the records.
    Imported,
    /// The program itself.
    Own,
}

impl Origin {
    /// All, in their order.
    pub const ALL: [Origin; 3] = [Origin::Folder, Origin::Imported, Origin::Own];

    /// As programs name it.
    pub fn word(self) -> &'static str {
        match self {
            Origin::Folder => "folder",
            Origin::Imported => "imported",
            Origin::Own => "own",
        }
    }

    /// What a word names.
    pub fn of(word: &str) -> Option<Origin> {
        Origin::ALL.into_iter().find(|origin| origin.word() == word)
    }
}

/// A file of rules that a centre has.
#[derive(Debug)]
pub struct Sheet {
    /// By which it was imported: what its first rule is known by.
    pub id: String,
    /// Where it lies or lay.
    pub name: String,
    /// As it was written.
    pub text: String,
    /// Where it is from.
    pub origin: Origin,
}

/// A rule, a correlation or a filter that a centre has.
#[derive(Debug)]
pub struct Known {
    /// What it says of itself.
    pub about: About,
    /// Which log it speaks of; of a correlation none.
    pub source: LogSource,
    /// The file it stands in.
    pub sheet: Arc<Sheet>,
    /// Why it is not used, though it is not switched off.
    pub problem: Option<Problem>,
}

/// All rules of a centre.
#[derive(Debug, Default)]
pub struct Listing {
    /// The gravest first; of several with one id the one that is used.
    pub rules: Vec<Known>,
    /// What in files is no rule that can be read.
    pub unread: Vec<Skipped>,
}

impl Brought {
    /// Makes everything ready.
    ///
    /// # Errors
    /// Where they are too many.
    pub fn ready<'t>(
        &'t self,
        imported: impl IntoIterator<Item = (&'t str, &'t str)>,
        off: BTreeSet<String>,
    ) -> Result<Watch, TooLarge> {
        let mut set = Ruleset::without(off);
        for (_, name, text) in self.files(imported) {
            set.add(name, read::file(text));
        }
        set.watch(&self.pipelines, &Sources::builtin())
    }

    /// All of them, with what is wrong with any, none switched off.
    pub fn listing<'t>(&'t self, imported: impl IntoIterator<Item = (&'t str, &'t str)>) -> Listing {
        let (mut set, mut ids, mut rules) = (Ruleset::default(), HashSet::new(), Vec::new());
        for (origin, name, text) in self.files(imported) {
            let file = read::file(text);
            let id = file.documents.first().map_or("", |first| first.about().called()).to_owned();
            let sheet = Arc::new(Sheet { id, name: name.to_owned(), text: text.to_owned(), origin });
            for document in &file.documents {
                let about = document.about();
                if about.id.as_ref().is_none_or(|id| ids.insert(id.clone())) {
                    let source = match document {
                        Document::Rule(rule) => rule.source.clone(),
                        Document::Filter(filter) => filter.source.clone(),
                        Document::Correlation(_) => LogSource::default(),
                    };
                    rules.push(Known { about: about.clone(), source, sheet: sheet.clone(), problem: None });
                }
            }
            set.add(name, file);
        }
        let fitted = set.fitted(&self.pipelines);
        let (unread, skipped): (Vec<_>, Vec<_>) = fitted.skipped.into_iter().partition(|s| s.rule.is_empty());
        let mut problems: HashMap<_, _> =
            skipped.into_iter().map(|s| ((s.file, s.rule), s.problem)).collect();
        for rule in &mut rules {
            rule.problem = problems.remove(&(rule.sheet.name.clone(), rule.about.called().to_owned()));
        }
        rules.sort_by(|a, b| (b.about.level, &a.about.title).cmp(&(a.about.level, &b.about.title)));
        Listing { rules, unread }
    }

    fn files<'t>(
        &'t self,
        imported: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> impl Iterator<Item = (Origin, &'t str, &'t str)> {
        let of = |origin, texts: &'t [Text]| texts.iter().map(move |(name, text)| (origin, &**name, &**text));
        of(Origin::Folder, &self.folders)
            .chain(imported.into_iter().map(|(name, text)| (Origin::Imported, name, text)))
            .chain(of(Origin::Own, &self.own))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str, level: &str, value: &str) -> String {
        format!(
            "title: {id}\nid: {id}\nlevel: {level}\ndetection: {{k: {{f|expand: '{value}'}}, condition: k}}\n"
        )
    }

    #[test]
    fn all_are_listed_once_with_what_is_wrong() {
        let brought = Brought {
            folders: vec![("a.yml".into(), rule("one", "low", "x"))],
            own: vec![
                ("own.yml".into(), rule("one", "high", "y")),
                ("two.yml".into(), rule("two", "high", "z")),
            ],
            ..Brought::default()
        };
        let (unfilled, broken) = (rule("three", "critical", "%nobody%"), "title: [");
        let listing = brought.listing([("b.yml", &*unfilled), ("c.yml", broken)]);
        let told: Vec<_> = listing
            .rules
            .iter()
            .map(|r| (r.about.called(), r.sheet.origin, r.problem.as_ref().map(|p| p.code)))
            .collect();
        assert_eq!(
            told,
            [
                ("three", Origin::Imported, Some("placeholder")),
                ("two", Origin::Own, None),
                ("one", Origin::Folder, None),
            ]
        );
        assert_eq!(listing.unread.iter().map(|s| &*s.file).collect::<Vec<_>>(), ["c.yml"]);
        let watch = brought.ready([("b.yml", &*unfilled)], ["two".to_owned()].into()).unwrap();
        assert_eq!(watch.files, ["a.yml"]);
    }
}
