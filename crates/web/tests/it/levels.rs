//! What the register holds behind a level, and the yearly form.

use axum::http::{Method, StatusCode};
use serde_json::json;
use web::testing::TestApp;

use crate::fixture::Fixture;

#[tokio::test]
async fn a_dossier_is_kept_shown_with_its_regime_and_stands_in_the_form() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let [_, _, system, _] = f.register(&t).await;
    let user = f.everything(&t, f.ours);
    let page = format!("/register/systems/{system}");
    let (status, form) = t.get(Some(&user), &format!("{page}/detail")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(form.contains("Đã gửi thẩm định") && form.contains("Mạng truyền số liệu chuyên dùng"));

    // Approved without a decision is said at its field, and what was typed stays.
    let undecided = [("dossier", "approved"), ("provider", "Viễn thông Sông Trà")];
    let (status, form) =
        TestApp::read(t.post(Some(&user), &format!("{page}/detail"), &undecided).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(form.contains("phải nêu số quyết định") && form.contains("Viễn thông Sông Trà"));
    let good = [
        ("dossier", "approved"),
        ("decision-number", "12/QĐ-SYT"),
        ("decision-date", "2024-03-01"),
        ("decision-authority", "Sở Y tế"),
        ("plan", "partly"),
        ("exposure", "internet"),
        ("provider", "Viễn thông Sông Trà"),
    ];
    let saved = t.post(Some(&user), &format!("{page}/detail"), &good).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    let (_, shown) = t.get(Some(&user), &page).await;
    for says in
        ["Đã được phê duyệt", "12/QĐ-SYT, 01/03/2024, Sở Y tế", "85/2016", "Internet", "Viễn thông Sông Trà"]
    {
        assert!(shown.contains(says), "{says}");
    }
    let stranger = f.everything(&t, f.neighbour);
    assert_eq!(
        t.post(Some(&stranger), &format!("{page}/detail"), &good).await.status(),
        StatusCode::NOT_FOUND
    );

    // The form: on the page with what is to be confirmed, and as files.
    let at = format!("body={}&year=2026", f.ours);
    let (status, form) = t.get(Some(&user), &format!("/register/levels?{at}")).await;
    assert_eq!(status, StatusCode::OK);
    for says in
        ["Mẫu số 08", "năm 2026", "Cần bộ phận pháp chế xác nhận", "Đã triển khai một số hạng mục", "25/12"]
    {
        assert!(form.contains(says), "{says}");
    }
    for (ending, begins) in [("docx", "PK"), ("xlsx", "PK"), ("pdf", "%PDF")] {
        let bytes = t.fetch(Some(&user), &format!("/register/levels.{ending}?{at}"), None).await.unwrap();
        assert!(bytes.starts_with(begins.as_bytes()), "{ending}");
    }
    assert_eq!(t.get(Some(&stranger), &format!("/register/levels?{at}")).await.0, StatusCode::NOT_FOUND);

    let api = format!("/api/v1/systems/{system}/detail");
    let (_, told) = t.api(Some(&user), Method::GET, &api, &json!({})).await;
    assert_eq!(
        (told["dossier"].as_str(), told["decision"]["date"].as_str()),
        (Some("approved"), Some("2024-03-01"))
    );
    let put = t.api(Some(&user), Method::PUT, &api, &json!({ "dossier": "drafted" })).await;
    assert_eq!(put.0, StatusCode::NO_CONTENT);
    let (_, told) = t.api(Some(&user), Method::GET, &api, &json!({})).await;
    assert_eq!(told["provider"].as_str(), Some(""), "what is left out is blank");
}
