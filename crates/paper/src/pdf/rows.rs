//! Letters on a page to words on lines.

/// A letter where it stands: points, y upwards, the baseline's left end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glyph {
    pub letter: char,
    pub x: f32,
    pub y: f32,
    pub width: f32,
    /// Whether the width is known; else only written spaces part words.
    pub measured: bool,
    pub size: f32,
    /// Of the text's direction, in degrees from the x axis.
    pub angle: f32,
}

/// Letters without a space between them.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub left: f32,
    pub right: f32,
    pub text: String,
}

/// Words on one baseline, left to right; never empty.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub y: f32,
    pub size: f32,
    pub words: Vec<Word>,
}

impl Row {
    pub fn left(&self) -> f32 {
        self.words.first().map_or(0.0, |word| word.left)
    }

    pub fn right(&self) -> f32 {
        self.words.last().map_or(0.0, |word| word.right)
    }

    /// The part of it whose words satisfy `side`.
    pub fn part(&self, side: impl Fn(&Word) -> bool) -> Option<Row> {
        let words: Vec<Word> = self.words.iter().filter(|word| side(word)).cloned().collect();
        (!words.is_empty()).then_some(Row { y: self.y, size: self.size, words })
    }
}

/// Baselines this near, in letter heights, are one line: raised figures belong to it, other lines do not.
const SAME_LINE: f32 = 0.35;
/// A gap this wide, in letter heights, is a space even where none is written.
const GAP: f32 = 0.16;
/// A written space counts from here; PDF writers also put spaces *under* other letters.
const WRITTEN_GAP: f32 = 0.06;
/// A gap this wide is one whatever the letters' widths are.
const SURE_GAP: f32 = 1.2;

/// Rows from the top down.
pub(super) fn rows(mut glyphs: Vec<Glyph>) -> Vec<Row> {
    glyphs.sort_by(|a, b| b.y.total_cmp(&a.y));
    let mut rows = Vec::new();
    let mut line: Vec<Glyph> = Vec::new();
    let mut letters = (0.0_f32, 0.0_f32); // baseline and size of the line's first letter that is one
    for glyph in glyphs {
        let space = glyph.letter.is_whitespace();
        if !line.is_empty() && letters.0 - glyph.y > SAME_LINE * letters.1.max(glyph.size) {
            rows.extend(row(std::mem::take(&mut line)));
        }
        if line.is_empty() {
            if space {
                continue;
            }
            letters = (glyph.y, glyph.size);
        }
        line.push(glyph);
    }
    rows.extend(row(line));
    rows
}

fn row(mut line: Vec<Glyph>) -> Option<Row> {
    line.sort_by(|a, b| a.x.total_cmp(&b.x));
    let mut words: Vec<Word> = Vec::new();
    let mut written_space = false;
    let mut before: Option<Glyph> = None;
    let mut size = 0.0_f32;
    let mut y = f32::MAX;
    for glyph in line {
        if glyph.letter.is_whitespace() {
            written_space = true;
            continue;
        }
        // Bold drawn as the same letter twice.
        if before.is_some_and(|last| last.letter == glyph.letter && glyph.x - last.x < 0.1 * glyph.size) {
            continue;
        }
        size = size.max(glyph.size);
        y = y.min(glyph.y);
        let right = glyph.x + glyph.width;
        let mark = matches!(glyph.letter, '\u{300}'..='\u{36f}');
        match words.last_mut() {
            Some(word) => {
                let gap = (glyph.x - word.right) / glyph.size;
                let space = match (glyph.measured, written_space) {
                    (true, true) => gap > WRITTEN_GAP,
                    (true, false) => gap > GAP,
                    (false, true) => true,
                    (false, false) => gap > SURE_GAP,
                };
                if space && !mark {
                    words.push(Word { left: glyph.x, right, text: glyph.letter.into() });
                } else {
                    word.text.push(glyph.letter);
                    word.right = word.right.max(right);
                }
            }
            None => words.push(Word { left: glyph.x, right, text: glyph.letter.into() }),
        }
        written_space = false;
        before = Some(glyph);
    }
    (!words.is_empty()).then_some(Row { y, size, words })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glyphs(letters: &[(char, f32, f32)]) -> Vec<Glyph> {
        letters
            .iter()
            .map(|&(letter, x, y)| Glyph { letter, x, y, width: 6.0, measured: true, size: 12.0, angle: 0.0 })
            .collect()
    }

    fn texts(rows: &[Row]) -> Vec<String> {
        rows.iter()
            .map(|row| row.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn geometry_makes_spaces_and_written_ones_under_letters_do_not() {
        let rows = rows(glyphs(&[
            ('S', 0.0, 100.0),
            (' ', 6.0, 100.0),
            ('ở', 6.0, 100.0),
            ('A', 16.0, 100.0),
            ('b', 0.0, 80.0),
            ('1', 6.0, 84.0),
        ]));
        assert_eq!(texts(&rows), ["Sở A", "b1"]);
    }

    #[test]
    fn double_letters_stay_and_doubled_drawing_goes() {
        assert_eq!(texts(&rows(glyphs(&[('l', 0.0, 0.0), ('l', 0.3, 0.0), ('l', 6.0, 0.0)]))), ["ll"]);
    }
}
