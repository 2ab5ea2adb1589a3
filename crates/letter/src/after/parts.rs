//! The watch, the lines and the holes of a campaign that is over, in sentences and tables.

use super::{GAPS_MAX, Holes, Lines, Watch};
use crate::model::{Column, Part, Span, Table};

/// The watch, minute by minute as rosters and check-ins tell.
pub(super) fn watch(of: Option<&Watch>) -> Vec<Part> {
    let Some(w) = of else {
        return vec![Part::text(
            "Không đơn vị nào lập lịch trực trong hệ thống nên không biết lúc nào có người trực.",
        )];
    };
    let [watched, unknown, uncovered, all] = &w.whole;
    let without = match w.without.as_str() {
        "0" => String::new(),
        n => format!(" Có {n} đơn vị không lập lịch trực trong hệ thống nên không biết."),
    };
    let mut parts = vec![Part::text(format!(
        "Tổng thời gian trực {all}: có người trực và điểm danh {watched}, chưa điểm danh {unknown}, không đủ người trực \
         {uncovered}.{without}"
    ))];
    if !w.bodies.is_empty() {
        let columns = [
            Column::words("Cơ quan, đơn vị", 34),
            Column::figures("Có trực", 15),
            Column::figures("Chưa điểm danh", 15),
            Column::figures("Không đủ người", 15),
            Column::figures("Tổng", 15),
        ];
        parts.push(table("Thời gian trực của các đơn vị có khoảng trống", columns, &w.bodies, ""));
    }
    if !w.gaps.is_empty() {
        let columns = [
            Column::words("Cơ quan, đơn vị", 25),
            Column::words("Vị trí trực", 19),
            Column::figures("Từ", 14),
            Column::figures("Đến", 14),
            Column::figures("Bao lâu", 12),
            Column::words("Tình trạng", 16),
        ];
        let note = if w.all > w.gaps.len() {
            format!("Ghi chú: bảng nêu {} trong tổng số {} khoảng trống.", w.gaps.len(), w.all)
        } else {
            String::new()
        };
        parts.push(table("Các khoảng trống dài nhất", columns, &w.gaps, &note));
    }
    parts
}

/// How lines went through it.
pub(super) fn lines(of: Option<&Lines>) -> Vec<Part> {
    let Some(l) = of else {
        return vec![Part::text(
            "Không có đường truyền nào của các đơn vị này được khai báo nên không biết có gián đoạn hay không.",
        )];
    };
    let [all, outages, down, unknown] = &l.whole;
    let words = format!(
        "Theo dõi {all} đường truyền: gián đoạn {outages} lần, tổng thời gian gián đoạn {down}, thời gian chưa rõ tình \
         trạng {unknown}."
    );
    let columns = [
        Column::words("Nhà cung cấp", 34),
        Column::figures("Đường truyền", 14),
        Column::figures("Gián đoạn (lần)", 14),
        Column::figures("Thời gian gián đoạn", 16),
        Column::figures("Thời gian chưa rõ", 16),
    ];
    let mut parts = vec![Part::text(words), table("Theo nhà cung cấp", columns, &l.providers, "")];
    if !l.lines.is_empty() {
        let columns = [
            Column::words("Đường truyền", 22),
            Column::words("Cơ quan, đơn vị", 22),
            Column::words("Nhà cung cấp", 16),
            Column::figures("Gián đoạn (lần)", 11),
            Column::figures("Thời gian gián đoạn", 13),
            Column::figures("Thời gian chưa rõ", 13),
        ];
        let note = if l.lines.len() == GAPS_MAX {
            "Ghi chú: bảng chỉ nêu các đường truyền nhiều nhất."
        } else {
            ""
        };
        parts.push(table("Đường truyền bị gián đoạn hoặc chưa rõ tình trạng", columns, &l.lines, note));
    }
    parts
}

/// What was open when it ended.
pub(super) fn holes(of: Option<&Holes>, over: bool) -> Vec<Part> {
    let Some(h) = of else {
        return vec![Part::text(
            "Chưa có máy nào được kiểm kê đến khi kết thúc đợt nên không biết còn lỗ hổng nào.",
        )];
    };
    let when = if over { format!("Khi kết thúc đợt ({})", h.at) } else { format!("Đến {}", h.at) };
    let known = format!("{when}, trên {} máy của {} đơn vị đã kiểm kê", h.hosts, h.known);
    if h.open == 0 {
        return vec![Part::text(format!("{known} không còn lỗ hổng nào chưa xử lý."))];
    }
    let since = if h.mended > 0 {
        format!(" Từ đó đến nay đã khắc phục thêm {} lượt.", h.mended)
    } else {
        String::new()
    };
    let words = format!(
        "{known} còn {} lượt lỗ hổng chưa xử lý, trong đó mức cao và nghiêm trọng {} lượt, đang bị khai thác trong thực tế \
         {} lượt.{since}",
        h.open, h.grave, h.exploited
    );
    let columns = [
        Column::words("Cơ quan, đơn vị", 40),
        Column::figures("Lượt còn mở", 13),
        Column::figures("Số máy", 13),
        Column::figures("Cao, nghiêm trọng", 15),
        Column::figures("Đã khắc phục sau đó", 15),
    ];
    let rows: Vec<Vec<String>> = h
        .bodies
        .iter()
        .map(|(name, counts)| std::iter::once(name.clone()).chain(counts.map(|n| n.to_string())).collect())
        .collect();
    let note = if rows.len() == GAPS_MAX {
        "Ghi chú: bảng chỉ nêu các đơn vị nhiều nhất."
    } else {
        ""
    };
    vec![Part::text(words), table("Lỗ hổng còn mở theo đơn vị", columns, &rows, note)]
}

/// Numbered rows.
fn table<const N: usize, R: AsRef<[String]>>(
    caption: &str,
    columns: [Column; N],
    rows: &[R],
    note: &str,
) -> Part {
    let row = |(n, row): (usize, &R)| {
        std::iter::once(n.to_string()).chain(row.as_ref().iter().cloned()).map(Span::plain).collect()
    };
    Part::Table(Table {
        caption: caption.to_owned(),
        columns: std::iter::once(Column::figures("TT", 6)).chain(columns).collect(),
        rows: (1..).zip(rows).map(row).collect(),
        note: note.to_owned(),
        ..Table::default()
    })
}
