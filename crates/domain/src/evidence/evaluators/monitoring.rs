//! MON, LOGS and AVC by what comes in: systems heard, logs kept, machines anti-malware consoles speak of.
//!
//! What has no source is not known, and what is not known is not met.

use jiff::Timestamp;

use super::{Found, answering::reasons, flaws::register_short, upload};
use crate::{
    evidence::{Count, Known, State},
    fact::{Fact, kinds},
    time::Window,
};

/// Minutes of the window in which each registered system of the body was heard, and whether its alerts were taken in
/// time. A system without a source is in the *all* and not known. Where no system has one, evidence handed in.
///
/// `mon-minutes`: heard of all. `mon-past`: handled = minutes silent, all = minutes not known. `mon-systems`: handled =
/// heard now, all = registered. `mon-sourced`: handled = with a source. `mon-alerts`: handled = taken in time, all =
/// alerts of the window. `mon-late`: handled = waiting for longer than allowed, all = taken too late. `mon-next`: when
/// time alone changes that. An order without a window is judged by who is heard now.
pub(super) fn monitoring(window: Option<Window>, now: Timestamp, known: &Known) -> Found {
    let (Some(minutes), Some(past), Some(systems), Some(sourced), Some(late)) = (
        known.count("mon-minutes"),
        known.count("mon-past"),
        known.count("mon-systems"),
        known.count("mon-sourced"),
        known.count("mon-late"),
    ) else {
        return Found { undecided: true, ..Found::default() }.because(None, "evidence-mon-unknown");
    };
    if sourced.handled == 0 {
        let sentence = if systems.all == 0 { "evidence-mon-no-system" } else { "evidence-mon-no-source" };
        return handed_in(known, minutes.all, sentence);
    }
    let end = window.map_or(known.due, |w| w.to);
    let begins = window.map(|w| w.from).filter(|from| now < *from);
    let next = [known.times.get("mon-next").copied(), Some(begins.unwrap_or(end)).filter(|at| *at > now)];
    let next_check = next.into_iter().flatten().min();
    let heard =
        |f: &Fact| f.kind == kinds::LOGS_HEARD && window.is_none_or(|w| f.to >= w.from && f.from < w.to);
    let unsourced = sourced.handled < systems.all;
    let without =
        |found: Found| if unsourced { found.because(None, "evidence-mon-unsourced") } else { found };
    if begins.is_some() {
        let found = Found { next_check, ..Found::of(systems) }.settled(State::NotYetDue);
        return without(found.because(None, "evidence-mon-ahead"));
    }
    if window.is_none() {
        let found = Found { next_check, undecided: unsourced, ..Found::of(systems) };
        return without(reasons(found, known, "evidence-mon-now", heard));
    }
    let running = now < end;
    let mut found = Found { next_check, ..Found::of(minutes) };
    let silent_now = running && systems.handled < sourced.handled;
    if silent_now {
        found = found.because(None, "evidence-mon-silent");
    }
    if late.handled > 0 {
        found = found.because(None, "evidence-mon-waiting");
    }
    if past.handled > 0 {
        found = reasons(found, known, "evidence-mon-gaps", heard);
    }
    if late.all > 0 {
        found = found.because(None, "evidence-mon-late");
    }
    let found = without(found);
    let whole = found.because.is_empty() && past.all == 0;
    let burns = silent_now || (running && late.handled > 0);
    let state = match (whole, running) {
        (true, true) => State::NotYetDue,
        (true, false) => State::Met,
        _ if burns => State::NotMet,
        _ if minutes.handled > 0 => State::Partly,
        _ if past.handled > 0 => State::NotMet,
        _ => State::Unknown,
    };
    let found = found.settled(state);
    match (whole, running) {
        (true, true) => reasons(found, known, "evidence-mon-heard", heard),
        (true, false) => reasons(found, known, "evidence-mon-whole", heard),
        (false, _) if found.because.is_empty() => found.because(None, "evidence-mon-unsourced"),
        _ => found,
    }
}

/// Systems whose logs are kept for as long as their level asks, of all registered. `logs-systems`: kept of all.
/// `logs-unknown`: handled = without a source or a level, all = with a source. `logs-next`: when the next one will be.
/// Where no system has a source, evidence handed in.
pub(super) fn retention(known: &Known) -> Found {
    let (Some(systems), Some(unknown)) = (known.count("logs-systems"), known.count("logs-unknown")) else {
        return Found { undecided: true, ..Found::default() }.because(None, "evidence-logs-unknown");
    };
    if unknown.all == 0 {
        let sentence = if systems.all == 0 { "evidence-mon-no-system" } else { "evidence-mon-no-source" };
        return handed_in(known, systems.all, sentence);
    }
    let mut found = Found { next_check: known.times.get("logs-next").copied(), ..Found::of(systems) };
    if systems.handled >= systems.all {
        return found.because(None, "evidence-logs-kept");
    }
    if systems.handled + unknown.handled < systems.all {
        found = found.because(None, "evidence-logs-short");
    }
    if unknown.handled > 0 {
        found.undecided = true;
        found = found.because(None, "evidence-logs-unsourced");
    }
    found
}

/// Registered machines of which an anti-malware console spoke lately, of all. `avc-hosts`: in contact of all registered.
/// `avc-heard`: handled = names consoles ever spoke of, all = those of them that are in no register. `avc-next`: when the
/// next one loses contact. Where no console speaks, evidence handed in.
pub(super) fn consoles(known: &Known) -> Found {
    let (Some(hosts), Some(heard)) = (known.count("avc-hosts"), known.count("avc-heard")) else {
        return Found { undecided: true, ..Found::default() }.because(None, "evidence-avc-unknown");
    };
    if heard.handled == 0 {
        return upload(known).because(None, "evidence-avc-no-console");
    }
    if hosts.all == 0 {
        return Found { undecided: true, ..Found::default() }.because(None, "evidence-avc-no-host");
    }
    let sentence = if hosts.handled < hosts.all { "evidence-avc-lost" } else { "evidence-avc-contact" };
    let found = Found { next_check: known.times.get("avc-next").copied(), ..Found::of(hosts) };
    let found = found.because(None, sentence);
    let found = if heard.all > 0 { found.because(None, "evidence-avc-unregistered") } else { found };
    register_short(known, found)
}

/// Evidence handed in; where there is none the duty is not known rather than not met: nobody listened.
fn handed_in(known: &Known, all: u32, sentence: &str) -> Found {
    let mut found = upload(known).because(None, sentence);
    if found.settled.is_none() && found.all == 0 {
        found = Found { undecided: true, ..found }.and(Count { handled: 0, all });
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        duty::Code,
        evidence::{Evaluator, Verdict, evaluate},
        fact::Source,
        id::{Id, Uuid},
    };

    const END: i64 = 100;

    fn t(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hour * 3_600).unwrap()
    }
    fn fact(n: u128, kind: &str, from: i64, to: i64) -> Fact {
        Fact {
            id: Id::from_uuid(Uuid::from_u128(n)),
            key: n.to_string(),
            kind: kind.into(),
            body: Id::from_uuid(Uuid::from_u128(1)),
            subject: "source:1".into(),
            from: t(from),
            to: t(to),
            learnt: t(from),
            source: Source::Events("source:1".into()),
            value: json!({}),
        }
    }
    fn judge(rule: Evaluator, now: i64, counts: &[(&'static str, u32, u32)], facts: &[Fact]) -> Verdict {
        let mut known = Known::nothing(t(END));
        known.facts = vec![fact(900, kinds::RECEIVED, -50, -50)];
        known.facts.extend_from_slice(facts);
        known
            .counts
            .extend(counts.iter().map(|(n, handled, all)| (*n, Count { handled: *handled, all: *all })));
        let window = Some(Window { from: t(0), to: t(END) });
        evaluate(&Code::new("MON").unwrap(), rule, window, t(now), &known)
    }
    /// Two systems: minutes heard, silent, unknown; heard now, with a source; waiting and late alerts.
    fn watched(
        now: i64,
        (heard, silent, unknown): (u32, u32, u32),
        systems: (u32, u32),
        late: (u32, u32),
    ) -> Verdict {
        let counts = [
            ("mon-minutes", heard, 12_000),
            ("mon-past", silent, unknown),
            ("mon-systems", systems.0, 2),
            ("mon-sourced", systems.1, 2),
            ("mon-late", late.0, late.1),
        ];
        judge(Evaluator::Monitoring, now, &counts, &[fact(1, kinds::LOGS_HEARD, -10, now)])
    }
    fn says(v: &Verdict) -> Vec<&str> {
        v.because.iter().map(|b| b.sentence.as_str()).collect()
    }

    #[test]
    fn heard_throughout_is_met_once_the_window_is_over() {
        let v = watched(-5, (0, 0, 0), (2, 2), (0, 0));
        assert_eq!(
            (v.state, v.handled, v.all, says(&v)),
            (State::NotYetDue, 2, 2, vec!["evidence-mon-ahead"])
        );
        assert_eq!(v.next_check, Some(t(0)));
        assert_eq!(watched(50, (6_000, 0, 0), (2, 2), (0, 0)).state, State::NotYetDue);
        let v = watched(END, (12_000, 0, 0), (2, 2), (0, 0));
        assert_eq!((v.state, v.because[0].fact.is_some()), (State::Met, true), "opens to what was heard");
    }

    #[test]
    fn a_gap_an_alert_left_lying_or_a_system_without_source_is_never_the_whole() {
        let v = watched(END, (11_000, 1_000, 0), (2, 2), (0, 0));
        assert_eq!((v.state, says(&v)), (State::Partly, vec!["evidence-mon-gaps"]));
        let v = watched(END, (6_000, 0, 6_000), (1, 1), (0, 0));
        assert_eq!((v.state, v.handled, v.all), (State::Partly, 6_000, 12_000));
        assert_eq!(watched(END, (12_000, 0, 0), (2, 2), (1, 0)).state, State::Partly);
        assert_eq!(watched(END, (12_000, 0, 0), (2, 2), (0, 1)).state, State::Partly);
        assert_eq!(watched(END, (0, 6_000, 6_000), (0, 1), (0, 0)).state, State::NotMet);
        assert_eq!(watched(END, (0, 0, 12_000), (0, 1), (0, 0)).state, State::Unknown);
    }

    #[test]
    fn while_the_window_runs_silence_now_burns() {
        let v = watched(50, (5_000, 1_000, 0), (1, 2), (0, 0));
        assert_eq!((v.state, says(&v)[0]), (State::NotMet, "evidence-mon-silent"));
        assert_eq!(watched(50, (6_000, 0, 0), (2, 2), (1, 0)).state, State::NotMet, "an alert waits");
        assert_eq!(watched(50, (5_000, 1_000, 0), (2, 2), (0, 0)).state, State::Partly, "it was, earlier");
        assert_eq!(watched(50, (3_000, 0, 3_000), (1, 1), (0, 0)).state, State::Partly);
    }

    #[test]
    fn without_any_source_papers_count_and_nothing_is_unknown() {
        let v = watched(END, (0, 0, 12_000), (0, 0), (0, 0));
        assert_eq!((v.state, v.handled, v.all), (State::Unknown, 0, 12_000));
        let counts = [
            ("mon-minutes", 0, 9),
            ("mon-past", 0, 9),
            ("mon-systems", 0, 1),
            ("mon-sourced", 0, 1),
            ("mon-late", 0, 0),
        ];
        let mut submitted = fact(7, kinds::SUBMITTED, 10, 10);
        submitted.value = json!({"submission": "a"});
        let mut accepted = fact(8, kinds::ACCEPTED, 11, 11);
        accepted.value = json!({"submission": "a"});
        assert_eq!(judge(Evaluator::Monitoring, END, &counts, &[submitted, accepted]).state, State::Met);
        assert_eq!(judge(Evaluator::Monitoring, END, &[], &[]).state, State::Unknown, "not looked up");
    }

    #[test]
    fn logs_are_kept_when_every_system_reaches_its_days() {
        let kept = |handled, unknown: (u32, u32), now| {
            let counts = [("logs-systems", handled, 3), ("logs-unknown", unknown.0, unknown.1)];
            judge(Evaluator::Retention, now, &counts, &[])
        };
        assert_eq!(kept(3, (0, 3), 50).state, State::Met);
        let v = kept(1, (1, 2), END);
        assert_eq!(
            (v.state, says(&v)),
            (State::Partly, vec!["evidence-logs-short", "evidence-logs-unsourced"])
        );
        assert_eq!(kept(0, (0, 3), END).state, State::NotMet);
        assert_eq!(kept(0, (1, 2), END).state, State::Unknown);
        assert_eq!(kept(0, (3, 0), END).state, State::Unknown, "nobody listens");
    }

    #[test]
    fn a_machine_no_console_speaks_of_is_not_protected() {
        let told = |hosts: (u32, u32), heard: (u32, u32)| {
            let counts = [("avc-hosts", hosts.0, hosts.1), ("avc-heard", heard.0, heard.1)];
            judge(Evaluator::Consoles, END, &counts, &[])
        };
        assert_eq!(told((4, 4), (4, 0)).state, State::Met);
        let v = told((3, 4), (5, 2));
        assert_eq!((v.state, v.handled, v.all), (State::Partly, 3, 4));
        assert_eq!(says(&v), ["evidence-avc-lost", "evidence-avc-unregistered"]);
        assert_eq!(told((0, 4), (1, 0)).state, State::NotMet, "all lost contact");
        assert_eq!(told((0, 0), (1, 1)).state, State::Unknown);
        assert_eq!(says(&told((0, 4), (0, 0))).last(), Some(&"evidence-avc-no-console"));
    }
}
