//! Letters on a page to text in the order people read it.

use super::columns::{Block, blocks};
use super::rows::{Glyph, Row, Word, rows};

/// A gap this wide, in letter heights, parts two cells of a table.
const CELL: f32 = 0.8;
/// Lines this much further apart than usual have an empty line between them.
const PARAGRAPH: f32 = 1.55;

/// The text of a page, its main direction first, then what runs across it.
pub(crate) fn page(glyphs: Vec<Glyph>) -> String {
    let mut ways: [Vec<Glyph>; 4] = Default::default();
    for glyph in glyphs {
        let quarter = (glyph.angle / 90.0).round().rem_euclid(4.0);
        if let Some((way, upright)) =
            ways.iter_mut().zip([0.0, 90.0, 180.0, 270.0]).find(|(_, angle)| angle / 90.0 == quarter)
        {
            way.push(turned(glyph, upright));
        }
    }
    ways.sort_by_key(|way| std::cmp::Reverse(way.len()));
    let texts: Vec<String> =
        ways.into_iter().filter(|way| !way.is_empty()).map(upright).filter(|text| !text.is_empty()).collect();
    texts.join("\n\n")
}

/// As if the page were turned so that this text is upright.
fn turned(glyph: Glyph, degrees: f32) -> Glyph {
    let (sin, cos) = degrees.to_radians().sin_cos();
    Glyph { x: glyph.x * cos + glyph.y * sin, y: glyph.y * cos - glyph.x * sin, ..glyph }
}

fn upright(glyphs: Vec<Glyph>) -> String {
    let rows = rows(glyphs);
    let pitch = pitch(&rows);
    let mut text = String::new();
    let mut bottom: Option<f32> = None;
    for block in blocks(rows) {
        match block {
            Block::Lines(rows) => {
                if let (Some(bottom), Some(first)) = (bottom, rows.first())
                    && bottom - first.y > PARAGRAPH * pitch
                {
                    text.push('\n');
                }
                bottom = rows.last().map(|row| row.y);
                lines(&mut text, &rows, pitch, false);
            }
            Block::Table(rows) => {
                bottom = rows.last().map(|row| row.y);
                lines(&mut text, &rows, pitch, true);
            }
            Block::Columns(left, right) => {
                if !text.is_empty() {
                    text.push('\n');
                }
                lines(&mut text, &left, pitch, false);
                text.push('\n');
                lines(&mut text, &right, pitch, false);
                text.push('\n');
                bottom = None;
            }
        }
    }
    text.trim_matches('\n').to_owned()
}

fn lines(text: &mut String, rows: &[Row], pitch: f32, cells: bool) {
    let mut above: Option<f32> = None;
    for row in rows {
        if above.is_some_and(|above| above - row.y > PARAGRAPH * pitch) {
            text.push('\n');
        }
        above = Some(row.y);
        let mut before: Option<&Word> = None;
        for (place, word) in row.words.iter().enumerate() {
            match before {
                Some(mark) if place == 1 && is_list_mark(&mark.text) => text.push(' '),
                Some(last) if cells && word.left - last.right > CELL * row.size => text.push('\t'),
                Some(_) => text.push(' '),
                None => {}
            }
            text.push_str(&word.text);
            before = Some(word);
        }
        text.push('\n');
    }
}

/// `1.`, `a)`, `2.1.`, `-`: an item with its number set apart, not a table.
fn is_list_mark(word: &str) -> bool {
    word.chars().count() <= 5 && (word.ends_with(['.', ')']) || matches!(word, "-" | "+" | "•" | "–"))
}

/// The usual distance of two lines: the median of those that are not side by side.
fn pitch(rows: &[Row]) -> f32 {
    let mut steps: Vec<f32> = rows
        .iter()
        .zip(rows.iter().skip(1))
        .map(|(row, next)| (row.y - next.y, row.size))
        .filter(|(step, size)| *step > 0.85 * size)
        .map(|(step, _)| step)
        .collect();
    steps.sort_by(f32::total_cmp);
    steps.get(steps.len() / 2).copied().unwrap_or(f32::MAX)
}
