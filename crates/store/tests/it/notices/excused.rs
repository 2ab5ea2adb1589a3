//! Recipients who are excused: who may say so, what the figures then say, and who comes back.

use super::*;

impl Story<'_> {
    async fn excuse(
        &self,
        scope: &Scope,
        by: Actor,
        id: NoticeId,
        people: &[Id<kind::Recipient>],
        reason: &str,
    ) -> Result<usize, StoreError> {
        store::write!(self.t.db, by, minute(4), tx => {
            n::excuse(tx, scope, &self.ids, id, people, reason).await
        })
    }

    async fn expect(&self, id: NoticeId, people: &[Id<kind::Recipient>]) -> Result<usize, StoreError> {
        store::write!(self.t.db, Actor::System, minute(5), tx => {
            n::expect(tx, &self.officer, &self.ids, id, people).await
        })
    }

    async fn told(&self, body: usize) -> (u64, u64, u64) {
        let fact = self.facts(body).await.remove(0);
        let number = |key: &str| fact.value[key].as_u64().unwrap();
        (number("handled"), number("all"), number("excused"))
    }
}

both_engines! {
    async fn the_excused_stand_apart_and_are_not_waited_for(db: &TestDb) {
        let s = Story::new(db).await;
        let id = s.out(2, Quiz::default()).await;
        let people = s.recipients(id).await;
        let (one, two) = (people[0].id, people[1].id);
        s.open(one, 2).await.unwrap();
        s.commit(one, 2).await.unwrap();
        s.open(two, 2).await.unwrap();
        assert_eq!(s.told(0).await, (1, 2, 0));
        // Both at once: who has committed stays as they are.
        let head = Scope::of(vec![(Role::Head, s.w.bodies[0])]);
        assert_eq!(s.excuse(&head, Actor::System, id, &[one, two], " Nghỉ  thai sản ").await.unwrap(), 1);
        let want = Rates { recipients: 6, excused: 1, opened: 1, committed: 1, ..Rates::default() };
        assert_eq!(s.rates(id).await, want);
        assert_eq!(s.told(0).await, (1, 1, 1), "the board learns it at once");
        let row = s.recipients(id).await.remove(1);
        assert_eq!(row.excuse.unwrap().reason, "Nghỉ thai sản");
        let by_state = async |state| {
            let mut sql = db.db.read().await.unwrap();
            let notice = n::get(&mut sql, &s.officer, id).await.unwrap();
            let of = PeopleFilter { body: Some(s.w.bodies[0]), state, q: "", after: None };
            n::people(&mut sql, &s.officer, &notice, &of, 10).await.unwrap().len()
        };
        let counts = [PersonState::Missing, PersonState::Opened, PersonState::Excused, PersonState::All];
        let mut seen = Vec::new();
        for state in counts {
            seen.push(by_state(state).await);
        }
        assert_eq!(seen, [0, 0, 1, 2]);
        // No reminder for them, only for the four of the other communes.
        s.sent(10).await;
        s.run(id, 72 * HOUR).await;
        assert_eq!(s.sent(72 * HOUR + 10).await.len(), 4);
        let all = n::summary(&mut db.db.read().await.unwrap(), &s.officer, &n::SummaryOf::default()).await.unwrap();
        assert_eq!((all.rates.excused, all.bodies_complete), (1, 1));
        // Every change stands in the log, with its reason.
        assert_eq!(s.count("select count(*) as n from audit_entry where action = 'notice.excused'").await, 1);
    }

    async fn whoever_was_excused_and_is_here_after_all_counts_again(db: &TestDb) {
        let s = Story::new(db).await;
        let id = s.out(1, quiz()).await;
        let people = s.recipients(id).await;
        let (one, two, three) = (people[0].id, people[1].id, people[2].id);
        s.open(one, 2).await.unwrap();
        s.commit(one, 2).await.unwrap();
        assert_eq!(s.excuse(&s.officer, Actor::System, id, &[one, two, three], "Nghỉ phép").await.unwrap(), 3);
        assert_eq!(s.rates(id).await, Rates { recipients: 3, excused: 3, ..Rates::default() });
        // By answering, by committing, and because somebody says so.
        assert!(s.answer(one, 0, &[2; 5]).await.unwrap());
        s.open(two, 5).await.unwrap();
        assert_eq!(s.rates(id).await.opened, 1, "looking is not coming back");
        s.commit(two, 5).await.unwrap();
        assert_eq!(s.expect(id, &[one, two, three]).await.unwrap(), 1);
        let want = Rates { recipients: 3, opened: 2, committed: 2, asked: 3, passed: 1, ..Rates::default() };
        assert_eq!(s.rates(id).await, want);
        assert_eq!(s.told(1).await, (0, 1, 0));
    }

    async fn excusing_takes_the_right_a_reason_and_somebody_else(db: &TestDb) {
        let s = Story::new(db).await;
        let id = s.out(1, Quiz::default()).await;
        let people = s.recipients(id).await;
        let theirs = [people[0].id];
        let mut tx = db.db.begin_quiet(minute(0)).await.unwrap();
        let (person, channel): (Id<kind::Person>, Id<kind::Channel>) = (s.id(), s.id());
        tx.run_for_test(
            "insert into person (id, name, folded, sort_key, created_at) values ($1,'Chủ tịch','chu tich','chu tich',0)",
            args![person],
        ).await.unwrap();
        tx.run_for_test(
            "insert into channel (id, person, kind, address, verified_at, created_at) values ($1,$2,'email','p0-0@xa.gov.vn',$3,0)",
            args![channel, person, minute(0)],
        ).await.unwrap();
        tx.commit().await.unwrap();
        let head = Scope::of(vec![(Role::Head, s.w.bodies[0])]);
        let refused = async |scope: &Scope, by, people: &[_], reason: &str| match s.excuse(scope, by, id, people, reason).await {
            Err(StoreError::Refused(why)) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(&head, Actor::Person(person), &theirs, "Nghỉ").await, "notice-excuse-self");
        assert_eq!(refused(&head, Actor::System, &theirs, "  ").await, "notice-excuse-reason");
        assert_eq!(refused(&head, Actor::System, &theirs, &"a".repeat(301)).await, "notice-excuse-reason");
        assert_eq!(refused(&head, Actor::System, &[people[1].id], "Nghỉ").await, "notice-excuse-nobody");
        let clerk = Scope::of(vec![(Role::Clerk, s.w.bodies[0])]);
        assert_eq!(refused(&clerk, Actor::System, &theirs, "Nghỉ").await, "notice-excuse-nobody");
        let stranger = Scope::of(vec![]);
        let unseen = s.excuse(&stranger, Actor::System, id, &theirs, "Nghỉ").await;
        assert!(matches!(unseen, Err(StoreError::NotFound(_))));
        s.run(id, CLOSES).await;
        assert_eq!(refused(&head, Actor::System, &theirs, "Nghỉ").await, "notice-not-open");
        assert_eq!(s.rates(id).await.excused, 0);
    }
}
