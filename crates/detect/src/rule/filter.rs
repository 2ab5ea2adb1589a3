//! Filters: what is laid over other rules to except what is known to be harmless here.

use super::{About, Expr, Item, LogSource, Rule, condition, selection};
use crate::problem::Problem;
use crate::yaml::Node;

/// A filter.
#[derive(Clone, Debug)]
pub struct Filter {
    /// What it says of itself.
    pub about: About,
    /// Of which logs it speaks; the rule's must be the same where it is named.
    pub source: LogSource,
    /// Ids or names of the rules it is laid over; of `any`, nothing.
    pub rules: Vec<String>,
    /// Its items.
    pub items: Vec<Item>,
    /// What must hold besides the rule's own condition.
    pub condition: Expr,
}

/// Reads a filter's section.
pub fn read(about: About, source: LogSource, section: &Node, problems: &mut Vec<Problem>) -> Option<Filter> {
    let before = problems.len();
    let mut items = Vec::new();
    let selections = selection::read(section, &["rules", "condition"], &mut items, problems);
    let rules: Vec<String> = match section.get("rules") {
        Some(node) if node.text() == Some("any") => Vec::new(),
        Some(node) => node.one_or_more().iter().filter_map(Node::text).map(str::to_owned).collect(),
        None => {
            problems.push(Problem::error(section.at, "filter-rules", "", "rules: any"));
            Vec::new()
        }
    };
    let condition = match section.get("condition") {
        Some(node) => condition::read(node.text().unwrap_or_default(), node.at, selections.as_slice()),
        None => Err(Problem::error(section.at, "condition-missing", "", "condition: not selection")),
    };
    match condition {
        Ok(condition) if problems.len() == before => Some(Filter { about, source, rules, items, condition }),
        Ok(_) => None,
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

impl Filter {
    /// Whether it is laid over a rule.
    pub fn concerns(&self, rule: &Rule) -> bool {
        let same = |own: &Option<String>, its: &Option<String>| own.is_none() || own == its;
        let source = &self.source;
        (self.rules.is_empty() || self.rules.iter().any(|name| rule.about.is_called(name)))
            && same(&source.product, &rule.source.product)
            && same(&source.category, &rule.source.category)
            && same(&source.service, &rule.source.service)
    }

    /// Lays it over a rule.
    pub fn lay(&self, rule: &mut Rule) {
        let first = rule.items.len();
        rule.items.extend(self.items.iter().cloned());
        let own = self.condition.map(&mut |item| Expr::Item(first + item));
        rule.condition = Expr::And(vec![std::mem::take(&mut rule.condition), own]);
    }
}
