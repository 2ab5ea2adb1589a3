//! Rounds of quick reports by the engine, and what the evidence makes of them.

use std::sync::Arc;

use domain::{
    actor::{Actor, Scope},
    evidence::State,
    id::{Id, Ids, kind},
    legal::Legal,
    quick_reports::Said,
    right::Role,
};
use jiff::Timestamp;
use store::{
    StoreError, args, both_engines,
    quick_reports::{Desk, NewReport, confirm},
    sign_in::InstanceKey,
    testing::{TestDb, TestIds, World, issued, minute},
    verdicts,
};
use watch::{engine::Engine, evidence, quick_reports};

const HOUR: i64 = 60;
/// The test's time begins at 08:00: the first round is that of 16:00.
const FIRST: i64 = 8 * HOUR;

fn engine(t: &TestDb, ids: &Arc<TestIds>) -> Engine {
    let (db, ids, legal) = (t.db.clone(), ids.clone(), Arc::new(Legal::builtin().unwrap()));
    Engine::new(t.db.clone()).job(quick_reports::KIND, move |_, now| {
        let (db, ids, legal) = (db.clone(), ids.clone(), legal.clone());
        async move {
            quick_reports::run(&db, &*ids, &legal, "https://canh.test", &InstanceKey::new([1; 32]), now).await
        }
    })
}

async fn count(t: &TestDb, sql: &'static str) -> i64 {
    t.db.read().await.unwrap().count_for_test(sql).await.unwrap()
}

async fn duty(t: &TestDb, ids: &TestIds, body: Id<kind::Body>) -> Id<kind::Person> {
    let person: Id<kind::Person> = Id::new(ids);
    let grant: Id<kind::Grant> = Id::new(ids);
    let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
    tx.run_for_test(
        "insert into person (id, name, folded, sort_key, created_at) values ($1, 'Trực ban', 'truc', 'truc', 0)",
        args![person],
    )
    .await
    .unwrap();
    tx.run_for_test(
        "insert into role_grant (id, person, role, body, created_at) values ($1,$2,'duty-officer',$3,0)",
        args![grant, person, body],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    person
}

async fn nil(t: &TestDb, ids: &TestIds, w: &World, person: Id<kind::Person>, round: i64, at: i64) {
    let (legal, key) = (Legal::builtin().unwrap(), InstanceKey::new([1; 32]));
    let desk = Desk { ids, legal: &legal, base: "", key: &key };
    let said = Said { nil: true, ..Said::default() };
    let new = NewReport {
        id: Id::new(ids as &dyn Ids),
        assignment: w.assignments[0],
        round: minute(round),
        corrects: 0,
        shown: None,
        said: &said,
    };
    let scope = Scope::of(vec![(Role::DutyOfficer, w.bodies[0])]);
    let done: Result<_, StoreError> = store::write!(t.db, Actor::Person(person), minute(at), tx => {
        confirm(tx, &scope, &desk, &new).await
    });
    done.unwrap();
}

async fn verdict(t: &TestDb, w: &World, body: usize) -> (State, u32, u32, Option<Timestamp>) {
    let mut sql = t.db.read().await.unwrap();
    let v = verdicts::load(&mut sql, &[w.tasks[body][0]]).await.unwrap().remove(0).verdict;
    (v.state, v.handled, v.all, v.next_check)
}

both_engines! {
    async fn the_engine_chases_each_round_once_through_restarts(t: &TestDb) {
        let ids = Arc::new(TestIds::default());
        let w = issued(&t.db, &*ids, 2, &["RPT"], minute(0), minute(2 * 1440)).await;
        let person = duty(t, &ids, w.bodies[0]).await;
        engine(t, &ids).schedule(&*ids, minute(0), quick_reports::KIND, minute(0)).await.unwrap();
        let mut reports = 0;
        for n in 0..=(FIRST + 4 * HOUR) {
            if n == FIRST + 61 {
                nil(t, &ids, &w, person, FIRST, n).await;
                reports += 1;
            }
            // A new engine each minute: nothing is kept outside the records.
            engine(t, &ids).run_due(minute(n)).await.unwrap();
        }
        assert_eq!(reports, 1);
        // The first body heard before and at the due time, then answered; the second all five, of whom the superior's
        // finds nobody at all.
        assert_eq!(count(t, "select count(*) as n from quick_chase").await, 2 + 5);
        assert_eq!(count(t, "select count(*) as n from intent where template = 'quick-report-due'").await, 2);
        assert_eq!(count(t, "select count(*) as n from intent where template = 'quick-report-late'").await, 3);
        assert_eq!(count(t, "select count(*) as n from intent where template = 'quick-report-late-head'").await, 1);
    }

    async fn time_alone_and_each_report_change_the_verdict(t: &TestDb) {
        let ids = TestIds::default();
        let w = issued(&t.db, &ids, 2, &["RPT"], minute(0), minute(2 * 1440)).await;
        let person = duty(t, &ids, w.bodies[0]).await;
        let legal = Legal::builtin().unwrap();
        let now = async |at| evidence::evaluate_now(&t.db, &legal, minute(at)).await.unwrap();
        now(1).await;
        assert_eq!(verdict(t, &w, 0).await, (State::NotYetDue, 0, 0, Some(minute(FIRST + 60))));
        nil(t, &ids, &w, person, FIRST, FIRST + 5).await;
        now(FIRST + 60).await;
        assert_eq!(verdict(t, &w, 0).await, (State::Met, 1, 1, Some(minute(1440 + 60))));
        assert_eq!(verdict(t, &w, 1).await.0, State::NotMet);
        now(1440 + 60).await;
        assert_eq!(verdict(t, &w, 0).await.0, State::NotMet, "the second round did not come");
        nil(t, &ids, &w, person, 1440, 1440 + 90).await;
        now(1440 + 91).await;
        assert_eq!(verdict(t, &w, 0).await, (State::Partly, 1, 2, Some(minute(1440 + FIRST + 60))));
    }
}
