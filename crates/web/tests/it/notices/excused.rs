//! Excusing recipients on the page and by the API.

use serde_json::json;

use super::*;

#[tokio::test]
async fn the_head_excuses_with_a_reason_and_the_figures_tell_it_apart() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let (id, paths) = out(&t, &f, Quiz::default()).await;
    let head = t.user(f.asker, &[(Role::Head, f.ours)]);
    let page = format!("/notices/{id}/people");
    let (_, shown) = t.get(Some(&head), &page).await;
    let mut ticks = shown.split("name=\"who\" value=\"").skip(1);
    let (an, _) = ticks.find(|tick| tick.contains("Nguyễn Văn An")).unwrap().split_once('"').unwrap();
    let act = format!("{page}/excuse?state=missing");
    // Without a reason: the page again, the tick kept, the sentence said.
    let (status, again) =
        TestApp::read(t.post(Some(&head), &act, &[("who", an), ("reason", ""), ("do", "excuse")]).await)
            .await;
    assert_eq!(status, StatusCode::OK);
    assert!(again.contains("Xin ghi lý do") && again.matches(" checked").count() == 1, "{again}");
    let (_, nobody) =
        TestApp::read(t.post(Some(&head), &act, &[("reason", "Nghỉ phép"), ("do", "excuse")]).await).await;
    assert!(
        nobody.contains("ít nhất một người") && nobody.contains("value=\"Nghỉ phép\""),
        "what was typed is kept"
    );
    // Who may not review sees no form, and cannot send one.
    let clerk = t.user(f.asker, &[(Role::Clerk, f.ours)]);
    assert!(!t.get(Some(&clerk), &page).await.1.contains("name=\"who\""));
    let good = [("who", an), ("reason", "Nghỉ thai sản"), ("do", "excuse")];
    assert_eq!(t.post(Some(&clerk), &act, &good).await.status(), StatusCode::NOT_FOUND);
    let other = t.user(f.asker, &[(Role::Head, f.neighbour)]);
    assert_eq!(t.post(Some(&other), &act, &good).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(rates(&t, id).await, NOTHING);

    assert_eq!(t.post(Some(&head), &act, &good).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(rates(&t, id).await, Rates { excused: 1, ..NOTHING });
    let (_, shown) = t.get(Some(&head), &format!("{page}?state=excused")).await;
    assert!(shown.contains("Nghỉ thai sản") && shown.matches("name=\"who\"").count() == 1, "{shown}");
    let (_, figures) = t.get(Some(&head), &format!("/notices/{id}")).await;
    assert!(figures.contains("1 người được miễn") && figures.contains("0/1"), "{figures}");
    assert!(t.get(Some(&head), &format!("{page}.csv?state=all")).await.1.contains("Nghỉ thai sản"));
    let (_, item) = t.api(Some(&head), Method::GET, &format!("/api/v1/notices/{id}"), &json!(null)).await;
    assert_eq!((item["recipients"].as_u64(), item["excused"].as_u64()), (Some(2), Some(1)));

    // By the API: expected again, and excused.
    let people = json!({ "people": [an], "reason": "Đã nghỉ hưu" });
    let path = |act: &str| format!("/api/v1/notices/{id}/{act}");
    let (status, _) = t.api(Some(&head), Method::POST, &path("expect"), &people).await;
    assert_eq!((status, rates(&t, id).await), (StatusCode::NO_CONTENT, NOTHING));
    t.api(Some(&head), Method::POST, &path("excuse"), &people).await;
    let all = format!("/api/v1/notices/{id}/people?state=excused");
    let (_, listed) = t.api(Some(&head), Method::GET, &all, &json!(null)).await;
    assert_eq!(listed["items"][0]["excused"], "Đã nghỉ hưu");
    assert_eq!(listed["items"][0]["id"], an);

    // The link still works, and whoever commits counts again.
    let mut b = Browser::new(&t, "10.0.0.9");
    b.get(&paths[0]).await;
    b.post(&paths[0], &[("do", "open")]).await;
    assert_eq!(rates(&t, id).await.opened, 0);
    b.get(&paths[0]).await;
    b.post(&paths[0], &[("do", "commit"), ("agree", "1")]).await;
    assert_eq!(rates(&t, id).await, Rates { opened: 1, committed: 1, ..NOTHING });
}
