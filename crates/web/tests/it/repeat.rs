//! The same request twice, with one `Idempotency-Key`.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::id::Ids;
use store::args;
use web::{User, testing::TestApp};

use crate::{
    fixture::Fixture,
    sign_in::{self, Browser},
};

async fn send(
    t: &TestApp,
    user: &Arc<User>,
    path: &str,
    key: &str,
    json: serde_json::Value,
) -> (StatusCode, String) {
    let json = json.to_string();
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, json.len())
        .header("x-csrf-token", &user.csrf)
        .header("idempotency-key", key)
        .body(Body::from(json))
        .unwrap();
    TestApp::read(t.send(Some(user), request).await).await
}

#[tokio::test]
async fn a_repeated_create_is_answered_and_not_repeated() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let admin = f.everything(&t, f.root);
    let system = |name: &str| serde_json::json!({ "body": f.ours, "name": name });
    let path = "/api/v1/systems";
    assert_eq!(send(&t, &admin, path, "a", system("")).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, first) = send(&t, &admin, path, "a", system("Một cửa")).await;
    assert_eq!(status, StatusCode::CREATED, "{first}");
    assert_eq!(send(&t, &admin, path, "a", system("Một cửa")).await, (StatusCode::CREATED, first));
    let (status, text) = send(&t, &admin, path, "a", system("another")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("/problems/repeat-other"), "{text}");
    let mut sql = t.app.db.read().await.unwrap();
    assert_eq!(
        sql.count_for_test("select count(*) as n from system where name = 'Một cửa'").await.unwrap(),
        1
    );
}

#[tokio::test]
async fn a_secret_is_told_once_and_stands_nowhere_in_the_database() {
    let t = TestApp::new().await;
    let (person, code) = sign_in::account(&t).await;
    let mut b = Browser::new(&t, "10.0.0.1");
    sign_in::first_sign_in(&mut b, &code).await;
    let other = t.ids.next();
    let made: Result<(), store::StoreError> = store::write!(t.app.db, domain::actor::Actor::System, store::testing::minute(0), tx => {
        tx.run_for_test("update role_grant set role = 'administrator' where person = $1", args![person]).await?;
        tx.run_for_test("insert into person (id, name, folded, sort_key, created_at) values ($1,'Hà','ha','ha',0)", args![other]).await?;
        tx.run_for_test("insert into membership (person, body) select $1, body from membership where person = $2", args![other, person]).await?;
        tx.record("test.ground", "test", None, &());
        Ok(())
    });
    made.unwrap();
    b.get("/account").await;
    let first_code = format!("/api/v1/accounts/{other}/first-code");
    let creates = [
        ("/api/v1/accounts", serde_json::json!({ "person": other, "login": "ha.moi" }), "code"),
        (first_code.as_str(), serde_json::json!({}), "code"),
        (
            "/api/v1/me/tokens",
            serde_json::json!({ "name": "x", "rights": ["see"], "expires_at": "2027-02-01T00:00:00Z", "password": sign_in::PASSWORD }),
            "token",
        ),
    ];
    let mut secrets = Vec::new();
    for (path, json, field) in creates {
        let json = json.to_string();
        let send = async |b: &mut Browser<'_>| {
            let request = Request::builder()
                .method(Method::POST)
                .uri(path)
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::CONTENT_LENGTH, json.len())
                .header("x-csrf-token", b.csrf.clone())
                .header("idempotency-key", path);
            b.send(request, json.clone()).await
        };
        let page = send(&mut b).await;
        assert!(page.status.is_success(), "{path}: {}", page.text);
        let answer: serde_json::Value = serde_json::from_str(&page.text).unwrap();
        secrets.push(answer[field].as_str().unwrap().to_owned());
        let page = send(&mut b).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {}", page.text);
        assert!(page.text.contains("/problems/repeat-told"), "{path}: {}", page.text);
    }
    // Everything the database has written, its journal included.
    let files: Vec<Vec<u8>> = std::fs::read_dir(t.db.dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    assert!(files.iter().any(|f| find(f, "ha.moi")), "the search looks into the wrong files");
    assert_eq!(secrets.len(), 3);
    for secret in secrets {
        assert!(!files.iter().any(|f| find(f, &secret)), "{secret} stands in the database");
    }
}

fn find(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|w| w == text.as_bytes())
}
