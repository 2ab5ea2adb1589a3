//! The same answers the plain way: every rule, every item, every value, one after the other. What the engine is tested
//! against; slow.

use domain::event::{Event, Kind, Value};

use crate::engine::{compare, names::Names, relates, source::Sources, source::holds, time};
use crate::rule::{Item, Rule, Test};

/// The numbers of the rules an event meets, in their order.
pub fn matches(rules: &[Rule], sources: &Sources, names: &Names, event: &Event) -> Vec<u32> {
    let view = view(names, event);
    let met = |rule: &Rule| {
        gated(rule, sources, names, event)
            && rule
                .condition
                .holds(&mut |item| rule.items.get(item).is_some_and(|i| item_holds(i, names, event, view)))
    };
    let all = rules.iter().enumerate().filter(|(_, rule)| met(rule));
    all.filter_map(|(n, _)| u32::try_from(n).ok()).collect()
}

fn view(names: &Names, event: &Event) -> usize {
    names.views().position(|when| holds(when, |name| gate(names, event, name))).map_or(0, |n| n + 1)
}

fn gate(names: &Names, event: &Event, name: &str) -> String {
    match name {
        "@product" => event.product().to_owned(),
        "@dataset" => event.dataset().to_owned(),
        name => values(names, event, name, 0).first().map(|v| v.text.to_owned()).unwrap_or_default(),
    }
}

fn gated(rule: &Rule, sources: &Sources, names: &Names, event: &Event) -> bool {
    sources.gates(rule).iter().any(|when| holds(when, |name| gate(names, event, name)))
}

/// All values of a field under the name rules use.
pub fn values<'e>(names: &Names, event: &'e Event, field: &str, view: usize) -> Vec<Value<'e>> {
    let Some(id) = names.find(field) else { return Vec::new() };
    let own = event.fields().filter(|(name, _)| names.resolve(name, view).iter().any(|i| i == id));
    let columns = names.columns().iter().filter(|(_, i)| *i == id);
    own.map(|(_, value)| value).chain(columns.filter_map(|(column, _)| event.column(*column))).collect()
}

/// Whether an item is met.
pub fn item_holds(item: &Item, names: &Names, event: &Event, view: usize) -> bool {
    let own: Vec<Value<'_>> = match &item.field {
        Some(field) => values(names, event, field, view),
        None => event.fields().map(|(_, value)| value).collect(),
    };
    let met = |tests: &Vec<Test>| tests.iter().any(|test| test_holds(test, &own, names, event, view));
    let all = if item.all { item.values.iter().all(met) } else { item.values.iter().any(met) };
    all != item.not
}

fn test_holds(test: &Test, own: &[Value<'_>], names: &Names, event: &Event, view: usize) -> bool {
    match test {
        Test::Exists(there) => own.is_empty() != *there,
        Test::Null => own.iter().all(|v| v.kind == Kind::Null),
        _ => {
            own.iter().filter(|v| v.kind != Kind::Null).any(|v| value_holds(test, v.text, names, event, view))
        }
    }
}

/// Whether one value is as a test wants it.
pub fn value_holds(test: &Test, text: &str, names: &Names, event: &Event, view: usize) -> bool {
    match test {
        Test::Like { pattern, cased } => pattern.matches(text, *cased),
        Test::Regex(source) => regex::Regex::new(source).is_ok_and(|regex| regex.is_match(text)),
        Test::Cidr(net) => net.holds(text),
        Test::Compare(order, number) => compare(text, *order, *number),
        Test::Time(unit, order, number) => time(text, *unit, *order, *number),
        Test::Field { other, how, cased } => values(names, event, other, view)
            .iter()
            .filter(|v| v.kind != Kind::Null)
            .any(|v| relates(text, v.text, *how, *cased)),
        Test::Exists(there) => *there,
        Test::Null => false,
    }
}
