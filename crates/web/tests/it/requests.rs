//! Requests as who asks, who is asked and a program meet them.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::{
    actor::{Actor, Scope},
    request::{RequestKind, filter},
    right::Role,
};
use serde_json::json;
use store::{
    StoreError, assignments,
    requests::{self, Asker, NewRequest, Tools},
    sign_in::InstanceKey,
    testing::minute,
};
use web::{User, testing::TestApp};

use crate::{
    all_routes::samples::{form, json as body_of},
    fixture::Fixture,
};

/// A list that the root asks our body to filter, taken: for the test of all routes.
pub async fn ours(t: &TestApp, f: &Fixture) -> String {
    let pack = t.app.legal.on(domain::time::date(minute(0)));
    let common = assignments::Tools { ids: &*t.ids, base: "https://canh.test", pack };
    let tools = Tools { common, key: InstanceKey::new([1; 32]) };
    let new = NewRequest {
        asker: Asker::Body(f.root),
        to: vec![f.ours],
        kind: RequestKind::Filter,
        title: "Yêu cầu Riêng Tư".into(),
        text: "Chặn giúp Riêng Tư".into(),
        basis: "12/CAT".into(),
        under_law: false,
        urgent: false,
        asked: None,
        due: Some(minute(600_000)),
        letter: None,
        items: filter::read("evil.com 203.0.113.7", &pack.guard()).items,
    };
    let actor = Actor::Person(f.person);
    let made: Result<_, StoreError> = store::write!(t.app.db, actor, minute(0), tx => {
        let made = requests::ask(tx, &Scope::system(), &tools, &new).await?;
        requests::receive(tx, &Scope::system(), &tools, made[0]).await?;
        Ok(made[0])
    });
    made.unwrap().to_string()
}

/// Well-formed bodies of this room's routes, for the test of all routes.
pub fn sample(route: &str, f: &Fixture) -> Option<(&'static str, String)> {
    let ours = f.ours.to_string();
    Some(match route {
        "POST /requests/{id}/items" => form(&[("place", "1"), ("do", "done")]),
        "POST /requests/{id}/decide" => form(&[("do", "accept")]),
        "POST /requests/{id}/pass-on" => form(&[("to", &ours)]),
        "POST /api/v1/requests" => body_of(json!({
            "asker_name": "A05", "to": [ours], "kind": "work", "title": "x", "text": "x",
            "due_at": "2027-06-01T00:00:00Z"
        })),
        "POST /api/v1/requests/{id}/pass-on" => body_of(json!({ "to": [ours] })),
        "POST /api/v1/requests/{id}/answers" => body_of(json!({ "outcome": "partly", "text": "x" })),
        "POST /api/v1/requests/{id}/review" => body_of(json!({ "decision": "accept" })),
        "POST /api/v1/requests/{id}/withdraw" => body_of(json!({ "reason": "x" })),
        "POST /api/v1/requests/{id}/items" => body_of(json!({ "places": [1], "state": "done" })),
        _ => return None,
    })
}

struct Two {
    t: TestApp,
    f: Fixture,
    /// Coordinates at the root.
    above: Arc<User>,
    /// Answers for our body.
    clerk: Arc<User>,
}

async fn two() -> Two {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let above = t.user(f.asker, &[(Role::Coordinator, f.root)]);
    let clerk = t.user(f.person, &[(Role::Clerk, f.ours)]);
    Two { t, f, above, clerk }
}

impl Two {
    /// Asks by the form; status, where it leads, page.
    async fn ask(&self, more: &[(&str, &str)]) -> (StatusCode, String, String) {
        let (root, ours) = (self.f.root.to_string(), self.f.ours.to_string());
        let mut fields = vec![
            ("asker", root.as_str()),
            ("to", ours.as_str()),
            ("title", "Chặn tên miền giả mạo"),
            ("text", "Chặn trong hạn."),
            ("due", "2027-06-01T17:00"),
        ];
        fields.extend(more);
        let response = self.t.post(Some(&self.above), "/requests/new", &fields).await;
        let to = response.headers().get(header::LOCATION).map(|l| l.to_str().unwrap().to_owned());
        let (status, html) = TestApp::read(response).await;
        (status, to.unwrap_or_default(), html)
    }
    async fn asked(&self, more: &[(&str, &str)]) -> String {
        let (status, to, html) = self.ask(more).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{html}");
        to
    }
    async fn clerk(&self, path: &str, fields: &[(&str, &str)]) -> StatusCode {
        self.t.post(Some(&self.clerk), path, fields).await.status()
    }
    async fn answer(&self, to: &str, fields: &[(&str, &str)], file: Option<&str>) -> (StatusCode, String) {
        let mut body = String::new();
        for (name, value) in [("csrf", self.clerk.csrf.as_str())].iter().chain(fields) {
            body += &format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        if let Some(file) = file {
            let head = "Content-Disposition: form-data; name=\"file\"; filename=\"nhat-ky.txt\"";
            body += &format!("--x\r\n{head}\r\n\r\n{file}\r\n");
        }
        body += "--x--\r\n";
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{to}/answer"))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
            .header(header::ORIGIN, "http://localhost")
            .header(header::HOST, "localhost")
            .body(Body::from(body))
            .unwrap();
        TestApp::read(self.t.send(Some(&self.clerk), request).await).await
    }
}

#[tokio::test]
async fn a_list_is_judged_line_by_line_and_what_was_typed_is_kept() {
    let s = two().await;
    s.f.register(&s.t).await;
    let mut tx = s.t.app.db.begin_quiet(minute(0)).await.unwrap();
    tx.run_for_test("insert into host_key (host, kind, value, look, told) select id, 'name', 'web.songtra.vn', 'web', true from host", vec![])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let list = "evil[.]com\nhxxp://xau.example.net/a\nbocongan.gov.vn\n10.0.0.1\nsongtra.vn";
    let (status, _, html) = s.ask(&[("kind", "filter"), ("items", list)]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    for said in ["Dòng 3:", "được bảo vệ", "Dòng 4:", "Dòng 5:", "thuộc máy trong danh bạ", "Chặn trong hạn."]
    {
        assert!(html.contains(said), "{said}: {html}");
    }
    assert!(!html.contains("Dòng 1:") && !html.contains("Dòng 2:"));
    assert!(html.contains("evil[.]com"), "the list as typed");
    let to = s.asked(&[("kind", "filter"), ("items", "evil[.]com\nhxxp://xau.example.net/a")]).await;
    let (_, page) = s.t.get(Some(&s.clerk), &to).await;
    assert!(page.contains("http://xau.example.net/a") && page.contains(">evil.com<"));
    let (status, text) = s.t.get(Some(&s.clerk), &format!("{to}/items.txt")).await;
    assert_eq!((status, text.as_str()), (StatusCode::OK, "evil.com\nhttp://xau.example.net/a\n"));
    let (_, csv) = s.t.get(Some(&s.clerk), &format!("{to}/items.csv")).await;
    assert!(csv.contains("evil.com"));
}

#[tokio::test]
async fn a_request_goes_from_asking_to_acceptance_with_its_receipt() {
    let s = two().await;
    let to = s.asked(&[("kind", "work")]).await;
    let (_, nothing) = s.t.get(Some(&s.clerk), &format!("{to}/receipt")).await;
    assert!(!nothing.contains("SHA-256"), "nobody took it");
    assert_eq!(s.clerk(&format!("{to}/receive"), &[]).await, StatusCode::SEE_OTHER);
    let (status, html) = s.t.get(Some(&s.clerk), &format!("{to}/receipt")).await;
    assert_eq!(status, StatusCode::OK);
    let (_, json) = s.t.get(Some(&s.clerk), &format!("{to}/receipt.json")).await;
    use sha2::Digest;
    let digest = hex::encode(sha2::Sha256::digest(json.as_bytes()));
    assert!(html.contains(&digest) && html.contains("Tiếp nhận"), "{html}");
    // Words are needed for less than everything; what was typed stays.
    let (status, html) = s.answer(&to, &[("outcome", "partly"), ("handled", "3"), ("all", "2")], None).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("Số đã xử lý không được lớn hơn tổng số") && html.contains("value=\"3\""));
    let said = [("outcome", "done"), ("handled", "4"), ("all", "4"), ("text", "Đã chặn đủ")];
    let (status, html) = s.answer(&to, &said, Some("04:00 blocked")).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{html}");
    let (_, html) = s.t.get(Some(&s.above), &to).await;
    for said in ["Đã chặn đủ", "4/4", "nhat-ky.txt", "Chấp nhận"] {
        assert!(html.contains(said), "{said}");
    }
    let accept = |user: Arc<User>| {
        let to = format!("{to}/decide");
        let t = &s.t;
        async move { t.post(Some(&user), &to, &[("do", "accept")]).await.status() }
    };
    assert_eq!(accept(s.clerk.clone()).await, StatusCode::NOT_FOUND, "nobody accepts their own answer");
    // What is refused stands in its form again, in words and with what was typed.
    for (form, typed) in [
        (
            "decide",
            [("do", "return"), ("return_due", "2020-01-01T08:00"), ("return_reason", "Thiếu danh sách")],
        ),
        ("withdraw", [("withdraw_reason", " "), ("return_due", ""), ("do", "")]),
    ] {
        let sent = s.t.post(Some(&s.above), &format!("{to}/{form}"), &typed).await;
        let (status, html) = TestApp::read(sent).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert_eq!(html.matches("<details open><summary>").count(), 1, "{form}: {html}");
        assert!(form != "decide" || html.contains(">Thiếu danh sách</textarea>"), "{html}");
    }
    assert_eq!(accept(s.above.clone()).await, StatusCode::SEE_OTHER);
    let (_, html) = s.t.get(Some(&s.clerk), &to).await;
    assert!(html.contains("Bên yêu cầu chấp nhận") && !html.contains("id=\"answer\""));
    let (_, html) = s.t.get(Some(&s.above), &format!("{to}/receipt")).await;
    assert!(html.contains("nhat-ky.txt") && html.contains("Chấp nhận trả lời"));
}

#[tokio::test]
async fn a_request_is_passed_down_and_counted_in_the_rail_and_the_to_do() {
    let s = two().await;
    let to = s.asked(&[("kind", "work")]).await;
    let head = s.t.user(s.f.person, &[(Role::Coordinator, s.f.ours)]);
    let (_, html) = s.t.get(Some(&head), &format!("{to}/pass-on")).await;
    assert!(html.contains("Trung tâm Trực thuộc"), "{html}");
    assert!(!html.contains("Sở Láng giềng"));
    let child = s.f.child.to_string();
    let page = format!("{to}/pass-on");
    let late = [("to", child.as_str()), ("due", "2027-06-02T17:00"), ("note", "gấp")];
    let (status, html) = TestApp::read(s.t.post(Some(&head), &page, &late).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("Không được muộn hơn") || html.contains("không được muộn hơn"));
    assert!(html.contains("gấp"));
    let done = s.t.post(Some(&head), &page, &[("to", child.as_str())]).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let (_, html) = s.t.get(Some(&s.above), &to).await;
    assert!(html.contains("0/1 đã trả lời"), "{html}");
    let school = s.t.user(s.f.person, &[(Role::Clerk, s.f.child)]);
    let (_, html) = s.t.get(Some(&school), "/tasks").await;
    assert!(html.contains("Chặn tên miền giả mạo") && html.contains("<b class=\"count\">1</b>"), "{html}");
    let (_, html) = s.t.get(Some(&s.above), "/requests?side=asking&q=gia+mao&kind=work&state=open").await;
    assert!(html.contains("Chặn tên miền giả mạo"));
    let (_, html) = s.t.get(Some(&s.above), "/requests?kind=filter").await;
    assert!(!html.contains("Chặn tên miền giả mạo"));
    let (_, csv) = s.t.get(Some(&s.above), "/requests.csv").await;
    assert_eq!(csv.matches("Chặn tên miền giả mạo").count(), 2);
}

#[tokio::test]
async fn an_operator_marks_entries_and_the_last_word_answers() {
    let s = two().await;
    let to = s.asked(&[("kind", "filter"), ("items", "a.top b.top c.top")]).await;
    let page = format!("{to}/items");
    assert_eq!(s.clerk(&page, &[("place", "2"), ("do", "done")]).await, StatusCode::SEE_OTHER);
    let owed = s.clerk(&page, &[("place", "1"), ("do", "impossible")]).await;
    assert_eq!(owed, StatusCode::UNPROCESSABLE_ENTITY, "a reason is owed");
    let (_, csv) = s.t.get(Some(&s.clerk), &format!("{to}/items.csv")).await;
    assert_eq!(csv.matches("không chặn được").count(), 1, "only the column's head");
    let why = [("place", "1"), ("do", "impossible"), ("reason", "hạ tầng chung")];
    assert_eq!(s.clerk(&page, &why).await, StatusCode::SEE_OTHER);
    assert_eq!(s.clerk(&page, &[("do", "rest-done")]).await, StatusCode::SEE_OTHER);
    let (_, html) = s.t.get(Some(&s.above), &to).await;
    assert!(html.contains("2 đã chặn · 1 không chặn được · 0 chưa chặn") && html.contains("2/3"), "{html}");
}

#[tokio::test]
async fn programs_do_the_same_and_twice_is_once() {
    let s = two().await;
    let new = json!({
        "asker": s.f.root, "to": [s.f.ours], "kind": "filter", "title": "Chặn", "text": "x",
        "due_at": "2027-06-01T00:00:00Z", "items": ["evil[.]com", "thue.gov.vn", "evil.com"],
    });
    let (status, told) = s.t.api(Some(&s.above), Method::POST, "/api/v1/requests", &new).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(told["errors"], json!([{ "field": "items[1]", "code": "request-why-protected" }]));
    let mut good = new.clone();
    good["items"] = json!(["evil[.]com", "hxxps://a.example.org/x", "evil.com"]);
    let send = async || {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/api/v1/requests")
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", "one")
            .header("x-csrf-token", &s.above.csrf)
            .body(Body::from(good.to_string()))
            .unwrap();
        let (status, text) = TestApp::read(s.t.send(Some(&s.above), request).await).await;
        (status, serde_json::from_str::<serde_json::Value>(&text).unwrap())
    };
    let (status, made) = send().await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(send().await, (StatusCode::CREATED, made.clone()));
    let id = made["ids"][0].as_str().unwrap().to_owned();
    let path = format!("/api/v1/requests/{id}");
    let call = async |user: &Arc<User>, method: Method, path: &str, body: serde_json::Value| {
        s.t.api(Some(user), method, path, &body).await
    };
    let (_, all) = call(&s.above, Method::GET, "/api/v1/requests", json!({})).await;
    assert_eq!(all["items"].as_array().unwrap().len(), 1, "once");
    let (_, list) = call(&s.clerk, Method::GET, &format!("{path}/items"), json!({})).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 2, "one name twice is once");
    let done = json!({ "outcome": "done", "text": "xong" });
    let (status, told) = call(&s.clerk, Method::POST, &format!("{path}/answers"), done).await;
    assert_eq!(
        (status, told["title"].is_string()),
        (StatusCode::UNPROCESSABLE_ENTITY, true),
        "entries are open"
    );
    let (status, marked) =
        call(&s.clerk, Method::POST, &format!("{path}/items"), json!({ "state": "done" })).await;
    assert_eq!((status, &marked["changed"]), (StatusCode::OK, &json!(2)));
    let (_, one) = call(&s.above, Method::GET, &path, json!({})).await;
    assert_eq!((&one["state"], &one["handled"], &one["all"]), (&json!("done"), &json!(2), &json!(2)));
    let again = json!({ "decision": "return", "reason": "còn truy cập được" });
    let (status, one) = call(&s.above, Method::POST, &format!("{path}/review"), again).await;
    assert_eq!((status, &one["state"]), (StatusCode::OK, &json!("received")));
}

#[tokio::test]
async fn lists_of_programs_page_by_cursor() {
    let s = two().await;
    for _ in 0..3 {
        s.asked(&[("kind", "work")]).await;
    }
    let (_, all) = s.t.api(Some(&s.above), Method::GET, "/api/v1/requests", &json!({})).await;
    let ids: Vec<_> = all["items"].as_array().unwrap().iter().map(|i| i["id"].clone()).collect();
    assert_eq!(ids.len(), 3);
    let at: jiff::Timestamp = all["items"][0]["asked_at"].as_str().unwrap().parse().unwrap();
    let path = format!("/api/v1/requests?cursor={}.{}", at.as_microsecond(), ids[0].as_str().unwrap());
    let (_, rest) = s.t.api(Some(&s.above), Method::GET, &path, &json!({})).await;
    let rest: Vec<_> = rest["items"].as_array().unwrap().iter().map(|i| i["id"].clone()).collect();
    assert_eq!(rest, ids[1..], "those after it, whatever came meanwhile");
}

#[tokio::test]
async fn a_letter_fills_the_form() {
    let s = two().await;
    let letter = s.f.letter(&s.t).await;
    let reading = json!({
        "number": "63", "symbol": "A05-P2", "date": "2027-01-20", "issuer": "Cục A05", "subject": "Chặn lọc tên miền",
        "duties": [{ "path": "1", "codes": ["CMPL"] }],
        "items": [{ "path": "1", "text": "Chặn các tên miền sau" }, { "path": "2", "text": "Lời kết" }],
        "deadlines": [{ "date": "2027-02-03", "path": "1" }],
        "indicators": [{ "type": "domain", "value": "evil.com" }, { "type": "md5", "value": "00" }],
    });
    let mut tx = s.t.app.db.begin_quiet(minute(0)).await.unwrap();
    let args = store::args![letter, reading.to_string()];
    tx.run_for_test("update letter set corrected = $2 where id = $1", args).await.unwrap();
    tx.commit().await.unwrap();
    let (_, html) = s.t.get(Some(&s.clerk), &format!("/orders/letters/{letter}")).await;
    assert!(html.contains(&format!("/requests/new?letter={letter}")));
    let (status, html) = s.t.get(Some(&s.clerk), &format!("/requests/new?letter={letter}")).await;
    assert_eq!(status, StatusCode::OK);
    for filled in [
        "value=\"Cục A05\"",
        "value=\"Văn bản số 63/A05-P2 ngày 20/01/2027\"",
        "value=\"Chặn lọc tên miền\"",
        "1. Chặn các tên miền sau",
        "2027-02-03T17:00",
        ">evil[.]com</textarea>",
        "value=\"filter\" checked",
    ] {
        assert!(html.contains(filled), "{filled}: {html}");
    }
    assert!(!html.contains("Lời kết"));
    let elsewhere = s.t.user(s.f.asker, &[(Role::Clerk, s.f.neighbour)]);
    let (status, _) = s.t.get(Some(&elsewhere), &format!("/requests/new?letter={letter}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
