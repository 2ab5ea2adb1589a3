//! A file of rules: documents to rules, correlations and filters, with everything that is wrong.

use super::{
    About, Correlation, Expr, Filter, Level, LogSource, Rule, condition, correlation, filter, selection,
};
use crate::problem::Problem;
use crate::yaml::{self, Node};

/// What a document is.
#[derive(Clone, Debug)]
pub enum Document {
    /// A rule.
    Rule(Rule),
    /// A correlation.
    Correlation(Correlation),
    /// A filter.
    Filter(Filter),
}

impl Document {
    /// What it says of itself.
    pub fn about(&self) -> &About {
        match self {
            Document::Rule(rule) => &rule.about,
            Document::Correlation(correlation) => &correlation.about,
            Document::Filter(filter) => &filter.about,
        }
    }
}

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// What can be used.
    pub documents: Vec<Document>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// How many documents cannot be used.
    pub refused: usize,
}

impl File {
    /// Whether it is YAML of something else, such as a workflow that lies beside rules.
    pub fn is_of_no_rules(&self) -> bool {
        self.documents.is_empty() && self.problems.iter().all(|problem| problem.code == "no-rule")
    }
}

/// Reads a file's text.
pub fn file(text: &str) -> File {
    let mut out = File::default();
    let nodes = match yaml::parse(text.trim_start_matches('\u{feff}')) {
        Ok(nodes) => nodes,
        Err(broken) => {
            out.problems.push(Problem::error(broken.at, "yaml", broken.what, ""));
            out.refused = 1;
            return out;
        }
    };
    for node in collected(nodes) {
        match document(&node, &mut out.problems) {
            Some(document) => out.documents.push(document),
            None => out.refused += 1,
        }
    }
    out
}

/// Applies `action: global`, `reset` and `repeat` of collections.
fn collected(nodes: Vec<Node>) -> Vec<Node> {
    let mut global: Option<Node> = None;
    let mut last: Option<Node> = None;
    let mut out = Vec::new();
    for node in nodes {
        if node.is_null() {
            continue;
        }
        let whole = match (node.str("action"), &global, &last) {
            (Some("global"), None, _) => {
                global = Some(node);
                continue;
            }
            (Some("global"), Some(old), _) => {
                global = Some(yaml::overlay(old, &node));
                continue;
            }
            (Some("reset"), ..) => {
                (global, last) = (None, None);
                continue;
            }
            (Some("repeat"), _, Some(last)) => yaml::overlay(last, &node),
            (_, Some(global), _) => yaml::overlay(global, &node),
            _ => node,
        };
        last = Some(whole.clone());
        out.push(whole);
    }
    out
}

fn document(node: &Node, problems: &mut Vec<Problem>) -> Option<Document> {
    let sections = ["logsource", "detection", "correlation", "filter"];
    if !sections.iter().any(|section| node.get(section).is_some()) {
        problems.push(Problem::error(node.at, "no-rule", "", "detection:"));
        return None;
    }
    let about = about(node, problems);
    let source = log_source(node);
    if let Some(section) = node.get("correlation") {
        let generate = node.str("generate") == Some("true");
        return correlation::read(about, section, generate, problems).map(Document::Correlation);
    }
    if let Some(section) = node.get("filter") {
        return filter::read(about, source, section, problems).map(Document::Filter);
    }
    let Some(section) = node.get("detection") else {
        problems.push(Problem::error(node.at, "no-detection", about.title, "detection:"));
        return None;
    };
    rule(about, source, section, problems).map(Document::Rule)
}

fn rule(about: About, source: LogSource, section: &Node, problems: &mut Vec<Problem>) -> Option<Rule> {
    let before = problems.len();
    let mut items = Vec::new();
    let selections = selection::read(section, &["condition", "timeframe"], &mut items, problems);
    let Some(conditions) = section.get("condition") else {
        let names: Vec<&str> = selections.iter().map(|s| s.name.as_str()).collect();
        let instead = format!("condition: {}", names.join(" and "));
        problems.push(Problem::error(section.at, "condition-missing", "", instead));
        return None;
    };
    let mut any = Vec::new();
    for node in conditions.one_or_more() {
        match condition::read(node.text().unwrap_or_default(), node.at, selections.as_slice()) {
            Ok(expr) => any.push(expr),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.len() > before {
        return None;
    }
    let condition = if any.len() == 1 { any.swap_remove(0) } else { Expr::Or(any) };
    Some(Rule { about, source, gates: Vec::new(), items, condition })
}

fn log_source(node: &Node) -> LogSource {
    let Some(section) = node.get("logsource") else { return LogSource::default() };
    let text = |key| section.str(key).filter(|t| !t.is_empty()).map(str::to_lowercase);
    LogSource { product: text("product"), category: text("category"), service: text("service") }
}

fn about(node: &Node, problems: &mut Vec<Problem>) -> About {
    let text = |key| node.str(key).unwrap_or_default().to_owned();
    let option = |key| node.str(key).filter(|t| !t.is_empty()).map(str::to_owned);
    let level = match node.get("level").map(|n| (n.at, n.text().unwrap_or_default())) {
        None => Level::default(),
        Some((at, word)) => Level::of(word).unwrap_or_else(|| {
            let instead = crate::problem::nearest(&word.to_lowercase(), Level::ALL.map(Level::word));
            problems.push(Problem::warning(at, "level", word, instead.unwrap_or("medium")));
            Level::default()
        }),
    };
    let tags = node.get("tags").map(Node::one_or_more).unwrap_or_default();
    About {
        at: node.at,
        id: option("id"),
        name: option("name"),
        title: text("title"),
        description: text("description"),
        author: text("author"),
        level,
        status: text("status"),
        tags: tags.iter().filter_map(Node::text).map(str::to_owned).collect(),
    }
}
