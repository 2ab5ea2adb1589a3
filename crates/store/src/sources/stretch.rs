//! What was heard since the last look, written down for all sources at once: a province has thousands, and every minute
//! has a look.

use std::collections::BTreeSet;

use domain::{
    fact::{Fact, Source, kinds},
    id::Id,
    monitoring::Terms,
};
use jiff::Timestamp;
use serde_json::json;

use super::health::{Looked, hour_of};
use crate::{Query, StoreError, Topic, Tx, args, assignments::Tools, facts};

/// Rows of one statement: with ten values each they stay far below what either engine binds.
const ROWS: usize = 500;

/// A source that was heard again: in the stretch that runs, or in one that begins.
struct Fresh<'a> {
    of: &'a Looked,
    from: Timestamp,
    to: Timestamp,
}

/// Extends stretches that run or begins others; counts what came into its hour.
pub(super) async fn heard(
    tx: &mut Tx,
    tools: &Tools<'_>,
    terms: &Terms,
    all: &[Looked],
    now: Timestamp,
) -> Result<(), StoreError> {
    let (mut longer, mut begun) = (Vec::new(), Vec::new());
    for of in all {
        let Some(to) = of.last.filter(|last| of.heard.is_none_or(|(_, until)| *last > until)) else {
            continue;
        };
        match of.heard {
            Some((from, until)) if to.duration_since(until) <= terms.gap() => {
                longer.push(Fresh { of, from, to })
            }
            _ => begun.push(Fresh { of, from: to, to }),
        }
    }
    extend(tx, &longer).await?;
    begin(tx, tools, &begun, now).await?;
    longer.append(&mut begun);
    for part in longer.chunks(ROWS) {
        let mut query =
            Query::new("update source_health set heard_from = v.column2, heard_to = v.column3 from (values");
        for (n, it) in part.iter().enumerate() {
            query.push(if n == 0 { "(" } else { ",(" }).bind(it.of.id);
            query.push(",").bind(it.from).push(",").bind(it.to).push(")");
        }
        query.push(") as v where source_health.source = v.column1");
        query.exec(tx).await?;
    }
    if all.iter().any(|of| of.kept > of.seen) {
        count(tx, now).await?;
    }
    Ok(())
}

/// The facts of stretches that go on.
async fn extend(tx: &mut Tx, longer: &[Fresh<'_>]) -> Result<(), StoreError> {
    for part in longer.chunks(ROWS) {
        let mut query = Query::new("update fact set to_at = v.column2 from (values");
        for (n, it) in part.iter().enumerate() {
            query
                .push(if n == 0 { "(" } else { ",(" })
                .bind(it.of.key(it.from))
                .push(",")
                .bind(it.to)
                .push(")");
        }
        query.push(
            ") as v where fact.key = v.column1 and fact.superseded_by is null and fact.to_at < v.column2",
        );
        query.exec(tx).await?;
    }
    Ok(())
}

/// The facts of stretches that begin.
async fn begin(
    tx: &mut Tx,
    tools: &Tools<'_>,
    begun: &[Fresh<'_>],
    now: Timestamp,
) -> Result<(), StoreError> {
    let fact = |it: &Fresh<'_>| Fact {
        id: Id::new(tools.ids),
        key: it.of.key(it.from),
        kind: kinds::LOGS_HEARD.to_owned(),
        body: it.of.body,
        subject: format!("source:{}", it.of.id),
        from: it.from,
        to: it.to,
        learnt: now,
        source: Source::Events(format!("source:{}", it.of.id)),
        value: json!({ "system": it.of.system }),
    };
    for part in begun.chunks(ROWS) {
        facts::learn_all(tx, &part.iter().map(fact).collect::<Vec<_>>()).await?;
        for it in part {
            tx.changed(Topic::Heard, format!("source:{}", it.of.id), Some(it.of.body));
        }
    }
    Ok(())
}

/// What came since the last look, into the hour that runs.
async fn count(tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
    tx.exec(
        "insert into source_hour (source, hour, events)
         select c.source, $1, c.kept - h.seen from event_source_count c join source_health h on h.source = c.source
         join event_source e on e.id = c.source where e.closed_at is null and c.kept > h.seen
         on conflict (source, hour) do update set events = source_hour.events + excluded.events",
        args![hour_of(now)],
    )
    .await?;
    tx.exec(
        "update source_health set seen = c.kept from event_source_count c
         where c.source = source_health.source and c.kept > source_health.seen
           and source_health.source in (select id from event_source where closed_at is null)",
        args![],
    )
    .await?;
    Ok(())
}

/// That hour was held against what is usual, of these sources.
pub(super) async fn looked(
    tx: &mut Tx,
    of: &BTreeSet<usize>,
    all: &[Looked],
    hour: Timestamp,
) -> Result<(), StoreError> {
    let ids: Vec<_> = of.iter().filter_map(|n| Some(all.get(*n)?.id)).collect();
    for part in ids.chunks(ROWS) {
        let mut query = Query::new("update source_health set looked_hour =");
        query.bind(hour).push("where source in").list(part.iter().copied());
        query.exec(tx).await?;
    }
    Ok(())
}
