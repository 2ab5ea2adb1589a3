use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn count(source: Source, kind: Kind, day: i8, n: u32) -> Counted {
    Counted { fact: None, source, kind, on: date(2026, 11, day), n }
}

fn compared(registered: u32, counts: &[Counted], today: Date) -> Comparison {
    let shares = [Share { key: Source::Staff, share: 50, from: None, until: None }];
    compare(registered, counts, today, &Rules::default(), &shares)
}

const TODAY: Date = date(2026, 11, 21);

#[test]
fn registered_3_directory_41() {
    let found = compared(3, &[count(Source::Directory, Kind::All, 20, 41)], TODAY);
    assert_eq!((found.more().unwrap().n, found.all()), (41, 41));
    assert_eq!(found.stale_on, Some(date(2027, 2, 19)));
    assert_eq!(found.beyond(40), None, "within a tenth");
    assert_eq!(found.beyond(30).unwrap().machines, 41);
}

#[test]
fn small_differences_do_not_matter_and_fewer_is_shown_only() {
    let found = compared(40, &[count(Source::Directory, Kind::All, 20, 44)], TODAY);
    assert_eq!((found.lines[0].differs, found.all()), (Differs::Agrees, 40));
    let found = compared(1, &[count(Source::Dhcp, Kind::All, 20, 2)], TODAY);
    assert_eq!(found.lines[0].differs, Differs::Agrees, "one machine is within the tolerance");
    let found = compared(40, &[count(Source::AntiMalware, Kind::All, 20, 12)], TODAY);
    assert_eq!((found.lines[0].differs, found.all(), found.more()), (Differs::Fewer, 40, None));
}

#[test]
fn an_old_count_says_nothing() {
    let counts = [count(Source::Directory, Kind::All, 20, 41)];
    assert!(compared(3, &counts, date(2027, 2, 18)).more().is_some(), "the last day");
    let old = compared(3, &counts, date(2027, 2, 19));
    assert!(old.stale() && old.more().is_none() && old.beyond(0).is_none());
    assert_eq!((old.all(), old.stale_on), (3, None));
    assert!(!compared(3, &[], TODAY).stale(), "never counted is not stale");
}

#[test]
fn the_newest_of_each_source_counts_and_parts_add_up() {
    let counts = [
        count(Source::Directory, Kind::All, 1, 90),
        count(Source::Directory, Kind::Servers, 10, 4),
        count(Source::Directory, Kind::Workstations, 12, 30),
        count(Source::Staff, Kind::Staff, 12, 41),
        count(Source::Dhcp, Kind::All, 12, 8),
        count(Source::Dhcp, Kind::All, 12, 9),
    ];
    let found = compared(3, &counts, TODAY);
    let of = |source| *found.lines.iter().find(|l| l.source == source).unwrap();
    assert_eq!((of(Source::Directory).n, of(Source::Directory).on), (34, date(2026, 11, 10)));
    assert_eq!((of(Source::Staff).n, of(Source::Staff).machines), (41, 20));
    assert_eq!(of(Source::Dhcp).n, 9, "of one day the later one");
    assert_eq!(found.all(), 34);
}

#[test]
fn people_are_counted_by_the_staff_list_alone() {
    for source in Source::ALL {
        for kind in Kind::ALL {
            let people = (*source == Source::Staff, *kind == Kind::Staff);
            assert_eq!(source.counts(*kind), people.0 == people.1, "{source} {kind}");
        }
    }
}

proptest! {
    #[test]
    fn the_all_never_falls_below_the_register(registered in 0..COUNT_MAX, n in 0..COUNT_MAX, days in 0..400_i64) {
        let counts = [count(Source::Directory, Kind::All, 1, n)];
        let found = compared(registered, &counts, date(2026, 11, 1) + jiff::Span::new().days(days));
        prop_assert!(found.all() >= registered);
        prop_assert!(found.more().is_none_or(|l| l.machines > registered));
        prop_assert!(found.beyond(found.all()).is_none());
    }
}
