//! PDFs of which some pages have letters and some are pictures: an order with a scanned annex. Pages of letters stay as
//! they are, pictures are recognised, each text in its place.

use super::{Scan, draw, drawn, installed};
use crate::{limits, read::PaperText, work};

/// What stands between two pages.
const BREAK: &str = "\n\u{c}\n";
/// Grey lighter than this is paper, out of 255.
const PAPER: u8 = 200;
/// A page with fewer dots darker than that, of twelve million, is empty: dust of the scanner.
const DUST: usize = 600;
/// Bytes before the dots of a picture that say how large it is; letters and digits, which count as dark.
const HEAD: usize = 20;

/// Never fails because of the paper: a page that cannot be read is named.
pub(crate) async fn read(worker: &sandbox::Worker, mut paper: PaperText, bytes: &[u8]) -> PaperText {
    if !installed() || paper.blank.len() > limits::SCAN_PAGES {
        // Whether they are empty is not known.
        paper.scan = Some(Scan { missed: paper.blank.clone(), ..Scan::default() });
        return paper;
    }
    let (mut tables, mut pages, mut missed) = (Vec::new(), Vec::new(), Vec::new());
    for page in paper.blank.iter().copied() {
        let table = match draw(worker, page, bytes).await {
            Ok(picture) if is_empty(&picture) => continue,
            Ok(picture) => drawn(worker, &picture).await,
            Err(code) => Err(code),
        };
        if let Ok(table) = table {
            tables.extend(table);
            pages.push(page);
        } else {
            missed.push(page);
        }
    }
    if !pages.is_empty() {
        let read = work::ask::<super::words::Read>(worker, work::WORDS, &tables).await;
        match read.ok().and_then(|read| together(&paper.text, &pages, &read.text, &read.scan)) {
            Some((text, scan)) if text.len() <= limits::TEXT => {
                missed.extend(&scan.missed);
                (paper.text, paper.scan) = (text, Some(scan));
            }
            _ => missed.extend(&pages),
        }
    }
    if !missed.is_empty() {
        missed.sort_unstable();
        paper.scan.get_or_insert_default().missed = missed;
    }
    paper
}

fn is_empty(picture: &[u8]) -> bool {
    picture.iter().skip(HEAD).filter(|grey| **grey < PAPER).count() < DUST
}

/// The pages of letters and the recognised ones in their order; none if they do not fit together.
fn together(letters: &str, pages: &[u32], recognised: &str, scan: &Scan) -> Option<(String, Scan)> {
    let recognised: Vec<&str> = recognised.split(BREAK).collect();
    if recognised.len() != pages.len() {
        return None;
    }
    let mut out = String::with_capacity(letters.len());
    let mut done = Scan { confidence: scan.confidence, ..Scan::default() };
    // In characters: where we are in what was recognised, and in what comes out.
    let (mut from, mut at, mut next) = (0_u32, 0_u32, pages.iter().zip(recognised).peekable());
    for (number, page) in (1_u32..).zip(letters.split(BREAK)) {
        if number > 1 {
            out.push_str(BREAK);
            at = at.checked_add(len(BREAK)?)?;
        }
        let text = match next.next_if(|(of, _)| **of == number) {
            None => page,
            Some((_, text)) => {
                let to = from.checked_add(len(text)?)?;
                let within = scan.low.iter().filter(|(low, high)| from <= *low && *high <= to);
                done.low.extend(within.map(|(low, high)| (low - from + at, high - from + at)));
                from = to.checked_add(len(BREAK)?)?;
                if text.trim().is_empty() {
                    done.missed.push(number);
                } else {
                    done.pages += 1;
                }
                text
            }
        };
        out.push_str(text);
        at = at.checked_add(len(text)?)?;
    }
    // A page of letters with a page break in its midst: nobody can tell which is which.
    next.peek().is_none().then_some((out, done))
}

fn len(text: &str) -> Option<u32> {
    text.chars().count().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognised_pages_stand_in_their_places_and_doubts_move_with_them() {
        let scan = Scan { pages: 2, confidence: 90, low: vec![(0, 3), (8, 10)], ..Scan::default() };
        let (text, scan) =
            together("Một\n\u{c}\n\n\u{c}\nBa\n\u{c}\n", &[2, 4], "Hai\n\n\u{c}\nBốn", &scan).unwrap();
        assert_eq!(text, "Một\n\u{c}\nHai\n\n\u{c}\nBa\n\u{c}\nBốn");
        assert_eq!((scan.pages, scan.missed.len()), (2, 0));
        let said = |at: (u32, u32)| text.chars().skip(at.0 as usize).take((at.1 - at.0) as usize);
        assert_eq!(scan.low.iter().map(|low| said(*low).collect()).collect::<Vec<String>>(), ["Hai", "ốn"]);
    }

    #[test]
    fn what_does_not_fit_is_not_put_together() {
        let scan = Scan::default();
        assert_eq!(together("a\n\u{c}\n", &[2], "b\n\u{c}\nc", &scan), None);
        assert_eq!(together("a", &[2], "b", &scan), None);
        let (text, scan) = together("a\n\u{c}\n", &[2], " ", &scan).unwrap();
        assert_eq!((text.trim_end(), scan.missed), ("a", vec![2]));
    }
}
