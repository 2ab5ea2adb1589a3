//! Inspections as the team and the inspected body meet them.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::{id::Ids, right::Role};
use serde_json::json;
use store::{args, testing::minute};
use web::{User, testing::TestApp};

use crate::{
    all_routes::samples::{form, json as body_of},
    fixture::Fixture,
};

/// A visit of our body to its child, a finding and a photo of it: for the test of all routes.
pub async fn visit(t: &TestApp, f: &Fixture) -> [String; 3] {
    let [visit, finding, photo, sha] =
        [t.ids.next().to_string(), t.ids.next().to_string(), t.ids.next().to_string(), "cd".repeat(32)];
    let list = json!({"groups": [], "items": [
        {"key": "levels", "group": "", "vi": "Cấp độ Riêng Tư", "en": "Levels", "basis": "", "severity": "high"}
    ]});
    let mut tx = t.app.db.begin_quiet(minute(0)).await.unwrap();
    for (sql, args) in [
        (
            "insert into visit (id, inspector, body, state, planned_at, checklist, items, made_at) values ($1,$2,$3,'planned',0,$4,1,0)",
            args![&visit, f.ours, f.child, list.to_string()],
        ),
        (
            "insert into finding (id, visit, item, inspector, body, severity, text, due_on, due_at, state, made_at) values ($1,$2,'levels',$3,$3,'high','x','2027-02-01',0,'open',0)",
            args![&finding, &visit, f.ours],
        ),
        ("insert into blob (sha256, len, created_at) values ($1,1,0)", args![&sha]),
        (
            "insert into visit_photo (id, visit, item, sha256, name, bytes, taken_at, learnt_at) values ($1,$2,'levels',$3,'a.jpg',1,0,0)",
            args![&photo, &visit, &sha],
        ),
    ] {
        tx.run_for_test(sql, args).await.unwrap();
    }
    tx.commit().await.unwrap();
    [visit, finding, photo]
}

/// Well-formed bodies of this room's routes, for the test of all routes.
pub fn sample(route: &str, f: &Fixture) -> Option<(&'static str, String)> {
    let (ours, child, person) = (f.ours.to_string(), f.child.to_string(), f.person.to_string());
    Some(match route {
        "POST /inspections/new" | "POST /inspections/{id}/edit" => {
            form(&[("inspector", &ours), ("body", &child), ("at", "2027-01-25T08:30"), ("leader", &person)])
        }
        "POST /findings/{id}/owner" => form(&[("owner", "")]),
        "POST /findings/{id}/decide" => form(&[("do", "close"), ("note", "x")]),
        "POST /findings/{id}/edit" => form(&[("text", "x"), ("due", "2027-02-01"), ("version", "1")]),
        "POST /api/v1/inspections" | "PUT /api/v1/inspections/{id}" => body_of(json!({
            "inspector": ours, "body": child, "at": "2027-01-25T01:30:00Z", "team": [person], "version": 1
        })),
        "POST /api/v1/inspections/{id}/answers" => {
            body_of(json!({ "item": "levels", "answer": "ok", "op": "x" }))
        }
        "PUT /api/v1/findings/{id}" => body_of(json!({ "text": "x", "due_on": "2027-02-01", "version": 1 })),
        "POST /api/v1/findings/{id}/acts" => body_of(json!({ "act": "fix", "note": "x" })),
        _ => return None,
    })
}

/// The smallest JPEG with a place in it.
fn jpeg() -> Vec<u8> {
    let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0GPS 21.0285N";
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&[0xff, 0xd8, 0xff, 0xe1][..], &length, exif, b"\xff\xda\0\x02\x11\x22\xff\xd9"].concat()
}

fn multipart(user: &User, path: &str, fields: &[(&str, &str)], file: &[u8]) -> Request<Body> {
    let mut body = Vec::new();
    for (name, value) in fields.iter().chain(&[("csrf", user.csrf.as_str())]) {
        body.extend(
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    body.extend(b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n");
    body.extend(file);
    body.extend(b"\r\n--x--\r\n");
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
async fn a_plain_form_answers_every_item_and_two_people_overwrite_nothing() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let [visit, ..] = visit(&t, &f).await;
    let user = f.everything(&t, f.ours);
    let page = format!("/inspections/{visit}");
    let (status, html) = t.get(Some(&user), &page).await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("a-levels") && html.contains("capture=\"environment\""));
    let answer = [
        ("op", "form-1"),
        ("a-levels", "bad"),
        ("n-levels", "hai hệ thống"),
        ("w-levels", ""),
        ("m-levels", ""),
        ("b-levels", "0"),
    ];
    t.post(Some(&user), &format!("{page}/answers"), &answer).await;
    let (_, html) = t.get(Some(&user), &page).await;
    assert!(html.contains("hai hệ thống") && html.contains("value=\"bad\" checked"));
    // Somebody whose page is older.
    let api = format!("/api/v1/inspections/{visit}/answers");
    let late = json!({"item": "levels", "answer": "ok", "note": "", "base": 0, "op": "device-1"});
    let (status, told) = t.api(Some(&user), Method::POST, &api, &late).await;
    assert_eq!(
        (status, &told["outcome"], &told["answer"]),
        (StatusCode::OK, &json!("conflict"), &json!("bad"))
    );
    let mine = json!({"item": "levels", "answer": "ok", "note": "", "base": 1, "op": "device-2"});
    for _ in 0..2 {
        let (_, told) = t.api(Some(&user), Method::POST, &api, &mine).await;
        assert_eq!((&told["outcome"], &told["version"]), (&json!("kept"), &json!(2)));
    }
}

#[tokio::test]
async fn a_photo_is_told_by_its_bytes_and_loses_its_place() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let [visit, ..] = visit(&t, &f).await;
    let user = f.everything(&t, f.ours);
    let path = format!("/api/v1/inspections/{visit}/photos");
    let id = t.ids.next().to_string();
    let mut digests = Vec::new();
    for _ in 0..2 {
        let request = multipart(&user, &path, &[("id", &id), ("item", "levels")], &jpeg());
        let (status, text) = TestApp::read(t.send(Some(&user), request).await).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        let kept: serde_json::Value = serde_json::from_str(&text).unwrap();
        digests.push(kept["sha256"].as_str().unwrap().to_owned());
    }
    assert_eq!(digests[0], digests[1]);
    let bytes = t.fetch(Some(&user), &format!("/files/{}", digests[0]), None).await.unwrap();
    assert!(bytes.starts_with(&[0xff, 0xd8]) && !bytes.windows(3).any(|w| w == b"GPS"));
    let (_, html) = t.get(Some(&user), &format!("/inspections/{visit}")).await;
    assert_eq!(html.matches(&format!("src=\"/files/{}\"", digests[0])).count(), 1, "sent twice, kept once");
    let request = multipart(&user, &path, &[("item", "levels")], b"<script>alert(1)</script>");
    assert_eq!(t.send(Some(&user), request).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let viewer = t.user(f.asker, &[(Role::Viewer, f.ours)]);
    let request = multipart(&viewer, &path, &[("item", "levels")], &jpeg());
    assert_eq!(t.send(Some(&viewer), request).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_visit_is_planned_announced_ended_and_its_finding_closed() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let user = f.everything(&t, f.root);
    let mut tx = t.app.db.begin_quiet(minute(0)).await.unwrap();
    tx.run_for_test("insert into membership (person, body) values ($1,$2)", args![f.asker, f.root])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let (root, ours, asker) = (f.root.to_string(), f.ours.to_string(), f.asker.to_string());
    let mut plan = vec![("inspector", root.as_str()), ("body", &ours), ("leader", &asker), ("announce", "1")];
    let (status, html) = TestApp::read(t.post(Some(&user), "/inspections/new", &plan).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("Hãy chọn ngày giờ"));
    plan.push(("at", "2027-01-25T08:30"));
    let made = t.post(Some(&user), "/inspections/new", &plan).await;
    let page = made.headers()[header::LOCATION].to_str().unwrap().to_owned();
    let api = format!("/api/v1{page}");
    let (_, text) = t.get(Some(&user), &api).await;
    let shown: serde_json::Value = serde_json::from_str(&text).unwrap();
    let items = shown["checklist"].as_array().unwrap();
    assert!(items.len() >= 25 && shown["announced_at"].is_string());
    for (n, item) in items.iter().enumerate() {
        let answer = if n == 0 { "bad" } else { "ok" };
        let given =
            json!({"item": item["key"], "answer": answer, "note": "", "base": 0, "op": format!("op-{n}")});
        let (status, _) = t.api(Some(&user), Method::POST, &format!("{api}/answers"), &given).await;
        assert_eq!(status, StatusCode::OK);
    }
    t.post(Some(&user), &format!("{page}/finish"), &[("do", "finish"), ("met_by", "Giám đốc")]).await;
    let (status, minutes) = t.get(Some(&user), &format!("{page}/minutes")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(minutes.contains("Giám đốc") && minutes.contains("TRƯỞNG ĐOÀN KIỂM TRA"));
    let (_, text) = t.get(Some(&user), "/api/v1/findings").await;
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    let finding = found["items"][0]["id"].as_str().unwrap().to_owned();
    let acts = format!("/api/v1/findings/{finding}/acts");
    let body = t.user(f.person, &[(Role::Clerk, f.ours)]);
    let act = |name: &str| json!({"act": name, "note": "đã làm"});
    assert_eq!(t.api(Some(&body), Method::POST, &acts, &act("close")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(t.api(Some(&body), Method::POST, &acts, &act("fix")).await.1["state"], "fixed");
    assert_eq!(t.api(Some(&user), Method::POST, &acts, &act("close")).await.1["state"], "closed");
    for path in
        ["/inspections", "/inspections.csv", "/findings", "/findings.csv", &format!("/findings/{finding}")]
    {
        assert_eq!(t.get(Some(&body), path).await.0, StatusCode::OK, "{path}");
    }
    let neighbour = f.everything(&t, f.neighbour);
    for path in [page.as_str(), &format!("/findings/{finding}"), &format!("{page}/minutes")] {
        assert_eq!(t.get(Some(&neighbour), path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_checklist_is_edited_and_a_wrong_line_is_named() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let user = f.everything(&t, f.root);
    let root = f.root.to_string();
    let wrong =
        [("body", root.as_str()), ("version", "0"), ("item", "levels"), ("own", "Khóa cửa\na;b;c;d;e")];
    let (status, html) = TestApp::read(t.post(Some(&user), "/inspections/checklist", &wrong).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("Không đọc được dòng 2") && html.contains("Khóa cửa"));
    let good = [("body", root.as_str()), ("version", "0"), ("item", "levels"), ("own", "Khóa cửa")];
    assert_eq!(t.post(Some(&user), "/inspections/checklist", &good).await.status(), StatusCode::SEE_OTHER);
    let (_, html) = t.get(Some(&user), "/inspections/checklist").await;
    assert!(html.contains("; Khóa cửa; ; trung bình") && html.contains("bản riêng từ"));
}
