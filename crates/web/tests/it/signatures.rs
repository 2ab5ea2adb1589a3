//! What a letter's page says of digital signatures.

use axum::http::StatusCode;
use serde_json::{Value, json};
use store::{StoreError, args, testing::minute};
use web::testing::TestApp;

use crate::order::{LETTER, Province, location, province};

/// Every code that `paper` gives as a reason.
const REASONS: [&str; 18] = [
    "issuer",
    "own",
    "digest",
    "later",
    "signature",
    "attributes",
    "certificate",
    "byte-range",
    "expired",
    "usage",
    "ahead",
    "damaged",
    "kind",
    "algorithm",
    "no-certificate",
    "word",
    "too-large",
    "failed",
];

fn one(state: &str, why: Option<&str>) -> Value {
    json!({
        "state": state, "why": why, "stamp_only": false, "made": "2027-01-12T01:30:00Z", "made_stamped": false,
        "signer": {"name": "Trần Văn Bình", "organisation": "Công an tỉnh Sông Trà", "unit": null, "issuer": "CA gốc",
            "serial": "0a1b", "from": "2026-01-01T00:00:00Z", "until": "2028-01-01T00:00:00Z"},
        "stamp": {"state": "valid", "by": "TSA", "at": "2027-01-12T01:31:00Z"},
        "how": "RSA 2048, SHA-1", "weak": true, "revision": [1, 2],
    })
}

async fn letter(p: &Province, signatures: &Value) -> String {
    let letter = location(p, "/orders/letters/paste", &[("text", LETTER)]).await;
    let id = letter.rsplit('/').next().unwrap().to_owned();
    let made: Result<(), StoreError> = store::write!(p.t.app.db, domain::actor::Actor::System, minute(1), tx => {
        tx.run_for_test(
            "insert into letter_origin (letter, origin, signatures) values ($1, '{}', $2)",
            args![&id, signatures.to_string()],
        ).await?;
        tx.record("test.signatures", "test", None, &());
        Ok(())
    });
    made.unwrap();
    letter
}

#[tokio::test]
async fn every_state_and_reason_stands_there_in_words_and_never_better_than_it_is() {
    let p = province().await;
    let mut list = vec![one("trusted", None)];
    list.extend(
        REASONS
            .iter()
            .map(|why| one(if ["issuer", "own"].contains(why) { "valid" } else { "unchecked" }, Some(why))),
    );
    list.extend([one("altered", Some("digest")), one("invalid", Some("signature"))]);
    let found = json!({"found": true, "checked": "2027-01-20T00:00:00Z", "list": list, "more": true});
    let path = letter(&p, &found).await;
    let (status, page) = p.t.get(Some(&p.head), &path).await;
    assert_eq!(status, StatusCode::OK);
    for part in [
        "Hợp lệ, tin cậy",
        "Hợp lệ, chưa rõ nơi cấp",
        "Bị sửa sau khi ký",
        "Không hợp lệ",
        "Chưa kiểm tra được",
        "Trần Văn Bình · Công an tỉnh Sông Trà",
        "12/01/2027 08:30 (theo người ký)",
        "TSA, 12/01/2027 08:31",
        "0a1b",
        "bản sửa đổi 1 trong 2",
        "Đã yếu",
        "không tra danh sách chứng thư số bị thu hồi",
        "quá nhiều chữ ký",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    // A text that is missing shows as its own name.
    for part in ["signature-why", "signature-stamp", "signature-made", "signature-trusted"] {
        assert!(!page.contains(part), "{part}");
    }
    let id = path.rsplit('/').next().unwrap();
    let (_, beside) = p.t.get(Some(&p.head), &format!("/api/v1/letters/{id}/beside")).await;
    let beside: Value = serde_json::from_str(&beside).unwrap();
    assert_eq!(beside["signatures"], found);
}

#[tokio::test]
async fn a_letter_from_before_says_that_nobody_checked() {
    let p = province().await;
    let path = letter(&p, &json!({"found": true})).await;
    let (_, page) = p.t.get(Some(&p.head), &path).await;
    assert!(page.contains("chữ ký số chưa được kiểm tra") && !page.contains("Hợp lệ"), "{page}");
    // Pasted text has no file to check; and who may not see the letter learns nothing of it.
    for who in [&p.head, &p.other] {
        let (status, _) = TestApp::read(p.t.post(Some(who), &format!("{path}/signatures"), &[]).await).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
}
