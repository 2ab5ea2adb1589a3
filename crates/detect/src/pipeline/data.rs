//! What a pipeline's file says.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A pipeline.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
    /// Lower ones are applied first.
    #[serde(default)]
    pub priority: i32,
    /// The values of placeholders.
    #[serde(default)]
    pub vars: BTreeMap<String, OneOrMore>,
    /// What it does, in its order.
    #[serde(default)]
    pub transformations: Vec<Item>,
}

/// A value or several.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum OneOrMore {
    /// One.
    One(String),
    /// Several.
    More(Vec<String>),
}

impl OneOrMore {
    /// The values.
    pub fn all(&self) -> &[String] {
        match self {
            OneOrMore::One(one) => std::slice::from_ref(one),
            OneOrMore::More(all) => all,
        }
    }
}

/// One thing a pipeline does, and to what.
#[derive(Clone, Debug, Deserialize)]
pub struct Item {
    /// What it does.
    #[serde(flatten)]
    pub what: Transformation,
    /// To rules of which one of these is true; of none, to all rules.
    #[serde(default)]
    pub rules: Vec<When>,
    /// Only to these fields; of none, to all.
    #[serde(default)]
    pub fields: Vec<String>,
    /// Not to these fields.
    #[serde(default)]
    pub except: Vec<String>,
}

/// What is true of a rule: all that is said here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The logsource's product.
    pub product: Option<String>,
    /// The logsource's category.
    pub category: Option<String>,
    /// The logsource's service.
    pub service: Option<String>,
    /// A field it speaks of.
    pub has_field: Option<String>,
    /// A tag it bears.
    pub tag: Option<String>,
}

/// What a pipeline can do.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Transformation {
    /// Fields get other names; several names are alternatives.
    FieldNameMapping {
        /// From to.
        mapping: BTreeMap<String, OneOrMore>,
    },
    /// Fields' names begin otherwise.
    FieldNamePrefixMapping {
        /// From to.
        mapping: BTreeMap<String, String>,
    },
    /// Fields' names get something before them.
    FieldNamePrefix {
        /// It.
        prefix: String,
    },
    /// Fields' names get something after them.
    FieldNameSuffix {
        /// It.
        suffix: String,
    },
    /// Events must have these values as well.
    AddCondition {
        /// Field and values.
        conditions: BTreeMap<String, OneOrMore>,
    },
    /// The rule speaks of another log.
    ChangeLogsource {
        /// Its product.
        product: Option<String>,
        /// Its category.
        category: Option<String>,
        /// Its service.
        service: Option<String>,
    },
    /// Items of these fields are taken out, as if they were always met.
    DropDetectionItem,
    /// Placeholders are put in from `vars`, or only those named.
    ValuePlaceholders {
        /// Only these.
        #[serde(default)]
        include: Vec<String>,
    },
    /// Placeholders become a wildcard.
    WildcardPlaceholders {
        /// Only these.
        #[serde(default)]
        include: Vec<String>,
    },
    /// Text in values is replaced.
    ReplaceString {
        /// A regular expression.
        regex: String,
        /// What stands in its place.
        replacement: String,
    },
    /// Values are replaced whole.
    MapString {
        /// From to.
        mapping: BTreeMap<String, OneOrMore>,
    },
    /// The rule cannot be used.
    RuleFailure {
        /// Why.
        message: String,
    },
}

/// A file is no pipeline.
#[derive(Debug, thiserror::Error)]
#[error("no pipeline: {0}")]
pub struct Unreadable(#[from] toml::de::Error);

impl Pipeline {
    /// Reads a pipeline.
    ///
    /// # Errors
    /// Where it is none; the message has line and column.
    pub fn read(text: &str) -> Result<Pipeline, Unreadable> {
        Ok(toml::from_str(text)?)
    }
}
