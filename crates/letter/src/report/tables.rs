//! The tables of a report.

use domain::{
    board::{Cell, Row},
    evidence::State,
    order::QuestionKind,
    report::Section,
};

use super::{LANDSCAPE_FROM, Made, NO_DATA};
use crate::model::{Column, Span, Table, grouped};

/// What a table is called where it is attached.
pub(super) fn title(name: &str) -> &'static str {
    match name {
        "duties" => "Kết quả theo nhiệm vụ",
        "bodies" => "Kết quả theo từng cơ quan, đơn vị",
        "below" => "Kết quả tại các đơn vị trực thuộc được chuyển tiếp chỉ đạo",
        "open" => "Nhiệm vụ chưa đạt, chưa rõ hoặc đạt một phần",
        "difficulties" => "Khó khăn, vướng mắc và kiến nghị",
        "incidents" => "Sự cố an ninh mạng",
        "requests" => "Yêu cầu của cơ quan chức năng",
        "providers" => "Tình hình đường truyền theo nhà cung cấp",
        "lines" => "Đường truyền bị gián đoạn hoặc chưa rõ tình trạng",
        "outages" => "Các lần gián đoạn đường truyền",
        "quick" => "Chế độ báo cáo nhanh",
        "notices" => "Thông báo, tuyên truyền",
        "inspections" => "Kiểm tra đơn vị trực thuộc",
        "counts" => "Đối chiếu số lượng máy",
        "machines" => "Kết quả rà soát, xử lý trên từng máy",
        _ => "",
    }
}

impl Made<'_> {
    /// The tables of a name: none where there is nothing to show, more where the duties do not fit side by side.
    pub(super) fn tables(&self, name: &str) -> Vec<Table> {
        let one = match name {
            "duties" if self.figures.assignment.is_some() => Some(self.own()),
            "duties" => Some(self.duties()),
            "bodies" => return self.bodies(),
            "below" => return self.below(),
            "open" => self.open(),
            "difficulties" => self.difficulties(),
            other => self.figures.sections.get(other).and_then(|of| self.section(of)),
        };
        one.into_iter().collect()
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

    /// One row a duty of the one body that answers: how it stands.
    fn own(&self) -> Table {
        let columns = vec![
            Column::figures("TT", 5),
            Column::words("Nhiệm vụ", 45),
            Column::figures("Kết quả", 18),
            Column::figures("Đã xử lý/ tổng số", 18),
            Column::figures("Ghi chú", 14),
        ];
        let board = &self.figures.board;
        let cells = board.rows.first().into_iter().flat_map(|row| row.cells.iter().zip(&board.codes));
        let cells = cells.filter_map(|(cell, code)| cell.map(|c| (c, code)));
        let rows = cells.zip(1..).map(|((cell, code), n)| {
            vec![
                Span::plain(n.to_string()),
                Span::plain(self.duty(code)),
                Span::plain(word(cell.state)),
                if cell.total > 1 {
                    self.linked(share(code, cell), &self.figures.board_at(""))
                } else {
                    Span::plain("–")
                },
                Span::plain(if cell.overdue { "Quá hạn" } else { "" }),
            ]
        });
        Table { rows: rows.collect(), columns, ..Table::default() }
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
        self.linked(format!("{}/{}", grouped(handled), grouped(total)), &href)
    }

    fn number(&self, n: usize, query: &str) -> Span {
        self.linked(n.to_string(), &self.figures.board_at(query))
    }

    /// Bodies × duties.
    fn bodies(&self) -> Vec<Table> {
        let board = &self.figures.board;
        let mut rows: Vec<&Row> = board.rows.iter().collect();
        rows.sort_by(|a, b| a.sort_key.cmp(&b.sort_key));
        let lines = rows.into_iter().map(|row| Line {
            row,
            by: None,
            row_at: self.figures.row_at(row),
            cells: row
                .cells
                .iter()
                .zip(&board.codes)
                .map(|(cell, code)| cell.map(|c| (c, self.figures.cell_at(row, code))))
                .collect(),
        });
        self.grid(&board.codes, &lines.collect::<Vec<_>>())
    }

    /// The same for those below, each with who passed the order on to it.
    fn below(&self) -> Vec<Table> {
        let mut codes: Vec<String> = Vec::new();
        for code in self.figures.below.iter().flat_map(|b| &b.board.codes) {
            if !codes.contains(code) {
                codes.push(code.clone());
            }
        }
        // As on the board above, then what only those below were given.
        let rank =
            |code: &String| self.figures.board.codes.iter().position(|c| c == code).unwrap_or(usize::MAX);
        codes.sort_by_key(rank);
        let mut lines = Vec::new();
        for below in &self.figures.below {
            let mut rows: Vec<&Row> = below.board.rows.iter().collect();
            rows.sort_by(|a, b| a.sort_key.cmp(&b.sort_key));
            lines.extend(rows.into_iter().map(|row| {
                let at = format!("/campaigns/{}/b/{}", below.campaign, row.number);
                let cell = |code: &String| {
                    let n = below.board.codes.iter().position(|c| c == code)?;
                    let cell = row.cells.get(n).copied().flatten()?;
                    Some((cell, format!("{at}/{code}")))
                };
                Line { row, by: Some(&below.by), cells: codes.iter().map(cell).collect(), row_at: at }
            }));
        }
        if lines.is_empty() {
            return Vec::new();
        }
        self.grid(&codes, &lines)
    }

    /// Lines × duties, in as many tables as the page is wide.
    fn grid(&self, codes: &[String], lines: &[Line<'_>]) -> Vec<Table> {
        let parts = codes.len().div_ceil(CODES_MAX).max(1);
        let most = codes.len().div_ceil(parts).max(1);
        let mut out = Vec::with_capacity(parts);
        for part in 0..parts {
            let (from, to) = (part * most, ((part + 1) * most).min(codes.len()));
            let shown = codes.get(from..to).unwrap_or_default();
            let mut columns = vec![Column::figures("TT", 5), Column::words("Cơ quan, đơn vị", 30)];
            if lines.iter().any(|l| l.by.is_some()) {
                columns.push(Column::words("Trực thuộc", 20));
            }
            columns.push(Column::figures("Quán triệt", 8));
            columns.extend(shown.iter().map(|code| Column::figures(self.short(code), 9)));
            let rows = lines.iter().zip(1..).map(|(line, n)| {
                let mut cells =
                    vec![Span::plain(n.to_string()), self.linked(line.row.name.clone(), &line.row_at)];
                cells.extend(line.by.map(Span::plain));
                cells.push(Span::plain(if line.row.acknowledged { "Rồi" } else { "Chưa" }));
                let own = line.cells.get(from..to).unwrap_or_default();
                cells.extend(own.iter().zip(shown).map(|(c, code)| self.cell(code, c.as_ref())));
                cells
            });
            let rows = rows.collect();
            let caption = if parts > 1 { format!("Bảng {}/{parts}", part + 1) } else { String::new() };
            let note = if part + 1 == parts { NOTE.to_owned() } else { String::new() };
            out.push(Table { caption, columns, rows, note, dense: true });
        }
        out
    }

    fn cell(&self, code: &str, cell: Option<&(Cell, String)>) -> Span {
        match cell {
            None => Span::plain("–"),
            Some((c, at)) if c.total > 1 => self.linked(share(code, *c), at),
            // A word is explained by its row; thousands of links would only swell the file.
            Some((c, _)) if c.state == State::NotApplicable => Span::plain(APART),
            Some((c, _)) => Span::plain(word(c.state)),
        }
    }

    /// What is open, body by body.
    fn open(&self) -> Option<Table> {
        let board = &self.figures.board;
        let mut rows = Vec::new();
        for row in &board.rows {
            for (cell, code) in row.cells.iter().zip(&board.codes) {
                let Some(cell) = cell.filter(Cell::is_open) else { continue };
                let count = if cell.total > 1 { share(code, cell) } else { "–".into() };
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
            Column::figures("Ghi chú", 10),
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

    /// What another room lists.
    fn section(&self, of: &Section) -> Option<Table> {
        if of.rows.is_empty() || of.columns.is_empty() {
            return None;
        }
        // A column of short things stands in the middle, one of words at its beginning; the longer the words, the wider.
        let column = |(at, title): (usize, &String)| {
            let cells = || of.rows.iter().filter_map(|row| row.get(at)).map(|c| c.chars().count());
            let (most, all) = (cells().max().unwrap_or(0), cells().sum::<usize>());
            let usual = u16::try_from(all / of.rows.len().max(1)).unwrap_or(u16::MAX);
            let width = usual.clamp(SECTION_WIDTH.0, SECTION_WIDTH.1);
            if at > 0 && most <= SHORT {
                Column::figures(title.clone(), width)
            } else {
                Column::words(title.clone(), width)
            }
        };
        let mut columns = vec![Column::figures("TT", 4)];
        columns.extend(of.columns.iter().enumerate().map(column));
        let rows = of.rows.iter().zip(1..).map(|(row, n)| {
            let mut line = vec![Span::plain(n.to_string())];
            line.extend(
                (0..of.columns.len()).map(|at| Span::plain(row.get(at).cloned().unwrap_or_default())),
            );
            if let (Some(first), Some(href)) =
                (line.get_mut(1), of.opens.get(n - 1).filter(|h| !h.is_empty()))
            {
                *first = self.linked(std::mem::take(&mut first.text), href);
            }
            line
        });
        let dense = columns.len() > LANDSCAPE_FROM;
        Some(Table { rows: rows.collect(), columns, dense, ..Table::default() })
    }

    fn duty(&self, code: &str) -> String {
        self.pack.duty(code).map_or_else(|| code.to_owned(), |d| d.vi.clone())
    }
    fn short(&self, code: &str) -> String {
        self.pack.duty(code).map_or_else(|| code.to_owned(), |d| d.short_vi.clone())
    }
}

/// A line of the grid of bodies and duties.
struct Line<'a> {
    row: &'a Row,
    by: Option<&'a str>,
    row_at: String,
    cells: Vec<Option<(Cell, String)>>,
}

/// Duties whose cells count minutes: a paper tells hours.
const TIMED: [&str; 2] = ["DUTY", "ISPD"];

/// Handled of all.
pub(super) fn share(code: &str, cell: Cell) -> String {
    let (handled, total) = (u64::from(cell.handled), u64::from(cell.total));
    if TIMED.contains(&code) && total >= 60 {
        return format!("{}/{} giờ", grouped(handled / 60), grouped(total / 60));
    }
    format!("{}/{}", grouped(handled), grouped(total))
}

/// So many duties fit beside each other on a page that lies.
const CODES_MAX: usize = 14;
/// *Không thuộc đối tượng*, where there is no room for it.
const APART: &str = "KT";
/// What stands below the grid.
const NOTE: &str = "Ghi chú: n/m là số máy (hoặc việc, giờ) đã xử lý trên tổng số; “–” là không giao nhiệm vụ này; “KT” là không thuộc đối tượng.";

/// A list of what is open longer than this nobody reads; the board has the rest.
const OPEN_MAX: usize = 300;

/// Cells of at most so many letters are figures and signs.
const SHORT: usize = 16;
/// The least and the most weight of a section's column.
const SECTION_WIDTH: (u16, u16) = (8, 40);

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
