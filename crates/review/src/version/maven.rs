//! Maven's `ComparableVersion`: numbers, words, and lists that a hyphen or a change between digits and letters opens.

use std::cmp::Ordering;

use super::number::digits;

pub fn compare(a: &str, b: &str) -> Ordering {
    Item::List(parse(a)).compare(Some(&Item::List(parse(b))))
}

/// Deepest nesting kept; what is deeper is left in the list above. A version has two or three.
const DEEPEST: usize = 64;
/// Words with a place of their own, oldest first; any other word comes after them, by its letters.
const WORDS: &[&str] = &["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];

#[derive(Debug)]
enum Item {
    Number(String),
    Word(String),
    /// A word with its number: `rc1`.
    Both(String, String),
    List(Vec<Item>),
}

impl Item {
    fn is_null(&self) -> bool {
        match self {
            Self::Number(digits) => digits.is_empty(),
            Self::Word(word) => word.is_empty(),
            Self::Both(..) => false,
            Self::List(items) => items.is_empty(),
        }
    }

    fn compare(&self, other: Option<&Self>) -> Ordering {
        use Item::{Both, List, Number, Word};
        use Ordering::{Equal, Greater, Less};
        match (self, other) {
            (Number(a), None) => {
                if a.is_empty() {
                    Equal
                } else {
                    Greater
                }
            }
            (Number(a), Some(Number(b))) => digits(a, b),
            (Number(_), Some(_)) => Greater,
            (Word(a) | Both(a, _), None) => words(a, ""),
            (Word(a), Some(Word(b))) => words(a, b),
            (Word(a), Some(Both(b, _))) => words(a, b).then(Less),
            (Word(_) | Both(..), Some(Number(_) | List(_))) => Less,
            (Both(a, _), Some(Word(b))) => words(a, b).then(Greater),
            (Both(a, m), Some(Both(b, n))) => words(a, b).then_with(|| digits(m, n)),
            (List(a), None) => {
                a.iter().map(|item| item.compare(None)).find(|order| order.is_ne()).unwrap_or(Equal)
            }
            (List(_), Some(Number(_))) => Less,
            (List(_), Some(Word(_) | Both(..))) => Greater,
            (List(a), Some(List(b))) => (0..a.len().max(b.len()))
                .map(|i| match (a.get(i), b.get(i)) {
                    (Some(a), b) => a.compare(b),
                    (None, Some(b)) => b.compare(None).reverse(),
                    (None, None) => Equal,
                })
                .find(|order| order.is_ne())
                .unwrap_or(Equal),
        }
    }
}

fn words(a: &str, b: &str) -> Ordering {
    let place = |word: &str| WORDS.iter().position(|w| *w == word).unwrap_or(WORDS.len());
    let (at, bt) = (place(a), place(b));
    at.cmp(&bt).then_with(|| if at == WORDS.len() { a.cmp(b) } else { Ordering::Equal })
}

/// The lists being filled, innermost last; `next` hangs one into the other at the end.
struct Open(Vec<Vec<Item>>);

impl Open {
    fn push(&mut self, item: Item) {
        if let Some(list) = self.0.last_mut() {
            list.push(item);
        }
    }

    fn has_items(&self) -> bool {
        self.0.last().is_some_and(|list| !list.is_empty())
    }

    fn deeper(&mut self) {
        if self.0.len() < DEEPEST {
            self.0.push(Vec::new());
        }
    }

    fn close(mut self) -> Vec<Item> {
        let mut inner: Option<Vec<Item>> = None;
        while let Some(mut list) = self.0.pop() {
            list.extend(inner.take().map(Item::List));
            normalise(&mut list);
            inner = Some(list);
        }
        inner.unwrap_or_default()
    }
}

fn parse(version: &str) -> Vec<Item> {
    let version = version.to_lowercase();
    let mut open = Open(vec![Vec::new()]);
    let (mut text, mut is_digit, mut both) = (String::new(), false, false);
    let mut chars = version.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '.' => {
                open.push(item(&text, is_digit, both));
                text.clear();
                both = false;
            }
            '-' => {
                // `x-1` is read as `x1`.
                if !text.is_empty() && !is_digit && chars.peek().is_some_and(char::is_ascii_digit) {
                    both = true;
                    text.push(c);
                    continue;
                }
                open.push(item(&text, is_digit, both));
                text.clear();
                both = false;
                open.deeper();
            }
            '0'..='9' => {
                if !is_digit && !text.is_empty() {
                    both = true;
                    if open.has_items() {
                        open.deeper();
                    }
                }
                is_digit = true;
                text.push(c);
            }
            _ => {
                if is_digit && !text.is_empty() {
                    open.push(item(&text, true, both));
                    text.clear();
                    open.deeper();
                    both = false;
                }
                is_digit = false;
                text.push(c);
            }
        }
    }
    if !text.is_empty() {
        // `1.0.x` is read as `1.0-x`.
        if !is_digit && open.has_items() {
            open.deeper();
        }
        open.push(item(&text, is_digit, both));
    }
    open.close()
}

fn item(text: &str, is_digit: bool, both: bool) -> Item {
    if both {
        let text = text.replace('-', "");
        let at = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
        let (word, number) = text.split_at(at);
        return Item::Both(full(word, true), number.to_owned());
    }
    if is_digit || text.is_empty() {
        return Item::Number(text.trim_start_matches('0').to_owned());
    }
    Item::Word(full(text, false))
}

fn full(word: &str, before_number: bool) -> String {
    match word {
        "a" if before_number => "alpha",
        "b" if before_number => "beta",
        "m" if before_number => "milestone",
        "cr" => "rc",
        "ga" | "final" | "release" => "",
        other => other,
    }
    .to_owned()
}

/// Zeros that say nothing go: at the end, and before a word.
fn normalise(items: &mut Vec<Item>) {
    for i in (0..items.len()).rev() {
        if !items.get(i).is_some_and(Item::is_null) {
            continue;
        }
        let goes = match items.get(i + 1) {
            None | Some(Item::Word(_)) => true,
            Some(Item::List(inner)) => matches!(inner.first(), Some(Item::Word(_) | Item::Both(..))),
            Some(_) => false,
        };
        if goes {
            items.remove(i);
        }
    }
}
