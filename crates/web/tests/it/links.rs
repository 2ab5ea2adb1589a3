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
