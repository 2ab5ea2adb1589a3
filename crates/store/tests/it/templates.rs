use domain::{
    actor::{Actor, Scope},
    id::{Id, Ids, kind},
    legal::Legal,
    order::{LineRole, template::Change},
    right::Role,
    time::{Window, start_of},
};
use jiff::civil::date;
use store::{
    StoreError, both_engines, campaigns,
    templates::{self, NewLesson},
    testing::{TestDb, TestIds, minute},
};

use crate::{
    body,
    campaigns::{campaign, create, duty, line},
};

async fn keep(
    t: &TestDb,
    ids: &TestIds,
    scope: &Scope,
    from: Id<kind::Campaign>,
) -> Result<Id<kind::Template>, StoreError> {
    let legal = Legal::builtin().unwrap();
    let id = Id::new(ids as &dyn Ids);
    let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(2), tx => {
        templates::keep(tx, scope, id, from, "  Tết  ", legal.on(date(2027, 1, 1))).await
    });
    done.map(|()| id)
}

both_engines! {
    async fn next_year_begins_with_what_was_learnt(t: &TestDb) {
        let ids = TestIds::default();
        let root = body(&t.db, &ids, None).await;
        let (a, b) = (body(&t.db, &ids, Some(root)).await, body(&t.db, &ids, Some(root)).await);
        let clerk = Scope::of(vec![(Role::Clerk, root)]);
        let mut own_due = duty(&ids, "SELF", None, false);
        own_due.due_at = Some(start_of(date(2027, 2, 1)));
        let lines = vec![line(LineRole::To, "Các xã", vec![a, b]), line(LineRole::Actor, "providers", vec![b])];
        let old = campaign(&ids, root, vec![duty(&ids, "VREV", None, false), own_due], lines);
        create(t, &clerk, &old).await.unwrap();
        let kept = keep(t, &ids, &clerk, old.id).await.unwrap();

        let lesson = NewLesson {
            id: Id::new(&ids as &dyn Ids), campaign: old.id, text: "Rà soát sớm hơn hai ngày".into(),
            change: Change::Due { code: "VREV".into(), hours_before: 48 },
        };
        let unfit = NewLesson {
            id: Id::new(&ids as &dyn Ids), change: Change::Drop { code: "HUNT".into() }, ..lesson.clone()
        };
        for lesson in [&lesson, &unfit] {
            let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(3), tx => templates::learn(tx, &clerk, lesson).await);
            done.unwrap();
        }
        let apply = async |lesson: Id<kind::Lesson>| -> Result<(), StoreError> {
            store::write!(t.db, Actor::System, minute(4), tx => templates::apply(tx, &clerk, lesson, kept).await)
        };
        apply(lesson.id).await.unwrap();
        assert!(matches!(apply(lesson.id).await, Err(StoreError::Refused("lesson-applied"))));
        assert!(matches!(apply(unfit.id).await, Err(StoreError::Refused("lesson-no-duty"))));
        let back: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(5), tx => templates::unlearn(tx, &clerk, unfit.id).await);
        back.unwrap();
        let left = templates::lessons(&mut t.db.read().await.unwrap(), &clerk, old.id).await.unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].applied.as_ref().map(|x| x.1.as_str()), Some("Tết"));

        // One of the bodies has closed since: its line waits for a person.
        let closed: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(6), tx => {
            tx.run_for_test("update body set closed_at = 1 where id = $1", store::args![a]).await?;
            tx.record("test", "test", None, &"");
            Ok(())
        });
        closed.unwrap();
        let id = Id::new(&ids as &dyn Ids);
        let window = Window::days(date(2028, 1, 24), date(2028, 2, 1));
        let made: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(7), tx => {
            templates::draft(tx, &clerk, kept, id, "Tết Mậu Thân", Some(window), &ids).await
        });
        made.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let duties = campaigns::duties(&mut sql, id).await.unwrap();
        assert_eq!(duties[0].due_at, Some(start_of(date(2028, 1, 22))), "two days before the window");
        assert_eq!(duties[1].due_at, Some(start_of(date(2028, 1, 21))), "three days before, as the year before");
        let lines = campaigns::lines(&mut sql, id).await.unwrap();
        assert_eq!((lines[0].resolved, lines[0].bodies.len()), (false, 1));
        assert!(lines[1].resolved);
    }

    async fn a_template_is_seen_and_used_by_those_who_prepare_there(t: &TestDb) {
        let ids = TestIds::default();
        let root = body(&t.db, &ids, None).await;
        let below = body(&t.db, &ids, Some(root)).await;
        let clerk = Scope::of(vec![(Role::Clerk, root)]);
        let other = Scope::of(vec![(Role::Clerk, below)]);
        let old = campaign(&ids, root, vec![duty(&ids, "VREV", None, false)], vec![line(LineRole::To, "Các xã", vec![below])]);
        create(t, &clerk, &old).await.unwrap();
        assert!(matches!(keep(t, &ids, &other, old.id).await, Err(StoreError::NotFound(_))));
        let kept = keep(t, &ids, &clerk, old.id).await.unwrap();
        let mut sql = t.db.read().await.unwrap();
        assert_eq!(templates::list(&mut sql, &clerk).await.unwrap().len(), 1);
        assert!(templates::list(&mut sql, &other).await.unwrap().is_empty());
        drop(sql);
        let version = 1;
        let rename = async |scope: &Scope, name: &str| -> Result<(), StoreError> {
            store::write!(t.db, Actor::System, minute(4), tx => templates::rename(tx, scope, kept, version, name).await)
        };
        assert!(matches!(rename(&other, "x").await, Err(StoreError::NotFound(_))));
        assert!(matches!(rename(&clerk, " ").await, Err(StoreError::Refused("template-name"))));
        rename(&clerk, "Tết hằng năm").await.unwrap();
        assert!(matches!(rename(&clerk, "chậm hơn").await, Err(StoreError::Stale)));
        let gone: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(5), tx => templates::retire(tx, &clerk, kept).await);
        gone.unwrap();
        assert!(templates::list(&mut t.db.read().await.unwrap(), &clerk).await.unwrap().is_empty());
    }
}
