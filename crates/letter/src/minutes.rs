//! The minutes of an inspection as a paper. Pure.

use jiff::civil::Date;

use crate::model::{Column, Document, Facts, Form, Level, Part, Signature, Span, Table, compose};

/// What stands in the minutes, in words.
#[derive(Debug, Clone, Default)]
pub struct Minutes {
    /// The body above the inspecting one, if there is one.
    pub superior: Option<String>,
    /// Who inspected.
    pub inspector: String,
    /// Who was inspected.
    pub body: String,
    /// The day it ended; `None` while it has not.
    pub day: Option<Date>,
    /// *08:30 ngày 21/11/2026*; empty where not known.
    pub from: String,
    /// The same of the end.
    pub to: String,
    /// The place the paper is dated at (*địa danh*); empty where no name tells it.
    pub seat: String,
    /// Where it was inspected.
    pub place: String,
    /// The team: name and position; the first leads.
    pub team: Vec<(String, String)>,
    /// Who received it.
    pub met_by: String,
    /// Headings with their items: text, basis, result, note.
    pub groups: Vec<(String, Vec<[String; 4]>)>,
    /// In order, not in order, not applicable.
    pub sums: [usize; 3],
    /// Findings: text, weight, due day.
    pub findings: Vec<[String; 3]>,
    /// What the inspected body says.
    pub opinion: String,
    /// What is concluded.
    pub conclusion: String,
    /// Photos: item, when taken, SHA-256.
    pub photos: Vec<[String; 3]>,
}

/// The minutes in the layout of official papers: both sides sign, the photos are listed behind.
pub fn minutes(m: &Minutes) -> Document {
    let [ok, bad, na] = m.sums;
    let mut parts = vec![Part::text(opening(m))];
    parts.push(Part::item(Level::Heading, "Thành phần"));
    parts.push(Part::item(Level::Point, "Đoàn kiểm tra:"));
    for (n, (name, position)) in m.team.iter().enumerate() {
        let role = if n == 0 { " - Trưởng đoàn" } else { "" };
        let position = if position.is_empty() { String::new() } else { format!(", {position}") };
        parts.push(Part::item(Level::Dash, format!("{name}{position}{role};")));
    }
    parts.push(Part::item(Level::Point, format!("Đại diện {}: {}.", m.body, blank(&m.met_by))));
    parts.push(Part::item(Level::Heading, "Kết quả kiểm tra"));
    parts.push(Part::text(format!(
        "Đoàn đã kiểm tra {} nội dung: đạt {ok}, chưa đạt {bad}, không áp dụng {na}.",
        ok + bad + na
    )));
    parts.push(Part::Table(results(m)));
    parts.push(Part::item(Level::Heading, "Nội dung phải khắc phục"));
    parts.push(if m.findings.is_empty() { Part::text("Không có.") } else { Part::Table(findings(m)) });
    for (heading, words) in
        [("Ý kiến của đơn vị được kiểm tra", &m.opinion), ("Nhận xét, kết luận", &m.conclusion)]
    {
        parts.push(Part::item(Level::Heading, heading));
        parts.push(Part::text(blank(words)));
    }
    parts.push(Part::text(
        "Biên bản được lập thành hai bản, mỗi bên giữ một bản, đã đọc cho các thành phần cùng nghe và thống nhất",
    ));
    let photos = (!m.photos.is_empty()).then(|| crate::model::Attached {
        title: "Danh mục ảnh".into(),
        parts: vec![Part::Table(photos(m))],
        landscape: false,
    });
    compose(&Facts {
        superior: m.superior.clone(),
        issuer: m.inspector.clone(),
        symbol: "BB".into(),
        date: m.day,
        place: m.seat.clone(),
        form: Form::Titled {
            title: "Biên bản".into(),
            subject: format!("Kiểm tra công tác bảo đảm an ninh mạng tại {}", m.body),
        },
        parts,
        copies: vec![m.body.clone(), "Lưu: VT, hồ sơ kiểm tra".into()],
        cosigned: signs(m),
        signature: Signature {
            capacity: vec!["Trưởng đoàn kiểm tra".into()],
            name: m.team.first().map(|(name, _)| name.clone()).unwrap_or_default(),
        },
        appendices: photos.into_iter().collect(),
        ..Facts::default()
    })
}

fn opening(m: &Minutes) -> String {
    let mut text = String::from("Thời gian:");
    match (m.from.is_empty(), m.to.is_empty()) {
        (false, false) => text.push_str(&format!(" từ {} đến {}", m.from, m.to)),
        (false, true) => text.push_str(&format!(" từ {}", m.from)),
        _ => text.push_str(" …………"),
    }
    text.push_str(&format!(". Địa điểm: {}.", blank(&m.place)));
    text
}

/// What nobody wrote is left to be filled in by hand.
fn blank(words: &str) -> String {
    if words.trim().is_empty() { "……………………………".to_owned() } else { words.to_owned() }
}

fn results(m: &Minutes) -> Table {
    let mut rows = Vec::new();
    let mut n = 0;
    for (group, items) in &m.groups {
        rows.push(vec![Span { bold: true, ..Span::plain(group.clone()) }]);
        for [text, basis, result, note] in items {
            n += 1;
            let text = if basis.is_empty() { text.clone() } else { format!("{text} ({basis})") };
            rows.push([n.to_string(), text, result.clone(), note.clone()].map(Span::plain).to_vec());
        }
    }
    Table {
        columns: vec![
            Column::figures("STT", 6),
            Column::words("Nội dung kiểm tra", 52),
            Column::figures("Kết quả", 14),
            Column::words("Ghi chú", 28),
        ],
        rows,
        dense: true,
        ..Table::default()
    }
}

fn findings(m: &Minutes) -> Table {
    Table {
        columns: vec![
            Column::figures("STT", 6),
            Column::words("Nội dung phải khắc phục", 58),
            Column::figures("Mức độ", 16),
            Column::figures("Hạn", 20),
        ],
        rows: numbered(&m.findings),
        ..Table::default()
    }
}

fn photos(m: &Minutes) -> Table {
    Table {
        columns: vec![
            Column::figures("STT", 6),
            Column::words("Nội dung kiểm tra", 36),
            Column::figures("Chụp lúc", 16),
            Column::words("Mã băm SHA-256", 42),
        ],
        rows: m
            .photos
            .iter()
            .zip(1..)
            .map(|([item, at, hash], n)| row(n, [item.as_str(), at, &grouped(hash)]))
            .collect(),
        dense: true,
        ..Table::default()
    }
}

fn numbered(rows: &[[String; 3]]) -> Vec<Vec<Span>> {
    rows.iter().zip(1..).map(|(row, n)| self::row(n, row.each_ref().map(String::as_str))).collect()
}

fn row(n: u32, [a, b, c]: [&str; 3]) -> Vec<Span> {
    [n.to_string().as_str(), a, b, c].map(Span::plain).to_vec()
}

/// Characters of a hash between blanks.
const GROUP: usize = 16;

/// A hash in groups, so that it breaks between them and is compared by eye.
fn grouped(hash: &str) -> String {
    let letters: Vec<char> = hash.chars().collect();
    letters.chunks(GROUP).map(|group| group.iter().collect()).collect::<Vec<String>>().join(" ")
}

/// Who signs besides the leader of the team, who signs as papers are signed: the inspected body, then the others of the
/// team, each with room of their own.
fn signs(m: &Minutes) -> Vec<Signature> {
    let person = m.met_by.split(',').next().unwrap_or_default().trim().to_owned();
    let body = Signature {
        capacity: vec!["Đại diện".into(), "đơn vị được kiểm tra".into()], name: person
    };
    let member = |(name, _): &(String, String)| Signature {
        capacity: vec!["Thành viên đoàn kiểm tra".into()],
        name: name.clone(),
    };
    std::iter::once(body).chain(m.team.iter().skip(1).map(member)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Block;

    #[test]
    fn both_sides_sign_photos_are_listed_and_nothing_unsaid_is_made_up() {
        let m = Minutes {
            inspector: "Công an tỉnh Sông Trà".into(),
            body: "UBND xã Đông Hòa".into(),
            day: Some(jiff::civil::date(2026, 11, 5)),
            seat: "Sông Trà".into(),
            from: "08:30 ngày 05/11/2026".into(),
            to: "11:00 ngày 05/11/2026".into(),
            team: vec![("Trần Văn A".into(), "Đội trưởng".into()), ("Lê Thị B".into(), String::new())],
            groups: vec![(
                "Tài khoản".into(),
                vec![["Không dùng chung".into(), String::new(), "Đạt".into(), String::new()]],
            )],
            met_by: "Nguyễn Văn C, Phó Chủ tịch".into(),
            sums: [1, 0, 0],
            photos: vec![["Không dùng chung".into(), "05/11/2026 09:00".into(), "ab".repeat(32)]],
            ..Minutes::default()
        };
        let paper = minutes(&m);
        assert_eq!((paper.title.as_str(), paper.signer.as_str()), ("BIÊN BẢN", "Trần Văn A"));
        assert!(paper.dated.contains("Sông Trà, ngày 05 tháng 11 năm 2026"), "{}", paper.dated);
        let text: String = paper
            .blocks
            .iter()
            .filter_map(|b| if let Block::Text { spans, .. } = b { Some(spans) } else { None })
            .flatten()
            .map(|s| s.text.as_str())
            .collect();
        assert!(text.contains("Địa điểm: ……") && text.contains("Không có."), "{text}");
        let tables: Vec<_> = paper
            .blocks
            .iter()
            .filter_map(|b| if let Block::Table(t) = b { Some(t) } else { None })
            .collect();
        let [results] = tables[..] else { panic!("{tables:?}") };
        assert_eq!(results.rows.iter().map(Vec::len).collect::<Vec<_>>(), [1, 4], "a heading, an item");
        let signs: Vec<_> = paper.cosigned.iter().map(|s| (s.capacity.join(" "), s.name.as_str())).collect();
        assert_eq!(
            signs,
            [
                ("ĐẠI DIỆN ĐƠN VỊ ĐƯỢC KIỂM TRA".into(), "Nguyễn Văn C"),
                ("THÀNH VIÊN ĐOÀN KIỂM TRA".to_owned(), "Lê Thị B")
            ]
        );
        assert!(text.ends_with("thống nhất./."), "{text}");
        assert_eq!(paper.appendices.len(), 1);
    }
}
