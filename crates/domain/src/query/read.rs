//! The words of a query, read from left to right.

use super::{Bound, CONDITIONS, DEPTH, Fault, LENGTH, Name, Part, Pattern, Query, Test};
use crate::source::Network;

/// Reads a query. An empty one asks for everything.
pub fn read(text: &str) -> Result<Query, Fault> {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() > LENGTH {
        return Err(Fault { code: "long", at: LENGTH, what: LENGTH.to_string() });
    }
    let mut reader = Reader { chars, at: 0, conditions: 0 };
    let query = reader.any(0)?;
    reader.space();
    match reader.peek() {
        None => Ok(query),
        Some(_) => Err(reader.fault("unopened", reader.at, ")")),
    }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    conditions: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }
    fn space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }
    fn fault(&self, code: &'static str, at: usize, what: impl Into<String>) -> Fault {
        Fault { code, at: at + 1, what: what.into() }
    }
    fn since(&self, from: usize) -> String {
        self.chars.get(from..self.at).unwrap_or_default().iter().collect()
    }
    /// Takes a word of the language if it comes next, as a whole.
    fn takes(&mut self, words: &[&str]) -> bool {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        for word in words {
            let n = word.chars().count();
            let same = rest.iter().take(n).copied().eq(word.chars());
            if same && rest.get(n).is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ')' | '"')) {
                self.at += n;
                return true;
            }
        }
        false
    }

    /// Parts joined by OR.
    fn any(&mut self, depth: usize) -> Result<Query, Fault> {
        if depth > DEPTH {
            return Err(self.fault("deep", self.at, DEPTH.to_string()));
        }
        let mut all = vec![self.every(depth)?];
        loop {
            self.space();
            let at = self.at;
            if !self.takes(&["OR", "||"]) {
                break;
            }
            if all.last() == Some(&Query::All) {
                return Err(self.fault("alone", at, "OR"));
            }
            let next = self.every(depth)?;
            if next == Query::All {
                return Err(self.fault("alone", at, "OR"));
            }
            all.push(next);
        }
        Ok(one(all, Query::Or))
    }

    /// Parts side by side, or joined by AND.
    fn every(&mut self, depth: usize) -> Result<Query, Fault> {
        let mut all = Vec::new();
        loop {
            self.space();
            let at = self.at;
            if self.takes(&["AND", "&&"]) {
                let before = all.is_empty();
                self.space();
                let after = self.peek().is_none_or(|c| c == ')');
                if before || after {
                    return Err(self.fault("alone", at, "AND"));
                }
                continue;
            }
            let here = self.at;
            let or = self.takes(&["OR", "||"]);
            self.at = here;
            if or || self.peek().is_none_or(|c| c == ')') {
                return Ok(if all.is_empty() { Query::All } else { one(all, Query::And) });
            }
            all.push(self.term(depth)?);
        }
    }

    fn term(&mut self, depth: usize) -> Result<Query, Fault> {
        self.conditions += 1;
        if self.conditions > CONDITIONS {
            return Err(self.fault("many", self.at, CONDITIONS.to_string()));
        }
        let at = self.at;
        let minus = self.peek() == Some('-') && self.chars.get(at + 1).is_some_and(|c| !c.is_whitespace());
        if minus || self.takes(&["NOT", "!"]) {
            self.at += usize::from(minus);
            self.space();
            if depth >= DEPTH {
                return Err(self.fault("deep", at, DEPTH.to_string()));
            }
            if self.peek().is_none_or(|c| c == ')') {
                return Err(self.fault("alone", at, "NOT"));
            }
            return Ok(Query::Not(Box::new(self.term(depth + 1)?)));
        }
        if self.peek() == Some('(') {
            self.at += 1;
            let inner = self.any(depth + 1)?;
            self.space();
            if self.peek() != Some(')') {
                return Err(self.fault("unclosed", at, "("));
            }
            self.at += 1;
            return Ok(inner);
        }
        if let Some(name) = self.name() {
            return self.field(&name, at);
        }
        let pattern = self.pattern()?;
        if pattern.0.iter().all(|p| *p == Part::Any) {
            return Ok(Query::All);
        }
        Ok(Query::Text(pattern))
    }

    /// A field's name and its colon, if they come next.
    fn name(&mut self) -> Option<String> {
        let rest = self.chars.get(self.at..)?;
        let part = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@' | '#' | '{' | '}');
        let n = rest.iter().take_while(|c| part(c)).count();
        if n == 0 || rest.get(n) != Some(&':') {
            return None;
        }
        // `C:\x`, `http://x` and `::1` are text.
        let after = rest.get(n + 1);
        if after == Some(&'\\')
            || after == Some(&':')
            || (after == Some(&'/') && rest.get(n + 2) == Some(&'/'))
        {
            return None;
        }
        let name: String = rest.iter().take(n).collect();
        self.at += n + 1;
        Some(name)
    }

    fn field(&mut self, name: &str, at: usize) -> Result<Query, Fault> {
        let whose = Name::of(name);
        let field = |test| Query::Field(whose.clone(), test);
        if self.peek() != Some('(') {
            return Ok(field(self.test(name, at)?));
        }
        let open = self.at;
        self.at += 1;
        let mut all = Vec::new();
        loop {
            self.space();
            match self.peek() {
                None => return Err(self.fault("unclosed", open, "(")),
                Some(')') if all.is_empty() => return Err(self.fault("no-value", at, name)),
                Some(')') => break,
                _ if self.takes(&["OR"]) => {}
                _ => {
                    self.conditions += 1;
                    if self.conditions > CONDITIONS {
                        return Err(self.fault("many", self.at, CONDITIONS.to_string()));
                    }
                    all.push(field(self.test(name, at)?));
                }
            }
        }
        self.at += 1;
        Ok(one(all, Query::Or))
    }

    fn test(&mut self, name: &str, at: usize) -> Result<Test, Fault> {
        let start = self.at;
        match self.peek() {
            None | Some(')') => Err(self.fault("no-value", at, name)),
            Some(c) if c.is_whitespace() => Err(self.fault("no-value", at, name)),
            Some('[' | '{') if !self.is_address() => self.range(),
            Some('>' | '<') => {
                let greater = self.peek() == Some('>');
                self.at += 1;
                let within = self.peek() == Some('=');
                self.at += usize::from(within);
                let bound =
                    self.bound(within).ok_or_else(|| self.fault("range", start, self.since(start)))?;
                Ok(if greater { Test::Range(Some(bound), None) } else { Test::Range(None, Some(bound)) })
            }
            Some('/') => self.regex(start),
            Some(_) => {
                let pattern = self.pattern()?;
                let written = self.since(start);
                if pattern.0.iter().all(|p| *p == Part::Any) {
                    return Ok(Test::Exists);
                }
                if let Some(text) = pattern.plain().filter(|t| t.contains('/') && !written.starts_with('"')) {
                    let address = text.split('/').next().unwrap_or_default();
                    if address.parse::<std::net::IpAddr>().is_ok() {
                        let net = Network::parse(text).ok_or_else(|| self.fault("network", start, text))?;
                        return Ok(Test::Net(net));
                    }
                }
                Ok(Test::Is(pattern))
            }
        }
    }

    /// Whether `[` begins an address (`[::1]`) rather than a range.
    fn is_address(&self) -> bool {
        let rest = self.chars.get(self.at + 1..).unwrap_or_default();
        let inner: String = rest.iter().take_while(|c| **c != ']').collect();
        inner.parse::<std::net::Ipv6Addr>().is_ok()
    }

    /// `[a TO b]`, `{a TO b}`, `*` for an open end.
    fn range(&mut self) -> Result<Test, Fault> {
        let start = self.at;
        let from_within = self.peek() == Some('[');
        self.at += 1;
        let bad = |s: &Self| s.fault("range", start, s.since(start));
        self.space();
        let from = self.bound(from_within);
        let from_open = from.is_none() && self.star();
        self.space();
        if !self.takes(&["TO"]) || (from.is_none() && !from_open) {
            return Err(bad(self));
        }
        self.space();
        let to = self.bound(true);
        let to_open = to.is_none() && self.star();
        self.space();
        let to_within = match self.peek() {
            Some(']') => true,
            Some('}') => false,
            _ => return Err(bad(self)),
        };
        if to.is_none() && !to_open {
            return Err(bad(self));
        }
        self.at += 1;
        Ok(Test::Range(from, to.map(|b| Bound { within: to_within, ..b })))
    }

    fn star(&mut self) -> bool {
        let star = self.peek() == Some('*');
        self.at += usize::from(star);
        star
    }

    fn bound(&mut self, within: bool) -> Option<Bound> {
        let start = self.at;
        while self.peek().is_some_and(|c| !c.is_whitespace() && !matches!(c, ']' | '}' | ')' | '(' | '*')) {
            self.at += 1;
        }
        let text = self.since(start).trim_matches('"').to_owned();
        let number = text.parse::<f64>().ok().filter(|n| n.is_finite());
        (!text.is_empty()).then_some(Bound { text, number, within })
    }

    /// `/…/`; a slash within it is written `\/`.
    fn regex(&mut self, start: usize) -> Result<Test, Fault> {
        self.at += 1;
        let mut text = String::new();
        loop {
            match (self.peek(), self.chars.get(self.at + 1)) {
                (None, _) => return Err(self.fault("unclosed", start, "/")),
                (Some('/'), _) => break,
                (Some('\\'), Some('/')) => {
                    text.push('/');
                    self.at += 2;
                }
                (Some('\\'), Some(next)) => {
                    text.extend(['\\', *next]);
                    self.at += 2;
                }
                (Some(c), _) => {
                    text.push(c);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        if text.is_empty() {
            return Err(self.fault("regex", start, "//"));
        }
        Ok(Test::Regex(text, start + 1))
    }

    /// A word with wildcards, or a phrase, in which there are none. `\*`, `\?`, `\"` and `\ ` stand for themselves.
    fn pattern(&mut self) -> Result<Pattern, Fault> {
        let start = self.at;
        if self.peek() == Some('"') {
            return self.phrase(start);
        }
        let mut parts = Vec::new();
        let mut text = String::new();
        let end = |text: &mut String, part: Option<Part>, parts: &mut Vec<Part>| {
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(text)));
            }
            // Two stars in a row are one.
            if part.is_some() && (part != Some(Part::Any) || parts.last() != Some(&Part::Any)) {
                parts.extend(part);
            }
        };
        while let Some(c) = self.peek() {
            let next = self.chars.get(self.at + 1).copied();
            match (c, next) {
                (c, _) if c.is_whitespace() || matches!(c, '(' | ')' | '"') => break,
                ('\\', Some(n @ ('*' | '?' | '"' | '(' | ')' | ' ' | ':'))) => {
                    text.push(n);
                    self.at += 1;
                }
                ('*', _) => end(&mut text, Some(Part::Any), &mut parts),
                ('?', _) => end(&mut text, Some(Part::One), &mut parts),
                (c, _) => text.push(c),
            }
            self.at += 1;
        }
        end(&mut text, None, &mut parts);
        if parts.is_empty() {
            let what = self.peek().map(String::from).unwrap_or_default();
            return Err(self.fault("unexpected", start, what));
        }
        Ok(Pattern(parts))
    }

    fn phrase(&mut self, start: usize) -> Result<Pattern, Fault> {
        self.at += 1;
        let mut text = String::new();
        loop {
            match (self.peek(), self.chars.get(self.at + 1)) {
                (None, _) => return Err(self.fault("unclosed", start, "\"")),
                (Some('"'), _) => break,
                (Some('\\'), Some('"')) => {
                    text.push('"');
                    self.at += 2;
                }
                (Some(c), _) => {
                    text.push(c);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        if text.trim().is_empty() {
            return Err(self.fault("empty", start, "\"\""));
        }
        Ok(Pattern(vec![Part::Text(text)]))
    }
}

/// One of several needs no joining.
fn one(mut all: Vec<Query>, join: fn(Vec<Query>) -> Query) -> Query {
    match all.len() {
        1 => all.pop().unwrap_or(Query::All),
        _ => join(all),
    }
}
