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
