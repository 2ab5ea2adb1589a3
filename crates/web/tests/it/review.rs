//! Feeds, advisories and warnings on the pages and in the API.

use axum::http::{Method, StatusCode};
use domain::{
    actor::{Actor, Scope},
    feed::{Place, Signed},
    id::{Id, kind},
    right::Role,
    warning::{Item, Warned},
};
use jiff::civil::date;
use review::advisory;
use serde_json::json;
use store::{
    StoreError,
    advisories::{self, FileRead, NewFeed},
    testing::minute,
    warnings::{self, NewWarning},
};
use web::testing::TestApp;

use crate::fixture::Fixture;

const TABLE: &str = "CVE,BulletinKB,AffectedProduct,Severity,DatePosted,Title,FixedBuild\n\
  CVE-2099-4321,5099001,Windows Server 2022,Critical,2099-01-12,Lỗi thử nghiệm,10.0.20348.9999\n";

/// A feed with an advisory, and a warning of our body that names it.
pub async fn ours(t: &TestApp, f: &Fixture) -> [String; 2] {
    let feed: Id<kind::Feed> = Id::new(&*t.ids);
    let warning: Id<kind::Warning> = Id::new(&*t.ids);
    let read = advisory::read("ms.csv", TABLE.as_bytes()).unwrap();
    let warned =
        Warned { items: vec![Item::Flaws { name: None, numbers: vec!["CVE-2099-4321".into()] }], open: true };
    let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, minute(0), tx => {
        let all = Scope::system();
        let new = NewFeed { id: feed, name: "Bản vá", kind: Place::Url, place: "https://feeds.example/ms", signed: Signed::No };
        advisories::add(tx, &all, &new).await?;
        let file = FileRead { name: "ms.csv", sha256: "x", read: Some(&read) };
        advisories::take(tx, feed, std::slice::from_ref(&file)).await?;
        advisories::settle(tx, feed, None, None, true).await?;
        let new = NewWarning {
            id: warning, body: f.ours, campaign: None, title: "Cảnh báo Riêng Tư", on: date(2027, 1, 20), warned: &warned,
        };
        warnings::make(tx, &all, &new).await
    });
    made.unwrap();
    [feed.to_string(), warning.to_string()]
}

#[tokio::test]
async fn a_warning_is_written_looked_up_and_taken_back() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let [_, warning] = ours(&t, &f).await;
    let user = f.everything(&t, f.ours);
    let (status, page) = t.get(Some(&user), &format!("/review/warnings/{warning}")).await;
    assert_eq!(status, StatusCode::OK);
    for says in [
        "CVE-2099-4321",
        "Lỗi thử nghiệm",
        "nghiêm trọng",
        "nêu trong cảnh báo",
        "không bao giờ coi là đầy đủ",
    ] {
        assert!(page.contains(says), "{says}");
    }
    let (status, page) = t.get(Some(&user), "/review/flaws/cve-2099-4321").await;
    assert_eq!(status, StatusCode::OK);
    for says in ["windows server 2022", "KB5099001", "10.0.20348.9999", "Cảnh báo Riêng Tư"] {
        assert!(page.contains(says), "{says}");
    }
    assert!(t.get(Some(&user), "/review/advisories?q=thu+nghiem").await.1.contains("CVE-2099-4321"));
    assert!(!t.get(Some(&user), "/review/advisories?exploited=1").await.1.contains("CVE-2099-4321"));
    assert_eq!(t.get(Some(&user), "/review/flaws/CVE-1999-1").await.0, StatusCode::NOT_FOUND);

    // By a vendor's months, and what is no number is said with what was typed.
    let body = f.ours.to_string();
    let fields =
        [("title", "Microsoft quý I"), ("body", &body), ("numbers", "Log4Shell"), ("on", "2027-01-20")];
    let (status, page) = TestApp::read(t.post(Some(&user), "/review/warnings/new", &fields).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("Không phải số hiệu CVE: Log4Shell") && page.contains("Microsoft quý I"));
    let fields = [
        ("title", "Microsoft quý I"),
        ("body", &*body),
        ("on", "2027-01-20"),
        ("vendor", "microsoft"),
        ("from", "2099-01"),
        ("to", "2099-03"),
        ("critical", "1"),
    ];
    let made = t.post(Some(&user), "/review/warnings/new", &fields).await;
    assert_eq!(made.status(), StatusCode::SEE_OTHER);
    let to = made.headers()["location"].to_str().unwrap().to_owned();
    let (_, page) = t.get(Some(&user), &to).await;
    assert!(page.contains("01/2099 – 03/2099, nghiêm trọng: 1 lỗ hổng"), "{page}");
    let stranger = f.everything(&t, f.neighbour);
    assert_eq!(t.get(Some(&stranger), &to).await.0, StatusCode::NOT_FOUND);
    assert_eq!(t.post(Some(&user), &format!("{to}/withdraw"), &[]).await.status(), StatusCode::SEE_OTHER);
    assert!(!t.get(Some(&user), "/review/warnings").await.1.contains("Microsoft quý I"));
}

#[tokio::test]
async fn only_who_administers_all_changes_feeds() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let all = t.user(f.asker, &[(Role::Administrator, f.root)]);
    let part = t.user(f.asker, &[(Role::Administrator, f.ours)]);
    let new = json!({ "name": "KEV", "place": "https://feeds.example/kev.json" });
    assert_eq!(t.api(Some(&part), Method::POST, "/api/v1/feeds", &new).await.0, StatusCode::NOT_FOUND);
    let (status, made) = t.api(Some(&all), Method::POST, "/api/v1/feeds", &new).await;
    assert_eq!(status, StatusCode::CREATED);
    let (_, page) = t.get(Some(&part), "/review/feeds").await;
    assert!(
        page.contains("https://feeds.example/kev.json")
            && page.contains("Chờ đọc")
            && !page.contains("Thêm nguồn")
    );
    let fields = [("name", "x"), ("place", "file:///etc/passwd")];
    let (status, page) = TestApp::read(t.post(Some(&all), "/review/feeds", &fields).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("Không phải địa chỉ web dùng được") && page.contains("file:///etc/passwd"));
    let path = format!("/api/v1/feeds/{}", made["id"].as_str().unwrap());
    assert_eq!(t.api(Some(&all), Method::DELETE, &path, &json!({})).await.0, StatusCode::NO_CONTENT);
}
