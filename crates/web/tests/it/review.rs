//! Feeds, advisories and warnings on the pages and in the API.

use axum::http::{Method, StatusCode};
use domain::{
    actor::{Actor, Scope},
    feed::{Place, Signed},
    flaw::{Grade, Rules},
    id::{Id, kind},
    own::Own,
    right::Role,
    warning::{Item, Warned},
    weakness::{Weakness, Weaknesses},
};
use jiff::civil::date;
use review::advisory;
use serde_json::json;
use store::{
    StoreError,
    advisories::{self, FileRead, NewFeed},
    findings,
    testing::minute,
    warnings::{self, NewWarning},
};
use web::testing::TestApp;

use crate::fixture::Fixture;

const TABLE: &str = "CVE,BulletinKB,AffectedProduct,Severity,DatePosted,Title,FixedBuild\n\
  CVE-2099-4321,5099001,Windows Server 2022,Critical,2099-01-12,Lỗi thử nghiệm,10.0.20348.9999\n";

/// A feed with an advisory, a warning of our body that names it, and one our body wrote itself.
pub async fn ours(t: &TestApp, f: &Fixture) -> [String; 3] {
    let feed: Id<kind::Feed> = Id::new(&*t.ids);
    let [warning, written]: [Id<kind::Warning>; 2] = [Id::new(&*t.ids), Id::new(&*t.ids)];
    let own = Own {
        title: "Cảnh báo tự viết riêng tư".into(),
        text: String::new(),
        numbers: vec![],
        products: vec![],
        weaknesses: vec![Weakness::Database],
        severity: Grade::High,
        fix: String::new(),
        due: None,
    };
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
        warnings::make(tx, &all, &new).await?;
        warnings::publish(tx, &all, &*t.ids, (written, f.ours, date(2026, 12, 20)), &own).await
    });
    made.unwrap();
    [feed.to_string(), warning.to_string(), written.to_string()]
}

#[tokio::test]
async fn a_warning_is_written_looked_up_and_taken_back() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let [_, warning, _] = ours(&t, &f).await;
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

#[tokio::test]
async fn an_agency_writes_its_own_warning_changes_it_and_takes_it_back() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let user = f.everything(&t, f.ours);
    let body = f.ours.to_string();
    let (status, page) = t.get(Some(&user), "/review/own-warnings/new").await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        page.contains("Mở điều khiển từ xa") && page.contains("Sản phẩm 3") && !page.contains("Sản phẩm 4")
    );

    // More lines for products keep what was typed.
    let typed = [
        ("body", &*body),
        ("title", "Phần mềm một cửa"),
        ("severity", "high"),
        ("name-2", "Mot Cua"),
        ("more", "6"),
    ];
    let (_, page) = TestApp::read(t.post(Some(&user), "/review/own-warnings/new", &typed).await).await;
    assert!(page.contains("Sản phẩm 6") && page.contains("Mot Cua") && page.contains("Phần mềm một cửa"));

    // Two ends of one range, and nothing named at all, are said at their fields.
    let both = [
        ("body", &*body),
        ("title", "x"),
        ("severity", "high"),
        ("name-0", "a"),
        ("fixed-0", "2"),
        ("last-0", "1"),
    ];
    let (status, page) = TestApp::read(t.post(Some(&user), "/review/own-warnings/new", &both).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("không nêu cả hai"));
    let none = [("body", &*body), ("title", "x"), ("severity", "high")];
    let (_, page) = TestApp::read(t.post(Some(&user), "/review/own-warnings/new", &none).await).await;
    assert!(page.contains("ít nhất một số hiệu CVE, một sản phẩm hoặc một điểm yếu"));

    let good = [
        ("body", &*body),
        ("title", "Phần mềm một cửa"),
        ("severity", "critical"),
        ("name-0", "Mot Cua"),
        ("fixed-0", "4.2"),
        ("weak-remote-desktop", "1"),
        ("fix", "Nâng cấp lên 4.2"),
        ("due", "2027-02-01"),
    ];
    let made = t.post(Some(&user), "/review/own-warnings/new", &good).await;
    assert_eq!(made.status(), StatusCode::SEE_OTHER);
    let to = made.headers()["location"].to_str().unwrap().to_owned();
    let own = to.replace("/warnings/", "/own-warnings/");
    let (_, page) = t.get(Some(&user), &to).await;
    for says in [
        "CB-2027-0001",
        "nghiêm trọng",
        "Nâng cấp lên 4.2",
        "01/02/2027",
        "Mot Cua",
        "4.2",
        "Mở điều khiển từ xa",
    ] {
        assert!(page.contains(says), "{says}");
    }
    let stranger = f.everything(&t, f.neighbour);
    assert_eq!(t.get(Some(&stranger), &to).await.0, StatusCode::NOT_FOUND);
    assert_eq!(t.get(Some(&stranger), "/review/flaws/CB-2027-0001").await.0, StatusCode::NOT_FOUND);
    assert!(t.get(Some(&user), "/review/flaws/CB-2027-0001").await.1.contains("Phần mềm một cửa"));
    assert!(t.get(Some(&stranger), "/review/flaws/WEAK-REMOTE-DESKTOP").await.1.contains("VPN"));

    let (_, page) = t.get(Some(&user), &format!("{own}/edit")).await;
    assert!(page.contains("Sửa cảnh báo CB-2027-0001") && page.contains("Mot Cua"));
    let mut changed = good.to_vec();
    changed[4] = ("fixed-0", "4.3");
    let (status, page) = TestApp::read(t.post(Some(&user), &format!("{own}/edit"), &changed).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("Nêu lý do"));
    changed.push(("why", "Đính chính"));
    assert_eq!(t.post(Some(&user), &format!("{own}/edit"), &changed).await.status(), StatusCode::SEE_OTHER);
    let (_, page) = t.get(Some(&user), &to).await;
    assert!(page.contains("4.3") && page.contains("Đính chính"));
    let taken = t.post(Some(&user), &format!("{own}/take-back"), &[("why", "Nhầm")]).await;
    assert_eq!(taken.status(), StatusCode::SEE_OTHER);
    assert!(t.get(Some(&user), &to).await.1.contains("Cảnh báo này đã được rút."));
    assert_eq!(t.get(Some(&user), "/review/weaknesses").await.0, StatusCode::OK);
}

#[tokio::test]
async fn programs_write_own_warnings_and_read_their_history() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let user = f.everything(&t, f.ours);
    let warning = json!({ "title": "Máy cũ", "severity": "high", "weaknesses": ["unsupported"], "numbers": ["cve-2099-1234"] });
    let new = json!({ "body": f.ours, "on": "2027-01-20", "warning": warning });
    let (status, made) = t.api(Some(&user), Method::POST, "/api/v1/own-warnings", &new).await;
    assert_eq!(status, StatusCode::CREATED);
    let path = format!("/api/v1/own-warnings/{}", made["id"].as_str().unwrap());
    let (_, it) = t.api(Some(&user), Method::GET, &path, &json!({})).await;
    assert_eq!(
        (it["number"].as_str(), it["warning"]["numbers"][0].as_str()),
        (Some("CB-2027-0001"), Some("CVE-2099-1234"))
    );
    let mut better = warning.clone();
    better["title"] = json!("Máy quá cũ");
    let edit = json!({ "warning": better, "why": "rõ hơn" });
    assert_eq!(t.api(Some(&user), Method::PUT, &path, &edit).await.0, StatusCode::NO_CONTENT);
    let gone = t.api(Some(&user), Method::POST, &format!("{path}/withdraw"), &json!({ "why": "nhầm" })).await;
    assert_eq!(gone.0, StatusCode::NO_CONTENT);
    let (_, it) = t.api(Some(&user), Method::GET, &path, &json!({})).await;
    let changes: Vec<_> =
        it["history"].as_array().unwrap().iter().map(|h| h["change"].as_str().unwrap()).collect();
    assert_eq!(changes, ["withdrawn", "edited", "published"]);
    let bad =
        json!({ "body": f.ours, "warning": { "title": "x", "severity": "high", "weaknesses": ["rdp"] } });
    assert_eq!(
        t.api(Some(&user), Method::POST, "/api/v1/own-warnings", &bad).await.0,
        StatusCode::BAD_REQUEST
    );
}

/// A machine of ours with so many packages, each of which an update of its own mends.
async fn to_mend(t: &TestApp, f: &Fixture, packages: usize) {
    let installed: Vec<_> = (0..packages)
        .map(|n| json!({ "ecosystem": "Debian:12", "name": format!("goi-{n:03}"), "version": "1.0", "epoch_known": true }))
        .collect();
    let os = json!({ "family": "linux", "edition": "debian", "version": "12" });
    let text = json!({ "hosts": [{ "host": "may01", "taken": minute(0).to_string(), "os": os, "kbs_listed": false, "packages": installed }] });
    crate::hosts::inventory(t, f, &text.to_string(), 0).await;
    let told: String = (0..packages)
        .map(|n| {
            let ranges =
                json!([{ "type": "ECOSYSTEM", "events": [{ "introduced": "0" }, { "fixed": "1.1" }] }]);
            let package = json!({ "ecosystem": "Debian:12", "name": format!("goi-{n:03}") });
            let affected = json!([{ "package": package, "ranges": ranges }]);
            json!({ "id": format!("CVE-2099-{}", 1000 + n), "affected": affected }).to_string() + "\n"
        })
        .collect();
    let read = advisory::read("goi.jsonl", told.as_bytes()).unwrap();
    let feed: Id<kind::Feed> = Id::new(&*t.ids);
    let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, minute(0), tx => {
        let new = NewFeed { id: feed, name: "Gói", kind: Place::Url, place: "https://feeds.example/goi", signed: Signed::No };
        advisories::add(tx, &Scope::system(), &new).await?;
        let file = FileRead { name: "goi.jsonl", sha256: "y", read: Some(&read) };
        advisories::take(tx, feed, std::slice::from_ref(&file)).await?;
        Ok(())
    });
    made.unwrap();
    let gathered: Result<bool, StoreError> =
        store::write!(t.app.db, Actor::System, minute(1), tx => findings::gather(tx).await);
    assert!(!gathered.unwrap());
    let machines = findings::pending(&mut t.app.db.read().await.unwrap(), 9).await.unwrap();
    let judged: Result<_, StoreError> = store::write!(t.app.db, Actor::System, minute(1), tx => {
        findings::judge(tx, &Rules::default(), &Weaknesses::default(), &machines).await
    });
    assert_eq!(judged.unwrap().found as usize, packages);
}

#[tokio::test]
async fn all_there_is_to_do_is_reached_page_by_page_as_csv_and_by_machine() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    // Two full pages exactly: behind the last there is no empty one.
    to_mend(&t, &f, 2 * findings::PAGE_MAX).await;
    let user = f.everything(&t, f.ours);
    let wanted: Vec<String> = (0..2 * findings::PAGE_MAX).map(|n| format!("goi-{n:03} 1.1")).collect();
    let part = |text: &str, from: &str, to: &str| {
        Some(text.split_once(from)?.1.split_once(to)?.0.replace("&amp;", "&").replace("&#38;", "&"))
    };

    let (mut told, mut pages) = (Vec::new(), vec![format!("/review/fixes?body={}", f.ours)]);
    for n in 0.. {
        let (status, page) = t.get(Some(&user), &pages[n]).await;
        assert_eq!(status, StatusCode::OK);
        told.extend(page.split("<td><a href=").skip(1).filter_map(|row| part(row, ">", "</a>")));
        let before = part(&page, "rel=\"prev\" href=\"", "\"");
        assert_eq!(before.is_some(), n > 0);
        match part(&page, "rel=\"next\" href=\"", "\"") {
            Some(next) => pages.push(next),
            None => break,
        }
    }
    assert_eq!((pages.len(), &told), (2, &wanted));

    let (_, csv) = t.get(Some(&user), "/review/fixes.csv").await;
    let told: Vec<_> = csv.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!(told, wanted);
    let (_, csv) = t.get(Some(&user), "/review/fixes/machines.csv").await;
    assert_eq!(csv.lines().filter(|line| line.contains("may01")).count(), wanted.len());

    let (mut told, mut path) = (Vec::new(), "/api/v1/fixes?after=0".to_owned());
    for _ in 0..2 {
        let (status, page) = t.api(Some(&user), Method::GET, &path, &json!({})).await;
        assert_eq!(status, StatusCode::OK);
        told.extend(
            page["items"].as_array().unwrap().iter().map(|it| it["fix"].as_str().unwrap().to_owned()),
        );
        path = format!("/api/v1/fixes?after={}", page["next"]);
    }
    assert_eq!((path.as_str(), &told), ("/api/v1/fixes?after=null", &wanted));
}
