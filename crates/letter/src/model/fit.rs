//! How wide columns are: no word is ever broken, and what is left goes by the columns' weights.

use super::{Span, Table};

/// What stands between the margins of a page that stands, in millimetres: A4 less 30 and 20.
pub const PORTRAIT: u16 = 160;
/// The same of a page that lies.
pub const LANDSCAPE: u16 = 247;
/// Letters of a table, in points.
const SIZE: f32 = 12.0;
/// Letters of a dense table.
const DENSE: f32 = 10.0;
/// Millimetres in a point.
const POINT: f32 = 0.352_8;
/// Blank beside a cell's words, both sides together, in millimetres, with the lines.
const PAD: f32 = 3.6;
/// The same in a dense table.
const PAD_DENSE: f32 = 2.0;
/// Cells looked at for their longest word: of a table of thousands the first thousands tell.
const ROWS_MAX: usize = 5_000;

/// Settles the columns' widths in tenths of a millimetre on a page so wide. Where even the longest words do not fit side
/// by side, each column gets its share of what they need.
pub(super) fn fit(table: &mut Table, page: u16) {
    let (size, pad) = if table.dense { (DENSE, PAD_DENSE) } else { (SIZE, PAD) };
    let page = f32::from(page);
    let least: Vec<f32> = table
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            // A heading across all columns widens none.
            let rows = table.rows.iter().take(ROWS_MAX).filter(|row| row.len() == table.columns.len());
            let cells = rows.filter_map(|row| row.get(at));
            let cells = cells.map(|s: &Span| longest(&s.text)).fold(0.0, f32::max);
            // Heads are bold.
            (longest(&column.title) * 1.08).max(cells) * size * POINT + pad
        })
        .collect();
    let wanted: Vec<f32> = table.columns.iter().map(|c| f32::from(c.width.max(1))).collect();
    let widths = shares(&least, &wanted, page);
    for (column, width) in table.columns.iter_mut().zip(widths) {
        column.width = tenths(width);
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lengths on a page of paper")]
fn tenths(width: f32) -> u16 {
    (width * 10.0) as u16
}

/// Shares by weight, of which none is less than its least.
fn shares(least: &[f32], wanted: &[f32], page: f32) -> Vec<f32> {
    let needed: f32 = least.iter().sum();
    if needed >= page {
        return least.iter().map(|l| l * page / needed).collect();
    }
    let mut fixed = vec![false; least.len()];
    loop {
        let taken: f32 = least.iter().zip(&fixed).filter(|(_, f)| **f).map(|(l, _)| l).sum();
        let weight: f32 = wanted.iter().zip(&fixed).filter(|(_, f)| !**f).map(|(w, _)| w).sum();
        let share = |w: f32| (page - taken) * w / weight.max(f32::EPSILON);
        let short: Vec<usize> = (0..least.len())
            .filter(|at| {
                let (l, w) =
                    (least.get(*at).copied().unwrap_or(0.0), wanted.get(*at).copied().unwrap_or(0.0));
                !fixed.get(*at).copied().unwrap_or(true) && share(w) < l
            })
            .collect();
        if short.is_empty() {
            let of = |((l, w), f): ((&f32, &f32), &bool)| if *f { *l } else { share(*w) };
            return least.iter().zip(wanted).zip(&fixed).map(of).collect();
        }
        for at in short {
            if let Some(f) = fixed.get_mut(at) {
                *f = true;
            }
        }
    }
}

/// The longest word, in letters' heights.
fn longest(text: &str) -> f32 {
    let words = text.split(|c: char| c.is_whitespace() && c != '\u{a0}');
    words.map(|word| word.chars().map(wide).sum()).fold(0.0, f32::max)
}

/// How wide a letter of Times is, in its height; marks do not widen it. A little more rather than less.
fn wide(letter: char) -> f32 {
    match letter {
        'i' | 'ì' | 'í' | 'ỉ' | 'ĩ' | 'ị' | 'l' | 't' | 'j' | 'f' | 'r' | '.' | ',' | ';' | ':' | '/'
        | '-' | '(' | ')' | '\'' => 0.34,
        'm' | 'w' | '%' => 0.8,
        'M' | 'W' | '–' | '—' => 0.95,
        'ư' | 'ừ' | 'ứ' | 'ử' | 'ữ' | 'ự' | 'ơ' | 'ờ' | 'ớ' | 'ở' | 'ỡ' | 'ợ' => 0.6,
        _ if letter.is_uppercase() => 0.74,
        _ => 0.51,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Column;

    fn widths(columns: Vec<Column>, page: u16) -> Vec<u16> {
        let mut table = Table { columns, ..Table::default() };
        fit(&mut table, page);
        table.columns.iter().map(|c| c.width).collect()
    }

    #[test]
    fn a_narrow_column_is_as_wide_as_its_longest_word_and_all_fill_the_page() {
        let found = widths(vec![Column::figures("Nghiêng", 1), Column::words("Tên", 99)], PORTRAIT);
        assert!(found[0] > 180 && found[0] < 260, "{found:?}");
        assert!((1_598..=1_600).contains(&found.iter().sum::<u16>()), "{found:?}");
        assert_eq!(widths(vec![Column::words("a", 1), Column::words("b", 3)], PORTRAIT), [400, 1200]);
    }

    #[test]
    fn a_heading_across_all_columns_widens_none() {
        let columns = || vec![Column::figures("TT", 1), Column::words("Tên", 1)];
        let rows = vec![vec![Span::plain("Nghiêngnghiêngnghiêngnghiêngnghiêngnghiêngnghiêng")]];
        let mut table = Table { columns: columns(), rows, ..Table::default() };
        fit(&mut table, PORTRAIT);
        assert_eq!(table.columns.iter().map(|c| c.width).collect::<Vec<_>>(), widths(columns(), PORTRAIT));
    }

    #[test]
    fn what_cannot_fit_is_shared_out() {
        let wide = || Column::figures("Nghiêngnghiêngnghiêng", 1);
        let found = widths((0..9).map(|_| wide()).collect(), PORTRAIT);
        assert!(found.iter().all(|w| (176..=178).contains(w)), "{found:?}");
        assert!(widths(vec![], PORTRAIT).is_empty());
    }
}
