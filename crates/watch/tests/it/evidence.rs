//! From facts to verdicts, on both engines.

use domain::{evidence::State, fact::kinds, legal::Legal, time::Clock};
use serde_json::json;
use std::sync::Arc;
use store::{
    Topic, both_engines,
    testing::{TestClock, TestDb, TestIds, World, fact, issued, minute, people},
    verdicts,
};
use watch::evidence;

const CODES: [&str; 4] = ["LEAD", "CONT", "VFIX", "SELF"];

async fn world(t: &TestDb, ids: &TestIds, bodies: usize) -> World {
    issued(&t.db, ids, bodies, &CODES, minute(0), minute(100)).await
}

async fn now(t: &TestDb, at: i64) -> usize {
    evidence::evaluate_now(&t.db, &Legal::builtin().unwrap(), minute(at)).await.unwrap()
}

async fn states(t: &TestDb, w: &World, body: usize) -> Vec<State> {
    let mut sql = t.db.read().await.unwrap();
    let tasks = verdicts::load(&mut sql, &w.tasks[body]).await.unwrap();
    w.tasks[body].iter().map(|id| tasks.iter().find(|t| t.id == *id).unwrap().verdict.state).collect()
}

async fn acknowledge(t: &TestDb, ids: &TestIds, w: &World, body: usize, at: i64) {
    let subject = format!("assignment:{}", w.assignments[body]);
    fact(&t.db, ids, Topic::Assignment, kinds::ACKNOWLEDGED, w.bodies[body], &subject, json!({}), minute(at))
        .await;
}

async fn evidence_of(t: &TestDb, ids: &TestIds, w: &World, task: usize, kind: &str, at: i64) {
    let subject = format!("task:{}", w.tasks[0][task]);
    let value = json!({"submission": "s", "handled": 3, "all": 4});
    fact(&t.db, ids, Topic::Task, kind, w.bodies[0], &subject, value, minute(at)).await;
}

both_engines! {
    async fn each_fact_changes_only_its_own_cells(t: &TestDb) {
        use State::*;
        let ids = TestIds::default();
        let w = world(t, &ids, 3).await;
        assert_eq!(now(t, 1).await, 12, "every task is judged once");
        assert_eq!(now(t, 1).await, 0, "and not again");
        acknowledge(t, &ids, &w, 0, 2).await;
        assert_eq!(now(t, 3).await, 1);
        assert_eq!(states(t, &w, 0).await, [Met, NotYetDue, NotYetDue, NotYetDue]);
        assert_eq!(states(t, &w, 1).await, [NotYetDue; 4]);
        evidence_of(t, &ids, &w, 2, kinds::SUBMITTED, 4).await;
        evidence_of(t, &ids, &w, 2, kinds::ACCEPTED, 5).await;
        assert_eq!(now(t, 6).await, 1);
        assert_eq!(states(t, &w, 0).await[2], Partly);
    }

    async fn an_independent_count_lowers_what_was_accepted(t: &TestDb) {
        use domain::{actor::{Actor, Scope}, counts::{Kind, Source}};
        let ids = TestIds::default();
        let w = world(t, &ids, 2).await;
        let subject = format!("task:{}", w.tasks[0][2]);
        let value = json!({"submission": "s", "handled": 3, "all": 3});
        fact(&t.db, &ids, Topic::Task, kinds::ACCEPTED, w.bodies[0], &subject, value, minute(2)).await;
        now(t, 3).await;
        assert_eq!(states(t, &w, 0).await[2], State::Met);
        let on = domain::time::date(minute(4));
        let left_out = Default::default();
        let new = store::counts::NewCount {
            body: w.bodies[0], source: Source::Directory, counts: &[(Kind::All, 41)], on, note: "", file: None, left_out: &left_out,
        };
        let done: Result<u32, store::StoreError> = store::write!(t.db, Actor::System, minute(4), tx => {
            store::counts::record(tx, &Scope::system(), &ids, &new).await
        });
        done.unwrap();
        now(t, 5).await;
        let mut sql = t.db.read().await.unwrap();
        let task = verdicts::load(&mut sql, &w.tasks[0]).await.unwrap().into_iter().find(|t| t.id == w.tasks[0][2]).unwrap();
        assert_eq!((task.verdict.state, task.verdict.handled, task.verdict.all), (State::Partly, 3, 41));
        assert!(task.verdict.because.iter().any(|b| b.sentence == "evidence-counts-more" && b.fact.is_some()));
        drop(sql);
        // A quarter of a year later the list says nothing any more.
        now(t, 60 * 24 * 91).await;
        assert_eq!(states(t, &w, 0).await[2], State::Met);
    }

    async fn a_verified_contact_counts_as_soon_as_the_register_says_so(t: &TestDb) {
        let ids = TestIds::default();
        let w = world(t, &ids, 2).await;
        now(t, 1).await;
        people(&t.db, &ids, w.bodies[1], "Lê Thị Na", 1, minute(2)).await;
        assert_eq!(now(t, 3).await, 1);
        assert_eq!(states(t, &w, 1).await[1], State::Partly);
        people(&t.db, &ids, w.bodies[1], "Trần Văn Tú", 2, minute(4)).await;
        assert_eq!(now(t, 5).await, 1);
        assert_eq!(states(t, &w, 1).await[1], State::Met);
        assert_eq!(states(t, &w, 0).await[1], State::NotYetDue);
    }

    async fn time_alone_changes_verdicts(t: &TestDb) {
        let ids = TestIds::default();
        let w = world(t, &ids, 2).await;
        now(t, 1).await;
        assert_eq!(now(t, 99).await, 0);
        assert_eq!(now(t, 100).await, 8);
        assert_eq!(states(t, &w, 1).await, [State::NotMet; 4]);
        assert_eq!(now(t, 101).await, 0);
    }

    async fn a_restart_resumes_and_forgotten_changes_mean_starting_over(t: &TestDb) {
        let ids = TestIds::default();
        let w = world(t, &ids, 2).await;
        now(t, 1).await;
        acknowledge(t, &ids, &w, 0, 2).await;
        // `evaluate_now` is a new worker each time: it resumes at the place kept.
        assert_eq!(now(t, 3).await, 1);
        acknowledge(t, &ids, &w, 1, 4).await;
        t.db.forget_changes(minute(50), minute(50)).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(verdicts::cursor(&mut sql).await.unwrap(), None);
        drop(sql);
        assert_eq!(now(t, 51).await, 1);
        assert_eq!(states(t, &w, 1).await[0], State::Met);
    }

    async fn the_running_worker_judges_by_itself(t: &TestDb) {
        let ids = TestIds::default();
        let w = world(t, &ids, 2).await;
        let clock: Arc<dyn Clock> = Arc::new(TestClock::at_minute(1));
        let legal = Arc::new(Legal::builtin().unwrap());
        let mut follower = t.db.changes(t.db.last_change().await.unwrap(), &[Topic::Verdict]);
        let worker = tokio::spawn(evidence::run(t.db.clone(), legal, clock));
        follower.next().await.unwrap();
        acknowledge(t, &ids, &w, 1, 1).await;
        loop {
            let heard = follower.next().await.unwrap();
            if heard.iter().any(|c| c.subject == format!("assignment:{}", w.assignments[1])) {
                break;
            }
        }
        worker.abort();
        assert_eq!(states(t, &w, 1).await[0], State::Met);
    }
}

/// The chain of passing on: what a leaf does shows at every level above, and at no neighbour.
#[tokio::test]
async fn a_cascade_is_judged_up_the_chain() {
    let t = store::testing::sqlite().await;
    let ids = TestIds::default();
    let w = issued(&t.db, &ids, 2, &["CASC"], minute(0), minute(100)).await;
    now(&t, 1).await;
    assert_eq!(states(&t, &w, 0).await, [State::NotApplicable]);
    let mut tx = t.db.begin_quiet(minute(2)).await.unwrap();
    // Two hamlets come under the first commune.
    for id in ["a", "b"] {
        let id = format!("01900000-0000-7000-8000-00000000000{id}");
        tx.run_for_test(
            "insert into body (id, parent, kind, name, folded, sort_key, created_at) values ($1,$2,'school','T','t','t',0)",
            store::args![&id, w.bodies[0]],
        )
        .await
        .unwrap();
        tx.run_for_test(
            "insert into body_closure (above, below, depth) select above, $1, depth + 1 from body_closure where below = $2",
            store::args![&id, w.bodies[0]],
        )
        .await
        .unwrap();
        tx.run_for_test(
            "insert into body_closure (above, below, depth) values ($1, $1, 0)",
            store::args![&id],
        )
        .await
        .unwrap();
        tx.changed(Topic::Register, format!("body:{id}"), Some(id.parse().unwrap()));
    }
    tx.commit().await.unwrap();
    assert_eq!(now(&t, 3).await, 1);
    assert_eq!(states(&t, &w, 0).await, [State::NotYetDue]);
    // The commune passes it on to one of them, who acknowledges.
    let mut tx = t.db.begin_quiet(minute(4)).await.unwrap();
    tx.run_for_test(
        "insert into campaign (id, body, parent_assignment, name, folded, state, created_at) values ('01900000-0000-7000-8000-0000000000c0',$1,$2,'Tiếp','tiep','issued',0)",
        store::args![w.bodies[0], w.assignments[0]],
    )
    .await
    .unwrap();
    tx.run_for_test(
        "insert into assignment (id, campaign, body, parent, received_at, acknowledged_at)
         values ('01900000-0000-7000-8000-0000000000d0','01900000-0000-7000-8000-0000000000c0','01900000-0000-7000-8000-00000000000a',$1,0,1)",
        store::args![w.assignments[0]],
    )
    .await
    .unwrap();
    tx.changed(
        Topic::Assignment,
        "assignment:01900000-0000-7000-8000-0000000000d0",
        Some("01900000-0000-7000-8000-00000000000a".parse().unwrap()),
    );
    tx.commit().await.unwrap();
    assert_eq!(now(&t, 5).await, 1);
    let mut sql = t.db.read().await.unwrap();
    let task = verdicts::load(&mut sql, &w.tasks[0]).await.unwrap().remove(0);
    assert_eq!((task.verdict.state, task.verdict.handled, task.verdict.all), (State::Partly, 1, 2));
    assert_eq!(states(&t, &w, 1).await, [State::NotApplicable]);
}
