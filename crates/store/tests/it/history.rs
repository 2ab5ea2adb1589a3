use domain::{
    actor::Scope,
    evidence::{State, Verdict},
    id::Id,
    id::kind,
    outcome::sum,
    readiness::{Moved, points},
    right::Role,
};
use store::{
    args, both_engines,
    testing::{TestDb, TestIds, issued, minute},
    verdicts,
};

const MINUTE: i64 = 60_000_000;

/// Judges that task at a minute, as the evidence worker does.
async fn judge(t: &TestDb, task: Id<kind::Task>, at: i64, state: State, handled: u32) {
    let loaded = verdicts::load(&mut t.db.read().await.unwrap(), &[task]).await.unwrap();
    let verdict = Verdict { state, handled, all: 3, because: vec![], next_check: None };
    let mut tx = t.db.begin_quiet(minute(at)).await.unwrap();
    let judged: Vec<_> = loaded.into_iter().map(|t| (t, verdict.clone())).collect();
    verdicts::save(&mut tx, &judged).await.unwrap();
    tx.commit().await.unwrap();
}

both_engines! {
    async fn what_was_met_when_is_kept_and_adds_up(t: &TestDb) {
        let ids = TestIds::default();
        let w = issued(&t.db, &ids, 2, &["LEAD", "VFIX"], minute(0), minute(100)).await;
        let everyone = Scope::of(vec![(Role::Viewer, w.root)]);
        let (first, second) = (w.tasks[0][0], w.tasks[1][0]);
        judge(t, first, 1, State::NotYetDue, 0).await;
        judge(t, second, 1, State::NotYetDue, 0).await;
        judge(t, first, 4, State::Met, 2).await;
        // Only the count changed: it is met since minute 4 all the same.
        judge(t, first, 6, State::Met, 3).await;
        judge(t, second, 5, State::Met, 3).await;
        judge(t, second, 7, State::NotMet, 0).await;
        // The same once more is nothing new.
        judge(t, second, 8, State::NotMet, 0).await;
        let mut sql = t.db.read().await.unwrap();
        let moved = store::history::moved(&mut sql, &everyone, w.campaign, MINUTE, 0).await.unwrap();
        let drawn = points(&moved, MINUTE, minute(9));
        let met: Vec<u32> = drawn.iter().map(|p| p.counts.met).collect();
        assert_eq!(met, [0, 0, 0, 1, 2, 2, 1, 1, 1]);
        // What came later is the end of the whole.
        let five = minute(5).as_second() / 60;
        let late = store::history::moved(&mut sql, &everyone, w.campaign, MINUTE, five).await.unwrap();
        let mut end: Vec<_> = moved.iter().filter(|m| m.step >= five).copied().collect();
        let by = |m: &Moved| (m.step, m.was.map(State::name), m.state.name());
        end.sort_by_key(by);
        let mut late = late;
        late.sort_by_key(by);
        assert_eq!(late, end);
        assert_eq!(late.len(), 2, "only a count that changed moves nothing");
        let outcomes: Vec<_> = store::history::outcomes(&mut sql, &everyone, w.campaign).await.unwrap()
            .into_iter().map(|(_, o)| o).collect();
        let lead = outcomes.iter().find(|o| o.task == first).unwrap();
        assert_eq!(lead.met_at, Some(minute(4)));
        assert_eq!(outcomes.iter().find(|o| o.task == second).unwrap().met_at, None, "it was met and is no longer");
        let s = sum(&outcomes);
        assert_eq!((s.all, s.met, s.in_time, s.open), (4, 1, 1, 3));
        // A body sees its own and nothing else.
        let own = Scope::of(vec![(Role::Viewer, w.bodies[1])]);
        let seen = store::history::outcomes(&mut sql, &own, w.campaign).await.unwrap();
        assert!(seen.len() == 2 && seen.iter().all(|(_, o)| o.body == w.bodies[1]));
        let moved = store::history::moved(&mut sql, &own, w.campaign, MINUTE, 0).await.unwrap();
        assert_eq!(moved.iter().map(|m| m.tasks).sum::<u32>(), 3);
    }
    async fn a_stamp_stands_for_the_tasks_one_sees(t: &TestDb) {
        let ids = TestIds::default();
        let w = issued(&t.db, &ids, 2, &["LEAD", "VFIX"], minute(0), minute(100)).await;
        let everyone = Scope::of(vec![(Role::Viewer, w.root)]);
        let own = Scope::of(vec![(Role::Viewer, w.bodies[1])]);
        let stamp = async |scope: &Scope| {
            store::history::stamp(&mut t.db.read().await.unwrap(), scope, w.campaign).await.unwrap()
        };
        let (whole, part) = (stamp(&everyone).await, stamp(&own).await);
        assert_ne!(whole, part);
        judge(t, w.tasks[0][0], 4, State::Met, 2).await;
        assert_eq!(stamp(&everyone).await, whole, "a verdict changes no task");
        let mut tx = t.db.begin_quiet(minute(5)).await.unwrap();
        tx.run_for_test("update task set withdrawn_at = 1 where id = $1", args![w.tasks[0][1]]).await.unwrap();
        tx.commit().await.unwrap();
        assert_ne!(stamp(&everyone).await, whole);
        assert_eq!(stamp(&own).await, part, "another body's tasks are out of sight");
    }
}
