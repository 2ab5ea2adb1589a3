//! When somebody is reminded: pure, so that "who is chased when, and why not at night" is a unit test.

use jiff::{SignedDuration, Timestamp, civil::time};
use serde::{Deserialize, Serialize};

use crate::{right::names, time::local};

/// An ordinary order is acknowledged within a working day; then the body hears of it daily.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// In the last day before the due time, and for HỎA TỐC, reminders come closer together.
const LAST_DAY_STEP: SignedDuration = SignedDuration::from_hours(6);
const URGENT_STEP: SignedDuration = SignedDuration::from_hours(2);
/// Whoever did not answer so many reminders does not read them: a person must call. The board shows the number.
pub const ACKNOWLEDGE_MAX: u32 = 20;
/// Before the due time of duties.
const SOON: SignedDuration = SignedDuration::from_hours(48);
const LAST: SignedDuration = SignedDuration::from_hours(4);
/// After the due time, how long the body has before its head and the issuer are told.
const GRACE: SignedDuration = SignedDuration::from_hours(24);
const URGENT_GRACE: SignedDuration = SignedDuration::from_hours(4);
/// No reminder so shortly after the order itself arrived.
const SETTLE: SignedDuration = SignedDuration::from_hours(1);
/// A person may press *đôn đốc* so often for one assignment.
pub const BY_HAND_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// What a reminder says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reminder {
    /// Not acknowledged yet.
    Acknowledge,
    /// Duties are due in two days.
    Soon,
    /// Duties are due in four hours.
    Last,
    /// Duties are overdue.
    Overdue,
    /// Overdue for a day: the head and the issuer are told.
    Escalated,
    /// A person of the issuer pressed *đôn đốc*.
    ByHand,
}
names!(Reminder {
    Acknowledge = "acknowledge", Soon = "soon", Last = "last", Overdue = "overdue",
    Escalated = "escalated", ByHand = "by-hand",
} "kind of reminder");

/// When the head is next reminded to acknowledge; `None` when no more reminders go out. `received` is when the body got
/// the order, `due` when it is to be acknowledged, `sent` how many went out and when the last did, `urgent` whether
/// the order says HỎA TỐC. The time may lie in the past: then it is due now.
pub fn acknowledge(
    received: Timestamp,
    due: Option<Timestamp>,
    sent: (u32, Option<Timestamp>),
    urgent: bool,
) -> Option<Timestamp> {
    let (count, last) = sent;
    if count >= ACKNOWLEDGE_MAX {
        return None;
    }
    let at = match last {
        // A short time to answer is halved, so that the first reminder still helps.
        None => {
            let half = due.map(|d| received.duration_until(d) / 2).filter(|half| half.is_positive());
            let first = if urgent { URGENT_STEP } else { DAY };
            after(received, half.map_or(first, |h| h.min(first)))
        }
        Some(last) if urgent => after(last, URGENT_STEP),
        Some(last) => {
            let in_last_day = due.is_some_and(|d| last < d && after(last, DAY) > d);
            after(last, if in_last_day { LAST_DAY_STEP } else { DAY })
        }
    };
    Some(if urgent { at } else { by_day(at) })
}

/// The next reminder about duties with one due time: two days before, four hours before, once when overdue, then to
/// the head and the issuer. Moments that passed before the body got the order, or while Canh stood still, are left
/// out rather than made up for; `None` when there is nothing more to say.
pub fn duties(
    now: Timestamp,
    received: Timestamp,
    due: Timestamp,
    sent: &[Reminder],
    urgent: bool,
) -> Option<(Reminder, Timestamp)> {
    let upwards = after(due, if urgent { URGENT_GRACE } else { GRACE });
    let steps = [
        (Reminder::Soon, before(due, SOON), before(due, LAST)),
        (Reminder::Last, before(due, LAST), due),
        (Reminder::Overdue, due, upwards),
        (Reminder::Escalated, upwards, Timestamp::MAX),
    ];
    let said = |reminder| sent.contains(&reminder);
    steps.into_iter().find_map(|(reminder, at, useless)| {
        let shown = if urgent { at } else { waking(at, useless) };
        let in_time = now < useless && after(received, SETTLE) < useless && at >= received;
        (!said(reminder) && !sent.iter().any(|s| *s > reminder && *s <= Reminder::Escalated) && in_time)
            .then_some((reminder, shown))
    })
}

/// Whether a person may chase an assignment by hand again.
pub fn may_by_hand(now: Timestamp, last: Option<Timestamp>) -> bool {
    last.is_none_or(|last| after(last, BY_HAND_EVERY) <= now)
}

/// The same instant by day, the next morning by night: nobody is woken for a reminder (21:00–07:00).
pub fn by_day(at: Timestamp) -> Timestamp {
    let here = local(at);
    let (morning, evening) = (time(7, 0, 0, 0), time(21, 0, 0, 0));
    let day = match here.time() {
        t if t < morning => here.date(),
        t if t >= evening => here.date().tomorrow().unwrap_or(here.date()),
        _ => return at,
    };
    day.to_datetime(morning).to_zoned(crate::time::zone()).map_or(at, |z| z.timestamp())
}

/// By day, but not so late that it would be useless: then the evening before.
fn waking(at: Timestamp, useless: Timestamp) -> Timestamp {
    let moved = by_day(at);
    if moved < useless {
        return moved;
    }
    // The night that swallowed it began at 21:00; ten minutes earlier people may still read it.
    let here = local(at);
    let day = if here.time() < time(7, 0, 0, 0) { here.date().yesterday() } else { Ok(here.date()) };
    day.and_then(|d| d.at(20, 50, 0, 0).to_zoned(crate::time::zone())).map_or(at, |z| z.timestamp())
}

fn after(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
fn before(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(text: &str) -> Timestamp {
        format!("2027-01-{text}:00+07:00").parse().unwrap()
    }

    #[test]
    fn the_head_is_reminded_after_a_day_then_daily_closer_at_the_end_and_not_for_ever() {
        let (got, due) = (t("20T09:00"), Some(t("25T17:00")));
        let next = |n, last: Option<&str>| acknowledge(got, due, (n, last.map(t)), false);
        assert_eq!(next(0, None), Some(t("21T09:00")));
        assert_eq!(next(1, Some("21T09:00")), Some(t("22T09:00")));
        assert_eq!(next(4, Some("25T09:00")), Some(t("25T15:00")));
        assert_eq!(next(5, Some("25T15:00")), Some(t("26T07:00")), "not at 21:00");
        assert_eq!(next(6, Some("26T07:00")), Some(t("27T07:00")), "overdue: daily");
        assert_eq!(next(ACKNOWLEDGE_MAX, Some("27T07:00")), None);
    }

    #[test]
    fn a_short_time_is_halved_and_a_flash_order_wakes_people() {
        assert_eq!(acknowledge(t("20T09:00"), Some(t("20T17:00")), (0, None), false), Some(t("20T13:00")));
        assert_eq!(acknowledge(t("20T23:00"), None, (0, None), true), Some(t("21T01:00")));
        assert_eq!(acknowledge(t("20T23:00"), None, (0, None), false), Some(by_day(t("21T23:00"))));
        assert_eq!(acknowledge(t("20T09:00"), Some(t("19T09:00")), (0, None), false), Some(t("21T09:00")));
    }

    #[test]
    fn duties_are_chased_twice_before_once_when_overdue_and_then_upwards() {
        let (got, due) = (t("20T09:00"), t("25T17:00"));
        let mut sent = Vec::new();
        let mut said = Vec::new();
        let mut now = got;
        while let Some((reminder, at)) = duties(now, got, due, &sent, false) {
            now = now.max(at);
            sent.push(reminder);
            said.push((reminder, at));
        }
        assert_eq!(
            said,
            [
                (Reminder::Soon, t("23T17:00")),
                (Reminder::Last, t("25T13:00")),
                (Reminder::Overdue, t("25T17:00")),
                (Reminder::Escalated, t("26T17:00")),
            ]
        );
    }

    #[test]
    fn what_is_past_is_not_made_up_for() {
        let (got, due) = (t("20T09:00"), t("21T09:00"));
        assert_eq!(duties(got, got, due, &[], false), Some((Reminder::Last, t("21T07:00"))));
        assert_eq!(duties(t("21T10:00"), got, due, &[], false), Some((Reminder::Overdue, due)));
        assert_eq!(
            duties(t("23T10:00"), got, due, &[Reminder::Overdue], false),
            Some((Reminder::Escalated, t("22T09:00")))
        );
        assert_eq!(duties(t("23T10:00"), got, due, &[Reminder::Escalated], false), None);
        // An order that came after its due time: overdue is not said of the time before.
        assert_eq!(duties(t("22T09:00"), t("22T09:00"), due, &[], true), None);
    }

    #[test]
    fn nights_are_left_alone() {
        assert_eq!(by_day(t("20T20:59")), t("20T20:59"));
        assert_eq!(by_day(t("20T21:00")), t("21T07:00"));
        assert_eq!(by_day(t("21T03:00")), t("21T07:00"));
        // Due at 06:00: four hours before is 02:00, 07:00 would be too late.
        assert_eq!(waking(t("21T02:00"), t("21T06:00")), t("20T20:50"));
        assert_eq!(waking(t("20T22:00"), t("21T02:00")), t("20T20:50"));
    }

    #[test]
    fn by_hand_once_an_hour() {
        assert!(may_by_hand(t("20T09:00"), None));
        assert!(!may_by_hand(t("20T09:59"), Some(t("20T09:00"))));
        assert!(may_by_hand(t("20T10:00"), Some(t("20T09:00"))));
    }
}
