//! What a report says. Canh fills in what it knows, with source and time; what it does not know is blank until a person
//! states it; a figure that a person changed keeps both values. A confirmed report is frozen.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Terms;
use crate::{
    id::{Id, kind},
    right::names,
    time,
};

/// Characters of difficulties or proposals: a page and a half; what is longer is a letter.
pub const TEXT_MAX: usize = 4_000;
/// People named as on duty, and the characters of one name.
pub const NAMES_MAX: usize = 12;
/// Longest name of somebody on duty, with what they are.
pub const NAME_MAX: usize = 120;
/// No figure is greater: a typing error, not a report.
const FIGURE_MAX: u32 = 10_000_000;

/// A figure of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Figure {
    /// Incidents in the time the round speaks of.
    Incidents,
    /// Alerts that had to be handled in that time.
    Alerts,
    /// Duties of the order that are met, excused or not applicable.
    DutiesMet,
    /// All duties of the order.
    DutiesAll,
    /// Machines handled, added up over the duties that count machines.
    MachinesHandled,
    /// All machines of those duties.
    MachinesAll,
    /// Lines that are up.
    LinesUp,
    /// All lines kept under watch.
    LinesAll,
    /// Outages in the time the round speaks of.
    Outages,
}
names!(Figure {
    Incidents = "incidents", Alerts = "alerts", DutiesMet = "duties-met", DutiesAll = "duties-all",
    MachinesHandled = "machines-handled", MachinesAll = "machines-all", LinesUp = "lines-up",
    LinesAll = "lines-all", Outages = "outages",
} "figure of a quick report");

impl Figure {
    /// Whether a report without it says nothing: such a figure must be stated.
    pub const fn must(self) -> bool {
        matches!(self, Figure::Incidents | Figure::Alerts)
    }
    /// The whole of which this is a part.
    pub const fn whole(self) -> Option<Figure> {
        match self {
            Figure::DutiesMet => Some(Figure::DutiesAll),
            Figure::MachinesHandled => Some(Figure::MachinesAll),
            Figure::LinesUp => Some(Figure::LinesAll),
            _ => None,
        }
    }
    /// Whether it speaks of the round's time, so that rounds add up; otherwise the newest holds.
    pub const fn adds_up(self) -> bool {
        matches!(self, Figure::Incidents | Figure::Alerts | Figure::Outages)
    }
}

/// What Canh knows of one figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prefilled {
    /// Which.
    pub figure: Figure,
    /// The body's own; `None`: not known to Canh, never zero by itself.
    pub value: Option<u32>,
    /// Where from: `verdicts`, `lines`, `requests`; empty where Canh knows nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// As of when.
    pub at: Option<Timestamp>,
    /// Added up from the confirmed reports of sub-bodies to which the order was passed on.
    pub below: Option<u32>,
}

/// The sub-bodies of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Below {
    /// How many were asked.
    pub all: u32,
    /// How many have reported.
    pub reported: u32,
    /// The names of those that have not, in the order of names.
    pub missing: Vec<String>,
}

/// Who is on duty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnDuty {
    /// From the roster; empty where Canh keeps none for this body.
    pub roster: Vec<String>,
    /// As the person who confirmed says.
    pub stated: Vec<String>,
}

/// A report that Canh has filled and nobody has confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Whose.
    pub body: Id<kind::Body>,
    /// The body's name.
    pub body_name: String,
    /// The campaign.
    pub campaign: Id<kind::Campaign>,
    /// The round's hour.
    pub round: Timestamp,
    /// It speaks of the time from here.
    pub since: Timestamp,
    /// Due when.
    pub due: Timestamp,
    /// What Canh knows, a line a figure.
    pub figures: Vec<Prefilled>,
    /// Who is on duty by the roster.
    pub on_duty: Vec<String>,
    /// The sub-bodies, if the order was passed on.
    pub below: Below,
}

impl Draft {
    /// What of the draft must be the same when it is confirmed as when it was shown: everything but the times at which
    /// the sources were looked at.
    pub fn shown(&self) -> String {
        let figures: Vec<_> = self.figures.iter().map(|f| (f.figure, f.value, f.below)).collect();
        serde_json::to_string(&(self.round, self.body, figures, &self.on_duty, &self.below))
            .unwrap_or_default()
    }
    /// Added up over the sub-bodies, if any reported it.
    pub fn below(&self, figure: Figure) -> u32 {
        self.figures.iter().find(|f| f.figure == figure).and_then(|f| f.below).unwrap_or(0)
    }
}

/// What a person says about a draft.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Nothing happened: *không có sự cố*.
    pub nil: bool,
    /// Figures of the own body that the person gave or changed; the others stay as prefilled.
    pub figures: Vec<(Figure, u32)>,
    /// Who is on duty.
    pub on_duty: Vec<String>,
    /// Difficulties.
    pub difficulties: String,
    /// Proposals.
    pub proposals: String,
    /// The statement in English rather than Vietnamese: the language in which the person read it.
    pub english: bool,
}

/// A figure as it was confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What Canh had filled in.
    #[serde(flatten)]
    pub prefilled: Prefilled,
    /// The own body's, as confirmed; `None`: neither known nor stated.
    pub own: Option<u32>,
}

impl Kept {
    /// Own and sub-bodies' together; `None` where nobody said anything.
    pub fn total(&self) -> Option<u32> {
        match (self.own, self.prefilled.below) {
            (None, None) => None,
            (own, below) => Some(own.unwrap_or(0).saturating_add(below.unwrap_or(0))),
        }
    }
    /// Whether a person put another value in the place of Canh's.
    pub fn changed(&self) -> bool {
        self.prefilled.value.is_some() && self.own != self.prefilled.value
    }
}

/// A confirmed report: what is frozen, and of which the digest stands in the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Whose.
    pub body: Id<kind::Body>,
    /// The body's name then.
    pub body_name: String,
    /// The campaign.
    pub campaign: Id<kind::Campaign>,
    /// The round's hour.
    pub round: Timestamp,
    /// It speaks of the time from here.
    pub since: Timestamp,
    /// Due when.
    pub due: Timestamp,
    /// 1, or more where it corrects one before.
    pub version: u32,
    /// Nothing happened, and somebody says so.
    pub nil: bool,
    /// The sentence the person put their name to.
    pub statement: String,
    /// The figures.
    pub figures: Vec<Kept>,
    /// Who was on duty.
    pub on_duty: OnDuty,
    /// The sub-bodies.
    pub below: Below,
    /// Difficulties.
    pub difficulties: String,
    /// Proposals.
    pub proposals: String,
    /// Who confirmed.
    pub by: Id<kind::Person>,
    /// Their name then.
    pub by_name: String,
    /// When.
    pub at: Timestamp,
}

impl Content {
    /// A figure, own and sub-bodies' together.
    pub fn total(&self, figure: Figure) -> Option<u32> {
        self.figures.iter().find(|k| k.prefilled.figure == figure).and_then(Kept::total)
    }
}

/// Why a report cannot be confirmed as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// The figure must be stated.
    Blank(Figure),
    /// The figure is greater than its whole, or greater than can be.
    Figure(Figure),
    /// Nothing happened, but a sub-body reported that something did.
    NotNil,
    /// Incidents and alerts are all zero: that is a nil report, and has to be said as one.
    Nil,
    /// Too many names, or one too long.
    OnDuty,
    /// Longer than [`TEXT_MAX`].
    Long,
}

/// Freezes what a person confirms.
pub fn confirm(
    draft: &Draft,
    said: &Said,
    terms: &Terms,
    version: u32,
    (by, by_name): (Id<kind::Person>, &str),
    at: Timestamp,
) -> Result<Content, Unfit> {
    let given = |figure| said.figures.iter().find(|(f, _)| *f == figure).map(|(_, value)| *value);
    let happened = |figure: Figure| matches!(figure, Figure::Incidents | Figure::Alerts);
    let figures: Vec<Kept> = draft
        .figures
        .iter()
        .map(|f| {
            let own = if said.nil && happened(f.figure) { Some(0) } else { given(f.figure).or(f.value) };
            Kept { prefilled: f.clone(), own }
        })
        .collect();
    let own = |figure| figures.iter().find(|k| k.prefilled.figure == figure).and_then(|k| k.own);
    for kept in &figures {
        let figure = kept.prefilled.figure;
        if figure.must() && kept.own.is_none() {
            return Err(Unfit::Blank(figure));
        }
        let whole = figure.whole().and_then(own);
        if kept.own.is_some_and(|n| n > FIGURE_MAX || whole.is_some_and(|all| n > all)) {
            return Err(Unfit::Figure(figure));
        }
    }
    let total = |figure: Figure| own(figure).unwrap_or(0).saturating_add(draft.below(figure));
    let nothing = total(Figure::Incidents) == 0 && total(Figure::Alerts) == 0;
    match said.nil {
        true if !nothing => return Err(Unfit::NotNil),
        false if nothing => return Err(Unfit::Nil),
        _ => {}
    }
    let stated: Vec<String> =
        said.on_duty.iter().map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()).collect();
    if stated.len() > NAMES_MAX || stated.iter().any(|n| n.chars().count() > NAME_MAX) {
        return Err(Unfit::OnDuty);
    }
    let words = |text: &str| {
        let text = text.trim();
        if text.chars().count() > TEXT_MAX { Err(Unfit::Long) } else { Ok(text.to_owned()) }
    };
    Ok(Content {
        statement: statement(
            draft,
            terms,
            said.english,
            (!said.nil).then(|| (total(Figure::Incidents), total(Figure::Alerts))),
        ),
        body: draft.body,
        body_name: draft.body_name.clone(),
        campaign: draft.campaign,
        round: draft.round,
        since: draft.since,
        due: draft.due,
        version,
        nil: said.nil,
        on_duty: OnDuty { roster: draft.on_duty.clone(), stated },
        below: draft.below.clone(),
        difficulties: words(&said.difficulties)?,
        proposals: words(&said.proposals)?,
        by,
        by_name: by_name.to_owned(),
        at,
        figures,
    })
}

/// The sentence people put their name to: of the legal pack, with this report's names and, where something happened,
/// its incidents and alerts.
pub fn statement(draft: &Draft, terms: &Terms, english: bool, happened: Option<(u32, u32)>) -> String {
    let (main, missing) = match (happened.is_none(), english) {
        (true, false) => (&terms.nil_vi, &terms.missing_vi),
        (true, true) => (&terms.nil_en, &terms.missing_en),
        (false, false) => (&terms.some_vi, &terms.missing_vi),
        (false, true) => (&terms.some_en, &terms.missing_en),
    };
    let (incidents, alerts) = happened.unwrap_or_default();
    let written = |at| time::local(at).strftime("%H:%M %d/%m/%Y").to_string();
    let mut text = filled(
        main,
        &[
            ("from", &written(draft.since)),
            ("to", &written(draft.round)),
            ("body", &draft.body_name),
            ("incidents", &incidents.to_string()),
            ("alerts", &alerts.to_string()),
        ],
    );
    if !draft.below.missing.is_empty() {
        let n = draft.below.missing.len().to_string();
        text.push(' ');
        text.push_str(&filled(missing, &[("n", &n), ("all", &draft.below.all.to_string())]));
    }
    text
}

/// Puts values into the places of a sentence, in one pass: a name with braces in it stays a name.
fn filled(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(sentence.len() + 64);
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            text.push('{');
            rest = after;
            continue;
        };
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => text.push_str(value),
            None => text.extend(["{", name, "}"]),
        }
        rest = tail;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests;
