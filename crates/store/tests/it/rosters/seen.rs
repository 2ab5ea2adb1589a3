//! Who is awake, and who is away: read on both engines.

use super::*;

both_engines! {
    async fn who_is_awake_and_who_is_away_is_read_where_there_is_somebody(t: &TestDb) {
        let s = Story::new(t).await;
        s.add(&s.layer(&s.people[..2], 8 * 60)).await.unwrap();
        s.publish(&s.planner(), 0, window(0, 2 * DAY), None).await.unwrap();
        let (own, planner, tools) = (s.bodies[1], s.planner(), s.tools());
        let mut sql = t.db.read().await.unwrap();
        let awake = r::awake(&mut sql, &planner, Some(own), minute(65)).await.unwrap();
        assert_eq!((awake.len(), awake[0].people.len(), awake[0].is_silent()), (1, 1, false));
        drop(sql);
        let new = NewAbsence {
            id: Id::new(&s.ids as &dyn Ids),
            person: s.people[0],
            post: s.post,
            span: window(DAY, DAY + 8 * HOUR),
            why: "Đi họp",
        };
        let done: Result<_, StoreError> = store::write!(t.db, Actor::System, minute(70), tx => {
            r::be_absent(tx, &planner, tools.pack, &new).await.map(|_| ())
        });
        done.unwrap();
        let mut sql = t.db.read().await.unwrap();
        let away = r::absences(&mut sql, &planner, s.post, minute(70)).await.unwrap();
        assert_eq!((away.len(), away[0].why.as_str()), (1, "Đi họp"));
    }
    async fn a_post_given_up_after_a_window_still_tells_of_it_and_one_made_afterwards_does_not(t: &TestDb) {
        let s = Story::new(t).await;
        s.add(&s.layer(&s.people[..1], 24 * 60)).await.unwrap();
        s.publish(&s.planner(), 0, window(0, DAY), None).await.unwrap();
        s.check_in(0, 2).await.unwrap();
        let at = async |window: Window| {
            let mut sql = t.db.read().await.unwrap();
            r::watch(&mut sql, &s.planner(), window, &[s.bodies[1]], minute(5 * DAY)).await.unwrap()
        };
        let before = at(window(0, DAY)).await;
        assert_eq!((before.tally.all.as_hours(), before.without.len()), (24, 0));
        let (planner, later) = (s.planner(), Id::new(&s.ids as &dyn Ids));
        let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(2 * DAY), tx => {
            r::create(tx, &planner, &NewPost { id: later, ..s.new_post(s.bodies[1]) }).await?;
            r::close(tx, &planner, s.post).await
        });
        done.unwrap();
        assert_eq!(at(window(0, DAY)).await, before, "what has been stays as it was");
        assert_eq!(at(window(DAY, 3 * DAY)).await.without, [s.bodies[1]], "given up within it, it tells nothing");
    }

    async fn a_window_in_the_middle_of_a_shift_knows_its_check_ins(t: &TestDb) {
        let s = Story::new(t).await;
        s.add(&s.layer(&s.people[..1], 24 * 60)).await.unwrap();
        s.publish(&s.planner(), 0, window(0, DAY), None).await.unwrap();
        s.check_in(0, 2).await.unwrap();
        s.check_in(0, DAY - 2).await.unwrap();
        for (from, to) in [(0, DAY), (6 * HOUR, DAY), (6 * HOUR, 8 * HOUR)] {
            let mut sql = t.db.read().await.unwrap();
            let found =
                r::watch(&mut sql, &s.planner(), window(from, to), &[s.bodies[1]], minute(2 * DAY)).await.unwrap();
            assert_eq!(found.tally.watched.as_mins(), to - from, "{from}-{to}: {:?}", found.gaps);
        }
    }
}
