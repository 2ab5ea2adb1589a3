//! Photos taken at a visit. The device chooses the id, so that one sent twice is one photo.

use domain::{
    actor::Scope,
    id::{Id, kind},
    right::Right,
};
use jiff::Timestamp;

use super::{Need, held};
use crate::{
    Query, Sql, StoreError, Tx, args,
    assignments::somebody,
    blobs::{self, Blob},
};

/// Devices send at most about 400 KB; one without script sends what its camera makes.
pub const PHOTO_MAX: u64 = 8 * 1024 * 1024;
/// So many photos of one visit.
pub const PHOTOS_MAX: u32 = 200;

/// A photo to be kept.
#[derive(Debug, Clone)]
pub struct NewPhoto<'a> {
    /// Its id, given by the device.
    pub id: Id<kind::Photo>,
    /// Of which item.
    pub item: &'a str,
    /// The file, with everything taken out that tells where it was taken.
    pub blob: &'a Blob,
    /// Its name.
    pub name: &'a str,
    /// Its content type, by its bytes.
    pub mime: &'a str,
    /// When it was taken, by the clock of the device.
    pub at: Timestamp,
}

/// A photo as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// Its id.
    pub id: Id<kind::Photo>,
    /// Of which item.
    pub item: String,
    /// The file.
    pub sha256: String,
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u32,
    /// When it was taken.
    pub at: Timestamp,
    /// By whom.
    pub by: Option<String>,
}

/// Keeps a photo; one of that id that is there already is left as it is (`false`). Needs what an answer needs.
/// `Refused`: `visit-over`, `visit-item`, `photos-many`.
pub async fn add_photo(
    tx: &mut Tx,
    scope: &Scope,
    visit: Id<kind::Visit>,
    new: &NewPhoto<'_>,
) -> Result<bool, StoreError> {
    let actor = tx.actor();
    let person = somebody(actor)?;
    let of = held(tx, scope, actor, Need::Answer, visit).await?;
    let there = tx.row("select visit from visit_photo where id = $1", args![new.id]).await?;
    if let Some(row) = there {
        if row.id::<kind::Visit>("visit")? != visit {
            return Err(StoreError::NotFound("photo"));
        }
        tx.unchanged();
        return Ok(false);
    }
    of.open()?;
    if of.checklist.item(new.item).is_none() {
        return Err(StoreError::Refused("visit-item"));
    }
    let row = tx.row("select count(*) as n from visit_photo where visit = $1", args![visit]).await?;
    if row.map_or(Ok(0), |r| r.count("n"))? >= PHOTOS_MAX {
        return Err(StoreError::Refused("photos-many"));
    }
    for body in [of.inspector, of.body] {
        blobs::attach(tx, new.blob, body, &of.subject(), new.name, new.mime).await?;
    }
    let now = tx.now();
    let bytes = i64::try_from(new.blob.len).unwrap_or(i64::MAX);
    tx.exec(
        "insert into visit_photo (id, visit, item, sha256, name, bytes, taken_at, learnt_at, by_person)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
        args![new.id, visit, new.item, &new.blob.sha256, new.name, bytes, new.at.min(now), now, person],
    )
    .await?;
    tx.record("visit.photo", of.subject(), Some(of.body), &(new.id, new.item, &new.blob.sha256));
    of.changed(tx);
    Ok(true)
}

/// Takes a photo out of the record while the visit is not over; the file stays for the audit. Needs what an answer
/// needs.
pub async fn remove_photo(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Photo>,
) -> Result<Id<kind::Visit>, StoreError> {
    let row = tx.row("select visit from visit_photo where id = $1", args![id]).await?;
    let visit = row.ok_or(StoreError::NotFound("photo"))?.id("visit")?;
    let actor = tx.actor();
    let of = held(tx, scope, actor, Need::Answer, visit).await.map_err(|_| StoreError::NotFound("photo"))?;
    of.open()?;
    let now = tx.now();
    let touched = tx
        .exec("update visit_photo set removed_at = $1 where id = $2 and removed_at is null", args![now, id])
        .await?;
    if touched == 0 {
        tx.unchanged();
        return Ok(visit);
    }
    tx.record("visit.photo-removed", of.subject(), Some(of.body), &id);
    of.changed(tx);
    Ok(visit)
}

/// The photos of a visit in the order in which they were taken; needs [`Right::Read`] over either body.
pub async fn photos(sql: &mut Sql, scope: &Scope, visit: Id<kind::Visit>) -> Result<Vec<Photo>, StoreError> {
    let mut query = Query::new(
        "select f.*, p.name as taker from visit_photo f join visit v on v.id = f.visit
         left join person p on p.id = f.by_person where f.removed_at is null and f.visit =",
    );
    query.bind(visit).push("and (").visible(scope, Right::Read, "v.inspector");
    query.push("or (v.state in ('under-way', 'done') or v.announced_at is not null) and");
    query.visible(scope, Right::Read, "v.body").push(") order by f.taken_at, f.id");
    let photo = |row: &crate::Row| {
        Ok(Photo {
            id: row.id("id")?,
            item: row.text("item")?,
            sha256: row.text("sha256")?,
            name: row.text("name")?,
            bytes: row.count("bytes")?,
            at: row.time("taken_at")?,
            by: row.opt_text("taker")?,
        })
    };
    query.rows(sql).await?.iter().map(photo).collect()
}
