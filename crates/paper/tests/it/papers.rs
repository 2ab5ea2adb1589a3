//! What is read, what is refused, and with which code.

use crate::{make, worker};
use paper::{FileKind, PaperError, open, read};

#[tokio::test]
async fn a_file_is_read_in_the_child_as_it_is_here() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus/paper");
    for name in ["letter-chromium.pdf", "letter-libreoffice.pdf", "letter-word.docx"] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        assert_eq!(open(&worker(), &bytes).await, read(&bytes), "{name}");
    }
    assert_eq!(open(&worker(), b"").await, Err(PaperError::Empty));
    assert_eq!(open(&worker(), b" \n\n").await, Err(PaperError::Empty));
    assert_eq!(open(&worker(), &vec![b'a'; 20_000_001]).await.unwrap_err().code(), "too-large");
}

#[test]
fn what_is_not_read_says_what_to_do() {
    let ole = |name: &str| {
        let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        bytes.extend(vec![0; 600]);
        bytes.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
        bytes
    };
    let odt = make::zip([("mimetype", &b"application/vnd.oasis.opendocument.text"[..])]);
    for (bytes, kind, save_as) in [
        (ole("WordDocument"), FileKind::Doc, Some(FileKind::Docx)),
        (b"{\\rtf1 a}".to_vec(), FileKind::Rtf, Some(FileKind::Docx)),
        (ole("Workbook"), FileKind::Xls, Some(FileKind::Xlsx)),
        (b"<html><p>a".to_vec(), FileKind::Html, Some(FileKind::Docx)),
        (b"MZ\x90\0\x03\0\0\0".to_vec(), FileKind::Executable, None),
        (make::zip([("a.txt", &b"a"[..])]), FileKind::Zip, None),
    ] {
        let error = read(&bytes).unwrap_err();
        assert_eq!(error, PaperError::Unsupported { kind });
        assert_eq!(error.save_as(), save_as);
    }
    assert!(matches!(read(&odt), Err(PaperError::Unsupported { .. })));
    assert_eq!(read(&ole("EncryptedPackage")), Err(PaperError::Encrypted));
    assert_eq!(read(b"d\xe9j\xe0 vu"), Err(PaperError::UnknownEncoding));
    assert_eq!(read(b"%PDF-1.7\nnothing of the sort"), Err(PaperError::Damaged));
    assert_eq!(read(b"PK\x03\x04word/document.xml"), Err(PaperError::Damaged));
}

#[test]
fn a_scan_has_no_text_and_a_half_scan_says_which_pages() {
    let picture = make::stream("", b"q 595 0 0 842 0 0 cm 0.5 g 0 0 1 1 re f Q");
    assert_eq!(read(&make::pages(&[picture.clone(), picture.clone()], "")), Err(PaperError::NoText));
    let half = read(&make::pages(&[make::says("So 12"), picture], "")).unwrap();
    assert_eq!((half.pages, half.blank, half.text.trim()), (Some(2), vec![2], "So 12"));
}

#[test]
fn pages_are_parted_counted_and_limited() {
    let two = read(&make::pages(&[make::says("mot"), make::says("hai")], "")).unwrap();
    assert_eq!(two.text, "mot\n\u{c}\nhai");
    let many: Vec<Vec<u8>> = (0..201).map(|_| make::says("x")).collect();
    assert_eq!(read(&make::pages(&many, "")), Err(PaperError::TooManyPages { pages: 201, limit: 200 }));
}

#[test]
fn a_signature_is_noted_and_a_password_is_an_error() {
    let plain = make::pages(&[make::says("So 12")], "");
    assert!(!read(&plain).unwrap().signed);
    let mut signed = plain;
    signed.extend(b"\n9 0 obj\n<</Type/Sig/ByteRange[0 10 20 30]>>\nendobj\n");
    assert!(read(&signed).unwrap().signed);
    let locked = "/ID[<00><00>]/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4\
                  /O<2055c756c72e1ad702608e8196acad447ad32d17cff583235f6dd15fed7dab67>\
                  /U<0000000000000000000000000000000000000000000000000000000000000000>>>";
    assert_eq!(read(&make::pages(&[make::says("So 12")], locked)), Err(PaperError::Encrypted));
    let word = make::docx("<w:p><w:r><w:t>a</w:t></w:r></w:p>", &[("_xmlsignatures/sig1.xml", "<s/>")]);
    assert!(read(&word).unwrap().signed);
}

#[test]
fn turned_pages_read_upright() {
    let turned = make::stream("", b"BT /F1 12 Tf 0 1 -1 0 300 100 Tm (So 12 ngang) Tj ET");
    assert_eq!(read(&make::pages(&[turned], "")).unwrap().text, "So 12 ngang");
}

#[test]
fn word_keeps_boxes_breaks_and_fields_and_leaves_out_what_is_hidden() {
    let t = |text: &str| format!("<w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r>");
    let body = [
        format!("<w:p>{}<w:r><w:tab/><w:t>12</w:t><w:br/><w:t>dòng hai</w:t></w:r></w:p>", t("Số:")),
        format!("<w:p>{}<w:r><w:rPr><w:vanish/></w:rPr><w:t>ẩn</w:t></w:r></w:p>", t("hiện")),
        "<w:p><w:r><w:instrText>DATE</w:instrText></w:r><w:fldSimple><w:r><w:t>ngày 5</w:t></w:r></w:fldSimple></w:p>".into(),
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>HỎA TỐC</w:t></w:r></w:p></w:txbxContent></mc:Choice>\
         <mc:Fallback><w:txbxContent><w:p><w:r><w:t>HỎA TỐC</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>".into(),
        format!("<w:sdt><w:sdtContent><w:p>{}</w:p></w:sdtContent></w:sdt>", t("trong khung")),
        format!("<w:tbl><w:sdt><w:sdtContent><w:tr><w:tc><w:p>{}</w:p></w:tc><w:tc><w:p>{}</w:p></w:tc></w:tr></w:sdtContent></w:sdt></w:tbl>", t("trái"), t("phải")),
    ]
    .concat();
    let text = read(&make::docx(&body, &[])).unwrap().text;
    assert_eq!(text.trim_end(), "Số:\t12\ndòng hai\nhiện\nngày 5\n\nHỎA TỐC\ntrong khung\ntrái\n\nphải");
}
