//! What the evaluator of HUNT reads: hunts concluded lately by a body, or for it by one above whose hunt had the body's
//! events before it.

use std::collections::HashMap;

use domain::{
    evidence::Count,
    id::{Id, kind},
    monitoring::Terms,
};
use jiff::{Timestamp, ToSpan};

use super::{
    Task,
    answering::{Figures, NAMED_MAX},
    known::distinct,
};
use crate::{Query, Sql, StoreError, hunts::subject_of};

/// A hunt, and when it was concluded.
type Hunted = (Id<kind::Hunt>, Option<Timestamp>);

/// Concluded hunts, for tasks of HUNT.
pub async fn hunted(
    sql: &mut Sql,
    tasks: &[&Task],
    now: Timestamp,
    terms: &Terms,
) -> Result<HashMap<Id<kind::Task>, Figures>, StoreError> {
    let months = i64::from(terms.hunt_months).months();
    let zoned = now.to_zoned(domain::time::zone());
    let since = zoned.checked_sub(months).map_or(Timestamp::MIN, |z| z.timestamp());
    let mut query = Query::new(
        "select c.below as body, h.id, h.concluded_at from hunt h join body_closure c on c.above = h.body
         where (c.below = h.body or exists (select 1 from hunt_reach x join hunt_run r on r.id = x.run
           where r.hunt = h.id and r.standing = 'done' and x.body = c.below and x.events > 0))
         and c.below in",
    );
    query.list(distinct(tasks.iter().map(|t| t.body)));
    query.push("and (h.concluded_at is not null or h.closed_at is null) order by h.concluded_at desc, h.id");
    let mut all: HashMap<Id<kind::Body>, Vec<Hunted>> = HashMap::new();
    for row in query.rows(sql).await? {
        all.entry(row.id("body")?).or_default().push((row.id("id")?, row.opt_time("concluded_at")?));
    }
    let of = |task: &&Task| {
        let own = all.get(&task.body).map(Vec::as_slice).unwrap_or_default();
        let lately: Vec<_> = own.iter().filter(|(_, at)| at.is_some_and(|at| at >= since)).collect();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let last = lately.iter().filter_map(|(_, at)| *at).max();
        let until = last.and_then(|at| at.to_zoned(domain::time::zone()).checked_add(months).ok());
        let figures = Figures {
            counts: vec![("hunt-done", Count { handled: count(lately.len()), all: count(own.len()) })],
            times: until.map(|z| ("hunt-next", z.timestamp())).into_iter().collect(),
            subjects: lately.iter().take(NAMED_MAX).map(|(id, _)| subject_of(*id)).collect(),
        };
        (task.id, figures)
    };
    Ok(tasks.iter().map(of).collect())
}
