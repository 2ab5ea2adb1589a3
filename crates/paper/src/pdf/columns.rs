//! Which lines of a page stand side by side.
//!
//! The head and the foot of an official letter are two columns, each a text of its own; a table's cells
//! belong together line by line. Both look like a white gutter through several lines; what tells them apart
//! is that the columns of a letter are centred, or run on baselines of their own.

use super::rows::{Row, Word};

/// What follows down the page.
#[derive(Debug)]
pub(super) enum Block {
    /// Lines over the whole width.
    Lines(Vec<Row>),
    /// Two texts side by side.
    Columns(Vec<Row>, Vec<Row>),
    /// Lines whose wide gaps part cells.
    Table(Vec<Row>),
}

/// A gutter is at least this wide, in letter heights, where it is found and where it is followed.
const GUTTER: f32 = 0.8;
const GUTTER_FOLLOWED: f32 = 0.35;
/// Lines of a right column that stand above the first line of the left one.
const ABOVE: usize = 3;
/// Lines of a left column are no further apart than this, in letter heights.
const LEFT_PITCH: f32 = 2.2;
/// Lines of a right column: room for a signature.
const RIGHT_PITCH: f32 = 9.0;

type Gap = (f32, f32);

pub(super) fn blocks(rows: Vec<Row>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut plain: Vec<Row> = Vec::new();
    let mut rest = rows.as_slice();
    while let Some((row, after)) = rest.split_first() {
        if let Some((len, gap)) = run(rest)
            && let Some(block) = judge(rest.get(..len).unwrap_or_default(), gap)
        {
            if !plain.is_empty() {
                blocks.push(Block::Lines(std::mem::take(&mut plain)));
            }
            blocks.push(block);
            rest = rest.get(len..).unwrap_or_default();
            continue;
        }
        plain.push(row.clone());
        rest = after;
    }
    if !plain.is_empty() {
        blocks.push(Block::Lines(plain));
    }
    blocks
}

/// How many of the first rows share a gutter, and which, if they have one at all.
fn run(rows: &[Row]) -> Option<(usize, Gap)> {
    let (first, rest) = rows.split_first()?;
    let mut gap = seed(rows)?;
    let mut len = 1;
    let mut last = first.y;
    let (mut left_ends, mut right_ends) = (first.y, first.y);
    for row in rest {
        let Some(narrowed) = follow(row, gap) else { break };
        let (on_left, on_right) = (row.left() < narrowed.0, row.right() > narrowed.1);
        let pitch = row.size.max(first.size);
        let near = match (on_left, on_right) {
            (true, true) => last - row.y < RIGHT_PITCH * pitch,
            (true, false) => left_ends - row.y < LEFT_PITCH * pitch,
            _ => right_ends - row.y < RIGHT_PITCH * pitch,
        };
        if !near {
            break;
        }
        if on_left {
            left_ends = row.y;
        }
        if on_right {
            right_ends = row.y;
        }
        (gap, last) = (narrowed, row.y);
        len += 1;
    }
    (len > 1).then_some((len, gap))
}

/// The gutter these rows begin with. It may show only some lines down, below lines of the right column.
fn seed(rows: &[Row]) -> Option<Gap> {
    for (place, row) in rows.iter().take(ABOVE + 1).enumerate() {
        if let Some(gap) = widest(row).or_else(|| beside(row, rows.get(place + 1)?)) {
            let above = rows.get(..place)?;
            let right =
                above.iter().all(|row| row.left() > gap.0.midpoint(gap.1) && follow(row, gap).is_some());
            return right.then_some(gap);
        }
    }
    None
}

fn gaps(row: &Row) -> impl Iterator<Item = Gap> {
    row.words.iter().zip(row.words.iter().skip(1)).map(|(a, b)| (a.right, b.left))
}

fn width(gap: Gap) -> f32 {
    gap.1 - gap.0
}

/// The widest gap inside a row, if it may be a gutter.
fn widest(row: &Row) -> Option<Gap> {
    gaps(row).max_by(|a, b| width(*a).total_cmp(&width(*b))).filter(|gap| width(*gap) > GUTTER * row.size)
}

/// The gap between a row and the next one, when that stands beside rather than below it.
fn beside(row: &Row, next: &Row) -> Option<Gap> {
    if row.y - next.y > 0.85 * row.size.min(next.size) {
        return None;
    }
    let gap = if row.right() < next.left() { (row.right(), next.left()) } else { (next.right(), row.left()) };
    (width(gap) > GUTTER_FOLLOWED * row.size).then_some(gap)
}

/// What is left of the gutter after this row, if it leaves one. A gap inside the row counts only if it is
/// clearly wider than the row's spaces: lines of a paragraph have a space anywhere.
fn follow(row: &Row, gap: Gap) -> Option<Gap> {
    let mut spaces: Vec<f32> = gaps(row).map(width).collect();
    spaces.sort_by(f32::total_cmp);
    let space = spaces.get(spaces.len() / 2).copied().filter(|_| spaces.len() > 2).unwrap_or(0.0);
    let outside = [(f32::MIN, row.left()), (row.right(), f32::MAX)];
    gaps(row)
        .filter(|free| width(*free) > 1.4 * space)
        .chain(outside)
        .map(|free| (free.0.max(gap.0), free.1.min(gap.1)))
        .filter(|common| width(*common) > GUTTER_FOLLOWED * row.size)
        .max_by(|a, b| width(*a).total_cmp(&width(*b)))
}

fn judge(rows: &[Row], gap: Gap) -> Option<Block> {
    let middle = gap.0.midpoint(gap.1);
    let is_left = |word: &Word| word.left < middle;
    let left: Vec<Row> = rows.iter().filter_map(|row| row.part(is_left)).collect();
    let right: Vec<Row> = rows.iter().filter_map(|row| row.part(|word| !is_left(word))).collect();
    let both = rows.iter().filter(|row| row.left() < middle && row.right() > middle).count();
    let celled = rows.iter().filter(|row| cells(row) > 2).count();
    if left.is_empty() || right.is_empty() {
        return None;
    }
    if celled >= 2 {
        return Some(Block::Table(rows.to_vec()));
    }
    let own_baselines = rows.iter().zip(rows.iter().skip(1)).any(|(row, next)| beside(row, next).is_some());
    if centred(&left) || centred(&right) || own_baselines {
        return Some(Block::Columns(left, right));
    }
    (both >= 2).then(|| Block::Table(rows.to_vec()))
}

fn cells(row: &Row) -> usize {
    1 + gaps(row).filter(|gap| width(*gap) > GUTTER * row.size).count()
}

/// Whether most lines share their middle while their left ends differ.
fn centred(rows: &[Row]) -> bool {
    let middles: Vec<f32> = rows.iter().map(|row| row.left().midpoint(row.right())).collect();
    let mut sorted = middles.clone();
    sorted.sort_by(f32::total_cmp);
    let Some(median) = sorted.get(sorted.len() / 2) else { return false };
    let on_it: Vec<&Row> = rows
        .iter()
        .zip(&middles)
        .filter(|(row, middle)| (**middle - median).abs() < 0.6 * row.size)
        .map(|(row, _)| row)
        .collect();
    let lefts = || on_it.iter().map(|row| row.left());
    let spread = lefts().fold(f32::MIN, f32::max) - lefts().fold(f32::MAX, f32::min);
    on_it.len() >= 2
        && on_it.len() * 5 >= rows.len() * 3
        && on_it.first().is_some_and(|row| spread > 0.6 * row.size)
}
