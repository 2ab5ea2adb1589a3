use std::collections::BTreeMap;

use domain::{
    board::{Board, Cell, Row},
    body::BodyKind,
    evidence::State,
    id::{Id, Uuid},
    legal::Legal,
    report::{About, Below, Section},
};
use jiff::civil::date;

use super::*;
use crate::model::Block;

fn figures(states: &[State]) -> Figures {
    let row = |(n, state): (u32, &State)| Row {
        number: n,
        assignment: Id::from_uuid(Uuid::from_u128(u128::from(n))),
        body: Id::from_uuid(Uuid::from_u128(u128::from(n))),
        name: format!("UBND xã Số {n}"),
        folded: String::new(),
        sort_key: format!("{n:04}"),
        kind: BodyKind::Commune,
        acknowledged: n.is_multiple_of(2),
        passed_on: false,
        cells: vec![
            Some(Cell { state: *state, handled: 3, total: 7, overdue: *state == State::NotMet }),
            None,
        ],
    };
    Figures {
        at: "2027-02-07T01:00:00Z".parse().unwrap(),
        about: About {
            campaign: Id::from_uuid(Uuid::from_u128(9)),
            name: "Tết Đinh Mùi 2027".into(),
            issuer: "Công an tỉnh".into(),
            window: None,
            paper: None,
            order: None,
        },
        board: Board {
            codes: vec!["VFIX".into(), "LEAD".into()],
            rows: (1..).zip(states).map(row).collect(),
        },
        below: vec![],
        duties: vec![],
        counted: vec!["VFIX".into()],
        difficulties: vec![],
        sections: BTreeMap::new(),
        lines: vec![],
        assignment: None,
    }
}

fn text(d: &Document) -> String {
    let line = |b: &Block| match b {
        Block::Text { spans, .. } => spans.iter().map(|s| s.text.as_str()).collect::<String>(),
        Block::Table(t) => t.rows.iter().flatten().map(|s| s.text.as_str()).collect::<Vec<_>>().join("|"),
    };
    d.blocks.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn draft(key: &str) -> (Draft, Legal) {
    let legal = Legal::builtin().unwrap();
    let draft = legal.on(date(2027, 2, 6)).report(key).unwrap().draft();
    (Draft { issuer: "Công an tỉnh".into(), ..draft }, legal)
}

#[test]
fn the_shipped_wordings_are_fit_and_say_what_is_not_known() {
    for key in ["campaign", "reply"] {
        let (draft, legal) = draft(key);
        assert_eq!(draft.unfit(), [], "{key}");
        let pack = legal.on(date(2027, 2, 6));
        let d = paper(&draft, &figures(&[State::Met, State::NotMet]), pack, "https://c.vn", None);
        let text = text(&d);
        assert!(!text.contains("{{"), "{text}");
        assert!(text.contains("06/14"), "handled of all, with leading zero: {text}");
        if key == "campaign" {
            assert!(text.contains("Số sự cố ghi nhận: chưa có số liệu.\n"), "said once: {text}");
            assert_eq!(d.appendices.len(), 2, "nobody passed it on: no appendix of those below");
        }
    }
}

#[test]
fn thousands_have_their_point_and_minutes_of_the_watch_are_told_in_hours() {
    let cell = |handled, total| Cell { state: State::Partly, handled, total, overdue: false };
    assert_eq!(tables::share("MALW", cell(3_827, 4_327)), "3.827/4.327");
    assert_eq!(tables::share("DUTY", cell(4_320, 10_080)), "72/168 giờ");
    assert_eq!(tables::share("DUTY", cell(1, 2)), "1/2", "papers handed in");
}

#[test]
fn a_number_opens_its_evidence_and_a_section_fills_in_when_it_is_known() {
    let (draft, legal) = draft("campaign");
    let pack = legal.on(date(2027, 2, 6));
    let mut f = figures(&[State::NotMet]);
    let numbers = BTreeMap::from([("incidents", 2), ("incidents_open", 1)]);
    f.sections.insert(
        "incidents",
        Section {
            href: "/incidents".into(),
            numbers,
            columns: vec!["Sự cố".into(), "Cấp".into()],
            rows: vec![vec!["Mã độc".into(), "3".into()]],
            opens: vec!["/incidents/3".into()],
        },
    );
    let d = paper(&draft, &f, pack, "https://c.vn", None);
    let said = text(&d);
    assert!(said.contains("Số sự cố ghi nhận: 02; trong đó đang xử lý: 01"), "{said}");
    assert!(said.contains("1|Mã độc|3"), "{said}");
    let rows = d.blocks.iter().filter_map(|b| match b {
        Block::Table(t) => t.rows.first(),
        Block::Text { .. } => None,
    });
    let cell = rows.flatten().find(|cell| cell.text == "Mã độc").unwrap();
    assert_eq!(cell.href.as_deref(), Some("https://c.vn/incidents/3"), "its row opens");
    let links: Vec<String> = d
        .blocks
        .iter()
        .filter_map(|b| match b {
            Block::Text { spans, .. } => Some(spans.iter().filter_map(|s| s.href.clone())),
            Block::Table(_) => None,
        })
        .flatten()
        .collect();
    assert!(links.contains(&"https://c.vn/incidents".to_owned()), "{links:?}");
    assert!(links.iter().any(|l| l.ends_with("/board?state=not-met")), "{links:?}");
}

#[test]
fn a_reply_says_how_each_duty_of_its_own_stands() {
    let (draft, legal) = draft("reply");
    let pack = legal.on(date(2027, 2, 6));
    let f = Figures { assignment: Some(Id::from_uuid(Uuid::from_u128(5))), ..figures(&[State::NotMet]) };
    let said = text(&paper(&draft, &f, pack, "", None));
    assert!(said.contains("1|Khắc phục triệt để, cập nhật bản vá|Chưa đạt|3/7|Quá hạn"), "{said}");
}

#[test]
fn those_below_stand_in_a_grid_of_their_own_and_many_duties_in_more_than_one() {
    let (draft, legal) = draft("campaign");
    let pack = legal.on(date(2027, 2, 6));
    let mut f = figures(&[State::Met]);
    let codes: Vec<String> = (0..20).map(|n| format!("C{n}")).collect();
    let mut board = f.board.clone();
    board.rows[0].cells = vec![Some(Cell { state: State::Met, handled: 1, total: 2, overdue: false }); 20];
    board.codes = codes;
    f.below = vec![Below { campaign: f.about.campaign, by: "Sở Y tế".into(), board }];
    let d = paper(&draft, &f, pack, "https://c.vn", None);
    let below = d.appendices.iter().find(|a| a.title.contains("TRỰC THUỘC")).unwrap();
    assert!(below.landscape);
    let tables: Vec<_> = below
        .blocks
        .iter()
        .filter_map(|b| match b {
            Block::Table(t) => Some(t),
            Block::Text { .. } => None,
        })
        .collect();
    assert_eq!(tables.len(), 2);
    assert_eq!((tables[0].caption.as_str(), tables[0].columns.len()), ("Bảng 1/2", 14));
    assert_eq!(tables[0].rows[0][2].text, "Sở Y tế");
    assert!(tables[1].rows[0].last().unwrap().href.as_deref().unwrap().ends_with("/b/1/C19"));
}

#[test]
fn words_people_typed_are_only_words() {
    let legal = Legal::builtin().unwrap();
    let pack = legal.on(date(2027, 2, 6));
    let draft = Draft {
        issuer: "Sở #[x] $a$".into(),
        subject: "về <b>{{met}}</b>".into(),
        blocks: vec![DraftBlock {
            text: "a) #image(\"/etc/passwd\")\nb) hai\n- ba".into(),
            ..DraftBlock::default()
        }],
        ..Draft::default()
    };
    let d = paper(&draft, &figures(&[State::Met]), pack, "", None);
    assert_eq!(text(&d), "a) #image(\"/etc/passwd\")\nb) hai\n- ba./.");
    assert_eq!(d.about, "V/v về <b>01</b>");
}
