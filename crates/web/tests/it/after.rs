//! What remains of a campaign: readiness, the review, lessons, templates.

use axum::http::{Method, StatusCode, header};
use domain::{
    actor::{Actor, Scope},
    evidence::{State, Verdict},
    id::{Id, Ids, Uuid, kind},
    order::template::Change,
    right::Role,
};
use serde_json::json;
use store::{
    StoreError, args,
    templates::{self, NewLesson},
    testing::{issued, minute},
    verdicts,
};
use web::testing::TestApp;

use crate::fixture::Fixture;

/// A template of ours and a lesson of that campaign, which is our root's: ids.
pub async fn remains(t: &TestApp, f: &Fixture, campaign: &str) -> [String; 2] {
    let ids = [t.ids.next().to_string(), t.ids.next().to_string()];
    let [template, lesson] = &ids;
    let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, minute(0), tx => {
        tx.run_for_test(
            "insert into template (id, body, name, folded, content, changed_at) values ($1,$2,'Mẫu Riêng Tư','x','{}',0)",
            args![template, f.ours],
        ).await?;
        tx.run_for_test(
            "insert into lesson (id, campaign, body, text, change, at) values ($1,$2,$3,'Bài học Riêng Tư','{\"kind\":\"none\"}',0)",
            args![lesson, campaign, f.ours],
        ).await?;
        tx.record("test.remains", "test", None, &());
        Ok(())
    });
    made.unwrap();
    ids
}

/// Somebody on record: what they write down bears their name.
async fn somebody(t: &TestApp) -> Id<kind::Person> {
    let id = Id::new(&*t.ids);
    let made: Result<(), StoreError> = store::write!(t.app.db, Actor::System, minute(0), tx => {
        tx.run_for_test("insert into person (id, name, folded, sort_key, created_at) values ($1,'Ai Đó','x','x',0)", args![id]).await?;
        tx.record("test.person", "test", None, &());
        Ok(())
    });
    made.unwrap();
    id
}

#[tokio::test]
async fn from_the_review_to_next_years_draft() {
    let t = TestApp::new().await;
    let w = issued(&t.db.db, &*t.ids, 3, &["VFIX", "LEAD"], minute(0), minute(100)).await;
    let clerk = t.user(somebody(&t).await, &[(Role::Coordinator, w.root)]);
    let own = t.user(Id::from_uuid(Uuid::from_u128(2)), &[(Role::Clerk, w.bodies[0])]);
    let loaded = verdicts::load(&mut t.db.db.read().await.unwrap(), &[w.tasks[0][0]]).await.unwrap();
    let mut tx = t.db.db.begin_quiet(minute(3)).await.unwrap();
    let met = Verdict { state: State::Met, handled: 3, all: 3, because: vec![], next_check: None };
    verdicts::save(&mut tx, &[(loaded[0].clone(), met)]).await.unwrap();
    tx.commit().await.unwrap();
    t.clock.move_to_minute(5);

    let readiness = format!("/campaigns/{}/readiness", w.campaign);
    let (status, page) = t.get(Some(&clerk), &readiness).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    assert!(page.contains("<path class=\"m\"") && page.contains("đạt 1/1"), "{page}");
    let (_, csv) = t.get(Some(&clerk), &format!("{readiness}.csv")).await;
    assert!(csv.lines().nth(1).unwrap().contains(",1,0,0,0,0,0"), "{csv}");

    let review = format!("/reports/after/{}", w.campaign);
    let (status, page) = t.get(Some(&clerk), &review).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    assert!(page.contains("Xã Số 0 · 00:03") && page.contains("id=\"lessons\""), "{page}");
    let (_, seen) = t.get(Some(&own), &review).await;
    assert!(
        !seen.contains("id=\"lessons\"") && !seen.contains("Xã Số 1"),
        "lessons are the issuer's, rows one's own"
    );

    // The paper is for whoever prepares papers of the issuer; whoever only carries out has the page.
    for (path, begins) in [("report.pdf", "%PDF-1."), ("report.docx", "PK")] {
        let file = t.fetch(Some(&clerk), &format!("{review}/{path}"), None).await.unwrap();
        assert!(file.starts_with(begins.as_bytes()), "{path}");
        assert_eq!(t.get(Some(&own), &format!("{review}/{path}")).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(page.contains("/report.pdf") && !seen.contains("/report.pdf"), "a button for who may");
    let api = format!("/api/v1/campaigns/{}/after.docx", w.campaign);
    let file = t.fetch(Some(&clerk), &api, None).await.unwrap();
    let words = paper::read(&file).unwrap().text;
    assert!(words.contains("Tổng kết việc thực hiện") && words.contains("đạt 1 lượt"), "{words}");
    // What was typed stays when something is wrong.
    let bad = [("text", "Báo sớm hơn"), ("kind", "due"), ("code", "VFIX"), ("hours", "sớm")];
    let (status, page) = TestApp::read(t.post(Some(&clerk), &format!("{review}/lessons"), &bad).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("Báo sớm hơn") && page.contains("Hãy viết số giờ"), "{page}");
    let good = [("text", "Báo sớm hơn"), ("kind", "due"), ("code", "VFIX"), ("hours", "48")];
    assert_eq!(
        t.post(Some(&clerk), &format!("{review}/lessons"), &good).await.status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(t.post(Some(&own), &format!("{review}/lessons"), &good).await.status(), StatusCode::NOT_FOUND);

    let kept = t.post(Some(&clerk), &format!("/orders/{}/template", w.campaign), &[("name", "Tết")]).await;
    let template = kept.headers()[header::LOCATION].to_str().unwrap().to_owned();
    assert!(template.starts_with("/orders/templates/"), "{template}");
    let scope = Scope::of(vec![(Role::Coordinator, w.root)]);
    let mut sql = t.db.db.read().await.unwrap();
    let lesson = templates::lessons(&mut sql, &scope, w.campaign).await.unwrap().remove(0);
    drop(sql);
    let into = template.rsplit('/').next().unwrap();
    let applied =
        t.post(Some(&clerk), &format!("{review}/lessons/{}/apply", lesson.id), &[("template", into)]).await;
    assert_eq!(applied.status(), StatusCode::SEE_OTHER);
    let (_, page) = t.get(Some(&clerk), &template).await;
    assert!(page.contains("2 ngày trước khi đợt bắt đầu"), "{page}");

    let (status, page) = TestApp::read(
        t.post(
            Some(&clerk),
            &format!("{template}/draft"),
            &[("name", "Tết sau"), ("from", "2028-01-24"), ("to", "")],
        )
        .await,
    )
    .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("value=\"2028-01-24\"") && page.contains("Tết sau"), "{page}");
    let made = [("name", "Tết sau"), ("from", "2028-01-24"), ("to", "2028-02-01")];
    let drafted = t.post(Some(&clerk), &format!("{template}/draft"), &made).await;
    let (status, page) = t.get(Some(&clerk), drafted.headers()[header::LOCATION].to_str().unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Tết sau") && page.contains("VFIX"), "{page}");
    assert_eq!(t.get(Some(&own), &template).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_lesson_that_does_not_fit_says_so_and_stays() {
    let t = TestApp::new().await;
    let w = issued(&t.db.db, &*t.ids, 1, &["LEAD"], minute(0), minute(100)).await;
    let clerk = t.user(somebody(&t).await, &[(Role::Coordinator, w.root)]);
    let scope = Scope::of(vec![(Role::Coordinator, w.root)]);
    let new = NewLesson {
        id: Id::new(&*t.ids),
        campaign: w.campaign,
        text: "Không cần săn lùng".into(),
        change: Change::Drop { code: "HUNT".into() },
    };
    let learnt: Result<(), StoreError> =
        store::write!(t.db.db, Actor::System, minute(1), tx => templates::learn(tx, &scope, &new).await);
    learnt.unwrap();
    let kept = t.post(Some(&clerk), &format!("/orders/{}/template", w.campaign), &[("name", "Mẫu")]).await;
    let template = kept.headers()[header::LOCATION].to_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let review = format!("/reports/after/{}", w.campaign);
    let apply = format!("{review}/lessons/{}/apply", new.id);
    let answer = t.post(Some(&clerk), &apply, &[("template", &template)]).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert!(answer.headers()[header::SET_COOKIE].to_str().unwrap().contains("lesson-no-duty"));
    let (_, page) = t.get(Some(&clerk), &review).await;
    assert!(page.contains("Không cần săn lùng"), "{page}");
}

#[tokio::test]
async fn the_review_tells_how_lines_went_through_it() {
    let t = TestApp::new().await;
    let w = issued(&t.db.db, &*t.ids, 2, &["ISPD"], minute(0), minute(300)).await;
    let clerk = t.user(somebody(&t).await, &[(Role::Coordinator, w.root)]);
    let review = format!("/reports/after/{}", w.campaign);
    let (_, page) = t.get(Some(&clerk), &review).await;
    assert!(page.contains("không biết có gián đoạn hay không"), "no line is not no outage: {page}");
    let new = json!({"body": w.bodies[0], "name": "Kênh 1", "kind": "dedicated", "provider": "Viễn thông A"});
    let (status, line) = t.api(Some(&clerk), Method::POST, "/api/v1/lines", &new).await;
    assert_eq!(status, StatusCode::CREATED, "{line}");
    t.clock.move_to_minute(200);
    let outages = format!("/api/v1/lines/{}/outages", line["id"].as_str().unwrap());
    let said = json!({"from": minute(10), "to": minute(105), "cause": "Đứt cáp"});
    assert_eq!(t.api(Some(&clerk), Method::POST, &outages, &said).await.0, StatusCode::CREATED);
    let (_, page) = t.get(Some(&clerk), &review).await;
    assert!(page.contains("Viễn thông A") && page.contains("01:35") && page.contains("Đứt cáp"), "{page}");
    assert!(page.contains("Ai Đó"), "who reported it: {page}");
    let api = format!("/api/v1/campaigns/{}/outcomes", w.campaign);
    let (_, told) = t.api(Some(&clerk), Method::GET, &api, &json!({})).await;
    assert_eq!(told["lines"]["whole"]["minutes"]["down"], 95, "{told}");
    assert_eq!(told["lines"]["outages"][0]["by"], "Ai Đó", "{told}");
    assert_eq!(told["lines"]["lines"][0]["body"], "Xã Số 0", "{told}");
    assert!(page.contains("Theo đường truyền") && page.contains("Theo đơn vị"), "{page}");
    // Nobody has a roster or an inventory: that is said, not passed over.
    assert!(page.contains("không biết lúc nào có người trực"), "{page}");
    assert!(page.contains("không biết còn lỗ hổng nào"), "{page}");
    assert_eq!(
        (&told["watch"]["without"].as_array().unwrap().len(), &told["holes"]["hosts"]),
        (&2, &json!(0))
    );
    // A neighbour in the same campaign sees none of it.
    let other = t.user(Id::from_uuid(Uuid::from_u128(3)), &[(Role::Clerk, w.bodies[1])]);
    assert!(!t.get(Some(&other), &review).await.1.contains("Viễn thông A"));
    let log = format!("/lines/outages?campaign={}", w.campaign);
    let (_, page) = t.get(Some(&clerk), &log).await;
    assert!(page.contains("Tết thử nghiệm") && page.contains("Đứt cáp"), "{page}");
    assert_eq!(t.get(Some(&clerk), "/lines/outages?campaign=x").await.0, StatusCode::NOT_FOUND);
}
