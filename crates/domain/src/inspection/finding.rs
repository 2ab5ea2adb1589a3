//! A finding: until when it is to be put right, who may say it is, who is reminded when.

use jiff::{SignedDuration, Span, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{FindingState, Severity};
use crate::{order::chase::by_day, right::names, time};

/// How long findings may stay open; from the legal pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Days for a heavy one.
    pub high_days: u16,
    /// Days for a middling one.
    pub medium_days: u16,
    /// Days for a light one.
    pub low_days: u16,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

impl Default for Rules {
    fn default() -> Self {
        Self { high_days: 7, medium_days: 15, low_days: 30, from: None, until: None }
    }
}

impl Rules {
    /// The day by which a finding of that weight is to be put right.
    pub fn due(&self, severity: Severity, found: Date) -> Date {
        let days = match severity {
            Severity::High => self.high_days,
            Severity::Medium => self.medium_days,
            Severity::Low => self.low_days,
        };
        found.saturating_add(Span::new().days(i64::from(days)))
    }
}

/// Who is reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whom {
    /// Its owner, or the contact of the inspected body.
    Body,
    /// The heads of the inspected body.
    Head,
    /// Those who inspected.
    Inspector,
}
names!(Whom { Body = "body", Head = "head", Inspector = "inspector" } "whom a reminder addresses");

/// One step of chasing; from the legal pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its key: each goes out once for one due day.
    pub key: String,
    /// Days after the due day; before it where negative.
    pub days: i16,
    /// Whom.
    pub to: Whom,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

impl Step {
    /// When it is due: by day, at the same distance from the end of the due day.
    fn at(&self, due: Timestamp) -> Timestamp {
        let at = due.checked_add(SignedDuration::from_hours(i64::from(self.days) * 24));
        // The end of a day is midnight: nobody is woken, and what is overdue is said in the morning.
        by_day(at.unwrap_or(Timestamp::MAX))
    }
}

/// The next step for a finding: which, and when. `made` is when it was found, `said` the keys that went out for this
/// due day. Of steps that are past the last one alone is said, so that a machine that stood still does not say four
/// things at once; a step that would come before the finding itself is left out.
pub fn next<'s>(
    steps: &'s [Step],
    made: Timestamp,
    due: Timestamp,
    now: Timestamp,
    said: &[String],
) -> Option<(&'s Step, Timestamp)> {
    let mut steps: Vec<(&Step, Timestamp)> = steps.iter().map(|s| (s, s.at(due))).collect();
    steps.sort_by_key(|(step, at)| (*at, step.days));
    let last_said = steps.iter().rposition(|(s, _)| said.contains(&s.key));
    let open: Vec<_> = steps
        .into_iter()
        .enumerate()
        .filter(|(n, (_, at))| last_said.is_none_or(|last| *n > last) && *at > made)
        .map(|(_, step)| step)
        .collect();
    let past = open.iter().rposition(|(_, at)| *at <= now);
    open.get(past.unwrap_or(0)).copied()
}

/// Whether the inspected body may say that it is put right.
pub const fn may_fix(state: FindingState) -> bool {
    matches!(state, FindingState::Open)
}

/// Whether the inspector may close it or send it back; an open one may be closed too: what was seen needs no letter.
pub const fn may_decide(state: FindingState) -> bool {
    matches!(state, FindingState::Open | FindingState::Fixed)
}

/// Whether it is past its due day and still with the inspected body.
pub fn overdue(state: FindingState, due: Timestamp, now: Timestamp) -> bool {
    state == FindingState::Open && due <= now
}

/// The last moment of the due day.
pub fn due_at(day: Date) -> Timestamp {
    time::end_of(day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::legal::Legal;

    fn t(text: &str) -> Timestamp {
        format!("{text}+07:00").parse().unwrap()
    }

    fn steps() -> Vec<Step> {
        Legal::builtin().unwrap().on(jiff::civil::date(2026, 11, 21)).finding_steps().to_vec()
    }

    #[test]
    fn heavier_findings_are_due_earlier() {
        let rules = Rules::default();
        let day = jiff::civil::date(2026, 11, 21);
        let due = |s| rules.due(s, day);
        assert_eq!(due(Severity::High), jiff::civil::date(2026, 11, 28));
        assert!(due(Severity::High) < due(Severity::Medium) && due(Severity::Medium) < due(Severity::Low));
    }

    #[test]
    fn the_body_then_its_head_then_the_inspector_each_once_and_by_day() {
        let (steps, made, due) = (steps(), t("2026-11-10T10:00:00"), t("2026-11-21T00:00:00"));
        let (mut now, mut said, mut told) = (made, Vec::new(), Vec::new());
        while let Some((step, at)) = next(&steps, made, due, now, &said) {
            now = now.max(at);
            said.push(step.key.clone());
            told.push((step.key.as_str(), step.to, at));
        }
        assert_eq!(
            told,
            [
                ("soon", Whom::Body, t("2026-11-18T07:00:00")),
                ("overdue", Whom::Body, t("2026-11-21T07:00:00")),
                ("again", Whom::Head, t("2026-11-24T07:00:00")),
                ("up", Whom::Inspector, t("2026-11-28T07:00:00")),
            ]
        );
    }

    #[test]
    fn after_standing_still_only_the_last_is_said_and_nothing_before_the_finding() {
        let (steps, due) = (steps(), t("2026-11-21T00:00:00"));
        let (made, now) = (t("2026-11-01T10:00:00"), t("2026-11-25T10:00:00"));
        let (step, _) = next(&steps, made, due, now, &[]).unwrap();
        assert_eq!(step.key, "again");
        let (step, at) = next(&steps, made, due, now, &["again".into()]).unwrap();
        assert_eq!((step.key.as_str(), at), ("up", t("2026-11-28T07:00:00")));
        assert!(next(&steps, made, due, now, &["up".into()]).is_none());
        let late = t("2026-11-20T10:00:00");
        assert_eq!(next(&steps, late, due, late, &[]).unwrap().0.key, "overdue");
    }

    proptest! {
        #[test]
        fn no_step_goes_out_twice(hours in proptest::collection::vec(1..200_i64, 1..30)) {
            let (steps, made, due) = (steps(), t("2026-11-10T10:00:00"), t("2026-11-21T00:00:00"));
            let (mut now, mut said) = (made, Vec::<String>::new());
            for pause in hours {
                now += SignedDuration::from_hours(pause);
                while let Some((step, at)) = next(&steps, made, due, now, &said) {
                    if at > now { break }
                    prop_assert!(!said.contains(&step.key));
                    said.push(step.key.clone());
                }
            }
        }
    }
}
