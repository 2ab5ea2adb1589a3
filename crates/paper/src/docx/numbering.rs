//! The numbers of lists, which Word does not write into the text.

use super::{attribute, child};
use roxmltree::{Document, Node};
use std::collections::HashMap;

/// Word has nine levels.
const LEVELS: usize = 9;

#[derive(Debug, Clone)]
struct Level {
    format: String,
    /// `%1.%2)`
    text: String,
    start: u64,
    /// Every number of the label in figures.
    legal: bool,
}

/// Which paragraphs are numbered how, and how far each list has come.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    /// abstract list → levels
    lists: HashMap<String, HashMap<usize, Level>>,
    /// list → abstract list and the level overrides' start values
    instances: HashMap<String, (String, HashMap<usize, u64>)>,
    /// paragraph style → (list, level)
    styles: HashMap<String, (String, usize)>,
    /// abstract list → counters
    counters: HashMap<String, [Option<u64>; LEVELS]>,
    /// lists whose overridden starts were used
    started: HashMap<String, bool>,
}

impl Numbering {
    /// Damaged parts number nothing: the text is worth more than its numbers.
    pub fn read(numbering: &str, styles: &str) -> Self {
        let mut this = Self::default();
        if let Ok(document) = Document::parse(numbering) {
            for node in document.root_element().children() {
                match node.tag_name().name() {
                    "abstractNum" => this.list(node),
                    "num" => this.instance(node),
                    _ => {}
                }
            }
        }
        if let Ok(document) = Document::parse(styles) {
            for style in document.root_element().children().filter(|node| node.tag_name().name() == "style") {
                let list = child(style, "pPr").and_then(|properties| child(properties, "numPr")).and_then(of);
                if let (Some(id), Some((Some(list), level))) = (attribute(style, "styleId"), list) {
                    this.styles.insert(id.to_owned(), (list, level.unwrap_or(0)));
                }
            }
        }
        this
    }

    fn list(&mut self, node: Node<'_, '_>) {
        let Some(id) = attribute(node, "abstractNumId") else { return };
        let levels = node.children().filter(|level| level.tag_name().name() == "lvl").filter_map(level);
        self.lists.insert(id.to_owned(), levels.collect());
    }

    fn instance(&mut self, node: Node<'_, '_>) {
        let list = child(node, "abstractNumId").and_then(|list| attribute(list, "val"));
        let (Some(id), Some(list)) = (attribute(node, "numId"), list) else { return };
        let starts =
            node.children().filter(|over| over.tag_name().name() == "lvlOverride").filter_map(|over| {
                let level = attribute(over, "ilvl")?.parse().ok()?;
                let start = child(over, "startOverride").and_then(|start| attribute(start, "val"))?;
                Some((level, start.parse().ok()?))
            });
        self.instances.insert(id.to_owned(), (list.to_owned(), starts.collect()));
    }

    /// The number of the next paragraph with these properties, as it stands on paper.
    pub fn label(&mut self, properties: Option<Node<'_, '_>>) -> Option<String> {
        let properties = properties?;
        let style = child(properties, "pStyle").and_then(|style| attribute(style, "val"));
        let inherited = style.and_then(|style| self.styles.get(style)).cloned();
        let own = child(properties, "numPr").and_then(of);
        let (list, level) = match (own, inherited) {
            (Some((Some(list), level)), _) => (list, level.unwrap_or(0)),
            (Some((None, level)), Some((list, styled))) => (list, level.unwrap_or(styled)),
            (_, inherited) => inherited?,
        };
        // List 0 means: not numbered, whatever the style says.
        if list == "0" || level >= LEVELS {
            return None;
        }
        let (of, starts) = self.instances.get(&list)?;
        let levels = self.lists.get(of)?;
        let this = levels.get(&level)?;
        let counters = self.counters.entry(of.clone()).or_insert([None; LEVELS]);
        if !self.started.contains_key(&list) {
            self.started.insert(list.clone(), true);
            for (level, start) in starts {
                if let Some(counter) = counters.get_mut(*level) {
                    *counter = start.checked_sub(1);
                }
            }
        }
        for (place, counter) in counters.iter_mut().enumerate() {
            let start = levels.get(&place).map_or(1, |level| level.start);
            match place.cmp(&level) {
                std::cmp::Ordering::Less => *counter = Some(counter.unwrap_or(start)),
                std::cmp::Ordering::Equal => {
                    *counter = Some(counter.map_or(start, |count| count.saturating_add(1)))
                }
                std::cmp::Ordering::Greater => *counter = None,
            }
        }
        Some(written(this, levels, counters)).filter(|label| !label.is_empty())
    }
}

/// List and level of a `numPr`.
fn of(node: Node<'_, '_>) -> Option<(Option<String>, Option<usize>)> {
    let value = |name| child(node, name).and_then(|node| attribute(node, "val"));
    Some((value("numId").map(str::to_owned), value("ilvl").and_then(|level| level.parse().ok())))
}

fn level(node: Node<'_, '_>) -> Option<(usize, Level)> {
    let value = |name| child(node, name).and_then(|node| attribute(node, "val"));
    let level = Level {
        format: value("numFmt").unwrap_or("decimal").to_owned(),
        text: value("lvlText").unwrap_or_default().to_owned(),
        start: value("start").and_then(|start| start.parse().ok()).unwrap_or(1),
        legal: super::is_on(child(node, "isLgl")),
    };
    Some((attribute(node, "ilvl")?.parse().ok()?, level))
}

fn written(this: &Level, levels: &HashMap<usize, Level>, counters: &[Option<u64>; LEVELS]) -> String {
    if this.format == "bullet" {
        // Bullets live in fonts of symbols; on paper they are all a dash or a dot.
        return match this.text.as_str() {
            "+" | "*" | "•" | "–" => this.text.clone(),
            _ => "-".to_owned(),
        };
    }
    let mut label = String::new();
    let mut text = this.text.chars().peekable();
    while let Some(c) = text.next() {
        let place = text.peek().and_then(|next| next.to_digit(10)).filter(|_| c == '%');
        let Some(place) =
            place.and_then(|place| usize::try_from(place).ok()).and_then(|place| place.checked_sub(1))
        else {
            label.push(c);
            continue;
        };
        text.next();
        let format = levels.get(&place).map_or("decimal", |level| level.format.as_str());
        let format = if this.legal { "decimal" } else { format };
        let count = counters.get(place).copied().flatten().unwrap_or(1);
        label.push_str(&number(count, format));
    }
    label.trim().to_owned()
}

fn number(count: u64, format: &str) -> String {
    match format {
        "none" => String::new(),
        "lowerLetter" => letters(count, b'a'),
        "upperLetter" => letters(count, b'A'),
        "lowerRoman" => roman(count).to_lowercase(),
        "upperRoman" => roman(count),
        "decimalZero" => format!("{count:02}"),
        _ => count.to_string(),
    }
}

/// a … z, then aa … zz as Word does.
fn letters(count: u64, first: u8) -> String {
    let Some(count) = count.checked_sub(1) else { return String::new() };
    let letter = char::from(first + u8::try_from(count % 26).unwrap_or_default());
    std::iter::repeat_n(letter, usize::try_from(count / 26).unwrap_or_default().min(8) + 1).collect()
}

fn roman(mut count: u64) -> String {
    if count > 3999 {
        return count.to_string();
    }
    let mut out = String::new();
    for (value, sign) in [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ] {
        while count >= value {
            out.push_str(sign);
            count -= value;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_word_writes_them() {
        assert_eq!(number(4, "decimal"), "4");
        assert_eq!(number(2, "lowerLetter"), "b");
        assert_eq!(number(28, "upperLetter"), "BB");
        assert_eq!(number(14, "lowerRoman"), "xiv");
        assert_eq!(number(1999, "upperRoman"), "MCMXCIX");
    }
}
