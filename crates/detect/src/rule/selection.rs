//! Selections: maps are *and*, lists are *or*, what has no field is a keyword.

use super::{Expr, Item, modifier};
use crate::problem::Problem;
use crate::yaml::{Node, What};

/// A selection by its name.
pub struct Selection {
    /// Its name.
    pub name: String,
    /// What it says.
    pub expr: Expr,
}

/// Reads all selections of a `detection` or `filter` section, all but what is in `not`.
pub fn read(
    section: &Node,
    not: &[&str],
    items: &mut Vec<Item>,
    problems: &mut Vec<Problem>,
) -> Vec<Selection> {
    let mut out = Vec::new();
    for (key, node) in section.map().unwrap_or_default() {
        let Some(name) = key.text() else { continue };
        if not.contains(&name) {
            continue;
        }
        match body(node, name, items) {
            Ok(expr) => out.push(Selection { name: name.to_owned(), expr }),
            Err(problem) => {
                problems.push(problem);
                // Its name is known all the same: one error, not two.
                out.push(Selection { name: name.to_owned(), expr: Expr::default() });
            }
        }
    }
    out
}

fn body(node: &Node, name: &str, items: &mut Vec<Item>) -> Result<Expr, Problem> {
    match &node.what {
        What::Map(entries) if entries.is_empty() => Err(Problem::error(node.at, "empty-selection", name, "")),
        What::List(entries) if entries.is_empty() => {
            Err(Problem::error(node.at, "empty-selection", name, ""))
        }
        What::Map(entries) => {
            let mut all = Vec::new();
            for (key, value) in entries {
                let text = key.text().unwrap_or_default();
                let item = modifier::item(text, key.at, value, name)?;
                items.push(item);
                all.push(Expr::Item(items.len() - 1));
            }
            Ok(Expr::And(all))
        }
        What::List(entries) => {
            entries.iter().map(|entry| body(entry, name, items)).collect::<Result<_, _>>().map(Expr::Or)
        }
        What::Scalar(..) if node.is_null() => Err(Problem::error(node.at, "empty-selection", name, "")),
        What::Scalar(..) => {
            items.push(modifier::item("", node.at, node, name)?);
            Ok(Expr::Item(items.len() - 1))
        }
    }
}
