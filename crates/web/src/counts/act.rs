//! Recording counts, for pages and API alike.

use std::collections::BTreeMap;

use axum::body::Bytes;
use domain::{
    counts::{Kind, LeftOut, Source, Tally, tally},
    id::{Id, kind},
    register::read_machines,
    time,
};
use jiff::civil::Date;
use store::{StoreError, counts};

pub(super) use crate::act::write;
use crate::{AppError, Visit};

/// A list of 50,000 machines with twenty columns has about as much.
pub(super) const LIMIT_LIST: usize = 12 * 1024 * 1024;
/// The blob of it.
const LIST_MAX: u64 = LIMIT_LIST as u64;

/// Counts by hand.
pub(super) async fn by_hand(
    v: &Visit,
    body: Id<kind::Body>,
    source: Source,
    counts: &[(Kind, u32)],
    on: Option<Date>,
    note: &str,
) -> Result<u32, StoreError> {
    let (on, left_out) = (on.unwrap_or_else(|| time::date(v.now)), BTreeMap::<LeftOut, u32>::new());
    let new = counts::NewCount { body, source, counts, on, note, file: None, left_out: &left_out };
    write!(v, tx => counts::record(tx, v.scope(), &*v.app.ids, &new).await)
}

/// What a list comes to, read in the sandbox.
pub(super) async fn look(v: &Visit, source: Source, on: Date, bytes: &[u8]) -> Result<Tally, AppError> {
    let opened = match source {
        Source::Dhcp => paper::sheet::open_leases(&v.app.worker, bytes).await,
        _ => paper::sheet::open(&v.app.worker, bytes).await,
    };
    let book = opened.map_err(crate::register::bad_table)?;
    let sheet = book.sheets.into_iter().find(|s| !s.rows.is_empty());
    let rows: Vec<_> = sheet.into_iter().flat_map(|s| s.rows).map(|r| (r.number, r.cells)).collect();
    let read = read_machines(source, &rows);
    if let Some(problem) = read.problems.first() {
        let code = match problem.code {
            "import-column-missing" if source == Source::Dhcp => "error-count-no-mac",
            "import-column-missing" => "error-count-no-name",
            "import-too-many" => "error-import-too-many",
            _ => "error-import-empty",
        };
        return Err(AppError::Refused(code.into()));
    }
    Ok(tally(source, &read.rows, on, v.pack().count_rules()))
}

/// Counts a list, and keeps it.
pub(super) async fn from_list(
    v: &Visit,
    body: Id<kind::Body>,
    source: Source,
    on: Option<Date>,
    (name, bytes): (&str, &Bytes),
) -> Result<Tally, AppError> {
    // Before any work is done for them: may they at all.
    may(v, body).await?;
    let on = on.unwrap_or_else(|| time::date(v.now));
    let tally = look(v, source, on, bytes).await?;
    let mime = paper::kind::sniff(bytes).mime();
    let blob = v.app.blobs.put(v.app.ids.next(), &**bytes, LIST_MAX).await?;
    let new = counts::NewCount {
        body,
        source,
        counts: &tally.counts,
        on,
        note: "",
        file: Some((&blob, name, mime)),
        left_out: &tally.left_out,
    };
    write!(v, tx => counts::record(tx, v.scope(), &*v.app.ids, &new).await)?;
    Ok(tally)
}

/// Whoever answers for the body or keeps its register; anybody else finds nothing.
pub(super) async fn may(v: &Visit, body: Id<kind::Body>) -> Result<(), AppError> {
    let mut sql = v.app.db.read().await?;
    Ok(counts::may(&mut sql, v.scope(), body).await?)
}
