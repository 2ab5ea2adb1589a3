//! The outbox under people's order of channels: what fails falls to the next, what hurries uses all, what is killed
//! anywhere goes on, and whoever was called hears who took it.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    intent::{Intent, To, Urgency},
    legal::Legal,
    paging::{About, Severity},
    person::Quiet,
    time,
};
use jiff::{SignedDuration, Timestamp};
use send::{Channel, Checking, Letterhead, Message, Outcome, Sending};
use store::{
    Db, StoreError, args,
    assignments::Tools,
    callouts::{self, Answer, New},
    intents,
    register::{
        reach, sending,
        webhooks::{self, NewWebhook},
    },
    sign_in::InstanceKey,
    testing::{TestIds, TestSecrets, minute, sqlite},
};
use watch::{engine::Engine, outbox::Outbox};

use crate::{body, person};

/// What a fake channel says to each message in turn; the last for ever.
#[derive(Debug)]
pub struct Fake {
    kind: &'static str,
    says: Vec<Outcome>,
    asked: AtomicUsize,
    /// Addresses of what was taken; what was shown abroad of it; and what was changed afterwards.
    taken: Mutex<Vec<String>>,
    open: Mutex<Vec<bool>>,
    pub changed: Mutex<Vec<(String, String)>>,
    /// The token of the last button at each address.
    pub tokens: Mutex<BTreeMap<String, String>>,
}

impl Fake {
    pub fn new(kind: &'static str, says: Vec<Outcome>) -> Arc<Self> {
        Arc::new(Self {
            kind,
            says,
            asked: AtomicUsize::new(0),
            taken: Mutex::default(),
            open: Mutex::default(),
            changed: Mutex::default(),
            tokens: Mutex::default(),
        })
    }
    pub fn to(&self) -> Vec<String> {
        let mut to = self.taken.lock().unwrap().clone();
        to.sort();
        to
    }
}

pub fn taken() -> Outcome {
    Outcome::Receipt { provider_id: "1".into() }
}
fn refused() -> Outcome {
    Outcome::Refused { why: "403 blocked".into() }
}
fn later(seconds: u32) -> Outcome {
    Outcome::RetryAfter { seconds: Some(seconds), why: "429".into() }
}

impl Channel for Fake {
    fn kind(&self) -> &'static str {
        self.kind
    }
    fn foreign(&self) -> bool {
        self.kind == "telegram"
    }
    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(async move {
            let n = self.asked.fetch_add(1, Ordering::SeqCst);
            // A point at which a worker may die between sending and writing it down.
            tokio::task::yield_now().await;
            let outcome = self.says[n.min(self.says.len() - 1)].clone();
            if let Outcome::Receipt { .. } = outcome {
                self.taken.lock().unwrap().push(message.to.address.clone());
                self.open.lock().unwrap().push(message.open);
                if let Some(action) = message.actions.first() {
                    let mut tokens = self.tokens.lock().unwrap();
                    tokens.insert(message.to.address.clone(), action.token.clone());
                }
            }
            tokio::task::yield_now().await;
            outcome
        })
    }
    fn revise<'a>(&'a self, _: &'a str, message: &'a Message) -> Sending<'a> {
        Box::pin(async move {
            let taken = message.taken.clone().unwrap_or_default();
            assert!(message.actions.is_empty(), "no more buttons");
            self.changed.lock().unwrap().push((message.to.address.clone(), taken));
            Outcome::Receipt { provider_id: "1".into() }
        })
    }
    fn check(&self) -> Checking<'_> {
        Box::pin(async { Ok(()) })
    }
}

pub fn outbox(db: &Db, ways: &[Arc<Fake>]) -> Outbox {
    let ways = ways.iter().map(|w| w.clone() as Arc<dyn Channel>).collect();
    Outbox::new(db.clone(), ways, Letterhead { centre: "Trung tâm".into(), contact: None })
}

/// A verified channel beside those of e-mail.
pub async fn also(db: &Db, ids: &TestIds, who: Id<kind::Person>, kind: &str, address: &str, rank: i64) {
    let id: Id<kind::Channel> = Id::new(ids as &dyn Ids);
    let done: Result<(), StoreError> = store::write!(db, Actor::System, minute(0), tx => {
        tx.run_for_test(
            "insert into channel (id, person, kind, address, verified_at, rank, created_at) values ($1,$2,$3,$4,0,$5,0)",
            args![id, who, kind, address, rank],
        ).await?;
        tx.record("test.channel", "test", None, &());
        Ok(())
    });
    done.unwrap();
}

async fn wish(db: &Db, ids: &TestIds, to: To, urgency: Urgency) {
    let ids = ids as &dyn Ids;
    let intent = Intent {
        id: Id::new(ids),
        key: format!("test:{}", ids.next()),
        to,
        template: "test-call".into(),
        vars: BTreeMap::from([
            ("person".into(), "A".into()),
            ("post".into(), "Trực".into()),
            ("link".into(), "https://canh.test/c/x".into()),
        ]),
        urgency,
        not_before: minute(0),
        expires: minute(999),
    };
    let delivery = Id::new(ids);
    let made: Result<bool, StoreError> = store::write!(db, Actor::System, minute(0), tx => {
        tx.record("test.wished", "test:1", None, &1);
        intents::make(tx, &intent, &[(delivery, "email")]).await
    });
    assert!(made.unwrap());
}

fn after(seconds: i64) -> Timestamp {
    minute(0).checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

async fn states(db: &Db) -> Vec<(String, u32)> {
    intents::counts(&mut db.read().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_channel_that_refuses_falls_to_the_next_at_once_and_one_that_waits_within_half_a_minute() {
    for (first, wait) in [(refused(), 0), (later(600), 25)] {
        let (t, ids) = (sqlite().await, TestIds::default());
        let of = body(&t.db, &ids).await;
        let who = person(&t.db, &ids, of, "vi", true, &[("a@a.example", true, 2)]).await;
        also(&t.db, &ids, who, "telegram", "@abcde", 1).await;
        let (telegram, email) = (Fake::new("telegram", vec![first]), Fake::new("email", vec![taken()]));
        let engine = Engine::new(t.db.clone()).outbox(outbox(&t.db, &[telegram.clone(), email.clone()]));
        wish(&t.db, &ids, To::Person(who), Urgency::Normal).await;
        engine.run_due(after(0)).await.unwrap();
        if wait > 0 {
            assert!(email.to().is_empty(), "the first channel has its time");
            engine.run_due(after(wait)).await.unwrap();
        }
        assert_eq!(email.to(), ["a@a.example"]);
        assert_eq!(telegram.asked.load(Ordering::SeqCst), 1);
        engine.run_due(after(500)).await.unwrap();
        assert_eq!(telegram.asked.load(Ordering::SeqCst), 1, "what it asked for is kept");
    }
}

#[tokio::test]
async fn what_hurries_uses_every_channel_and_what_does_not_the_first_that_takes_it() {
    let (t, ids) = (sqlite().await, TestIds::default());
    let of = body(&t.db, &ids).await;
    let who =
        person(&t.db, &ids, of, "vi", true, &[("a@a.example", true, 2), ("no@a.example", false, 0)]).await;
    also(&t.db, &ids, who, "telegram", "@abcde", 1).await;
    let (telegram, email) = (Fake::new("telegram", vec![taken()]), Fake::new("email", vec![taken()]));
    let engine = Engine::new(t.db.clone()).outbox(outbox(&t.db, &[telegram.clone(), email.clone()]));
    wish(&t.db, &ids, To::Person(who), Urgency::Urgent).await;
    engine.run_due(after(0)).await.unwrap();
    assert_eq!((telegram.to().len(), email.to().len()), (1, 1));
    wish(&t.db, &ids, To::Person(who), Urgency::Normal).await;
    engine.run_due(after(1)).await.unwrap();
    engine.run_due(after(60)).await.unwrap();
    assert_eq!((telegram.to().len(), email.to().len()), (2, 1));
    assert_eq!(states(&t.db).await, [("sent".to_owned(), 3), ("spared".to_owned(), 1)]);
}

#[tokio::test]
async fn quiet_hours_hold_back_what_is_not_urgent() {
    let (t, ids) = (sqlite().await, TestIds::default());
    let of = body(&t.db, &ids).await;
    let who = person(&t.db, &ids, of, "vi", true, &[("a@a.example", true, 1)]).await;
    let email = Fake::new("email", vec![taken()]);
    let engine = Engine::new(t.db.clone()).outbox(outbox(&t.db, std::slice::from_ref(&email)));
    // Minute 0 is 08:00; quiet from seven to nine.
    let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx =>
        reach::set_quiet(tx, &Scope::system(), who, Quiet::new(420, 540)).await);
    done.unwrap();
    wish(&t.db, &ids, To::Person(who), Urgency::Normal).await;
    wish(&t.db, &ids, To::Body(of), Urgency::Low).await;
    engine.run_due(minute(59)).await.unwrap();
    assert!(email.to().is_empty());
    wish(&t.db, &ids, To::Person(who), Urgency::Urgent).await;
    engine.run_due(minute(59)).await.unwrap();
    assert_eq!(email.to().len(), 1, "what is urgent breaks them");
    engine.run_due(minute(60)).await.unwrap();
    assert_eq!(email.to().len(), 3, "they end at nine");
}

#[tokio::test]
async fn what_a_body_is_told_its_systems_hear_too_and_only_those_that_proved_themselves() {
    let (t, ids, secrets) = (sqlite().await, TestIds::default(), TestSecrets::default());
    let (of, other) = (body(&t.db, &ids).await, body(&t.db, &ids).await);
    let who = person(&t.db, &ids, of, "vi", true, &[("a@a.example", true, 1)]).await;
    let key = InstanceKey::new([1; 32]);
    let mut heard = Vec::new();
    for (of, verified) in [(of, true), (of, false), (other, true)] {
        let id = Id::new(&ids as &dyn Ids);
        let new = NewWebhook {
            id,
            body: of,
            name: "SOC".into(),
            url: "https://soc.example/in".into(),
            shape: domain::webhook::Shape::Canh,
            details: false,
        };
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
            webhooks::create(tx, &Scope::system(), &key, &secrets, &new, "whsec_x").await?;
            tx.run_for_test("update webhook set verified_at = 0 where id = $1 and $2", args![id, verified]).await?;
            Ok(())
        });
        done.unwrap();
        heard.push(id.to_string());
    }
    let (email, webhook) = (Fake::new("email", vec![taken()]), Fake::new("webhook", vec![later(1), taken()]));
    let engine = Engine::new(t.db.clone()).outbox(outbox(&t.db, &[email.clone(), webhook.clone()]));
    // The people's quiet hours are no quiet hours of a system.
    let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx =>
        reach::set_quiet(tx, &Scope::system(), who, Quiet::new(420, 540)).await);
    done.unwrap();
    wish(&t.db, &ids, To::Body(of), Urgency::Normal).await;
    engine.run_due(after(0)).await.unwrap();
    assert!(email.to().is_empty() && webhook.to().is_empty(), "one is quiet, the other said: later");
    engine.run_due(after(30)).await.unwrap();
    assert_eq!(webhook.to(), heard[..1], "tried again by itself, to the one of this body that is verified");
    engine.run_due(minute(60)).await.unwrap();
    assert_eq!(email.to(), ["a@a.example"]);
    // To a person alone nothing goes to systems.
    wish(&t.db, &ids, To::Person(who), Urgency::Urgent).await;
    engine.run_due(minute(61)).await.unwrap();
    assert_eq!((email.to().len(), webhook.to().len()), (2, 1));
}

#[tokio::test]
async fn a_foreign_service_carries_details_only_where_every_body_of_the_person_lets_it() {
    let (t, ids) = (sqlite().await, TestIds::default());
    let of = body(&t.db, &ids).await;
    let who = person(&t.db, &ids, of, "vi", true, &[]).await;
    also(&t.db, &ids, who, "telegram", "@abcde", 1).await;
    let telegram = Fake::new("telegram", vec![taken()]);
    let engine = Engine::new(t.db.clone()).outbox(outbox(&t.db, std::slice::from_ref(&telegram)));
    for (n, allowed) in [false, true].into_iter().enumerate() {
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx =>
            sending::set_details_abroad(tx, &Scope::system(), of, allowed).await);
        done.unwrap();
        wish(&t.db, &ids, To::Person(who), Urgency::Urgent).await;
        engine.run_due(minute(i64::try_from(n).unwrap())).await.unwrap();
    }
    assert_eq!(*telegram.open.lock().unwrap(), [false, true]);
}

#[tokio::test]
async fn one_recipients_failure_sends_nothing_again_to_the_others() {
    let (t, ids) = (sqlite().await, TestIds::default());
    let of = body(&t.db, &ids).await;
    for n in 0..3 {
        let address = format!("a{n}@a.example");
        person(&t.db, &ids, of, "vi", true, &[(address.as_str(), true, 0)]).await;
    }
    let email = Fake::new("email", vec![taken(), later(1), taken()]);
    let engine = Engine::new(t.db.clone()).outbox(outbox(&t.db, std::slice::from_ref(&email)));
    wish(&t.db, &ids, To::Body(of), Urgency::Normal).await;
    for seconds in [0, 10, 60] {
        engine.run_due(after(seconds)).await.unwrap();
    }
    assert_eq!(email.to(), ["a0@a.example", "a1@a.example", "a2@a.example"], "each exactly once");
}

/// A worker is killed after each of its steps in turn — every point at which it waits for the store, the channel or its
/// own turn — and another one goes on from what is kept.
#[tokio::test]
async fn killed_after_any_step_nothing_is_lost_and_what_was_written_down_is_not_sent_again() {
    let mut states = 0;
    for steps in 0.. {
        let (t, ids) = (sqlite().await, TestIds::default());
        let of = body(&t.db, &ids).await;
        let who = person(&t.db, &ids, of, "vi", true, &[("a@a.example", true, 2)]).await;
        also(&t.db, &ids, who, "telegram", "@abcde", 1).await;
        // The first is refused, so that spreading, failing, falling and sending are all on the way.
        let (telegram, email) = (Fake::new("telegram", vec![refused()]), Fake::new("email", vec![taken()]));
        wish(&t.db, &ids, To::Person(who), Urgency::Normal).await;
        let ended = {
            let engine = Engine::new(t.db.clone()).outbox(outbox(&t.db, &[telegram.clone(), email.clone()]));
            let mut work = Box::pin(engine.run_due(after(0)));
            let mut left = steps;
            std::future::poll_fn(|cx: &mut Context<'_>| match work.as_mut().poll(cx) {
                Poll::Ready(done) => {
                    done.unwrap();
                    Poll::Ready(true)
                }
                Poll::Pending if left == 0 => Poll::Ready(false),
                Poll::Pending => {
                    left -= 1;
                    Poll::Pending
                }
            })
            .await
            // Dropped here: killed.
        };
        let before = email.to().len();
        let written = self::states(&t.db).await.iter().any(|(s, n)| s == "sent" && *n > 0);
        let engine = Engine::new(t.db.clone()).outbox(outbox(&t.db, &[telegram.clone(), email.clone()]));
        // Its lease is over; and once more for what then falls to the next channel.
        for seconds in [200, 240, 500] {
            engine.run_due(after(seconds)).await.unwrap();
        }
        let all = email.to().len();
        assert!(all >= 1, "lost after {steps} steps");
        assert!(!written || all == before, "sent again though it stood there, after {steps} steps");
        assert!(all <= 2, "at most the one that nobody wrote down is sent again");
        let rest = self::states(&t.db).await;
        assert!(rest.iter().all(|(s, _)| s == "sent" || s == "failed"), "{rest:?} after {steps} steps");
        states += 1;
        if ended {
            break;
        }
    }
    eprintln!("killed at {states} places");
    assert!(states > 10, "the worker waits at more places than that");
}

#[tokio::test]
async fn whoever_was_called_is_told_who_took_it() {
    let (t, ids, secrets) = (sqlite().await, TestIds::default(), TestSecrets::default());
    let of = body(&t.db, &ids).await;
    let one = person(&t.db, &ids, of, "vi", true, &[]).await;
    also(&t.db, &ids, one, "telegram", "@abcde", 1).await;
    let telegram = Fake::new("telegram", vec![taken()]);
    let ways = outbox(&t.db, std::slice::from_ref(&telegram));
    let legal = Arc::new(Legal::builtin().unwrap());
    let tools = Tools { ids: &ids, base: "https://canh.test", pack: legal.on(time::date(minute(0))) };
    let raised: Result<_, StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
        callouts::raise(tx, &tools, New {
            key: "k".into(),
            about: About::TestCall,
            subject: "post:1".into(),
            body: of,
            post: None,
            person: Some(one),
            severity: Severity::High,
            words: vec![("post", "Trực".into())],
            since: minute(0),
        }).await
    });
    let id = raised.unwrap().unwrap();
    let stepped: Result<_, StoreError> =
        store::write!(t.db, Actor::System, minute(0), tx => callouts::step(tx, &tools, &secrets, id).await);
    stepped.unwrap();
    let token = intents::claim(&t.db, minute(0)).await.unwrap().unwrap().intent.vars["token"].clone();
    let (other, again) = (ways.clone(), ways.clone());
    let engine = Engine::new(t.db.clone()).job(watch::callouts::REVISE, move |job, now| {
        let ways = other.clone();
        async move { watch::callouts::revise(&ways, &job, now).await }
    });
    let engine = engine.job(callouts::JOB, |_, _| async { Ok(domain::job::Outcome::Done) }).outbox(again);
    engine.run_due(minute(5)).await.unwrap();
    assert_eq!(telegram.to(), ["@abcde"]);
    let answered =
        callouts::answer(&t.db, &tools, minute(6), &token, Answer::Acknowledge, "telegram").await.unwrap();
    assert!(answered.changed);
    engine.run_due(minute(7)).await.unwrap();
    engine.run_due(minute(9)).await.unwrap();
    let changed = telegram.changed.lock().unwrap().clone();
    assert_eq!(changed, [("@abcde".to_owned(), "Nguyễn Văn A đã nhận lúc 08:06 20/01/2027".to_owned())]);
    assert!(states(&t.db).await.contains(&("acknowledged".to_owned(), 1)));
}
