use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    job::Outcome,
    right::Role,
};
use store::{
    StoreError, args, both_engines, jobs,
    testing::{TestIds, minute},
    troubles,
};

use crate::{NOBODY, body};

both_engines! {
    async fn a_failed_job_is_seen_tried_again_and_given_up_by_who_administers_the_whole(t: &TestDb) {
        let ids = TestIds::default();
        let root = body(&t.db, &ids, None).await;
        let child = body(&t.db, &ids, Some(root)).await;
        let (whole, part) = (Scope::of(vec![(Role::Administrator, root)]), Scope::of(vec![(Role::Administrator, child)]));
        let made: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(0), tx => {
            tx.record("test", "test", None, &());
            for (kind, key) in [("mail", "mail/1"), ("sweep", "sweep")] {
                jobs::enqueue(tx, Id::new(&ids as &dyn Ids), kind, key, minute(0), &serde_json::Value::Null).await?;
            }
            Ok(())
        });
        made.unwrap();
        while let Some(job) = jobs::claim(&t.db, minute(1)).await.unwrap() {
            jobs::finish(&t.db, minute(1), &job, &Outcome::Failed("no such host".into())).await.unwrap();
        }
        let mut sql = t.db.read().await.unwrap();
        assert!(matches!(troubles::jobs(&mut sql, &part, 10).await, Err(StoreError::NotFound(_))));
        assert!(!troubles::may_see(&mut sql, &part).await.unwrap() && troubles::may_see(&mut sql, &whole).await.unwrap());
        let seen = troubles::jobs(&mut sql, &whole, 10).await.unwrap();
        assert_eq!(seen.len(), 2);
        let of = |kind: &str| seen.iter().find(|j| j.kind == kind).unwrap();
        assert!(of("sweep").repeats && !of("mail").repeats && of("mail").why == "no such host");
        drop(sql);
        let (mail, sweep) = (of("mail").id, of("sweep").id);
        let give_up = async |id, reason: &'static str| -> Result<(), StoreError> {
            store::write!(t.db, NOBODY, minute(2), tx => troubles::give_up_job(tx, &whole, id, reason).await)
        };
        assert!(matches!(give_up(mail, "  ").await, Err(StoreError::Refused("reason-missing"))));
        assert!(matches!(give_up(sweep, "x").await, Err(StoreError::Refused("job-repeats"))));
        give_up(mail, "máy chủ thư đã bỏ").await.unwrap();
        assert!(jobs::claim(&t.db, minute(600)).await.unwrap().is_some_and(|j| j.kind == "sweep"));
        let seen = troubles::jobs(&mut t.db.read().await.unwrap(), &whole, 10).await.unwrap();
        let mail_now = seen.iter().find(|j| j.id == mail).unwrap();
        assert!(mail_now.given_up && mail_now.why.contains("máy chủ thư đã bỏ"));
        let refused: Result<(), StoreError> =
            store::write!(t.db, NOBODY, minute(3), tx => troubles::retry_job(tx, &part, mail).await);
        assert!(matches!(refused, Err(StoreError::NotFound(_))));
        let again: Result<(), StoreError> =
            store::write!(t.db, NOBODY, minute(3), tx => troubles::retry_job(tx, &whole, mail).await);
        again.unwrap();
        assert!(jobs::claim(&t.db, minute(4)).await.unwrap().is_some_and(|j| j.id == mail && j.tries == 1));
    }

    async fn a_failed_delivery_is_tried_again_while_it_is_worth_telling(t: &TestDb) {
        let ids = TestIds::default();
        let root = body(&t.db, &ids, None).await;
        let whole = Scope::of(vec![(Role::Administrator, root)]);
        let person = ids.next();
        let (fresh, old): (Id<kind::Delivery>, Id<kind::Delivery>) = (Id::new(&ids as &dyn Ids), Id::new(&ids as &dyn Ids));
        let made: Result<(), StoreError> = store::write!(t.db, NOBODY, minute(0), tx => {
            tx.run_for_test("insert into person (id, name, folded, sort_key, created_at) values ($1,'Bình','binh','binh',0)", args![person]).await?;
            for (delivery, expires, key) in [(fresh, minute(600), "a"), (old, minute(1), "b")] {
                let intent = ids.next();
                tx.run_for_test(
                    "insert into intent (id, key, recipient, template, vars, urgency, not_before, expires, created_at)
                     values ($1,$2,$3,'chase','{}','normal',0,$4,0)",
                    args![intent, key, serde_json::to_string(&domain::intent::To::Person(person.to_string().parse().unwrap())).unwrap(), expires],
                ).await?;
                tx.run_for_test(
                    "insert into delivery (id, intent, channel, state, due, tries, why, person) values ($1,$2,'email','failed',0,5,'550 no such user',$3)",
                    args![delivery, intent, person],
                ).await?;
            }
            tx.record("test", "test", None, &());
            Ok(())
        });
        made.unwrap();
        let seen = troubles::deliveries(&mut t.db.read().await.unwrap(), &whole, 10).await.unwrap();
        assert_eq!(seen.len(), 2);
        assert!(seen.iter().all(|d| d.given_up && d.to.as_deref() == Some("Bình")), "{seen:?}");
        let retry = async |id| -> Result<(), StoreError> {
            store::write!(t.db, Actor::System, minute(10), tx => troubles::retry_delivery(tx, &whole, id).await)
        };
        assert!(matches!(retry(old).await, Err(StoreError::Refused("delivery-expired"))));
        retry(fresh).await.unwrap();
        let claimed = store::intents::claim(&t.db, minute(10)).await.unwrap().unwrap();
        assert_eq!((claimed.id, claimed.tries), (fresh, 1));
    }
}
