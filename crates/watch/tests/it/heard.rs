//! MON, LOGS and AVC judged from what comes in, minute by minute; silence and drops as alerts.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    actor::{Actor, Scope},
    alert::Status,
    evidence::State,
    id::{Id, Ids, kind},
    legal::Legal,
    monitoring::{DROP_RULE, SILENT_RULE},
    right::Role,
    source::Kind,
};
use jiff::{SignedDuration, Timestamp};
use store::{
    StoreError, Topic, alerts, args,
    assignments::Tools,
    both_engines, retention,
    sources::{self, Flush, New, Turn},
    testing::{TestDb, TestIds, World, issued, minute},
};
use watch::evidence::evaluate_now;

const HOUR: i64 = 60;
const END: i64 = 72 * HOUR;
const CODES: [&str; 3] = ["MON", "LOGS", "AVC"];

struct Story<'a> {
    t: &'a TestDb,
    ids: Arc<TestIds>,
    legal: Legal,
    w: World,
    all: Scope,
    systems: Vec<Id<kind::System>>,
}

impl<'a> Story<'a> {
    /// A body with two systems of level 1 and two machines.
    async fn new(t: &'a TestDb) -> Self {
        let ids = Arc::new(TestIds::default());
        let w = issued(&t.db, &*ids, 1, &CODES, minute(0), minute(END)).await;
        let all = Scope::of(vec![(Role::Coordinator, w.root)]);
        let systems: Vec<Id<kind::System>> = (0..2).map(|_| Id::new(&*ids)).collect();
        let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
        for id in &systems {
            tx.run_for_test(
                "insert into system (id, body, name, folded, sort_key, level, important, personal_data, national_platform, created_at)
                 values ($1, $2, 'Cổng', 'cong', 'cong', 1, false, false, false, 0)",
                args![*id, w.bodies[0]],
            )
            .await
            .unwrap();
        }
        for name in ["may01", "may02"] {
            let id: Id<kind::Host> = Id::new(&*ids);
            tx.run_for_test(
                "insert into host (id, body, name, sort_key, search, source, created_at) values ($1,$2,$3,$3,$3,'hand',0)",
                args![id, w.bodies[0], name],
            )
            .await
            .unwrap();
            tx.run_for_test(
                "insert into host_key (host, kind, value, look, told) values ($1,'name',$2,$2,true)",
                args![id, name],
            )
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
        Self { t, ids, legal: Legal::builtin().unwrap(), w, all, systems }
    }

    async fn source(&self, system: usize, at: i64) -> Id<kind::Source> {
        let id = Id::new(&*self.ids as &dyn Ids);
        let new = New {
            id,
            body: self.w.bodies[0],
            system: Some(self.systems[system]),
            name: "Máy chủ web".into(),
            kind: Kind::Lines,
            digest: id.to_string(),
            address: None,
            zone: "Asia/Ho_Chi_Minh".into(),
            rate: 100,
            quiet_minutes: 30,
        };
        let made: Result<(), StoreError> = store::write!(self.t.db, Actor::System, minute(at), tx => sources::create(tx, &self.all, &new).await);
        made.unwrap();
        id
    }

    async fn says(&self, source: Id<kind::Source>, at: Timestamp, events: u64) {
        let flush = Flush { received: events, kept: events, last_at: Some(at), ..Flush::default() };
        sources::flush(&self.t.db, at, &[(source, flush)], &[]).await.unwrap();
    }

    /// Looks at that moment; listening since the beginning.
    async fn look(&self, at: Timestamp) -> Vec<Turn> {
        let pack = self.legal.on(domain::time::date(at));
        let tools = Tools { ids: &*self.ids, base: "https://canh.test", pack };
        let up = minute(-100 * 24 * HOUR);
        let turned = sources::look(&self.t.db, &tools, up, at).await.unwrap();
        turned.into_iter().map(|(_, turn)| turn).collect()
    }

    /// The source speaks every ten minutes.
    async fn talks(&self, source: Id<kind::Source>, from: i64, to: i64) {
        for at in (from..=to).step_by(10) {
            self.says(source, minute(at), 3).await;
            self.look(minute(at)).await;
        }
    }

    async fn judged(&self, code: &str, at: i64) -> (State, u32, u32, Vec<String>) {
        evaluate_now(&self.t.db, &self.legal, minute(at)).await.unwrap();
        let place = CODES.iter().position(|c| *c == code).unwrap();
        let mut sql = self.t.db.read().await.unwrap();
        let task = &store::verdicts::load(&mut sql, &self.w.tasks[0][place..=place]).await.unwrap()[0];
        let v = &task.verdict;
        (v.state, v.handled, v.all, v.because.iter().map(|b| b.sentence.clone()).collect())
    }

    async fn alerts(&self) -> Vec<(String, Status)> {
        let mut sql = self.t.db.read().await.unwrap();
        let filter = alerts::Filter { side: alerts::Side::All, ..Default::default() };
        let all = alerts::list(&mut sql, &self.all, &filter, None, 100).await.unwrap();
        all.into_iter().map(|a| (a.alert.rule, a.alert.status)).collect()
    }
}

const MANY: i64 = 1_000;

/// So many bodies with a task of MON each, a system and a source; whose sources they are.
async fn many(t: &TestDb, ids: &TestIds) -> Vec<Id<kind::Source>> {
    let w = issued(&t.db, ids, usize::try_from(MANY).unwrap(), &["MON"], minute(0), minute(END)).await;
    let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
    let mut all = Vec::new();
    for (n, body) in w.bodies.iter().enumerate() {
        let (system, source): (Id<kind::System>, Id<kind::Source>) = (Id::new(ids), Id::new(ids));
        let name = n.to_string();
        for (sql, args) in [
            (
                "insert into system (id, body, name, folded, sort_key, level, important, personal_data, national_platform, created_at)
                 values ($1, $2, 'Cổng', 'cong', 'cong', 1, false, false, false, 0)",
                args![system, *body],
            ),
            (
                "insert into event_source (id, body, system, name, sort_key, kind, digest, zone, rate, quiet_minutes, created_at)
                 values ($1, $2, $3, $4, $4, 'lines', $4, 'UTC', 100, 30, 0)",
                args![source, *body, system, &name],
            ),
            ("insert into event_source_count (source) values ($1)", args![source]),
            ("insert into source_health (source) values ($1)", args![source]),
        ] {
            tx.run_for_test(sql, args).await.unwrap();
        }
        all.push(source);
    }
    tx.commit().await.unwrap();
    all
}

both_engines! {
    async fn a_thousand_sources_are_looked_at_and_judged_in_few_statements(t: &TestDb) {
        let ids = TestIds::default();
        let legal = Legal::builtin().unwrap();
        let sources = many(t, &ids).await;
        let pack = legal.on(domain::time::date(minute(0)));
        let tools = Tools { ids: &ids, base: "", pack };
        let statements = || store::testing::STATEMENTS.load(std::sync::atomic::Ordering::Relaxed);
        let mut ran = Vec::new();
        for at in [1, 2, 3] {
            let says = |source: &Id<kind::Source>| {
                (*source, Flush { received: 2, kept: 2, last_at: Some(minute(at)), ..Flush::default() })
            };
            let flush: Vec<_> = sources.iter().map(says).collect();
            sources::flush(&t.db, minute(at), &flush, &[]).await.unwrap();
            let before = statements();
            let turned = sources::look(&t.db, &tools, minute(-100 * 24 * HOUR), minute(at)).await.unwrap();
            assert_eq!(turned, []);
            ran.push(statements() - before);
        }
        // The first begins a stretch of each, and each is told to whoever waits for it: a row of the changes. Those after
        // extend.
        let many = u64::try_from(MANY).unwrap();
        assert!(ran[0] <= many + 20 && ran[1] <= 10 && ran[2] <= 10, "{ran:?}");
        let mut sql = t.db.read().await.unwrap();
        for (sum, wanted) in [
            ("select count(*) as n from fact where kind = 'logs.heard' and to_at - from_at = 120000000", MANY),
            ("select cast(sum(events) as bigint) as n from source_hour", 6 * MANY),
            ("select count(*) as n from source_hour", MANY),
            ("select count(*) as n from source_health where seen = 6 and looked_hour is not null", MANY),
        ] {
            assert_eq!(sql.count_for_test(sum).await.unwrap(), wanted, "{sum}");
        }
        drop(sql);
        let before = statements();
        evaluate_now(&t.db, &legal, minute(4)).await.unwrap();
        let judged = statements() - before;
        assert!(judged <= many * 4, "{judged} statements for {MANY} tasks");
        let mut sql = t.db.read().await.unwrap();
        let of_all = sql.count_for_test("select count(*) as n from task where handled > 0 and total = 4320").await;
        assert_eq!(of_all.unwrap(), MANY, "every body by its own sources");
    }

    async fn a_system_is_heard_minute_by_minute_and_one_without_a_source_is_not_known(t: &TestDb) {
        let s = Story::new(t).await;
        assert_eq!(s.judged("MON", 10).await.0, State::NotYetDue, "nobody listens and it is not due");
        let first = s.source(0, -60).await;
        s.talks(first, -30, 20 * HOUR).await;
        let (state, handled, all, says) = s.judged("MON", 20 * HOUR).await;
        assert_eq!((state, handled, all), (State::Partly, 1_200, 2 * 4_320), "{says:?}");
        assert_eq!(says, ["evidence-mon-unsourced"]);
        let second = s.source(1, 20 * HOUR).await;
        s.talks(second, 20 * HOUR, 20 * HOUR + 30).await;
        // The first has been silent for longer than an hour.
        s.look(minute(21 * HOUR + 20)).await;
        let (state, .., says) = s.judged("MON", 21 * HOUR + 20).await;
        assert_eq!((state, says[0].as_str()), (State::NotMet, "evidence-mon-silent"));
        // All of it heard to the end, but for the gap and the time without a source.
        s.talks(first, 22 * HOUR, END).await;
        s.talks(second, 22 * HOUR, END).await;
        let (state, handled, _, says) = s.judged("MON", END).await;
        assert_eq!((state, handled), (State::Partly, 2 * 4_320 - 120 - 1_200 - 90));
        assert_eq!(says.first().map(String::as_str), Some("evidence-mon-gaps"));
        let facts = s.t.db.read().await.unwrap().count_for_test("select count(*) as n from fact where kind = 'logs.heard'").await;
        assert_eq!(facts.unwrap(), 4, "a stretch is one fact, however long");
    }

    async fn heard_throughout_with_alerts_taken_in_time_is_met(t: &TestDb) {
        let s = Story::new(t).await;
        for system in [0, 1] {
            let source = s.source(system, -HOUR).await;
            s.says(source, minute(-10), 1).await;
            s.look(minute(-10)).await;
            for at in (0..=END).step_by(50) {
                s.says(source, minute(at), 1).await;
                s.look(minute(at)).await;
            }
        }
        let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
        tx.run_for_test(
            "insert into alert (id, body, key, rule, title, about, severity, rank, why, host, account, address, first_at,
               last_at, raised_at, events, status, owned_at)
             values ('01900000-0000-7000-8000-000000000001', $1, 'k', 'r', '', '', 'high', 2, '[]', '', '', '', $2, $2, $2, 1, 'closed', $3)",
            args![s.w.bodies[0], minute(100), minute(150)],
        ).await.unwrap();
        tx.changed(Topic::Alert, "alert:x", Some(s.w.bodies[0]));
        tx.commit().await.unwrap();
        assert_eq!(s.judged("MON", END).await.0, State::Met);
        // Taken after two hours it is a part.
        let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
        tx.run_for_test("update alert set owned_at = $1", args![minute(220)]).await.unwrap();
        tx.changed(Topic::Alert, "alert:x", Some(s.w.bodies[0]));
        tx.commit().await.unwrap();
        let (state, .., says) = s.judged("MON", END).await;
        assert_eq!((state, says), (State::Partly, vec!["evidence-mon-late".to_owned()]));
    }

    async fn silence_is_one_alert_that_ends_when_the_source_speaks(t: &TestDb) {
        let s = Story::new(t).await;
        let source = s.source(0, 0).await;
        s.says(source, minute(5), 1).await;
        assert_eq!(s.look(minute(35)).await, [], "thirty minutes are allowed");
        assert_eq!(s.look(minute(36)).await, [Turn::Silent]);
        assert_eq!(s.look(minute(37)).await, [], "said once");
        assert_eq!(s.alerts().await, [(SILENT_RULE.to_owned(), Status::New)]);
        s.says(source, minute(40), 1).await;
        assert_eq!(s.look(minute(41)).await, [Turn::Speaks]);
        assert_eq!(s.alerts().await, [(SILENT_RULE.to_owned(), Status::Closed)]);
        assert_eq!(s.look(minute(72)).await, [Turn::Silent]);
        assert_eq!(s.alerts().await.len(), 2, "silent again is another alert");
    }

    async fn nobody_is_silent_for_the_time_in_which_nobody_listened(t: &TestDb) {
        let s = Story::new(t).await;
        s.source(0, 0).await;
        let pack = s.legal.on(domain::time::date(minute(0)));
        let tools = Tools { ids: &*s.ids, base: "", pack };
        assert_eq!(sources::look(&t.db, &tools, minute(500), minute(520)).await.unwrap(), []);
        assert_eq!(sources::look(&t.db, &tools, minute(500), minute(531)).await.unwrap().len(), 1);
    }

    async fn a_source_that_sends_much_less_than_it_used_to_is_told(t: &TestDb) {
        let s = Story::new(t).await;
        let monday: Timestamp = "2026-11-02T09:30:00+07:00".parse().unwrap();
        let at = |day: i64, hour: i64| monday + SignedDuration::from_hours(24 * day + hour);
        let source = s.source(0, at(-1, 0).duration_since(minute(0)).as_mins()).await;
        for day in 0..7 {
            for hour in 0..24 {
                let busy = hour == 0 && day < 5;
                s.says(source, at(day, hour), if busy { 1_000 } else { 10 }).await;
                // A quarter of an hour after: the source may be quiet for thirty minutes, and speaks again each hour.
                s.look(at(day, hour)).await;
            }
        }
        s.says(source, at(7, 0), 100).await;
        s.look(at(7, 0)).await;
        s.says(source, at(7, 1), 10).await;
        assert!(s.look(at(7, 1)).await.contains(&Turn::Low));
        assert!(s.alerts().await.contains(&(DROP_RULE.to_owned(), Status::New)));
        let pack = s.legal.on(domain::time::date(at(7, 1)));
        let shown = sources::volume_of(&mut t.db.read().await.unwrap(), source, pack, at(7, 1)).await.unwrap();
        assert_eq!((shown.usual, shown.hours.len(), shown.low.is_some()), (Some(1_000), 48, true));
    }

    async fn logs_are_kept_by_level_and_machines_in_contact_are_counted(t: &TestDb) {
        let s = Story::new(t).await;
        assert_eq!(s.judged("LOGS", END + 1).await.0, State::Unknown);
        let source = s.source(0, -40 * 24 * HOUR).await;
        s.says(source, minute(-40 * 24 * HOUR), 1).await;
        s.look(minute(-40 * 24 * HOUR)).await;
        let (state, handled, all, says) = s.judged("LOGS", 5).await;
        assert_eq!((state, handled, all), (State::Partly, 1, 2), "{says:?}");
        let other = s.source(1, -HOUR).await;
        s.says(other, minute(0), 1).await;
        s.look(minute(0)).await;
        assert_eq!(s.judged("LOGS", 10).await.3, ["evidence-logs-short"]);
        assert_eq!(s.judged("LOGS", 31 * 24 * HOUR).await.0, State::Met, "time alone");
        // What once came is no longer there: what was found counts, not what was counted.
        let late = minute(31 * 24 * HOUR);
        let days = |n: i64| late.checked_sub(SignedDuration::from_hours(24 * n)).unwrap();
        let there = |first: i64, second: i64| BTreeMap::from([(source, days(first)), (other, days(second))]);
        assert_eq!(retention::found(&t.db, late, &there(31, 3)).await.unwrap(), 2);
        assert_eq!(s.judged("LOGS", 31 * 24 * HOUR).await.3, ["evidence-logs-short"]);
        assert_eq!(retention::found(&t.db, late, &there(31, 3)).await.unwrap(), 0, "nothing moved");
        retention::found(&t.db, late, &there(31, 30)).await.unwrap();
        assert_eq!(s.judged("LOGS", 31 * 24 * HOUR).await.0, State::Met);
        retention::found(&t.db, late, &BTreeMap::new()).await.unwrap();
        assert_eq!(s.judged("LOGS", 31 * 24 * HOUR).await.0, State::Unknown, "nothing is there");
        retention::found(&t.db, late, &there(31, 30)).await.unwrap();

        assert_eq!(s.judged("AVC", 10).await.3.last().map(String::as_str), Some("evidence-avc-no-console"));
        let contacts = ["MAY01.xa.example", "la"].map(|name| (name.to_owned(), minute(10))).into();
        let flush = Flush { received: 1, kept: 1, last_at: Some(minute(10)), contacts, ..Flush::default() };
        sources::flush(&t.db, minute(10), &[(source, flush)], &[]).await.unwrap();
        let (state, handled, all, says) = s.judged("AVC", 11).await;
        assert_eq!((state, handled, all), (State::Partly, 1, 2));
        assert_eq!(says, ["evidence-avc-lost", "evidence-avc-unregistered"]);
        assert_eq!(s.judged("AVC", 10 + 72 * HOUR).await.1, 0, "contact is lost after three days, by time alone");
    }
}
