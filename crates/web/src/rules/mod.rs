//! The rules a centre watches by: which there are, what they find, what is off and why; rules of others taken in.
//!
//! They belong to no body and watch the logs of all: whoever reads anything may read them, and whoever administers the
//! whole installation changes them.

mod api;
mod book;
mod list;
mod new;
mod show;

use detect::{Level, Problem, Weight, book::Known, rule::LogSource};

pub use self::book::RuleBook;
use crate::{Route, Visit, act::write};

/// How far back it is looked for what rules found.
const DAYS: i64 = 30;

pub(crate) fn routes() -> Vec<Route> {
    let mut all = list::routes();
    all.extend(new::routes());
    all.extend(show::routes());
    all.extend(api::routes());
    all
}

/// Where a rule is shown.
pub(crate) fn href(called: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(called.as_bytes()).collect();
    format!("/rules/{}", encoded.replace('+', "%20"))
}

/// Where a rule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It watches.
    On,
    /// Somebody switched it off.
    Off,
    /// It cannot be used.
    Unused,
}

impl State {
    const ALL: [State; 3] = [State::On, State::Off, State::Unused];

    fn of(rule: &Known, is_off: bool) -> State {
        match () {
            () if is_off => State::Off,
            () if rule.problem.is_some() => State::Unused,
            () => State::On,
        }
    }

    fn word(self) -> &'static str {
        match self {
            State::On => "on",
            State::Off => "off",
            State::Unused => "unused",
        }
    }

    /// Class and word.
    fn said(self, v: &Visit) -> (&'static str, String) {
        let class = match self {
            State::On => "m",
            State::Off => "x",
            State::Unused => "n",
        };
        (class, v.t(&format!("rule-state-{}", self.word())))
    }
}

/// Class and word of how grave a rule is.
fn level_said(v: &Visit, level: Level) -> (&'static str, String) {
    let class = match level {
        Level::Critical | Level::High => "n",
        Level::Medium => "p",
        Level::Low | Level::Informational => "d",
    };
    (class, v.t(&format!("detect-level-{}", level.word())))
}

/// Which log a rule speaks of: "windows · process_creation".
fn source_said(source: &LogSource) -> String {
    let parts = [&source.product, &source.category, &source.service];
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" · ")
}

/// A problem in words, with what to write instead.
fn problem_said(v: &Visit, problem: &Problem) -> String {
    let said = v.words().with_texts(&format!("rules-problem-{}", problem.code), &[("what", &problem.what)]);
    if problem.instead.is_empty() { said } else { format!("{said} → {}", problem.instead) }
}

/// A problem on a page.
struct Fault {
    at: String,
    class: &'static str,
    weight: String,
    said: String,
}

fn fault(v: &Visit, problem: &Problem) -> Fault {
    let (class, weight) = match problem.weight {
        Weight::Error => ("n", "rules-error"),
        Weight::Warning => ("p", "rules-warning"),
        Weight::Advice => ("d", "rules-advice"),
    };
    Fault { at: problem.at.to_string(), class, weight: v.t(weight), said: problem_said(v, problem) }
}
