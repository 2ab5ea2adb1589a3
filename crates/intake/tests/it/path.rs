//! From a line to an alert, over kills.

use domain::actor::Scope;
use store::{alerts, sources, testing::minute};
use tokio::sync::watch;

use crate::Ground;

const GUESS: &str = "<38>Nov 22 08:00:00 web01 sshd[4242]: Failed password for invalid user admin from 203.0.113.9 port 51000 ssh2";

async fn open(g: &Ground) -> Vec<alerts::Shown> {
    let mut sql = g.t.db.read().await.unwrap();
    alerts::list(&mut sql, &Scope::system(), &alerts::Filter::default(), None, 100).await.unwrap()
}

/// Runs the path until so many alerts stand and all that is durable is recorded.
pub async fn run(g: &Ground, wanted: usize) -> Vec<alerts::Shown> {
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(g.path().run(stopped));
    let mut changes = g.t.db.changes(0, &[store::Topic::Alert]);
    let found = loop {
        let found = open(g).await;
        if found.len() >= wanted {
            break found;
        }
        changes.next().await.unwrap();
    };
    stop.send(true).unwrap();
    task.await.unwrap();
    found
}

#[tokio::test]
async fn ten_wrong_passwords_are_one_alert_that_says_why() {
    let g = Ground::new().await;
    let lines = format!("{GUESS}\n").repeat(12);
    g.post("/lines", "lines", lines).await;
    let found = run(&g, 1).await;
    let alert = &found[0].alert;
    assert_eq!((found.len(), alert.host.as_str()), (1, "web01"));
    let mut sql = g.t.db.read().await.unwrap();
    let events = alerts::events(&mut sql, &Scope::system(), alert.id).await.unwrap();
    assert!(
        events[0].event.because.iter().any(|b| b.value == "203.0.113.9"),
        "{:?}",
        events[0].event.because
    );
    assert!(events[0].event.raw.contains("Failed password"));
}

#[tokio::test]
async fn a_kill_in_between_loses_no_alert_and_doubles_none() {
    let g = Ground::new().await;
    // Six before the kill, six after: together they are ten.
    g.post("/lines", "lines", format!("{GUESS}\n").repeat(6)).await;
    let g = g.again().await;
    g.post("/lines", "lines", format!("{GUESS} again\n").repeat(6)).await;
    assert_eq!(run(&g, 1).await.len(), 1);
    let before = open(&g).await;
    let g = g.again().await;
    // Everything is read again for the correlations' sake, and recorded no second time.
    g.clock.move_to_minute(1);
    g.post(
        "/lines",
        "lines",
        "<38>Nov 22 08:00:00 web01 sshd[1]: Accepted password for root from 203.0.113.9 port 1 ssh2\n",
    )
    .await;
    let after = run(&g, 2).await;
    assert_eq!(after.len(), 2);
    let same = after.iter().find(|a| a.alert.id == before[0].alert.id).unwrap();
    assert_eq!(same.alert.events, before[0].alert.events);
}

#[tokio::test]
async fn what_nobody_understands_is_counted_with_samples() {
    let g = Ground::new().await;
    g.post("/lines", "lines", format!("%%% không ai hiểu\n{}", format!("{GUESS}\n").repeat(10))).await;
    run(&g, 1).await;
    g.door.flush().await.unwrap();
    let mut sql = g.t.db.read().await.unwrap();
    let id = g.source(domain::source::Kind::Lines);
    let shown = sources::get(&mut sql, &Scope::system(), id).await.unwrap();
    assert_eq!((shown.counts.unparsed, shown.counts.samples), (1, vec!["%%% không ai hiểu".to_owned()]));
    assert_eq!(shown.counts.last_at, Some(minute(0)));
}

#[tokio::test]
async fn a_line_within_a_shippers_object_is_read_as_the_line_it_is() {
    let g = Ground::new().await;
    let line =
        serde_json::json!({ "message": GUESS, "host": { "name": "web07" }, "agent": { "type": "filebeat" } });
    let bulk = format!("{{\"create\":{{}}}}\n{line}\n").repeat(10);
    g.post("/_bulk", "elastic", bulk).await;
    assert_eq!(run(&g, 1).await.len(), 1);
}

#[tokio::test]
async fn an_event_is_found_once_whatever_was_killed_in_between() {
    let g = Ground::new().await;
    g.post("/lines", "lines", format!("{GUESS}\n").repeat(10)).await;
    run(&g, 1).await;
    let found = |g: &Ground| g.lake.view().lines().unwrap().len();
    assert_eq!(found(&g), 10, "at once, before there is a file");
    // Killed while they were in memory only: they come from the log again.
    let g = g.again().await;
    assert_eq!(found(&g), 0);
    g.clock.move_to_minute(1);
    let other = GUESS.replace("203.0.113.9", "203.0.113.10");
    g.post("/lines", "lines", format!("{other}\n").repeat(10)).await;
    run(&g, 2).await;
    assert_eq!(found(&g), 20);
    // Killed when they were in a file: not once more from the log.
    g.lake.convert().unwrap();
    let g = g.again().await;
    assert_eq!(found(&g), 20);
    g.clock.move_to_minute(2);
    let third = GUESS.replace("203.0.113.9", "203.0.113.11");
    g.post("/lines", "lines", format!("{third}\n").repeat(10)).await;
    run(&g, 3).await;
    assert_eq!((found(&g), g.lake.size().hot_events), (30, 10));
}
