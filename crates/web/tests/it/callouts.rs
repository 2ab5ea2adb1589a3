//! Call-outs on pages: the list, the button of whoever was called, policies with whom they would call.

use axum::http::{StatusCode, header};
use domain::{
    actor::Actor,
    id::{Id, Ids, kind},
    paging::{About, Severity},
    right::Role,
    time,
};
use store::{
    StoreError, args,
    assignments::Tools,
    callouts::{self, New},
    testing::minute,
};
use web::testing::TestApp;

use crate::fixture::Fixture;

/// A call-out, a policy, a monitor and an inlet of ours.
pub async fn ours(t: &TestApp, f: &Fixture) -> [String; 4] {
    let [policy, monitor, inlet] = [(); 3].map(|()| t.ids.next().to_string());
    let tools =
        Tools { ids: &*t.ids, base: "https://canh.test", pack: t.app.legal.on(time::date(minute(0))) };
    let made: Result<Option<Id<kind::Callout>>, StoreError> = store::write!(t.app.db, Actor::System, minute(0), tx => {
        tx.run_for_test(
            "insert into escalation_policy (id, body, rule, name, sort_key, at, retired_at) values
             ($1,$2,'{\"about\":[\"drill\"],\"from\":\"critical\",\"policy\":{\"name\":\"Riêng Tư\",\"steps\":[{\"after_minutes\":0,\"targets\":[\"head\"]}],\"repeats\":0,\"pause_minutes\":10,\"lapse_minutes\":null}}','Riêng Tư','x',0,null)",
            args![&policy, f.ours],
        ).await?;
        tx.run_for_test(
            "insert into monitor (id, body, name, sort_key, digest, every_minutes, grace_minutes, severity, created_at)
             values ($1,$2,'Tín hiệu Riêng Tư','x','x',10,5,'high',0)",
            args![&monitor, f.ours],
        ).await?;
        tx.run_for_test(
            "insert into inlet (id, body, name, sort_key, tongue, digest, secret, severity, created_at)
             values ($1,$2,'Đường báo Riêng Tư','x','alertmanager','x','','high',0)",
            args![&inlet, f.ours],
        ).await?;
        callouts::raise(tx, &tools, New {
            key: "test".into(),
            about: About::Monitor,
            subject: "monitor:1".into(),
            body: f.ours,
            post: None,
            person: Some(f.person),
            severity: Severity::High,
            words: vec![("monitor", "Sao lưu Riêng Tư".into()), ("body", "Sở".into()), ("since", "08:00".into())],
            since: minute(0),
        }).await
    });
    [made.unwrap().unwrap().to_string(), policy, monitor, inlet]
}

#[tokio::test]
async fn whoever_was_called_takes_it_by_a_link_that_looking_does_not_use() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let [callout, ..] = ours(&t, &f).await;
    let viewer = t.user(f.person, &[(Role::DutyOfficer, f.ours)]);
    // Its policy calls whoever holds a post; none does, so heads and those above are tried: the token is made by hand.
    let token = store::sign_in::text(&[7; 16]);
    let digest = store::sign_in::digest(&token);
    let given: Result<(), StoreError> = store::write!(t.app.db, Actor::System, minute(0), tx => {
        tx.run_for_test("insert into callout_token (digest, callout, person, at) values ($1,$2,$3,0)", args![&digest, &callout, f.person]).await?;
        tx.record("test.token", "test", None, &());
        Ok(())
    });
    given.unwrap();
    let path = format!("/c/{token}");
    let response = t
        .send(None, axum::http::Request::builder().uri(&path).body(axum::body::Body::empty()).unwrap())
        .await;
    assert_eq!(response.headers()[header::REFERRER_POLICY], "no-referrer");
    let (status, page) = TestApp::read(response).await;
    assert_eq!(status, StatusCode::OK);
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let post = async |fields: &str| {
        let request = axum::http::Request::builder()
            .method("POST")
            .uri(&path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(axum::body::Body::from(fields.to_owned()))
            .unwrap();
        t.send(None, request).await.status()
    };
    assert_eq!(post("do=acknowledge").await, StatusCode::FORBIDDEN, "another site cannot press it");
    assert_eq!(post(&format!("do=acknowledge&csrf={csrf}")).await, StatusCode::SEE_OTHER);
    let (_, shown) = t.get(Some(&viewer), &format!("/roster/callouts/{callout}")).await;
    assert!(shown.contains("Đã có người nhận") && shown.contains("bằng đường dẫn"), "{shown}");
    assert_eq!(t.get(None, "/c/AAAAAAAAAAAAAAAAAAAAAA").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_policy_is_tried_before_it_is_kept_and_keeps_what_was_typed() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let planner = t.user(f.person, &[(Role::Coordinator, f.ours)]);
    let body = f.ours.to_string();
    let whole = [
        ("body", body.as_str()),
        ("name", "Ban đêm"),
        ("severity", "high"),
        ("repeats", "1"),
        ("pause", "30"),
        ("s0-after", "0"),
        ("s0-to-0", "on-duty"),
        ("s1-after", "10"),
        ("s1-only", "off"),
        ("s1-to-0", "head"),
    ];
    let with = |more: &[(&'static str, &'static str)]| {
        let mut fields: Vec<(&str, &str)> = whole.to_vec();
        for (name, value) in more {
            fields.retain(|(n, _)| n != name);
            fields.push((name, value));
        }
        fields
    };
    let (status, page) =
        TestApp::read(t.post(Some(&planner), "/roster/policies/new", &with(&[("do", "preview")])).await)
            .await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Ban đêm") && page.contains("không có ai, chuyển ngay bước sau"), "{page}");
    let (status, page) =
        TestApp::read(t.post(Some(&planner), "/roster/policies/new", &with(&[("pause", "1")])).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("Ban đêm") && page.contains("Số phút chờ từ 5"), "{page}");
    let kept = t.post(Some(&planner), "/roster/policies/new", &with(&[])).await;
    assert_eq!(kept.status(), StatusCode::SEE_OTHER);
    let (_, list) = t.get(Some(&planner), "/roster/policies").await;
    assert!(list.contains("Ban đêm") && list.contains("2 bước trong 10 phút"), "{list}");
}

#[tokio::test]
async fn a_program_makes_a_monitor_gives_its_sign_of_life_and_closes_it() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let me = f.everything(&t, f.ours);
    let given = serde_json::json!({ "body": f.ours, "name": "Sao lưu đêm", "every_minutes": 60 });
    let (status, made) = t.api(Some(&me), axum::http::Method::POST, "/api/v1/monitors", &given).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let address = made["address"].as_str().unwrap();
    let at = format!("/api/v1/monitors/{}", made["id"].as_str().unwrap());
    let list = async || {
        t.api(Some(&me), axum::http::Method::GET, "/api/v1/monitors", &serde_json::Value::Null).await.1
    };
    let all = list().await;
    assert_eq!((&all[0]["name"], &all[0]["last_at"]), (&"Sao lưu đêm".into(), &serde_json::Value::Null));
    assert!(!all.to_string().contains(address.rsplit('/').next().unwrap()), "the address is shown once");
    let none = serde_json::Value::Null;
    let (status, _) = t.api(Some(&me), axum::http::Method::POST, &format!("{at}/beat"), &none).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert!(list().await[0]["last_at"].is_string());
    let other = f.everything(&t, f.neighbour);
    for method in [axum::http::Method::POST, axum::http::Method::DELETE] {
        let path = if method == axum::http::Method::POST { format!("{at}/beat") } else { at.clone() };
        assert_eq!(t.api(Some(&other), method, &path, &none).await.0, StatusCode::NOT_FOUND);
    }
    assert_eq!(t.api(Some(&me), axum::http::Method::DELETE, &at, &none).await.0, StatusCode::NO_CONTENT);
    assert_eq!(list().await, serde_json::json!([]));
}

#[tokio::test]
async fn whoever_is_on_duty_is_called_by_hand_once_and_with_a_reason() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let [post, ..] = crate::rosters::ours(&t, &f).await;
    let officer = t.user(f.person, &[(Role::DutyOfficer, f.ours)]);
    let (_, page) = t.get(Some(&officer), &format!("/roster/call?whom=post:{post}")).await;
    assert!(page.contains(&format!("value=\"post:{post}\" selected")), "{page}");
    let whom = format!("post:{post}");
    let fields = |why: &'static str| {
        [
            ("whom", whom.clone()),
            ("why", why.to_owned()),
            ("detail", "Máy chủ web".to_owned()),
            ("key", "k".to_owned()),
        ]
    };
    let send = async |why| {
        let fields = fields(why);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        t.post(Some(&officer), "/roster/call", &fields).await
    };
    let (status, page) = TestApp::read(send(" ").await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("Hãy ghi vì việc gì") && page.contains("Máy chủ web"), "{page}");
    let first = send("Trang chủ bị đổi").await;
    assert_eq!(first.status(), StatusCode::SEE_OTHER);
    let to = first.headers()[header::LOCATION].to_str().unwrap().to_owned();
    assert_eq!(
        send("Trang chủ bị đổi").await.headers()[header::LOCATION],
        to.as_str(),
        "the same form again"
    );
    let (_, shown) = t.get(Some(&officer), &to).await;
    assert!(shown.contains("gọi trực: Trang chủ bị đổi") && shown.contains("Máy chủ web"), "{shown}");
}

#[tokio::test]
async fn somebody_is_called_by_name_by_whoever_sees_their_body() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let officer = t.user(f.asker, &[(Role::DutyOfficer, f.ours)]);
    let at = format!("/roster/call?whom=person:{}", f.person);
    let (_, page) = t.get(Some(&officer), &format!("/register/people/{}", f.person)).await;
    assert!(page.contains(&at), "{page}");
    let (_, form) = t.get(Some(&officer), &at).await;
    assert!(form.contains(&format!("value=\"person:{}\" selected", f.person)), "{form}");
    let (_, calls) = form.split_once("<aside").expect("whom it would call");
    assert!(calls.contains("Trần Văn Riêng Tư"), "{form}");
    let neighbour = t.user(f.asker, &[(Role::DutyOfficer, f.neighbour)]);
    assert_eq!(t.get(Some(&neighbour), &at).await.0, StatusCode::NOT_FOUND);
    // Nor does the form tell whom a body calls that the asker does not answer for.
    assert_eq!(
        t.get(Some(&neighbour), &format!("/roster/call?whom=above:{}", f.ours)).await.0,
        StatusCode::NOT_FOUND
    );

    let api = async |who, given: serde_json::Value| {
        t.api(Some(who), axum::http::Method::POST, "/api/v1/callouts", &given).await
    };
    let given = serde_json::json!({ "person": f.person, "why": "Cần mật khẩu máy chủ" });
    assert_eq!(api(&neighbour, given.clone()).await.0, StatusCode::NOT_FOUND);
    let (status, made) = api(&officer, given).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let (_, shown) =
        t.get(Some(&officer), &format!("/roster/callouts/{}", made["id"].as_str().unwrap())).await;
    assert!(shown.contains("gọi Trần Văn Riêng Tư: Cần mật khẩu máy chủ"), "{shown}");
}
