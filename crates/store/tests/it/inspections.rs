//! A visit from plan to the last finding closed, and who sees what of it.

use domain::{
    actor::{Actor, Scope},
    id::{Id, kind},
    inspection::{Answer, FindingState, VisitState},
    legal::{Legal, Pack},
    right::Role,
    time::Window,
};
use store::{
    Db, StoreError, args,
    assignments::Tools,
    both_engines,
    inspections::{self, Act, Conclusion, Given, NewVisit, Outcome},
    testing::{TestIds, minute},
};

use crate::body;

type BodyId = Id<kind::Body>;
type PersonId = Id<kind::Person>;

struct World {
    ids: TestIds,
    legal: Legal,
    top: BodyId,
    below: BodyId,
    other: BodyId,
    leader: PersonId,
    member: PersonId,
    theirs: PersonId,
}

impl World {
    async fn new(db: &Db) -> Self {
        let ids = TestIds::default();
        let top = body(db, &ids, None).await;
        let (below, other) = (body(db, &ids, Some(top)).await, body(db, &ids, Some(top)).await);
        let legal = Legal::builtin().unwrap();
        let mut tx = db.begin_quiet(minute(0)).await.unwrap();
        let mut people = Vec::new();
        for (name, of) in [("Trưởng đoàn", top), ("Thành viên", top), ("Cán bộ xã", below)] {
            let id: PersonId = Id::new(&ids);
            tx.run_for_test(
                "insert into person (id, name, folded, sort_key, created_at) values ($1,$2,$2,$2,0)",
                args![id, name],
            )
            .await
            .unwrap();
            tx.run_for_test("insert into membership (person, body) values ($1,$2)", args![id, of])
                .await
                .unwrap();
            people.push(id);
        }
        tx.commit().await.unwrap();
        let [leader, member, theirs] = people[..] else { panic!() };
        Self { ids, legal, top, below, other, leader, member, theirs }
    }
    fn pack(&self) -> &Pack {
        self.legal.on(domain::time::date(minute(0)))
    }
    fn tools(&self) -> Tools<'_> {
        Tools { ids: &self.ids, base: "https://canh.test", pack: self.pack() }
    }
    fn lead(&self) -> Scope {
        Scope::of(vec![(Role::Coordinator, self.top)])
    }
    fn body_scope(&self) -> Scope {
        Scope::of(vec![(Role::Head, self.below)])
    }
    async fn planned(&self, db: &Db) -> Id<kind::Visit> {
        let id = Id::new(&self.ids);
        self.plan(db, id, self.below).await.unwrap();
        id
    }
    async fn plan(&self, db: &Db, id: Id<kind::Visit>, of: BodyId) -> Result<(), StoreError> {
        let new = NewVisit {
            id,
            inspector: self.top,
            body: of,
            at: minute(60),
            place: "Phòng máy".into(),
            note: String::new(),
            team: vec![self.leader, self.member],
        };
        store::write!(db, Actor::Person(self.leader), minute(1), tx => {
            inspections::plan(tx, &self.lead(), &self.tools(), &new).await
        })
    }
    async fn give(
        &self,
        db: &Db,
        visit: Id<kind::Visit>,
        item: &str,
        a: Option<Answer>,
        base: u32,
        op: &str,
    ) -> Result<Outcome, StoreError> {
        let given = Given {
            item: item.into(),
            answer: a,
            note: "ghi chú".into(),
            base,
            op: op.into(),
            at: minute(61),
        };
        store::write!(db, Actor::Person(self.leader), minute(62), tx => {
            inspections::give(tx, &self.lead(), visit, &given).await
        })
    }
    /// Every item answered, those in `bad` not in order.
    async fn answered(&self, db: &Db, visit: Id<kind::Visit>, bad: &[&str]) {
        for item in &self.pack().checklist().items {
            let answer = if bad.contains(&item.key.as_str()) { Answer::Bad } else { Answer::Ok };
            self.give(db, visit, &item.key, Some(answer), 0, &format!("op-{}", item.key)).await.unwrap();
        }
    }
    async fn finish(&self, db: &Db, visit: Id<kind::Visit>, at: i64) -> Result<u32, StoreError> {
        let said = Conclusion { met_by: "Chủ tịch xã".into(), ..Conclusion::default() };
        store::write!(db, Actor::Person(self.leader), minute(at), tx => {
            inspections::finish(tx, &self.lead(), &self.tools(), visit, &said).await
        })
    }
}

async fn mails(db: &Db, template: &str) -> i64 {
    let mut sql = db.read().await.unwrap();
    match template {
        "inspection-announced" => {
            sql.count_for_test("select count(*) as n from intent where template = 'inspection-announced'")
                .await
        }
        "inspection-done" => {
            sql.count_for_test("select count(*) as n from intent where template = 'inspection-done'").await
        }
        "finding-overdue" => {
            sql.count_for_test("select count(*) as n from intent where template = 'finding-overdue'").await
        }
        _ => sql.count_for_test("select count(*) as n from intent where template = 'finding-due'").await,
    }
    .unwrap()
}

both_engines! {
    async fn an_answer_sent_twice_is_one_and_two_people_overwrite_nothing(t: &TestDb) {
        let w = World::new(&t.db).await;
        let visit = w.planned(&t.db).await;
        assert_eq!(w.give(&t.db, visit, "levels", Some(Answer::Bad), 0, "a").await.unwrap(), Outcome::Kept(1));
        assert_eq!(w.give(&t.db, visit, "levels", Some(Answer::Bad), 0, "a").await.unwrap(), Outcome::Kept(1), "sent again");
        // Somebody else had seen nothing yet.
        let Outcome::Conflict(stands) = w.give(&t.db, visit, "levels", Some(Answer::Ok), 0, "b").await.unwrap() else { panic!() };
        assert_eq!((stands.answer, stands.version), (Some(Answer::Bad), 1));
        assert_eq!(w.give(&t.db, visit, "levels", Some(Answer::Bad), 0, "c").await.unwrap(), Outcome::Kept(1), "the same answer is no conflict");
        assert_eq!(w.give(&t.db, visit, "levels", Some(Answer::Ok), 1, "d").await.unwrap(), Outcome::Kept(2));
        assert_eq!(w.give(&t.db, visit, "levels", Some(Answer::Bad), 0, "a").await.unwrap(), Outcome::Kept(1), "late and again");
        let mut sql = t.db.read().await.unwrap();
        let answers = inspections::answers(&mut sql, &w.lead(), Actor::Person(w.leader), visit).await.unwrap();
        assert_eq!((answers.len(), answers[0].answer, answers[0].at), (1, Some(Answer::Ok), minute(61)));
        let (shown, team, _) = inspections::get(&mut sql, &w.lead(), Actor::Person(w.leader), visit, minute(63)).await.unwrap();
        assert_eq!((shown.state, shown.answered, shown.bad, team.len()), (VisitState::UnderWay, 1, 0, 2));
        let was = sql.count_for_test("select count(*) as n from visit_answer_was").await.unwrap();
        assert_eq!(was, 2, "every version stays");
        drop(sql);
        assert!(matches!(w.give(&t.db, visit, "no-such", Some(Answer::Ok), 0, "e").await, Err(StoreError::Refused("visit-item"))));
        assert!(matches!(w.finish(&t.db, visit, 70).await, Err(StoreError::Refused("visit-unanswered"))));
    }

    async fn what_is_not_in_order_becomes_a_finding_followed_until_closed(t: &TestDb) {
        let w = World::new(&t.db).await;
        let visit = w.planned(&t.db).await;
        w.answered(&t.db, visit, &["exposed", "drill"]).await;
        assert_eq!(w.finish(&t.db, visit, 70).await.unwrap(), 2);
        assert!(matches!(w.finish(&t.db, visit, 71).await, Err(StoreError::Refused("visit-over"))));
        assert_eq!(mails(&t.db, "inspection-done").await, 1);
        let filter = inspections::FindingFilter { visit: Some(visit), ..Default::default() };
        let list = async |now| {
            let mut sql = t.db.read().await.unwrap();
            inspections::findings(&mut sql, &w.lead(), &filter, Default::default(), minute(now)).await.unwrap()
        };
        let found = list(72).await;
        assert_eq!((found.len(), found[0].item.as_str()), (2, "exposed"), "the heavier is due earlier");
        let id = found[0].id;
        let act = async |who: PersonId, scope: Scope, what: Act| {
            let done: Result<(), StoreError> = store::write!(t.db, Actor::Person(who), minute(80), tx => {
                inspections::act(tx, &scope, &w.tools(), id, &what).await
            });
            done
        };
        let assign = async |owner| {
            let done: Result<(), StoreError> = store::write!(t.db, Actor::Person(w.theirs), minute(75), tx => {
                inspections::assign(tx, &w.body_scope(), &w.tools(), id, owner).await
            });
            done
        };
        assert!(matches!(assign(Some(w.leader)).await, Err(StoreError::Refused("finding-owner"))), "not of that body");
        assign(Some(w.theirs)).await.unwrap();
        assign(Some(w.theirs)).await.unwrap();
        assert_eq!(mails(&t.db, "finding-due").await, 1, "told once");
        assert_eq!(list(76).await[0].owner.as_ref().map(|(person, _)| *person), Some(w.theirs));
        let fix = || Act::Fix { note: "đã đóng cổng".into(), file: None };
        assert!(matches!(act(w.theirs, w.body_scope(), Act::Close("x".into())).await, Err(StoreError::NotFound(_))), "nobody closes their own");
        act(w.theirs, w.body_scope(), fix()).await.unwrap();
        assert!(matches!(act(w.theirs, w.body_scope(), fix()).await, Err(StoreError::Refused("finding-state"))));
        act(w.leader, w.lead(), Act::Return("vẫn mở cổng 3389".into())).await.unwrap();
        act(w.theirs, w.body_scope(), fix()).await.unwrap();
        act(w.leader, w.lead(), Act::Close("đã quét lại".into())).await.unwrap();
        let closed = list(81).await.into_iter().find(|f| f.id == id).unwrap();
        assert_eq!(closed.state, FindingState::Closed);
        let mut sql = t.db.read().await.unwrap();
        let told = inspections::events(&mut sql, &w.body_scope(), id).await.unwrap();
        let kinds: Vec<_> = told.iter().map(|e| e.kind.as_str()).collect();
        assert_eq!(kinds, ["made", "assigned", "fixed", "returned", "fixed", "closed"]);
        let window = Window { from: minute(0), to: minute(1_000) };
        let sum = inspections::summary(&mut sql, &w.lead(), window, None, minute(90)).await.unwrap();
        assert_eq!((sum.inspected, sum.chosen, sum.all.findings, sum.all.closed), (1, 1, 2, 1));
    }

    async fn an_overdue_finding_is_chased_by_steps_and_none_twice(t: &TestDb) {
        let w = World::new(&t.db).await;
        let visit = w.planned(&t.db).await;
        w.answered(&t.db, visit, &["exposed"]).await;
        w.finish(&t.db, visit, 70).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let all = inspections::findings(&mut sql, &w.lead(), &Default::default(), Default::default(), minute(72)).await.unwrap();
        drop(sql);
        let id = all[0].id;
        // Every hour of twenty days.
        for hour in 2..480 {
            let done: Result<_, StoreError> = store::write!(t.db, Actor::System, minute(hour * 60), tx => {
                let next = inspections::chase::run(tx, &w.tools(), id).await?;
                tx.unchanged();
                Ok(next)
            });
            assert!(done.unwrap().is_some_and(|at| at > minute(hour * 60)));
        }
        assert_eq!((mails(&t.db, "finding-due").await, mails(&t.db, "finding-overdue").await), (1, 3));
    }

    async fn a_visit_is_seen_by_both_sides_and_nobody_else(t: &TestDb) {
        let w = World::new(&t.db).await;
        let visit = w.planned(&t.db).await;
        let neighbour = Scope::of(vec![(Role::Coordinator, w.other)]);
        let see = async |scope: Scope, who: PersonId| {
            let mut sql = t.db.read().await.unwrap();
            inspections::get(&mut sql, &scope, Actor::Person(who), visit, minute(2)).await.map(|(_, _, r)| (r.lead, r.answer))
        };
        assert_eq!(see(w.lead(), w.leader).await.unwrap(), (true, true));
        assert!(see(w.body_scope(), w.theirs).await.is_err(), "not announced yet");
        let announce = async || {
            let done: Result<(), StoreError> = store::write!(t.db, Actor::Person(w.leader), minute(3), tx => {
                inspections::announce(tx, &w.lead(), &w.tools(), visit).await
            });
            done
        };
        announce().await.unwrap();
        assert!(matches!(announce().await, Err(StoreError::Refused("visit-announced"))));
        assert_eq!(mails(&t.db, "inspection-announced").await, 1);
        assert_eq!(see(w.body_scope(), w.theirs).await.unwrap(), (false, false));
        assert!(see(neighbour, w.theirs).await.is_err());
        // A member of the team who answers for the inspecting body may fill it in, another may not.
        let officer = Scope::of(vec![(Role::DutyOfficer, w.top)]);
        assert_eq!(see(officer.clone(), w.member).await.unwrap(), (false, true));
        assert_eq!(see(officer, w.theirs).await.unwrap(), (false, false));
        let outside = w.plan(&t.db, Id::new(&w.ids), w.top).await;
        assert!(matches!(outside, Err(StoreError::Refused("visit-not-below"))), "nobody inspects themselves");
    }

    async fn a_body_has_a_checklist_of_its_own(t: &TestDb) {
        let w = World::new(&t.db).await;
        let save = async |version, own: &str| {
            let list = w.pack().checklist().edited(&["levels".into()], own).unwrap();
            let done: Result<(), StoreError> = store::write!(t.db, Actor::Person(w.leader), minute(5), tx => {
                inspections::save_checklist(tx, &w.lead(), w.pack(), w.top, version, Some(&list)).await
            });
            done
        };
        save(0, "Khóa cửa phòng máy").await.unwrap();
        assert!(matches!(save(0, "x").await, Err(StoreError::Stale)));
        let visit = w.planned(&t.db).await;
        let mut sql = t.db.read().await.unwrap();
        let (shown, ..) = inspections::get(&mut sql, &w.lead(), Actor::Person(w.leader), visit, minute(6)).await.unwrap();
        assert_eq!((shown.items, shown.checklist.items.len()), (2, 2));
        let held = inspections::checklist(&mut sql, &w.lead(), w.pack(), w.top).await.unwrap();
        assert_eq!(held.version, 1);
    }
}
