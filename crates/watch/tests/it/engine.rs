use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use domain::{id::Ids, job::Outcome, time::Clock};
use jiff::Timestamp;
use store::{
    both_engines, jobs,
    testing::{TestIds, minute},
};
use tokio::sync::watch as signal;
use watch::engine::Engine;

use crate::enqueue;

/// The wall's clock: the loop sleeps in real time.
struct Wall;
impl Clock for Wall {
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> Timestamp {
        domain::time::cut(Timestamp::now())
    }
}

both_engines! {
    async fn what_is_due_runs_once_and_what_fails_is_kept_with_its_reason(t: &TestDb) {
        let ids = TestIds::default();
        let ran = Arc::new(AtomicU32::new(0));
        let count = ran.clone();
        let engine = Engine::new(t.db.clone())
            .job("good", move |_, _| { let n = count.clone(); async move { n.fetch_add(1, Ordering::SeqCst); Ok(Outcome::Done) } })
            .job("bad", |_, _| async { anyhow::bail!("the disk is full") })
            .job("worse", |_, _| async { panic!("as asked") })
            .job("daily", |_, now| async move { Ok(Outcome::Again(now.checked_add(jiff::SignedDuration::from_hours(24)).unwrap())) });
        for kind in ["good", "bad", "worse", "nobody-knows"] { enqueue(&t.db, &ids, kind, 1).await; }
        engine.schedule(&ids as &dyn Ids, minute(0), "daily", minute(1)).await.unwrap();
        engine.schedule(&ids as &dyn Ids, minute(0), "daily", minute(1)).await.unwrap();
        assert_eq!(engine.run_due(minute(0)).await.unwrap(), (0, 0));
        assert_eq!(engine.run_due(minute(1)).await.unwrap(), (5, 0));
        assert_eq!(ran.load(Ordering::SeqCst), 1);
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(jobs::counts(&mut sql).await.unwrap(), (4, 0));
        let reasons = sql.count_for_test(
            "select count(*) as n from job where last_error in ('the disk is full', 'this version of Canh has no such job')
             or last_error like 'panicked%'").await.unwrap();
        assert_eq!(reasons, 3);
    }

    async fn the_loop_wakes_for_new_work_and_stops_when_told(t: &TestDb) {
        let ids = TestIds::default();
        let (done, mut seen) = signal::channel(0_u32);
        let engine = Engine::new(t.db.clone()).job("note", move |_, _| {
            done.send_modify(|n| *n += 1);
            async { Ok(Outcome::Done) }
        });
        let (stop, stopped) = signal::channel(false);
        let running = tokio::spawn(engine.run(Arc::new(Wall), stopped));
        // Given while it sleeps; due long ago by the wall's clock or not for a while — never early.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut tx = t.db.begin_quiet(Wall.now()).await.unwrap();
        let soon = Wall.now().checked_add(jiff::SignedDuration::from_millis(400)).unwrap();
        jobs::enqueue(&mut tx, domain::id::Id::new(&ids as &dyn Ids), "note", "k", soon, &serde_json::Value::Null).await.unwrap();
        tx.commit().await.unwrap();
        tokio::time::timeout(Duration::from_secs(20), seen.wait_for(|n| *n == 1)).await.unwrap().unwrap();
        assert!(Wall.now() >= soon);
        stop.send(true).unwrap();
        tokio::time::timeout(Duration::from_secs(20), running).await.unwrap().unwrap();
    }
}
