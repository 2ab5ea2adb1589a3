//! Records in SQL, on SQLite by default and PostgreSQL by choice: one SQL text serves both.
//!
//! Invariants: the only crate that knows `sqlx`; no type of it leaves. Every read takes a `Scope`, every write a
//! [`Tx`], which appends the audit entries, moves the audit head and numbers the changes in the same commit.
//! One writer at a time on both engines. No clock, no ids: both are arguments.

pub mod addressees;
pub mod advisories;
pub mod alerts;
pub mod assignments;
pub mod audit;
pub mod blobs;
pub mod board;
pub mod callouts;
pub mod campaigns;
mod changes;
pub mod counts;
mod db;
mod error;
pub mod events;
pub mod facts;
pub mod findings;
pub mod history;
pub mod hosts;
pub mod housekeeping;
pub mod hunts;
pub mod indicators;
pub mod inspections;
pub mod intake;
pub mod intents;
pub mod jobs;
pub mod kept;
pub mod letters;
pub mod lines;
pub mod notices;
pub mod quick_reports;
pub mod register;
pub mod reports;
pub mod requests;
pub mod retention;
pub mod rosters;
pub mod rules;
pub mod search;
pub mod sign_in;
pub mod sources;
pub mod templates;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tries;
pub mod troubles;
mod tx;
pub mod verdicts;
pub mod warnings;

pub use crate::{
    changes::{Change, Changes, Topic},
    db::{Arg, Db, Query, Row, Sql},
    error::StoreError,
    tx::Tx,
};

/// One transaction: `store::write!(db, actor, now, tx => { … })`.
///
/// The body is an async block that sees `tx: &mut Tx` and ends in a `Result<T, E>` with `E: From<StoreError>`.
/// On `Ok` it commits: audit entries, audit head and changes go in with the records. On `Err` nothing is kept.
/// The body **can run again** when the database reports a conflict, so it must not have effects outside `tx`.
#[macro_export]
macro_rules! write {
    ($db:expr, $actor:expr, $now:expr, $tx:ident => $body:expr) => {{
        let mut attempt = 0_u32;
        loop {
            let mut owned = match $db.begin($actor, $now).await {
                Ok(tx) => tx,
                Err(error) => break Err(error.into()),
            };
            let outcome = {
                #[allow(unused_variables)]
                let $tx: &mut $crate::Tx = &mut owned;
                async { $body }.await
            };
            match outcome {
                Ok(value) => match owned.commit().await {
                    Ok(()) => break Ok(value),
                    Err(error) if error.is_conflict() && attempt < $crate::Tx::ATTEMPTS_MAX => attempt += 1,
                    Err(error) => break Err(error.into()),
                },
                Err(error) => {
                    owned.rollback().await;
                    break Err(error);
                }
            }
        }
    }};
}
