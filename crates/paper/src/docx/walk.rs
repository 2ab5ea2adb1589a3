//! Through the elements of a Word document in reading order.

use super::numbering::Numbering;
use super::{attribute, child, is_on};
use crate::error::PaperError;
use crate::limits;
use roxmltree::Node;

/// A table with more rows than this, two columns wide, is a list and not the head of a letter.
const HEAD_ROWS: usize = 4;

pub(super) struct Walk {
    numbering: Numbering,
    /// Finished lines.
    lines: Vec<String>,
    bytes: usize,
    /// Ids of the notes met, in order: their place is their number.
    notes: Vec<(&'static str, String)>,
}

impl Walk {
    pub fn new(numbering: Numbering) -> Self {
        Self { numbering, lines: Vec::new(), bytes: 0, notes: Vec::new() }
    }

    pub fn text(self) -> String {
        self.lines.join("\n")
    }

    pub fn body(&mut self, document: Node<'_, '_>) -> Result<(), PaperError> {
        for body in document.children().filter(|node| node.tag_name().name() == "body") {
            let lines = self.blocks(body, 0)?;
            self.push(lines)?;
        }
        Ok(())
    }

    /// The notes that were referred to, each on a line after the text.
    pub fn notes(&mut self, notes: Node<'_, '_>, kind: &'static str) -> Result<(), PaperError> {
        for (place, (of, id)) in self.notes.clone().into_iter().enumerate() {
            let note = notes.children().find(|note| {
                of == kind && note.tag_name().name() == kind && attribute(*note, "id") == Some(id.as_str())
            });
            if let Some(note) = note {
                let words = self.blocks(note, 0)?.join(" ");
                self.push(vec![format!("[{}] {}", place + 1, words.trim())])?;
            }
        }
        Ok(())
    }

    fn push(&mut self, lines: Vec<String>) -> Result<(), PaperError> {
        self.bytes = lines.iter().fold(self.bytes, |sum, line| sum.saturating_add(line.len() + 1));
        if self.bytes > limits::TEXT {
            return Err(PaperError::too_much(limits::TEXT as u64));
        }
        self.lines.extend(lines);
        Ok(())
    }

    /// Paragraphs and tables, whatever wraps them.
    fn blocks(&mut self, parent: Node<'_, '_>, depth: usize) -> Result<Vec<String>, PaperError> {
        if depth > limits::NESTING {
            return Err(PaperError::too_much(limits::NESTING as u64));
        }
        let mut lines = Vec::new();
        for node in parent.children() {
            match node.tag_name().name() {
                "p" => lines.extend(self.paragraph(node, depth + 1)?),
                "tbl" => lines.extend(self.table(node, depth + 1)?),
                // What was deleted or moved away, and the older of two ways to say the same.
                "del" | "moveFrom" | "Fallback" | "sectPr" | "pPr" | "tblPr" => {}
                _ => lines.extend(self.blocks(node, depth + 1)?),
            }
        }
        Ok(lines)
    }

    fn paragraph(&mut self, node: Node<'_, '_>, depth: usize) -> Result<Vec<String>, PaperError> {
        let properties = child(node, "pPr");
        // A deleted end of paragraph joins it to the next; rare, and a line too many is harmless.
        let label = self.numbering.label(properties);
        let mut line = String::new();
        let mut boxes = Vec::new();
        self.inline(node, &mut line, &mut boxes, depth + 1)?;
        if let Some(label) = label
            && !line.trim().is_empty()
        {
            line = format!("{label} {}", line.trim_start());
        }
        let mut lines: Vec<String> = line.split('\n').map(|line| line.trim_end().to_owned()).collect();
        // Text boxes stand where their anchor's paragraph ends.
        lines.append(&mut boxes);
        Ok(lines)
    }

    fn inline(
        &mut self,
        parent: Node<'_, '_>,
        line: &mut String,
        boxes: &mut Vec<String>,
        depth: usize,
    ) -> Result<(), PaperError> {
        if depth > limits::NESTING {
            return Err(PaperError::too_much(limits::NESTING as u64));
        }
        for node in parent.children().filter(Node::is_element) {
            match node.tag_name().name() {
                "t" => line.push_str(node.text().unwrap_or_default()),
                "tab" | "ptab" => line.push('\t'),
                "br" | "cr" => line.push('\n'),
                "noBreakHyphen" => line.push('-'),
                "footnoteReference" => self.refer("footnote", node, line),
                "endnoteReference" => self.refer("endnote", node, line),
                "txbxContent" => boxes.extend(self.blocks(node, depth + 1)?),
                "r" if child(node, "rPr").is_some_and(|run| is_on(child(run, "vanish"))) => {}
                "del" | "moveFrom" | "Fallback" | "pPr" | "rPr" | "delText" | "instrText" => {}
                _ => self.inline(node, line, boxes, depth + 1)?,
            }
        }
        Ok(())
    }

    fn refer(&mut self, kind: &'static str, node: Node<'_, '_>, line: &mut String) {
        if let Some(id) = attribute(node, "id") {
            self.notes.push((kind, id.to_owned()));
            line.push_str(&format!("[{}]", self.notes.len()));
        }
    }

    fn table(&mut self, table: Node<'_, '_>, depth: usize) -> Result<Vec<String>, PaperError> {
        if depth > limits::NESTING {
            return Err(PaperError::too_much(limits::NESTING as u64));
        }
        let mut rows = Vec::new();
        for row in descend(table, "tr") {
            let deleted = child(row, "trPr").is_some_and(|properties| child(properties, "del").is_some());
            if deleted {
                continue;
            }
            let mut cells = Vec::new();
            for cell in descend(row, "tc") {
                let mut lines = self.blocks(cell, depth + 1)?;
                while lines.last().is_some_and(|line| line.trim().is_empty()) {
                    lines.pop();
                }
                cells.push(lines);
            }
            rows.push(cells);
        }
        Ok(written(&rows))
    }
}

/// Elements of that name below `node`, through wrappers of content controls and tracked insertions.
fn descend<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Vec<Node<'a, 'i>> {
    let mut found = Vec::new();
    for child in node.children() {
        match child.tag_name().name() {
            this if this == name => found.push(child),
            "sdt" | "sdtContent" | "customXml" | "ins" | "moveTo" => found.extend(descend(child, name)),
            _ => {}
        }
    }
    found
}

/// The head and foot of a letter are tables without lines, two cells wide: each cell is a text of its own.
/// In any other table a row is one line.
fn written(rows: &[Vec<Vec<String>>]) -> Vec<String> {
    let wide = rows.iter().map(Vec::len).max().unwrap_or_default();
    let single = rows.iter().flatten().all(|cell| cell.len() <= 1);
    let mut lines = Vec::new();
    if wide > 2 || (wide == 2 && single && rows.len() > HEAD_ROWS) {
        for row in rows {
            let cells: Vec<String> =
                row.iter().map(|cell| cell.join(" ").replace(['\n', '\t'], " ")).collect();
            lines.push(cells.join("\t"));
        }
    } else {
        for cell in rows.iter().flatten().filter(|cell| !cell.is_empty()) {
            lines.extend(cell.iter().cloned());
            lines.push(String::new());
        }
    }
    lines
}
