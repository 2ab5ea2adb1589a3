//! A query made conditions over columns.

use std::collections::BTreeSet;

use arrow_array::{Array, RecordBatch};
use arrow_buffer::BooleanBuffer;
use domain::{
    event::Column,
    query::{Bound, Fault, Name, Part, Pattern, Query, Test},
    source::Network,
};
use regex::{Regex, RegexBuilder};

use crate::{
    Error,
    table::{
        grams,
        rows::{self, FOLDED, Fields, name},
    },
};

/// The most memory of one compiled expression: a bounded repetition of a class of characters fits, one of thousands
/// does not.
const REGEX: usize = 1 << 20;
/// Columns that hold a path: a name without its folders finds them, too.
const PATHS: [Column; 3] = [Column::Process, Column::Parent, Column::File];

/// A condition.
#[derive(Debug, Clone)]
pub enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    /// One of these columns passes.
    Columns(Vec<(&'static str, Check)>),
    /// An original field of that name, in lower case, passes.
    Own(String, Check),
    /// The line holds it, or (`fields`) a value does: a line that is JSON writes some characters otherwise.
    Text {
        found: Shape,
        fields: bool,
    },
    /// It happened from then until before then.
    Time(i64, i64),
    /// Its place in the log is before or after that one.
    Place(std::cmp::Ordering, (i64, i32)),
    /// In the order of time it stands before that one.
    Before((i64, i64, i32)),
    /// It is one of these.
    Among(BTreeSet<(i64, i32)>),
    /// Whoever asks looks at the line.
    Lines(Looked),
}

/// Who looks at lines.
#[derive(Clone)]
pub struct Looked(pub std::sync::Arc<dyn super::Lines>);

impl std::fmt::Debug for Looked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lines")
    }
}

/// What a value must be.
#[derive(Debug, Clone)]
pub enum Check {
    /// This, in lower case; or the last part of a path.
    Is {
        text: String,
        tail: bool,
    },
    Holds(Shape),
    Exists,
    Range(Option<Bound>, Option<Bound>),
    Net(Network),
}

/// An expression, and the pieces every text has that it finds something in.
#[derive(Debug, Clone)]
pub struct Shape {
    found: Regex,
    pieces: Vec<u32>,
}

impl Check {
    fn passes(&self, value: &str) -> bool {
        match self {
            Check::Is { text, tail } => {
                same(value, text)
                    || (*tail && value.rsplit(['/', '\\']).next().is_some_and(|v| same(v, text)))
            }
            Check::Holds(shape) => shape.found.is_match(value),
            Check::Exists => !value.is_empty(),
            Check::Range(from, to) => Test::range_holds(from.as_ref(), to.as_ref(), value),
            Check::Net(net) => Test::net_holds(net, value),
        }
    }

    /// The pieces every text has that passes.
    fn pieces(&self) -> Vec<u32> {
        match self {
            Check::Is { text, .. } => grams::pieces(text),
            Check::Holds(shape) => shape.pieces.clone(),
            _ => Vec::new(),
        }
    }
}

fn same(value: &str, folded: &str) -> bool {
    if folded.is_ascii() { value.eq_ignore_ascii_case(folded) } else { value.to_lowercase() == folded }
}

/// Compiles a query: conditions all of which must hold, cheap ones first.
pub fn compile(query: &Query) -> Result<Vec<Condition>, Fault> {
    let mut all = match query {
        Query::All => Vec::new(),
        Query::And(parts) => parts.iter().map(one).collect::<Result<_, _>>()?,
        other => vec![one(other)?],
    };
    all.sort_by_key(Condition::cost);
    Ok(all)
}

fn one(query: &Query) -> Result<Condition, Fault> {
    let list = |parts: &[Query]| parts.iter().map(one).collect::<Result<Vec<_>, _>>();
    Ok(match query {
        Query::All => Condition::All(Vec::new()),
        Query::And(parts) => {
            let mut parts = list(parts)?;
            parts.sort_by_key(Condition::cost);
            Condition::All(parts)
        }
        Query::Or(parts) => Condition::Any(list(parts)?),
        Query::Not(inner) => Condition::Not(Box::new(one(inner)?)),
        Query::Text(pattern) => {
            Condition::Text { found: shape(pattern, false)?, fields: written_otherwise(pattern) }
        }
        Query::Field(whose, test) => field(whose, test)?,
    })
}

fn field(whose: &Name, test: &Test) -> Result<Condition, Fault> {
    let column = |name: &'static str, tail| Ok::<_, Fault>((name, check(test, tail)?));
    Ok(match whose {
        Name::Columns(columns) => {
            let each = columns.iter().map(|c| column(c.name(), PATHS.contains(c)));
            Condition::Columns(each.collect::<Result<_, _>>()?)
        }
        Name::Product => Condition::Columns(vec![column(name::PRODUCT, false)?]),
        Name::Dataset => Condition::Columns(vec![column(name::DATASET, false)?]),
        Name::Source => Condition::Columns(vec![column(name::SOURCE, false)?]),
        Name::Raw => Condition::Columns(vec![column(name::RAW, false)?]),
        Name::Own(own) => Condition::Own(own.to_lowercase(), check(test, false)?),
    })
}

fn check(test: &Test, path: bool) -> Result<Check, Fault> {
    Ok(match test {
        Test::Exists => Check::Exists,
        Test::Range(from, to) => Check::Range(from.clone(), to.clone()),
        Test::Net(net) => Check::Net(*net),
        Test::Regex(text, at) => {
            let made = builder(text).build();
            let found = made.map_err(|_| Fault { code: "regex", at: *at, what: format!("/{text}/") })?;
            Check::Holds(Shape { found, pieces: Vec::new() })
        }
        Test::Is(pattern) => match pattern.plain() {
            Some(text) => {
                let tail = path && !text.contains(['/', '\\']);
                Check::Is { text: text.to_lowercase(), tail }
            }
            None => Check::Holds(shape(pattern, true)?),
        },
    })
}

fn builder(text: &str) -> RegexBuilder {
    let mut builder = RegexBuilder::new(text);
    builder.case_insensitive(true).dot_matches_new_line(true).size_limit(REGEX).dfa_size_limit(REGEX);
    builder
}

/// A pattern as an expression; `whole` where nothing may stand around it.
fn shape(pattern: &Pattern, whole: bool) -> Result<Shape, Fault> {
    let mut text = String::new();
    let mut pieces = Vec::new();
    for part in &pattern.0 {
        match part {
            Part::Text(t) => {
                text.push_str(&regex::escape(t));
                pieces.append(&mut grams::pieces(t));
            }
            Part::Any => text.push_str(".*"),
            Part::One => text.push('.'),
        }
    }
    // A wildcard in a text does not reach over the end of a word.
    let text = if whole { format!("^(?:{text})$") } else { text.replace(".*", r"\S*") };
    let found = builder(&text).build().map_err(|_| Fault { code: "long", at: 1, what: String::new() })?;
    Ok(Shape { found, pieces })
}

/// Whether JSON may write a text otherwise than it is: escapes of marks, quotes, slashes and what some writers escape.
fn written_otherwise(pattern: &Pattern) -> bool {
    let same = |c: char| c.is_ascii_alphanumeric() || " .,:;-_@#!%()[]{}=*$~^|".contains(c);
    pattern.0.iter().any(|part| matches!(part, Part::Text(t) if !t.chars().all(same)))
}

impl Condition {
    fn cost(&self) -> u8 {
        match self {
            Condition::Time(..) | Condition::Place(..) | Condition::Before(_) | Condition::Among(_) => 0,
            Condition::Columns(all) if all.iter().all(|(c, _)| *c != name::RAW) => 1,
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().map(Self::cost).max().unwrap_or_default()
            }
            Condition::Not(inner) => inner.cost(),
            Condition::Own(..) => 3,
            Condition::Columns(_) | Condition::Text { .. } | Condition::Lines(_) => 4,
        }
    }

    /// The columns it needs.
    pub fn columns(&self, out: &mut BTreeSet<&'static str>) {
        match self {
            Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|p| p.columns(out)),
            Condition::Not(inner) => inner.columns(out),
            Condition::Columns(all) => out.extend(all.iter().map(|(c, _)| *c)),
            Condition::Own(..) => out.extend([name::FIELDS]),
            Condition::Text { fields, .. } => {
                out.insert(name::RAW);
                out.extend(fields.then_some(name::FIELDS));
            }
            Condition::Lines(_) => out.extend([name::RAW]),
            Condition::Time(..) => out.extend([name::TIME]),
            Condition::Place(..) | Condition::Among(_) => out.extend([name::POSITION, name::LINE]),
            Condition::Before(_) => out.extend([name::TIME, name::POSITION, name::LINE]),
        }
    }

    /// Which rows pass, of those still asked about.
    pub fn rows(&self, batch: &RecordBatch, asked: &BooleanBuffer) -> Result<BooleanBuffer, Error> {
        let n = batch.num_rows();
        let each =
            |test: &dyn Fn(usize) -> bool| BooleanBuffer::collect_bool(n, |i| asked.value(i) && test(i));
        Ok(match self {
            Condition::All(parts) => {
                let mut left = asked.clone();
                for part in parts {
                    if left.count_set_bits() == 0 {
                        break;
                    }
                    left = part.rows(batch, &left)?;
                }
                left
            }
            Condition::Any(parts) => {
                let mut found = BooleanBuffer::new_unset(n);
                for part in parts {
                    found = &found | &part.rows(batch, &(asked & &!&found))?;
                }
                found
            }
            Condition::Not(inner) => asked & &!&inner.rows(batch, asked)?,
            Condition::Columns(all) => {
                let mut found = BooleanBuffer::new_unset(n);
                for (column, check) in all {
                    let texts = rows::texts(batch, column)?;
                    found = &found | &each(&|i| texts.is_valid(i) && check.passes(texts.value(i)));
                }
                found
            }
            Condition::Own(own, check) => {
                let fields = Fields::of(batch)?;
                each(&|i| fields.any(i, |key, value| same(key, own) && check.passes(value)))
            }
            Condition::Text { found: Shape { found, .. }, fields } => {
                let raws = rows::texts(batch, name::RAW)?;
                let own = if *fields { Some(Fields::of(batch)?) } else { None };
                each(&|i| {
                    found.is_match(raws.value(i))
                        || own.as_ref().is_some_and(|f| f.any(i, |_, value| found.is_match(value)))
                })
            }
            Condition::Lines(Looked(lines)) => {
                let raws = rows::texts(batch, name::RAW)?;
                let mut test = lines.tester();
                BooleanBuffer::collect_bool(n, |i| asked.value(i) && test(raws.value(i)))
            }
            Condition::Time(from, to) => {
                let times = rows::times(batch, name::TIME)?;
                each(&|i| (*from..*to).contains(&times.value(i)))
            }
            Condition::Place(order, place) => {
                let (places, lines) = (rows::places(batch)?, rows::lines(batch)?);
                each(&|i| (places.value(i), lines.value(i)).cmp(place) == *order)
            }
            Condition::Among(some) => {
                let (places, lines) = (rows::places(batch)?, rows::lines(batch)?);
                each(&|i| some.contains(&(places.value(i), lines.value(i))))
            }
            Condition::Before(key) => {
                let times = rows::times(batch, name::TIME)?;
                let (places, lines) = (rows::places(batch)?, rows::lines(batch)?);
                each(&|i| (times.value(i), places.value(i), lines.value(i)) < *key)
            }
        })
    }

    /// Whether a row group can hold any row that passes, by what is known of its columns.
    pub fn possible(&self, known: &dyn Known) -> bool {
        match self {
            Condition::All(parts) => parts.iter().all(|p| p.possible(known)),
            Condition::Any(parts) => parts.iter().any(|p| p.possible(known)),
            Condition::Columns(all) => all.iter().any(|(column, check)| match check {
                Check::Is { text, tail: false } if FOLDED.iter().any(|c| c.name() == *column) => {
                    known.may_hold(column, text)
                }
                _ if *column == name::RAW => known.may_have(&check.pieces()),
                _ => known.has_any(column),
            }),
            Condition::Text { found, .. } => known.may_have(&found.pieces),
            Condition::Own(_, check) => known.may_have(&check.pieces()),
            _ => true,
        }
    }
}

/// What is known of a row group without reading its rows.
pub trait Known {
    /// Whether a column may hold a value.
    fn may_hold(&self, column: &str, value: &str) -> bool;
    /// Whether a column holds anything at all.
    fn has_any(&self, column: &str) -> bool;
    /// Whether lines or original fields may have these pieces of text.
    fn may_have(&self, pieces: &[u32]) -> bool;
}
