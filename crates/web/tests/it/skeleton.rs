use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::{
    id::{Id, Uuid},
    right::Role,
};
use web::testing::TestApp;

#[tokio::test]
async fn nobody_is_sent_to_sign_in_and_an_unknown_page_reads_well() {
    let t = TestApp::new().await;
    let request = Request::builder().uri("/").body(Body::empty()).unwrap();
    let response = t.send(None, request).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[header::LOCATION], "/login?next=%2F");
    let (status, page) = t.get(None, "/nowhere").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(page.contains("<h1>") && page.contains("lang=\"vi\""), "{page}");
    assert_eq!(t.get(None, "/health").await, (StatusCode::OK, "ok\n".to_owned()));
}

#[tokio::test]
async fn the_api_answers_problems_as_json() {
    let t = TestApp::new().await;
    let (status, problem) = t.api(None, Method::GET, "/api/v1/nowhere", &serde_json::Value::Null).await;
    assert_eq!((status, problem["type"].as_str()), (StatusCode::NOT_FOUND, Some("/problems/not-found")));
}

#[tokio::test]
async fn whoever_directs_others_starts_at_the_board() {
    let t = TestApp::new().await;
    let body = Id::from_uuid(Uuid::from_u128(1));
    let person = Id::from_uuid(Uuid::from_u128(2));
    for (role, start) in [(Role::Coordinator, "/board"), (Role::Clerk, "/tasks")] {
        let request = Request::builder().uri("/").body(Body::empty()).unwrap();
        let response = t.send(Some(&t.user(person, &[(role, body)])), request).await;
        assert_eq!(response.headers()[header::LOCATION], start);
    }
}

#[tokio::test]
async fn language_and_theme_are_kept_in_cookies_and_lead_back() {
    let t = TestApp::new().await;
    let request = Request::builder()
        .method(Method::POST)
        .uri("/prefs")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::REFERER, "http://localhost/board?x=1")
        .body(Body::from("lang=en&theme=dark"))
        .unwrap();
    let response = t.send(None, request).await;
    assert_eq!(response.headers()[header::LOCATION], "/board?x=1");
    let cookies: Vec<_> =
        response.headers().get_all(header::SET_COOKIE).iter().map(|c| c.to_str().unwrap()).collect();
    assert!(
        cookies.iter().any(|c| c.starts_with("lang=en;"))
            && cookies.iter().any(|c| c.starts_with("theme=dark;"))
    );
    let request = Request::builder()
        .uri("/nowhere")
        .header(header::COOKIE, "lang=en; theme=dark")
        .body(Body::empty())
        .unwrap();
    let (_, page) = TestApp::read(t.send(None, request).await).await;
    assert!(page.contains("lang=\"en\"") && page.contains("data-theme=\"dark\""), "{page}");
}
