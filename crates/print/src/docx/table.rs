//! Tables.

use docx_rs::{
    AlignmentType, BuildXML, HeightRule, Paragraph, Run, Table, TableCell, TableCellMargins, TableLayoutType,
    TableRow, VAlignType, WidthType,
};
use letter::model::{Align, Column, Span};

use super::{mm, order, styles, text};

/// The least height of a row, in twentieths of a point: one line with some air.
const ROW: f32 = 320.0;
/// Blank beside a cell's words, in twentieths of a point.
const PAD: usize = 80;
/// The same in a table of many columns.
const PAD_DENSE: usize = 40;

/// The rows of tables as they stand in the file, each table's behind what holds their place. The library's own picture
/// of a table of a thousand bodies takes two hundred megabytes, so it sees one row of each.
#[derive(Default)]
pub(super) struct Rows(Vec<(Vec<u8>, Vec<u8>)>);

/// A table as wide as the page allows; rows are not broken, the head stands on every page.
pub(super) fn table(table: &letter::model::Table, width: u16, kept: &mut Rows) -> Table {
    let widths = widths(&table.columns, width);
    let head = table.columns.iter().zip(&widths).map(|(column, w)| {
        let run = Run::new().add_text(&column.title).bold();
        let paragraph = Paragraph::new().style(style(table.dense)).align(AlignmentType::Center).add_run(run);
        cell(paragraph, *w)
    });
    let head = TableRow::new(head.collect()).cant_split();
    let mut rows = Vec::new();
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
        let row = TableRow::new(cells).row_height(ROW).height_rule(HeightRule::AtLeast).cant_split();
        rows.extend_from_slice(&row.build());
    }
    let words = Paragraph::new().add_run(Run::new().add_text(format!("{PLACE}{}", kept.0.len())));
    let place = TableRow::new(vec![TableCell::new().add_paragraph(words)]);
    kept.0.push((place.build(), rows));
    let pad = if table.dense { PAD_DENSE } else { PAD };
    let margins = TableCellMargins::new().margin(0, pad, 0, pad);
    Table::new(vec![head, place]).set_grid(widths).layout(TableLayoutType::Fixed).margins(margins)
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

/// What stands in the row that holds the place of others. What people write is never a row of its own in the file, so
/// nothing of theirs can be taken for it.
const PLACE: &str = "rows of table ";

/// Marks the heads of tables as repeated, which the library has no word for, puts the rows in their places and all
/// elements in their order; `None` where a place is missing.
pub(super) fn finished(xml: &[u8], kept: &Rows) -> Option<Vec<u8>> {
    let rows: usize = kept.0.iter().map(|(_, rows)| rows.len()).sum();
    let mut out = Vec::with_capacity(xml.len() + rows + 1024);
    let mut rest = xml;
    for (place, rows) in &kept.0 {
        let (before, after) = split(rest, place)?;
        order::copy(&repeat_heads(before), &mut out)?;
        order::copy(rows, &mut out)?;
        rest = after;
    }
    order::copy(&repeat_heads(rest), &mut out)?;
    Some(out)
}

fn repeat_heads(xml: &[u8]) -> Vec<u8> {
    let (mut rest, mut out) = (xml, Vec::with_capacity(xml.len() + 1024));
    while let Some((before, after)) = split(rest, HEAD) {
        out.extend_from_slice(before);
        out.extend_from_slice(REPEATED);
        rest = after;
    }
    out.extend_from_slice(rest);
    out
}

/// What stands before and after some bytes.
pub(super) fn split<'a>(xml: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let found = xml.windows(at.len()).position(|w| w == at)?;
    Some((xml.get(..found)?, xml.get(found + at.len()..)?))
}
