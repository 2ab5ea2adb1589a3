use super::*;
use crate::model::Block;

fn text(document: &Document) -> String {
    let words = |spans: &[Span]| spans.iter().map(|s| s.text.as_str()).collect::<String>();
    let block = |b: &Block| match b {
        Block::Text { spans, .. } => words(spans),
        Block::Table(t) => t.rows.iter().map(|r| words(r)).collect::<Vec<_>>().join("\n"),
    };
    document.blocks.iter().map(block).collect::<Vec<_>>().join("\n")
}

fn sample() -> After {
    let sum =
        |met, all| Sum { all, met, in_time: 1, open: all - met, median: "03:00".into(), ..Sum::default() };
    After {
        issuer: "Sở Khoa học và Công nghệ".into(),
        campaign: "Bảo đảm an ninh mạng Tết 2027".into(),
        over: true,
        at: "08:00 ngày 10/02/2027".into(),
        href: "https://canh.example.vn/reports/after/1".into(),
        whole: sum(2, 3),
        duties: vec![("Khắc phục lỗ hổng".into(), sum(2, 3))],
        first: vec![("Xã A".into(), sum(1, 1))],
        open: vec![["Xã B", "Khắc phục lỗ hổng", "Chưa rõ", "07/02/2027"].map(str::to_owned)],
        lessons: vec![("Báo sớm hơn".into(), "hạn sớm hơn 48 giờ".into())],
        ..After::default()
    }
}

#[test]
fn it_says_what_was_met_what_stayed_open_and_what_was_learnt() {
    let paper = after(&sample());
    let said = text(&paper);
    for words in [
        "Trong 3 lượt nhiệm vụ đã giao, đạt 2 lượt, trong đó đúng hạn 1 lượt, sau hạn 1 lượt; còn bỏ ngỏ 1 lượt",
        "tổng kết việc thực hiện bảo đảm an ninh mạng Tết 2027.",
        "Còn 1 lượt nhiệm vụ bỏ ngỏ",
        "Báo sớm hơn. (Đề xuất: hạn sớm hơn 48 giờ.)",
    ] {
        assert!(said.contains(words), "lacks {words:?}:\n{said}");
    }
    assert_eq!((paper.title.as_str(), paper.appendices.len()), ("BÁO CÁO", 1));
    assert!(said.ends_with("./."), "{said}");
}

#[test]
fn what_is_not_known_is_said_and_never_nought() {
    let said = text(&after(&After { issuer: "Sở".into(), campaign: "Đợt".into(), ..After::default() }));
    assert!(said.contains("chưa có số liệu") && said.contains("không yêu cầu báo cáo nhanh"), "{said}");
    assert!(said.contains("Không có đường truyền nào") && said.contains("Đợt chưa kết thúc"), "{said}");
}

#[test]
fn a_long_list_of_what_is_open_says_that_it_is_cut() {
    let open = vec![["Xã", "Việc", "Chưa rõ", ""].map(str::to_owned); OPEN_MAX + 1];
    let paper = after(&After { open, ..sample() });
    let Block::Table(table) = &paper.appendices[0].blocks[0] else { panic!("no table") };
    assert_eq!(table.rows.len(), OPEN_MAX);
    assert!(table.note.contains("301"), "{}", table.note);
}

#[test]
fn it_says_when_nobody_was_awake_which_lines_were_out_and_what_is_open() {
    let row = |of: &[&str]| of.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    let watch = Watch {
        whole: ["70:00", "01:00", "01:00", "72:00"].map(str::to_owned),
        without: "4".into(),
        bodies: vec![row(&["Xã A", "22:00", "01:00", "01:00", "24:00"]).try_into().unwrap()],
        gaps: vec![
            row(&["Xã A", "Trực", "02:00 06/02/2027", "03:00 06/02/2027", "01:00", "Không đủ người trực"])
                .try_into()
                .unwrap(),
        ],
        all: 2,
    };
    let holes = Holes {
        at: "07:00 ngày 10/02/2027".into(),
        hosts: 40,
        known: 6,
        open: 12,
        grave: 5,
        exploited: 1,
        mended: 2,
        bodies: vec![("Xã B".into(), [12, 7, 5, 2])],
    };
    let lines = Lines {
        lines: vec![row(&["Kênh 1", "Xã C", "Viễn thông A", "2", "01:35", "00:00"]).try_into().unwrap()],
        ..Lines::default()
    };
    let a = After { watch: Some(watch), holes: Some(holes), lines: Some(lines), ..sample() };
    let said = text(&after(&a));
    for words in [
        "Có 4 đơn vị không lập lịch trực",
        "1Xã ATrực02:00 06/02/2027",
        "1Kênh 1Xã CViễn thông A2",
        "trên 40 máy của 6 đơn vị đã kiểm kê còn 12 lượt lỗ hổng chưa xử lý",
        "Từ đó đến nay đã khắc phục thêm 2 lượt",
        "1Xã B12752",
    ] {
        assert!(said.contains(words), "lacks {words:?}:\n{said}");
    }
    let nothing = text(&after(&sample()));
    assert!(nothing.contains("không biết lúc nào có người trực"), "{nothing}");
    assert!(nothing.contains("không biết còn lỗ hổng nào"), "{nothing}");
}
