//! Lists made, filled, corrected, closed.

use domain::{
    actor::Scope,
    id::{Id, kind},
    indicator::Kind,
    right::Right,
    text::sort_key,
};

use super::{ENTRIES_MAX, New, NewPart, Terms, body_of, subject_of};
use crate::{Query, StoreError, Topic, Tx, args, assignments::said, blobs};

/// Longest name.
const NAME_MAX: usize = 200;
/// Longest word of where it is from, and reason.
const ORIGIN_MAX: usize = 1_000;
/// Lists of one body that are open.
const EACH_MAX: i64 = 500;
/// Parts of one list that are in force: whoever adds more often brings the whole.
const PARTS_MAX: i64 = 1_000;
/// Taken out of one list by hand.
const GONE_MAX: i64 = 10_000;

fn checked(terms: &Terms) -> Result<(String, String), StoreError> {
    let name = said(&terms.name, NAME_MAX)?;
    if terms.origin.chars().count() > ORIGIN_MAX {
        return Err(StoreError::Refused("text-long"));
    }
    if terms.confidence > 100 {
        return Err(StoreError::Refused("indicator-confidence"));
    }
    if terms.until.is_some_and(|until| until <= terms.from) {
        return Err(StoreError::Refused("indicator-until"));
    }
    Ok((name, terms.origin.trim().to_owned()))
}

/// Makes a list, empty. Needs [`Right::Answer`] over the body. `Refused`: `text-empty`, `text-long`,
/// `indicator-confidence`, `indicator-until`, `indicator-lists-many`.
pub async fn create(tx: &mut Tx, scope: &Scope, new: &New) -> Result<(), StoreError> {
    let mut query = Query::new("select b.id from body b where b.id =");
    query.bind(new.body).push("and").visible(scope, Right::Answer, "b.id");
    query.row(tx).await?.ok_or(StoreError::NotFound("body"))?;
    if let Some(letter) = new.letter {
        crate::letters::get(tx, scope, letter).await?;
    }
    let (name, origin) = checked(&new.terms)?;
    let held = tx
        .row(
            "select count(*) as n from indicator_list where body = $1 and closed_at is null",
            args![new.body],
        )
        .await?;
    if held.map_or(Ok(0), |r| r.int("n"))? >= EACH_MAX {
        return Err(StoreError::Refused("indicator-lists-many"));
    }
    let (now, person) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into indicator_list (id, body, name, sort_key, origin, letter, tlp, confidence, valid_from, valid_until,
           version, entries, created_by, created_at) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,0,0,$11,$12)",
        args![
            new.id,
            new.body,
            &name,
            sort_key(&name),
            &origin,
            new.letter,
            new.terms.tlp.name(),
            i64::from(new.terms.confidence),
            new.terms.from,
            new.terms.until,
            person,
            now
        ],
    )
    .await?;
    let t = &new.terms;
    let told = (&name, &origin, t.tlp, t.confidence, t.from, t.until);
    tx.record("indicator-list.created", subject_of(new.id), Some(new.body), &told);
    tx.changed(Topic::Indicator, subject_of(new.id), Some(new.body));
    Ok(())
}

/// Changes what a list is told to be.
pub async fn terms(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::IndicatorList>,
    terms: &Terms,
) -> Result<(), StoreError> {
    let body = body_of(tx, scope, Right::Answer, id).await?;
    let (name, origin) = checked(terms)?;
    tx.exec(
        "update indicator_list set name = $2, sort_key = $3, origin = $4, tlp = $5, confidence = $6, valid_from = $7,
           valid_until = $8 where id = $1",
        args![
            id,
            &name,
            sort_key(&name),
            &origin,
            terms.tlp.name(),
            i64::from(terms.confidence),
            terms.from,
            terms.until
        ],
    )
    .await?;
    let told = (&name, &origin, terms.tlp, terms.confidence, terms.from, terms.until);
    tx.record("indicator-list.changed", subject_of(id), Some(body), &told);
    tx.changed(Topic::Indicator, subject_of(id), Some(body));
    Ok(())
}

/// Adds a file of entries to a list, or puts it in the place of all that was in it. `Refused`: `indicator-none`,
/// `indicator-many`, `indicator-parts`.
pub async fn import(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::IndicatorList>,
    part: &NewPart,
) -> Result<(), StoreError> {
    let body = body_of(tx, scope, Right::Answer, id).await?;
    let taken: u64 = part.kinds.values().sum();
    if taken == 0 {
        return Err(StoreError::Refused("indicator-none"));
    }
    let (now, person) = (tx.now(), tx.actor().person());
    if part.replaces {
        tx.exec(
            "update indicator_part set replaced_at = $2 where list = $1 and replaced_at is null",
            args![id, now],
        )
        .await?;
    }
    let held = tx
        .row(
            "select count(*) as n, cast(coalesce(sum(taken), 0) as bigint) as entries,
               (select count(*) from indicator_part where list = $1) as seq
             from indicator_part where list = $1 and replaced_at is null",
            args![id],
        )
        .await?
        .ok_or(StoreError::NotFound("indicator list"))?;
    let entries = u64::try_from(held.int("entries")?).unwrap_or(0).saturating_add(taken);
    if entries > ENTRIES_MAX {
        return Err(StoreError::Refused("indicator-many"));
    }
    if held.int("n")? >= PARTS_MAX {
        return Err(StoreError::Refused("indicator-parts"));
    }
    blobs::attach(tx, &part.blob, body, &subject_of(id), &part.name, "text/tab-separated-values").await?;
    let json = |e: serde_json::Error| StoreError::Corrupt("indicator part", e.to_string());
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    tx.exec(
        "insert into indicator_part (list, seq, sha256, name, shape, kinds, taken, merged, passed, faults, problems, person,
           at) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)",
        args![
            id,
            held.int("seq")?,
            &part.blob.sha256,
            &part.name,
            part.shape,
            serde_json::to_string(&part.kinds).map_err(json)?,
            number(taken),
            number(part.merged),
            number(part.passed),
            number(part.faults),
            serde_json::to_string(&part.problems).map_err(json)?,
            person,
            now
        ],
    )
    .await?;
    tx.exec(
        "update indicator_list set version = version + 1, entries = $2 where id = $1",
        args![id, number(entries)],
    )
    .await?;
    let told = (&part.blob.sha256, &part.name, part.shape, &part.kinds, part.replaces);
    tx.record("indicator-list.filled", subject_of(id), Some(body), &told);
    tx.changed(Topic::Indicator, subject_of(id), Some(body));
    Ok(())
}

/// Takes one indicator out of a list, however often it is brought again. `Refused`: `text-empty`, `text-long`,
/// `indicator-gone-many`.
pub async fn withdraw(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::IndicatorList>,
    (kind, value): (Kind, &str),
    reason: &str,
) -> Result<(), StoreError> {
    let body = body_of(tx, scope, Right::Answer, id).await?;
    let reason = said(reason, ORIGIN_MAX)?;
    let held = tx.row("select count(*) as n from indicator_gone where list = $1", args![id]).await?;
    if held.map_or(Ok(0), |r| r.int("n"))? >= GONE_MAX {
        return Err(StoreError::Refused("indicator-gone-many"));
    }
    let (now, person) = (tx.now(), tx.actor().person());
    tx.exec(
        "insert into indicator_gone (list, kind, value, reason, person, at) values ($1,$2,$3,$4,$5,$6)
         on conflict (list, kind, value) do update set reason = $4, person = $5, at = $6",
        args![id, kind.name(), value, &reason, person, now],
    )
    .await?;
    tx.exec("update indicator_list set version = version + 1 where id = $1", args![id]).await?;
    tx.record("indicator-list.withdrew", subject_of(id), Some(body), &(kind, value, &reason));
    tx.changed(Topic::Indicator, subject_of(id), Some(body));
    Ok(())
}

/// Closes a list: nothing is held against it any more. What it held stays.
pub async fn close(tx: &mut Tx, scope: &Scope, id: Id<kind::IndicatorList>) -> Result<(), StoreError> {
    let body = body_of(tx, scope, Right::Answer, id).await?;
    let now = tx.now();
    tx.exec("update indicator_list set closed_at = $2 where id = $1", args![id, now]).await?;
    tx.record("indicator-list.closed", subject_of(id), Some(body), &());
    tx.changed(Topic::Indicator, subject_of(id), Some(body));
    Ok(())
}
