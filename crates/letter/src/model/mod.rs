//! Papers out: facts to a document in the layout of NĐ 30/2020, Phụ lục I. Pure.
//!
//! [`compose`] settles everything that is a rule of the paper and not of a file format: which line stands where,
//! how it is written, numbering, punctuation, leading zeros. What is left to the writers of PDF, Word and HTML is
//! drawing it.

mod compose;
mod fit;
mod write;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use domain::report::Urgency;

pub use self::{
    compose::compose,
    fit::{LANDSCAPE, PORTRAIT},
    write::{day_line, grouped, letter_point, listed, number_line, roman, two_digits},
};

/// What is to be said, before it is a paper.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The body above the issuer; `None` where the head names none (a provincial committee).
    pub superior: Option<String>,
    /// Who issues it.
    pub issuer: String,
    /// The number; `None` is left for the clerk.
    pub number: Option<u32>,
    /// The symbol (*BC-SKHCN*), as the clerk's register abbreviates.
    pub symbol: String,
    /// Where it is issued.
    pub place: String,
    /// When; `None` leaves day, month and year for the clerk.
    pub date: Option<Date>,
    /// Of which form.
    pub form: Form,
    /// How urgent.
    pub urgency: Option<Urgency>,
    /// Lines of *Kính gửi*.
    pub to: Vec<String>,
    /// The body.
    pub parts: Vec<Part>,
    /// Lines of *Nơi nhận*.
    pub copies: Vec<String>,
    /// Who signs before that, side by side: both sides of minutes.
    #[serde(default)]
    pub cosigned: Vec<Signature>,
    /// Who signs, and in which capacity.
    pub signature: Signature,
    /// What is attached; each begins a new page.
    pub appendices: Vec<Attached>,
}

/// The two forms of paper this product writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Form {
    /// *Công văn*: no title; *V/v …* under the number.
    Letter {
        /// What it is about.
        subject: String,
    },
    /// A paper with its kind as title: *BÁO CÁO*, and what it is about beneath.
    Titled {
        /// *BÁO CÁO*.
        title: String,
        /// What it is about.
        subject: String,
    },
}

impl Default for Form {
    fn default() -> Self {
        Form::Letter { subject: String::new() }
    }
}

/// Who signs: lines of capacity (*KT. GIÁM ĐỐC*, *PHÓ GIÁM ĐỐC*) and the name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// *TM. ỦY BAN NHÂN DÂN*, *KT. CHỦ TỊCH*, *PHÓ CHỦ TỊCH*: one each.
    pub capacity: Vec<String>,
    /// The name, with rank or degree where the body writes one.
    pub name: String,
}

/// A stretch of text of one look.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The characters.
    pub text: String,
    /// Bold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bold: bool,
    /// Italic.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub italic: bool,
    /// Where its evidence opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
}

impl Span {
    /// Plain text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
    /// Text that opens its evidence.
    pub fn linked(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: Some(href.into()), ..Self::default() }
    }
}

/// How deep an article stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// `1.` with a bold heading.
    Heading,
    /// `1.` (*khoản*).
    Clause,
    /// `a)` (*điểm*).
    Point,
    /// `-`.
    Dash,
}

/// A piece of the body, before it is numbered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Part {
    /// A paragraph.
    Text {
        /// Its words.
        spans: Vec<Span>,
    },
    /// An article.
    Item {
        /// How deep.
        level: Level,
        /// Its words.
        spans: Vec<Span>,
    },
    /// A table.
    Table(Table),
}

impl Part {
    /// A paragraph of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Part::Text { spans: vec![Span::plain(text)] }
    }
    /// An article of plain text.
    pub fn item(level: Level, text: impl Into<String>) -> Self {
        Part::Item { level, spans: vec![Span::plain(text)] }
    }
}

/// Something attached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attached {
    /// What it is called.
    pub title: String,
    /// What it holds.
    pub parts: Vec<Part>,
    /// Wide tables lie across.
    pub landscape: bool,
}

/// Where a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Align {
    /// At its beginning.
    #[default]
    Start,
    /// In its middle.
    Center,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its head; repeated on every page.
    pub title: String,
    /// Its width: in parts of the whole as it is given, in tenths of a millimetre once it is laid out.
    pub width: u16,
    /// Where its text stands.
    pub align: Align,
}

impl Column {
    /// A column of words.
    pub fn words(title: impl Into<String>, width: u16) -> Self {
        Self { title: title.into(), width, align: Align::Start }
    }
    /// A column of figures or signs.
    pub fn figures(title: impl Into<String>, width: u16) -> Self {
        Self { title: title.into(), width, align: Align::Center }
    }
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// What stands above it; empty for nothing.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows; each has a cell a column, or one cell alone: a heading across all columns, which stays with the row
    /// below it.
    pub rows: Vec<Vec<Span>>,
    /// What stands below it in small letters; empty for nothing.
    pub note: String,
    /// Smaller letters, for many columns.
    pub dense: bool,
}

/// A paper, every line of it settled. The same document makes the PDF, the Word file and the page on the screen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The body above the issuer, in capitals; empty where there is none.
    pub superior: String,
    /// The issuer, in capitals.
    pub issuer: String,
    /// *CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM*.
    pub state: String,
    /// *Độc lập - Tự do - Hạnh phúc*.
    pub motto: String,
    /// *Số:      /BC-SKHCN*.
    pub number: String,
    /// *V/v …*; empty for a titled paper.
    pub about: String,
    /// The stamp of urgency; empty for none.
    pub urgency: String,
    /// *Thanh Bình, ngày 05 tháng 02 năm 2027*.
    pub dated: String,
    /// *BÁO CÁO*; empty for a letter.
    pub title: String,
    /// What a titled paper is about.
    pub subject: String,
    /// *Kính gửi:* with its lines: one stands beside the words, more stand below them.
    pub to: Vec<String>,
    /// The body.
    pub blocks: Vec<Block>,
    /// The lines under *Nơi nhận:*, written out.
    pub copies: Vec<String>,
    /// Who signs above the foot of the paper, two side by side; capacities in capitals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cosigned: Vec<Signature>,
    /// Lines of capacity, in capitals.
    pub capacity: Vec<String>,
    /// Who signs.
    pub signer: String,
    /// What is attached.
    pub appendices: Vec<Appendix>,
}

/// A piece of the body, numbered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Block {
    /// A paragraph, or an article with its label as its first characters.
    Text {
        /// A heading, in bold.
        heading: bool,
        /// Its words.
        spans: Vec<Span>,
    },
    /// A table.
    Table(Table),
}

/// Something attached, written out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Appendix {
    /// *Phụ lục I*.
    pub label: String,
    /// Its title, in capitals.
    pub title: String,
    /// *(Kèm theo Báo cáo số …)*.
    pub reference: String,
    /// What it holds.
    pub blocks: Vec<Block>,
    /// Whether it lies across.
    pub landscape: bool,
}
