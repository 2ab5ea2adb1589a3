//! Files built to hang, exhaust or crash their reader: each ends in an error, in time, and the next is read.

use crate::{make, worker};
use paper::{PaperError, open};
use std::fmt::Write as _;
use std::time::Duration;

/// What the child made of it; never longer than its own bound and a little.
async fn end(bytes: &[u8]) -> PaperError {
    let answer = tokio::time::timeout(Duration::from_secs(120), open(&worker(), bytes)).await;
    match answer.expect("the sandbox ended it in time") {
        // Pages without a letter go on as a scan; no words come of it.
        Ok(paper) if paper.text.is_empty() && paper.scan.is_some() => PaperError::NoText,
        Ok(paper) => panic!("a bomb is not a paper: {paper:?}"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn packed_giants_are_not_unpacked() {
    let blank = vec![b' '; 33 << 20];
    let word = make::zip([("word/document.xml", &blank[..])]);
    assert!(word.len() < 1 << 20);
    assert_eq!(end(&word).await.code(), "too-much");

    let book = make::copies(&make::zip([("xl/workbook.xml", &blank[..])]), 5);
    let error = paper::sheet::open(&worker(), &book).await.unwrap_err();
    assert_eq!(error.code(), "too-much");

    let names: Vec<String> = (0..2_001).map(|n| format!("word/{n}")).collect();
    let mut entries = vec![("word/document.xml", &b""[..])];
    entries.extend(names.iter().map(|name| (name.as_str(), &b""[..])));
    assert_eq!(end(&make::zip(entries)).await.code(), "too-much");
}

#[tokio::test]
async fn nested_and_self_growing_xml_ends() {
    for (open, close) in [("<w:sdt>", "</w:sdt>"), ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>")] {
        let deep = format!("{}{}", open.repeat(20_000), close.repeat(20_000));
        let code = end(&make::docx(&deep, &[])).await.code();
        assert!(["too-much", "damaged", "failed"].contains(&code), "{code}");
    }
    let mut laughs = String::from("<!DOCTYPE w:document [<!ENTITY a0 \"ha\">");
    for n in 1..20 {
        let _ = write!(laughs, "<!ENTITY a{n} \"{}\">", format!("&a{};", n - 1).repeat(20));
    }
    laughs.push_str(
        "]><w:document xmlns:w=\"w\"><w:body><w:p><w:r><w:t>&a19;</w:t></w:r></w:p></w:body></w:document>",
    );
    assert_eq!(end(&make::zip([("word/document.xml", laughs.as_bytes())])).await, PaperError::Damaged);
}

#[tokio::test]
async fn pdf_streams_packed_in_streams_end() {
    let mut bomb = make::deflated(&vec![b' '; 64 << 20]);
    bomb = make::deflated(&bomb);
    let page = make::stream("/Filter[/FlateDecode/FlateDecode]", &bomb);
    let error = end(&make::pages(&[page], "")).await;
    assert!(["no-text", "too-much", "too-slow", "too-hungry"].contains(&error.code()), "{error:?}");
    let filters = "/FlateDecode".repeat(10_000);
    let page = make::stream(&format!("/Filter[{filters}]"), &bomb);
    end(&make::pages(&[page], "")).await;
}

#[tokio::test]
async fn pdf_structures_that_go_round_or_on_for_ever_end() {
    let catalog = || b"<</Type/Catalog/Pages 2 0 R>>".to_vec();
    // Pages that are their own children, and a count that lies.
    let own = make::pdf(&[catalog(), b"<</Type/Pages/Count 5/Kids[2 0 R 2 0 R]/Parent 2 0 R>>".to_vec()], "");
    end(&own).await;
    let lie = make::pdf(&[catalog(), b"<</Type/Pages/Count 2000000000/Kids[]>>".to_vec()], "");
    end(&lie).await;
    // An array in an array in an array …
    let deep = make::pdf(&[catalog(), "[".repeat(2_000_000).into_bytes()], "");
    end(&deep).await;
    // Tables of objects that point to each other, and one that says it has two thousand million entries.
    let mut round = make::pdf(&[catalog()], "/Prev 9");
    round.extend(b"xref\n0 2000000000\ntrailer\n<</Size 2000000000/Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF");
    end(&round).await;
    let strange = b"%PDF-1.7\nxref\n0 4294967295\n0000000000 65535 f \ntrailer\n<</Size 4294967295/Root 1 0 R>>\nstartxref\n9\n%%EOF";
    end(strange).await;
}

#[tokio::test]
async fn pdf_forms_that_draw_themselves_end() {
    let form = make::stream(
        "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>",
        "/X Do ".repeat(200).as_bytes(),
    );
    let objects = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>"
            .to_vec(),
        make::stream("", b"BT ET /X Do"),
        form,
    ];
    end(&make::pdf(&objects, "")).await;
}
