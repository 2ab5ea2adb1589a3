//! Tables.

use docx_rs::{
    AlignmentType, HeightRule, Paragraph, Run, Table, TableCell, TableCellMargins, TableLayoutType, TableRow,
    VAlignType, WidthType,
};
use letter::model::{Align, Column, Span};

use super::{mm, styles, text};

/// The least height of a row, in twentieths of a point: one line with some air.
const ROW: f32 = 320.0;
/// Blank beside a cell's words, in twentieths of a point.
const PAD: usize = 80;
/// The same in a table of many columns.
const PAD_DENSE: usize = 40;

/// A table as wide as the page allows; rows are not broken, the head stands on every page.
pub(super) fn table(table: &letter::model::Table, width: u16) -> Table {
    let widths = widths(&table.columns, width);
    let head = table.columns.iter().zip(&widths).map(|(column, w)| {
        let run = Run::new().add_text(&column.title).bold();
        let paragraph = Paragraph::new().style(style(table.dense)).align(AlignmentType::Center).add_run(run);
        cell(paragraph, *w)
    });
    let mut rows = vec![TableRow::new(head.collect()).cant_split()];
    for row in &table.rows {
        let cells: Vec<_> = match (row.as_slice(), table.columns.len()) {
            ([heading], columns) if columns > 1 => vec![across(heading, table.dense, &widths)],
            _ => row
                .iter()
                .zip(&table.columns)
                .zip(&widths)
                .map(|((span, column), w)| cell(said(span, column, table.dense), *w))
                .collect(),
        };
        // A height of its own tells a row from the head when heads are marked; see `repeat_heads`.
        rows.push(TableRow::new(cells).row_height(ROW).height_rule(HeightRule::AtLeast).cant_split());
    }
    let pad = if table.dense { PAD_DENSE } else { PAD };
    let margins = TableCellMargins::new().margin(0, pad, 0, pad);
    Table::new(rows).set_grid(widths).layout(TableLayoutType::Fixed).margins(margins)
}

fn style(dense: bool) -> &'static str {
    if dense { styles::CELL_DENSE } else { styles::CELL }
}

fn said(span: &Span, column: &Column, dense: bool) -> Paragraph {
    let align = if column.align == Align::Center { AlignmentType::Center } else { AlignmentType::Left };
    let paragraph = Paragraph::new().style(style(dense)).align(align);
    if span.href.is_some() {
        return text::add(paragraph, span, false);
    }
    let mut run = Run::new().add_text(&span.text);
    if span.bold {
        run = run.bold();
    }
    paragraph.add_run(run)
}

/// A heading across all columns; it stays with the row below it.
fn across(span: &Span, dense: bool, widths: &[usize]) -> TableCell {
    let paragraph = said(span, &Column::words("", 0), dense).keep_next(true);
    cell(paragraph, widths.iter().sum()).grid_span(widths.len())
}

fn cell(paragraph: Paragraph, width: usize) -> TableCell {
    TableCell::new().add_paragraph(paragraph).vertical_align(VAlignType::Center).width(width, WidthType::Dxa)
}

/// The columns' widths in Word's measure.
#[allow(clippy::cast_sign_loss, reason = "lengths on a page of paper")]
fn widths(columns: &[Column], width: u16) -> Vec<usize> {
    let whole = mm(width) as usize;
    let parts: usize = columns.iter().map(|c| usize::from(c.width)).sum::<usize>().max(1);
    columns.iter().map(|c| whole * usize::from(c.width) / parts).collect()
}

/// What the library writes for a row that may not be broken and has no height: only the heads of our tables.
const HEAD: &[u8] = b"<w:trPr><w:cantSplit /></w:trPr>";
/// The same, repeated on every page.
const REPEATED: &[u8] = b"<w:trPr><w:cantSplit /><w:tblHeader /></w:trPr>";

/// Marks the heads of tables as repeated, which the library has no word for.
pub(super) fn repeat_heads(xml: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(xml.len() + 1024);
    let mut rest = xml;
    while let Some(at) = rest.windows(HEAD.len()).position(|w| w == HEAD) {
        let (before, from) = rest.split_at(at);
        out.extend_from_slice(before);
        out.extend_from_slice(REPEATED);
        rest = from.get(HEAD.len()..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}
