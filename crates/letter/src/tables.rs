//! Numbered tables in the body: tasks with who and by when, or lists that order nothing.

use crate::items::{Mark, Paragraph};
use crate::lines::Line;
use crate::pattern::re;
use crate::text::Text;

/// What a row of a table of tasks says beside the task.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// Who does it.
    pub(crate) actor: Option<Text>,
    /// By when.
    pub(crate) due: Option<Text>,
}

/// What a numbered table in the body is.
#[derive(Debug)]
pub(crate) enum Table {
    Tasks(Columns),
    /// The same whose columns were lost: "1 Rà quét lần 1 Công an tỉnh 28/02/2026".
    Flat,
    /// Addresses, weaknesses, people: nothing is ordered.
    List,
}

/// Which column of a table of tasks says what.
#[derive(Debug)]
pub(crate) struct Columns {
    actor: Option<usize>,
    due: Option<usize>,
}

impl Table {
    /// Reads "TT | Việc phải làm | Đơn vị | Hạn".
    pub(crate) fn of(line: &Line) -> Option<Self> {
        let first = line.cells.first()?;
        if line.cells.len() == 1
            && re!(r"^(stt|tt) (noi dung|nhiem vu|cong viec|viec)[a-z ,]* (chu tri|don vi|co quan|thuc hien|phu trach)[a-z ,]* (hoan thanh|thoi gian|thoi han|han|tien do)[a-z ]*$")
                .is_match(first.folded())
        {
            return Some(Self::Flat);
        }
        if line.cells.len() < 3 || !re!(r"^(stt|tt|so tt)$").is_match(first.folded()) {
            return None;
        }
        let find = |pattern: &regex::Regex| {
            line.cells.iter().skip(1).position(|cell| pattern.is_match(cell.folded())).map(|at| at + 1)
        };
        let actor = find(re!(r"^(don vi|co quan|bo phan|chu tri|nguoi)|thuc hien$|chu tri|phu trach"));
        let due = find(re!(r"^(han|thoi (gian|han)|tien do|ngay)|hoan thanh$"));
        let people = find(re!(r"^(ho (va )?ten|(so )?dien thoai)")).is_some();
        let tasks = find(re!(r"^(noi dung|nhiem vu|cong viec|viec)")).is_some();
        let ordered = (actor.is_some() || due.is_some() || tasks) && !people;
        Some(if ordered { Self::Tasks(Columns { actor, due }) } else { Self::List })
    }

    /// One row below the heads as a paragraph.
    pub(crate) fn row(&self, line: &Line) -> Option<Paragraph> {
        match self {
            Self::Tasks(columns) => columns.row(line),
            Self::Flat => flat_row(&line.text),
            Self::List => {
                let numbered = line.cells.len() > 1
                    && line.cells.first().is_some_and(|c| re!(r"^[0-9]{1,3}[.)]?$").is_match(c.folded()));
                let called = !crate::phones::phones(&line.text).is_empty();
                (numbered && !called).then(|| Paragraph {
                    text: line.text.clone(),
                    mark: None,
                    row: None,
                    listed: true,
                })
            }
        }
    }
}

/// A row without its columns: the day stands last, the body before it begins with the last capital of a body's kind.
fn flat_row(text: &Text) -> Option<Paragraph> {
    let m = re!(r"^([0-9]{1,2})[.)]? ([a-z].{3,200}?) (?:(?:truoc )?ngay )?([0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{4})?)[.;]?$")
        .captures(text.folded())?;
    let (label, middle, due) = (m.get(1)?, m.get(2)?, m.get(3)?);
    let actor = re!(r"\b(?:cac )?(?:cong an|so|ubnd|uy ban|van phong|trung tam|phong|ban|vien thong|vnpt|viettel|mobifone|cuc|doanh nghiep|don vi|co quan) ?")
        .find_iter(middle.as_str())
        .map(|m| middle.start() + m.start())
        .filter(|at| *at > middle.start() + 3 && text.char_at(*at).is_some_and(char::is_uppercase))
        .last();
    let end = actor.unwrap_or(middle.end());
    Some(Paragraph {
        text: text.sub(middle.start()..end).trimmed(),
        mark: Some(Mark::number(label.as_str().to_owned())),
        row: Some(Row {
            actor: actor.map(|at| text.sub(at..middle.end()).trimmed()),
            due: Some(text.sub(due.range())),
        }),
        listed: false,
    })
}

impl Columns {
    /// A numbered row as a paragraph: the longest of its other cells is the task.
    fn row(&self, line: &Line) -> Option<Paragraph> {
        let number = line.cells.first()?;
        let label = re!(r"^([0-9]{1,2})[.)]?$").captures(number.folded())?.get(1)?.as_str().to_owned();
        let other = |at: &usize| self.actor != Some(*at) && self.due != Some(*at);
        let task =
            (1..line.cells.len()).filter(other).max_by_key(|at| line.cells.get(*at).map_or(0, Text::len))?;
        let cell = |at: Option<usize>| at.and_then(|at| line.cells.get(at)).cloned();
        Some(Paragraph {
            text: cell(Some(task))?,
            mark: Some(Mark::number(label)),
            row: Some(Row { actor: cell(self.actor), due: cell(self.due) }),
            listed: false,
        })
    }
}
