//! The table of information systems.

use super::{
    cells::{level, truth, truth_label},
    table::{Column, Parsed, Reader, read},
};
use crate::{body::tidy_name, person::Lang, system::Level};

/// Its columns.
pub static SYSTEM_COLUMNS: &[Column] = &[
    Column {
        key: "name",
        vi: "Tên hệ thống",
        en: "System",
        also: &["ten", "he thong", "he thong thong tin", "name"],
        required: true,
    },
    Column {
        key: "body",
        vi: "Chủ quản",
        en: "Owner",
        also: &["chu quan he thong thong tin", "don vi chu quan", "don vi"],
        required: false,
    },
    Column {
        key: "body-code", vi: "Mã chủ quản", en: "Owner code", also: &["ma don vi"], required: false
    },
    Column {
        key: "operator", vi: "Đơn vị vận hành", en: "Operator", also: &["van hanh"], required: false
    },
    Column {
        key: "operator-code",
        vi: "Mã đơn vị vận hành",
        en: "Operator code",
        also: &[],
        required: false,
    },
    Column {
        key: "level",
        vi: "Cấp độ",
        en: "Level",
        also: &["cap do an ninh mang", "cap do attt", "cap do an toan"],
        required: false,
    },
    Column {
        key: "important",
        vi: "Quan trọng",
        en: "Important",
        also: &["he thong quan trong"],
        required: false,
    },
    Column {
        key: "personal-data",
        vi: "Dữ liệu cá nhân",
        en: "Personal data",
        also: &["co du lieu ca nhan", "dlcn"],
        required: false,
    },
    Column {
        key: "national-platform",
        vi: "Nền tảng quốc gia",
        en: "National platform",
        also: &["nen tang so quoc gia"],
        required: false,
    },
    Column { key: "note", vi: "Ghi chú", en: "Note", also: &["mo ta"], required: false },
];

/// A row of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SystemRow {
    /// Its name.
    pub name: String,
    /// Name of the owner; without it and the code: the top of the import.
    pub body: Option<String>,
    /// Code of the owner.
    pub body_code: Option<String>,
    /// Name of the operator.
    pub operator: Option<String>,
    /// Code of the operator.
    pub operator_code: Option<String>,
    /// Its level.
    pub level: Option<Level>,
    /// Marked important.
    pub important: Option<bool>,
    /// Holds personal data.
    pub personal_data: Option<bool>,
    /// Part of or connected to a national platform.
    pub national_platform: Option<bool>,
    /// Remarks.
    pub note: Option<String>,
}

/// Reads the table.
pub fn read_systems(lines: &[(u32, Vec<String>)]) -> Parsed<SystemRow> {
    read(SYSTEM_COLUMNS, lines, row)
}

fn row(r: &mut Reader<'_>) -> Option<SystemRow> {
    let name = r.needed("name", "system-name-bad", tidy_name);
    let level = r.value("level", "import-level-bad", level);
    let important = r.value("important", "import-truth-bad", truth);
    let personal_data = r.value("personal-data", "import-truth-bad", truth);
    let national_platform = r.value("national-platform", "import-truth-bad", truth);
    Some(SystemRow {
        name: name?,
        body: r.owned("body"),
        body_code: r.owned("body-code"),
        operator: r.owned("operator"),
        operator_code: r.owned("operator-code"),
        level,
        important,
        personal_data,
        national_platform,
        note: r.owned("note"),
    })
}

/// The cells of a row, in the order of [`SYSTEM_COLUMNS`].
pub fn system_cells(row: &SystemRow, lang: Lang) -> Vec<String> {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    vec![
        row.name.clone(),
        text(&row.body),
        text(&row.body_code),
        text(&row.operator),
        text(&row.operator_code),
        row.level.map_or_else(String::new, |l| l.get().to_string()),
        truth_label(row.important, lang),
        truth_label(row.personal_data, lang),
        truth_label(row.national_platform, lang),
        text(&row.note),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::headings;

    #[test]
    fn systems_are_written_and_read_back() {
        let row = SystemRow {
            name: "Cổng dịch vụ công".into(),
            body: Some("Sở Y tế".into()),
            operator_code: Some("H55.02".into()),
            level: Level::new(3),
            important: Some(true),
            personal_data: Some(false),
            note: Some("đang nâng cấp".into()),
            ..SystemRow::default()
        };
        for lang in [Lang::Vi, Lang::En] {
            let head: Vec<String> = headings(SYSTEM_COLUMNS, lang).iter().map(|h| (*h).to_owned()).collect();
            let parsed = read_systems(&[(1, head), (2, system_cells(&row, lang))]);
            assert_eq!((parsed.rows, parsed.problems), (vec![(2, row.clone())], vec![]));
        }
    }
}
