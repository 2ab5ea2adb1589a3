//! A day of the generator through the real path: log, parsers, all our rules, decisions, records.

use std::{collections::BTreeMap, path::Path as File, sync::Arc, time::Duration};

use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    legal::Legal,
};
use intake::{Door, Lists, path::Path};
use jiff::{SignedDuration, Timestamp};
use lake::{Bounds, Lake, Limits, Log, Tools};
use store::{
    StoreError, alerts, args,
    sources::{self, New},
    testing::{TestClock, TestDb, TestIds, TestSecrets, minute},
};

mod size;

use super::{day, send, story, voices};

struct Ground {
    t: TestDb,
    clock: Arc<TestClock>,
    door: Arc<Door>,
    lake: Lake,
    voices: Vec<voices::Voice>,
    known: Vec<Option<sources::Known>>,
    stop: tokio::sync::watch::Sender<bool>,
    path: tokio::task::JoinHandle<()>,
    _dir: tempfile::TempDir,
}

impl Ground {
    /// Every body and source of the province, our own rules, the path running.
    async fn new() -> Self {
        let t = store::testing::sqlite().await;
        let (clock, ids) = (Arc::new(TestClock::at_minute(0)), Arc::new(TestIds::default()));
        let voices = voices::all();
        let mut bodies: BTreeMap<String, Id<kind::Body>> = BTreeMap::new();
        let made: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
            for (n, voice) in voices.iter().enumerate() {
                if !bodies.contains_key(&voice.body) {
                    let body: Id<kind::Body> = Id::new(&*ids as &dyn Ids);
                    tx.run_for_test(
                        "insert into body (id, kind, name, folded, sort_key, created_at)
                         values ($1,'department',$2,$2,$2,0)",
                        args![body, voice.body.clone()],
                    ).await?;
                    tx.run_for_test(
                        "insert into body_closure (above, below, depth) values ($1,$1,0)", args![body],
                    ).await?;
                    bodies.insert(voice.body.clone(), body);
                }
                let new = New {
                    id: Id::new(&*ids as &dyn Ids),
                    body: bodies[&voice.body],
                    system: None,
                    name: voice.name.clone(),
                    kind: voice.kind,
                    digest: n.to_string(),
                    address: voice.address.clone(),
                    zone: "Asia/Ho_Chi_Minh".into(),
                    rate: 1_000,
                    quiet_minutes: 10_000,
                };
                sources::create(tx, &Scope::system(), &new).await?;
            }
            Ok(())
        });
        made.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let all = sources::list(&mut sql, &Scope::system(), &Default::default()).await.unwrap();
        drop(sql);
        let of = |v: &voices::Voice| all.iter().find(|s| s.name == v.name && s.body_name == v.body);
        let known: Vec<_> = voices.iter().map(|v| of(v).map(|s| s.known.clone())).collect();
        assert!(known.iter().all(Option::is_some));
        let dir = tempfile::tempdir().unwrap();
        let tools = Tools { clock: clock.clone(), secrets: Arc::new(TestSecrets::default()) };
        let log = Log::open(&dir.path().join("events"), Limits::default(), tools).unwrap();
        let lake = Lake::open(&dir.path().join("lake"), Bounds::default()).unwrap();
        let door = Arc::new(Door::open(t.db.clone(), log, clock.clone()).await.unwrap());
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let blobs = store::blobs::Blobs::open_dir(&dir.path().join("blobs")).await.unwrap();
        let brought = crate::events::brought(&Default::default(), File::new("/nonexistent")).unwrap();
        let rules = brought.ready([], Default::default()).unwrap();
        let path = Path {
            door: door.clone(),
            lake: lake.clone(),
            lists: Arc::new(Lists::new(t.db.clone(), blobs)),
            memory: intake::Memory::open(&dir.path().join("correlations")).unwrap(),
            rules: tokio::sync::watch::channel(Arc::new(rules)).1,
            ids,
            legal: Arc::new(Legal::builtin().unwrap()),
            base: "https://canh.test".into(),
        };
        let path = tokio::spawn(path.run(stopped));
        Self { t, clock, door, lake, voices, known, stop, path, _dir: dir }
    }

    /// Time goes on to that minute of the test's, five minutes at a time, and what was said is sent.
    async fn live(&self, from: i64, to: i64, begins: Option<Timestamp>) -> usize {
        let mut lines = 0;
        for five in (from..to).step_by(5) {
            let (at, next) = (minute(five), minute(five + 5));
            self.clock.move_to_minute(five + 5);
            let mut said = day::between(&self.voices, at, next);
            if let Some(begins) = begins {
                said.extend(story::between(&self.voices, begins, at, next));
            }
            said.sort_by_key(|said| said.at);
            lines += said.len();
            send(&self.door, &self.known, said).await;
            if five % 60 == 0 {
                self.judged().await;
                self.lake.convert().unwrap();
            }
        }
        self.judged().await;
        lines
    }

    async fn judged(&self) {
        let mut waited = 0;
        while self.lake.fed() < *self.door.log().durable().borrow() {
            assert!(waited < 15_000, "the path stands still");
            waited += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Alerts by title, once everything is recorded.
    async fn alerts(self) -> Vec<(String, String)> {
        self.stop.send(true).unwrap();
        self.path.await.unwrap();
        let mut sql = self.t.db.read().await.unwrap();
        let found = alerts::list(&mut sql, &Scope::system(), &Default::default(), None, 2_000).await.unwrap();
        let mut all: Vec<(String, String)> =
            found.into_iter().map(|a| (a.alert.title, a.body_name)).collect();
        all.sort();
        all
    }
}

/// `cargo nextest run -p canh --run-ignored only -E 'test(a_day_of_office_life)' --no-capture`: the figure of docs/bench.md.
/// Ignored: a hundred and sixty thousand lines take a minute in a debug build.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a minute; the forenoon is tested below"]
async fn a_day_of_office_life_of_sixty_bodies_raises_few_alerts() {
    // A Wednesday, from eight in the morning.
    let (lines, bodies, alerts) = told(24 * 60).await;
    assert!(lines > 100_000 && bodies >= 50);
    assert!(alerts <= 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_hours_of_work_raise_few_alerts() {
    let (lines, _, alerts) = told(2 * 60).await;
    assert!(lines > 10_000);
    assert!(alerts <= 6);
}

/// Lives for so many minutes and tells what came of it: lines, bodies, alerts.
#[allow(clippy::print_stderr, reason = "the figure")]
async fn told(minutes: i64) -> (usize, usize, usize) {
    let ground = Ground::new().await;
    let lines = ground.live(0, minutes, None).await;
    let bodies = ground.voices.iter().map(|v| v.place).collect::<std::collections::BTreeSet<_>>().len();
    let all = ground.alerts().await;
    eprintln!("{lines} lines of {bodies} bodies, {} alerts in {minutes} minutes", all.len());
    for (title, body) in &all {
        eprintln!("  {title} · {body}");
    }
    (lines, bodies, all.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_break_in_raises_a_chain_of_alerts_of_one_body() {
    let ground = Ground::new().await;
    let begins = minute(2);
    ground.live(0, 15, Some(begins)).await;
    let all = ground.alerts().await;
    let titles: Vec<&str> = all.iter().map(|(title, _)| title.as_str()).collect();
    for wanted in [
        "Dò quét trang web",
        "Chèn câu lệnh SQL",
        "Gọi web shell thường gặp",
        "Máy chủ web chạy lệnh hệ thống",
        "PowerShell chạy lệnh mã hóa",
        "PsExec hoặc tương tự trên máy này",
        "Xóa bản sao bóng đổ",
    ] {
        assert!(titles.contains(&wanted), "{wanted} is not among {titles:?}");
    }
    assert!(all.iter().filter(|(_, body)| *body == all[0].1).count() >= 7, "{all:?}");
}

#[test]
fn a_minute_is_always_the_same_and_stretches_join() {
    let voices = voices::all();
    let (from, to) = (minute(0), minute(3));
    let whole = day::between(&voices, from, to);
    let middle = from.checked_add(SignedDuration::from_secs(77)).unwrap();
    let mut parts = day::between(&voices, from, middle);
    parts.extend(day::between(&voices, middle, to));
    assert!(!whole.is_empty());
    assert_eq!(whole, parts);
    let night = minute(15 * 60);
    let by_night = day::between(&voices, night, night.checked_add(SignedDuration::from_mins(3)).unwrap());
    assert!(by_night.len() * 2 < whole.len(), "offices sleep");
}
