//! The table of shifts: who is on duty at which post, from when until when, by the clock on the wall.

use jiff::civil::{DateTime, Time};

use super::{
    cells::date,
    table::{Column, Parsed, Reader, read},
};
use crate::{
    body::tidy_name,
    person::{ChannelKind, Lang},
    roster::{Line, rules::SLOT_MINUTES_MAX},
    text::fold,
};

/// Its columns.
pub static SHIFT_COLUMNS: &[Column] = &[
    Column {
        key: "post",
        vi: "Vị trí trực",
        en: "Post",
        also: &["vi tri", "noi truc", "ten vi tri"],
        required: true,
    },
    Column {
        key: "shift-from",
        vi: "Nhận ca",
        en: "From",
        also: &["tu", "bat dau", "thoi gian bat dau", "start"],
        required: true,
    },
    Column {
        key: "shift-to",
        vi: "Giao ca",
        en: "To",
        also: &["den", "ket thuc", "thoi gian ket thuc", "end"],
        required: true,
    },
    Column {
        key: "person",
        vi: "Họ và tên",
        en: "Full name",
        also: &["ho ten", "ten", "nguoi truc", "name", "person"],
        required: true,
    },
    Column {
        key: "shift-line",
        vi: "Trực chính hay dự phòng",
        en: "First or backup",
        also: &["vai tro", "vai", "line"],
        required: false,
    },
    Column {
        key: "email",
        vi: "Thư điện tử",
        en: "E-mail",
        also: &["email", "e mail", "mail"],
        required: false,
    },
    Column { key: "body", vi: "Đơn vị", en: "Body", also: &["ten don vi", "co quan"], required: false },
    Column { key: "body-code", vi: "Mã đơn vị", en: "Body code", also: &["ma"], required: false },
];

/// A row of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShiftRow {
    /// What the post is called.
    pub post: String,
    /// When it begins.
    pub from: DateTime,
    /// When it ends.
    pub to: DateTime,
    /// Who.
    pub person: String,
    /// Called first or second.
    pub line: Line,
    /// Tells people of one name apart.
    pub email: Option<String>,
    /// Whose post it is; without it and the code: the top of the import.
    pub body: Option<String>,
    /// Code of that body.
    pub body_code: Option<String>,
}

/// Reads the table.
pub fn read_shifts(lines: &[(u32, Vec<String>)]) -> Parsed<ShiftRow> {
    read(SHIFT_COLUMNS, lines, row)
}

fn row(r: &mut Reader<'_>) -> Option<ShiftRow> {
    let post = r.needed("post", "import-post-unknown", tidy_name);
    let from = r.needed("shift-from", "import-shift-time-bad", moment);
    let to = r.needed("shift-to", "import-shift-time-bad", moment);
    let person = r.needed("person", "person-name-bad", tidy_name);
    let line = r.value("shift-line", "import-shift-line-bad", line);
    let line = if r.text("shift-line").is_some() { line? } else { Line::Primary };
    let email = r.value("email", "channel-address-bad", |t| ChannelKind::Email.address(t));
    let (from, to) = (from?, to?);
    let minutes = from.duration_until(to).as_mins();
    if minutes < 1 || minutes > i64::from(SLOT_MINUTES_MAX) {
        let typed = r.owned("shift-to").unwrap_or_default();
        r.problem("shift-to", "import-shift-long", &typed);
    }
    let (body, body_code) = (r.owned("body"), r.owned("body-code"));
    Some(ShiftRow { post: post?, from, to, person: person?, line, email, body, body_code })
}

/// *06/02/2027 07:00*, *07:00 06/02/2027*, *2027-02-06T07:00:00*, *07:00 ngày 6/2/2027*; *24:00* is the next midnight.
fn moment(text: &str) -> Option<DateTime> {
    let (mut day, mut clock) = (None, None);
    for part in text.split(['T', ' ', ',']).filter(|p| !p.is_empty()) {
        if part.contains(':') {
            clock = Some(part);
        } else if let Some(found) = date(part) {
            day = Some(found);
        } else if !matches!(fold(part).as_str(), "ngay" | "luc" | "at" | "on") {
            return None;
        }
    }
    let (day, clock) = (day?, clock?);
    if matches!(clock, "24:00" | "24:00:00") {
        return Some(day.tomorrow().ok()?.to_datetime(Time::midnight()));
    }
    let mut parts = clock.split(':').map(|p| p.parse::<i8>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    // A roster is exact to the minute; seconds are what table programs add.
    let time = Time::new(hour, minute, 0, 0).ok()?;
    Some(day.to_datetime(time))
}

const LINES: &[(Line, &str, &str, &[&str])] = &[
    (Line::Primary, "Trực chính", "First", &["chinh", "1", "primary"]),
    (Line::Backup, "Dự phòng", "Backup", &["truc du phong", "2", "phu", "truc phu", "second"]),
];

fn line(text: &str) -> Option<Line> {
    let folded = fold(text);
    let same = |(_, vi, en, also): &&(Line, &str, &str, &[&str])| {
        fold(vi) == folded || fold(en) == folded || also.contains(&folded.as_str())
    };
    LINES.iter().find(same).map(|(line, ..)| *line)
}

/// The cells of a row, in the order of [`SHIFT_COLUMNS`].
pub fn shift_cells(row: &ShiftRow, lang: Lang) -> Vec<String> {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    let at = |t: DateTime| t.strftime("%d/%m/%Y %H:%M").to_string();
    let label = LINES.iter().find(|(line, ..)| *line == row.line);
    let label = label.map_or("", |(_, vi, en, _)| if lang == Lang::En { en } else { vi });
    vec![
        row.post.clone(),
        at(row.from),
        at(row.to),
        row.person.clone(),
        label.to_owned(),
        text(&row.email),
        text(&row.body),
        text(&row.body_code),
    ]
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::register::headings;

    #[test]
    fn shifts_are_written_and_read_back() {
        let row = ShiftRow {
            post: "Trực trung tâm".into(),
            from: date(2027, 2, 5).at(19, 0, 0, 0),
            to: date(2027, 2, 6).at(7, 0, 0, 0),
            person: "Lê Thị Hoa".into(),
            line: Line::Backup,
            email: Some("hoa@yte.gov.vn".into()),
            body: None,
            body_code: Some("H55.02".into()),
        };
        for lang in [Lang::Vi, Lang::En] {
            let head: Vec<String> = headings(SHIFT_COLUMNS, lang).iter().map(|h| (*h).to_owned()).collect();
            let parsed = read_shifts(&[(1, head), (2, shift_cells(&row, lang))]);
            assert_eq!((parsed.rows, parsed.problems), (vec![(2, row.clone())], vec![]));
        }
    }

    #[test]
    fn times_as_people_and_table_programs_write_them() {
        let seven = date(2027, 2, 6).at(7, 0, 0, 0);
        for text in ["06/02/2027 07:00", "07:00 6/2/2027", "07:00 ngày 06/02/2027", "2027-02-06T07:00:00"] {
            assert_eq!(moment(text), Some(seven), "{text}");
        }
        assert_eq!(moment("06/02/2027 24:00"), Some(date(2027, 2, 7).at(0, 0, 0, 0)));
        for text in ["06/02/2027", "07:00", "7h 06/02/2027", "25:00 06/02/2027", "31/02/2027 07:00", ""] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn a_bad_row_is_named_by_its_cell() {
        let lines: Vec<(u32, Vec<String>)> = (1..)
            .zip([
                ["Vị trí", "Từ", "Đến", "Người trực", "Vai"],
                ["Trực", "06/02/2027 19:00", "06/02/2027 07:00", "Lê Thị Hoa", ""],
                ["Trực", "hôm nay", "06/02/2027 07:00", "Lê Thị Hoa", "chính"],
                ["Trực", "06/02/2027 07:00", "06/02/2027 19:00", "Lê Thị Hoa", "ba"],
            ])
            .map(|(n, cells)| (n, cells.map(str::to_owned).to_vec()))
            .collect();
        let parsed = read_shifts(&lines);
        let codes: Vec<_> = parsed.problems.iter().map(|p| (p.row, p.column, p.code)).collect();
        assert_eq!(
            codes,
            [
                (2, "shift-to", "import-shift-long"),
                (3, "shift-from", "import-shift-time-bad"),
                (4, "shift-line", "import-shift-line-bad"),
            ]
        );
        assert!(parsed.rows.is_empty());
    }
}
