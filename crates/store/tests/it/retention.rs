//! Terms by body, holds, and what was found. Each story on both engines.

use std::collections::BTreeMap;

use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    legal::Legal,
    right::Role,
    source::Kind,
    time,
};
use jiff::{SignedDuration, Timestamp};
use store::{
    StoreError, args, both_engines,
    retention::{self, NewHold},
    sources::{self, Flush, New},
    testing::{TestIds, minute},
};

const DAY: i64 = 24 * 60;

both_engines! {
    async fn a_body_s_events_are_kept_for_its_highest_level_and_what_is_held_longer(t: &TestDb) {
        let ids = TestIds::default();
        let root = crate::body(&t.db, &ids, None).await;
        let (own, other) = (crate::body(&t.db, &ids, Some(root)).await, crate::body(&t.db, &ids, Some(root)).await);
        let (person, source): (Id<kind::Person>, Id<kind::Source>) = (Id::new(&ids as &dyn Ids), Id::new(&ids as &dyn Ids));
        let made: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
            tx.run_for_test(
                "insert into person (id, name, folded, sort_key, lang, created_at) values ($1,'Người Trực','x','x','vi',0)",
                args![person],
            ).await?;
            for level in [Some(1_i64), Some(3)] {
                let id: Id<kind::System> = Id::new(&ids as &dyn Ids);
                tx.run_for_test(
                    "insert into system (id, body, name, folded, sort_key, level, important, personal_data, national_platform, created_at)
                     values ($1, $2, 'Cổng', 'cong', 'cong', $3, false, false, false, 0)",
                    args![id, own, level],
                ).await?;
            }
            sources::create(tx, &Scope::system(), &New {
                id: source, body: own, system: None, name: "n".into(), kind: Kind::Lines, digest: "d".into(),
                address: None, zone: "UTC".into(), rate: 1, quiet_minutes: 1,
            }).await
        });
        made.unwrap();
        let legal = Legal::builtin().unwrap();
        let pack = legal.on(time::date(minute(0)));
        let law = pack.monitoring().unwrap();
        let mut sql = t.db.read().await.unwrap();
        let all = retention::terms(&mut sql, pack).await.unwrap();
        let of = |body| all.iter().find(|term| term.body == body).unwrap();
        assert_eq!(of(own).days, Some(law.retention_days[2] + law.retention_spare_days));
        assert_eq!(of(other).days, Some(law.unclassified_days + law.retention_spare_days), "nothing is known of it");
        let days = SignedDuration::from_hours(24 * i64::from(of(own).days.unwrap()));
        assert_eq!(of(own).since(minute(0)), minute(0).checked_sub(days).ok());
        let mine = Scope::of(vec![(Role::DutyOfficer, own)]);
        let seen = retention::bodies(&mut sql, &mine, pack).await.unwrap();
        assert_eq!(seen.iter().map(|term| term.body).collect::<Vec<_>>(), [own]);
        assert_eq!((seen[0].oldest, seen[0].unclassified, seen[0].sources), (None, 0, 1));
        drop(sql);

        let flush = Flush { received: 1, kept: 1, last_at: Some(minute(-DAY)), ..Flush::default() };
        sources::flush(&t.db, minute(0), &[(source, flush)], &[]).await.unwrap();
        assert_eq!(retention::found(&t.db, minute(0), &BTreeMap::from([(source, minute(-DAY))])).await.unwrap(), 1);
        let seen = retention::bodies(&mut t.db.read().await.unwrap(), &mine, pack).await.unwrap();
        assert_eq!(seen[0].oldest, Some(minute(-DAY)));

        let hold = NewHold {
            id: Id::new(&ids as &dyn Ids), body: own, from: minute(-9 * DAY), to: minute(-8 * DAY),
            reason: " điều tra ".into(), until: minute(30 * DAY),
        };
        let make = async |scope: Scope, hold: NewHold| -> Result<(), StoreError> {
            store::write!(t.db, Actor::Person(person), minute(0), tx => retention::hold(tx, &scope, &hold).await)
        };
        let refused = |done: Result<(), StoreError>| match done {
            Err(StoreError::Refused(code)) => code,
            other => panic!("{other:?}"),
        };
        let turned = NewHold { to: minute(-10 * DAY), ..hold.clone() };
        assert_eq!(refused(make(mine.clone(), turned).await), "hold-period");
        let past = NewHold { until: minute(0), ..hold.clone() };
        assert_eq!(refused(make(mine.clone(), past).await), "hold-until");
        let without = NewHold { reason: " ".into(), ..hold.clone() };
        assert_eq!(refused(make(mine.clone(), without).await), "text-empty");
        let theirs = Scope::of(vec![(Role::DutyOfficer, other)]);
        assert!(matches!(make(theirs.clone(), hold.clone()).await, Err(StoreError::NotFound(_))));
        let viewer = Scope::of(vec![(Role::Auditor, own)]);
        assert!(matches!(make(viewer, hold.clone()).await, Err(StoreError::NotFound(_))));
        make(mine.clone(), hold.clone()).await.unwrap();

        let holds = async |scope: Scope, now: Timestamp| {
            retention::holds(&mut t.db.read().await.unwrap(), &scope, now).await.unwrap()
        };
        let held = holds(mine.clone(), minute(1)).await;
        assert_eq!((held.len(), held[0].reason.as_str(), held[0].may_lift), (1, "điều tra", true));
        assert!(holds(theirs.clone(), minute(1)).await.is_empty());
        assert!(holds(mine.clone(), minute(30 * DAY)).await.is_empty(), "over by time alone");
        let lift = async |scope: Scope| -> Result<(), StoreError> {
            store::write!(t.db, Actor::Person(person), minute(1), tx => retention::lift(tx, &scope, hold.id).await)
        };
        assert!(lift(theirs).await.is_err());
        lift(mine.clone()).await.unwrap();
        assert!(holds(mine.clone(), minute(1)).await.is_empty());
        assert!(lift(mine).await.is_err(), "once");
    }
}
