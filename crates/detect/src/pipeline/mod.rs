//! Pipelines: fields renamed, conditions added, placeholders put in, for the shipper at hand. Data in TOML, in the
//! words of pySigma where it has them.

mod data;
mod work;

use crate::problem::Problem;
use crate::rule::{About, Rule};
pub use data::{Item, Pipeline, Transformation, Unreadable, When};

/// What became of a rule.
#[derive(Debug)]
pub enum Kept {
    /// The rule as it is to be used.
    Rule(Box<Rule>),
    /// What it says of itself, and why it cannot be used.
    Refused(Box<About>, Problem),
}

/// Applies pipelines, by their priority, and refuses a rule whose placeholders nobody put in.
pub fn apply(pipelines: &[Pipeline], mut rule: Rule) -> Kept {
    let mut order: Vec<&Pipeline> = pipelines.iter().collect();
    order.sort_by_key(|pipeline| pipeline.priority);
    for pipeline in order {
        for item in &pipeline.transformations {
            if let Err(problem) = work::apply(pipeline, item, &mut rule) {
                return Kept::Refused(Box::new(rule.about), problem);
            }
        }
    }
    match work::unfilled(&rule) {
        Some(problem) => Kept::Refused(Box::new(rule.about), problem),
        None => Kept::Rule(Box::new(rule)),
    }
}
