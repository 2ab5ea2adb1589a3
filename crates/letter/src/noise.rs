//! Whether a text shows the marks of a scan: wrong marks in known phrases, punctuation where none can stand.

use crate::letters::Letters;
use crate::lines::Line;
use crate::pattern::re;
use crate::text::Text;
use crate::words::Words;

/// Signs of damage from which a paper counts as scanned badly.
const NOISY: usize = 3;

pub(crate) fn is_noisy(lines: &[Line], paragraphs: &[&Text], words: &Words) -> bool {
    let mut signs = 0;
    for pair in lines.windows(2) {
        let [line, next] = pair else { continue };
        let ends = line.text.folded().ends_with(['.', ':']) && !line.text.folded().ends_with("...");
        let small = next.text.char_at(0).is_some_and(char::is_lowercase)
            && !re!(r"^[a-z] ?[.)]").is_match(next.text.folded());
        if ends && small && line.text.len() > 30 && !next.after_gap {
            signs += 1;
        }
    }
    for text in paragraphs {
        let letters = Letters::new(text);
        let hits = words.phrases.find(&letters);
        // "bau-cu-truc-tuyen[.]example": addresses bear no marks.
        if !re!(r"\[\.\]|hxxp|://").is_match(text.folded()) {
            signs += words.phrases.damage(&hits, &letters);
        }
        signs += broken_words(text) + changed_terms(text, words) + strange_letters(text) + misread(text);
        if signs >= NOISY {
            return true;
        }
    }
    false
}

/// Words cut in the middle: a piece that no syllable can be, beside another.
fn broken_words(text: &Text) -> usize {
    let mut count = 0;
    let mut at = 0;
    for word in text.folded().split(' ') {
        let lower = text.char_at(at).is_some_and(char::is_lowercase);
        // Consonants alone, of two letters or more, are never a Vietnamese word.
        if lower && word.len() >= 2 && word.chars().all(|c| "bcdghklmnpqrstvx".contains(c)) && !re!(r"^(tp|tt|sn|km|kb|mb|gb|th|ph|nxb|đt|dt|vv|tr|cv|qd|hd|cb|bc|pct|vp|kt|ld|nv|nd|bs|ts|ks|st)$").is_match(word) {
            count += 1;
        }
        // Digits inside a word: "h0ạt", "ti3p".
        if lower && re!(r"^[a-z]+[0-9][a-z]+$").is_match(word) && word.len() < 8 && !word.contains("2") {
            count += 1;
        }
        at += word.len() + 1;
    }
    count
}

/// What scans make of short terms that every letter holds. Nobody writes these, so they need no length to count.
const MISREAD: [&str; 24] = [
    "để nghị",
    "đề nghi ",
    "lồ hồng",
    "lồ hổng",
    "lỗ hồng",
    "mã dộc",
    "gở bỏ",
    "gờ bỏ",
    "cành báo",
    "cánh báo",
    "tần công",
    "tuyên truyển",
    "báo đảm",
    "bào đảm",
    "chi đạo",
    "chì đạo",
    "theo dôi",
    "kiềm tra",
    "điện từ:",
    "hăng năm",
    "thư điện từ",
    "thông bảo",
    "cảnh bảo",
    "báo cảo",
];

/// How many short terms stand there as only a scan writes them.
fn misread(text: &Text) -> usize {
    let lower = text.string().to_lowercase();
    MISREAD.iter().filter(|term| lower.contains(**term)).count()
}

/// Letters a term needs for its marks to count: shorter ones have honest neighbours.
const LONG_TERM: usize = 9;

/// Well-known terms that bear other marks than theirs: "UBND tinh", "Công an tính".
fn changed_terms(text: &Text, words: &Words) -> usize {
    let Some(terms) = &words.sound_terms else { return 0 };
    let folded = text.folded();
    let mut last = 0;
    let mut count = 0;
    for m in terms.find_overlapping_iter(folded) {
        let Some((term, sound)) = words.sound.get(m.pattern().as_usize()) else { continue };
        let alone = |rest: Option<&str>, end: bool| {
            !rest.is_some_and(|r| {
                let beside = if end { r.chars().next() } else { r.chars().next_back() };
                beside.is_some_and(|c| c.is_ascii_alphanumeric())
            })
        };
        if term.len() < LONG_TERM
            || m.start() < last
            || !alone(folded.get(..m.start()), false)
            || !alone(folded.get(m.end()..), true)
        {
            continue;
        }
        let here: Vec<char> =
            text.chars().get(m.range()).unwrap_or_default().iter().flat_map(|c| c.to_lowercase()).collect();
        if crate::marks::sorted_parts(&here) != crate::marks::sorted_parts(sound) {
            count += 1;
            last = m.end();
        }
    }
    count
}

/// Digits that stand for letters ("1ỗ", "2O23") and vowels that no syllable has ("nưóc").
fn strange_letters(text: &Text) -> usize {
    text.chars()
        .windows(3)
        .filter(|w| match w {
            [a, b, c] if a.is_ascii_digit() && *b == 'O' && c.is_ascii_digit() => true,
            [a, '1' | '0', c] if !a.is_alphanumeric() && c.is_lowercase() && !c.is_ascii() && *c != 'đ' => {
                true
            }
            // "3878.l25", "6I8", "7?1".
            [a, 'l' | 'I', c] if (a.is_ascii_digit() || *a == '.') && c.is_ascii_digit() => true,
            ['ư', 'ó' | 'ò' | 'ỏ' | 'õ' | 'ọ' | 'ố' | 'ồ' | 'ổ' | 'ộ', _] => true,
            _ => false,
        })
        .count()
}

/// Whether the text calls for footnotes ("[1]") of which none is there.
pub(crate) fn footnote_lost(lines: &[Line]) -> bool {
    let called = |line: &&Line| re!(r"[a-z0-9.,;)]\[[0-9]{1,2}\]").is_match(line.text.folded());
    let given = |line: &Line| re!(r"^\[[0-9]{1,2}\]").is_match(line.text.folded());
    lines.iter().any(|line| called(&line)) && !lines.iter().any(given)
}
