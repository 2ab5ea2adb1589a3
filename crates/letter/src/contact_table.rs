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
        if line.cells.len() < 3 {
            inside = false;
        } else if is_head(line) {
            let titles = lines.iter().take(at).rev().take(TITLE_LINES);
            inside = titles
                .into_iter()
                .any(|l| re!(r"dau moi|lien he|lien lac|danh ba|duong day nong").is_match(l.text.folded()));
        } else if inside {
            out.extend(row(&line.cells, words));
        }
    }
    out
}

fn is_head(line: &Line) -> bool {
    let any = |pattern: &regex::Regex| line.cells.iter().any(|cell| pattern.is_match(cell.folded()));
    any(re!(r"dien thoai|di dong|so may|^s?dt$|thu dien tu|e-?mail|hop thu"))
        && any(re!(r"^(ho (va )?ten|can bo|nguoi|don vi|co quan|bo phan|dau moi)"))
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
