use super::*;
use crate::{
    id::{Id, Uuid},
    roster::{Presence, Why},
};

fn id<K>(n: u128) -> Id<K> {
    Id::from_uuid(Uuid::from_u128(n))
}

fn at(clock: &str) -> Timestamp {
    format!("2027-02-06T{clock}:00+07:00").parse().unwrap()
}

fn post(check_in: CheckIn) -> Post {
    Post {
        id: id(1),
        body: id(1),
        name: "Trực".into(),
        presence: Presence::OnSite,
        covered_by: None,
        needed: 1,
        backup: false,
        check_in,
    }
}

fn shift(person: u128, from: &str, to: &str) -> Shift {
    Shift {
        post: id(1),
        line: Line::Primary,
        person: id(person),
        from: at(from),
        to: at(to),
        why: Why::Layer(id(1)),
    }
}

fn made(person: u128, clock: &str) -> Made {
    Made { person: id(person), at: at(clock) }
}

/// Watched, unknown, uncovered, in minutes.
fn minutes(rule: CheckIn, shifts: &[Shift], made: &[Made], now: &str) -> (i64, i64, i64) {
    let window = Window { from: at("00:00"), to: at("16:00") };
    let t = tally(&post(rule), shifts, made, window, at(now));
    assert_eq!(t.all, t.watched + t.unknown + t.uncovered);
    let told = stretches(&post(rule), shifts, made, window, at(now));
    let sum = |held| {
        let of = told.iter().filter(|s| s.held == held).map(|s| s.span.to.duration_since(s.span.from));
        of.fold(SignedDuration::ZERO, |sum, one| sum + one)
    };
    let sums = (sum(Held::Watched), sum(Held::Unknown), sum(Held::Uncovered));
    assert_eq!(sums, (t.watched, t.unknown, t.uncovered), "stretch by stretch it is the same");
    assert!(told.windows(2).all(|w| w[0].span.to == w[1].span.from), "without a hole");
    (t.watched.as_mins(), t.unknown.as_mins(), t.uncovered.as_mins())
}

#[test]
fn a_shift_taken_over_and_handed_over_is_watched_and_a_silent_one_unknown() {
    let rule = CheckIn::default();
    let shifts = [shift(1, "00:00", "08:00"), shift(2, "08:00", "14:00")];
    let both = [made(1, "00:05"), made(1, "07:55"), made(2, "08:02")];
    assert_eq!(minutes(rule, &shifts, &both, "10:00"), (600, 0, 0), "the second shift is still running");
    assert_eq!(
        minutes(rule, &shifts, &both, "16:00"),
        (480, 360, 120),
        "it never ended, then nobody was there"
    );
    assert_eq!(minutes(rule, &shifts, &both[..2], "10:00"), (480, 120, 0), "nobody took the second one over");
    assert_eq!(
        minutes(rule, &shifts, &[], "08:10"),
        (10, 480, 0),
        "ten minutes into the grace nothing is missed yet"
    );
}

#[test]
fn a_late_check_in_proves_what_follows_it_only() {
    let rule = CheckIn { at_end: false, ..CheckIn::default() };
    let shifts = [shift(1, "00:00", "08:00")];
    assert_eq!(minutes(rule, &shifts, &[made(1, "02:00")], "08:00"), (360, 120, 0));
}

#[test]
fn between_check_ins_only_the_stretch_after_the_missed_one_is_unknown() {
    let rule = CheckIn { at_end: false, every_minutes: Some(120), ..CheckIn::default() };
    let shifts = [shift(1, "00:00", "08:00")];
    let said = [made(1, "00:00"), made(1, "02:05"), made(1, "06:00")];
    assert_eq!(minutes(rule, &shifts, &said, "08:00"), (360, 120, 0));
}

#[test]
fn one_tap_answers_one_check_in_and_another_person_answers_none() {
    let rule = CheckIn { every_minutes: Some(30), ..CheckIn::default() };
    let owed = owed(&shift(1, "00:00", "01:00"), rule);
    let moments: Vec<_> = owed.iter().map(|o| o.moment).collect();
    assert_eq!(moments, [Moment::Start, Moment::During, Moment::End]);
    let answers = answered(&owed, &[made(1, "00:01"), made(2, "00:29")]);
    assert_eq!(answers, [Some(at("00:01")), None, None]);
    let answers = answered(&owed, &[made(1, "00:01"), made(2, "01:05")]);
    assert_eq!(answers, [Some(at("00:01")), None, Some(at("01:05"))], "the successor is there");
}

#[test]
fn the_backup_owes_nothing_and_a_shift_of_no_length_neither() {
    assert!(owed(&Shift { line: Line::Backup, ..shift(1, "00:00", "08:00") }, CheckIn::default()).is_empty());
    assert!(owed(&shift(1, "08:00", "08:00"), CheckIn::default()).is_empty());
}

#[test]
fn stretches_say_who_was_there_and_from_when_on_nothing_is_proved() {
    let shifts = [shift(1, "00:00", "08:00"), shift(2, "08:00", "14:00")];
    let made = [made(1, "00:05"), made(1, "07:55"), made(2, "09:30")];
    let window = Window { from: at("00:00"), to: at("16:00") };
    let told = stretches(&post(CheckIn::default()), &shifts, &made, window, at("13:00"));
    let told: Vec<_> = told.iter().map(|s| (s.span.from, s.held, s.people.clone())).collect();
    let want = [
        (at("00:00"), Held::Watched, vec![id(1)]),
        (at("08:00"), Held::Unknown, vec![id(2)]),
        (at("09:30"), Held::Watched, vec![id(2)]),
    ];
    assert_eq!(told, want);
}
