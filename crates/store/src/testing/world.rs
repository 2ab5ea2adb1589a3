//! A campaign in force, as issuing leaves it, written directly: for tests and benches of what comes after.

use domain::{
    actor::Actor,
    fact::{Fact, Source, kinds},
    id::{Id, Ids, kind},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Db, StoreError, Topic, Tx, args, facts};

/// A campaign of a root body to bodies right below it.
pub struct World {
    /// The campaign.
    pub campaign: Id<kind::Campaign>,
    /// Who issued it.
    pub root: Id<kind::Body>,
    /// To whom.
    pub bodies: Vec<Id<kind::Body>>,
    /// Their assignments, in the same order.
    pub assignments: Vec<Id<kind::Assignment>>,
    /// Their tasks, one a code.
    pub tasks: Vec<Vec<Id<kind::Task>>>,
}

/// Issues a campaign with those duties to `bodies` new bodies under a new root, received at `at`, due at `due`.
pub async fn issued(
    db: &Db,
    ids: &dyn Ids,
    bodies: usize,
    codes: &[&str],
    at: Timestamp,
    due: Timestamp,
) -> World {
    let root = Id::new(ids);
    let campaign: Id<kind::Campaign> = Id::new(ids);
    let mut world = World { campaign, root, bodies: vec![], assignments: vec![], tasks: vec![] };
    let duties: Vec<(Id<kind::Duty>, &str)> = codes.iter().map(|c| (Id::new(ids), *c)).collect();
    let mut tx = db.begin(Actor::System, at).await.unwrap();
    add_body(&mut tx, root, None, "lead", "Sở Công an giả định").await;
    run(
        &mut tx,
        "insert into campaign (id, body, name, folded, window_from, window_to, state, issued_at, created_at)
         values ($1, $2, 'Tết thử nghiệm', 'tet thu nghiem', $3, $4, 'issued', $3, $3)",
        args![campaign, root, at, due],
    )
    .await;
    add_duties(&mut tx, campaign, &duties, due).await;
    for n in 0..bodies {
        let body = Id::new(ids);
        add_body(&mut tx, body, Some(root), "commune", &format!("Xã Số {n}")).await;
        let (assignment, tasks) = assign(&mut tx, ids, campaign, body, &duties, at, due).await;
        world.bodies.push(body);
        world.assignments.push(assignment);
        world.tasks.push(tasks);
    }
    tx.record("campaign.issued", format!("campaign:{campaign}"), Some(root), &"test");
    tx.commit().await.unwrap();
    world
}

/// Every `every`th body of the world passes the order on to `below` new bodies under it.
#[allow(clippy::too_many_arguments)]
pub async fn passed_on(
    db: &Db,
    ids: &dyn Ids,
    world: &World,
    every: usize,
    below: usize,
    codes: &[&str],
    at: Timestamp,
    due: Timestamp,
) {
    let mut tx = db.begin(Actor::System, at).await.unwrap();
    for (n, (top, above)) in world.bodies.iter().zip(&world.assignments).step_by(every).enumerate() {
        let campaign: Id<kind::Campaign> = Id::new(ids);
        run(
            &mut tx,
            "insert into campaign (id, body, parent_assignment, name, folded, state, issued_at, created_at)
             values ($1, $2, $3, 'Phổ biến', 'pho bien', 'issued', $4, $4)",
            args![campaign, *top, *above, at],
        )
        .await;
        let duties: Vec<(Id<kind::Duty>, &str)> = codes.iter().map(|c| (Id::new(ids), *c)).collect();
        add_duties(&mut tx, campaign, &duties, due).await;
        for m in 0..below {
            let body = Id::new(ids);
            add_body(&mut tx, body, Some(*top), "school", &format!("Trường Số {n}-{m}")).await;
            let (assignment, _) = assign(&mut tx, ids, campaign, body, &duties, at, due).await;
            run(&mut tx, "update assignment set parent = $1 where id = $2", args![*above, assignment]).await;
        }
        run(&mut tx, "update assignment set passed_on_at = $1 where id = $2", args![at, *above]).await;
        tx.record("campaign.issued", format!("campaign:{campaign}"), Some(*top), &"test");
    }
    tx.commit().await.unwrap();
}

async fn add_duties(
    tx: &mut Tx,
    campaign: Id<kind::Campaign>,
    duties: &[(Id<kind::Duty>, &str)],
    due: Timestamp,
) {
    for (place, (duty, code)) in duties.iter().enumerate() {
        run(
            tx,
            "insert into campaign_duty (id, campaign, place, code, path, quote, due_at) values ($1,$2,$3,$4,'','…',$5)",
            args![*duty, campaign, place as i64, *code, due],
        )
        .await;
    }
}

async fn assign(
    tx: &mut Tx,
    ids: &dyn Ids,
    campaign: Id<kind::Campaign>,
    body: Id<kind::Body>,
    duties: &[(Id<kind::Duty>, &str)],
    at: Timestamp,
    due: Timestamp,
) -> (Id<kind::Assignment>, Vec<Id<kind::Task>>) {
    let assignment: Id<kind::Assignment> = Id::new(ids);
    run(
        tx,
        "insert into assignment (id, campaign, body, received_at) values ($1, $2, $3, $4)",
        args![assignment, campaign, body, at],
    )
    .await;
    let mut tasks = Vec::new();
    for (duty, code) in duties {
        let task = Id::new(ids);
        run(
            tx,
            "insert into task (id, assignment, campaign, body, duty, code, due_at) values ($1,$2,$3,$4,$5,$6,$7)",
            args![task, assignment, campaign, body, *duty, *code, due],
        )
        .await;
        tasks.push(task);
    }
    let subject = format!("assignment:{assignment}");
    let received = made(ids, kinds::RECEIVED, body, &subject, json!({}), at);
    facts::learn(tx, &received).await.unwrap();
    tx.changed(Topic::Assignment, subject, Some(body));
    (assignment, tasks)
}

async fn add_body(tx: &mut Tx, id: Id<kind::Body>, parent: Option<Id<kind::Body>>, kind: &str, name: &str) {
    run(
        tx,
        "insert into body (id, parent, kind, name, folded, sort_key, created_at) values ($1,$2,$3,$4,$5,$6,0)",
        args![id, parent, kind, name, domain::text::fold(name), domain::text::sort_key(name)],
    )
    .await;
    run(
        tx,
        "insert into body_closure (above, below, depth) select k.above, $1, k.depth + 1 from body_closure k where k.below = $2",
        args![id, parent],
    )
    .await;
    run(tx, "insert into body_closure (above, below, depth) values ($1, $1, 0)", args![id]).await;
}

/// Learns a fact and says so, as the deed behind it does.
#[allow(clippy::too_many_arguments)]
pub async fn fact(
    db: &Db,
    ids: &dyn Ids,
    topic: Topic,
    kind: &str,
    body: Id<kind::Body>,
    subject: &str,
    value: Value,
    at: Timestamp,
) -> Fact {
    let mut tx = db.begin(Actor::System, at).await.unwrap();
    let seq = tx.record("test.fact", subject, Some(body), &value);
    let fact = Fact { source: Source::Audit(seq), ..made(ids, kind, body, subject, value, at) };
    facts::learn(&mut tx, &fact).await.unwrap();
    tx.changed(topic, subject, Some(body));
    tx.commit().await.unwrap();
    fact
}

/// A named contact of the body with `channels` verified channels.
pub async fn people(
    db: &Db,
    ids: &dyn Ids,
    body: Id<kind::Body>,
    name: &str,
    channels: usize,
    at: Timestamp,
) {
    let person: Id<kind::Person> = Id::new(ids);
    let mut tx = db.begin(Actor::System, at).await.unwrap();
    run(
        &mut tx,
        "insert into person (id, name, folded, sort_key, created_at) values ($1,$2,$3,$3,0)",
        args![person, name, domain::text::fold(name)],
    )
    .await;
    run(&mut tx, "insert into membership (person, body, contact) values ($1, $2, true)", args![person, body])
        .await;
    for n in 0..channels {
        run(
            &mut tx,
            "insert into channel (id, person, kind, address, verified_at, created_at) values ($1,$2,'email',$3,$4,0)",
            args![Id::<kind::Channel>::new(ids), person, format!("a{n}@example.invalid"), at],
        )
        .await;
    }
    tx.record("person.created", format!("person:{person}"), Some(body), &"test");
    tx.changed(Topic::Register, format!("person:{person}"), Some(body));
    tx.commit().await.unwrap();
}

fn made(ids: &dyn Ids, kind: &str, body: Id<kind::Body>, subject: &str, value: Value, at: Timestamp) -> Fact {
    let id: Id<kind::Fact> = Id::new(ids);
    Fact {
        id,
        key: format!("{kind}/{id}"),
        kind: kind.into(),
        body,
        subject: subject.into(),
        from: at,
        to: at,
        learnt: at,
        source: Source::Audit(0),
        value,
    }
}

async fn run(tx: &mut Tx, sql: &'static str, args: Vec<crate::Arg>) {
    let done: Result<u64, StoreError> = tx.run_for_test(sql, args).await;
    done.unwrap();
}
