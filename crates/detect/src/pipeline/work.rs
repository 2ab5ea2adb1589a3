//! What each transformation does to a rule.

use regex::Regex;

use super::data::{Item as Step, OneOrMore, Pipeline, Transformation, When};
use crate::problem::Problem;
use crate::rule::{Expr, Item, Part, Pattern, Rule, Test};

/// The most values one item may come to when placeholders are put in.
const VALUES: usize = 65_536;

/// Applies one transformation.
pub fn apply(pipeline: &Pipeline, step: &Step, rule: &mut Rule) -> Result<(), Problem> {
    if !step.rules.is_empty() && !step.rules.iter().any(|when| holds(when, rule)) {
        return Ok(());
    }
    let concerns = |field: &str| {
        (step.fields.is_empty() || step.fields.iter().any(|f| f == field))
            && !step.except.iter().any(|f| f == field)
    };
    match &step.what {
        Transformation::FieldNameMapping { mapping } => {
            let to = |f: &str| mapping.get(f).map(|names| names.all().to_vec());
            rename(rule, |f| to(f).filter(|_| concerns(f)));
        }
        Transformation::FieldNamePrefixMapping { mapping } => rename(rule, |field| {
            let (from, to) =
                mapping.iter().find(|(from, _)| concerns(field) && field.starts_with(from.as_str()))?;
            field.strip_prefix(from.as_str()).map(|rest| vec![format!("{to}{rest}")])
        }),
        Transformation::FieldNamePrefix { prefix } => {
            rename(rule, |field| concerns(field).then(|| vec![format!("{prefix}{field}")]));
        }
        Transformation::FieldNameSuffix { suffix } => {
            rename(rule, |field| concerns(field).then(|| vec![format!("{field}{suffix}")]));
        }
        Transformation::AddCondition { conditions } => {
            rule.gates
                .extend(conditions.iter().map(|(field, values)| (field.clone(), values.all().to_vec())));
        }
        Transformation::ChangeLogsource { product, category, service } => {
            rule.source.product.clone_from(product);
            rule.source.category.clone_from(category);
            rule.source.service.clone_from(service);
        }
        Transformation::DropDetectionItem => {
            let items = &rule.items;
            let dropped = |n: usize| items.get(n).and_then(|i| i.field.as_deref()).is_some_and(&concerns);
            rule.condition =
                rule.condition.map(&mut |n| if dropped(n) { Expr::And(Vec::new()) } else { Expr::Item(n) });
        }
        Transformation::ValuePlaceholders { include } => {
            return put_in(rule, |name| {
                let wanted = include.is_empty() || include.iter().any(|i| i == name);
                let values = pipeline.vars.get(name).filter(|_| wanted)?;
                Some(values.all().iter().map(|v| Pattern::read(v, false).0).collect())
            });
        }
        Transformation::WildcardPlaceholders { include } => {
            return put_in(rule, |name| {
                let wanted = include.is_empty() || include.iter().any(|i| i == name);
                wanted.then(|| vec![vec![Part::Any]])
            });
        }
        Transformation::ReplaceString { regex, replacement } => replace(rule, regex, replacement, concerns)?,
        Transformation::MapString { mapping } => map_values(rule, mapping, concerns),
        Transformation::RuleFailure { message } => {
            return Err(Problem::error(rule.about.at, "pipeline-refuses", message, ""));
        }
    }
    Ok(())
}

fn holds(when: &When, rule: &Rule) -> bool {
    let same = |own: &Option<String>, its: &Option<String>| own.is_none() || own == its;
    same(&when.product, &rule.source.product)
        && same(&when.category, &rule.source.category)
        && same(&when.service, &rule.source.service)
        && when.has_field.as_ref().is_none_or(|f| rule.items.iter().any(|i| i.field.as_ref() == Some(f)))
        && when.tag.as_ref().is_none_or(|tag| rule.about.tags.contains(tag))
}

/// Renames fields; of several names each is an item of its own, any of which may be met.
fn rename(rule: &mut Rule, to: impl Fn(&str) -> Option<Vec<String>>) {
    let mut more = Vec::new();
    let mut leaves: Vec<Expr> = (0..rule.items.len()).map(Expr::Item).collect();
    let first = rule.items.len();
    for (item, leaf) in rule.items.iter_mut().zip(&mut leaves) {
        for test in item.values.iter_mut().flatten() {
            if let Test::Field { other, .. } = test
                && let Some(name) = to(other).and_then(|names| names.into_iter().next())
            {
                *other = name;
            }
        }
        let Some(names) = item.field.as_deref().and_then(&to) else { continue };
        let mut names = names.into_iter();
        item.field = names.next().or(item.field.take());
        for name in names {
            more.push(Item { field: Some(name), ..item.clone() });
            let new = Expr::Item(first + more.len() - 1);
            *leaf = match std::mem::take(leaf) {
                Expr::Or(mut any) => {
                    any.push(new);
                    Expr::Or(any)
                }
                own => Expr::Or(vec![own, new]),
            };
        }
    }
    rule.items.extend(more);
    rule.condition = rule.condition.map(&mut |n| leaves.get(n).cloned().unwrap_or(Expr::Item(n)));
}

/// Puts in placeholders.
fn put_in(rule: &mut Rule, values: impl Fn(&str) -> Option<Vec<Vec<Part>>>) -> Result<(), Problem> {
    for item in &mut rule.items {
        for tests in &mut item.values {
            let mut out = Vec::new();
            for test in tests.drain(..) {
                match test {
                    Test::Like { pattern, cased } => {
                        out.extend(
                            filled(&pattern, &values)
                                .into_iter()
                                .map(|pattern| Test::Like { pattern, cased }),
                        );
                    }
                    test => out.push(test),
                }
                if out.len() > VALUES {
                    return Err(Problem::error(item.at, "placeholder-many", VALUES.to_string(), ""));
                }
            }
            *tests = out;
        }
    }
    Ok(())
}

fn filled(pattern: &Pattern, values: &impl Fn(&str) -> Option<Vec<Vec<Part>>>) -> Vec<Pattern> {
    let mut out: Vec<Vec<Part>> = vec![Vec::new()];
    for part in &pattern.0 {
        let choices = match part {
            Part::Placeholder(name) => values(name),
            _ => None,
        };
        let choices = choices.unwrap_or_else(|| vec![vec![part.clone()]]);
        out = out
            .iter()
            .flat_map(|so_far| choices.iter().map(move |more| so_far.iter().chain(more).cloned().collect()))
            .take(VALUES + 1)
            .collect();
    }
    out.into_iter().map(|parts| Pattern(joined(parts))).collect()
}

/// Neighbouring texts made one, neighbouring runs of anything too.
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::new();
    for part in parts {
        match (out.last_mut(), part) {
            (Some(Part::Text(text)), Part::Text(more)) => text.push_str(&more),
            (Some(Part::Any), Part::Any) => {}
            (_, part) => out.push(part),
        }
    }
    out
}

fn replace(rule: &mut Rule, regex: &str, by: &str, concerns: impl Fn(&str) -> bool) -> Result<(), Problem> {
    let regex = Regex::new(regex).map_err(|e| Problem::error(rule.about.at, "regex", e.to_string(), ""))?;
    each_pattern(rule, concerns, |pattern| {
        for part in &mut pattern.0 {
            if let Part::Text(text) = part {
                *text = regex.replace_all(text, by).into_owned();
            }
        }
        pattern.0.retain(|part| *part != Part::Text(String::new()));
    });
    Ok(())
}

fn map_values(
    rule: &mut Rule,
    mapping: &std::collections::BTreeMap<String, OneOrMore>,
    concerns: impl Fn(&str) -> bool,
) {
    for item in rule.items.iter_mut().filter(|i| i.field.as_deref().is_some_and(&concerns)) {
        for tests in &mut item.values {
            let mapped = |test: Test| match &test {
                Test::Like { pattern, cased } => match pattern.plain().and_then(|text| mapping.get(text)) {
                    Some(to) => {
                        let like =
                            |v: &String| Test::Like { pattern: Pattern::read(v, false), cased: *cased };
                        to.all().iter().map(like).collect()
                    }
                    None => vec![test],
                },
                _ => vec![test],
            };
            *tests = tests.drain(..).flat_map(mapped).collect();
        }
    }
}

fn each_pattern(rule: &mut Rule, concerns: impl Fn(&str) -> bool, mut change: impl FnMut(&mut Pattern)) {
    for item in rule.items.iter_mut().filter(|i| i.field.as_deref().is_some_and(&concerns)) {
        for test in item.values.iter_mut().flatten() {
            if let Test::Like { pattern, .. } = test {
                change(pattern);
            }
        }
    }
}

/// A placeholder nobody put in.
pub fn unfilled(rule: &Rule) -> Option<Problem> {
    rule.items.iter().find_map(|item| {
        let names = item.values.iter().flatten().find_map(|test| match test {
            Test::Like { pattern, .. } => pattern.placeholders().next(),
            _ => None,
        })?;
        Some(Problem::error(item.at, "placeholder", names, format!("[vars] {names} = [\"…\"]")))
    })
}
