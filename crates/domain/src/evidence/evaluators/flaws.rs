//! VREV and VFIX by what machines tell of themselves: hosts judged on fresh inventory, flaws mended.

use super::{Count, Found, Known, State, upload};

/// Every host of the body judged on inventory of the window, by all the order warns of, and nothing left that cannot be
/// told. Where no host was ever judged, evidence handed in.
pub(super) fn review(known: &Known) -> Found {
    let Some(count) = known.count("review-hosts") else { return upload(known) };
    let sentence =
        if count.handled < count.all { "evidence-hosts-not-reviewed" } else { "evidence-hosts-reviewed" };
    let found = Found::of(count).because(None, sentence);
    let found = if unclear(known) > 0 { found.because(None, "evidence-flaws-unclear") } else { found };
    register_short(known, found)
}

/// Hosts on which all is mended that the order warns of, of those it concerns. While some host was not judged, or
/// something cannot be told, it is a part at most.
pub(super) fn fixing(known: &Known) -> Found {
    let (Some(count), Some(judged)) = (known.count("fix-hosts"), known.count("judged-hosts")) else {
        return upload(known);
    };
    let whole = judged.handled >= judged.all && unclear(known) == 0;
    let found = match (count.all, whole) {
        (0, true) => Found::default().settled(State::Met).because(None, "evidence-no-host-concerned"),
        (0, false) => Found { undecided: true, ..Found::default() },
        _ => Found::of(count).because(None, "evidence-hosts-fixed"),
    };
    let found =
        if judged.handled < judged.all { found.because(None, "evidence-hosts-not-judged") } else { found };
    let found = if unclear(known) > 0 { found.because(None, "evidence-flaws-unclear") } else { found };
    if !whole && found.all > 0 && found.handled >= found.all {
        return found.settled(State::Partly);
    }
    found
}

/// Whether machines told, for every host, whether what the order warns of concerns it.
pub(super) fn triaged(known: &Known) -> bool {
    known.count("triage-hosts").is_some_and(|Count { handled, all }| all > 0 && handled >= all)
}

fn unclear(known: &Known) -> u32 {
    known.count("flaw-unclear").map_or(0, |c| c.handled)
}

/// Where an independent count knows of more machines than the register, those are the *all*.
pub(super) fn register_short(known: &Known, found: Found) -> Found {
    match known.machines.as_ref().and_then(|m| m.beyond(found.all)) {
        Some(line) => Found { all: line.machines, ..found }.because_of(line.fact, "evidence-counts-more"),
        None => found,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn known(counts: &[(&'static str, u32, u32)]) -> Known {
        let mut known = Known::nothing(Timestamp::UNIX_EPOCH);
        known.counts.extend(
            counts.iter().map(|(name, handled, all)| (*name, Count { handled: *handled, all: *all })),
        );
        known
    }

    #[test]
    fn a_review_is_whole_only_with_every_host() {
        let found = review(&known(&[("review-hosts", 3, 4), ("flaw-unclear", 1, 4)]));
        assert_eq!((found.handled, found.all, found.settled), (3, 4, None));
        assert_eq!(found.because.len(), 2);
        let found = review(&known(&[("review-hosts", 4, 4), ("flaw-unclear", 0, 4)]));
        assert_eq!((found.handled, found.all), (4, 4));
        assert_eq!(review(&known(&[])).all, 0, "without a judged host, evidence handed in");
    }

    #[test]
    fn mended_everywhere_is_a_part_while_something_is_not_known() {
        let all = [("fix-hosts", 2, 2), ("judged-hosts", 5, 5), ("flaw-unclear", 0, 5)];
        assert_eq!(fixing(&known(&all)).settled, None);
        let unclear = [("fix-hosts", 2, 2), ("judged-hosts", 5, 5), ("flaw-unclear", 1, 5)];
        assert_eq!(fixing(&known(&unclear)).settled, Some(State::Partly));
        let unjudged = [("fix-hosts", 2, 2), ("judged-hosts", 4, 5), ("flaw-unclear", 0, 5)];
        assert_eq!(fixing(&known(&unjudged)).settled, Some(State::Partly));
        let none = [("fix-hosts", 0, 0), ("judged-hosts", 5, 5), ("flaw-unclear", 0, 5)];
        assert_eq!(fixing(&known(&none)).settled, Some(State::Met), "no host is concerned");
        let dark = [("fix-hosts", 0, 0), ("judged-hosts", 5, 5), ("flaw-unclear", 5, 5)];
        assert!(fixing(&known(&dark)).undecided, "nobody can tell: unknown, never fine");
    }

    #[test]
    fn triaged_by_machine_is_every_host() {
        assert!(triaged(&known(&[("triage-hosts", 2, 2)])));
        assert!(!triaged(&known(&[("triage-hosts", 1, 2)])));
        assert!(!triaged(&known(&[])));
    }
}
