//! Every corpus: figures by group, floors, and that each value is borne out by the text.

use crate::score::Score;
use letter::{Lexicon, Reader, verify};
use std::path::{Path, PathBuf};

/// One letter with its gold reading.
pub struct Pair {
    pub name: String,
    pub text: String,
    pub gold: serde_json::Value,
}

/// The letters of a folder; none when it is not there.
pub fn letters(folder: &Path) -> Vec<Pair> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut texts: Vec<PathBuf> =
        entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "txt")).collect();
    texts.sort();
    texts
        .into_iter()
        .map(|path| Pair {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            text: std::fs::read_to_string(&path).unwrap(),
            gold: serde_json::from_str(&std::fs::read_to_string(path.with_extension("gold.json")).unwrap())
                .unwrap(),
        })
        .collect()
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Reads a folder, prints its figures, checks the floors and that nothing is without its words.
fn check(folder: &str, overall: f64, each: f64) {
    let reader = Reader::new(&Lexicon::builtin());
    let mut score = Score::default();
    let pairs = letters(&root().join(folder));
    for pair in &pairs {
        let reading = reader.read(&pair.text);
        let violations = verify(&pair.text, &reading);
        assert!(violations.is_empty(), "{}: {violations:#?}", pair.name);
        score.add(&pair.gold, &serde_json::to_value(&reading).unwrap());
    }
    if pairs.is_empty() {
        println!("{folder}: not here");
        return;
    }
    score.print(&format!("{folder} ({} letters)", pairs.len()));
    assert!(score.all().f1() >= overall, "{folder}: {:.3} overall", score.all().f1());
    for (group, tally) in &score.0 {
        // A group of a handful of facts swings too far on one of them.
        assert!(tally.f1() >= each || tally.wanted < 15, "{folder}: {group} {:.3}", tally.f1());
    }
}

#[test]
fn letters_written_beside_the_reader() {
    check("corpus/letters/dev", 0.98, 0.95);
}

#[test]
fn letters_written_apart() {
    check("corpus/letters/apart", 0.98, 0.94);
}

#[test]
fn letters_by_another_author() {
    check("corpus/letters/apart-two", 0.98, 0.90);
}

#[test]
fn letters_by_a_third_author() {
    check("corpus/letters/apart-three", 0.97, 0.94);
}

#[test]
fn letters_by_a_fourth_author() {
    check("corpus/letters/apart-four", 0.98, 0.95);
}

#[test]
fn letters_by_a_fifth_author() {
    check("corpus/letters/apart-five", 0.98, 0.95);
}

#[test]
fn letters_by_a_sixth_author() {
    check("corpus/letters/apart-six", 0.98, 0.95);
}

#[test]
fn letters_by_a_seventh_author() {
    check("corpus/letters/apart-seven", 0.98, 0.95);
}

#[test]
fn letters_by_an_eighth_author() {
    check("corpus/letters/apart-eight", 0.97, 0.91);
}

#[test]
fn letters_by_a_ninth_author() {
    check("corpus/letters/apart-nine", 0.96, 0.92);
}

#[test]
fn letters_by_a_tenth_author() {
    check("corpus/letters/apart-ten", 0.98, 0.97);
}

/// Nobody who works on the reader has opened these.
#[test]
fn letters_by_an_eleventh_author() {
    check("corpus/letters/apart-eleven", 0.95, 0.90);
}

/// The three real letters; passes where they are not there.
#[test]
fn real_letters() {
    check("../shared/letters", 0.99, 0.95);
}

#[test]
fn a_secret_paper_says_so() {
    let reader = Reader::new(&Lexicon::builtin());
    for stamp in ["MẬT", "TỐI MẬT", "Độ mật: MẬT", "**TUYỆT MẬT**"] {
        let reading = reader
            .read(&format!("CÔNG AN TỈNH X\n\nSố: 1/CAT\n{stamp}\n\nKính gửi: Sở Y.\n\n1. Rà soát mã độc."));
        assert_eq!(reading.secrecy.len(), 1, "{stamp}");
    }
    // Within a head that was flattened to one line.
    for head in [
        "BỘ CÔNG AN CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM CÔNG AN TỈNH X MẬT Độc lập - Tự do - Hạnh phúc",
        "CÔNG AN TỈNH X Số: 12/CAT-ANM TỐI MẬT X, ngày 03 tháng 01 năm 2024",
    ] {
        let reading = reader.read(&format!("{head}\nKính gửi: Sở Y.\n\n1. Rà soát mã độc."));
        assert_eq!(reading.secrecy.len(), 1, "{head}");
    }
    for open in [
        "Kính gửi: Sở Y.\n\n1. Bảo vệ bí mật nhà nước.",
        "SỞ X\nSố: 1/SX\nV/v BẢO VỆ BÍ MẬT NHÀ NƯỚC\n\nKính gửi: Sở Y.\n\n1. Đổi mật khẩu.",
        "ỦY BAN MẶT TRẬN TỔ QUỐC TỈNH X Số: 1/MTTQ\nKính gửi: Sở Y.\n\n1. Không soạn văn bản MẬT trên máy nối mạng.",
    ] {
        assert!(reader.read(open).secrecy.is_empty(), "{open}");
    }
}

#[test]
fn layouts_read_alike() {
    use unicode_normalization::UnicodeNormalization;
    let reader = Reader::new(&Lexicon::builtin());
    for pair in letters(&root().join("corpus/letters/dev")) {
        let plain = serde_json::to_value(reader.read(&pair.text)).unwrap();
        let mut changed: Vec<(&str, String)> = vec![
            ("decomposed", pair.text.nfd().collect()),
            ("carriage returns", pair.text.replace('\n', "\r\n")),
            ("trailing blanks", pair.text.replace('\n', "  \n")),
        ];
        changed.push(("form feeds", pair.text.replace("\n\n", "\n\u{c}\n")));
        for (how, text) in changed {
            let other = serde_json::to_value(reader.read(&text)).unwrap();
            for key in [
                "number",
                "symbol",
                "date",
                "issuer",
                "subject",
                "to",
                "duties",
                "contacts",
                "signer",
                "deadlines",
            ] {
                assert_eq!(plain[key], other[key], "{} with {how}: {key}", pair.name);
            }
        }
    }
}

/// Names whose letters fold to other words: "Đà" is no "đã", "Chuyển đổi" no order, "viễn thông bảo đảm" no "thông báo".
#[test]
fn names_are_not_cut_at_words_they_look_like() {
    let reader = Reader::new(&Lexicon::builtin());
    let reading = reader.read(
        "SỞ X\nSố: 1/SX-CN\n\nKính gửi:\n- Các sở, ban, ngành;\n- Các doanh nghiệp viễn thông.\n\n\
         Thực hiện Công văn số 2/UBND-CN ngày 01/4/2025 của UBND thành phố Đà Nẵng về an ninh mạng, Sở X đề nghị:\n\n\
         1. Trung tâm Chuyển đổi số thành phố Đà Nẵng trực 24/7, sao lưu dữ liệu.\n\n\
         2. Các doanh nghiệp viễn thông bảo đảm thông tin liên lạc thông suốt phục vụ nhân dân.\n",
    );
    assert_eq!(reading.basis[0].issuer.as_deref(), Some("UBND thành phố Đà Nẵng"));
    let duties: Vec<_> = reading.duties.iter().map(|d| (d.actor.as_deref(), d.codes.clone())).collect();
    assert_eq!(
        duties,
        [
            (Some("Trung tâm Chuyển đổi số thành phố Đà Nẵng"), vec!["DUTY".to_owned(), "BKUP".to_owned()]),
            (Some("providers"), vec!["ISPD".to_owned()]),
        ]
    );
}

/// A paper without any number: its paragraphs are counted, what closes it is not.
#[test]
fn paragraphs_without_numbers_are_items() {
    let reader = Reader::new(&Lexicon::builtin());
    let reading = reader.read(
        "SỞ X\nSố: 1/SX-CN\n\nKính gửi: Các phòng, đơn vị\n\nSở X nhận được Công văn số 2/Y-Z. Giám đốc Sở yêu cầu:\n\n\
         Các đơn vị sao lưu dữ liệu.\n\nVăn phòng Sở đổi mật khẩu quản trị trước ngày 01/9/2026.\n\n\
         Vướng mắc xin liên hệ Văn phòng Sở, điện thoại 0238.3951.466./.\n\nNơi nhận:\n- Như trên.\n",
    );
    let paths: Vec<_> = reading.duties.iter().map(|d| d.path.as_str()).collect();
    assert_eq!(paths, ["1", "2", "contact"]);
    assert_eq!(reading.duties[1].actor.as_deref(), Some("Văn phòng Sở"));
    assert_eq!(reading.deadlines[0].path, "2");
}
