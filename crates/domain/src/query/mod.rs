//! What is asked of events: the words of the search box, read into conditions. Pure; whoever looks compiles them.
//!
//! ```text
//! mimikatz "failed password"              text anywhere in the line, whatever its case; side by side means both
//! host:web01  user:(an binh)  ip:10.0.0.0/8  port:>=1024  code:[4624 TO 4634]  cmd:*-enc*  url:/id=\d+'/  hash:*
//! a AND (b OR c) NOT d                    also `-d`
//! ```

mod read;

use std::net::IpAddr;

use crate::{event::Column, source::Network};

pub use read::read;

/// A query's length in characters: a screen of text; longer ones are lists, for which there is the retro-hunt.
pub const LENGTH: usize = 4_000;
/// Conditions of a query: each costs a pass over what is left.
pub const CONDITIONS: usize = 200;
/// Parentheses within parentheses.
pub const DEPTH: usize = 20;

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// Everything.
    All,
    /// Text anywhere in the line.
    Text(Pattern),
    /// A field's value.
    Field(Name, Test),
    /// All of them.
    And(Vec<Query>),
    /// Any of them.
    Or(Vec<Query>),
    /// Not that.
    Not(Box<Query>),
}

/// Which field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// Any of these columns.
    Columns(Vec<Column>),
    /// What wrote it: `windows`, `linux` …
    Product,
    /// Which of its logs: `sshd` …
    Dataset,
    /// The way in, by its id.
    Source,
    /// The line as it came.
    Raw,
    /// An original field of that name.
    Own(String),
}

/// What its value must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// This, whatever its case; or of this shape.
    Is(Pattern),
    /// There is one.
    Exists,
    /// Between these, both of them possibly open.
    Range(Option<Bound>, Option<Bound>),
    /// An address in it.
    Net(Network),
    /// It holds what the expression says; where that stands in the query.
    Regex(String, usize),
}

/// An end of a range.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// As written.
    pub text: String,
    /// As a number, if it is one: then only numbers are within.
    pub number: Option<f64>,
    /// Whether it is within itself.
    pub within: bool,
}

/// Text with wildcards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(pub Vec<Part>);

/// A part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// These characters.
    Text(String),
    /// Any characters, or none.
    Any,
    /// One character.
    One,
}

impl Pattern {
    /// The text, where there are no wildcards in it.
    pub fn plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }
}

/// What is wrong with a query, where, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} at {at}: {what}")]
pub struct Fault {
    /// Which: `search-fault-` and this is the sentence.
    pub code: &'static str,
    /// The character at which, from one.
    pub at: usize,
    /// The part of the query it is about.
    pub what: String,
}

/// Names people write, and the columns they mean. The columns' own names are known beside them.
pub const SHORT: [(&str, &[Column]); 26] = [
    ("host", &[Column::Host]),
    ("user", &[Column::User, Column::UserTarget]),
    ("ip", &[Column::SourceIp, Column::DestinationIp]),
    ("src", &[Column::SourceIp]),
    ("dst", &[Column::DestinationIp]),
    ("port", &[Column::SourcePort, Column::DestinationPort]),
    ("sport", &[Column::SourcePort]),
    ("dport", &[Column::DestinationPort]),
    ("domain", &[Column::Domain]),
    ("url", &[Column::Url]),
    ("method", &[Column::Method]),
    ("status", &[Column::Status]),
    ("agent", &[Column::UserAgent]),
    ("process", &[Column::Process]),
    ("pid", &[Column::ProcessId]),
    ("cmd", &[Column::CommandLine]),
    ("parent", &[Column::Parent]),
    ("file", &[Column::File]),
    ("hash", &[Column::Hash]),
    ("code", &[Column::Code]),
    ("eventid", &[Column::Code]),
    ("channel", &[Column::Channel]),
    ("provider", &[Column::Provider]),
    ("action", &[Column::Action]),
    ("outcome", &[Column::Outcome]),
    ("message", &[Column::Message]),
];

impl Name {
    /// From what was written.
    pub fn of(text: &str) -> Self {
        let folded = text.to_lowercase();
        let own = Column::ALL.into_iter().find(|c| *c != Column::Time && c.name() == folded);
        let short = SHORT.iter().find(|(name, _)| *name == folded).map(|(_, columns)| columns.to_vec());
        match folded.as_str() {
            "product" | "event.module" => Name::Product,
            "log" | "event.dataset" => Name::Dataset,
            "source" => Name::Source,
            "raw" | "event.original" => Name::Raw,
            _ => match own.map(|c| vec![c]).or(short) {
                Some(columns) => Name::Columns(columns),
                None => Name::Own(text.to_owned()),
            },
        }
    }
}

impl Test {
    /// Whether a range or a network holds a value. The other tests are whoever compiles them's.
    pub fn range_holds(from: Option<&Bound>, to: Option<&Bound>, value: &str) -> bool {
        let number = value.trim().parse::<f64>().ok();
        let order = |bound: &Bound| match bound.number {
            Some(wanted) => number.and_then(|n| n.partial_cmp(&wanted)),
            None => Some(value.to_lowercase().cmp(&bound.text.to_lowercase())),
        };
        let above = from.is_none_or(|b| order(b).is_some_and(|o| o.is_gt() || (b.within && o.is_eq())));
        above && to.is_none_or(|b| order(b).is_some_and(|o| o.is_lt() || (b.within && o.is_eq())))
    }
    /// Whether a value is an address in a network.
    pub fn net_holds(net: &Network, value: &str) -> bool {
        value.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| net.holds(ip))
    }
}

#[cfg(test)]
mod tests;
