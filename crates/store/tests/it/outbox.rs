use std::collections::BTreeMap;

use domain::{
    id::{Id, Ids},
    intent::{Delivery, Intent, To, Urgency},
};
use store::{
    StoreError, both_engines, intents,
    testing::{TestDb, TestIds, minute},
};

use crate::NOBODY;

async fn make(t: &TestDb, ids: &TestIds, key: &str, expires: i64) -> bool {
    let intent = Intent {
        id: Id::new(ids as &dyn Ids),
        key: key.into(),
        to: To::Email("a@b.vn".into()),
        template: "reminder".into(),
        vars: BTreeMap::from([("n".into(), "1".into())]),
        urgency: Urgency::Normal,
        not_before: minute(1),
        expires: minute(expires),
    };
    let delivery = Id::new(ids as &dyn Ids);
    let done: Result<bool, StoreError> = store::write!(t.db, NOBODY, minute(0), tx => {
        tx.record("intent.made", format!("intent:{}", intent.id), None, &intent);
        intents::make(tx, &intent, &[(delivery, "email")]).await
    });
    done.unwrap()
}

async fn states(t: &TestDb) -> Vec<(String, u32)> {
    intents::counts(&mut t.db.read().await.unwrap()).await.unwrap()
}

both_engines! {
    async fn the_same_wish_is_one_intent_and_one_delivery(t: &TestDb) {
        let ids = TestIds::default();
        assert!(make(t, &ids, "k", 99).await);
        assert!(!make(t, &ids, "k", 99).await);
        assert_eq!(intents::claim(&t.db, minute(0)).await.unwrap(), None);
        let c = intents::claim(&t.db, minute(1)).await.unwrap().unwrap();
        assert_eq!((c.intent.template.as_str(), c.tries), ("reminder", 1));
        assert_eq!(intents::claim(&t.db, minute(1)).await.unwrap(), None);
        intents::settle(&t.db, minute(1), &c, &Delivery::Sent { receipt: "250 ok".into() }).await.unwrap();
        assert_eq!(states(t).await, [("sent".to_owned(), 1)]);
    }

    async fn a_dead_worker_loses_no_delivery(t: &TestDb) {
        let ids = TestIds::default();
        make(t, &ids, "k", 99).await;
        let dead = intents::claim(&t.db, minute(1)).await.unwrap().unwrap();
        let next = intents::claim(&t.db, minute(5)).await.unwrap().unwrap();
        assert_eq!((next.id, next.tries), (dead.id, 2));
    }

    async fn a_failed_delivery_waits_as_told_and_an_expired_one_is_given_up(t: &TestDb) {
        let ids = TestIds::default();
        make(t, &ids, "k", 30).await;
        let c = intents::claim(&t.db, minute(1)).await.unwrap().unwrap();
        let retry = Delivery::Failed { next: Some(minute(10)), why: "451".into() };
        intents::settle(&t.db, minute(1), &c, &retry).await.unwrap();
        assert_eq!(intents::claim(&t.db, minute(9)).await.unwrap(), None);
        assert_eq!(intents::next_due(&mut t.db.read().await.unwrap(), minute(9)).await.unwrap(), Some(minute(10)));
        assert_eq!(intents::forget_words(&t.db, minute(29), minute(29)).await.unwrap(), 0);
        assert_eq!(intents::claim(&t.db, minute(30)).await.unwrap(), None);
        assert_eq!(states(t).await, [("failed".to_owned(), 1)]);
        let mut sql = t.db.read().await.unwrap();
        let trouble = store::troubles::deliveries(&mut sql, &domain::actor::Scope::system(), 9).await.unwrap();
        drop(sql);
        assert_eq!((trouble[0].given_up, trouble[0].why.as_str()), (true, "expired"));
        assert_eq!(intents::forget_words(&t.db, minute(31), minute(31)).await.unwrap(), 1);
    }
}
