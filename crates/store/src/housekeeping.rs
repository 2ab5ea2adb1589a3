//! What keeps the database quick.

use jiff::Timestamp;

use crate::{Db, StoreError};

/// Refreshes what the engine knows about its tables, so that it goes on choosing the right indexes.
pub async fn optimise(db: &Db, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = db.begin_quiet(now).await?;
    let statement = if tx.is_pg() { "analyze" } else { "pragma optimize" };
    tx.rows(statement, vec![]).await?;
    tx.commit().await
}
