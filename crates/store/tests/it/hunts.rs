//! Hunts, on both engines.

use domain::{
    actor::{Actor, Scope},
    hunt::{How, Outcome, Standing},
    id::{Id, Ids, kind},
    right::Role,
};
use store::{
    StoreError, both_engines,
    hunts::{self, Hit, New, Step},
    testing::{TestDb, TestIds, minute},
};

struct Story<'a> {
    t: &'a TestDb,
    ids: TestIds,
    own: Id<kind::Body>,
    below: Id<kind::Body>,
    other: Id<kind::Body>,
}

fn scope(role: Role, body: Id<kind::Body>) -> Scope {
    Scope::of(vec![(role, body)])
}

impl<'a> Story<'a> {
    async fn new(t: &'a TestDb) -> Self {
        let ids = TestIds::default();
        let own = crate::body(&t.db, &ids, None).await;
        let below = crate::body(&t.db, &ids, Some(own)).await;
        let other = crate::body(&t.db, &ids, None).await;
        Self { t, ids, own, below, other }
    }

    fn hunt(&self, every_days: Option<u32>) -> New {
        New {
            id: Id::new(&self.ids as &dyn Ids),
            body: self.own,
            title: "Cửa hậu".into(),
            hypothesis: "Còn sót".into(),
            scope: String::new(),
            how: How::Search,
            query: "cmd.jsp".into(),
            list: None,
            days: 2,
            every_days,
        }
    }

    async fn made(&self, scope: &Scope, new: &New) -> Result<(), StoreError> {
        store::write!(self.t.db, Actor::System, minute(0), tx => hunts::create(tx, scope, new).await)
    }

    async fn begin(&self, scope: &Scope, id: Id<kind::Hunt>, at: i64) -> Result<(), StoreError> {
        let run = Id::new(&self.ids as &dyn Ids);
        store::write!(self.t.db, Actor::System, minute(at), tx => hunts::begin(tx, scope, id, run).await)
    }
}

both_engines! {
    async fn a_run_goes_back_in_time_step_by_step_and_can_be_taken_over(t: &TestDb) {
        let s = Story::new(t).await;
        let officer = scope(Role::DutyOfficer, s.own);
        let new = s.hunt(None);
        s.made(&officer, &new).await.unwrap();
        s.begin(&officer, new.id, 1).await.unwrap();
        assert!(matches!(s.begin(&officer, new.id, 1).await, Err(StoreError::Refused("hunt-running"))));
        let work = hunts::claim(&t.db, minute(1)).await.unwrap().unwrap();
        assert_eq!(work.bodies, [s.own, s.below].into(), "its own and what is below, and nobody else's");
        assert!(hunts::claim(&t.db, minute(2)).await.unwrap().is_none(), "somebody looks");
        let hit = Hit { at: minute(0), body: s.below, place: (7, 1), host: "web01".into(), because: vec![], raw: "x".into() };
        let step = Step {
            done_to: Some(minute(-100)), looked_at: 10, hits: 3, found: vec![hit; 3], reach: [(s.below, 10)].into(),
        };
        assert!(hunts::step(&t.db, minute(2), &work, &step).await.unwrap());
        let again = hunts::claim(&t.db, minute(30)).await.unwrap().unwrap();
        assert_eq!((again.run.done_to, again.run.hits), (minute(-100), 3), "who died is followed where they were");
        hunts::finish(&t.db, minute(31), &again).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let shown = hunts::get(&mut sql, &officer, new.id).await.unwrap();
        let last = shown.last.unwrap();
        assert_eq!((last.standing, last.looked_at, last.hits), (Standing::Done, 10, 3));
        assert_eq!(hunts::hits(&mut sql, &officer, new.id, last.id).await.unwrap().len(), 3);
        assert_eq!(hunts::list(&mut sql, &officer).await.unwrap()[0].last.as_ref().unwrap().id, last.id);
    }

    async fn who_ends_a_run_is_heard_by_who_looks(t: &TestDb) {
        let s = Story::new(t).await;
        let officer = scope(Role::DutyOfficer, s.own);
        let new = s.hunt(None);
        s.made(&officer, &new).await.unwrap();
        s.begin(&officer, new.id, 1).await.unwrap();
        let work = hunts::claim(&t.db, minute(1)).await.unwrap().unwrap();
        let ended: Result<(), StoreError> =
            store::write!(t.db, Actor::System, minute(2), tx => hunts::cancel(tx, &officer, new.id).await);
        ended.unwrap();
        assert!(!hunts::step(&t.db, minute(2), &work, &Step::default()).await.unwrap());
        let refused: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(3), tx =>
            hunts::conclude(tx, &officer, &s.ids, new.id, (Outcome::Clean, "không")).await);
        assert!(matches!(refused, Err(StoreError::Refused("hunt-not-run"))));
    }

    async fn a_schedule_begins_runs_once_each_time(t: &TestDb) {
        let s = Story::new(t).await;
        let new = s.hunt(Some(1));
        s.made(&scope(Role::DutyOfficer, s.own), &new).await.unwrap();
        assert_eq!(hunts::due(&t.db, &s.ids, minute(10)).await.unwrap(), 0);
        let day = 24 * 60;
        assert_eq!(hunts::due(&t.db, &s.ids, minute(day)).await.unwrap(), 1);
        assert_eq!(hunts::due(&t.db, &s.ids, minute(day + 1)).await.unwrap(), 0);
        let work = hunts::claim(&t.db, minute(day + 1)).await.unwrap().unwrap();
        assert_eq!(work.run.to, minute(day));
        hunts::fail(&t.db, minute(day + 2), &work, "vì sao").await.unwrap();
        assert_eq!(hunts::due(&t.db, &s.ids, minute(2 * day)).await.unwrap(), 1);
    }

    async fn nobody_sees_or_changes_anothers_hunt(t: &TestDb) {
        let s = Story::new(t).await;
        let new = s.hunt(None);
        s.made(&scope(Role::Responder, s.own), &new).await.unwrap();
        s.begin(&scope(Role::Responder, s.own), new.id, 0).await.unwrap();
        for (who, sees) in [
            (scope(Role::DutyOfficer, s.other), false),
            (scope(Role::DutyOfficer, s.below), false),
            (scope(Role::Viewer, s.own), false),
            (scope(Role::Auditor, s.own), true),
        ] {
            let mut sql = t.db.read().await.unwrap();
            assert_eq!(hunts::get(&mut sql, &who, new.id).await.is_ok(), sees, "{who:?}");
            assert_eq!(hunts::runs(&mut sql, &who, new.id).await.is_ok(), sees);
            assert_eq!(hunts::list(&mut sql, &who).await.unwrap().len(), usize::from(sees));
            drop(sql);
            assert!(s.begin(&who, new.id, 1).await.is_err());
            assert!(s.made(&who, &s.hunt(None)).await.is_err());
        }
    }
}
