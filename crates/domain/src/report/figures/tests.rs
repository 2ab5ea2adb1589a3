use super::*;
use crate::{board::Row, body::BodyKind, id::Uuid};

fn figures() -> Figures {
    let cell = |state, handled, total| Some(Cell { state, handled, total, overdue: false });
    let row = |n: u32, cells| Row {
        number: n,
        assignment: Id::from_uuid(Uuid::from_u128(u128::from(n))),
        body: Id::from_uuid(Uuid::from_u128(u128::from(n))),
        name: format!("Xã {n}"),
        folded: String::new(),
        sort_key: String::new(),
        kind: BodyKind::Commune,
        acknowledged: n == 1,
        passed_on: false,
        cells,
    };
    Figures {
        at: "2027-02-07T01:00:00Z".parse().unwrap(),
        about: About {
            campaign: Id::from_uuid(Uuid::from_u128(9)),
            name: "Tết 2027".into(),
            issuer: "Công an tỉnh".into(),
            window: None,
            paper: None,
            order: None,
        },
        board: Board {
            codes: vec!["VFIX".into()],
            rows: vec![row(1, vec![cell(State::Met, 5, 5)]), row(2, vec![cell(State::NotMet, 1, 7)])],
        },
        below: vec![],
        duties: vec![("VFIX".into(), "Khắc phục".into())],
        counted: vec!["VFIX".into()],
        difficulties: vec![],
        sections: BTreeMap::new(),
        lines: vec![],
        assignment: None,
    }
}

#[test]
fn every_name_has_a_value_and_what_is_not_known_is_missing_not_zero() {
    let mut f = figures();
    assert_eq!(f.values().count(), NAMES.len());
    assert_eq!(f.value("requests"), Some(Value::Missing));
    assert_eq!(f.value("paper"), Some(Value::Missing));
    assert_eq!(f.value("no-such"), None);
    f.counted.clear();
    assert_eq!(f.value("handled"), Some(Value::Missing), "nothing counted is no data");
}

#[test]
fn numbers_open_where_they_come_from() {
    let mut f = figures();
    let board = "/campaigns/00000000-0000-0000-0000-000000000009/board";
    assert_eq!(f.value("handled"), Some(Value::Number(6, board.into())));
    assert_eq!(f.value("not_met"), Some(Value::Number(1, format!("{board}?state=not-met"))));
    assert_eq!(f.value("at"), Some(Value::Words("08 giờ 00 ngày 07/02/2027".into(), String::new())));
    let numbers = BTreeMap::from([("requests", 3)]);
    f.sections.insert("requests", Section { href: "/requests".into(), numbers, ..Section::default() });
    assert_eq!(f.value("requests"), Some(Value::Number(3, "/requests".into())));
    assert_eq!(f.value("requests_late"), Some(Value::Missing));
}

#[test]
fn who_was_reached_by_passing_on_is_counted_once() {
    let mut f = figures();
    f.board.rows[0].passed_on = true;
    assert_eq!(f.value("below_bodies"), Some(Value::Missing), "passed on to nobody knows whom");
    let row = |n: u32| Row { body: Id::from_uuid(Uuid::from_u128(u128::from(n))), ..f.board.rows[0].clone() };
    // Body 2 is an addressee already; body 7 is reached twice.
    let below = |rows| Below {
        campaign: Id::from_uuid(Uuid::from_u128(1)),
        by: "Sở".into(),
        board: Board { codes: vec!["VFIX".into()], rows },
    };
    f.below = vec![below(vec![row(2), row(7)]), below(vec![row(7)])];
    let number = |name: &str| match f.value(name) {
        Some(Value::Number(n, _)) => n,
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(["below_bodies", "all_bodies", "below_cells", "below_met"].map(number), [1, 3, 3, 3]);
}

#[test]
fn no_name_stands_twice() {
    for list in [NAMES, TABLES, SECTIONS] {
        let mut sorted = list.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), list.len());
    }
}
