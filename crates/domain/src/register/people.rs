//! The table of people: a row is a person in a body; who serves several bodies has several rows.

use super::{
    cells::{truth, truth_label},
    table::{Column, Parsed, Reader, read},
};
use crate::{
    body::tidy_name,
    person::{ChannelKind, Lang},
};

/// Its columns.
pub static PERSON_COLUMNS: &[Column] = &[
    Column {
        key: "name",
        vi: "Họ và tên",
        en: "Full name",
        also: &["ho ten", "ten", "name"],
        required: true,
    },
    Column {
        key: "title",
        vi: "Cấp bậc, học vị",
        en: "Title",
        also: &["cap bac", "hoc vi", "danh xung"],
        required: false,
    },
    Column { key: "position", vi: "Chức vụ", en: "Position", also: &["chuc danh"], required: false },
    Column {
        key: "body",
        vi: "Đơn vị",
        en: "Body",
        also: &["ten don vi", "co quan", "don vi cong tac"],
        required: false,
    },
    Column { key: "body-code", vi: "Mã đơn vị", en: "Body code", also: &["ma"], required: false },
    Column {
        key: "contact",
        vi: "Đầu mối",
        en: "Contact",
        also: &["la dau moi", "dau moi lien he"],
        required: false,
    },
    Column {
        key: "email",
        vi: "Thư điện tử",
        en: "E-mail",
        also: &["email", "e mail", "thu dien tu cong vu", "mail"],
        required: false,
    },
    Column {
        key: "phone",
        vi: "Điện thoại",
        en: "Phone",
        also: &["so dien thoai", "di dong", "dien thoai di dong", "sdt", "dt"],
        required: false,
    },
    Column { key: "lang", vi: "Ngôn ngữ", en: "Language", also: &["lang"], required: false },
];

/// A row of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonRow {
    /// Full name.
    pub name: String,
    /// Rank or degree.
    pub title: Option<String>,
    /// Position in the body.
    pub position: Option<String>,
    /// Name of the body; without it and the code: the top of the import.
    pub body: Option<String>,
    /// Code of the body.
    pub body_code: Option<String>,
    /// Whether they are the body's named contact.
    pub contact: Option<bool>,
    /// E-mail address: it also tells whether two rows mean one person.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// In which language Canh writes to them.
    pub lang: Option<Lang>,
}

/// Reads the table.
pub fn read_people(lines: &[(u32, Vec<String>)]) -> Parsed<PersonRow> {
    read(PERSON_COLUMNS, lines, row)
}

fn row(r: &mut Reader<'_>) -> Option<PersonRow> {
    let name = r.needed("name", "person-name-bad", tidy_name);
    let contact = r.value("contact", "import-truth-bad", truth);
    let email = r.value("email", "channel-address-bad", |t| ChannelKind::Email.address(t));
    let phone = r.value("phone", "channel-address-bad", phone);
    let lang = r.value("lang", "import-lang-bad", |t| Lang::parse(&t.to_lowercase()));
    let (title, position) = (r.owned("title"), r.owned("position"));
    let (body, body_code) = (r.owned("body"), r.owned("body-code"));
    Some(PersonRow { name: name?, title, position, body, body_code, contact, email, phone, lang })
}

/// A phone number, also one whose leading zero a table program has taken for a number's and dropped.
fn phone(text: &str) -> Option<String> {
    ChannelKind::Phone.address(text).or_else(|| {
        let digits = text.len() == 9 && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        if digits { ChannelKind::Phone.address(&format!("0{text}")) } else { None }
    })
}

/// The cells of a row, in the order of [`PERSON_COLUMNS`].
pub fn person_cells(row: &PersonRow, lang: Lang) -> Vec<String> {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    vec![
        row.name.clone(),
        text(&row.title),
        text(&row.position),
        text(&row.body),
        text(&row.body_code),
        truth_label(row.contact, lang),
        text(&row.email),
        text(&row.phone),
        row.lang.map_or("", Lang::name).to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::headings;

    #[test]
    fn people_are_written_and_read_back_and_phones_mended() {
        let row = PersonRow {
            name: "Lê Thị Hoa".into(),
            title: Some("ThS".into()),
            position: Some("Trưởng phòng".into()),
            body: Some("Sở Y tế".into()),
            body_code: None,
            contact: Some(true),
            email: Some("hoa@yte.gov.vn".into()),
            phone: Some("+84912345678".into()),
            lang: Some(Lang::Vi),
        };
        let head: Vec<String> = headings(PERSON_COLUMNS, Lang::Vi).iter().map(|h| (*h).to_owned()).collect();
        let mut cells = person_cells(&row, Lang::Vi);
        assert_eq!(read_people(&[(1, head.clone()), (2, cells.clone())]).rows, [(2, row.clone())]);
        for typed in ["912345678", "'+84912345678", "0912.345.678"] {
            cells[7] = typed.into();
            assert_eq!(
                read_people(&[(1, head.clone()), (2, cells.clone())]).rows,
                [(2, row.clone())],
                "{typed}"
            );
        }
        cells[6] = "hoa(at)yte".into();
        assert_eq!(read_people(&[(1, head), (2, cells)]).problems[0].code, "channel-address-bad");
    }
}
