//! Every day the audit log's head is signed and leaves the machine: as a file, and by e-mail to the superior.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use anyhow::Context;
use domain::{
    actor::Actor,
    id::{Id, Ids},
    intent::{Intent, To, Urgency},
    job::Outcome,
    time,
};
use jiff::{SignedDuration, Timestamp, civil};
use store::{
    Db, StoreError,
    audit::{
        checkpoint::{self, Kept, Keys, Signer},
        state, verify,
    },
    intents,
};

/// The kind of job.
pub const KIND: &str = "audit-checkpoint";
/// The template of its mail.
pub(crate) const TEMPLATE: &str = "audit-checkpoint";
/// Daily at this hour in Hà Nội, when nobody is waiting for the machine.
const HOUR: i8 = 1;
/// A checkpoint that could not be sent for so long is superseded by its successors.
const EXPIRES: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Where checkpoints go.
pub struct Checkpoints {
    /// Signs them.
    pub signer: Signer,
    /// Folder of the files: best one that lies on another machine.
    pub dir: PathBuf,
    /// The superior's address, if there is one.
    pub superior: Option<String>,
}

/// When the job runs next.
pub fn next(now: Timestamp) -> Timestamp {
    let at = civil::time(HOUR, 0, 0, 0);
    let local = time::local(now);
    let today = local.date().to_datetime(at).to_zoned(time::zone()).map_or(now, |z| z.timestamp());
    if today > now {
        today
    } else {
        today.checked_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX)
    }
}

/// When the job runs first after a start: at once if no checkpoint was signed for a day.
pub async fn first(db: &Db, now: Timestamp) -> Result<Timestamp, StoreError> {
    let latest = checkpoint::latest(&mut db.read().await?).await?;
    let day = SignedDuration::from_hours(24);
    Ok(if latest.is_some_and(|c| now.duration_since(c.at) < day) { next(now) } else { now })
}

/// Verifies the log, signs it, unless that was done today already, and puts the file in its folder. A log that does not
/// verify is not signed: the job fails visibly. Run again after a crash it doubles nothing.
pub async fn run(
    db: Db,
    ids: Arc<dyn Ids>,
    checkpoints: Arc<Checkpoints>,
    now: Timestamp,
) -> anyhow::Result<Outcome> {
    let keys = Keys::parse([checkpoints.signer.verifier_key()])?;
    let report = verify::live(&mut db.read().await?, &[], &keys).await?;
    state::remember(&db, now, &report).await?;
    if let Some(fault) = report.faults.first() {
        anyhow::bail!("the audit log does not verify, and is not signed: {fault}");
    }
    let latest = checkpoint::latest(&mut db.read().await?).await?;
    let kept = match latest.filter(|c| time::date(c.at) == time::date(now)) {
        Some(kept) => kept,
        None => sign(&db, &*ids, &checkpoints, now).await?,
    };
    write(&checkpoints, &kept).await.with_context(|| format!("writing to {}", checkpoints.dir.display()))?;
    Ok(Outcome::Again(next(now)))
}

async fn sign(db: &Db, ids: &dyn Ids, to: &Checkpoints, now: Timestamp) -> Result<Kept, StoreError> {
    let (intent, delivery) = (Id::new(ids), Id::new(ids));
    store::write!(db, Actor::System, now, tx => {
        let signed = checkpoint::sign(tx, &to.signer).await?;
        let kept = Kept { size: signed.size, at: now, note: signed.note };
        if let Some(superior) = &to.superior {
            let vars = BTreeMap::from([
                ("origin".to_owned(), signed.origin),
                ("at".to_owned(), time::local(now).strftime("%H:%M %d/%m/%Y").to_string()),
                ("entries".to_owned(), kept.size.to_string()),
                ("root".to_owned(), signed.root.iter().map(|byte| format!("{byte:02x}")).collect()),
                ("file".to_owned(), file_name(&kept)),
            ]);
            let intent = Intent {
                id: intent,
                key: format!("{KIND}:{}", kept.size),
                to: To::Email(superior.clone()),
                template: TEMPLATE.into(),
                vars,
                urgency: Urgency::Low,
                not_before: now,
                expires: now.checked_add(EXPIRES).unwrap_or(Timestamp::MAX),
            };
            intents::make(tx, &intent, &[(delivery, "email")]).await?;
        }
        Ok(kept)
    })
}

fn file_name(kept: &Kept) -> String {
    format!("canh-{}-{}.checkpoint", time::date(kept.at), kept.size)
}

/// Whole or not at all: a half-written checkpoint would look like tampering.
async fn write(to: &Checkpoints, kept: &Kept) -> std::io::Result<()> {
    tokio::fs::create_dir_all(&to.dir).await?;
    let name = file_name(kept);
    let part = to.dir.join(format!(".{name}.part"));
    tokio::fs::write(&part, &kept.note).await?;
    tokio::fs::File::open(&part).await?.sync_all().await?;
    tokio::fs::rename(&part, to.dir.join(name)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_once_a_day_at_one_in_the_morning_in_hanoi() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(next(at("2027-02-06T10:00:00+07:00")), at("2027-02-07T01:00:00+07:00"));
        assert_eq!(next(at("2027-02-06T00:59:59+07:00")), at("2027-02-06T01:00:00+07:00"));
        assert_eq!(next(at("2027-02-06T01:00:00+07:00")), at("2027-02-07T01:00:00+07:00"));
    }
}
