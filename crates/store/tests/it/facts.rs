use domain::{
    actor::Scope,
    fact::{Fact, Source, kinds},
    id::{Id, Ids},
    right::Role,
};
use store::{
    StoreError, both_engines, facts,
    testing::{TestDb, TestIds, minute},
};

use crate::{NOBODY, body};

fn fact(ids: &TestIds, key: &str, of: Id<domain::id::kind::Body>) -> Fact {
    Fact {
        id: Id::new(ids as &dyn Ids),
        key: key.into(),
        kind: kinds::ACKNOWLEDGED.into(),
        body: of,
        subject: "assignment:a".into(),
        from: minute(1),
        to: minute(1),
        learnt: minute(1),
        source: Source::Audit(3),
        value: serde_json::json!({"how": "page"}),
    }
}

async fn learn(t: &TestDb, f: &Fact) -> bool {
    let done: Result<bool, StoreError> = store::write!(t.db, NOBODY, minute(1), tx => {
        tx.record("fact.learnt", format!("fact:{}", f.id), Some(f.body), f);
        facts::learn(tx, f).await
    });
    done.unwrap()
}

async fn about(t: &TestDb, scope: &Scope) -> Vec<Fact> {
    let mut sql = t.db.read().await.unwrap();
    facts::about(&mut sql, scope, &["assignment:a".to_owned()], &[], 100).await.unwrap()
}

both_engines! {
    async fn a_fact_learnt_twice_is_one_fact(t: &TestDb) {
        let ids = TestIds::default();
        let of = body(&t.db, &ids, None).await;
        let f = fact(&ids, "ack/a", of);
        assert!(learn(t, &f).await);
        assert!(!learn(t, &fact(&ids, "ack/a", of)).await);
        assert_eq!(about(t, &Scope::system()).await, [f]);
    }

    async fn a_heartbeat_extends_and_never_shortens(t: &TestDb) {
        let ids = TestIds::default();
        let of = body(&t.db, &ids, None).await;
        learn(t, &fact(&ids, "beat", of)).await;
        for (to, want) in [(minute(9), minute(9)), (minute(4), minute(9))] {
            let mut tx = t.db.begin_quiet(minute(9)).await.unwrap();
            assert!(facts::extend(&mut tx, "beat", to).await.unwrap());
            tx.commit().await.unwrap();
            assert_eq!(about(t, &Scope::system()).await[0].to, want);
        }
    }

    async fn a_correction_takes_the_place_and_the_old_one_stays_on_record(t: &TestDb) {
        let ids = TestIds::default();
        let of = body(&t.db, &ids, None).await;
        let old = fact(&ids, "old", of);
        learn(t, &old).await;
        let new = fact(&ids, "new", of);
        let done: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(2), tx => {
            tx.record("fact.corrected", format!("fact:{}", old.id), Some(of), &new);
            facts::supersede(tx, old.id, &new).await
        });
        done.unwrap();
        assert_eq!(about(t, &Scope::system()).await, std::slice::from_ref(&new));
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(facts::get(&mut sql, &Scope::system(), old.id).await.unwrap(), old);
    }

    async fn a_neighbour_sees_no_fact_of_ours(t: &TestDb) {
        let ids = TestIds::default();
        let (ours, theirs) = (body(&t.db, &ids, None).await, body(&t.db, &ids, None).await);
        let f = fact(&ids, "ours", ours);
        learn(t, &f).await;
        let neighbour = Scope::of(vec![(Role::Head, theirs)]);
        assert!(about(t, &neighbour).await.is_empty());
        let mut sql = t.db.read().await.unwrap();
        assert!(matches!(facts::get(&mut sql, &neighbour, f.id).await, Err(StoreError::NotFound(_))));
    }
}
