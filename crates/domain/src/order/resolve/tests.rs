use jiff::civil::date;

use super::*;
use crate::{id::Uuid, legal::Legal};

fn id(n: u128) -> Id<kind::Body> {
    Id::from_uuid(Uuid::from_u128(n))
}

fn brief(n: u128, kind: BodyKind, name: &str) -> BodyBrief {
    BodyBrief { id: id(n), kind, name: name.into(), names: vec![], successors: vec![], closed: false }
}

fn alias(text: &str) -> Name {
    Name { text: text.into(), from: None, until: None, alias: true }
}

fn province() -> Vec<BodyBrief> {
    let mut all = vec![
        brief(1, BodyKind::Department, "Sở Y tế tỉnh Sông Trà"),
        brief(2, BodyKind::Department, "Sở Khoa học và Công nghệ tỉnh Sông Trà"),
        brief(3, BodyKind::Department, "Văn phòng UBND tỉnh Sông Trà"),
        brief(4, BodyKind::Commune, "UBND xã Hòa Lộc"),
        brief(5, BodyKind::Ward, "UBND phường Bến Tre"),
        brief(6, BodyKind::Operator, "Viễn thông Sông Trà"),
        brief(7, BodyKind::Platform, "Công ty Nền tảng Trà Giang"),
        brief(8, BodyKind::SecurityProvider, "Công ty An ninh mạng Sao Mai"),
        brief(9, BodyKind::Bank, "Ngân hàng Phát triển Sông Trà"),
        brief(10, BodyKind::School, "Trường THPT Lê Lợi"),
        brief(11, BodyKind::Hospital, "Bệnh viện Đa khoa tỉnh Sông Trà"),
        brief(12, BodyKind::Party, "Văn phòng Tỉnh ủy Sông Trà"),
        brief(13, BodyKind::Department, "Công an tỉnh Sông Trà"),
        brief(14, BodyKind::District, "UBND huyện Trà Bồng"),
    ];
    all[5].names.push(alias("VNPT Sông Trà"));
    all[13].closed = true;
    all
}

fn find(bodies: &[BodyBrief], line: &str) -> (Vec<u128>, Proposal) {
    let legal = Legal::builtin().unwrap();
    let day = date(2027, 1, 20);
    let found = resolve(legal.on(day), line, bodies);
    (found.bodies.iter().map(|b| b.uuid().as_u128()).collect(), found)
}

#[test]
fn lines_of_real_letters_find_their_kinds() {
    let all = province();
    for (line, want) in [
        ("Các sở, ban, ngành tỉnh", vec![1, 2, 3, 13]),
        ("Các Sở, ban, ngành", vec![1, 2, 3, 13]),
        ("UBND các xã, phường", vec![4, 5]),
        ("Ủy ban nhân dân các xã, phường, đặc khu", vec![4, 5]),
        ("Chủ tịch UBND các xã, phường", vec![4, 5]),
        ("Các Doanh nghiệp Viễn thông, Ngân hàng và các tổ chức tài chính trên địa bàn tỉnh", vec![6, 9]),
        ("providers", vec![6, 7, 8]),
        ("Các ngân hàng thương mại trên địa bàn tỉnh", vec![9]),
        ("Hiệu trưởng các trường học", vec![10]),
        ("Các cơ quan đảng", vec![12]),
        ("Các doanh nghiệp viễn thông, Internet trên địa bàn tỉnh", vec![6]),
        ("Công an tỉnh", vec![13]),
        ("Giám đốc Sở Khoa học và Công nghệ", vec![2]),
        ("Văn phòng UBND tỉnh", vec![3]),
        ("Chủ tịch UBND xã Hoà Lộc", vec![4]),
        ("VNPT Sông Trà", vec![6]),
        ("Các bệnh viện", vec![11]),
    ] {
        let (got, found) = find(&all, line);
        assert_eq!(got, want, "{line}: {found:?}");
        assert!(found.sure(), "{line}: {found:?}");
    }
}

#[test]
fn the_ended_tier_is_reached_through_those_who_came_after() {
    let (got, found) = find(&province(), "UBND các huyện, thành phố");
    assert_eq!(got, [4, 5]);
    assert!(found.through && found.sure());
    let mut all = province();
    all[13].successors = vec![Successor { function: "security".into(), body: id(5), from: date(2025, 7, 1) }];
    assert_eq!(find(&all, "UBND các huyện, thành phố").0, [5]);
    assert_eq!(find(&all, "UBND huyện Trà Bồng").0, [5]);
}

#[test]
fn what_is_not_understood_is_said() {
    let all = province();
    let (got, found) = find(&all, "Báo Sông Trà, Đài Phát thanh và Truyền hình tỉnh");
    assert!(got.is_empty() && !found.sure());
    assert!(!found.unclear.is_empty());
    let (got, found) = find(&all, "Công an tỉnh; Hội Chữ thập đỏ");
    assert_eq!(got, [13]);
    assert_eq!(found.unclear, ["hoi chu thap do"]);
    assert_eq!(find(&[], "Các sở, ban, ngành").1.empty, [BodyKind::Department]);
}

#[test]
fn as_above_is_nobody() {
    let (got, found) = find(&province(), "Như trên");
    assert!(got.is_empty() && found.nobody && found.sure());
}
