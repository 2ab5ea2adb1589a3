//! STIX patterns, as far as one value says all: comparisons for equality, joined by OR. A pattern that asks for several
//! things together is none of that: half of it would find what was not meant.

/// The values a pattern names that logs can show; none where it names others only. An error where it asks for more.
pub(super) fn values(pattern: &str) -> Result<Vec<String>, ()> {
    let tokens = tokens(pattern).ok_or(())?;
    let mut found = Vec::new();
    let mut at = tokens.iter().peekable();
    let mut terms = 0;
    while let Some(token) = at.next() {
        let Token::Word(word) = token else {
            match token {
                Token::Mark('[' | ']' | '(' | ')') => continue,
                _ => return Err(()),
            }
        };
        if word == "OR" {
            continue;
        }
        if matches!(word.as_str(), "AND" | "NOT" | "FOLLOWEDBY" | "WITHIN" | "REPEATS" | "START" | "STOP") {
            return Err(());
        }
        terms += 1;
        let path = word;
        let mut own = Vec::new();
        match at.next() {
            Some(Token::Mark('=')) => match at.next() {
                Some(Token::Text(value)) => own.push(value.clone()),
                _ => return Err(()),
            },
            Some(Token::Word(word)) if word == "IN" => {
                if at.next() != Some(&Token::Mark('(')) {
                    return Err(());
                }
                loop {
                    match at.next() {
                        Some(Token::Text(value)) => own.push(value.clone()),
                        Some(Token::Mark(',')) => {}
                        Some(Token::Mark(')')) => break,
                        _ => return Err(()),
                    }
                }
            }
            _ => return Err(()),
        }
        if is_known(path) {
            found.extend(own);
        }
    }
    if terms == 0 { Err(()) } else { Ok(found) }
}

fn is_known(path: &str) -> bool {
    const KNOWN: [&str; 7] = [
        "ipv4-addr:value",
        "ipv6-addr:value",
        "domain-name:value",
        "url:value",
        "network-traffic:dst_ref.value",
        "network-traffic:src_ref.value",
        "file:content_ref.hashes",
    ];
    KNOWN.contains(&path)
        || path.strip_prefix("file:hashes.").is_some_and(|name| {
            let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            ["MD5", "SHA1", "SHA256"].iter().any(|known| name.eq_ignore_ascii_case(known))
        })
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

fn tokens(pattern: &str) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => {}
            '[' | ']' | '(' | ')' | '=' | ',' => out.push(Token::Mark(c)),
            '\'' => out.push(Token::Text(quoted(&mut chars)?)),
            c if c.is_ascii_alphabetic() => {
                let mut word = String::from(c);
                while let Some(next) = chars.peek().copied() {
                    if next.is_ascii_alphanumeric() || "-_.:[]*".contains(next) && next != ']' {
                        word.push(next);
                        chars.next();
                    } else if next == '\'' && word.ends_with('.') {
                        // `file:hashes.'SHA-256'`
                        chars.next();
                        word.push_str(&quoted(&mut chars)?);
                    } else {
                        break;
                    }
                }
                out.push(Token::Word(word));
            }
            _ => return None,
        }
    }
    Some(out)
}

/// Up to the closing quote; a backslash takes the next character as it is.
fn quoted(chars: &mut impl Iterator<Item = char>) -> Option<String> {
    let mut text = String::new();
    loop {
        match chars.next()? {
            '\'' => return Some(text),
            '\\' => text.push(chars.next()?),
            c => text.push(c),
        }
    }
}
