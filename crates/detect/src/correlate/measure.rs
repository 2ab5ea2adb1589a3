//! What a group's hits come to.

use std::collections::HashSet;

use super::state::Group;
use crate::rule::{Correlation, Joins};

/// The figure, where the correlation holds now.
pub fn judge(correlation: &Correlation, group: &Group) -> Option<f64> {
    let figure = figure(correlation, group)?;
    match correlation.joins {
        Joins::Temporal | Joins::TemporalOrdered => temporal(correlation, group).then_some(figure),
        _ => correlation.bounds.hold(figure).then_some(figure),
    }
}

/// What a group comes to; nothing where none of its values is a number and one is needed.
pub fn figure(correlation: &Correlation, group: &Group) -> Option<f64> {
    let values = || group.entries().filter_map(|e| e.value.as_deref());
    let mut numbers: Vec<f64> = match correlation.joins {
        Joins::EventCount => return Some(count(group.entries().count())),
        Joins::ValueCount => return Some(count(values().collect::<HashSet<_>>().len())),
        Joins::Temporal | Joins::TemporalOrdered => {
            return Some(count(group.entries().map(|e| e.rule).collect::<HashSet<_>>().len()));
        }
        _ => values().filter_map(|v| v.trim().parse().ok()).filter(|n: &f64| n.is_finite()).collect(),
    };
    if numbers.is_empty() {
        return None;
    }
    numbers.sort_by(f64::total_cmp);
    let sum: f64 = numbers.iter().sum();
    match correlation.joins {
        Joins::ValueSum => Some(sum),
        Joins::ValueAvg => Some(sum / count(numbers.len())),
        Joins::ValueMedian => percentile(&numbers, 50.0),
        _ => percentile(&numbers, correlation.percentile),
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most some ten thousand")]
fn count(n: usize) -> f64 {
    n as f64
}

/// The value below which so many per cent of the sorted numbers lie, between neighbours in proportion.
fn percentile(sorted: &[f64], percent: f64) -> Option<f64> {
    let place = percent / 100.0 * count(sorted.len().saturating_sub(1));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
    let low = place.floor() as usize;
    let at = |n: usize| sorted.get(n).or(sorted.last()).copied();
    let (low, high) = (at(low)?, at(low + 1)?);
    Some(low + (high - low) * place.fract())
}

/// Whether the rules have come that must, in their order where it matters.
fn temporal(correlation: &Correlation, group: &Group) -> bool {
    let came = |rule: usize| group.entries().any(|e| usize::from(e.rule) == rule);
    let all = match &correlation.expr {
        Some(expr) => expr.holds(&mut |rule| came(rule)),
        None if correlation.bounds != crate::rule::Bounds::default() => {
            let kinds = group.entries().map(|e| e.rule).collect::<HashSet<_>>().len();
            correlation.bounds.hold(count(kinds))
        }
        None => (0..correlation.rules.len()).all(came),
    };
    if !all || correlation.joins == Joins::Temporal || correlation.expr.is_some() {
        return all;
    }
    // The first hit of each rule after that of the one before it.
    let mut next = 0;
    for entry in group.entries() {
        if usize::from(entry.rule) == next {
            next += 1;
        }
    }
    next >= correlation.rules.len()
}
