//! Severities, statements and items in words.

use domain::{
    flaw::{Grade, State},
    warning::Item,
    weakness::Weakness,
};
use review::{
    advisory::{Event, Range, Statement, Status},
    judge,
};

use crate::{Page, Words};

/// The word and class of a grade.
pub(super) fn severity(words: Words, grade: Option<&str>) -> (String, &'static str) {
    match grade {
        Some("critical") => (words.t("severity-critical"), "n"),
        Some("high") => (words.t("severity-high"), "n"),
        Some("medium") => (words.t("severity-medium"), "p"),
        Some("low") => (words.t("severity-low"), "d"),
        _ => (words.t("severity-unknown"), "u"),
    }
}

/// What an advisory says of one product, as a row.
pub(super) struct Says {
    pub product: String,
    pub affected: String,
    pub fix: String,
    pub weak: bool,
}

pub(super) fn says(p: &Page, statement: &Statement) -> Says {
    match statement {
        Statement::Microsoft(it) => {
            let fix = it.fixes.iter().map(|f| {
                let kb = f.kb.map(|kb| format!("KB{kb}"));
                kb.into_iter().chain(f.build.clone()).collect::<Vec<_>>().join(" · ")
            });
            let fix = fix.filter(|f| !f.is_empty()).collect::<Vec<_>>().join("; ");
            Says {
                product: it.product.to_string(),
                affected: status(p, it.status).unwrap_or_else(|| p.t("advisory-all-before")),
                fix: or_none(p, fix),
                weak: false,
            }
        }
        Statement::Package(it) => {
            let (affected, fix) = ranges(p, &it.ranges, it.versions.len());
            Says {
                product: format!("{} · {}", it.ecosystem, it.name),
                affected: status(p, it.status).unwrap_or(affected),
                fix: or_none(p, fix),
                weak: false,
            }
        }
        Statement::Named(it) => {
            let (affected, fix) = ranges(p, &it.ranges, it.versions.len());
            Says {
                product: format!("{} {}", it.vendor, it.product),
                affected: status(p, it.status).unwrap_or(affected),
                fix: or_none(p, fix),
                weak: true,
            }
        }
        Statement::Weakness(kind) => Says {
            product: p.t(&format!("weakness-{kind}")),
            affected: p.t(&format!("weakness-about-{kind}")),
            fix: p.t(&format!("weakness-fix-{kind}")),
            weak: false,
        },
    }
}

/// What a weakness is called; none for other numbers.
pub(crate) fn weakness(words: Words, number: &str) -> Option<String> {
    Weakness::of_number(number).map(|kind| words.t(&format!("weakness-{kind}")))
}

/// What would mend it, in words: of weaknesses only a number is kept.
pub(crate) fn fix(words: Words, fix: &str) -> String {
    Weakness::of_number(fix).map_or_else(|| fix.to_owned(), |kind| words.t(&format!("weakness-fix-{kind}")))
}

fn or_none(p: &Page, fix: String) -> String {
    if fix.is_empty() { p.t("advisory-no-fix") } else { fix }
}

fn status(p: &Page, status: Status) -> Option<String> {
    match status {
        Status::Affected => None,
        Status::NotAffected => Some(p.t("advisory-status-not-affected")),
        Status::Investigating => Some(p.t("advisory-status-investigating")),
    }
}

fn ranges(p: &Page, ranges: &[Range], versions: usize) -> (String, String) {
    let (mut affected, mut fixes) = (Vec::new(), Vec::new());
    for event in ranges.iter().flat_map(|r| &r.events) {
        match event {
            Event::Introduced(version) if version == "0" => {}
            Event::Introduced(version) => affected.push(p.t1("advisory-from", "version", version.as_str())),
            Event::LastAffected(version) => {
                affected.push(p.t1("advisory-until", "version", version.as_str()))
            }
            Event::Fixed(version) => fixes.push(version.clone()),
        }
    }
    if versions > 0 {
        affected.push(p.t1("advisory-listed", "n", versions.to_string()));
    }
    if affected.is_empty() {
        affected.push(p.t("advisory-all-before"));
    }
    (affected.join(", "), fixes.join(", "))
}

/// What an item of a warning warns of, and how many flaws that comes to.
pub(super) fn item(p: &Page, words: Words, item: &Item, n: usize) -> String {
    match item {
        Item::Flaws { name: Some(name), .. } => p.t2("warning-item-flaws", "name", name.as_str(), "n", n),
        Item::Flaws { name: None, .. } => p.t1("warning-item-list", "n", n),
        Item::Months { vendor, from, to, severities } => {
            let grades: Vec<String> = severities.iter().map(|s| severity(words, Some(s)).0).collect();
            let grades = if grades.is_empty() { String::new() } else { format!(", {}", grades.join(", ")) };
            words.with(
                "warning-item-months",
                [
                    ("vendor", vendor.clone().into()),
                    ("from", from.strftime("%m/%Y").to_string().into()),
                    ("to", to.strftime("%m/%Y").to_string().into()),
                    ("severities", grades.into()),
                    ("n", n.into()),
                ],
            )
        }
        Item::All => p.t1("warning-item-all", "n", n),
    }
}

/// The word and class of a grade.
pub(crate) fn grade(words: Words, grade: Grade) -> (String, &'static str) {
    severity(words, Some(grade.name()))
}

/// How a flaw stands on a host, in words, with the class of its state.
pub(super) fn standing(
    words: Words,
    state: State,
    worked_around: bool,
    excused: bool,
) -> (String, &'static str) {
    match state {
        _ if state.is_open() && worked_around => (words.t("finding-state-worked-around"), "m"),
        _ if state.is_open() && excused => (words.t("finding-state-excused"), "x"),
        State::Affected | State::NotEffective => (words.t(&format!("review-state-{state}")), "n"),
        State::Unknown => (words.t("review-state-unknown"), "u"),
        State::Fixed => (words.t("review-state-fixed"), "m"),
        State::NotAffected => (words.t("review-state-not-affected"), "a"),
    }
}

/// What one advisory comes to.
pub(super) fn judged(words: Words, state: judge::State) -> (String, &'static str) {
    match state {
        judge::State::Affected => (words.t("review-state-affected"), "n"),
        judge::State::NotEffective => (words.t("review-state-not-effective"), "n"),
        judge::State::Unknown => (words.t("review-state-unknown"), "u"),
        judge::State::Fixed => (words.t("review-state-fixed"), "m"),
        judge::State::NotAffected => (words.t("review-state-not-affected"), "a"),
    }
}

/// One link of the evidence in words.
pub(super) fn because(words: Words, because: &judge::Because) -> String {
    let open =
        because.reason == judge::Reason::InRange && because.facts.get("fixed").is_some_and(String::is_empty);
    let name = if open { "in-range-open".to_owned() } else { because.reason.name() };
    let facts: Vec<(&str, &str)> = because.facts.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    words.with_texts(&format!("review-because-{name}"), &facts)
}
