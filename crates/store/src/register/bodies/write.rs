//! Making, moving and ending bodies. The closure table always holds every pair (above, below).

use domain::{
    actor::Scope,
    body::{Name, tidy_name},
    id::{Id, kind},
    right::Right,
    text::fold,
};
use serde_json::json;

use super::{ALIASES_MAX, CODE_MAX, NewBody, get, names::store_names};
use crate::{
    Sql, StoreError, Topic, Tx, args,
    register::{optional, require},
};

/// Makes a body below another over which the scope holds [`Right::Register`]; without a parent only where nothing
/// is yet, by Canh itself.
///
/// Refusals: `body-name-bad`, `body-name-taken` (an open sibling bears it), `body-code-bad`, `body-code-taken`,
/// `body-aliases-many`, `body-parent-closed`.
pub async fn create(tx: &mut Tx, scope: &Scope, new: &NewBody) -> Result<(), StoreError> {
    match new.parent {
        Some(parent) => {
            require(tx, scope, Right::Register, parent).await?;
            if get(tx, &Scope::system(), parent).await?.closed_at.is_some() {
                return Err(StoreError::Refused("body-parent-closed"));
            }
        }
        None if scope.tops(Right::Register).is_none() => {}
        None => return Err(StoreError::NotFound("body")),
    }
    let name = tidy_name(&new.name).ok_or(StoreError::Refused("body-name-bad"))?;
    let code = optional(new.code.as_deref(), CODE_MAX, "body-code-bad")?;
    name_is_free(tx, new.parent, new.id, &name).await?;
    code_is_free(tx, new.id, code.as_deref()).await?;
    let mut names = vec![Name { text: name.clone(), from: new.from, until: None, alias: false }];
    names.extend(aliases(&new.aliases)?);
    let now = tx.now();
    tx.exec(
        "insert into body (id, parent, kind, name, folded, sort_key, code, created_at)
         values ($1,$2,$3,$4,'',$5,$6,$7)",
        args![new.id, new.parent, new.kind.name(), &name, domain::text::sort_key(&name), code, now],
    )
    .await?;
    tx.exec("insert into body_closure (above, below, depth) values ($1,$1,0)", args![new.id]).await?;
    if let Some(parent) = new.parent {
        tx.exec(
            "insert into body_closure (above, below, depth)
             select above, $1, depth + 1 from body_closure where below = $2",
            args![new.id, parent],
        )
        .await?;
    }
    store_names(tx, new.id, &names).await?;
    done(tx, "body.created", new.id, new);
    Ok(())
}

/// Hangs a body, with all below it, under another. Needs [`Right::Register`] over the body, the old and the new
/// parent: a body cannot take itself out of its superior's sight.
///
/// Refusals: `body-is-root`, `body-cycle` (the new parent lies below it), `body-parent-closed`, `body-name-taken`.
pub async fn move_to(
    tx: &mut Tx,
    scope: &Scope,
    id: Id<kind::Body>,
    parent: Id<kind::Body>,
) -> Result<(), StoreError> {
    require(tx, scope, Right::Register, id).await?;
    let body = get(tx, &Scope::system(), id).await?;
    let old = body.parent.ok_or(StoreError::Refused("body-is-root"))?;
    if old == parent {
        tx.nothing_to_do();
        return Ok(());
    }
    require(tx, scope, Right::Register, old).await?;
    require(tx, scope, Right::Register, parent).await?;
    let below = tx
        .row("select 1 as one from body_closure where above = $1 and below = $2", args![id, parent])
        .await?;
    if below.is_some() {
        return Err(StoreError::Refused("body-cycle"));
    }
    if get(tx, &Scope::system(), parent).await?.closed_at.is_some() {
        return Err(StoreError::Refused("body-parent-closed"));
    }
    name_is_free(tx, Some(parent), id, &body.name).await?;
    tx.exec(
        "delete from body_closure
         where below in (select below from body_closure where above = $1)
           and above not in (select below from body_closure where above = $1)",
        args![id],
    )
    .await?;
    tx.exec(
        "insert into body_closure (above, below, depth)
         select up.above, down.below, up.depth + down.depth + 1
         from body_closure up cross join body_closure down where up.below = $1 and down.above = $2",
        args![parent, id],
    )
    .await?;
    tx.exec("update body set parent = $1 where id = $2", args![parent, id]).await?;
    done(tx, "body.moved", id, &json!({ "from": old, "to": parent }));
    Ok(())
}

/// Ends a body; it stays for history. Needs [`Right::Register`] over its parent.
/// Refusals: `body-is-root`, `body-has-children` (open ones), `body-closed`.
pub async fn close(tx: &mut Tx, scope: &Scope, id: Id<kind::Body>) -> Result<(), StoreError> {
    require(tx, scope, Right::Register, id).await?;
    let body = get(tx, &Scope::system(), id).await?;
    require(tx, scope, Right::Register, body.parent.ok_or(StoreError::Refused("body-is-root"))?).await?;
    if body.closed_at.is_some() {
        return Err(StoreError::Refused("body-closed"));
    }
    let child =
        tx.row("select id from body where parent = $1 and closed_at is null limit 1", args![id]).await?;
    if child.is_some() {
        return Err(StoreError::Refused("body-has-children"));
    }
    let now = tx.now();
    tx.exec("update body set closed_at = $1 where id = $2", args![now, id]).await?;
    done(tx, "body.closed", id, &"");
    Ok(())
}

/// Takes the end of a body back. Needs [`Right::Register`] over its parent.
/// Refusals: `body-open`, `body-parent-closed`, `body-name-taken`.
pub async fn reopen(tx: &mut Tx, scope: &Scope, id: Id<kind::Body>) -> Result<(), StoreError> {
    require(tx, scope, Right::Register, id).await?;
    let body = get(tx, &Scope::system(), id).await?;
    let parent = body.parent.ok_or(StoreError::Refused("body-open"))?;
    require(tx, scope, Right::Register, parent).await?;
    if body.closed_at.is_none() {
        return Err(StoreError::Refused("body-open"));
    }
    if get(tx, &Scope::system(), parent).await?.closed_at.is_some() {
        return Err(StoreError::Refused("body-parent-closed"));
    }
    name_is_free(tx, Some(parent), id, &body.name).await?;
    tx.exec("update body set closed_at = null where id = $1", args![id]).await?;
    done(tx, "body.reopened", id, &"");
    Ok(())
}

pub(super) fn done(
    tx: &mut Tx,
    action: &'static str,
    id: Id<kind::Body>,
    detail: &impl serde::Serialize,
) -> u64 {
    tx.changed(Topic::Register, format!("body:{id}"), Some(id));
    tx.record(action, format!("body:{id}"), Some(id), detail)
}

/// Aliases as names; empty ones are left out.
pub(super) fn aliases(texts: &[String]) -> Result<Vec<Name>, StoreError> {
    let mut names: Vec<Name> = Vec::new();
    for text in texts.iter().filter(|t| !t.trim().is_empty()) {
        let text = tidy_name(text).ok_or(StoreError::Refused("body-name-bad"))?;
        if names.iter().all(|n| n.text != text) {
            names.push(Name { text, from: None, until: None, alias: true });
        }
    }
    if names.len() > ALIASES_MAX { Err(StoreError::Refused("body-aliases-many")) } else { Ok(names) }
}

/// No open sibling bears the name: name and parent together identify a body in imports.
pub(super) async fn name_is_free(
    sql: &mut Sql,
    parent: Option<Id<kind::Body>>,
    but: Id<kind::Body>,
    name: &str,
) -> Result<(), StoreError> {
    let Some(parent) = parent else { return Ok(()) };
    let taken = sql
        .row(
            "select b.id from body b join body_name n on n.body = b.id
             where b.parent = $1 and b.id <> $2 and b.closed_at is null
               and n.alias = false and n.valid_until is null and n.folded = $3 and n.text = $4",
            args![parent, but, fold(name), name],
        )
        .await?;
    if taken.is_some() { Err(StoreError::Refused("body-name-taken")) } else { Ok(()) }
}

pub(super) async fn code_is_free(
    sql: &mut Sql,
    but: Id<kind::Body>,
    code: Option<&str>,
) -> Result<(), StoreError> {
    let Some(code) = code else { return Ok(()) };
    let taken = sql.row("select id from body where code = $1 and id <> $2", args![code, but]).await?;
    if taken.is_some() { Err(StoreError::Refused("body-code-taken")) } else { Ok(()) }
}
