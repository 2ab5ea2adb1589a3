//! Templates of campaigns: what was ordered once, ready to be ordered again over another window; and lessons, which
//! change them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Contact, LineRole, due::due as by_catalogue};
use crate::{
    duty::Code,
    id::{Id, kind},
    legal::Pack,
    system::SystemScope,
    time::Window,
};

/// A campaign without its dates.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Template {
    /// The occasion's key.
    pub occasion: Option<String>,
    /// Which systems.
    pub scope: SystemScope,
    /// Whom to ask.
    pub contacts: Vec<Contact>,
    /// What the issuer adds.
    pub note: Option<String>,
    /// Its duties, in order.
    pub duties: Vec<Duty>,
    /// Its lines, in order.
    pub lines: Vec<Line>,
}

/// One duty of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// Code of the catalogue.
    pub code: String,
    /// The item's numbering in the letter it came from.
    pub path: String,
    /// The words that order it.
    pub quote: String,
    /// For whom, as written; `None` = all addressees.
    pub actor: Option<String>,
    /// When it is due; `None` = by the catalogue's rule.
    pub due: Option<Due>,
    /// What evidence is asked for beyond the catalogue.
    pub evidence: String,
    /// Proposed by Canh.
    pub standing: bool,
}

/// A due time reckoned from the window, so that it fits next year's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
    /// From where.
    pub from: Anchor,
    /// So many minutes after it; before it when negative.
    pub minutes: i64,
}

/// What a due time is reckoned from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Anchor {
    /// When the order is made; for campaigns without a window.
    Issue,
    /// The window's first instant.
    Start,
    /// The first instant after the window.
    End,
}

/// A line of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// What it is.
    pub role: LineRole,
    /// As written.
    pub line: String,
    /// The bodies it meant.
    pub bodies: Vec<Id<kind::Body>>,
}

/// What a lesson changes in a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub enum Change {
    /// Words only.
    None,
    /// A duty more.
    Add {
        /// Its code.
        code: String,
        /// The words that order it.
        quote: String,
    },
    /// A duty less.
    Drop {
        /// Its code.
        code: String,
    },
    /// Due so many hours before the window begins.
    Due {
        /// The duty's code.
        code: String,
        /// Hours before the window; negative = after it began.
        hours_before: i64,
    },
    /// Other evidence to be asked for.
    Evidence {
        /// The duty's code.
        code: String,
        /// What is asked for.
        evidence: String,
    },
}

/// A due time as a template keeps it. What the catalogue's own rule gives stays with the rule.
pub fn relative(
    pack: &Pack,
    code: &str,
    due: Option<Timestamp>,
    issued: Option<Timestamp>,
    window: Option<Window>,
) -> Option<Due> {
    let due = due?;
    if issued.is_some_and(|at| by_catalogue(pack.duty(code), at, window) == Some(due)) {
        return None;
    }
    let from = |from, at: Timestamp| Due { from, minutes: due.duration_since(at).as_mins() };
    match (window, issued) {
        (Some(window), _) if due <= window.from => Some(from(Anchor::Start, window.from)),
        (Some(window), _) => Some(from(Anchor::End, window.to)),
        (None, Some(issued)) => Some(from(Anchor::Issue, issued)),
        (None, None) => None,
    }
}

impl Due {
    /// The instant it means for a campaign made at `now` over that window; `None` where it needs a window and there is
    /// none: then the catalogue's rule decides.
    pub fn at(self, now: Timestamp, window: Option<Window>) -> Option<Timestamp> {
        let anchor = match (self.from, window) {
            (Anchor::Issue, _) => now,
            (Anchor::Start, Some(window)) => window.from,
            (Anchor::End, Some(window)) => window.to,
            (_, None) => return None,
        };
        anchor.checked_add(SignedDuration::from_mins(self.minutes)).ok()
    }
}

/// Why a change does not fit a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// No duty of that code in it.
    #[error("no duty of that code")]
    NoDuty,
    /// It has a duty of that code.
    #[error("the duty is there")]
    Duty,
    /// Not a code.
    #[error("not a code")]
    Code,
}

impl Template {
    /// The template with that change. Where several duties bear the code, all of them change.
    ///
    /// # Errors
    /// When the change speaks of a duty that is not there, or adds one that is.
    pub fn changed(mut self, change: &Change) -> Result<Self, Unfit> {
        match change {
            Change::None => {}
            Change::Add { code, quote } => {
                let code = Code::new(code).map_err(|_| Unfit::Code)?;
                if self.has(code.as_str()) {
                    return Err(Unfit::Duty);
                }
                self.duties.push(Duty {
                    code: code.as_str().to_owned(),
                    path: String::new(),
                    quote: quote.clone(),
                    actor: None,
                    due: None,
                    evidence: String::new(),
                    standing: false,
                });
            }
            Change::Drop { code } => {
                if !self.has(code) {
                    return Err(Unfit::NoDuty);
                }
                self.duties.retain(|d| d.code != *code);
            }
            Change::Due { code, hours_before } => {
                let due = Due { from: Anchor::Start, minutes: hours_before.saturating_mul(-60) };
                self.each(code, |d| d.due = Some(due))?;
            }
            Change::Evidence { code, evidence } => self.each(code, |d| d.evidence.clone_from(evidence))?,
        }
        Ok(self)
    }

    fn has(&self, code: &str) -> bool {
        self.duties.iter().any(|d| d.code == code)
    }

    fn each(&mut self, code: &str, change: impl Fn(&mut Duty)) -> Result<(), Unfit> {
        if !self.has(code) {
            return Err(Unfit::NoDuty);
        }
        self.duties.iter_mut().filter(|d| d.code == code).for_each(change);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{legal::Legal, time::start_of};

    fn duty(code: &str) -> Duty {
        Duty {
            code: code.into(),
            path: "1".into(),
            quote: "…".into(),
            actor: None,
            due: None,
            evidence: String::new(),
            standing: false,
        }
    }

    #[test]
    fn a_due_time_moves_with_the_window() {
        let legal = Legal::builtin().unwrap();
        let pack = legal.on(date(2026, 1, 10));
        let (old, new) = (
            Window::days(date(2026, 2, 14), date(2026, 2, 22)),
            Window::days(date(2027, 2, 4), date(2027, 2, 12)),
        );
        let issued = start_of(date(2026, 1, 20));
        let before =
            relative(pack, "SELF", Some(start_of(date(2026, 2, 11))), Some(issued), Some(old)).unwrap();
        assert_eq!(before, Due { from: Anchor::Start, minutes: -3 * 24 * 60 });
        assert_eq!(before.at(issued, Some(new)), Some(start_of(date(2027, 2, 1))));
        let after =
            relative(pack, "RPT", Some(start_of(date(2026, 2, 25))), Some(issued), Some(old)).unwrap();
        assert_eq!(after.at(issued, Some(new)), Some(start_of(date(2027, 2, 15))));
        assert_eq!(after.at(issued, None), None);
    }

    #[test]
    fn what_the_catalogue_gave_stays_with_the_catalogue() {
        let legal = Legal::builtin().unwrap();
        let pack = legal.on(date(2026, 1, 10));
        let window = Some(Window::days(date(2026, 2, 14), date(2026, 2, 22)));
        let issued = start_of(date(2026, 1, 20));
        let given = by_catalogue(pack.duty("VREV"), issued, window);
        assert_eq!(relative(pack, "VREV", given, Some(issued), window), None);
        let own = relative(pack, "VREV", Some(start_of(date(2026, 1, 25))), Some(issued), None).unwrap();
        assert_eq!(own, Due { from: Anchor::Issue, minutes: 5 * 24 * 60 });
    }

    #[test]
    fn lessons_change_what_they_name_and_refuse_what_is_not_there() {
        let template =
            Template { duties: vec![duty("VREV"), duty("LEAD"), duty("VREV")], ..Template::default() };
        let change = |c: Change| template.clone().changed(&c);
        let due = change(Change::Due { code: "VREV".into(), hours_before: 48 }).unwrap();
        assert_eq!(due.duties.iter().filter(|d| d.due.is_some()).count(), 2);
        assert_eq!(change(Change::Drop { code: "VREV".into() }).unwrap().duties.len(), 1);
        assert_eq!(change(Change::Drop { code: "HUNT".into() }), Err(Unfit::NoDuty));
        let add = |code: &str| Change::Add { code: code.into(), quote: "Diễn tập".into() };
        assert_eq!(change(add("DRIL")).unwrap().duties.last().unwrap().quote, "Diễn tập");
        assert_eq!(change(add("LEAD")), Err(Unfit::Duty));
        assert_eq!(change(add("no code")), Err(Unfit::Code));
        let asked = change(Change::Evidence { code: "LEAD".into(), evidence: "Bản ký".into() }).unwrap();
        assert_eq!(asked.duties[1].evidence, "Bản ký");
        assert_eq!(change(Change::None).unwrap(), template);
    }
}
