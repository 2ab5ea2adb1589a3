//! Lines on the pages, by machine, and on the list of what a body has to do.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use domain::{
    id::{Id, kind},
    line::LineKind,
    right::Role,
};
use serde_json::json;
use store::{
    StoreError,
    lines::{self, NewLine},
    testing::minute,
};
use web::{User, testing::TestApp};

use crate::fixture::Fixture;

/// A line of ours that serves a neighbour, and an outage of it, for the test of all routes.
pub async fn line(t: &TestApp, f: &Fixture) -> [String; 2] {
    let user = f.everything(t, f.root);
    let id = made(t, &user, f, "Kênh riêng tư của chúng tôi").await;
    let outages = format!("/api/v1/lines/{id}/outages");
    let new =
        json!({"from": "2027-01-01T00:00:00Z", "to": "2027-01-01T01:00:00Z", "cause": "mất điện riêng tư"});
    let (status, outage) = t.api(Some(&user), Method::POST, &outages, &new).await;
    assert_eq!(status, StatusCode::CREATED, "{outage}");
    [id, outage["id"].as_str().unwrap().to_owned()]
}

async fn made(t: &TestApp, user: &Arc<User>, f: &Fixture, name: &str) -> String {
    let new =
        json!({"body": f.ours, "name": name, "kind": "dedicated", "code": name, "hotline": "1800 1166"});
    let (status, made) = t.api(Some(user), Method::POST, "/api/v1/lines", &new).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_line_is_entered_reported_with_one_tap_and_its_outage_corrected() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let user = f.everything(&t, f.ours);
    let ours = f.ours.to_string();
    let fields = [("name", ""), ("body", &ours), ("kind", "internet"), ("capacity", "300 Mbps")];
    let (status, html) = TestApp::read(t.post(Some(&user), "/lines/new", &fields).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("Hãy nhập tên đường truyền") && html.contains("300 Mbps"), "said, and kept");
    let fields =
        [("name", "Internet trụ sở"), ("body", &ours), ("kind", "internet"), ("capacity", "300 Mbps")];
    let response = t.post(Some(&user), "/lines/new", &fields).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let page = response.headers()["location"].to_str().unwrap().to_owned();

    // Nobody has said anything: unknown, hatched, never fine.
    let (_, html) = t.get(Some(&user), "/lines").await;
    assert!(html.contains("Chưa rõ") && html.contains("url(#hatch)") && html.contains("cần báo tình trạng"));
    assert!(!html.contains("class=\"st m\""));
    let response =
        t.post(Some(&user), &format!("{page}/report"), &[("state", "down"), ("back", "list")]).await;
    assert_eq!(
        response.headers()["location"],
        page.as_str(),
        "whoever reports an outage is asked for the cause"
    );
    let (_, html) = t.get(Some(&user), &page).await;
    assert!(html.contains("Đang kéo dài") && html.contains("chưa có nguyên nhân"));
    let outage = html.split("action=\"/outages/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let correct = format!("/outages/{outage}");
    let fields = [("from", "2090-01-01T00:00"), ("to", ""), ("cause", "Đứt cáp")];
    let (status, html) = TestApp::read(t.post(Some(&user), &correct, &fields).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("Kết thúc phải sau bắt đầu") && html.contains("Đứt cáp"));
    let fields = [("from", "2026-12-31T08:00"), ("to", "2026-12-31T08:20"), ("cause", "Đứt cáp")];
    assert_eq!(t.post(Some(&user), &correct, &fields).await.status(), StatusCode::SEE_OTHER);
    let (_, html) = t.get(Some(&user), &page).await;
    assert!(html.contains("20 phút") && html.contains("Nội dung trước (1)"));

    let stranger = f.everything(&t, f.neighbour);
    for path in [page.clone(), format!("{page}/edit")] {
        assert_eq!(t.get(Some(&stranger), &path).await.0, StatusCode::NOT_FOUND);
    }
    assert!(!t.get(Some(&stranger), "/lines.csv").await.1.contains("Internet trụ sở"));
    assert!(t.get(Some(&user), "/lines.csv?q=tru+so").await.1.contains("300 Mbps"));
    let viewer = t.user(f.asker, &[(Role::Viewer, f.ours)]);
    let refused = t.post(Some(&viewer), &format!("{page}/report"), &[("state", "ok")]).await;
    assert_eq!(refused.status(), StatusCode::NOT_FOUND);
    assert_eq!(t.post(Some(&user), &format!("{page}/close"), &[]).await.status(), StatusCode::SEE_OTHER);
    assert!(!t.get(Some(&user), "/lines").await.1.contains("Internet trụ sở"));
}

#[tokio::test]
async fn a_machine_sends_a_batch_by_its_own_marks() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let user = f.everything(&t, f.ours);
    for code in ["ST-01", "ST-02"] {
        made(&t, &user, &f, code).await;
    }
    let send = async |lines: serde_json::Value| {
        let batch = json!({"body": f.ours, "lines": lines});
        t.api(Some(&user), Method::POST, "/api/v1/line-reports", &batch).await
    };
    let (status, _) = send(json!([{"code": "ST-01", "state": "ok"}, {"code": "ST-99", "state": "ok"}])).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "a mark that is not there refuses the whole batch");
    let (_, all) = t.api(Some(&user), Method::GET, "/api/v1/lines", &json!({})).await;
    assert!(all.as_array().unwrap().iter().all(|l| l["now"] == "unknown"), "{all}");
    let (status, taken) =
        send(json!([{"code": "ST-01", "state": "ok"}, {"code": "ST-02", "state": "down"}])).await;
    assert_eq!((status, &taken["taken"]), (StatusCode::OK, &json!(2)));
    let (_, all) = t.api(Some(&user), Method::GET, "/api/v1/lines", &json!({})).await;
    let now: Vec<_> = all.as_array().unwrap().iter().map(|l| l["now"].as_str().unwrap()).collect();
    assert_eq!(now, ["ok", "down"]);
    let many: Vec<_> = (0..501).map(|_| json!({"code": "ST-01", "state": "ok"})).collect();
    assert_eq!(send(json!(many)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, _) = send(json!([{"code": "ST-01", "state": "fine"}])).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn whoever_was_ordered_to_keep_lines_up_is_asked_for_reports() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let user = f.everything(&t, f.root);
    let new = NewLine {
        id: Id::<kind::Line>::new(&*t.ids),
        body: f.ours,
        served: None,
        name: "Internet".into(),
        kind: LineKind::Internet,
        provider: String::new(),
        code: String::new(),
        capacity: String::new(),
        hotline: String::new(),
    };
    let done: Result<(), StoreError> =
        store::write!(t.app.db, user.actor, minute(0), tx => lines::create(tx, &user.scope, &new).await);
    done.unwrap();
    let todo = format!("/tasks?body={}", f.ours);
    assert!(!t.get(Some(&user), &todo).await.1.contains("Báo tình trạng"), "no order asks for it");
    let (_, duty, _) = f.order(&t, f.root, f.ours).await;
    let mut tx = t.app.db.begin_quiet(minute(0)).await.unwrap();
    tx.run_for_test("update task set code = 'ISPD' where duty = $1", store::args![duty]).await.unwrap();
    tx.commit().await.unwrap();
    assert!(t.get(Some(&user), &todo).await.1.contains("Báo tình trạng 1 đường truyền"));
    let path = format!("/lines/{}/report", new.id);
    assert_eq!(t.post(Some(&user), &path, &[("state", "ok")]).await.status(), StatusCode::SEE_OTHER);
    assert!(!t.get(Some(&user), &todo).await.1.contains("Báo tình trạng"));
}
