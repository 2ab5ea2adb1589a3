//! `Field|modifier|modifier: value`: what each modifier makes of the value.

use super::{Cidr, How, Item, Order, Pattern, Test, Unit, encode};
use crate::problem::{Problem, nearest};
use crate::yaml::{At, Node, What};

/// Every modifier of Sigma 2.1.
pub const KNOWN: [&str; 31] = [
    "all",
    "base64",
    "base64offset",
    "cased",
    "cidr",
    "contains",
    "day",
    "endswith",
    "exists",
    "expand",
    "fieldref",
    "gt",
    "gte",
    "hour",
    "i",
    "lt",
    "lte",
    "m",
    "minute",
    "month",
    "neq",
    "re",
    "s",
    "startswith",
    "utf16",
    "utf16be",
    "utf16le",
    "week",
    "wide",
    "windash",
    "year",
];

/// What is looked up in other words elsewhere.
const ELSEWHERE: [(&str, &str); 6] = [
    ("regex", "re"),
    ("equals", ""),
    ("startwith", "startswith"),
    ("endwith", "endswith"),
    ("in", ""),
    ("not", "neq"),
];

/// A value on its way through the modifiers.
enum Value {
    Like(Vec<Pattern>),
    Bytes(Vec<u8>),
    Done(Test),
}

/// One line of a selection: `key: value`.
pub fn item(key: &str, at: At, value: &Node, selection: &str) -> Result<Item, Problem> {
    let mut words = key.split('|');
    let field = words.next().filter(|f| !f.is_empty()).map(str::to_owned);
    let modifiers: Vec<&str> = words.collect();
    for word in &modifiers {
        known(word, at, key)?;
    }
    let nodes = value.one_or_more();
    if nodes.is_empty() {
        return Err(Problem::error(value.at, "empty-list", key, ""));
    }
    let has = |word| modifiers.contains(&word);
    let values = nodes.iter().map(|node| tests(node, &modifiers, field.is_some()));
    Ok(Item {
        at: value.at,
        selection: selection.to_owned(),
        values: values.collect::<Result<_, _>>()?,
        field,
        all: has("all"),
        not: has("neq"),
    })
}

fn known(word: &str, at: At, key: &str) -> Result<(), Problem> {
    if KNOWN.contains(&word) {
        return Ok(());
    }
    let lower = word.to_lowercase();
    let meant = ELSEWHERE
        .iter()
        .find(|(wrong, _)| *wrong == lower)
        .map(|(_, right)| *right)
        .or_else(|| KNOWN.into_iter().find(|k| *k == lower))
        .or_else(|| nearest(&lower, KNOWN));
    let instead = meant.map(|right| match right {
        "" => key.replace(&format!("|{word}"), ""),
        right => key.replace(&format!("|{word}"), &format!("|{right}")),
    });
    Err(Problem::error(at, "modifier", word, instead.unwrap_or_default()))
}

fn tests(node: &Node, modifiers: &[&str], has_field: bool) -> Result<Vec<Test>, Problem> {
    let What::Scalar(text, _) = &node.what else {
        return Err(Problem::error(node.at, "value-nested", modifiers.join("|"), ""));
    };
    if node.is_null() && !modifiers.contains(&"exists") {
        return Ok(vec![Test::Null]);
    }
    let has = |word| modifiers.contains(&word);
    let cased = has("cased");
    // What follows from the whole list of modifiers, whichever their order.
    if has("exists") {
        let there = boolean(text).ok_or_else(|| Problem::error(node.at, "exists", text, "true"))?;
        return Ok(vec![Test::Exists(there)]);
    }
    if has("re") {
        return regex(node, text, modifiers);
    }
    if has("fieldref") {
        let how = match () {
            () if has("startswith") => How::Starts,
            () if has("endswith") => How::Ends,
            () if has("contains") => How::Contains,
            () => How::Equal,
        };
        return Ok(vec![Test::Field { other: text.clone(), how, cased }]);
    }
    if let Some(unit) = modifiers.iter().find_map(|word| unit(word)) {
        let order = modifiers.iter().find_map(|word| order(word)).unwrap_or(Order::Eq);
        return Ok(vec![Test::Time(unit, order, number(node, text)?)]);
    }
    if let Some(order) = modifiers.iter().find_map(|word| order(word)) {
        return Ok(vec![Test::Compare(order, number(node, text)?)]);
    }
    let pattern = Pattern::read(text, has("expand"));
    let mut value = Value::Like(vec![pattern]);
    for word in modifiers {
        value = step(value, word, node, text)?;
    }
    match value {
        Value::Done(test) => Ok(vec![test]),
        Value::Bytes(bytes) => {
            let pattern = Pattern::literal(&String::from_utf8_lossy(&bytes));
            Ok(vec![Test::Like { pattern: anywhere(pattern, has_field), cased }])
        }
        Value::Like(patterns) => {
            Ok(patterns.into_iter().map(|p| Test::Like { pattern: anywhere(p, has_field), cased }).collect())
        }
    }
}

/// A keyword may stand anywhere in a value.
fn anywhere(pattern: Pattern, has_field: bool) -> Pattern {
    if has_field { pattern } else { pattern.open_start().open_end() }
}

fn step(value: Value, word: &str, node: &Node, text: &str) -> Result<Value, Problem> {
    let wrong = || Problem::error(node.at, "modifier-order", word, "");
    Ok(match (word, value) {
        ("contains", Value::Like(p)) => {
            Value::Like(p.into_iter().map(|p| p.open_start().open_end()).collect())
        }
        ("startswith", Value::Like(p)) => Value::Like(p.into_iter().map(Pattern::open_end).collect()),
        ("endswith", Value::Like(p)) => Value::Like(p.into_iter().map(Pattern::open_start).collect()),
        (edge @ ("contains" | "startswith" | "endswith"), Value::Bytes(bytes)) => {
            let p = vec![Pattern::literal(&String::from_utf8_lossy(&bytes))];
            return step(Value::Like(p), edge, node, text);
        }
        ("windash", Value::Like(p)) => Value::Like(p.iter().flat_map(encode::windash).collect()),
        ("base64", value) => {
            let encoded = bytes(value, node)?.iter().map(|b| Pattern::literal(&encode::base64(b))).collect();
            Value::Like(encoded)
        }
        ("base64offset", value) => {
            let all = bytes(value, node)?;
            Value::Like(
                all.iter().flat_map(|b| encode::base64_offsets(b)).map(|t| Pattern::literal(&t)).collect(),
            )
        }
        ("wide" | "utf16le", Value::Like(p)) => Value::Bytes(encode::utf16(plain(&p, node)?, false, false)),
        ("utf16be", Value::Like(p)) => Value::Bytes(encode::utf16(plain(&p, node)?, true, false)),
        ("utf16", Value::Like(p)) => Value::Bytes(encode::utf16(plain(&p, node)?, false, true)),
        ("cidr", Value::Like(_)) => {
            let net = Cidr::read(text).ok_or_else(|| Problem::error(node.at, "cidr", text, "10.0.0.0/8"))?;
            Value::Done(Test::Cidr(net))
        }
        ("all" | "cased" | "expand" | "neq", value) => value,
        _ => return Err(wrong()),
    })
}

fn plain<'a>(patterns: &'a [Pattern], node: &Node) -> Result<&'a str, Problem> {
    match patterns {
        [one] => one.plain(),
        _ => None,
    }
    .ok_or_else(|| Problem::error(node.at, "encoded-wildcard", node.text().unwrap_or_default(), ""))
}

fn bytes(value: Value, node: &Node) -> Result<Vec<Vec<u8>>, Problem> {
    match value {
        Value::Bytes(bytes) => Ok(vec![bytes]),
        Value::Like(patterns) => patterns
            .iter()
            .map(|p| plain(std::slice::from_ref(p), node).map(|text| text.as_bytes().to_vec()))
            .collect(),
        Value::Done(_) => Err(Problem::error(node.at, "modifier-order", "base64", "")),
    }
}

fn regex(node: &Node, text: &str, modifiers: &[&str]) -> Result<Vec<Test>, Problem> {
    let flags: String = ["i", "m", "s"].into_iter().filter(|flag| modifiers.contains(flag)).collect();
    let source = if flags.is_empty() { text.to_owned() } else { format!("(?{flags}){text}") };
    regex_syntax::parse(&source).map_err(|error| {
        let why = match &error {
            regex_syntax::Error::Parse(e) => e.kind().to_string(),
            regex_syntax::Error::Translate(e) => e.kind().to_string(),
            _ => error.to_string(),
        };
        Problem::error(node.at, "regex", why, "")
    })?;
    Ok(vec![Test::Regex(source)])
}

fn number(node: &Node, text: &str) -> Result<f64, Problem> {
    let parsed = text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    parsed.ok_or_else(|| Problem::error(node.at, "number", text, ""))
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" => Some(true),
        "false" | "no" => Some(false),
        _ => None,
    }
}

fn order(word: &str) -> Option<Order> {
    Some(match word {
        "lt" => Order::Lt,
        "lte" => Order::Lte,
        "gt" => Order::Gt,
        "gte" => Order::Gte,
        _ => return None,
    })
}

fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "minute" => Unit::Minute,
        "hour" => Unit::Hour,
        "day" => Unit::Day,
        "week" => Unit::Week,
        "month" => Unit::Month,
        "year" => Unit::Year,
        _ => return None,
    })
}
