//! Lists of indicators on pages and by program.

use axum::http::{Method, StatusCode};
use domain::right::Role;
use web::testing::TestApp;

use crate::fixture::Fixture;

/// A list of ours.
pub async fn ours(t: &TestApp, f: &Fixture) -> String {
    let officer = t.user(f.person, &[(Role::DutyOfficer, f.ours)]);
    let body = serde_json::json!({
        "body": f.ours, "name": "Chỉ dấu Riêng Tư", "text": "rieng-tu.example.com\n203.0.113.9\n",
    });
    let (status, made) = t.api(Some(&officer), Method::POST, "/api/v1/indicator-lists", &body).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_list_is_taken_in_line_by_line_and_can_be_looked_through() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let id = ours(&t, &f).await;
    let officer = t.user(f.asker, &[(Role::DutyOfficer, f.ours)]);
    let get = async |path: &str| t.get(Some(&officer), path).await.1;
    assert!(get("/indicators").await.contains("Chỉ dấu Riêng Tư"));
    let at = format!("/indicators/{id}");
    let page = get(&at).await;
    assert!(page.contains("rieng-tu.example.com") && page.contains("1 địa chỉ"), "{page}");
    assert!(!get(&format!("{at}?q=203[.]0")).await.contains("<code class=\"hash\">rieng-tu"));
    let add = format!("/api/v1/indicator-lists/{id}/entries");
    let text = serde_json::json!({ "text": "x.gov.vn\nmoi.example.com\nkhông phải\n" });
    let (status, answer) = t.api(Some(&officer), Method::POST, &add, &text).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!((&answer["taken"]["domain"], &answer["problems"][0]["why"]), (&1.into(), &"protected".into()));
    assert!(get(&at).await.contains("x.gov.vn"), "what was not taken is shown");
    let done = t
        .post(
            Some(&officer),
            &format!("{at}/withdraw"),
            &[("value", "moi[.]example[.]com"), ("reason", "nhầm")],
        )
        .await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    assert!(!get(&format!("{at}?q=moi")).await.contains("<code class=\"hash\">moi"));
    t.post(Some(&officer), &format!("{at}/close"), &[]).await;
    assert_eq!(t.get(Some(&officer), &at).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_is_said_and_what_was_typed_stays() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let officer = t.user(f.asker, &[(Role::DutyOfficer, f.ours)]);
    let (ours, neighbour) = (f.ours.to_string(), f.neighbour.to_string());
    let form = |body: &str, text: &str, confidence: &str| {
        let mut all = String::new();
        for (name, value) in [
            ("csrf", "token"),
            ("body", body),
            ("name", "Danh sách"),
            ("tlp", "amber"),
            ("confidence", confidence),
            ("text", text),
        ] {
            all.push_str(&format!(
                "--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        all + "--b--\r\n"
    };
    let send = async |text: String| {
        let request = axum::http::Request::post("/indicators")
            .header("content-type", "multipart/form-data; boundary=b")
            .body(axum::body::Body::from(text))
            .unwrap();
        TestApp::read(t.send(Some(&officer), request).await).await
    };
    let (status, page) = send(form(&ours, "so.gov.vn", "75")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("được bảo vệ") && page.contains(">so.gov.vn</textarea>"), "{page}");
    let (_, page) = send(form(&ours, "a.example.com", "200")).await;
    assert!(page.contains("từ 0 đến 100"), "{page}");
    let (_, page) = send(form(&ours, "{\"a\":1}", "75")).await;
    assert!(page.contains("Không phải danh sách đúng dạng"), "{page}");
    assert_eq!(send(form(&neighbour, "a.example.com", "75")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(send(form(&ours, "a.example.com", "75")).await.0, StatusCode::SEE_OTHER);
}
