//! Hosts and inventory, as people and programs meet them.

use axum::http::{Method, Request, StatusCode, header};
use domain::{
    actor::{Actor, Scope},
    id::Id,
    right::Role,
};
use store::{
    StoreError,
    blobs::Blob,
    hosts::{links, take},
    sign_in::InstanceKey,
    testing::minute,
};
use web::testing::TestApp;

use crate::fixture::Fixture;

/// A host that our body's inventory speaks of, and the name it is known by.
pub async fn inventory(t: &TestApp, f: &Fixture, text: &str, minutes: i64) {
    let read = review::inventory::read("kiem-ke.json", text.as_bytes());
    let blob = Blob { sha256: format!("{minutes:064}"), len: text.len() as u64 };
    let new = take::NewFile {
        id: Id::new(&*t.ids),
        body: f.ours,
        name: "kiem-ke.json",
        blob: &blob,
        via: take::Via::Api,
        link: None,
        hint: None,
        read: read.as_ref(),
    };
    let (db, scope) = (&t.app.db, Scope::system());
    take::take_in(db, Actor::System, minute(minutes), &scope, &*t.ids, &new).await.unwrap();
}

fn host(name: &str, uuid: &str, ubr: u32) -> String {
    serde_json::json!({ "hosts": [{
        "host": name, "uuid": uuid, "taken": "2027-01-19T00:00:00Z", "kbs": [5_031_356], "kbs_listed": true,
        "os": { "family": "windows", "name": "Windows 10 Pro", "build": "10.0.19045", "ubr": ubr, "arch": "x64" },
        "packages": [{ "name": "7-Zip", "version": "19.00" }],
        "protection": [{ "name": "Defender", "on": false }],
    }] })
    .to_string()
}

/// A link and a report that waits, both ours.
pub async fn ours(t: &TestApp, f: &Fixture) -> [String; 2] {
    inventory(t, f, &host("RIENG", "4c4c-0001", 1), 0).await;
    inventory(t, f, &host("RIENG", "4c4c-0002", 2), 0).await;
    inventory(t, f, &host("RIENG", "4c4c-0003", 3), 1).await;
    let id = Id::new(&*t.ids);
    let made: Result<(), StoreError> = store::write!(t.app.db, Actor::Person(f.person), minute(0), tx => {
        links::create(tx, &Scope::system(), id, f.ours, "Riêng tư", minute(600)).await
    });
    made.unwrap();
    let mut sql = t.app.db.read().await.unwrap();
    let waiting = store::hosts::reports::unclear(&mut sql, &Scope::system(), None, 1).await.unwrap();
    [id.to_string(), waiting[0].id.to_string()]
}

#[tokio::test]
async fn a_host_is_found_shown_and_changed() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    inventory(&t, &f, &host("MAY-VANTHU", "4c4c-0001", 3803), 0).await;
    let user = t.user(f.person, &[(Role::Coordinator, f.ours)]);
    let (status, list) = t.get(Some(&user), "/register/hosts?q=van").await;
    assert_eq!(status, StatusCode::OK);
    assert!(list.contains("may-vanthu") && list.contains("10.0.19045.3803"));
    let path =
        list.split("/register/hosts/").find_map(|p| p.split('"').next().filter(|p| p.len() == 36)).unwrap();
    let (status, page) = t.get(Some(&user), &format!("/register/hosts/{path}")).await;
    assert_eq!(status, StatusCode::OK);
    for shown in ["Windows 10 Pro", "KB5031356", "7-Zip", "Defender: đang tắt", "kiem-ke.json"] {
        assert!(page.contains(shown), "{shown}");
    }
    let change = [("host", path), ("kind", "server"), ("in_charge", "Tổ CNTT"), ("system", "")];
    let done = t.post(Some(&user), "/register/hosts/change", &change).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let (_, csv) = t.get(Some(&user), "/register/hosts.csv").await;
    assert!(csv.contains("Máy chủ") && csv.contains("Tổ CNTT"), "{csv}");
    // Who may only see finds the host and nothing of what is on it.
    let viewer = t.user(f.person, &[(Role::Viewer, f.ours)]);
    let (status, page) = t.get(Some(&viewer), &format!("/register/hosts/{path}")).await;
    assert!(status == StatusCode::OK && !page.contains("7-Zip"));
}

#[tokio::test]
async fn an_upload_link_hands_out_collectors_and_takes_nothing_without_it() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let [link, _] = ours(&t, &f).await;
    let given: Result<(), StoreError> = store::write!(t.app.db, Actor::System, minute(0), tx => {
        let grant = store::register::grants::NewGrant { id: Id::new(&*t.ids), person: f.person, role: Role::Clerk, body: f.ours, from: None, until: None };
        store::register::grants::give(tx, &Scope::system(), &grant).await
    });
    given.unwrap();
    let token = links::token(&InstanceKey::new(t.app.config.instance_key), link.parse().unwrap());
    let (status, script) = t.get(None, &format!("/inventory/{token}/canh-collect.sh")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(script.contains(&format!("/inventory/{token}")));
    let post = async |token: &str| {
        let request = Request::builder().method(Method::POST).uri(format!("/inventory/{token}"));
        let request =
            request.header(header::CONTENT_TYPE, "text/plain").body(axum::body::Body::from("")).unwrap();
        TestApp::read(t.send(None, request).await).await.0
    };
    assert_eq!(post(&token).await, StatusCode::BAD_REQUEST, "the link works, the file is empty");
    assert_eq!(post("not-a-link").await, StatusCode::NOT_FOUND);
}
