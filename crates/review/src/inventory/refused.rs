//! Why a file was not read at all: which of its lines is to blame, and what it is instead, so that whoever handed it in
//! knows what to do.

use serde::{Deserialize, Serialize};

/// Most of a table's first line that is told.
const HEAD: usize = 120;

/// Why a file was not read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Refused {
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// More bytes than are taken: so many MB.
    #[error("the file is larger than {0} MB")]
    TooLarge(usize),
    /// No kind that is known.
    #[error("the file is of no kind that is known")]
    Unknown(Looks),
    /// Of a known kind, but damaged or cut off: where, if that is known.
    #[error("the file is damaged")]
    Broken(Option<Place>),
    /// Behind a password.
    #[error("the file has a password")]
    Locked,
    /// A ZIP of more than is unpacked.
    #[error("the file unpacks to too much")]
    TooMuch,
    /// Reading it took too long or too much memory.
    #[error("the file took too much time or memory to read")]
    TooHard,
}

/// Where something is in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// How far along it, from 1.
    pub column: usize,
}

/// What a file of no known kind looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Looks {
    /// A picture, a film, a sound.
    Picture,
    /// A paper or a sheet of an office: PDF, Word, Excel.
    Paper,
    /// An archive, but no ZIP.
    Archive,
    /// A page for a browser.
    Page,
    /// A program or a script.
    Program,
    /// A table with none of the columns that are known; its first line.
    Table(String),
    /// Nothing in particular.
    Other,
}

impl Looks {
    /// Of a text: a table or nothing in particular.
    pub(super) fn of(text: &str) -> Self {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let (head, next) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let is_table = [',', ';', '\t'].into_iter().any(|sign| {
            let columns = head.matches(sign).count();
            columns > 0 && next.matches(sign).count() >= columns
        });
        let sound = !text.contains('\u{fffd}') && !head.contains(|c: char| c.is_control() && c != '\t');
        if is_table && sound { Self::Table(head.chars().take(HEAD).collect()) } else { Self::Other }
    }
}

impl Refused {
    /// Where a reader of JSON gave up.
    pub(crate) fn json(error: &serde_json::Error) -> Self {
        Self::Broken(Some(Place { line: error.line(), column: error.column() }))
    }

    /// Its stable name, with what is told beside it.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::Empty => "empty".into(),
            Self::TooLarge(most) => format!("too-large:{most}"),
            Self::Unknown(Looks::Picture) => "unknown:picture".into(),
            Self::Unknown(Looks::Paper) => "unknown:paper".into(),
            Self::Unknown(Looks::Archive) => "unknown:archive".into(),
            Self::Unknown(Looks::Page) => "unknown:page".into(),
            Self::Unknown(Looks::Program) => "unknown:program".into(),
            Self::Unknown(Looks::Table(head)) => format!("table:{head}"),
            Self::Unknown(Looks::Other) => "unknown".into(),
            Self::Broken(Some(Place { line, column })) => format!("broken:{line}:{column}"),
            Self::Broken(None) => "broken".into(),
            Self::Locked => "locked".into(),
            Self::TooMuch => "too-much".into(),
            Self::TooHard => "too-hard".into(),
        }
    }

    /// The same, back from its name; what nobody knows is of no kind that is known.
    #[must_use]
    pub fn of_code(code: &str) -> Self {
        let (name, beside) = code.split_once(':').unwrap_or((code, ""));
        match name {
            "empty" => Self::Empty,
            "too-large" => Self::TooLarge(beside.parse().unwrap_or(super::FILE >> 20)),
            "broken" => Self::Broken(beside.split_once(':').and_then(|(line, column)| {
                Some(Place { line: line.parse().ok()?, column: column.parse().ok()? })
            })),
            "locked" => Self::Locked,
            "too-much" => Self::TooMuch,
            "too-hard" => Self::TooHard,
            "table" => Self::Unknown(Looks::Table(beside.into())),
            _ => Self::Unknown(match beside {
                "picture" => Looks::Picture,
                "paper" => Looks::Paper,
                "archive" => Looks::Archive,
                "page" => Looks::Page,
                "program" => Looks::Program,
                _ => Looks::Other,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        let looks = [Looks::Picture, Looks::Paper, Looks::Archive, Looks::Page, Looks::Program, Looks::Other];
        let mut all: Vec<Refused> = looks.into_iter().map(Refused::Unknown).collect();
        all.extend([
            Refused::Empty,
            Refused::TooLarge(64),
            Refused::Unknown(Looks::Table("STT;Tên: họ".into())),
            Refused::Broken(None),
            Refused::Broken(Some(Place { line: 12, column: 3 })),
            Refused::Locked,
            Refused::TooMuch,
            Refused::TooHard,
        ]);
        for why in all {
            assert_eq!(Refused::of_code(&why.code()), why);
        }
        assert_eq!(Refused::of_code("too-large"), Refused::TooLarge(256), "as it was written before");
    }

    #[test]
    fn a_table_is_told_by_its_lines() {
        assert_eq!(Looks::of("STT,Họ tên\n1,An\n"), Looks::Table("STT,Họ tên".into()));
        assert_eq!(Looks::of("Kính gửi: các đơn vị, phòng\nNội dung\n"), Looks::Other);
        assert_eq!(Looks::of("\u{fffd},\n,\n"), Looks::Other);
    }
}
