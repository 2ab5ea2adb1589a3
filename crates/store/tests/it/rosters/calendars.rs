//! Calendars by secret link: whose names they show, and that entries tell of their changes.

use domain::person::Lang;

use super::*;

async fn link(
    s: &Story<'_>,
    person: usize,
    digest: &str,
    post: Option<Id<kind::Post>>,
) -> Id<kind::Calendar> {
    let id = Id::new(&s.ids as &dyn Ids);
    let actor = Actor::Person(s.people[person]);
    let made: Result<(), StoreError> = store::write!(s.t.db, actor, minute(0), tx => {
        r::make_calendar(tx, &s.planner(), id, digest, post).await
    });
    made.unwrap();
    id
}

async fn grant(s: &Story<'_>, person: usize, body: usize) {
    let (id, person, body) = (s.ids.next().to_string(), s.people[person], s.bodies[body]);
    let made: Result<(), StoreError> = store::write!(s.t.db, Actor::System, minute(0), tx => {
        tx.run_for_test(
            "insert into role_grant (id, person, role, body, created_at) values ($1,$2,'duty-officer',$3,0)",
            args![&id, person, body],
        ).await?;
        tx.record("test.grant", "test", None, &());
        Ok(())
    });
    made.unwrap();
}

async fn read(s: &Story<'_>, digest: &str) -> Result<r::Calendar, StoreError> {
    let mut sql = s.t.db.read().await.unwrap();
    r::read_calendar(&mut sql, digest, window(0, 3 * DAY), minute(0)).await
}

both_engines! {
    async fn a_link_shows_what_its_maker_may_see_and_nothing_once_revoked(t: &TestDb) {
        let s = Story::new(t).await;
        s.add(&s.layer(&s.people[..2], DAY as u32)).await.unwrap();
        s.publish(&s.planner(), 0, window(0, 3 * DAY), None).await.unwrap();
        link(&s, 0, "own", None).await;
        let of_post = link(&s, 0, "post", Some(s.post)).await;
        assert!(matches!(read(&s, "post").await, Err(StoreError::NotFound(_))), "without a role nothing is seen");
        assert!(read(&s, "own").await.unwrap().turns.is_empty());
        grant(&s, 0, 1).await;
        let own = read(&s, "own").await.unwrap();
        assert_eq!((own.lang, own.post.as_deref()), (Lang::Vi, None));
        assert!(!own.turns.is_empty() && own.turns.iter().all(|t| t.name == "Người 0"), "{own:?}");
        let post = read(&s, "post").await.unwrap();
        assert_eq!(post.post.as_deref(), Some("Trực giám sát"));
        assert!(post.turns.iter().any(|t| t.name == "Người 1") && post.turns.len() > own.turns.len());

        let revoke = |person: usize| {
            let actor = Actor::Person(s.people[person]);
            async move {
                let done: Result<(), StoreError> =
                    store::write!(t.db, actor, minute(1), tx => r::revoke_calendar(tx, of_post).await);
                done
            }
        };
        assert!(matches!(revoke(1).await, Err(StoreError::NotFound(_))), "another's link");
        revoke(0).await.unwrap();
        assert!(matches!(read(&s, "post").await, Err(StoreError::NotFound(_))));
        assert!(read(&s, "own").await.is_ok());
    }

    async fn an_entry_keeps_its_place_and_tells_of_every_change(t: &TestDb) {
        let s = Story::new(t).await;
        s.add(&s.layer(&s.people[..2], DAY as u32)).await.unwrap();
        s.publish(&s.planner(), 0, window(0, 3 * DAY), None).await.unwrap();
        grant(&s, 0, 1).await;
        link(&s, 0, "post", Some(s.post)).await;
        let before = read(&s, "post").await.unwrap();
        let planner = s.planner();
        let span = window(DAY + 6 * HOUR, DAY + 8 * HOUR);
        let settled = Override { id: Id::new(&s.ids as &dyn Ids), line: Line::Primary, span, people: vec![s.people[2]] };
        let made: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(5), tx => {
            r::settle(tx, &planner, s.tools().pack, s.post, &NewOverride { settled: settled.clone(), why: "ốm" }).await
        });
        made.unwrap();
        let after = read(&s, "post").await.unwrap();
        assert!(after.turns.iter().all(|t| t.version > before.turns[0].version && t.changed == minute(5)));
        assert!(after.turns.iter().any(|t| t.name == "Người 2"));
        let place = |t: &r::Turn| (t.shift.person, t.shift.from);
        let last = before.turns.last().map(place);
        assert!(after.turns.iter().any(|t| Some(place(t)) == last), "what did not change stays where it is");
    }
}
