//! A person calls whoever is on duty: once, by the policy, and hears what became of it.

use store::callouts::{ByHand, CALLS_MAX, Wanted};

use super::*;

impl Story<'_> {
    /// A post of the department with the second of its people on duty.
    async fn post(&self) -> Id<kind::Post> {
        let post: Id<kind::Post> = Id::new(&self.ids as &dyn Ids);
        let made: Result<(), StoreError> = store::write!(self.t.db, Actor::System, minute(0), tx => {
            tx.run_for_test(
                "insert into post (id, body, name, folded, sort_key, presence, needed, backup, check_in, created_at)
                 values ($1,$2,'Trực an ninh mạng','x','x','on-call',1,false,$3,0)",
                args![post, self.bodies[1], serde_json::to_string(&domain::roster::CheckIn::default()).unwrap()],
            ).await?;
            tx.run_for_test(
                "insert into shift (post, line, person, from_at, to_at, why) values ($1,'primary',$2,$3,$4,'{}')",
                args![post, self.people[1], minute(-60), minute(600)],
            ).await?;
            tx.record("post.created", format!("post:{post}"), Some(self.bodies[1]), &"test");
            Ok(())
        });
        made.unwrap();
        post
    }
    async fn call(
        &self,
        who: usize,
        scope: &Scope,
        wanted: Wanted,
        (key, why): (&str, &str),
    ) -> Result<Id<kind::Callout>, StoreError> {
        let tools = self.tools();
        let new =
            ByHand {
                key, wanted, severity: Severity::High, why, detail: "Máy chủ một cửa", via: "page"
            };
        store::write!(self.t.db, Actor::Person(self.people[who]), minute(0), tx => {
            c::call(tx, scope, &tools, &new).await
        })
    }
    /// What waits to be sent to one of the people: templates, and the token where there is one.
    async fn told(&self, who: usize, at: i64) -> Vec<(String, Option<String>)> {
        let mut found = Vec::new();
        while let Some(claimed) = store::intents::claim(&self.t.db, minute(at)).await.unwrap() {
            if claimed.intent.to == domain::intent::To::Person(self.people[who]) {
                found.push((claimed.intent.template, claimed.intent.vars.get("token").cloned()));
            }
        }
        found
    }
}

both_engines! {
    async fn whoever_is_on_duty_is_called_once_and_the_caller_hears_who_took_it(t: &TestDb) {
        let s = Story::new(t).await;
        let post = Wanted::Post(s.post().await);
        let coordinator = scope(Role::Coordinator, s.bodies[0]);
        let id = s.call(3, &coordinator, post, ("k", "Trang chủ\n bị\u{202e} đổi ")).await.unwrap();
        let entries = s.entries().await;
        assert_eq!(s.call(3, &coordinator, post, ("k", "Trang chủ bị đổi")).await.unwrap(), id, "one form, one call");
        assert_eq!(s.entries().await, entries);
        s.step(id, 0).await;
        let told = s.told(1, 0).await;
        assert_eq!(told[0].0, "duty-call");
        let mut sql = t.db.read().await.unwrap();
        let shown = c::get(&mut sql, &coordinator, None, id).await.unwrap().callout;
        assert_eq!((shown.about, shown.words["title"].as_str()), (About::ByHand, "Trang chủ bị đổi"));
        let first = c::log(&mut sql, &coordinator, None, id).await.unwrap().swap_remove(0);
        assert_eq!(first.person.as_deref(), Some("Người 3"));
        assert_eq!((first.via.as_str(), first.note.as_str()), ("page", "Máy chủ một cửa"));
        drop(sql);
        let done = s.answer(told[0].1.as_deref().unwrap(), Answer::Acknowledge, 4).await.unwrap();
        assert_eq!(done.standing, Standing::Acknowledged);
        assert_eq!(s.told(3, 5).await, [("duty-call-taken".to_owned(), None)]);
    }

    async fn whoever_called_hears_that_nobody_answers_sees_it_and_may_end_it(t: &TestDb) {
        let s = Story::new(t).await;
        s.policy(&[(0, Target::Person(s.people[1]))], None).await;
        let post = Wanted::Post(s.post().await);
        let officer = scope(Role::DutyOfficer, s.bodies[1]);
        let id = s.call(0, &officer, post, ("k", "Mất điện")).await.unwrap();
        s.step(id, 0).await;
        s.step(id, 10).await;
        assert_eq!(s.told(0, 100).await, [("duty-call-unanswered".to_owned(), None)]);
        // Also once they have no right there any more: it was their call.
        let mut sql = t.db.read().await.unwrap();
        let mine = Filter { side: Side::Mine, body: None };
        let seen = c::list(&mut sql, &Scope::nothing(), Some(s.people[0]), mine, None, 10).await.unwrap();
        assert_eq!((seen.len(), seen[0].may_answer), (1, true));
        assert!(c::list(&mut sql, &Scope::nothing(), Some(s.people[2]), mine, None, 10).await.unwrap().is_empty());
        drop(sql);
        let tools = s.tools();
        let done: Result<_, StoreError> = store::write!(t.db, Actor::Person(s.people[0]), minute(20), tx => {
            c::act(tx, &Scope::nothing(), &tools, id, &Act::Resolve("Có điện lại".into()), "page").await
        });
        assert_eq!(done.unwrap().standing, Standing::Resolved);
    }

    async fn a_body_calls_whoever_is_above_it(t: &TestDb) {
        let s = Story::new(t).await;
        let officer = scope(Role::DutyOfficer, s.bodies[1]);
        let id = s.call(0, &officer, Wanted::Above(s.bodies[1]), ("k", "Cần hỗ trợ")).await.unwrap();
        s.step(id, 0).await;
        // Nobody is on duty above: its coordinators.
        assert_eq!(s.told(3, 0).await[0].0, "duty-call");
        let root = scope(Role::DutyOfficer, s.bodies[0]);
        let refused = s.call(3, &root, Wanted::Above(s.bodies[0]), ("k", "Cần hỗ trợ")).await;
        assert!(matches!(refused, Err(StoreError::Refused("callout-no-above"))), "{refused:?}");
        let other = s.call(0, &officer, Wanted::Above(s.bodies[0]), ("l", "Cần hỗ trợ")).await;
        assert!(matches!(other, Err(StoreError::NotFound(_))), "{other:?}");
    }

    async fn one_person_is_called_by_name_and_then_their_head(t: &TestDb) {
        let s = Story::new(t).await;
        let officer = scope(Role::DutyOfficer, s.bodies[1]);
        let id = s.call(0, &officer, Wanted::Person(s.people[1]), ("k", "Cần mật khẩu máy chủ")).await.unwrap();
        s.step(id, 0).await;
        assert_eq!(s.told(1, 0).await[0].0, "person-call");
        let mut sql = t.db.read().await.unwrap();
        let c = c::get(&mut sql, &officer, None, id).await.unwrap().callout;
        assert_eq!((c.person, c.words["who"].as_str()), (Some(s.people[1]), "Người 1"));
        assert!(!c.policy.targets().contains(&Target::Same) && c.policy.targets().contains(&Target::Head));
        drop(sql);
        // Whoever sees nobody of that body, or answers for nothing, finds nobody to call; nor is anybody called who left.
        let other = crate::body(&t.db, &s.ids, Some(s.bodies[0])).await;
        for scope in [scope(Role::DutyOfficer, other), scope(Role::Auditor, s.bodies[0]), Scope::nothing()] {
            let done = s.call(0, &scope, Wanted::Person(s.people[1]), ("l", "Vì sao")).await;
            assert!(matches!(done, Err(StoreError::NotFound("person"))), "{done:?}");
        }
        let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
        tx.run_for_test("update person set closed_at = 0 where id = $1", args![s.people[1]]).await.unwrap();
        tx.commit().await.unwrap();
        let gone = s.call(0, &officer, Wanted::Person(s.people[1]), ("m", "Vì sao")).await;
        assert!(matches!(gone, Err(StoreError::NotFound("person"))), "{gone:?}");
    }

    async fn who_calls_must_see_the_post_answer_for_something_and_say_why(t: &TestDb) {
        let s = Story::new(t).await;
        let post = Wanted::Post(s.post().await);
        let officer = scope(Role::DutyOfficer, s.bodies[1]);
        for (scope, key) in [(Scope::nothing(), "a"), (scope(Role::Auditor, s.bodies[0]), "b")] {
            let done = s.call(0, &scope, post, (key, "Vì sao")).await;
            assert!(matches!(done, Err(StoreError::NotFound(_))), "{done:?}");
        }
        let silent = s.call(0, &officer, post, ("c", "  ")).await;
        assert!(matches!(silent, Err(StoreError::Refused("callout-no-reason"))), "{silent:?}");
        let long = s.call(0, &officer, post, ("d", &"x".repeat(201))).await;
        assert!(matches!(long, Err(StoreError::Refused("text-long"))), "{long:?}");
        for n in 0..CALLS_MAX {
            s.call(0, &officer, post, (&n.to_string(), "Nữa")).await.unwrap();
        }
        let more = s.call(0, &officer, post, ("more", "Nữa")).await;
        assert!(matches!(more, Err(StoreError::Refused("callouts-many"))), "{more:?}");
        s.call(1, &officer, post, ("more", "Nữa")).await.unwrap();
    }
}
