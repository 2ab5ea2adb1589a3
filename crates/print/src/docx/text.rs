//! Paragraphs.

use docx_rs::{
    FieldCharType, InstrText, LineSpacing, Paragraph, ParagraphBorder, ParagraphBorderPosition,
    ParagraphBorders, Run,
};
use letter::model::Span;

use super::styles;

/// A line in a style.
pub(super) fn line(text: &str, style: &str) -> Paragraph {
    Paragraph::new().style(style).add_run(Run::new().add_text(text))
}

/// A paragraph of the body. A heading stays with what it heads, the last words with the signature.
pub(super) fn body(spans: &[Span], heading: bool, last: bool) -> Paragraph {
    let style = if heading { styles::HEADING } else { styles::BODY };
    let paragraph = Paragraph::new().style(style).keep_next(heading || last);
    spans.iter().fold(paragraph, |p, span| add(p, span, heading))
}

/// Adds a span; one that opens its evidence becomes a link field.
///
/// A field carries its address itself: a thousand links need no thousand entries in the relations of the file.
pub(super) fn add(paragraph: Paragraph, span: &Span, bold_already: bool) -> Paragraph {
    let mut run = Run::new().add_text(&span.text);
    if span.bold && !bold_already {
        run = run.bold();
    }
    if span.italic {
        run = run.italic();
    }
    let Some(href) = &span.href else { return paragraph.add_run(run) };
    let code = InstrText::Unsupported(format!("HYPERLINK \"{}\"", address(href)));
    paragraph
        .add_run(Run::new().add_field_char(FieldCharType::Begin, false))
        .add_run(Run::new().add_instr_text(code))
        .add_run(Run::new().add_field_char(FieldCharType::Separate, false))
        .add_run(run)
        .add_run(Run::new().add_field_char(FieldCharType::End, false))
}

/// An address as a field's code holds it. The library has a name for this field but writes it only as plain code, and
/// plain code as it is given: `&` and `<` are for us to escape. A quote would end the address.
fn address(href: &str) -> String {
    href.replace('"', "%22").replace('&', "&amp;").replace('<', "%3C").replace('>', "%3E")
}

/// Blank between words and the line below them, in twentieths of a point.
const GAP: u32 = 60;

/// An empty paragraph of almost no height with a line above it, standing in from both sides: the lines below the motto,
/// the issuer and the title. The line keeps off the marks below the letters.
pub(super) fn rule(indent: i32) -> Paragraph {
    let mut paragraph = Paragraph::new()
        .style(styles::STATE)
        .size(4)
        .indent(Some(indent), None, Some(indent), None)
        .line_spacing(LineSpacing::new().before(GAP).after(0))
        .add_run(Run::new().size(4));
    let border = ParagraphBorder::new(ParagraphBorderPosition::Top).size(6).space(1).color("000000");
    paragraph.property = paragraph.property.set_borders(ParagraphBorders::with_empty().set(border));
    paragraph
}

/// A stamp: words in a frame, standing in from both sides.
pub(super) fn stamp(words: &str, indent: i32) -> Paragraph {
    let mut paragraph = line(words, styles::URGENCY).indent(Some(indent), None, Some(indent), None);
    let mut borders = ParagraphBorders::with_empty();
    for position in [
        ParagraphBorderPosition::Top,
        ParagraphBorderPosition::Bottom,
        ParagraphBorderPosition::Left,
        ParagraphBorderPosition::Right,
    ] {
        borders = borders.set(ParagraphBorder::new(position).size(8).space(3).color("000000"));
    }
    paragraph.property = paragraph.property.set_borders(borders);
    paragraph
}
