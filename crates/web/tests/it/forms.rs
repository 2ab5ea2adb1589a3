//! Forms that are not taken: what was typed is still there, and what is wrong is said where it is wrong.

use axum::http::StatusCode;
use domain::right::Role;
use web::testing::TestApp;

use crate::order::{LETTER, Province, count, location, province};

async fn refused(p: &Province, path: &str, fields: &[(&str, &str)]) -> String {
    let (status, page) = TestApp::read(p.t.post(Some(&p.head), path, fields).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}\n{page}");
    page
}

fn has(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part}\n{page}");
    }
}

#[tokio::test]
async fn the_letter_page_keeps_what_was_typed() {
    let p = province().await;
    let letter = location(&p, "/orders/letters/paste", &[("text", LETTER)]).await;
    let field = format!("{letter}/field");
    let page = refused(
        &p,
        &field,
        &[("version", "1"), ("op", "set"), ("pointer", "/date"), ("value", "12/01 hay 13")],
    )
    .await;
    has(&page, &["value=\"12/01 hay 13\"", "id=\"date-value-e\"", "Ghi ngày theo dạng", "<details open>"]);
    let page = refused(
        &p,
        &field,
        &[("version", "1"), ("op", "add"), ("pointer", "/duties"), ("path", "7"), ("codes", "1!")],
    )
    .await;
    has(&page, &["value=\"7\"", "value=\"1!\"", "id=\"add/duties-codes-e\"", "mã nhiệm vụ trong danh mục"]);
    // Somebody else was quicker: nothing is lost, and the form now carries the newer version.
    location(&p, &field, &[("version", "1"), ("op", "set"), ("pointer", "/number"), ("value", "113")]).await;
    let page =
        refused(&p, &field, &[("version", "1"), ("op", "set"), ("pointer", "/place"), ("value", "Sông Bồ")])
            .await;
    has(&page, &["value=\"Sông Bồ\"", "Người khác vừa sửa văn bản này", "name=\"version\" value=\"2\""]);
    let page =
        refused(&p, &format!("{letter}/text"), &[("version", "1"), ("text", "Văn bản đã gõ lại")]).await;
    has(&page, &["Văn bản đã gõ lại</textarea>", "id=\"mend\" open"]);
    // But what turns out to be marked secret is not shown again.
    let secret = LETTER.replace("Số: 112", "MẬT\nSố: 112");
    let page = refused(&p, &format!("{letter}/text"), &[("version", "2"), ("text", &secret)]).await;
    assert!(!page.contains("MẬT\nSố"), "{page}");
}

#[tokio::test]
async fn the_letter_page_shows_all_that_was_read() {
    let p = province().await;
    let text = LETTER.replace("Số: 112/CAT-PA05", "Số: 112/CAT-PA05\nHỎA TỐC")
        + "\nPHỤ LỤC\nChỉ dấu tấn công (IoC)\nIP: 203.0.113.9\nTên miền: may-chu-xau.example\nhxxp://may-chu-xau.example/tai\n";
    let text =
        text.replace("1. Phân công", "(Kèm theo Phụ lục chỉ dấu tấn công)\n\n1. Phân \u{fffd}công\u{fffd}");
    let letter = location(&p, "/orders/letters/paste", &[("text", &text)]).await;
    let (_, page) = p.t.get(Some(&p.head), &letter).await;
    has(
        &page,
        &[
            "HỎA TỐC</b>",
            "<b>203[.]0[.]113[.]9</b>",
            "<b>may-chu-xau[.]example</b>",
            "2 ký tự không đọc được",
        ],
    );
    let lit = |id: &str| {
        let fact = page
            .split_once(&format!("id=\"f-{id}\" data-spans=\""))
            .unwrap_or_else(|| panic!("{id}\n{page}"))
            .1;
        !fact.starts_with('"')
    };
    assert!(lit("indicators-0") && lit("urgency"), "their characters light up");
    assert!(!page.contains("href=\"http://may-chu"), "an indicator is no link");
}

#[tokio::test]
async fn the_draft_keeps_what_was_typed() {
    let p = province().await;
    let letter = location(&p, "/orders/letters/paste", &[("text", LETTER)]).await;
    let draft = location(&p, &format!("{letter}/draft"), &[("version", "1")]).await;
    let page = refused(
        &p,
        &format!("{draft}/head"),
        &[
            ("name", "Tên mới"),
            ("from", "2027-02-10"),
            ("to", "2027-02-01"),
            ("important", "1"),
            ("contacts", "Trực ban 0900"),
            ("note", "Ghi chú dài"),
        ],
    )
    .await;
    has(
        &page,
        &[
            "value=\"Tên mới\"",
            "value=\"2027-02-10\"",
            "id=\"from-e\"",
            "Trực ban 0900</textarea>",
            "Ghi chú dài</textarea>",
        ],
    );
    let page = refused(
        &p,
        &format!("{draft}/duties"),
        &[("code", "VREV"), ("quote", "rà soát hết"), ("due", "mai"), ("evidence", "báo cáo quét")],
    )
    .await;
    has(
        &page,
        &[
            "value=\"mai\"",
            "id=\"due-e\"",
            "rà soát hết</textarea>",
            "value=\"báo cáo quét\"",
            "value=\"VREV\" selected",
        ],
    );
    location(
        &p,
        &format!("{draft}/lines"),
        &[("op", "add"), ("role", "actor"), ("line", "Trung tâm điều hành")],
    )
    .await;
    let page = refused(
        &p,
        &format!("{draft}/lines"),
        &[("op", "add"), ("role", "actor"), ("line", "Trung tâm điều hành")],
    )
    .await;
    has(&page, &["id=\"line-e\"", "Đã có dòng này", "value=\"Trung tâm điều hành\""]);
    // In force: an amendment without a note, and a cancellation without a reason.
    location(
        &p,
        &format!("{draft}/lines"),
        &[("op", "remove"), ("role", "actor"), ("line", "Trung tâm điều hành")],
    )
    .await;
    location(&p, &format!("{draft}/lines/sure"), &[]).await;
    location(&p, &format!("{draft}/issue"), &[]).await;
    assert_eq!(count(&p, "select count(*) as n from campaign where state = 'issued'").await, 1);
    let page = refused(
        &p,
        &format!("{draft}/amend"),
        &[
            ("note", ""),
            ("from", "2027-02-03"),
            ("to", "2027-02-12"),
            ("code", "VREV"),
            ("quote", "thêm việc này"),
        ],
    )
    .await;
    has(
        &page,
        &["id=\"note-e\"", "value=\"2027-02-12\"", "thêm việc này</textarea>", "value=\"VREV\" selected"],
    );
    let page = refused(&p, &format!("{draft}/cancel"), &[("reason", "  ")]).await;
    has(&page, &["id=\"reason-e\"", "id=\"again\""]);
}

#[tokio::test]
async fn what_the_register_refuses_is_said_on_its_page() {
    let t = TestApp::new().await;
    let f = crate::fixture::Fixture::new(&t).await;
    let administrator = t.user(f.asker, &[(Role::Administrator, f.root)]);
    // The person asking may not close themselves; the root cannot be closed while bodies hang below it.
    for path in [format!("/register/bodies/{}/close", f.root), format!("/register/people/{}/leave", f.person)]
    {
        let fields = [("body", f.ours.to_string())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let response = t.post(Some(&administrator), &path, &fields).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
    }
    let path = format!("/register/bodies/{}/close", f.ours);
    let response = t.post(Some(&administrator), &path, &[]).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let flash = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(flash.starts_with("flash=bad=error-body-"), "{flash}");
}
