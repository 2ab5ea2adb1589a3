//! The board: 1,000 bodies × 20 duties on SQLite, every fifth of them with five bodies below it to whom it passed the
//! order on. How long the page takes and how heavy it is, how long the first judging takes, how long until one
//! acknowledgement stands on the board, and the clicks around it.
#![allow(clippy::disallowed_methods, reason = "a bench measures time")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use domain::{
    fact::kinds,
    id::{Id, Uuid},
    legal::Legal,
    right::Role,
};
use serde_json::json;
use store::{
    Topic,
    testing::{World, fact, issued, minute, passed_on},
};
use web::testing::TestApp;

use super::{
    clicks,
    gauge::{Times, begin, ms},
};

/// The duties of a long letter.
pub(super) const CODES: [&str; 20] = [
    "DUTY", "VREV", "VFIX", "HUNT", "MALW", "AVC", "MON", "BLCK", "IR", "IRP", "RPT", "SHAR", "WARN", "AWAR",
    "CASC", "LVL", "CONT", "LEAD", "PDAT", "SELF",
];
pub(super) const BODIES: usize = 1_000;
/// Every so manieth passes the order on …
const PASSED_ON: usize = 5;
/// … to so many.
const BELOW: usize = 5;
/// Pages fetched for one figure.
const ROUNDS: usize = 25;
/// The order's goal for the page.
const GOAL: Duration = Duration::from_millis(200);
/// What a commune's line carries in about a second.
const WEIGHT_MAX: usize = 150 * 1024;

/// Runs it.
///
/// # Errors
/// When something does not answer, or a goal is missed.
pub fn run(_: &[&str]) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure())
}

async fn measure() -> Result<()> {
    let t = TestApp::new().await;
    let legal = Legal::builtin()?;
    let clock = Instant::now();
    let world = issued(&t.db.db, &*t.ids, BODIES, &CODES, minute(0), minute(1_000)).await;
    passed_on(&t.db.db, &*t.ids, &world, PASSED_ON, BELOW, &CODES, minute(0), minute(1_000)).await;
    let below = BODIES / PASSED_ON * BELOW;
    println!("issued      {BODIES} + {below} below × {} in {:?}", CODES.len(), clock.elapsed());

    let clock = Instant::now();
    let judged = watch::evidence::evaluate_now(&t.db.db, &legal, minute(1)).await?;
    println!("judged      {judged} tasks in {:?}", clock.elapsed());
    vary(&t, &world, &legal).await?;

    t.clock.move_to_minute(1_001);
    let person = Id::from_uuid(Uuid::from_u128(1));
    let user = t.user(person, &[(Role::Coordinator, world.root)]);
    let path = format!("/campaigns/{}/board", world.campaign);
    page(&t, &user, "page", &path, None).await?;
    let whole = page(&t, &user, "page, br", &path, Some("br")).await?;
    page(&t, &user, "page, gzip", &path, Some("gzip")).await?;
    page(&t, &user, "one duty", &format!("{path}?duty=VFIX&open=1"), None).await?;
    page(&t, &user, "api", &format!("/api/v1{path}"), None).await?;
    page(&t, &user, "csv", &format!("{path}.csv"), None).await?;
    let readiness =
        page(&t, &user, "readiness", &format!("/campaigns/{}/readiness", world.campaign), Some("br")).await?;
    acknowledged(&t, &world, &legal).await?;
    clicks::measure(&t, &world, &user, &CODES).await?;
    ensure!(whole.0 <= GOAL, "the page takes {}, the goal is {GOAL:?}", ms(whole.0));
    ensure!(readiness.0 <= GOAL, "the readiness chart takes {}, the goal is {GOAL:?}", ms(readiness.0));
    ensure!(whole.1 <= WEIGHT_MAX, "the page weighs {} bytes, the goal is {WEIGHT_MAX}", whole.1);
    Ok(())
}

/// A campaign half-way: every state somewhere, counts of machines, names as people have them.
pub(super) async fn vary(t: &TestApp, world: &World, legal: &Legal) -> Result<()> {
    let clock = Instant::now();
    let all = world.bodies.iter().zip(&world.assignments).zip(&world.tasks);
    for (n, ((body, assignment), tasks)) in all.enumerate() {
        let (body, db, ids) = (*body, &t.db.db, &*t.ids);
        if n % 3 != 0 {
            let subject = format!("assignment:{assignment}");
            fact(db, ids, Topic::Assignment, kinds::ACKNOWLEDGED, body, &subject, json!({}), minute(2)).await;
        }
        for (place, task) in tasks.iter().enumerate().filter(|(place, _)| (n + place) % 4 == 0) {
            let value = json!({"submission": "s", "handled": (n * 7 + place) % 140, "all": 143});
            let subject = format!("task:{task}");
            fact(db, ids, Topic::Task, kinds::SUBMITTED, body, &subject, value.clone(), minute(3)).await;
            if place % 2 == 0 {
                fact(db, ids, Topic::Task, kinds::ACCEPTED, body, &subject, value, minute(4)).await;
            }
        }
    }
    println!("facts       in {:?}", clock.elapsed());
    let clock = Instant::now();
    let judged = watch::evidence::evaluate_now(&t.db.db, legal, minute(1_001)).await?;
    println!("judged      {judged} verdicts after the due time in {:?}", clock.elapsed());
    Ok(())
}

/// Returns the middle wall time and the weight.
async fn page(
    t: &TestApp,
    user: &Arc<web::User>,
    name: &str,
    path: &str,
    encoding: Option<&str>,
) -> Result<(Duration, usize)> {
    let (mut times, mut weight) = (Times::default(), 0);
    for _ in 0..ROUNDS {
        let began = begin();
        let bytes = t.fetch(Some(user), path, encoding).await.with_context(|| path.to_owned())?;
        times.end(&began);
        weight = bytes.len();
    }
    times.print(name, &format!("{weight} bytes"));
    Ok((times.wall(50), weight))
}

/// From one acknowledgement to its cell, again and again.
async fn acknowledged(t: &TestApp, world: &World, legal: &Legal) -> Result<()> {
    let mut times = Times::default();
    for (assignment, body) in world.assignments.iter().zip(&world.bodies).step_by(3).take(50) {
        let subject = format!("assignment:{assignment}");
        let at = minute(1_002);
        fact(&t.db.db, &*t.ids, Topic::Assignment, kinds::ACKNOWLEDGED, *body, &subject, json!({}), at).await;
        let began = begin();
        let changed = watch::evidence::evaluate_now(&t.db.db, legal, minute(1_003)).await?;
        times.end(&began);
        ensure!(changed == 1, "one acknowledgement changed {changed} verdicts");
    }
    times.print("one acknowledgement", "judged");
    Ok(())
}
