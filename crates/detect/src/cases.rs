//! A rule's own test events: what it must hit and what it must leave alone.
//!
//! Beside `name.yml` lies `name.events.yml` with the lists `hit` and `miss`. A case is one event, or a list of events in
//! their order (for correlations); an event is a map (as JSON) or a line of text, or `{times: N, every: SECONDS, event}`.

use crate::problem::Problem;
use crate::yaml::{self, At, Node, What};

/// One event of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The line as a log would have it.
    pub line: String,
    /// How many seconds after the one before it.
    pub after: i64,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Where it begins.
    pub at: At,
    /// Whether it must be hit.
    pub hit: bool,
    /// Its events.
    pub samples: Vec<Sample>,
}

/// The most events a case may have when repetitions are written out.
const SAMPLES: usize = 10_000;

/// Reads a file of cases.
///
/// # Errors
/// Where it is none.
pub fn read(text: &str) -> Result<Vec<Case>, Problem> {
    let nodes = yaml::parse(text).map_err(|broken| Problem::error(broken.at, "yaml", broken.what, ""))?;
    let mut out = Vec::new();
    for node in &nodes {
        for (key, list) in node.map().unwrap_or_default() {
            let hit = match key.text() {
                Some("hit") => true,
                Some("miss") => false,
                other => return Err(Problem::error(key.at, "cases-key", other.unwrap_or_default(), "hit")),
            };
            for case in list.one_or_more() {
                let mut samples = Vec::new();
                for event in case.one_or_more() {
                    add(event, &mut samples)?;
                }
                out.push(Case { at: case.at, hit, samples });
            }
        }
    }
    Ok(out)
}

fn add(node: &Node, out: &mut Vec<Sample>) -> Result<(), Problem> {
    if let (Some(times), Some(event)) = (node.str("times"), node.get("event")) {
        let number = |text: &str| text.parse::<i64>().ok();
        let wrong = || Problem::error(node.at, "number", times, "");
        let times =
            number(times).filter(|n| usize::try_from(*n).is_ok_and(|n| n <= SAMPLES)).ok_or_else(wrong)?;
        let every = node.str("every").and_then(number).unwrap_or(1);
        for _ in 0..times {
            out.push(Sample { line: line(event), after: every });
        }
    } else {
        out.push(Sample { line: line(node), after: 1 });
    }
    if out.len() > SAMPLES { Err(Problem::error(node.at, "number", SAMPLES.to_string(), "")) } else { Ok(()) }
}

/// A line of text as it is, a map as JSON.
fn line(node: &Node) -> String {
    match &node.what {
        What::Scalar(text, _) => text.clone(),
        _ => {
            let mut out = String::new();
            json(node, &mut out);
            out
        }
    }
}

fn json(node: &Node, out: &mut String) {
    match &node.what {
        What::Scalar(..) if node.is_null() => out.push_str("null"),
        What::Scalar(text, true) if matches!(text.as_str(), "true" | "false") => out.push_str(text),
        // Numbers as written, unless JSON would not take them.
        What::Scalar(text, true)
            if text.parse::<i64>().is_ok()
                && !text.starts_with('+')
                && (text == "0" || !text.starts_with('0')) =>
        {
            out.push_str(text);
        }
        What::Scalar(text, _) => quoted(text, out),
        What::List(all) => {
            out.push('[');
            for (n, node) in all.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                json(node, out);
            }
            out.push(']');
        }
        What::Map(all) => {
            out.push('{');
            for (n, (key, value)) in all.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                quoted(key.text().unwrap_or_default(), out);
                out.push(':');
                json(value, out);
            }
            out.push('}');
        }
    }
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}
