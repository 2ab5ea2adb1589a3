//! What came in by itself: the list, what a person does with it, and what a letter's page says of a scan.

use axum::http::StatusCode;
use domain::{actor::Actor, id::Ids};
use serde_json::json;
use store::{StoreError, args, testing::minute};
use web::testing::TestApp;

use crate::order::{LETTER, Province, count, location, province};

/// Every reason a part of an arrival can be in trouble for.
const REASONS: [&str; 20] = [
    "empty",
    "too-large",
    "too-much",
    "too-many-pages",
    "too-many-rows",
    "too-many-columns",
    "cell-too-long",
    "unsupported",
    "encrypted",
    "no-text",
    "unknown-encoding",
    "damaged",
    "too-slow",
    "too-hungry",
    "failed",
    "active",
    "not-a-paper",
    "file",
    "mail-no-paper",
    "mail-too-large",
];

/// One letter taken in, its copy, a secret paper, and one of every trouble.
async fn arrivals(p: &Province) -> String {
    let letter = location(p, "/orders/letters/paste", &[("text", LETTER)]).await;
    let id = letter.rsplit('/').next().unwrap().to_owned();
    let mut items = vec![
        ("taken", None, Some("cv 112.pdf"), Some(&id)),
        ("duplicate", None, Some("cv 112 (1).pdf"), Some(&id)),
        ("secret", None, None, None),
    ];
    items.extend(REASONS.iter().map(|why| ("trouble", Some(*why), Some(*why), None)));
    let made: Result<(), StoreError> = store::write!(p.t.app.db, Actor::System, minute(1), tx => {
        for (number, (state, reason, name, letter)) in items.iter().enumerate() {
            tx.run_for_test(
                "insert into inbox_item (id, body, key, source, at, state, reason, name, letter)
                 select $1, body, $2, 'folder', 0, $3, $4, $5, $6 from letter where id = $7",
                args![p.t.ids.next().to_string(), format!("folder:{number}"), *state, *reason, *name, letter.map(String::as_str), &id],
            ).await?;
        }
        tx.run_for_test(
            "insert into inbox_source (source, body, trouble, trouble_since) select 'mail', body, 'mail-login', 0 from letter where id = $1",
            args![&id],
        ).await?;
        tx.record("test.inbox", "test", None, &());
        Ok(())
    });
    made.unwrap();
    letter
}

#[tokio::test]
async fn everything_that_came_stands_there_in_words_and_is_settled_once() {
    let p = province().await;
    let letter = arrivals(&p).await;
    let (status, page) = p.t.get(Some(&p.head), "/orders/inbox").await;
    assert_eq!(status, StatusCode::OK);
    for part in [
        "Đã vào danh sách",
        "Đã có, gắn vào bản trước",
        "Không nhận: đóng dấu mật",
        "Không đọc được",
        "(không ghi tên)",
        "Máy chủ thư từ chối đăng nhập",
        &format!("<a href=\"{letter}\">cv 112 (1).pdf</a>"),
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    // A text that is missing shows as its own name.
    assert!(!page.contains("intake-"), "{page}");
    let (_, open) = p.t.get(Some(&p.head), "/orders/inbox?state=open").await;
    assert!(open.contains("Tệp hỏng") && !open.contains("cv 112.pdf"), "{open}");
    let (_, none) = p.t.get(Some(&p.head), "/orders/inbox?source=mail").await;
    assert!(none.contains("Không có mục nào ở tình trạng này"), "{none}");

    let settle = open
        .split("action=\"")
        .find_map(|rest| rest.split('"').next().filter(|a| a.ends_with("/settle")))
        .unwrap();
    let open_items =
        "select count(*) as n from inbox_item where settled_at is null and state in ('trouble','secret')";
    let before = count(&p, open_items).await;
    let (status, _) = TestApp::read(p.t.post(Some(&p.other), settle, &[]).await).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "another body's");
    assert_eq!(count(&p, open_items).await, before);
    location(&p, settle, &[]).await;
    assert_eq!(count(&p, open_items).await, before - 1);
}

#[tokio::test]
async fn a_letters_page_says_which_pages_were_read_from_pictures_and_which_could_not_be() {
    let p = province().await;
    for (scan, said, warns) in [
        (
            json!({"pages": 2, "confidence": 91, "missed": []}),
            "Đọc từ bản quét 2 trang; độ chắc chắn khoảng 91%.",
            false,
        ),
        (
            json!({"pages": 0, "confidence": 0, "missed": [3, 5]}),
            "Trang 3, 5 không có chữ mà máy đọc được",
            true,
        ),
        (json!({"unread": "no-words"}), "Đây là bản quét và máy không nhận ra chữ nào", true),
    ] {
        let letter = location(&p, "/orders/letters/paste", &[("text", LETTER)]).await;
        let id = letter.rsplit('/').next().unwrap().to_owned();
        let made: Result<(), StoreError> = store::write!(p.t.app.db, Actor::System, minute(1), tx => {
            let sql = "insert into letter_origin (letter, origin, scan) values ($1, '{}', $2)";
            tx.run_for_test(sql, args![&id, scan.to_string()]).await?;
            tx.record("test.scan", "test", None, &());
            Ok(())
        });
        made.unwrap();
        let (_, page) = p.t.get(Some(&p.head), &letter).await;
        let (before, _) = page.split_once(said).unwrap_or_else(|| panic!("{said}\n{page}"));
        assert_eq!(before.ends_with("</i>"), warns, "{said}");
        assert!(!page.contains("scan 0 ") && !page.contains("quét 0 trang"), "{page}");
    }
}
