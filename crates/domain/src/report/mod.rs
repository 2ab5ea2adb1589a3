//! The report up: a text with live numbers, the figures they stand for, and what it was made from. Pure.
//!
//! A [`Draft`] is what people edit: blocks of words with fields such as `{{handled}}`. [`Figures`] are what is known at
//! one moment; a field shows its figure until the report is signed off, and then stays as it was. What is not known
//! says so: *chưa có số liệu*, never 0.

mod basis;
mod fields;
mod figures;
mod place;
mod signature;

use serde::{Deserialize, Serialize};

pub use self::{
    basis::{Altered, Basis, Compared, Moved, compare},
    fields::{Piece, pieces, unknown},
    figures::{About, Below, Difficulty, Figures, NAMES, SECTIONS, Section, TABLES, Value},
    place::place,
    signature::{SignAs, sign_as, signature},
};
use crate::right::names;

/// What a report answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportKind {
    /// *Báo cáo*: how a campaign one issued goes, to the level above.
    Campaign,
    /// *Công văn trả lời*: how a body carries out what it was assigned.
    Reply,
}
names!(ReportKind { Campaign = "campaign", Reply = "reply" } "kind of report");

/// Where a report stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportState {
    /// Being written; its numbers live.
    Draft,
    /// Signed off; frozen.
    Signed,
}
names!(ReportState { Draft = "draft", Signed = "signed" } "state of a report");

/// Degrees of urgency, stamped in the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// KHẨN.
    Urgent,
    /// THƯỢNG KHẨN.
    VeryUrgent,
    /// HỎA TỐC.
    AtOnce,
}
names!(Urgency { Urgent = "urgent", VeryUrgent = "very-urgent", AtOnce = "at-once" } "degree of urgency");

impl Urgency {
    /// The stamp.
    pub const fn stamp(self) -> &'static str {
        match self {
            Urgency::Urgent => "KHẨN",
            Urgency::VeryUrgent => "THƯỢNG KHẨN",
            Urgency::AtOnce => "HỎA TỐC",
        }
    }
}

/// At most so many characters in one block: some pages; what is longer is an appendix of its own.
pub const TEXT_MAX: usize = 20_000;
/// At most so many blocks.
pub const BLOCKS_MAX: usize = 60;
/// At most so many characters in one line of the head.
pub const LINE_MAX: usize = 500;

/// What people edit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// *BÁO CÁO*; empty for a letter.
    pub title: String,
    /// What it is about; may hold fields.
    pub subject: String,
    /// The body above the issuer, for the head.
    pub superior: String,
    /// The issuer.
    pub issuer: String,
    /// The symbol after the number.
    pub symbol: String,
    /// Where it is issued.
    pub place: String,
    /// How urgent it is; mostly it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
    /// Lines of *Kính gửi*.
    pub to: Vec<String>,
    /// Lines of *Nơi nhận*.
    pub copies: Vec<String>,
    /// Lines of capacity.
    pub capacity: Vec<String>,
    /// Who signs.
    pub signer: String,
    /// The body.
    pub blocks: Vec<DraftBlock>,
    /// Tables attached, by their names in [`TABLES`].
    pub appendices: Vec<String>,
}

/// A block: a heading, words with fields, a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DraftBlock {
    /// Its heading; empty for none.
    pub heading: String,
    /// Its words: a line is a paragraph; one that begins with `- ` or `a) ` an article.
    pub text: String,
    /// A table below the words, by its name in [`TABLES`]; empty for none.
    pub table: String,
}

/// What is wrong with a draft, and in which field of its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// `subject`, `to`, `block-3-text` …
    pub field: String,
    /// `empty`, `long`, `field`, `table`, `many`.
    pub code: &'static str,
    /// The word it is about: the unknown field's name.
    pub about: String,
}

impl Draft {
    /// What keeps it from being saved: an unknown field would print as gibberish, a block too long would not fit.
    pub fn unfit(&self) -> Vec<Unfit> {
        let mut out = Vec::new();
        let mut bad = |field: String, code, about: String| out.push(Unfit { field, code, about });
        if self.subject.trim().is_empty() {
            bad("subject".into(), "empty", String::new());
        }
        if self.issuer.trim().is_empty() {
            bad("issuer".into(), "empty", String::new());
        }
        if self.blocks.len() > BLOCKS_MAX {
            bad("blocks".into(), "many", String::new());
        }
        let lines = [("subject", &self.subject), ("issuer", &self.issuer), ("superior", &self.superior)];
        let more = [("symbol", &self.symbol), ("place", &self.place), ("signer", &self.signer)];
        for (name, text) in lines.into_iter().chain(more) {
            if text.chars().count() > LINE_MAX {
                bad(name.into(), "long", String::new());
            }
        }
        let lists = [("to", &self.to), ("copies", &self.copies), ("capacity", &self.capacity)];
        for (name, list) in lists {
            if list.len() > BLOCKS_MAX || list.iter().any(|l| l.chars().count() > LINE_MAX) {
                bad(name.into(), "long", String::new());
            }
        }
        for word in unknown(&self.subject) {
            bad("subject".into(), "field", word);
        }
        for (n, block) in self.blocks.iter().enumerate() {
            if block.text.chars().count() > TEXT_MAX {
                bad(format!("block-{n}-text"), "long", String::new());
            }
            if block.heading.chars().count() > LINE_MAX {
                bad(format!("block-{n}-heading"), "long", String::new());
            }
            for (part, text) in [("heading", &block.heading), ("text", &block.text)] {
                for word in unknown(text) {
                    bad(format!("block-{n}-{part}"), "field", word);
                }
            }
            if !block.table.is_empty() && !TABLES.contains(&block.table.as_str()) {
                bad(format!("block-{n}-table"), "table", block.table.clone());
            }
        }
        for table in self.appendices.iter().filter(|t| !TABLES.contains(&t.as_str())) {
            bad("appendices".into(), "table", table.clone());
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_with_an_unknown_field_or_table_says_where() {
        let draft = Draft {
            subject: "Kết quả {{campaign}}".into(),
            issuer: "Sở".into(),
            blocks: vec![DraftBlock {
                text: "Có {{handled}} và {{handeld}} máy.".into(),
                table: "dutys".into(),
                ..DraftBlock::default()
            }],
            ..Draft::default()
        };
        let found: Vec<_> = draft.unfit().into_iter().map(|u| (u.field, u.code, u.about)).collect();
        assert_eq!(
            found,
            [
                ("block-0-text".to_owned(), "field", "handeld".to_owned()),
                ("block-0-table".to_owned(), "table", "dutys".to_owned()),
            ]
        );
        assert!(Draft { subject: "x".into(), issuer: "y".into(), ..Draft::default() }.unfit().is_empty());
    }
}
