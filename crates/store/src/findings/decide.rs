//! What people decide of a finding: who sees to it, that it may stay open for a while, what was done instead.

use std::collections::BTreeSet;

use domain::{
    actor::Scope,
    flaw::WORDS_MAX,
    id::{Id, kind},
    right::Right,
};
use jiff::{SignedDuration, Timestamp};

use super::{
    keep,
    read::finding,
    sums::{self, Sums},
    warned,
};
use crate::{
    StoreError, Topic, Tx, args,
    blobs::{self, Blob},
    register::require,
};

/// No exception lasts longer: half a year, then somebody looks again.
pub const EXCUSED_MAX: SignedDuration = SignedDuration::from_hours(183 * 24);

/// Says who sees to it. Needs [`Right::Answer`] over the host's body; nobody takes it back.
pub async fn own(
    tx: &mut Tx,
    scope: &Scope,
    host: Id<kind::Host>,
    flaw: &str,
    owner: Option<Id<kind::Person>>,
) -> Result<(), StoreError> {
    let body = may(tx, scope, Right::Answer, host, flaw).await?;
    if let Some(person) = owner {
        let there =
            tx.row("select id from person where id = $1 and closed_at is null", args![person]).await?;
        there.ok_or(StoreError::NotFound("person"))?;
    }
    tx.exec("update host_flaw set owner = $1 where host = $2 and flaw = $3", args![owner, host, flaw])
        .await?;
    done(tx, "finding.owned", host, flaw, body);
    Ok(())
}

/// Lets it be until then. Needs [`Right::Review`] over the host's body: whoever has to mend it does not excuse himself.
/// Refusals: `finding-why`, `finding-until`.
pub async fn excuse(
    tx: &mut Tx,
    scope: &Scope,
    host: Id<kind::Host>,
    flaw: &str,
    until: Timestamp,
    why: &str,
) -> Result<(), StoreError> {
    let body = may(tx, scope, Right::Review, host, flaw).await?;
    let (why, now) = (words(why, "finding-why")?, tx.now());
    if until <= now || until > now.checked_add(EXCUSED_MAX).unwrap_or(Timestamp::MAX) {
        return Err(StoreError::Refused("finding-until"));
    }
    let by = tx.actor().person();
    tx.exec(
        "update host_flaw set excused_until = $1, excused_by = $2, excused_why = $3 where host = $4 and flaw = $5",
        args![until, by, why, host, flaw],
    )
    .await?;
    event(tx, host, flaw, "excused", why, None).await?;
    done(tx, "finding.excused", host, flaw, body);
    Ok(())
}

/// A file that proves it: stored, its name, its content type by its bytes.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The file.
    pub blob: Blob,
    /// What it is called.
    pub name: String,
    /// Its content type.
    pub mime: String,
}

/// Says what was done instead of mending it, with proof in words and, if there is one, a file. Needs [`Right::Answer`]
/// over the host's body. It counts as handled while it stands; a flaw that comes back after it was mended needs another.
/// Refusal: `finding-workaround`.
pub async fn work_around(
    tx: &mut Tx,
    scope: &Scope,
    host: Id<kind::Host>,
    flaw: &str,
    what: &str,
    proof: Option<&Proof>,
) -> Result<(), StoreError> {
    let body = may(tx, scope, Right::Answer, host, flaw).await?;
    let (what, now, by) = (words(what, "finding-workaround")?, tx.now(), tx.actor().person());
    if let Some(it) = proof {
        blobs::attach(tx, &it.blob, body, &format!("finding:{host}:{flaw}"), &it.name, &it.mime).await?;
    }
    tx.exec(
        "update host_flaw set workaround = $1, workaround_by = $2, workaround_at = $3 where host = $4 and flaw = $5",
        args![what, by, now, host, flaw],
    )
    .await?;
    event(tx, host, flaw, "worked-around", what, proof).await?;
    let reached = warned::of_bodies(tx, BTreeSet::from([body])).await?;
    let rows = keep::standing(tx, &[host], false).await?.remove(&host).unwrap_or_default();
    let before = sums::standing(tx, &[host]).await?;
    sums::keep(tx, &[(host, body, Sums::of(body, &rows, &reached))], before, &reached).await?;
    done(tx, "finding.worked-around", host, flaw, body);
    Ok(())
}

/// What happened to it; several of one instant are one.
async fn event(
    tx: &mut Tx,
    host: Id<kind::Host>,
    flaw: &str,
    kind: &str,
    text: &str,
    proof: Option<&Proof>,
) -> Result<(), StoreError> {
    let (now, by) = (tx.now(), tx.actor().person());
    let (sha256, name) = (proof.map(|p| p.blob.sha256.as_str()), proof.map(|p| p.name.as_str()));
    tx.exec(
        "insert into host_flaw_event (host, flaw, at, kind, by_person, text, sha256, file_name)
         values ($1,$2,$3,$4,$5,$6,$7,$8) on conflict (host, flaw, at, kind) do nothing",
        args![host, flaw, now, kind, by, text, sha256, name],
    )
    .await?;
    Ok(())
}

async fn may(
    tx: &mut Tx,
    scope: &Scope,
    right: Right,
    host: Id<kind::Host>,
    flaw: &str,
) -> Result<Id<kind::Body>, StoreError> {
    let found = finding(tx, scope, host, flaw).await?;
    require(tx, scope, right, found.body).await.map_err(|e| match e {
        StoreError::NotFound(_) => StoreError::NotFound("finding"),
        e => e,
    })?;
    if !found.state.is_open() {
        return Err(StoreError::Refused("flaw-closed"));
    }
    Ok(found.body)
}

fn words<'a>(text: &'a str, code: &'static str) -> Result<&'a str, StoreError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > WORDS_MAX {
        return Err(StoreError::Refused(code));
    }
    Ok(text)
}

fn done(tx: &mut Tx, action: &'static str, host: Id<kind::Host>, flaw: &str, body: Id<kind::Body>) {
    tx.record(action, format!("host:{host}"), Some(body), &flaw);
    tx.changed(Topic::Advisory, format!("host:{host}"), Some(body));
}
