//! What is printed reads back: by our own readers, as a stranger would read it.

use letter::model::{Document, Facts, Form, Part, compose};
use proptest::prelude::*;

use print::testing::{document, facts, letter};

fn lines(bytes: &[u8]) -> String {
    paper::read(bytes).unwrap().text
}

/// The text without blanks: where lines break is the typesetter's business.
fn tight(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn said(d: &Document) -> Vec<String> {
    let mut all = vec![d.issuer.clone(), d.state.clone(), d.motto.clone(), d.dated.clone(), d.signer.clone()];
    all.extend(d.copies.iter().chain(&d.capacity).cloned());
    all
}

#[test]
fn both_files_say_every_line_with_its_marks() {
    let d = document(12);
    let (pdf, docx) = (print::pdf(&d).unwrap(), print::docx(&d).unwrap());
    for (name, bytes) in [("pdf", &pdf), ("docx", &docx)] {
        let text = tight(&lines(bytes));
        for line in said(&d) {
            assert!(text.contains(&tight(&line)), "{name} lacks {line:?}:\n{text}");
        }
        for words in [
            "Ặẵẳằắ ợỡởờớ ựữửừứ ỹỷỳýỵ Đđ",
            "Số máy đã xử lý: 1.234/1.300",
            "UBND xã Nghĩa Hưng số 12",
            "24/31",
        ] {
            assert!(text.contains(&tight(words)), "{name} lacks {words:?}");
        }
    }
}

#[test]
fn long_tables_break_over_pages_and_repeat_their_heads() {
    let pdf = lines(&print::pdf(&document(1_000)).unwrap());
    let pages: Vec<&str> = pdf.split('\u{c}').collect();
    let with_rows = pages.iter().filter(|p| p.contains("Nghĩa Hưng")).count();
    let with_heads = pages.iter().filter(|p| p.contains("Cơ quan, đơn vị")).count();
    assert!(with_rows > 20, "{with_rows} pages of rows");
    assert_eq!(with_heads, with_rows, "every page of rows has the head");
}

/// All that stands after some bytes, up to what closes it.
fn all<'a>(pdf: &'a [u8], open: &str, close: char) -> Vec<&'a str> {
    let text = |bytes: &'a [u8]| std::str::from_utf8(bytes).ok();
    let starts = pdf.windows(open.len()).enumerate().filter(|(_, w)| *w == open.as_bytes());
    let found =
        starts.filter_map(|(at, _)| text(&pdf[at + open.len()..(at + open.len() + 20).min(pdf.len())]));
    found.map(|rest| rest.split(close).next().unwrap()).collect()
}

#[test]
fn a_paper_set_in_parts_is_the_paper_set_at_once() {
    // Rows in the body, an appendix that lies across with two tables, one that stands with cells longer than a page's rest.
    let mut f = facts(60);
    f.appendices.push(f.appendices[0].clone());
    f.appendices[0].parts.push(Part::text("Bảng thứ hai"));
    f.appendices[0].parts.push(Part::Table(print::testing::table(45, 9)));
    f.appendices[1].landscape = false;
    if let Part::Table(table) = &mut f.appendices[1].parts[0] {
        table.dense = false;
        for row in &mut table.rows {
            row[1].text = "Đơn vị đã rà soát, khắc phục các lỗ hổng đã được cảnh báo. ".repeat(9);
        }
    }
    let d = compose(&f);
    let whole = print::testing::pdf_in_parts(&d, usize::MAX).unwrap();
    let parts = print::testing::pdf_in_parts(&d, 150).unwrap();
    let (pages, want) = (lines(&parts), lines(&whole));
    assert!(want.matches('\u{c}').count() > 8, "{want}");
    for (n, (page, want)) in pages.split('\u{c}').zip(want.split('\u{c}')).enumerate() {
        assert_eq!(page, want, "page {}", n + 1);
    }
    assert_eq!(pages, want);
    // Tags: as many, each name once, each piece of a page known by a number of its own.
    let count = |pdf: &[u8], what: &str| pdf.windows(what.len()).filter(|w| *w == what.as_bytes()).count();
    for tag in ["/S/TD", "/S/Link", "/Subtype/Link", "/S/Document", "/Type/Catalog", "/Type/Pages"] {
        assert_eq!(count(&parts, tag), count(&whole, tag), "{tag}");
    }
    for (open, close) in [("/ID(", ')'), ("/StructParents ", '/'), ("/StructParent ", '/')] {
        let mut found = all(&parts, open, close);
        let most = found.len();
        found.sort_unstable();
        found.dedup();
        assert!(most > 4 && found.len() == most, "{open} {most}: {found:?}");
    }
    assert!(all(&parts, "/Headers[(", ')').iter().all(|name| all(&parts, "/ID(", ')').contains(name)));
}

#[test]
fn a_signature_never_stands_alone_on_a_page() {
    let mut pages_seen = std::collections::BTreeSet::new();
    for paragraphs in 8..20 {
        let d = compose(&letter(paragraphs));
        let pdf = lines(&print::pdf(&d).unwrap());
        let pages: Vec<&str> = pdf.split('\u{c}').filter(|p| !p.trim().is_empty()).collect();
        let signed = pages.iter().find(|p| p.contains(&d.signer)).unwrap();
        assert!(signed.contains("lỗ hổng đã được cảnh báo./."), "{paragraphs} paragraphs: {signed}");
        pages_seen.insert(pages.len());
    }
    assert!(pages_seen.len() > 1, "the signature was driven over a page's end: {pages_seen:?}");
}

#[test]
fn a_letter_says_what_it_is_about_and_how_urgent_it_is() {
    let d = compose(&letter(2));
    for bytes in [print::pdf(&d).unwrap(), print::docx(&d).unwrap()] {
        let text = tight(&lines(&bytes));
        assert!(text.contains("HỎATỐC") && text.contains(&tight("V/v báo cáo kết quả thực hiện")), "{text}");
    }
}

#[test]
fn pages_are_numbered_from_the_second_and_appendices_by_themselves() {
    let pdf = lines(&print::pdf(&document(70)).unwrap());
    let numbers: Vec<Option<u32>> = pdf
        .split('\u{c}')
        .map(|page| page.trim().lines().next().and_then(|l| l.trim().parse().ok()))
        .collect();
    let second = numbers.iter().rposition(Option::is_none).unwrap();
    assert_eq!(numbers[..2], [None, Some(2)]);
    assert!(second > 1 && numbers[second + 1] == Some(2), "the appendix begins anew: {numbers:?}");
}

#[test]
fn the_same_paper_is_the_same_file() {
    let d = document(2);
    assert_eq!(print::pdf(&d).unwrap(), print::pdf(&d).unwrap());
    // Word numbers its paragraphs from file to file; what is said stays the same.
    assert_eq!(lines(&print::docx(&d).unwrap()), lines(&print::docx(&d).unwrap()));
}

#[test]
fn words_never_become_commands() {
    let nasty = "#eval(\"1\") $x^2$ *đậm* _ng_ @ref <label> \\ `raw` // hết {{a}} </w:t><w:t> &amp; ]]>";
    let mut f = facts(1);
    f.parts = vec![Part::text(nasty)];
    let d = compose(&f);
    for bytes in [print::pdf(&d).unwrap(), print::docx(&d).unwrap()] {
        let text = tight(&lines(&bytes));
        assert!(text.contains(&tight(nasty)), "{text}");
    }
}

#[test]
fn our_own_reader_reads_the_head_of_our_own_papers() {
    let reader = letter::Reader::new(&letter::Lexicon::builtin());
    let mut f = facts(3);
    f.number = Some(7);
    for form in [f.form.clone(), Form::Letter { subject: "báo cáo kết quả thực hiện".into() }] {
        let d = compose(&Facts { form, ..f.clone() });
        for bytes in [print::pdf(&d).unwrap(), print::docx(&d).unwrap()] {
            let text = lines(&bytes);
            let reading = reader.read(&text);
            assert_eq!(reading.number.as_deref().map(|n| n.trim_start_matches('0')), Some("7"), "{text}");
            assert_eq!(reading.symbol.as_deref(), Some("BC-SKHCN"));
            assert_eq!(reading.date.as_deref(), Some("2027-02-09"));
            assert_eq!(reading.place.as_deref(), Some("Sông Trà"));
            let signer = reading.signer.as_ref().and_then(|s| s.name.clone());
            assert_eq!(signer.as_deref(), Some("Nguyễn Thị Hường"), "{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]
    #[test]
    fn whatever_is_typed_is_printed(words in "[a-zA-Z0-9 ăâđêôơưÁẠẬỂỮỹ#$*_@<>&\"'\\\\{}\\[\\]()/%~^`=+-]{1,60}") {
        let mut f = facts(1);
        f.parts = vec![Part::text(format!("đầu {words} cuối"))];
        let d = compose(&f);
        let want = tight(&format!("đầu {words} cuối"));
        prop_assert!(print::pdf(&d).is_ok());
        prop_assert!(tight(&lines(&print::docx(&d).unwrap())).contains(&want));
    }
}
