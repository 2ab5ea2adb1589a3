//! One night: a post that somebody watches, somebody behind them, and their head; each in a chat of Telegram.

use std::sync::Arc;

use domain::{
    actor::{Actor, Scope},
    evidence::Verdict,
    id::{Id, Ids, kind},
    job::Job,
    legal::Legal,
    paging::Standing,
    right::Role,
    roster::{
        CheckIn, Line, Presence, pattern,
        rules::{Days, Layer, Person},
    },
    time::{self, Window},
};
use jiff::Timestamp;
use send::{CallbackConfig, Channel, Letterhead, TelegramChannel};
use serde_json::json;
use store::{
    StoreError, args,
    assignments::Tools,
    callouts::{self, Filter, Shown, Side},
    kept,
    register::grants::{self, NewGrant},
    rosters::{self, NewPost},
    sign_in::InstanceKey,
    testing::{TestDb, TestIds, TestSecrets, World, issued, minute},
    verdicts,
};
use watch::{engine::Engine, evidence, incoming::Desk, outbox::Outbox};

const BASE: &str = "https://canh.test";
/// Their names and chats: on watch, behind them, the head. The check-in is missed at minute 15; by the rules that are
/// built in they are called at minutes 15, 20 and 30.
pub const PEOPLE: [(&str, i64); 3] = [("Lê Thức", 11), ("Trần Dự Bị", 22), ("Phạm Thủ Trưởng", 33)];

pub struct Night<'a> {
    pub t: &'a TestDb,
    pub ids: Arc<TestIds>,
    pub legal: Arc<Legal>,
    pub people: [Person; 3],
    pub post: Id<kind::Post>,
    pub w: World,
    secrets: Arc<TestSecrets>,
}

impl<'a> Night<'a> {
    pub async fn new(t: &'a TestDb) -> Self {
        let ids = Arc::new(TestIds::default());
        let w = issued(&t.db, &*ids, 1, &["DUTY"], minute(0), minute(24 * 60)).await;
        let of = w.bodies[0];
        let mut people = [Id::new(&*ids as &dyn Ids); 3];
        for (place, (name, chat)) in PEOPLE.into_iter().enumerate() {
            let person = crate::person(&t.db, &*ids, of, "vi", false, &[]).await;
            let (grant, channel) = (Id::new(&*ids as &dyn Ids), Id::<kind::Channel>::new(&*ids as &dyn Ids));
            let role = if place == 2 { Role::Head } else { Role::DutyOfficer };
            let grant = NewGrant { id: grant, person, role, body: of, from: None, until: None };
            let made: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
                tx.run_for_test("update person set name = $1 where id = $2", args![name, person]).await?;
                grants::give(tx, &Scope::system(), &grant).await?;
                tx.run_for_test(
                    "insert into channel (id, person, kind, address, target, verified_at, rank, created_at)
                     values ($1,$2,'telegram',$3,$4,0,1,0)",
                    args![channel, person, name, chat.to_string()],
                ).await?;
                Ok(())
            });
            made.unwrap();
            people[place] = person;
        }
        let post = Id::new(&*ids as &dyn Ids);
        let legal = Arc::new(Legal::builtin().unwrap());
        let secrets = Arc::new(TestSecrets::default());
        let night = Self { t, ids, legal, people, post, w, secrets };
        night.roster().await;
        night
    }

    async fn roster(&self) {
        let scope = Scope::of(vec![(Role::Coordinator, self.w.bodies[0])]);
        let new = NewPost {
            id: self.post,
            body: self.w.bodies[0],
            name: "Trực đêm",
            presence: Presence::OnSite,
            covered_by: None,
            needed: 1,
            backup: true,
            check_in: CheckIn::default(),
            shared: &[],
        };
        let local = time::local(minute(0));
        let start = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap();
        let layer = |line, person| {
            let (cycle_days, slots) = pattern::turns(1, 24 * 60, start).unwrap();
            Layer {
                id: Id::new(&*self.ids as &dyn Ids),
                name: "Ca".into(),
                line,
                rank: 0,
                days: Days::All,
                first: local.date(),
                last: None,
                cycle_days,
                crews: vec![vec![person]],
                slots,
            }
        };
        let layers = [layer(Line::Primary, self.people[0]), layer(Line::Backup, self.people[1])];
        let tools = self.tools();
        let made: Result<(), StoreError> = store::write!(self.t.db, Actor::System, minute(0), tx => {
            rosters::create(tx, &scope, &new).await?;
            for layer in &layers {
                rosters::add_layer(tx, &scope, self.post, layer).await?;
            }
            let window = Window { from: minute(0), to: minute(24 * 60) };
            rosters::publish(tx, &scope, &tools, self.post, window, None).await.map(|_| ())
        });
        made.unwrap();
    }

    pub fn tools(&self) -> Tools<'_> {
        Tools { ids: &*self.ids, base: BASE, pack: self.legal.on(time::date(minute(0))) }
    }

    /// Every job of the night, and the outbox over those ways.
    pub fn engine(&self, ways: Vec<Arc<dyn Channel>>) -> Engine {
        let head = Letterhead { centre: "Trung tâm".into(), contact: None };
        let outbox = Outbox::new(self.t.db.clone(), ways, head);
        let (db, ids, legal) = (self.t.db.clone(), self.ids.clone(), self.legal.clone());
        let wake = move |job: Job, now: Timestamp| {
            let (db, ids, legal) = (db.clone(), ids.clone(), legal.clone());
            async move { watch::rosters::run(&db, &*ids, &legal, BASE, &job, now).await }
        };
        let (db, ids, legal, secrets) =
            (self.t.db.clone(), self.ids.clone(), self.legal.clone(), self.secrets.clone());
        let call = move |job: Job, now: Timestamp| {
            let (db, ids, legal, secrets) = (db.clone(), ids.clone(), legal.clone(), secrets.clone());
            async move { watch::callouts::run(&db, &*ids, &*secrets, &legal, BASE, &job, now).await }
        };
        let out = outbox.clone();
        let revise = move |job: Job, now: Timestamp| {
            let out = out.clone();
            async move { watch::callouts::revise(&out, &job, now).await }
        };
        Engine::new(self.t.db.clone())
            .job(watch::rosters::KIND, wake)
            .job(watch::callouts::KIND, call)
            .job(watch::callouts::REVISE, revise)
            .outbox(outbox)
    }

    /// Whoever deals with what comes in.
    pub fn desk(&self, telegram: Option<Arc<TelegramChannel>>, voice: Option<CallbackConfig>) -> Desk {
        Desk {
            db: self.t.db.clone(),
            ids: self.ids.clone(),
            legal: self.legal.clone(),
            base: BASE.into(),
            key: InstanceKey::new([1; 32]),
            telegram,
            polls: false,
            voice,
        }
    }

    /// Telegram tells that somebody pressed a button of the message it sent last.
    pub async fn press(&self, number: i64, chat: i64, data: &str, at: i64) {
        let update = json!({ "update_id": number, "callback_query": { "id": format!("q{number}"), "data": data,
            "from": { "id": chat }, "message": { "message_id": 9, "text": "Chưa điểm danh", "chat": { "id": chat } } } });
        self.comes(number, &update.to_string(), at).await;
    }

    /// Something came in from Telegram.
    pub async fn comes(&self, number: i64, body: &str, at: i64) {
        let came = [(number.to_string(), body.to_owned())];
        kept::receive(&self.t.db, minute(at), "telegram", &came).await.unwrap();
    }

    /// The call-out of the night; there is never more than one.
    pub async fn callout(&self) -> Option<Shown> {
        let mut sql = self.t.db.read().await.unwrap();
        let filter = Filter { side: Side::All, body: None };
        let mut all = callouts::list(&mut sql, &Scope::system(), None, filter, None, 10).await.unwrap();
        assert!(all.len() <= 1, "one silence is one call-out");
        all.pop()
    }

    /// What its log says happened, with the name of whoever it happened to.
    pub async fn log(&self) -> Vec<(String, String)> {
        let Some(one) = self.callout().await else { return Vec::new() };
        let mut sql = self.t.db.read().await.unwrap();
        let log = callouts::log(&mut sql, &Scope::system(), None, one.callout.id).await.unwrap();
        log.into_iter().map(|l| (l.what, l.person.unwrap_or_default())).collect()
    }

    /// Where it stands and who has it.
    pub async fn taken(&self) -> (Standing, Option<(String, String)>) {
        let one = self.callout().await.unwrap();
        let via = one.callout.taken.map(|t| t.via);
        (one.callout.state.standing, one.taker.zip(via))
    }

    pub async fn verdict(&self, at: i64) -> Verdict {
        evidence::evaluate_now(&self.t.db, &self.legal, minute(at)).await.unwrap();
        let mut sql = self.t.db.read().await.unwrap();
        verdicts::load(&mut sql, &self.w.tasks[0]).await.unwrap().remove(0).verdict
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        self.t.db.read().await.unwrap().count_for_test(sql).await.unwrap()
    }
}
