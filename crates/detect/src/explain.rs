//! Why an event met a rule: the fields that matched, with what the rule asked of them.

use domain::event::{Event, Kind};

use crate::engine::Matcher;
use crate::naive::{item_holds, value_holds, values};
use crate::rule::{Expr, Item, Rule};

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Because {
    /// The selection.
    pub selection: String,
    /// The field under the name the rule uses; empty of a keyword.
    pub field: String,
    /// What stood there.
    pub value: String,
    /// What the rule asked.
    pub asked: String,
}

/// A value is shown up to here, in characters; the event itself has all of it.
const SHOWN: usize = 300;

impl Matcher {
    /// Why an event meets a rule.
    pub fn explain(&self, rule: u32, event: &Event) -> Vec<Because> {
        let Some(rule) = self.rules().get(rule as usize) else { return Vec::new() };
        let view = self.view(event);
        let mut out = Vec::new();
        self.reasons(rule, &rule.condition, event, view, &mut out);
        out
    }

    /// Whether a part holds; if so, its reasons are added.
    fn reasons(&self, rule: &Rule, expr: &Expr, event: &Event, view: usize, out: &mut Vec<Because>) -> bool {
        let before = out.len();
        let holds = match expr {
            Expr::And(all) => all.iter().all(|e| self.reasons(rule, e, event, view, out)),
            // All that hold are told, not just the first.
            Expr::Or(any) => {
                let met = any.iter().filter(|e| self.reasons(rule, e, event, view, out)).count();
                met > 0
            }
            // What is not there needs no telling.
            Expr::Not(inner) => {
                let held = self.reasons(rule, inner, event, view, out);
                out.truncate(before);
                !held
            }
            Expr::Item(number) => {
                rule.items.get(*number).is_some_and(|item| self.item(item, event, view, out))
            }
        };
        if !holds {
            out.truncate(before);
        }
        holds
    }

    fn item(&self, item: &Item, event: &Event, view: usize, out: &mut Vec<Because>) -> bool {
        if !item_holds(item, self.names(), event, view) {
            return false;
        }
        let own = match &item.field {
            Some(field) => values(self.names(), event, field, view),
            None => event.fields().map(|(_, value)| value).collect(),
        };
        let mut told = false;
        for test in item.values.iter().flatten().filter(|_| !item.not) {
            let fits = |text: &str| value_holds(test, text, self.names(), event, view);
            if let Some(value) = own.iter().find(|v| v.kind != Kind::Null && fits(v.text)) {
                told = true;
                out.push(because(item, value.text, test.to_string()));
                if !item.all {
                    break;
                }
            }
        }
        if !told {
            let asked: Vec<String> = item.values.iter().flatten().map(ToString::to_string).collect();
            let asked = if item.not { format!("≠ {}", asked.join(", ")) } else { asked.join(", ") };
            out.push(because(item, own.first().map_or("", |v| v.text), asked));
        }
        true
    }
}

fn because(item: &Item, value: &str, asked: String) -> Because {
    Because {
        selection: item.selection.clone(),
        field: item.field.clone().unwrap_or_default(),
        value: value.chars().take(SHOWN).collect(),
        asked,
    }
}
