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

#[test]
#[allow(clippy::disallowed_methods, reason = "a test of time measures it")]
fn time_is_linear() {
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
    ] {
        let took = |size: usize| {
            let text = unit.repeat(size / unit.len());
            let start = std::time::Instant::now();
            let _ = READER.read(&text);
            start.elapsed().as_secs_f64()
        };
        took(2_000);
        let (small, large) = (took(20_000).max(0.002), took(160_000));
        // Eight times the text: eight times the time, with room for a busy machine; a square would be sixty-four.
        assert!(large < small * 32.0 + 2.0, "{unit:?}: {small:.3} s, then {large:.3} s");
    }
}
