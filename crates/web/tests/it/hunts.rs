//! Hunts and saved searches on pages and by program. What a run finds is tested where it runs, in `intake`.

use axum::http::{Method, StatusCode};
use domain::{actor::Actor, id::Id, right::Role};
use store::{StoreError, hunts, testing::minute};
use web::testing::TestApp;

use crate::fixture::Fixture;

fn body(f: &Fixture, how: &str, query: &str) -> serde_json::Value {
    serde_json::json!({
        "body": f.ours, "title": "Cửa hậu Riêng Tư", "hypothesis": "Kẻ tấn công để lại cửa hậu web", "how": how,
        "query": query, "days": 30,
    })
}

/// A hunt of ours and a saved search.
pub async fn ours(t: &TestApp, f: &Fixture) -> [String; 2] {
    let officer = t.user(f.person, &[(Role::DutyOfficer, f.ours)]);
    let (status, made) =
        t.api(Some(&officer), Method::POST, "/api/v1/hunts", &body(f, "search", "cmd.jsp")).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let id = Id::new(&*t.ids);
    let saved: Result<(), StoreError> = store::write!(t.app.db, Actor::Person(f.person), minute(0), tx =>
        hunts::save(tx, &officer.scope, id, f.ours, ("Tìm Riêng Tư", "host:rieng", "7d")).await);
    saved.unwrap();
    [made["id"].as_str().unwrap().to_owned(), id.to_string()]
}

/// As the one who looks would leave it.
async fn carried_out(t: &TestApp) {
    let work = hunts::claim(&t.app.db, minute(1)).await.unwrap().unwrap();
    hunts::finish(&t.app.db, minute(1), &work).await.unwrap();
}

#[tokio::test]
async fn a_hunt_is_run_looked_at_and_concluded() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let [hunt, _] = ours(&t, &f).await;
    let officer = t.user(f.asker, &[(Role::DutyOfficer, f.ours)]);
    let get = async |path: &str| t.get(Some(&officer), path).await.1;
    let at = format!("/hunts/{hunt}");
    assert!(get("/hunts").await.contains("Cửa hậu Riêng Tư"));
    let page = get(&at).await;
    assert!(page.contains("Đang chờ") && page.contains("cmd.jsp") && !page.contains("/conclude"), "{page}");
    let early = t
        .post(Some(&officer), &format!("{at}/conclude"), &[("outcome", "clean"), ("conclusion", "không")])
        .await;
    assert_eq!(early.status(), StatusCode::SEE_OTHER, "told on the page");
    assert!(get(&at).await.contains("Chưa kết luận"));
    carried_out(&t).await;
    assert!(get(&at).await.contains("/conclude"));
    let empty =
        t.post(Some(&officer), &format!("{at}/conclude"), &[("outcome", "clean"), ("conclusion", "")]).await;
    assert_eq!(empty.status(), StatusCode::UNPROCESSABLE_ENTITY);
    t.post(
        Some(&officer),
        &format!("{at}/conclude"),
        &[("outcome", "clean"), ("conclusion", "Không còn cửa hậu")],
    )
    .await;
    let page = get(&at).await;
    assert!(page.contains("Không còn cửa hậu") && page.contains("Không thấy dấu vết"), "{page}");
    t.post(Some(&officer), &format!("{at}/run"), &[]).await;
    assert!(get(&at).await.contains(&format!("{at}/cancel")));
    t.post(Some(&officer), &format!("{at}/cancel"), &[]).await;
    assert!(get(&at).await.contains("Đã dừng"));
    t.post(Some(&officer), &format!("{at}/close"), &[]).await;
    assert_eq!(t.get(Some(&officer), &at).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_said() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let officer = t.user(f.asker, &[(Role::DutyOfficer, f.ours)]);
    for (how, query, said) in [
        ("search", "host:(a", "Ký tự 6"),
        ("sigma", "title: x\nlogsource: {product: linux}\n", "Luật Sigma không dùng được"),
        ("sigma", "", "Không có luật Sigma"),
    ] {
        let ours = f.ours.to_string();
        let form = [
            ("body", ours.as_str()),
            ("title", "x"),
            ("hypothesis", "y"),
            ("how", how),
            ("query", query),
            ("days", "30"),
        ];
        let answer = t.post(Some(&officer), "/hunts", &form).await;
        let (status, page) = TestApp::read(answer).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{how} {query}");
        assert!(page.contains(said), "{how} {query}: {page}");
        let (status, _) = t.api(Some(&officer), Method::POST, "/api/v1/hunts", &body(&f, how, query)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
    let (status, _) = t.api(Some(&officer), Method::POST, "/api/v1/hunts", &body(&f, "list", "")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "a list must be chosen");
}

#[tokio::test]
async fn a_saved_search_opens_for_whoever_may_read_the_bodys_logs() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let [_, saved] = ours(&t, &f).await;
    let officer = t.user(f.asker, &[(Role::DutyOfficer, f.ours)]);
    let page = t.get(Some(&officer), "/hunts").await.1;
    assert!(
        page.contains("Tìm Riêng Tư") && page.contains("/logs?q=host%3Arieng&amp;span=7d")
            || page.contains("/logs?q=host%3Arieng&#38;span=7d"),
        "{page}"
    );
    assert_eq!(t.get(Some(&officer), &format!("/searches/{saved}")).await.0, StatusCode::SEE_OTHER);
    let other = t.user(f.asker, &[(Role::DutyOfficer, f.neighbour)]);
    assert_eq!(t.get(Some(&other), &format!("/searches/{saved}")).await.0, StatusCode::NOT_FOUND);
    t.post(Some(&officer), "/searches", &[("name", "Của tôi"), ("q", "x")]).await;
    assert!(t.get(Some(&officer), "/hunts").await.1.contains("Của tôi"));
}
