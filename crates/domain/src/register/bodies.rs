//! The table of bodies.

use jiff::civil::Date;

use super::{
    cells::{date, kind, kind_label, several},
    table::{Column, Parsed, Reader, read},
};
use crate::{
    body::{BodyKind, tidy_name},
    person::Lang,
};

/// Its columns.
pub static BODY_COLUMNS: &[Column] = &[
    Column {
        key: "name",
        vi: "Tên đơn vị",
        en: "Name",
        also: &["ten", "don vi", "ten co quan"],
        required: true,
    },
    Column { key: "code", vi: "Mã đơn vị", en: "Code", also: &["ma", "ma dinh danh"], required: false },
    Column {
        key: "kind",
        vi: "Loại",
        en: "Kind",
        also: &["loai don vi", "loai hinh", "type"],
        required: false,
    },
    Column {
        key: "parent",
        vi: "Đơn vị cấp trên",
        en: "Parent",
        also: &["cap tren", "truc thuoc", "don vi chu quan", "co quan chu quan"],
        required: false,
    },
    Column {
        key: "parent-code",
        vi: "Mã cấp trên",
        en: "Parent code",
        also: &["ma don vi cap tren"],
        required: false,
    },
    Column {
        key: "aliases",
        vi: "Tên khác",
        en: "Aliases",
        also: &["ten viet tat", "viet tat", "ten goi khac", "alias"],
        required: false,
    },
    Column {
        key: "from",
        vi: "Từ ngày",
        en: "Named since",
        also: &["ngay thanh lap", "from", "since"],
        required: false,
    },
];

/// A row of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BodyRow {
    /// Official name.
    pub name: String,
    /// Official code.
    pub code: Option<String>,
    /// Kind; needed for a new body.
    pub kind: Option<BodyKind>,
    /// Name of the body above; without it and the code: the top of the import.
    pub parent: Option<String>,
    /// Code of the body above.
    pub parent_code: Option<String>,
    /// All aliases; empty keeps those there are.
    pub aliases: Vec<String>,
    /// From which day it bears the name: a different name is then a renaming, without a day a correction.
    pub from: Option<Date>,
}

/// Reads the table.
pub fn read_bodies(lines: &[(u32, Vec<String>)]) -> Parsed<BodyRow> {
    read(BODY_COLUMNS, lines, row)
}

fn row(r: &mut Reader<'_>) -> Option<BodyRow> {
    let name = r.needed("name", "body-name-bad", tidy_name);
    let kind = r.value("kind", "import-kind-bad", kind);
    let from = r.value("from", "import-date-bad", date);
    let code = r.owned("code");
    let aliases = r.text("aliases").map(several).unwrap_or_default();
    let (parent, parent_code) = (r.owned("parent"), r.owned("parent-code"));
    Some(BodyRow { name: name?, code, kind, parent, parent_code, aliases, from })
}

/// The cells of a row, in the order of [`BODY_COLUMNS`].
pub fn body_cells(row: &BodyRow, lang: Lang) -> Vec<String> {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    vec![
        row.name.clone(),
        text(&row.code),
        row.kind.map_or_else(String::new, |k| kind_label(k, lang).to_owned()),
        text(&row.parent),
        text(&row.parent_code),
        row.aliases.join("; "),
        row.from.map_or_else(String::new, |d| d.strftime("%d/%m/%Y").to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::{Problem, headings};
    use jiff::civil::date;

    fn lines(rows: &[&[&str]]) -> Vec<(u32, Vec<String>)> {
        (1..).zip(rows.iter().map(|r| r.iter().map(|c| (*c).to_owned()).collect())).collect()
    }

    #[test]
    fn a_table_is_read_by_its_headings_and_bad_cells_are_named() {
        let parsed = read_bodies(&lines(&[
            &["STT", "TÊN ĐƠN VỊ (*)", "Loại hình", "Trực thuộc", "Từ ngày"],
            &["1", " Sở  Y tế ", "sở", "", "01/03/2025"],
            &["2", "", "Xã", "", ""],
            &["", "", "", "", ""],
            &["3", "Xã Hòa Lộc", "thôn", "Sở Y tế", "mai"],
        ]));
        assert_eq!(parsed.ignored, ["STT"]);
        let want = BodyRow {
            name: "Sở Y tế".into(),
            kind: Some(BodyKind::Department),
            from: Some(date(2025, 3, 1)),
            ..BodyRow::default()
        };
        assert_eq!(parsed.rows, [(2, want)]);
        let problem = |row, column, code, value: &str| Problem { row, column, code, value: value.into() };
        assert_eq!(
            parsed.problems,
            [
                problem(3, "name", "import-cell-empty", ""),
                problem(5, "kind", "import-kind-bad", "thôn"),
                problem(5, "from", "import-date-bad", "mai"),
            ]
        );
    }

    #[test]
    fn missing_and_doubled_columns_and_an_empty_file_are_said_once() {
        let codes =
            |rows: &[&[&str]]| read_bodies(&lines(rows)).problems.iter().map(|p| p.code).collect::<Vec<_>>();
        assert_eq!(codes(&[]), ["import-empty"]);
        assert_eq!(codes(&[&["Mã"], &["1"], &["2"]]), ["import-column-missing"]);
        assert_eq!(codes(&[&["Tên", "Name"], &["a", "b"]]), ["import-column-twice"]);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let row = BodyRow {
            name: "UBND xã Hòa Lộc".into(),
            code: Some("000.01.H55".into()),
            kind: Some(BodyKind::Commune),
            parent: Some("UBND tỉnh".into()),
            parent_code: Some("H55".into()),
            aliases: vec!["Hòa Lộc".into(), "xã HL".into()],
            from: Some(date(2025, 7, 1)),
        };
        for lang in [Lang::Vi, Lang::En] {
            let head = headings(BODY_COLUMNS, lang).iter().map(|h| (*h).to_owned()).collect();
            let parsed = read_bodies(&[(1, head), (2, body_cells(&row, lang))]);
            assert_eq!((parsed.rows, parsed.problems), (vec![(2, row.clone())], vec![]));
        }
    }

    #[test]
    fn too_many_rows_are_refused_as_a_whole() {
        let mut all = lines(&[&["Tên"]]);
        all.extend((2..).take(super::super::ROWS_MAX + 1).map(|n| (n, vec![format!("Xã {n}")])));
        let parsed = read_bodies(&all);
        assert_eq!((parsed.rows.len(), parsed.problems[0].code), (0, "import-too-many"));
    }
}
