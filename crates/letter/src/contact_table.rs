//! Whom to call, where an appendix lists them: "TT | Họ và tên | Đơn vị | Điện thoại | Thư điện tử".

use crate::contacts::Reached;
use crate::found::Found;
use crate::lines::Line;
use crate::names::person;
use crate::pattern::re;
use crate::phones::{Phone, emails, phones};
use crate::text::Text;
use crate::words::{Words, begins};

/// How far above its head a table's title stands.
const TITLE_LINES: usize = 6;

/// The contacts of tables whose title says that they are such.
pub(crate) fn listed(lines: &[Line], words: &Words) -> Vec<Reached> {
    let mut out = Vec::new();
    let mut inside = false;
    for (at, line) in lines.iter().enumerate() {
        let flat = line.cells.len() == 1;
        if flat && inside && re!(r"^[0-9]{1,2}[.)]? [a-z]").is_match(line.text.folded()) {
            out.extend(flat_row(&line.text, words));
        } else if line.cells.len() < 3 && !is_flat_head(line) {
            inside = false;
        } else if is_head(line) {
            let titles = lines.iter().take(at).rev().take(TITLE_LINES);
            inside = titles
                .into_iter()
                .any(|l| re!(r"dau moi|lien he|lien lac|danh ba|duong day nong|danh sach [a-z, ]{0,40}(?:thuong truc|truc|ho tro|phu trach|ung cuu)\b").is_match(l.text.folded()));
        } else if inside {
            out.extend(row(&line.cells, words));
        }
    }
    out
}

fn is_head(line: &Line) -> bool {
    let any = |pattern: &regex::Regex| line.cells.iter().any(|cell| pattern.is_match(cell.folded()));
    is_flat_head(line) && re!(r"dien thoai|di dong").is_match(line.text.folded())
        || any(re!(r"dien thoai|di dong|so may|^s?dt$|thu dien tu|e-?mail|hop thu"))
            && any(re!(r"^(ho (va )?ten|can bo|nguoi|don vi|co quan|bo phan|dau moi)"))
}

/// "TT Đơn vị Họ và tên Điện thoại": heads whose columns were lost.
fn is_flat_head(line: &Line) -> bool {
    line.cells.len() == 1
        && line.text.len() < 100
        && re!(r"^(stt|tt) ((ho (va )?ten|don vi|co quan|chuc vu|so dien thoai|dien thoai|thu dien tu|di dong|e-?mail|can bo|dau moi|ghi chu)[ ,]*)+$")
            .is_match(line.text.folded())
}

/// A row without its columns: the name stands before the number, the body before or behind the name.
fn flat_row(text: &Text, words: &Words) -> Option<Reached> {
    let lead = re!(r"^[0-9]{1,2}[.)]? ").find(text.folded())?.end();
    let text = text.sub(lead..text.len());
    let addresses = emails(&text);
    let numbers = phones(&text);
    let reach = addresses.iter().map(|(r, _)| r.start).chain(numbers.iter().map(|(r, _)| r.start)).min()?;
    let before = text.sub(0..reach).trimmed();
    let starts: Vec<usize> =
        std::iter::once(0).chain(before.folded().match_indices(' ').map(|(at, _)| at + 1)).collect();
    // Names are of three words mostly, then of four, then of two.
    let name = [3, 4, 2].into_iter().find_map(|count| {
        let at = *starts.get(starts.len().checked_sub(count)?)?;
        let candidate = before.sub(at..before.len());
        begins(candidate.folded(), &words.surnames)?;
        person(&candidate, words).map(|range| (at, at + range.start..at + range.end))
    });
    let mut out = Reached::default();
    let unit_end = name.as_ref().map_or(before.len(), |(at, _)| *at);
    let unit = before.sub(0..unit_end).trimmed();
    if begins(unit.folded(), &words.head_openers).is_some() {
        out.unit = Some(Found::whole(&unit));
    }
    out.name = name.map(|(_, range)| Found::written(&before, range));
    out.emails.extend(addresses.into_iter().map(|(_, found)| found));
    out.phones.extend(numbers.into_iter().filter_map(|(_, phone)| match phone {
        Phone::Sure(found) => Some(found),
        Phone::Doubtful(_) => None,
    }));
    (!out.phones.is_empty() || !out.emails.is_empty()).then_some(out)
}

/// Cells are told by what stands in them: empty ones are not kept, so their place says nothing.
fn row(cells: &[Text], words: &Words) -> Option<Reached> {
    let mut out = Reached::default();
    for cell in cells.iter().filter(|cell| cell.chars().iter().any(|c| c.is_alphanumeric())) {
        let addresses = emails(cell);
        let numbers = phones(cell);
        if !addresses.is_empty() {
            out.emails.extend(addresses.into_iter().map(|(_, found)| found));
        } else if !numbers.is_empty() {
            out.phones.extend(numbers.into_iter().filter_map(|(_, phone)| match phone {
                Phone::Sure(found) => Some(found),
                Phone::Doubtful(_) => None,
            }));
        } else if begins(cell.folded(), &words.head_openers).is_some() {
            out.unit.get_or_insert_with(|| Found::whole(cell));
        } else if let Some(range) = person(cell, words) {
            out.name.get_or_insert_with(|| Found::written(cell, range));
        }
    }
    (!out.phones.is_empty() || !out.emails.is_empty()).then_some(out)
}
