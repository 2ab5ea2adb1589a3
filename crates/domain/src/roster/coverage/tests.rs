use super::*;
use crate::{
    id::{Id, Uuid},
    roster::{CheckIn, Presence, Why},
};

fn id<K>(n: u128) -> Id<K> {
    Id::from_uuid(Uuid::from_u128(n))
}

fn at(text: &str) -> Timestamp {
    format!("2027-02-{text}:00+07:00").parse().unwrap()
}

fn span(from: &str, to: &str) -> Window {
    Window { from: at(from), to: at(to) }
}

fn post() -> Post {
    Post {
        id: id(1),
        body: id(1),
        name: "Trực".into(),
        presence: Presence::OnSite,
        covered_by: None,
        needed: 1,
        backup: true,
        check_in: CheckIn::default(),
    }
}

fn shift(line: Line, person: u128, from: &str, to: &str) -> Shift {
    Shift { post: id(1), line, person: id(person), from: at(from), to: at(to), why: Why::Layer(id(1)) }
}

const REST: Rest = Rest { run_hours_max: 24, rest_hours_min: 8 };

fn of(post: &Post, shifts: &[Shift]) -> Vec<Trouble> {
    troubles(post, shifts, span("06T00:00", "07T00:00"), &[], &|_| 2, REST)
}

#[test]
fn shifts_that_meet_leave_no_gap_and_one_of_no_length_closes_none() {
    use Line::{Backup, Primary};
    let shifts = [
        shift(Primary, 1, "05T22:00", "06T06:00"),
        shift(Primary, 2, "06T06:00", "06T14:00"),
        shift(Primary, 3, "06T14:00", "06T14:00"),
        shift(Primary, 3, "06T14:01", "07T00:00"),
        shift(Backup, 9, "05T00:00", "08T00:00"),
    ];
    let found = of(&Post { backup: true, ..post() }, &shifts);
    assert_eq!(found[0], Trouble::Gap { span: span("06T14:00", "06T14:01"), have: 0, need: 1 });
    assert!(found[0].forbids());
    assert!(!found.iter().skip(1).any(Trouble::forbids), "{found:?}");
    let minutes = covered(&post(), &shifts, span("06T00:00", "07T00:00")).as_mins();
    assert_eq!(minutes, 24 * 60 - 1);
}

#[test]
fn two_wanted_and_one_there_is_a_gap_of_one() {
    let shifts = [
        shift(Line::Primary, 1, "06T00:00", "07T00:00"),
        shift(Line::Primary, 2, "06T00:00", "06T12:00"),
        shift(Line::Primary, 1, "06T12:00", "06T18:00"),
    ];
    let found = of(&Post { needed: 2, backup: false, ..post() }, &shifts);
    assert_eq!(found, [Trouble::Gap { span: span("06T12:00", "07T00:00"), have: 1, need: 2 }]);
}

#[test]
fn nobody_is_his_own_backup() {
    let shifts = [
        shift(Line::Primary, 1, "06T00:00", "06T12:00"),
        shift(Line::Primary, 2, "06T12:00", "07T00:00"),
        shift(Line::Backup, 1, "06T00:00", "07T00:00"),
    ];
    assert_eq!(of(&post(), &shifts), [Trouble::NoBackup { span: span("06T00:00", "06T12:00") }]);
}

#[test]
fn one_cannot_sit_at_two_posts_but_can_be_on_call_for_two() {
    let here = [shift(Line::Primary, 1, "06T00:00", "07T00:00")];
    let there = Shift { post: id(2), ..shift(Line::Primary, 1, "06T22:00", "07T06:00") };
    let on_call = Post { presence: Presence::OnCall, backup: false, ..post() };
    let window = span("06T00:00", "07T00:00");
    let with = |on_site| troubles(&on_call, &here, window, &[(there.clone(), on_site)], &|_| 2, REST);
    assert_eq!(with(false), []);
    assert_eq!(
        with(true),
        [Trouble::Double { person: id(1), span: span("06T22:00", "07T00:00"), other: id(2) }]
    );
}

#[test]
fn people_out_of_reach_and_runs_without_rest_are_named() {
    let shifts = [
        shift(Line::Primary, 1, "05T20:00", "06T12:00"),
        shift(Line::Primary, 1, "06T19:00", "07T07:00"),
        shift(Line::Primary, 2, "06T12:00", "06T19:00"),
    ];
    let post = Post { backup: false, ..post() };
    let verified = |p: Person| if p == id(2) { 1 } else { 2 };
    let found = troubles(&post, &shifts, span("06T00:00", "07T00:00"), &[], &verified, REST);
    assert_eq!(
        found,
        [
            Trouble::Overlong { person: id(1), span: span("05T20:00", "07T07:00") },
            Trouble::Unreachable { person: id(2), verified: 1 },
        ]
    );
    assert_eq!(of(&Post { presence: Presence::OnCall, ..post }, &shifts), []);
}
