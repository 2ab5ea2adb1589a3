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
}
