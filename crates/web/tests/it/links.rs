//! One-time links, as heads, scanners and strangers meet them.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::{
    actor::Actor,
    id::{Id, kind},
};
use store::{
    StoreError,
    sign_in::{
        InstanceKey,
        links::{self, Purpose},
    },
    testing::minute,
};
use web::testing::TestApp;

use crate::{fixture::Fixture, sign_in::Browser};

async fn link(t: &TestApp, f: &Fixture, purpose: Purpose, subject: String) -> (Id<kind::Link>, String) {
    let id = Id::new(&*t.ids);
    let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, minute(0), tx => {
        links::create(tx, id, f.person, purpose, &subject, minute(60)).await
    });
    made.unwrap();
    let url = links::url(&InstanceKey::new(t.app.config.instance_key), &t.app.config.public_url, id);
    (id, url.strip_prefix("http://localhost").unwrap().to_owned())
}

#[tokio::test]
async fn a_head_acknowledges_once_without_signing_in_and_a_scanner_never_does() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let order = f.assignment(&t).await;
    let (id, path) = link(&t, &f, Purpose::Acknowledge, format!("assignment:{order}")).await;
    let state = async || links::find(&mut t.app.db.read().await.unwrap(), id).await.unwrap().unwrap();
    let acknowledged = async || {
        let sql = "select count(*) as n from assignment where acknowledged_at is not null";
        t.app.db.read().await.unwrap().count_for_test(sql).await.unwrap()
    };

    // A scanner asks by HEAD, follows by GET, and guesses a POST.
    let head = Request::builder().method(Method::HEAD).uri(&path).body(Body::empty()).unwrap();
    assert_eq!(t.send(None, head).await.status(), StatusCode::OK);
    assert_eq!(state().await.opened_at, None);
    assert_eq!(t.get(None, &path).await.0, StatusCode::OK);
    assert_eq!(t.post(None, &path, &[]).await.status(), StatusCode::FORBIDDEN);
    assert_eq!((state().await.used_at, acknowledged().await), (None, 0));

    // The head: reads, presses, presses again.
    t.clock.move_to_minute(1);
    let mut b = Browser::new(&t, "10.0.0.9");
    let page = b.get(&path).await;
    assert!(
        page.text.contains("quán triệt đến từng người") && page.text.contains("Trần Văn Riêng Tư"),
        "{}",
        page.text
    );
    assert_eq!(page.headers[header::REFERRER_POLICY], "no-referrer");
    assert!(b.cookies.is_empty());
    for _ in 0..2 {
        let page = b.post(&path, &[]).await;
        assert_eq!((page.status, page.to()), (StatusCode::SEE_OTHER, path.as_str()));
    }
    assert_eq!((state().await.used_at, acknowledged().await), (Some(minute(1)), 1));
    let page = b.get(&path).await;
    assert!(
        page.text.contains("đã quán triệt lúc 20/01/2027 08:01")
            && !page.text.contains("<button class=\"btn go"),
        "{}",
        page.text
    );
    // The link signs nobody in.
    assert_eq!(b.get("/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn ended_forged_and_foreign_links_do_nothing() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let order = f.assignment(&t).await;
    let (_, path) = link(&t, &f, Purpose::Acknowledge, format!("assignment:{order}")).await;
    let (_, other) = link(&t, &f, Purpose::Read, format!("assignment:{order}")).await;
    let mut b = Browser::new(&t, "10.0.0.9");
    b.get(&other).await;
    // The token of one link's form is no token for another's.
    assert_eq!(b.post(&path, &[]).await.status, StatusCode::FORBIDDEN);
    let mut forged = path.clone();
    forged.replace_range(path.len() - 1.., if path.ends_with('A') { "B" } else { "A" });
    for bad in [forged.as_str(), "/l/x", "/l/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(b.get(bad).await.status, StatusCode::NOT_FOUND, "{bad}");
    }
    b.get(&path).await;
    t.clock.move_to_minute(60);
    assert_eq!(b.post(&path, &[]).await.status, StatusCode::SEE_OTHER);
    let page = b.get(&path).await;
    assert!(page.text.contains("đã hết hạn"), "{}", page.text);
    let sql = "select count(*) as n from assignment where acknowledged_at is not null";
    assert_eq!(t.app.db.read().await.unwrap().count_for_test(sql).await.unwrap(), 0);
}

/// What a browser sends from a link's page with a file.
fn with_file(path: &str, csrf: &str, fields: &[(&str, &str)], file: Option<&str>) -> Request<Body> {
    let mut body = String::new();
    for (name, value) in [("csrf", csrf)].iter().chain(fields) {
        body += &format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    if let Some(file) = file {
        let head = "Content-Disposition: form-data; name=\"file\"; filename=\"nhat-ky.txt\"";
        body += &format!("--x\r\n{head}\r\n\r\n{file}\r\n");
    }
    body += "--x--\r\n";
    Request::builder()
        .method(Method::POST)
        .uri(format!("{path}/file"))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
        .header(header::ORIGIN, "http://localhost")
        .header(header::HOST, "localhost")
        .body(Body::from(body))
        .unwrap()
}

#[tokio::test]
async fn a_request_is_answered_by_its_link_with_proof_and_only_once() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let above = f.everything(&t, f.root);
    // The person becomes our head by it.
    let order = f.assignment(&t).await;
    let ours = f.ours.to_string();
    let asked = [
        ("kind", "work"),
        ("to", ours.as_str()),
        ("title", "Thu hồi tài khoản"),
        ("text", "Thu hồi tài khoản cũ."),
        ("due", "2027-06-01T17:00"),
        ("asker", &f.root.to_string()),
    ];
    let made = t.post(Some(&above), "/requests/new", &asked).await;
    let request = made.headers()[header::LOCATION].to_str().unwrap().to_owned();
    let subject = format!("request:{}", request.rsplit('/').next().unwrap());
    let (id, path) = link(&t, &f, Purpose::Request, subject.clone()).await;
    let answers = async || {
        let sql = "select count(*) as n from request where answered_at is not null";
        t.app.db.read().await.unwrap().count_for_test(sql).await.unwrap()
    };
    let kept = async || {
        t.app.db.read().await.unwrap().count_for_test("select count(*) as n from blob").await.unwrap()
    };
    // A scanner that follows and guesses changes nothing, and stores nothing.
    let head = Request::builder().method(Method::HEAD).uri(&path).body(Body::empty()).unwrap();
    assert_eq!(t.send(None, head).await.status(), StatusCode::OK);
    let page = t.get(None, &path).await.1;
    assert!(page.contains("Thu hồi tài khoản cũ.") && page.contains("multipart/form-data"), "{page}");
    let before = kept().await;
    let guess = with_file(&path, "x", &[("outcome", "done")], Some("nhật ký"));
    assert_eq!(t.send(None, guess).await.status(), StatusCode::FORBIDDEN);
    assert_eq!((answers().await, kept().await), (0, before));
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // Less than everything needs words; what was chosen and typed stays, and the link is still good.
    let thin = [("outcome", "partly"), ("text", ""), ("handled", "2"), ("all", "3")];
    let (status, page) = TestApp::read(t.send(None, with_file(&path, &csrf, &thin, None)).await).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("value=\"partly\" checked") && page.contains("value=\"3\""), "{page}");
    assert_eq!(answers().await, 0);
    let whole =
        [("outcome", "partly"), ("text", "Còn một tài khoản chờ bàn giao"), ("handled", "2"), ("all", "3")];
    for _ in 0..2 {
        let sent = t.send(None, with_file(&path, &csrf, &whole, Some("nhật ký thu hồi"))).await;
        assert_eq!(sent.status(), StatusCode::SEE_OTHER);
    }
    assert_eq!(answers().await, 1);
    let proofs = "select count(*) as n from request_proof";
    assert_eq!(t.app.db.read().await.unwrap().count_for_test(proofs).await.unwrap(), 1, "once");
    let used = links::find(&mut t.app.db.read().await.unwrap(), id).await.unwrap().unwrap();
    assert!(used.used_at.is_some());
    let (_, page) = t.get(Some(&above), &request).await;
    assert!(
        page.contains("2/3") && page.contains("Còn một tài khoản") && page.contains("nhat-ky.txt"),
        "{page}"
    );
    // Another's link on it, after it was accepted: nothing left to press. A link of another purpose takes no file.
    let (_, other) = link(&t, &f, Purpose::Request, subject.clone()).await;
    let accepted = t.post(Some(&above), &format!("{request}/decide"), &[("do", "accept")]).await;
    assert_eq!(accepted.status(), StatusCode::SEE_OTHER);
    assert!(!t.get(None, &other).await.1.contains("<button class=\"btn go"));
    let (_, read) = link(&t, &f, Purpose::Read, format!("assignment:{order}")).await;
    let form = t.get(None, &read).await.1;
    let csrf = form.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let sent = t.send(None, with_file(&read, csrf, &[], Some("x"))).await;
    assert_eq!(sent.status(), StatusCode::NOT_FOUND);
}
