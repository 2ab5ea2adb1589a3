//! The papers a paper acts on.

use crate::dates::days;
use crate::found::Found;
use crate::limits::MAX_LIST;
use crate::pattern::re;
use crate::text::Text;
use crate::words::{Words, begins};
use std::ops::Range;

/// One paper referred to.
#[derive(Debug)]
pub(crate) struct Referred {
    pub(crate) reference: Found,
    pub(crate) date: Option<Found>,
    pub(crate) issuer: Option<Found>,
    pub(crate) received: Option<Found>,
}

/// The papers cited in the paragraphs that lead in.
pub(crate) fn basis(opening: &[Text], words: &Words) -> Vec<Referred> {
    let mut out: Vec<Referred> = Vec::new();
    for paragraph in opening {
        let mut last_end = None;
        let mut last_date = None;
        for range in references(paragraph) {
            if out.len() >= MAX_LIST {
                return out;
            }
            let reference = tidy(paragraph, range.clone());
            let (date, date_end) = date_after(paragraph, range.end);
            // Numbers begin anew each year: the same one of another day is another paper.
            let same = |known: &Referred| {
                known.reference.value == reference.value
                    && match (&known.date, &date) {
                        (Some(known), Some(date)) => known.value == date.value,
                        _ => true,
                    }
            };
            if out.iter().any(same) {
                continue;
            }
            let issuer = issuer_after(paragraph, date_end, words)
                .or_else(|| issuer_before(paragraph, range.start, words))
                // "Chính phủ đã ban hành Nghị định số … và Nghị định số …"
                .or_else(|| {
                    let between = paragraph.folded_at(last_end?..range.start);
                    let joined = re!(r"^(?:,| va) (?:[a-z]+ ){0,4}(?:so )?:? ?$").is_match(between);
                    joined.then(|| out.last()?.issuer.clone()).flatten()
                });
            // "Công văn số 1/A-B và Công văn số 2/A-B của Cục …": both are the Cục's.
            let symbol = |found: &Found| found.value.split_once('/').map(|(_, symbol)| symbol.to_owned());
            if let (Some(issuer), Some(last), Some(until)) = (&issuer, out.last_mut(), last_date)
                && last.issuer.is_none()
                && symbol(&last.reference) == symbol(&reference)
                && re!(r"^(?:,| va) (?:[a-z]+ ){0,4}(?:so )?:? ?$")
                    .is_match(paragraph.folded_at(until..range.start))
            {
                last.issuer = Some(issuer.clone());
            }
            last_end = Some(range.end);
            last_date = Some(date_end);
            let (date, received) = match date {
                Some(date) => (Some(date), received_before(paragraph, range.start)),
                None => (date_before(paragraph, range.start), None),
            };
            out.push(Referred { reference, date, issuer, received });
        }
    }
    out
}

/// Ranges of numbers with symbols: "1353/BTTTT-CATTT", "53/2022/NĐ-CP", "40-CT/TW".
pub(crate) fn references(text: &Text) -> Vec<Range<usize>> {
    let pattern = re!(
        r"(?:^|[^a-z0-9/.-])([0-9]{1,6}[a-z]?(?: ?/ ?(?:19|20)[0-9]{2})? ?[/-] ?[a-z][a-z0-9&.]*(?: ?[-/] ?[a-z0-9&][a-z0-9&.]*)*)"
    );
    pattern
        .captures_iter(text.folded())
        .filter_map(|m| m.get(1))
        .filter_map(|m| {
            // The symbol is capitals (but for the small letters of "CT-TTg", "TTr"); running text is not.
            let slash = m.as_str().find(['/', '-'])?;
            let mut end = m.start() + slash + 1;
            let mut at = end;
            while at < m.end() {
                let c = text.char_at(at)?;
                let lower_run = c.is_lowercase()
                    && text.char_at(at + 1).is_some_and(char::is_lowercase)
                    && text.char_at(at + 2).is_some_and(char::is_lowercase);
                if lower_run {
                    break;
                }
                if c == ' ' {
                    let beside = matches!(text.folded().as_bytes().get(at + 1), Some(b'-' | b'/'))
                        || matches!(text.folded().as_bytes().get(at - 1), Some(b'-' | b'/'));
                    if !beside {
                        break;
                    }
                }
                at += 1;
                end = at;
            }
            let range = text.trim_range(m.start()..end, |c| !c.is_alphanumeric());
            let symbol = text.sub(m.start() + slash + 1..range.end);
            let letters = symbol.chars().iter().filter(|c| c.is_uppercase()).count();
            let before = text.folded_at(m.start().saturating_sub(24)..m.start());
            let cited =
                re!(r"(so|cv|van ban|luat|dien|thi|hoach|dinh|bao|quyet|luan|trinh) ?:? ?$").is_match(before);
            (letters >= 2 && cited).then_some(range)
        })
        .collect()
}

fn tidy(text: &Text, range: Range<usize>) -> Found {
    let written = text.str_at(range.clone());
    let value: String = written
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if matches!(c, '–' | '—' | '‑') { '-' } else { c })
        .collect();
    let found = Found::read(value.clone(), text, range);
    if value == written { found } else { found.because("blanks-removed", 0.95) }
}

/// The date right after a reference and where reading goes on.
fn date_after(text: &Text, end: usize) -> (Option<Found>, usize) {
    let rest = text.folded_at(end..text.len());
    let Some(lead) = re!(r"^ ?,? ?\(?(?:de |duoc ky |ky |ban hanh )?(?:ng[a-z]y )?").find(rest) else {
        return (None, end);
    };
    let from = end + lead.end();
    let day = days(text).into_iter().find(|day| day.range.start >= end && day.range.start <= from);
    match day {
        Some(day) => {
            let found = day.date(None).map(|date| Found::read(date.to_string(), text, day.range.clone()));
            (found, day.range.end)
        }
        None => (None, end),
    }
}

/// "Ngày 21/6/2023, Cục An toàn thông tin có Công văn số …": the day said before is the paper's.
fn date_before(text: &Text, start: usize) -> Option<Found> {
    let sentence = text.folded_at(0..start).rfind(". ").map_or(0, |at| at + 2);
    let before = text.folded_at(sentence..start);
    if !re!(r"^ng[a-z]y ").is_match(before) || before.contains("nhan duoc") || before.len() > 160 {
        return None;
    }
    let day =
        days(text).into_iter().find(|day| day.range.start >= sentence && day.range.start < sentence + 12)?;
    day.date(None).map(|date| Found::read(date.to_string(), text, day.range))
}

/// "Ngày 18/3/2021, UBND tỉnh nhận được …"
fn received_before(text: &Text, start: usize) -> Option<Found> {
    let sentence = text.folded_at(0..start).rfind(". ").map_or(0, |at| at + 2);
    let before = text.folded_at(sentence..start);
    if !before.contains("nhan duoc") || !re!(r"^ng[a-z]y ").is_match(before) {
        return None;
    }
    let day = days(text).into_iter().find(|day| day.range.start >= sentence && day.range.end <= start)?;
    day.date(None).map(|date| Found::read(date.to_string(), text, day.range))
}

/// "… của Bộ Thông tin và Truyền thông về việc …"
fn issuer_after(text: &Text, from: usize, words: &Words) -> Option<Found> {
    let rest = text.folded_at(from..text.len());
    let lead = re!(r"^ ?[),]{0,2} ?(?:cua|do) ").find(rest)?;
    let start = from + lead.end();
    let end = name_end(text, start, words);
    let range = text.trim_range(start..end, |c| !c.is_alphanumeric() && c != ')');
    (range.len() >= 2).then(|| Found::written(text, range))
}

/// "Theo đề nghị của Công an tỉnh tại Tờ trình số …", "Cục An toàn thông tin có Công văn số …".
fn issuer_before(text: &Text, start: usize, words: &Words) -> Option<Found> {
    let before = text.folded_at(0..start);
    let pattern = re!(
        r"(?:^|[ ,])(?:de nghi|y kien|chi dao|yeu cau|bao cao|kien nghi|thong bao|cua) (?:chi dao )?(?:cua )?([a-z][^,;:]{2,90}?) tai (?:[a-z]+ ){0,4}(?:so )?:? ?$"
    );
    if let Some(m) = pattern.captures(before).and_then(|m| m.get(1)) {
        let from = m.as_str().rfind(" cua ").map_or(m.start(), |at| m.start() + at + 5);
        let range = text.trim_range(from..m.end(), |c| !c.is_alphanumeric());
        return Some(Found::written(text, range));
    }
    let m = re!(r"([a-z][^,;:.]{2,90}?) (?:da |vua |moi )*(?:co|ban hanh|phat hanh|gui|ra) (?:[a-z]+ ){1,4}(?:so )?:? ?$").captures(before)?.get(1)?;
    let from = (m.start()..m.end()).find(|at| {
        (*at == m.start() || text.char_at(at - 1) == Some(' '))
            && text.char_at(*at).is_some_and(char::is_uppercase)
            && begins(text.folded_at(*at..m.end()), &words.head_openers).is_some()
    })?;
    Some(Found::written(text, from..m.end()))
}

/// Where a body's name that starts here ends.
pub(crate) fn name_end(text: &Text, start: usize, words: &Words) -> usize {
    let rest = text.folded_at(start..(start + 160).min(text.len()));
    let stop = re!(
        r" (?:ve|v/v|quy dinh|ban hanh|phe duyet|huong dan|de nghi|yeu cau|thong bao|tai|trong|cho|den|sua doi|chi tiet|gui|thay the|trien khai|nham|de|so|co|sao gui|chuyen|canh bao|da|duoc|kem|phuc vu|ngay)\b|[;:(.\[]|,"
    );
    let kinds = re!(
        r"^ va (?:cac )?(?:theo|thuc hien|can cu|cong van|cong dien|chi thi|ke hoach|quyet dinh|thong bao|to trinh|nghi dinh|thong tu|nghi quyet|ket luan|van ban|huong dan|de nghi|y kien|xet|chi dao|su chi dao|tinh than|noi dung|luat|phuong an|bao cao|lenh|chuc nang|ket qua|tinh hinh thuc te|thuc te|qua (?:theo doi|ra soat|giam sat))"
    );
    let mut end = rest.len();
    for m in stop.find_iter(rest) {
        // "thành phố Đà Nẵng": a capital begins a name, not the word "đã".
        if m.as_str().starts_with(' ') && text.char_at(start + m.start() + 1).is_some_and(char::is_uppercase)
        {
            continue;
        }
        let comma = m.as_str() == ",";
        // "Bộ Văn hóa, Thể thao và Du lịch": a comma inside a known name does not end it.
        let inside = comma
            && words.names.iter().filter(|(folded, _)| folded.contains(',')).any(|(folded, _)| {
                rest.match_indices(folded.as_str())
                    .any(|(at, known)| at < m.start() && m.start() < at + known.len())
            });
        let abbreviation =
            m.as_str() == "." && re!(r"(^| )tp$").is_match(rest.get(..m.start()).unwrap_or_default());
        if !inside && !abbreviation {
            end = m.start();
            break;
        }
    }
    for (at, _) in rest.match_indices(" va ") {
        if at < end && rest.get(at..).is_some_and(|tail| kinds.is_match(tail)) {
            end = at;
        }
    }
    start + end
}
