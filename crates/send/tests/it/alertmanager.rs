//! The real Alertmanager (Debian's `prometheus-alertmanager`) between us and us: it takes our alert in and tells it on in
//! its own shape, which is then held against the one we write.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use send::{Channel, Outcome, Shape};
use serde_json::Value;

use crate::{
    channels::{hooks, hooks_at, page, target},
    fake::{Fake, say},
};

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

#[tokio::test]
async fn the_real_one_takes_our_alert_and_tells_it_on_in_the_shape_we_write_too() {
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
    let ours = Fake::start([say(200, "")]).await;
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("alertmanager.yml");
    let route = "route: { receiver: canh, group_by: [canh_id], group_wait: 1s, group_interval: 1s }";
    let receiver = format!("receivers: [{{ name: canh, webhook_configs: [{{ url: '{}' }}] }}]", ours.url);
    std::fs::write(&config, format!("{route}\n{receiver}\n")).unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
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

    let url = format!("http://{address}/api/v2/alerts");
    let channel = hooks(&["127.0.0.1"], target(&url, Shape::AlertmanagerAlerts, true));
    // It takes no alert that begins in the future.
    let mut message = page("w1");
    message.date = "2026-01-02T03:04:05Z".parse().unwrap();
    let mut said = channel.send(&message).await;
    for _ in 0..LOOKS {
        if matches!(said, Outcome::Receipt { .. }) {
            break;
        }
        tokio::time::sleep(EVERY).await;
        said = channel.send(&message).await;
    }
    assert!(matches!(said, Outcome::Receipt { .. }), "{said:?}");
    for _ in 0..LOOKS {
        if !ours.asked().is_empty() {
            break;
        }
        tokio::time::sleep(EVERY).await;
    }
    let heard = ours.asked().first().expect("it told nobody").json();
    assert_eq!((&heard["version"], &heard["status"]), (&"4".into(), &"firing".into()));
    assert_eq!(heard["alerts"][0]["labels"]["severity"], "critical");
    assert!(heard["commonAnnotations"].to_string().contains("Nguyễn Văn Ổn"), "{heard}");

    // Somebody takes it: we end the alert there, and it tells that on.
    message.taken = Some("Trần Thị Bưởi đã nhận lúc 03:12".into());
    // An end that lies ahead is none to it.
    let then = hooks_at(1_767_400_000, &["127.0.0.1"], target(&url, Shape::AlertmanagerAlerts, true));
    let said = then.revise("200", &message).await;
    assert!(matches!(said, Outcome::Receipt { .. }), "{said:?}");
    let resolved = || ours.asked().iter().any(|a| a.json()["status"] == "resolved");
    for _ in 0..LOOKS {
        if resolved() {
            break;
        }
        tokio::time::sleep(EVERY).await;
    }
    assert!(resolved(), "it never heard that the alert is over");
    message.taken = None;

    // What it writes and what we write for its receivers have the same parts.
    let fake = Fake::start([say(200, "")]).await;
    let own = hooks(&["127.0.0.1"], target(&fake.url, Shape::Alertmanager, true));
    assert!(matches!(own.send(&message).await, Outcome::Receipt { .. }));
    let own = fake.asked()[0].json();
    let parts = |of: &Value| of.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(parts(&own), parts(&heard));
    assert_eq!(parts(&own["alerts"][0]), parts(&heard["alerts"][0]));
    assert_eq!(own["commonLabels"], heard["commonLabels"]);
}
