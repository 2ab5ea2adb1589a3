//! Correlations: what several hits say together.

use jiff::SignedDuration;

use super::{About, Expr, condition};
use crate::problem::{Problem, nearest};
use crate::yaml::{At, Node};

/// What is counted or awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joins {
    /// How many events.
    EventCount,
    /// How many different values.
    ValueCount,
    /// The sum of values.
    ValueSum,
    /// Their mean.
    ValueAvg,
    /// Their median.
    ValueMedian,
    /// The value below which so many per cent of them lie.
    ValuePercentile,
    /// All rules, in any order.
    Temporal,
    /// All rules, in their order.
    TemporalOrdered,
}

const KINDS: [(&str, Joins); 8] = [
    ("event_count", Joins::EventCount),
    ("value_count", Joins::ValueCount),
    ("value_sum", Joins::ValueSum),
    ("value_avg", Joins::ValueAvg),
    ("value_median", Joins::ValueMedian),
    ("value_percentile", Joins::ValuePercentile),
    ("temporal", Joins::Temporal),
    ("temporal_ordered", Joins::TemporalOrdered),
];

/// The percentile where none is named.
const PERCENTILE: f64 = 50.0;
/// The longest span: what correlates over more than this is a hunt.
const LONGEST: i64 = 31 * 86_400;

/// What the figure must be, all of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bounds {
    /// Greater than.
    pub gt: Option<f64>,
    /// At least.
    pub gte: Option<f64>,
    /// Less than.
    pub lt: Option<f64>,
    /// At most.
    pub lte: Option<f64>,
    /// Exactly.
    pub eq: Option<f64>,
    /// Anything but.
    pub neq: Option<f64>,
}

impl Bounds {
    /// Whether a figure is within.
    #[expect(clippy::float_cmp, reason = "the rule says equal")]
    pub fn hold(&self, figure: f64) -> bool {
        self.gt.is_none_or(|n| figure > n)
            && self.gte.is_none_or(|n| figure >= n)
            && self.lt.is_none_or(|n| figure < n)
            && self.lte.is_none_or(|n| figure <= n)
            && self.eq.is_none_or(|n| figure == n)
            && self.neq.is_none_or(|n| figure != n)
    }

    /// The number of events from which it holds for good, where that is all it asks.
    pub fn enough(&self) -> Option<usize> {
        let only = Bounds { gte: None, gt: None, ..self.clone() } == Bounds::default();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count; negative is none"
        )]
        let number = match (self.gte, self.gt) {
            (Some(n), None) => n.ceil() as usize,
            (None, Some(n)) => n.floor() as usize + 1,
            _ => return None,
        };
        only.then_some(number.max(1))
    }
}

/// A correlation.
#[derive(Clone, Debug)]
pub struct Correlation {
    /// What it says of itself.
    pub about: About,
    /// What is counted or awaited.
    pub joins: Joins,
    /// Ids or names of the rules and correlations it rests on.
    pub rules: Vec<(String, At)>,
    /// What the events have in common.
    pub group_by: Vec<String>,
    /// For each alias in `group_by`, the field of each rule.
    pub aliases: Vec<(String, Vec<(String, String)>)>,
    /// Within how many seconds.
    pub seconds: i64,
    /// The field whose values are counted.
    pub field: Option<String>,
    /// Which percentile.
    pub percentile: f64,
    /// What the figure must be.
    pub bounds: Bounds,
    /// Of temporal ones, an expression over the rules by their number.
    pub expr: Option<Expr>,
    /// Whether the rules it rests on report by themselves as well.
    pub generate: bool,
}

impl Correlation {
    /// Whether it asks for too few: nothing is known then before a span has passed.
    pub fn few(&self) -> bool {
        let Bounds { gt, gte, lt, lte, .. } = &self.bounds;
        gt.is_none() && gte.is_none() && (lt.is_some() || lte.is_some())
    }

    /// Within what time.
    pub const fn span(&self) -> SignedDuration {
        SignedDuration::from_secs(self.seconds)
    }
}

/// Reads a correlation's section.
pub fn read(
    about: About,
    section: &Node,
    generate: bool,
    problems: &mut Vec<Problem>,
) -> Option<Correlation> {
    let before = problems.len();
    let kind = section.str("type").unwrap_or_default();
    let joins = KINDS.iter().find(|(word, _)| *word == kind).map(|(_, joins)| *joins);
    if joins.is_none() {
        let at = section.get("type").map_or(section.at, |n| n.at);
        let meant = nearest(kind, KINDS.map(|(word, _)| word)).unwrap_or("event_count");
        problems.push(Problem::error(at, "correlation-type", kind, meant));
    }
    let texts = |key: &str| -> Vec<(String, At)> {
        let nodes = section.get(key).map(Node::one_or_more).unwrap_or_default();
        nodes.iter().filter_map(|n| n.text().map(|t| (t.to_owned(), n.at))).collect()
    };
    let rules = texts("rules");
    if rules.is_empty() {
        problems.push(Problem::error(section.at, "correlation-rules", "", "rules:"));
    }
    let seconds = match section.get("timespan").or_else(|| section.get("timeframe")) {
        None => Err(Problem::error(section.at, "timespan", "", "timespan: 5m")),
        Some(node) => span(node),
    };
    let seconds = seconds.map_err(|problem| problems.push(problem)).unwrap_or(0);
    let mut out = Correlation {
        about,
        joins: joins.unwrap_or(Joins::EventCount),
        rules,
        group_by: texts("group-by").into_iter().map(|(text, _)| text).collect(),
        aliases: aliases(section),
        seconds,
        field: None,
        percentile: PERCENTILE,
        bounds: Bounds::default(),
        expr: None,
        generate: generate || section.str("generate") == Some("true"),
    };
    measure(section, &mut out, problems);
    (problems.len() == before).then_some(out)
}

fn aliases(section: &Node) -> Vec<(String, Vec<(String, String)>)> {
    let all = section.get("aliases").and_then(Node::map).unwrap_or_default();
    all.iter()
        .filter_map(|(key, fields)| {
            let fields = fields.map()?.iter();
            let pairs = fields.filter_map(|(rule, f)| Some((rule.text()?.to_owned(), f.text()?.to_owned())));
            Some((key.text()?.to_owned(), pairs.collect()))
        })
        .collect()
}

/// The condition: bounds of a figure, or an expression over the rules.
fn measure(section: &Node, out: &mut Correlation, problems: &mut Vec<Problem>) {
    let temporal = matches!(out.joins, Joins::Temporal | Joins::TemporalOrdered);
    let Some(node) = section.get("condition") else {
        if !temporal {
            problems.push(Problem::error(section.at, "correlation-condition", "", "condition: {gte: 10}"));
        }
        return;
    };
    if let Some(text) = node.text() {
        if !temporal {
            problems.push(Problem::error(node.at, "correlation-condition", text, "{gte: 10}"));
        } else {
            match condition::read(text, node.at, out.rules.as_slice()) {
                Ok(expr) => out.expr = Some(expr),
                Err(problem) => problems.push(problem),
            }
        }
        return;
    }
    let mut any = false;
    for (key, value) in node.map().unwrap_or_default() {
        let word = key.text().unwrap_or_default();
        if word == "field" {
            out.field = value.one_or_more().first().and_then(Node::text).map(str::to_owned);
            continue;
        }
        let Some(number) = value.text().and_then(|t| t.parse::<f64>().ok()).filter(|n| n.is_finite()) else {
            problems.push(Problem::error(value.at, "number", value.text().unwrap_or_default(), ""));
            continue;
        };
        let slot = match word {
            "gt" => &mut out.bounds.gt,
            "gte" => &mut out.bounds.gte,
            "lt" => &mut out.bounds.lt,
            "lte" => &mut out.bounds.lte,
            "eq" => &mut out.bounds.eq,
            "neq" => &mut out.bounds.neq,
            "percentile" if (0.0..=100.0).contains(&number) => {
                out.percentile = number;
                continue;
            }
            _ => {
                let meant = nearest(word, ["gt", "gte", "lt", "lte", "eq", "neq", "field", "percentile"]);
                problems.push(Problem::error(key.at, "correlation-bound", word, meant.unwrap_or("gte")));
                continue;
            }
        };
        *slot = Some(number);
        any = true;
    }
    if !any && !temporal {
        problems.push(Problem::error(node.at, "correlation-condition", "", "{gte: 10}"));
    }
    if out.field.is_none() && !temporal && out.joins != Joins::EventCount {
        problems.push(Problem::error(node.at, "correlation-field", "", "field:"));
    }
}

impl condition::Names for [(String, At)] {
    fn one(&self, name: &str) -> Option<Expr> {
        self.iter().position(|(own, _)| own == name).map(Expr::Item)
    }

    fn fitting(&self, pattern: &str) -> Vec<Expr> {
        let like = super::Pattern::read(pattern, false);
        let fits = |name: &str| pattern == "them" || like.matches(name, true);
        self.iter().enumerate().filter(|(_, (name, _))| fits(name)).map(|(n, _)| Expr::Item(n)).collect()
    }

    fn all(&self) -> Vec<&str> {
        self.iter().map(|(name, _)| name.as_str()).collect()
    }
}

fn span(node: &Node) -> Result<i64, Problem> {
    let text = node.text().unwrap_or_default();
    let wrong = || Problem::error(node.at, "timespan", text, "5m");
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3600,
        Some('d') => 86_400,
        Some('w') => 7 * 86_400,
        Some('M') => 30 * 86_400,
        _ => return Err(wrong()),
    };
    let number: i64 = text.get(..text.len() - 1).and_then(|n| n.trim().parse().ok()).ok_or_else(wrong)?;
    match number.checked_mul(unit) {
        Some(seconds) if (1..=LONGEST).contains(&seconds) => Ok(seconds),
        _ => Err(Problem::error(node.at, "timespan-long", text, "31d")),
    }
}
