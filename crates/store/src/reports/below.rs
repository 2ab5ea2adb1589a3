//! What was passed on, board by board: who reports answers for the bodies below its addressees too.

use domain::{
    actor::Scope,
    id::{Id, kind},
    report::Below,
    right::Right,
};
use jiff::Timestamp;

use super::Report;
use crate::{Query, Sql, StoreError, board};

/// The boards of every campaign by which the order was passed on, whole chain, in the order they were issued. Of a
/// reply, those below its own assignment.
pub(super) async fn below(
    sql: &mut Sql,
    scope: &Scope,
    of: &Report,
    only: Option<Id<kind::Assignment>>,
    now: Timestamp,
) -> Result<Vec<Below>, StoreError> {
    let mut query = Query::new(
        "with recursive chain (id, campaign) as (
           select a.id, a.campaign from assignment a join assignment p on p.id = a.parent
           where a.cancelled_at is null and",
    );
    match only {
        Some(assignment) => query.push("p.id =").bind(assignment),
        None => query.push("p.campaign =").bind(of.campaign),
    };
    query.push(
        "union select a.id, a.campaign from chain c join assignment a on a.parent = c.id
           where a.cancelled_at is null)
         select distinct k.id, b.name, k.issued_at from chain c join campaign k on k.id = c.campaign
         join body b on b.id = k.body where k.state in ('issued', 'closed') and",
    );
    query.visible(scope, Right::See, "k.body").push("order by k.issued_at, k.id");
    let mut found = Vec::new();
    for row in query.rows(sql).await? {
        let campaign = row.id("id")?;
        let board = board::load(sql, scope, campaign, now).await?;
        if !board.rows.is_empty() {
            found.push(Below { campaign, by: row.text("name")?, board });
        }
    }
    Ok(found)
}
