//! The two ends of an issued campaign: taken back, or over. Both keep everything.

use domain::{
    actor::Scope,
    id::{Id, Ids, kind},
};
use serde_json::json;

use super::{
    amend::{addressed, issued},
    draft::touched,
    issue::{JOB, message_vars, revise, tell},
};
use crate::{StoreError, Tx, args, jobs};

/// Takes an issued campaign back: nobody owes anything of it any more, everybody is told why. Campaigns that passed it
/// on stay their issuers' own; their chain shows that the order above was cancelled. Refuses `reason-missing`.
pub async fn cancel(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Campaign>,
    reason: &str,
    ids: &dyn Ids,
    public_url: &str,
) -> Result<(), StoreError> {
    let campaign = issued(tx, scope, id).await?;
    if reason.trim().is_empty() {
        return Err(StoreError::Refused("reason-missing"));
    }
    let told = addressed(tx, id).await?;
    let now = tx.now();
    tx.exec("update campaign set state = 'cancelled', closed_at = $1 where id = $2", args![now, id]).await?;
    tx.exec(
        "update assignment set cancelled_at = $1 where campaign = $2 and cancelled_at is null",
        args![now, id],
    )
    .await?;
    tx.exec("update task set next_check = null where campaign = $1", args![id]).await?;
    jobs::cancel(tx, &format!("{JOB}:{id}")).await?;
    touched(tx, "campaign.cancelled", id, campaign.body, reason);
    revise(tx, &campaign, "cancelled", reason, &json!({ "state": "issued" })).await?;
    for (assignment, body) in told {
        let link = format!("{public_url}/assignments/{assignment}");
        let mut vars = message_vars(tx, &campaign, body, &link).await?;
        vars.insert("reason".into(), reason.to_owned());
        tell(tx, ids, &campaign, body, "order-cancelled", &format!("order-cancelled:{assignment}"), vars)
            .await?;
    }
    Ok(())
}

/// Ends a campaign whose time is over; verdicts stay as they are.
pub async fn close(tx: &mut Tx, scope: &Scope, id: Id<kind::Campaign>, note: &str) -> Result<(), StoreError> {
    let campaign = issued(tx, scope, id).await?;
    let now = tx.now();
    tx.exec("update campaign set state = 'closed', closed_at = $1 where id = $2", args![now, id]).await?;
    tx.exec("update task set next_check = null where campaign = $1", args![id]).await?;
    touched(tx, "campaign.closed", id, campaign.body, note);
    revise(tx, &campaign, "closed", note, &json!({ "state": "issued" })).await?;
    Ok(())
}
