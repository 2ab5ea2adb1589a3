//! How people and bodies are reached: what is kept of it, on both engines.

use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, Secrets, kind},
    intent::To,
    person::{ChannelKind, Lang, Membership, Quiet},
    right::Role,
};
use store::{
    Db, StoreError, addressees, both_engines, kept,
    register::{
        channels::{self, Checked},
        link, people, reach, sending, webhooks,
    },
    sign_in::InstanceKey,
    testing::{TestIds, minute},
};

struct Fixed;
impl Secrets for Fixed {
    fn bytes(&self) -> [u8; 32] {
        [5; 32]
    }
}

macro_rules! act {
    ($db:expr, $actor:expr, $at:expr, $tx:ident => $body:expr) => {{
        let done: Result<_, StoreError> = store::write!($db, $actor, minute($at), $tx => $body);
        done
    }};
}

struct World {
    ids: TestIds,
    body: Id<kind::Body>,
    person: Id<kind::Person>,
}

impl World {
    fn me(&self) -> Actor {
        Actor::Person(self.person)
    }
    fn id<K>(&self) -> Id<K> {
        Id::new(&self.ids as &dyn Ids)
    }
    async fn add(&self, db: &Db, kind: ChannelKind, address: &str, rank: u32) -> Id<kind::Channel> {
        let id = self.id();
        let new = channels::NewChannel { id, person: self.person, kind, address: address.into(), rank };
        act!(db, self.me(), 1, tx => channels::add(tx, &Scope::nothing(), &new).await).unwrap();
        id
    }
}

async fn world(db: &Db) -> World {
    let ids = TestIds::default();
    let body = crate::body(db, &ids, None).await;
    let person = Id::new(&ids as &dyn Ids);
    let memberships = vec![Membership { body, position: None, contact: true }];
    let new = people::NewPerson {
        id: person,
        name: "Trần Thị Bưởi".into(),
        title: None,
        lang: Lang::Vi,
        memberships,
    };
    act!(db, Actor::System, 0, tx => people::create(tx, &Scope::system(), &new).await).unwrap();
    World { ids, body, person }
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, StoreError>, code: &str) {
    assert!(matches!(&outcome, Err(StoreError::Refused(c)) if *c == code), "{outcome:?} is not {code}");
}

async fn addresses(db: &Db, to: &To, kind: &str) -> Vec<String> {
    let mut sql = db.read().await.unwrap();
    addressees::find(&mut sql, to, kind, false).await.unwrap().into_iter().map(|a| a.address).collect()
}

both_engines! {
    async fn a_chat_is_linked_by_the_code_it_sends_and_by_nothing_else(t: &TestDb) {
        let w = world(&t.db).await;
        let chat = w.add(&t.db, ChannelKind::Telegram, "@truc_ban", 0).await;
        act!(t.db, w.me(), 2, tx => channels::start_check(tx, &Scope::nothing(), chat, "digest").await).unwrap();
        refused(act!(t.db, w.me(), 3, tx => channels::verify(tx, &Scope::nothing(), chat, "digest").await), "channel-sends-code");
        let link = |digest: &'static str, chat: &'static str, at| async move {
            act!(t.db, Actor::System, at, tx => link::link(tx, digest, chat).await).unwrap().map(|c| c.id)
        };
        assert_eq!(link("guess", "66", 3).await, None);
        assert!(addresses(&t.db, &To::Person(w.person), "telegram").await.is_empty());
        assert_eq!(link("digest", "77", 4).await, Some(chat));
        assert_eq!(addresses(&t.db, &To::Person(w.person), "telegram").await, ["77"], "the chat, not the name");
        assert_eq!(link("digest", "77", 5).await, Some(chat), "the same update again");
        assert_eq!(link("digest", "66", 5).await, None, "a code is good once");
        assert_eq!(addresses(&t.db, &To::Person(w.person), "telegram").await, ["77"]);
        act!(t.db, w.me(), 10, tx => channels::start_check(tx, &Scope::nothing(), chat, "late").await).unwrap();
        assert_eq!(link("late", "88", 26).await, None);
    }

    async fn a_browser_subscribes_for_itself_and_is_forgotten_when_gone(t: &TestDb) {
        let w = world(&t.db).await;
        let typed = channels::NewChannel { id: w.id(), person: w.person, kind: ChannelKind::Push, address: "Chrome".into(), rank: 0 };
        refused(act!(t.db, w.me(), 1, tx => channels::add(tx, &Scope::system(), &typed).await), "channel-by-browser");
        let theirs = act!(t.db, Actor::System, 1, tx => link::subscribe(tx, &typed, "{1}").await);
        assert!(matches!(theirs, Err(StoreError::NotFound(_))));
        for (n, sub) in ["{1}", "{1}", "{2}"].into_iter().enumerate() {
            let new = channels::NewChannel { id: w.id(), ..typed.clone() };
            act!(t.db, w.me(), 2 + n as i64, tx => link::subscribe(tx, &new, sub).await).unwrap();
        }
        let mut sql = t.db.read().await.unwrap();
        let held = channels::own(&mut sql, w.person).await.unwrap();
        assert_eq!(held.iter().map(|c| c.address.as_str()).collect::<Vec<_>>(), ["Chrome", "Chrome (2)"]);
        drop(sql);
        // Its own code goes there before it counts; nothing else does.
        let first = held[0].id;
        assert_eq!(addresses(&t.db, &To::Channel(first), "push").await, ["{1}"]);
        assert!(addresses(&t.db, &To::Channel(first), "email").await.is_empty());
        assert!(addresses(&t.db, &To::Person(w.person), "push").await.is_empty());
        act!(t.db, w.me(), 6, tx => channels::start_check(tx, &Scope::nothing(), first, "d").await).unwrap();
        let done = act!(t.db, w.me(), 6, tx => channels::verify(tx, &Scope::nothing(), first, "d").await).unwrap();
        assert_eq!(done, Checked::Verified);
        assert_eq!(addresses(&t.db, &To::Person(w.person), "push").await, ["{1}"]);
        for want in [1, 0] {
            let gone = act!(t.db, Actor::System, 7, tx => link::gone(tx, ChannelKind::Push, "{1}").await).unwrap();
            assert_eq!(gone, want);
        }
        assert!(addresses(&t.db, &To::Person(w.person), "push").await.is_empty());
    }

    async fn a_plan_is_in_the_order_the_person_chose_and_has_their_quiet_hours(t: &TestDb) {
        let w = world(&t.db).await;
        let none = Scope::nothing();
        let mail = w.add(&t.db, ChannelKind::Email, "buoi@tinh.example", 0).await;
        let sms = w.add(&t.db, ChannelKind::Sms, "0912345678", 1).await;
        for id in [mail, sms] {
            act!(t.db, w.me(), 2, tx => channels::start_check(tx, &none, id, "d").await).unwrap();
            act!(t.db, w.me(), 2, tx => channels::verify(tx, &none, id, "d").await).unwrap();
        }
        w.add(&t.db, ChannelKind::Voice, "0912345678", 2).await;
        act!(t.db, w.me(), 3, tx => reach::prefer(tx, &none, sms).await).unwrap();
        let night = Quiet::new(1320, 360);
        act!(t.db, w.me(), 3, tx => reach::set_quiet(tx, &none, w.person, night).await).unwrap();
        let mut sql = t.db.read().await.unwrap();
        let plan = reach::plan_of(&mut sql, w.person).await.unwrap();
        assert_eq!(plan.kinds(), [ChannelKind::Sms, ChannelKind::Email]);
        assert_eq!((plan.channels.len(), plan.quiet), (3, night));
        drop(sql);
        act!(t.db, w.me(), 4, tx => reach::set_quiet(tx, &none, w.person, None).await).unwrap();
        assert_eq!(reach::quiet_of(&mut t.db.read().await.unwrap(), w.person).await.unwrap(), None);
        let stranger = Actor::Person(Id::new(&w.ids as &dyn Ids));
        let theirs = act!(t.db, stranger, 4, tx => reach::set_quiet(tx, &none, w.person, night).await);
        assert!(matches!(theirs, Err(StoreError::NotFound(_))));
    }

    async fn what_leaves_the_country_is_switched_on_by_each_body_for_itself(t: &TestDb) {
        let w = world(&t.db).await;
        let other = crate::body(&t.db, &w.ids, None).await;
        let scope = Scope::of(vec![(Role::Administrator, w.body)]);
        let open = || async { sending::person_open(&mut t.db.read().await.unwrap(), w.person).await.unwrap() };
        assert!(!open().await && !sending::details_abroad(&mut t.db.read().await.unwrap(), w.body).await.unwrap());
        let theirs = act!(t.db, w.me(), 1, tx => sending::set_details_abroad(tx, &scope, other, true).await);
        assert!(matches!(theirs, Err(StoreError::NotFound(_))));
        act!(t.db, w.me(), 1, tx => sending::set_details_abroad(tx, &scope, w.body, true).await).unwrap();
        assert!(open().await);
        let both = Membership { body: other, position: None, contact: false };
        act!(t.db, Actor::System, 2, tx => people::serve(tx, &Scope::system(), w.person, &both).await).unwrap();
        assert!(!open().await, "the other body did not");
        act!(t.db, w.me(), 3, tx => sending::set_details_abroad(tx, &scope, w.body, false).await).unwrap();
        assert!(!sending::details_abroad(&mut t.db.read().await.unwrap(), w.body).await.unwrap());
    }

    async fn a_webhook_counts_once_its_code_came_back_and_changes_its_secret_without_a_gap(t: &TestDb) {
        let w = world(&t.db).await;
        let key = InstanceKey::new([3; 32]);
        let scope = Scope::of(vec![(Role::Administrator, w.body)]);
        let new = webhooks::NewWebhook { id: w.id(), body: w.body, name: "SOC".into(), url: "https://soc.example/in".into(), shape: domain::webhook::Shape::Canh, details: false };
        let make = |scope: Scope, new: webhooks::NewWebhook| { let key = &key; async move {
            act!(t.db, Actor::System, 1, tx => webhooks::create(tx, &scope, key, &Fixed, &new, "whsec_one").await)
        } };
        assert!(matches!(make(Scope::of(vec![(Role::Viewer, w.body)]), new.clone()).await, Err(StoreError::NotFound(_))));
        refused(make(scope.clone(), webhooks::NewWebhook { url: "ftp://x".into(), ..new.clone() }).await, "webhook-url");
        refused(make(scope.clone(), webhooks::NewWebhook { name: " ".into(), ..new.clone() }).await, "webhook-name");
        make(scope.clone(), new.clone()).await.unwrap();
        let to = To::Body(w.body);
        assert!(addresses(&t.db, &to, "webhook").await.is_empty());
        assert_eq!(addresses(&t.db, &To::Webhook(new.id), "webhook").await, [new.id.to_string()]);
        act!(t.db, w.me(), 2, tx => webhooks::start_check(tx, &scope, new.id, "d").await).unwrap();
        let check = |digest: &'static str, at| { let (scope, me) = (&scope, w.me()); async move {
            act!(t.db, me, at, tx => webhooks::verify(tx, scope, new.id, digest).await).unwrap()
        } };
        assert_eq!(check("x", 3).await, Checked::Wrong { left: 4 });
        assert_eq!(check("d", 18).await, Checked::Expired);
        act!(t.db, w.me(), 19, tx => webhooks::start_check(tx, &scope, new.id, "d").await).unwrap();
        assert_eq!(check("d", 20).await, Checked::Verified);
        assert_eq!(check("d", 20).await, Checked::Expired, "once");
        assert_eq!(addresses(&t.db, &to, "webhook").await, [new.id.to_string()]);
        act!(t.db, w.me(), 30, tx => webhooks::rotate(tx, &scope, &key, &Fixed, new.id, "whsec_two").await).unwrap();
        let secrets = |at| { let key = &key; async move {
            webhooks::target(&mut t.db.read().await.unwrap(), key, minute(at), new.id).await.unwrap().unwrap().secrets
        } };
        assert_eq!(secrets(31).await, ["whsec_two", "whsec_one"]);
        assert_eq!(secrets(30 + 24 * 60).await, ["whsec_two"]);
        assert!(webhooks::target(&mut t.db.read().await.unwrap(), &InstanceKey::new([4; 32]), minute(31), new.id).await.is_err());
        act!(t.db, w.me(), 32, tx => webhooks::close(tx, &scope, new.id).await).unwrap();
        assert!(addresses(&t.db, &to, "webhook").await.is_empty());
        assert_eq!(webhooks::target(&mut t.db.read().await.unwrap(), &key, minute(33), new.id).await.unwrap().map(|t| t.url), None);
    }

    async fn what_comes_in_twice_is_dealt_with_once_and_by_another_if_the_first_dies(t: &TestDb) {
        let came = |n: &str| (n.to_owned(), format!("body {n}"));
        assert_eq!(kept::receive(&t.db, minute(0), "telegram", &[came("9"), came("10")]).await.unwrap(), 2);
        assert_eq!(kept::receive(&t.db, minute(1), "telegram", &[came("10"), came("11")]).await.unwrap(), 1);
        assert_eq!(kept::last_number(&mut t.db.read().await.unwrap(), "telegram").await.unwrap(), Some(11));
        assert_eq!(kept::last_number(&mut t.db.read().await.unwrap(), "voice").await.unwrap(), None);
        let first = kept::take(&t.db, minute(2)).await.unwrap().unwrap();
        kept::done(&t.db, minute(2), &first).await.unwrap();
        let second = kept::take(&t.db, minute(2)).await.unwrap().unwrap();
        let third = kept::take(&t.db, minute(2)).await.unwrap().unwrap();
        assert_eq!(kept::take(&t.db, minute(2)).await.unwrap(), None, "both are held");
        assert!(second.body.starts_with("body ") && third.number == "11");
        assert_eq!(kept::take(&t.db, minute(3)).await.unwrap().unwrap(), second, "its holder died");
        kept::done(&t.db, minute(3), &second).await.unwrap();
        assert_eq!(kept::receive(&t.db, minute(4), "telegram", &[came("9")]).await.unwrap(), 0);
        assert!(kept::next_incoming(&mut t.db.read().await.unwrap()).await.unwrap().is_some());
    }

    async fn a_kept_secret_is_sealed_and_changed_only_from_what_was_read(t: &TestDb) {
        let key = InstanceKey::new([3; 32]);
        let swap = |before: Option<&'static str>, value: &'static str| { let key = &key; async move {
            kept::swap(&t.db, key, &Fixed, minute(1), "zalo.refresh-token", before, value).await.unwrap()
        } };
        assert!(swap(None, "one").await);
        assert!(!swap(None, "two").await);
        assert!(swap(Some("one"), "two").await);
        let read = |key: InstanceKey| async move { kept::get(&mut t.db.read().await.unwrap(), &key, "zalo.refresh-token").await };
        assert_eq!(read(key.clone()).await.unwrap().as_deref(), Some("two"));
        assert!(read(InstanceKey::new([4; 32])).await.is_err());
    }
}
