//! A report on the running campaign, begun and not yet signed off: its figures are those of whoever opens it.

use anyhow::Result;
use domain::{
    id::{Id, kind},
    report::ReportKind,
    time,
};
use jiff::Timestamp;
use store::reports::{self, NewReport};

use super::{cast::Player, order};
use crate::centre::Centre;

/// Begins it.
pub(super) async fn begin(
    centre: &Centre,
    officer: &Player,
    body: Id<kind::Body>,
    campaign: Id<kind::Campaign>,
    now: Timestamp,
) -> Result<()> {
    let on = time::date(now);
    let (pack, kind) = (centre.legal.on(on), ReportKind::Campaign);
    let mut sql = centre.db.read().await?;
    let draft = reports::propose(&mut sql, pack, kind, body, campaign, None, now, on).await?;
    drop(sql);
    let new = NewReport { id: Id::new(&*centre.ids), kind, body, campaign, assignment: None, draft };
    order::written(store::write!(centre.db, officer.actor(), now, tx => {
        reports::create(tx, &officer.scope, &new).await
    }))
}
