use domain::{
    id::{Id, Ids},
    job::Outcome,
};
use serde_json::json;
use store::{
    both_engines, jobs,
    testing::{TestDb, TestIds, minute},
};

async fn enqueue(t: &TestDb, ids: &TestIds, key: &str, due: i64) -> bool {
    let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
    let new = jobs::enqueue(&mut tx, Id::new(ids as &dyn Ids), "remind", key, minute(due), &json!({"n": 1}))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    new
}

both_engines! {
    async fn clocks_stand_when_what_was_due_minutes_ago_is_not_begun(t: &TestDb) {
        let ids = TestIds::default();
        let late = async |at: i64| store::housekeeping::late(&mut t.db.read().await.unwrap(), minute(at)).await.unwrap();
        assert!(late(0).await, "nobody ever planned the job that is due every minute");
        let kind = store::callouts::MONITORS_JOB;
        let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
        jobs::enqueue(&mut tx, Id::new(&ids as &dyn Ids), kind, kind, minute(1), &serde_json::Value::Null).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!late(3).await);
        assert!(late(4).await);
        let job = jobs::claim(&t.db, minute(4)).await.unwrap().unwrap();
        assert!(!late(4).await, "somebody has begun");
        jobs::finish(&t.db, minute(4), &job, &Outcome::Again(minute(5))).await.unwrap();
        assert!(!late(7).await);
        assert!(late(8).await);
    }

    async fn a_key_waits_once_and_takes_the_earlier_time(t: &TestDb) {
        let ids = TestIds::default();
        assert!(enqueue(t, &ids, "k", 10).await);
        assert!(!enqueue(t, &ids, "k", 5).await);
        assert!(!enqueue(t, &ids, "k", 20).await);
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(jobs::next_due(&mut sql, minute(0)).await.unwrap(), Some(minute(5)));
    }

    async fn a_claimed_job_is_nobody_elses_until_its_lease_ends(t: &TestDb) {
        let ids = TestIds::default();
        enqueue(t, &ids, "k", 5).await;
        assert_eq!(jobs::claim(&t.db, minute(4)).await.unwrap(), None);
        let first = jobs::claim(&t.db, minute(5)).await.unwrap().unwrap();
        assert_eq!(jobs::claim(&t.db, minute(6)).await.unwrap(), None);
        // The worker died: after the lease another takes over, and the dead one's late word no longer counts.
        let second = jobs::claim(&t.db, minute(8)).await.unwrap().unwrap();
        assert_eq!((second.id, second.tries), (first.id, 2));
        jobs::finish(&t.db, minute(8), &first, &Outcome::Done).await.unwrap();
        assert_eq!(jobs::counts(&mut t.db.read().await.unwrap()).await.unwrap(), (1, 0));
        jobs::finish(&t.db, minute(8), &second, &Outcome::Done).await.unwrap();
        assert_eq!(jobs::counts(&mut t.db.read().await.unwrap()).await.unwrap(), (0, 0));
    }

    async fn a_failing_job_backs_off_and_is_given_up_visibly(t: &TestDb) {
        let ids = TestIds::default();
        enqueue(t, &ids, "k", 0).await;
        let mut at = 0;
        for _ in 0..domain::job::TRIES_MAX {
            let job = jobs::claim(&t.db, minute(at)).await.unwrap().unwrap();
            jobs::finish(&t.db, minute(at), &job, &Outcome::Failed("no".into())).await.unwrap();
            assert_eq!(jobs::claim(&t.db, minute(at)).await.unwrap(), None);
            at += 61;
        }
        assert_eq!(jobs::claim(&t.db, minute(at)).await.unwrap(), None);
        assert_eq!(jobs::counts(&mut t.db.read().await.unwrap()).await.unwrap(), (0, 1));
        let trouble = jobs::troubles(&mut t.db.read().await.unwrap(), 9).await.unwrap();
        assert_eq!((trouble[0].given_up, trouble[0].why.as_str()), (true, "no"));
        // Wished again, it is tried again.
        assert!(!enqueue(t, &ids, "k", 0).await);
        assert_eq!(jobs::claim(&t.db, minute(at)).await.unwrap().unwrap().tries, 1);
    }

    async fn a_repeating_job_is_never_given_up(t: &TestDb) {
        let ids = TestIds::default();
        enqueue(t, &ids, "remind", 0).await;
        for n in 0..i64::from(domain::job::TRIES_MAX) + 5 {
            let job = jobs::claim(&t.db, minute(n * 61)).await.unwrap().unwrap();
            jobs::finish(&t.db, minute(n * 61), &job, &Outcome::Failed("no".into())).await.unwrap();
        }
        assert_eq!(jobs::counts(&mut t.db.read().await.unwrap()).await.unwrap(), (1, 0));
    }

    async fn a_repeating_job_comes_again(t: &TestDb) {
        let ids = TestIds::default();
        enqueue(t, &ids, "k", 0).await;
        let job = jobs::claim(&t.db, minute(0)).await.unwrap().unwrap();
        jobs::finish(&t.db, minute(0), &job, &Outcome::Again(minute(60))).await.unwrap();
        assert_eq!(jobs::claim(&t.db, minute(59)).await.unwrap(), None);
        assert_eq!(jobs::claim(&t.db, minute(60)).await.unwrap().unwrap().tries, 1);
    }
}
