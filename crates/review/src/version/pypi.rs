//! PEP 440; versions from before it come first, ordered as setuptools once did.

use std::cmp::Ordering;

use super::number::{digits, is_number, lists, take};

pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    match (Version::of(&a), Version::of(&b)) {
        (Some(a), Some(b)) => a.compare(&b),
        (Some(_), None) => Ordering::Greater,
        (None, Some(_)) => Ordering::Less,
        (None, None) => legacy(&a).cmp(&legacy(&b)),
    }
}

#[derive(Default)]
struct Version<'a> {
    epoch: &'a str,
    release: Vec<&'a str>,
    pre: Option<(u8, &'a str)>,
    post: Option<&'a str>,
    dev: Option<&'a str>,
    local: Vec<&'a str>,
}

impl<'a> Version<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('v').unwrap_or(text);
        let (public, local) = match text.split_once('+') {
            Some((public, local)) => (public, Some(local)),
            None => (text, None),
        };
        let mut it = Self::default();
        let mut rest = public;
        if let Some((epoch, after)) = public.split_once('!') {
            if !is_number(epoch) {
                return None;
            }
            (it.epoch, rest) = (epoch, after);
        }
        rest = it.release(rest)?;
        rest = it.pre(rest);
        rest = it.post(rest);
        rest = it.dev(rest);
        if !rest.is_empty() {
            return None;
        }
        if let Some(local) = local {
            it.local = local.split(['.', '-', '_']).collect();
            let fine = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
            if !it.local.iter().all(fine) {
                return None;
            }
        }
        Some(it)
    }

    fn release(&mut self, mut rest: &'a str) -> Option<&'a str> {
        loop {
            let (number, after) = take(rest, |c| c.is_ascii_digit());
            if number.is_empty() {
                return None;
            }
            self.release.push(number);
            match after.strip_prefix('.') {
                Some(next) if next.starts_with(|c: char| c.is_ascii_digit()) => rest = next,
                _ => return Some(after),
            }
        }
    }

    fn pre(&mut self, rest: &'a str) -> &'a str {
        const WORDS: &[(&str, u8)] =
            &[("alpha", 0), ("beta", 1), ("preview", 2), ("pre", 2), ("rc", 2), ("a", 0), ("b", 1), ("c", 2)];
        let bare = bare(rest);
        for (word, phase) in WORDS {
            if let Some(after) = bare.strip_prefix(word) {
                let (number, after) = numbered(after);
                self.pre = Some((*phase, number));
                return after;
            }
        }
        rest
    }

    fn post(&mut self, rest: &'a str) -> &'a str {
        if let Some(after) = rest.strip_prefix('-') {
            let (number, after) = take(after, |c| c.is_ascii_digit());
            if !number.is_empty() {
                self.post = Some(number);
                return after;
            }
        }
        let bare = bare(rest);
        for word in ["post", "rev", "r"] {
            if let Some(after) = bare.strip_prefix(word) {
                let (number, after) = numbered(after);
                self.post = Some(number);
                return after;
            }
        }
        rest
    }

    fn dev(&mut self, rest: &'a str) -> &'a str {
        match bare(rest).strip_prefix("dev") {
            Some(after) => {
                let (number, after) = numbered(after);
                self.dev = Some(number);
                after
            }
            None => rest,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        digits(self.epoch, other.epoch)
            .then_with(|| lists(&self.release, &other.release))
            .then_with(|| {
                let (a, b) = (self.phase(), other.phase());
                a.0.cmp(&b.0).then_with(|| digits(a.1, b.1))
            })
            .then_with(|| match (self.post, other.post) {
                (Some(a), Some(b)) => digits(a, b),
                (a, b) => a.is_some().cmp(&b.is_some()),
            })
            .then_with(|| match (self.dev, other.dev) {
                (Some(a), Some(b)) => digits(a, b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            })
            .then_with(|| local(&self.local, &other.local))
    }

    /// A development version of a release stands before its first alpha.
    fn phase(&self) -> (i8, &'a str) {
        match (self.pre, self.post, self.dev) {
            (Some((phase, number)), ..) => (i8::try_from(phase).unwrap_or(i8::MAX), number),
            (None, None, Some(_)) => (-1, ""),
            _ => (i8::MAX, ""),
        }
    }
}

fn bare(rest: &str) -> &str {
    rest.strip_prefix(['-', '_', '.']).unwrap_or(rest)
}

/// The number behind a word, with one separator if a number follows it.
fn numbered(after: &str) -> (&str, &str) {
    let (number, left) = take(bare(after), |c| c.is_ascii_digit());
    if number.is_empty() { ("", after) } else { (number, left) }
}

fn local(a: &[&str], b: &[&str]) -> Ordering {
    for (a, b) in a.iter().zip(b) {
        let order = match (is_number(a), is_number(b)) {
            (true, true) => digits(a, b),
            (false, false) => a.cmp(b),
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
        };
        if order.is_ne() {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

fn legacy(version: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = version;
    while let Some(first) = rest.chars().next() {
        let (run, after) = match first {
            c if c.is_ascii_digit() => take(rest, |c| c.is_ascii_digit()),
            c if c.is_ascii_lowercase() => take(rest, |c| c.is_ascii_lowercase()),
            c => rest.split_at(c.len_utf8()),
        };
        rest = after;
        if run == "-" || run.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            add(&mut parts, run);
        }
    }
    add(&mut parts, "final");
    parts
}

fn add(parts: &mut Vec<String>, run: &str) {
    if is_number(run) {
        parts.push(format!("{run:0>8}"));
        return;
    }
    let word = match run {
        "pre" | "preview" | "rc" => "*c",
        "-" => "*final-",
        "dev" => "*@",
        other => &format!("*{other}"),
    };
    if word < "*final" {
        while parts.last().is_some_and(|p| p == "*final-") {
            parts.pop();
        }
    }
    while parts.last().is_some_and(|p| p == "00000000") {
        parts.pop();
    }
    parts.push(word.to_owned());
}
