//! From a confirmed reading to the draft of a campaign. A person looks at every part of it before it is issued.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Contact, Paper, due, paper::Days};
use crate::{legal::Pack, right::names, system::SystemScope, time::Window};

/// Where the draft's window comes from; screens say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WindowFrom {
    /// The paper gives the days.
    Paper,
    /// Days off as announced.
    Announced,
    /// Days off by rule, not (yet) announced.
    Rule,
}

/// A proposed window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftWindow {
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
    /// On what it rests.
    pub from: WindowFrom,
}

impl DraftWindow {
    /// As instants.
    pub fn window(&self) -> Window {
        Window::days(self.first, self.last)
    }
}

/// What a line of the draft is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineRole {
    /// A line of *Kính gửi*: those it means receive every duty without an actor.
    To,
    /// An actor: those it means receive the duties meant for it.
    Actor,
}
names!(LineRole { To = "to", Actor = "actor" } "role of a line");

/// A line to be resolved to bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftLine {
    /// What it is.
    pub role: LineRole,
    /// As written.
    pub line: String,
}

/// One duty of the draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftDuty {
    /// Code.
    pub code: String,
    /// The item's numbering; empty for standing duties.
    pub path: String,
    /// The words that order it; empty for standing duties.
    pub quote: String,
    /// For whom, when not for all.
    pub actor: Option<String>,
    /// The date the paper sets; `None` = by the catalogue's rule when issued.
    pub due: Option<Timestamp>,
    /// Proposed by Canh, not ordered by the paper.
    pub standing: bool,
}

/// A draft of a campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// The first occasion of the paper.
    pub occasion: Option<String>,
    /// The window, if anything tells it.
    pub window: Option<DraftWindow>,
    /// Which systems.
    pub scope: SystemScope,
    /// Duties, in the paper's order, standing ones last.
    pub duties: Vec<DraftDuty>,
    /// Lines to resolve.
    pub lines: Vec<DraftLine>,
    /// Whom to ask; shown on every assignment.
    pub contacts: Vec<Contact>,
}

/// Duties that every campaign carries unless a person takes them out: the head acknowledges, a contact is named, the
/// order is passed on (given only to bodies that have bodies below them).
const STANDING: [&str; 3] = ["LEAD", "CONT", "CASC"];

/// Drafts a campaign. Nothing is guessed: an occasion the table does not know has no window.
pub fn draft(paper: &Paper, pack: &Pack) -> Draft {
    let mut duties: Vec<DraftDuty> = Vec::new();
    for item in &paper.duties {
        for code in &item.codes {
            if pack.duty(code).is_some_and(|term| !term.owed) {
                continue;
            }
            let quote = paper.item(&item.path).unwrap_or_default().to_owned();
            let set = paper.deadlines.iter().find(|d| d.path == item.path);
            duties.push(DraftDuty {
                code: code.clone(),
                path: item.path.clone(),
                due: set.and_then(|d| due::moment(&d.date, due::says_before(&quote))),
                quote,
                actor: item.actor.clone(),
                standing: false,
            });
        }
    }
    for code in STANDING {
        if !duties.iter().any(|d| d.code == code && d.actor.is_none()) {
            let (path, quote) = (String::new(), String::new());
            duties.push(DraftDuty { code: code.into(), path, quote, actor: None, due: None, standing: true });
        }
    }
    let mut lines: Vec<DraftLine> = Vec::new();
    let all = paper.to.iter().map(|l| (LineRole::To, l));
    for (role, line) in
        all.chain(paper.duties.iter().filter_map(|d| d.actor.as_ref()).map(|a| (LineRole::Actor, a)))
    {
        if !lines.iter().any(|l| l.role == role && l.line == *line) {
            lines.push(DraftLine { role, line: line.clone() });
        }
    }
    Draft {
        name: name(paper),
        occasion: paper.occasions.first().cloned(),
        window: window(paper, pack),
        scope: scope_of(&paper.scope),
        duties,
        lines,
        contacts: paper.contacts.clone(),
    }
}

/// The systems a reading speaks of.
pub fn scope_of(words: &[String]) -> SystemScope {
    let says = |word: &str| words.iter().any(|w| w == word);
    SystemScope {
        important: says("important"),
        personal_data: says("personal-data"),
        national_platform: says("national-platform"),
    }
}

/// The days in the text; else the days off of all its occasions together.
fn window(paper: &Paper, pack: &Pack) -> Option<DraftWindow> {
    if let Some(Days { from, to }) = &paper.window {
        let (first, last) = (from.parse().ok()?, to.parse().ok()?);
        return Some(DraftWindow { first, last, from: WindowFrom::Paper });
    }
    let known: Vec<_> = paper.occasions.iter().filter_map(|o| pack.occasion(o)).collect();
    let first = known.iter().filter_map(|o| o.days).map(|d| d.0).min()?;
    let last = known.iter().filter_map(|o| o.days).map(|d| d.1).max()?;
    let announced = known.iter().all(|o| o.announced);
    Some(DraftWindow { first, last, from: if announced { WindowFrom::Announced } else { WindowFrom::Rule } })
}

/// *Tết Nguyên đán Đinh Mùi 2027*; without an occasion what the paper is about, without that its number.
fn name(paper: &Paper) -> String {
    let names: Vec<String> = paper.occasions.iter().map(|o| occasion_name(o)).collect();
    let joined = match names.as_slice() {
        [] => paper.subject.clone().or_else(|| paper.reference()).unwrap_or_default(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} và {last}", all.join(", ")),
    };
    let mut chars = joined.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// How an occasion is called; free text stays as it is.
pub fn occasion_name(key: &str) -> String {
    let parsed = key.rsplit_once('-').and_then(|(kind, year)| Some((kind, year.parse::<i16>().ok()?)));
    match parsed {
        Some(("tet", year)) => format!("Tết Nguyên đán {} {year}", lunar_year(year)),
        Some(("hung-kings", year)) => format!("Giỗ Tổ Hùng Vương {year}"),
        Some(("new-year", year)) => format!("Tết Dương lịch {year}"),
        Some(("30-4", year)) => format!("Lễ 30/4/{year}"),
        Some(("1-5", year)) => format!("Lễ 1/5/{year}"),
        Some(("2-9", year)) => format!("Quốc khánh 2/9/{year}"),
        _ => key.to_owned(),
    }
}

/// The name of the lunar year that begins in that year: 2027 is *Đinh Mùi*.
pub fn lunar_year(year: i16) -> String {
    const STEMS: [&str; 10] = ["Giáp", "Ất", "Bính", "Đinh", "Mậu", "Kỷ", "Canh", "Tân", "Nhâm", "Quý"];
    const BRANCHES: [&str; 12] =
        ["Tý", "Sửu", "Dần", "Mão", "Thìn", "Tỵ", "Ngọ", "Mùi", "Thân", "Dậu", "Tuất", "Hợi"];
    let at = |n: usize| usize::try_from((i32::from(year) - 4).rem_euclid(n as i32)).unwrap_or(0);
    format!("{} {}", STEMS.get(at(10)).unwrap_or(&""), BRANCHES.get(at(12)).unwrap_or(&""))
}

/// A basis that was no longer, or not yet, in force on the day of the paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outdated {
    /// Which basis of the paper.
    pub index: usize,
    /// What the text is about.
    pub title: String,
    /// Its last day in force.
    pub until: Option<Date>,
}

/// *Căn cứ đã hết hiệu lực*: the bases the pack knows and that were not in force on that day. Two papers may bear one
/// number, so a date given by the paper must agree.
pub fn outdated(paper: &Paper, pack: &Pack, day: Date) -> Vec<Outdated> {
    let at = |(index, basis): (usize, &super::Basis)| {
        let known: Vec<_> = pack
            .texts()
            .iter()
            .filter(|t| same_reference(&t.reference, &basis.reference))
            .filter(|t| match (t.date, basis.date.as_deref()) {
                (Some(t), Some(b)) => t.to_string().starts_with(b),
                _ => true,
            })
            .collect();
        // Where several texts fit, it is outdated only if all are.
        let text = known.first().filter(|_| known.iter().all(|t| !t.in_force(day)))?;
        Some(Outdated { index, title: text.title.clone(), until: text.until })
    };
    paper.basis.iter().enumerate().filter_map(at).collect()
}

/// `85/2016/NĐ-CP` in spite of blanks and lost marks.
fn same_reference(a: &str, b: &str) -> bool {
    let plain = |s: &str| crate::text::fold(s).replace(' ', "");
    plain(a) == plain(b)
}

#[cfg(test)]
mod tests;
