use std::time::Duration;

use store::{StoreError, Topic, both_engines, testing::minute};

use crate::NOBODY;

async fn change(db: &store::Db, topic: Topic, subject: &str) {
    let done: Result<(), StoreError> = store::write!(db, NOBODY, minute(1), tx => {
        tx.record("test", subject, None, &"");
        tx.changed(topic, subject, None);
        Ok(())
    });
    done.unwrap();
}

both_engines! {
    async fn a_follower_catches_up_by_number_and_sees_only_its_topics(t: &TestDb) {
        change(&t.db, Topic::Letter, "letter:1").await;
        change(&t.db, Topic::Job, "job:1").await;
        change(&t.db, Topic::Letter, "letter:2").await;
        let mut follower = t.db.changes(0, &[Topic::Letter]);
        let seen: Vec<_> = follower.next().await.unwrap().into_iter().map(|c| (c.seq, c.subject)).collect();
        assert_eq!(seen, [(1, "letter:1".to_owned()), (3, "letter:2".to_owned())]);
        let mut later = t.db.changes(1, &[Topic::Letter]);
        assert_eq!(later.next().await.unwrap().len(), 1);
    }

    async fn a_waiting_follower_wakes_at_commit(t: &TestDb) {
        let mut follower = t.db.changes(t.db.last_change().await.unwrap(), &[Topic::Verdict]);
        let waiting = tokio::spawn(async move { follower.next().await.unwrap() });
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!waiting.is_finished());
        change(&t.db, Topic::Verdict, "task:1").await;
        // Well under the five seconds after which it would look again by itself.
        let seen = tokio::time::timeout(Duration::from_secs(3), waiting).await.unwrap().unwrap();
        assert_eq!(seen[0].subject, "task:1");
    }
}

#[tokio::test]
async fn another_process_wakes_a_follower_through_postgres() {
    let Some(t) = store::testing::postgres().await else { return };
    let other = store::Db::open_postgres(&t.url).await.unwrap();
    let mut follower = t.db.changes(0, &[Topic::Verdict]);
    let waiting = tokio::spawn(async move { follower.next().await.unwrap() });
    tokio::time::sleep(Duration::from_millis(50)).await;
    change(&other, Topic::Verdict, "task:1").await;
    assert_eq!(tokio::time::timeout(Duration::from_secs(3), waiting).await.unwrap().unwrap().len(), 1);
}
