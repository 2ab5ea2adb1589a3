//! The board as somebody may see it, and search.

use domain::{
    actor::Scope,
    board::Sort,
    evidence::{Because, State, Verdict},
    fact::kinds,
    right::Role,
};
use serde_json::json;
use store::{
    StoreError, Topic, args, board, both_engines, search,
    testing::{TestDb, TestIds, World, fact, issued, minute, people},
    verdicts,
};

async fn world(t: &TestDb, ids: &TestIds) -> World {
    issued(&t.db, ids, 3, &["VFIX", "LEAD"], minute(0), minute(100)).await
}

#[allow(clippy::too_many_arguments)]
async fn judged(
    t: &TestDb,
    w: &World,
    body: usize,
    duty: usize,
    state: State,
    handled: u32,
    all: u32,
    why: Because,
) {
    let mut tx = t.db.begin_quiet(minute(5)).await.unwrap();
    let task = verdicts::load(&mut tx, &[w.tasks[body][duty]]).await.unwrap().remove(0);
    let verdict = Verdict { state, handled, all, because: vec![why], next_check: None };
    assert_eq!(verdicts::save(&mut tx, &[(task, verdict)]).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

fn nothing() -> Because {
    Because { fact: None, sentence: "evidence-none".into() }
}

both_engines! {
    async fn the_board_shows_cells_to_those_above_and_a_body_its_own_row(t: &TestDb) {
        let ids = TestIds::default();
        let w = world(t, &ids).await;
        judged(t, &w, 1, 0, State::Partly, 88, 143, nothing()).await;
        judged(t, &w, 2, 1, State::NotMet, 0, 0, nothing()).await;
        let mut sql = t.db.read().await.unwrap();
        let above = Scope::of(vec![(Role::Viewer, w.root)]);
        let mut all = board::load(&mut sql, &above, w.campaign, minute(120)).await.unwrap();
        all.sort(&Sort::Worst);
        assert_eq!(all.codes, ["VFIX", "LEAD"]);
        assert_eq!(all.rows.iter().map(|r| r.number).collect::<Vec<_>>(), [3, 2, 1]);
        let cell = all.rows[1].cells[0].unwrap();
        assert_eq!((cell.state, cell.handled, cell.total, cell.overdue), (State::Partly, 88, 143, true));
        // A body sees its own row under its own number, a neighbour's never.
        let own = Scope::of(vec![(Role::Clerk, w.bodies[1])]);
        let mine = board::load(&mut sql, &own, w.campaign, minute(120)).await.unwrap();
        assert_eq!(mine.rows.iter().map(|r| (r.number, r.body)).collect::<Vec<_>>(), [(2, w.bodies[1])]);
        for number in [1, 3, 4] {
            let other = board::cell(&mut sql, &own, w.campaign, number, Some("VFIX"), minute(120)).await;
            assert!(matches!(other, Err(StoreError::NotFound(_))), "{number}");
        }
        let seen = board::campaigns(&mut sql, &own).await.unwrap();
        assert_eq!(seen.iter().map(|c| (c.id, c.own)).collect::<Vec<_>>(), [(w.campaign, false)]);
        assert!(board::campaign(&mut sql, &above, w.campaign).await.unwrap().own);
        let stranger = Scope::of(vec![(Role::Head, domain::id::Id::from_uuid(domain::id::Uuid::from_u128(5)))]);
        assert!(board::campaigns(&mut sql, &stranger).await.unwrap().is_empty());
        assert!(board::load(&mut sql, &stranger, w.campaign, minute(1)).await.unwrap().rows.is_empty());
    }

    async fn a_cell_opens_to_its_facts_and_the_people_behind_them(t: &TestDb) {
        let ids = TestIds::default();
        let w = world(t, &ids).await;
        let subject = format!("assignment:{}", w.assignments[0]);
        let ack = fact(
            &t.db, &ids, Topic::Assignment, kinds::ACKNOWLEDGED, w.bodies[0], &subject, json!({"how": "page"}), minute(3),
        ).await;
        let why = Because { fact: Some(ack.id), sentence: "evidence-acknowledged".into() };
        judged(t, &w, 0, 1, State::Met, 0, 0, why).await;
        let mut sql = t.db.read().await.unwrap();
        let own = Scope::of(vec![(Role::Clerk, w.bodies[0])]);
        let cell = board::cell(&mut sql, &own, w.campaign, 1, Some("LEAD"), minute(5)).await.unwrap();
        let task = &cell.tasks[0];
        assert_eq!(task.verdict.because[0].fact, Some(ack.id));
        assert_eq!(task.facts.iter().map(|f| f.fact.kind.as_str()).collect::<Vec<_>>(), [kinds::ACKNOWLEDGED, kinds::RECEIVED]);
        assert!(board::cell(&mut sql, &own, w.campaign, 1, Some("NONE"), minute(5)).await.is_err());
        assert_eq!(board::cell(&mut sql, &own, w.campaign, 1, None, minute(5)).await.unwrap().tasks.len(), 2);
    }

    async fn the_frame_counts_what_waits_for_a_body(t: &TestDb) {
        let ids = TestIds::default();
        let w = world(t, &ids).await;
        judged(t, &w, 0, 0, State::NotMet, 0, 0, nothing()).await;
        let mut sql = t.db.read().await.unwrap();
        let frame = board::frame(&mut sql, w.bodies[0], minute(50)).await.unwrap();
        assert_eq!((frame.orders, frame.tasks), (1, 1));
        assert_eq!(frame.window.unwrap().2, minute(100));
        assert_eq!(board::frame(&mut sql, w.root, minute(200)).await.unwrap(), board::Frame::default());
    }

    async fn what_was_passed_on_rolls_up(t: &TestDb) {
        let ids = TestIds::default();
        let w = world(t, &ids).await;
        let below = world(t, &ids).await;
        let mut tx = t.db.begin_quiet(minute(2)).await.unwrap();
        tx.run_for_test("update campaign set parent_assignment = $1 where id = $2", args![w.assignments[0], below.campaign]).await.unwrap();
        tx.run_for_test("update assignment set parent = $1 where campaign = $2", args![w.assignments[0], below.campaign]).await.unwrap();
        tx.commit().await.unwrap();
        judged(t, &below, 0, 1, State::Met, 0, 0, nothing()).await;
        judged(t, &below, 1, 1, State::Excused, 0, 0, nothing()).await;
        let mut sql = t.db.read().await.unwrap();
        let found = board::rollups(&mut sql, &Scope::system(), w.campaign, None).await.unwrap();
        let rolled = &found[&w.assignments[0]];
        assert_eq!((rolled.campaign, rolled.bodies), (below.campaign, 3));
        assert_eq!(rolled.cells["LEAD"], board::RollCell { met: 1, all: 2, worst: State::NotYetDue });
        let own = Scope::of(vec![(Role::Viewer, w.root)]);
        assert!(board::rollups(&mut sql, &own, w.campaign, None).await.unwrap().is_empty(), "what lies outside the scope stays outside");
    }

    async fn search_finds_within_the_scope_in_any_spelling(t: &TestDb) {
        let ids = TestIds::default();
        let w = world(t, &ids).await;
        people(&t.db, &ids, w.bodies[2], "Đặng Thị Hoà", 0, minute(1)).await;
        let mut sql = t.db.read().await.unwrap();
        let above = Scope::of(vec![(Role::Coordinator, w.root)]);
        let found = search::everywhere(&mut sql, &above, "xa so").await.unwrap();
        assert_eq!(found.bodies.len(), 3);
        assert_eq!(search::everywhere(&mut sql, &above, "dang thi").await.unwrap().people.len(), 1);
        assert_eq!(search::everywhere(&mut sql, &above, "TẾT").await.unwrap().campaigns.len(), 1);
        assert_eq!(search::everywhere(&mut sql, &above, "100%").await.unwrap().bodies.len(), 0);
        let own = Scope::of(vec![(Role::Coordinator, w.bodies[0])]);
        let found = search::everywhere(&mut sql, &own, "Xã Số").await.unwrap();
        assert_eq!(found.bodies.iter().map(|b| b.0).collect::<Vec<_>>(), [w.bodies[0]]);
        assert!(search::everywhere(&mut sql, &own, "Đặng").await.unwrap().people.is_empty());
        assert!(search::everywhere(&mut sql, &own, "x").await.unwrap().bodies.is_empty());
    }
}
