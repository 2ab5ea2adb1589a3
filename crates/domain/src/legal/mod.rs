//! The law as dated data: contract 12. `Legal::on(date)` gives the pack in force that day.
//!
//! The pack is TOML under `legal/`: shipped inside the program, replaceable by a directory without a rebuild.
//! Every entry may carry `from` and `until` (both days included).

mod holidays;
mod pack;
mod reports;
mod stretch;
mod texts;

pub use self::{
    holidays::{DayOff, Occasion},
    pack::{DutyTerm, Pack, Protected, Recipient},
    reports::{Capacity, ReportForm},
    texts::{Deadline, Text},
};

use jiff::civil::Date;
use pack::Source;

/// The files of a pack, by name.
const FILES: &[(&str, &str)] = &[
    ("counts.toml", include_str!("../../../../legal/counts.toml")),
    ("duties.toml", include_str!("../../../../legal/duties.toml")),
    ("findings.toml", include_str!("../../../../legal/findings.toml")),
    ("holidays.toml", include_str!("../../../../legal/holidays.toml")),
    ("inspections.toml", include_str!("../../../../legal/inspections.toml")),
    ("law.toml", include_str!("../../../../legal/law.toml")),
    ("levels.toml", include_str!("../../../../legal/levels.toml")),
    ("monitoring.toml", include_str!("../../../../legal/monitoring.toml")),
    ("notices.toml", include_str!("../../../../legal/notices.toml")),
    ("notices/phishing.toml", include_str!("../../../../legal/notices/phishing.toml")),
    ("notices/banks.toml", include_str!("../../../../legal/notices/banks.toml")),
    ("notices/ransomware.toml", include_str!("../../../../legal/notices/ransomware.toml")),
    ("notices/passwords.toml", include_str!("../../../../legal/notices/passwords.toml")),
    ("notices/usb.toml", include_str!("../../../../legal/notices/usb.toml")),
    ("notices/deepfake.toml", include_str!("../../../../legal/notices/deepfake.toml")),
    ("notices/false-news.toml", include_str!("../../../../legal/notices/false-news.toml")),
    ("notices/holiday.toml", include_str!("../../../../legal/notices/holiday.toml")),
    ("notices/reporting.toml", include_str!("../../../../legal/notices/reporting.toml")),
    ("notices/personal-data.toml", include_str!("../../../../legal/notices/personal-data.toml")),
    ("recipients.toml", include_str!("../../../../legal/recipients.toml")),
    ("papers.toml", include_str!("../../../../legal/papers.toml")),
    ("reports.toml", include_str!("../../../../legal/reports.toml")),
    ("requests.toml", include_str!("../../../../legal/requests.toml")),
    ("rosters.toml", include_str!("../../../../legal/rosters.toml")),
    ("weaknesses.toml", include_str!("../../../../legal/weaknesses.toml")),
];

/// All packs, each in force from its first day until the next one's.
#[derive(Debug, Clone)]
pub struct Legal {
    packs: Vec<Pack>,
}

/// A legal file that cannot be used, with where and why.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {why}")]
pub struct LegalError {
    /// The file.
    pub file: String,
    /// What is wrong, with line and column where the parser knows them.
    pub why: String,
}

impl Legal {
    /// The pack shipped with the program.
    pub fn builtin() -> Result<Self, LegalError> {
        Self::from_files(|_| None)
    }

    /// The shipped pack with some files replaced: `replace("duties.toml")` gives the text, or `None` to keep ours.
    pub fn from_files(replace: impl Fn(&str) -> Option<String>) -> Result<Self, LegalError> {
        let mut source = Source::default();
        for (file, ours) in FILES.iter().copied() {
            let text = replace(file);
            source.add(file, text.as_deref().unwrap_or(ours))?;
        }
        Ok(Self { packs: source.packs()? })
    }

    /// The pack in force on that day; before the first day of the table, the first pack.
    pub fn on(&self, date: Date) -> &Pack {
        let index = self.packs.partition_point(|p| p.from <= date).saturating_sub(1);
        self.packs.get(index).unwrap_or(Pack::empty())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as d;

    use super::*;

    #[test]
    fn the_shipped_pack_loads_and_every_duty_has_an_evaluator() {
        let legal = Legal::builtin().unwrap();
        let pack = legal.on(d(2026, 11, 21));
        assert!(pack.duties().len() >= 32);
        assert_eq!(pack.duty("CONT").unwrap().evaluator, crate::evidence::Evaluator::Contact);
        assert_eq!(pack.duty("VREV").unwrap().vi, "Rà soát lỗ hổng, điểm yếu");
        assert!(pack.duty("NOPE").is_none());
    }

    #[test]
    fn the_law_changes_on_its_day() {
        let legal = Legal::builtin().unwrap();
        let clock = |day| legal.on(day).deadline("incident.report").unwrap().hours;
        assert_eq!(clock(d(2026, 6, 30)), 120);
        assert_eq!(clock(d(2026, 8, 18)), 120, "in the gap the old clocks apply, marked");
        assert_eq!(clock(d(2026, 8, 19)), 72);
        assert!(legal.on(d(2026, 8, 1)).deadline("incident.report").unwrap().to_confirm);
    }

    #[test]
    fn an_expired_text_is_known_as_expired() {
        let legal = Legal::builtin().unwrap();
        let text = |day| legal.on(day).text("85/2016/NĐ-CP").map(|t| t.in_force(day));
        assert_eq!(text(d(2025, 1, 1)), Some(true));
        assert_eq!(text(d(2026, 11, 21)), Some(false));
    }

    #[test]
    fn a_broken_file_is_named_with_its_line() {
        let broken = Legal::from_files(|f| (f == "duties.toml").then(|| "[[duty]]\ncode = \"x\"".into()));
        let error = broken.unwrap_err();
        assert_eq!(error.file, "duties.toml");
    }

    #[test]
    fn tet_windows_come_from_the_table() {
        let legal = Legal::builtin().unwrap();
        let pack = legal.on(d(2026, 11, 21));
        let tet = pack.occasion("tet-2027").unwrap();
        assert_eq!(tet.days, Some((d(2027, 2, 4), d(2027, 2, 10))));
        assert!(pack.occasion("tet-1900").is_none());
        let liberation = pack.occasion("30-4-2026").unwrap();
        assert!(liberation.days.unwrap().0 <= d(2026, 4, 30));
    }
}
