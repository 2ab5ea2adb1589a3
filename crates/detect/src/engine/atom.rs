//! An atom: one test of one field, and how it is found out.

use std::sync::OnceLock;

use domain::event::{Kind, Value};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use regex::Regex;

use super::glob::Glob;
use crate::rule::{Cidr, How, Order, Part, Pattern, Test, Unit};

/// The most memory one regular expression may take when compiled.
const REGEX: usize = 4 << 20;

/// How an atom is found out once something points to it.
#[derive(Debug)]
pub enum Check {
    /// The automaton says all: the literal at its place.
    Literal,
    /// A pattern over the folded text.
    Folded(Glob),
    /// A pattern over the text as it is.
    Cased(Glob),
    /// A regular expression, compiled when first needed.
    Regex(Box<Lazy>),
    /// An address within a network.
    Cidr(Cidr),
    /// A number.
    Compare(Order, f64),
    /// A part of a time.
    Time(Unit, Order, f64),
    /// The field is there.
    Exists,
    /// The field is empty or not there.
    Null,
    /// As another field, by its number.
    Field(u32, How, bool),
}

/// A regular expression compiled when first needed.
#[derive(Debug)]
pub struct Lazy {
    source: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Lazy {
    /// Not compiled yet; its syntax was checked when the rule was read.
    pub fn new(source: &str) -> Lazy {
        Lazy { source: source.to_owned(), compiled: OnceLock::new() }
    }

    /// Whether it is found. One too large to compile is never found.
    pub fn is_match(&self, text: &str) -> bool {
        let compile = || regex::RegexBuilder::new(&self.source).size_limit(REGEX).build().ok();
        self.compiled.get_or_init(compile).as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

/// Where a literal must stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Anywhere.
    Within,
    /// At the beginning.
    Start,
    /// At the end.
    End,
    /// Anywhere, and then the atom's own check decides.
    Hint,
}

/// What points to an atom.
#[derive(Debug)]
pub enum Pointer {
    /// The whole text, folded.
    Whole(String),
    /// One of these literals, folded, at this place.
    Literals(Vec<String>, Place),
    /// The field being there.
    Presence,
    /// Nothing: it may hold without the field.
    None,
}

/// How a test is found out.
pub fn prepare(test: &Test, other: &mut impl FnMut(&str) -> u32) -> (Pointer, Check) {
    match test {
        Test::Like { pattern, cased } => like(pattern, *cased),
        Test::Regex(source) => {
            let check = Check::Regex(Box::new(Lazy::new(source)));
            match super::literal::required(source) {
                Some(literals) => (Pointer::Literals(literals, Place::Hint), check),
                None => (Pointer::Presence, check),
            }
        }
        Test::Cidr(net) => (Pointer::Presence, Check::Cidr(*net)),
        Test::Compare(order, number) => (Pointer::Presence, Check::Compare(*order, *number)),
        Test::Time(unit, order, number) => (Pointer::Presence, Check::Time(*unit, *order, *number)),
        Test::Exists(true) => (Pointer::Presence, Check::Exists),
        // The caller turns it round.
        Test::Exists(false) => (Pointer::None, Check::Exists),
        Test::Null => (Pointer::None, Check::Null),
        Test::Field { other: name, how, cased } => {
            (Pointer::Presence, Check::Field(other(name), *how, *cased))
        }
    }
}

fn like(pattern: &Pattern, cased: bool) -> (Pointer, Check) {
    let check = |cased| {
        if cased { Check::Cased(Glob::new(pattern, true)) } else { Check::Folded(Glob::new(pattern, false)) }
    };
    let literal = |text: &str| super::glob::folded(text);
    let (pointer, exact) = match pattern.0.as_slice() {
        [] => (Pointer::Whole(String::new()), true),
        [Part::Text(t)] => (Pointer::Whole(literal(t)), true),
        [Part::Any, Part::Text(t), Part::Any] => (Pointer::Literals(vec![literal(t)], Place::Within), true),
        [Part::Text(t), Part::Any] => (Pointer::Literals(vec![literal(t)], Place::Start), true),
        [Part::Any, Part::Text(t)] => (Pointer::Literals(vec![literal(t)], Place::End), true),
        parts => {
            let texts = parts.iter().filter_map(|part| match part {
                Part::Text(text) => Some(text),
                _ => None,
            });
            let longest = texts.max_by_key(|text| text.len());
            (longest.map_or(Pointer::Presence, |t| Pointer::Literals(vec![literal(t)], Place::Hint)), false)
        }
    };
    match (exact, cased) {
        (true, false) => (pointer, Check::Literal),
        // A cased whole or literal is only pointed to by its folded form.
        (_, true) => (
            match pointer {
                Pointer::Literals(all, _) => Pointer::Literals(all, Place::Hint),
                other => other,
            },
            check(true),
        ),
        (false, false) => (pointer, check(false)),
    }
}

/// Whether one value passes a check that needs only it.
pub fn passes(check: &Check, value: Value<'_>, folded: impl FnOnce() -> bool) -> bool {
    match check {
        Check::Exists => true,
        _ if value.kind == Kind::Null => false,
        Check::Literal | Check::Null | Check::Field(..) => false,
        Check::Folded(_) => folded(),
        Check::Cased(glob) => glob.matches(value.text),
        Check::Regex(regex) => regex.is_match(value.text),
        Check::Cidr(net) => net.holds(value.text),
        Check::Compare(order, number) => compare(value.text, *order, *number),
        Check::Time(unit, order, number) => time(value.text, *unit, *order, *number),
    }
}

/// Whether a text, read as a number, stands so to another.
pub fn compare(text: &str, order: Order, number: f64) -> bool {
    let text = text.trim();
    let own = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        #[expect(clippy::cast_precision_loss, reason = "flags and handles, not sums")]
        Some(hex) => u64::from_str_radix(hex, 16).ok().map(|n| n as f64),
        None => text.parse::<f64>().ok(),
    };
    own.is_some_and(|own| order.holds(own, number))
}

/// Whether a part of a time, in UTC, stands so to a number.
pub fn time(text: &str, unit: Unit, order: Order, number: f64) -> bool {
    let at = text.parse::<Timestamp>().map(|t| t.to_zoned(TimeZone::UTC).datetime());
    let Ok(at) = at.or_else(|_| text.parse::<DateTime>()) else { return false };
    let part = match unit {
        Unit::Minute => i32::from(at.minute()),
        Unit::Hour => i32::from(at.hour()),
        Unit::Day => i32::from(at.day()),
        Unit::Week => i32::from(at.date().iso_week_date().week()),
        Unit::Month => i32::from(at.month()),
        Unit::Year => i32::from(at.year()),
    };
    order.holds(f64::from(part), number)
}

/// Whether a value stands so to another.
pub fn relates(own: &str, other: &str, how: How, cased: bool) -> bool {
    let test = |own: &str, other: &str| match how {
        How::Equal => own == other,
        How::Starts => own.starts_with(other),
        How::Ends => own.ends_with(other),
        How::Contains => own.contains(other),
    };
    if cased { test(own, other) } else { test(&super::glob::folded(own), &super::glob::folded(other)) }
}
