//! YAML as a tree whose every node knows its line and column.
//!
//! Aliases are copies, so the whole tree has a limit: a small file of nested aliases would else be a large tree.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};

/// The deepest nesting of a rule; real ones have about eight levels.
const DEPTH: usize = 64;
/// The most nodes of one file, copies of aliases included; the longest public rule has about 3,000.
const NODES: usize = 200_000;
/// The largest file of rules: the longest public one has 100 KB, a collection may have some thousand.
pub const FILE: usize = 32 << 20;

/// A place in a file, both counted from one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, PartialOrd, Ord, serde::Serialize)]
pub struct At {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it begins.
    pub at: At,
    /// What it is.
    pub what: What,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A scalar, and whether it was written without quotes.
    Scalar(String, bool),
    /// A list.
    List(Vec<Node>),
    /// A map in its order; the key's place is in the key.
    Map(Vec<(Node, Node)>),
}

/// Why a file is no YAML.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{at}: {what}")]
pub struct Broken {
    /// Where.
    pub at: At,
    /// What the parser says.
    pub what: String,
}

impl Node {
    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.what {
            What::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// Whether it is YAML's null: nothing, `~` or `null` without quotes.
    pub fn is_null(&self) -> bool {
        matches!(&self.what, What::Scalar(text, true) if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// Whether it was written as a number or a boolean, without quotes.
    pub fn plain(&self) -> bool {
        matches!(self.what, What::Scalar(_, true))
    }

    /// The entries of a map.
    pub fn map(&self) -> Option<&[(Node, Node)]> {
        match &self.what {
            What::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The entries of a list.
    pub fn list(&self) -> Option<&[Node]> {
        match &self.what {
            What::List(entries) => Some(entries),
            _ => None,
        }
    }

    /// A list's entries, or the one thing that stands where a list may stand.
    pub fn one_or_more(&self) -> &[Node] {
        match &self.what {
            What::List(entries) => entries,
            _ => std::slice::from_ref(self),
        }
    }

    /// A map's value under a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.map()?.iter().find(|(own, _)| own.text() == Some(key)).map(|(_, value)| value)
    }

    /// A map's text under a key.
    pub fn str(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    fn nodes(&self) -> usize {
        1 + match &self.what {
            What::Scalar(..) => 0,
            What::List(entries) => entries.iter().map(Node::nodes).sum(),
            What::Map(entries) => entries.iter().map(|(key, value)| key.nodes() + value.nodes()).sum(),
        }
    }
}

/// The documents of a file.
///
/// # Errors
/// Where it is no YAML, too deep or too large.
pub fn parse(text: &str) -> Result<Vec<Node>, Broken> {
    if text.len() > FILE {
        return Err(Broken { at: At { line: 1, column: 1 }, what: format!("larger than {} MB", FILE >> 20) });
    }
    Builder::default().run(Parser::new_from_str(text))
}

/// A list or map whose end has not come.
struct Open {
    at: At,
    anchor: usize,
    list: bool,
    key: Option<Node>,
    nodes: Vec<Node>,
    pairs: Vec<(Node, Node)>,
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    done: Vec<Node>,
    nodes: usize,
}

impl Builder {
    fn run<'a>(
        mut self,
        parser: impl Iterator<Item = granit_parser::ParseResult<'a>>,
    ) -> Result<Vec<Node>, Broken> {
        for event in parser {
            let (event, span) = event.map_err(|error| {
                let at = error.marker();
                Broken { at: place(at.line(), at.col()), what: error.kind().to_string() }
            })?;
            let at = place(span.start.line(), span.start.col());
            match event {
                Event::Scalar(text, style, anchor, tag) => {
                    // `!!str 5` is a text without quotes.
                    let plain = style == ScalarStyle::Plain && tag.is_none();
                    self.put(Node { at, what: What::Scalar(text.into_owned(), plain) }, anchor, 1)?;
                }
                Event::SequenceStart(_, anchor, _) => self.begin(at, anchor, true)?,
                Event::MappingStart(_, anchor, _) => self.begin(at, anchor, false)?,
                Event::SequenceEnd | Event::MappingEnd => self.end()?,
                Event::Alias(anchor) => {
                    let Some(node) = self.anchors.get(&anchor).cloned() else {
                        return Err(Broken { at, what: "an alias of nothing".into() });
                    };
                    let more = node.nodes();
                    self.put(Node { at, ..node }, 0, more)?;
                }
                _ => {}
            }
        }
        Ok(self.done)
    }

    fn begin(&mut self, at: At, anchor: usize, list: bool) -> Result<(), Broken> {
        if self.open.len() >= DEPTH {
            return Err(Broken { at, what: format!("more than {DEPTH} levels deep") });
        }
        self.open.push(Open { at, anchor, list, key: None, nodes: Vec::new(), pairs: Vec::new() });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Broken> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let what = if open.list { What::List(open.nodes) } else { What::Map(open.pairs) };
        self.put(Node { at: open.at, what }, open.anchor, 1)
    }

    fn put(&mut self, node: Node, anchor: usize, more: usize) -> Result<(), Broken> {
        self.nodes += more;
        if self.nodes > NODES {
            return Err(Broken { at: node.at, what: format!("more than {NODES} nodes") });
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.done.push(node),
            Some(open) if open.list => open.nodes.push(node),
            Some(open) => match open.key.take() {
                None => {
                    if let Some(text) = node.text()
                        && open.pairs.iter().any(|(key, _)| key.text() == Some(text))
                    {
                        return Err(Broken {
                            at: node.at,
                            what: format!("the key `{text}` stands here twice"),
                        });
                    }
                    open.key = Some(node);
                }
                Some(key) => open.pairs.push((key, node)),
            },
        }
        Ok(())
    }
}

fn place(line: usize, column: usize) -> At {
    At {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX).saturating_add(1),
    }
}

/// Lays one document over another, as `action: global` asks: maps join, anything else replaces.
pub fn overlay(base: &Node, over: &Node) -> Node {
    let (What::Map(old), What::Map(new)) = (&base.what, &over.what) else { return over.clone() };
    let mut pairs = old.clone();
    for (key, value) in new {
        match pairs.iter_mut().find(|(own, _)| own.text() == key.text()) {
            Some((_, own)) => *own = overlay(own, value),
            None => pairs.push((key.clone(), value.clone())),
        }
    }
    Node { at: over.at, what: What::Map(pairs) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_knows_its_place() {
        let docs = parse("a: 1\nb:\n  - x\n  - 'y': ~\n---\nc: \"null\"\n").unwrap();
        assert_eq!(docs.len(), 2);
        assert_eq!(docs[0].get("a").unwrap().at, At { line: 1, column: 4 });
        let list = docs[0].get("b").unwrap().list().unwrap();
        assert_eq!(list[0].at, At { line: 3, column: 5 });
        assert!(list[1].get("y").unwrap().is_null());
        assert!(!docs[1].get("c").unwrap().is_null(), "quoted, it is a word");
    }

    #[test]
    fn what_is_no_yaml_says_where() {
        assert_eq!(parse("a: 1\na: 2\n").unwrap_err().at, At { line: 2, column: 1 });
        assert!(parse("a: [1\nb: 2").unwrap_err().at.line >= 1);
        let deep = format!("{}{}", "[".repeat(DEPTH + 1), "]".repeat(DEPTH + 1));
        assert!(parse(&deep).unwrap_err().what.contains("deep"));
    }

    #[test]
    fn aliases_are_copied_and_a_bomb_of_them_is_stopped() {
        let docs = parse("a: &x {k: v}\nb: *x\n").unwrap();
        assert_eq!(docs[0].get("b").unwrap().str("k"), Some("v"));
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for n in 1..10 {
            let last = n - 1;
            bomb.push_str(&format!("a{n}: &a{n} [{}]\n", vec![format!("*a{last}"); 10].join(",")));
        }
        assert!(parse(&bomb).unwrap_err().what.contains("nodes"));
    }

    #[test]
    fn a_global_document_lies_under_the_next() {
        let docs = parse("a: {x: 1, y: 2}\n---\na: {y: 3}\nb: 4").unwrap();
        let both = overlay(&docs[0], &docs[1]);
        assert_eq!(both.get("a").unwrap().str("x"), Some("1"));
        assert_eq!(both.get("a").unwrap().str("y"), Some("3"));
    }
}
