//! What a body is and was called.

use domain::{
    actor::Scope,
    body::{BodyKind, Name, renamed, tidy_name},
    id::{Id, kind},
    right::Right,
    text::{fold, sort_key},
    time,
};
use jiff::civil::Date;
use serde::Serialize;

use super::{
    CODE_MAX, get,
    write::{aliases, code_is_free, done, name_is_free},
};
use crate::{
    Row, Sql, StoreError, Tx, args,
    register::{optional, require},
};

/// What a body shall be from now on, apart from its place.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// What kind.
    pub kind: BodyKind,
    /// Its official name.
    pub name: String,
    /// From which day it bears that name, the old one being kept; `None` puts a slip of the pen right.
    pub renamed_on: Option<Date>,
    /// Its official code.
    pub code: Option<String>,
    /// All its abbreviations and other spellings.
    pub aliases: Vec<String>,
}

/// Changes a body. Needs [`Right::Register`] over it. Says whether anything was different.
///
/// Refusals: as [`super::create`], and `body-renamed-before` (the old name was not in force before that day),
/// `body-renamed-later` (the day is still to come).
pub async fn update(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Body>,
    change: &Change,
) -> Result<bool, StoreError> {
    require(tx, scope, Right::Register, id).await?;
    let old = get(tx, &Scope::system(), id).await?;
    let old_names = names_of(tx, id).await?;
    let name = tidy_name(&change.name).ok_or(StoreError::Refused("body-name-bad"))?;
    let code = optional(change.code.as_deref(), CODE_MAX, "body-code-bad")?;
    let mut official: Vec<Name> = old_names.iter().filter(|n| !n.alias).cloned().collect();
    if name != old.name {
        // The name now stands in a column of its own, and nothing would change it when the day comes.
        if change.renamed_on.is_some_and(|day| day > time::date(tx.now())) {
            return Err(StoreError::Refused("body-renamed-later"));
        }
        name_is_free(tx, old.parent, id, &name).await?;
        official =
            renamed(official, &name, change.renamed_on).ok_or(StoreError::Refused("body-renamed-before"))?;
    }
    code_is_free(tx, id, code.as_deref()).await?;
    let mut new_names = official;
    new_names.extend(aliases(&change.aliases)?);
    if (change.kind, &name, &code, &new_names) == (old.kind, &old.name, &old.code, &old_names) {
        tx.nothing_to_do();
        return Ok(false);
    }
    tx.exec(
        "update body set kind = $1, name = $2, sort_key = $3, code = $4 where id = $5",
        args![change.kind.name(), &name, sort_key(&name), code, id],
    )
    .await?;
    store_names(tx, id, &new_names).await?;
    done(tx, "body.updated", id, change);
    Ok(true)
}

/// Every name of a body: official ones by time, then aliases.
pub async fn names(sql: &mut Sql, scope: &Scope, id: Id<kind::Body>) -> Result<Vec<Name>, StoreError> {
    require(sql, scope, Right::See, id).await?;
    names_of(sql, id).await
}

/// The names of a body which the caller already may see.
pub async fn names_of(sql: &mut Sql, id: Id<kind::Body>) -> Result<Vec<Name>, StoreError> {
    let rows = sql
        .rows(
            "select text, alias, valid_from, valid_until from body_name where body = $1 order by place",
            args![id],
        )
        .await?;
    rows.iter().map(name).collect()
}

fn name(row: &Row) -> Result<Name, StoreError> {
    Ok(Name {
        text: row.text("text")?,
        from: row.opt_date("valid_from")?,
        until: row.opt_date("valid_until")?,
        alias: row.bool("alias")?,
    })
}

/// Writes all names anew, and what search looks at.
pub(super) async fn store_names(tx: &mut Tx, id: Id<kind::Body>, names: &[Name]) -> Result<(), StoreError> {
    tx.exec("delete from body_name where body = $1", args![id]).await?;
    let mut all = Vec::with_capacity(names.len());
    for (place, name) in (0_i64..).zip(names) {
        let folded = fold(&name.text);
        tx.exec(
            "insert into body_name (body, place, text, folded, alias, valid_from, valid_until)
             values ($1,$2,$3,$4,$5,$6,$7)",
            args![id, place, &name.text, &folded, name.alias, name.from, name.until],
        )
        .await?;
        all.push(folded);
    }
    // A bar never occurs in what people search for, so no hit spans two names.
    tx.exec("update body set folded = $1 where id = $2", args![all.join(" | "), id]).await?;
    Ok(())
}
