//! A notice from its issue to the board, with workers that die on the way.

use std::sync::Arc;

use domain::{
    actor::{Actor, Scope},
    evidence::State,
    id::{Id, Ids, kind},
    job::{Job, Outcome},
    legal::Legal,
    notice::{Audience, Quiz},
    register::StaffRow,
    right::Role,
};
use store::{
    StoreError, args, both_engines, jobs,
    notices::{self as n, NewNotice, Opening, Words, personal},
    register::import,
    sign_in::InstanceKey,
    testing::{TestDb, TestIds, World, issued, minute},
    verdicts,
};
use watch::{evidence, notices::Notices};

struct Story {
    ids: Arc<TestIds>,
    legal: Legal,
    w: World,
    notice: Id<kind::Notice>,
}

/// A notice to `people` of each of two communes, issued at minute 1 within a campaign that asks for AWAR.
async fn begun(t: &TestDb, people: u32) -> Story {
    let ids = Arc::new(TestIds::default());
    let legal = Legal::builtin().unwrap();
    let w = issued(&t.db, &*ids, 2, &["AWAR"], minute(0), minute(1_000)).await;
    let rules = legal.on(domain::time::date(minute(0))).notice_rules().unwrap().clone();
    let officer = Scope::of(vec![(Role::Coordinator, w.root)]);
    let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
    tx.run_for_test("insert into body_name (body, place, text, folded, alias) select id, 0, name, folded, false from body", args![])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let rows: Vec<(u32, StaffRow)> = (0..2 * people)
        .map(|n| {
            let body = Some(format!("Xã Số {}", n % 2));
            (
                n + 2,
                StaffRow {
                    name: format!("Người {n}"),
                    email: format!("n{n}@xa.gov.vn"),
                    body,
                    body_code: None,
                },
            )
        })
        .collect();
    let (list, notice) = (Id::new(&*ids as &dyn Ids), Id::new(&*ids as &dyn Ids));
    let words = Words {
        title: "Cảnh giác".into(),
        text: "Không bấm vào đường dẫn lạ.".into(),
        lang: "vi".into(),
        quiz: Quiz::default(),
        audience: Audience { lists: vec![list], ..Audience::default() },
        campaign: None,
    };
    let new = NewNotice { id: notice, body: w.root, template: None, words };
    let done: Result<(), StoreError> = store::write!(t.db, Actor::System, minute(1), tx => {
        n::list_create(tx, &officer, list, w.root, "Cán bộ").await?;
        import::staff(tx, &officer, list, w.root, &rows).await?;
        n::create(tx, &officer, &rules, &new).await?;
        n::issue(tx, &officer, &rules, &*ids, notice, Opening::default()).await
    });
    done.unwrap();
    Story { ids, legal, w, notice }
}

fn work(t: &TestDb, s: &Story) -> Notices {
    Notices {
        db: t.db.clone(),
        ids: s.ids.clone(),
        legal: s.legal.clone(),
        key: InstanceKey::new([9; 32]),
        base: "https://canh.test".into(),
    }
}

async fn state(t: &TestDb, s: &Story, body: usize, at: i64) -> (State, u32, u32) {
    evidence::evaluate_now(&t.db, &s.legal, minute(at)).await.unwrap();
    let tasks = verdicts::load(&mut t.db.read().await.unwrap(), &s.w.tasks[body]).await.unwrap();
    let v = &tasks[0].verdict;
    (v.state, v.handled, v.all)
}

async fn count(t: &TestDb, sql: &'static str) -> i64 {
    t.db.read().await.unwrap().count_for_test(sql).await.unwrap()
}

both_engines! {
    async fn the_board_learns_who_committed(t: &TestDb) {
        let s = begun(t, 2).await;
        assert_eq!(state(t, &s, 0, 1).await, (State::NotYetDue, 0, 0));
        let job = jobs::claim(&t.db, minute(2)).await.unwrap().unwrap();
        let outcome = work(t, &s).notice(&job, minute(2)).await.unwrap();
        assert!(matches!(outcome, Outcome::Again(at) if at > minute(2)));
        assert_eq!(state(t, &s, 0, 2).await, (State::NotYetDue, 0, 2));
        let sql = "select count(*) as n from notice_recipient";
        assert_eq!(count(t, sql).await, 4);
        let mut sql = t.db.read().await.unwrap();
        let officer = Scope::of(vec![(Role::Coordinator, s.w.root)]);
        let notice = n::get(&mut sql, &officer, s.notice).await.unwrap();
        let of = n::PeopleFilter { body: Some(s.w.bodies[0]), state: n::PersonState::All, q: "", after: None };
        let people = n::people(&mut sql, &officer, &notice, &of, 10).await.unwrap();
        drop(sql);
        for (place, person) in people.iter().enumerate() {
            let done: Result<u64, StoreError> = store::write!(t.db, Actor::Recipient(person.id), minute(5), tx => {
                personal::opened(tx, person.id).await?;
                personal::commit(tx, &*s.ids, person.id, "link").await
            });
            done.unwrap();
            let want = if place == 0 { (State::Partly, 1, 2) } else { (State::Met, 2, 2) };
            assert_eq!(state(t, &s, 0, 6).await, want);
        }
        assert_eq!(state(t, &s, 1, 1_000).await, (State::NotMet, 0, 2), "the other commune has done nothing");
    }

    async fn a_worker_killed_between_two_steps_neither_forgets_nor_repeats(t: &TestDb) {
        let s = begun(t, 600).await;
        let officer = Scope::of(vec![(Role::Coordinator, s.w.root)]);
        let rules = s.legal.on(domain::time::date(minute(0))).notice_rules().unwrap();
        let key = InstanceKey::new([9; 32]);
        // A worker that only ever does one step and dies; the job's lease runs out and the next one takes over.
        let mut done = false;
        for tick in 0..40 {
            let at = minute(2 + 3 * tick);
            let job: Option<Job> = jobs::claim(&t.db, at).await.unwrap();
            assert!(job.is_some(), "the job stays until it is finished");
            let tools = n::Tools { ids: &*s.ids, base: "https://canh.test", key: &key, rules };
            let next = n::step(&t.db, at, &tools, s.notice).await.unwrap();
            if next.is_some_and(|next| next > at) {
                done = true;
                break;
            }
        }
        assert!(done);
        assert_eq!(count(t, "select count(*) as n from notice_recipient").await, 1_200);
        assert_eq!(count(t, "select count(*) as n from intent where template = 'notice'").await, 1_200);
        let notice = n::get(&mut t.db.read().await.unwrap(), &officer, s.notice).await.unwrap();
        assert_eq!(notice.queued, 1_200);
    }
}
