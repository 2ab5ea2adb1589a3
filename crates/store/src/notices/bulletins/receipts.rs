//! Receipts of broadcasts: when, which cluster of loudspeakers, who switched it on, and a recording or photo if there is.

use domain::{
    actor::Scope,
    id::{Id, Ids, kind},
    notice::{NoticeRules, NoticeState},
    right::Right,
};
use jiff::{SignedDuration, Timestamp};

use super::{BULLETIN, draft::touched, from_row, subject, tally};
use crate::{
    Query, StoreError, Tx, args,
    blobs::{Blob, attach},
};

/// A broadcast may begin this much before its time.
const EARLY: SignedDuration = SignedDuration::from_hours(2);
/// Characters of a cluster's or person's name, and of a note.
const NAME_MAX: usize = 120;
const NOTE_MAX: usize = 1_000;

/// A recording or photo that was stored.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The stored file.
    pub blob: Blob,
    /// Its name.
    pub name: String,
    /// Its kind, sniffed.
    pub kind: String,
}

/// A receipt to be recorded.
#[derive(Debug, Clone)]
pub struct NewReceipt {
    /// Its id.
    pub id: Id<kind::Broadcast>,
    /// Which bulletin.
    pub bulletin: Id<kind::Bulletin>,
    /// Which commune.
    pub body: Id<kind::Body>,
    /// Which broadcast of the schedule.
    pub slot: Timestamp,
    /// When it was really read.
    pub aired: Timestamp,
    /// Which cluster of loudspeakers.
    pub cluster: String,
    /// Who switched it on.
    pub by: String,
    /// What else there is to say.
    pub note: String,
    /// Recording or photo.
    pub recording: Option<Recording>,
}

/// Records a receipt. Needs [`Right::Answer`] over the commune. Refuses `bulletin-over`, `bulletin-slot`,
/// `bulletin-aired`, `bulletin-cluster`, `bulletin-by`, `bulletin-twice`.
pub async fn record(
    tx: &mut Tx,
    scope: &Scope,
    rules: &NoticeRules,
    ids: &dyn Ids,
    new: &NewReceipt,
) -> Result<(), StoreError> {
    let mut query = Query::new(BULLETIN);
    query.push("n.state <> 'draft' and n.id =").bind(new.bulletin);
    query
        .push("and exists (select 1 from bulletin_body nb where nb.bulletin = n.id and nb.body =")
        .bind(new.body);
    query.push("and").visible(scope, Right::Answer, "nb.body").push(")");
    let row = query.row(tx).await?.ok_or(StoreError::NotFound("bulletin"))?;
    let bulletin = from_row(&row)?;
    if bulletin.state != NoticeState::Issued {
        return Err(StoreError::Refused("bulletin-over"));
    }
    let now = tx.now();
    if !bulletin.schedule.slots().contains(&new.slot) {
        return Err(StoreError::Refused("bulletin-slot"));
    }
    if new.aired > now || new.aired.duration_until(new.slot) > EARLY {
        return Err(StoreError::Refused("bulletin-aired"));
    }
    let cluster = line(&new.cluster, "bulletin-cluster")?;
    let by = line(&new.by, "bulletin-by")?;
    let note: String = new.note.trim().chars().take(NOTE_MAX).collect();
    let detail =
        (new.bulletin, new.slot, new.aired, &cluster, &by, new.recording.as_ref().map(|r| &r.blob.sha256));
    let seq = touched(tx, "bulletin.broadcast", new.bulletin, new.body, &detail);
    let who = tx.actor().person();
    if let Some(file) = &new.recording {
        attach(tx, &file.blob, new.body, &subject(new.bulletin), &file.name, &file.kind).await?;
        // Whoever ordered it may listen to what was broadcast.
        attach(tx, &file.blob, bulletin.body, &subject(new.bulletin), &file.name, &file.kind).await?;
    }
    let added = tx
        .exec(
            "insert into broadcast (id, bulletin, body, slot_at, aired_at, cluster, by_name, note, sha256, file_name,
               receipt, recorded_at, recorded_by)
             values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13) on conflict (bulletin, body, slot_at, cluster) do nothing",
            args![
                new.id, new.bulletin, new.body, new.slot, new.aired, cluster, by, note,
                new.recording.as_ref().map(|r| r.blob.sha256.clone()),
                new.recording.as_ref().map(|r| r.name.clone()),
                i64::try_from(seq).unwrap_or(i64::MAX), now, who
            ],
        )
        .await?;
    if added == 0 {
        return Err(StoreError::Refused("bulletin-twice"));
    }
    tally::tell(tx, ids, &bulletin, rules.receipt_hours, new.body, seq).await?;
    tally::tell_issuer(tx, ids, &bulletin, seq).await
}

fn line(text: &str, code: &'static str) -> Result<String, StoreError> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let good = !text.is_empty() && text.chars().count() <= NAME_MAX;
    if good { Ok(text) } else { Err(StoreError::Refused(code)) }
}
