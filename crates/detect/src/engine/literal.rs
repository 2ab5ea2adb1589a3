//! What a regular expression cannot match without: one of a few literals.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::rule::pattern::fold;

/// A literal shorter than this is found too often to help.
const SHORTEST: usize = 3;
/// More alternatives than this help nobody.
const MOST: usize = 32;

/// One of these, folded, stands in every text it matches; nothing where that cannot be said.
pub fn required(source: &str) -> Option<Vec<String>> {
    let hir = regex_syntax::parse(source).ok()?;
    need(&hir).filter(|all| !all.is_empty() && all.iter().all(|l| l.chars().count() >= SHORTEST))
}

fn need(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).ok().map(|text| vec![text.chars().map(fold).collect()])
        }
        HirKind::Class(_) => single(hir).map(|c| vec![c.to_string()]),
        HirKind::Capture(inner) => need(&inner.sub),
        HirKind::Repetition(inner) if inner.min > 0 => need(&inner.sub),
        HirKind::Alternation(any) => {
            let all: Option<Vec<Vec<String>>> = any.iter().map(need).collect();
            let flat: Vec<String> = all?.into_iter().flatten().collect();
            (flat.len() <= MOST).then_some(flat)
        }
        HirKind::Concat(parts) => concat(parts),
        HirKind::Empty | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

/// The one folded character a class stands for, as `[aA]` does.
fn single(hir: &Hir) -> Option<char> {
    let HirKind::Class(class) = hir.kind() else { return None };
    let mut ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|r| (r.start(), r.end())).collect(),
        Class::Bytes(_) => return None,
    };
    // The long s and the sign of Kelvin fold elsewhere than their letters.
    if ranges.len() > 4 || ranges.iter().any(|(a, b)| a != b) {
        return None;
    }
    let first = fold(ranges.pop()?.0);
    ranges.iter().all(|(c, _)| fold(*c) == first).then_some(first)
}

/// Neighbouring literals joined, or the best of what single parts need.
fn concat(parts: &[Hir]) -> Option<Vec<String>> {
    let mut best: Option<Vec<String>> = None;
    let mut run = String::new();
    let mut consider = |found: Vec<String>| {
        let worth = |all: &[String]| all.iter().map(|l| l.chars().count()).min().unwrap_or(0);
        let better = best.as_ref().is_none_or(|old| (worth(&found), old.len()) > (worth(old), found.len()));
        if better && !found.is_empty() {
            best = Some(found);
        }
    };
    for part in parts {
        match part.kind() {
            HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
                Ok(text) => run.extend(text.chars().map(fold)),
                Err(_) => consider(vec![std::mem::take(&mut run)]),
            },
            _ => match single(part) {
                Some(c) => run.push(c),
                None => {
                    if !run.is_empty() {
                        consider(vec![std::mem::take(&mut run)]);
                    }
                    if let Some(found) = need(part) {
                        consider(found);
                    }
                }
            },
        }
    }
    if !run.is_empty() {
        consider(vec![run]);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::required;

    fn all(source: &str) -> Vec<String> {
        required(source).unwrap_or_default()
    }

    #[test]
    fn what_must_stand_there() {
        assert_eq!(all(r"\d+Invoke-Mimikatz.*"), ["invoke-mimikatz"]);
        assert_eq!(all("(?i)abc[0-9]+defgh"), ["defgh"]);
        assert_eq!(all("foo(bar|bazz)+"), ["foo"]);
        assert_eq!(all("(hello|world)x?"), ["hello", "world"]);
        assert!(all("a?b?").is_empty() && all("[a-z]{9}").is_empty() && all("(abc)?").is_empty());
        assert!(all("ab").is_empty(), "too short");
    }
}
