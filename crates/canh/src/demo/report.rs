//! Reports of the demo: on the running campaign begun and not yet signed off, on last year's signed off by the head, and
//! a body's own reply.

use anyhow::{Context, Result};
use domain::{
    id::{Id, kind},
    report::ReportKind,
    time,
};
use jiff::Timestamp;
use store::{
    assignments::Tools,
    reports::{self, Frozen, NewReport},
};

use super::{
    cast::{Member, Player},
    order,
};
use crate::centre::Centre;

/// No file of the demo comes near.
const FILE_MAX: u64 = 16 * 1024 * 1024;

/// What is reported on.
pub(super) struct On {
    /// Of which kind.
    pub kind: ReportKind,
    /// On which campaign.
    pub campaign: Id<kind::Campaign>,
    /// Answering which assignment.
    pub assignment: Option<Id<kind::Assignment>>,
}

/// Begins it.
pub(super) async fn begin(
    centre: &Centre,
    officer: &Player,
    body: Id<kind::Body>,
    what: &On,
    now: Timestamp,
) -> Result<Id<kind::Report>> {
    let on = time::date(now);
    let pack = centre.legal.on(on);
    let On { kind, campaign, assignment } = *what;
    let mut sql = centre.db.read().await?;
    let draft = reports::propose(&mut sql, pack, kind, body, campaign, assignment, now, on).await?;
    drop(sql);
    let new = NewReport { id: Id::new(&*centre.ids), kind, body, campaign, assignment, draft };
    order::written(store::write!(centre.db, officer.actor(), now, tx => {
        reports::create(tx, &officer.scope, &new).await
    }))?;
    Ok(new.id)
}

/// Lays it before those who may sign it.
pub(super) async fn submit(
    centre: &Centre,
    officer: &Player,
    id: Id<kind::Report>,
    now: Timestamp,
) -> Result<()> {
    let base = centre.config.public_url();
    let tools = Tools { ids: &*centre.ids, base: &base, pack: centre.legal.on(time::date(now)) };
    let version = reports::get(&mut centre.db.read().await?, &officer.scope, id).await?.version;
    order::written(store::write!(centre.db, officer.actor(), now, tx => {
        reports::submit(tx, &officer.scope, &tools, id, version).await
    }))
}

/// Signs it off as the head, with its files. Without the typeface of papers nothing can be printed: then it stays a
/// draft, and the demo has one signed report less.
pub(super) async fn sign(
    centre: &Centre,
    head: &Player,
    id: Id<kind::Report>,
    name: &str,
    now: Timestamp,
) -> Result<()> {
    if print::ready().is_err() {
        return Ok(());
    }
    let pack = centre.legal.on(time::date(now));
    let mut sql = centre.db.read().await?;
    let mut report = reports::get(&mut sql, &head.scope, id).await?;
    let draft = reports::signed_by(&mut sql, pack, &report, head.person, now).await?;
    report.draft = draft.context("the head may not sign")?;
    let figures = reports::figures(&mut sql, &report, &centre.legal, now).await?;
    let basis = reports::basis(&mut sql, &report, &figures, &figures.lines, now).await?;
    drop(sql);
    let base = centre.config.public_url();
    let paper = letter::report::paper(&report.draft, &figures, pack, &base, Some(time::date(now)));
    let (pdf, docx) = print::both(&paper)?;
    let files = [serde_json::to_vec(&basis)?, serde_json::to_vec(&paper)?, pdf, docx];
    let mut kept = Vec::with_capacity(files.len());
    for bytes in &files {
        kept.push(centre.blobs.put(centre.ids.next(), bytes.as_slice(), FILE_MAX).await?);
    }
    let files = <[store::blobs::Blob; 4]>::try_from(kept).map_err(|_| anyhow::anyhow!("four files"))?;
    let digest = reports::digest(&basis);
    let frozen = Frozen { made_at: now, digest, files, draft: report.draft.clone(), name: name.to_owned() };
    let version = report.version;
    let tools = Tools { ids: &*centre.ids, base: &base, pack };
    order::written(store::write!(centre.db, head.actor(), now, tx => {
        reports::sign(tx, &head.scope, &tools, id, version, &frozen).await
    }))
}

/// A body's own reply to last year's order, prepared by its officer and signed off by its head.
pub(super) async fn reply(
    centre: &Centre,
    member: &Member,
    campaign: Id<kind::Campaign>,
    now: Timestamp,
) -> Result<()> {
    let filter = store::assignments::Filter { campaign: Some(campaign), ..Default::default() };
    let owed =
        store::assignments::list(&mut centre.db.read().await?, &member.officer.scope, &filter, None, 5)
            .await?;
    let Some(mine) = owed.iter().find(|b| b.body == member.body) else { return Ok(()) };
    let what = On { kind: ReportKind::Reply, campaign, assignment: Some(mine.id) };
    let id = begin(centre, &member.officer, member.body, &what, now).await?;
    submit(centre, &member.officer, id, order::after(now, 10)).await?;
    sign(centre, &member.head, id, "tra-loi", order::after(now, 45)).await
}
