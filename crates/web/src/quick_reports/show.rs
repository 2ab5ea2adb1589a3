//! Reports as people read them: lines of figures, the form, a frozen version.

use domain::quick_reports::{Figure, Prefilled, Round, statement};
use jiff::Timestamp;
use store::quick_reports::{Filled, How, Report, fingerprint};

use super::given::{Fields, field};
use crate::{Lang, Page, Visit};

/// An instant and its exact text.
pub(super) struct When {
    pub iso: String,
    pub text: String,
}

pub(super) fn when(p: &Page, at: Timestamp) -> When {
    When { iso: p.iso(&at), text: p.time(&at) }
}

/// `08:00 06/02/2027`, as rounds are called.
pub(super) fn hour(at: Timestamp) -> String {
    domain::time::local(at).strftime("%H:%M %d/%m/%Y").to_string()
}

/// A figure of the form.
pub(super) struct Line {
    pub name: &'static str,
    pub label: String,
    /// What stands in the field.
    pub value: String,
    /// What Canh knows; empty where nothing.
    pub canh: String,
    /// Where from and as of when; empty where Canh knows nothing.
    pub source: String,
    /// Added up over the sub-bodies; empty where none reported it.
    pub below: String,
}

/// The form of a report.
pub(super) struct Form {
    pub action: String,
    /// What the draft showed, so that nothing is signed unseen.
    pub seen: String,
    pub corrects: u32,
    pub nil_sentence: String,
    /// Which of the two was chosen; neither at first.
    pub nil: bool,
    pub some: bool,
    /// Whether a sub-body reported something, so that *nothing happened* cannot be said.
    pub happened_below: bool,
    pub must: Vec<Line>,
    pub rest: Vec<Line>,
    pub roster: String,
    pub on_duty: String,
    pub difficulties: String,
    pub proposals: String,
    pub below_all: u32,
    pub below_reported: u32,
    pub missing: Vec<String>,
    /// Why it was not accepted, translated.
    pub error: String,
}

/// The form as it is shown: with what was typed, if something was; else as Canh filled it, or as the version says that
/// is to be corrected.
pub(super) fn form(v: &Visit, p: &Page, filled: &Filled, typed: Option<(&Fields, String)>) -> Form {
    let draft = &filled.draft;
    let newest = filled.versions.first().map(|r| &r.content);
    let fields = typed.as_ref().map(|(fields, _)| *fields);
    let line = |f: &Prefilled| {
        let said = newest
            .and_then(|c| c.figures.iter().find(|k| k.prefilled.figure == f.figure))
            .and_then(|k| k.own);
        let number = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
        Line {
            name: f.figure.name(),
            label: label(p, f.figure),
            value: match fields {
                Some(fields) => field(fields, f.figure.name()).to_owned(),
                None => number(said.or(f.value)),
            },
            canh: number(f.value),
            source: source(p, f),
            below: number(f.below),
        }
    };
    let (must, rest): (Vec<_>, Vec<_>) = draft.figures.iter().partition(|f| f.figure.must());
    let text = |name: &str, said: Option<&String>| match fields {
        Some(fields) => field(fields, name).to_owned(),
        None => said.cloned().unwrap_or_default(),
    };
    let chosen = fields.map(|f| field(f, "what"));
    let stated = newest.map(|c| c.on_duty.stated.join("\n"));
    Form {
        action: super::own_page(filled.assignment, &filled.round.key()),
        seen: fingerprint(draft),
        corrects: newest.map_or(0, |c| c.version),
        nil_sentence: statement(draft, &filled.terms, v.lang == Lang::En, None),
        nil: chosen.map_or_else(|| newest.is_some_and(|c| c.nil), |c| c == "nil"),
        some: chosen.map_or_else(|| newest.is_some_and(|c| !c.nil), |c| c == "some"),
        happened_below: draft.below(Figure::Incidents) + draft.below(Figure::Alerts) > 0,
        must: must.into_iter().map(line).collect(),
        rest: rest.into_iter().map(line).collect(),
        roster: draft.on_duty.join(", "),
        on_duty: text("on-duty", stated.as_ref()),
        difficulties: text("difficulties", newest.map(|c| &c.difficulties)),
        proposals: text("proposals", newest.map(|c| &c.proposals)),
        below_all: draft.below.all,
        below_reported: draft.below.reported,
        missing: draft.below.missing.clone(),
        error: typed.map(|(_, error)| error).unwrap_or_default(),
    }
}

pub(super) fn label(p: &Page, figure: Figure) -> String {
    p.t(match figure {
        Figure::Incidents => "quick-incidents",
        Figure::Alerts => "quick-alerts",
        Figure::DutiesMet => "quick-duties-met",
        Figure::DutiesAll => "quick-duties-all",
        Figure::MachinesHandled => "quick-machines-handled",
        Figure::MachinesAll => "quick-machines-all",
        Figure::LinesUp => "quick-lines-up",
        Figure::LinesAll => "quick-lines-all",
        Figure::Outages => "quick-outages",
    })
}

/// Where Canh has a figure from, and as of when.
fn source(p: &Page, f: &Prefilled) -> String {
    let Some(at) = f.at.filter(|_| f.value.is_some()) else { return String::new() };
    let from = p.t(match f.source.as_str() {
        "verdicts" => "quick-from-verdicts",
        "lines" => "quick-from-lines",
        _ => "quick-from-records",
    });
    p.t2("quick-from", "source", from, "at", p.time(&at))
}

/// A figure of a confirmed report.
pub(super) struct Kept {
    pub label: String,
    /// Own and sub-bodies' together.
    pub total: String,
    pub own: String,
    pub below: String,
    pub canh: String,
    pub source: String,
    pub changed: bool,
}

/// One version, frozen.
pub(super) struct Frozen {
    pub href: String,
    pub version: u32,
    pub nil: bool,
    pub late: bool,
    pub statement: String,
    pub by: String,
    pub at: When,
    pub how: String,
    pub digest: String,
    pub entry: u64,
    pub intact: bool,
    pub superseded: Option<When>,
    pub figures: Vec<Kept>,
    pub roster: String,
    pub on_duty: String,
    pub difficulties: String,
    pub proposals: String,
    pub missing: Vec<String>,
    pub below_all: u32,
}

pub(super) fn frozen(p: &Page, r: &Report) -> Frozen {
    let c = &r.content;
    let number = |n: Option<u32>| n.map_or_else(|| p.t("quick-not-known"), |n| n.to_string());
    let figures = c
        .figures
        .iter()
        .map(|k| Kept {
            label: label(p, k.prefilled.figure),
            total: number(k.total()),
            own: number(k.own),
            below: k.prefilled.below.map(|n| n.to_string()).unwrap_or_default(),
            canh: number(k.prefilled.value),
            source: source(p, &k.prefilled),
            changed: k.changed(),
        })
        .collect();
    Frozen {
        href: format!("/reports/quick/report/{}", r.id),
        version: c.version,
        nil: c.nil,
        late: r.late,
        statement: c.statement.clone(),
        by: c.by_name.clone(),
        at: when(p, c.at),
        how: p.t(how(r.how)),
        digest: r.digest.clone(),
        entry: r.entry,
        intact: r.intact,
        superseded: r.superseded_at.map(|at| when(p, at)),
        figures,
        roster: c.on_duty.roster.join(", "),
        on_duty: c.on_duty.stated.join(", "),
        difficulties: c.difficulties.clone(),
        proposals: c.proposals.clone(),
        missing: c.below.missing.clone(),
        below_all: c.below.all,
    }
}

fn how(how: How) -> &'static str {
    match how {
        How::Page => "quick-how-page",
        How::Api => "quick-how-api",
        How::Link => "quick-how-link",
    }
}

/// Where a report stands: class and words of its chip.
pub(super) fn chip(
    p: &Page,
    round: &Round,
    report: Option<&Report>,
    now: Timestamp,
) -> (&'static str, String) {
    let (class, id) = match report {
        Some(r) if r.late => ("p", "quick-state-late"),
        Some(_) => ("m", "quick-state-in-time"),
        None if now < round.opens => ("d", "quick-state-not-open"),
        None if now < round.due => ("d", "quick-state-waiting"),
        None => ("n", "quick-state-missing"),
    };
    (class, p.t(id))
}
