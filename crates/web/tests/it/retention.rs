//! How long events are kept, on its page and for programs.

use axum::http::StatusCode;
use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    right::Role,
};
use store::{
    StoreError,
    retention::{self, NewHold},
    testing::minute,
};
use web::testing::TestApp;

use crate::fixture::Fixture;

/// A hold of ours.
pub async fn ours(t: &TestApp, f: &Fixture) -> String {
    let id: Id<kind::Hold> = Id::new(&*t.ids as &dyn Ids);
    let hold = NewHold {
        id,
        body: f.ours,
        from: minute(-600),
        to: minute(0),
        reason: "Lý do giữ Riêng Tư".into(),
        until: minute(60),
    };
    let made: Result<(), StoreError> = store::write!(t.app.db, Actor::Person(f.person), minute(0), tx => {
        retention::hold(tx, &Scope::system(), &hold).await
    });
    made.unwrap();
    id.to_string()
}

#[tokio::test]
async fn logs_are_held_with_a_reason_and_an_end_and_released() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    crate::alerts::ours(&t, &f).await;
    let officer = t.user(f.asker, &[(Role::DutyOfficer, f.ours)]);
    let get = async || t.get(Some(&officer), "/retention").await.1;
    let page = get().await;
    assert!(page.contains("Không giữ lại phần nào") && page.contains("ngày"), "{page}");
    let body = f.ours.to_string();
    let form = |to: &'static str, reason: &'static str, until: &'static str| {
        vec![
            ("body", body.as_str()),
            ("from", "2027-01-02"),
            ("to", to),
            ("reason", reason),
            ("until", until),
        ]
    };
    for (wrong, field) in [
        (form("2027-01-01", "điều tra", "2027-06-01"), "to-e"),
        (form("2027-01-03", "", "2027-06-01"), "reason-e"),
        (form("2027-01-03", "điều tra", "2026-01-01"), "until-e"),
        (form("2027-01-03", "điều tra", "2099-01-01"), "until-e"),
        (form("hôm qua", "điều tra", "2027-06-01"), "to-e"),
    ] {
        let (status, page) = TestApp::read(t.post(Some(&officer), "/retention", &wrong).await).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(page.contains(field), "{field}: {page}");
    }
    let made =
        t.post(Some(&officer), "/retention", &form("2027-01-03", "Thanh tra hỏi đến", "2027-06-01")).await;
    assert_eq!(made.status(), StatusCode::SEE_OTHER);
    let page = get().await;
    assert!(page.contains("Thanh tra hỏi đến") && page.contains("02/01/2027 – 03/01/2027"), "{page}");
    let id = page.split("/holds/").nth(1).and_then(|rest| rest.split('/').next()).unwrap().to_owned();
    let lifted = t.post(Some(&officer), &format!("/holds/{id}/lift"), &[]).await;
    assert_eq!(lifted.status(), StatusCode::SEE_OTHER);
    assert!(!get().await.contains("Thanh tra hỏi đến"));
}
