//! What is known of how flaws are used: marks of exploitation and likelihoods, as a file of a feed gives them.

use std::collections::{BTreeMap, HashMap};

use domain::id::{Id, kind};
use review::advisory::Signals;

use crate::{Query, StoreError, Tx, args, findings::Stirred};

/// Values of one list; rows of one insert are an eighth of it.
const ROWS: usize = 400;

/// Marks of exploitation of a file; returns how many are different.
pub(super) async fn keep(
    tx: &mut Tx,
    feed: Id<kind::Feed>,
    file: &str,
    read: &Signals,
    stirred: &mut Stirred,
) -> Result<u32, StoreError> {
    type Mark = (bool, Option<String>, Option<String>, bool, Option<i64>);
    let mut new: BTreeMap<String, Mark> = BTreeMap::new();
    for (flaw, it) in &read.exploited {
        new.insert(flaw.to_uppercase(), (true, it.added.clone(), it.due.clone(), it.ransomware, None));
    }
    for (flaw, likely) in &read.likely {
        // Between 0 and 1, as its reader makes sure.
        new.entry(flaw.to_uppercase()).or_default().4 = Some((likely * 1e6).round() as i64);
    }
    let rows = tx
        .rows(
            "select flaw, exploited, added, due, ransomware, likely from flaw_signal where feed = $1 and file = $2",
            args![feed, file],
        )
        .await?;
    let mut old: HashMap<String, Mark> = HashMap::new();
    for r in &rows {
        let mark = (
            r.bool("exploited")?,
            r.opt_text("added")?,
            r.opt_text("due")?,
            r.bool("ransomware")?,
            r.opt_int("likely")?,
        );
        old.insert(r.text("flaw")?, mark);
    }
    let mut different = 0;
    let fresh: Vec<_> = new.iter().filter(|(flaw, mark)| old.get(*flaw) != Some(mark)).collect();
    // Of likelihood whole percents count: it is made anew every day for every flaw.
    let weighs = |mark: Option<&Mark>| mark.map(|m| (m.0, m.4.map(|n| n / 10_000)));
    for (flaw, mark) in &fresh {
        if weighs(old.get(*flaw)) != weighs(Some(mark)) {
            stirred.used(flaw);
        }
    }
    for part in fresh.chunks(ROWS / 8) {
        let mut query = Query::new(
            "insert into flaw_signal (flaw, feed, file, exploited, added, due, ransomware, likely) values",
        );
        for (n, (flaw, (exploited, added, due, ransomware, likely))) in part.iter().enumerate() {
            query.push(if n == 0 { "(" } else { ",(" }).bind(*flaw).push(",").bind(feed).push(",").bind(file);
            query.push(",").bind(*exploited).push(",").bind(added.clone()).push(",").bind(due.clone());
            query.push(",").bind(*ransomware).push(",").bind(*likely).push(")");
        }
        query.push(
            "on conflict (flaw, feed, file) do update set exploited = excluded.exploited, added = excluded.added, due = excluded.due, ransomware = excluded.ransomware, likely = excluded.likely",
        );
        query.exec(tx).await?;
        different += part.len();
    }
    let gone: Vec<&String> = old.keys().filter(|flaw| !new.contains_key(*flaw)).collect();
    gone.iter().for_each(|flaw| stirred.used(flaw));
    for part in gone.chunks(ROWS) {
        let mut query = Query::new("delete from flaw_signal where feed =");
        query
            .bind(feed)
            .push("and file =")
            .bind(file)
            .push("and flaw in")
            .list(part.iter().map(|f| f.as_str()));
        query.exec(tx).await?;
    }
    Ok(u32::try_from(different + gone.len()).unwrap_or(u32::MAX))
}
