//! A file of indicators made a part of a list: read, judged entry by entry, kept in one spelling.

use std::collections::BTreeMap;

use domain::{id::Ids, indicator, legal::Pack};
use jiff::Timestamp;
use store::{
    Db, StoreError,
    blobs::Blobs,
    indicators::{FILE_MAX, Fault, NewPart},
    requests,
};

/// Why nothing of a file was taken.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// It is no list of the shape it looks like; what the reader says.
    #[error("{0}")]
    Shape(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Reading it died.
    #[error("{0}")]
    Died(String),
}

/// Reads a file into a part; what is in it is stored, and belongs to nobody until it is put into a list. The guard keeps
/// out what would find everybody.
pub async fn read(
    (db, blobs, ids): (&Db, &Blobs, &dyn Ids),
    (pack, now): (&Pack, Timestamp),
    name: &str,
    bytes: &[u8],
    replaces: bool,
) -> Result<NewPart, Unread> {
    let guard = requests::guard(&mut db.read().await?, pack).await?.watching();
    let text = String::from_utf8_lossy(bytes).into_owned();
    let reading = move || {
        let (mut kept, mut kinds) = (String::new(), BTreeMap::new());
        let read = share::indicators::read(&text, &guard, now, &mut |entry| {
            *kinds.entry(entry.indicator.kind).or_insert(0_u64) += 1;
            kept.push_str(&indicator::line(&entry));
        });
        read.map(|report| (report, kept, kinds))
    };
    let read = tokio::task::spawn_blocking(reading).await.map_err(|e| Unread::Died(e.to_string()))?;
    let (report, kept, kinds) = read.map_err(|unreadable| Unread::Shape(unreadable.0))?;
    let blob = blobs.put(ids.next(), kept.as_bytes(), FILE_MAX).await?;
    let fault = |p: share::indicators::Problem| Fault {
        place: p.place,
        text: p.text.chars().filter(|c| *c != '\0').collect(),
        why: p.why,
    };
    Ok(NewPart {
        blob,
        name: name.to_owned(),
        shape: report.shape.name(),
        kinds,
        merged: report.merged as u64,
        passed: report.passed as u64,
        faults: report.faults as u64,
        problems: report.problems.into_iter().map(fault).collect(),
        replaces,
    })
}
