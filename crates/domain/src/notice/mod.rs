//! Notices to people, with an explicit *read and committed*, and bulletins for the loudspeaker network.
//!
//! Nothing here counts as opened or committed but what a person did; what a machine did on the way is *delivered*.

mod bulletin;
mod quiz;
mod rates;
mod reminders;
mod template;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

pub use self::{
    bulletin::{Schedule, ScheduleError, chase_times, due_slots, seconds, spoken},
    quiz::{ATTEMPTS_MAX, Marks, OPTIONS_MAX, Question, Quiz, QuizError},
    rates::{Rates, concerns, percent, worth_telling},
    reminders::{Step, current_round, reminders},
    template::{NoticeText, Template},
};
use crate::right::{Role, names};

/// A title is one line of an e-mail's subject.
pub const TITLE_MAX: usize = 160;
/// A text of some pages; what is longer is a paper and goes as a letter.
pub const TEXT_MAX: usize = 20_000;
/// A notice is open for at most so many days: the life of the longest personal link.
pub const OPEN_DAYS_MAX: i64 = 90;

/// The state of a notice or bulletin as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeState {
    /// Being written.
    Draft,
    /// Issued: waits for its time, goes out, or is open.
    Issued,
    /// Past its closing date; the figures stand.
    Closed,
    /// Taken back.
    Cancelled,
}
names!(NoticeState {
    Draft = "draft", Issued = "issued", Closed = "closed", Cancelled = "cancelled",
} "state of a notice");

/// To whom a notice goes: everybody who serves a body below one of `tops` (with one of `roles` there, if any are
/// named), and everybody on the imported `lists`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Audience {
    /// Tops of subtrees.
    pub tops: Vec<crate::id::Id<crate::id::kind::Body>>,
    /// Roles; empty means everybody.
    pub roles: Vec<Role>,
    /// Imported staff lists.
    pub lists: Vec<crate::id::Id<crate::id::kind::StaffList>>,
}

impl Audience {
    /// Whether it means nobody at all.
    pub fn is_empty(&self) -> bool {
        self.tops.is_empty() && self.lists.is_empty()
    }
}

/// The rules of notices and bulletins: an entry of the legal pack.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeRules {
    /// How many questions of how many must be answered rightly, in percent.
    pub pass_percent: u8,
    /// How often a quiz may be taken.
    pub attempts: u8,
    /// How many questions a quiz has at least.
    pub questions_min: usize,
    /// And at most.
    pub questions_max: usize,
    /// Days a notice is open unless said otherwise.
    pub open_days: i64,
    /// When those who have not committed are reminded.
    pub reminders: Vec<Step>,
    /// Letters a minute handed to the mail server.
    pub mails_per_minute: u32,
    /// Words a minute of a text read out in Vietnamese, where a written word is a syllable.
    pub spoken_per_minute_vi: u32,
    /// And in English.
    pub spoken_per_minute_en: u32,
    /// When bulletins are read, unless said otherwise: `HH:MM`.
    pub bulletin_times: Vec<String>,
    /// Hours after a broadcast within which its receipt is expected.
    pub receipt_hours: i64,
    /// Days after the last broadcast on which missing receipts are still asked for.
    pub chase_days: i64,
    /// Where the figures come from.
    pub basis: String,
    /// Not from a legal text, or not read in one: shown as to be confirmed.
    #[serde(default)]
    pub to_confirm: bool,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

/// How an issued notice stands on a screen: what is kept, and the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Being written.
    Draft,
    /// Issued for later.
    Scheduled,
    /// On its way: recipients are gathered, letters handed over.
    Sending,
    /// Out, and open.
    Open,
    /// Over.
    Closed,
    /// Taken back.
    Cancelled,
}
names!(Standing {
    Draft = "draft", Scheduled = "scheduled", Sending = "sending", Open = "open", Closed = "closed",
    Cancelled = "cancelled",
} "standing of a notice");

/// How it stands at `now`; `sent` says whether everything has been handed to the outbox.
pub fn standing(state: NoticeState, opens: Option<Timestamp>, sent: bool, now: Timestamp) -> Standing {
    match state {
        NoticeState::Draft => Standing::Draft,
        NoticeState::Closed => Standing::Closed,
        NoticeState::Cancelled => Standing::Cancelled,
        NoticeState::Issued if opens.is_some_and(|at| at > now) => Standing::Scheduled,
        NoticeState::Issued if !sent => Standing::Sending,
        NoticeState::Issued => Standing::Open,
    }
}

/// The title as it is kept: one line, not too long. `None` if nothing is left.
pub fn tidy_title(title: &str) -> Option<String> {
    let line = title.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty() && line.chars().count() <= TITLE_MAX).then_some(line)
}

/// The text as it is kept: lines without trailing blanks, at most one empty line in a row. `None` if nothing is left.
pub fn tidy_text(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.lines().map(str::trim_end) {
        blank = if line.trim().is_empty() { blank + 1 } else { 0 };
        if blank > 1 || (out.is_empty() && blank > 0) {
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    let text = out.trim_end();
    (!text.is_empty() && text.chars().count() <= TEXT_MAX).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_stands_by_what_is_kept_and_by_the_time() {
        let at = |s| Timestamp::from_second(s).unwrap();
        use NoticeState::*;
        assert_eq!(standing(Issued, Some(at(10)), false, at(9)), Standing::Scheduled);
        assert_eq!(standing(Issued, Some(at(10)), false, at(10)), Standing::Sending);
        assert_eq!(standing(Issued, Some(at(10)), true, at(10)), Standing::Open);
        assert_eq!(standing(Closed, Some(at(10)), true, at(9)), Standing::Closed);
        assert_eq!(standing(Draft, None, false, at(9)), Standing::Draft);
    }

    #[test]
    fn titles_are_one_line_and_texts_keep_their_paragraphs() {
        assert_eq!(tidy_title("  Cảnh giác \n lừa đảo ").as_deref(), Some("Cảnh giác lừa đảo"));
        assert_eq!(tidy_title(" \n"), None);
        assert_eq!(tidy_title(&"a".repeat(TITLE_MAX + 1)), None);
        assert_eq!(tidy_text("\n\n a  \n\n\n\nb\n\n").as_deref(), Some(" a\n\nb"));
        assert_eq!(tidy_text("\n \n"), None);
    }
}
