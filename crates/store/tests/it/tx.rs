use domain::id::{Id, Ids};
use store::{
    StoreError,
    audit::Head,
    both_engines,
    testing::{TestIds, minute},
};

use crate::{NOBODY, body};

both_engines! {
    async fn a_commit_appends_the_entry_and_moves_the_head(t: &TestDb) {
        let before = Head::load(&mut t.db.read().await.unwrap()).await.unwrap();
        body(&t.db, &TestIds::default(), None).await;
        let after = Head::load(&mut t.db.read().await.unwrap()).await.unwrap();
        assert_eq!(after.size, before.size + 1);
        assert_ne!(after.root, before.root);
    }

    async fn an_error_keeps_nothing(t: &TestDb) {
        let before = Head::load(&mut t.db.read().await.unwrap()).await.unwrap();
        let outcome: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(1), tx => {
            tx.run_for_test("insert into setting (key, value, at) values ('a', 'b', 1)", vec![]).await?;
            tx.record("setting.changed", "setting:a", None, &"b");
            Err(StoreError::Refused("changed-my-mind"))
        });
        assert!(matches!(outcome, Err(StoreError::Refused(_))));
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(sql.count_for_test("select count(*) as n from setting").await.unwrap(), 0);
        assert_eq!(Head::load(&mut sql).await.unwrap(), before);
    }

    async fn a_write_without_an_audit_entry_is_a_fault(t: &TestDb) {
        let outcome: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(1), tx => {
            tx.run_for_test("insert into setting (key, value, at) values ('a', 'b', 1)", vec![]).await.map(|_| ())
        });
        assert!(matches!(outcome, Err(StoreError::Corrupt("audit", _))));
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(sql.count_for_test("select count(*) as n from setting").await.unwrap(), 0);
    }

    async fn writers_queue_and_none_is_lost(t: &TestDb) {
        let mut tasks = Vec::new();
        for n in 0..20_u128 {
            let db = t.db.clone();
            tasks.push(tokio::spawn(async move {
                let ids = TestIds::default();
                for _ in 0..n { ids.next(); }
                let outcome: Result<(), StoreError> = store::write!(db, NOBODY, minute(1), tx => {
                    let id: Id<domain::id::kind::Person> = Id::new(&ids);
                    tx.record("test", format!("person:{id}"), None, &n);
                    Ok(())
                });
                outcome.unwrap();
            }));
        }
        for task in tasks { task.await.unwrap(); }
        assert_eq!(Head::load(&mut t.db.read().await.unwrap()).await.unwrap().size, 20);
    }
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let t = store::testing::sqlite().await;
    let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
    tx.run_for_test(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9999, 'later', true, x'00', 0)",
        vec![],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    t.db.close().await;
    let again = store::Db::open_sqlite(&t.dir.path().join("canh.sqlite")).await;
    assert!(matches!(again.err(), Some(StoreError::Newer(9999))));
}

#[tokio::test]
async fn what_was_written_is_there_after_reopening() {
    let t = store::testing::sqlite().await;
    let id = body(&t.db, &TestIds::default(), None).await;
    t.db.close().await;
    let db = store::Db::open_sqlite(&t.dir.path().join("canh.sqlite")).await.unwrap();
    let mut sql = db.read().await.unwrap();
    assert_eq!(sql.count_for_test("select count(*) as n from body").await.unwrap(), 1);
    let _ = id;
}
