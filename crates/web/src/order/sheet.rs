//! The paper with its characters lit: text cut wherever a span begins or ends, so that overlapping spans nest nowhere.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A stretch of the paper's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    /// The characters.
    pub text: String,
    /// Id of the mark; empty for text nothing was read from.
    pub id: String,
    /// The facts read from it: ids parted by blanks.
    pub facts: String,
    /// Whether one of them needs a look.
    pub warn: bool,
}

/// The sheet, and for each fact the ids of its marks, parted by blanks.
pub(super) struct Sheet {
    pub stretches: Vec<Stretch>,
    pub marks: BTreeMap<String, String>,
}

/// Cuts the text. `spans` is the reading's; `fact_of` says which fact a pointer belongs to, `warns` which facts need a
/// look. Offsets count characters; what lies outside the text is cut off.
pub(super) fn cut(
    text: &str,
    spans: &Value,
    fact_of: impl Fn(&str) -> Option<String>,
    warns: &BTreeSet<String>,
) -> Sheet {
    let chars: Vec<char> = text.chars().collect();
    let mut ranges: Vec<(usize, usize, String)> = Vec::new();
    for (pointer, evidence) in spans.as_object().into_iter().flatten() {
        let Some(fact) = fact_of(pointer) else { continue };
        for range in evidence.get("ranges").and_then(Value::as_array).into_iter().flatten() {
            let at = |n: usize| range.get(n).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
            if let (Some(from), Some(to)) = (at(0), at(1)) {
                let to = to.min(chars.len());
                if from < to {
                    ranges.push((from, to, fact.clone()));
                }
            }
        }
    }
    // A sweep over all ends: which facts are open between two of them.
    let mut ends: BTreeMap<usize, (Vec<&str>, Vec<&str>)> = BTreeMap::new();
    for (from, to, fact) in &ranges {
        ends.entry(*from).or_default().0.push(fact);
        ends.entry(*to).or_default().1.push(fact);
    }
    ends.entry(chars.len()).or_default();
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut stretches, mut marks, mut from): (Vec<Stretch>, BTreeMap<String, String>, usize) =
        Default::default();
    for (at, (begin, end)) in ends {
        if at > from {
            let text: String = chars.get(from..at).unwrap_or_default().iter().collect();
            let id = if open.is_empty() { String::new() } else { format!("s{}", stretches.len()) };
            for fact in open.keys() {
                let ids = marks.entry((*fact).to_owned()).or_default();
                if !ids.is_empty() {
                    ids.push(' ');
                }
                ids.push_str(&id);
            }
            let warn = open.keys().any(|f| warns.contains(*f));
            let facts = open.keys().map(|f| format!("f-{f}")).collect::<Vec<_>>().join(" ");
            stretches.push(Stretch { text, id, facts, warn });
            from = at;
        }
        for fact in end {
            if let Some(n) = open.get_mut(fact) {
                *n -= 1;
                if *n == 0 {
                    open.remove(fact);
                }
            }
        }
        for fact in begin {
            *open.entry(fact).or_default() += 1;
        }
    }
    Sheet { stretches, marks }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn first(pointer: &str) -> Option<String> {
        pointer.split('/').nth(1).map(str::to_owned)
    }

    #[test]
    fn overlapping_spans_are_cut_and_nothing_is_lost() {
        let spans = json!({"/a": {"ranges": [[2, 6]]}, "/b": {"ranges": [[4, 8], [50, 60]]}, "/c/0": {"ranges": [[4, 6]]}});
        let sheet = cut("0123456789", &spans, first, &BTreeSet::from(["b".to_owned()]));
        let got: Vec<_> =
            sheet.stretches.iter().map(|s| (s.text.as_str(), s.facts.as_str(), s.warn)).collect();
        assert_eq!(
            got,
            [
                ("01", "", false),
                ("23", "f-a", false),
                ("45", "f-a f-b f-c", true),
                ("67", "f-b", true),
                ("89", "", false)
            ]
        );
        assert_eq!(sheet.marks["a"], "s1 s2");
        assert_eq!(sheet.marks["b"], "s2 s3");
    }

    #[test]
    fn characters_count_not_bytes() {
        let sheet = cut("Đường <b>", &json!({"/x": {"ranges": [[0, 5]]}}), first, &BTreeSet::new());
        assert_eq!(sheet.stretches[0].text, "Đường");
        assert_eq!(sheet.stretches[1].text, " <b>");
    }
}
