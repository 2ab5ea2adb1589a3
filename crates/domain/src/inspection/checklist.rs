//! What is looked at: the legal pack's list, or a body's own version of it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Severity;

/// No visit looks at more.
pub const ITEMS_MAX: usize = 150;
/// One item is one sentence.
pub const TEXT_MAX: usize = 400;
/// A key stands in addresses and on devices.
pub const KEY_MAX: usize = 60;

/// A heading of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its key.
    pub key: String,
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

/// One thing that is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its key, unique within the list.
    pub key: String,
    /// Under which heading.
    pub group: String,
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
    /// On what it rests.
    #[serde(default)]
    pub basis: String,
    /// How much it weighs when it is not in order.
    pub severity: Severity,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

/// A list: headings in their order, items in theirs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Checklist {
    /// Headings.
    pub groups: Vec<Group>,
    /// Items.
    pub items: Vec<Item>,
}

impl Checklist {
    /// The item of that key.
    pub fn item(&self, key: &str) -> Option<&Item> {
        self.items.iter().find(|i| i.key == key)
    }
    /// Every heading with its items, empty ones left out; items of a heading that is not there come last.
    pub fn by_group(&self) -> Vec<(Option<&Group>, Vec<&Item>)> {
        let mut found: Vec<(Option<&Group>, Vec<&Item>)> = self
            .groups
            .iter()
            .map(|g| (Some(g), self.items.iter().filter(|i| i.group == g.key).collect()))
            .collect();
        let rest = |i: &&Item| self.groups.iter().all(|g| g.key != i.group);
        found.push((None, self.items.iter().filter(rest).collect()));
        found.retain(|(_, items)| !items.is_empty());
        found
    }
    /// What is wrong with it, as the code of an error.
    pub fn problem(&self) -> Option<&'static str> {
        let keys: BTreeSet<&str> = self.items.iter().map(|i| i.key.as_str()).collect();
        let plain = |key: &str| {
            !key.is_empty()
                && key.len() <= KEY_MAX
                && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let text = |t: &str| !t.trim().is_empty() && t.chars().count() <= TEXT_MAX;
        if self.items.is_empty() {
            Some("checklist-empty")
        } else if self.items.len() > ITEMS_MAX {
            Some("checklist-long")
        } else if keys.len() < self.items.len() || !self.items.iter().all(|i| plain(&i.key)) {
            Some("checklist-key")
        } else if !self
            .items
            .iter()
            .all(|i| text(&i.vi) && text(&i.en) && i.basis.chars().count() <= TEXT_MAX)
        {
            Some("checklist-text")
        } else {
            None
        }
    }

    /// The same list with only the items `kept` says, and with lines of one's own added:
    /// *nhóm; nội dung; căn cứ; mức*, of which only the second must be there. `Err` is the number of a line that
    /// cannot be read.
    pub fn edited(&self, kept: &[String], own: &str) -> Result<Self, usize> {
        let mut new = Self {
            groups: self.groups.clone(),
            items: self.items.iter().filter(|i| kept.contains(&i.key) && !is_own(&i.key)).cloned().collect(),
        };
        for (n, line) in own.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            let item = own_item(&mut new.groups, n + 1, line).ok_or(n + 1)?;
            new.items.push(item);
        }
        Ok(new)
    }

    /// The lines of one's own, as [`Checklist::edited`] reads them.
    pub fn own_lines(&self) -> String {
        let line = |i: &Item| {
            let group = self.groups.iter().find(|g| g.key == i.group).map_or("", |g| &g.vi);
            format!("{group}; {}; {}; {}", i.vi, i.basis, word(i.severity))
        };
        self.items.iter().filter(|i| is_own(&i.key)).map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Keys of lines that people wrote begin so.
const OWN: &str = "own-";

fn is_own(key: &str) -> bool {
    key.starts_with(OWN)
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "cao",
        Severity::Medium => "trung bình",
        Severity::Low => "thấp",
    }
}

fn own_item(groups: &mut Vec<Group>, n: usize, line: &str) -> Option<Item> {
    let parts: Vec<&str> = line.split(';').map(str::trim).collect();
    let (group, text, basis, severity) = match parts.as_slice() {
        [text] => ("", *text, "", ""),
        [group, text] => (*group, *text, "", ""),
        [group, text, basis] => (*group, *text, *basis, ""),
        [group, text, basis, severity] => (*group, *text, *basis, *severity),
        _ => return None,
    };
    let folded = crate::text::fold(severity);
    let severity = match folded.as_str() {
        "" | "trung binh" | "medium" => Severity::Medium,
        "cao" | "high" => Severity::High,
        "thap" | "low" => Severity::Low,
        _ => return None,
    };
    if text.is_empty() || text.chars().count() > TEXT_MAX {
        return None;
    }
    let name = if group.is_empty() { "Khác" } else { group };
    let same =
        |g: &&Group| crate::text::fold(&g.vi) == crate::text::fold(name) || g.en.eq_ignore_ascii_case(name);
    let key = groups.iter().find(same).map(|g| g.key.clone()).unwrap_or_else(|| {
        let key = format!("{OWN}{}", groups.len() + 1);
        groups.push(Group { key: key.clone(), vi: name.into(), en: name.into(), from: None, until: None });
        key
    });
    Some(Item {
        key: format!("{OWN}{n}"),
        group: key,
        vi: text.to_owned(),
        en: text.to_owned(),
        basis: basis.to_owned(),
        severity,
        from: None,
        until: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::legal::Legal;

    fn shipped() -> Checklist {
        Legal::builtin().unwrap().on(jiff::civil::date(2026, 11, 21)).checklist().clone()
    }

    #[test]
    fn the_shipped_list_is_sound_and_rests_on_texts_we_know() {
        let list = shipped();
        assert_eq!(list.problem(), None);
        assert!((25..=40).contains(&list.items.len()), "{}", list.items.len());
        assert!(list.by_group().iter().all(|(group, _)| group.is_some()), "every item has its heading");
        let legal = Legal::builtin().unwrap();
        let pack = legal.on(jiff::civil::date(2026, 11, 21));
        for item in &list.items {
            let reference = item.basis.split(' ').next().unwrap_or_default();
            assert!(pack.text(reference).is_some(), "{}: {}", item.key, item.basis);
        }
    }

    #[test]
    fn a_body_keeps_some_items_and_adds_lines_of_its_own() {
        let list = shipped();
        let kept = vec!["levels".to_owned(), "plan".to_owned()];
        let own = "Tài khoản; Sổ giao nhận khóa phòng máy chủ; Quy chế 12; cao\n\nKhóa cửa phòng máy";
        let new = list.edited(&kept, own).unwrap();
        assert_eq!(new.problem(), None);
        assert_eq!(new.items.len(), 4);
        let (first, second) = (&new.items[2], &new.items[3]);
        assert_eq!((first.group.as_str(), first.severity), ("accounts", Severity::High));
        assert_eq!((second.vi.as_str(), second.severity), ("Khóa cửa phòng máy", Severity::Medium));
        // What was written is read back the same.
        let again = new.edited(&kept, &new.own_lines()).unwrap();
        let texts = |l: &Checklist| l.items.iter().map(|i| (i.vi.clone(), i.severity)).collect::<Vec<_>>();
        assert_eq!(texts(&again), texts(&new));
        assert_eq!(list.edited(&kept, "a; b; c; rất cao"), Err(1));
        assert_eq!(list.edited(&kept, "a;b;c;d;e"), Err(1));
        assert_eq!(list.edited(&[], "").unwrap().problem(), Some("checklist-empty"));
    }
}
