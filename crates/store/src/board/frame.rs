//! What the frame around every page shows of the body one works for.

use domain::id::{Id, kind};
use jiff::Timestamp;

use crate::{Sql, StoreError, args, requests};

/// Counts and window of one body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// Orders received and not acknowledged.
    pub orders: u32,
    /// Own tasks that are not met, unknown or partly met.
    pub tasks: u32,
    /// Requests it owes an answer to.
    pub requests: u32,
    /// The window that runs: name of its campaign, first instant, first instant after.
    pub window: Option<(String, Timestamp, Timestamp)>,
}

/// The frame of a body one belongs to. Three queries by index.
pub async fn frame(sql: &mut Sql, body: Id<kind::Body>, now: Timestamp) -> Result<Frame, StoreError> {
    let counts = sql
        .row(
            "select (select count(*) from assignment a join campaign c on c.id = a.campaign
                     where a.body = $1 and a.acknowledged_at is null and a.cancelled_at is null
                       and c.state = 'issued') as orders,
                    (select count(*) from assignment a join campaign c on c.id = a.campaign
                     join task t on t.assignment = a.id
                     where a.body = $1 and a.cancelled_at is null and c.state = 'issued'
                       and t.withdrawn_at is null and t.rank <= 2) as tasks",
            args![body],
        )
        .await?;
    let window = sql
        .row(
            "select c.name, c.window_from, c.window_to from campaign c
             where c.state = 'issued' and c.window_from <= $2 and c.window_to > $2
               and (c.body = $1 or exists (select 1 from assignment a where a.campaign = c.id and a.body = $1
                                           and a.cancelled_at is null))
             order by c.window_to, c.id limit 1",
            args![body, now],
        )
        .await?;
    let requests = requests::open_count(sql, body).await?;
    let (orders, tasks) = match counts {
        Some(row) => (row.count("orders")?, row.count("tasks")?),
        None => (0, 0),
    };
    let window = window
        .map(|row| Ok::<_, StoreError>((row.text("name")?, row.time("window_from")?, row.time("window_to")?)))
        .transpose()?;
    Ok(Frame { orders, tasks, requests, window })
}
