//! From a line to an alert, over kills.

use domain::{
    actor::{Actor, Scope},
    hunt::{How, Standing},
    id::{Id, Ids, kind},
};
use store::{alerts, hunts, sources, testing::minute};
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

/// Runs the path until all that is durable is judged, then stops it in peace.
async fn judged(g: &Ground) {
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(g.path().run(stopped));
    while g.lake.fed() < *g.log.durable().borrow() {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    stop.send(true).unwrap();
    task.await.unwrap();
}

#[tokio::test]
async fn correlations_remember_what_the_log_has_let_go_of() {
    let g = Ground::new().await;
    g.post("/lines", "lines", format!("{GUESS}\n").repeat(6)).await;
    judged(&g).await;
    g.lake.convert().unwrap();
    // Every start begins a segment: that with the six is not the one before any more.
    let g = g.again().await.again().await;
    g.log.release(*g.log.durable().borrow()).unwrap();
    g.post("/lines", "lines", format!("{GUESS} again\n").repeat(6)).await;
    judged(&g).await;
    assert_eq!(open(&g).await.len(), 1);
}

#[tokio::test]
async fn a_memory_that_cannot_be_read_costs_no_alert() {
    let g = Ground::new().await;
    g.post("/lines", "lines", format!("{GUESS}\n").repeat(6)).await;
    judged(&g).await;
    let kept: Vec<_> = std::fs::read_dir(g.memory()).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    std::fs::write(&kept[0], "{").unwrap();
    let g = g.again().await;
    g.post("/lines", "lines", format!("{GUESS} again\n").repeat(6)).await;
    judged(&g).await;
    assert_eq!(open(&g).await.len(), 1, "the segment before was read again");
}

const BACKUP: &str = "<38>Nov 22 08:00:00 web01 cron[1]: backup done\n";

#[tokio::test]
async fn too_few_are_an_alert_when_time_has_passed_and_none_after_a_kill() {
    let g = Ground::new().await;
    g.post("/lines", "lines", BACKUP).await;
    g.clock.move_to_minute(16);
    let found = run(&g, 1).await;
    assert_eq!((found[0].alert.rule.as_str(), found[0].alert.host.as_str()), ("few", "web01"));
    let mut sql = g.t.db.read().await.unwrap();
    let events = alerts::events(&mut sql, &Scope::system(), found[0].alert.id).await.unwrap();
    assert!(events[0].event.raw.contains("backup done"), "{events:?}");
    drop(sql);
    // Killed: what was told is not told again, and what came before the kill is not forgotten.
    let g = g.again().await;
    g.post("/lines", "lines", format!("{GUESS}\n").repeat(10)).await;
    g.clock.move_to_minute(60);
    let after = run(&g, 2).await;
    assert_eq!(
        after.iter().filter(|a| a.alert.rule == "few").map(|a| a.alert.events).collect::<Vec<_>>(),
        [1]
    );
}

#[tokio::test]
async fn what_may_still_come_is_waited_for() {
    let g = Ground::new().await;
    g.post("/lines", "lines", BACKUP).await;
    // Its ten minutes are over, but an event may come five minutes late.
    g.clock.move_to_minute(14);
    g.post("/lines", "lines", format!("{GUESS}\n").repeat(10)).await;
    let found = run(&g, 1).await;
    assert!(found.iter().all(|a| a.alert.rule != "few"), "{found:?}");
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

#[tokio::test]
async fn what_is_in_a_list_is_an_alert_that_says_which_field_held_which_indicator() {
    let g = Ground::new().await;
    let list = g.list("203.0.113.0/24", domain::indicator::Tlp::Amber).await;
    g.post("/lines", "lines", format!("{GUESS}\n").repeat(2)).await;
    let found = run(&g, 1).await;
    let alert = &found[0].alert;
    assert_eq!(
        (alert.rule.as_str(), alert.title.as_str()),
        (format!("canh.indicator:{list}").as_str(), "Chỉ dấu")
    );
    assert_eq!((alert.events, alert.severity), (2, domain::paging::Severity::High));
    let mut sql = g.t.db.read().await.unwrap();
    let events = alerts::events(&mut sql, &Scope::system(), alert.id).await.unwrap();
    let because = &events[0].event.because;
    assert!(
        because.iter().any(|b| b.value == "203.0.113.9" && b.asked == "address 203.0.113.0/24"),
        "{because:?}"
    );
}

#[tokio::test]
async fn a_list_is_taken_up_while_events_come() {
    let g = Ground::new().await;
    let (stop, stopped) = watch::channel(false);
    let path = tokio::spawn(g.path().run(stopped.clone()));
    let lists = tokio::spawn(g.lists.clone().run(stopped));
    g.made("198.51.100.1", domain::indicator::Tlp::Red).await;
    g.made("203.0.113.9", domain::indicator::Tlp::Clear).await;
    while g.lists.now().matcher.len() < 2 {
        tokio::task::yield_now().await;
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let mut changes = g.t.db.changes(0, &[store::Topic::Alert]);
    g.post("/lines", "lines", format!("{GUESS}\n")).await;
    changes.next().await.unwrap();
    assert_eq!(open(&g).await.len(), 1);
    stop.send(true).unwrap();
    path.await.unwrap();
    lists.await.unwrap();
}

/// Begins a hunt and carries it out; the run and what it found.
async fn hunted(
    g: &Ground,
    how: How,
    query: &str,
    list: Option<Id<kind::IndicatorList>>,
) -> (hunts::Run, Vec<hunts::Hit>) {
    let (id, run) = (Id::new(&*g.ids as &dyn Ids), Id::new(&*g.ids as &dyn Ids));
    let new = hunts::New {
        id,
        body: g.body,
        title: "Dò mật khẩu".into(),
        hypothesis: "x".into(),
        scope: String::new(),
        how,
        query: query.into(),
        list,
        days: 90,
        every_days: None,
    };
    g.clock.move_to_minute(5);
    let made: Result<(), store::StoreError> = store::write!(g.t.db, Actor::System, minute(5), tx => {
        hunts::create(tx, &Scope::system(), &new).await?;
        hunts::begin(tx, &Scope::system(), id, run).await
    });
    made.unwrap();
    let hunter = intake::Hunter {
        db: g.t.db.clone(),
        blobs: g.blobs.clone(),
        lake: g.lake.clone(),
        clock: g.clock.clone(),
        ids: g.ids.clone(),
    };
    let (_stop, stopped) = watch::channel(false);
    assert!(hunter.once(&stopped).await.unwrap());
    assert!(!hunter.once(&stopped).await.unwrap());
    let mut sql = g.t.db.read().await.unwrap();
    let last = hunts::get(&mut sql, &Scope::system(), id).await.unwrap().last.unwrap();
    let hits = hunts::hits(&mut sql, &Scope::system(), id, last.id).await.unwrap();
    (last, hits)
}

#[tokio::test]
async fn the_past_is_hunted_by_query_rule_and_list() {
    let g = Ground::new().await;
    g.post(
        "/lines",
        "lines",
        format!("{GUESS}\n").repeat(10)
            + "<38>sshd[1]: Accepted password for root from 198.51.100.4 port 1 ssh2\n",
    )
    .await;
    run(&g, 1).await;
    g.lake.convert().unwrap();
    let (last, hits) = hunted(&g, How::Search, "\"Failed password\"", None).await;
    assert_eq!((last.standing, last.hits, hits.len()), (Standing::Done, 10, 10), "{last:?}");
    let rule = "title: Vào được\nlogsource: {product: linux, service: sshd}\ndetection:\n  a: {message|contains: 'Accepted password'}\n  condition: a\nlevel: low\n";
    let (last, hits) = hunted(&g, How::Sigma, rule, None).await;
    assert_eq!((last.standing, last.hits), (Standing::Done, 1), "{last:?}");
    assert!(hits[0].raw.contains("198.51.100.4") && !hits[0].because.is_empty());
    // The rule that watches live, with its correlation: ten failures of one address are one find.
    let guessing = include_str!("../../../../rules/linux/ssh-password-guessing.yml");
    let (last, hits) = hunted(&g, How::Sigma, guessing, None).await;
    assert_eq!((last.standing, last.hits, hits.len()), (Standing::Done, 1, 1), "{last:?}");
    let because = &hits[0].because[0];
    assert_eq!((because.field.as_str(), because.value.as_str()), ("source.ip", "203.0.113.9"));
    assert!(because.asked.starts_with("10 ") && last.looked_at >= 11, "{because:?}");
    let list = g.made("198.51.100.0/24", domain::indicator::Tlp::Amber).await;
    let (last, hits) = hunted(&g, How::List, "", Some(list)).await;
    assert_eq!((last.standing, last.hits), (Standing::Done, 1), "{last:?}");
    assert!(hits[0].because.iter().any(|b| b.asked == "address 198.51.100.0/24"), "{:?}", hits[0].because);
    let (last, _) = hunted(&g, How::Sigma, "title: x", None).await;
    assert_eq!(last.standing, Standing::Failed);
}
