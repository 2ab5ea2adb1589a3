//! The table of hosts.

use super::{
    cells::{host_kind, host_kind_label, several},
    table::{Column, Parsed, Reader, read},
};
use crate::{host::HostKind, person::Lang};

/// Its columns.
pub static HOST_COLUMNS: &[Column] = &[
    Column {
        key: "host",
        vi: "Tên máy",
        en: "Machine",
        also: &["ten", "may", "hostname", "host", "computer name", "ten may tinh", "name"],
        required: true,
    },
    Column {
        key: "host-names",
        vi: "Tên và địa chỉ khác",
        en: "Other names and addresses",
        also: &["dia chi ip", "ip", "dia chi", "ten khac", "addresses"],
        required: false,
    },
    Column {
        key: "host-kind",
        vi: "Loại máy",
        en: "Kind of machine",
        also: &["loai", "kind", "loai thiet bi"],
        required: false,
    },
    Column {
        key: "body", vi: "Đơn vị", en: "Body", also: &["don vi quan ly", "co quan"], required: false
    },
    Column { key: "body-code", vi: "Mã đơn vị", en: "Body code", also: &[], required: false },
    Column {
        key: "host-system",
        vi: "Hệ thống",
        en: "System",
        also: &["he thong thong tin", "phuc vu he thong"],
        required: false,
    },
    Column {
        key: "in-charge",
        vi: "Người phụ trách",
        en: "In charge",
        also: &["phu trach", "can bo phu trach", "owner", "nguoi quan ly"],
        required: false,
    },
    Column { key: "note", vi: "Ghi chú", en: "Note", also: &["mo ta"], required: false },
];

/// A row of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostRow {
    /// What it is called.
    pub name: String,
    /// Other names, and addresses.
    pub names: Vec<String>,
    /// What kind of machine.
    pub kind: Option<HostKind>,
    /// Name of its body; without it and the code: the top of the import.
    pub body: Option<String>,
    /// Code of its body.
    pub body_code: Option<String>,
    /// Name of the system it serves.
    pub system: Option<String>,
    /// Who is in charge.
    pub in_charge: Option<String>,
    /// Remarks.
    pub note: Option<String>,
}

/// Reads the table.
pub fn read_hosts(lines: &[(u32, Vec<String>)]) -> Parsed<HostRow> {
    read(HOST_COLUMNS, lines, row)
}

fn row(r: &mut Reader<'_>) -> Option<HostRow> {
    let name = r.needed("host", "host-names-bad", |t| Some(t.to_owned()));
    let kind = r.value("host-kind", "import-host-kind-bad", host_kind);
    let names = r.text("host-names").map(|t| several(&t.replace(',', ";"))).unwrap_or_default();
    Some(HostRow {
        name: name?,
        names,
        kind,
        body: r.owned("body"),
        body_code: r.owned("body-code"),
        system: r.owned("host-system"),
        in_charge: r.owned("in-charge"),
        note: r.owned("note"),
    })
}

/// The cells of a row, in the order of [`HOST_COLUMNS`].
pub fn host_cells(row: &HostRow, lang: Lang) -> Vec<String> {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    vec![
        row.name.clone(),
        row.names.join("; "),
        row.kind.map(|k| host_kind_label(k, lang).to_owned()).unwrap_or_default(),
        text(&row.body),
        text(&row.body_code),
        text(&row.system),
        text(&row.in_charge),
        text(&row.note),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::headings;

    #[test]
    fn hosts_are_written_and_read_back() {
        for kind in HostKind::ALL {
            let row = HostRow {
                name: "may01".into(),
                names: vec!["may01.so.gov.vn".into(), "10.0.0.5".into()],
                kind: Some(*kind),
                body: Some("Sở Y tế".into()),
                body_code: Some("H55.02".into()),
                system: Some("Một cửa".into()),
                in_charge: Some("Lê Văn An".into()),
                note: Some("tầng 2".into()),
            };
            for lang in [Lang::Vi, Lang::En] {
                let head: Vec<String> =
                    headings(HOST_COLUMNS, lang).iter().map(|h| (*h).to_owned()).collect();
                let parsed = read_hosts(&[(1, head), (2, host_cells(&row, lang))]);
                assert_eq!((parsed.rows, parsed.problems), (vec![(2, row.clone())], vec![]));
            }
        }
    }

    #[test]
    fn a_kind_nobody_knows_is_named_with_its_row() {
        let text = |cells: &[&str]| cells.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        let parsed = read_hosts(&[(1, text(&["Tên máy", "Loại máy"])), (2, text(&["may01", "Tủ lạnh"]))]);
        let problem = &parsed.problems[0];
        assert_eq!((problem.row, problem.column, problem.code), (2, "host-kind", "import-host-kind-bad"));
        assert!(parsed.rows.is_empty());
    }
}
