//! The outbox under load: a fifth of all answers is *later* or an error of the server, several workers share the queue.
//! The long form, with the figures of the handbook: `cargo nextest run -p watch --run-ignored only -E 'test(load)' --no-capture`.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use domain::{
    actor::Actor,
    id::{Id, Ids},
    intent::{Intent, To, Urgency},
    time::Clock,
};
use jiff::{SignedDuration, Timestamp};
use send::{Channel, Checking, Letterhead, Message, Outcome, Sending};
use store::{
    Db, StoreError, intents,
    testing::{TestIds, minute, sqlite},
};
use watch::{engine::Engine, outbox::Outbox};

/// Of five answers one is no: by turns 429 with a wait, and an error of the server.
#[derive(Debug, Default)]
struct Moody {
    asked: AtomicUsize,
    /// How often each address was taken, and when last.
    taken: Mutex<BTreeMap<String, (u32, Option<Instant>)>>,
    moody: bool,
}

impl Channel for Moody {
    fn kind(&self) -> &'static str {
        "email"
    }
    #[allow(clippy::disallowed_methods)] // it measures
    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(async move {
            let n = self.asked.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            if self.moody && n % 5 == 4 {
                let seconds = (n % 10 == 4).then_some(7);
                return Outcome::RetryAfter { seconds, why: "429 or 503".into() };
            }
            let mut taken = self.taken.lock().unwrap();
            let of = taken.entry(message.to.address.clone()).or_default();
            *of = (of.0 + 1, Some(Instant::now()));
            Outcome::Receipt { provider_id: "1".into() }
        })
    }
    fn check(&self) -> Checking<'_> {
        Box::pin(async { Ok(()) })
    }
}

fn engine(db: &Db, way: &Arc<Moody>) -> Engine {
    let head = Letterhead { centre: "Trung tâm".into(), contact: None };
    Engine::new(db.clone()).outbox(Outbox::new(db.clone(), vec![way.clone()], head))
}

async fn wish(db: &Db, ids: &dyn Ids, numbers: std::ops::Range<usize>, due: Timestamp) {
    let made: Result<(), StoreError> = store::write!(db, Actor::System, due, tx => {
        for n in numbers.clone() {
            let intent = Intent {
                id: Id::new(ids),
                key: format!("load:{n}"),
                to: To::Email(format!("a{n}@a.example")),
                template: "test-call".into(),
                vars: BTreeMap::from([
                    ("person".into(), "A".into()),
                    ("post".into(), "Trực".into()),
                    ("link".into(), "https://canh.test/c/x".into()),
                ]),
                urgency: Urgency::Normal,
                not_before: due,
                expires: due.checked_add(SignedDuration::from_hours(48)).unwrap(),
            };
            intents::make(tx, &intent, &[(Id::new(ids), "email")]).await?;
        }
        tx.record("test.wished", "test:1", None, &1);
        Ok(())
    });
    made.unwrap();
}

/// So many messages through three workers; returns how often channels were asked.
async fn all_arrive_once(messages: usize) -> usize {
    let (t, ids) = (sqlite().await, TestIds::default());
    let way = Arc::new(Moody { moody: true, ..Moody::default() });
    for from in (0..messages).step_by(500) {
        wish(&t.db, &ids as &dyn Ids, from..(from + 500).min(messages), minute(0)).await;
    }
    let workers = [(); 3].map(|()| engine(&t.db, &way));
    for round in 0..200 {
        let [a, b, c] = &workers;
        let now = minute(round * 2);
        let (a, b, c) = tokio::join!(a.run_due(now), b.run_due(now), c.run_due(now));
        for done in [a, b, c] {
            done.unwrap();
        }
        if way.taken.lock().unwrap().len() == messages {
            break;
        }
    }
    let taken: Vec<u32> = way.taken.lock().unwrap().values().map(|(n, _)| *n).collect();
    assert_eq!(taken.len(), messages, "none is lost");
    assert!(taken.iter().all(|n| *n == 1), "none is taken twice");
    let counts = intents::counts(&mut t.db.read().await.unwrap()).await.unwrap();
    assert_eq!(counts, [("sent".to_owned(), u32::try_from(messages).unwrap())]);
    way.asked.load(Ordering::SeqCst)
}

#[tokio::test]
async fn with_a_fifth_of_all_answers_bad_every_message_arrives_once() {
    assert!(all_arrive_once(300).await >= 300 * 5 / 4 - 1);
}

#[tokio::test]
#[ignore = "takes minutes; prints the figures"]
#[allow(clippy::disallowed_methods)] // it measures
async fn ten_thousand_messages() {
    let began = Instant::now();
    let asked = all_arrive_once(10_000).await;
    eprintln!("10,000 messages, {asked} tries, three workers: {:.1?}", began.elapsed());
}

struct Wall;
impl Clock for Wall {
    #[allow(clippy::disallowed_methods)] // it measures
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs in real time; prints the figures"]
#[allow(clippy::disallowed_methods)] // it measures
async fn a_thousand_pages_a_minute() {
    let (t, ids) = (sqlite().await, TestIds::default());
    let way = Arc::new(Moody::default());
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let running = tokio::spawn(engine(&t.db, &way).run(Arc::new(Wall), stopped));
    let mut due = Vec::new();
    let pace = std::time::Duration::from_millis(60);
    let mut turn = tokio::time::interval(pace);
    for n in 0..1_000 {
        turn.tick().await;
        due.push(Instant::now());
        wish(&t.db, &ids as &dyn Ids, n..n + 1, Timestamp::now()).await;
    }
    for _ in 0..100 {
        if way.taken.lock().unwrap().len() == due.len() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    stop.send(true).unwrap();
    running.await.unwrap();
    let taken = way.taken.lock().unwrap();
    let mut waits: Vec<_> = due
        .iter()
        .enumerate()
        .map(|(n, due)| taken[&format!("a{n}@a.example")].1.unwrap().duration_since(*due))
        .collect();
    waits.sort();
    let at = |part: usize| waits[waits.len() * part / 1_000 - 1];
    eprintln!(
        "1,000 pages in a minute, due → sent: p50 {:.1?}, p99 {:.1?}, worst {:.1?}",
        at(500),
        at(990),
        at(1_000)
    );
}
