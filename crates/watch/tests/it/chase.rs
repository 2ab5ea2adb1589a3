//! Chasing by the engine, over days, with a restart in between.

use std::sync::Arc;

use domain::{actor::Actor, legal::Legal};
use store::{
    StoreError, assignments, both_engines,
    sign_in::InstanceKey,
    testing::{TestDb, TestIds, issued, minute},
};
use watch::{chase::Chase, engine::Engine};

fn engine(t: &TestDb, ids: &Arc<TestIds>) -> Engine {
    let chase = Arc::new(Chase {
        db: t.db.clone(),
        ids: ids.clone(),
        legal: Arc::new(Legal::builtin().unwrap()),
        base: "https://canh.test".into(),
        key: InstanceKey::new([1; 32]),
    });
    Engine::new(t.db.clone()).job(assignments::chase::JOB, move |job, now| {
        let chase = chase.clone();
        async move { chase.run(&job, now).await }
    })
}

async fn count(t: &TestDb, sql: &'static str) -> i64 {
    t.db.read().await.unwrap().count_for_test(sql).await.unwrap()
}

both_engines! {
    async fn a_silent_body_hears_of_it_daily_and_a_restart_changes_nothing(t: &TestDb) {
        let ids = Arc::new(TestIds::default());
        let w = issued(&t.db, &*ids, 2, &["LEAD", "VFIX"], minute(0), minute(5 * 1440)).await;
        let started: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
            for id in &w.assignments {
                assignments::chase::start(tx, &*ids, *id).await?;
            }
            tx.unchanged();
            Ok(())
        });
        started.unwrap();
        for hour in 1..=60 {
            // A new engine each hour: nothing is kept outside the records.
            engine(t, &ids).run_due(minute(hour * 60)).await.unwrap();
        }
        assert_eq!(count(t, "select count(*) as n from intent where template = 'reminder-acknowledge'").await, 4);
        assert_eq!(count(t, "select count(*) as n from intent").await, 4);
        assert_eq!(count(t, "select cast(sum(chased) as bigint) as n from assignment").await, 4);
        let cancelled: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
            tx.run_for_test("update campaign set state = 'closed'", vec![]).await?;
            tx.unchanged();
            Ok(())
        });
        cancelled.unwrap();
        for hour in 61..=80 {
            engine(t, &ids).run_due(minute(hour * 60)).await.unwrap();
        }
        assert_eq!(count(t, "select count(*) as n from intent").await, 4);
        assert_eq!(count(t, "select count(*) as n from job").await, 0, "the job ends with the campaign");
    }
}
