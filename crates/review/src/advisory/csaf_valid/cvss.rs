//! Scores: their form, their sum, and whether what is written out is what the vector says (6.1.8–6.1.10), of CVSS 2 and 3.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Faults, flaws};
use crate::inventory::{list, text};

/// A metric: its letters, its property, its values by their letters, names and weights.
type Metric = (&'static str, &'static str, &'static [(&'static str, &'static str, f64)]);

const IMPACT: &[(&str, &str, f64)] = &[("N", "NONE", 0.0), ("L", "LOW", 0.22), ("H", "HIGH", 0.56)];
const NEED: &[(&str, &str, f64)] =
    &[("X", "NOT_DEFINED", 1.0), ("L", "LOW", 0.5), ("M", "MEDIUM", 1.0), ("H", "HIGH", 1.5)];
const THREE: &[Metric] = &[
    (
        "AV",
        "attackVector",
        &[
            ("N", "NETWORK", 0.85),
            ("A", "ADJACENT_NETWORK", 0.62),
            ("L", "LOCAL", 0.55),
            ("P", "PHYSICAL", 0.2),
        ],
    ),
    ("AC", "attackComplexity", &[("L", "LOW", 0.77), ("H", "HIGH", 0.44)]),
    ("PR", "privilegesRequired", &[("N", "NONE", 0.85), ("L", "LOW", 0.62), ("H", "HIGH", 0.27)]),
    ("UI", "userInteraction", &[("N", "NONE", 0.85), ("R", "REQUIRED", 0.62)]),
    ("S", "scope", &[("U", "UNCHANGED", 0.0), ("C", "CHANGED", 1.0)]),
    ("C", "confidentialityImpact", IMPACT),
    ("I", "integrityImpact", IMPACT),
    ("A", "availabilityImpact", IMPACT),
    (
        "E",
        "exploitCodeMaturity",
        &[
            ("X", "NOT_DEFINED", 1.0),
            ("U", "UNPROVEN", 0.91),
            ("P", "PROOF_OF_CONCEPT", 0.94),
            ("F", "FUNCTIONAL", 0.97),
            ("H", "HIGH", 1.0),
        ],
    ),
    (
        "RL",
        "remediationLevel",
        &[
            ("X", "NOT_DEFINED", 1.0),
            ("O", "OFFICIAL_FIX", 0.95),
            ("T", "TEMPORARY_FIX", 0.96),
            ("W", "WORKAROUND", 0.97),
            ("U", "UNAVAILABLE", 1.0),
        ],
    ),
    (
        "RC",
        "reportConfidence",
        &[
            ("X", "NOT_DEFINED", 1.0),
            ("U", "UNKNOWN", 0.92),
            ("R", "REASONABLE", 0.96),
            ("C", "CONFIRMED", 1.0),
        ],
    ),
    ("CR", "confidentialityRequirement", NEED),
    ("IR", "integrityRequirement", NEED),
    ("AR", "availabilityRequirement", NEED),
    (
        "MAV",
        "modifiedAttackVector",
        &[
            ("X", "NOT_DEFINED", 0.0),
            ("N", "NETWORK", 0.85),
            ("A", "ADJACENT_NETWORK", 0.62),
            ("L", "LOCAL", 0.55),
            ("P", "PHYSICAL", 0.2),
        ],
    ),
    (
        "MAC",
        "modifiedAttackComplexity",
        &[("X", "NOT_DEFINED", 0.0), ("L", "LOW", 0.77), ("H", "HIGH", 0.44)],
    ),
    (
        "MPR",
        "modifiedPrivilegesRequired",
        &[("X", "NOT_DEFINED", 0.0), ("N", "NONE", 0.85), ("L", "LOW", 0.62), ("H", "HIGH", 0.27)],
    ),
    (
        "MUI",
        "modifiedUserInteraction",
        &[("X", "NOT_DEFINED", 0.0), ("N", "NONE", 0.85), ("R", "REQUIRED", 0.62)],
    ),
    ("MS", "modifiedScope", &[("X", "NOT_DEFINED", 0.0), ("U", "UNCHANGED", 0.0), ("C", "CHANGED", 1.0)]),
    ("MC", "modifiedConfidentialityImpact", MODIFIED),
    ("MI", "modifiedIntegrityImpact", MODIFIED),
    ("MA", "modifiedAvailabilityImpact", MODIFIED),
];
const MODIFIED: &[(&str, &str, f64)] =
    &[("X", "NOT_DEFINED", 0.0), ("N", "NONE", 0.0), ("L", "LOW", 0.22), ("H", "HIGH", 0.56)];
const IMPACT_2: &[(&str, &str, f64)] =
    &[("N", "NONE", 0.0), ("P", "PARTIAL", 0.275), ("C", "COMPLETE", 0.66)];
const NEED_2: &[(&str, &str, f64)] =
    &[("ND", "NOT_DEFINED", 1.0), ("L", "LOW", 0.5), ("M", "MEDIUM", 1.0), ("H", "HIGH", 1.51)];
const TWO: &[Metric] = &[
    ("AV", "accessVector", &[("L", "LOCAL", 0.395), ("A", "ADJACENT_NETWORK", 0.646), ("N", "NETWORK", 1.0)]),
    ("AC", "accessComplexity", &[("H", "HIGH", 0.35), ("M", "MEDIUM", 0.61), ("L", "LOW", 0.71)]),
    ("Au", "authentication", &[("M", "MULTIPLE", 0.45), ("S", "SINGLE", 0.56), ("N", "NONE", 0.704)]),
    ("C", "confidentialityImpact", IMPACT_2),
    ("I", "integrityImpact", IMPACT_2),
    ("A", "availabilityImpact", IMPACT_2),
    (
        "E",
        "exploitability",
        &[
            ("ND", "NOT_DEFINED", 1.0),
            ("U", "UNPROVEN", 0.85),
            ("POC", "PROOF_OF_CONCEPT", 0.9),
            ("F", "FUNCTIONAL", 0.95),
            ("H", "HIGH", 1.0),
        ],
    ),
    (
        "RL",
        "remediationLevel",
        &[
            ("ND", "NOT_DEFINED", 1.0),
            ("OF", "OFFICIAL_FIX", 0.87),
            ("TF", "TEMPORARY_FIX", 0.9),
            ("W", "WORKAROUND", 0.95),
            ("U", "UNAVAILABLE", 1.0),
        ],
    ),
    (
        "RC",
        "reportConfidence",
        &[
            ("ND", "NOT_DEFINED", 1.0),
            ("UC", "UNCONFIRMED", 0.9),
            ("UR", "UNCORROBORATED", 0.95),
            ("C", "CONFIRMED", 1.0),
        ],
    ),
    (
        "CDP",
        "collateralDamagePotential",
        &[
            ("ND", "NOT_DEFINED", 0.0),
            ("N", "NONE", 0.0),
            ("L", "LOW", 0.1),
            ("LM", "LOW_MEDIUM", 0.3),
            ("MH", "MEDIUM_HIGH", 0.4),
            ("H", "HIGH", 0.5),
        ],
    ),
    (
        "TD",
        "targetDistribution",
        &[
            ("ND", "NOT_DEFINED", 1.0),
            ("N", "NONE", 0.0),
            ("L", "LOW", 0.25),
            ("M", "MEDIUM", 0.75),
            ("H", "HIGH", 1.0),
        ],
    ),
    ("CR", "confidentialityRequirement", NEED_2),
    ("IR", "integrityRequirement", NEED_2),
    ("AR", "availabilityRequirement", NEED_2),
];
/// Metrics every vector has: so many of the first.
const BASE_THREE: usize = 8;
const BASE_TWO: usize = 6;

/// A vector's metrics by their letters.
struct Vector<'a> {
    metrics: &'static [Metric],
    told: BTreeMap<&'a str, &'a str>,
}

impl<'a> Vector<'a> {
    /// None if it is no such vector.
    fn parse(text: &'a str, metrics: &'static [Metric], base: usize) -> Option<Self> {
        let mut told = BTreeMap::new();
        for part in text.split('/') {
            let (metric, value) = part.split_once(':')?;
            let (_, _, values) = metrics.iter().find(|(letters, ..)| *letters == metric)?;
            if !values.iter().any(|(letters, ..)| *letters == value) || told.insert(metric, value).is_some() {
                return None;
            }
        }
        metrics
            .iter()
            .take(base)
            .all(|(letters, ..)| told.contains_key(letters))
            .then_some(Self { metrics, told })
    }

    fn of(&self, metric: &str) -> &'a str {
        self.told.get(metric).copied().unwrap_or_default()
    }

    fn weight(&self, metric: &str) -> f64 {
        let found = self.metrics.iter().find(|(letters, ..)| *letters == metric);
        let values = found.map_or(&[][..], |(_, _, values)| *values);
        // What is not told is not defined, and that always comes first.
        let told = values.iter().find(|(letters, ..)| *letters == self.of(metric)).or_else(|| values.first());
        told.map_or(0.0, |(.., weight)| *weight)
    }
}

pub fn check(value: &Value, faults: &mut Faults) {
    for (at, flaw) in flaws(value) {
        for (n, score) in list(flaw, "scores").iter().enumerate() {
            let at = |key: &str| format!("{at}/scores/{n}/{key}");
            if let Some(cvss) = score.get("cvss_v3") {
                three(cvss, &at("cvss_v3"), faults);
            }
            if let Some(cvss) = score.get("cvss_v2") {
                two(cvss, &at("cvss_v2"), faults);
            }
        }
    }
}

fn three(cvss: &Value, at: &str, faults: &mut Faults) {
    let version = text(cvss, "version").unwrap_or_default();
    let whole = text(cvss, "vectorString").unwrap_or_default();
    let told = whole.strip_prefix("CVSS:").and_then(|rest| rest.split_once('/'));
    let vector = told
        .filter(|(own, _)| *own == version && matches!(version, "3.0" | "3.1"))
        .and_then(|(_, rest)| Vector::parse(rest, THREE, BASE_THREE));
    let formed = number(cvss, "baseScore").is_some() && text(cvss, "baseSeverity").is_some();
    let (Some(vector), true) = (vector, formed && values_exist(cvss, THREE)) else {
        faults.add("6.1.8", at);
        return;
    };
    let exact = version == "3.1";
    let base = base_three(&vector, exact);
    let times =
        |score: f64| up(score * ["E", "RL", "RC"].iter().map(|m| vector.weight(m)).product::<f64>(), exact);
    let environment = times(environment_three(&vector, exact));
    let sums = [("base", base), ("temporal", times(base)), ("environmental", environment)];
    for (name, score) in sums {
        let (own, grade) = (format!("{name}Score"), format!("{name}Severity"));
        let wrong = number(cvss, &own).is_some_and(|told| (told - score).abs() > 0.01);
        let graded = |said: &str| number(cvss, &own).is_none_or(|told| severity(told) == said);
        if wrong || text(cvss, &grade).is_some_and(|said| !graded(said)) {
            faults.add("6.1.9", at);
        }
    }
    contradiction(cvss, &vector, at, faults);
}

fn base_three(v: &Vector<'_>, exact: bool) -> f64 {
    let changed = v.of("S") == "C";
    let iss = 1.0 - ["C", "I", "A"].iter().map(|m| 1.0 - v.weight(m)).product::<f64>();
    let impact = match changed {
        true => 7.52 * (iss - 0.029) - 3.25 * (iss - 0.02).powi(15),
        false => 6.42 * iss,
    };
    let privileges = privileges(v.of("PR"), changed);
    let reach = 8.22 * v.weight("AV") * v.weight("AC") * privileges * v.weight("UI");
    sum_three(impact, reach, changed, exact)
}

fn environment_three(v: &Vector<'_>, exact: bool) -> f64 {
    // A metric that is not modified counts as it is.
    let letters = |own: &'static str, base: &'static str| match v.of(own) {
        "" | "X" => (base, v.of(base)),
        value => (own, value),
    };
    let changed = letters("MS", "S").1 == "C";
    let part = |own, base, need| 1.0 - v.weight(need) * v.weight(letters(own, base).0);
    let miss = (1.0 - part("MC", "C", "CR") * part("MI", "I", "IR") * part("MA", "A", "AR")).min(0.915);
    let impact = match (changed, exact) {
        (true, true) => 7.52 * (miss - 0.029) - 3.25 * (miss * 0.9731 - 0.02).powi(13),
        (true, false) => 7.52 * (miss - 0.029) - 3.25 * (miss - 0.02).powi(15),
        (false, _) => 6.42 * miss,
    };
    let privileges = privileges(letters("MPR", "PR").1, changed);
    let reach = 8.22
        * v.weight(letters("MAV", "AV").0)
        * v.weight(letters("MAC", "AC").0)
        * privileges
        * v.weight(letters("MUI", "UI").0);
    sum_three(impact, reach, changed, exact)
}

fn privileges(letters: &str, changed: bool) -> f64 {
    match (letters, changed) {
        ("N", _) => 0.85,
        ("L", true) => 0.68,
        ("L", false) => 0.62,
        (_, true) => 0.5,
        (_, false) => 0.27,
    }
}

fn sum_three(impact: f64, reach: f64, changed: bool, exact: bool) -> f64 {
    match impact <= 0.0 {
        true => 0.0,
        false => up((if changed { 1.08 } else { 1.0 } * (impact + reach)).min(10.0), exact),
    }
}

/// Up to a tenth; 3.1 says how, so that no program's arithmetic matters.
fn up(score: f64, exact: bool) -> f64 {
    let score = if exact { (score * 100_000.0).round() / 100_000.0 } else { score };
    (score * 10.0).ceil() / 10.0
}

fn severity(score: f64) -> &'static str {
    match score {
        s if s >= 9.0 => "CRITICAL",
        s if s >= 7.0 => "HIGH",
        s if s >= 4.0 => "MEDIUM",
        s if s > 0.0 => "LOW",
        _ => "NONE",
    }
}

fn two(cvss: &Value, at: &str, faults: &mut Faults) {
    let vector = text(cvss, "vectorString").and_then(|v| Vector::parse(v, TWO, BASE_TWO));
    let formed = text(cvss, "version") == Some("2.0") && number(cvss, "baseScore").is_some();
    let (Some(vector), true) = (vector, formed && values_exist(cvss, TWO)) else {
        faults.add("6.1.8", at);
        return;
    };
    let near = |score: f64| (score * 10.0).round() / 10.0;
    let reach = 20.0 * vector.weight("AV") * vector.weight("AC") * vector.weight("Au");
    let score = |impact: f64| match impact > 0.0 {
        true => near((0.6 * impact + 0.4 * reach - 1.5) * 1.176),
        false => 0.0,
    };
    let impact = 10.41 * (1.0 - ["C", "I", "A"].iter().map(|m| 1.0 - vector.weight(m)).product::<f64>());
    let times =
        |score: f64| near(score * ["E", "RL", "RC"].iter().map(|m| vector.weight(m)).product::<f64>());
    let part = |m, need| 1.0 - vector.weight(m) * vector.weight(need);
    let adjusted = (10.41 * (1.0 - part("C", "CR") * part("I", "IR") * part("A", "AR"))).min(10.0);
    let adjusted = times(score(adjusted));
    let environment = near((adjusted + (10.0 - adjusted) * vector.weight("CDP")) * vector.weight("TD"));
    let base = score(impact);
    for (name, score) in
        [("baseScore", base), ("temporalScore", times(base)), ("environmentalScore", environment)]
    {
        if number(cvss, name).is_some_and(|told| (told - score).abs() > 0.01) {
            faults.add("6.1.9", at);
        }
    }
    contradiction(cvss, &vector, at, faults);
}

/// Whether every metric that is written out has a value there is.
fn values_exist(cvss: &Value, metrics: &[Metric]) -> bool {
    metrics.iter().all(|(_, property, values)| {
        cvss.get(property).is_none_or(|said| values.iter().any(|(_, name, _)| said.as_str() == Some(name)))
    })
}

/// Whether one is written out otherwise than the vector has it. What the vector leaves out it does not contradict.
fn contradiction(cvss: &Value, vector: &Vector<'_>, at: &str, faults: &mut Faults) {
    for (letters, property, values) in vector.metrics {
        let told = values.iter().find(|(own, ..)| *own == vector.of(letters)).map(|(_, name, _)| *name);
        if let (Some(said), Some(told)) = (text(cvss, property), told)
            && said != told
        {
            faults.add("6.1.10", at);
            return;
        }
    }
}

/// Whether a score says that where it applies nothing is left: mended products have such ones.
pub fn is_nothing(score: &Value) -> bool {
    let none = |cvss: &Value, property: &str, part: &str| {
        let vector = text(cvss, "vectorString").unwrap_or_default();
        text(cvss, property) == Some("NONE") || vector.split('/').any(|p| p == part)
    };
    let zero = |cvss: &Value| number(cvss, "environmentalScore") == Some(0.0);
    let three = |cvss: &Value| {
        zero(cvss)
            || none(cvss, "modifiedConfidentialityImpact", "MC:N")
                && none(cvss, "modifiedIntegrityImpact", "MI:N")
                && none(cvss, "modifiedAvailabilityImpact", "MA:N")
    };
    let two = |cvss: &Value| zero(cvss) || none(cvss, "targetDistribution", "TD:N");
    score.get("cvss_v3").is_none_or(three) && score.get("cvss_v2").is_none_or(two)
}

/// A score, if it is one.
fn number(value: &Value, key: &str) -> Option<f64> {
    value.get(key)?.as_f64().filter(|n| (0.0..=10.0).contains(n))
}
