//! The records, each story on both engines.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod advisories;
mod alerts;
mod assignments;
mod audit;
mod blobs;
mod board;
mod callouts;
mod campaigns;
mod changes;
mod channels;
mod counts;
mod facts;
mod findings;
mod history;
mod hosts;
mod hunts;
mod import;
mod indicators;
mod inspections;
mod intake;
mod jobs;
mod leaving;
mod letters;
mod lines;
mod notices;
mod outbox;
mod own_warnings;
mod quick_reports;
mod register;
mod reports;
mod requests;
mod retention;
mod rights;
mod rosters;
mod rules;
mod sign_in;
mod templates;
mod troubles;
mod tx;

use domain::{
    actor::Actor,
    id::{Id, Ids, kind},
};
use store::{StoreError, Tx, args, testing::TestIds};

pub const NOBODY: Actor = Actor::System;

/// A bare body, written as the register will write it.
pub async fn body(db: &store::Db, ids: &TestIds, parent: Option<Id<kind::Body>>) -> Id<kind::Body> {
    let id = Id::new(ids as &dyn Ids);
    let made: Result<(), StoreError> = store::write!(db, NOBODY, store::testing::minute(0), tx => {
        add_body(tx, id, parent).await
    });
    made.unwrap();
    id
}

async fn add_body(tx: &mut Tx, id: Id<kind::Body>, parent: Option<Id<kind::Body>>) -> Result<(), StoreError> {
    tx.run_for_test(
        "insert into body (id, parent, kind, name, folded, sort_key, created_at) values ($1,$2,'commune','Xã','xa','xa',0)",
        args![id, parent],
    )
    .await?;
    tx.run_for_test("insert into body_closure (above, below, depth) values ($1, $1, 0)", args![id]).await?;
    if let Some(parent) = parent {
        tx.run_for_test(
            "insert into body_closure (above, below, depth) select above, $1, depth + 1 from body_closure where below = $2",
            args![id, parent],
        )
        .await?;
    }
    tx.record("body.created", format!("body:{id}"), Some(id), &"test");
    Ok(())
}
