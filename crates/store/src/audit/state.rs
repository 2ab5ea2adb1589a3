//! What the last full verification found, for the auditor's page. A note for people; proof is only what an auditor
//! verifies elsewhere.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::verify::Report;
use crate::{Db, Sql, StoreError, args};

const KEY: &str = "audit-verified";

/// When the log was last verified, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// When.
    pub at: Timestamp,
    /// How many entries there were.
    pub size: u64,
    /// What was wrong, in words for the operator.
    pub faults: Vec<String>,
}

/// Notes a verification.
pub async fn remember(db: &Db, now: Timestamp, report: &Report) -> Result<Verified, StoreError> {
    let faults = report.faults.iter().map(ToString::to_string).collect();
    let verified = Verified { at: now, size: report.size, faults };
    let json = serde_json::to_string(&verified).map_err(|e| StoreError::Corrupt("setting", e.to_string()))?;
    let mut tx = db.begin_quiet(now).await?;
    tx.exec(
        "insert into setting (key, value, at) values ($1, $2, $3) on conflict (key) do update set value = $2, at = $3",
        args![KEY, json, now],
    )
    .await?;
    tx.commit().await?;
    Ok(verified)
}

/// The last one, if there was one.
pub async fn last(sql: &mut Sql) -> Result<Option<Verified>, StoreError> {
    let row = sql.row("select value from setting where key = $1", args![KEY]).await?;
    row.map(|r| r.json("value")).transpose()
}
