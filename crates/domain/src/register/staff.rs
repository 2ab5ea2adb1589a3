//! The table of staff for notices: a row is a person with an address, in a body.

use super::table::{Column, Parsed, Reader, read_up_to};
use crate::{body::tidy_name, person::ChannelKind};

/// At most so many rows: the staff of a province's offices.
pub const STAFF_ROWS_MAX: usize = 30_000;

/// Its columns.
pub static STAFF_LIST_COLUMNS: &[Column] = &[
    Column {
        key: "name",
        vi: "Họ và tên",
        en: "Full name",
        also: &["ho ten", "ten", "name"],
        required: true,
    },
    Column {
        key: "email",
        vi: "Thư điện tử",
        en: "E-mail",
        also: &["email", "e mail", "thu dien tu cong vu", "mail"],
        required: true,
    },
    Column {
        key: "body",
        vi: "Đơn vị",
        en: "Body",
        also: &["ten don vi", "co quan", "don vi cong tac"],
        required: false,
    },
    Column { key: "body-code", vi: "Mã đơn vị", en: "Body code", also: &["ma"], required: false },
];

/// A row of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffRow {
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Name of the body; without it and the code: the top of the import.
    pub body: Option<String>,
    /// Code of the body.
    pub body_code: Option<String>,
}

/// Reads the table.
pub fn read_staff(lines: &[(u32, Vec<String>)]) -> Parsed<StaffRow> {
    read_up_to(STAFF_ROWS_MAX, STAFF_LIST_COLUMNS, lines, row)
}

fn row(r: &mut Reader<'_>) -> Option<StaffRow> {
    let name = r.needed("name", "person-name-bad", tidy_name);
    let email = r.needed("email", "channel-address-bad", |t| ChannelKind::Email.address(t));
    let (body, body_code) = (r.owned("body"), r.owned("body-code"));
    Some(StaffRow { name: name?, email: email?, body, body_code })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(rows: &[&[&str]]) -> Vec<(u32, Vec<String>)> {
        (1_u32..).zip(rows).map(|(n, r)| (n, r.iter().map(|c| (*c).to_owned()).collect())).collect()
    }

    #[test]
    fn every_bad_row_is_named_and_good_ones_are_read() {
        let read = read_staff(&lines(&[
            &["Email", "Họ tên", "Mã"],
            &["HOA@yte.gov.vn ", "Lê  Thị Hoa", "H01"],
            &["hoa(at)yte", "Nguyễn Văn B", ""],
            &["", "Trần C", ""],
            &["c@yte.gov.vn", "", ""],
        ]));
        let first = StaffRow {
            name: "Lê Thị Hoa".into(),
            email: "hoa@yte.gov.vn".into(),
            body: None,
            body_code: Some("H01".into()),
        };
        assert_eq!(read.rows, [(2, first)]);
        let said: Vec<_> = read.problems.iter().map(|p| (p.row, p.column, p.code)).collect();
        assert_eq!(
            said,
            [
                (3, "email", "channel-address-bad"),
                (4, "email", "import-cell-empty"),
                (5, "name", "import-cell-empty")
            ]
        );
    }

    #[test]
    fn twenty_thousand_rows_are_taken() {
        let mut rows = vec![(1, vec!["Họ và tên".to_owned(), "Thư điện tử".to_owned()])];
        rows.extend((2..=20_001).map(|n| (n, vec![format!("Người {n}"), format!("n{n}@x.gov.vn")])));
        assert_eq!(read_staff(&rows).rows.len(), 20_000);
    }
}
