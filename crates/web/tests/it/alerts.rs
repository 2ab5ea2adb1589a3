//! Alerts and sources on pages: the queue, one alert with what the rule saw, a source with its token shown once.

use axum::http::StatusCode;
use domain::{
    actor::{Actor, Scope},
    alert::{Finding, Reason},
    id::{Id, Ids, kind},
    paging::Severity,
    right::Role,
    source::Kind,
    time,
};
use store::{
    StoreError,
    alerts::{self, NewSuppression},
    assignments::Tools,
    sources::{self, New},
    testing::minute,
};
use web::testing::TestApp;

use crate::fixture::Fixture;

/// An alert of ours, a suppression and a source.
pub async fn ours(t: &TestApp, f: &Fixture) -> [String; 3] {
    let ids: &dyn Ids = &*t.ids;
    let (source, silence): (Id<kind::Source>, Id<kind::Suppression>) = (Id::new(ids), Id::new(ids));
    let tools =
        Tools { ids: &*t.ids, base: "https://canh.test", pack: t.app.legal.on(time::date(minute(0))) };
    let found = Finding {
        rule: "r".into(),
        title: "Đoán mật khẩu Riêng Tư".into(),
        about: "Vì sao".into(),
        severity: Some(Severity::Medium),
        body: f.ours,
        system: None,
        source,
        host: "may-rieng".into(),
        user: String::new(),
        address: "203.0.113.9".into(),
        group: vec![],
        at: minute(0),
        because: vec![Reason { field: "source.ip".into(), value: "203.0.113.9".into(), asked: "10".into() }],
        raw: "<38>Failed password".into(),
        place: (7, 0),
    };
    let made: Result<Id<kind::Alert>, StoreError> = store::write!(t.app.db, Actor::Person(f.person), minute(0), tx => {
        sources::create(tx, &Scope::system(), &New {
            id: source, body: f.ours, system: None, name: "Nguồn Riêng Tư".into(), kind: Kind::Lines,
            digest: "x".into(), address: None, zone: "UTC".into(), rate: 1, quiet_minutes: 1,
        }).await?;
        let done = alerts::record(tx, &tools, "detect", (0, sources::Followed { position: 1, upto: minute(0) }), std::slice::from_ref(&found)).await?;
        let alert = done.raised.first().copied().ok_or(StoreError::NotFound("alert"))?;
        alerts::suppress(tx, &Scope::system(), &NewSuppression {
            id: silence, alert, field: "host".into(), value: "x".into(), reason: "Lý do Riêng Tư".into(), until: minute(60),
        }).await?;
        Ok(alert)
    });
    [made.unwrap().to_string(), silence.to_string(), source.to_string()]
}

#[tokio::test]
async fn an_alert_says_what_the_rule_saw_and_is_taken() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let [alert, ..] = ours(&t, &f).await;
    let officer = t.user(f.asker, &[(Role::DutyOfficer, f.ours)]);
    let get = async |path: &str| t.get(Some(&officer), path).await.1;
    let list = get("/alerts").await;
    assert!(list.contains("Đoán mật khẩu Riêng Tư") && list.contains("may-rieng"), "{list}");
    let at = format!("/alerts/{alert}");
    let page = get(&at).await;
    assert!(page.contains("<mark>203.0.113.9</mark>") && page.contains("Failed password"), "{page}");
    let done = t.post(Some(&officer), &at, &[("do", "own")]).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    assert!(get("/alerts?side=mine").await.contains("Đoán mật khẩu"));
    t.post(Some(&officer), &at, &[("do", "false-positive"), ("note", "quét định kỳ")]).await;
    assert!(!get("/alerts").await.contains("Đoán mật khẩu"));
    assert!(get(&at).await.contains("quét định kỳ"));
    let viewer = t.user(f.asker, &[(Role::Viewer, f.ours)]);
    assert_eq!(t.get(Some(&viewer), "/alerts").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_source_shows_its_token_once_and_what_is_wrong_at_its_field() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let who = t.user(f.asker, &[(Role::Coordinator, f.ours)]);
    let body = f.ours.to_string();
    let form = |kind: &'static str| {
        vec![
            ("name", "Máy chủ web"),
            ("kind", kind),
            ("body", body.as_str()),
            ("zone", "Asia/Ho_Chi_Minh"),
            ("rate", "100"),
            ("quiet", "15"),
        ]
    };
    let (status, wrong) = TestApp::read(t.post(Some(&who), "/sources", &form("syslog")).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.contains("address-e") && wrong.contains("Máy chủ web"), "{wrong}");
    let (status, made) = TestApp::read(t.post(Some(&who), "/sources", &form("elastic")).await).await;
    assert_eq!(status, StatusCode::OK);
    let token = made.split("data-copy=\"").nth(1).and_then(|r| r.split('"').next()).unwrap().to_owned();
    assert!(token.starts_with(sources::PREFIX) && made.contains("output.elasticsearch"), "{made}");
    let known = sources::known(&mut t.app.db.read().await.unwrap()).await.unwrap();
    assert_eq!(known[0].digest, store::sign_in::digest(&token));
    let (_, again) = t.get(Some(&who), &format!("/sources/{}", known[0].id)).await;
    assert!(!again.contains(&token) && again.contains("TOKEN"));
}
