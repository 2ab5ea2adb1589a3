//! An inspection from its visit to the verdict of INSP.

use domain::{
    actor::{Actor, Scope},
    evidence::{State, Verdict},
    id::{Id, kind},
    inspection::Answer,
    legal::Legal,
    right::Role,
};
use store::{
    Db, StoreError,
    assignments::Tools,
    both_engines,
    inspections::{self, Act, Conclusion, Given, NewVisit},
    testing::{TestDb, TestIds, World, issued, minute, passed_on},
    verdicts,
};
use watch::evidence;

const DAY: i64 = 60 * 24;

struct Team<'a> {
    db: &'a Db,
    ids: &'a TestIds,
    legal: &'a Legal,
    leader: Id<kind::Person>,
    lead: Scope,
}

impl Team<'_> {
    fn tools(&self) -> Tools<'_> {
        let pack = self.legal.on(domain::time::date(minute(0)));
        Tools { ids: self.ids, base: "https://canh.test", pack }
    }
    async fn plan(&self, inspector: Id<kind::Body>, body: Id<kind::Body>) -> Id<kind::Visit> {
        let new = NewVisit {
            id: Id::new(self.ids),
            inspector,
            body,
            at: minute(60),
            place: String::new(),
            note: String::new(),
            team: vec![self.leader],
        };
        let done: Result<(), StoreError> = store::write!(self.db, Actor::Person(self.leader), minute(2), tx => {
            inspections::plan(tx, &self.lead, &self.tools(), &new).await
        });
        done.unwrap();
        new.id
    }
    /// Every item answered, one of them not in order, and the visit ended.
    async fn visit(&self, visit: Id<kind::Visit>, bad: &str, at: i64) {
        for item in &self.tools().pack.checklist().items {
            let given = Given {
                item: item.key.clone(),
                answer: Some(if item.key == bad { Answer::Bad } else { Answer::Ok }),
                note: String::new(),
                base: 0,
                op: format!("{visit}-{}", item.key),
                at: minute(at),
            };
            let done: Result<_, StoreError> = store::write!(self.db, Actor::Person(self.leader), minute(at), tx => {
                inspections::give(tx, &self.lead, visit, &given).await
            });
            done.unwrap();
        }
        let said = Conclusion { met_by: "Chủ tịch xã".into(), ..Conclusion::default() };
        let done: Result<_, StoreError> = store::write!(self.db, Actor::Person(self.leader), minute(at), tx => {
            inspections::finish(tx, &self.lead, &self.tools(), visit, &said).await
        });
        done.unwrap();
    }
    async fn act(&self, finding: Id<kind::Finding>, what: Act, at: i64) {
        let done: Result<(), StoreError> = store::write!(self.db, Actor::Person(self.leader), minute(at), tx => {
            inspections::act(tx, &self.lead, &self.tools(), finding, &what).await
        });
        done.unwrap();
    }
}

/// How the duty of the first body stands after a run of the evidence worker.
async fn judged(t: &TestDb, legal: &Legal, w: &World, at: i64) -> Verdict {
    evidence::evaluate_now(&t.db, legal, minute(at)).await.unwrap();
    let mut sql = t.db.read().await.unwrap();
    verdicts::load(&mut sql, &w.tasks[0]).await.unwrap().remove(0).verdict
}

fn says(verdict: &Verdict, sentence: &str) -> bool {
    verdict.because.iter().any(|b| b.sentence == sentence)
}

both_engines! {
    async fn from_the_visit_to_the_last_finding_closed(t: &TestDb) {
        let (ids, legal) = (TestIds::default(), Legal::builtin().unwrap());
        let w = issued(&t.db, &ids, 1, &["INSP"], minute(0), minute(40 * DAY)).await;
        passed_on(&t.db, &ids, &w, 1, 2, &["LEAD"], minute(1), minute(40 * DAY)).await;
        let inspector = w.bodies[0];
        let mut sql = t.db.read().await.unwrap();
        let mut below = store::board::bodies_under(&mut sql, &Scope::system(), inspector).await.unwrap();
        drop(sql);
        below.remove(&inspector);
        let chosen: Vec<_> = below.into_iter().collect();
        let leader = crate::person(&t.db, &ids, inspector, "vi", false, &[]).await;
        let team = Team {
            db: &t.db, ids: &ids, legal: &legal, leader, lead: Scope::of(vec![(Role::Coordinator, inspector)]),
        };
        let before = judged(t, &legal, &w, 1).await;
        assert_eq!(before.state, State::NotYetDue);
        assert!(says(&before, "evidence-inspections-none"), "{before:?}");

        let first = team.plan(inspector, chosen[0]).await;
        let second = team.plan(inspector, chosen[1]).await;
        let planned = judged(t, &legal, &w, 3).await;
        assert_eq!((planned.handled, planned.all), (0, 2));
        assert!(says(&planned, "evidence-inspections-planned"));

        team.visit(first, "exposed", 70).await;
        let visited = judged(t, &legal, &w, 71).await;
        assert_eq!((visited.state, visited.handled, visited.all), (State::Partly, 1, 2), "a finding that is not due spoils nothing");
        assert!(visited.because.iter().any(|b| b.sentence == "evidence-inspections-done" && b.fact.is_some()));
        team.visit(second, "drill", 80).await;
        assert_eq!(judged(t, &legal, &w, 81).await.state, State::Met);

        // Time alone makes a finding overdue and the duty less than met.
        let mut sql = t.db.read().await.unwrap();
        let open = inspections::findings(&mut sql, &team.lead, &Default::default(), Default::default(), minute(90)).await.unwrap();
        drop(sql);
        let due = open.iter().map(|f| f.due_at).min().unwrap();
        let late = (due.as_second() - minute(0).as_second()) / 60 + 1;
        let overdue = judged(t, &legal, &w, late).await;
        assert_eq!((overdue.state, overdue.handled), (State::Partly, 1));
        assert!(says(&overdue, "evidence-findings-overdue"));

        // Said to be put right it stays open until the team has looked, and is no longer the body's delay.
        let heavy = open.iter().min_by_key(|f| f.due_at).unwrap().id;
        let fix = || Act::Fix { note: "đã đóng cổng".into(), file: None };
        team.act(heavy, fix(), late + 1).await;
        let said = judged(t, &legal, &w, late + 1).await;
        assert_eq!((said.state, said.handled), (State::Partly, 1), "nobody has looked yet");
        assert!(says(&said, "evidence-findings-unchecked") && !says(&said, "evidence-findings-overdue"));
        team.act(heavy, Act::Return("vẫn mở cổng 3389".into()), late + 2).await;
        assert_eq!(judged(t, &legal, &w, late + 2).await.state, State::Partly);
        team.act(heavy, fix(), late + 3).await;
        team.act(heavy, Act::Close("đã quét lại".into()), late + 4).await;
        let closed = judged(t, &legal, &w, late + 4).await;
        assert_eq!((closed.state, closed.handled, closed.all), (State::Met, 2, 2));
        assert!(!says(&closed, "evidence-findings-overdue") && !says(&closed, "evidence-findings-unchecked"));
    }
}
