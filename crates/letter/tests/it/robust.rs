//! Whatever is put in, reading ends, quickly, and says nothing the text does not bear out.

use letter::{Lexicon, Reader, verify};
use proptest::prelude::*;
use std::sync::LazyLock;

static READER: LazyLock<Reader> = LazyLock::new(|| Reader::new(&Lexicon::builtin()));

/// Pieces papers are made of, to reach deeper than random characters do.
const PIECES: &[&str] = &[
    "Số: 12/UBND-VX",
    "Kính gửi:",
    "- Các sở, ban, ngành;",
    "V/v rà soát",
    "Hà Nội, ngày 03 tháng 01 năm 2024",
    "1. ",
    "a) ",
    "II. ",
    "Nơi nhận:",
    "KT. GIÁM ĐỐC",
    "PHÓ GIÁM ĐỐC",
    "Nguyễn Văn An",
    "\n",
    "\n\n",
    " ",
    "   ",
    "\t",
    "|",
    "**",
    "PHỤ LỤC",
    "trước ngày 30/4",
    "từ ngày 1/1/2024 đến ngày 3/1/2024",
    "rà soát lỗ hổng, điểm yếu",
    "điện thoại: 0243.943.6684",
    "a@b.gov.vn",
    "ais/mic gov.vn",
    "CVE-2021-44228",
    "hxxp://x[.]y/z",
    "1.2.3.4",
    "Công văn số 1/BTTTT-CATTT ngày 1/1/2024 của Bộ X",
    "MẬT",
    "CÔNG ĐIỆN",
    "điện:",
    "\u{300}",
    "\u{323}",
    "\u{200b}",
    "\u{c}",
    "\r",
    "đ",
    "Đ",
    "İ",
    "ß",
    "ﬁ",
    "🙂",
    "(",
    ")",
    "[1]",
    "...",
    "…",
    "/.",
    ";",
    ":",
    ",",
    "-",
    "+",
    "Thứ nhất, ",
    "| 1 | Rà quét mã độc | Sở Y | 1/2/2024 |",
    "CÔNG VĂN ĐẾN",
    "Ngày ký: 1/2/2024",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in "\\PC{0,400}") {
        let reading = READER.read(&text);
        prop_assert_eq!(verify(&text, &reading), vec![]);
    }

    #[test]
    fn any_mix_of_pieces_is_read(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let text: String = pieces.concat();
        let reading = READER.read(&text);
        prop_assert_eq!(verify(&text, &reading), vec![]);
    }
}

/// Texts made to be expensive: one piece over and over. What is kept of them is bounded, whatever their length; that the
/// search for phrases takes steps in proportion to the text is counted in `phrases`.
#[test]
fn repetition_is_bounded() {
    let seed = "1. Rà soát lỗ hổng, điểm yếu; trực 24/7 trước ngày 30/4, điện thoại 0243.943.6684, Sở Y tế chỉ đạo. Nguyễn Văn An\n";
    for unit in [
        seed,
        "a ",
        "- ",
        "((",
        "0 ",
        "Nguyễn ",
        "1.1.1.1.",
        "a@",
        "; - A",
        "CVE-2021-",
        "\u{323}",
        "Kính gửi: ",
        "\"",
        "x[.]",
        "| ",
        "Sở ",
        "MẬT ",
    ] {
        let text = unit.repeat(12_000 / unit.len());
        let reading = READER.read(&text);
        assert_eq!(verify(&text, &reading), vec![], "{unit:?}");
        assert!(reading.items.len() <= 2_000, "{unit:?}");
        for kept in [reading.to.len(), reading.copies.len(), reading.basis.len(), reading.contacts.len()] {
            assert!(kept <= 400, "{unit:?}: {kept}");
        }
        assert!(reading.spans.len() <= text.chars().count() + 64, "{unit:?}");
    }
}

/// Nothing behind the limit is read.
#[test]
fn text_beyond_the_limit_is_ignored() {
    let filler = "\u{200b}\n".repeat(letter::limits::MAX_CHARS / 2);
    let reading = READER.read(&format!("{filler}1. Rà quét mã độc trên máy chủ."));
    assert!(reading.items.is_empty() && reading.duties.is_empty());
}
