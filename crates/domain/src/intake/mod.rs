//! Papers that come by themselves, through a watched folder or a mailbox: what becomes of each.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{order::Paper, right::names};

mod plan;

pub use self::plan::{Fate, Opened, Part, plan};

/// Which way a paper came in by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Inlet {
    /// A file laid into the watched folder.
    Folder,
    /// A message in the mailbox.
    Mail,
}
names!(Inlet { Folder = "folder", Mail = "mail" } "way in");

/// What became of something that came in by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemState {
    /// It became a letter and waits for a person.
    Taken,
    /// It was put to a letter as its attachment.
    Attached,
    /// The letter was here already; this copy was linked to it.
    Duplicate,
    /// It could not be read: a person must look.
    Trouble,
    /// It is marked secret and was turned away; nothing of it is kept.
    Secret,
}
names!(ItemState {
    Taken = "taken", Attached = "attached", Duplicate = "duplicate", Trouble = "trouble", Secret = "secret",
} "state of what came in");

/// Whether the reading found a mark of secrecy. Such a paper must not be kept, nor anything of it.
pub fn is_secret(reading: &Value) -> bool {
    reading.get("secrecy").and_then(Value::as_array).is_some_and(|marks| !marks.is_empty())
}

/// What makes two files the same paper: number, symbol, date and issuer. `None` where one of them was not read.
pub fn identity(paper: &Paper) -> Option<String> {
    let parts = [&paper.number, &paper.symbol, &paper.date, &paper.issuer];
    let parts: Option<Vec<&str>> = parts.into_iter().map(Option::as_deref).collect();
    // The unit separator stands in no number and no name.
    parts.map(|parts| parts.join("\u{1f}"))
}

/// Whether the paper is an official one by itself, not the appendix of another: it has a symbol and an issuer.
pub fn stands_alone(paper: &Paper) -> bool {
    paper.symbol.is_some() && paper.issuer.is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mark_of_secrecy_is_seen() {
        assert!(is_secret(&json!({"secrecy": ["mat"]})));
        assert!(!is_secret(&json!({"secrecy": []})) && !is_secret(&json!({})));
    }

    #[test]
    fn a_paper_is_known_again_only_by_all_four() {
        let some = |text: &str| Some(text.to_owned());
        let mut paper = Paper {
            number: some("112"),
            symbol: some("CAT-PA05"),
            date: some("2027-01-12"),
            issuer: some("Công an tỉnh"),
            ..Paper::default()
        };
        assert!(identity(&paper).is_some() && stands_alone(&paper));
        paper.number = None;
        assert!(identity(&paper).is_none() && stands_alone(&paper));
    }
}
