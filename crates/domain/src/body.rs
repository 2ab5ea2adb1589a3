//! Bodies: the tree of public bodies, operators and providers.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::{
    id::{Id, kind},
    right::names,
    text::is_invisible,
};

/// What kind of body it is; decides which lines of *Kính gửi* reach it and how it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BodyKind {
    /// Cơ quan chủ trì: the province's lead body.
    Lead,
    /// Trung tâm: a centre under another body (SOC, IT centre).
    Centre,
    /// Sở, ban, ngành.
    Department,
    /// Cơ quan đảng.
    Party,
    /// Mặt trận, đoàn thể.
    Organisation,
    /// UBND huyện, thị xã, thành phố: the tier that ended on 1/7/2025; kept for history.
    District,
    /// UBND xã.
    Commune,
    /// UBND phường.
    Ward,
    /// Trường học.
    School,
    /// Bệnh viện, trung tâm y tế.
    Hospital,
    /// Doanh nghiệp viễn thông, internet.
    Operator,
    /// Đơn vị cung cấp nền tảng số.
    Platform,
    /// Ngân hàng, tổ chức tài chính.
    Bank,
    /// Đơn vị cung cấp dịch vụ an ninh mạng.
    SecurityProvider,
    /// Anything else.
    Other,
}
names!(BodyKind {
    Lead = "lead", Centre = "centre", Department = "department", Party = "party", Organisation = "organisation",
    District = "district", Commune = "commune", Ward = "ward", School = "school", Hospital = "hospital",
    Operator = "operator", Platform = "platform", Bank = "bank", SecurityProvider = "security-provider", Other = "other",
} "kind of body");

impl BodyKind {
    /// Whether letters call it a provider (*doanh nghiệp cung cấp dịch vụ …*), to whom provider duties go.
    pub const fn is_provider(self) -> bool {
        matches!(self, BodyKind::Operator | BodyKind::Platform | BodyKind::SecurityProvider)
    }
}

/// One name a body bears or bore, or is also known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// As written officially.
    pub text: String,
    /// First day of validity; `None` = always so far as known.
    pub from: Option<Date>,
    /// Last day of validity; `None` = still.
    pub until: Option<Date>,
    /// An abbreviation or other spelling rather than the official name.
    pub alias: bool,
}

/// That from a day on another body carries a function of this one (*successors are by function*).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Successor {
    /// What is carried on: `security`, `digital-transformation`, `loudspeakers`, or `all`.
    pub function: String,
    /// Who carries it on.
    pub body: Id<kind::Body>,
    /// From which day.
    pub from: Date,
}

/// A body as it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Its id.
    pub id: Id<kind::Body>,
    /// The body above; `None` only for the root.
    pub parent: Option<Id<kind::Body>>,
    /// What kind.
    pub kind: BodyKind,
    /// Its official name now.
    pub name: String,
    /// Its official code (as *000.00.00.H00*), unique where given.
    pub code: Option<String>,
    /// When it ended; kept for history.
    pub closed_at: Option<Timestamp>,
}

/// At most so many characters in a name; the longest official name known to us has about 150.
pub const NAME_MAX: usize = 300;

/// A name as it is kept: composed, every run of blanks one, ends trimmed. `None` if nothing is left or it is too long.
pub fn tidy_name(text: &str) -> Option<String> {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let joined: String = words.join(" ").nfc().filter(|c| !is_invisible(*c)).collect();
    (!joined.is_empty() && joined.chars().count() <= NAME_MAX).then_some(joined)
}

/// The names after the official one became `text`: from the day `on` with the old one kept, or, without a day,
/// put right in place as a slip of the pen.
///
/// `None` if the old name was not yet in force the day before `on`.
pub fn renamed(mut names: Vec<Name>, text: &str, on: Option<Date>) -> Option<Vec<Name>> {
    let current = names.iter_mut().find(|n| !n.alias && n.until.is_none());
    match (current, on) {
        (Some(current), None) => text.clone_into(&mut current.text),
        (Some(current), Some(on)) => {
            let last = on.yesterday().ok()?;
            if current.from.is_some_and(|from| last < from) {
                return None;
            }
            current.until = Some(last);
            names.push(Name { text: text.to_owned(), from: Some(on), until: None, alias: false });
        }
        (None, on) => names.push(Name { text: text.to_owned(), from: on, until: None, alias: false }),
    }
    Some(names)
}

impl Name {
    /// Whether the name is valid on that day.
    pub fn on(&self, day: Date) -> bool {
        self.from.is_none_or(|f| f <= day) && self.until.is_none_or(|u| day <= u)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn names() -> Vec<Name> {
        vec![Name { text: "Sở TTTT".into(), from: Some(date(2008, 1, 1)), until: None, alias: false }]
    }

    #[test]
    fn a_rename_keeps_the_old_name_to_the_day_before() {
        let after = renamed(names(), "Sở KHCN", Some(date(2025, 3, 1))).unwrap();
        let on = |day| after.iter().filter(|n| n.on(day)).map(|n| n.text.as_str()).collect::<Vec<_>>();
        assert_eq!(on(date(2025, 2, 28)), ["Sở TTTT"]);
        assert_eq!(on(date(2025, 3, 1)), ["Sở KHCN"]);
        assert_eq!(renamed(names(), "X", Some(date(2008, 1, 1))), None);
    }

    #[test]
    fn a_slip_is_put_right_in_place() {
        let after = renamed(names(), "Sở TT&TT", None).unwrap();
        assert_eq!((after.len(), after[0].text.as_str(), after[0].until), (1, "Sở TT&TT", None));
    }

    #[test]
    fn a_name_is_kept_tidy() {
        assert_eq!(tidy_name("  Sở \n Y\u{200b} tế ").as_deref(), Some("Sở Y tế"));
        assert_eq!(tidy_name(" \t "), None);
        assert_eq!(tidy_name(&"x".repeat(NAME_MAX + 1)), None);
    }
}
