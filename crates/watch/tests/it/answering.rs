//! CMPL, ISPF and ISPD judged from the registers, as the clock moves.

use std::sync::Arc;

use domain::{
    actor::{Actor, Scope},
    evidence::State,
    id::{Id, Ids, kind},
    legal::Legal,
    line::{LineKind, LineState},
    request::{ItemState, Outcome, RequestKind, filter},
    right::Role,
};
use store::{
    StoreError, args, assignments, both_engines, lines,
    requests::{self, Answer, Asker, Mark, NewRequest, Tools},
    sign_in::InstanceKey,
    testing::{TestDb, TestIds, World, issued, minute},
};
use watch::{chase::Chase, engine::Engine, evidence::evaluate_now};

fn legal() -> Legal {
    Legal::builtin().unwrap()
}

const HOUR: i64 = 60;
const END: i64 = 72 * HOUR;

struct Story<'a> {
    t: &'a TestDb,
    ids: Arc<TestIds>,
    legal: Legal,
    w: World,
    all: Scope,
    actor: Actor,
}

impl<'a> Story<'a> {
    async fn new(t: &'a TestDb) -> Self {
        let ids = Arc::new(TestIds::default());
        let w = issued(&t.db, &*ids, 1, &["CMPL", "ISPF", "ISPD"], minute(0), minute(END)).await;
        let all = Scope::of(vec![(Role::Coordinator, w.root)]);
        let person: Id<kind::Person> = Id::new(&*ids);
        let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
        tx.run_for_test(
            "insert into person (id, name, folded, sort_key, created_at) values ($1,'Trực','truc','truc',0)",
            args![person],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        Self { t, ids, legal: legal(), w, all, actor: Actor::Person(person) }
    }
    fn tools(&self) -> Tools<'_> {
        let common = assignments::Tools {
            ids: &*self.ids,
            base: "https://canh.test",
            pack: self.legal.on(domain::time::date(minute(0))),
        };
        Tools { common, key: InstanceKey::new([1; 32]) }
    }
    async fn ask(&self, kind: RequestKind, at: i64, due: i64) -> Id<kind::Request> {
        let tools = self.tools();
        let items = match kind {
            RequestKind::Filter => filter::read("a.top b.top", &tools.pack.guard()).items,
            RequestKind::Work => vec![],
        };
        let new = NewRequest {
            asker: Asker::Body(self.w.root),
            to: self.w.bodies.clone(),
            kind,
            title: "Yêu cầu".into(),
            text: "Nội dung".into(),
            basis: String::new(),
            under_law: false,
            urgent: false,
            asked: None,
            due: Some(minute(due)),
            letter: None,
            items,
        };
        let made: Result<_, StoreError> = store::write!(self.t.db, self.actor, minute(at), tx => requests::ask(tx, &self.all, &tools, &new).await);
        made.unwrap()[0]
    }
    async fn done(&self, id: Id<kind::Request>, at: i64) {
        let tools = self.tools();
        let proof_id = Id::new(&*self.ids as &dyn Ids);
        let new = Answer { outcome: Outcome::Done, text: "xong".into(), count: None, proof: None, proof_id };
        let done: Result<(), StoreError> = store::write!(self.t.db, self.actor, minute(at), tx => {
            requests::answer(tx, &self.all, &tools, id, &new).await
        });
        done.unwrap();
    }
    async fn report(&self, line: Id<kind::Line>, state: LineState, at: i64) {
        let tools = self.tools();
        let done: Result<(), StoreError> = store::write!(self.t.db, self.actor, minute(at), tx => {
            lines::report(tx, &self.all, &tools, line, state, "").await
        });
        done.unwrap();
    }
    /// State, handled, all, and how many facts are named, of the duty in that place.
    async fn judged(&self, place: usize, at: i64) -> (State, u32, u32, usize) {
        evaluate_now(&self.t.db, &self.legal, minute(at)).await.unwrap();
        let mut sql = self.t.db.read().await.unwrap();
        let task = &store::verdicts::load(&mut sql, &self.w.tasks[0][place..=place]).await.unwrap()[0];
        let v = &task.verdict;
        // The board says the same.
        let board = store::board::load(&mut sql, &self.all, self.w.campaign, minute(at)).await.unwrap();
        let code = board.codes.iter().position(|c| c == ["CMPL", "ISPF", "ISPD"][place]).unwrap();
        assert_eq!(board.rows[0].cells[code].unwrap().state, v.state);
        (v.state, v.handled, v.all, v.because.iter().filter(|b| b.fact.is_some()).count())
    }
}

both_engines! {
    async fn the_register_of_requests_is_judged_as_time_goes_by(t: &TestDb) {
        let s = Story::new(t).await;
        assert_eq!(s.judged(0, 1).await.0, State::NotYetDue, "none asked, window not over");
        let first = s.ask(RequestKind::Work, 10, 20 * HOUR).await;
        assert_eq!(s.judged(0, 11).await, (State::NotYetDue, 0, 1, 1));
        assert_eq!(s.judged(0, 20 * HOUR).await, (State::NotMet, 0, 1, 1), "nothing happened but the time");
        s.done(first, 21 * HOUR).await;
        assert_eq!(s.judged(0, 22 * HOUR).await.0, State::Partly, "late");
        let second = s.ask(RequestKind::Work, 23 * HOUR, 40 * HOUR).await;
        s.done(second, 30 * HOUR).await;
        assert_eq!(s.judged(0, END).await, (State::Partly, 2, 2, 2));
        assert_eq!(s.judged(1, END).await.0, State::Met, "no filter request was recorded");
    }

    async fn filter_requests_are_judged_by_their_entries(t: &TestDb) {
        let s = Story::new(t).await;
        let id = s.ask(RequestKind::Filter, 10, 20 * HOUR).await;
        assert_eq!(s.judged(1, 11).await, (State::NotYetDue, 0, 2, 1));
        let tools = s.tools();
        let mark = async |which: Mark, at: i64| {
            let done: Result<u64, StoreError> = store::write!(t.db, s.actor, minute(at), tx => {
                requests::mark(tx, &s.all, &tools, id, &which, ItemState::Done, "").await
            });
            done.unwrap();
        };
        mark(Mark::Some(vec![2]), 20).await;
        assert_eq!(s.judged(1, 30).await, (State::Partly, 1, 2, 1));
        assert_eq!(s.judged(1, 21 * HOUR).await.0, State::NotMet);
        mark(Mark::Rest, 22 * HOUR).await;
        assert_eq!(s.judged(1, 23 * HOUR).await, (State::Partly, 2, 2, 1), "one of them late");
        assert_eq!(s.judged(0, 23 * HOUR).await.0, State::Partly, "the request itself is late too");
    }

    async fn a_line_is_judged_by_what_is_known_of_its_minutes(t: &TestDb) {
        let s = Story::new(t).await;
        assert_eq!(s.judged(2, 1).await.0, State::NotYetDue);
        let line = Id::new(&*s.ids as &dyn Ids);
        let new = lines::NewLine {
            id: line,
            body: s.w.bodies[0],
            served: None,
            name: "Internet".into(),
            kind: LineKind::Internet,
            provider: String::new(),
            code: String::new(),
            capacity: String::new(),
            hotline: String::new(),
        };
        let made: Result<(), StoreError> =
            store::write!(t.db, s.actor, minute(0), tx => lines::create(tx, &s.all, &new).await);
        made.unwrap();
        assert_eq!(s.judged(2, 2).await.0, State::Unknown, "nobody has said how it is");
        s.report(line, LineState::Ok, 0).await;
        assert_eq!(Legal::builtin().unwrap().on(domain::time::date(minute(0))).duty("ISPD").unwrap().evaluator, domain::evidence::Evaluator::Lines);
        assert_eq!(s.judged(2, HOUR).await.0, State::NotYetDue);
        assert_eq!(s.judged(2, 17 * HOUR).await.0, State::Unknown, "believed for sixteen hours");
        s.report(line, LineState::Down, 20 * HOUR).await;
        assert_eq!(s.judged(2, 20 * HOUR + 1).await.0, State::NotMet);
        s.report(line, LineState::Ok, 21 * HOUR).await;
        for at in [36, 52, 68] {
            s.report(line, LineState::Ok, at * HOUR).await;
        }
        // 72 hours without four of silence and one of outage.
        let (state, handled, all, named) = s.judged(2, END).await;
        assert_eq!((state, i64::from(handled), i64::from(all), named), (State::Partly, 67 * HOUR, END, 1));
    }

    async fn reminders_of_requests_go_out_once_whatever_restarts(t: &TestDb) {
        let s = Story::new(t).await;
        s.ask(RequestKind::Work, 0, 54 * HOUR).await;
        for hour in 1..=90 {
            let chase = Arc::new(Chase {
                db: t.db.clone(),
                ids: s.ids.clone(),
                legal: Arc::new(Legal::builtin().unwrap()),
                base: "https://canh.test".into(),
                key: InstanceKey::new([1; 32]),
            });
            let engine = Engine::new(t.db.clone()).job(requests::chase::JOB, move |job, now| {
                let chase = chase.clone();
                async move { chase.run(&job, now).await }
            });
            engine.run_due(minute(hour * HOUR)).await.unwrap();
        }
        let count = async |sql: &'static str| t.db.read().await.unwrap().count_for_test(sql).await.unwrap();
        assert_eq!(count("select count(*) as n from request_chase").await, 4);
        assert_eq!(count("select count(*) as n from intent where template = 'request-overdue'").await, 1);
        assert_eq!(count("select count(*) as n from intent where template = 'request-reminder'").await, 2);
    }
}
