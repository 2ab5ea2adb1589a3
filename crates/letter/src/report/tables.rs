//! The tables of a report.

use domain::{
    board::{Cell, Row},
    evidence::State,
    order::QuestionKind,
    report::Section,
};

use super::{Made, NO_DATA};
use crate::model::{Column, Span, Table};

/// What a table is called where it is attached.
pub(super) fn title(name: &str) -> &'static str {
    match name {
        "duties" => "Kết quả theo nhiệm vụ",
        "bodies" => "Kết quả theo từng cơ quan, đơn vị",
        "open" => "Nhiệm vụ chưa đạt, chưa rõ hoặc đạt một phần",
        "difficulties" => "Khó khăn, vướng mắc và kiến nghị",
        "incidents" => "Sự cố an ninh mạng",
        "requests" => "Yêu cầu của cơ quan chức năng",
        "outages" => "Gián đoạn đường truyền",
        "quick" => "Chế độ báo cáo nhanh",
        "notices" => "Thông báo, tuyên truyền",
        "inspections" => "Kiểm tra đơn vị trực thuộc",
        "counts" => "Đối chiếu số lượng máy",
        _ => "",
    }
}

impl Made<'_> {
    /// A table by its name; `None` where there is nothing to show.
    pub(super) fn table(&self, name: &str) -> Option<Table> {
        match name {
            "duties" => Some(self.duties()),
            "bodies" => Some(self.bodies()),
            "open" => self.open(),
            "difficulties" => self.difficulties(),
            other => self.figures.sections.get(other).and_then(section),
        }
    }

    /// One row a duty: how many bodies stand how, machines handled of all.
    fn duties(&self) -> Table {
        let columns = vec![
            Column::figures("TT", 4),
            Column::words("Nhiệm vụ", 30),
            Column::figures("Số đơn vị", 9),
            Column::figures("Đạt", 8),
            Column::figures("Một phần", 8),
            Column::figures("Chưa đạt", 8),
            Column::figures("Chưa rõ", 8),
            Column::figures("Chưa đến hạn", 9),
            Column::figures("Đã xử lý/ tổng số máy", 16),
        ];
        let mut rows = Vec::new();
        for (n, code) in self.figures.board.codes.iter().enumerate() {
            let cells: Vec<Cell> =
                self.figures.board.rows.iter().filter_map(|r| r.cells.get(n).copied().flatten()).collect();
            let count = |state| cells.iter().filter(|c| c.state == state).count();
            let at = |count: usize, query: &str| self.number(count, &format!("?duty={code}{query}"));
            rows.push(vec![
                Span::plain((n + 1).to_string()),
                Span::plain(self.duty(code)),
                at(cells.len(), ""),
                at(count(State::Met), "&state=met"),
                at(count(State::Partly), "&state=partly"),
                at(count(State::NotMet), "&state=not-met"),
                at(count(State::Unknown), "&state=unknown"),
                at(count(State::NotYetDue), "&state=not-yet-due"),
                self.machines(code, &cells),
            ]);
        }
        Table { columns, rows, ..Table::default() }
    }

    fn machines(&self, code: &str, cells: &[Cell]) -> Span {
        let (handled, total) =
            cells.iter().fold((0_u64, 0_u64), |(h, t), c| (h + u64::from(c.handled), t + u64::from(c.total)));
        if !self.figures.counted.iter().any(|c| c == code) {
            return Span::plain("–");
        }
        if total == 0 {
            return Span::plain(NO_DATA);
        }
        let href = self.figures.board_at(&format!("?duty={code}"));
        self.linked(format!("{handled}/{total}"), &href)
    }

    fn number(&self, n: usize, query: &str) -> Span {
        self.linked(n.to_string(), &self.figures.board_at(query))
    }

    /// Bodies × duties.
    fn bodies(&self) -> Table {
        let board = &self.figures.board;
        let mut columns = vec![
            Column::figures("TT", 5),
            Column::words("Cơ quan, đơn vị", 26),
            Column::figures("Quán triệt", 8),
        ];
        columns.extend(board.codes.iter().map(|code| Column::figures(self.short(code), 9)));
        let mut rows: Vec<&Row> = board.rows.iter().collect();
        rows.sort_by(|a, b| a.sort_key.cmp(&b.sort_key));
        let rows = rows.iter().zip(1..).map(|(row, n)| {
            let mut line = vec![
                Span::plain(n.to_string()),
                self.linked(row.name.clone(), &self.figures.row_at(row)),
                Span::plain(if row.acknowledged { "Rồi" } else { "Chưa" }),
            ];
            let cells = row.cells.iter().zip(&board.codes);
            line.extend(cells.map(|(cell, code)| match cell {
                None => Span::plain("–"),
                // Where machines are counted the figures open; a word is explained by its row.
                Some(c) if c.total > 1 => {
                    self.linked(format!("{}/{}", c.handled, c.total), &self.figures.cell_at(row, code))
                }
                Some(c) => Span::plain(word(c.state)),
            }));
            line
        });
        let rows = rows.collect();
        let note =
            "Ghi chú: n/m là số máy (hoặc việc) đã xử lý trên tổng số; “–” là không giao nhiệm vụ này.";
        Table { columns, rows, note: note.to_owned(), dense: true, ..Table::default() }
    }

    /// What is open, body by body.
    fn open(&self) -> Option<Table> {
        let board = &self.figures.board;
        let mut rows = Vec::new();
        for row in &board.rows {
            for (cell, code) in row.cells.iter().zip(&board.codes) {
                let Some(cell) = cell.filter(Cell::is_open) else { continue };
                let count =
                    if cell.total > 1 { format!("{}/{}", cell.handled, cell.total) } else { "–".into() };
                rows.push((
                    cell.state.rank(),
                    row.sort_key.as_str(),
                    vec![
                        Span::default(),
                        self.linked(row.name.clone(), &self.figures.cell_at(row, code)),
                        Span::plain(self.duty(code)),
                        Span::plain(word(cell.state)),
                        Span::plain(count),
                        Span::plain(if cell.overdue { "Quá hạn" } else { "" }),
                    ],
                ));
            }
        }
        if rows.is_empty() {
            return None;
        }
        rows.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        let whole = rows.len();
        let rows = rows.into_iter().take(OPEN_MAX).zip(1..).map(|((_, _, mut row), n)| {
            if let Some(first) = row.first_mut() {
                *first = Span::plain(n.to_string());
            }
            row
        });
        let rows = rows.collect();
        let columns = vec![
            Column::figures("TT", 6),
            Column::words("Cơ quan, đơn vị", 30),
            Column::words("Nhiệm vụ", 30),
            Column::figures("Kết quả", 12),
            Column::figures("Đã xử lý/ tổng số", 12),
            Column::figures("Thời hạn", 10),
        ];
        let note = if whole > OPEN_MAX {
            format!("Ghi chú: bảng nêu {OPEN_MAX} trong tổng số {whole} lượt, xếp từ mức nặng nhất.")
        } else {
            String::new()
        };
        Some(Table { columns, rows, note, ..Table::default() })
    }

    /// Difficulties, then questions, in the bodies' own words.
    fn difficulties(&self) -> Option<Table> {
        let mut all: Vec<_> = self.figures.difficulties.iter().collect();
        if all.is_empty() {
            return None;
        }
        all.sort_by_key(|d| d.kind != QuestionKind::Difficulty);
        let rows = all.into_iter().zip(1..).map(|(d, n)| {
            let duty = d.code.as_deref().map_or_else(|| "Toàn bộ chỉ đạo".to_owned(), |c| self.duty(c));
            vec![
                Span::plain(n.to_string()),
                self.linked(d.body.clone(), &d.href),
                Span::plain(duty),
                Span::plain(d.text.clone()),
                Span::plain(d.answer.clone().unwrap_or_else(|| {
                    if d.said { "Nêu trong báo cáo nhanh" } else { "Chưa giải đáp" }.to_owned()
                })),
            ]
        });
        let columns = vec![
            Column::figures("TT", 6),
            Column::words("Cơ quan, đơn vị", 22),
            Column::words("Nhiệm vụ", 18),
            Column::words("Khó khăn, kiến nghị", 32),
            Column::words("Giải đáp", 22),
        ];
        Some(Table { columns, rows: rows.collect(), ..Table::default() })
    }

    fn duty(&self, code: &str) -> String {
        self.pack.duty(code).map_or_else(|| code.to_owned(), |d| d.vi.clone())
    }
    fn short(&self, code: &str) -> String {
        self.pack.duty(code).map_or_else(|| code.to_owned(), |d| d.short_vi.clone())
    }
}

/// A list of what is open longer than this nobody reads; the board has the rest.
const OPEN_MAX: usize = 300;

fn section(of: &Section) -> Option<Table> {
    if of.rows.is_empty() || of.columns.is_empty() {
        return None;
    }
    let width = |n: usize| if n == 0 { 30 } else { 14 };
    let columns: Vec<Column> = of
        .columns
        .iter()
        .enumerate()
        .map(|(n, title)| match n {
            0 => Column::words(title.clone(), width(n)),
            _ => Column::figures(title.clone(), width(n)),
        })
        .collect();
    let mut all = vec![Column::figures("TT", 6)];
    all.extend(columns);
    let rows = of.rows.iter().zip(1..).map(|(row, n)| {
        let mut line = vec![Span::plain(n.to_string())];
        line.extend((0..of.columns.len()).map(|at| Span::plain(row.get(at).cloned().unwrap_or_default())));
        line
    });
    Some(Table { columns: all, rows: rows.collect(), ..Table::default() })
}

/// A state as papers say it.
fn word(state: State) -> &'static str {
    match state {
        State::NotYetDue => "Chưa đến hạn",
        State::Met => "Đạt",
        State::Partly => "Một phần",
        State::NotMet => "Chưa đạt",
        State::Unknown => "Chưa rõ",
        State::NotApplicable => "Không thuộc đối tượng",
        State::Excused => "Được miễn",
    }
}
