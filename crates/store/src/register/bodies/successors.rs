//! Successors by function: who carries on what a body did.

use domain::{
    actor::Scope,
    body::Successor,
    id::{Id, kind},
    right::Right,
};
use jiff::civil::Date;
use serde_json::json;

use super::write::done;
use crate::{Query, Row, Sql, StoreError, Tx, args, register::require};

/// A chain of successors is followed so far; more would be a mistake in the register.
const CHAIN_MAX: usize = 20;
/// At most so many characters of a function's name.
const FUNCTION_MAX: usize = 60;

/// Writes down that from a day on another body carries a function on (`all` for everything). Needs
/// [`Right::Register`] over the body and [`Right::See`] over the successor.
///
/// Refusals: `successor-is-itself`, `successor-function-bad` (empty, or not letters, digits and hyphens).
pub async fn add_successor(
    tx: &mut Tx,
    scope: &Scope,
    of: Id<kind::Body>,
    successor: &Successor,
) -> Result<(), StoreError> {
    require(tx, scope, Right::Register, of).await?;
    require(tx, scope, Right::See, successor.body).await?;
    if successor.body == of {
        return Err(StoreError::Refused("successor-is-itself"));
    }
    let function = &successor.function;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if function.is_empty() || function.len() > FUNCTION_MAX || !function.bytes().all(plain) {
        return Err(StoreError::Refused("successor-function-bad"));
    }
    tx.exec(
        "insert into body_successor (body, function, successor, valid_from) values ($1,$2,$3,$4)
         on conflict (body, function, valid_from) do update set successor = excluded.successor",
        args![of, function, successor.body, successor.from],
    )
    .await?;
    done(tx, "body.succeeded", of, successor);
    Ok(())
}

/// Takes a successor out again. Needs [`Right::Register`] over the body.
pub async fn remove_successor(
    tx: &mut Tx,
    scope: &Scope,
    of: Id<kind::Body>,
    function: &str,
    from: Date,
) -> Result<(), StoreError> {
    require(tx, scope, Right::Register, of).await?;
    let gone = tx
        .exec(
            "delete from body_successor where body = $1 and function = $2 and valid_from = $3",
            args![of, function, from],
        )
        .await?;
    if gone == 0 {
        return Err(StoreError::NotFound("successor"));
    }
    done(tx, "body.successor-removed", of, &json!({ "function": function, "from": from.to_string() }));
    Ok(())
}

/// Who carries on the functions of a body, with the successors' names, newest first.
pub async fn successors(
    sql: &mut Sql,
    scope: &Scope,
    of: Id<kind::Body>,
) -> Result<Vec<(Successor, String)>, StoreError> {
    let mut query = Query::new(
        "select s.function, s.successor as other, s.valid_from, b.name
         from body_successor s join body b on b.id = s.successor where s.body =",
    );
    query.bind(of).push("and").visible(scope, Right::See, "s.body");
    query.push("order by s.valid_from desc, s.function");
    query.rows(sql).await?.iter().map(named).collect()
}

/// Whose functions a body carries on, with the predecessors' names, newest first.
pub async fn predecessors(
    sql: &mut Sql,
    scope: &Scope,
    of: Id<kind::Body>,
) -> Result<Vec<(Successor, String)>, StoreError> {
    let mut query = Query::new(
        "select s.function, s.body as other, s.valid_from, b.name
         from body_successor s join body b on b.id = s.body where s.successor =",
    );
    query.bind(of).push("and").visible(scope, Right::See, "s.successor");
    query.push("order by s.valid_from desc, s.function");
    query.rows(sql).await?.iter().map(named).collect()
}

/// Who carries a function of a body on that day: the end of the chain of successors, or the body itself.
/// A successor for `all` counts where none is named for the function.
pub async fn carrier(
    sql: &mut Sql,
    of: Id<kind::Body>,
    function: &str,
    on: Date,
) -> Result<Id<kind::Body>, StoreError> {
    let mut at = of;
    for _ in 0..CHAIN_MAX {
        let next = sql
            .row(
                "select successor from body_successor
                 where body = $1 and function in ($2, 'all') and valid_from <= $3
                 order by case when function = $2 then 0 else 1 end, valid_from desc limit 1",
                args![at, function, on],
            )
            .await?;
        match next {
            Some(row) => at = row.id("successor")?,
            None => return Ok(at),
        }
    }
    Err(StoreError::Refused("successor-chain"))
}

fn named(row: &Row) -> Result<(Successor, String), StoreError> {
    let from = row.opt_date("valid_from")?.ok_or(StoreError::NotFound("successor"))?;
    let successor = Successor { function: row.text("function")?, body: row.id("other")?, from };
    Ok((successor, row.text("name")?))
}
