//! Inlets: set up on a page or by a program, reported to with what Alertmanager documents, and by the real Alertmanager
//! (Debian's `prometheus-alertmanager`) where there is one.

use std::{
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::{paging::Standing, right::Role};
use serde_json::json;
use store::callouts::{self, Filter, Side};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use web::{User, testing::TestApp};

use crate::fixture::Fixture;

async fn ground() -> (TestApp, Fixture, Arc<User>) {
    let t = TestApp::new().await;
    let f = Fixture::new(&t).await;
    let planner = t.user(f.person, &[(Role::Coordinator, f.ours)]);
    (t, f, planner)
}

/// The path of the address that a page or an answer shows.
fn path(said: &str) -> String {
    let rest = said.split("/in/reports/").nth(1).expect("no address");
    let secret: String =
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    format!("/in/reports/{secret}")
}

async fn made(t: &TestApp, f: &Fixture, planner: &Arc<User>, tongue: &str) -> String {
    let body = f.ours.to_string();
    let fields = [("name", "Phòng máy"), ("body", body.as_str()), ("tongue", tongue), ("severity", "high")];
    let (status, page) = TestApp::read(t.post(Some(planner), "/roster/inlets", &fields).await).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    page
}

async fn report(t: &TestApp, path: &str, body: &str, headers: &[(&'static str, &str)]) -> StatusCode {
    let mut request =
        Request::builder().method(Method::POST).uri(path).header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    t.send(None, request.body(Body::from(body.to_owned())).unwrap()).await.status()
}

/// As Alertmanager's documentation writes it.
fn group(status: &str) -> String {
    json!({
        "version": "4", "groupKey": "{}:{alertname=\"InstanceDown\"}", "truncatedAlerts": 0, "status": status,
        "receiver": "canh", "groupLabels": { "alertname": "InstanceDown" },
        "commonLabels": { "alertname": "InstanceDown", "severity": "critical" },
        "commonAnnotations": { "summary": "Máy chủ <b>db1</b> ngừng" }, "externalURL": "http://a.example",
        "alerts": [{
            "status": status, "labels": { "alertname": "InstanceDown", "severity": "critical", "instance": "db1" },
            "annotations": { "summary": "Máy chủ <b>db1</b> ngừng" }, "startsAt": "2027-01-20T01:00:00Z",
            "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://p.example", "fingerprint": "ab",
        }],
    })
    .to_string()
}

#[tokio::test]
async fn an_inlet_is_made_on_a_page_and_what_is_reported_there_is_a_call_out() {
    let (t, f, planner) = ground().await;
    let page = made(&t, &f, &planner, "alertmanager").await;
    assert!(page.contains("send_resolved: true") && !page.contains("whsec_"), "{page}");
    let inlet = path(&page);
    let (_, again) = t.get(Some(&planner), "/roster/inlets").await;
    assert!(again.contains("Phòng máy") && !again.contains("/in/reports/"), "its address is shown once");
    assert_eq!(report(&t, "/in/reports/AAAA", &group("firing"), &[]).await, StatusCode::NOT_FOUND);
    assert_eq!(report(&t, &inlet, "odd", &[]).await, StatusCode::UNPROCESSABLE_ENTITY);
    for _ in 0..2 {
        assert_eq!(report(&t, &inlet, &group("firing"), &[]).await, StatusCode::OK);
    }
    let (_, list) = t.get(Some(&planner), "/roster/callouts").await;
    let title = "Phòng máy báo: Máy chủ &#60;b&#62;db1&#60;/b&#62; ngừng";
    assert_eq!(list.matches(title).count(), 1, "once, and as text: {list}");
    assert_eq!(report(&t, &inlet, &group("resolved"), &[]).await, StatusCode::OK);
    let (_, list) = t.get(Some(&planner), "/roster/callouts").await;
    assert!(!list.contains("db1"), "{list}");
    // Nobody of a neighbouring body sees or closes it.
    let other = t.user(f.asker, &[(Role::Coordinator, f.neighbour)]);
    let (_, theirs) = t.get(Some(&other), "/roster/inlets").await;
    assert!(!theirs.contains("Phòng máy"));
}

#[tokio::test]
async fn what_is_typed_wrongly_is_said_at_its_field_and_kept() {
    let (t, f, planner) = ground().await;
    let body = f.ours.to_string();
    let fields = [("name", " "), ("body", body.as_str()), ("tongue", "signed"), ("severity", "odd")];
    let (status, page) = TestApp::read(t.post(Some(&planner), "/roster/inlets", &fields).await).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("value=\"signed\" selected"), "{page}");
}

#[tokio::test]
async fn signed_messages_need_their_signature_and_programs_their_token() {
    let (t, f, planner) = ground().await;
    let page = made(&t, &f, &planner, "signed").await;
    assert!(page.contains("whsec_"), "{page}");
    let body = r#"{"data":{"id":"1","subject":"Mất điện"}}"#;
    let headers = [("webhook-id", "1"), ("webhook-timestamp", "1"), ("webhook-signature", "v1,AAAA")];
    assert_eq!(report(&t, &path(&page), body, &headers).await, StatusCode::UNPROCESSABLE_ENTITY);
    let given = json!({ "body": f.ours, "name": "Máy đo" });
    let (status, answer) = t.api(Some(&planner), Method::POST, "/api/v1/inlets", &given).await;
    assert_eq!((status, answer.get("secret")), (StatusCode::CREATED, None), "{answer}");
    let reports = format!("/api/v1/inlets/{}/reports", answer["id"].as_str().unwrap());
    let firing: serde_json::Value = serde_json::from_str(&group("firing")).unwrap();
    for became in ["raised", "known"] {
        let (status, said) = t.api(Some(&planner), Method::POST, &reports, &firing).await;
        assert_eq!((status, &said["became"]), (StatusCode::OK, &became.into()), "{said}");
    }
    let other = t.user(f.asker, &[(Role::Coordinator, f.neighbour)]);
    assert_eq!(t.api(Some(&other), Method::POST, &reports, &firing).await.0, StatusCode::NOT_FOUND);
    let (_, all) = t.api(Some(&planner), Method::GET, "/api/v1/inlets", &json!(null)).await;
    let open: Vec<_> = all.as_array().unwrap().iter().map(|i| (&i["name"], &i["open"])).collect();
    assert_eq!(open, [(&json!("Máy đo"), &json!(1)), (&json!("Phòng máy"), &json!(0))]);
}

/// It is ours, by its own handle.
struct Manager(Child);
impl Drop for Manager {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// So many times, every so often, something is looked for: a start and a group's wait take a second or two.
const LOOKS: usize = 300;
const EVERY: Duration = Duration::from_millis(100);

/// Posts JSON to a server on this machine; whether it was taken.
async fn post(address: &str, path: &str, body: &str) -> bool {
    let Ok(mut to) = TcpStream::connect(address).await else { return false };
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut answer = String::new();
    to.write_all(request.as_bytes()).await.is_ok()
        && to.read_to_string(&mut answer).await.is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

#[tokio::test]
async fn the_real_alertmanager_starts_one_call_out_and_ends_it() {
    let names = ["prometheus-alertmanager", "alertmanager"];
    let there = |name: &&str| {
        Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status()
    };
    let Some(program) = names.into_iter().find(|name| there(name).is_ok()) else {
        assert!(
            std::env::var_os("CANH_REQUIRE_ALERTMANAGER").is_none(),
            "no Alertmanager, and it is required"
        );
        eprintln!("skipped: no Alertmanager (Debian: apt-get install prometheus-alertmanager)");
        return;
    };
    let (t, f, planner) = ground().await;
    let inlet = path(&made(&t, &f, &planner, "alertmanager").await);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ours = listener.local_addr().unwrap();
    let router = web::router(t.app.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("alertmanager.yml");
    // It tells again every two seconds: repeats must not double the call-out.
    let route = "route: { receiver: canh, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 2s }";
    let receiver =
        format!("receivers: [{{ name: canh, webhook_configs: [{{ url: 'http://{ours}{inlet}' }}] }}]");
    std::fs::write(&config, format!("{route}\n{receiver}\n")).unwrap();
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let manager = Command::new(program)
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.path={}", folder.path().display()))
        .arg(format!("--web.listen-address={address}"))
        .arg("--cluster.listen-address=")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _manager = Manager(manager);

    let alert = |instance: &str, ends: Option<&str>| {
        let mut alert = json!({
            "labels": { "alertname": "InstanceDown", "severity": "critical", "instance": instance },
            "annotations": { "summary": "Máy chủ ngừng" }, "startsAt": "2026-01-02T03:04:05Z",
        });
        if let Some(ends) = ends {
            alert["endsAt"] = ends.into();
        }
        alert
    };
    let tell = async |alerts: serde_json::Value| {
        for _ in 0..LOOKS {
            if post(&address, "/api/v2/alerts", &alerts.to_string()).await {
                return;
            }
            tokio::time::sleep(EVERY).await;
        }
        panic!("it took no alert");
    };
    let standings = async || {
        let all = Filter { side: Side::All, body: None };
        let mut sql = t.app.db.read().await.unwrap();
        let found = callouts::list(&mut sql, &planner.scope, None, all, None, 10).await.unwrap();
        found
            .into_iter()
            .map(|c| (c.callout.state.standing, c.callout.words["n"].clone()))
            .collect::<Vec<_>>()
    };
    let until = async |want: Standing| {
        for _ in 0..LOOKS {
            if standings().await.iter().any(|(standing, _)| *standing == want) {
                return;
            }
            tokio::time::sleep(EVERY).await;
        }
        panic!("never {want:?}: {:?}", standings().await);
    };
    tell(json!([alert("db1", None), alert("db2", None)])).await;
    until(Standing::Open).await;
    // Told again, and then with one alert more in the group.
    tokio::time::sleep(Duration::from_secs(3)).await;
    tell(json!([alert("db1", None), alert("db2", None), alert("db3", None)])).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(standings().await, [(Standing::Open, "2".to_owned())], "repeats double nothing");
    let over = Some("2026-01-02T04:00:00Z");
    tell(json!([alert("db1", over), alert("db2", over), alert("db3", over)])).await;
    until(Standing::Resolved).await;
    assert_eq!(standings().await.len(), 1);
}
