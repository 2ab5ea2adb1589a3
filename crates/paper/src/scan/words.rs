//! Tesseract's table of words to text in the order people read it: made straight, then laid out like a PDF's letters.

use serde::{Deserialize, Serialize};

use super::Scan;
use crate::{
    error::PaperError,
    limits,
    pdf::{Glyph, page},
    read::tidy,
};

/// A word the recogniser is less sure of than this, in percent, is shown as doubtful.
const DOUBTFUL: f32 = 70.0;
/// Marks without a letter below this are dirt, rules and stamps.
const DIRT: f32 = 60.0;
/// Stand around doubtful words until the text is laid out. Private to each program; taken out of what comes in.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';
/// A line of so many words tells how far the page leans.
const LEANING_WORDS: usize = 4;

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Read {
    pub text: String,
    pub scan: Scan,
}

struct Word {
    line: (u32, u32, u32),
    x: f32,
    /// Of its middle, downwards.
    y: f32,
    width: f32,
    height: f32,
    sure: f32,
    text: String,
}

/// In the worker.
pub(crate) fn read(table: &[u8]) -> Result<Read, PaperError> {
    let table = String::from_utf8_lossy(table);
    let mut pages: Vec<Vec<Word>> = Vec::new();
    let mut at = 0;
    for row in table.lines() {
        let cells: Vec<&str> = row.splitn(12, '\t').collect();
        match cells.first().copied() {
            // Each page begins with a row of its own.
            Some("1") => {
                pages.push(Vec::new());
                at = pages.len();
                if at > limits::SCAN_PAGES {
                    return Err(PaperError::TooManyPages {
                        pages: at as u64,
                        limit: limits::SCAN_PAGES as u64,
                    });
                }
            }
            Some("5") => {
                if let (Some(word), Some(page)) = (word(&cells), pages.get_mut(at.saturating_sub(1))) {
                    page.push(word);
                }
            }
            _ => {}
        }
    }
    let mut sure: Vec<f32> = pages.iter().flatten().map(|word| word.sure).collect();
    sure.sort_by(f32::total_cmp);
    let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    let texts: Vec<String> = pages.into_iter().map(|words| page(glyphs(words))).collect();
    let (text, low) = unmarked(&tidy(&texts.join("\n\u{c}\n")));
    let middle = sure.get(sure.len() / 2).copied().unwrap_or_default().clamp(0.0, 100.0);
    // Between 0 and 100.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let confidence = middle.round() as u32;
    Ok(Read { text, scan: Scan { pages: count, confidence, low, ..Scan::default() } })
}

fn word(cells: &[&str]) -> Option<Word> {
    let number = |at: usize| cells.get(at)?.trim().parse::<f32>().ok().filter(|n| n.is_finite());
    let whole = |at: usize| cells.get(at)?.trim().parse::<u32>().ok();
    let text: String = cells.get(11)?.trim().chars().filter(|c| !(OPEN..='\u{f8ff}').contains(c)).collect();
    let sure = number(10)?;
    let dirt = !text.chars().any(char::is_alphanumeric) && sure < DIRT;
    let (height, width) = (number(9)?, number(8)?);
    if text.is_empty() || dirt || height <= 0.0 || width <= 0.0 {
        return None;
    }
    let line = (whole(2)?, whole(3)?, whole(4)?);
    Some(Word { line, x: number(6)?, y: number(7)? + height / 2.0, width, height, sure, text })
}

/// Letters where they would stand had the page lain straight: words of one line on one baseline.
fn glyphs(mut words: Vec<Word>) -> Vec<Glyph> {
    let lean = lean(&words);
    for word in &mut words {
        word.y -= lean * (word.x + word.width / 2.0);
    }
    let mut glyphs = Vec::new();
    for line in words.chunk_by(|a, b| a.line == b.line) {
        let (y, height) = (median(line.iter().map(|w| w.y)), median(line.iter().map(|w| w.height)));
        // Boxes of neighbours overlap on a bad scan; their letters must not be shuffled into each other.
        let mut free = f32::MIN;
        for word in line {
            let left = word.x.max(free);
            let count = word.text.chars().count().max(1);
            // A page has no more than some thousand letters in a word.
            #[allow(clippy::cast_precision_loss)]
            let step = word.width / count as f32;
            let mut put = |letter: char, x: f32, width: f32| {
                glyphs.push(Glyph { letter, x, y: -y, width, measured: true, size: height, angle: 0.0 });
            };
            let doubtful = word.sure < DOUBTFUL;
            if doubtful {
                put(OPEN, left, 0.0);
            }
            let mut x = left;
            for letter in word.text.chars() {
                put(letter, x, step);
                x += step;
            }
            if doubtful {
                put(CLOSE, x, 0.0);
            }
            put(' ', x, 0.0);
            // A space wide enough to count as one.
            free = x + height * 0.25;
        }
    }
    glyphs
}

/// How much lower a line is at its end, per dot of its length: the middle of all lines long enough to tell.
fn lean(words: &[Word]) -> f32 {
    let lines = words.chunk_by(|a, b| a.line == b.line).filter(|line| line.len() >= LEANING_WORDS);
    let leans = lines.filter_map(|line| {
        let (first, last) = (line.first()?, line.last()?);
        let run = last.x - first.x;
        (run > 10.0 * first.height).then_some((last.y - first.y) / run)
    });
    let lean = median(leans);
    // More than six degrees is no leaning page but lines of another kind.
    if lean.abs() < 0.1 { lean } else { 0.0 }
}

fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The text without the marks, and where doubtful words stand in it.
fn unmarked(marked: &str) -> (String, Vec<(u32, u32)>) {
    let (mut text, mut low, mut from, mut at) =
        (String::with_capacity(marked.len()), Vec::new(), None, 0_u32);
    for letter in marked.chars() {
        match letter {
            OPEN => from = Some(at),
            CLOSE => {
                if let Some(from) = from.take().filter(|from| *from < at) {
                    low.push((from, at));
                }
            }
            letter => {
                text.push(letter);
                at += 1;
            }
        }
    }
    (text, low)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u32, at: (u32, u32, u32), sure: u32, text: &str) -> String {
        let (x, y, width) = at;
        format!("5\t1\t1\t1\t{line}\t1\t{x}\t{y}\t{width}\t40\t{sure}\t{text}\n")
    }

    #[test]
    fn doubtful_words_are_found_again_in_the_text_and_dirt_is_left_out() {
        let mut table = "level\tpage_num\n1\t1\t0\t0\t0\t0\t0\t0\t2480\t3508\t-1\t\n".to_owned();
        table += &row(1, (100, 100, 80), 95, "Số:");
        table += &row(1, (200, 100, 100), 41, "112");
        table += &row(2, (100, 180, 100), 90, "Kính");
        table += &row(2, (220, 180, 100), 90, "gửi");
        table += &row(3, (100, 260, 900), 20, "——");
        let read = read(table.as_bytes()).unwrap();
        assert_eq!(read.text.trim_end(), "Số: 112\nKính gửi");
        assert_eq!((read.scan.low.as_slice(), read.scan.pages), (&[(4, 7)][..], 1));
    }

    #[test]
    fn a_leaning_page_is_made_straight() {
        // One degree: 17 dots on a thousand.
        let mut table = "1\t1\t0\t0\t0\t0\t0\t0\t2480\t3508\t-1\t\n".to_owned();
        for line in 0..6 {
            for word in 0..6 {
                let x = 100 + 300 * word;
                table += &row(line, (x, 100 + 70 * line + x * 17 / 1000, 200), 95, &format!("w{line}{word}"));
            }
        }
        let read = read(table.as_bytes()).unwrap();
        assert_eq!(read.text.lines().next(), Some("w00 w01 w02 w03 w04 w05"));
        assert_eq!(read.text.trim_end().lines().count(), 6);
    }
}
