//! A rule, as read: items with their tests, and one expression over them.

pub mod cidr;
pub mod condition;
pub mod correlation;
pub mod encode;
pub mod filter;
pub mod modifier;
pub mod pattern;
pub mod read;
pub mod selection;

use crate::yaml::At;
pub use cidr::Cidr;
pub use correlation::{Bounds, Correlation, Joins};
pub use filter::Filter;
pub use pattern::{Part, Pattern};

/// How grave a hit is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Only to be kept.
    Informational,
    /// Seen every day in a healthy network.
    Low,
    /// To be looked at; what a rule without a level is.
    #[default]
    Medium,
    /// To be looked at now.
    High,
    /// Somebody is to be woken.
    Critical,
}

impl Level {
    /// All levels, from the least.
    pub const ALL: [Level; 5] =
        [Level::Informational, Level::Low, Level::Medium, Level::High, Level::Critical];

    /// The level of a word in a rule.
    pub fn of(word: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.word() == word)
    }

    /// The word in a rule.
    pub fn word(self) -> &'static str {
        match self {
            Level::Informational => "informational",
            Level::Low => "low",
            Level::Medium => "medium",
            Level::High => "high",
            Level::Critical => "critical",
        }
    }
}

/// Which log a rule speaks of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogSource {
    /// What wrote it, such as `windows`.
    pub product: Option<String>,
    /// What kind of event, whoever wrote it, such as `process_creation`.
    pub category: Option<String>,
    /// Which of its logs, such as `security`.
    pub service: Option<String>,
}

/// What rules, correlations and filters say of themselves.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Where it begins.
    pub at: At,
    /// Its id.
    pub id: Option<String>,
    /// The name by which correlations call it.
    pub name: Option<String>,
    /// Its title.
    pub title: String,
    /// What it looks for, for people.
    pub description: String,
    /// Who wrote it. Licences of rules ask that this is told with what they find.
    pub author: String,
    /// How grave it is.
    pub level: Level,
    /// `stable`, `test`, `experimental` …
    pub status: String,
    /// Its tags, such as `attack.t1003`.
    pub tags: Vec<String>,
}

impl About {
    /// Whether a reference by id or name means this.
    pub fn is_called(&self, reference: &str) -> bool {
        self.id.as_deref() == Some(reference) || self.name.as_deref() == Some(reference)
    }

    /// What it is known by: its id or, having none, its title.
    pub fn called(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.title)
    }
}

/// A rule.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    /// What it says of itself.
    pub about: About,
    /// Which log it speaks of.
    pub source: LogSource,
    /// Conditions on events that a pipeline added to the logsource: all must hold, of each list one value.
    pub gates: Vec<(String, Vec<String>)>,
    /// Its items.
    pub items: Vec<Item>,
    /// Its condition over the items; of several conditions any.
    pub condition: Expr,
}

/// An expression; leaves are numbers of items.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// All of them; of none, true.
    And(Vec<Expr>),
    /// Any of them; of none, false.
    Or(Vec<Expr>),
    /// Its opposite.
    Not(Box<Expr>),
    /// The item of that number.
    Item(usize),
}

impl Default for Expr {
    /// Never true.
    fn default() -> Self {
        Expr::Or(Vec::new())
    }
}

impl Expr {
    /// The expression with every leaf replaced.
    pub fn map(&self, leaf: &mut impl FnMut(usize) -> Expr) -> Expr {
        match self {
            Expr::And(all) => Expr::And(all.iter().map(|e| e.map(leaf)).collect()),
            Expr::Or(any) => Expr::Or(any.iter().map(|e| e.map(leaf)).collect()),
            Expr::Not(inner) => Expr::Not(Box::new(inner.map(leaf))),
            Expr::Item(item) => leaf(*item),
        }
    }

    /// Whether it holds, given what each item says.
    pub fn holds(&self, item: &mut impl FnMut(usize) -> bool) -> bool {
        match self {
            Expr::And(all) => all.iter().all(|e| e.holds(item)),
            Expr::Or(any) => any.iter().any(|e| e.holds(item)),
            Expr::Not(inner) => !inner.holds(item),
            Expr::Item(number) => item(*number),
        }
    }
}

/// One line of a selection: a field and what its value may be.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Where its value begins.
    pub at: At,
    /// The selection it stands in.
    pub selection: String,
    /// Its field; none of a keyword, which may stand anywhere in the event.
    pub field: Option<String>,
    /// Its values; each is met by any of its tests (a value with `base64offset` has three).
    pub values: Vec<Vec<Test>>,
    /// Whether all values must be met, not just one.
    pub all: bool,
    /// Whether the item is met when this is not (`neq`).
    pub not: bool,
}

/// How two values are compared as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Equal.
    Eq,
}

impl Order {
    /// Whether `left ? right`.
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Order::Lt => left < right,
            Order::Lte => left <= right,
            Order::Gt => left > right,
            Order::Gte => left >= right,
            #[expect(clippy::float_cmp, reason = "the rule says equal")]
            Order::Eq => left == right,
        }
    }

    /// As people write it.
    pub fn sign(self) -> &'static str {
        match self {
            Order::Lt => "<",
            Order::Lte => "≤",
            Order::Gt => ">",
            Order::Gte => "≥",
            Order::Eq => "=",
        }
    }
}

/// How a field stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum How {
    /// The same.
    Equal,
    /// Begins with it.
    Starts,
    /// Ends with it.
    Ends,
    /// Has it somewhere.
    Contains,
}

/// A part of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is what it is called")]
pub enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// What one value of a field may be.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Text with wildcards.
    Like {
        /// The text.
        pattern: Pattern,
        /// Whether upper and lower case differ.
        cased: bool,
    },
    /// A regular expression, found anywhere, with its flags in front.
    Regex(String),
    /// An address within a network.
    Cidr(Cidr),
    /// A number.
    Compare(Order, f64),
    /// A part of a time, in UTC.
    Time(Unit, Order, f64),
    /// Whether the field is there.
    Exists(bool),
    /// The field is empty or not there.
    Null,
    /// As another field.
    Field {
        /// The other field.
        other: String,
        /// How it stands to it.
        how: How,
        /// Whether upper and lower case differ.
        cased: bool,
    },
}

impl std::fmt::Display for Test {
    /// Why a field matched, short.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Test::Like { pattern, .. } => write!(f, "{pattern}"),
            Test::Regex(source) => write!(f, "/{source}/"),
            Test::Cidr(net) => write!(f, "{net}"),
            Test::Compare(order, number) => write!(f, "{} {number}", order.sign()),
            Test::Time(unit, order, number) => write!(f, "{unit:?} {} {number}", order.sign()),
            Test::Exists(true) => f.write_str("exists"),
            Test::Exists(false) => f.write_str("not there"),
            Test::Null => f.write_str("null"),
            Test::Field { other, .. } => write!(f, "← {other}"),
        }
    }
}
