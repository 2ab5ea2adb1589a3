//! Behind DUTY: the posts of a body within the window, stretch by stretch, with who was on duty and what was called.

use std::collections::HashMap;

use domain::{
    evidence::Evaluator,
    roster::{
        check_in::{Held, Stretch},
        rules::Person,
    },
    time::Window,
};
use jiff::{SignedDuration, Timestamp};
use store::{
    Sql, StoreError,
    callouts::AtPost,
    rosters::{self, Minutes, Tried},
};

use crate::{Visit, callouts, rosters::say};

/// So many stretches of one post are listed; the bar above them shows all.
const ROWS_MAX: usize = 300;

/// A post's time within the window.
pub(super) struct PostView {
    pub href: String,
    pub name: String,
    pub said: String,
    /// How test calls and drills came out; empty where there were none.
    pub tried: String,
    /// Which shifts went by without an answered test call; empty where none did.
    pub untested: String,
    /// A line of a thousand: class, start, width.
    pub bar: Vec<(&'static str, u32, u32)>,
    /// Newest first.
    pub rows: Vec<RowView>,
    /// Said where older stretches are left off.
    pub more: String,
}

/// One stretch.
pub(super) struct RowView {
    pub span: String,
    pub length: String,
    pub class: &'static str,
    pub word: String,
    pub who: String,
    pub calls: Vec<CallView>,
}

/// A call-out that began in it.
pub(super) struct CallView {
    pub href: String,
    pub at: String,
    pub title: String,
    pub class: &'static str,
    pub standing: String,
    pub said: String,
}

/// The posts behind a duty that is judged by who watches them; none for any other duty, or for an order without a window.
pub(super) async fn of(
    visit: &Visit,
    sql: &mut Sql,
    code: Option<&str>,
    body: domain::id::Id<domain::id::kind::Body>,
    window: Option<Window>,
) -> Result<Vec<PostView>, StoreError> {
    let watched = code.and_then(|c| visit.pack().duty(c)).is_some_and(|d| d.evaluator == Evaluator::Watch);
    let Some(window) = window.filter(|w| watched && w.from < visit.now) else { return Ok(Vec::new()) };
    let test_call = visit.pack().duty_roster().and_then(|t| t.test_call);
    let (posts, names) = rosters::minutes(sql, visit.scope(), body, window, visit.now, test_call).await?;
    Ok(posts.iter().filter(|m| m.published).map(|m| post(visit, m, &names, window)).collect())
}

fn post(v: &Visit, m: &Minutes, names: &HashMap<Person, String>, window: Window) -> PostView {
    let sum = |held: Option<Held>| {
        let of = m.stretches.iter().filter(|s| held.is_none_or(|h| s.held == h));
        of.fold(SignedDuration::ZERO, |sum, s| sum + s.span.to.duration_since(s.span.from)).as_mins()
    };
    let vars = [("handled", sum(Some(Held::Watched)).into()), ("all", sum(None).into())];
    let mut rows: Vec<RowView> = m.stretches.iter().map(|s| row(v, s, names)).collect();
    for call in &m.callouts {
        // One that began just when the window ended belongs to its last stretch.
        let at = call.shown.callout.at;
        let place = m.stretches.iter().position(|s| at < s.span.to).unwrap_or(rows.len().saturating_sub(1));
        if let Some(row) = rows.get_mut(place) {
            row.calls.push(callout(v, call));
        }
    }
    // A roster that is published in the middle of a minute leaves parts of it that say nothing to anybody.
    let last = m.stretches.len().saturating_sub(1);
    let seen = |n: usize, s: &Stretch| n == last || s.span.to.duration_since(s.span.from).as_mins() > 0;
    let kept = m.stretches.iter().enumerate().map(|(n, s)| seen(n, s));
    let mut rows: Vec<RowView> =
        rows.into_iter().zip(kept).filter(|(r, kept)| *kept || !r.calls.is_empty()).map(|(r, _)| r).collect();
    let left_off = rows.len().saturating_sub(ROWS_MAX);
    PostView {
        href: format!("/roster/posts/{}", m.post),
        name: m.name.clone(),
        said: v.words().with("minutes-said", vars),
        tried: tried(v, m.tried),
        untested: untested(v, &m.untested, names),
        bar: bar(&m.stretches, window),
        more: match left_off {
            0 => String::new(),
            n => v.words().with("minutes-more", [("n", n.into())]),
        },
        rows: rows.drain(left_off..).rev().collect(),
    }
}

/// *Drill 3/4, test calls 12/13*: what there was of them.
fn tried(v: &Visit, of: Tried) -> String {
    let said = [("minutes-drill", of.drill), ("minutes-test-calls", of.test)]
        .into_iter()
        .filter(|(_, (_, all))| *all > 0);
    let said = said.map(|(id, (ok, all))| v.words().with(id, [("ok", ok.into()), ("all", all.into())]));
    said.collect::<Vec<_>>().join(" · ")
}

/// So many shifts without an answered test call are named; the others are counted.
const UNTESTED_MAX: usize = 5;

/// *Without an answered test call: …*: the newest shifts and who had them.
fn untested(v: &Visit, of: &[(Window, Person)], names: &HashMap<Person, String>) -> String {
    if of.is_empty() {
        return String::new();
    }
    let named = of.iter().rev().take(UNTESTED_MAX).map(|(span, person)| {
        let who = names.get(person).map_or("", String::as_str);
        format!("{} ({who})", say::span(*span))
    });
    let (named, more) = (named.collect::<Vec<_>>().join("; "), of.len().saturating_sub(UNTESTED_MAX));
    v.words().with("minutes-untested", [("shifts", named.into()), ("n", more.into())])
}

const fn class(held: Held) -> &'static str {
    match held {
        Held::Watched => "m",
        Held::Unknown => "u",
        Held::Uncovered => "n",
    }
}

fn row(v: &Visit, s: &Stretch, names: &HashMap<Person, String>) -> RowView {
    let word = match s.held {
        Held::Watched => "minutes-watched",
        Held::Unknown => "minutes-unknown",
        Held::Uncovered => "minutes-uncovered",
    };
    let who: Vec<&str> = s.people.iter().filter_map(|p| names.get(p)).map(String::as_str).collect();
    RowView {
        span: say::span(s.span),
        length: say::length(v, s.span.to.duration_since(s.span.from)),
        class: class(s.held),
        word: v.t(word),
        who: who.join(", "),
        calls: Vec::new(),
    }
}

fn callout(v: &Visit, of: &AtPost) -> CallView {
    let c = &of.shown.callout;
    let (class, standing) = callouts::say::standing(v, c.state.standing);
    let called = v.words().with("minutes-called", [("n", of.called.into())]);
    let taken = c.taken.as_ref().zip(of.shown.taker.as_ref()).map(|(taken, who)| {
        let after = say::length(v, taken.at.duration_since(c.at));
        v.words().with("minutes-taken", [("who", who.as_str().into()), ("after", after.as_str().into())])
    });
    CallView {
        href: format!("/roster/callouts/{}", c.id),
        at: say::moment(c.at),
        title: callouts::say::title(v, c),
        class,
        standing,
        said: [Some(called), taken].into_iter().flatten().collect::<Vec<_>>().join("; "),
    }
}

/// The stretches as parts of a thousand of the window; neighbours of one kind are one part.
fn bar(stretches: &[Stretch], window: Window) -> Vec<(&'static str, u32, u32)> {
    let all = window.to.duration_since(window.from).as_secs().max(1);
    let place = |at: Timestamp| {
        let part = at.duration_since(window.from).as_secs().clamp(0, all) * 1000 / all;
        u32::try_from(part).unwrap_or(1000)
    };
    let mut parts: Vec<(&'static str, u32, u32)> = Vec::new();
    for s in stretches {
        let (from, to) = (place(s.span.from), place(s.span.to));
        match parts.last_mut() {
            Some((class_before, start, width)) if *class_before == class(s.held) => *width = to - *start,
            // A minute of a long window is seen, too.
            _ => parts.push((class(s.held), from, (to - from).max(1))),
        }
    }
    parts.push(("d", place(stretches.last().map_or(window.from, |s| s.span.to)), 1000));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_whole_and_its_shortest_part_is_seen() {
        let at = |s: i64| Timestamp::from_second(s).unwrap();
        let of =
            |from, to, held| Stretch { span: Window { from: at(from), to: at(to) }, held, people: vec![] };
        let told = [
            of(0, 5_000, Held::Watched),
            of(5_000, 5_001, Held::Uncovered),
            of(5_001, 6_000, Held::Watched),
            of(6_000, 7_000, Held::Watched),
        ];
        let parts = bar(&told, Window { from: at(0), to: at(10_000) });
        assert_eq!(parts, [("m", 0, 500), ("n", 500, 1), ("m", 500, 200), ("d", 700, 1000)]);
    }
}
