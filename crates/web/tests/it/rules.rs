//! The rules' room: listed with what they find, switched off, taken in, by page and by program.

use axum::http::{Method, Request, StatusCode};
use domain::right::Role;
use serde_json::json;
use web::{
    User,
    testing::{RULE, TestApp},
};

use crate::fixture::Fixture;

const OTHER: &str = "title: Của nơi khác\nid: other\nstatus: test\nlevel: low\nauthor: Ai Đó\nlogsource: {product: linux}\ndetection: {k: [xmrig], condition: k}\n";

/// A form of the page that takes rules in, with one file perhaps.
async fn form(
    t: &TestApp,
    user: &std::sync::Arc<User>,
    fields: &[(&str, &str)],
    file: Option<&str>,
) -> (StatusCode, String) {
    let mut all: String = [("csrf", "token")]
        .iter()
        .chain(fields)
        .map(|(name, value)| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        })
        .collect();
    if let Some(text) = file {
        all += &format!(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"r.yml\"\r\n\r\n{text}\r\n"
        );
    }
    let request = Request::post("/rules")
        .header("content-type", "multipart/form-data; boundary=b")
        .body(axum::body::Body::from(all + "--b--\r\n"))
        .unwrap();
    TestApp::read(t.send(Some(user), request).await).await
}

#[tokio::test]
async fn a_rule_is_found_with_what_it_found_and_switched_off() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let [alert, ..] = crate::alerts::ours(&t, &f).await;
    let (admin, officer) = (f.everything(&t, f.root), t.user(f.asker, &[(Role::DutyOfficer, f.ours)]));
    let page = async |user, path: &str| t.get(Some(user), path).await.1;
    for (asked, there) in [
        ("", true),
        ("?q=cua+trung+tam+t1003+windows", true),
        ("?q=linux", false),
        ("?level=critical", false),
        ("?level=high&state=on&origin=own", true),
        ("?state=off", false),
        ("?origin=imported", false),
    ] {
        let shown = page(&officer, &format!("/rules{asked}")).await;
        assert_eq!(shown.contains("Của trung tâm"), there, "{asked}");
        assert_eq!(
            page(&officer, &format!("/rules.csv{asked}")).await.contains("Của trung tâm"),
            there,
            "{asked}"
        );
    }
    let found = |n: &str| format!("data-label=\"Cảnh báo, 30 ngày\"><div>{n}<");
    assert!(page(&officer, "/rules").await.contains(&found("1")));
    let neighbour = t.user(f.asker, &[(Role::DutyOfficer, f.neighbour)]);
    assert!(page(&neighbour, "/rules").await.contains(&found("0")), "alerts of others are not counted");
    assert!(page(&officer, &format!("/alerts/{alert}")).await.contains("href=\"/rules/r\""));
    let shown = page(&officer, "/rules/r").await;
    assert!(shown.contains(&format!("/alerts/{alert}")) && shown.contains("mimikatz"), "{shown}");
    assert!(!shown.contains("/rules/r/off"), "who may not is not asked to");
    assert!(page(&officer, "/alerts?side=all&rule=r").await.contains(&alert));
    assert!(!page(&officer, "/alerts?side=all&rule=x").await.contains(&alert));
    assert!(page(&officer, "/hunts/new?rule=r").await.contains("mimikatz"), "one may look back by it");

    let off = async |user, reason| t.post(Some(user), "/rules/r/off", &[("reason", reason)]).await.status();
    assert_eq!(off(&officer, "ồn").await, StatusCode::NOT_FOUND);
    off(&admin, "").await;
    assert!(page(&admin, "/rules?state=on").await.contains("Của trung tâm"), "a reason is asked for");
    off(&admin, "ồn ào lắm").await;
    let shown = page(&admin, "/rules?state=off").await;
    assert!(shown.contains("Của trung tâm") && shown.contains("ồn ào lắm"), "{shown}");
    assert!(page(&officer, "/rules/r").await.contains("ồn ào lắm"));
    t.post(Some(&admin), "/rules/r/on", &[]).await;
    assert!(!page(&admin, "/rules?state=off").await.contains("Của trung tâm"));
    t.post(Some(&admin), "/rules/r/remove", &[]).await;
    assert!(page(&admin, "/rules").await.contains("Của trung tâm"), "what the program brings stays");
}

#[tokio::test]
async fn a_rule_is_checked_taken_in_changed_and_removed() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let (admin, officer) = (f.everything(&t, f.root), t.user(f.asker, &[(Role::DutyOfficer, f.ours)]));
    let there = async || t.get(Some(&admin), "/rules?origin=imported").await.1.contains("/rules/other");
    let wrong = OTHER.replace("condition: k", "condition: l");
    let (status, page) = form(&t, &admin, &[("text", &wrong), ("do", "take")], None).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("7:36") && page.contains("«l»"), "where it is wrong: {page}");
    assert!(page.contains("xmrig") && !there().await, "what was typed stays, nothing is taken");
    assert_eq!(form(&t, &admin, &[], None).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    form(&t, &admin, &[("text", OTHER), ("do", "check")], None).await;
    assert!(!there().await);
    assert_eq!(form(&t, &officer, &[("text", OTHER), ("do", "take")], None).await.0, StatusCode::NOT_FOUND);
    form(&t, &admin, &[("level", "high"), ("do", "take")], Some(OTHER)).await;
    assert!(!there().await, "less grave than asked for");
    let (status, _) = form(&t, &admin, &[("do", "take")], Some(OTHER)).await;
    assert_eq!((status, there().await), (StatusCode::SEE_OTHER, true));
    // One of the centre's own gives way to what is imported under its id.
    let changed = RULE.replace("high", "critical");
    form(&t, &admin, &[("do", "take")], Some(&changed)).await;
    let shown = t.get(Some(&admin), "/rules/r").await.1;
    assert!(shown.contains("level: critical") && shown.contains("/rules/r/remove"), "{shown}");
    t.post(Some(&admin), "/rules/r/remove", &[]).await;
    assert!(t.get(Some(&admin), "/rules/r").await.1.contains("level: high"));
}

#[tokio::test]
async fn programs_do_the_same() {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let admin = f.everything(&t, f.root);
    let ask = async |method, path: &str, body| t.api(Some(&admin), method, path, &body).await;
    let dry = json!({ "text": OTHER, "dry_run": true });
    let (status, came) = ask(Method::POST, "/api/v1/rules", dry).await;
    assert_eq!((status, &came["new"]), (StatusCode::OK, &json!(1)));
    assert_eq!(ask(Method::GET, "/api/v1/rules", json!(null)).await.1.as_array().unwrap().len(), 1);
    ask(Method::POST, "/api/v1/rules", json!({ "text": OTHER, "name": "a/b.yml" })).await;
    let broken = OTHER.replace("id: other", "id: third").replace("condition: k", "condition: l");
    let (_, came) = ask(Method::POST, "/api/v1/rules", json!({ "text": broken })).await;
    let problem = &came["refused"][0]["problem"];
    assert_eq!((&problem["line"], &problem["code"]), (&json!(7), &json!("condition-name")), "{came}");
    assert_eq!(
        ask(Method::POST, "/api/v1/rules", json!({ "text": "  " })).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    ask(Method::PUT, "/api/v1/rules/other/off", json!({ "reason": "ồn" })).await;
    let (_, all) = ask(Method::GET, "/api/v1/rules?state=off", json!(null)).await;
    assert_eq!(
        (&all[0]["id"], &all[0]["off"]["reason"], &all[0]["file"]),
        (&json!("other"), &json!("ồn"), &json!("a/b.yml"))
    );
    ask(Method::DELETE, "/api/v1/rules/other/off", json!(null)).await;
    let (_, one) = ask(Method::GET, "/api/v1/rules/other", json!(null)).await;
    assert_eq!((&one["rule"]["state"], &one["text"]), (&json!("on"), &json!(OTHER)));
    assert_eq!(ask(Method::DELETE, "/api/v1/rules/other", json!(null)).await.0, StatusCode::NO_CONTENT);
    assert_eq!(ask(Method::GET, "/api/v1/rules/other", json!(null)).await.0, StatusCode::NOT_FOUND);
}
