//! The clocks, on a store and with a folder for mail.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod answering;
mod answers;
mod came_right;
mod chase;
mod engine;
mod evidence;
#[path = "../../../send/tests/it/fake.rs"]
#[allow(dead_code)]
mod fake;
mod feeds;
mod heard;
mod inbox;
mod inspections;
mod killed;
mod load;
mod night;
mod notices;
mod outbox;
mod paging;
mod quick_reports;
mod rosters;

use std::sync::Arc;

use domain::{
    actor::Actor,
    id::{Id, Ids, kind},
};
use send::{Channel, DirChannel, Letterhead, Sender};
use serde_json::json;
use store::{Db, StoreError, args, jobs, testing::minute};
use watch::outbox::Outbox;

pub async fn enqueue(db: &Db, ids: &dyn Ids, kind: &str, due: i64) {
    let mut tx = db.begin_quiet(minute(0)).await.unwrap();
    jobs::enqueue(&mut tx, Id::new(ids), kind, kind, minute(due), &json!({})).await.unwrap();
    tx.commit().await.unwrap();
}

pub fn outbox(db: &Db, dir: &std::path::Path) -> Outbox {
    let channel: Arc<dyn Channel> = Arc::new(DirChannel::new(dir, &Sender::default(), 1 << 20).unwrap());
    Outbox::new(db.clone(), vec![channel], Letterhead { centre: "Trung tâm".into(), contact: None })
}

/// A person with e-mail addresses `(address, verified, rank)`, serving `body`.
pub async fn person(
    db: &Db,
    ids: &dyn Ids,
    body: Id<kind::Body>,
    lang: &str,
    contact: bool,
    addresses: &[(&str, bool, i64)],
) -> Id<kind::Person> {
    let id = Id::new(ids);
    let made: Result<(), StoreError> = store::write!(db, Actor::System, minute(0), tx => {
        tx.run_for_test(
            "insert into person (id, name, folded, sort_key, lang, created_at) values ($1, 'Nguyễn Văn A', 'a', 'a', $2, 0)",
            args![id, lang],
        ).await?;
        tx.run_for_test("insert into membership (person, body, contact) values ($1, $2, $3)", args![id, body, contact]).await?;
        for (address, verified, rank) in addresses {
            tx.run_for_test(
                "insert into channel (id, person, kind, address, verified_at, rank, created_at) values ($1,$2,'email',$3,$4,$5,0)",
                args![Id::<kind::Channel>::new(ids), id, *address, verified.then_some(0_i64), *rank],
            ).await?;
        }
        tx.record("person.created", format!("person:{id}"), Some(body), &"test");
        Ok(())
    });
    made.unwrap();
    id
}

pub async fn body(db: &Db, ids: &dyn Ids) -> Id<kind::Body> {
    let id = Id::new(ids);
    let made: Result<(), StoreError> = store::write!(db, Actor::System, minute(0), tx => {
        tx.run_for_test(
            "insert into body (id, kind, name, folded, sort_key, created_at) values ($1,'commune','Xã','xa','xa',0)",
            args![id],
        ).await?;
        tx.record("body.created", format!("body:{id}"), Some(id), &"test");
        Ok(())
    });
    made.unwrap();
    id
}
