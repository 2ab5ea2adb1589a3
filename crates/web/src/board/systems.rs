//! Behind MON, LOGS and AVC: each registered system with when it was heard and how long its logs are kept; each machine
//! with when anti-malware last spoke of it.

use domain::{
    evidence::Evaluator,
    id::{Id, kind},
    monitoring::{self, Held, Segment, Terms},
    time::{self, Window},
};
use jiff::{SignedDuration, Timestamp};
use store::{
    Sql, StoreError,
    hosts::{Contact, contacts},
    sources::{SystemHeard, systems},
};

use crate::{Visit, rosters::say};

/// So many machines are listed; those without contact come first.
const HOSTS_MAX: usize = 300;
/// Gaps listed of one system, the newest.
const GAPS_MAX: usize = 20;

/// What is shown below the evidence of a duty.
#[derive(Default)]
pub(super) struct Opened {
    pub systems: Vec<SystemView>,
    /// What the days of retention are measured by is shown too.
    pub retention: bool,
    pub hosts: Vec<HostView>,
    /// Said where machines are left off.
    pub more: String,
}

/// A system within the window.
pub(super) struct SystemView {
    pub href: String,
    pub name: String,
    pub class: &'static str,
    pub word: String,
    /// Minutes, or days kept.
    pub said: String,
    /// A line of a thousand: class, start, width.
    pub bar: Vec<(&'static str, u32, u32)>,
    pub sources: Vec<(String, String, String)>,
    pub gaps: Vec<(String, String)>,
}

/// A machine.
pub(super) struct HostView {
    pub href: String,
    pub name: String,
    pub class: &'static str,
    pub word: String,
    pub last: String,
}

/// Nothing for any other duty.
pub(super) async fn of(
    v: &Visit,
    sql: &mut Sql,
    code: Option<&str>,
    body: Id<kind::Body>,
    window: Option<Window>,
) -> Result<Opened, StoreError> {
    let rule = code.and_then(|c| v.pack().duty(c)).map(|d| d.evaluator);
    let Some(terms) = v.pack().monitoring() else { return Ok(Opened::default()) };
    let now = Window { from: v.now, to: v.now };
    match rule {
        Some(Evaluator::Monitoring) => {
            let window = window.filter(|w| w.from < v.now);
            let all = systems(sql, v.scope(), &[body], window.unwrap_or(now), terms.gap()).await?;
            let systems = all.iter().map(|s| heard(v, s, window, terms)).collect();
            Ok(Opened { systems, ..Opened::default() })
        }
        Some(Evaluator::Retention) => {
            let all = systems(sql, v.scope(), &[body], now, terms.gap()).await?;
            let systems = all.iter().map(|s| kept(v, s, terms)).collect();
            Ok(Opened { systems, retention: true, ..Opened::default() })
        }
        Some(Evaluator::Consoles) => {
            let all = contacts(sql, v.scope(), &[body]).await?;
            Ok(machines(v, all, terms))
        }
        _ => Ok(Opened::default()),
    }
}

fn system(v: &Visit, s: &SystemHeard) -> SystemView {
    let source = |o: &store::sources::SourceHeard| {
        let last = o.spoken.stretches.last().map(|s| say::moment(s.to));
        (format!("/sources/{}", o.id), o.name.clone(), last.unwrap_or_else(|| v.t("source-never")))
    };
    SystemView {
        href: format!("/register/systems/{}", s.id),
        name: s.name.clone(),
        class: "u",
        word: v.t("heard-no-source"),
        said: String::new(),
        bar: Vec::new(),
        sources: s.sources.iter().filter(|s| s.open).map(source).collect(),
        gaps: Vec::new(),
    }
}

const fn class(held: Held) -> &'static str {
    match held {
        Held::Heard => "m",
        Held::Silent => "n",
        Held::Unknown => "u",
    }
}

fn heard(v: &Visit, s: &SystemHeard, window: Option<Window>, terms: &Terms) -> SystemView {
    let mut view = system(v, s);
    let (held, _) = monitoring::at(v.now, terms.gap(), &s.speaking());
    let over = window.is_some_and(|w| w.to <= v.now);
    let line = window.map(|w| (w, monitoring::timeline(w, v.now, terms.gap(), &s.spoken())));
    // Of a window that is over, how it went; before and during it, how it is.
    let held = match &line {
        Some((_, line)) if over => line.iter().map(|s| s.held).max_by_key(|h| worse(*h)).unwrap_or(held),
        _ => held,
    };
    view.class = class(held);
    view.word = v.t(match (held, over) {
        (Held::Heard, true) => "heard-whole",
        (Held::Heard, false) => "heard-now",
        (Held::Silent, true) => "heard-gaps",
        (Held::Silent, false) => "heard-silent",
        (Held::Unknown, _) => "heard-no-source",
    });
    if let Some((window, line)) = line {
        let m = monitoring::minutes(window, &line);
        let vars = [
            ("heard", m.heard.into()),
            ("silent", m.silent.into()),
            ("unknown", m.unknown.into()),
            ("all", m.all.into()),
        ];
        view.said = v.words().with("heard-minutes", vars);
        view.bar = bar(&line, window);
        let gaps = line.iter().rev().filter(|s| s.held == Held::Silent).take(GAPS_MAX);
        let gap = |s: &Segment| (say::span(s.span), say::length(v, s.span.to.duration_since(s.span.from)));
        view.gaps = gaps.map(gap).collect();
    }
    view
}

const fn worse(held: Held) -> u8 {
    match held {
        Held::Heard => 0,
        Held::Unknown => 1,
        Held::Silent => 2,
    }
}

fn kept(v: &Visit, s: &SystemHeard, terms: &Terms) -> SystemView {
    let mut view = system(v, s);
    let days = |of: SignedDuration| of.as_hours() / 24;
    match (s.level, s.oldest()) {
        (None, _) => view.word = v.t("heard-no-level"),
        (Some(_), None) => {}
        (Some(level), Some(oldest)) => {
            let (have, need) = (v.now.duration_since(oldest), terms.retention(level));
            let whole = have >= need;
            view.class = if whole { "m" } else { "n" };
            view.word = v.t(if whole { "heard-kept" } else { "heard-short" });
            let vars = [
                ("days", days(have).into()),
                ("need", days(need).into()),
                ("level", level.get().into()),
                ("since", time::local(oldest).strftime("%d/%m/%Y").to_string().into()),
            ];
            view.said = v.words().with("heard-days", vars);
        }
    }
    view
}

fn machines(v: &Visit, mut all: Vec<Contact>, terms: &Terms) -> Opened {
    let lost = |c: &Contact| c.last.is_none_or(|at| v.now.duration_since(at) > terms.contact());
    // Lost ones first, then names nobody registered, then the rest; by name within each.
    all.sort_by_key(|c| if c.host.is_none() { 1 } else { 2 * u8::from(!lost(c)) });
    let left = all.len().saturating_sub(HOSTS_MAX);
    let one = |c: &Contact| {
        let (class, id) = match (c.host.is_some(), lost(c), c.last) {
            (false, ..) => ("u", "heard-host-unregistered"),
            (true, true, None) => ("u", "heard-host-never"),
            (true, true, Some(_)) => ("n", "heard-host-lost"),
            (true, false, _) => ("m", "heard-host-contact"),
        };
        HostView {
            href: c.host.map(|id| format!("/hosts/{id}")).unwrap_or_default(),
            name: c.name.clone(),
            class,
            word: v.t(id),
            last: c.last.map(say::moment).unwrap_or_default(),
        }
    };
    Opened {
        hosts: all.iter().take(HOSTS_MAX).map(one).collect(),
        more: match left {
            0 => String::new(),
            n => v.words().with("heard-more", [("n", n.into())]),
        },
        ..Opened::default()
    }
}

/// The segments as parts of a thousand of the window; what lies ahead is the last part.
fn bar(line: &[Segment], window: Window) -> Vec<(&'static str, u32, u32)> {
    let all = window.to.duration_since(window.from).as_secs().max(1);
    let place = |at: Timestamp| {
        u32::try_from(at.duration_since(window.from).as_secs().clamp(0, all) * 1000 / all).unwrap_or(1000)
    };
    let part = |s: &Segment| {
        let (from, to) = (place(s.span.from), place(s.span.to));
        // A minute of a long window is seen, too.
        (class(s.held), from, (to - from).max(1))
    };
    let ahead = ("d", place(line.last().map_or(window.from, |s| s.span.to)), 1000);
    line.iter().map(part).chain([ahead]).collect()
}
