use super::*;
use crate::{id::Uuid, legal::Legal};

fn terms() -> Terms {
    Legal::builtin().unwrap().on(jiff::civil::date(2027, 2, 6)).quick_reports().unwrap().clone()
}

fn t(text: &str) -> Timestamp {
    format!("2027-02-{text}:00+07:00").parse().unwrap()
}

fn id<K>(n: u128) -> Id<K> {
    Id::from_uuid(Uuid::from_u128(n))
}

fn line(figure: Figure, value: Option<u32>, below: Option<u32>) -> Prefilled {
    let source = if value.is_some() { "verdicts" } else { "" }.to_owned();
    Prefilled { figure, value, source, at: value.map(|_| t("06T07:10")), below }
}

fn draft() -> Draft {
    Draft {
        body: id(1),
        body_name: "UBND xã Hòa Bình".into(),
        campaign: id(2),
        round: t("06T08:00"),
        since: t("05T16:00"),
        due: t("06T09:00"),
        figures: vec![
            line(Figure::Incidents, None, None),
            line(Figure::Alerts, None, None),
            line(Figure::DutiesMet, Some(7), None),
            line(Figure::DutiesAll, Some(12), None),
        ],
        on_duty: vec![],
        below: Below::default(),
    }
}

fn freeze(draft: &Draft, said: &Said) -> Result<Content, Unfit> {
    confirm(draft, said, &terms(), 1, (id(3), "Lê Thị Na"), t("06T07:30"))
}

fn nil() -> Said {
    Said { nil: true, ..Said::default() }
}

#[test]
fn a_nil_report_is_a_sentence_with_names_and_times() {
    let content = freeze(&draft(), &nil()).unwrap();
    assert_eq!(
        content.statement,
        "Từ 16:00 05/02/2027 đến 08:00 06/02/2027, UBND xã Hòa Bình không có sự cố an ninh mạng và không có cảnh báo phải xử lý."
    );
    assert!(content.nil && content.by_name == "Lê Thị Na" && content.at == t("06T07:30"));
    assert_eq!((content.total(Figure::Incidents), content.total(Figure::DutiesMet)), (Some(0), Some(7)));
    let english = freeze(&draft(), &Said { english: true, ..nil() }).unwrap();
    assert!(english.statement.starts_with("From 16:00 05/02/2027 to 08:00 06/02/2027, UBND"));
}

#[test]
fn what_canh_does_not_know_is_never_zero_by_itself() {
    assert_eq!(freeze(&draft(), &Said::default()), Err(Unfit::Blank(Figure::Incidents)));
    let one = Said { figures: vec![(Figure::Incidents, 1)], ..Said::default() };
    assert_eq!(freeze(&draft(), &one), Err(Unfit::Blank(Figure::Alerts)));
    let both = Said { figures: vec![(Figure::Incidents, 1), (Figure::Alerts, 0)], ..Said::default() };
    let content = freeze(&draft(), &both).unwrap();
    assert!(
        content.statement.contains("ghi nhận 1 sự cố an ninh mạng và 0 cảnh báo"),
        "{}",
        content.statement
    );
}

#[test]
fn nothing_at_all_has_to_be_said_as_a_nil_report() {
    let zeros = Said { figures: vec![(Figure::Incidents, 0), (Figure::Alerts, 0)], ..Said::default() };
    assert_eq!(freeze(&draft(), &zeros), Err(Unfit::Nil));
}

#[test]
fn a_changed_figure_keeps_both_values_with_source_and_time() {
    let said = Said { figures: vec![(Figure::DutiesMet, 9)], ..nil() };
    let content = freeze(&draft(), &said).unwrap();
    let kept = content.figures.iter().find(|k| k.prefilled.figure == Figure::DutiesMet).unwrap();
    assert!(kept.changed());
    assert_eq!((kept.prefilled.value, kept.own), (Some(7), Some(9)));
    assert_eq!((kept.prefilled.source.as_str(), kept.prefilled.at), ("verdicts", Some(t("06T07:10"))));
    assert!(!content.figures[3].changed() && !content.figures[0].changed());
}

#[test]
fn a_part_is_not_greater_than_its_whole() {
    let said = Said { figures: vec![(Figure::DutiesMet, 13)], ..nil() };
    assert_eq!(freeze(&draft(), &said), Err(Unfit::Figure(Figure::DutiesMet)));
    let said = Said { figures: vec![(Figure::DutiesAll, u32::MAX)], ..nil() };
    assert_eq!(freeze(&draft(), &said), Err(Unfit::Figure(Figure::DutiesAll)));
}

#[test]
fn sub_bodies_add_up_and_their_silence_is_part_of_the_sentence() {
    let mut draft = draft();
    draft.below = Below { all: 3, reported: 2, missing: vec!["Trường {from}".into()] };
    let content = freeze(&draft, &nil()).unwrap();
    assert!(content.statement.ends_with("Chưa gồm số liệu của 1/3 đơn vị trực thuộc chưa báo cáo."));
    draft.figures[0].below = Some(2);
    assert_eq!(freeze(&draft, &nil()), Err(Unfit::NotNil), "a school had incidents");
    let said = Said { figures: vec![(Figure::Incidents, 0), (Figure::Alerts, 0)], ..Said::default() };
    let content = freeze(&draft, &said).unwrap();
    assert_eq!(content.total(Figure::Incidents), Some(2));
    assert!(content.statement.contains("ghi nhận 2 sự cố"), "{}", content.statement);
}

#[test]
fn names_with_braces_stay_names_and_texts_have_their_limits() {
    let mut draft = draft();
    draft.body_name = "Đội {to} {x} {".into();
    assert!(freeze(&draft, &nil()).unwrap().statement.contains(", Đội {to} {x} { không"));
    let long = Said { difficulties: "x".repeat(TEXT_MAX + 1), ..nil() };
    assert_eq!(freeze(&draft, &long), Err(Unfit::Long));
    let names = Said { on_duty: vec![" ".into(), " Trần Văn Tú ".into()], ..nil() };
    assert_eq!(freeze(&draft, &names).unwrap().on_duty.stated, ["Trần Văn Tú"]);
    let many = Said { on_duty: vec!["x".into(); NAMES_MAX + 1], ..nil() };
    assert_eq!(freeze(&draft, &many), Err(Unfit::OnDuty));
}

#[test]
fn what_was_shown_is_told_from_what_stands_now() {
    let (a, mut b) = (draft(), draft());
    b.figures[2].at = Some(t("06T07:40"));
    assert_eq!(a.shown(), b.shown(), "looking again is no change");
    b.figures[2].value = Some(8);
    assert_ne!(a.shown(), b.shown());
}

#[test]
fn a_frozen_report_round_trips() {
    let content = freeze(&draft(), &nil()).unwrap();
    let text = serde_json::to_string(&content).unwrap();
    assert_eq!(serde_json::from_str::<Content>(&text).unwrap(), content);
}
