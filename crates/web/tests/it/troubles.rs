//! What fails, seen and dealt with by who administers the whole.

use axum::http::{Method, StatusCode};
use domain::{
    actor::Actor,
    id::{Id, Ids, kind},
    job::Outcome,
};
use store::{StoreError, jobs, testing::minute};
use web::testing::TestApp;

use crate::fixture::Fixture;

#[tokio::test]
async fn a_failed_job_is_tried_again_or_given_up_with_a_reason() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let (whole, part) = (f.everything(&t, f.root), f.everything(&t, f.ours));
    let (_, page) = t.get(Some(&whole), "/admin/troubles").await;
    assert!(page.contains("Mọi việc đều chạy"), "{page}");
    let id: Id<kind::Job> = Id::new(&*t.ids as &dyn Ids);
    let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, minute(0), tx => {
        tx.record("test", "test", None, &());
        jobs::enqueue(tx, id, "campaign.issue", "campaign.issue/1", minute(0), &serde_json::Value::Null).await?;
        Ok(())
    });
    made.unwrap();
    let job = jobs::claim(&t.app.db, minute(0)).await.unwrap().unwrap();
    jobs::finish(&t.app.db, minute(0), &job, &Outcome::Failed("đĩa đầy".into())).await.unwrap();
    let (_, page) = t.get(Some(&whole), "/admin/troubles").await;
    assert!(page.contains("đĩa đầy") && page.contains("Giao việc của chiến dịch"), "{page}");
    let (_, accounts) = t.get(Some(&whole), "/admin/accounts").await;
    assert!(accounts.contains("/admin/troubles"));
    assert_eq!(t.get(Some(&part), "/admin/troubles").await.0, StatusCode::NOT_FOUND);
    let (_, accounts) = t.get(Some(&part), "/admin/accounts").await;
    assert!(!accounts.contains("/admin/troubles"));

    let give_up = format!("/admin/jobs/{id}/give-up");
    let (status, page) = TestApp::read(t.post(Some(&whole), &give_up, &[("reason", " ")]).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("Hãy nêu lý do"), "{page}");
    assert_eq!(t.post(Some(&part), &give_up, &[("reason", "x")]).await.status(), StatusCode::NOT_FOUND);
    let given = t.post(Some(&whole), &give_up, &[("reason", "chiến dịch đã thôi")]).await;
    assert_eq!(given.status(), StatusCode::SEE_OTHER);
    let (_, page) = t.get(Some(&whole), "/admin/troubles").await;
    assert!(page.contains("Đã thôi thử") && page.contains("chiến dịch đã thôi"), "{page}");
    let (status, list) = t.api(Some(&whole), Method::GET, "/api/v1/troubles", &serde_json::Value::Null).await;
    assert_eq!((status, &list["jobs"][0]["given_up"]), (StatusCode::OK, &serde_json::Value::Bool(true)));
    let path = format!("/api/v1/jobs/{id}/retry");
    let (status, _) = t.api(Some(&whole), Method::POST, &path, &serde_json::Value::Null).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert!(jobs::claim(&t.app.db, minute(1)).await.unwrap().is_some_and(|j| j.id == id));
    let mut sql = t.app.db.read().await.unwrap();
    let entries = "select count(*) as n from audit_entry where action in ('job.given-up', 'job.retried')";
    assert_eq!(sql.count_for_test(entries).await.unwrap(), 2);
}
