//! Versions and revisions (6.1.14, 6.1.16–6.1.22, 6.1.30, 6.2.4–6.2.6).

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::Faults;
use crate::{
    inventory::{list, text},
    version::Scheme,
};

const AT: &str = "/document/tracking/revision_history";
const VERSION: &str = "/document/tracking/version";

/// `7`, or `1.2.3-rc.1+build`.
#[derive(Clone, Copy)]
struct Version<'a> {
    whole: &'a str,
    core: &'a str,
    pre: bool,
    build: bool,
}

impl<'a> Version<'a> {
    fn of(whole: &'a str) -> Self {
        let (rest, build) = whole.split_once('+').map_or((whole, false), |(rest, _)| (rest, true));
        let (core, pre) = rest.split_once('-').map_or((rest, false), |(core, _)| (core, true));
        Self { whole, core, pre, build }
    }

    fn is_integer(&self) -> bool {
        !self.core.contains('.')
    }

    fn major(&self) -> Option<u64> {
        self.core.split('.').next()?.parse().ok()
    }

    /// Without its build metadata.
    fn plain(&self) -> &'a str {
        self.whole.split('+').next().unwrap_or(self.whole)
    }
}

pub fn check(value: &Value, faults: &mut Faults) {
    let Some(tracking) = value.pointer("/document/tracking") else { return };
    let mut history: Vec<(Option<Timestamp>, Version<'_>)> = list(tracking, "revision_history")
        .iter()
        .map(|item| (date(item, "date"), Version::of(text(item, "number").unwrap_or_default())))
        .collect();
    // Of the same moment the lower number comes first.
    history.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| Scheme::Semver.compare(a.1.whole, b.1.whole)));
    let numbers: Vec<Version<'_>> = history.iter().map(|(_, version)| *version).collect();
    let version = Version::of(text(tracking, "version").unwrap_or_default());
    let status = text(tracking, "status").unwrap_or_default();
    order(&numbers, faults);
    if let Some(last) = numbers.last() {
        let same = match status {
            "draft" => last.core == version.core,
            _ => last.plain() == version.plain(),
        };
        if !same {
            faults.add("6.1.16", VERSION);
        }
    }
    if status != "draft" {
        if version.major() == Some(0) || version.pre {
            faults.add("6.1.17", VERSION);
        }
        if numbers.iter().any(|v| v.major() == Some(0)) {
            faults.add("6.1.18", AT);
        }
        if version.pre {
            faults.add("6.1.20", VERSION);
        }
    }
    if numbers.iter().any(|v| v.pre) {
        faults.add("6.1.19", AT);
    }
    if numbers.iter().any(|v| v.is_integer() != version.is_integer()) {
        faults.add("6.1.30", AT);
    }
    if numbers.iter().any(|v| v.build) {
        faults.add("6.2.4", AT);
    }
    let first = history.first().and_then(|(date, _)| *date);
    let last = history.last().and_then(|(date, _)| *date);
    for (key, end, test) in
        [("initial_release_date", first, "6.2.5"), ("current_release_date", last, "6.2.6")]
    {
        if let (Some(own), Some(end)) = (date(tracking, key), end)
            && own < end
        {
            faults.add(test, format!("/document/tracking/{key}"));
        }
    }
}

/// Ascending, none left out, none twice.
fn order(numbers: &[Version<'_>], faults: &mut Faults) {
    let (mut seen, mut before) = (BTreeSet::new(), None::<Version<'_>>);
    for number in numbers {
        if !seen.insert(number.whole) {
            faults.add("6.1.22", AT);
        }
        match before {
            None if number.major().is_some_and(|major| major > 1) => faults.add("6.1.21", AT),
            None => {}
            Some(before) => {
                if Scheme::Semver.compare(before.whole, number.whole).is_gt() {
                    faults.add("6.1.14", AT);
                }
                let step =
                    number.major().unwrap_or_default().saturating_sub(before.major().unwrap_or_default());
                if step > 1 {
                    faults.add("6.1.21", AT);
                }
            }
        }
        before = Some(*number);
    }
}

fn date(value: &Value, key: &str) -> Option<Timestamp> {
    text(value, key)?.parse().ok()
}
