use jiff::civil::date;

use super::*;
use crate::{
    id::{Id, Ids},
    legal::Legal,
};

struct One;
impl Ids for One {
    fn next(&self) -> uuid::Uuid {
        uuid::Uuid::nil()
    }
}

fn listed(level: Option<u8>, detail: Detail) -> Listed {
    let system = System {
        id: Id::new(&One as &dyn Ids),
        body: Id::new(&One as &dyn Ids),
        operator: None,
        name: "Một cửa".into(),
        level: level.and_then(Level::new),
        important: false,
        personal_data: false,
        national_platform: false,
    };
    Listed { system, owner: "Sở Y tế".into(), operator: None, detail }
}

fn approved() -> Detail {
    Detail {
        dossier: Some(Dossier::Approved),
        decision: Decision {
            number: "12/QĐ-SYT".into(),
            date: Some(date(2026, 9, 1)),
            authority: "Sở Y tế".into(),
        },
        plan: Some(Plan::Partly),
        inspected: Some(date(2025, 12, 15)),
        ..Detail::default()
    }
}

#[test]
fn a_line_has_the_forms_columns_and_its_fixed_words() {
    let legal = Legal::builtin().unwrap();
    let form = legal.on(date(2026, 11, 21)).level_form().unwrap();
    assert_eq!(form.column.len(), 12);
    let cells = form.cells(1, &listed(Some(3), approved()));
    assert_eq!(cells.len(), 12);
    for says in [
        "Một cửa",
        "3",
        "Đã được phê duyệt",
        "12/QĐ-SYT, 01/09/2026, Sở Y tế",
        "Đã triển khai một số hạng mục",
        "15/12/2025",
    ] {
        assert!(cells.iter().any(|c| c == says), "{says}: {cells:?}");
    }
    let blank = form.cells(2, &listed(None, Detail::default()));
    assert_eq!(blank.iter().filter(|c| c.is_empty()).count(), 8, "what is not known stays blank: {blank:?}");
    assert!(legal.on(date(2026, 5, 1)).level_form().is_none(), "the form came with its decree");
}

#[test]
fn counts_are_of_the_forms_year() {
    let legal = Legal::builtin().unwrap();
    let form = legal.on(date(2026, 11, 21)).level_form().unwrap();
    assert_eq!(form.data_days(2026), Some((date(2025, 12, 15), date(2026, 12, 14))));
    let drafted =
        Detail { dossier: Some(Dossier::Drafted), inspected: Some(date(2025, 12, 14)), ..Detail::default() };
    let all = [listed(Some(3), approved()), listed(Some(1), drafted), listed(None, Detail::default())];
    let counts: Vec<_> = form.counts(2026, &all).into_iter().map(|(_, n)| n).collect();
    assert_eq!(
        counts,
        [3, 2, 2, 1, 1, 1],
        "all, classified, dossier, appraised, approved, inspected in its year"
    );
}

#[test]
fn what_cannot_stand_is_refused() {
    let today = date(2026, 11, 21);
    assert_eq!(approved().wrong(today), None);
    let undecided = Detail { decision: Decision::default(), ..approved() };
    assert_eq!(undecided.wrong(today), Some("system-approved-undecided"));
    let future = Detail { inspected: Some(date(2027, 1, 1)), ..approved() };
    assert_eq!(future.wrong(today), Some("system-decision-future"));
    let long = Detail { zones: "x".repeat(WORDS_MAX + 1), ..approved() };
    assert_eq!(long.wrong(today), Some("system-detail-long"));
}

#[test]
fn the_regime_is_that_of_the_decisions_day() {
    let legal = Legal::builtin().unwrap();
    let of = |day: Date| legal.on(day).level_regime().map(|r| (r.texts.clone(), r.confirm.is_empty()));
    assert!(of(date(2023, 3, 1)).unwrap().0.contains("85/2016"));
    assert!(of(date(2026, 9, 1)).unwrap().0.contains("331/2026"));
    assert!(!of(date(2026, 8, 1)).unwrap().1, "between the law and its decrees: to be confirmed");
}
