//! The first wording of reports and the capacities of those who sign them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    body::BodyKind,
    report::{Draft, DraftBlock},
    text::fold,
};

/// The first wording of one kind of report.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportForm {
    /// `campaign`, `reply`.
    pub key: String,
    /// *BÁO CÁO*; empty for a letter.
    pub title: String,
    /// What it is about; may hold fields.
    pub subject: String,
    /// What its symbol begins with.
    pub symbol: String,
    /// Lines of *Nơi nhận*.
    pub copies: Vec<String>,
    /// Tables attached.
    pub appendices: Vec<String>,
    /// The body.
    pub block: Vec<DraftBlock>,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

impl ReportForm {
    /// A draft in that wording, its head still blank.
    pub fn draft(&self) -> Draft {
        let block = |b: &DraftBlock| DraftBlock { text: b.text.trim().to_owned(), ..b.clone() };
        Draft {
            title: self.title.clone(),
            subject: self.subject.clone(),
            symbol: self.symbol.clone(),
            copies: self.copies.clone(),
            appendices: self.appendices.clone(),
            blocks: self.block.iter().map(block).collect(),
            ..Draft::default()
        }
    }
}

/// Who heads bodies of some kind or name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// Kinds of body.
    #[serde(default)]
    pub kinds: Vec<BodyKind>,
    /// Words with which the body's name begins; compared folded.
    #[serde(default)]
    pub named: Vec<String>,
    /// The collective on whose behalf the head signs.
    pub collective: Option<String>,
    /// The head.
    pub head: String,
    /// A deputy.
    pub deputy: String,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

impl Capacity {
    pub(super) fn fits(&self, kind: BodyKind, name: &str) -> bool {
        let name = fold(name);
        self.kinds.contains(&kind) || self.named.iter().any(|w| name.starts_with(&fold(w)))
    }
}
