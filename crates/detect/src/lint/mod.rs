//! What is wrong with a file of rules, and what to write instead.

use std::collections::HashMap;

use crate::engine::source::Sources;
use crate::problem::{Problem, nearest};
use crate::rule::read::{self, Document};
use crate::rule::{Item, LogSource, Part, Rule, Test};
use crate::yaml::{self, Node};

/// The words a rule may say about how far it is.
const STATUSES: [&str; 5] = ["stable", "test", "experimental", "deprecated", "unsupported"];
/// The keys of Sigma 2.1 at the top of a document.
const KEYS: [&str; 24] = [
    "title",
    "id",
    "name",
    "taxonomy",
    "related",
    "status",
    "description",
    "license",
    "author",
    "references",
    "date",
    "modified",
    "logsource",
    "detection",
    "correlation",
    "filter",
    "fields",
    "falsepositives",
    "level",
    "tags",
    "scope",
    "generate",
    "action",
    "regression_tests_path",
];
/// Keys some rule sets add, left alone.
const ALSO: [&str; 3] = ["simulation", "custom", "tests"];
/// The longest title: a line of an alert.
const TITLE: usize = 256;

/// All that is wrong, in the order of the file.
pub fn file(text: &str, sources: &Sources) -> Vec<Problem> {
    let read = read::file(text);
    let mut out = read.problems;
    if let Ok(nodes) = yaml::parse(text.trim_start_matches('\u{feff}')) {
        let collection = nodes.iter().any(|n| n.get("action").is_some());
        for node in nodes.iter().filter(|n| n.map().is_some() && !collection) {
            head(node, sources, &mut out);
        }
    }
    for document in &read.documents {
        if let Document::Rule(rule) = document {
            body(rule, &mut out);
        }
    }
    out.sort_by_key(|p| (p.at, std::cmp::Reverse(p.weight)));
    out.dedup();
    out
}

/// What several files have in common and should not: ids.
pub fn twice<'a>(files: impl IntoIterator<Item = (&'a str, &'a read::File)>) -> Vec<(&'a str, Problem)> {
    let mut first: HashMap<&str, &str> = HashMap::new();
    let mut out = Vec::new();
    for (name, file) in files {
        for document in &file.documents {
            let about = document.about();
            let Some(id) = about.id.as_deref() else { continue };
            match first.get(id) {
                Some(other) => {
                    out.push((name, Problem::error(about.at, "id-twice", format!("{id} ({other})"), "")))
                }
                None => drop(first.insert(id, name)),
            }
        }
    }
    out
}

fn head(node: &Node, sources: &Sources, out: &mut Vec<Problem>) {
    let place = |key: &str| node.get(key).map_or(node.at, |n| n.at);
    let title = node.str("title").unwrap_or_default();
    if title.trim().is_empty() {
        out.push(Problem::warning(node.at, "title", "", "title:"));
    } else if title.chars().count() > TITLE {
        out.push(Problem::advice(place("title"), "title-long", TITLE.to_string(), ""));
    }
    match node.str("id") {
        None => out.push(Problem::warning(node.at, "id", "", "id:")),
        Some(id) if !uuid(id) => out.push(Problem::warning(place("id"), "id-form", id, "")),
        Some(_) => {}
    }
    if let Some(status) = node.str("status").filter(|s| !STATUSES.contains(s)) {
        let meant = nearest(status, STATUSES).unwrap_or("experimental");
        out.push(Problem::warning(place("status"), "status", status, meant));
    }
    if node.get("filter").is_none() && node.get("level").is_none() {
        out.push(Problem::advice(node.at, "level-missing", "", "level: medium"));
    }
    for (key, _) in node.map().unwrap_or_default() {
        let word = key.text().unwrap_or_default();
        if !KEYS.contains(&word) && !ALSO.contains(&word) {
            let meant = nearest(word, KEYS).unwrap_or_default();
            out.push(Problem::warning(key.at, "key", word, meant));
        }
    }
    for key in ["date", "modified"] {
        if let Some(text) = node.str(key).filter(|t| !date(t)) {
            out.push(Problem::advice(place(key), "date", text, text.replace('/', "-")));
        }
    }
    for tag in node.get("tags").map(Node::one_or_more).unwrap_or_default() {
        if let Some(text) = tag.text().filter(|t| !t.contains('.')) {
            out.push(Problem::advice(tag.at, "tag", text, format!("attack.{}", text.to_lowercase())));
        }
    }
    if node.get("detection").is_some() {
        log_source(node, sources, out);
        unused(node, out);
    }
}

fn log_source(node: &Node, sources: &Sources, out: &mut Vec<Problem>) {
    let Some(section) = node.get("logsource") else {
        out.push(Problem::warning(node.at, "logsource", "", "logsource:"));
        return;
    };
    let text = |key| section.str(key).map(str::to_lowercase);
    let source = LogSource { product: text("product"), category: text("category"), service: text("service") };
    for (key, _) in section.map().unwrap_or_default() {
        let word = key.text().unwrap_or_default();
        if !["product", "category", "service", "definition", "custom"].contains(&word) {
            let meant = nearest(word, ["product", "category", "service", "definition"]).unwrap_or_default();
            out.push(Problem::warning(key.at, "key", word, meant));
        }
    }
    if source == LogSource::default() {
        out.push(Problem::warning(section.at, "logsource", "", "product: windows"));
    } else if !sources.knows(&source) {
        let words = [source.product, source.category, source.service].into_iter().flatten();
        let what = words.collect::<Vec<_>>().join("/");
        out.push(Problem::advice(section.at, "logsource-unknown", what, ""));
    }
}

/// Selections that no condition names.
fn unused(node: &Node, out: &mut Vec<Problem>) {
    let Some(section) = node.get("detection") else { return };
    let conditions: Vec<&str> = section
        .get("condition")
        .map(Node::one_or_more)
        .unwrap_or_default()
        .iter()
        .filter_map(Node::text)
        .collect();
    let words: Vec<&str> = conditions.iter().flat_map(|c| c.split([' ', '(', ')', '\n', '\t'])).collect();
    for (key, _) in section.map().unwrap_or_default() {
        let Some(name) = key.text().filter(|n| !["condition", "timeframe"].contains(n)) else { continue };
        let named = words.iter().any(|word| {
            *word == name
                || (*word == "them" && !name.starts_with('_'))
                || (word.contains('*') && crate::rule::Pattern::read(word, false).matches(name, true))
        });
        if !named {
            out.push(Problem::warning(key.at, "selection-unused", name, ""));
        }
    }
    if let Some(at) = section.get("timeframe").map(|n| n.at) {
        out.push(Problem::warning(at, "timeframe", "", "correlation:"));
    }
}

fn body(rule: &Rule, out: &mut Vec<Problem>) {
    for item in &rule.items {
        let field = item.field.as_deref().unwrap_or_default();
        if field.contains(char::is_whitespace) && field.trim() != field {
            out.push(Problem::warning(item.at, "field-space", field, field.trim()));
        }
        values(item, out);
    }
}

fn values(item: &Item, out: &mut Vec<Problem>) {
    let field = item.field.as_deref().unwrap_or_default();
    if item.all && item.values.len() == 1 {
        out.push(Problem::advice(item.at, "all-of-one", field, ""));
    }
    for (n, tests) in item.values.iter().enumerate() {
        if item.values.iter().take(n).any(|other| other == tests) {
            let what = tests.first().map(ToString::to_string).unwrap_or_default();
            out.push(Problem::advice(item.at, "value-twice", what, ""));
        }
        for test in tests {
            let Test::Like { pattern, .. } = test else { continue };
            if pattern.0.as_slice() == [Part::Any] && item.field.is_some() {
                let instead = format!("{field}|exists: true");
                out.push(Problem::advice(item.at, "wildcard-alone", field, instead));
            }
            // `*\*` was meant as a run after a backslash, and is a star.
            if pattern.0.iter().any(|part| matches!(part, Part::Text(t) if t.ends_with('*') && t.len() > 1)) {
                let text = pattern.to_string();
                out.push(Problem::advice(
                    item.at,
                    "wildcard-escaped",
                    text.clone(),
                    text.replace('*', r"\\*"),
                ));
            }
        }
    }
}

fn uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|g| g.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|g| g.chars().all(|c| c.is_ascii_hexdigit()))
}

fn date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}
