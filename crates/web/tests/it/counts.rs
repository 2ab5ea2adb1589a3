//! Independent counts on the pages and in the API.

use axum::http::{Method, StatusCode};
use domain::{id::Ids, right::Role};
use serde_json::json;
use store::{args, testing::minute};
use web::testing::TestApp;

use crate::fixture::Fixture;

/// A count of our body, for the test of all routes.
pub async fn count(t: &TestApp, f: &Fixture) -> String {
    let id = t.ids.next().to_string();
    let mut tx = t.app.db.begin_quiet(minute(0)).await.unwrap();
    tx.run_for_test(
        "insert into machine_count (id, body, source, kind, n, counted_on, at) values ($1,$2,'directory','all',41,'2027-01-19',0)",
        args![&id, f.ours],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn registered_0_directory_41_is_said_on_every_page_of_the_body() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    f.order(&t, f.root, f.ours).await;
    let user = f.everything(&t, f.root);
    let page = format!("/register/bodies/{}/counts", f.ours);
    let fields = [("source", "directory"), ("kind", "all"), ("n", "41"), ("on", "2027-01-19")];
    assert_eq!(t.post(Some(&user), &page, &fields).await.status(), StatusCode::SEE_OTHER);
    for path in [page.clone(), format!("/register/bodies/{}", f.ours), "/board".into()] {
        let (status, html) = match t.get(Some(&user), &path).await {
            // The board leads to the campaign's own.
            (StatusCode::SEE_OTHER, _) => {
                let mut sql = t.app.db.read().await.unwrap();
                let all = store::board::campaigns(&mut sql, &user.scope).await.unwrap();
                drop(sql);
                t.get(Some(&user), &format!("/campaigns/{}/board", all[0].id)).await
            }
            answer => answer,
        };
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(html.contains("đăng ký 0, thư mục 41"), "{path}");
    }
    let (_, csv) = t.get(Some(&user), "/register/counts.csv?show=more").await;
    assert!(csv.contains("thư mục") && csv.contains("19/01/2027"), "{csv}");

    // What cannot be is said at the form, and what was typed stays.
    let fields = [("source", "staff"), ("kind", "all"), ("n", "12"), ("note", "tự đếm")];
    let (status, html) = TestApp::read(t.post(Some(&user), &page, &fields).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("số cán bộ chỉ lấy từ danh sách cán bộ") && html.contains("tự đếm"));
}

#[tokio::test]
async fn the_api_records_compares_and_takes_back() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let user = f.everything(&t, f.ours);
    let path = format!("/api/v1/bodies/{}/counts", f.ours);
    let new = json!({"source": "dhcp", "kind": "all", "n": 41});
    let (status, made) = t.api(Some(&user), Method::POST, &path, &new).await;
    assert_eq!((status, &made["machines"]["all"]), (StatusCode::CREATED, &json!(41)));
    let short = t.get(Some(&user), "/api/v1/counts?short=true").await.1;
    assert!(short.contains(&f.ours.to_string()));
    let count = made["counts"][0]["id"].as_str().unwrap();
    let back = format!("/api/v1/counts/{count}/withdraw");
    let viewer = t.user(f.asker, &[(Role::Viewer, f.ours)]);
    let stranger = f.everything(&t, f.neighbour);
    for nobody in [&viewer, &stranger] {
        let (status, _) = t.api(Some(nobody), Method::POST, &back, &json!({"why": "x"})).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
    let (status, left) = t.api(Some(&user), Method::POST, &back, &json!({"why": "nhầm"})).await;
    assert_eq!((status, &left["machines"]["all"]), (StatusCode::OK, &json!(0)));
    assert_eq!(t.get(Some(&stranger), &path).await.0, StatusCode::NOT_FOUND);
}
