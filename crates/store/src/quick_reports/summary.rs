//! The reports of a campaign in one look, for the report up and whoever else adds them up.

use std::collections::BTreeMap;

use domain::{
    actor::Scope,
    id::{Id, kind},
    legal::Legal,
    quick_reports::Figure,
};
use jiff::Timestamp;

use super::{
    course::{self},
    draft::sum,
    read,
};
use crate::{Sql, StoreError};

/// A round without a report in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// Which body.
    pub body: Id<kind::Body>,
    /// Its name.
    pub name: String,
    /// The round's hour.
    pub round: Timestamp,
}

/// What a body said in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoiceKind {
    /// Khó khăn, vướng mắc.
    Difficulty,
    /// Đề xuất, kiến nghị.
    Proposal,
}

/// What a body said in words, when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice {
    /// Which body.
    pub body: Id<kind::Body>,
    /// Its name.
    pub name: String,
    /// The round's hour.
    pub round: Timestamp,
    /// When it was confirmed.
    pub at: Timestamp,
    /// What kind.
    pub kind: VoiceKind,
    /// The words.
    pub text: String,
    /// The report they stand in.
    pub report: Id<kind::QuickReport>,
}

/// The quick reports of a campaign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rounds that have come due.
    pub rounds: u32,
    /// Reports those rounds expected, over all bodies.
    pub expected: u32,
    /// Of them confirmed in time.
    pub in_time: u32,
    /// Of them stated to be nil.
    pub nil: u32,
    /// Each figure over all bodies and rounds: what speaks of a time added up, of a state the newest. A figure nobody
    /// stated is absent, not zero.
    pub totals: BTreeMap<Figure, u32>,
    /// Reports that came late.
    pub late: Vec<Missed>,
    /// Reports that did not come.
    pub missing: Vec<Missed>,
    /// Difficulties and proposals, newest first.
    pub voices: Vec<Voice>,
}

/// The quick reports of a campaign up to now, of some of its bodies; an empty list means all the scope sees. Empty where
/// the campaign asks for none.
pub async fn summary(
    sql: &mut Sql,
    scope: &Scope,
    legal: &Legal,
    campaign: Id<kind::Campaign>,
    bodies: &[Id<kind::Body>],
    now: Timestamp,
) -> Result<Summary, StoreError> {
    let course = course::course(sql, scope, legal, campaign, now).await?;
    let mut all = course::expected(sql, scope, &course).await?;
    all.retain(|e| bodies.is_empty() || bodies.contains(&e.body));
    let ids: Vec<_> = all.iter().map(|e| e.assignment).collect();
    let reports = read::standing(sql, &ids, Timestamp::MIN, Timestamp::MAX).await?;
    let due: Vec<_> = course.rounds.iter().filter(|r| r.due <= now).collect();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let mut found = Summary { rounds: count(due.len()), ..Summary::default() };
    let by_round: BTreeMap<_, _> = reports.iter().map(|r| ((r.assignment, r.content.round), r)).collect();
    for of in &all {
        for round in due.iter().filter(|r| of.owes(r)) {
            found.expected = found.expected.saturating_add(1);
            let missed = || Missed { body: of.body, name: of.name.clone(), round: round.at };
            match by_round.get(&(of.assignment, round.at)) {
                None => found.missing.push(missed()),
                Some(report) if report.late => found.late.push(missed()),
                Some(_) => found.in_time = found.in_time.saturating_add(1),
            }
        }
    }
    found.nil = count(reports.iter().filter(|r| r.content.nil).count());
    found.totals = Figure::ALL.iter().filter_map(|f| sum(&reports, *f).map(|n| (*f, n))).collect();
    for report in &reports {
        let said = [
            (VoiceKind::Difficulty, &report.content.difficulties),
            (VoiceKind::Proposal, &report.content.proposals),
        ];
        for (kind, text) in said.into_iter().filter(|(_, text)| !text.is_empty()) {
            found.voices.push(Voice {
                body: report.content.body,
                name: report.content.body_name.clone(),
                round: report.content.round,
                at: report.content.at,
                kind,
                text: text.clone(),
                report: report.id,
            });
        }
    }
    found.voices.sort_by_key(|v| std::cmp::Reverse(v.at));
    Ok(found)
}
