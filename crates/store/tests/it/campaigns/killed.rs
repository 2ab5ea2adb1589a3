//! Issuing 1,000 assignments in a process that is killed (-9) again and again.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use domain::id::Uuid;
use store::{Db, args};

use super::*;

const BODIES: i64 = 1_000;
const KILLS: i64 = 6;

/// Ids that differ between processes.
struct RealIds;
impl Ids for RealIds {
    #[allow(clippy::disallowed_methods, reason = "a child process of a test needs ids of its own")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// Not a test of its own: what the killed process runs.
#[tokio::test]
#[ignore = "run by the tests below as a child process"]
async fn child() {
    let (Ok(at), Ok(minute_now)) = (std::env::var("CANH_TEST_DB"), std::env::var("CANH_TEST_MINUTE")) else {
        return;
    };
    let db = if at.starts_with("postgres") {
        Db::open_postgres(&at).await.unwrap()
    } else {
        Db::open_sqlite(at.as_ref()).await.unwrap()
    };
    let now = minute(minute_now.parse().unwrap());
    while let Some(job) = jobs::claim(&db, now).await.unwrap() {
        let outcome = campaigns::run(&db, now, &RealIds, &job).await;
        jobs::finish(&db, now, &job, &outcome).await.unwrap();
    }
}

fn start(t: &TestDb, at: i64) -> Child {
    let db =
        if t.url.is_empty() { t.dir.path().join("canh.sqlite").display().to_string() } else { t.url.clone() };
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "campaigns::killed::child"])
        .env("CANH_TEST_DB", db)
        .env("CANH_TEST_MINUTE", at.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Bodies in one go; the helper of the other tests takes a transaction for each.
async fn many(t: &TestDb, ids: &TestIds, root: Id<kind::Body>) -> Vec<Id<kind::Body>> {
    let mut tx = t.db.begin_quiet(minute(0)).await.unwrap();
    let mut made = Vec::new();
    for _ in 0..BODIES {
        let id: Id<kind::Body> = Id::new(ids as &dyn Ids);
        tx.run_for_test(
            "insert into body (id, parent, kind, name, folded, sort_key, created_at) values ($1,$2,'commune','Xã','xa','xa',0)",
            args![id, root],
        )
        .await
        .unwrap();
        tx.run_for_test(
            "insert into body_closure (above, below, depth) values ($1,$1,0), ($2,$1,1)",
            args![id, root],
        )
        .await
        .unwrap();
        made.push(id);
    }
    tx.commit().await.unwrap();
    made
}

/// How many assignments there are; panics if any has less or more than everything.
async fn whole(t: &TestDb) -> i64 {
    let mut sql = t.db.read().await.unwrap();
    let torn = count(
        &mut sql,
        "select count(*) as n from assignment a
         where (select count(*) from task t where t.assignment = a.id) <> 3
            or (select count(*) from fact f where f.key = 'assignment.received:' || a.id) <> 1
            or (select count(*) from intent i where i.key = 'assignment-issued:' || a.id) <> 1
            or (select count(*) from delivery d join intent i on i.id = d.intent where i.key = 'assignment-issued:' || a.id) <> 1
            or (select count(*) from audit_entry e where e.subject = 'assignment:' || a.id) <> 1",
    )
    .await;
    assert_eq!(torn, 0, "assignments with half of what they need");
    let bodies = count(&mut sql, "select count(distinct body) as n from assignment").await;
    let assignments = count(&mut sql, "select count(*) as n from assignment").await;
    assert_eq!(bodies, assignments, "a body with two assignments");
    for (text, each) in [
        ("select count(*) as n from task", 3),
        ("select count(*) as n from fact", 1),
        ("select count(*) as n from intent", 1),
    ] {
        assert_eq!(count(&mut sql, text).await, each * assignments, "{text}");
    }
    assignments
}

both_engines! {
    async fn a_thousand_assignments_survive_being_killed(t: &TestDb) {
        let ids = TestIds::default();
        let root = body(&t.db, &ids, None).await;
        let below = many(t, &ids, root).await;
        let head = Scope::of(vec![(Role::Head, root)]);
        let new = campaign(&ids, root, vec![duty(&ids, "DUTY", None, false), duty(&ids, "MON", None, false), duty(&ids, "LEAD", None, true)],
            vec![line(LineRole::To, "Các xã", below)]);
        create(t, &head, &new).await.unwrap();
        issue(t, &ids, &head, new.id).await.unwrap();
        let (mut seen, mut at) = (0, 3);
        for _ in 0..KILLS {
            let mut child = start(t, at);
            // Killed as soon as it has done something: most likely in the middle of the next chunk.
            let mut patience = 2_000;
            while whole(t).await == seen && patience > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
                patience -= 1;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            let now = whole(t).await;
            assert!(now > seen, "the child did nothing");
            seen = now;
            // The dead one's lease must pass before another takes over.
            at += 3;
        }
        assert!(seen < BODIES, "nothing was left to be continued");
        run(t, &ids, at).await;
        assert_eq!(whole(t).await, BODIES);
    }
}
