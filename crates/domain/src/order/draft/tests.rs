use jiff::civil::date;
use serde_json::json;

use super::*;
use crate::{legal::Legal, time::start_of};

fn paper() -> Paper {
    Paper::of(&json!({
        "number": "112", "symbol": "CAT-PA05", "date": "2027-01-12", "to": ["Các sở, ban, ngành", "UBND các xã, phường"],
        "occasions": ["tet-2027"], "window": null, "scope": ["important"],
        "duties": [
            {"path": "1.1", "codes": ["DUTY", "MON"]},
            {"path": "2", "codes": ["ISPF"], "actor": "providers"},
            {"path": "3", "codes": ["SELF"]},
            {"path": "contact", "codes": ["HELP"]}
        ],
        "deadlines": [{"date": "2027-02-01", "path": "3"}],
        "contacts": [{"unit": "Trung tâm", "phones": ["0255123456"]}],
        "items": [{"path": "1.1", "text": "Phân công trực 24/7", "range": [0, 5]}, {"path": "3", "text": "báo cáo trước ngày 01/02"}],
        "basis": [{"reference": "85/2016/NĐ-CP"}, {"reference": "331/2026/NĐ-CP"}]
    }))
    .unwrap()
}

#[test]
fn a_letter_becomes_a_draft() {
    let legal = Legal::builtin().unwrap();
    let made = draft(&paper(), legal.on(date(2027, 1, 12)));
    assert_eq!(made.name, "Tết Nguyên đán Đinh Mùi 2027");
    let window = made.window.unwrap();
    assert_eq!((window.first, window.from), (date(2027, 2, 4), WindowFrom::Rule));
    let codes: Vec<_> = made.duties.iter().map(|d| (d.code.as_str(), d.standing)).collect();
    assert_eq!(
        codes,
        [
            ("DUTY", false),
            ("MON", false),
            ("ISPF", false),
            ("SELF", false),
            ("LEAD", true),
            ("CONT", true),
            ("CASC", true)
        ]
    );
    assert_eq!(made.duties[0].quote, "Phân công trực 24/7");
    assert_eq!(made.duties[0].due, None);
    assert_eq!(
        made.duties[3].due,
        Some(start_of(date(2027, 2, 1))),
        "trước ngày: the day itself is too late"
    );
    let lines: Vec<_> = made.lines.iter().map(|l| (l.role, l.line.as_str())).collect();
    assert_eq!(
        lines,
        [
            (LineRole::To, "Các sở, ban, ngành"),
            (LineRole::To, "UBND các xã, phường"),
            (LineRole::Actor, "providers")
        ]
    );
    assert!(made.scope.important && !made.scope.personal_data);
    assert_eq!(made.contacts[0].line(), "Trung tâm, 0255123456");
}

#[test]
fn the_days_in_the_text_outrank_the_table() {
    let legal = Legal::builtin().unwrap();
    let mut paper = paper();
    paper.window = Some(Days { from: "2027-02-03".into(), to: "2027-02-14".into() });
    let window = draft(&paper, legal.on(date(2027, 1, 12))).window.unwrap();
    assert_eq!(
        (window.first, window.last, window.from),
        (date(2027, 2, 3), date(2027, 2, 14), WindowFrom::Paper)
    );
    paper.window = None;
    paper.occasions = vec!["Đại hội Đảng bộ tỉnh".into()];
    assert_eq!(draft(&paper, legal.on(date(2027, 1, 12))).window, None);
}

#[test]
fn expired_bases_are_known() {
    let legal = Legal::builtin().unwrap();
    let day = date(2027, 1, 12);
    let found = outdated(&paper(), legal.on(day), day);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].index, found[0].until), (0, Some(date(2026, 6, 30))));
    assert!(outdated(&paper(), legal.on(date(2024, 1, 1)), date(2024, 1, 1)).iter().all(|o| o.index != 0));
}

#[test]
fn years_have_their_names() {
    for (year, name) in
        [(2024, "Giáp Thìn"), (2025, "Ất Tỵ"), (2026, "Bính Ngọ"), (2027, "Đinh Mùi"), (2020, "Canh Tý")]
    {
        assert_eq!(lunar_year(year), name);
    }
    assert_eq!(occasion_name("30-4-2022"), "Lễ 30/4/2022");
    assert_eq!(occasion_name("Đại hội XIV"), "Đại hội XIV");
}
