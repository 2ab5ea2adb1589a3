//! Quick reports, as the duty person of a commune, a scanner, a neighbour and the level above meet them.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::{
    actor::Actor,
    id::{Id, kind},
    right::Role,
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use store::{
    StoreError, args, quick_reports,
    sign_in::{
        InstanceKey,
        links::{self, Purpose},
    },
    testing::{World, issued, minute},
};
use web::{User, testing::TestApp};

use crate::sign_in::Browser;

/// The round of 16:00 on the first day, in minutes of the test's time.
const FIRST: i64 = 8 * 60;
const ROUND: &str = "2027-01-20-1600";

async fn world(t: &TestApp) -> World {
    issued(&t.app.db, &*t.ids, 3, &["RPT", "VFIX"], minute(0), minute(3 * 1440)).await
}

async fn user(t: &TestApp, role: Role, body: Id<kind::Body>) -> Arc<User> {
    let id: Id<kind::Person> = Id::new(&*t.ids);
    let grant: Id<kind::Grant> = Id::new(&*t.ids);
    let mut tx = t.app.db.begin_quiet(minute(0)).await.unwrap();
    tx.run_for_test(
        "insert into person (id, name, folded, sort_key, created_at) values ($1,'Lê Thị Na','le thi na','na',0)",
        args![id],
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

/// The value of a hidden field of a page.
fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    rest.split('"').next().unwrap()
}

async fn reports(t: &TestApp) -> i64 {
    t.app.db.read().await.unwrap().count_for_test("select count(*) as n from quick_report").await.unwrap()
}

#[tokio::test]
async fn two_taps_confirm_that_nothing_happened() {
    let t = TestApp::new().await;
    let w = world(&t).await;
    let duty = user(&t, Role::DutyOfficer, w.bodies[0]).await;
    t.clock.move_to_minute(FIRST - 30);
    let front = t.get(Some(&duty), "/reports").await;
    assert_eq!(front.0, StatusCode::SEE_OTHER);
    let (status, page) = t.get(Some(&duty), "/reports/quick").await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        page.contains("Xã Số 0 không có sự cố an ninh mạng") && page.contains("Kỳ 16:00 20/01/2027"),
        "{page}"
    );
    assert!(
        !page.contains("value=\"nil\" checked") && page.contains("name=\"incidents\" value=\"\""),
        "nothing by itself"
    );
    let to = format!("/reports/quick/own/{}/{ROUND}", w.assignments[0]);
    assert!(page.contains(&to));
    let seen = hidden(&page, "seen").to_owned();
    // The button alone says nothing; what was typed stays.
    let fields = [("seen", seen.as_str()), ("corrects", "0"), ("difficulties", "Mất điện <b>")];
    let (status, again) = TestApp::read(t.post(Some(&duty), &to, &fields).await).await;
    assert!(
        status == StatusCode::OK
            && again.contains("Chọn &#34;Không có sự cố&#34;")
            && again.contains("Mất điện &#60;b&#62;"),
        "{again}"
    );
    let fields = [("what", "nil"), ("seen", seen.as_str()), ("corrects", "0")];
    for _ in 0..2 {
        assert_eq!(t.post(Some(&duty), &to, &fields).await.status(), StatusCode::SEE_OTHER, "pressed twice");
    }
    assert_eq!(reports(&t).await, 1);
    let (_, page) = t.get(Some(&duty), &to).await;
    assert!(
        page.contains("Báo cáo không có sự cố") && page.contains("Nguyên vẹn") && page.contains("Lê Thị Na"),
        "{page}"
    );
    let (_, page) = t.get(Some(&duty), "/reports/quick").await;
    assert!(page.contains("Đúng hạn") && !page.contains("name=\"what\""));
    // A correction is another version; the first stays readable.
    let (_, page) = t.get(Some(&duty), &to).await;
    let seen = hidden(&page, "seen").to_owned();
    let fields = [
        ("what", "some"),
        ("incidents", "1"),
        ("alerts", "1.000"),
        ("seen", seen.as_str()),
        ("corrects", "1"),
    ];
    assert_eq!(t.post(Some(&duty), &to, &fields).await.status(), StatusCode::SEE_OTHER);
    let (_, page) = t.get(Some(&duty), &to).await;
    assert!(
        page.contains("ghi nhận 1 sự cố an ninh mạng và 1000 cảnh báo") && page.contains("Bản 1"),
        "{page}"
    );
}

#[tokio::test]
async fn neighbours_and_superiors_confirm_nothing_and_neighbours_see_nothing() {
    let t = TestApp::new().await;
    let w = world(&t).await;
    let neighbour = user(&t, Role::Head, w.bodies[1]).await;
    let viewer = user(&t, Role::Viewer, w.bodies[0]).await;
    let above = user(&t, Role::Coordinator, w.root).await;
    t.clock.move_to_minute(FIRST);
    let to = format!("/reports/quick/own/{}/{ROUND}", w.assignments[0]);
    assert_eq!(t.get(Some(&neighbour), &to).await.0, StatusCode::NOT_FOUND);
    for who in [&neighbour, &viewer] {
        assert_eq!(t.post(Some(who), &to, &[("what", "nil")]).await.status(), StatusCode::NOT_FOUND);
    }
    let (status, page) = t.get(Some(&above), &to).await;
    assert!(status == StatusCode::OK && !page.contains("name=\"what\""), "the level above reads");
    assert_eq!(
        t.post(Some(&above), &to, &[("what", "nil"), ("seen", "")]).await.status(),
        StatusCode::NOT_FOUND
    );
    let api = format!("/api/v1/assignments/{}/quick-reports/{ROUND}", w.assignments[0]);
    assert_eq!(
        t.api(Some(&neighbour), Method::POST, &api, &json!({"nil": true})).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(reports(&t).await, 0);
    let (_, sheet) = t.get(Some(&neighbour), &format!("/reports/quick/{}/{ROUND}", w.campaign)).await;
    assert!(sheet.contains("Xã Số 1") && !sheet.contains("Xã Số 0"));
}

#[tokio::test]
async fn a_link_confirms_once_and_no_scanner_does() {
    let t = TestApp::new().await;
    let w = world(&t).await;
    let duty = user(&t, Role::DutyOfficer, w.bodies[0]).await;
    t.clock.move_to_minute(FIRST);
    let id: Id<kind::Link> = Id::new(&*t.ids);
    let subject = quick_reports::subject(w.assignments[0], minute(FIRST));
    let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, minute(FIRST), tx => {
        links::create(tx, id, duty.person.unwrap(), Purpose::Report, &subject, minute(FIRST + 600)).await
    });
    made.unwrap();
    let url = links::url(&InstanceKey::new(t.app.config.instance_key), &t.app.config.public_url, id);
    let path = url.strip_prefix("http://localhost").unwrap();
    // A mail filter asks by HEAD, follows by GET, guesses a POST.
    let head = Request::builder().method(Method::HEAD).uri(path).body(Body::empty()).unwrap();
    assert_eq!(t.send(None, head).await.status(), StatusCode::OK);
    assert_eq!(t.get(None, path).await.0, StatusCode::OK);
    assert_eq!(t.post(None, path, &[("what", "nil")]).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(reports(&t).await, 0);

    t.clock.move_to_minute(FIRST + 2);
    let mut b = Browser::new(&t, "10.0.0.9");
    let page = b.get(path).await;
    assert!(
        page.text.contains("Xã Số 0 không có sự cố") && page.text.contains("value=\"nil\">"),
        "{}",
        page.text
    );
    assert_eq!(page.headers[header::REFERRER_POLICY], "no-referrer");
    let seen = hidden(&page.text, "seen").to_owned();
    let page = b.post(path, &[("seen", &seen), ("what", "some"), ("incidents", "2"), ("alerts", "")]).await;
    assert!(
        page.status == StatusCode::OK
            && page.text.contains("Ghi số cảnh báo")
            && page.text.contains("value=\"2\""),
        "{}",
        page.text
    );
    for _ in 0..2 {
        let page = b.post(path, &[("seen", &seen), ("what", "nil")]).await;
        assert_eq!((page.status, page.to()), (StatusCode::SEE_OTHER, path));
    }
    assert_eq!(reports(&t).await, 1);
    let page = b.get(path).await;
    assert!(
        page.text.contains("không có sự cố") && !page.text.contains("<button class=\"btn go"),
        "{}",
        page.text
    );
    let how = "select count(*) as n from quick_report where how = 'link'";
    assert_eq!(t.app.db.read().await.unwrap().count_for_test(how).await.unwrap(), 1);
    // The link signs nobody in.
    assert_eq!(b.get("/reports/quick").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_level_above_has_one_sum_with_late_and_missing_by_name() {
    let t = TestApp::new().await;
    let w = world(&t).await;
    let above = user(&t, Role::Coordinator, w.root).await;
    let report = async |body: usize, at: i64, said: Value| {
        t.clock.move_to_minute(at);
        let duty = user(&t, Role::DutyOfficer, w.bodies[body]).await;
        let api = format!("/api/v1/assignments/{}/quick-reports/{ROUND}", w.assignments[body]);
        let (status, done) = t.api(Some(&duty), Method::POST, &api, &said).await;
        assert_eq!(status, StatusCode::CREATED, "{done}");
        done["late"].as_bool().unwrap()
    };
    assert!(!report(0, FIRST, json!({"nil": true})).await);
    let some = json!({"figures": [{"figure": "incidents", "value": 2}, {"figure": "alerts", "value": 5}],
        "difficulties": "=cmd|x", "on_duty": ["Trần Văn Tú"]});
    assert!(report(1, FIRST + 90, some).await);
    let sheet = format!("/reports/quick/{}/{ROUND}", w.campaign);
    assert_eq!(t.get(Some(&above), &format!("/reports/quick/{}", w.campaign)).await.0, StatusCode::SEE_OTHER);
    let (status, page) = t.get(Some(&above), &sheet).await;
    assert_eq!(status, StatusCode::OK);
    for said in
        ["1 đơn vị chưa báo cáo:", "1 đơn vị báo cáo muộn:", "2 sự cố, 5 cảnh báo", "Trần Văn Tú", "=cmd|x"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(page.find("Xã Số 2").unwrap() < page.find("Xã Số 1").unwrap(), "the missing before the late");
    let (_, only) = t.get(Some(&above), &format!("{sheet}?s=nil")).await;
    let table = only.split_once("<tbody>").unwrap().1;
    assert!(table.contains("Xã Số 0") && !table.contains("Xã Số 2"));
    let (status, csv) = t.get(Some(&above), &format!("{sheet}/table.csv")).await;
    assert!(status == StatusCode::OK && csv.contains("Chưa báo cáo") && !csv.contains(",=cmd"), "{csv}");
    assert_eq!(csv.lines().count(), 4);
    let (_, all) = t
        .api(
            Some(&above),
            Method::GET,
            &format!("/api/v1/campaigns/{}/quick-reports/{ROUND}", w.campaign),
            &Value::Null,
        )
        .await;
    assert_eq!(all["totals"][0], json!({"figure": "incidents", "value": 2}));
    let states: Vec<_> =
        all["rows"].as_array().unwrap().iter().map(|r| r["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["missing", "late", "in-time"]);
}

#[tokio::test]
async fn the_issuer_sets_the_hours_and_keeps_what_was_typed() {
    let t = TestApp::new().await;
    let w = world(&t).await;
    let above = user(&t, Role::Head, w.root).await;
    let below = user(&t, Role::Head, w.bodies[0]).await;
    let to = format!("/reports/quick/{}/hours", w.campaign);
    let (_, page) = t.get(Some(&above), &to).await;
    assert!(page.contains("value=\"08:00, 16:00\"") && page.contains("mặc định"), "{page}");
    assert!(t.get(Some(&below), &to).await.1.contains("<fieldset disabled>"));
    let bad = [("on", "1"), ("hours", "8h sáng"), ("opens", "60"), ("grace", "45")];
    let (status, page) = TestApp::read(t.post(Some(&above), &to, &bad).await).await;
    assert!(
        status == StatusCode::OK && page.contains("8h sáng") && page.contains("một đến sáu giờ"),
        "{page}"
    );
    let good = [
        ("on", "1"),
        ("hours", "07:30, 19:30"),
        ("opens", "30"),
        ("grace", "45"),
        ("to", "body"),
        ("minutes", "-10"),
        ("to", "head"),
        ("minutes", ""),
        ("to", "superior"),
        ("minutes", "60"),
    ];
    assert_eq!(t.post(Some(&below), &to, &good).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(t.post(Some(&above), &to, &good).await.status(), StatusCode::SEE_OTHER);
    let (_, set) = t
        .api(
            Some(&above),
            Method::GET,
            &format!("/api/v1/campaigns/{}/quick-reports", w.campaign),
            &Value::Null,
        )
        .await;
    assert_eq!(set["rounds"][0]["round"], "2027-01-20-1930");
    assert_eq!(
        set["rule"]["chase"],
        json!([{"to": "body", "minutes": -10}, {"to": "superior", "minutes": 60}])
    );
}

#[tokio::test]
async fn a_round_of_many_comes_in_pages_the_missing_first_and_by_name() {
    let t = TestApp::new().await;
    let w = issued(&t.app.db, &*t.ids, 130, &["RPT"], minute(0), minute(3 * 1440)).await;
    let above = user(&t, Role::Coordinator, w.root).await;
    t.clock.move_to_minute(FIRST);
    let duty = user(&t, Role::DutyOfficer, w.bodies[3]).await;
    let api = format!("/api/v1/assignments/{}/quick-reports/{ROUND}", w.assignments[3]);
    assert_eq!(t.api(Some(&duty), Method::POST, &api, &json!({"nil": true})).await.0, StatusCode::CREATED);
    t.clock.move_to_minute(FIRST + 90);
    let sheet = format!("/reports/quick/{}/{ROUND}", w.campaign);
    let rows = |page: &str| page.split("<tbody>").nth(1).unwrap().matches("<tr>").count();
    let (_, first) = t.get(Some(&above), &sheet).await;
    assert_eq!(rows(&first), 100);
    assert!(first.contains("129 đơn vị chưa báo cáo:") && first.contains("và 89 đơn vị nữa"), "{first}");
    assert!(first.contains("Xã Số 129</a>"), "every missing body is named");
    let live = "/events?topics=quick-report";
    assert!(first.contains(&format!("data-live=\"{live}\"")) && first.contains("id=\"live-rows\""));
    // A page that is open hears of the next report and fetches itself: one fewer is missing, one more is named late.
    let ask = Request::builder().uri(live).body(Body::empty()).unwrap();
    let mut stream = t.send(Some(&above), ask).await.into_body();
    let late = user(&t, Role::DutyOfficer, w.bodies[4]).await;
    let api = format!("/api/v1/assignments/{}/quick-reports/{ROUND}", w.assignments[4]);
    assert_eq!(t.api(Some(&late), Method::POST, &api, &json!({"nil": true})).await.0, StatusCode::CREATED);
    let mut heard = String::new();
    while !heard.contains("event: refresh") {
        let frame = tokio::time::timeout(std::time::Duration::from_secs(10), stream.frame()).await;
        let frame = frame.expect(&heard).unwrap().unwrap();
        heard.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
    }
    let (_, now) = t.get(Some(&above), &sheet).await;
    assert!(now.contains("128 đơn vị chưa báo cáo:") && now.contains("1 đơn vị báo cáo muộn:"), "{now}");
    let (_, second) = t.get(Some(&above), &format!("{sheet}?page=2")).await;
    assert_eq!(rows(&second), 30);
    let last = second.split("<tbody>").nth(1).unwrap();
    assert!(last.contains("Không có sự cố") && !first.split("<tbody>").nth(1).unwrap().contains("Lê Thị Na"));
    assert!(second.contains(&format!("hx-get=\"{sheet}?page=2\"")), "each page follows itself");
    let (_, whole) = t.get(Some(&above), &format!("{sheet}?page=all")).await;
    assert_eq!(rows(&whole), 130);
    let (_, csv) = t.get(Some(&above), &format!("{sheet}/table.csv?page=2")).await;
    assert_eq!(csv.lines().count(), 131, "files have them all");
}

/// `cargo nextest run -p web --run-ignored only -E 'test(sum_of_a_thousand)' --no-capture`; figures in docs/bench.md.
#[tokio::test]
#[ignore = "takes a minute; prints the figures"]
#[allow(clippy::disallowed_methods, reason = "it measures time")]
async fn the_sum_of_a_thousand_bodies_is_a_page_soon() {
    const TIMES: usize = 25;
    let t = TestApp::new().await;
    let w = issued(&t.app.db, &*t.ids, 1_000, &["RPT"], minute(0), minute(3 * 1440)).await;
    let above = user(&t, Role::Coordinator, w.root).await;
    for n in (0..w.bodies.len()).filter(|n| n % 7 != 0) {
        // In time, and a tenth of them late.
        t.clock.move_to_minute(if n % 10 == 0 { FIRST + 30 } else { FIRST - 30 });
        let duty = user(&t, Role::DutyOfficer, w.bodies[n]).await;
        let api = format!("/api/v1/assignments/{}/quick-reports/{ROUND}", w.assignments[n]);
        assert_eq!(
            t.api(Some(&duty), Method::POST, &api, &json!({"nil": true})).await.0,
            StatusCode::CREATED
        );
    }
    let sheet = format!("/reports/quick/{}/{ROUND}", w.campaign);
    for (name, path, encoding) in [
        ("first hundred, br", sheet.clone(), Some("br")),
        ("first hundred", sheet.clone(), None),
        ("all 1,000 rows, br", format!("{sheet}?page=all"), Some("br")),
        ("all 1,000 rows", format!("{sheet}?page=all"), None),
        ("CSV", format!("{sheet}/table.csv"), None),
    ] {
        let (mut walls, mut weight) = (Vec::new(), 0);
        for n in 0..TIMES {
            t.clock.move_to_minute(FIRST + 90 + i64::try_from(n).unwrap());
            let began = std::time::Instant::now();
            weight = t.fetch(Some(&above), &path, encoding).await.unwrap().len();
            walls.push(began.elapsed());
        }
        walls.sort();
        println!(
            "{name:20} {:?} middle, {:?} 95 of 100, {weight} bytes",
            walls[TIMES / 2],
            walls[TIMES * 95 / 100]
        );
    }
}
