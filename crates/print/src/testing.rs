//! A paper with everything a paper can have, for tests and benches here and above.

use jiff::civil::date;
use letter::model::{
    Attached, Column, Document, Facts, Form, Level, Part, Signature, Span, Table, Urgency, compose,
};

/// The PDF of a document, set in parts of about so many cells.
///
/// # Errors
/// As [`crate::pdf`].
pub fn pdf_in_parts(document: &Document, cells: usize) -> Result<Vec<u8>, crate::PrintError> {
    crate::pdf::in_parts(document, cells)
}

/// A table of so many rows and columns.
pub fn table(rows: usize, columns: usize) -> Table {
    let mut all = vec![Column::figures("TT", 5), Column::words("Cơ quan, đơn vị", 30)];
    all.extend((2..columns).map(|n| Column::figures(format!("Cột {n}"), 9)));
    let row = |n: usize| {
        let mut cells = vec![Span::plain(n.to_string()), Span::plain(format!("UBND xã Nghĩa Hưng số {n}"))];
        cells.extend((2..columns).map(|c| {
            Span::linked(format!("{}/{}", n * c, n * c + 7), format!("https://canh.example.vn/b/{n}/{c}"))
        }));
        cells
    };
    Table {
        caption: "Bảng kết quả".into(),
        columns: all,
        rows: (1..=rows).map(row).collect(),
        note: "Ghi chú: số liệu thử.".into(),
        dense: columns > 8,
    }
}

/// A report with a table of so many rows and an appendix that lies across.
pub fn facts(rows: usize) -> Facts {
    let spans = vec![
        Span::plain("Số máy đã xử lý: "),
        Span::linked("1.234", "https://canh.example.vn/board?duty=VFIX&state=met"),
        Span::plain("/1.300."),
    ];
    Facts {
        superior: Some("UBND tỉnh Sông Trà".into()),
        issuer: "Sở Khoa học và Công nghệ".into(),
        symbol: "BC-SKHCN".into(),
        place: "Sông Trà".into(),
        date: Some(date(2027, 2, 9)),
        form: Form::Titled {
            title: "Báo cáo".into(),
            subject: "Kết quả bảo đảm an ninh mạng dịp Tết Nguyên đán Đinh Mùi năm 2027".into(),
        },
        to: vec!["Ủy ban nhân dân tỉnh".into(), "Công an tỉnh".into()],
        parts: vec![
            Part::text("Thực hiện Văn bản số 112/CAT-PA05, Sở báo cáo như sau:"),
            Part::item(Level::Heading, "Công tác chỉ đạo"),
            Part::Item { level: Level::Point, spans },
            Part::item(Level::Point, "Lỗ hổng, điểm yếu; Ặẵẳằắ ợỡởờớ ựữửừứ ỹỷỳýỵ Đđ."),
            Part::Table(table(rows, 5)),
            Part::text("Trên đây là báo cáo của Sở."),
        ],
        copies: vec!["Như trên".into(), "Giám đốc, các Phó Giám đốc".into(), "Lưu: VT, CNTT".into()],
        signature: Signature {
            capacity: vec!["KT. Giám đốc".into(), "Phó Giám đốc".into()],
            name: "Nguyễn Thị Hường".into(),
        },
        appendices: vec![Attached {
            title: "Danh sách đơn vị".into(),
            parts: vec![Part::Table(table(rows.min(40), 8))],
            landscape: true,
        }],
        ..Facts::default()
    }
}

/// A letter that is urgent, to several, with so many paragraphs and nothing attached.
pub fn letter(paragraphs: usize) -> Facts {
    let words = "Đơn vị đã phân công cán bộ trực giám sát 24/7, rà soát lỗ hổng, điểm yếu trên các hệ thống thuộc \
                 phạm vi quản lý và khắc phục các lỗ hổng đã được cảnh báo.";
    Facts {
        superior: Some("Ủy ban nhân dân tỉnh Sông Trà".into()),
        issuer: "Sở Nông nghiệp và Môi trường".into(),
        symbol: "SNNMT-VP".into(),
        date: None,
        form: Form::Letter {
            subject: "báo cáo kết quả thực hiện bảo đảm an ninh mạng dịp Tết Nguyên đán Đinh Mùi 2027".into(),
        },
        urgency: Some(Urgency::AtOnce),
        parts: (0..paragraphs).map(|_| Part::text(words)).collect(),
        signature: Signature {
            capacity: vec!["Giám đốc".into()], name: "Phạm Thị Ngọc Hạnh".into()
        },
        appendices: vec![],
        ..facts(1)
    }
}

/// The same, laid out.
pub fn document(rows: usize) -> Document {
    compose(&facts(rows))
}
