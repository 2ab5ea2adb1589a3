//! Notices and bulletins in a few numbers: for reports and boards of others.

use domain::{
    actor::Scope,
    id::{Id, kind},
    notice::Rates,
    right::Right,
    time::Window,
};

use super::read::SUMS;
use crate::{Query, Sql, StoreError};

/// What is summed up: notices and bulletins linked to the campaign, and those whose time touches the window. With
/// neither, all.
#[derive(Debug, Clone, Copy, Default)]
pub struct SummaryOf<'a> {
    /// The campaign.
    pub campaign: Option<Id<kind::Campaign>>,
    /// The window.
    pub window: Option<Window>,
    /// Only what concerns these bodies; `None` = all one may see.
    pub bodies: Option<&'a [Id<kind::Body>]>,
}

/// The numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Notices that went to at least one of the bodies.
    pub notices: u32,
    /// Their figures. `asked` counts recipients of notices with a quiz.
    pub rates: Rates,
    /// Bodies with at least one recipient.
    pub bodies: u32,
    /// Bodies in which every recipient of every notice committed, but for the excused.
    pub bodies_complete: u32,
    /// Bulletins at least one of the bodies is to broadcast.
    pub bulletins: u32,
    /// Bodies that are to broadcast.
    pub communes: u32,
    /// Broadcasts of the schedule, all bodies together.
    pub scheduled: u32,
    /// Those with a receipt.
    pub broadcast: u32,
}

/// Sums up what one may see. Drafts and what was taken back do not count.
pub async fn summary(sql: &mut Sql, scope: &Scope, of: &SummaryOf<'_>) -> Result<Summary, StoreError> {
    let mut query = Query::new(SUMS);
    query.push(
        ", count(distinct s.notice) as notices, count(distinct s.body) as bodies,
         cast(coalesce(sum(case when n.quiz like '%\"questions\":[{%' then s.recipients - s.excused else 0 end), 0) as bigint) as asked
         from notice_sum s join notice n on n.id = s.notice where n.state in ('issued', 'closed') and",
    );
    notices(&mut query, scope, of);
    let row = query.row(sql).await?.ok_or(StoreError::NotFound("summary"))?;
    let mut found = Summary {
        notices: row.count("notices")?,
        bodies: row.count("bodies")?,
        rates: Rates {
            recipients: row.count("recipients")?,
            excused: row.count("excused")?,
            delivered: row.count("delivered")?,
            opened: row.count("opened")?,
            committed: row.count("committed")?,
            asked: row.count("asked")?,
            passed: row.count("passed")?,
        },
        ..Summary::default()
    };
    let mut query = Query::new(
        "select count(*) as n from (select s.body from notice_sum s join notice n on n.id = s.notice
         where n.state in ('issued', 'closed') and",
    );
    notices(&mut query, scope, of);
    query.push("group by s.body having sum(s.committed) >= sum(s.recipients - s.excused)) complete");
    found.bodies_complete = query.row(sql).await?.map_or(Ok(0), |r| r.count("n"))?;
    bulletins(sql, scope, of, &mut found).await?;
    Ok(found)
}

fn notices(query: &mut Query, scope: &Scope, of: &SummaryOf<'_>) {
    query.visible(scope, Right::See, "s.body");
    if let Some(bodies) = of.bodies {
        query.push("and s.body in").list(bodies.iter().copied());
    }
    match (of.campaign, of.window) {
        (None, None) => {}
        (campaign, window) => {
            query.push("and (n.campaign in").list(campaign);
            if let Some(window) = window {
                query
                    .push("or (n.opens_at <")
                    .bind(window.to)
                    .push("and coalesce(n.closed_at, n.closes_at) >=");
                query.bind(window.from).push(")");
            }
            query.push(")");
        }
    }
}

async fn bulletins(
    sql: &mut Sql,
    scope: &Scope,
    of: &SummaryOf<'_>,
    found: &mut Summary,
) -> Result<(), StoreError> {
    let mut query = Query::new(
        "select s.body, s.bulletin, n.first_day, n.last_day, n.times,
           (select count(distinct x.slot_at) from broadcast x where x.bulletin = s.bulletin and x.body = s.body) as done
         from bulletin_body s join bulletin n on n.id = s.bulletin where n.state in ('issued', 'closed') and",
    );
    query.visible(scope, Right::See, "s.body");
    if let Some(bodies) = of.bodies {
        query.push("and s.body in").list(bodies.iter().copied());
    }
    if of.campaign.is_some() || of.window.is_some() {
        query.push("and (n.campaign in").list(of.campaign);
        if let Some(window) = of.window {
            query.push("or (n.first_day <=").bind(domain::time::last_day(window));
            query.push("and n.last_day >=").bind(domain::time::date(window.from)).push(")");
        }
        query.push(")");
    }
    let (mut which, mut communes) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
    for row in query.rows(sql).await? {
        let slots = super::bulletins::schedule(&row)?.slots().len();
        found.scheduled = found.scheduled.saturating_add(u32::try_from(slots).unwrap_or(u32::MAX));
        found.broadcast = found.broadcast.saturating_add(row.count("done")?);
        which.insert(row.text("bulletin")?);
        communes.insert(row.text("body")?);
    }
    found.bulletins = u32::try_from(which.len()).unwrap_or(u32::MAX);
    found.communes = u32::try_from(communes.len()).unwrap_or(u32::MAX);
    Ok(())
}
