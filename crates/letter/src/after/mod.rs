//! What remains of a campaign when it is over, as a paper: what was met when, what stayed open, what was learnt. Pure.

mod parts;

use jiff::civil::Date;

use crate::{
    model::{Attached, Column, Document, Facts, Form, Level, Part, Signature, Span, Table, compose},
    report::NO_DATA,
};

/// Open tasks in the appendix; the table file has the rest.
const OPEN_MAX: usize = 300;

/// Gaps, bodies with holes and lines that the paper lists, each the worst first; the page and the API have the rest.
pub const GAPS_MAX: usize = 20;

/// What the paper says, in words and figures of one moment.
#[derive(Debug, Clone, Default)]
pub struct After {
    /// The body above the issuer, if its head names one.
    pub superior: Option<String>,
    /// Whose campaign it is.
    pub issuer: String,
    /// The symbol, without the number.
    pub symbol: String,
    /// Where it is issued.
    pub place: String,
    /// To whom.
    pub to: Vec<String>,
    /// Lines of *Nơi nhận*.
    pub copies: Vec<String>,
    /// Lines of capacity.
    pub capacity: Vec<String>,
    /// Who signs.
    pub signer: String,
    /// The campaign.
    pub campaign: String,
    /// Its window, first and last day; `None` where it has none.
    pub window: Option<(Date, Date)>,
    /// Whether it is over; else the figures are of `at`.
    pub over: bool,
    /// The moment of the figures: *08:30 ngày 21/11/2026*.
    pub at: String,
    /// Where the page of it opens.
    pub href: String,
    /// All tasks together.
    pub whole: Sum,
    /// By duty.
    pub duties: Vec<(String, Sum)>,
    /// Bodies by how they did: first and last.
    pub first: Vec<(String, Sum)>,
    /// See `first`.
    pub last: Vec<(String, Sum)>,
    /// The watch; `None` where no roster is known.
    pub watch: Option<Watch>,
    /// Quick reports; `None` where none were asked for.
    pub rounds: Option<Rounds>,
    /// Lines; `None` where none is known.
    pub lines: Option<Lines>,
    /// Holes that were open at the end; `None` where no machine is known.
    pub holes: Option<Holes>,
    /// Open tasks: body, duty, state, due.
    pub open: Vec<[String; 4]>,
    /// Lessons: what was learnt, and what it changes (may be empty).
    pub lessons: Vec<(String, String)>,
}

/// Figures over some tasks; times in words, empty where nobody was in time to have one.
#[derive(Debug, Clone, Default)]
pub struct Sum {
    /// Tasks that count.
    pub all: u32,
    /// Of these, met.
    pub met: u32,
    /// Of these, by the due time.
    pub in_time: u32,
    /// Of all, open.
    pub open: u32,
    /// The middle of the times from receiving to met.
    pub median: String,
    /// The shortest, and whose.
    pub fastest: String,
    /// The longest, and whose.
    pub slowest: String,
}

/// The watch of the window, times in words.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// Watched, unknown, uncovered, all.
    pub whole: [String; 4],
    /// Bodies without a roster.
    pub without: String,
    /// Bodies with gaps: name, watched, unknown, uncovered, all.
    pub bodies: Vec<[String; 5]>,
    /// Gaps: body, post, from, to, how long, what was amiss; at most [`GAPS_MAX`].
    pub gaps: Vec<[String; 6]>,
    /// How many there were.
    pub all: usize,
}

/// Holes that were open at a moment.
#[derive(Debug, Clone, Default)]
pub struct Holes {
    /// When.
    pub at: String,
    /// Machines that are known.
    pub hosts: u64,
    /// Bodies of which machines are known.
    pub known: u64,
    /// Flaws on machines, neither mended nor worked around.
    pub open: u64,
    /// Of these, high or critical.
    pub grave: u64,
    /// Of these, known to be exploited.
    pub exploited: u64,
    /// Of these, mended since.
    pub mended: u64,
    /// By body: open, machines, high or critical, mended since.
    pub bodies: Vec<(String, [u64; 4])>,
}

/// Quick reports of the window.
#[derive(Debug, Clone, Default)]
pub struct Rounds {
    /// Expected until then.
    pub expected: u32,
    /// Given in time.
    pub in_time: u32,
    /// Given late.
    pub late: usize,
    /// Never given.
    pub missing: usize,
    /// Who missed most: name and how often.
    pub bodies: Vec<(String, u32)>,
}

/// Lines in the window.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    /// Lines, outages, time of outage, time nobody knows of.
    pub whole: [String; 4],
    /// The same by provider, its name first.
    pub providers: Vec<[String; 5]>,
    /// Lines with outages or unknown time: name, body, provider, outages, time of outage, time unknown.
    pub lines: Vec<[String; 6]>,
}

/// The paper; undated and without a number, both are the clerk's.
pub fn after(a: &After) -> Document {
    let mut parts = vec![Part::text(opening(a)), Part::item(Level::Heading, "Kết quả thực hiện"), whole(a)];
    if !a.duties.is_empty() {
        parts.push(Part::Table(duties(&a.duties)));
    }
    if !a.first.is_empty() {
        parts.push(Part::item(Level::Heading, "Cơ quan, đơn vị"));
        parts.push(Part::item(Level::Point, "Hoàn thành tốt nhất:"));
        parts.push(Part::Table(bodies(&a.first)));
        if !a.last.is_empty() {
            parts.push(Part::item(Level::Point, "Hoàn thành chậm nhất:"));
            parts.push(Part::Table(bodies(&a.last)));
        }
    }
    parts.push(Part::item(Level::Heading, "Trực giám sát"));
    parts.extend(parts::watch(a.watch.as_ref()));
    parts.push(Part::item(Level::Heading, "Chế độ báo cáo nhanh"));
    parts.extend(rounds(a.rounds.as_ref()));
    parts.push(Part::item(Level::Heading, "Đường truyền"));
    parts.extend(parts::lines(a.lines.as_ref()));
    parts.push(Part::item(Level::Heading, "Lỗ hổng, điểm yếu còn tồn tại"));
    parts.extend(parts::holes(a.holes.as_ref(), a.over));
    parts.push(Part::item(Level::Heading, "Nhiệm vụ còn bỏ ngỏ"));
    parts.push(Part::text(match a.open.len() {
        0 => "Không còn nhiệm vụ nào bỏ ngỏ.".to_owned(),
        n => format!("Còn {n} lượt nhiệm vụ bỏ ngỏ, nêu tại Phụ lục kèm theo."),
    }));
    parts.push(Part::item(Level::Heading, "Bài học rút ra và đề xuất cho lần sau"));
    if a.lessons.is_empty() {
        parts.push(Part::text("Chưa ghi nhận bài học nào."));
    }
    parts.extend(a.lessons.iter().map(|(text, change)| {
        let change = if change.is_empty() { String::new() } else { format!(" (Đề xuất: {change}.)") };
        Part::item(Level::Point, format!("{}{change}", sentence(text)))
    }));
    parts.push(Part::text(format!("Trên đây là báo cáo tổng kết của {}", a.issuer)));
    compose(&Facts {
        superior: a.superior.clone(),
        issuer: a.issuer.clone(),
        symbol: a.symbol.clone(),
        place: a.place.clone(),
        form: Form::Titled {
            title: "Báo cáo".into(),
            subject: format!("Tổng kết việc thực hiện {}", lower(&a.campaign)),
        },
        to: a.to.clone(),
        parts,
        copies: a.copies.clone(),
        signature: Signature { capacity: a.capacity.clone(), name: a.signer.clone() },
        appendices: open(a).into_iter().collect(),
        ..Facts::default()
    })
}

fn opening(a: &After) -> String {
    let window = a.window.map_or_else(String::new, |(from, to)| {
        format!(", từ ngày {} đến ngày {}", from.strftime("%d/%m/%Y"), to.strftime("%d/%m/%Y"))
    });
    let state = if a.over { "" } else { " Đợt chưa kết thúc." };
    format!(
        "{} tổng kết việc thực hiện {}{window}.{state} Số liệu tính đến {}; thời gian thực hiện tính từ khi đơn vị nhận \
         được văn bản.",
        a.issuer,
        lower(&a.campaign),
        a.at
    )
}

fn whole(a: &After) -> Part {
    let s = &a.whole;
    if s.all == 0 {
        return Part::text(format!("Số lượt nhiệm vụ: {NO_DATA}."));
    }
    let middle = if s.median.is_empty() { NO_DATA } else { &s.median };
    let spans = vec![
        Span::plain("Trong "),
        Span::linked(s.all.to_string(), &a.href),
        Span::plain(format!(
            " lượt nhiệm vụ đã giao, đạt {} lượt, trong đó đúng hạn {} lượt, sau hạn {} lượt; còn bỏ ngỏ {} lượt. Thời gian \
             thực hiện trung vị: {middle}.",
            s.met,
            s.in_time,
            s.met.saturating_sub(s.in_time),
            s.open
        )),
    ];
    Part::Text { spans }
}

fn duties(all: &[(String, Sum)]) -> Table {
    Table {
        columns: vec![
            Column::figures("TT", 5),
            Column::words("Nhiệm vụ", 26),
            Column::figures("Đạt", 9),
            Column::figures("Đúng hạn", 9),
            Column::figures("Bỏ ngỏ", 9),
            Column::figures("Trung vị", 12),
            Column::words("Nhanh nhất", 20),
            Column::words("Chậm nhất", 20),
        ],
        rows: all
            .iter()
            .zip(1..)
            .map(|((name, s), n)| {
                let mut row = figures(n, name, s);
                row.extend([&s.fastest, &s.slowest].map(|who| Span::plain(who.as_str())));
                row
            })
            .collect(),
        dense: true,
        ..Table::default()
    }
}

fn bodies(all: &[(String, Sum)]) -> Table {
    Table {
        columns: vec![
            Column::figures("TT", 6),
            Column::words("Cơ quan, đơn vị", 44),
            Column::figures("Đạt", 12),
            Column::figures("Đúng hạn", 12),
            Column::figures("Bỏ ngỏ", 12),
            Column::figures("Trung vị", 18),
        ],
        rows: all.iter().zip(1..).map(|((name, s), n)| figures(n, name, s)).collect(),
        ..Table::default()
    }
}

fn figures(n: usize, name: &str, s: &Sum) -> Vec<Span> {
    let median = if s.median.is_empty() { "–" } else { &s.median };
    [
        n.to_string(),
        name.to_owned(),
        format!("{}/{}", s.met, s.all),
        s.in_time.to_string(),
        s.open.to_string(),
    ]
    .into_iter()
    .chain([median.to_owned()])
    .map(Span::plain)
    .collect()
}

fn rounds(of: Option<&Rounds>) -> Vec<Part> {
    let Some(r) = of else {
        return vec![Part::text("Đợt này không yêu cầu báo cáo nhanh nên không biết lúc nào có người trực.")];
    };
    let mut parts = vec![Part::text(format!(
        "Phải gửi {} báo cáo: đúng giờ {}, gửi muộn {}, không gửi {}.",
        r.expected, r.in_time, r.late, r.missing
    ))];
    parts.extend(
        r.bodies.iter().map(|(body, n)| Part::item(Level::Dash, format!("{body}: không gửi {n} lần."))),
    );
    parts
}

fn open(a: &After) -> Option<Attached> {
    if a.open.is_empty() {
        return None;
    }
    let rows = a.open.iter().take(OPEN_MAX).zip(1..).map(|([body, duty, state, due], n)| {
        [n.to_string(), body.clone(), duty.clone(), state.clone(), due.clone()].map(Span::plain).to_vec()
    });
    let note = if a.open.len() > OPEN_MAX {
        format!("Ghi chú: bảng nêu {OPEN_MAX} trong tổng số {} lượt.", a.open.len())
    } else {
        String::new()
    };
    let table = Table {
        columns: vec![
            Column::figures("TT", 6),
            Column::words("Cơ quan, đơn vị", 32),
            Column::words("Nhiệm vụ", 32),
            Column::figures("Kết quả", 14),
            Column::figures("Thời hạn", 16),
        ],
        rows: rows.collect(),
        note,
        ..Table::default()
    };
    Some(Attached {
        title: "Nhiệm vụ còn bỏ ngỏ".into(), parts: vec![Part::Table(table)], landscape: false
    })
}

/// Ends with a full stop, as whoever wrote it may have left out.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?', '…']) { text.to_owned() } else { format!("{text}.") }
}

/// A campaign's name within a sentence: its first letter small, unless the word is one of capitals.
fn lower(name: &str) -> String {
    let mut letters = name.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(name.chars().skip(1)).collect()
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests;
