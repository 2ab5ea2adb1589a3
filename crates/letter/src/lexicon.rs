//! The words by which papers are read: data that an agency may replace without a release.

use serde::Deserialize;
use std::collections::BTreeMap;

/// Why a lexicon was refused.
#[derive(Debug, thiserror::Error)]
pub enum LexiconError {
    /// Not TOML, or not of the form of `legal/lexicon.toml`.
    #[error("the lexicon cannot be read: {0}")]
    Form(#[from] toml::de::Error),
    /// A code appears twice in one list.
    #[error("the lexicon names {0} twice")]
    Twice(String),
}

/// The words by which papers are read; see `legal/lexicon.toml` for what each list is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lexicon {
    pub(crate) kind: Vec<Coded>,
    pub(crate) stamps: Stamps,
    pub(crate) bodies: Bodies,
    /// Abbreviations and what they stand for.
    pub short: BTreeMap<String, String>,
    pub(crate) people: People,
    pub(crate) actors: Actors,
    pub(crate) scope: Vec<Rule>,
    pub(crate) occasion: Vec<Rule>,
    pub(crate) event: Vec<EventWords>,
    pub(crate) vulnerability: Vec<NamedVulnerability>,
    pub(crate) vendor: Vec<Vendor>,
    pub(crate) severity: Vec<Coded>,
    pub(crate) duty: Vec<Rule>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Coded {
    pub(crate) code: String,
    pub(crate) words: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stamps {
    pub(crate) urgency: Vec<String>,
    pub(crate) secrecy: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bodies {
    pub(crate) openers: Vec<String>,
    pub(crate) head: Vec<String>,
    pub(crate) names: Vec<String>,
    pub(crate) sound: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct People {
    pub(crate) titles: Vec<String>,
    pub(crate) ranks: Vec<String>,
    pub(crate) surnames: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Actors {
    pub(crate) providers: Vec<String>,
    /// Those of them that operate networks.
    pub(crate) operators: Vec<String>,
    /// Those of them that sell software or upkeep.
    pub(crate) vendors: Vec<String>,
    pub(crate) everyone: Vec<String>,
    pub(crate) inside: Vec<String>,
    /// Names of offices that hold a verb's look-alike.
    pub(crate) offices: Vec<String>,
    pub(crate) verbs: Vec<String>,
}

/// A code and the phrases that give it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    pub(crate) code: String,
    pub(crate) say: Vec<String>,
    /// Phrases that give the code whatever `except` says.
    #[serde(default)]
    pub(crate) sure: Vec<String>,
    #[serde(default)]
    pub(crate) except: Vec<String>,
    #[serde(default)]
    pub(crate) hides: Vec<String>,
    #[serde(default)]
    pub(crate) only: Option<Whom>,
    #[serde(default)]
    pub(crate) never: Option<Whom>,
    /// Given only to the paragraphs after the items.
    #[serde(default)]
    pub(crate) closing: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Whom {
    Providers,
    /// Providers that operate networks.
    Operators,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventWords {
    pub(crate) say: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamedVulnerability {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) also: Vec<String>,
    pub(crate) cves: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vendor {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) also: Vec<String>,
}

impl Lexicon {
    /// Reads a lexicon in the form of `legal/lexicon.toml`.
    ///
    /// # Errors
    /// When the text is not TOML of that form or a code is listed twice.
    pub fn parse(toml: &str) -> Result<Self, LexiconError> {
        let lexicon: Self = toml::from_str(toml)?;
        for codes in [
            lexicon.duty.iter().map(|r| &r.code).collect::<Vec<_>>(),
            lexicon.occasion.iter().map(|r| &r.code).collect(),
            lexicon.scope.iter().map(|r| &r.code).collect(),
            lexicon.kind.iter().map(|k| &k.code).collect(),
        ] {
            let mut seen = std::collections::BTreeSet::new();
            if let Some(twice) = codes.into_iter().find(|code| !seen.insert(*code)) {
                return Err(LexiconError::Twice(twice.clone()));
            }
        }
        Ok(lexicon)
    }

    /// The lexicon this program was built with.
    #[allow(clippy::expect_used, reason = "compiled in; the tests parse it")]
    pub fn builtin() -> Self {
        Self::parse(include_str!("../../../legal/lexicon.toml")).expect("the built-in lexicon")
    }

    /// The codes of duties it can give.
    pub fn duty_codes(&self) -> impl Iterator<Item = &str> {
        self.duty.iter().map(|rule| rule.code.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_one_parses() {
        let lexicon = Lexicon::builtin();
        assert!(lexicon.duty_codes().count() >= 30);
        for v in &lexicon.vulnerability {
            assert!(v.cves.iter().all(|c| c.starts_with("CVE-")), "{}", v.name);
        }
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(matches!(Lexicon::parse("[[duty]]\ncode = 3"), Err(LexiconError::Form(_))));
        let twice = include_str!("../../../legal/lexicon.toml").to_owned()
            + "\n[[duty]]\ncode = \"DUTY\"\nsay = []\n";
        assert!(matches!(Lexicon::parse(&twice), Err(LexiconError::Twice(code)) if code == "DUTY"));
    }
}
