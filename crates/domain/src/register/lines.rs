//! The table of lines.

use super::{
    cells::{line_kind, line_kind_label},
    table::{Column, Parsed, Reader, read},
};
use crate::{body::tidy_name, line::LineKind, person::Lang};

/// Its columns.
pub static LINE_COLUMNS: &[Column] = &[
    Column {
        key: "line-code",
        vi: "Mã đường truyền",
        en: "Line code",
        also: &["ma kenh", "ma duong truyen", "circuit id"],
        required: false,
    },
    Column {
        key: "line",
        vi: "Tên đường truyền",
        en: "Line",
        also: &["duong truyen", "ten kenh", "kenh", "name"],
        required: true,
    },
    Column {
        key: "line-kind",
        vi: "Loại",
        en: "Kind",
        also: &["loai duong truyen", "loai kenh"],
        required: true,
    },
    Column {
        key: "body",
        vi: "Đơn vị báo tình trạng",
        en: "Reported by",
        also: &["nha mang", "don vi", "operator"],
        required: false,
    },
    Column {
        key: "body-code",
        vi: "Mã đơn vị báo tình trạng",
        en: "Reporting body code",
        also: &["ma don vi"],
        required: false,
    },
    Column {
        key: "served",
        vi: "Phục vụ đơn vị",
        en: "Serves",
        also: &["don vi su dung", "don vi duoc phuc vu"],
        required: false,
    },
    Column {
        key: "served-code",
        vi: "Mã đơn vị được phục vụ",
        en: "Served body code",
        also: &["ma don vi su dung"],
        required: false,
    },
    Column { key: "provider", vi: "Nhà cung cấp", en: "Provider", also: &[], required: false },
    Column {
        key: "capacity",
        vi: "Dung lượng",
        en: "Capacity",
        also: &["bang thong", "toc do", "bandwidth"],
        required: false,
    },
    Column {
        key: "hotline",
        vi: "Đường dây nóng",
        en: "Hotline",
        also: &["dien thoai", "so dien thoai"],
        required: false,
    },
];

/// A row of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRow {
    /// The operator's own mark.
    pub code: Option<String>,
    /// What it is called.
    pub name: String,
    /// What kind.
    pub kind: LineKind,
    /// Name of the body whose line it is; without it and the code: the top of the import.
    pub body: Option<String>,
    /// Code of that body.
    pub body_code: Option<String>,
    /// Name of the body it serves.
    pub served: Option<String>,
    /// Code of that body.
    pub served_code: Option<String>,
    /// Who provides it.
    pub provider: Option<String>,
    /// How much it carries.
    pub capacity: Option<String>,
    /// Whom to call.
    pub hotline: Option<String>,
}

/// Reads the table.
pub fn read_lines(lines: &[(u32, Vec<String>)]) -> Parsed<LineRow> {
    read(LINE_COLUMNS, lines, row)
}

fn row(r: &mut Reader<'_>) -> Option<LineRow> {
    let name = r.needed("line", "import-line-name-bad", tidy_name);
    let kind = r.needed("line-kind", "import-line-kind-bad", line_kind);
    Some(LineRow {
        code: r.owned("line-code"),
        name: name?,
        kind: kind?,
        body: r.owned("body"),
        body_code: r.owned("body-code"),
        served: r.owned("served"),
        served_code: r.owned("served-code"),
        provider: r.owned("provider"),
        capacity: r.owned("capacity"),
        hotline: r.owned("hotline"),
    })
}

/// The cells of a row, in the order of [`LINE_COLUMNS`].
pub fn line_cells(row: &LineRow, lang: Lang) -> Vec<String> {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    vec![
        text(&row.code),
        row.name.clone(),
        line_kind_label(row.kind, lang).to_owned(),
        text(&row.body),
        text(&row.body_code),
        text(&row.served),
        text(&row.served_code),
        text(&row.provider),
        text(&row.capacity),
        text(&row.hotline),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::headings;

    #[test]
    fn lines_are_written_and_read_back() {
        for kind in LineKind::ALL {
            let row = LineRow {
                code: Some("ST-01".into()),
                name: "Kênh TSLCD 1".into(),
                kind: *kind,
                body: Some("Viễn thông Sông Trà".into()),
                body_code: None,
                served: None,
                served_code: Some("H55.02".into()),
                provider: None,
                capacity: Some("1 Gbps".into()),
                hotline: Some("18001166".into()),
            };
            for lang in [Lang::Vi, Lang::En] {
                let head: Vec<String> =
                    headings(LINE_COLUMNS, lang).iter().map(|h| (*h).to_owned()).collect();
                let parsed = read_lines(&[(1, head), (2, line_cells(&row, lang))]);
                assert_eq!((parsed.rows, parsed.problems), (vec![(2, row.clone())], vec![]));
            }
        }
    }
}
