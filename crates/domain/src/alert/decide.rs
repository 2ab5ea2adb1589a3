//! What is to be done about what was found.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Finding, GROUP_HOURS, Lately, OnCall, Open, STORM_ALERTS, STORM_RULE, SWELLS, Standing, Weight};
use crate::{
    id::{Id, kind},
    paging::Severity,
};

/// Why an alert's severity is not its rule's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Raised {
    /// The system is important, or of level 3 and above.
    System,
    /// A campaign's window runs.
    Window,
    /// It has gathered far more events than before.
    Swells,
}

/// One thing to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A new alert; `findings` are places in the list that was given.
    Raise {
        /// What its findings have in common.
        key: String,
        /// The rule it stands under: the findings', or that of a storm.
        rule: String,
        /// How bad.
        severity: Severity,
        /// Why it is worse than the rule says.
        why: Vec<Raised>,
        /// What is in it.
        findings: Vec<usize>,
    },
    /// More of an alert that is open.
    Add {
        /// Which.
        alert: Id<kind::Alert>,
        /// How bad it is now.
        severity: Severity,
        /// Why that changed.
        why: Vec<Raised>,
        /// What is added.
        findings: Vec<usize>,
    },
    /// Somebody is called: for the alert of that key.
    Page {
        /// Which.
        key: String,
        /// Whose watch is called.
        body: Id<kind::Body>,
        /// How bad.
        severity: Severity,
    },
    /// Something was found that is silenced.
    Silence {
        /// By what.
        suppression: Id<kind::Suppression>,
        /// How often.
        findings: usize,
    },
}

/// What is found at once, by key, in the order it was found.
struct Group<'a> {
    key: String,
    first: &'a Finding,
    places: Vec<usize>,
}

/// Decides. The same findings before the same standing give the same effects: replay is this function.
pub fn decide(findings: &[Finding], standing: &Standing, on_call: &OnCall, now: Timestamp) -> Vec<Effect> {
    let mut effects = Vec::new();
    let mut silenced: BTreeMap<Id<kind::Suppression>, usize> = BTreeMap::new();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (place, finding) in findings.iter().enumerate().filter(|(_, f)| f.severity.is_some()) {
        if let Some(by) = standing.suppressions.iter().find(|s| s.covers(finding, now)) {
            *silenced.entry(by.id).or_default() += 1;
            continue;
        }
        let key = finding.key();
        match groups.iter_mut().find(|g| g.key == key) {
            Some(group) => group.places.push(place),
            None => groups.push(Group { key, first: finding, places: vec![place] }),
        }
    }
    let mut fresh: BTreeMap<Id<kind::Body>, usize> = BTreeMap::new();
    let mut storms: Vec<Group<'_>> = Vec::new();
    for group in groups {
        let body = group.first.body;
        let lately = standing.bodies.get(&body).copied().unwrap_or_default();
        if let Some(open) = living(&standing.open, &group.key, now) {
            add(open, group, &mut effects, on_call, body);
            continue;
        }
        let raised = fresh.entry(body).or_default();
        if lately.alerts + *raised >= STORM_ALERTS {
            let key = format!("{body}|{STORM_RULE}|");
            match storms.iter_mut().find(|g| g.key == key) {
                Some(storm) => storm.places.extend(group.places),
                None => storms.push(Group { key, ..group }),
            }
            continue;
        }
        *raised += 1;
        raise(group, None, standing, lately, on_call, &mut effects);
    }
    for mut storm in storms {
        storm.places.sort_unstable();
        let body = storm.first.body;
        match living(&standing.open, &storm.key, now) {
            Some(open) => add(open, storm, &mut effects, on_call, body),
            None => {
                let lately = standing.bodies.get(&body).copied().unwrap_or_default();
                raise(storm, Some(Severity::High), standing, lately, on_call, &mut effects);
            }
        }
    }
    effects.extend(
        silenced.into_iter().map(|(suppression, findings)| Effect::Silence { suppression, findings }),
    );
    effects
}

fn living<'a>(open: &'a [Open], key: &str, now: Timestamp) -> Option<&'a Open> {
    let hours = SignedDuration::from_hours(GROUP_HOURS);
    open.iter().find(|o| o.key == key && now.duration_since(o.last_at) < hours)
}

fn raise(
    group: Group<'_>,
    storm: Option<Severity>,
    standing: &Standing,
    lately: Lately,
    on_call: &OnCall,
    effects: &mut Vec<Effect>,
) {
    let first = group.first;
    let system = first.system.and_then(|id| standing.systems.get(&id)).copied().unwrap_or_default();
    let own = storm.or(first.severity).unwrap_or(Severity::Low);
    let (severity, why) = weighed(own, system, lately.window && storm.is_none());
    page(&group.key, first.body, severity, on_call, effects, |effects| {
        effects.push(Effect::Raise {
            key: group.key.clone(),
            rule: storm.map_or_else(|| first.rule.clone(), |_| STORM_RULE.to_owned()),
            severity,
            why,
            findings: group.places.clone(),
        });
    });
}

fn add(open: &Open, group: Group<'_>, effects: &mut Vec<Effect>, on_call: &OnCall, body: Id<kind::Body>) {
    let after = open.events.saturating_add(group.places.len() as u64);
    // 1, 100, 10 000 …: each time its size has grown a hundredfold.
    let size = |n: u64| n.max(1).ilog(SWELLS);
    let swells = size(after) > size(open.events);
    let severity = if swells { up(open.severity) } else { open.severity };
    let grew = severity > open.severity;
    let why = if grew { vec![Raised::Swells] } else { Vec::new() };
    let add = Effect::Add { alert: open.id, severity, why, findings: group.places };
    if grew {
        page(&open.key, body, severity, on_call, effects, |effects| effects.push(add));
    } else {
        effects.push(add);
    }
}

/// After what is recorded: whoever watches is called for what cannot wait until morning.
fn page(
    key: &str,
    body: Id<kind::Body>,
    severity: Severity,
    on_call: &OnCall,
    effects: &mut Vec<Effect>,
    record: impl FnOnce(&mut Vec<Effect>),
) {
    record(effects);
    if severity >= Severity::High {
        let called = on_call.get(&body).copied().unwrap_or(body);
        effects.push(Effect::Page { key: key.to_owned(), body: called, severity });
    }
}

/// One step worse for a system that matters, one more in a window; what is only low stays where it is in a window, since
/// nobody is to be woken for it.
fn weighed(own: Severity, system: Weight, window: bool) -> (Severity, Vec<Raised>) {
    let (mut severity, mut why) = (own, Vec::new());
    if (system.important || system.level.is_some_and(|l| l.get() >= 3)) && own > Severity::Low {
        severity = up(severity);
        why.push(Raised::System);
    }
    if window && own > Severity::Low {
        severity = up(severity);
        why.push(Raised::Window);
    }
    if severity == own {
        why.clear();
    }
    (severity, why)
}

fn up(severity: Severity) -> Severity {
    match severity {
        Severity::Low => Severity::Medium,
        Severity::Medium => Severity::High,
        Severity::High | Severity::Critical => Severity::Critical,
    }
}
