//! Holes that were open when it ended: by body, and the gravest by number.

use domain::order::CampaignState;
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{
    Sql,
    board::Campaign,
    findings::{self, Hole, Left, LeftAt},
};

use crate::{AppError, Visit, board::number, review::say};

/// Bodies and flaws on the page.
const SHOWN: usize = 20;

/// What was open when the window ended; what is open now while it has not.
pub(super) async fn load(
    v: &Visit,
    sql: &mut Sql,
    campaign: &Campaign,
) -> Result<(Left, Timestamp), AppError> {
    let at = moment(v, campaign);
    Ok((findings::left(sql, v.scope(), campaign.id, at, SHOWN).await?, at))
}

fn moment(v: &Visit, campaign: &Campaign) -> Timestamp {
    let end = campaign.window.map(|w| w.to).filter(|_| campaign.state != CampaignState::Draft);
    end.unwrap_or(v.now).min(v.now)
}

/// What the page says of them.
pub(super) struct Holes {
    /// When: the figures are of that moment.
    pub at: String,
    pub at_iso: String,
    /// Machines an inventory had come of, and their bodies.
    pub hosts: String,
    pub known: String,
    pub open: String,
    pub none: bool,
    pub grave: String,
    pub exploited: String,
    pub mended: String,
    pub bodies: Vec<BodyView>,
    /// Bodies that are not shown.
    pub more: usize,
    pub gravest: Vec<HoleView>,
}

pub(super) struct BodyView {
    pub href: String,
    pub name: String,
    pub open: String,
    pub hosts: String,
    pub grave: String,
    pub exploited: String,
    pub mended: String,
}

pub(super) struct HoleView {
    pub href: String,
    pub flaw: String,
    pub severity: (String, &'static str),
    pub exploited: bool,
    pub hosts: String,
    pub bodies: String,
    pub mended: String,
}

/// `None`: no inventory had come by then, so nothing is known.
pub(super) fn view(v: &Visit, p: &crate::Page, left: &Left, at: Timestamp) -> Option<Holes> {
    if left.hosts == 0 {
        return None;
    }
    let sum = |of: fn(&LeftAt) -> u32| number(left.bodies.iter().map(|b| u64::from(of(b))).sum());
    Some(Holes {
        at: p.time(&at),
        at_iso: p.iso(&at),
        hosts: number(left.hosts.into()),
        known: number(left.known.into()),
        none: left.bodies.is_empty(),
        open: sum(|b| b.open),
        grave: sum(|b| b.grave),
        exploited: sum(|b| b.exploited),
        mended: sum(|b| b.mended),
        bodies: left.bodies.iter().take(SHOWN).map(body).collect(),
        more: left.bodies.len().saturating_sub(SHOWN),
        gravest: left.gravest.iter().map(|h| hole(v, h)).collect(),
    })
}

fn body(of: &LeftAt) -> BodyView {
    BodyView {
        href: format!("/review/findings?body={}&state=all", of.body),
        name: of.name.clone(),
        open: number(of.open.into()),
        hosts: number(of.hosts.into()),
        grave: number(of.grave.into()),
        exploited: number(of.exploited.into()),
        mended: number(of.mended.into()),
    }
}

fn hole(v: &Visit, of: &Hole) -> HoleView {
    HoleView {
        href: format!("/review/flaws/{}", of.flaw),
        flaw: of.flaw.clone(),
        severity: say::grade(v.words(), of.severity),
        exploited: of.exploited,
        hosts: number(of.hosts.into()),
        bodies: number(of.bodies.into()),
        mended: number(of.mended.into()),
    }
}

/// The same for a paper: machines and bodies known; open, grave, exploited and mended since; bodies with open, machines,
/// grave and mended since.
pub(super) fn in_words(left: &Left, at: String) -> letter::after::Holes {
    let sum = |of: fn(&LeftAt) -> u32| left.bodies.iter().map(|b| u64::from(of(b))).sum::<u64>();
    letter::after::Holes {
        at,
        hosts: left.hosts.into(),
        known: left.known.into(),
        open: sum(|b| b.open),
        grave: sum(|b| b.grave),
        exploited: sum(|b| b.exploited),
        mended: sum(|b| b.mended),
        bodies: left
            .bodies
            .iter()
            .take(SHOWN)
            .map(|b| (b.name.clone(), [b.open, b.hosts, b.grave, b.mended].map(u64::from)))
            .collect(),
    }
}

/// The same for programs.
pub(super) fn told(left: &Left, at: Timestamp) -> Value {
    let bodies: Vec<Value> = left
        .bodies
        .iter()
        .map(|b| {
            json!({"body": b.body, "open": b.open, "hosts": b.hosts, "grave": b.grave, "exploited": b.exploited,
                   "mended_since": b.mended})
        })
        .collect();
    let gravest: Vec<Value> = left
        .gravest
        .iter()
        .map(|h| {
            json!({"flaw": h.flaw, "severity": h.severity.name(), "exploited": h.exploited, "hosts": h.hosts,
                   "bodies": h.bodies, "mended_since": h.mended})
        })
        .collect();
    json!({"at": at, "hosts": left.hosts, "bodies_known": left.known, "bodies": bodies, "gravest": gravest})
}
