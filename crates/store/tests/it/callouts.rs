//! Call-outs: raised once, called by their policy, answered exactly once. Each story on both engines.

use std::collections::BTreeMap;

use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    legal::Legal,
    paging::{About, Hours, Policy, Rule, Severity, Standing, Step, Target},
    right::Role,
    time,
};
use store::{
    StoreError, args,
    assignments::Tools,
    both_engines,
    callouts::{self as c, Act, Answer, Filter, New, NewPolicy, Side},
    testing::{TestDb, TestIds, TestSecrets, minute},
};

mod by_hand;
mod inlets;

type Person = Id<kind::Person>;

struct Story<'a> {
    t: &'a TestDb,
    ids: TestIds,
    secrets: TestSecrets,
    legal: Legal,
    /// The province and a department below it.
    bodies: [Id<kind::Body>; 2],
    /// Two of the department, the head of it, a coordinator of the province.
    people: [Person; 4],
}

fn scope(role: Role, body: Id<kind::Body>) -> Scope {
    Scope::of(vec![(role, body)])
}

impl<'a> Story<'a> {
    async fn new(t: &'a TestDb) -> Self {
        let ids = TestIds::default();
        let root = crate::body(&t.db, &ids, None).await;
        let own = crate::body(&t.db, &ids, Some(root)).await;
        let people = [(); 4].map(|()| Id::new(&ids as &dyn Ids));
        for (n, id) in people.into_iter().enumerate() {
            let body = if n == 3 { root } else { own };
            let role = [Role::DutyOfficer, Role::DutyOfficer, Role::Head, Role::Coordinator][n];
            let (name, grant): (_, Id<kind::Grant>) = (format!("Người {n}"), Id::new(&ids as &dyn Ids));
            let made: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(0), tx => {
                tx.run_for_test(
                    "insert into person (id, name, folded, sort_key, lang, created_at) values ($1,$2,$2,$2,'vi',0)",
                    args![id, &name],
                ).await?;
                tx.run_for_test("insert into membership (person, body) values ($1,$2)", args![id, body]).await?;
                tx.run_for_test(
                    "insert into role_grant (id, person, role, body, created_at) values ($1,$2,$3,$4,0)",
                    args![grant, id, role.name(), body],
                ).await?;
                tx.record("person.created", format!("person:{id}"), Some(body), &"test");
                Ok(())
            });
            made.unwrap();
        }
        let (legal, secrets) = (Legal::builtin().unwrap(), TestSecrets::default());
        Self { t, ids, secrets, legal, bodies: [root, own], people }
    }
    fn tools(&self) -> Tools<'_> {
        Tools { ids: &self.ids, base: "https://canh.test", pack: self.legal.on(time::date(minute(0))) }
    }
    async fn raise(&self, key: &str, severity: Severity) -> Option<Id<kind::Callout>> {
        let (tools, own) = (self.tools(), self.bodies[1]);
        let done: Result<_, StoreError> = store::write!(self.t.db, Actor::System, minute(0), tx => {
            let words = vec![
                ("monitor", "Sao lưu".to_owned()), ("body", "Sở".to_owned()), ("since", "08:00".to_owned()),
            ];
            let raised = c::raise(tx, &tools, New {
                key: key.into(),
                about: About::Monitor,
                subject: "monitor:1".into(),
                body: own,
                post: None,
                person: Some(self.people[0]),
                severity,
                words,
                since: minute(0),
            }).await?;
            if raised.is_none() {
                tx.unchanged();
            }
            Ok(raised)
        });
        done.unwrap()
    }
    async fn policy(&self, steps: &[(u16, Target)], lapse: Option<u16>) {
        let step = |(after_minutes, t): &(u16, Target)| Step {
            after_minutes: *after_minutes,
            only: Hours::Always,
            targets: vec![*t],
        };
        let steps = steps.iter().map(step).collect();
        let policy =
            Policy { name: "Đêm".into(), steps, repeats: 0, pause_minutes: 10, lapse_minutes: lapse };
        let rule = Rule { about: vec![], from: Severity::Low, policy };
        let new = NewPolicy { id: Id::new(&self.ids as &dyn Ids), body: self.bodies[0], rule };
        let who = scope(Role::Coordinator, self.bodies[0]);
        let made: Result<(), StoreError> =
            store::write!(self.t.db, Actor::System, minute(0), tx => c::create(tx, &who, &new).await);
        made.unwrap();
    }
    async fn step(&self, id: Id<kind::Callout>, at: i64) -> Option<i64> {
        let tools = self.tools();
        let next: Result<_, StoreError> = store::write!(self.t.db, Actor::System, minute(at), tx => {
            c::step(tx, &tools, &self.secrets, id).await
        });
        next.unwrap().map(|t| (t.as_second() - minute(0).as_second()) / 60)
    }
    /// The newest token of each person who was called, by their place.
    async fn tokens(&self) -> BTreeMap<usize, String> {
        let mut found = BTreeMap::new();
        loop {
            let claimed = store::intents::claim(&self.t.db, minute(100)).await.unwrap();
            let Some(claimed) = claimed else { return found };
            let domain::intent::To::Person(to) = claimed.intent.to else { panic!() };
            let place = self.people.iter().position(|p| *p == to).unwrap();
            found.insert(place, claimed.intent.vars["token"].clone());
        }
    }
    async fn answer(&self, token: &str, answer: Answer, at: i64) -> Result<c::Answered, StoreError> {
        c::answer(&self.t.db, &self.tools(), minute(at), token, answer, "telegram").await
    }
    async fn log(&self, id: Id<kind::Callout>) -> Vec<(i64, String)> {
        let mut sql = self.t.db.read().await.unwrap();
        let lines = c::log(&mut sql, &Scope::system(), None, id).await.unwrap();
        let at = |t: jiff::Timestamp| (t.as_second() - minute(0).as_second()) / 60;
        lines.into_iter().map(|l| (at(l.at), l.what)).collect()
    }
    async fn entries(&self) -> i64 {
        let mut sql = self.t.db.read().await.unwrap();
        sql.count_for_test("select size as n from audit_head").await.unwrap()
    }
}

both_engines! {
    async fn a_call_out_is_raised_once_and_called_by_its_policy(t: &TestDb) {
        let s = Story::new(t).await;
        s.policy(&[(0, Target::Same), (5, Target::Head), (9, Target::Role(Role::Coordinator, Some(s.bodies[0])))], None).await;
        let id = s.raise("k", Severity::High).await.unwrap();
        assert_eq!(s.raise("k", Severity::High).await, None);
        assert_eq!(s.step(id, 0).await, Some(5));
        assert_eq!(s.step(id, 0).await, Some(5), "looking twice calls nobody twice");
        assert_eq!(s.step(id, 5).await, Some(9));
        assert_eq!(s.step(id, 9).await, Some(19));
        assert_eq!(s.tokens().await.into_keys().collect::<Vec<_>>(), [0, 2, 3]);
        assert_eq!(s.step(id, 19).await, None);
        let said: Vec<_> = s.log(id).await;
        let wanted = [(0, "raised"), (0, "called"), (5, "called"), (9, "called"), (19, "expired")];
        assert_eq!(said, wanted.map(|(at, w)| (at, w.to_owned())));
    }

    async fn an_answer_counts_once_and_says_who_was_faster(t: &TestDb) {
        let s = Story::new(t).await;
        s.policy(&[(0, Target::Same), (0, Target::Head)], None).await;
        let id = s.raise("k", Severity::High).await.unwrap();
        s.step(id, 0).await;
        let tokens = s.tokens().await;
        assert!(matches!(s.answer("guessed", Answer::Acknowledge, 1).await, Err(StoreError::NotFound(_))));
        let first = s.answer(&tokens[&2], Answer::Acknowledge, 3).await.unwrap();
        assert!(first.changed);
        assert_eq!(first.standing, Standing::Acknowledged);
        let entries = s.entries().await;
        let again = s.answer(&tokens[&2], Answer::Acknowledge, 4).await.unwrap();
        let late = s.answer(&tokens[&0], Answer::Acknowledge, 5).await.unwrap();
        assert!(!again.changed && !late.changed);
        assert_eq!(late.taken, Some((s.people[2], "Người 2".to_owned(), minute(3))));
        assert_eq!(s.entries().await, entries, "what changes nothing is not written down");
        assert_eq!(s.step(id, 60).await, None);
        assert_eq!(s.log(id).await.iter().filter(|(_, w)| w == "taken").count(), 1);
        // Whoever was called may say that it is done; a neighbour may not even see it.
        let own = scope(Role::Viewer, s.bodies[1]);
        let tools = s.tools();
        let done: Result<_, StoreError> = store::write!(t.db, Actor::Person(s.people[0]), minute(6), tx => {
            c::act(tx, &own, &tools, id, &Act::Resolve("Đã bật lại".into()), "page").await
        });
        assert_eq!(done.unwrap().standing, Standing::Resolved);
        let done: Result<_, StoreError> = store::write!(t.db, Actor::Person(s.people[3]), minute(7), tx => {
            c::act(tx, &Scope::nothing(), &tools, id, &Act::Acknowledge, "page").await
        });
        assert!(matches!(done, Err(StoreError::NotFound(_))));
    }

    async fn what_was_answered_is_not_sent_any_more(t: &TestDb) {
        let s = Story::new(t).await;
        s.policy(&[(0, Target::Same), (0, Target::Head)], None).await;
        let id = s.raise("k", Severity::High).await.unwrap();
        s.step(id, 0).await;
        let one = store::intents::claim(&t.db, minute(0)).await.unwrap().unwrap();
        let token = one.intent.vars["token"].clone();
        s.answer(&token, Answer::Acknowledge, 1).await.unwrap();
        assert_eq!(store::intents::claim(&t.db, minute(1)).await.unwrap(), None, "the other is spared");
        assert_eq!(store::intents::claim(&t.db, minute(5)).await.unwrap(), None, "nor is what a dead worker had");
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(store::intents::counts(&mut sql).await.unwrap(), [("spared".to_owned(), 2)]);
    }

    async fn passing_on_calls_the_next_at_once_and_silence_after_taking_it_calls_again(t: &TestDb) {
        let s = Story::new(t).await;
        s.policy(&[(0, Target::Same), (30, Target::Head)], Some(20)).await;
        let id = s.raise("k", Severity::High).await.unwrap();
        s.step(id, 0).await;
        let tokens = s.tokens().await;
        assert!(s.answer(&tokens[&0], Answer::Escalate, 2).await.unwrap().changed);
        assert!(!s.answer(&tokens[&0], Answer::Escalate, 2).await.unwrap().changed, "a second tap is the same tap");
        s.step(id, 2).await;
        let tokens = s.tokens().await;
        assert_eq!(tokens.keys().collect::<Vec<_>>(), [&2]);
        s.answer(&tokens[&2], Answer::Acknowledge, 4).await.unwrap();
        assert_eq!(s.step(id, 4).await, Some(24));
        let (tools, head) = (s.tools(), scope(Role::Head, s.bodies[1]));
        let going: Result<_, StoreError> = store::write!(t.db, Actor::Person(s.people[2]), minute(20), tx => {
            c::act(tx, &head, &tools, id, &Act::Progress("Đang đến".into()), "page").await
        });
        going.unwrap();
        assert_eq!(s.step(id, 24).await, Some(40));
        s.step(id, 40).await;
        let said: Vec<_> = s.log(id).await.into_iter().skip(2).collect();
        let wanted =
            [(2, "passed-on"), (2, "called"), (4, "taken"), (20, "progress"), (40, "lapsed"), (40, "called")];
        assert_eq!(said, wanted.map(|(at, w)| (at, w.to_owned())));
    }

    async fn each_sees_what_is_theirs_and_what_they_were_called_for(t: &TestDb) {
        let s = Story::new(t).await;
        s.policy(&[(0, Target::Same)], None).await;
        let id = s.raise("k", Severity::High).await.unwrap();
        s.step(id, 0).await;
        let mut sql = t.db.read().await.unwrap();
        let open = Filter { side: Side::Open, body: None };
        let above = scope(Role::Viewer, s.bodies[0]);
        let seen = c::list(&mut sql, &above, None, open, None, 10).await.unwrap();
        assert_eq!((seen.len(), seen[0].may_answer), (1, false));
        assert_eq!(c::counts(&mut sql, &above).await.unwrap(), (1, 0));
        assert!(c::list(&mut sql, &Scope::nothing(), Some(s.people[1]), open, None, 10).await.unwrap().is_empty());
        let mine = Filter { side: Side::Mine, body: None };
        let called = c::list(&mut sql, &Scope::nothing(), Some(s.people[0]), mine, None, 10).await.unwrap();
        assert_eq!((called.len(), called[0].may_answer), (1, true));
    }

    async fn a_policy_is_checked_when_it_is_kept_and_tells_beforehand_whom_it_calls(t: &TestDb) {
        let s = Story::new(t).await;
        let who = scope(Role::Coordinator, s.bodies[0]);
        let bad = Policy { name: "Đêm".into(), steps: vec![], repeats: 0, pause_minutes: 10, lapse_minutes: None };
        let rule = Rule { about: vec![], from: Severity::Low, policy: bad };
        let new = NewPolicy { id: Id::new(&s.ids as &dyn Ids), body: s.bodies[0], rule };
        let made: Result<(), StoreError> =
            store::write!(t.db, Actor::System, minute(0), tx => c::create(tx, &who, &new).await);
        assert!(matches!(made, Err(StoreError::Refused("policy-no-step"))), "{made:?}");
        s.policy(&[(0, Target::OnDuty(None)), (5, Target::Head)], None).await;
        let mut sql = t.db.read().await.unwrap();
        let kept = c::policies(&mut sql, &who).await.unwrap();
        assert!(kept[0].may_change);
        let tools = s.tools();
        let told = c::preview(&mut sql, &tools, &kept[0].rule.policy, s.bodies[1], None, minute(0)).await.unwrap();
        let names: Vec<_> = told.iter().map(|c| (c.at, c.names.join(","))).collect();
        // Nobody is on duty: the head is called at once.
        assert_eq!(names[..2], [(minute(0), String::new()), (minute(0), "Người 2".to_owned())]);
        drop(sql);
        let own = scope(Role::Coordinator, s.bodies[1]);
        let gone: Result<(), StoreError> =
            store::write!(t.db, Actor::System, minute(0), tx => c::retire(tx, &own, kept[0].id).await);
        assert!(matches!(gone, Err(StoreError::NotFound(_))), "the province's policy is the province's");
    }

    async fn a_monitor_that_falls_silent_is_one_call_out_and_its_next_sign_of_life_ends_it(t: &TestDb) {
        let s = Story::new(t).await;
        let secret = "tin-hieu";
        let new = c::NewMonitor {
            id: Id::new(&s.ids as &dyn Ids),
            body: s.bodies[1],
            name: "Sao lưu".into(),
            digest: store::sign_in::digest(secret),
            every_minutes: 10,
            grace_minutes: 5,
            severity: Severity::High,
        };
        let (who, tools) = (scope(Role::Coordinator, s.bodies[1]), s.tools());
        let made: Result<(), StoreError> =
            store::write!(t.db, Actor::System, minute(0), tx => c::make_monitor(tx, &who, &new).await);
        made.unwrap();
        assert!(matches!(c::beat(&t.db, &tools, minute(1), "khac").await, Err(StoreError::NotFound(_))));
        c::beat(&t.db, &tools, minute(5), secret).await.unwrap();
        let look = async |at: i64| {
            let next: Result<_, StoreError> =
                store::write!(t.db, Actor::System, minute(at), tx => c::look(tx, &tools).await);
            next.unwrap();
            let mut sql = t.db.read().await.unwrap();
            c::counts(&mut sql, &Scope::system()).await.unwrap()
        };
        assert_eq!(look(19).await, (0, 0));
        assert_eq!(look(20).await, (1, 0));
        assert_eq!(look(40).await, (1, 0), "one silence is one call-out");
        c::beat(&t.db, &tools, minute(41), secret).await.unwrap();
        assert_eq!(look(42).await, (0, 0), "it is heard again");
        assert_eq!(look(56).await, (1, 0), "and silent again");
    }
}
