//! What a body owes, as its people and its superior meet it.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::{
    id::{Id, kind},
    right::Role,
};
use serde_json::{Value, json};
use store::{
    args,
    testing::{World, issued, minute},
};
use web::{User, testing::TestApp};

type BodyId = Id<kind::Body>;

const CODES: [&str; 3] = ["LEAD", "VFIX", "WARN"];

async fn world(t: &TestApp) -> World {
    issued(&t.app.db, &*t.ids, 2, &CODES, minute(0), minute(5 * 1440)).await
}

async fn user(t: &TestApp, name: &'static str, role: Role, body: BodyId) -> Arc<User> {
    let id: Id<kind::Person> = Id::new(&*t.ids);
    let grant: Id<kind::Grant> = Id::new(&*t.ids);
    let mut tx = t.app.db.begin_quiet(minute(0)).await.unwrap();
    tx.run_for_test(
        "insert into person (id, name, folded, sort_key, created_at) values ($1,$2,$2,$2,0)",
        args![id, name],
    )
    .await
    .unwrap();
    tx.run_for_test(
        "insert into role_grant (id, person, role, body, created_at) values ($1,$2,$3,$4,0)",
        args![grant, id, role.name(), body],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    t.user(id, &[(role, body)])
}

/// A multipart form with the person's token first, and at most one file.
pub fn multipart(
    user: &User,
    path: &str,
    fields: &[(&str, &str)],
    file: Option<(&str, &[u8])>,
) -> Request<Body> {
    let mut body = Vec::new();
    let csrf = [("csrf", user.csrf.as_str())];
    for (name, value) in csrf.iter().chain(fields) {
        let part = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    if let Some((name, bytes)) = file {
        let head = format!(
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--x--\r\n");
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
        .header(header::ORIGIN, "http://localhost")
        .header(header::HOST, "localhost")
        .body(Body::from(body))
        .unwrap()
}

#[tokio::test]
async fn the_head_reads_and_acknowledges_on_the_page_and_nobody_else_can() {
    let t = TestApp::new().await;
    let w = world(&t).await;
    let head = user(&t, "Lê Văn Hùng", Role::Head, w.bodies[0]).await;
    let clerk = user(&t, "Văn thư", Role::Clerk, w.bodies[0]).await;
    let neighbour = user(&t, "Láng giềng", Role::Head, w.bodies[1]).await;
    let page = format!("/assignments/{}", w.assignments[0]);

    let (status, todo) = t.get(Some(&head), "/tasks").await;
    assert_eq!(status, StatusCode::OK);
    assert!(todo.contains("Quán triệt Tết thử nghiệm") && todo.contains(&page), "{todo}");
    let (status, shown) = t.get(Some(&head), &page).await;
    assert_eq!(status, StatusCode::OK);
    assert!(shown.contains("Tôi đã đọc và quán triệt") && shown.contains("Khắc phục triệt để"), "{shown}");
    assert!(!t.get(Some(&clerk), &page).await.1.contains("Tôi đã đọc và quán triệt"));
    assert_eq!(t.get(Some(&neighbour), &page).await.0, StatusCode::NOT_FOUND);

    let act = format!("{page}/acknowledge");
    assert_eq!(t.post(Some(&neighbour), &act, &[]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(t.post(Some(&clerk), &act, &[]).await.status(), StatusCode::NOT_FOUND);
    let done = t.post(Some(&head), &act, &[]).await;
    assert_eq!(
        (done.status(), done.headers()[header::LOCATION].to_str().unwrap()),
        (StatusCode::SEE_OTHER, &*page)
    );
    let (_, shown) = t.get(Some(&clerk), &page).await;
    assert!(shown.contains("Lê Văn Hùng") && shown.contains("Xác nhận trên trang"), "{shown}");
}

#[tokio::test]
async fn evidence_goes_in_is_reviewed_and_comes_out_as_a_download_only() {
    let t = TestApp::new().await;
    let w = world(&t).await;
    let clerk = user(&t, "Văn thư", Role::Clerk, w.bodies[0]).await;
    let viewer = user(&t, "Người xem", Role::Viewer, w.bodies[0]).await;
    let neighbour = user(&t, "Láng giềng", Role::Head, w.bodies[1]).await;
    let above = user(&t, "Điều phối", Role::Coordinator, w.root).await;
    let page = format!("/assignments/{}/tasks/{}", w.assignments[0], w.tasks[0][1]);
    let path = format!("{page}/evidence");
    let numbers = [("handled", "3"), ("all", "4"), ("note", "")];
    let pdf: &[u8] = b"%PDF-1.7 bien ban";

    let stranger =
        t.send(Some(&neighbour), multipart(&neighbour, &path, &numbers, Some(("a.pdf", pdf)))).await;
    assert_eq!(stranger.status(), StatusCode::NOT_FOUND);
    let forged = User { csrf: "wrong".into(), ..(*clerk).clone() };
    let no_token = t.send(Some(&clerk), multipart(&forged, &path, &numbers, Some(("a.pdf", pdf)))).await;
    assert_eq!(no_token.status(), StatusCode::FORBIDDEN);
    for bad in [&b"MZ\x90\0\x03\0\0\0"[..], b"#!/bin/sh\n", b"<html><script>"] {
        let (status, shown) = TestApp::read(
            t.send(Some(&clerk), multipart(&clerk, &path, &numbers, Some(("a.pdf", bad)))).await,
        )
        .await;
        assert!(status == StatusCode::OK && shown.contains("không nhận"), "{status}");
    }
    let wrong = [("handled", "5"), ("all", "4"), ("note", "giữ lời này")];
    let (_, shown) = TestApp::read(t.send(Some(&clerk), multipart(&clerk, &path, &wrong, None)).await).await;
    assert!(shown.contains("giữ lời này") && shown.contains("không được lớn hơn"), "what was typed is kept");

    let other = format!("task-{}", w.tasks[0][2]);
    let fields = [numbers[0], numbers[1], ("note", "xong"), (&*other, "1")];
    let done = t.send(Some(&clerk), multipart(&clerk, &path, &fields, Some(("biên bản.pdf", pdf)))).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);

    let (_, queue) = t.get(Some(&above), "/review").await;
    assert_eq!(queue.matches("name=\"submission\"").count(), 2, "{queue}");
    assert_eq!(t.get(Some(&clerk), "/review").await.0, StatusCode::NOT_FOUND);
    let (_, waiting) = t.api(Some(&above), Method::GET, "/api/v1/submissions/pending", &Value::Null).await;
    let ids: Vec<&str> = waiting["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["submission"]["id"].as_str().unwrap())
        .collect();
    let sha256 = waiting["items"][0]["submission"]["sha256"].as_str().unwrap();

    let file = format!("/files/{sha256}");
    for (who, may) in [(&clerk, true), (&above, true), (&viewer, false), (&neighbour, false)] {
        let response = t.send(Some(who), Request::builder().uri(&file).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status() == StatusCode::OK, may);
        if may {
            let headers = response.headers();
            assert!(headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
            assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
            assert!(headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("sandbox"));
            assert_eq!(TestApp::read(response).await.1.as_bytes(), pdf);
        }
    }

    let body = json!({"submissions": ids, "decision": "return"});
    let (status, problem) = t.api(Some(&above), Method::POST, "/api/v1/submissions/decide", &body).await;
    assert_eq!(
        (status, problem["type"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("/problems/text-empty"))
    );
    let body = json!({"submissions": ids, "decision": "accept"});
    let (status, _) = t.api(Some(&neighbour), Method::POST, "/api/v1/submissions/decide", &body).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let done = t
        .post(
            Some(&above),
            "/review",
            &[("submission", ids[0]), ("submission", ids[1]), ("decision", "accept")],
        )
        .await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let (_, shown) = t.get(Some(&clerk), &page).await;
    assert!(
        shown.contains("Chấp nhận") && shown.contains("3/4") && shown.contains("nhật ký kiểm toán"),
        "{shown}"
    );
}

#[tokio::test]
async fn questions_triage_excuses_and_chasing_work_from_the_pages() {
    let t = TestApp::new().await;
    let w = world(&t).await;
    let clerk = user(&t, "Văn thư", Role::Clerk, w.bodies[0]).await;
    let above = user(&t, "Điều phối", Role::Coordinator, w.root).await;
    let page = format!("/assignments/{}", w.assignments[0]);
    let task = format!("{page}/tasks/{}", w.tasks[0][1]);

    let path = format!("{page}/questions");
    let asked = t
        .post(Some(&clerk), &path, &[("kind", "difficulty"), ("task", ""), ("text", "Thiếu <b>người</b>")])
        .await;
    assert_eq!(asked.status(), StatusCode::SEE_OTHER);
    let (_, shown) = t.get(Some(&above), &page).await;
    assert!(shown.contains("Thiếu &#60;b&#62;người") && !shown.contains("<b>người</b>"), "escaped");
    let (_, all) = t.api(Some(&above), Method::GET, &format!("/api/v1{page}/questions"), &Value::Null).await;
    let answer = format!("/questions/{}/answer", all[0]["id"].as_str().unwrap());
    assert_eq!(
        t.post(Some(&clerk), &answer, &[("text", "tự trả lời")]).await.status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        t.post(Some(&above), &answer, &[("text", "Đã cử hỗ trợ.")]).await.status(),
        StatusCode::SEE_OTHER
    );
    assert!(t.get(Some(&clerk), &page).await.1.contains("Đã cử hỗ trợ."));

    let triage = format!("{page}/triage");
    let (status, shown) =
        TestApp::read(t.post(Some(&clerk), &triage, &[("affected", "not-affected"), ("note", "")]).await)
            .await;
    assert!(status == StatusCode::OK && shown.contains("vì sao không bị ảnh hưởng"), "{status}");
    assert_eq!(
        t.post(Some(&clerk), &triage, &[("affected", "affected"), ("note", "")]).await.status(),
        StatusCode::SEE_OTHER
    );

    let excuse = format!("{task}/excuse");
    let fields = [("kind", "excused"), ("reason", "nâng cấp"), ("until", "2027-02-20")];
    assert_eq!(t.post(Some(&clerk), &excuse, &fields).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(t.post(Some(&above), &excuse, &fields).await.status(), StatusCode::SEE_OTHER);
    assert!(t.get(Some(&clerk), &task).await.1.contains("nâng cấp"));
    assert_eq!(t.post(Some(&above), &format!("{excuse}/end"), &[]).await.status(), StatusCode::SEE_OTHER);

    let (_, list) = t.get(Some(&above), "/assignments?unacknowledged=1").await;
    assert_eq!(list.matches("name=\"assignment\"").count(), 2, "{list}");
    let body = json!({"assignments": w.assignments});
    let (status, done) = t.api(Some(&above), Method::POST, "/api/v1/assignments/chase", &body).await;
    assert_eq!((status, &done["count"]), (StatusCode::OK, &json!(2)));
    let (_, done) = t.api(Some(&above), Method::POST, "/api/v1/assignments/chase", &body).await;
    assert_eq!(done["count"], 0, "once an hour");
}

#[tokio::test]
async fn a_letter_of_the_unit_acknowledges_when_pasted() {
    let t = TestApp::new().await;
    let w = world(&t).await;
    let clerk = user(&t, "Văn thư", Role::Clerk, w.bodies[0]).await;
    let page = format!("/assignments/{}", w.assignments[0]);
    let path = format!("{page}/letter");
    let other = [("text", "Kính gửi: Sở Công an.\n\nKhông nói gì về việc này.")];
    let (status, shown) =
        TestApp::read(t.send(Some(&clerk), multipart(&clerk, &path, &other, None)).await).await;
    assert!(status == StatusCode::OK && shown.contains("Không nói gì về việc này"), "typed text is kept");
    let secret =
        [("text", "TỐI MẬT\nXÃ SỐ 0\nSố: 12/UBND\n\nKính gửi: Sở Công an giả định.\n\nVề Tết thử nghiệm.")];
    let (_, shown) = TestApp::read(t.send(Some(&clerk), multipart(&clerk, &path, &secret, None)).await).await;
    assert!(!shown.contains("Bằng văn bản đã ký"), "a secret letter is not taken");
}

#[tokio::test]
async fn of_a_letter_that_acknowledged_the_page_says_how_its_digital_signatures_fare() {
    let t = TestApp::new().await;
    let w = world(&t).await;
    let head = user(&t, "Thủ trưởng", Role::Head, w.bodies[0]).await;
    let page = format!("/assignments/{}", w.assignments[0]);
    let done = t.post(Some(&head), &format!("{page}/acknowledge"), &[]).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let signatures = json!({"found": true, "checked": "2027-01-20T00:00:00Z", "more": false, "list": [{
        "state": "unchecked", "why": "algorithm", "stamp_only": false, "signer": null, "made": null,
        "made_stamped": false, "stamp": null, "how": null, "weak": false, "revision": [1, 1]}]});
    let value = json!({"how": "letter", "signatures": signatures}).to_string();
    let mut tx = t.app.db.begin_quiet(minute(0)).await.unwrap();
    let by_letter = "update assignment set ack_how = 'letter' where acknowledged_at is not null";
    tx.run_for_test(by_letter, args![]).await.unwrap();
    tx.run_for_test("update fact set value = $1 where kind = 'assignment.acknowledged'", args![value])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let (_, shown) = t.get(Some(&head), &page).await;
    assert!(shown.contains("Bằng văn bản đã ký") && shown.contains("Chưa kiểm tra được"), "{shown}");
    assert!(!shown.contains("signature-"), "{shown}");
    let (_, api) = t.get(Some(&head), &format!("/api/v1{page}")).await;
    let api: Value = serde_json::from_str(&api).unwrap();
    assert_eq!(api["acknowledged_signatures"], signatures);
}
