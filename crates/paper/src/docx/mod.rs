//! Word to text.

mod numbering;
mod walk;

use crate::error::PaperError;
use crate::zipped::Zipped;
use numbering::Numbering;
use roxmltree::{Document, Node};

/// What a Word file says.
pub(crate) struct Docx {
    pub text: String,
    pub signed: bool,
}

pub(crate) fn read(bytes: &[u8]) -> Result<Docx, PaperError> {
    let mut parts = Zipped::new(bytes)?;
    let signed = parts.has("_xmlsignatures/");
    let body = parts.xml("word/document.xml")?.ok_or(PaperError::Damaged)?;
    let numbering = parts.xml("word/numbering.xml")?.unwrap_or_default();
    let styles = parts.xml("word/styles.xml")?.unwrap_or_default();
    let footnotes = parts.xml("word/footnotes.xml")?.unwrap_or_default();
    let endnotes = parts.xml("word/endnotes.xml")?.unwrap_or_default();

    let mut walk = walk::Walk::new(Numbering::read(&numbering, &styles));
    let body = parse(&body)?;
    walk.body(body.root_element())?;
    for (xml, kind) in [(&footnotes, "footnote"), (&endnotes, "endnote")] {
        if !xml.is_empty() {
            walk.notes(parse(xml)?.root_element(), kind)?;
        }
    }
    Ok(Docx { text: crate::legacy::mend(&walk.text()), signed })
}

/// Word writes no document type definitions, so none is let in: no entities, no bombs of them.
fn parse(xml: &str) -> Result<Document<'_>, PaperError> {
    Document::parse(xml).map_err(|_| PaperError::Damaged)
}

/// Local names only: the strict and the transitional form differ in namespaces and in nothing we read.
fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.tag_name().name() == name)
}

/// `w:val` and the like, whatever the prefix.
fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes().find(|attribute| attribute.name() == name).map(|attribute| attribute.value())
}

/// An on/off property: present means on unless it says off.
fn is_on(node: Option<Node<'_, '_>>) -> bool {
    node.is_some_and(|node| !matches!(attribute(node, "val"), Some("0" | "false" | "off" | "none")))
}
