//! Pictures of pages, through poppler and Tesseract in their children.

use std::process::Command;

use crate::{make, worker};
use paper::{FileKind, open, scan};

/// Whether there is a recogniser; `CANH_REQUIRE_OCR` insists on one.
#[allow(clippy::print_stderr)]
fn recogniser() -> bool {
    let there = scan::installed();
    assert!(
        there || std::env::var_os("CANH_REQUIRE_OCR").is_none(),
        "no Tesseract, and CANH_REQUIRE_OCR is set"
    );
    if !there {
        eprintln!(
            "skipped: no recogniser (Debian: apt-get install tesseract-ocr tesseract-ocr-vie poppler-utils)"
        );
    }
    there
}

/// The first page of the corpus's letter as a picture.
fn picture(format: &str) -> Vec<u8> {
    let file =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus/paper/letter-libreoffice.pdf");
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new("/usr/bin/pdftoppm");
    command
        .args(["-r", "200", "-f", "1", "-l", "1", format, "-singlefile"])
        .arg(file)
        .arg(dir.path().join("page"));
    assert!(command.status().unwrap().success());
    let made = std::fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap();
    std::fs::read(made.path()).unwrap()
}

#[tokio::test]
async fn a_picture_of_a_letter_is_read() {
    if !recogniser() {
        return;
    }
    for (format, kind) in [("-png", FileKind::Png), ("-jpeg", FileKind::Jpeg), ("-tiff", FileKind::Tiff)] {
        let read = open(&worker(), &picture(format)).await.unwrap();
        let scan = read.scan.unwrap();
        assert_eq!((read.kind, scan.pages, scan.unread.as_deref()), (kind, 1, None), "{format}");
        assert!(scan.confidence > 80, "{}", scan.confidence);
        assert!(read.text.contains("Kính gửi"), "{}", read.text);
        let len = u32::try_from(read.text.chars().count()).unwrap();
        assert!(scan.low.iter().all(|(from, to)| from < to && *to <= len));
    }
}

/// Four pages: letters, a picture of a letter, nothing at all, letters.
#[tokio::test]
async fn a_scanned_page_among_pages_of_letters_is_read_in_its_place() {
    if !recogniser() {
        return;
    }
    let jpeg = picture("-jpeg");
    let size = imagesize::blob_size(&jpeg).unwrap();
    let dictionary = format!(
        "/Type/XObject/Subtype/Image/Width {}/Height {}/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode",
        size.width, size.height
    );
    let page = |content: u32, resources: &str| {
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {content} 0 R/Resources<<{resources}>>>>")
            .into_bytes()
    };
    let font = "/Font<</F1 3 0 R>>";
    let mixed = make::pdf(
        &[
            b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
            b"<</Type/Pages/Count 4/Kids[5 0 R 7 0 R 9 0 R 11 0 R]>>".to_vec(),
            b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman/Encoding/WinAnsiEncoding>>".to_vec(),
            make::stream(&dictionary, &jpeg),
            page(6, font),
            make::says("So 12 ngay"),
            page(8, "/XObject<</Im 4 0 R>>"),
            make::stream("", b"q 595 0 0 842 0 0 cm /Im Do Q"),
            page(10, ""),
            make::stream("", b" "),
            page(12, font),
            make::says("Noi nhan"),
        ],
        "",
    );
    let read = open(&worker(), &mixed).await.unwrap();
    let pages: Vec<&str> = read.text.split("\n\u{c}\n").collect();
    let [first, scanned, empty, last] = pages.as_slice() else { panic!("{pages:?}") };
    assert_eq!((first.trim(), empty.trim(), last.trim()), ("So 12 ngay", "", "Noi nhan"));
    assert!(scanned.contains("Kính gửi"), "{scanned}");
    let scan = read.scan.unwrap();
    assert_eq!((scan.pages, scan.unread, scan.missed), (1, None, Vec::new()));
    assert!(scan.confidence > 80, "{}", scan.confidence);
    // An empty page is no scan, and letters alone are none either.
    let half =
        open(&worker(), &make::pages(&[make::says("So 12"), make::stream("", b" ")], "")).await.unwrap();
    assert_eq!((half.text.trim(), half.scan), ("So 12", None));
    // A picture in which there is not a word is named, for a person to look at.
    let dark = make::stream("", b"0 0 0 rg 100 100 300 300 re f");
    let dark = open(&worker(), &make::pages(&[make::says("So 12"), dark], "")).await.unwrap();
    assert_eq!((dark.text.trim(), dark.scan.unwrap().missed), ("So 12", vec![2]));
}

#[tokio::test]
async fn a_scan_without_words_goes_on_without_text_and_says_so() {
    if !recogniser() {
        return;
    }
    let blank = make::pages(&[make::stream("", b" "), make::stream("", b" ")], "");
    let read = open(&worker(), &blank).await.unwrap();
    assert!(read.text.is_empty());
    assert_eq!(read.scan.unwrap().unread.as_deref(), Some("no-words"));
    let long = make::pages(&vec![make::stream("", b" "); 41], "");
    let read = open(&worker(), &long).await.unwrap();
    assert_eq!(read.scan.unwrap().unread.as_deref(), Some("too-many-pages"));
}

#[tokio::test]
async fn hostile_pictures_end() {
    // A PNG of a hundred thousand dots a side, and one that breaks off.
    let mut large = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\x01\x86\xa0\0\x01\x86\xa0\x08\x02\0\0\0".to_vec();
    large.extend([0; 64]);
    assert_eq!(open(&worker(), &large).await.unwrap_err().code(), "too-much");
    if !recogniser() {
        return;
    }
    let mut broken = picture("-png");
    broken.truncate(2000);
    let read = open(&worker(), &broken).await.unwrap();
    assert!(read.text.is_empty() && read.scan.unwrap().unread.is_some());
}

/// What a program that was taken over could still do: nothing outside the system's own files.
#[tokio::test]
async fn the_recogniser_cannot_open_other_files() {
    if !recogniser() {
        return;
    }
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), picture("-png")).unwrap();
    let path = secret.path().to_str().unwrap();
    let args = ["worker", "tool", "recognise", path, "stdout", "-l", "vie"];
    let limits = paper::limits::recognise();
    let confinement = sandbox::probe(&worker().with_args(args)).await.unwrap();
    let ran = sandbox::run(&worker().with_args(args), &limits, b"").await;
    assert!(!confinement.landlock || ran.is_err(), "{ran:?}");
}
